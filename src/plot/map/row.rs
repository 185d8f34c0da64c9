//! A map of one axis as a chart: final J, or another number, over the axis, seeds as dots, the fates marked. Knows what a point looks like.

use plotters::style::text_anchor::{HPos, VPos};
use plotters::style::{Color, RGBColor};
use plotters_backend::{BackendCoord, DrawingBackend};

use super::MapLayout;
use super::axis::position;
use super::ink::draw_cross;
use crate::frame::map::{Fate, MapCell, Place};
use crate::plot::Drawn;
use crate::plot::number::short;
use crate::plot::theme::{Line, Marker, Theme};

/// What diverged may raise the axis by: one power of ten is enough to see it leave.
const HEADROOM: f64 = 10.0;

impl MapLayout<'_> {
    /// The ends of the axis of J: the seeds that did not diverge, where convergence begins, and room above what did.
    fn heights(&self) -> (f64, f64) {
        let cells = self.frame.cells.iter().flatten();
        let ended = cells.clone().filter(|c| c.fate != Fate::Diverged);
        let losses = ended.flat_map(MapCell::seeds).copied();
        let losses = losses.chain(self.frame.converged_below);
        let losses = losses.filter(|j| j.is_finite() && (*j > 0.0 || !self.is_log()));
        let (low, high) = losses.fold(self.range, |(low, high), j| (j.min(low), j.max(high)));
        if !self.is_log() {
            return (low, high);
        }
        let raised = cells.into_iter().any(|c| c.fate == Fate::Diverged);
        let low = low.max(high * 1e-12);
        (low, if raised { HEADROOM * high } else { high })
    }

    /// Whether a J lies above the axis, or is no number. What diverged has no other number, and the axis holds all there are.
    fn is_beyond(&self, loss: f64) -> bool {
        self.frame.number.is_none() && (loss.is_nan() || loss > self.heights().1)
    }

    /// How far seeds end above the axis, in words; `None` where none does.
    fn beyond(&self) -> Option<String> {
        let cells = self.frame.cells.iter().flatten();
        let losses = cells.flat_map(MapCell::seeds).copied();
        let beyond = losses.filter(|&loss| self.is_beyond(loss));
        // A number is larger than none.
        let most = beyond.reduce(f64::max)?;
        Some("up to ".to_owned() + &short(most))
    }

    /// The row of a J; beyond the ends at the edge.
    fn row_of(&self, loss: f64) -> i32 {
        let ((_, top), (_, bottom)) = self.map;
        let (low, high) = self.heights();
        let loss = if loss.is_nan() { high } else { loss };
        let share = self.share(loss.clamp(low, high), (low, high));
        bottom - (share * f64::from(bottom - top)).round() as i32
    }

    /// Whether the strip's point of a column is nearer to this row of the lattice than the varied run's.
    pub(super) fn nearer_to_strip(&self, column: usize, row: i32) -> bool {
        let far = |strip| {
            let place = Place {
                strip,
                column,
                row: 0,
            };
            let cell = self.frame.cells[self.frame.grid.cell(place)].as_ref();
            cell.map_or(i32::MAX, |cell| (self.row_of(cell.loss) - row).abs())
        };
        self.frame.grid.strip && far(true) < far(false)
    }

    /// The chart, without its words.
    pub(super) fn draw_chart<B: DrawingBackend>(&self, backend: &mut B, theme: &Theme) -> Drawn<B> {
        let ((left, top), (right, bottom)) = self.map;
        let (low, high) = self.heights();
        let labels = f64::from(bottom - top) / f64::from(theme.px(theme.font * 2.2));
        let (grid, gap) = (theme.pen(&theme.grid, 1.0), theme.px(theme.font / 3.0));
        for (loss, label) in self.numbers((low, high), labels) {
            let y = theme.crisp(self.row_of(loss));
            backend.draw_path([(left, y), (right, y)], &grid)?;
            if let Some(label) = label {
                let anchor = (HPos::Right, VPos::Center);
                theme.text(backend, &label, (left - gap, y), anchor, theme.muted)?;
            }
        }
        if let Some(below) = self.frame.converged_below {
            let y = theme.crisp(self.row_of(below));
            let pen = theme.pen(&theme.muted, 1.2);
            Line::Dashed.stroke(backend, theme, &[(left, y), (right, y)], pen)?;
            let words = format!("converged below {}", short(below));
            let anchor = (HPos::Right, VPos::Bottom);
            theme.text(backend, &words, (right, y - gap / 2), anchor, theme.muted)?;
        }
        let floor = theme.pen(&theme.muted, 1.0);
        backend.draw_path([(left, bottom), (right, bottom)], &floor)?;
        if self.frame.grid.strip {
            self.draw_series(backend, true, theme)?;
        }
        self.draw_series(backend, false, theme)
    }

    /// The colour of a series: BackProp's, or that of implicit steps.
    fn series_color(&self, strip: bool, theme: &Theme) -> (RGBColor, Marker) {
        let run = usize::from(!(strip || self.frame.rule == "backprop"));
        (theme.run(run), Marker::of(run))
    }

    fn draw_series<B: DrawingBackend>(
        &self,
        backend: &mut B,
        strip: bool,
        theme: &Theme,
    ) -> Drawn<B> {
        let ((left, _), (right, _)) = self.map;
        let axis = &self.frame.axes[0];
        let (color, marker) = self.series_color(strip, theme);
        let points: Vec<(i32, &MapCell)> = (0..self.frame.grid.columns)
            .filter_map(|column| {
                let place = Place {
                    strip,
                    column,
                    row: 0,
                };
                let share = position(axis, axis.values[column]);
                let x = left + (share * f64::from(right - left)).round() as i32;
                // Beside each other, so that neither hides the other at the edge.
                let beside = match (self.frame.grid.strip, strip) {
                    (false, _) => 0,
                    (true, true) => -theme.px(2.5),
                    (true, false) => theme.px(2.5),
                };
                let x = x + beside;
                let cell = self.frame.cells[self.frame.grid.cell(place)].as_ref();
                cell.map(|cell| (x, cell))
            })
            .collect();
        for ended in points.split(|(_, cell)| cell.fate == Fate::Diverged) {
            let path: Vec<BackendCoord> = ended
                .iter()
                .map(|(x, cell)| (*x, self.row_of(cell.loss)))
                .collect();
            backend.draw_path(path, &theme.pen(&color.mix(0.6), theme.stroke))?;
        }
        for (x, cell) in points {
            if cell.fate == Fate::Ended && cell.loss.is_nan() {
                continue;
            }
            let valued = |loss: &&f64| self.frame.number.is_none() || !loss.is_nan();
            for &loss in cell.losses.iter().filter(valued) {
                let at = (x, self.row_of(loss));
                backend.draw_circle(at, theme.px(1.6) as u32, &color.mix(0.7).filled(), true)?;
            }
            let (at, radius) = ((x, self.row_of(cell.loss)), f64::from(theme.px(4.0)));
            match cell.fate {
                Fate::Converged | Fate::Ended => {
                    let edge = theme.pen(&theme.background, 1.0);
                    marker.draw(backend, at, radius, Some(color.to_rgba()), Some(edge))?;
                }
                Fate::NotYet => {
                    let paper = theme.background.to_rgba();
                    marker.draw(
                        backend,
                        at,
                        radius,
                        Some(paper),
                        Some(theme.pen(&color, 1.6)),
                    )?;
                }
                Fate::Diverged if self.is_beyond(cell.loss) => {
                    draw_arrow(backend, at, color, theme)?;
                    draw_lost(backend, (at.0, at.1 + theme.px(14.0)), color, theme)?;
                }
                Fate::Diverged => draw_lost(backend, at, color, theme)?,
            }
        }
        Ok(())
    }

    /// Title and legend: what the marks are, and whose.
    pub(super) fn draw_chart_words<B: DrawingBackend>(
        &self,
        backend: &mut B,
        cross: bool,
        theme: &Theme,
    ) -> Drawn<B> {
        let anchor = (HPos::Left, VPos::Center);
        let gap = theme.px(theme.font / 3.0);
        let title = match self.frame.seeds {
            1 => self.what(),
            seeds => format!("{}: mean and {seeds} seeds", self.what()),
        };
        theme.text(backend, &title, (gap, self.row / 2), anchor, theme.ink)?;
        let (mut at, middle) = (gap + theme.px(4.0), self.row + self.row / 2);
        let radius = f64::from(theme.px(4.0));
        for strip in [true, false] {
            if strip && !self.frame.grid.strip {
                continue;
            }
            let (color, marker) = self.series_color(strip, theme);
            marker.draw(backend, (at, middle), radius, Some(color.to_rgba()), None)?;
            let words = if strip { "backprop" } else { &self.frame.rule };
            at += theme.px(8.0);
            theme.text(backend, words, (at, middle), anchor, theme.ink)?;
            at += theme.width(words) + 2 * gap + theme.px(4.0);
        }
        if let Some(words) = self.beyond() {
            draw_arrow(backend, (at, middle - theme.px(4.5)), theme.ink, theme)?;
            at += theme.px(8.0);
            theme.text(backend, &words, (at, middle), anchor, theme.ink)?;
        }
        let row = middle + self.row;
        at = gap + theme.px(4.0);
        for fate in self.frame.fates() {
            match fate {
                Fate::Converged | Fate::Ended => {
                    Marker::Circle.draw(
                        backend,
                        (at, row),
                        radius,
                        Some(theme.ink.to_rgba()),
                        None,
                    )?;
                }
                Fate::NotYet => {
                    let (paper, pen) = (theme.background.to_rgba(), theme.pen(&theme.ink, 1.6));
                    Marker::Circle.draw(backend, (at, row), radius, Some(paper), Some(pen))?;
                }
                Fate::Diverged => draw_lost(backend, (at, row), theme.ink, theme)?,
            }
            at += theme.px(8.0);
            theme.text(backend, fate.name(), (at, row), anchor, theme.ink)?;
            at += theme.width(fate.name()) + 2 * gap + theme.px(4.0);
        }
        if cross {
            draw_cross(backend, (at + theme.px(2.0), row), theme)?;
            at += theme.px(11.0);
            theme.text(backend, "this run", (at, row), anchor, theme.ink)?;
        }
        Ok(())
    }
}

/// An arrow upwards, with its tip here: what it stands for lies above.
fn draw_arrow<B: DrawingBackend>(
    backend: &mut B,
    (x, tip): BackendCoord,
    color: RGBColor,
    theme: &Theme,
) -> Drawn<B> {
    let (arm, base) = (theme.px(4.5), tip + theme.px(8.0));
    let arrow = [(x, tip), (x - arm, base), (x + arm, base)];
    backend.fill_polygon(arrow, &color.filled())
}

/// The × of what diverged.
fn draw_lost<B: DrawingBackend>(
    backend: &mut B,
    (x, y): BackendCoord,
    color: RGBColor,
    theme: &Theme,
) -> Drawn<B> {
    let (arm, pen) = (theme.px(4.0), theme.pen(&color, 2.0));
    backend.draw_path([(x - arm, y - arm), (x + arm, y + arm)], &pen)?;
    backend.draw_path([(x - arm, y + arm), (x + arm, y - arm)], &pen)
}
