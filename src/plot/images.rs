//! What networks make of images: wrong answers, confusion matrix, filters, the kernel of a minibatch, what is read from a drawn image.
//! Knows what is to be seen, no network.

use super::number::percent;
use super::theme::{LATTICE, Theme, mixed};
use super::{Drawn, svg};
use crate::frame::images::{Answered, Images, Judged, Kernel, Seen, Wrong};
use plotters::style::text_anchor::{HPos, VPos};
use plotters::style::{Color, RGBColor};
use plotters_backend::DrawingBackend;

/// A picture of images, of a run (from 0) or of all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// Wrong answers.
    Wrong(usize),
    /// The confusion matrix.
    Confusion(usize),
    /// The first layer's weights.
    Filters(usize),
    /// What each layer answers to an image.
    Planes(usize),
    /// The minibatch's kernel.
    Kernel,
    /// What is read from a drawn image.
    Reading,
}

impl View {
    /// All that there are of these.
    pub fn all(images: &Images) -> Vec<View> {
        let are_images = images.judged == Judged::Images;
        let mut all = View::of_runs(images.runs.len(), are_images);
        all.extend(are_images.then_some(View::Reading));
        all
    }

    /// Those of so many runs, on images or on a table, that take no drawn image.
    pub fn of_runs(runs: usize, on_images: bool) -> Vec<View> {
        let mut each: Vec<fn(usize) -> View> = vec![View::Confusion];
        if on_images {
            each = vec![View::Wrong, View::Confusion, View::Filters, View::Planes];
        }
        let each = each.into_iter().flat_map(|view| (0..runs).map(view));
        each.chain([View::Kernel]).collect()
    }

    /// Its name, as that of a file.
    pub fn key(self) -> String {
        match self {
            View::Wrong(run) => ["wrong-", &(run + 1).to_string()].concat(),
            View::Confusion(run) => ["confusion-", &(run + 1).to_string()].concat(),
            View::Filters(run) => ["filters-", &(run + 1).to_string()].concat(),
            View::Planes(run) => ["network-", &(run + 1).to_string()].concat(),
            View::Kernel => "kernel".to_owned(),
            View::Reading => "reading".to_owned(),
        }
    }

    /// What stands above it.
    pub fn title(self, images: &Images) -> String {
        let of = |run: usize, what: &str| {
            let name = images.runs.get(run).map_or("", |seen| seen.name.as_str());
            [what, name].concat()
        };
        match self {
            View::Wrong(run) => {
                let wrong = images.runs.get(run).map_or(0, Seen::errors);
                of(run, "") + ": " + &wrong.to_string() + " wrong"
            }
            View::Confusion(run) => of(run, "Answers by class, "),
            View::Filters(run) => of(run, "First layer of "),
            View::Planes(run) => of(run, "Network of "),
            View::Kernel => "Kernel of the minibatch".to_owned(),
            View::Reading => "What is read".to_owned(),
        }
    }

