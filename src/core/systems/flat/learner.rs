//! A network that learns an objective: its step, and where it stands. Knows no attack but the objective's own.

use crate::nn::mlp::{Architecture, Batch};
use crate::nn::{Arithmetic, Real};
use crate::steps::gradient::all_finite;
use crate::steps::objective::pass::{Parts, Pass};
use crate::steps::optimizer::StepSize;
use crate::steps::{Directions, Implicit, Objective, Optimizer, OptimizerState, Rule};
use nalgebra::DMatrix;

/// An objective beyond this has diverged.
const DIVERGED: f64 = 1e6;

/// How it learns.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct How {
    /// What is differentiated.
    pub objective: Objective,
    /// Explicit or implicit, layer by layer.
    pub rule: Rule,
    /// τ_θ.
    pub implicit: Implicit,
    /// What is done with the direction.
    pub optimizer: Optimizer,
    /// Its step size and momentum.
    pub size: StepSize,
}

/// Memory for steps of one rule on one objective.
#[derive(Clone, Debug)]
pub struct Work<T: Real> {
    rule: Rule,
    /// The last step's gradient and direction.
    pub directions: Directions<T>,
    /// The last step's objective.
    pub pass: Pass<T>,
    /// Parameters before the last step.
    before: Vec<DMatrix<T>>,
}

impl<T: Real> Work<T> {
    /// For minibatches of up to `capacity` points.
    pub fn new(architecture: &Architecture, how: &How, capacity: usize) -> Self {
        let arithmetic = Arithmetic::Portable;
        Work {
            rule: how.rule,
            directions: Directions::new(architecture, how.rule, None, capacity, arithmetic),
            pass: Pass::new(architecture, how.objective, capacity, arithmetic),
            before: architecture.zeros(),
        }
    }

    /// Whether it is made for such steps.
    pub fn is_for(&self, how: &How) -> bool {
        self.rule == how.rule && self.pass.objective() == how.objective
    }
}

/// A network where it stands.
#[derive(Debug, PartialEq)]
pub struct Learner<T: Real> {
    /// `Θ_l`.
    pub thetas: Vec<DMatrix<T>>,
    kind: Optimizer,
    /// What that remembers.
    optimizer: OptimizerState<T>,
    /// The objective of its last step, where that began; NaN before it.
    pub j: f64,
    /// What that was made of.
    pub parts: Parts,
    /// The last step was none that could be made.
    pub lost: bool,
}

impl<T: Real> Clone for Learner<T> {
    fn clone(&self) -> Self {
        Learner {
            thetas: self.thetas.clone(),
            optimizer: self.optimizer.clone(),
            ..*self
        }
    }
}

impl<T: Real> Learner<T> {
    /// Before its first step.
    pub fn new(optimizer: Optimizer, thetas: Vec<DMatrix<T>>) -> Self {
        Learner {
            optimizer: OptimizerState::new(optimizer, &thetas),
            kind: optimizer,
            thetas,
            j: f64::NAN,
            parts: Parts {
                loss: f64::NAN,
                adversarial: f64::NAN,
                penalty: 0.0,
            },
            lost: false,
        }
    }

    /// Computes objective, gradient and direction where it stands; whether a step can be made.
    pub(super) fn look_generic(
        &mut self,
        architecture: &Architecture,
        how: &How,
        batch: &Batch<T>,
        work: &mut Work<T>,
    ) -> bool {
        let Work {
            directions, pass, ..
        } = work;
        let thetas = &self.thetas;
        let j = if how.objective.is_plain() {
            let j = directions.compute(architecture, thetas, batch, how.implicit);
            pass.parts.loss = *j.as_ref().unwrap_or(&f64::NAN);
            j
        } else {
            directions.compute_of(pass, architecture, thetas, batch, how.implicit)
        };
        self.parts = pass.parts;
        self.j = j.unwrap_or(f64::NAN);
        self.j <= DIVERGED
    }

    /// Makes a step; one that cannot be made leaves the parameters as they are. A new optimizer begins with empty memory.
    pub(super) fn step_generic(
        &mut self,
        architecture: &Architecture,
        how: &How,
        batch: &Batch<T>,
        work: &mut Work<T>,
    ) {
        self.lost = !self.look_generic(architecture, how, batch, work);
        if self.lost {
            return;
        }
        if self.kind != how.optimizer {
            self.kind = how.optimizer;
            self.optimizer = OptimizerState::new(how.optimizer, &self.thetas);
        }
        for (before, theta) in work.before.iter_mut().zip(&self.thetas) {
            before.copy_from(theta);
        }
        let (thetas, directions) = (&mut self.thetas, &work.directions.directions);
        self.optimizer
            .apply(how.optimizer, how.size, thetas, directions);
        self.lost = !thetas.iter().all(all_finite);
        if self.lost {
            std::mem::swap(thetas, &mut work.before);
        }
    }
}
