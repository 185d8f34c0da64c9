//! What this project is about: how a layer's parameters step, explicitly or implicitly.
//! It knows one network and one minibatch; nothing of ensembles, runs or pages.

pub mod breakdown;
pub mod cg;
pub mod cholesky;
pub mod diagnostics;
pub mod direction;
pub mod exact;
pub mod gradient;
pub mod implicit;
pub mod l1;
pub mod objective;
pub mod optimizer;
pub mod penalty;
pub mod prox_point;
pub mod reach;
pub mod rule;
pub mod work;

pub use breakdown::Breakdown;
pub use direction::Directions;
pub use gradient::Gradient;
pub use implicit::Implicit;
pub use l1::{L1, Shrinkage};
pub use objective::Objective;
pub use optimizer::{Optimizer, OptimizerState};
pub use reach::Reach;
pub use rule::{RULES, Rule};
