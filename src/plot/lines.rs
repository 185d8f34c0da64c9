//! The ink of a chart of curves: the grid with its labels and the curves are drawn apart, so that a page redraws the first
//! only when its ranges change. Knows curves and axes, not what they are of.

use super::Drawn;
use super::axes::Axes;
use super::curves::{Curve, LineChart, Mark};
use super::number::short;
use super::theme::{Line, Marker, Theme};
use plotters::style::Color;
use plotters::style::text_anchor::{HPos, VPos};
use plotters_backend::{BackendCoord, DrawingBackend};

impl LineChart {
    /// Grid, ticks and labels.
    ///
    /// # Errors
    /// What the backend answers.
    pub fn draw_axes<B: DrawingBackend>(
        &self,
        backend: &mut B,
        axes: &Axes,
        theme: &Theme,
    ) -> Drawn<B> {
        let grid = theme.pen(&theme.grid, 1.0);
        let (strong, gap) = (theme.pen(&theme.muted, 1.0), theme.px(5.0));
        if let Some(why) = axes.nothing {
            let middle = (
                i32::midpoint(axes.left, axes.right),
                i32::midpoint(axes.top, axes.bottom),
            );
            let anchor = (HPos::Center, VPos::Center);
            theme.text(backend, why, middle, anchor, theme.muted)?;
        } else {
            axes.draw_rows(backend, theme)?;
        }
        let edge = axes.size.0.cast_signed();
        for (x, label) in axes.x_ticks(theme) {
            let at = theme.crisp(axes.x_at(x));
            backend.draw_path([(at, axes.top), (at, axes.bottom)], &grid)?;
            // At the edge of the drawing there is room on one side only.
            let half = theme.px(0.31 * theme.font * label.chars().count() as f64);
            let (place, anchor) = if at + half > edge {
                (edge, HPos::Right)
            } else {
                (at, HPos::Center)
            };
            theme.text(
                backend,
                &label,
                (place, axes.bottom + gap),
                (anchor, VPos::Top),
                theme.muted,
            )?;
        }
        let floor = theme.crisp(axes.bottom);
        backend.draw_path([(axes.left, floor), (axes.right, floor)], &strong)?;
        let corner = (axes.right, axes.size.1.cast_signed() - theme.px(2.0));
        theme.text(
            backend,
            &format!("{}{}", self.x_label, self.x_note),
            corner,
            (HPos::Right, VPos::Bottom),
            theme.muted,
        )
    }

    /// The curves, decimated to the columns there are.
    ///
    /// # Errors
    /// What the backend answers.
    pub fn draw_series<B: DrawingBackend>(
        &self,
        backend: &mut B,
        axes: &Axes,
        theme: &Theme,
    ) -> Drawn<B> {
        for curve in &self.curves {
            let color = theme.run(curve.run);
            let (share, width) = match (curve.ghost.is_some(), curve.line) {
                (true, _) => (0.4, 0.7),
                (false, Line::Solid) => (1.0, 1.0),
                (false, _) => (0.85, 0.8),
            };
            let pen = theme.pen(&color.mix(share), theme.stroke * width);
            let pieces = axes.pieces(&curve.points);
            let whole = pieces.len() == 1;
            for piece in pieces {
                let path = decimate(&piece, theme.px(1.0));
                if path.len() == 1 {
                    backend.draw_circle(path[0], theme.px(1.5) as u32, &color.filled(), true)?;
                } else {
                    curve.line.stroke(backend, theme, &path, pen)?;
                }
                if curve.markers && (whole || path.len() > 1) {
                    for at in spaced(&path, theme.px(96.0), theme.px(24.0 * curve.run as f64)) {
                        let edge = theme.pen(&theme.background, 1.0);
                        let radius = f64::from(theme.px(4.0));
                        Marker::of(curve.run).draw(
                            backend,
                            at,
                            radius,
                            Some(color.to_rgba()),
                            Some(edge),
                        )?;
                    }
                }
            }
        }
        self.draw_numbers(backend, axes, theme)?;
        self.draw_outside(backend, axes, theme)?;
        self.draw_cursor(backend, axes, theme)?;
        let marks = self.marks.iter().filter(|m| self.drawable(m.at[1]));
        for mark in marks {
            let (x, y) = (axes.x_at(mark.at[0]), axes.y_at(mark.at[1]));
            let arm = theme.px(6.0);
            let pen = theme.pen(&theme.run(mark.run), 2.5);
            backend.draw_path([(x - arm, y - arm), (x + arm, y + arm)], &pen)?;
            backend.draw_path([(x - arm, y + arm), (x + arm, y - arm)], &pen)?;
        }
        Ok(())
    }
}

impl LineChart {
    /// The numbers of ghosts, each at another place of its curve, so that those with a common end are told apart. One that
    /// would lie on another wherever it is put is only in their list.
    fn draw_numbers<B: DrawingBackend>(
        &self,
        backend: &mut B,
        axes: &Axes,
        theme: &Theme,
    ) -> Drawn<B> {
        let first = |c: &&Curve| c.line == Line::Solid;
        let mut taken: Vec<BackendCoord> = Vec::new();
        for curve in self.curves.iter().filter(first) {
            let Some(number) = curve.ghost else { continue };
            let inside = axes.pieces(&curve.points).concat();
            let (words, pad) = (number.to_string(), theme.px(2.0));
            let (width, high) = (theme.width(&words), theme.px(0.6 * theme.font));
            let half = width / 2 + pad;
            let place = |turn: u32| {
                let share = f64::from((number + turn) % 5 + 4) / 9.0;
                let at = (share * inside.len().saturating_sub(1) as f64) as usize;
                inside.get(at).copied()
            };
            let free = |(x, y): &BackendCoord| {
                let apart =
                    |&(a, b): &BackendCoord| (x - a).abs() > 2 * half || (y - b).abs() > 2 * high;
                taken.iter().all(apart)
            };
            let Some((x, y)) = (0..5).filter_map(place).find(free) else {
                continue;
            };
            taken.push((x, y));
            let paper = theme.background.mix(0.85).filled();
            backend.draw_rect((x - half, y - high), (x + half, y + high), &paper, true)?;
            let anchor = (HPos::Center, VPos::Center);
            theme.text(backend, &words, (x, y), anchor, theme.run(curve.run))?;
        }
        Ok(())
    }

