//! Bars in rows over one axis, and answers side by side: what devices do and when, what each head of a network says. Knows no network.

use super::legend::{self, Swatch};
use super::number::{even, even_ticks};
use super::plane::Plane;
use super::theme::{Line, Marker, Theme};
use super::{Drawn, boundary};
use crate::frame::stage::{Bars, Group, Maps};
use plotters::style::text_anchor::{HPos, VPos};
use plotters::style::{Color, RGBColor};
use plotters_backend::DrawingBackend;

/// Rows that a group's name takes, and so many times its letters' height at least.
const NAME: f64 = 1.4;
const LEGIBLE: f64 = 1.3;
/// How much of a row its bar takes.
const THICK: f64 = 0.78;
/// The colours of classes that kinds of bars have: told apart in grey too.
const KINDS: [usize; 4] = [3, 2, 1, 0];

fn kind(kind: usize, theme: &Theme) -> RGBColor {
    theme.class(KINDS[kind % KINDS.len()])
}

/// Bars over the whole of a drawing.
///
/// # Errors
/// What the backend answers.
pub fn draw_bars<B: DrawingBackend>(
    backend: &mut B,
    size: (u32, u32),
    bars: &Bars,
    theme: &Theme,
) -> Drawn<B> {
    let entry = |(k, words): (usize, &String)| {
        let swatch = Swatch {
            color: kind(k, theme),
            line: None,
            marker: Some(Marker::Square),
            hollow: false,
        };
        (swatch, words.clone())
    };
    // What there is nothing of needs no name.
    let is_there = |k: usize| {
        let mut groups = bars.groups.iter();
        groups.any(|group| group.bars.iter().any(|bar| bar.kind == k))
    };
    let kinds = bars.kinds.iter().enumerate().filter(|(k, _)| is_there(*k));
    let mut entries: Vec<_> = kinds.map(entry).collect();
    if !bars.mark_is.is_empty() {
        let line = Swatch::stroke(theme.ink, Line::Solid);
        entries.push((line, bars.mark_is.clone()));
    }
    legend::draw(backend, "", &entries, size.0, theme)?;
    let top = legend::height("", &entries, size.0, theme);
    let names = bars.groups.iter().map(|group| row_names(group, theme));
    let names = names.max().unwrap_or(0);
    let side = if bars.beside {
        bars.groups.len().max(1)
    } else {
        1
    };
    let width = size.0 / side as u32;
    let plane = |place: usize| {
        let mut plane = Plane::new((width, size.1), top, bars.x, (0.0, 1.0), false, theme);
        let left = (place as u32 * width).cast_signed();
        plane.left = left + names;
        plane.right += left;
        plane
    };
    let whole = plane(0);
    let heights = heights(bars, f64::from(whole.bottom - whole.top), theme);
    let mut y = f64::from(whole.top);
    for (place, group) in bars.groups.iter().enumerate() {
        if bars.beside {
            let plane = plane(place);
            draw_group(backend, &plane, y, heights, group, theme)?;
            draw_axis(backend, &plane, &bars.axis, theme)?;
        } else {
            draw_group(backend, &whole, y, heights, group, theme)?;
            y += heights[0] + heights[1] * group.rows.len() as f64;
        }
    }
    if bars.beside {
        return Ok(());
    }
    draw_axis(backend, &whole, &bars.axis, theme)
}

/// How high a group's name and a row are, with so much room for all: where rows are low, names can be read all the same.
fn heights(bars: &Bars, room: f64, theme: &Theme) -> [f64; 2] {
    let rows = bars.rows().max(1) as f64;
    let names = if bars.beside { 1 } else { bars.groups.len() } as f64;
    let row = room / (rows + NAME * names);
    let least = LEGIBLE * f64::from(theme.px(theme.font));
    if NAME * row >= least {
        [NAME * row, row]
    } else {
        [least, ((room - least * names) / rows).max(1.0)]
    }
}

