//! A related system's charts and pictures: curves of what was measured, pieces of the plane, curves in the unit square. Knows what is to be
//! seen, no system.

use super::curves::{Curve, LineChart};
use super::legend::{self, Swatch};
use super::number::{percent, short};
use super::plane::Plane;
use super::theme::{Line, Marker, Theme};
use super::{Drawn, boundary};
use crate::frame::Scene;
use crate::frame::stage::{Arrow, Chart, Dot, Ink, Lines, Point, Scape, Stage, Stroke, Tells};
use plotters::style::text_anchor::{HPos, VPos};
use plotters::style::{Color, RGBColor};
use plotters_backend::DrawingBackend;

/// The colour of lines that belong to no run.
const LEVEL: usize = 5;
/// How the lines across a chart are stroked, one after the other.
const LEVELS: [Line; 2] = [Line::Solid, Line::Dotted];
/// The largest disc's radius, as a share of the plane's width.
const DISC: f64 = 0.05;
/// What is wrong.
const WRONG: RGBColor = RGBColor(0xc0, 0x1c, 0x28);
/// The same on dark ground.
const WRONG_AT_NIGHT: RGBColor = RGBColor(0xff, 0x6b, 0x6b);
/// The radius of a ring where a size is 0, as a share of that.
const RING: f64 = 0.4;

/// Where a point is on a chart's x axis.
fn across(chart: &Chart, point: &Point) -> f64 {
    match chart.x {
        None => point.step as f64,
        Some(Chart::LOG_STEPS) => log_step(point.step),
        Some(x) => point.values[x],
    }
}

/// Where a number of steps is on a logarithmic axis: none is where one is.
fn log_step(step: u64) -> f64 {
    libm::log10(step.max(1) as f64)
}

/// The last point of every run that has made a step.
fn last<'a>(points: &'a [&[Point]]) -> impl Iterator<Item = &'a Point> {
    let last = points.iter().filter_map(|points| points.last());
    last.filter(|point| point.step > 0)
}

/// Where a chart's x axis ends; by what has been measured so far, where that is not the steps.
pub fn end(chart: &Chart, stage: &Stage, points: &[&[Point]]) -> f64 {
    let total = stage.total_steps as f64;
    let ahead = last(points).map(|point| across(chart, point) * total / point.step as f64);
    match chart.x {
        Some(Chart::LOG_STEPS) => log_step(stage.total_steps),
        Some(_) => ahead.fold(0.0, f64::max),
        None => total,
    }
}

impl LineChart {
    /// A chart of a system's measures, `points` per run; runs differ by colour and marker, measures by stroke, and lines across are grey.
    pub fn of_stage(
        chart: &Chart,
        labels: &[&str],
        stage: &Stage,
        points: &[&[Point]],
    ) -> LineChart {
        let mut curves = Vec::new();
        for (run, (column, points)) in stage.columns.iter().zip(points).enumerate() {
            // The first measure is drawn on top.
            for (k, &measure) in chart.measures.iter().enumerate().rev() {
                let at = |point: &Point| [across(chart, point), point.values[measure]];
                curves.push(Curve {
                    run,
                    line: Line::of_layer(k),
                    name: column.name.clone(),
                    label: labels[measure].to_owned(),
                    points: points.iter().map(at).collect(),
                    markers: k == 0,
                    ghost: None,
                    diverged: column.diverged_at,
                    now: None,
                });
            }
        }
        // As far as the curves are known: charts side by side have one x axis.
        let known = last(points).map(|last| across(chart, last));
        let known = known.reduce(f64::max);
        let known = known.unwrap_or_else(|| end(chart, stage, points));
        let levels = stage.levels.iter();
        let levels = levels.filter(|level| level.chart == chart.key);
        for (level, line) in levels.zip(LEVELS.into_iter().cycle()) {
            curves.insert(
                0,
                Curve {
                    run: LEVEL,
                    line,
                    name: level.label.clone(),
                    // Its name says all.
                    label: String::new(),
                    points: vec![[0.0, level.at], [known, level.at]],
                    markers: false,
                    ghost: None,
                    diverged: None,
                    now: None,
                },
            );
        }
        let mut drawn = LineChart::of_curves(chart.title, chart.x_label, chart.log, curves);
        drawn.range = chart.range;
        drawn.decades = chart.x == Some(Chart::LOG_STEPS);
        drawn
    }

