//! A step of an attack: points go where the network falls, by the sign of its gradient, and stay in the box around where they began
//! (Goodfellow et al. 2015; Madry et al. 2018). No random number is in it. Knows no network.

use super::steepness::sign;
use crate::nn::Real;
use nalgebra::DMatrix;

/// How far one of so many steps goes in a box of this radius: FGSM's one goes to its corner.
pub fn stride(eps: f64, steps: u32) -> f64 {
    if steps == 1 {
        eps
    } else {
        2.5 * eps / f64::from(steps)
    }
}

/// `x̃ ← clip(x̃ − stride · sign g, x − ε, x + ε)` in all but the last column, which are the ones.
///
/// # Panics
/// When shapes differ.
pub fn step<T: Real>(x: &DMatrix<T>, g: &DMatrix<T>, eps: f64, stride: f64, at: &mut DMatrix<T>) {
    assert!(
        x.shape() == at.shape() && g.shape() == at.shape(),
        "attack: shapes differ"
    );
    let (eps, stride) = (T::of(eps), T::of(stride));
    let numbers = x.len() - x.nrows();
    let places = at.as_mut_slice()[..numbers].iter_mut();
    for ((at, &x), &g) in places.zip(x.as_slice()).zip(g.as_slice()) {
        let to = *at - stride * sign(g);
        let (low, high) = (x - eps, x + eps);
        *at = if to < low {
            low
        } else if to > high {
            high
        } else {
            to
        };
    }
}
