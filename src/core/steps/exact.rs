//! The proximal system solved exactly: its Gram matrix is formed and factored. Knows one layer's inputs and gradient.

use super::cholesky::{self, NotPositiveDefinite};
use super::gradient::{Arriving, Block};
use crate::nn::Real;
use crate::nn::product::{add_scaled, gram};
use nalgebra::DMatrix;

/// Memory of one layer's solve.
#[derive(Clone, Debug)]
pub struct GramMemory<T: Real> {
    /// `Σ w ÂᵀÂ + I/τ_θ` and its factor.
    system: DMatrix<T>,
    /// A further block's `ÂᵀÂ`; empty until there is one.
    further: DMatrix<T>,
}

impl<T: Real> GramMemory<T> {
    /// For a layer with so many inputs, the ones included.
    pub fn new(inputs: usize) -> Self {
        GramMemory {
            system: DMatrix::zeros(inputs, inputs),
            further: DMatrix::zeros(0, 0),
        }
    }

    /// `system ← Σ w ÂᵀÂ`
    fn form(&mut self, blocks: &[Block<T>]) {
        let (first, others) = blocks.split_first().expect("a layer has inputs");
        gram(first.inputs, &mut self.system);
        if first.weight != 1.0 {
            self.system *= T::of(first.weight);
        }
        if !others.is_empty() && self.further.is_empty() {
            self.further = self.system.clone();
        }
        for block in others {
            gram(block.inputs, &mut self.further);
            let (system, further) = (self.system.as_mut_slice(), self.further.as_slice());
            add_scaled(system, T::of(block.weight), further);
        }
    }
}

/// `D = (Σ w ÂᵀÂ + I/τ_θ)⁻¹ G` by Cholesky, shaped as Θ (Frerix et al. 2018, eq. 12).
///
/// # Errors
/// When the system has no usable pivot in some column.
pub fn solve<T: Real>(
    arriving: &Arriving<T>,
    tau_theta: f64,
    memory: &mut GramMemory<T>,
    d: &mut DMatrix<T>,
) -> Result<(), NotPositiveDefinite> {
    memory.form(arriving.blocks());
    let system = &mut memory.system;
    let shift = T::of(1.0 / tau_theta);
    for i in 0..system.nrows() {
        system[(i, i)] += shift;
    }
    cholesky::factor(system)?;
    arriving.gradient(d);
    cholesky::solve(system, d);
    Ok(())
}

/// Floating-point operations beyond the gradient's: one triangle of the Gram matrix of `samples` rows and `n` inputs, its
/// factor, and two triangular solves for `m` outputs.
pub fn flops(samples: u64, (n, m): (u64, u64)) -> u64 {
    samples * n * (n + 1) + (n * n * n - n) / 3 + 2 * n * (n - 1) * m
}
