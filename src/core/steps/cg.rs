//! Conjugate gradients for the proximal system, all columns at once, the matrix never formed.

use super::gradient::{Arriving, Block};
use crate::nn::Real;
use crate::nn::product::{Packing, add_scaled, affine, dot, transposed_times};
use nalgebra::DMatrix;

/// Added to denominators, so that a converged column does not divide by zero.
pub const GUARD: f64 = 1e-6;

/// How a solve went.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CgReport {
    /// Iterations made.
    pub iterations: u32,
    /// `√(largest column's r·r / mean initial r·r)` at the end.
    pub residual: f64,
}

/// Memory of one layer's solve.
#[derive(Clone, Debug)]
pub struct CgMemory<T: Real> {
    residual: DMatrix<T>,
    search: DMatrix<T>,
    image: DMatrix<T>,
    /// A further block's image; empty until there is one.
    further: DMatrix<T>,
    over_samples: DMatrix<T>,
    squares: Vec<T>,
}

impl<T: Real> CgMemory<T> {
    /// For a layer with parameters `(inputs+1) × outputs` and minibatches of `rows` padded rows.
    pub fn new(parameters: (usize, usize), rows: usize) -> Self {
        let (n, m) = parameters;
        CgMemory {
            residual: DMatrix::zeros(n, m),
            search: DMatrix::zeros(n, m),
            image: DMatrix::zeros(n, m),
            further: DMatrix::zeros(0, 0),
            over_samples: DMatrix::zeros(rows, m),
            squares: vec![T::zero(); m],
        }
    }

    /// `image ← Σ w Âᵀ(Â search)`
    fn apply(&mut self, blocks: &[Block<T>], packing: &mut Packing<T>) {
        let (first, others) = blocks.split_first().expect("a layer has inputs");
        affine(first.inputs, &self.search, &mut self.over_samples, packing);
        transposed_times(first.inputs, &self.over_samples, &mut self.image, packing);
        if first.weight != 1.0 {
            self.image *= T::of(first.weight);
        }
        if !others.is_empty() && self.further.is_empty() {
            self.further = self.image.clone();
        }
        for block in others {
            affine(block.inputs, &self.search, &mut self.over_samples, packing);
            transposed_times(block.inputs, &self.over_samples, &mut self.further, packing);
            let (image, further) = (self.image.as_mut_slice(), self.further.as_slice());
            add_scaled(image, T::of(block.weight), further);
        }
    }
}

/// `D ≈ (Σ w ÂᵀÂ + I/τ_θ)⁻¹ G` by at most `max_iterations` of CG from `D = 0`.
///
/// This is MATH.md's system for `Θ`, started at `Θ_l` and written for the correction `D = Θ_l − Θ`: its
/// first residual is then exactly the gradient. Stops early when the largest column's `r·r` falls below
/// `tolerance² ×` the mean initial `r·r`.
pub fn solve<T: Real>(
    arriving: &Arriving<T>,
    tau_theta: f64,
    max_iterations: u32,
    tolerance: f64,
    memory: &mut CgMemory<T>,
    packing: &mut Packing<T>,
    d: &mut DMatrix<T>,
) -> CgReport {
    let n = d.nrows();
    let (shift, guard) = (T::of(1.0 / tau_theta), T::of(GUARD));
    d.fill(T::zero());
    arriving.gradient(&mut memory.residual, packing);
    memory.search.copy_from(&memory.residual);
    let mut initial = 0.0;
    let columns = memory.residual.as_slice().chunks_exact(n);
    for (square, r) in memory.squares.iter_mut().zip(columns) {
        *square = dot(r, r);
        initial += square.to_f64();
    }
    initial /= memory.squares.len() as f64;
    let mut report = CgReport {
        iterations: 0,
        residual: if initial > 0.0 { 1.0 } else { 0.0 },
    };
    while report.iterations < max_iterations {
        memory.apply(arriving.blocks(), packing);
        let CgMemory {
            residual,
            search,
            image,
            squares,
            ..
        } = memory;
        let columns = d
            .as_mut_slice()
            .chunks_exact_mut(n)
            .zip(residual.as_mut_slice().chunks_exact_mut(n))
            .zip(search.as_mut_slice().chunks_exact_mut(n))
            .zip(image.as_mut_slice().chunks_exact_mut(n))
            .zip(squares.iter_mut());
        let mut largest = T::zero();
        for ((((d, r), p), image), square) in columns {
            add_scaled(image, shift, p);
            let alpha = (*square / (dot(p, image) + guard)).flushed();
            add_scaled(d, alpha, p);
            let pairs = r.iter_mut().zip(image.iter());
            pairs.for_each(|(r, &image)| *r = (*r - alpha * image).flushed());
            let next = dot(r, r);
            let beta = (next / (*square + guard)).flushed();
            p.iter_mut()
                .zip(r.iter())
                .for_each(|(p, &r)| *p = (r + beta * *p).flushed());
            *square = next;
            largest = if next > largest { next } else { largest };
        }
        report.iterations += 1;
        report.residual = if initial > 0.0 {
            (largest.to_f64() / initial).sqrt()
        } else {
            0.0
        };
        if largest.to_f64() < tolerance * tolerance * initial {
            break;
        }
    }
    d.iter_mut().for_each(|d| *d = d.flushed());
    report
}

/// Floating-point operations of one iteration beyond the gradient's: `Â P`, then `Âᵀ(Â P)`, for `samples` rows, `n` inputs
/// and `m` outputs.
pub fn flops(samples: u64, (n, m): (u64, u64)) -> u64 {
    4 * samples * n * m
}
