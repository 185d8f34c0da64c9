//! A multilayer perceptron in double precision, forward and backward. Knows no loss.

use crate::data::rng::Stream;
use crate::systems::product::{add_sum, add_transposed, affine, times, transpose};
use crate::systems::tanh::tanh_all;

/// A network where it stands: tanh between its layers, the last one linear.
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    /// Inputs, hidden units layer by layer, outputs.
    widths: Vec<usize>,
    /// Layer behind layer, each row by row; its last row is the bias.
    pub theta: Vec<f64>,
}

/// How many parameters there are between these widths.
fn count(widths: &[usize]) -> usize {
    widths.windows(2).map(|two| (two[0] + 1) * two[1]).sum()
}

impl Network {
    /// One with these parameters.
    ///
    /// # Panics
    /// If they are not as many as the widths ask for.
    pub fn new(widths: Vec<usize>, theta: Vec<f64>) -> Network {
        assert_eq!(theta.len(), count(&widths), "parameters of a network");
        Network { widths, theta }
    }

    /// One with weights N(0, 1/fan-in) and biases 0.
    pub fn drawn(widths: Vec<usize>, stream: &mut Stream) -> Network {
        let mut theta = Vec::with_capacity(count(&widths));
        for two in widths.windows(2) {
            let scale = (two[0] as f64).sqrt();
            theta.extend((0..two[0] * two[1]).map(|_| stream.normal() / scale));
            theta.extend((0..two[1]).map(|_| 0.0));
        }
        Network { widths, theta }
    }

    /// Inputs, hidden units layer by layer, outputs.
    pub fn widths(&self) -> &[usize] {
        &self.widths
    }

    /// Layers.
    pub(super) fn layers(&self) -> usize {
        self.widths.len() - 1
    }

    /// Where the parameters of a layer (from 0) lie.
    pub(super) fn place(&self, l: usize) -> std::ops::Range<usize> {
        let from = count(&self.widths[..=l]);
        from..from + (self.widths[l] + 1) * self.widths[l + 1]
    }

    /// The weights of a layer (from 0), without the bias.
    pub(super) fn weights(&self, l: usize) -> &[f64] {
        let place = self.place(l);
        &self.theta[place.start..place.end - self.widths[l + 1]]
    }

    /// From `pass.inputs()` to `pass.outputs()`.
    pub fn forward(&self, pass: &mut Pass) {
        let layers = self.layers();
        for l in 0..layers {
            let (before, behind) = pass.a.split_at_mut(l + 1);
            affine(
                &before[l],
                self.widths[l],
                &self.theta[self.place(l)],
                &mut behind[0],
            );
            if l + 1 < layers {
                tanh_all(&mut behind[0]);
            }
        }
    }

    /// Adds to `gradient` that of a J of which `pass.slope()` has the derivative by the outputs.
    pub fn backward(&self, pass: &mut Pass, gradient: &mut [f64]) {
        for l in (0..self.layers()).rev() {
            self.at_affine(pass, l);
            let own = &mut gradient[self.place(l)];
            let (weights, bias) = own.split_at_mut(self.widths[l] * self.widths[l + 1]);
            add_transposed(&pass.a[l], self.widths[l], &pass.slope, weights);
            add_sum(&pass.slope, bias);
            if l > 0 {
                self.at_inputs(pass, l);
            }
        }
    }

    /// The derivative by the inputs, in place of that by the outputs.
    pub fn backward_to_inputs(&self, pass: &mut Pass) {
        for l in (0..self.layers()).rev() {
            self.at_affine(pass, l);
            self.at_inputs(pass, l);
        }
    }

    /// Through the activation behind layer `l`.
    fn at_affine(&self, pass: &mut Pass, l: usize) {
        if l + 1 < self.layers() {
            for (slope, a) in pass.slope.iter_mut().zip(&pass.a[l + 1]) {
                *slope *= 1.0 - a * a;
            }
        }
    }

    /// Through the weights of layer `l`.
    fn at_inputs(&self, pass: &mut Pass, l: usize) {
        transpose(self.weights(l), self.widths[l], &mut pass.turned);
        pass.next.resize(pass.rows * self.widths[l], 0.0);
        times(
            &pass.slope,
            self.widths[l + 1],
            &pass.turned,
            &mut pass.next,
        );
        std::mem::swap(&mut pass.slope, &mut pass.next);
    }
}

/// What a network works with on so many samples.
#[derive(Clone, Debug)]
pub struct Pass {
    pub(super) rows: usize,
    /// Inputs, hidden layers, outputs.
    pub(super) a: Vec<Vec<f64>>,
    /// What has come back so far.
    slope: Vec<f64>,
    next: Vec<f64>,
    /// A layer's weights, transposed.
    turned: Vec<f64>,
}

impl Pass {
    /// Room for `rows` samples of a network.
    pub fn new(network: &Network, rows: usize) -> Pass {
        let widths = network.widths();
        let widest = widths.iter().max().copied().unwrap_or(0);
        let most = widths.windows(2).map(|two| two[0] * two[1]).max();
        Pass {
            rows,
            a: widths.iter().map(|width| vec![0.0; rows * width]).collect(),
            slope: Vec::with_capacity(rows * widest),
            next: Vec::with_capacity(rows * widest),
            turned: Vec::with_capacity(most.unwrap_or(0)),
        }
    }

    /// The inputs, one row behind the other.
    pub fn inputs(&mut self) -> &mut [f64] {
        &mut self.a[0]
    }

    /// The outputs of the last pass forward.
    pub fn outputs(&self) -> &[f64] {
        &self.a[self.a.len() - 1]
    }

    /// The outputs, and the derivative by them, to be written.
    pub fn ends(&mut self) -> (&[f64], &mut [f64]) {
        let outputs = &self.a[self.a.len() - 1];
        self.slope.resize(outputs.len(), 0.0);
        (outputs, &mut self.slope)
    }

    /// What has come back: after [`Network::backward_to_inputs`] the derivative by the inputs.
    pub fn slope(&self) -> &[f64] {
        &self.slope
    }
}
