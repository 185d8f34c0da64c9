//! Cholesky in place, without allocation, with a named failing pivot. Knows only matrices.

use crate::nn::Real;
use crate::nn::product::{add_scaled, dot};
use crate::nn::real::{LANES, Lanes};
use nalgebra::DMatrix;

/// The matrix was not numerically positive definite (or not finite) at this column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotPositiveDefinite {
    /// The column (from 0) whose pivot failed.
    pub column: usize,
}

/// `M = L Lᵀ`: overwrites the lower triangle of the `n × n` matrix with `L`; the upper one is not read.
///
/// # Errors
/// [`NotPositiveDefinite`] at the first pivot that is not a positive finite number.
pub fn factor<T: Real>(m: &mut DMatrix<T>) -> Result<(), NotPositiveDefinite> {
    let n = m.nrows();
    let m = m.as_mut_slice();
    for j in 0..n {
        let (left, right) = m.split_at_mut((j + 1) * n);
        let column = &mut left[j * n + j..];
        let pivot = column[0];
        if !(pivot > T::zero() && pivot.is_finite()) {
            return Err(NotPositiveDefinite { column: j });
        }
        let scale = T::one() / pivot.sqrt();
        column.iter_mut().for_each(|x| *x = (*x * scale).flushed());
        for k in j + 1..n {
            let start = (k - j - 1) * n + k;
            let factor = column[k - j];
            add_scaled(&mut right[start..start + n - k], -factor, &column[k - j..]);
        }
    }
    Ok(())
}

/// `B ← (L Lᵀ)⁻¹ B`, column by column; `l` from [`factor`], `b` is `n × m`.
///
/// # Panics
/// When the rows of `b` are not those of `l`.
pub fn solve<T: Real>(l: &DMatrix<T>, b: &mut DMatrix<T>) {
    let n = l.nrows();
    assert_eq!(b.nrows(), n, "cholesky: right-hand sides of another size");
    let l = l.as_slice();
    for b in b.as_mut_slice().chunks_exact_mut(n) {
        for j in 0..n {
            let (head, tail) = b[j..].split_first_mut().expect("j < n");
            *head /= l[j * n + j];
            add_scaled(tail, -*head, &l[j * n + j + 1..(j + 1) * n]);
        }
        b.iter_mut().for_each(|b| *b = b.flushed());
        for j in (0..n).rev() {
            let below = dot(&l[j * n + j + 1..(j + 1) * n], &b[j + 1..]);
            b[j] = (b[j] - below) / l[j * n + j];
        }
        b.iter_mut().for_each(|b| *b = b.flushed());
    }
}

/// Memory of a solve of many right-hand sides, so many at once that each takes a lane: for systems too small to fill vectors.
#[derive(Clone, Debug)]
pub struct SideBySide<T>(Vec<[T; LANES]>);

impl<T: Real> SideBySide<T> {
    /// For systems of order `n`.
    pub fn new(n: usize) -> Self {
        SideBySide(vec![[T::zero(); LANES]; n])
    }

    /// As [`solve`], with the upper triangle of `l` used for its transpose.
    ///
    /// # Panics
    /// When the rows of `b` are not those of `l` and of this memory.
    pub fn solve(&mut self, l: &mut DMatrix<T>, b: &mut DMatrix<T>) {
        let n = l.nrows();
        let shapes = (b.nrows(), self.0.len());
        assert_eq!(shapes, (n, n), "cholesky: right-hand sides of another size");
        l.fill_upper_triangle_with_lower_triangle();
        let l = l.as_slice();
        for columns in b.as_mut_slice().chunks_mut(n * LANES) {
            for (lane, column) in columns.chunks_exact(n).enumerate() {
                self.0
                    .iter_mut()
                    .zip(column)
                    .for_each(|(x, &b)| x[lane] = b);
            }
            self.substitute(l, n);
            for (lane, column) in columns.chunks_exact_mut(n).enumerate() {
                self.0
                    .iter()
                    .zip(column)
                    .for_each(|(x, b)| *b = x[lane].flushed());
            }
        }
    }

    /// Forward through `L`, back through `Lᵀ`.
    fn substitute(&mut self, l: &[T], n: usize) {
        for j in 0..n {
            let (head, tail) = self.0[j..].split_first_mut().expect("j < n");
            eliminate(head, tail, l[j * n + j], &l[j * n + j + 1..(j + 1) * n]);
        }
        for x in &mut self.0 {
            T::Lanes::load(x).flushed().store(x);
        }
        for j in (0..n).rev() {
            let (rest, head) = self.0[..=j].split_at_mut(j);
            eliminate(&mut head[0], rest, l[j * n + j], &l[j * n..j * n + j]);
        }
    }
}

/// `x ← x / pivot`, and its part out of the others.
fn eliminate<T: Real>(x: &mut [T; LANES], others: &mut [[T; LANES]], pivot: T, column: &[T]) {
    let scale = T::Lanes::splat(T::one() / pivot);
    let head = T::Lanes::load(x) * scale;
    head.store(x);
    for (other, &l) in others.iter_mut().zip(column) {
        (T::Lanes::load(other) - head * T::Lanes::splat(l)).store(other);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn side_by_side_or_one_by_one_the_solution_is_the_same(n in 1usize..40, m in 1usize..30, salt in 0u64..1000) {
            let entry = |i: usize, j: usize| ((i as u64 * 31 + j as u64 * 17 + salt) % 23) as f64 / 7.0 - 1.5;
            let a = DMatrix::from_fn(n, n, entry);
            let mut system = &a * a.transpose() + DMatrix::identity(n, n);
            let b = DMatrix::from_fn(n, m, |i, j| entry(j, i + 5));
            let expected = system.clone().lu().solve(&b).unwrap();
            factor(&mut system).unwrap();
            let (mut one, mut side) = (b.clone(), b);
            solve(&system, &mut one);
            SideBySide::new(n).solve(&mut system, &mut side);
            prop_assert!((&one - &expected).amax() < 1e-9);
            prop_assert!((&side - &expected).amax() < 1e-9);
        }
    }
}
