#![doc = include_str!("../README.md")]
//!
//! # How it works
//!
//! In a forward pass that trains, a layer notes its input and adds a leaf of −0 to its output (no bit changes). Its parameters
//! take no part in the graph. [`backward`] finds in the leaf's gradient that of the output, `G_Z`, and has all that the step
//! needs: `G = Âᵀ G_Z` and `ÂᵀÂ`. So the gradient itself costs what it always does, and by rows, where `G_Z` takes the place of
//! `G`, an exact step of a wide layer costs a third more (see *Figures*). The gradient with respect to the input is burn's.
//!
//! The other way, to put the linear map into the graph (`z + (s − s.detach())` with `s = Â M⁻¹ Θ`), takes another product
//! forward, cannot join several uses of a layer in one system, and knows no conjugate gradients. `cargo bench` measures it.

mod backward;
mod input;
mod layers;
mod prox;
mod system;
mod tape;

pub use backward::{ProxAccumulator, backward};
pub use layers::{ProxConv2d, ProxConv2dConfig, ProxLinear, ProxLinearConfig};
pub use prox::{Prox, Solver};