    /// With a cursor at a step that is looked back to; `points` are those that it was made of.
    #[must_use]
    pub fn at_step(mut self, step: u64, chart: &Chart, points: &[&[Point]]) -> LineChart {
        let counts_steps = matches!(chart.x, None | Some(Chart::LOG_STEPS));
        self.now = counts_steps.then_some(step);
        let own = self.curves.iter_mut().filter(|curve| curve.ghost.is_none());
        for curve in own {
            // A run that had diverged by then has no number there, and a line across the chart is no run's.
            let over = curve.diverged.is_some_and(|diverged| diverged < step);
            let points = points.get(curve.run).copied().unwrap_or_default();
            let points = if curve.points.len() == points.len() {
                points
            } else {
                &[]
            };
            let until = points.partition_point(|point| point.step <= step);
            curve.now = until.checked_sub(1).filter(|_| !over);
        }
        self
    }

    /// With curves of its first measure that went another way, paler, below all others; each way has its number and, per run, its
    /// points.
    #[must_use]
    pub fn with_other_ways(mut self, chart: &Chart, ways: &[(u32, &[Vec<Point>])]) -> LineChart {
        let measure = chart.measures[0];
        for (number, runs) in ways.iter().rev() {
            for (run, points) in runs.iter().enumerate() {
                let at = |point: &Point| [across(chart, point), point.values[measure]];
                let curve = Curve {
                    run,
                    line: Line::Solid,
                    name: String::new(),
                    label: String::new(),
                    points: points.iter().map(at).collect(),
                    markers: false,
                    ghost: Some(*number),
                    diverged: None,
                    now: None,
                };
                self.curves.insert(0, curve);
            }
        }
        self
    }
}

/// What a field of a scape is drawn as: values whose ends are the two classes' colours, or the probabilities of several classes.
pub fn scene(scape: &Scape) -> Scene {
    // A field that is 0 everywhere is paper.
    let reach = if scape.reach > 0.0 { scape.reach } else { 1.0 };
    let channels = scape.field.as_ref().map_or(1, |field| field.channels);
    Scene {
        inputs: 2,
        classes: if channels > 1 { channels } else { 0 },
        x: scape.x,
        y: scape.y,
        value: (-reach, reach),
        training: Vec::new(),
        validation: Vec::new(),
    }
}

/// What a field says at a place, in words; `None` where there is none.
pub fn told(scape: &Scape, at: [f64; 2]) -> Option<String> {
    let answer = boundary::sample(scape.field.as_ref()?, &scene(scape), at)?;
    let value = f64::from(answer[0]);
    let short = |number| short(number).replace('-', "−");
    let words = match &scape.tells {
        _ if answer.iter().any(|v| !v.is_finite()) => "no number".to_owned(),
        Tells::Answer if answer.len() > 1 => {
            let class = boundary::most_likely(&answer);
            let name = scape.classes.get(class).map(|class| class.name.as_str());
            let share = percent(f64::from(answer[class]), 1);
            format!("{} {share}", name.unwrap_or("class"))
        }
        Tells::Answer => format!("answers {}", short(value)),
        Tells::Number { name, times, plus } => {
            let number = times * value + plus;
            // What is added to takes digits away.
            let whole = if *plus == 0.0 {
                number
            } else {
                (1e4 * number).round() / 1e4
            };
            format!("{name} {}", short(whole))
        }
        Tells::Size { name, ends } => {
            let size = ends.0 * libm::pow(ends.1 / ends.0, value.clamp(0.0, 1.0));
            let beyond = match value {
                v if v <= 0.0 => "at most ",
                v if v >= 1.0 => "at least ",
                _ => "",
            };
            format!("{name} {beyond}{}", short(size))
        }
    };
    Some(format!("({:.2}, {:.2}): {words}", at[0], at[1]))
}

/// The colours of a scape's field.
pub fn hues(scape: &Scape, theme: &Theme) -> Theme {
    let mut theme = theme.clone();
    if let Some(class) = scape.gains {
        let above = theme.class(class);
        theme.classes[0] = theme.muted;
        theme.classes[1] = above;
    }
    theme
}

