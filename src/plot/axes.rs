//! A place for numbers: a box, its two axes and their grid. Knows no curves.
//!
//! What cannot be drawn leaves a gap in a curve; what lies outside a range is cut off at its edge.

use super::Drawn;
use super::number::{even, even_ticks, log_ticks, short, tick};
use super::theme::Theme;
use plotters::style::text_anchor::{HPos, VPos};
use plotters_backend::{BackendCoord, DrawingBackend};

/// Rounding moves nothing out of a box: shares of its height, less than a step of the lattice.
const SLACK: f64 = 1e-5;

/// Room around the box of the curves, on the lattice.
struct Margin {
    left: i32,
    right: i32,
    top: i32,
    bottom: i32,
}

impl Margin {
    fn of(theme: &Theme) -> Margin {
        let em = theme.font;
        Margin {
            left: theme.px(em * 3.6),
            right: theme.px(em),
            top: theme.px(em * 0.8),
            bottom: theme.px(em * 2.8),
        }
    }
}

/// Where numbers go on the lattice.
#[derive(Clone, Debug, PartialEq)]
pub struct Axes {
    /// Of the whole drawing.
    pub size: (u32, u32),
    /// Left edge of the box of the curves.
    pub left: i32,
    /// Its top.
    pub top: i32,
    /// Its right edge.
    pub right: i32,
    /// Its bottom.
    pub bottom: i32,
    /// Range on the x axis.
    pub x: (f64, f64),
    /// Range on the y axis.
    pub y: (f64, f64),
    log: bool,
    /// Whether the x axis counts in powers of ten: its numbers are their exponents.
    pub(super) decades: bool,
    /// What is said in place of the grid where there is nothing to draw.
    pub(super) nothing: Option<&'static str>,
}

impl Axes {
    /// A box with room for labels around it.
    pub(super) fn new(
        size: (u32, u32),
        x: (f64, f64),
        y: (f64, f64),
        log: bool,
        theme: &Theme,
    ) -> Axes {
        let margin = Margin::of(theme);
        Axes {
            size,
            left: margin.left,
            top: margin.top,
            right: (size.0.cast_signed() - margin.right).max(margin.left + 1),
            bottom: (size.1.cast_signed() - margin.bottom).max(margin.top + 1),
            x,
            y,
            log,
            decades: false,
            nothing: None,
        }
    }

    /// The grid lines across with their labels.
    pub(super) fn draw_rows<B: DrawingBackend>(&self, backend: &mut B, theme: &Theme) -> Drawn<B> {
        let grid = theme.pen(&theme.grid, 1.0);
        for (y, labelled) in self.y_ticks(theme) {
            let at = theme.crisp(self.y_at(y));
            backend.draw_path([(self.left, at), (self.right, at)], &grid)?;
            if labelled {
                theme.text(
                    backend,
                    &if self.log { tick(y) } else { even(y) },
                    (self.left - theme.px(5.0), at),
                    (HPos::Right, VPos::Center),
                    theme.muted,
                )?;
            }
        }
        Ok(())
    }

    /// The column of an x.
    pub fn x_at(&self, x: f64) -> i32 {
        let share = (x - self.x.0) / (self.x.1 - self.x.0);
        self.left + (share * f64::from(self.right - self.left)).round() as i32
    }

    /// The x of a column.
    pub fn x_of(&self, column: f64) -> f64 {
        let share = (column - f64::from(self.left)) / f64::from(self.right - self.left);
        self.x.0 + share.clamp(0.0, 1.0) * (self.x.1 - self.x.0)
    }

    /// How high a y is: 0 at the bottom, 1 at the top; NaN for what has no place on the axis.
    fn height(&self, y: f64) -> f64 {
        let height = if self.log {
            libm::log(y / self.y.0) / libm::log(self.y.1 / self.y.0)
        } else {
            (y - self.y.0) / (self.y.1 - self.y.0)
        };
        if height.is_finite() { height } else { f64::NAN }
    }

