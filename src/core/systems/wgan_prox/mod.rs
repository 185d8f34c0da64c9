//! The Wasserstein proximal of GANs (Lin, Li, Osher and Montúfar, arXiv:2102.06862): a generator whose every update is the proximal
//! point of its loss in a distance between the points that it makes, and not between its parameters. Knows no text and no curve.
//!
//! `θ_{k+1} = argmin_θ F(g_θ) + d²(θ, θ_k) / (2h)` with the generator `g_θ`, by ℓ steps of the optimizer on a discriminator that stands
//! still. One row per sample; a layer is `(d_{l−1}+1) × d_l`, its last row the bias; hidden layers are tanh, the last one is linear.

pub mod draws;
mod game;
mod gradient_penalty;
mod loss;
pub mod measures;
mod network;
mod penalty;
pub mod scale;

pub use super::optimizer::{Kind, Optimizer, StepSize};
pub use draws::{Draws, Numbers, Target};
pub use game::{Game, Settings, Work};
pub use loss::Loss;
pub use network::{Network, Pass};
pub use penalty::Penalty;
