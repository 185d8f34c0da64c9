//! A learning rule inside a recurrent network (Kirsch and Schmidhuber, arXiv:2012.14905): every weight of a network is a tiny recurrent
//! cell, all cells share one small set of numbers, and running them forwards is what learning is. Knows no text and no curve.
//!
//! `z = [s, f, g]`, `h = tanh(z W1 + b1) ⊙ (z W3 + b3)`, `[ds, f', g'] = h W2 + b2`: a cell's state s, the message f that comes from
//! below and the message g that comes from above. Layer l has `(d_{l−1}+1) × d_l` cells, the last row of them the bias unit's. Beside
//! it real backpropagation, one sample a step, and what the shared numbers come from: a closed form, cloning, meta-training.

mod cell;
mod cloning;
mod episode;
mod grid;
mod look;
mod meta;
mod network;
mod pass;
mod samples;
mod softmax;

pub use super::optimizer::{Kind, Optimizer, StepSize};
pub use cell::{Cell, PARTS, Size};
pub use cloning::{CLONE, Cloning, Teaching, Triples};
pub use episode::{Episode, Task};
pub use grid::{Grid, How, Learner, Scratch};
pub use look::Look;
pub use meta::{META, Meta, PHASES, Phase, Training, gradient};
pub use network::{Network, first_weights};
pub use samples::stream;
pub use softmax::{cross_entropy, softmax};
