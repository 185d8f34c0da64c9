//! burn's layers with an implicit step of their own. They know nothing of how it is solved.

mod conv2d;
mod linear;

pub use conv2d::{ProxConv2d, ProxConv2dConfig};
pub use linear::{ProxLinear, ProxLinearConfig};
