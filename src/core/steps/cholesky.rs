//! Cholesky in place, without allocation, with a named failing pivot. Knows only matrices.

use crate::nn::arithmetic::Processor;
use crate::nn::fast::{Factor, Start};
use crate::nn::product::{Packing, add_scaled, dot};
use crate::nn::real::{LANES, Lanes};
use crate::nn::{Arithmetic, Real};
use nalgebra::DMatrix;
use std::ops::Range;

/// The matrix was not numerically positive definite (or not finite) at this column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotPositiveDefinite {
    /// The column (from 0) whose pivot failed.
    pub column: usize,
}

/// Columns that are factored, and rows that are solved for, one by one in the fast arithmetic; more are halved until no
/// more than these are left, and what one half means for the other is a product.
const LEAF: usize = 16;

/// So many of the first of `all` columns or rows are one half.
fn half(all: usize) -> usize {
    (all / 2).next_multiple_of(LEAF / 2)
}

/// `M = L Lᵀ`: overwrites the lower triangle of the `n × n` matrix with `L`; the upper one is of no meaning before and after.
///
/// # Errors
/// [`NotPositiveDefinite`] at the first pivot that is not a positive finite number.
pub fn factor<T: Real>(
    m: &mut DMatrix<T>,
    packing: &mut Packing<T>,
) -> Result<(), NotPositiveDefinite> {
    let n = m.nrows();
    factor_columns(m.as_mut_slice(), n, 0, packing)
}

/// Factors the columns `m`, of `n` rows, the first of which has the diagonal in row `first`; what the columns before them
/// mean for them is done.
fn factor_columns<T: Real>(
    m: &mut [T],
    n: usize,
    first: usize,
    packing: &mut Packing<T>,
) -> Result<(), NotPositiveDefinite> {
    let columns = m.len() / n;
    if let Arithmetic::Fast(processor) = packing.arithmetic()
        && columns > LEAF
    {
        let half = half(columns);
        let (left, right) = m.split_at_mut(half * n);
        factor_columns(left, n, first, packing)?;
        let next = first + half;
        // Rows of `L` left of the columns at the right.
        let below = Factor::terms_apart(&left[next..], n);
        packing.pack(processor, below, (half, columns - half), true);
        let right_below = (&mut right[next..], n);
        packing.multiply(processor, (below, n - next), Start::Kept, true, right_below);
        return factor_columns(right, n, next, packing);
    }
    for j in 0..columns {
        let (left, right) = m.split_at_mut((j + 1) * n);
        let diagonal = first + j;
        let column = &mut left[j * n + diagonal..];
        let pivot = column[0];
        if !(pivot > T::zero() && pivot.is_finite()) {
            return Err(NotPositiveDefinite { column: diagonal });
        }
        let scale = T::one() / pivot.sqrt();
        column.iter_mut().for_each(|x| *x = (*x * scale).flushed());
        for k in j + 1..columns {
            let start = (k - j - 1) * n + first + k;
            let factor = column[k - j];
            let to = &mut right[start..start + n - first - k];
            add_scaled(to, -factor, &column[k - j..]);
        }
    }
    Ok(())
}

/// `B ← (L Lᵀ)⁻¹ B`; `l` from [`factor`], `b` is `n × m`.
///
/// # Panics
/// When the rows of `b` are not those of `l`.
pub fn solve<T: Real>(
    l: &DMatrix<T>,
    b: &mut DMatrix<T>,
    side_by_side: &mut SideBySide<T>,
    packing: &mut Packing<T>,
) {
    let n = l.nrows();
    assert_eq!(b.nrows(), n, "cholesky: right-hand sides of another size");
    let (l, b) = (l.as_slice(), b.as_mut_slice());
    match packing.arithmetic() {
        Arithmetic::Portable => side_by_side.solve(l, b, n),
        Arithmetic::Fast(processor) => {
            for system in [System::Lower, System::Transposed] {
                system.solve_by_halves(l, b, n, 0..n, processor, packing);
                b.iter_mut().for_each(|b| *b = b.flushed());
            }
        }
    }
}

/// A triangular system: `L`, whose first rows are solved first, or `Lᵀ`, whose last ones are.
#[derive(Clone, Copy)]
enum System {
    Lower,
    Transposed,
}

