//! What this project is about: how a layer's parameters step, explicitly or implicitly.
//! It knows one network and one minibatch; nothing of ensembles, runs or pages.

pub mod cg;
pub mod cholesky;
pub mod diagnostics;
pub mod direction;
pub mod optimizer;
pub mod penalty;
pub mod prox_point;
pub mod rule;
pub mod work;

pub use direction::Directions;
pub use optimizer::{Optimizer, OptimizerState};
pub use rule::{Implicit, RULES, Rule};
