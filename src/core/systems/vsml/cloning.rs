//! Learning algorithm cloning: a cell is taught, on random numbers, what backpropagation does with a weight, an input and an error.
//! Knows no network.

use super::cell::{Cell, Size};
use super::pass::{Pass, Rows};
use crate::data::rng::{Purpose, Stream};
use crate::systems::optimizer::{Kind, Optimizer, StepSize};
use crate::systems::tanh::tanh_all;

/// What a cell is taught, and how.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Teaching {
    /// Gated units.
    pub units: usize,
    /// Triples of an iteration.
    pub batch: usize,
    /// Iterations in all.
    pub iterations: u64,
    /// The first step size.
    pub lr: f64,
    /// Standard deviations of weight, input and error.
    pub spread: [f64; 3],
    /// How often there is no error: on the way up.
    pub silent: f64,
    /// What the squared error of the update counts, beside those of the messages: it adds up over a run.
    pub weight: f64,
    /// The step size that is folded in at the end.
    pub alpha: f64,
}

/// What the clone that is part of this project was made with.
pub const CLONE: Teaching = Teaching {
    units: 4,
    batch: 128,
    iterations: 20_000,
    lr: 0.01,
    spread: [1.5, 1.5, 0.5],
    silent: 0.3,
    weight: 25.0,
    alpha: ALPHA,
};

/// The step size of backpropagation in cells that are made, or taught, to be it.
pub(super) const ALPHA: f64 = 0.3;

impl Teaching {
    /// How large the cell is.
    pub fn size(&self) -> Size {
        Size {
            n: 1,
            k: 1,
            units: self.units,
        }
    }

    /// The cell of a seed before the first iteration.
    pub fn start(&self, seed: u32) -> Cell {
        let mut stream = Stream::new(seed, Purpose::CloneInit, 0);
        Cell::random(self.size(), 0.5, &mut stream)
    }

    /// The triples of an iteration (from 0).
    pub fn triples(&self, seed: u32, iteration: u64) -> Triples {
        let batch = self.batch;
        let mut z = vec![0.0; 3 * batch];
        for i in 0..batch {
            let index = iteration * batch as u64 + i as u64;
            let mut stream = Stream::new(seed, Purpose::Triples, index);
            for (row, spread) in self.spread.iter().enumerate() {
                z[row * batch + i] = spread * stream.normal();
            }
            if stream.uniform() < self.silent {
                z[2 * batch + i] = 0.0;
            }
        }
        Triples(z)
    }
}

/// A minibatch: weights, inputs, errors, a row each.
#[derive(Clone, Debug, PartialEq)]
pub struct Triples(pub Vec<f64>);

impl Triples {
    /// What a cell should put out: `−e tanh x`, `w tanh x`, `w e tanh' x`, a row each.
    pub fn targets(&self) -> Vec<f64> {
        let batch = self.0.len() / 3;
        let (w, rest) = self.0.split_at(batch);
        let (x, e) = rest.split_at(batch);
        let mut t = x.to_vec();
        tanh_all(&mut t);
        let update = t.iter().zip(e).map(|(t, e)| -e * t);
        let up = t.iter().zip(w).map(|(t, w)| w * t);
        let down = t
            .iter()
            .zip(w)
            .zip(e)
            .map(|((t, w), e)| w * e * (1.0 - t * t));
        update.chain(up).chain(down).collect()
    }
}

/// A cell that is being taught.
#[derive(Clone, Debug)]
pub struct Cloning {
    teaching: Teaching,
    /// Where it stands: taught steps of 1.
    pub cell: Cell,
    /// What it is taught by.
    pub optimizer: Optimizer,
    /// Iterations made.
    pub made: u64,
    /// Of the last minibatch.
    pub gradient: Vec<f64>,
    pass: Pass,
    rows: Rows,
}

impl Cloning {
    /// A cell before its first iteration.
    pub fn new(teaching: Teaching, cell: Cell) -> Cloning {
        Cloning {
            optimizer: Optimizer::new(cell.theta.len()),
            made: 0,
            gradient: vec![0.0; cell.theta.len()],
            pass: Pass::new(cell.size, teaching.batch),
            rows: Rows::new(cell.size, teaching.batch),
            cell,
            teaching,
        }
    }

    /// The mean of `q (o − target)²` over triples and outputs; leaves its gradient.
    ///
    /// # Panics
    /// If there are more or fewer triples than in an iteration.
    pub fn loss(&mut self, triples: &Triples) -> f64 {
        let (q, cells) = (self.cell.size.inputs(), self.teaching.batch);
        self.pass.z.copy_from_slice(&triples.0);
        self.pass.units(&self.cell, q);
        self.pass.put(&self.cell, 0..q, &mut self.rows);
        let count = (q * cells) as f64;
        let mut loss = 0.0;
        for (i, (o, target)) in self.rows.out.iter_mut().zip(triples.targets()).enumerate() {
            let weight = if i < cells { self.teaching.weight } else { 1.0 };
            let d = *o - target;
            loss += weight * d * d;
            *o = 2.0 * weight * d / count;
        }
        self.gradient.fill(0.0);
        self.pass
            .back(&self.cell, q, &mut self.rows, &mut self.gradient);
        loss / count
    }

    /// The step size of the next iteration.
    pub fn rate(&self) -> f64 {
        let t = (self.made + 1) as f64 / self.teaching.iterations as f64;
        self.teaching.lr * (0.5 * (1.0 + libm::cos(std::f64::consts::PI * t))) + 1e-6
    }

    /// Makes an iteration and says what the minibatch cost.
    pub fn step(&mut self, triples: &Triples) -> f64 {
        let loss = self.loss(triples);
        let size = StepSize {
            lr: self.rate(),
            b1: 0.9,
            b2: 0.999,
        };
        let theta = &mut self.cell.theta;
        self.optimizer.step(Kind::Adam, size, &self.gradient, theta);
        self.made += 1;
        loss
    }

    /// The cell with its step size folded in, as it is run.
    pub fn folded(&self) -> Cell {
        let mut cell = self.cell.clone();
        cell.fold(self.teaching.alpha);
        cell
    }
}
