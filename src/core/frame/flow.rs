//! *Flow* as it may be looked at: methods walking down a function of two variables.

use super::Field;
use serde::{Deserialize, Serialize};

/// A function, the methods' ways down it, and the way they approximate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Flow {
    /// What is walked on.
    pub landscape: Landscape,
    /// Where all start.
    pub start: [f64; 2],
    /// The step size τ of every method.
    pub tau: f64,
    /// Steps that each method was to make.
    pub steps: u64,
    /// Steps that are shown of each; what ranges the charts have is a matter of all.
    pub at: u64,
    /// One per method.
    pub trajectories: Vec<Trajectory>,
    /// The gradient flow from the start over the same time, steps × τ.
    pub reference: FlowSolution,
    /// For quadratics: every eigenvalue, the smaller first; empty otherwise.
    pub amplification: Vec<Amplification>,
    /// For quadratics: the same for imagined eigenvalues from 0 to beyond the explicit limit.
    pub amplification_curves: Vec<Amplification>,
    /// For quadratics: the stability limit `2/L` of the explicit step.
    pub explicit_limit: Option<f64>,
}

impl Flow {
    /// The part of a way that is shown.
    pub fn shown<'a>(&self, way: &'a [[f64; 2]]) -> &'a [[f64; 2]] {
        &way[..way.len().min(self.at as usize + 1)]
    }

    /// The part of the gradient flow that is shown: so many of its points.
    pub fn followed(&self) -> usize {
        let end = self.at as f64 * self.tau * (1.0 + 1e-12);
        let times = &self.reference.times;
        times.iter().take_while(|&&time| time <= end).count()
    }
}

/// A function of two variables over a rectangle.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Landscape {
    /// Its name in words.
    pub name: String,
    /// Its formula in one line of text.
    pub formula: String,
    /// Horizontal range shown.
    pub x: (f64, f64),
    /// Vertical range shown.
    pub y: (f64, f64),
    /// `f` at the nodes of a grid whose outermost nodes lie on the ranges' ends.
    pub values: Field,
    /// Heights at which contours are drawn, rising.
    pub levels: Vec<f64>,
    /// The minima in closed form.
    pub minima: Vec<[f64; 2]>,
}

/// One method's way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trajectory {
    /// `explicit`, `implicit`, `heavy-ball`, `nesterov`, `adam`.
    pub method: String,
    /// What people call it.
    pub label: String,
    /// Its place among all methods (from 0): gives colour and marker.
    pub place: usize,
    /// The start and the point after each step; ends early where the method left the ground.
    pub points: Vec<[f64; 2]>,
    /// `f` at each point.
    pub values: Vec<f64>,
    /// The step (from 1) that could not be made because its numbers were out of bounds.
    pub diverged_at: Option<u64>,
    /// Steps (from 1) whose proximal point was not found to the stated tolerance.
    pub unsolved: Vec<u64>,
    /// Newton iterations of all implicit steps; 0 for the other methods.
    pub inner_iterations: u64,
}

/// The gradient flow `ẋ = −∇f(x)`, followed to a tolerance far below what is seen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FlowSolution {
    /// From 0 to steps × τ, unevenly spaced.
    pub times: Vec<f64>,
    /// The point at each time.
    pub points: Vec<[f64; 2]>,
    /// `f` at each point.
    pub values: Vec<f64>,
    /// Whether the end was reached.
    pub complete: bool,
}

/// One eigenvalue of a quadratic's Hessian and what a step does along its eigenvector.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Amplification {
    /// The eigenvalue λ.
    pub lambda: f64,
    /// `|1 − τλ|`.
    pub explicit: f64,
    /// `1/(1 + τλ)`.
    pub implicit: f64,
}
