//! What `l1 · Σ|w|` does to weights after the optimizer's step: its proximal step, or its explicit one. Biases are left
//! alone. It knows no gradient, and no optimizer's memory ever sees it.

use crate::nn::Real;
use nalgebra::DMatrix;

/// How weights are drawn towards zero by `s = τ · l1`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shrinkage {
    /// `w ← argmin_v ½(v − w)² + s|v| = sign(w) · max(|w| − s, 0)`, soft thresholding: what is small becomes exactly zero.
    #[default]
    Implicit,
    /// `w ← w − s · sign(w)`, sign 0 = 0: what is small jumps about zero.
    Explicit,
}

crate::named!(Shrinkage { Implicit = "implicit", Explicit = "explicit" });

/// A penalty `l1 · Σ|w|` on weights.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct L1 {
    /// Its factor, `l1`.
    pub factor: f64,
    /// How its step is made.
    pub shrinkage: Shrinkage,
}

impl L1 {
    /// How far a step of size τ moves a weight.
    pub fn size(self, tau: f64) -> f64 {
        tau * self.factor
    }

    /// Its step of size τ on every weight of every `Θ`; what is no number stays none.
    pub fn apply<T: Real>(self, tau: f64, thetas: &mut [DMatrix<T>]) {
        if self.factor == 0.0 {
            return;
        }
        let s = T::of(self.size(tau));
        let all = thetas.iter_mut().flat_map(|theta| {
            let rows = theta.nrows();
            theta.as_mut_slice().chunks_exact_mut(rows)
        });
        for column in all {
            let weights = column.len() - 1;
            for w in &mut column[..weights] {
                let near = self.shrinkage == Shrinkage::Implicit && w.abs() <= s;
                if near {
                    *w = T::zero();
                } else if *w > T::zero() {
                    *w = (*w - s).flushed();
                } else if *w < T::zero() {
                    *w = (*w + s).flushed();
                }
            }
        }
    }
}

/// How many weights are exactly zero, and how many there are; biases are none.
pub fn zeros<T: Real>(thetas: &[DMatrix<T>]) -> (usize, usize) {
    let count = |(zeros, weights): (usize, usize), theta: &DMatrix<T>| {
        let columns = theta.as_slice().chunks_exact(theta.nrows());
        let of_column = |column: &[T]| {
            let weights = &column[..column.len() - 1];
            weights.iter().filter(|w| **w == T::zero()).count()
        };
        let more = columns.map(of_column).sum::<usize>();
        (zeros + more, weights + theta.len() - theta.ncols())
    };
    thetas.iter().fold((0, 0), count)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One column of weights over a bias of 0.05, which is smaller than the steps below.
    fn stepped(shrinkage: Shrinkage, weights: &[f64], tau: f64, factor: f64) -> Vec<f64> {
        let mut column = weights.to_vec();
        column.push(0.05);
        let mut thetas = [DMatrix::from_vec(column.len(), 1, column)];
        L1 { factor, shrinkage }.apply(tau, &mut thetas);
        let after = thetas[0].as_slice();
        assert_eq!(after[weights.len()], 0.05, "biases stay");
        after[..weights.len()].to_vec()
    }

    /// Of the convex `½(v − w)²/τ + l1·|v|`, `v` is the minimum where 0 is a subgradient.
    #[test]
    fn the_implicit_step_is_the_proximal_point() {
        let weights: Vec<f64> = (-300..=300).map(|i| f64::from(i) / 97.0).collect();
        for (tau, l1) in [(1.0, 0.5), (10.0, 0.03), (0.1, 1.0)] {
            let after = stepped(Shrinkage::Implicit, &weights, tau, l1);
            for (w, v) in weights.iter().zip(after) {
                let slope = (v - w) / tau;
                if v == 0.0 {
                    assert!(slope.abs() <= l1 * (1.0 + 1e-12), "{w} to 0 by {l1}");
                } else {
                    assert!((slope + l1 * v.signum()).abs() < 1e-12, "{w} to {v}");
                    assert_eq!(v.signum(), w.signum(), "it stops at zero");
                }
            }
        }
    }

    #[test]
    fn zero_is_where_the_implicit_step_rests_and_the_explicit_one_jumps() {
        let (mut rests, mut jumps) = (vec![0.25, -0.25, 0.0], vec![0.25, -0.25, 0.0]);
        for step in 1..=20 {
            rests = stepped(Shrinkage::Implicit, &rests, 1.0, 0.1);
            jumps = stepped(Shrinkage::Explicit, &jumps, 1.0, 0.1);
            if step >= 3 {
                assert_eq!(rests, [0.0; 3], "step {step}");
                // 0.25, 0.15, 0.05, −0.05, 0.05, …
                assert!((jumps[0].abs() - 0.05).abs() < 1e-12, "{jumps:?}");
                assert_eq!(jumps[0], -jumps[1]);
                assert_eq!(jumps[0] < 0.0, step % 2 == 1);
                assert_eq!(jumps[2], 0.0, "sign 0 = 0");
            }
        }
        assert_eq!(
            zeros(&[DMatrix::from_vec(4, 1, vec![0.0, -0.0, 1.0, 0.0])]),
            (2, 3)
        );
    }

    #[test]
    fn no_breakdown_is_hidden_and_no_subnormal_number_left() {
        for shrinkage in [Shrinkage::Implicit, Shrinkage::Explicit] {
            let after = stepped(shrinkage, &[f64::NAN, f64::INFINITY], 1.0, 0.1);
            assert!(after[0].is_nan() && after[1].is_infinite());
            let next_to = 0.1 + 1e-16;
            let after = stepped(shrinkage, &[next_to, -next_to], 1.0, 0.1);
            assert!(
                after.iter().all(|v| *v == 0.0 || v.is_normal()),
                "{after:?}"
            );
            assert_eq!(stepped(shrinkage, &[0.3], 1.0, 0.0), [0.3]);
        }
    }
}
