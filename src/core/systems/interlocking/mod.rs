//! *Interlocking backpropagation* (Gomez, Key, Perlin, Gou, Frosst, Dean, Gal 2022): a deep network cut depthwise into modules on as many
//! devices, between local and end-to-end learning. What computes it; it knows no run and no screen.

pub mod double;
pub mod learner;
pub mod pipeline;

pub use learner::{Learner, Settings, Work};
pub use pipeline::{Costs, Event, Op, Pipeline};
