//! A grid of cells that learns: a sweep up, an error, a sweep down. Knows one set of shared numbers, and not where it comes from.

use std::ops::Range;

use super::cell::{Cell, Size};
use super::pass::{Pass, Rows, bounded};
use super::softmax::{cross_entropy, softmax};

/// Units, layer by layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grid {
    /// Inputs, hidden units layer by layer, classes.
    pub sizes: Vec<usize>,
    /// How large its cells are.
    pub cell: Size,
}

/// How a grid learns, beside its shared numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct How {
    /// What no state and no message exceeds.
    pub bound: Option<f64>,
    /// Whether the first message down has the label in its second number.
    pub feed: bool,
    /// What the error in its first number is multiplied with.
    pub scale: f64,
    /// Whether messages come down into the first layer.
    pub down: bool,
}

impl Grid {
    /// Layers.
    pub fn layers(&self) -> usize {
        self.sizes.len() - 1
    }

    /// Units that a layer (from 0) takes from, with the bias unit, and those that it gives to.
    pub fn ends(&self, l: usize) -> (usize, usize) {
        (self.sizes[l] + 1, self.sizes[l + 1])
    }

    /// Cells of a layer.
    pub fn cells(&self, l: usize) -> usize {
        let (ins, outs) = self.ends(l);
        ins * outs
    }

    /// Weights, or cells, of all layers.
    pub fn weights(&self) -> usize {
        (0..self.layers()).map(|l| self.cells(l)).sum()
    }

    /// Where the states of a layer lie: the first number of all its cells, then the second.
    pub fn place(&self, l: usize) -> Range<usize> {
        let from: usize = (0..l).map(|l| self.cells(l)).sum();
        self.cell.n * from..self.cell.n * (from + self.cells(l))
    }
}

/// A grid where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Learner {
    /// What cells have learned, layer behind layer.
    pub states: Vec<f64>,
    /// What last came from below into each layer, the bias unit's last; behind them what came out of the last one. Each has a row per
    /// number of a message.
    pub up: Vec<Vec<f64>>,
    /// What last came from above, by the layer (from 1) that it came into; nothing comes out of the first.
    pub down: Vec<Vec<f64>>,
    /// What the last sample cost before it was learned from.
    pub loss: f64,
}

/// What learners of a grid work with.
#[derive(Clone, Debug)]
pub struct Scratch {
    passes: Vec<Pass>,
    rows: Rows,
}

impl Scratch {
    /// Room for it.
    pub fn new(grid: &Grid) -> Scratch {
        let cells = || (0..grid.layers()).map(|l| grid.cells(l));
        Scratch {
            passes: cells().map(|cells| Pass::new(grid.cell, cells)).collect(),
            rows: Rows::new(grid.cell, cells().max().unwrap_or(0)),
        }
    }
}

/// Writes what comes from units into the rows of the cells below them, or above: `from` has `units` numbers a row.
fn spread(from: &[f64], ends: (usize, usize), upwards: bool, into: &mut [f64]) {
    let (ins, outs) = ends;
    let units = if upwards { ins } else { outs };
    for (from, into) in from
        .chunks_exact(units)
        .zip(into.chunks_exact_mut(ins * outs))
    {
        for (a, into) in into.chunks_exact_mut(outs).enumerate() {
            if upwards {
                into.fill(from[a]);
            } else {
                into.copy_from_slice(from);
            }
        }
    }
}

/// What goes up through a layer: from `states` and what comes from below to other states and what comes out above.
pub(super) fn upwards(
    grid: &Grid,
    l: usize,
    cell: &Cell,
    bound: Option<f64>,
    states: &mut [f64],
    [from, to]: [&mut Vec<f64>; 2],
    (pass, rows): (&mut Pass, &mut Rows),
) {
    let (Size { n, k, .. }, ends, cells) = (cell.size, grid.ends(l), grid.cells(l));
    pass.z[..n * cells].copy_from_slice(states);
    spread(from, ends, true, &mut pass.z[n * cells..(n + k) * cells]);
    pass.units(cell, n + k);
    pass.put(cell, 0..n + k, rows);
    learn(states, bound, &rows.out);
    // Into the next layer there is the bias unit's message behind these.
    let (outs, stride) = (ends.1, to.len() / k);
    for i in 0..k {
        let sums = &mut to[i * stride..][..outs];
        sums.fill(0.0);
        for row in rows.out[(n + i) * cells..][..cells].chunks_exact(outs) {
            sums.iter_mut()
                .zip(row)
                .for_each(|(sum, message)| *sum += message);
        }
        bounded(sums, bound);
    }
}

