//! The methods, and a walk of many steps by one of them.

use super::prox::proximal;
use super::{Function, Point, norm};
use crate::steps::optimizer::{Optimizer, OptimizerState, StepSize};
use nalgebra::DMatrix;

/// How to step downhill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Explicit Euler, gradient descent: `x − τ∇f(x)`.
    Explicit,
    /// Implicit Euler, the proximal point: `y = x − τ∇f(y)`.
    Implicit,
    /// Heavy ball: `m ← μm + ∇f`, `x ← x − τm`.
    HeavyBall,
    /// Nesterov's momentum in the form of [`Optimizer::Nesterov`].
    Nesterov,
    /// Adam.
    Adam,
}

// As in a form or a link, in the order in which they are offered.
crate::named!(Method {
    Explicit = "explicit",
    Implicit = "implicit",
    HeavyBall = "heavy-ball",
    Nesterov = "nesterov",
    Adam = "adam",
});

impl Method {
    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Method::Explicit => "explicit step",
            Method::Implicit => "implicit step",
            Method::HeavyBall => "heavy ball",
            Method::Nesterov => "Nesterov",
            Method::Adam => "Adam",
        }
    }

    /// The optimizer that makes its steps from gradients; `None` for the implicit step.
    fn optimizer(self) -> Option<Optimizer> {
        match self {
            Method::Explicit => Some(Optimizer::Sgd),
            Method::Implicit => None,
            Method::HeavyBall => Some(Optimizer::Momentum),
            Method::Nesterov => Some(Optimizer::Nesterov),
            Method::Adam => Some(Optimizer::Adam),
        }
    }
}

/// A walk counts as diverged beyond this distance from the origin.
pub const FAR: f64 = 1e9;

/// Where a walk went.
#[derive(Clone, Debug, PartialEq)]
pub struct Walk {
    /// The start and the point after each step made.
    pub points: Vec<Point>,
    /// The step (from 1) that was not made because it would have ended beyond [`FAR`].
    pub diverged_at: Option<u64>,
    /// The implicit steps (from 1) whose proximal point missed its tolerance.
    pub unsolved: Vec<u64>,
    /// Newton iterations of all implicit steps.
    pub inner_iterations: u64,
}

/// `steps` steps of size `tau` from `start`; `momentum` is μ of heavy ball and Nesterov.
pub fn walk(
    f: Function,
    method: Method,
    start: Point,
    tau: f64,
    momentum: f64,
    steps: u64,
) -> Walk {
    let size = StepSize {
        momentum,
        ..StepSize::plain(tau)
    };
    let column = |p: Point| DMatrix::from_column_slice(2, 1, &p);
    let mut state = OptimizerState {
        steps: 0,
        first: vec![column([0.0; 2])],
        second: vec![column([0.0; 2])],
    };
    let mut x = [column(start)];
    let mut walk = Walk {
        points: vec![start],
        diverged_at: None,
        unsolved: Vec::new(),
        inner_iterations: 0,
    };
    for step in 1..=steps {
        let at = walk.points[walk.points.len() - 1];
        let next = if let Some(optimizer) = method.optimizer() {
            state.apply(optimizer, size, &mut x, &[column(f.gradient(at))]);
            [x[0][0], x[0][1]]
        } else {
            let found = proximal(f, at, tau);
            walk.inner_iterations += u64::from(found.iterations);
            if !found.solved {
                walk.unsolved.push(step);
            }
            found.point
        };
        let near = norm(next) <= FAR;
        if !near {
            walk.diverged_at = Some(step);
            break;
        }
        walk.points.push(next);
    }
    walk
}
