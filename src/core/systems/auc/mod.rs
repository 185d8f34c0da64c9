//! Ranking a rare class, one point at a time: stochastic proximal AUC maximisation (Lei and Ying, *Stochastic Proximal AUC
//! Maximization*, JMLR 22, 2021), its baselines, and an implicit step of the lab's own. Knows no text and no curve.
//!
//! A feature vector `x`, a label, a score `w·x`. `p` is the share of positives, `u` and `v` are the class means, `S` the sum of the
//! class covariances, `D = u − v`, `q = p (1 − p)`. The objective is the **pair risk**
//! `f(w) = q · mean over pairs of (1 − w·(x⁺ − x⁻))² = q [ w·S w + (1 − w·D)² ]`.

pub mod features;
mod learner;
mod loss;
pub mod penalty;
pub mod rank;
mod risk;
mod sample;
mod schedule;
pub mod toy;

pub use features::Features;
pub use learner::{Known, Learner, Method, Settings};
pub use loss::Means;
pub use penalty::Penalty;
pub use risk::Moments;
pub use sample::{Report, Sample};
pub use schedule::{Decay, Schedule};
pub use toy::Toy;