impl System {
    /// Solves in place for these rows of `b`, what those that are solved before mean for them being done.
    fn solve_by_halves<T: Real>(
        self,
        l: &[T],
        b: &mut [T],
        n: usize,
        rows: Range<usize>,
        processor: Processor,
        packing: &mut Packing<T>,
    ) {
        if rows.len() <= LEAF {
            b.chunks_exact_mut(n)
                .for_each(|b| self.solve_one(l, b, rows.clone()));
            return;
        }
        let (m, middle) = (b.len() / n, rows.start + half(rows.len()));
        let (upper, lower) = (rows.start..middle, middle..rows.end);
        // What couples both halves stands below the diagonal.
        let block = &l[rows.start * n + middle..];
        let (first, second, block) = match self {
            System::Lower => (upper, lower, Factor::terms_apart(block, n)),
            System::Transposed => (lower, upper, Factor::outputs_apart(block, n)),
        };
        self.solve_by_halves(l, b, n, first.clone(), processor, packing);
        let solved = Factor::outputs_apart(&b[first.start..], n);
        packing.pack(processor, solved, (first.len(), m), true);
        let (block, rest) = ((block, second.len()), (&mut b[second.start..], n));
        packing.multiply(processor, block, Start::Kept, false, rest);
        self.solve_by_halves(l, b, n, second, processor, packing);
    }

    /// Solves in place for these rows of one right-hand side.
    fn solve_one<T: Real>(self, l: &[T], b: &mut [T], rows: Range<usize>) {
        let n = b.len();
        match self {
            System::Lower => {
                for j in rows.clone() {
                    let (head, tail) = b[j..rows.end].split_first_mut().expect("j is a row");
                    *head /= l[j * n + j];
                    add_scaled(tail, -*head, &l[j * n + j + 1..j * n + rows.end]);
                }
            }
            System::Transposed => {
                for j in rows.clone().rev() {
                    let below = dot(&l[j * n + j + 1..j * n + rows.end], &b[j + 1..rows.end]);
                    b[j] = (b[j] - below) / l[j * n + j];
                }
            }
        }
    }
}

/// Rows whose sums stay in registers while those before them stream by.
const TILE: usize = 8;

/// Memory of a solve of many right-hand sides, so many at once that each takes a lane: small systems do not fill vectors. Each
/// comes to what it comes to alone, bit for bit.
#[derive(Clone, Debug)]
pub struct SideBySide<T>(Vec<[T; LANES]>);

impl<T> Default for SideBySide<T> {
    fn default() -> Self {
        SideBySide(Vec::new())
    }
}

impl<T: Real> SideBySide<T> {
    fn solve(&mut self, l: &[T], b: &mut [T], n: usize) {
        self.0.resize(n, [T::zero(); LANES]);
        for columns in b.chunks_mut(n * LANES) {
            for (lane, column) in columns.chunks_exact(n).enumerate() {
                self.0
                    .iter_mut()
                    .zip(column)
                    .for_each(|(x, &b)| x[lane] = b);
            }
            self.forward(l, n);
            self.back(l, n);
            for (lane, column) in columns.chunks_exact_mut(n).enumerate() {
                self.0
                    .iter()
                    .zip(column)
                    .for_each(|(x, b)| *b = x[lane].flushed());
            }
        }
    }

    /// Through `L`, as [`System::solve_one`].
    fn forward(&mut self, l: &[T], n: usize) {
        let whole = n - n % TILE;
        for first in (0..whole).step_by(TILE) {
            self.forward_tile::<TILE>(l, n, first);
        }
        for row in whole..n {
            self.forward_tile::<1>(l, n, row);
        }
        for x in &mut self.0 {
            T::Lanes::load(x).flushed().store(x);
        }
    }

    /// The rows from `first` on, `R` of them; those before them are solved.
    #[inline(always)]
    fn forward_tile<const R: usize>(&mut self, l: &[T], n: usize, first: usize) {
        let (solved, tile) = self.0.split_at_mut(first);
        let tile = tile.first_chunk_mut::<R>().expect("a whole tile");
        let mut sums = tile.each_ref().map(T::Lanes::load);
        for (x, l) in solved.iter().zip(l.chunks_exact(n)) {
            let x = T::Lanes::load(x);
            let l = l[first..].first_chunk::<R>().expect("a whole tile");
            for (sum, &l) in sums.iter_mut().zip(l) {
                *sum = *sum - x * T::Lanes::splat(l);
            }
        }
        for j in 0..R {
            let l = &l[(first + j) * n + first..][..R];
            let x = sums[j] / T::Lanes::splat(l[j]);
            x.store(&mut tile[j]);
            for (sum, &l) in sums.iter_mut().zip(l).skip(j + 1) {
                *sum = *sum - x * T::Lanes::splat(l);
            }
        }
    }

