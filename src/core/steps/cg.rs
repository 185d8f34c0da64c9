//! Conjugate gradients for the proximal system, all columns at once; the matrix is formed only by the fast arithmetic, where
//! that saves work. Knows one layer's inputs and what arrives there.

use super::gradient::{Arriving, Block, curvature};
use super::implicit::Implicit;
use crate::nn::product::{Packing, add_scaled, affine, dot_in, symmetric_times, transposed_times};
use crate::nn::{Arithmetic, Real};
use nalgebra::DMatrix;

/// Vectors in which the fast arithmetic sums a column's products.
const VECTORS: usize = 8;

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
    /// A further block's image or `ÂᵀÂ`; empty until there is one.
    further: DMatrix<T>,
    /// `Σ w ÂᵀÂ`; empty until it is formed.
    system: DMatrix<T>,
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
            system: DMatrix::zeros(0, 0),
            over_samples: DMatrix::zeros(rows, m),
            squares: vec![T::zero(); m],
        }
    }

    /// `system ← Σ w ÂᵀÂ`
    fn form(&mut self, blocks: &[Block<T>], packing: &mut Packing<T>) {
        if self.system.is_empty() {
            let n = self.search.nrows();
            self.system = DMatrix::zeros(n, n);
        }
        curvature(blocks, &mut self.system, &mut self.further, packing);
    }

    /// `image ← Σ w Âᵀ(Â search)`
    fn apply(&mut self, blocks: &[Block<T>], packing: &mut Packing<T>) {
        let (first, others) = blocks.split_first().expect("a layer has inputs");
        let over_samples = self.over_samples.as_mut_slice();
        affine(first.inputs, &self.search, over_samples, packing);
        transposed_times(first.inputs, &self.over_samples, &mut self.image, packing);
        if first.weight != 1.0 {
            self.image *= T::of(first.weight);
        }
        if !others.is_empty() && self.further.is_empty() {
            self.further = self.image.clone();
        }
        for block in others {
            let over_samples = self.over_samples.as_mut_slice();
            affine(block.inputs, &self.search, over_samples, packing);
            transposed_times(block.inputs, &self.over_samples, &mut self.further, packing);
            let (image, further) = (self.image.as_mut_slice(), self.further.as_slice());
            add_scaled(image, T::of(block.weight), further);
        }
    }

    /// Squares the columns of the first residual, of `n` entries each; the mean of all.
    #[inline(always)]
    fn begin<const VECTORS: usize>(&mut self, n: usize) -> f64 {
        let columns = self.residual.as_slice().chunks_exact(n);
        let count = columns.len() as f64;
        let mut sum = 0.0;
        for (square, r) in self.squares.iter_mut().zip(columns) {
            *square = dot_in::<T, VECTORS>(r, r);
            sum += square.to_f64();
        }
        sum / count
    }

    /// Moves every column of `d`, of `n` entries, along its search direction, whose image is known, and turns to the next one; the largest
    /// column's `r·r`.
    #[inline(always)]
    fn iterate<const VECTORS: usize>(&mut self, n: usize, told: Implicit, d: &mut DMatrix<T>) -> T {
        let (shift, epsilon) = (T::of(1.0 / told.tau_theta), T::of(told.cg_epsilon));
        let over = |square: T, below: T| {
            let below = below + epsilon;
            // Without ε a column that has arrived would divide by zero.
            if below == T::zero() {
                return below;
            }
            (square / below).flushed()
        };
        let columns = d
            .as_mut_slice()
            .chunks_exact_mut(n)
            .zip(self.residual.as_mut_slice().chunks_exact_mut(n))
            .zip(self.search.as_mut_slice().chunks_exact_mut(n))
            .zip(self.image.as_mut_slice().chunks_exact_mut(n))
            .zip(&mut self.squares);
        let mut largest = T::zero();
        for ((((d, r), p), image), square) in columns {
            add_scaled(image, shift, p);
            let alpha = over(*square, dot_in::<T, VECTORS>(p, image));
            add_scaled(d, alpha, p);
            let pairs = r.iter_mut().zip(image.iter());
            pairs.for_each(|(r, &image)| *r = (*r - alpha * image).flushed());
            let next = dot_in::<T, VECTORS>(r, r);
            let beta = over(next, *square);
            p.iter_mut()
                .zip(r.iter())
                .for_each(|(p, &r)| *p = (r + beta * *p).flushed());
            *square = next;
            largest = if next > largest { next } else { largest };
        }
        largest
    }
}

