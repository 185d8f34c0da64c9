//! Conjugate gradients for the proximal system, all columns at once, the matrix never formed.

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
            over_samples: DMatrix::zeros(rows, m),
            squares: vec![T::zero(); m],
        }
    }
}

/// `D ≈ (ÂᵀÂ + I/τ_θ)⁻¹ G` by at most `max_iterations` of CG from `D = 0`.
///
/// This is MATH.md's system for `Θ`, started at `Θ_l` and written for the correction `D = Θ_l − Θ`: its
/// first residual is then exactly the gradient. Stops early when the largest column's `r·r` falls below
/// `tolerance² ×` the mean initial `r·r`.
pub fn solve<T: Real>(
    a: &DMatrix<T>,
    g: &DMatrix<T>,
    tau_theta: f64,
    max_iterations: u32,
    tolerance: f64,
    memory: &mut CgMemory<T>,
    packing: &mut Packing<T>,
    d: &mut DMatrix<T>,
) -> CgReport {
    let n = g.nrows();
    let (shift, guard) = (T::of(1.0 / tau_theta), T::of(GUARD));
    let CgMemory {
        residual,
        search,
        image,
        over_samples,
        squares,
    } = memory;
    d.fill(T::zero());
    residual.copy_from(g);
    search.copy_from(g);
    let mut initial = 0.0;
    for (square, r) in squares.iter_mut().zip(residual.as_slice().chunks_exact(n)) {
        *square = dot(r, r);
        initial += square.to_f64();
    }
    initial /= squares.len() as f64;
    let mut report = CgReport {
        iterations: 0,
        residual: if initial > 0.0 { 1.0 } else { 0.0 },
    };
    while report.iterations < max_iterations {
        affine(a, search, over_samples, packing);
        transposed_times(a, over_samples, image);
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
            let alpha = *square / (dot(p, image) + guard);
            add_scaled(d, alpha, p);
            add_scaled(r, -alpha, image);
            let next = dot(r, r);
            let beta = next / (*square + guard);
            p.iter_mut()
                .zip(r.iter())
                .for_each(|(p, &r)| *p = r + beta * *p);
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
    report
}