    /// Arrows where curves are furthest outside, with the values that the legend has. One that would lie on another is only there.
    fn draw_outside<B: DrawingBackend>(
        &self,
        backend: &mut B,
        axes: &Axes,
        theme: &Theme,
    ) -> Drawn<B> {
        let (arm, high) = (theme.px(5.0), theme.px(9.0));
        let mut taken: Vec<(bool, i32, i32)> = Vec::new();
        let told = self.told();
        for outside in self.outside() {
            let run = self.curves[outside.curve].run;
            let (color, x) = (theme.run(run), axes.x_at(outside.at[0]));
            // The × of a run that diverged stands at the edge itself.
            let crossed = |mark: &Mark| mark.run == run && axes.x_at(mark.at[0]) == x;
            let crossed = self.marks.iter().any(crossed);
            let (tip, down) = if outside.above {
                (axes.top, 1)
            } else {
                (axes.bottom, -1)
            };
            let base = tip + down * high;
            if !crossed {
                let arrow = [(x, tip), (x - arm, base), (x + arm, base)];
                backend.fill_polygon(arrow, &color.filled())?;
            }
            if told.iter().all(|(of, _)| *of != outside) {
                continue;
            }
            let words = short(outside.at[1]);
            let (width, gap) = (theme.width(&words), theme.px(4.0));
            let left = if x - arm - gap - width > axes.left {
                x - arm - gap - width
            } else {
                x + arm + gap
            };
            let (from, to) = (left - gap, left + width + gap);
            let free =
                |&(above, a, b): &(bool, i32, i32)| above != outside.above || b < from || a > to;
            if taken.iter().all(free) {
                taken.push((outside.above, from, to));
                let middle = tip + down * theme.px(0.7 * theme.font);
                let half = theme.px(0.6 * theme.font);
                let paper = theme.background.mix(0.85).filled();
                backend.draw_rect(
                    (left, middle - half),
                    (left + width, middle + half),
                    &paper,
                    true,
                )?;
                let anchor = (HPos::Left, VPos::Center);
                theme.text(backend, &words, (left, middle), anchor, color)?;
            }
        }
        Ok(())
    }

    /// A line at the step that is looked at, and rings on the curves there.
    fn draw_cursor<B: DrawingBackend>(
        &self,
        backend: &mut B,
        axes: &Axes,
        theme: &Theme,
    ) -> Drawn<B> {
        let mut before = None;
        for reading in self.read_now() {
            let x = axes.x_at(reading.x);
            if before.replace(x) != Some(x) {
                let pen = theme.pen(&theme.ink.mix(0.7), 1.0);
                let at = theme.crisp(x);
                Line::Dashed.stroke(backend, theme, &[(at, axes.top), (at, axes.bottom)], pen)?;
            }
            if self.drawable(reading.y) {
                let color = theme.run(self.curves[reading.curve].run);
                let radius = f64::from(theme.px(3.6));
                let ring = Some(theme.pen(&color, 1.6));
                let paper = Some(theme.background.to_rgba());
                let place = (x, axes.y_at(reading.y));
                Marker::Circle.draw(backend, place, radius, paper, ring)?;
            }
        }
        Ok(())
    }
}

/// Keeps what can be seen: of every column of that width the first, lowest, highest and last point.
fn decimate(path: &[BackendCoord], width: i32) -> Vec<BackendCoord> {
    let mut kept: Vec<BackendCoord> = Vec::new();
    for column in path.chunk_by(|a, b| a.0.div_euclid(width) == b.0.div_euclid(width)) {
        let lowest = (0..column.len()).min_by_key(|&i| column[i].1).unwrap_or(0);
        let highest = (0..column.len()).max_by_key(|&i| column[i].1).unwrap_or(0);
        let mut seen = [
            0,
            lowest.min(highest),
            lowest.max(highest),
            column.len() - 1,
        ]
        .to_vec();
        seen.dedup();
        kept.extend(seen.into_iter().map(|i| column[i]));
    }
    kept
}

/// Points of a path about so far apart, starting at an offset of its own for every run; a lone point as it is.
fn spaced(path: &[BackendCoord], gap: i32, offset: i32) -> Vec<BackendCoord> {
    let slot = |x: i32| (x - offset).div_euclid(gap);
    if path.len() == 1 {
        return path.to_vec();
    }
    path.windows(2)
        .filter(|pair| slot(pair[0].0) != slot(pair[1].0))
        .map(|pair| pair[1])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimation_keeps_extremes_in_order() {
        let path: Vec<BackendCoord> = (0..1000)
            .map(|i| (i / 100, if i == 550 { 900 } else { i % 7 }))
            .collect();
        let kept = decimate(&path, 4);
        assert!(kept.len() <= 12);
        assert!(kept.contains(&(5, 900)));
        assert!(kept.is_sorted_by_key(|p| p.0));
    }
}
