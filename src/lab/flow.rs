//! *Flow*: a function of two variables, the methods' walks on it and the flow they follow, ready to be looked at.

mod settings;
mod table;
mod text;
mod walks;

pub use settings::{FlowSettings, MOST_STEPS};
pub use table::FLOW;
