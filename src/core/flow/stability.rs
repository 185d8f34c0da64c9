//! What one step does to the error of a quadratic, eigenvalue by eigenvalue. Exact, no simulation.

/// `|1 − τλ|`: what an explicit step multiplies the error along an eigenvector by. Above 1 beyond `τ = 2/λ`.
pub fn explicit(tau: f64, lambda: f64) -> f64 {
    (1.0 - tau * lambda).abs()
}

/// `1/(1 + τλ)`: what an implicit step multiplies the error by. Below 1 for every `τ > 0` and `λ > 0`.
pub fn implicit(tau: f64, lambda: f64) -> f64 {
    1.0 / (1.0 + tau * lambda)
}

/// `2/L` with the largest eigenvalue `L`: the largest τ for which the explicit step does not grow the error.
pub fn explicit_limit(largest: f64) -> f64 {
    2.0 / largest
}
