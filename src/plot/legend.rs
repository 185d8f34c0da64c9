//! A legend inside a drawing: swatches with words, in as many rows as they need. Knows no chart.

use super::Drawn;
use super::theme::{Line, Marker, Theme};
use plotters::style::text_anchor::{HPos, VPos};
use plotters::style::{Color, RGBColor};
use plotters_backend::DrawingBackend;

/// What stands for a thing in the drawing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Swatch {
    pub(super) color: RGBColor,
    pub(super) line: Option<Line>,
    pub(super) marker: Option<Marker>,
    /// Is the marker only an outline?
    pub(super) hollow: bool,
}

/// Where entries begin: as far left as the box of a chart.
fn left(theme: &Theme) -> i32 {
    theme.px(3.6 * theme.font)
}

pub(super) fn row_height(theme: &Theme) -> i32 {
    theme.px(1.5 * theme.font)
}

/// The entries with their places: left edge and row.
fn places(entries: &[(Swatch, String)], width: u32, theme: &Theme) -> Vec<(i32, i32)> {
    let right = width.cast_signed() - theme.px(4.0);
    let length = |words: &str| theme.px(34.0) + theme.width(words);
    // Where there is no room they begin further left than the chart.
    let longest = entries.iter().map(|(_, words)| length(words)).max();
    let left = left(theme).min(right - longest.unwrap_or(0)).max(0);
    let (mut at, mut row) = (left, 0);
    entries
        .iter()
        .map(|(_, words)| {
            let length = length(words);
            if at + length > right && at > left {
                (at, row) = (left, row + 1);
            }
            let place = (at, row);
            at += length + theme.px(12.0);
            place
        })
        .collect()
}

/// A title in as many lines as it needs, broken at its blanks.
pub(super) fn lines(title: &str, width: u32, theme: &Theme) -> Vec<String> {
    let room = width.cast_signed() - theme.px(4.0);
    let mut lines: Vec<String> = Vec::new();
    for word in title.split(' ').filter(|word| !word.is_empty()) {
        match lines.last_mut() {
            Some(line) if theme.width(line) + theme.width(word) + theme.width(" ") <= room => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// The height that a title and the legend need.
pub(super) fn height(title: &str, entries: &[(Swatch, String)], width: u32, theme: &Theme) -> i32 {
    let below = places(entries, width, theme)
        .last()
        .map_or(0, |(_, row)| row + 1);
    (lines(title, width, theme).len() as i32 + below) * row_height(theme)
}

/// Draws a title and the legend at the top.
pub(super) fn draw<B: DrawingBackend>(
    backend: &mut B,
    title: &str,
    entries: &[(Swatch, String)],
    width: u32,
    theme: &Theme,
) -> Drawn<B> {
    let row_height = row_height(theme);
    let anchor = (HPos::Left, VPos::Center);
    let lines = lines(title, width, theme);
    // Where there is no room a title begins further left than the chart.
    let longest = lines.iter().map(|line| theme.width(line)).max();
    let room = width.cast_signed() - longest.unwrap_or(0);
    let begin = left(theme).min(room).max(0);
    let mut top = 0;
    for line in &lines {
        theme.text(
            backend,
            line,
            (begin, top + row_height / 2),
            anchor,
            theme.ink,
        )?;
        top += row_height;
    }
    let places = places(entries, width, theme);
    for ((swatch, words), &(at, row)) in entries.iter().zip(&places) {
        let middle = top + row_height * row + row_height / 2;
        swatch.draw(backend, (at, middle), theme)?;
        theme.text(
            backend,
            words,
            (at + theme.px(34.0), middle),
            anchor,
            theme.ink,
        )?;
    }
    Ok(())
}

impl Swatch {
    /// A line without markers.
    pub(super) fn stroke(color: RGBColor, line: Line) -> Swatch {
        Swatch {
            color,
            line: Some(line),
            marker: None,
            hollow: false,
        }
    }

    fn draw<B: DrawingBackend>(
        self,
        backend: &mut B,
        (at, middle): (i32, i32),
        theme: &Theme,
    ) -> Drawn<B> {
        let end = at + theme.px(28.0);
        if let Some(line) = self.line {
            let pen = theme.pen(&self.color, theme.stroke);
            line.stroke(backend, theme, &[(at, middle), (end, middle)], pen)?;
        }
        let Some(marker) = self.marker else {
            return Ok(());
        };
        let fill = if self.hollow {
            theme.background
        } else {
            self.color
        };
        marker.draw(
            backend,
            (i32::midpoint(at, end), middle),
            f64::from(theme.px(4.0)),
            Some(fill.to_rgba()),
            self.hollow.then(|| theme.pen(&self.color, 1.6)),
        )
    }
}
