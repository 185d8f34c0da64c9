//! A run as text: the query string, its parts and its errors. Knows no browser and trains nothing.
//!
//! `v=1&data=circle&…&run=backprop,opt:sgd,tau:10&run=prox-exact,tau_theta:1&change=50,2,tau:3`:
//! keys of [`SHARED`], one `run` per member of the ensemble with keys of [`EACH`], one `change` per setting moved mid-run
//! (step, run from 1, setting), at most one `map`. Missing keys have their defaults, or what `preset=NAME` at the
//! beginning says; printing writes every key but `engine=auto`, `features=x,y`, an empty `map` and empty `points`, and no preset.

mod check;
mod edit;
mod features;
mod grammar;
mod hidden;
pub mod map;
mod run;
mod short;
mod stop;
mod table;
mod text;

pub use super::points::{parse as drawn_of_text, print as drawn_text};
pub use super::row::{Clause, Control, Fault, Parameter, Row, Value};
pub use crate::data::DataSource;
pub use crate::engine::EngineChoice;
pub use grammar::GRAMMAR;
pub use map::MapConfig;
pub use run::{Change, Config, Init, RunConfig, Task};
pub use stop::Stop;
pub use table::{EACH, SHARED, Setting};

/// Most runs side by side.
pub const MAX_RUNS: usize = 6;
/// Most changes mid-run.
pub const MAX_CHANGES: usize = 500;
