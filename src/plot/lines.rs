//! The ink of a chart of curves: the grid with its labels and the curves are drawn apart, so that a page redraws the first
//! only when its ranges change. Knows curves and axes, not what they are of.

use super::Drawn;
use super::axes::Axes;
use super::curves::LineChart;
use super::number::tick;
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
        for x in axes.x_ticks(theme) {
            let at = theme.crisp(axes.x_at(x));
            backend.draw_path([(at, axes.top), (at, axes.bottom)], &grid)?;
            theme.text(
                backend,
                &tick(x),
                (at, axes.bottom + gap),
                (HPos::Center, VPos::Top),
                theme.muted,
            )?;
        }
        let floor = theme.crisp(axes.bottom);
        backend.draw_path([(axes.left, floor), (axes.right, floor)], &strong)?;
        let corner = (axes.right, axes.size.1.cast_signed() - theme.px(2.0));
        theme.text(
            backend,
            self.x_label,
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
            let (share, width) = match (curve.ghost, curve.line) {
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
