//! A map as it may be looked at: its axes, its cells so far, their order. Knows no run.

use super::EngineInfo;
use serde::{Deserialize, Serialize};

/// How a cell's training ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// For every seed, the final J is below a tenth of the best constant answer's.
    Converged,
    /// Neither converged nor diverged.
    NotYet,
    /// At least one seed diverged, or ended above ten times the larger of its first loss and the best constant answer's.
    Diverged,
    /// Every seed came to its end, where that is not judged.
    Ended,
}

impl Fate {
    /// Those of a map of J, in the order in which a legend names them.
    pub const ALL: [Fate; 3] = [Fate::Converged, Fate::NotYet, Fate::Diverged];
    /// Those of a map of another number.
    pub const UNJUDGED: [Fate; 2] = [Fate::Ended, Fate::Diverged];

    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Fate::Converged => "converged",
            Fate::NotYet => "not yet",
            Fate::Diverged => "diverged",
            Fate::Ended => "ended",
        }
    }
}

/// A cell that has been trained.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MapCell {
    /// How it ended.
    pub fate: Fate,
    /// J over the training set at the end, or the map's own number there, the mean over the seeds; a seed that diverged counts with
    /// the J it froze at, which may be infinite or NaN, and has no other number.
    pub loss: f64,
    /// Seeds that diverged.
    pub diverged: u32,
    /// The earliest step at which a seed diverged; its last for one that ended at a high loss.
    pub diverged_at: Option<u64>,
    /// J at the end of every seed, in their order; empty where there is one.
    pub losses: Vec<f64>,
}

impl MapCell {
    /// J at the end of every seed.
    pub fn seeds(&self) -> &[f64] {
        if self.losses.is_empty() {
            std::slice::from_ref(&self.loss)
        } else {
            &self.losses
        }
    }
}

/// A setting and its values, rising.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MapAxis {
    /// The key of the setting: `tau`, `width`, …
    pub key: String,
    /// What a person calls it.
    pub label: String,
    /// Evenly spaced in the logarithm?
    pub log: bool,
    /// One per column or row.
    pub values: Vec<f64>,
}

/// Where a cell is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// On BackProp's strip above the map?
    pub strip: bool,
    /// From the left.
    pub column: usize,
    /// From below; 0 on the strip.
    pub row: usize,
}

/// Which cells a map has. They are numbered from 0: the strip's from the left, then the map's row by row from below.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grid {
    /// Cells across.
    pub columns: usize,
    /// Cells upwards; 1 for a map of one axis.
    pub rows: usize,
    /// Does BackProp's strip stand above?
    pub strip: bool,
}

impl Grid {
    /// How many cells there are.
    pub fn cells(self) -> usize {
        self.columns * (self.rows + usize::from(self.strip))
    }

    /// Where a cell is.
    pub fn place(self, cell: usize) -> Place {
        let (row, column) = (cell / self.columns, cell % self.columns);
        let strip = self.strip && row == 0;
        Place {
            strip,
            column,
            row: row - usize::from(self.strip && !strip),
        }
    }

    /// The number of the cell at a place.
    pub fn cell(self, place: Place) -> usize {
        let row = if place.strip {
            0
        } else {
            place.row + usize::from(self.strip)
        };
        row * self.columns + place.column
    }

    /// So many columns to the right and rows up from a place, as far as there are any. The strip is one more row at the
    /// top.
    pub fn moved(self, from: Place, right: isize, up: isize) -> Place {
        let to = |at: usize, by: isize, of: usize| at.saturating_add_signed(by).min(of - 1);
        let row = if from.strip { self.rows } else { from.row };
        let row = to(row, up, self.rows + usize::from(self.strip));
        let strip = row == self.rows;
        Place {
            strip,
            column: to(from.column, right, self.columns),
            row: if strip { 0 } else { row },
        }
    }

    /// All cells, coarse to fine: those on every 2ᵏ-th column and row come before the others, so that any beginning
    /// shows the whole map ([`MapFrame::seen`]), and every cell comes once.
    pub fn order(self) -> Vec<usize> {
        let level = |cell: usize| {
            let Place { column, row, .. } = self.place(cell);
            // The power of two that divides both; all of them divide zero.
            (column | row).trailing_zeros()
        };
        let levels = (0..=usize::BITS).rev();
        let of = |wanted| (0..self.cells()).filter(move |&cell| level(cell) == wanted);
        levels.flat_map(of).collect()
    }
}

/// What a map of a related system shows instead of J.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MapNumber {
    /// Its name, as the column of a table.
    pub key: String,
    /// What a person calls it.
    pub label: String,
    /// Are its colours spaced evenly in the logarithm?
    pub log: bool,
}

/// A map as far as it is known. `window.proxprop.map()` returns this object.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MapFrame {
    /// The rule of the run that is varied, as in the query string.
    pub rule: String,
    /// Which cells there are.
    pub grid: Grid,
    /// One or two, the first across.
    pub axes: Vec<MapAxis>,
    /// Seeds per cell.
    pub seeds: u32,
    /// The J below which a seed counts as converged; `None` where it depends on the cell.
    pub converged_below: Option<f64>,
    /// Which engine trains the cells, once that is known. Its seconds are those of a step of one cell.
    pub engine: Option<EngineInfo>,
    /// What is mapped; `None` for J.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<MapNumber>,
    /// By number; `None` for what is not known yet.
    pub cells: Vec<Option<MapCell>>,
}

