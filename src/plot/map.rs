//! The map: final J, or another number, over two settings, BackProp's strip above, or a chart of it over one. Says where everything goes
//! and which cell is where; knows cells, no training, and draws nothing.

mod axis;
mod ink;
mod row;

use plotters_backend::BackendCoord;

use self::axis::position;
use super::number::{even, even_ticks, log_ticks, nice_step, round_above, round_below, tick};
use super::theme::{LATTICE, Theme};
use crate::frame::map::{Fate, MapFrame, Place};

/// Corners of a box on the lattice, top left and bottom right.
pub type Corners = (BackendCoord, BackendCoord);

/// Where everything of a map goes on the lattice.
#[derive(Clone, Debug, PartialEq)]
pub struct MapLayout<'a> {
    frame: &'a MapFrame,
    /// The box of the map.
    pub map: Corners,
    /// The box of the strip.
    pub strip: Option<Corners>,
    bar: Corners,
    row: i32,
    /// Of the whole drawing.
    width: i32,
    /// The losses at the ends of the colour scale.
    pub range: (f64, f64),
}

impl<'a> MapLayout<'a> {
    /// A map in a drawing of this size.
    pub fn new(frame: &'a MapFrame, size: (u32, u32), theme: &Theme) -> MapLayout<'a> {
        let em = |times: f64| theme.px(theme.font * times);
        let row = em(1.5);
        let chart = frame.grid.rows == 1;
        let left = em(3.6);
        let beside = if chart { em(1.0) } else { em(5.4) };
        let right = (size.0.cast_signed() - beside).max(left + 1);
        let bottom = (size.1.cast_signed() - em(3.2)).max(5 * row + 1);
        let mut top = if chart { 3 * row + row / 2 } else { 3 * row };
        let strip = (frame.grid.strip && !chart).then(|| {
            let below = top + (bottom - top) / 12 + row;
            let strip = ((left, top), (right, below));
            top = below + row;
            strip
        });
        MapLayout {
            frame,
            map: ((left, top), (right, bottom)),
            strip,
            bar: ((right + em(1.0), 3 * row), (right + em(2.0), bottom)),
            row,
            width: size.0.cast_signed(),
            range: range(frame),
        }
    }

    /// The cell under a point.
    pub fn place_at(&self, at: BackendCoord) -> Option<Place> {
        let strip = self.strip.is_some_and(|strip| inside(strip, at));
        let ((left, top), (right, bottom)) = match self.strip {
            Some(corners) if strip => corners,
            _ if inside(self.map, at) => self.map,
            _ => return None,
        };
        let count = |from: i32, to: i32, at: i32, cells: usize| {
            let share = f64::from(at - from) / f64::from(to - from);
            ((share * cells as f64) as usize).min(cells - 1)
        };
        let rows = if strip { 1 } else { self.frame.grid.rows };
        let column = count(left, right, at.0, self.frame.grid.columns);
        Some(Place {
            strip: strip || (self.is_chart() && self.nearer_to_strip(column, at.1)),
            column,
            row: rows - 1 - count(top, bottom, at.1, rows),
        })
    }

    /// Whether its numbers are evenly spaced in the logarithm.
    fn is_log(&self) -> bool {
        is_log(self.frame)
    }

    /// Where a number lies between two.
    fn share(&self, value: f64, (low, high): (f64, f64)) -> f64 {
        if self.is_log() {
            libm::log(value / low) / libm::log(high / low)
        } else {
            (value - low) / (high - low)
        }
    }

    /// Numbers between two, and the labels of those that have one.
    fn numbers(&self, range: (f64, f64), lines: f64) -> Vec<(f64, Option<String>)> {
        if self.is_log() {
            let ticks = log_ticks(range, lines).into_iter();
            let label = |(value, labelled): (f64, bool)| (value, labelled.then(|| tick(value)));
            ticks.map(label).collect()
        } else {
            let ticks = even_ticks(range, lines).into_iter();
            ticks.map(|value| (value, Some(even(value)))).collect()
        }
    }

    /// What is mapped, in words.
    fn what(&self) -> String {
        let number = self.frame.number.as_ref();
        number.map_or_else(
            || "Final loss J".to_owned(),
            |number| [&number.label, " at the end"].concat(),
        )
    }

    /// Whether J is not a colour but a height.
    fn is_chart(&self) -> bool {
        self.frame.grid.rows == 1
    }

    /// Whether there is a second axis to go up and down on.
    pub fn has_rows(&self) -> bool {
        self.frame.axes.len() > 1
    }

    /// Where a point lies in the box of the map, in shares from the left and from below.
    pub fn shares_at(&self, at: (f64, f64)) -> (f64, f64) {
        let ((left, top), (right, bottom)) = self.map;
        let share = |from: i32, to: i32, at: f64| (at - f64::from(from)) / f64::from(to - from);
        (share(left, right, at.0), share(bottom, top, at.1))
    }

    /// The box of a cell; boxes meet on whole pixels, so that no seams are seen.
    pub fn corners_of(&self, place: Place) -> Corners {
        let (((left, top), (right, bottom)), rows) = match self.strip {
            Some(strip) if place.strip => (strip, 1),
            _ => (self.map, self.frame.grid.rows),
        };
        let edge = |from: i32, to: i32, i: usize, cells: usize| {
            whole(f64::from(from) + f64::from(to - from) * i as f64 / cells as f64)
        };
        let columns = self.frame.grid.columns;
        (
            (
                edge(left, right, place.column, columns),
                edge(top, bottom, rows - 1 - place.row, rows),
            ),
            (
                edge(left, right, place.column + 1, columns),
                edge(top, bottom, rows - place.row, rows),
            ),
        )
    }

    /// The point of these values, unless it is outside.
    fn point(&self, here: &[f64]) -> Option<BackendCoord> {
        let share = |axis: usize| match (self.frame.axes.get(axis), here.get(axis)) {
            (Some(axis), Some(&value)) => position(axis, value),
            _ => 0.5,
        };
        let ((left, top), (right, bottom)) = self.map;
        // On a chart the height is J, which no setting is.
        let (x, y) = (share(0), if self.is_chart() { 0.0 } else { share(1) });
        let within = |share: f64| (0.0..=1.0).contains(&share);
        (within(x) && within(y)).then(|| {
            (
                left + (x * f64::from(right - left)).round() as i32,
                bottom - (y * f64::from(bottom - top)).round() as i32,
            )
        })
    }
}

fn inside(((left, top), (right, bottom)): Corners, (x, y): BackendCoord) -> bool {
    (left..right).contains(&x) && (top..bottom).contains(&y)
}

/// The nearest whole pixel.
fn whole(at: f64) -> i32 {
    (at / f64::from(LATTICE)).round() as i32 * LATTICE
}

fn is_log(frame: &MapFrame) -> bool {
    frame.number.as_ref().is_none_or(|number| number.log)
}

/// The losses of all cells that did not diverge, widened to round numbers so that colours change seldom.
fn range(frame: &MapFrame) -> (f64, f64) {
    let log = is_log(frame);
    let losses = frame.cells.iter().flatten();
    let losses = losses
        .filter(|c| c.fate != Fate::Diverged && c.loss.is_finite() && !(log && c.loss <= 0.0))
        .map(|c| c.loss);
    let (low, high) = losses.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), loss| {
        (loss.min(low), loss.max(high))
    });
    if low > high {
        return (if log { 1e-3 } else { 0.0 }, 1.0);
    }
    if !log {
        let step = nice_step((high - low).max(high.abs() * 1e-9).max(1e-12), 6.0);
        return (
            (low / step).floor() * step,
            ((high / step).floor() + 1.0) * step,
        );
    }
    (round_below(low.max(high * 1e-12)), round_above(high))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::map::{Grid, MapAxis, MapCell};

    fn frame(columns: usize, rows: usize, strip: bool) -> MapFrame {
        let grid = Grid {
            columns,
            rows,
            strip,
        };
        let values: Vec<f64> = (0..columns).map(|i| 10_f64.powi(i as i32)).collect();
        let axis = MapAxis {
            key: "tau".into(),
            label: "Step size τ".into(),
            log: true,
            values,
        };
        MapFrame {
            rule: "prox-exact".into(),
            grid,
            axes: vec![axis],
            seeds: 1,
            converged_below: None,
            engine: None,
            number: None,
            cells: vec![None; grid.cells()],
        }
    }

    #[test]
    fn every_cell_is_found_where_it_is_drawn() {
        let frame = frame(7, 5, true);
        let layout = MapLayout::new(&frame, (1600, 1400), &Theme::light());
        for cell in 0..frame.grid.cells() {
            let place = frame.grid.place(cell);
            let (from, to) = layout.corners_of(place);
            assert!(from.0 < to.0 && from.1 < to.1);
            let middle = (i32::midpoint(from.0, to.0), i32::midpoint(from.1, to.1));
            assert_eq!(layout.place_at(middle), Some(place));
        }
        assert_eq!(layout.place_at((0, 0)), None);
        let ((left, top), (right, bottom)) = layout.map;
        let shares = |x: i32, y: i32| layout.shares_at((f64::from(x), f64::from(y)));
        assert_eq!(shares(left, bottom), (0.0, 0.0));
        assert_eq!(shares(right, top), (1.0, 1.0));
        assert!(shares(left, i32::midpoint(top, bottom)).1 < 0.51);
    }

    fn cell(fate: Fate, loss: f64) -> MapCell {
        MapCell {
            fate,
            loss,
            diverged: 0,
            diverged_at: None,
            losses: Vec::new(),
        }
    }

    #[test]
    fn a_chart_says_how_far_what_lies_above_it_has_gone() {
        let mut frame = frame(3, 1, false);
        frame.cells[0] = Some(cell(Fate::Converged, 0.003));
        frame.cells[1] = Some(cell(Fate::NotYet, 0.6));
        frame.cells[2] = Some(cell(Fate::Diverged, 2.0));
        let drawn = |frame: &MapFrame, here| {
            crate::plot::svg::map(frame, here, (480, 360), &Theme::light())
        };
        let inside = drawn(&frame, None);
        assert!(!inside.contains("up to ") && !inside.contains("this run"));
        frame.cells[2] = Some(cell(Fate::Diverged, 1e30));
        let outside = drawn(&frame, Some(&[10.0]));
        assert!(outside.contains("up to 1e30") && outside.contains("this run"));
        frame.cells[2] = Some(cell(Fate::Diverged, f64::NAN));
        assert!(drawn(&frame, None).contains("up to NaN"));
    }

    #[test]
    fn colours_ignore_what_diverged() {
        let mut frame = frame(4, 1, false);
        assert_eq!(range(&frame), (1e-3, 1.0));
        frame.cells[0] = Some(cell(Fate::Converged, 0.003));
        frame.cells[1] = Some(cell(Fate::NotYet, 0.6));
        frame.cells[2] = Some(cell(Fate::Diverged, 1e30));
        frame.cells[3] = Some(cell(Fate::Diverged, f64::NAN));
        assert_eq!(range(&frame), (2e-3, 1.0));
    }
}