    /// What it shows, for those who do not see it.
    pub fn words(self, images: &Images) -> String {
        let seen = |run: usize| images.runs.get(run);
        match self {
            View::Wrong(run) => seen(run).map_or_else(String::new, |seen| {
                let shown = seen.wrong.iter().map(|wrong| told(wrong, images));
                let shown: Vec<String> = shown.collect();
                format!(
                    "{} of {} images held back have a wrong answer. {}",
                    seen.errors(),
                    images.count,
                    shown.join("; ")
                )
            }),
            View::Confusion(run) => seen(run).map_or_else(String::new, |seen| {
                let rows = seen.confusion.iter().enumerate();
                let rows = rows.map(|(right, row)| {
                    let of: u32 = row.iter().sum();
                    let class = images.class(right);
                    format!("{class}: {} of {of} right", row[right])
                });
                let whose = match images.judged {
                    Judged::Images => "",
                    Judged::Rows => "Rows held back. ",
                    Judged::Trained => "Rows trained on, as none are held back. ",
                };
                [whose, &rows.collect::<Vec<_>>().join(", ")].concat()
            }),
            View::Filters(run) => seen(run).map_or_else(String::new, |seen| {
                let [rows, columns] = seen.filter;
                let (filters, most) = (seen.filters.len(), largest(seen));
                let scale = scale(images);
                format!(
                    "{filters} filters of {rows} × {columns} weights, the largest {most:.2}; in every run the deepest colour stands for {scale:.2} and more"
                )
            }),
            View::Planes(run) => seen(run).map_or_else(String::new, |seen| {
                let whole = match images.looked.class {
                    Some(class) => format!("The first image held back, {}", images.class(class)),
                    None => "What is drawn".to_owned(),
                };
                let layers = seen.answered.iter().enumerate().map(|(l, layer)| {
                    let active = layer.planes.iter().filter(|plane| plane.iter().any(|&x| x.abs() > 0.0));
                    format!("layer {} ({}): {} answer", l + 1, shaped(layer), active.count())
                });
                let layers: Vec<String> = layers.collect();
                let answer = match most(&seen.answer) {
                    Some((class, likely)) => format!("it is taken for {} ({})", images.class(class), percent(f64::from(likely), 0)),
                    None => "there is no answer".to_owned(),
                };
                format!("{whole}, through the layers. {}; {answer}", layers.join(", "))
            }),
            View::Kernel => {
                let (within, between) = likeness(&images.kernel);
                format!(
                    "Inner products of {} {}, sorted by class, as shares of the largest: {within:.2} on average within a class, \
                     {between:.2} between classes",
                    images.kernel.labels.len(),
                    if images.judged == Judged::Images { "images" } else { "rows" }
                )
            }
            View::Reading => {
                let read = images.runs.iter().map(|seen| match seen.read() {
                    Some((class, likely)) => {
                        let class = images.class(class);
                        format!("{}: {class} ({})", seen.name, percent(f64::from(likely), 0))
                    }
                    None => format!("{}: nothing is drawn", seen.name),
                });
                read.collect::<Vec<_>>().join(", ")
            }
        }
    }

    /// Draws it over the whole of a drawing.
    ///
    /// # Errors
    /// What the backend answers.
    pub fn draw<B: DrawingBackend>(
        self,
        backend: &mut B,
        size: (u32, u32),
        images: &Images,
        theme: &Theme,
    ) -> Drawn<B> {
        let size = (size.0.cast_signed(), size.1.cast_signed());
        let seen = |run: usize| images.runs.get(run);
        match self {
            View::Wrong(run) => match seen(run) {
                Some(seen) => draw_wrong(backend, size, seen, images, theme),
                None => Ok(()),
            },
            View::Confusion(run) => match seen(run) {
                Some(seen) => draw_confusion(backend, size, seen, images, theme.run(run), theme),
                None => Ok(()),
            },
            View::Filters(run) => match seen(run) {
                Some(seen) => draw_filters(backend, size, seen, scale(images), theme),
                None => Ok(()),
            },
            View::Planes(run) => match seen(run) {
                Some(seen) => draw_planes(backend, size, seen, images, theme.run(run), theme),
                None => Ok(()),
            },
            View::Kernel => draw_kernel(backend, size, &images.kernel, theme),
            View::Reading => draw_reading(backend, size, &images.runs, theme),
        }
    }

    /// The same as SVG text; `size` in CSS pixels.
    pub fn svg(self, images: &Images, size: (u32, u32), theme: &Theme) -> String {
        svg::draw(size, theme, |backend, whole| {
            self.draw(backend, whole, images, theme)
        })
    }
}

/// A wrong answer in words.
fn told(wrong: &Wrong, images: &Images) -> String {
    let sure = percent(f64::from(wrong.confidence), 0);
    let [right, given] = [wrong.right, wrong.given].map(|class| images.class(class));
    format!("{right} taken for {given} ({sure})")
}

/// What a name begins with.
fn short(name: &str, letters: usize) -> String {
    name.chars().take(letters).collect()
}

/// The most likely of some classes.
fn most(answer: &[f32]) -> Option<(usize, f32)> {
    let classes = answer.iter().copied().enumerate();
    let best = classes.reduce(|best, other| if other.1 > best.1 { other } else { best });
    best.filter(|(_, likely)| likely.is_finite())
}

/// The shape of a layer's answer.
fn shaped(layer: &Answered) -> String {
    match (layer.planes.len(), layer.shape) {
        (neurons, [1, 1]) => neurons.to_string(),
        (planes, [rows, columns]) => format!("{planes} × {rows} × {columns}"),
    }
}

