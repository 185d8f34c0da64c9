//! The opponent: a network of weights that real backpropagation teaches, one sample a step. Knows no cell.
//!
//! A layer is `tanh([m, 1]) W`, tanh on what comes in, whether from below or the inputs, and on the 1; the last one's answers are the
//! logits. So it is the same class of functions as a grid's.

use super::grid::Grid;
use super::softmax::{cross_entropy, softmax};
use crate::data::rng::Stream;
use crate::systems::optimizer::{Kind, Optimizer, StepSize};
use crate::systems::tanh::tanh_all;

/// A network where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    sizes: Vec<usize>,
    /// Layer behind layer, each row by row, the last row the bias.
    pub theta: Vec<f64>,
    /// By the parameters, of the last sample.
    pub gradient: Vec<f64>,
    optimizer: Optimizer,
    /// What comes into each layer, after its tanh, the bias last; behind them the logits.
    pub up: Vec<Vec<f64>>,
    /// The errors of each layer's units, from layer 1 on.
    pub down: Vec<Vec<f64>>,
    /// What the last sample cost before it was learned from.
    pub loss: f64,
}

/// First weights of a seed: N(0, 1/(fan-in + 1)), the bias' too, layer by layer, row by row.
pub fn first_weights(sizes: &[usize], stream: &mut Stream) -> Vec<f64> {
    let mut weights = Vec::new();
    for two in sizes.windows(2) {
        let scale = 1.0 / ((two[0] + 1) as f64).sqrt();
        weights.extend((0..(two[0] + 1) * two[1]).map(|_| scale * stream.normal()));
    }
    weights
}

impl Network {
    /// One of these weights.
    ///
    /// # Panics
    /// If they are not as many as a grid of these sizes has cells.
    pub fn new(grid: &Grid, theta: Vec<f64>) -> Network {
        let (sizes, layers) = (grid.sizes.clone(), grid.layers());
        assert_eq!(theta.len(), grid.weights(), "weights of a network");
        let up = |l: usize| {
            let mut up = vec![0.0; sizes[l] + usize::from(l < layers)];
            if let (true, Some(bias)) = (l < layers, up.last_mut()) {
                *bias = 1.0;
                tanh_all(std::slice::from_mut(bias));
            }
            up
        };
        Network {
            up: (0..=layers).map(up).collect(),
            down: sizes.iter().map(|units| vec![0.0; *units]).collect(),
            gradient: vec![0.0; theta.len()],
            optimizer: Optimizer::new(theta.len()),
            theta,
            sizes,
            loss: f64::NAN,
        }
    }

    fn layers(&self) -> usize {
        self.sizes.len() - 1
    }

    fn place(&self, l: usize) -> std::ops::Range<usize> {
        let cells = |l: usize| (self.sizes[l] + 1) * self.sizes[l + 1];
        let from = (0..l).map(cells).sum();
        from..from + cells(l)
    }

    /// What the last way up has come to.
    pub fn logits(&self) -> &[f64] {
        &self.up[self.layers()]
    }

    /// A sample comes.
    pub fn take(&mut self, x: &[f64]) {
        let inputs = &mut self.up[0][..x.len()];
        inputs.copy_from_slice(x);
        tanh_all(inputs);
    }

    /// It goes up through a layer (from 0).
    pub fn up(&mut self, l: usize) {
        let (weights, outs) = (&self.theta[self.place(l)], self.sizes[l + 1]);
        let last = l + 1 == self.layers();
        let (before, behind) = self.up.split_at_mut(l + 1);
        let to = &mut behind[0][..outs];
        to.fill(0.0);
        for (from, row) in before[l].iter().zip(weights.chunks_exact(outs)) {
            to.iter_mut().zip(row).for_each(|(to, w)| *to += from * w);
        }
        if !last {
            tanh_all(to);
        }
    }

    /// The label comes: what the sample has cost, and the errors of the logits.
    pub fn judge(&mut self, label: usize) {
        let layers = self.layers();
        self.loss = cross_entropy(&self.up[layers], label);
        softmax(&self.up[layers], &mut self.down[layers]);
        self.down[layers][label] -= 1.0;
    }

    /// Errors go down through a layer (from 0).
    pub fn down(&mut self, l: usize) {
        let (place, outs) = (self.place(l), self.sizes[l + 1]);
        let (weights, gradient) = (&self.theta[place.clone()], &mut self.gradient[place]);
        let (before, behind) = self.down.split_at_mut(l + 1);
        let errors = &behind[0];
        let rows = weights
            .chunks_exact(outs)
            .zip(gradient.chunks_exact_mut(outs));
        for (a, ((weights, gradient), t)) in rows.zip(&self.up[l]).enumerate() {
            for (g, e) in gradient.iter_mut().zip(errors) {
                *g = t * e;
            }
            if let (true, Some(below)) = (l > 0, before[l].get_mut(a)) {
                let sum: f64 = weights.iter().zip(errors).map(|(w, e)| w * e).sum();
                *below = sum * (1.0 - t * t);
            }
        }
    }

    /// Steps along what has come down.
    pub fn step(&mut self, kind: Kind, lr: f64) {
        let size = StepSize {
            lr,
            b1: 0.9,
            b2: 0.999,
        };
        self.optimizer
            .step(kind, size, &self.gradient, &mut self.theta);
    }

    /// Learns a sample.
    pub fn learn(&mut self, (x, label): (&[f64], usize), kind: Kind, lr: f64) {
        self.answer(x);
        self.judge(label);
        (0..self.layers()).rev().for_each(|l| self.down(l));
        self.step(kind, lr);
    }

    /// The logits at a point; nothing is learned.
    pub fn answer(&mut self, x: &[f64]) -> &[f64] {
        self.take(x);
        (0..self.layers()).for_each(|l| self.up(l));
        self.logits()
    }
}