/// A piece of the plane over the whole of a drawing.
///
/// # Errors
/// What the backend answers.
pub fn draw_scape<B: DrawingBackend>(
    backend: &mut B,
    size: (u32, u32),
    scape: &Scape,
    theme: &Theme,
) -> Drawn<B> {
    if let Some(field) = &scape.field {
        boundary::draw_cells(
            backend,
            (0, 0),
            size,
            field,
            &scene(scape),
            &hues(scape, theme),
        )?;
    }
    // What there is much of lies below.
    let (many, few) = layers(scape);
    draw_dots(backend, size, scape, many, theme)?;
    draw_ground(backend, size, scape, theme)?;
    draw_dots(backend, size, scape, few, theme)?;
    draw_marks(backend, size, scape, theme)
}

/// The points that there are many of, and those that are drawn above them.
pub fn layers(scape: &Scape) -> (&[Dot], &[Dot]) {
    let many = scape.dots.partition_point(|dot| !dot.large && !dot.ringed);
    scape.dots.split_at(many)
}

/// What lies between the two: heights of the field, and the ways that points have gone.
///
/// # Errors
/// What the backend answers.
pub fn draw_ground<B: DrawingBackend>(
    backend: &mut B,
    size: (u32, u32),
    scape: &Scape,
    theme: &Theme,
) -> Drawn<B> {
    let plane = Plane::whole(size, scape.x, scape.y);
    let thin = theme.pen(&theme.ink.mix(0.3), 0.8);
    for segment in &scape.contours {
        plane.stroke(backend, theme, Line::Solid, segment, thin)?;
    }
    let moved = theme.pen(&theme.ink.mix(0.15), 0.8);
    for trail in &scape.trails {
        plane.stroke(backend, theme, Line::Solid, trail, moved)?;
    }
    Ok(())
}

/// A colour, whosever it is.
fn color(ink: Ink, theme: &Theme) -> RGBColor {
    match ink {
        Ink::Run(run) => theme.run(run),
        Ink::Class(class) => theme.class(class),
        Ink::Grey => theme.muted,
        Ink::Wrong if theme.dark => WRONG_AT_NIGHT,
        Ink::Wrong => WRONG,
    }
}

/// These points over the whole of a drawing.
///
/// # Errors
/// What the backend answers.
pub fn draw_dots<B: DrawingBackend>(
    backend: &mut B,
    size: (u32, u32),
    scape: &Scape,
    dots: &[Dot],
    theme: &Theme,
) -> Drawn<B> {
    let plane = Plane::whole(size, scape.x, scape.y);
    dots.iter()
        .try_for_each(|dot| draw_dot(backend, &plane, scape, dot, theme))
}

/// What lies above the points: discs, lines, arrows.
///
/// # Errors
/// What the backend answers.
pub fn draw_marks<B: DrawingBackend>(
    backend: &mut B,
    size: (u32, u32),
    scape: &Scape,
    theme: &Theme,
) -> Drawn<B> {
    let plane = Plane::whole(size, scape.x, scape.y);
    let largest = DISC * f64::from(size.0);
    for disc in &scape.discs {
        let at = plane.at(disc.at);
        if disc.size == 0.0 {
            let pen = theme.pen(&theme.ink, 1.0);
            Marker::Circle.draw(backend, at, RING * largest, None, Some(pen))?;
            continue;
        }
        let color = theme.class(usize::from(disc.size > 0.0));
        let radius = (largest * disc.size.abs().sqrt()).max(theme.unit);
        let edge = theme.pen(&theme.ink, 1.2);
        Marker::Circle.draw(backend, at, radius, Some(color.mix(0.85)), Some(edge))?;
    }
    for line in &scape.lines {
        let pen = theme.pen(&theme.ink, 1.8);
        plane.stroke(backend, theme, Line::Solid, line, pen)?;
    }
    for stroke in &scape.strokes {
        let pen = theme.pen(&color(stroke.ink, theme), 1.4);
        let line = Line::of_layer(stroke.dash);
        plane.stroke(backend, theme, line, &stroke.points, pen)?;
    }
    for arrow in &scape.arrows {
        draw_arrow(backend, &plane, arrow, theme)?;
    }
    Ok(())
}