/// The colour of an image's pixel: as much ink as it is, or its red, green and blue.
fn shade(pixels: &[f32], shape: [usize; 3], at: usize, theme: &Theme) -> RGBColor {
    let [planes, rows, columns] = shape;
    let plane = |k: usize| pixels[k * rows * columns + at].clamp(0.0, 1.0);
    if planes < 3 {
        return mixed(theme.background, theme.ink, plane(0));
    }
    let [red, green, blue] = [0, 1, 2].map(|k| (plane(k) * 255.0) as u8);
    RGBColor(red, green, blue)
}

/// The largest weight of a run's filters.
fn largest(seen: &Seen) -> f32 {
    let weights = seen.filters.iter().flatten().map(|weight| weight.abs());
    weights.filter(|w| w.is_finite()).fold(0.0, f32::max)
}

/// The weight that the deepest colour stands for in the filters of every run: the largest of the run whose weights are smallest, so that
/// one that has left the ground does not take the colour from the others; or a hundredth of the largest of all, where a run has next to none.
fn scale(images: &Images) -> f32 {
    let runs = images.runs.iter().map(largest);
    let (least, most) = runs.fold((f32::MAX, 0.0), |(least, most): (f32, f32), here| {
        (least.min(here), most.max(here))
    });
    least.max(most / 100.0).max(f32::MIN_POSITIVE)
}

/// The mean of a kernel's entries within a class, and between classes.
fn likeness(kernel: &Kernel) -> (f32, f32) {
    let n = kernel.labels.len();
    let mut sums = [[0.0; 2]; 2];
    for (at, value) in kernel.values.iter().enumerate() {
        let (i, j) = (at / n, at % n);
        if i != j {
            let sum = &mut sums[usize::from(kernel.labels[i] == kernel.labels[j])];
            *sum = [sum[0] + value, sum[1] + 1.0];
        }
    }
    let mean = |[sum, count]: [f32; 2]| sum / count.max(1.0);
    (mean(sums[1]), mean(sums[0]))
}

/// Cells of a grid with so many columns, each in the colour of its number, into a square or what of it there is.
fn draw_cells<B: DrawingBackend>(
    backend: &mut B,
    [left, top, width, height]: [i32; 4],
    [columns, rows]: [usize; 2],
    color: impl Fn(usize) -> RGBColor,
) -> Drawn<B> {
    // Edges lie on the pixels of a canvas: between them there would be seams.
    let edge = |from: i32, length: i32, i: usize, of: usize| {
        let at = from + length * i as i32 / of as i32;
        at - at.rem_euclid(LATTICE)
    };
    for i in 0..rows {
        for j in 0..columns {
            let from = (edge(left, width, j, columns), edge(top, height, i, rows));
            let to = (
                edge(left, width, j + 1, columns),
                edge(top, height, i + 1, rows),
            );
            backend.draw_rect(from, to, &color(i * columns + j).filled(), true)?;
        }
    }
    Ok(())
}

/// How many columns lay so many tiles, `high` times as high as wide, out largest; and how wide a tile is.
fn laid_out((width, height): (i32, i32), tiles: usize, high: f64) -> (usize, i32) {
    let fits = |columns: usize| {
        let rows = tiles.div_ceil(columns);
        let wide = f64::from(width) / columns as f64;
        wide.min(f64::from(height) / rows as f64 / high) as i32
    };
    let columns = (1..=tiles.max(1)).map(|columns| (columns, fits(columns)));
    columns.fold(
        (1, 0),
        |best, other| if other.1 > best.1 { other } else { best },
    )
}

