//! The proximal system solved exactly: a kernel matrix is formed and factored, over a layer's inputs or over a minibatch's
//! samples, whichever are fewer. Knows one layer's inputs and what arrives there.

use super::cholesky::{self, NotPositiveDefinite};
use super::gradient::{Arriving, curvature};
use crate::nn::Real;
use crate::nn::layer::Rows;
use crate::nn::product::{Packing, gram_of_rows, transposed_times};
use nalgebra::DMatrix;

/// Memory of one layer's solve.
#[derive(Clone, Debug)]
pub struct ExactMemory<T: Real> {
    by_rows: bool,
    /// `Σ w ÂᵀÂ + I/τ_θ`, or `w ÂÂᵀ + I/τ_θ`, and its factor.
    system: DMatrix<T>,
    /// By rows: `(w ÂÂᵀ + I/τ_θ)⁻¹ G_Z`.
    solution: DMatrix<T>,
    side_by_side: cholesky::SideBySide<T>,
    /// A further block's `ÂᵀÂ`; empty until there is one.
    further: DMatrix<T>,
}

/// Whether a layer with so many inputs, the ones included, is solved by rows where there are at most so many: every part of the
/// work (see [`flops`]) grows with the order of the system.
pub fn by_rows(most: usize, inputs: usize) -> bool {
    most < inputs
}

impl<T: Real> ExactMemory<T> {
    /// For a layer with parameters `(inputs+1) × outputs` and so many rows of `Â`.
    pub fn new((inputs, outputs): (usize, usize), rows: Rows) -> Self {
        let by_rows = by_rows(rows.most, inputs);
        let order = if by_rows { rows.padded } else { inputs };
        let solution = if by_rows {
            (rows.padded, outputs)
        } else {
            (0, 0)
        };
        ExactMemory {
            by_rows,
            system: DMatrix::zeros(order, order),
            solution: DMatrix::zeros(solution.0, solution.1),
            side_by_side: cholesky::SideBySide::default(),
            further: DMatrix::zeros(0, 0),
        }
    }

    /// `system ← system + I/τ_θ`, and its factor.
    fn factor(
        &mut self,
        tau_theta: f64,
        packing: &mut Packing<T>,
    ) -> Result<(), NotPositiveDefinite> {
        let shift = T::of(1.0 / tau_theta);
        for i in 0..self.system.nrows() {
            self.system[(i, i)] += shift;
        }
        cholesky::factor(&mut self.system, packing)
    }
}

/// `D = (Σ w ÂᵀÂ + I/τ_θ)⁻¹ G` by Cholesky, shaped as Θ (Frerix et al. 2018, eq. 12); where the minibatch has fewer rows
/// than the layer has inputs and `G = Âᵀ G_Z`, as `D = Âᵀ (w ÂÂᵀ + I/τ_θ)⁻¹ G_Z`, which is the same (push-through identity) and
/// needs no `G`.
///
/// # Errors
/// When the system has no usable pivot in some column.
pub fn solve<T: Real>(
    arriving: &Arriving<T>,
    tau_theta: f64,
    memory: &mut ExactMemory<T>,
    packing: &mut Packing<T>,
    d: &mut DMatrix<T>,
) -> Result<(), NotPositiveDefinite> {
    match arriving {
        Arriving::Delta { inputs, delta } if memory.by_rows => {
            gram_of_rows(inputs.inputs, &mut memory.system, packing);
            if inputs.weight != 1.0 {
                memory.system *= T::of(inputs.weight);
            }
            memory.factor(tau_theta, packing)?;
            let ExactMemory {
                system,
                solution,
                side_by_side,
                ..
            } = memory;
            solution.as_mut_slice().copy_from_slice(delta.as_slice());
            cholesky::solve(system, solution, side_by_side, packing);
            transposed_times(inputs.inputs, solution, d, packing);
        }
        _ => {
            let inputs = d.nrows();
            if memory.system.nrows() != inputs {
                // Made for less: a gradient that is no `Âᵀ G_Z` has no rows to go by.
                memory.system = DMatrix::zeros(inputs, inputs);
            }
            let ExactMemory {
                system, further, ..
            } = &mut *memory;
            curvature(arriving.blocks(), system, further, packing);
            memory.factor(tau_theta, packing)?;
            arriving.gradient(d, packing);
            let ExactMemory {
                system,
                side_by_side,
                ..
            } = memory;
            cholesky::solve(system, d, side_by_side, packing);
        }
    }
    Ok(())
}

/// Floating-point operations beyond the gradient's: one triangle of a kernel matrix, its factor, and two triangular solves for
/// `m` outputs; over `n` inputs, or over so many rows of a minibatch of up to `most`, where the product of the gradient is made
/// once, of the solution.
pub fn flops(rows: u64, most: u64, (n, m): (u64, u64)) -> u64 {
    let (order, terms) = if by_rows(most as usize, n as usize) {
        (rows, n)
    } else {
        (n, rows)
    };
    terms * order * (order + 1)
        + (order.pow(3) - order) / 3
        + 2 * order * order.saturating_sub(1) * m
}