fn draw_dot<B: DrawingBackend>(
    backend: &mut B,
    plane: &Plane,
    scape: &Scape,
    dot: &Dot,
    theme: &Theme,
) -> Drawn<B> {
    if !plane.holds(dot.at) {
        return Ok(());
    }
    let class = &scape.classes[dot.class];
    let (color, at) = (color(class.ink, theme), plane.at(dot.at));
    let (radius, share) = if dot.large {
        (class.radius, 1.0)
    } else {
        (1.4, 0.6)
    };
    let edge = dot.large.then(|| theme.pen(&theme.background, 0.8));
    Marker::of(dot.class).draw(
        backend,
        at,
        radius * theme.unit,
        Some(color.mix(share)),
        edge,
    )?;
    if dot.ringed {
        let pen = theme.pen(&theme.ink, 1.6);
        Marker::Circle.draw(backend, at, 8.0 * theme.unit, None, Some(pen))?;
    }
    Ok(())
}

fn draw_arrow<B: DrawingBackend>(
    backend: &mut B,
    plane: &Plane,
    arrow: &Arrow,
    theme: &Theme,
) -> Drawn<B> {
    let (line, color, width) = if arrow.pale {
        (Line::Dashed, theme.muted, 1.6)
    } else {
        (Line::Solid, theme.ink, 2.4)
    };
    let pen = theme.pen(&color, width);
    plane.stroke(backend, theme, line, &[arrow.from, arrow.to], pen)?;
    let (from, to) = (plane.at(arrow.from), plane.at(arrow.to));
    let (dx, dy) = (f64::from(to.0 - from.0), f64::from(to.1 - from.1));
    let length = dx.hypot(dy).max(1.0);
    let (ux, uy) = (dx / length, dy / length);
    let head = 9.0 * theme.unit;
    let corner = |side: f64| {
        let x = f64::from(to.0) - head * (ux + 0.45 * side * uy);
        let y = f64::from(to.1) - head * (uy - 0.45 * side * ux);
        (x.round() as i32, y.round() as i32)
    };
    backend.fill_polygon([to, corner(1.0), corner(-1.0)], &color.filled())?;
    // Beyond the tip, on its own side of the arrow's line.
    let gap = 6.0 * theme.unit;
    let beyond = (
        (f64::from(to.0) + gap * ux) as i32,
        (f64::from(to.1) + gap * uy) as i32,
    );
    let across = if ux >= 0.0 { HPos::Left } else { HPos::Right };
    let up = if arrow.pale { VPos::Bottom } else { VPos::Top };
    theme.text(backend, &arrow.label, beyond, (across, up), color)
}

/// What stands for what in a piece of the plane.
pub(super) fn entries(scape: &Scape, theme: &Theme) -> Vec<(Swatch, String)> {
    let swatch = |color: RGBColor, marker, hollow, words: &str| {
        let swatch = Swatch {
            color,
            line: None,
            marker: Some(marker),
            hollow,
        };
        (swatch, words.to_owned())
    };
    let mut entries = Vec::new();
    let has = |class: usize| scape.dots.iter().any(|dot| dot.class == class);
    for (place, class) in scape.classes.iter().enumerate() {
        if has(place) {
            let color = color(class.ink, theme);
            entries.push(swatch(color, Marker::of(place), false, &class.name));
        }
    }
    if !scape.lines_are.is_empty() {
        let line = Swatch::stroke(theme.ink, Line::Solid);
        entries.push((line, scape.lines_are.clone()));
    }
    let named = scape.strokes.iter();
    for stroke in named.filter(|stroke| !stroke.name.is_empty()) {
        let line = Swatch::stroke(color(stroke.ink, theme), Line::of_layer(stroke.dash));
        entries.push((line, stroke.name.clone()));
    }
    let sizes = || scape.discs.iter().map(|disc| disc.size);
    if sizes().any(|size| size > 0.0) {
        entries.push(swatch(
            theme.class(1),
            Marker::Circle,
            false,
            "disc: weight above 0",
        ));
    }
    if sizes().any(|size| size < 0.0) {
        entries.push(swatch(
            theme.class(0),
            Marker::Circle,
            false,
            "disc: weight below 0",
        ));
    }
    if sizes().any(|size| size == 0.0) {
        entries.push(swatch(
            theme.ink,
            Marker::Circle,
            true,
            "ring: weight exactly 0",
        ));
    }
    entries
}

