//! A network and nothing about training it.

pub mod activation;
pub mod arithmetic;
pub mod convolution;
pub mod fast;
pub mod features;
pub mod layer;
pub mod loss;
pub mod mlp;
pub mod pooling;
pub mod product;
pub mod real;
pub mod stack;
mod tanh;
pub mod window;

pub use activation::Activation;
pub use arithmetic::Arithmetic;
pub use layer::Layer;
pub use loss::Loss;
pub use real::Real;
