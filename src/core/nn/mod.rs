//! A network and nothing about training it.

pub mod activation;
pub mod loss;
pub mod mlp;
pub mod product;
pub mod real;

pub use activation::Activation;
pub use loss::Loss;
pub use real::Real;