fn draw_wrong<B: DrawingBackend>(
    backend: &mut B,
    size: (i32, i32),
    seen: &Seen,
    images: &Images,
    theme: &Theme,
) -> Drawn<B> {
    let [_, rows, columns] = images.shape;
    if seen.wrong.is_empty() {
        let words = if seen.errors() == 0 && seen.confusion.iter().flatten().any(|&n| n > 0) {
            "every answer is right"
        } else {
            "no answers: the numbers left the ground"
        };
        let middle = (size.0 / 2, size.1 / 2);
        return theme.text(
            backend,
            words,
            middle,
            (HPos::Center, VPos::Center),
            theme.muted,
        );
    }
    // Below an image: what was right and what was given, and how sure.
    let line = theme.px(theme.font * 1.15);
    let gap = theme.px(3.0);
    let text = 2 * line + 3 * gap;
    // As many as keep their letters apart, the most confident.
    let labels = |wrong: &Wrong| {
        let [right, given] = [wrong.right, wrong.given].map(|class| short(images.class(class), 4));
        let answer = [right, given].join(" → ");
        [answer, percent(f64::from(wrong.confidence), 0)]
    };
    let widths = seen
        .wrong
        .iter()
        .flat_map(labels)
        .map(|label| theme.width(&label));
    let least = widths.max().unwrap_or(0) + 3 * gap;
    let high = f64::from(least + text) / f64::from(least);
    let most = [size.0 / least, size.1 / (theme.px(26.0) + text)].map(|n| n.max(1) as usize);
    let count = seen.wrong.len().min(most[0] * most[1]);
    let (across, _) = laid_out(size, count, high);
    // As large as they can be, but all of them there.
    let across = across.clamp(count.div_ceil(most[1]), most[0]);
    let down = count.div_ceil(across);
    let (wide, tall) = (size.0 / across as i32, size.1 / down as i32);
    let side = (wide - 2 * gap).min(tall - text).clamp(1, theme.px(96.0));
    for (k, wrong) in seen.wrong.iter().take(count).enumerate() {
        let (row, column) = ((k / across) as i32, (k % across) as i32);
        let (middle, top) = (column * wide + wide / 2, row * tall + gap);
        let place = [middle - side / 2, top, side, side];
        draw_cells(backend, place, [columns, rows], |at| {
            shade(&wrong.pixels, images.shape, at, theme)
        })?;
        let corner = (place[0] + side, top + side);
        let frame = theme.pen(&theme.grid, 1.0);
        backend.draw_rect((place[0], top), corner, &frame, false)?;
        let below = (HPos::Center, VPos::Top);
        let [answer, sure] = labels(wrong);
        let y = top + side + gap;
        theme.text(backend, &answer, (middle, y), below, theme.ink)?;
        theme.text(backend, &sure, (middle, y + line), below, theme.muted)?;
    }
    Ok(())
}

fn draw_confusion<B: DrawingBackend>(
    backend: &mut B,
    (width, height): (i32, i32),
    Seen { confusion, .. }: &Seen,
    images: &Images,
    color: RGBColor,
    theme: &Theme,
) -> Drawn<B> {
    let classes = confusion.len().max(1);
    let margin = theme.px(theme.font * 1.6);
    // Names stand beside the rows, and above the columns what they begin with.
    let names = (0..classes).map(|class| theme.width(images.class(class)));
    let beside = margin.max(names.max().unwrap_or(0) + theme.px(8.0));
    let cell = (width - beside).min(height - 2 * margin) / classes as i32;
    let side = cell * classes as i32;
    let (left, top) = (beside.max((width - side) / 2), margin);
    let of: Vec<u32> = confusion
        .iter()
        .map(|row| row.iter().sum::<u32>().max(1))
        .collect();
    let share = |at: usize| confusion[at / classes][at % classes] as f32 / of[at / classes] as f32;
    // Where a class goes astray is seen as well as where it does not.
    let shade = |at: usize| mixed(theme.background, color, share(at).sqrt());
    draw_cells(backend, [left, top, side, side], [classes; 2], shade)?;
    let whole = ((left, top), (left + side, top + side));
    backend.draw_rect(whole.0, whole.1, &theme.pen(&theme.muted, 1.0), false)?;
    for k in 0..classes {
        let at = k as i32 * cell + cell / 2;
        let name = images.class(k);
        let above_it = short(name, 2);
        let (beside, above) = (
            (left - theme.px(4.0), top + at),
            (left + at, top - theme.px(3.0)),
        );
        theme.text(
            backend,
            name,
            beside,
            (HPos::Right, VPos::Center),
            theme.muted,
        )?;
        theme.text(
            backend,
            &above_it,
            above,
            (HPos::Center, VPos::Bottom),
            theme.muted,
        )?;
    }
    let below = (left + side / 2, top + side + theme.px(3.0));
    let all = "rows: right, columns: given";
    let fits = theme.width(all) <= 2 * (below.0.min(width - below.0));
    theme.text(
        backend,
        if fits { all } else { "↓ right, → given" },
        below,
        (HPos::Center, VPos::Top),
        theme.muted,
    )?;
    // Only where a number has room.
    if cell < theme.px(theme.font * 1.5) {
        return Ok(());
    }
    for at in 0..classes * classes {
        let (row, column) = (at / classes, at % classes);
        let count = confusion[row][column];
        if count == 0 {
            continue;
        }
        let ink = if share(at).sqrt() > 0.55 {
            theme.background
        } else {
            theme.ink
        };
        let middle = (
            left + column as i32 * cell + cell / 2,
            top + row as i32 * cell + cell / 2,
        );
        theme.text(
            backend,
            &count.to_string(),
            middle,
            (HPos::Center, VPos::Center),
            ink,
        )?;
    }
    Ok(())
}

