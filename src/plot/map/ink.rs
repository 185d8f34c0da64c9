//! The ink of a map: words, colours, textures. Knows what a cell looks like, not where it lies.
//!
//! J, or another number, is a colour of one perceptual ramp (viridis, dark is low); how a cell ended is also a texture: converged cells,
//! and those that are not judged, are plain, those not there yet have a dot, diverged ones are hatched and have no colour.

use plotters::style::text_anchor::{HPos, VPos};
use plotters::style::{Color, RGBColor};
use plotters_backend::{BackendCoord, DrawingBackend};

use super::axis::{position, ticks, words};
use super::{Corners, MapLayout, whole};
use crate::frame::map::{Fate, MapCell, Place};
use crate::plot::Drawn;
use crate::plot::number::short;
use crate::plot::theme::{Line, Theme};

/// viridis (van der Walt and Smith 2015) at even distances.
const RAMP: [RGBColor; 9] = [
    RGBColor(0x44, 0x01, 0x54),
    RGBColor(0x47, 0x2d, 0x7b),
    RGBColor(0x3b, 0x52, 0x8b),
    RGBColor(0x2c, 0x72, 0x8e),
    RGBColor(0x21, 0x91, 0x8c),
    RGBColor(0x28, 0xae, 0x80),
    RGBColor(0x5e, 0xc9, 0x62),
    RGBColor(0xad, 0xdc, 0x30),
    RGBColor(0xfd, 0xe7, 0x25),
];
/// Dots lie on colours of the ramp, in every theme.
const DOT: RGBColor = RGBColor(0x14, 0x18, 0x1d);
/// The colour bar has this many steps.
const BAR: i32 = 64;

