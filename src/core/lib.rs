//! The rooms of **`ProxProp` Lab** that compute. The map of the whole house is in the package `proxprop`, which
//! shows these rooms as its own.
//!
//! They are a package so that Cargo can compile them for speed and the page around them for size.

pub mod data;
pub mod engine;
pub mod flow;
pub mod frame;
pub mod named;
pub mod nn;
pub mod packed;
pub mod steps;
pub mod systems;

mod error;
mod part;
pub use error::Error;
pub use named::Named;
pub use part::{Here, WHOLE};