fn draw_filters<B: DrawingBackend>(
    backend: &mut B,
    size: (i32, i32),
    seen: &Seen,
    scale: f32,
    theme: &Theme,
) -> Drawn<B> {
    let below = theme.px(theme.font * 1.5);
    let inside = (size.0, size.1 - below);
    let [rows, columns] = seen.filter;
    let (across, tile) = laid_out(inside, seen.filters.len(), 1.0);
    // One of a few is not blown up to the size of all.
    let tile = tile.min(theme.px(92.0));
    let side = tile * 9 / 10;
    let left = (size.0 - tile * across as i32) / 2;
    for (k, filter) in seen.filters.iter().enumerate() {
        let (row, column) = ((k / across) as i32, (k % across) as i32);
        let (x, y) = (left + column * tile + (tile - side) / 2, row * tile);
        draw_cells(backend, [x, y, side, side], [columns, rows], |at| {
            let weight = filter[at] / scale;
            mixed(
                theme.background,
                theme.class(usize::from(weight > 0.0)),
                weight.abs(),
            )
        })?;
        backend.draw_rect(
            (x, y),
            (x + side, y + side),
            &theme.pen(&theme.muted, 1.0),
            false,
        )?;
    }
    // What the colours stand for.
    let label = theme.px(theme.font);
    let y = size.1 - below / 2;
    let (middle, half) = (size.0 / 2, label / 2);
    let beyond = if largest(seen) > scale {
        " and beyond"
    } else {
        ""
    };
    let least = format!("−{scale:.2}");
    let most = format!("{scale:.2}{beyond}");
    let steps = 9;
    let bar = theme.px(90.0);
    draw_cells(
        backend,
        [middle - bar / 2, y - half, bar, label],
        [steps, 1],
        |at| {
            let share = at as f32 / (steps - 1) as f32 * 2.0 - 1.0;
            mixed(
                theme.background,
                theme.class(usize::from(share > 0.0)),
                share.abs(),
            )
        },
    )?;
    let gap = bar / 2 + theme.px(5.0);
    theme.text(
        backend,
        &least,
        (middle - gap, y),
        (HPos::Right, VPos::Center),
        theme.muted,
    )?;
    theme.text(
        backend,
        &most,
        (middle + gap, y),
        (HPos::Left, VPos::Center),
        theme.muted,
    )
}

/// Most channels or neurons of a layer that are drawn.
const MOST_PLANES: usize = 64;

/// The image on the left, then what each layer answers to it, plane by plane, and on the right how likely each class is.
fn draw_planes<B: DrawingBackend>(
    backend: &mut B,
    (width, height): (i32, i32),
    seen: &Seen,
    images: &Images,
    color: RGBColor,
    theme: &Theme,
) -> Drawn<B> {
    let below = theme.px(theme.font * 1.6);
    let gap = theme.px(14.0);
    // Planes take more room than the image and than what is answered.
    let parts: Vec<i32> = std::iter::once(2)
        .chain(seen.answered.iter().map(|_| 3))
        .chain([3])
        .collect();
    let all: i32 = parts.iter().sum();
    let room = width - gap * (parts.len() as i32 - 1);
    let high = height - below;
    let mut left = 0;
    let pen = theme.pen(&theme.muted, 1.0);
    for (column, part) in parts.iter().enumerate() {
        let wide = room * part / all;
        let name = if column == 0 {
            let [_, rows, columns] = images.shape;
            let side = wide.min(high);
            let tall = side * rows as i32 / columns as i32;
            let place = [left + (wide - side) / 2, (high - tall) / 2, side, tall];
            draw_cells(backend, place, [columns, rows], |at| {
                shade(&images.looked.pixels, images.shape, at, theme)
            })?;
            let corner = (place[0] + side, place[1] + tall);
            backend.draw_rect((place[0], place[1]), corner, &pen, false)?;
            "image".to_owned()
        } else if let Some(layer) = seen.answered.get(column - 1) {
            draw_layer(backend, [left, 0, wide, high], layer, theme)?;
            shaped(layer)
        } else {
            draw_classes(
                backend,
                [left, 0, wide, high],
                &seen.answer,
                images,
                color,
                theme,
            )?;
            "answer".to_owned()
        };
        let at = (left + wide / 2, height - theme.px(3.0));
        theme.text(
            backend,
            &name,
            at,
            (HPos::Center, VPos::Bottom),
            theme.muted,
        )?;
        left += wide + gap;
    }
    Ok(())
}

