//! What is worth plotting about one layer's step. Computed on request.

use crate::nn::Real;
use crate::nn::product::{Packing, add_scaled, dot, gram, gram_of_rows};
use crate::nn::real::LANES;
use nalgebra::DMatrix;

/// `‖M‖` (Frobenius).
pub fn norm<T: Real>(m: &DMatrix<T>) -> f64 {
    inner(m, m).sqrt()
}

/// `⟨M, N⟩` (Frobenius), summed in double precision.
pub fn inner<T: Real>(m: &DMatrix<T>, n: &DMatrix<T>) -> f64 {
    sum(m, n, |a, b| a.to_f64() * b.to_f64())
}

/// `Σ f(m_ij, n_ij)` in double precision: in lanes, for one sum after the other would wait for itself.
///
/// # Panics
/// When the shapes differ.
pub fn sum<T: Real>(m: &DMatrix<T>, n: &DMatrix<T>, f: impl Fn(T, T) -> f64) -> f64 {
    assert_eq!(m.shape(), n.shape(), "sum: different shapes");
    let ((m8, m), (n8, n)) = (
        m.as_slice().as_chunks::<LANES>(),
        n.as_slice().as_chunks::<LANES>(),
    );
    let mut sums = [0.0; LANES];
    for (m, n) in m8.iter().zip(n8) {
        for ((sum, &m), &n) in sums.iter_mut().zip(m).zip(n) {
            *sum += f(m, n);
        }
    }
    let rest: f64 = m.iter().zip(n).map(|(&m, &n)| f(m, n)).sum();
    sums.iter().sum::<f64>() + rest
}

/// `cos ∠(M, N)`; 1 when either is zero.
pub fn cosine<T: Real>(m: &DMatrix<T>, n: &DMatrix<T>) -> f64 {
    let norms = norm(m) * norm(n);
    if norms > 0.0 {
        inner(m, n) / norms
    } else {
        1.0
    }
}

/// `λ_max(ÂᵀÂ)` of padded inputs `Â`.
///
/// Power iteration on the Gram matrix, that of the rows where they are fewer (`ÂÂᵀ` has the same one): a full
/// eigendecomposition costs n³ where only the largest eigenvalue is looked at, and for mean-heavy activations it is well separated. Stops when the residual
/// `‖Mv − λv‖ ≤ 1e-8 λ` (the error of λ is then below 1e-8 λ, and of order 1e-16 λ²/gap), after 2000 rounds at most.
pub fn lambda_max<T: Real>(a: &DMatrix<T>, packing: &mut Packing<T>) -> f64 {
    let side = a.nrows().min(a.ncols());
    let mut m = DMatrix::zeros(side, side);
    if a.nrows() < a.ncols() {
        gram_of_rows(a, &mut m, packing);
        m.fill_upper_triangle_with_lower_triangle();
    } else {
        gram(a, &mut m, packing);
    }
    let m = m.map(Real::to_f64);
    let trace = m.trace();
    if !(trace.is_finite() && trace > 0.0) {
        return trace;
    }
    let m = m / trace;
    // The fractional parts of multiples of the golden ratio: no pattern in the data is orthogonal to them.
    let start = |i| 0.5 + (0.618_033_988_75 * f64::from(i + 1)).fract();
    let mut v: Vec<f64> = (0..side as u32).map(start).collect();
    let mut image = vec![0.0; side];
    let mut lambda = 0.0;
    for _ in 0..500 {
        // Whether they suffice takes as long as some rounds.
        for _ in 0..2 {
            times(&m, &v, &mut image);
            times(&m, &image, &mut v);
        }
        let length = dot(&v, &v).sqrt();
        v.iter_mut().for_each(|x| *x /= length);
        times(&m, &v, &mut image);
        lambda = dot(&v, &image);
        let rest = |(v, image): (&f64, &f64)| (image - lambda * v).powi(2);
        let rest: f64 = v.iter().zip(&image).map(rest).sum();
        if rest.sqrt() <= 1e-8 * lambda {
            break;
        }
    }
    lambda * trace
}

/// `Mv`; products of so few numbers are not worth a library's.
fn times(m: &DMatrix<f64>, v: &[f64], to: &mut [f64]) {
    to.fill(0.0);
    for (column, &x) in m.as_slice().chunks_exact(v.len()).zip(v) {
        add_scaled(to, x, column);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_eigenvalue_is_found_where_row_sums_miss_its_vector() {
        // Two points on y = −x around 0, and the ones column; padded to four rows.
        let a = DMatrix::<f64>::from_row_slice(
            4,
            3,
            &[10., -10., 1., -10., 10., 1., 0., 0., 0., 0., 0., 0.],
        );
        let lambda = lambda_max(&a, &mut Packing::default());
        assert!((lambda - 400.0).abs() < 1e-5, "{lambda}");
    }

    #[test]
    fn fewer_rows_than_inputs_have_the_same_eigenvalue() {
        let wide = DMatrix::<f64>::from_fn(4, 12, |i, j| ((3 * i + 7 * j) % 11) as f64 - 4.0);
        let tall = wide.transpose();
        let [of_wide, of_tall] = [wide, tall].map(|a| lambda_max(&a, &mut Packing::default()));
        assert!(
            (of_wide - of_tall).abs() < 1e-7 * of_tall,
            "{of_wide}, {of_tall}"
        );
    }
}