/// Curves over a range, with axes and a legend, over the whole of a drawing.
///
/// # Errors
/// What the backend answers.
pub fn draw_lines<B: DrawingBackend>(
    backend: &mut B,
    size: (u32, u32),
    lines: &Lines,
    theme: &Theme,
) -> Drawn<B> {
    let named = lines
        .strokes
        .iter()
        .filter(|stroke| !stroke.name.is_empty());
    let entry = |stroke: &Stroke| {
        let swatch = Swatch::stroke(color(stroke.ink, theme), Line::of_layer(stroke.dash));
        (swatch, stroke.name.clone())
    };
    let entries: Vec<_> = named.map(entry).collect();
    legend::draw(backend, &lines.axes[1], &entries, size.0, theme)?;
    let top = legend::height(&lines.axes[1], &entries, size.0, theme);
    let plane = Plane::new(size, top, lines.x, lines.y, false, theme);
    plane.draw_axes(backend, [&lines.axes[0], ""], theme)?;
    for area in &lines.areas {
        let edge = area.iter().map(|at| plane.at(*at));
        backend.fill_polygon(edge, &theme.ink.mix(0.18).filled())?;
    }
    for stroke in &lines.strokes {
        let pen = theme.pen(&color(stroke.ink, theme), theme.stroke);
        let line = Line::of_layer(stroke.dash);
        plane.stroke(backend, theme, line, &stroke.points, pen)?;
        // Where it ends: a curve that goes no further is told from one that stands still.
        if let Some(&last) = stroke.points.last().filter(|at| plane.holds(**at)) {
            let color = color(stroke.ink, theme).to_rgba();
            let radius = 2.5 * theme.unit;
            Marker::Circle.draw(backend, plane.at(last), radius, Some(color), None)?;
        }
    }
    Ok(())
}

/// Curves in the unit square with its axes, below a head of so many lattice steps.
///
/// # Errors
/// What the backend answers.
pub fn draw_square<B: DrawingBackend>(
    backend: &mut B,
    size: (u32, u32),
    head: i32,
    axes: [&str; 2],
    curves: &[Vec<[f64; 2]>],
    mark: f64,
    theme: &Theme,
) -> Drawn<B> {
    let plane = Plane::new(size, head, (0.0, 1.0), (0.0, 1.0), true, theme);
    plane.draw_axes(backend, axes, theme)?;
    draw_rates(backend, &plane, curves, mark, theme)
}

/// Curves in the unit square, one per run, over its diagonal.
fn draw_rates<B: DrawingBackend>(
    backend: &mut B,
    plane: &Plane,
    curves: &[Vec<[f64; 2]>],
    mark: f64,
    theme: &Theme,
) -> Drawn<B> {
    let thin = theme.pen(&theme.grid, 1.0);
    plane.stroke(backend, theme, Line::Solid, &[[0.0, 0.0], [1.0, 1.0]], thin)?;
    let dashed = theme.pen(&theme.muted, 1.0);
    plane.stroke(
        backend,
        theme,
        Line::Dashed,
        &[[mark, 0.0], [mark, 1.0]],
        dashed,
    )?;
    for (run, curve) in curves.iter().enumerate() {
        let color = theme.run(run);
        plane.stroke(
            backend,
            theme,
            Line::Solid,
            curve,
            theme.pen(&color, theme.stroke),
        )?;
        // A marker where it is read off, so that no run is told by its colour alone.
        let at = curve.windows(2).find(|two| two[1][0] > mark);
        if let Some(&[[a, b], [c, e]]) = at.map(|two| [two[0], two[1]]).as_ref() {
            let height = b + (e - b) * (mark - a) / (c - a);
            let edge = theme.pen(&theme.background, 1.0);
            let place = plane.at([mark, height]);
            Marker::of(run).draw(
                backend,
                place,
                4.5 * theme.unit,
                Some(color.to_rgba()),
                Some(edge),
            )?;
        }
    }
    Ok(())
}

/// The runs by colour and marker.
pub(super) fn runs(names: &[&str], theme: &Theme) -> Vec<(Swatch, String)> {
    let entry = |(run, name): (usize, &&str)| {
        let swatch = Swatch {
            color: theme.run(run),
            line: Some(Line::Solid),
            marker: Some(Marker::of(run)),
            hollow: false,
        };
        (swatch, (*name).to_owned())
    };
    names.iter().enumerate().map(entry).collect()
}