/// A layer's planes, on a colour scale of its own.
fn draw_layer<B: DrawingBackend>(
    backend: &mut B,
    [left, top, width, height]: [i32; 4],
    layer: &Answered,
    theme: &Theme,
) -> Drawn<B> {
    let planes = &layer.planes[..layer.planes.len().min(MOST_PLANES)];
    let numbers = planes.iter().flatten().map(|x| x.abs());
    let most = numbers
        .filter(|x| x.is_finite())
        .fold(f32::MIN_POSITIVE, f32::max);
    let [rows, columns] = layer.shape;
    let (across, tile) = laid_out((width, height), planes.len(), 1.0);
    let tile = tile.min(theme.px(72.0)).max(2);
    let side = (tile * 9 / 10).max(1);
    let down = planes.len().div_ceil(across) as i32;
    let (left, top) = (
        left + (width - tile * across as i32) / 2,
        top + (height - tile * down) / 2,
    );
    for (k, plane) in planes.iter().enumerate() {
        let (row, column) = ((k / across) as i32, (k % across) as i32);
        let (x, y) = (left + column * tile, top + row * tile);
        draw_cells(backend, [x, y, side, side], [columns, rows], |at| {
            let value = plane[at] / most;
            mixed(
                theme.background,
                theme.class(usize::from(value > 0.0)),
                value.abs(),
            )
        })?;
        let frame = theme.pen(&theme.grid, 1.0);
        backend.draw_rect((x, y), (x + side, y + side), &frame, false)?;
    }
    Ok(())
}

/// How likely each class is, as bars from left to right.
fn draw_classes<B: DrawingBackend>(
    backend: &mut B,
    [left, top, width, height]: [i32; 4],
    answer: &[f32],
    images: &Images,
    color: RGBColor,
    theme: &Theme,
) -> Drawn<B> {
    let names = (0..answer.len()).map(|class| theme.width(images.class(class)));
    let beside = names.max().unwrap_or(0) + theme.px(6.0);
    let line = height / answer.len().max(1) as i32;
    for (class, likely) in answer.iter().enumerate() {
        let middle = top + line * class as i32 + line / 2;
        let share = if likely.is_finite() { *likely } else { 0.0 };
        let long = (share * (width - beside) as f32) as i32;
        let half = (line * 2 / 5).max(1);
        let from = (left + beside, middle - half);
        backend.draw_rect(from, (from.0 + long, middle + half), &color.filled(), true)?;
        let right = images.looked.class == Some(class);
        let ink = if right { theme.ink } else { theme.muted };
        let at = (left + beside - theme.px(4.0), middle);
        theme.text(
            backend,
            images.class(class),
            at,
            (HPos::Right, VPos::Center),
            ink,
        )?;
    }
    backend.draw_line(
        (left + beside, top),
        (left + beside, top + line * answer.len() as i32),
        &theme.pen(&theme.muted, 1.0),
    )
}

/// Most rows and columns that are drawn: each is the mean of neighbours where there are more.
const FINE: usize = 50;