/// How wide what stands in front of a group's rows is.
fn row_names(group: &Group, theme: &Theme) -> i32 {
    let widths = group.rows.iter().map(|name| theme.width(name));
    widths.max().unwrap_or(0) + theme.px(10.0)
}

fn draw_axis<B: DrawingBackend>(
    backend: &mut B,
    plane: &Plane,
    name: &str,
    theme: &Theme,
) -> Drawn<B> {
    let (gap, mark) = (theme.px(6.0), theme.px(4.0));
    let pen = theme.pen(&theme.muted, 1.0);
    let bottom = theme.crisp(plane.bottom);
    backend.draw_path([(plane.left, bottom), (plane.right, bottom)], &pen)?;
    let room = f64::from(plane.right - plane.left) / (6.0 * f64::from(theme.px(theme.font)));
    for x in even_ticks(plane.x, room) {
        let at = theme.crisp(plane.at([x, 0.0]).0);
        backend.draw_path([(at, bottom), (at, bottom + mark)], &pen)?;
        let (place, anchor) = ((at, bottom + gap), (HPos::Center, VPos::Top));
        theme.text(backend, &even(x), place, anchor, theme.muted)?;
    }
    let below = (plane.right, bottom + gap + theme.px(1.2 * theme.font));
    let anchor = (HPos::Right, VPos::Top);
    theme.text(backend, name, below, anchor, theme.muted)
}

fn draw_group<B: DrawingBackend>(
    backend: &mut B,
    plane: &Plane,
    top: f64,
    [head, row]: [f64; 2],
    group: &Group,
    theme: &Theme,
) -> Drawn<B> {
    let start = plane.left - row_names(group, theme);
    let middle = (top + 0.6 * head) as i32;
    let color = theme.run(group.run).to_rgba();
    let at = (start + theme.px(8.0), middle);
    Marker::of(group.run).draw(backend, at, 4.5 * theme.unit, Some(color), None)?;
    let (at, anchor) = ((start + theme.px(17.0), middle), (HPos::Left, VPos::Center));
    theme.text(backend, &group.name, at, anchor, theme.ink)?;
    let first = top + head;
    let of_row = |k: usize, share: f64| (first + row * (k as f64 + share)).round() as i32;
    // Where rows are lower than letters, some have no name.
    let every = (f64::from(theme.px(theme.font)) / row).ceil().max(1.0) as usize;
    for (k, words) in group.rows.iter().enumerate() {
        let middle = of_row(k, 0.5);
        let line = theme.pen(&theme.grid, 1.0);
        backend.draw_path([(plane.left, middle), (plane.right, middle)], &line)?;
        if k.is_multiple_of(every) {
            let at = (plane.left - theme.px(5.0), middle);
            theme.text(backend, words, at, (HPos::Right, VPos::Center), theme.muted)?;
        }
    }
    let edge = theme.pen(&theme.background, 0.8);
    // Of all bars or of none: rows differ by a rounding.
    let high_enough = THICK * row >= 0.9 * f64::from(theme.px(theme.font));
    for bar in &group.bars {
        let across = |x: f64| plane.at([x.clamp(plane.x.0, plane.x.1), 0.0]).0;
        let (left, right) = (across(bar.from), across(bar.to));
        if left >= right {
            continue;
        }
        let (above, below) = (
            of_row(bar.row, 0.5 * (1.0 - THICK)),
            of_row(bar.row, 0.5 * (1.0 + THICK)),
        );
        let ends = [(left, above), (right, below)];
        backend.draw_rect(ends[0], ends[1], &kind(bar.kind, theme).filled(), true)?;
        if above + theme.px(4.0) < below {
            backend.draw_rect(ends[0], ends[1], &edge, false)?;
        }
        let fits = high_enough && theme.width(&bar.label) <= right - left - theme.px(4.0);
        if fits && !bar.label.is_empty() {
            let at = (i32::midpoint(left, right), i32::midpoint(above, below));
            let anchor = (HPos::Center, VPos::Center);
            theme.text(backend, &bar.label, at, anchor, theme.background)?;
        }
    }
    let Some(mark) = group.mark.filter(|x| (plane.x.0..=plane.x.1).contains(x)) else {
        return Ok(());
    };
    let x = plane.at([mark, 0.0]).0;
    let pen = theme.pen(&theme.ink, 2.0);
    let ends = [of_row(0, 0.0), of_row(group.rows.len(), 0.0)];
    backend.draw_path(ends.map(|y| (x, y)), &pen)
}