    fn row(&self, height: f64) -> i32 {
        self.bottom - (height.clamp(0.0, 1.0) * f64::from(self.bottom - self.top)).round() as i32
    }

    /// The row of a mark at y: at the edge if y lies outside. Curves are cut there instead.
    pub fn y_at(&self, y: f64) -> i32 {
        self.row(self.height(y.max(self.y.0).min(self.y.1)))
    }

    /// What of a curve is inside the box, on the lattice: paths between gaps and edges. A segment across an edge ends
    /// on it.
    pub(super) fn pieces(&self, points: &[[f64; 2]]) -> Vec<Vec<BackendCoord>> {
        let mut path: Vec<[f64; 2]> = Vec::new();
        for &[x, y] in points {
            let to = [x, self.height(y)];
            if let Some(&from) = path.last() {
                path.extend(crossings(from, to));
            }
            path.push(to);
        }
        let inside = -SLACK..=1.0 + SLACK;
        path.split(|p| !inside.contains(&p[1]))
            .filter(|piece| !piece.is_empty())
            .map(|piece| {
                let places = piece.iter().map(|p| (self.x_at(p[0]), self.row(p[1])));
                places.collect()
            })
            .collect()
    }

    /// Grid lines across, and whether each has a label.
    fn y_ticks(&self, theme: &Theme) -> Vec<(f64, bool)> {
        let lines = f64::from(self.bottom - self.top) / f64::from(theme.px(theme.font * 2.2));
        if !self.log {
            let ticks = even_ticks(self.y, lines).into_iter();
            return ticks.map(|y| (y, true)).collect();
        }
        log_ticks(self.y, lines)
    }

    /// Grid lines downwards, and what stands below each.
    pub(super) fn x_ticks(&self, theme: &Theme) -> Vec<(f64, String)> {
        let labels = f64::from(self.right - self.left) / f64::from(theme.px(theme.font * 6.0));
        if self.decades {
            let range = (libm::exp10(self.x.0), libm::exp10(self.x.1));
            let ticks = log_ticks(range, labels).into_iter();
            let ticks = ticks.filter(|(_, labelled)| *labelled);
            return ticks.map(|(x, _)| (libm::log10(x), short(x))).collect();
        }
        let ticks = even_ticks(self.x, labels).into_iter();
        ticks.map(|x| (x, even(x))).collect()
    }
}

/// Where a segment crosses the edges at heights 0 and 1, in its own order; nowhere next to a gap.
fn crossings(from: [f64; 2], to: [f64; 2]) -> Vec<[f64; 2]> {
    let edges = if from[1] < to[1] {
        [0.0, 1.0]
    } else {
        [1.0, 0.0]
    };
    let crossed = |edge: &f64| (from[1] - edge) * (to[1] - edge) < 0.0;
    let at = |edge: f64| {
        let share = (edge - from[1]) / (to[1] - from[1]);
        [from[0] + share * (to[0] - from[0]), edge]
    };
    edges.into_iter().filter(crossed).map(at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_is_cut_where_it_crosses_an_edge() {
        let axes = Axes {
            left: 0,
            right: 400,
            top: 0,
            bottom: 100,
            ..Axes::new((400, 100), (0.0, 4.0), (1.0, 100.0), true, &Theme::light())
        };
        let pieces = |ys: &[f64]| {
            let points: Vec<_> = (0..).map(f64::from).zip(ys).map(|(x, y)| [x, *y]).collect();
            axes.pieces(&points)
        };
        // Out at the top, along outside, and in again.
        assert_eq!(
            pieces(&[10.0, 1000.0, 1e9, 1000.0, 10.0]),
            [[(0, 50), (50, 0)], [(350, 0), (400, 50)]]
        );
        // From below the bottom to above the top at once.
        assert_eq!(pieces(&[0.1, 1000.0]), [[(25, 100), (75, 0)]]);
        assert!(pieces(&[1e9, 1e9]).is_empty() && pieces(&[0.01, 0.02]).is_empty());
        assert_eq!(pieces(&[1.0, 100.0]), [[(0, 100), (100, 0)]]);
    }
}