fn draw_kernel<B: DrawingBackend>(
    backend: &mut B,
    (width, height): (i32, i32),
    kernel: &Kernel,
    theme: &Theme,
) -> Drawn<B> {
    let n = kernel.labels.len();
    if n == 0 {
        return Ok(());
    }
    let margin = theme.px(theme.font * 1.6);
    let side = (width - margin).min(height - margin).max(1);
    let (left, top) = (margin.max((width - side) / 2), margin);
    let cells = n.min(FINE);
    let edge = |i: usize| i * n / cells;
    let mean = |at: usize| {
        let (row, column) = (at / cells, at % cells);
        let (rows, columns) = (edge(row)..edge(row + 1), edge(column)..edge(column + 1));
        let count = (rows.len() * columns.len()) as f32;
        let values = rows.flat_map(|i| columns.clone().map(move |j| kernel.values[i * n + j]));
        values.sum::<f32>() / count
    };
    draw_cells(backend, [left, top, side, side], [cells; 2], |at| {
        mixed(theme.background, theme.ink, mean(at))
    })?;
    let pen = theme.pen(&theme.run(0), 1.0);
    let place = |i: usize| side * i as i32 / n as i32;
    let mut first = 0;
    for class in kernel.labels.chunk_by(|a, b| a == b) {
        let last = first + class.len();
        let (from, to) = (place(first), place(last));
        backend.draw_rect(
            (left + from, top + from),
            (left + to, top + to),
            &pen,
            false,
        )?;
        let (middle, name) = ((from + to) / 2, class[0].to_string());
        let (beside, above) = (
            (left - theme.px(4.0), top + middle),
            (left + middle, top - theme.px(3.0)),
        );
        theme.text(
            backend,
            &name,
            beside,
            (HPos::Right, VPos::Center),
            theme.muted,
        )?;
        theme.text(
            backend,
            &name,
            above,
            (HPos::Center, VPos::Bottom),
            theme.muted,
        )?;
        first = last;
    }
    Ok(())
}