impl MapFrame {
    /// How its cells may end, in the order in which a legend names it.
    pub fn fates(&self) -> &'static [Fate] {
        match self.number {
            None => &Fate::ALL,
            Some(_) => &Fate::UNJUDGED,
        }
    }

    /// A cell's values on the axes; on the strip only the first.
    pub fn values(&self, cell: usize) -> Vec<f64> {
        let Place { strip, column, row } = self.grid.place(cell);
        let values = self.axes.iter().zip([column, row]);
        let values = values.map(|(axis, i)| axis.values[i]);
        values.take(if strip { 1 } else { 2 }).collect()
    }

    /// The cell of the map that is nearest to these values on its axes; without them, in its middle.
    pub fn nearest(&self, values: Option<&[f64]>) -> Place {
        let at = |i: usize, of: usize| {
            let axis = self.axes.get(i);
            let value = values.and_then(|values| values.get(i));
            let scale = |v: f64, log: bool| if log { libm::log(v) } else { v };
            let index = axis.zip(value).and_then(|(axis, &value)| {
                let far = |v: f64| (scale(v, axis.log) - scale(value, axis.log)).abs();
                let near =
                    |&a: &usize, &b: &usize| far(axis.values[a]).total_cmp(&far(axis.values[b]));
                (0..axis.values.len()).min_by(near)
            });
            index.unwrap_or(of / 2)
        };
        Place {
            strip: false,
            column: at(0, self.grid.columns),
            row: at(1, self.grid.rows),
        }
    }

    /// What is known of a place: its own cell, or the nearest below and to the left that came before it in
    /// [`Grid::order`].
    pub fn seen(&self, place: Place) -> Option<&MapCell> {
        let most = self.grid.columns.max(self.grid.rows);
        let steps = (0..usize::BITS).map(|k| 1_usize << k);
        steps.take_while(|step| step / 2 < most).find_map(|step| {
            let coarse = Place {
                column: place.column - place.column % step,
                row: place.row - place.row % step,
                ..place
            };
            self.cells[self.grid.cell(coarse)].as_ref()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cell_has_its_place_and_comes_once() {
        for (columns, rows, strip) in [(5, 3, true), (4, 4, false), (7, 1, true), (1, 9, false)] {
            let grid = Grid {
                columns,
                rows,
                strip,
            };
            let all: Vec<usize> = (0..grid.cells()).collect();
            assert!(all.iter().all(|&cell| grid.cell(grid.place(cell)) == cell));
            let mut order = grid.order();
            order.sort_unstable();
            assert_eq!(order, all);
        }
    }

    #[test]
    fn the_strip_is_above_the_topmost_row() {
        let grid = |strip| Grid {
            columns: 4,
            rows: 3,
            strip,
        };
        let at = |strip, column, row| Place { strip, column, row };
        let with = grid(true);
        assert_eq!(with.moved(at(false, 1, 1), 1, -1), at(false, 2, 0));
        assert_eq!(with.moved(at(false, 1, 2), 0, 1), at(true, 1, 0));
        assert_eq!(with.moved(at(true, 1, 0), -9, 5), at(true, 0, 0));
        assert_eq!(with.moved(at(true, 1, 0), 0, -1), at(false, 1, 2));
        let without = grid(false);
        let corner = without.moved(at(false, 1, 1), isize::MAX, isize::MAX);
        assert_eq!(corner, at(false, 3, 2));
        assert_eq!(without.moved(corner, isize::MIN, -8), at(false, 0, 0));
    }

    #[test]
    fn the_nearest_cell_is_found_on_either_scale() {
        let axis = |values: &[f64], log| MapAxis {
            key: String::new(),
            label: String::new(),
            log,
            values: values.to_vec(),
        };
        let frame = MapFrame {
            rule: "prox-cg3".into(),
            grid: Grid {
                columns: 3,
                rows: 2,
                strip: true,
            },
            axes: vec![axis(&[1.0, 10.0, 100.0], true), axis(&[0.0, 10.0], false)],
            seeds: 1,
            converged_below: None,
            engine: None,
            number: None,
            cells: Vec::new(),
        };
        let at = |values: Option<&[f64]>| {
            let place = frame.nearest(values);
            assert!(!place.strip);
            (place.column, place.row)
        };
        assert_eq!(at(None), (1, 1));
        assert_eq!(at(Some(&[4.0, 4.0])), (1, 0));
        assert_eq!(at(Some(&[1e-9, 99.0])), (0, 1));
        assert_eq!(at(Some(&[1e9])), (2, 1));
    }

    #[test]
    fn any_beginning_shows_the_whole_map() {
        let grid = Grid {
            columns: 9,
            rows: 6,
            strip: true,
        };
        let mut frame = MapFrame {
            rule: "prox-exact".into(),
            grid,
            axes: Vec::new(),
            seeds: 1,
            converged_below: None,
            engine: None,
            number: None,
            cells: vec![None; grid.cells()],
        };
        let order = grid.order();
        let corners = order[..2].iter().map(|&cell| grid.place(cell));
        assert!(corners.eq([true, false].map(|strip| Place {
            strip,
            column: 0,
            row: 0
        })));
        for (step, cell) in (0..).zip(order) {
            frame.cells[cell] = Some(MapCell {
                fate: Fate::NotYet,
                loss: f64::from(step),
                diverged: 0,
                diverged_at: None,
                losses: Vec::new(),
            });
            let known = |cell| frame.seen(grid.place(cell)).is_some();
            assert!(step == 0 || (0..grid.cells()).all(known));
            assert_eq!(frame.seen(grid.place(cell)).unwrap().loss, f64::from(step));
        }
    }
}