/// Whether forming `Σ w ÂᵀÂ` saves multiplications in so many iterations. The portable arithmetic never does, and so keeps
/// its numbers.
fn forms<T: Real>(
    blocks: &[Block<T>],
    (n, m): (usize, usize),
    iterations: u32,
    packing: &Packing<T>,
) -> bool {
    let rows: usize = blocks.iter().map(|block| block.inputs.nrows()).sum();
    let iterations = iterations as usize;
    let formed = rows * n * n / 2 + iterations * n * n * m;
    packing.pays([n, m, n]) && formed < iterations * 2 * rows * n * m
}

/// `D ≈ (Σ w ÂᵀÂ + I/τ_θ)⁻¹ G` by at most so many iterations of CG from `D = 0`; every column of Θ with a length and a turn of
/// its own, or all of Θ `together` as one.
///
/// This is MATH.md's system for `Θ`, started at `Θ_l` and written for the correction `D = Θ_l − Θ`: its
/// first residual is then exactly the gradient. Stops early when the largest column's `r·r` falls below
/// `tolerance² ×` the mean initial `r·r`; with a tolerance of 0 where nothing is gained any more.
pub fn solve<T: Real>(
    arriving: &Arriving<T>,
    implicit: Implicit,
    (max_iterations, together): (u32, bool),
    memory: &mut CgMemory<T>,
    packing: &mut Packing<T>,
    d: &mut DMatrix<T>,
) -> CgReport {
    let (n, tolerance) = (
        if together { d.len() } else { d.nrows() },
        implicit.cg_tolerance,
    );
    // Far below rounding; nearer to the numbers that are set to zero, steps would be made of what is left of them and lead astray.
    let tolerance = tolerance.max(T::default_epsilon().to_f64().powi(2));
    let arithmetic = packing.arithmetic();
    d.fill(T::zero());
    arriving.gradient(&mut memory.residual, packing);
    memory.search.copy_from(&memory.residual);
    let initial = match arithmetic {
        Arithmetic::Portable => memory.begin::<1>(n),
        Arithmetic::Fast(_) => arithmetic.vectorised(
            #[inline(always)]
            || memory.begin::<VECTORS>(n),
        ),
    };
    let mut report = CgReport {
        iterations: 0,
        residual: if initial > 0.0 { 1.0 } else { 0.0 },
    };
    let forms = forms(arriving.blocks(), d.shape(), max_iterations, packing);
    if forms {
        memory.form(arriving.blocks(), packing);
    }
    while report.iterations < max_iterations {
        if forms {
            let CgMemory {
                system,
                search,
                image,
                ..
            } = memory;
            symmetric_times(system, search, image, packing);
        } else {
            memory.apply(arriving.blocks(), packing);
        }
        let largest = match arithmetic {
            Arithmetic::Portable => memory.iterate::<1>(n, implicit, d),
            Arithmetic::Fast(_) => arithmetic.vectorised(
                #[inline(always)]
                || memory.iterate::<VECTORS>(n, implicit, d),
            ),
        };
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
    arithmetic.vectorised(
        #[inline(always)]
        || d.iter_mut().for_each(|d| *d = d.flushed()),
    );
    report
}

/// Floating-point operations of one iteration beyond the gradient's: `Â P`, then `Âᵀ(Â P)`, for so many rows, `n` inputs and
/// `m` outputs; fewer are made where the matrix is formed.
pub fn flops(rows: u64, (n, m): (u64, u64)) -> u64 {
    4 * rows * n * m
}