fn draw_reading<B: DrawingBackend>(
    backend: &mut B,
    (width, height): (i32, i32),
    runs: &[Seen],
    theme: &Theme,
) -> Drawn<B> {
    let classes = runs
        .iter()
        .map(|seen| seen.confusion.len())
        .max()
        .unwrap_or(0)
        .max(1);
    let below = theme.px(theme.font * 1.5);
    let (floor, wide) = (height - below, width / classes as i32);
    let bar = (wide * 4 / 5 / runs.len().max(1) as i32).max(1);
    for class in 0..classes {
        let begin = class as i32 * wide + wide / 10;
        for (run, seen) in runs.iter().enumerate() {
            let likely = seen.reading.get(class).copied().filter(|p| p.is_finite());
            let high = (likely.unwrap_or(0.0) * floor as f32) as i32;
            let x = begin + run as i32 * bar;
            backend.draw_rect(
                (x, floor - high),
                (x + bar, floor),
                &theme.run(run).filled(),
                true,
            )?;
        }
        let at = (begin + wide * 2 / 5, floor + theme.px(3.0));
        theme.text(
            backend,
            &class.to_string(),
            at,
            (HPos::Center, VPos::Top),
            theme.ink,
        )?;
    }
    backend.draw_line((0, floor), (width, floor), &theme.pen(&theme.muted, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::images::Looked;

    fn images() -> Images {
        let seen = |name: &str, weight: f32| Seen {
            name: name.to_owned(),
            wrong: vec![Wrong {
                pixels: vec![0.0, 0.5, 1.0, 0.0],
                given: 1,
                right: 0,
                confidence: 0.9,
            }],
            confusion: vec![vec![3, 1], vec![0, 4]],
            filters: vec![vec![weight, -0.5, 0.0, 0.25]; 3],
            filter: [2, 2],
            answered: vec![
                Answered {
                    planes: vec![vec![0.0, 1.0, 0.5, 0.0], vec![0.0; 4]],
                    shape: [2, 2],
                },
                Answered {
                    planes: vec![vec![-0.5], vec![0.5], vec![1.0]],
                    shape: [1, 1],
                },
            ],
            answer: vec![0.2, 0.8],
            reading: vec![0.2, 0.8],
        };
        Images {
            step: 7,
            shape: [1, 2, 2],
            classes: vec!["0".to_owned(), "1".to_owned()],
            judged: Judged::Images,
            count: 8,
            looked: Looked {
                pixels: vec![0.0, 0.5, 1.0, 0.0],
                class: Some(0),
            },
            kernel: Kernel {
                labels: vec![0, 0, 1],
                values: vec![1.0, 0.8, 0.1, 0.8, 1.0, 0.3, 0.1, 0.3, 0.5],
            },
            runs: vec![seen("BackProp", 2.0), seen("ProxProp", 0.5)],
        }
    }

    #[test]
    fn every_picture_has_words_and_is_drawn_within_its_frame() {
        let images = images();
        let words = View::all(&images)
            .into_iter()
            .map(|view| view.words(&images));
        let words: Vec<String> = words.collect();
        assert!(
            words[0].starts_with("1 of 8 images held back have a wrong answer. 0 taken for 1 (90"),
            "{}",
            words[0]
        );
        assert_eq!(words[2], "0: 3 of 4 right, 1: 4 of 4 right");
        // One scale for all runs.
        assert!(
            words[4].contains(
                "the largest 2.00; in every run the deepest colour stands for 0.50 and more"
            ),
            "{}",
            words[4]
        );
        assert!(
            words[8].contains("0.80 on average within a class, 0.20 between"),
            "{}",
            words[8]
        );
        assert_eq!(
            words[6],
            "The first image held back, 0, through the layers. layer 1 (2 × 2 × 2): 1 answer, layer 2 (3): 3 answer; it is taken for 1 (80 %)"
        );
        assert!(words[9].contains("ProxProp: 1 (80"), "{}", words[9]);
        for view in View::all(&images) {
            let text = view.svg(&images, (240, 200), &Theme::light());
            assert!(
                text.starts_with("<svg width=\"240\" height=\"200\""),
                "{text}"
            );
            assert!(
                !text.contains("NaN")
                    && ![" x=\"-", " y=\"-"]
                        .iter()
                        .any(|beyond| text.contains(beyond)),
                "{:?}: {text}",
                view.key()
            );
        }
    }

    /// Rows have no pixels: who is answered how, and how alike they are.
    #[test]
    fn a_table_has_pictures_of_its_own_and_says_whose_answers_they_are() {
        let mut images = images();
        images.judged = Judged::Trained;
        let keys: Vec<String> = View::all(&images).into_iter().map(View::key).collect();
        assert_eq!(keys, ["confusion-1", "confusion-2", "kernel"]);
        let words = View::Confusion(0).words(&images);
        assert_eq!(
            words,
            "Rows trained on, as none are held back. 0: 3 of 4 right, 1: 4 of 4 right"
        );
        assert!(
            View::Kernel
                .words(&images)
                .starts_with("Inner products of 3 rows")
        );
        images.judged = Judged::Rows;
        assert!(
            View::Confusion(0)
                .words(&images)
                .starts_with("Rows held back. 0: ")
        );
    }

    /// A run that has left the ground does not take the colour from the others' filters.
    #[test]
    fn filters_are_drawn_by_the_run_with_the_smallest() {
        let drawn = |images: &Images| View::Filters(1).svg(images, (240, 200), &Theme::light());
        let mut pictures = images();
        let before = drawn(&pictures);
        for weight in [20.0, f32::NAN, f32::INFINITY] {
            pictures.runs[0].filters[0][0] = weight;
            assert_eq!(drawn(&pictures), before);
        }
        pictures.runs[0].filters = vec![vec![0.25; 4]; 3];
        assert_ne!(drawn(&pictures), before, "on one scale");
        // Where a run has next to none the others are not all of one colour.
        pictures.runs[0].filters = vec![vec![0.0; 4]; 3];
        pictures.runs[1].filters[0][0] = 5.0;
        let words = View::Filters(1).words(&pictures);
        assert!(words.ends_with("stands for 0.05 and more"), "{words}");
    }

    /// Labels of neighbouring tiles keep apart, however sure the answers are and whatever the classes are called.
    #[test]
    fn labels_of_wrong_answers_keep_apart() {
        let mut pictures = images();
        let wrong = &mut pictures.runs[0].wrong;
        wrong[0].confidence = 0.9996;
        *wrong = vec![wrong[0].clone(); 24];
        for names in [["0", "1"], ["airplane", "automobile"]] {
            pictures.classes = names.map(str::to_owned).to_vec();
            for size in [(170, 240), (330, 300), (720, 200)] {
                let theme = Theme::light();
                let text = View::Wrong(0).svg(&pictures, size, &theme);
                let number = |text: &str, key: &str| {
                    let rest = text.split(key).nth(1)?;
                    rest.split('"').next()?.parse::<f64>().ok()
                };
                let sure = text.split("<text").filter(|label| label.contains('%'));
                let places: Vec<(f64, f64)> = sure
                    .map(|label| {
                        (
                            number(label, " x=\"").unwrap(),
                            number(label, " y=\"").unwrap(),
                        )
                    })
                    .collect();
                assert!(!places.is_empty(), "{text}");
                for two in places.windows(2).filter(|two| two[0].1 == two[1].1) {
                    let apart = f64::from(theme.width("99.96 %"));
                    assert!(two[1].0 - two[0].0 > apart, "{size:?}: {two:?}");
                }
            }
        }
    }
}