/// Answers over the whole of a drawing, with their fields: for vector output.
///
/// # Errors
/// What the backend answers.
pub fn draw_maps<B: DrawingBackend>(
    backend: &mut B,
    size: (u32, u32),
    maps: &Maps,
    theme: &Theme,
) -> Drawn<B> {
    for (([left, top, side], _), (_, field)) in squares(size, maps, theme).zip(&maps.maps) {
        let size = (side.cast_unsigned(), side.cast_unsigned());
        boundary::draw_cells(backend, (left, top), size, field, &maps.scene, theme)?;
    }
    draw_over_maps(backend, size, maps, theme)
}

/// Where the answers lie, left, top and side, and where the words below begin: the last one large, the others beside or above it,
/// whichever leaves it larger.
pub fn squares(
    size: (u32, u32),
    maps: &Maps,
    theme: &Theme,
) -> impl Iterator<Item = ([i32; 3], HPos)> {
    let (width, height) = (size.0.cast_signed(), size.1.cast_signed());
    let (gap, line) = (theme.px(6.0), theme.px(1.5 * theme.font));
    let others = maps.maps.len().saturating_sub(1) as i32;
    let many = others.max(1);
    // Beside it from top to bottom, or above it from left to right.
    let beside = ((height - many * line) / many).min(width / 3).max(1);
    let above = ((width - (many - 1) * gap) / many).min(height / 3).max(1);
    let words = maps.maps.iter().map(|(words, _)| theme.width(words));
    let column = beside.max(words.max().unwrap_or(0));
    let large = [
        (width - column - gap).min(height - line),
        width.min(height - 2 * line - above),
    ];
    let upright = large[0] >= large[1];
    let side = large[usize::from(!upright)].max(1);
    (0..maps.maps.len() as i32).map(move |k| match (k == others, upright) {
        (true, true) => ([column + gap, 0, side], HPos::Center),
        (true, false) => ([(width - side) / 2, above + line, side], HPos::Center),
        (false, true) => ([0, k * (beside + line), beside], HPos::Left),
        (false, false) => ([k * (above + gap), 0, above], HPos::Center),
    })
}

/// What lies over their fields: where classes are equally likely, the points, and words.
///
/// # Errors
/// What the backend answers.
pub fn draw_over_maps<B: DrawingBackend>(
    backend: &mut B,
    size: (u32, u32),
    maps: &Maps,
    theme: &Theme,
) -> Drawn<B> {
    let words = |k: usize| maps.maps[k].0.as_str();
    // Where there is no room between the small ones for all that is said of each, their names alone are said.
    let mut small = (0..maps.maps.len().saturating_sub(1)).zip(squares(size, maps, theme));
    let crowded = small.any(|(k, ([_, _, side], across))| {
        matches!(across, HPos::Center) && theme.width(words(k)) > side + theme.px(6.0)
    });
    for (k, (square, across)) in squares(size, maps, theme).enumerate() {
        let field = &maps.maps[k].1;
        let last = k + 1 == maps.maps.len();
        let name = words(k).split(':').next().filter(|_| crowded && !last);
        boundary::draw_inset(backend, square, field, &maps.scene, last, theme)?;
        let [left, top, side] = square;
        let along = if matches!(across, HPos::Left) {
            0
        } else {
            side / 2
        };
        let at = (left + along, top + side + theme.px(2.0));
        theme.text(
            backend,
            name.unwrap_or(words(k)),
            at,
            (across, VPos::Top),
            theme.ink,
        )?;
    }
    Ok(())
}
