//! What implicit steps are told. Data only.

/// What the published code adds to CG's denominators: absolute, so that once `r·r` is smaller CG forgets its directions.
pub const CG_EPSILON: f64 = 1e-6;

/// What an implicit step needs to know besides its layer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Implicit {
    /// Proximal step size τ_θ > 0; for `prox-point`, which has but one, the step size τ.
    pub tau_theta: f64,
    /// CG stops at this residual relative to the start.
    pub cg_tolerance: f64,
    /// What CG adds to its denominators; usually [`CG_EPSILON`].
    pub cg_epsilon: f64,
}
