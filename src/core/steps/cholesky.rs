//! Cholesky in place, without allocation, with a named failing pivot. Knows only matrices.

use crate::nn::Real;
use crate::nn::product::{add_scaled, dot};
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
        column.iter_mut().for_each(|x| *x *= scale);
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
        for j in (0..n).rev() {
            let below = dot(&l[j * n + j + 1..(j + 1) * n], &b[j + 1..]);
            b[j] = (b[j] - below) / l[j * n + j];
        }
    }
}