impl MapLayout<'_> {
    /// Title, legends, axes, cells, and a cross at the values `here`.
    ///
    /// # Errors
    /// What the backend answers.
    pub fn draw<B: DrawingBackend>(
        &self,
        backend: &mut B,
        here: Option<&[f64]>,
        theme: &Theme,
    ) -> Drawn<B> {
        if self.is_chart() {
            self.draw_chart_words(backend, here.is_some(), theme)?;
            self.draw_chart(backend, theme)?;
            self.draw_axes(backend, theme)?;
            return match here.and_then(|here| self.point(here)) {
                Some(at) => draw_cross(backend, at, theme),
                None => Ok(()),
            };
        }
        self.draw_words(backend, here.is_some(), theme)?;
        self.draw_bar(backend, theme)?;
        let grid = self.frame.grid;
        for row in 0..grid.rows {
            self.draw_row(backend, false, row, theme)?;
        }
        if self.strip.is_some() {
            self.draw_row(backend, true, 0, theme)?;
        }
        self.draw_axes(backend, theme)?;
        match here.and_then(|here| self.point(here)) {
            Some(at) => draw_cross(backend, at, theme),
            None => Ok(()),
        }
    }

    /// The cells of one row; neighbours that look alike are one box.
    fn draw_row<B: DrawingBackend>(
        &self,
        backend: &mut B,
        strip: bool,
        row: usize,
        theme: &Theme,
    ) -> Drawn<B> {
        let place = |column| Place { strip, column, row };
        let columns: Vec<usize> = (0..self.frame.grid.columns).collect();
        // What has no number has no colour: the paper is seen.
        let seen = |column| {
            let cell = self.frame.seen(place(column));
            cell.filter(|cell| cell.fate != Fate::Ended || !cell.loss.is_nan())
        };
        let look = |column: usize| seen(column).map(|cell| self.look(cell));
        for alike in columns.chunk_by(|&a, &b| look(a) == look(b)) {
            let Some((fate, color)) = look(alike[0]) else {
                continue;
            };
            let (from, first_to) = self.corners_of(place(alike[0]));
            let (_, to) = self.corners_of(place(alike[alike.len() - 1]));
            let high = to.1 - from.1;
            match fate {
                Fate::Converged | Fate::Ended => {
                    backend.draw_rect(from, to, &color.filled(), true)?;
                }
                Fate::NotYet => {
                    backend.draw_rect(from, to, &color.filled(), true)?;
                    let side = high.min(first_to.0 - from.0);
                    if side >= theme.px(3.0) {
                        for &column in alike {
                            let (a, b) = self.corners_of(place(column));
                            draw_dot(backend, (a, b), side, theme)?;
                        }
                    }
                }
                Fate::Diverged => draw_hatching(backend, (from, to), high, theme)?,
            }
        }
        Ok(())
    }

    fn look(&self, cell: &MapCell) -> (Fate, RGBColor) {
        let share = if cell.loss > 0.0 || !self.is_log() {
            self.share(cell.loss, self.range)
        } else {
            0.0
        };
        // Diverged cells have no colour, so that all of them look alike.
        match cell.fate {
            Fate::Diverged => (cell.fate, RAMP[0]),
            _ => (cell.fate, ramp(share)),
        }
    }

    fn draw_words<B: DrawingBackend>(
        &self,
        backend: &mut B,
        cross: bool,
        theme: &Theme,
    ) -> Drawn<B> {
        let left_middle = (HPos::Left, VPos::Center);
        let gap = theme.px(theme.font / 3.0);
        let seeds = match self.frame.seeds {
            1 => String::new(),
            seeds => format!(", mean over {seeds} seeds"),
        };
        let below = self.frame.converged_below;
        let below = below.map_or(String::new(), |j| {
            format!(" · converged below {}", short(j))
        });
        let title = format!("{}{seeds}{below}", self.what());
        theme.text(backend, &title, (gap, self.row / 2), left_middle, theme.ink)?;
        let (mut at, middle) = (gap, self.row + self.row / 2);
        let high = theme.px(theme.font);
        // Where that is too wide, its boxes are narrower and its parts move together.
        let fates = self.frame.fates();
        let names = fates.iter().map(|fate| fate.name()).chain(["this run"]);
        let needed = names.map(|name| gap + theme.width(name)).sum::<i32>() + 2 * gap;
        let wide = ((self.width - needed - 6 * gap) / 4).clamp(high * 3 / 4, high * 13 / 10);
        let between = ((self.width - needed - 4 * wide) / 3).clamp(gap / 2, 2 * gap);
        for fate in fates {
            let corners = ((at, middle - high / 2), (at + wide, middle + high / 2));
            match fate {
                Fate::Converged | Fate::Ended => {
                    backend.draw_rect(corners.0, corners.1, &ramp(0.2).filled(), true)?;
                }
                Fate::NotYet => {
                    backend.draw_rect(corners.0, corners.1, &ramp(0.9).filled(), true)?;
                    draw_dot(backend, corners, high, theme)?;
                }
                Fate::Diverged => draw_hatching(backend, corners, high, theme)?,
            }
            at += wide + gap;
            theme.text(backend, fate.name(), (at, middle), left_middle, theme.ink)?;
            at += theme.width(fate.name()) + between;
        }
        if cross {
            draw_cross(backend, (at + wide / 2, middle), theme)?;
            at += wide + gap;
            theme.text(backend, "this run", (at, middle), left_middle, theme.ink)?;
        }
        let mut above = |corners: Corners, words: &str| {
            let at = (corners.0.0, corners.0.1 - self.row / 2);
            theme.text(backend, words, at, left_middle, theme.ink)
        };
        if let Some(strip) = self.strip {
            above(strip, "backprop")?;
        }
        let upwards = self.frame.axes.get(1);
        let upwards = upwards.map_or(String::new(), |axis| format!(" · {} ↑", words(axis)));
        above(self.map, &format!("{}{upwards}", self.frame.rule))
    }

    /// The colour scale, its numbers, and where convergence begins.
    fn draw_bar<B: DrawingBackend>(&self, backend: &mut B, theme: &Theme) -> Drawn<B> {
        let ((left, top), (right, bottom)) = self.bar;
        let y_at = |share: f64| whole(f64::from(bottom) - share * f64::from(bottom - top));
        for step in 0..BAR {
            let share = |step: i32| f64::from(step) / f64::from(BAR);
            let corners = ((left, y_at(share(step + 1))), (right, y_at(share(step))));
            let color = ramp((f64::from(step) + 0.5) / f64::from(BAR));
            backend.draw_rect(corners.0, corners.1, &color.filled(), true)?;
        }
        let share = |loss: f64| self.share(loss, self.range);
        let gap = theme.px(theme.font / 3.0);
        let lines = f64::from(bottom - top) / f64::from(theme.px(theme.font * 2.2));
        for (loss, label) in self.numbers(self.range, lines) {
            let y = theme.crisp(y_at(share(loss)));
            if let Some(label) = label {
                let pen = theme.pen(&theme.muted, 1.0);
                backend.draw_path([(right, y), (right + gap / 2, y)], &pen)?;
                let anchor = (HPos::Left, VPos::Center);
                theme.text(backend, &label, (right + gap, y), anchor, theme.muted)?;
            }
        }
        let below = self.frame.converged_below.map(share);
        if let Some(below) = below.filter(|share| (0.0..=1.0).contains(share)) {
            let y = theme.crisp(y_at(below));
            let arm = theme.px(theme.font / 3.0);
            Line::Solid.stroke(
                backend,
                theme,
                &[(left - arm, y), (right, y)],
                theme.pen(&theme.ink, 2.0),
            )?;
        }
        Ok(())
    }

    fn draw_axes<B: DrawingBackend>(&self, backend: &mut B, theme: &Theme) -> Drawn<B> {
        let ((left, top), (right, bottom)) = self.map;
        let (pen, gap) = (theme.pen(&theme.muted, 1.0), theme.px(theme.font / 3.0));
        let across = &self.frame.axes[0];
        let labels = f64::from(right - left) / f64::from(theme.px(theme.font * 5.0));
        for (value, label) in ticks(across, labels) {
            let x = theme.crisp(left + (position(across, value) * f64::from(right - left)) as i32);
            backend.draw_path([(x, bottom), (x, bottom + gap)], &pen)?;
            let anchor = (HPos::Center, VPos::Top);
            theme.text(backend, &label, (x, bottom + gap), anchor, theme.muted)?;
        }
        let middle = (i32::midpoint(left, right), bottom + gap + self.row);
        let anchor = (HPos::Center, VPos::Top);
        theme.text(backend, &words(across), middle, anchor, theme.ink)?;
        let Some(upwards) = self.frame.axes.get(1) else {
            return Ok(());
        };
        let labels = f64::from(bottom - top) / f64::from(theme.px(theme.font * 2.2));
        for (value, label) in ticks(upwards, labels) {
            let share = position(upwards, value);
            let y = theme.crisp(bottom - (share * f64::from(bottom - top)) as i32);
            backend.draw_path([(left - gap, y), (left, y)], &pen)?;
            let anchor = (HPos::Right, VPos::Center);
            theme.text(backend, &label, (left - gap, y), anchor, theme.muted)?;
        }
        Ok(())
    }
}

