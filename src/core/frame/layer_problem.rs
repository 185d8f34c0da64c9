//! A layer's own quadratic in a plane, as it may be looked at.

use serde::{Deserialize, Serialize};

/// `q(Θ) = ½‖ÂΘ − Z‖²` of one hidden layer (or of one of its neurons) in the plane of the two extreme
/// eigenvectors of `ÂᵀÂ` through the current parameters.
///
/// Coordinates `(u, w)` are distances from the current parameters along the steepest and along the flattest
/// eigenvector, `(0, 0)` is where the layer stands, and in the plane
/// `q = value + slope[0] u + slope[1] w + ½ λ_max u² + ½ λ_min w²` exactly: eigenvectors do not couple. The slopes are
/// not negative, so that all methods move towards negative coordinates.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LayerProblem {
    /// The layer, from 1.
    pub layer: usize,
    /// The neuron (from 1) whose column this is; `None` for the whole layer.
    pub neuron: Option<usize>,
    /// Dimension of the space the plane is cut from: entries of `Θ` (or of its column).
    pub dimension: usize,
    /// Largest eigenvalue of `ÂᵀÂ`, the curvature along `u`.
    pub lambda_max: f64,
    /// Smallest eigenvalue, the curvature along `w`; 0 where inputs are dependent.
    pub lambda_min: f64,
    /// `2/λ_max`: beyond it a gradient step on this quadratic overshoots. `BackProp` takes a step of 1.
    pub explicit_limit: f64,
    /// `q` at the current parameters.
    pub value: f64,
    /// Derivatives of `q` along `u` and `w` there.
    pub slope: [f64; 2],
    /// Where `q` is least in the plane; `None` along a direction without curvature.
    pub minimum: [Option<f64>; 2],
    /// The proximal step size of `proximal`.
    pub tau_theta: f64,
    /// The explicit unit step.
    pub explicit: PlanePoint,
    /// The proximal point for `tau_theta`.
    pub proximal: PlanePoint,
    /// Proximal points in the order of growing `τ_θ`, from the current parameters towards the minimum.
    pub path: Vec<[f64; 2]>,
    /// The `τ_θ` of each point of the path.
    pub path_tau_theta: Vec<f64>,
    /// The conjugate-gradient iterates 1, 2, … of the proximal system, projected.
    pub iterates: Vec<PlanePoint>,
    /// The share of `‖∇q‖²` that lies in the plane: what the picture shows of the force on the parameters.
    pub seen: f64,
}

/// A point of the full space, projected orthogonally into the plane.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlanePoint {
    /// `(u, w)`.
    pub at: [f64; 2],
    /// `q` at the point itself, off the plane.
    pub value: f64,
    /// Distance from the plane: the length of what projecting loses.
    pub off_plane: f64,
}