/// What goes down through a layer; out of the first one nothing does.
pub(super) fn downwards(
    grid: &Grid,
    l: usize,
    cell: &Cell,
    bound: Option<f64>,
    states: &mut [f64],
    below: &[f64],
    [above, to]: [&mut Vec<f64>; 2],
    (pass, rows): (&mut Pass, &mut Rows),
) {
    let (Size { n, k, .. }, ends, cells) = (cell.size, grid.ends(l), grid.cells(l));
    pass.z[..n * cells].copy_from_slice(states);
    spread(below, ends, true, &mut pass.z[n * cells..(n + k) * cells]);
    spread(above, ends, false, &mut pass.z[(n + k) * cells..]);
    pass.units(cell, n + 2 * k);
    let messages = if l > 0 { n + k..n + 2 * k } else { 0..0 };
    pass.put(cell, (0..n).chain(messages), rows);
    learn(states, bound, &rows.out);
    let units = grid.sizes[l];
    for (i, to) in to.chunks_exact_mut(units).enumerate() {
        let own = &rows.out[(n + k + i) * cells..][..cells];
        for (to, row) in to.iter_mut().zip(own.chunks_exact(ends.1)) {
            *to = row.iter().sum();
        }
        bounded(to, bound);
    }
}

fn learn(states: &mut [f64], bound: Option<f64>, by: &[f64]) {
    states.iter_mut().zip(by).for_each(|(s, by)| *s += by);
    bounded(states, bound);
}

impl Learner {
    /// One whose first numbers are these weights, layer by layer and row by row, and the others 0.
    ///
    /// # Panics
    /// If they are not as many as the grid has cells.
    pub fn new(grid: &Grid, weights: &[f64]) -> Learner {
        assert_eq!(weights.len(), grid.weights(), "weights of a grid");
        let (k, layers) = (grid.cell.k, grid.layers());
        let mut rest = weights;
        let mut states = vec![0.0; grid.cell.n * weights.len()];
        for l in 0..layers {
            let own = rest.split_off(..grid.cells(l)).unwrap_or_default();
            states[grid.place(l)][..own.len()].copy_from_slice(own);
        }
        let up = |l: usize| {
            let units = grid.sizes[l] + usize::from(l < layers);
            let mut up = vec![0.0; k * units];
            if l < layers {
                up[units - 1] = 1.0;
            }
            up
        };
        let down = |l: usize| vec![0.0; if l > 0 { k * grid.sizes[l] } else { 0 }];
        Learner {
            states,
            up: (0..=layers).map(up).collect(),
            down: (0..=layers).map(down).collect(),
            loss: f64::NAN,
        }
    }

    /// What the last sweep up has come to.
    pub fn logits<'a>(&'a self, grid: &Grid) -> &'a [f64] {
        let layers = grid.layers();
        &self.up[layers][..grid.sizes[layers]]
    }

    /// The message into layer 1 of the last sweep down: a row per number of a message.
    pub fn errors(&self) -> &[f64] {
        &self.down[1]
    }

    /// A sample comes.
    pub fn take(&mut self, x: &[f64]) {
        self.up[0][..x.len()].copy_from_slice(x);
    }

    /// It goes up through a layer (from 0).
    pub fn up(&mut self, grid: &Grid, cell: &Cell, how: &How, l: usize, scratch: &mut Scratch) {
        let (before, behind) = self.up.split_at_mut(l + 1);
        let ways = [&mut before[l], &mut behind[0]];
        let states = &mut self.states[grid.place(l)];
        let rooms = (&mut scratch.passes[l], &mut scratch.rows);
        upwards(grid, l, cell, how.bound, states, ways, rooms);
    }

    /// The label comes: what the sample has cost, and the first message down.
    pub fn judge(&mut self, grid: &Grid, how: &How, label: usize) {
        let (layers, k) = (grid.layers(), grid.cell.k);
        let classes = grid.sizes[layers];
        let logits = &self.up[layers][..classes];
        self.loss = cross_entropy(logits, label);
        first_error(logits, label, how, k, &mut self.down[layers]);
        if layers == 1 && !how.down {
            self.down[1].fill(0.0);
        }
    }

    /// It goes down through a layer (from 0).
    pub fn down(&mut self, grid: &Grid, cell: &Cell, how: &How, l: usize, scratch: &mut Scratch) {
        let (before, behind) = self.down.split_at_mut(l + 1);
        let ways = [&mut behind[0], &mut before[l]];
        let (below, states) = (&self.up[l], &mut self.states[grid.place(l)]);
        let rooms = (&mut scratch.passes[l], &mut scratch.rows);
        downwards(grid, l, cell, how.bound, states, below, ways, rooms);
        if l == 1 && !how.down {
            self.down[1].fill(0.0);
        }
    }

    /// Learns a sample.
    pub fn learn(
        &mut self,
        grid: &Grid,
        cell: &Cell,
        how: &How,
        (x, label): (&[f64], usize),
        scratch: &mut Scratch,
    ) {
        self.take(x);
        for l in 0..grid.layers() {
            self.up(grid, cell, how, l, scratch);
        }
        self.judge(grid, how, label);
        for l in (0..grid.layers()).rev() {
            self.down(grid, cell, how, l, scratch);
        }
    }
}

/// The error, and the label where it is fed: a row each.
pub(super) fn first_error(logits: &[f64], label: usize, how: &How, k: usize, into: &mut [f64]) {
    let classes = logits.len();
    into.fill(0.0);
    softmax(logits, &mut into[..classes]);
    into[label] -= 1.0;
    into[..classes].iter_mut().for_each(|e| *e *= how.scale);
    if how.feed && k > 1 {
        into[classes + label] = 1.0;
    }
}
