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

/// How much of a row a swatch takes before its words.
fn swatch_width(theme: &Theme) -> i32 {
    theme.px(34.0)
}

/// The entries with their places, left edge and row, each in as many lines as it needs; and how many rows there are.
fn places(
    entries: &[(Swatch, String)],
    width: u32,
    theme: &Theme,
) -> (Vec<(i32, i32, Vec<String>)>, i32) {
    let right = width.cast_signed() - theme.px(4.0);
    let before = swatch_width(theme);
    // Where there is no room they begin further left than the chart.
    let longest = entries.iter().map(|(_, words)| before + theme.width(words));
    let left = left(theme).min(right - longest.max().unwrap_or(0)).max(0);
    let (mut at, mut row) = (left, 0);
    let mut last = 0;
    let places = entries.iter().map(|(_, words)| {
        let length = before + theme.width(words);
        if at + length > right && at > left {
            (at, row) = (left, last + 1);
        }
        let room = width.cast_signed() - at - before;
        let lines = lines(words, room.max(1).cast_unsigned(), theme);
        let place = (at, row);
        last = row + lines.len().max(1) as i32 - 1;
        at += length + theme.px(12.0);
        (place.0, place.1, lines)
    });
    let places: Vec<_> = places.collect();
    let rows = if places.is_empty() { 0 } else { last + 1 };
    (places, rows)
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
    let (_, below) = places(entries, width, theme);
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
    let (places, _) = places(entries, width, theme);
    for ((swatch, _), (at, row, lines)) in entries.iter().zip(&places) {
        let middle = top + row_height * row + row_height / 2;
        swatch.draw(backend, (*at, middle), theme)?;
        for (line, words) in (0..).zip(lines) {
            let place = (at + swatch_width(theme), middle + line * row_height);
            theme.text(backend, words, place, anchor, theme.ink)?;
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wider_than_the_drawing_takes_several_rows_and_nothing_lies_on_it() {
        let theme = Theme::light();
        let swatch = Swatch::stroke(theme.ink, Line::Solid);
        let entry = |words: &str| (swatch, words.to_owned());
        let words = "explicit, R on the hold-out: up to 9.65e20, above the chart";
        for width in [160, 240, 360, 900] {
            let width = theme.px(f64::from(width)).cast_unsigned();
            let entries = [entry("prox"), entry(words), entry("logistic")];
            let (places, rows) = places(&entries, width, &theme);
            let mut taken = Vec::new();
            for ((at, row, lines), (_, words)) in places.iter().zip(&entries) {
                assert_eq!(lines.join(" "), *words);
                for (line, words) in (*row..).zip(lines) {
                    let end = at + swatch_width(&theme) + theme.width(words);
                    assert!(
                        end <= width.cast_signed(),
                        "{words} ends at {end} of {width}"
                    );
                    taken.push((line, *at, end));
                }
            }
            assert_eq!(taken.iter().map(|(row, ..)| row + 1).max(), Some(rows));
            for (i, (row, begin, _)) in taken.iter().enumerate() {
                let before = taken[..i].iter().filter(|(other, ..)| other == row);
                assert!({ before }.all(|(_, _, end)| end <= begin), "{taken:?}");
            }
        }
    }
}
