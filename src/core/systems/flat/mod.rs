//! Flat decision functions (Seck, Loosli and Canu, arXiv:1903.01715): a network that learns to be flat around its points, and what attacks
//! and a grid make of it. On the lab's own networks, rules and optimizers; knows no text and no picture.

mod learner;
mod looker;
mod precision;

pub use learner::{How, Learner, Work};
pub use looker::{Attack, Looker, Plane, STARTS, Verdict, nodes};
