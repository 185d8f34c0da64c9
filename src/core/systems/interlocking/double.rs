//! What takes the time, in the precision that runs are made in. A generic function is compiled by the crate that calls it, and whoever
//! calls these may be compiled for size: here they are compiled for speed.

use super::learner::{Learner, Settings, Work};
use crate::nn::mlp::{Activations, Architecture, Batch};
use crate::nn::product::affine;
use crate::steps::{Breakdown, Gradient, Implicit};
use nalgebra::DMatrix;

/// [`Learner::step`].
///
/// # Errors
/// As there.
#[inline(never)]
pub fn step(
    learner: &mut Learner<f64>,
    architecture: &Architecture,
    batch: &Batch<f64>,
    how: &Settings,
    work: &mut Work<f64>,
) -> Result<(), Breakdown> {
    learner.step(architecture, batch, how, work)
}

/// [`Work::compute`].
///
/// # Errors
/// As there.
#[inline(never)]
pub fn compute(
    work: &mut Work<f64>,
    architecture: &Architecture,
    thetas: &[DMatrix<f64>],
    batch: &Batch<f64>,
    implicit: Implicit,
) -> Result<f64, Breakdown> {
    work.compute(architecture, thetas, batch, implicit)
}

/// Has `see` look at the outputs of every head, from below, with a head behind every `per_module` layers.
#[inline(never)]
pub fn heads(
    activations: &mut Activations<f64>,
    architecture: &Architecture,
    per_module: usize,
    thetas: &[DMatrix<f64>],
    batch: &Batch<f64>,
    see: &mut dyn FnMut(&DMatrix<f64>),
) {
    activations.forward(architecture, thetas, batch);
    let layers = architecture.trunk().len();
    let Activations {
        hidden,
        output,
        packing,
    } = activations;
    let mut z = output.clone();
    for (k, theta) in thetas[layers + 1..].iter().enumerate() {
        let top = (k + 1) * per_module - 1;
        affine(&hidden.values[top], theta, z.as_mut_slice(), packing);
        see(&z);
    }
    see(output);
}

/// Has `see` look at the gradient of the last head's loss by every layer of the trunk, from the top: what end-to-end learning hears. When
/// that loss is not finite there are none.
#[inline(never)]
pub fn end_to_end(
    gradient: &mut Gradient<f64>,
    architecture: &Architecture,
    thetas: &[DMatrix<f64>],
    batch: &Batch<f64>,
    see: &mut dyn FnMut(usize, &DMatrix<f64>),
) {
    let layers = architecture.trunk().len();
    let mut whole = architecture.zeros();
    // A breakdown ends it, and whoever steps is told of it.
    let _ = gradient.backward(architecture, thetas, batch, |l, arriving, packing| {
        if l < layers {
            arriving.gradient(&mut whole[l], packing);
            see(l, &whole[l]);
        }
        Ok(())
    });
}