    /// Through `Lᵀ`, as [`System::solve_one`]: in the order of [`dot`].
    fn back(&mut self, l: &[T], n: usize) {
        let part = |x: &[T; LANES], &l: &T| T::Lanes::load(x) * T::Lanes::splat(l);
        for (j, l) in l.chunks_exact(n).enumerate().rev() {
            let (head, below) = self.0[j..].split_first_mut().expect("j is a row");
            let ((x4, x), (l4, rest)) =
                (below.as_chunks::<LANES>(), l[j + 1..].as_chunks::<LANES>());
            let mut sums = [T::Lanes::splat(T::zero()); LANES];
            for (x, l) in x4.iter().zip(l4) {
                for ((sum, x), l) in sums.iter_mut().zip(x).zip(l) {
                    *sum = *sum + part(x, l);
                }
            }
            let [first, second, third, fourth] = sums;
            let sum = (first + second) + (third + fourth);
            let sum = x.iter().zip(rest).fold(sum, |sum, (x, l)| sum + part(x, l));
            ((T::Lanes::load(head) - sum) / T::Lanes::splat(l[j])).store(head);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn solve_one_by_one<T: Real>(l: &DMatrix<T>, b: &mut DMatrix<T>) {
        let n = l.nrows();
        for triangle in [System::Lower, System::Transposed] {
            let columns = b.as_mut_slice().chunks_exact_mut(n);
            columns.for_each(|column| triangle.solve_one(l.as_slice(), column, 0..n));
            b.apply(|x| *x = x.flushed());
        }
    }

    proptest! {
        #[test]
        fn side_by_side_or_one_by_one_the_solution_is_the_same(n in 1usize..40, m in 1usize..30, salt in 0u64..1000) {
            let entry = |i: usize, j: usize| ((i as u64 * 31 + j as u64 * 17 + salt) % 23) as f64 / 7.0 - 1.5;
            let a = DMatrix::from_fn(n, n, entry);
            let mut system = &a * a.transpose() + DMatrix::identity(n, n);
            let b = DMatrix::from_fn(n, m, |i, j| entry(j, i + 5));
            let expected = system.clone().lu().solve(&b).unwrap();
            let packing = &mut Packing::default();
            factor(&mut system, packing).unwrap();
            let (mut one, mut side) = (b.clone(), b);
            solve_one_by_one(&system, &mut one);
            solve(&system, &mut side, &mut SideBySide::default(), packing);
            prop_assert!((&one - &expected).amax() < 1e-9);
            prop_assert_eq!(&side, &one);

            let (l, mut one) = (system.map(|x| x as f32), side.map(|x| x as f32));
            let mut side = one.clone();
            solve_one_by_one(&l, &mut one);
            solve(&l, &mut side, &mut SideBySide::default(), &mut Packing::default());
            prop_assert_eq!(side, one);
        }

        /// Of orders that are halved, in columns and rows.
        #[test]
        fn the_fast_solution_is_the_solution(n in 1usize..70, m in 1usize..30, salt in 0u64..1000) {
            let entry = |i: usize, j: usize| ((i as u64 * 31 + j as u64 * 17 + salt) % 23) as f64 / 7.0 - 1.5;
            let a = DMatrix::from_fn(n, n, entry) / (n as f64).sqrt();
            let system = &a * a.transpose() + DMatrix::identity(n, n);
            let b = DMatrix::from_fn(n, m, |i, j| entry(j, i + 5));
            let expected = system.clone().lu().solve(&b).unwrap();
            let packing = &mut Packing::new(Arithmetic::fastest());
            let (mut l, mut x) = (system.map(|x| x as f32), b.map(|x| x as f32));
            factor(&mut l, packing).unwrap();
            solve(&l, &mut x, &mut SideBySide::default(), packing);
            prop_assert!((x.map(f64::from) - &expected).amax() < 1e-3 * expected.amax());

            let mut indefinite = system.map(|x| x as f32);
            let column = salt as usize % n;
            indefinite[(column, column)] = -1.0;
            prop_assert_eq!(factor(&mut indefinite, packing), Err(NotPositiveDefinite { column }));
        }
    }
}
