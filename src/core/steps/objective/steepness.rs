//! How steep a scalar of the outputs is in the inputs, and what that does to the gradient: double backpropagation, exact. Knows one pass
//! forward, and no loss.
//!
//! Down: `B_L = ∂q/∂Z_L`, `H_l = B_{l+1} W_{l+1}ᵀ`, `B_l = H_l ⊙ σ'(Z_l)`, `g = B_1 W_1ᵀ`. Up with the slope `S` of the norm of `g`:
//! `T_0 = S`, `U_l = T_{l−1} W_l`, `T_l = U_l ⊙ σ'(Z_l)`. Then `T_{l−1}ᵀ B_l` is the part of the gradient that `q` does not hear of by `Z`,
//! and `E_l = U_l ⊙ H_l ⊙ σ''(Z_l)` joins what arrives at `Z_l` on the way back of the loss.

use super::cotangent;
use super::{Norm, Target};
use crate::nn::layer::{Layer, Linear};
use crate::nn::mlp::{Activations, Architecture, Hidden};
use crate::nn::product::{padded_rows, times_weights, times_weights_transposed};
use crate::nn::{Arithmetic, Real};
use nalgebra::DMatrix;

/// Whether a network is one that it is computed for: layers of neurons only.
pub fn is_for(architecture: &Architecture) -> bool {
    let dense = |layer: &Layer| matches!(layer.linear, Linear::Dense { .. });
    architecture.layers.iter().all(dense)
}

/// Memory for one network and one number of points.
#[derive(Clone, Debug)]
pub struct Steepness<T: Real> {
    /// `B_l`, shaped as `Z_l`.
    pub(super) down: Vec<DMatrix<T>>,
    /// `H_l` of the hidden layers, then `U_l ⊙ H_l ⊙ σ''`.
    above: Vec<DMatrix<T>>,
    /// `g`, then `T_0`, and `T_l` of the hidden layers: with a column of zeros where `Â` has its ones.
    pub(super) up: Vec<DMatrix<T>>,
    /// `U_L`, and scratch memory shaped as it.
    outputs: [DMatrix<T>; 2],
    /// `E_l`, shaped as `Z_l`.
    pub(super) injected: Vec<DMatrix<T>>,
}

impl<T: Real> Steepness<T> {
    /// Memory for up to `capacity` points.
    ///
    /// # Panics
    /// When it is not [for](is_for) the network.
    pub fn new(architecture: &Architecture, capacity: usize) -> Self {
        assert!(is_for(architecture), "steepness: of convolutions");
        let rows = padded_rows(capacity);
        let sizes = architecture.sizes();
        let of = |d: &usize| DMatrix::zeros(rows, *d);
        let zs: Vec<DMatrix<T>> = sizes[1..].iter().map(of).collect();
        let hidden = zs.len() - 1;
        let up = sizes[..=hidden].iter().map(|d| of(&(d + 1)));
        Steepness {
            above: zs[..hidden].to_vec(),
            up: up.collect(),
            outputs: [zs[hidden].clone(), zs[hidden].clone()],
            injected: zs.clone(),
            down: zs,
        }
    }

    /// `g = ∂q/∂x`, padded rows × (inputs + 1), the last column zero; valid after [`Steepness::descend`].
    pub fn gradient(&self) -> &DMatrix<T> {
        &self.up[0]
    }

    /// Computes the gradient by the inputs of scalar `k` of a target where `pass` has gone forward.
    pub fn descend(
        &mut self,
        architecture: &Architecture,
        thetas: &[DMatrix<T>],
        pass: &mut Activations<T>,
        labels: &[u32],
        (target, k): (Target, usize),
    ) {
        let Activations {
            hidden,
            output,
            packing,
        } = pass;
        let last = thetas.len() - 1;
        cotangent::write(target, k, output, labels, &mut self.down[last]);
        for l in (0..last).rev() {
            let (below, here) = self.down.split_at_mut(l + 1);
            let (b, h) = (&mut below[l], &mut self.above[l]);
            let inputs = 0..h.ncols();
            times_weights_transposed(&here[0], &thetas[l + 1], inputs, h.as_mut_slice(), packing);
            b.as_mut_slice().copy_from_slice(h.as_slice());
            slope(&architecture.layers[l], hidden, l, b, packing.arithmetic());
        }
        let inputs = 0..thetas[0].nrows() - 1;
        let g = self.up[0].as_mut_slice();
        times_weights_transposed(&self.down[0], &thetas[0], inputs, g, packing);
    }

