//! Numbers as squares, in groups with a scale of their own: their colours, what stands beside them, what one of them is. Knows no system.

use super::Drawn;
use super::legend::Swatch;
use super::number::short;
use super::plane::Plane;
use super::theme::{Line, Marker, Theme};
use crate::frame::Field;
use crate::frame::stage::{Band, Scape};
use plotters::style::text_anchor::{HPos, VPos};
use plotters_backend::DrawingBackend;

/// Letters are made smaller where they have less room; what has less than this share of their height has no name.
const LEGIBLE: f64 = 0.75;

/// The field with each group's numbers as shares of the group's full colour, from −1 to 1; `None` where there are no groups.
pub fn shares(scape: &Scape) -> Option<Field> {
    let mut field = scape.field.clone().filter(|_| !scape.bands.is_empty())?;
    let (rows, columns) = (field.rows, field.columns);
    for band in &scape.bands {
        let reach = band.reach as f32;
        // Row 0 of a field is the lowest.
        let from = rows - band.above - band.height();
        let own = &mut field.values[columns * from..][..columns * band.height()];
        own.iter_mut().for_each(|v| *v /= reach);
    }
    Some(field)
}

/// What stands for what.
pub(super) fn entries(theme: &Theme) -> Vec<(Swatch, String)> {
    let side = |class: usize, words: &str| {
        let swatch = Swatch {
            color: theme.class(class),
            line: None,
            marker: Some(Marker::Square),
            hollow: false,
        };
        (swatch, words.to_owned())
    };
    vec![side(0, "below 0"), side(1, "above 0")]
}

/// What the groups and their rows are, and their edges, over the whole of a drawing.
///
/// # Errors
/// What the backend answers.
pub fn draw<B: DrawingBackend>(
    backend: &mut B,
    size: (u32, u32),
    scape: &Scape,
    theme: &Theme,
) -> Drawn<B> {
    let plane = Plane::whole(size, scape.x, scape.y);
    let pen = theme.pen(&theme.muted, 1.0);
    let letters = f64::from(theme.px(theme.font));
    let mut free = 0;
    for band in &scape.bands {
        let edge = |row: usize| scape.y.1 - row as f64;
        let (top, bottom, right) = (
            edge(band.above),
            edge(band.above + band.height()),
            band.width() as f64,
        );
        let around = [
            [0.0, top],
            [right, top],
            [right, bottom],
            [0.0, bottom],
            [0.0, top],
        ];
        plane.stroke(backend, theme, Line::Solid, &around, pen)?;
        let fitted = |(from, until): (usize, usize)| {
            let ends = [from, until].map(|row| plane.at([0.0, edge(row)]).1);
            let share = f64::from(ends[1] - ends[0]) / letters;
            let font = theme.font * share.min(1.0);
            (share >= LEGIBLE).then(|| Theme {
                font,
                ..theme.clone()
            })
        };
        if let Some(theme) = fitted((free, band.above)) {
            let at = plane.at([scape.x.0, top]);
            let at = (at.0 + theme.px(2.0), at.1 - theme.px(1.0));
            let anchor = (HPos::Left, VPos::Bottom);
            theme.text(backend, &title(band), at, anchor, theme.ink)?;
        }
        let mut row = band.above;
        for (name, count) in &band.rows {
            if let Some(theme) = fitted((row, row + count)) {
                let at = plane.at([0.0, edge(row) - 0.5 * *count as f64]);
                let at = (at.0 - theme.px(4.0), at.1);
                theme.text(backend, name, at, (HPos::Right, VPos::Center), theme.muted)?;
            }
            row += count;
        }
        free = row;
    }
    Ok(())
}

/// What stands above a group.
fn title(band: &Band) -> String {
    format!("{}, ±{}", band.name, short(band.reach))
}

/// What the number at a place is, in words; `None` where there is none.
pub fn told(scape: &Scape, [x, y]: [f64; 2]) -> Option<String> {
    let field = scape.field.as_ref()?;
    let (right, down) = (x.floor(), (scape.y.1 - y).floor());
    let (column, row) = (right.max(0.0) as usize, down.max(0.0) as usize);
    let is_there = |band: &&Band| {
        let rows = band.above..band.above + band.height();
        right >= 0.0 && column < band.width() && rows.contains(&row)
    };
    let band = scape.bands.iter().find(is_there)?;
    let within = [
        named(&band.rows, row - band.above),
        named(&band.columns, column),
    ];
    let left = (-scape.x.0) as usize;
    let at = (field.rows - 1 - row) * field.columns + left + column;
    let value = f64::from(*field.values.get(at)?);
    let value = if value.is_finite() {
        short(value)
    } else {
        "no number".to_owned()
    };
    Some(format!("{}, {}: {value}", band.name, within.join(", ")))
}

/// What one of some squares is, with its number where there are several of its kind.
fn named(all: &[(String, usize)], at: usize) -> String {
    let mut from = 0;
    for (name, count) in all {
        if at < from + count {
            let number = at - from + 1;
            return if *count > 1 {
                format!("{name} {number}")
            } else {
                name.clone()
            };
        }
        from += count;
    }
    String::new()
}