/// The ramp's colour at a share of its length.
fn ramp(share: f64) -> RGBColor {
    let at = share.clamp(0.0, 1.0) * (RAMP.len() - 1) as f64;
    let i = (at as usize).min(RAMP.len() - 2);
    let (a, b, share) = (RAMP[i], RAMP[i + 1], at - i as f64);
    let mix = |a: u8, b: u8| (f64::from(a) + (f64::from(b) - f64::from(a)) * share).round() as u8;
    RGBColor(mix(a.0, b.0), mix(a.1, b.1), mix(a.2, b.2))
}

/// The mark of a cell that is not there yet.
fn draw_dot<B: DrawingBackend>(
    backend: &mut B,
    (from, to): Corners,
    side: i32,
    theme: &Theme,
) -> Drawn<B> {
    let middle = (i32::midpoint(from.0, to.0), i32::midpoint(from.1, to.1));
    let radius = (side / 6).clamp(theme.px(0.75), theme.px(2.0));
    backend.draw_circle(middle, radius as u32, &DOT.filled(), true)
}

/// The ground of diverged cells: diagonals that go on from cell to cell.
fn draw_hatching<B: DrawingBackend>(
    backend: &mut B,
    (from, to): Corners,
    high: i32,
    theme: &Theme,
) -> Drawn<B> {
    backend.draw_rect(from, to, &theme.grid.filled(), true)?;
    let gap = high.clamp(theme.px(2.0), theme.px(6.0));
    let pen = theme.pen(&theme.muted, 1.0);
    for sum in (from.0 + from.1).div_euclid(gap) + 1..=(to.0 + to.1 - 1).div_euclid(gap) {
        let sum = sum * gap;
        let (x, end) = (from.0.max(sum - to.1), to.0.min(sum - from.1));
        backend.draw_path([(x, sum - x), (end, sum - end)], &pen)?;
    }
    Ok(())
}

/// The mark of the run itself, on a ground of its own.
pub(super) fn draw_cross<B: DrawingBackend>(
    backend: &mut B,
    (x, y): BackendCoord,
    theme: &Theme,
) -> Drawn<B> {
    let arm = theme.px(theme.font / 2.0);
    let pens = [
        (theme.pen(&theme.background, 5.0), arm + theme.px(1.5)),
        (theme.pen(&theme.ink, 2.0), arm),
    ];
    for (pen, arm) in pens {
        backend.draw_path([(x - arm, y), (x + arm, y)], &pen)?;
        backend.draw_path([(x, y - arm), (x, y + arm)], &pen)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_keep_their_order() {
        // Brightness rises with J: safe for every eye and on grey paper.
        let luminance = |RGBColor(r, g, b): RGBColor| {
            0.2126 * f64::from(r) + 0.7152 * f64::from(g) + 0.0722 * f64::from(b)
        };
        let shades: Vec<f64> = (0..=20)
            .map(|i| luminance(ramp(f64::from(i) / 20.0)))
            .collect();
        assert!(shades.is_sorted_by(|a, b| a < b), "{shades:?}");
    }
}