    /// The sum of the norms of the gradients; they become its slope, times `scale`.
    pub fn measure(&mut self, norm: Norm, delta: f64, scale: f64) -> f64 {
        let (rows, d) = (self.up[0].nrows(), self.up[0].ncols() - 1);
        let g = &mut self.up[0].as_mut_slice()[..rows * d];
        measure(norm, delta, scale, g, rows)
    }

    /// From the slopes that [`Steepness::measure`] left, goes up; what joins the way back of the loss is written, or added where there
    /// is `more` of it than one scalar's.
    pub fn ascend(
        &mut self,
        architecture: &Architecture,
        thetas: &[DMatrix<T>],
        pass: &mut Activations<T>,
        labels: &[u32],
        target: Target,
        more: bool,
    ) {
        let Activations {
            hidden,
            output,
            packing,
        } = pass;
        let last = thetas.len() - 1;
        for l in 0..last {
            let layer = &architecture.layers[l];
            let (before, here) = self.up.split_at_mut(l + 1);
            let (t, e) = (&mut here[0], &mut self.above[l]);
            times_weights(&before[l], &thetas[l], t.as_mut_slice(), packing);
            let u = &t.as_slice()[..e.len()];
            for (e, &u) in e.as_mut_slice().iter_mut().zip(u) {
                *e = (*e * u).flushed();
            }
            let values = numbers(hidden, l);
            if let Some(activation) = layer.activation {
                activation.times_curvature(values, e.as_mut_slice(), packing.arithmetic());
            }
            slope(layer, hidden, l, t, packing.arithmetic());
            add(&mut self.injected[l], e, more);
        }
        if !cotangent::is_linear(target) {
            let [u, scratch] = &mut self.outputs;
            times_weights(&self.up[last], &thetas[last], u.as_mut_slice(), packing);
            cotangent::curve(target, output, labels, u, scratch);
            add(&mut self.injected[last], u, more);
        }
    }
}

/// `A_l` of a hidden layer, without the ones.
fn numbers<T: Real>(hidden: &Hidden<T>, l: usize) -> &[T] {
    let a = &hidden.values[l];
    &a.as_slice()[..a.len() - a.nrows()]
}

/// `m ← m ⊙ σ'(Z_l)`; what it has more is left alone.
fn slope<T: Real>(
    layer: &Layer,
    hidden: &Hidden<T>,
    l: usize,
    m: &mut DMatrix<T>,
    arithmetic: Arithmetic,
) {
    if let Some(activation) = layer.activation {
        activation.times_slope(numbers(hidden, l), m.as_mut_slice(), arithmetic);
    }
}

fn add<T: Real>(to: &mut DMatrix<T>, from: &DMatrix<T>, more: bool) {
    let (to, from) = (to.as_mut_slice(), from.as_slice());
    if more {
        to.iter_mut().zip(from).for_each(|(to, &from)| *to += from);
    } else {
        to.copy_from_slice(from);
    }
}

/// The sum of the norms of the rows of `g`, which lie `rows` apart; `g` becomes its slope, times `scale`. 0 has the slope 0.
fn measure<T: Real>(norm: Norm, delta: f64, scale: f64, g: &mut [T], rows: usize) -> f64 {
    let mut sum = 0.0;
    let s = T::of(scale);
    match norm {
        Norm::L1 if delta == 0.0 => {
            for g in g {
                sum += g.abs().to_f64();
                *g = sign(*g) * s;
            }
        }
        Norm::L1 => {
            let round = T::of(delta);
            for g in g {
                let root = (*g * *g + round * round).sqrt();
                sum += (root - round).to_f64();
                *g = (*g / root * s).flushed();
            }
        }
        Norm::Sq => {
            for g in g {
                sum += 0.5 * (*g * *g).to_f64();
                *g = (*g * s).flushed();
            }
        }
        Norm::L2 => {
            let round = T::of(delta);
            for i in 0..rows {
                let squares = g[i..].iter().step_by(rows);
                let squares = squares.fold(T::zero(), |sum, &g| sum + g * g);
                let root = (squares + round * round).sqrt();
                sum += (root - round).to_f64();
                if root > T::zero() {
                    let own = g[i..].iter_mut().step_by(rows);
                    own.for_each(|g| *g = (*g / root * s).flushed());
                }
            }
        }
    }
    sum
}

/// 1, −1, or 0 for 0.
pub(super) fn sign<T: Real>(x: T) -> T {
    if x > T::zero() {
        T::one()
    } else if x < T::zero() {
        -T::one()
    } else {
        T::zero()
    }
}
