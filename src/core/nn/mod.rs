//! A network and nothing about training it.

pub mod activation;
pub mod arithmetic;
pub mod fast;
pub mod features;
pub mod loss;
pub mod mlp;
pub mod product;
pub mod real;
mod tanh;

pub use activation::Activation;
pub use arithmetic::Arithmetic;
pub use loss::Loss;
pub use real::Real;
