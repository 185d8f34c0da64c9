//! What a kind of reference case is. Knows none.

use serde_json::Value;

use crate::lab::trace::Precision;

/// A kind of case, and how it is replayed.
pub(super) struct Kind {
    /// What it is called.
    pub(super) name: &'static str,
    pub(super) mark: Mark,
    /// The largest deviation that is allowed in double precision.
    pub(super) tolerance: fn(&Value) -> f64,
    /// The same in single precision, where that is computed in.
    pub(super) single: Option<f64>,
    pub(super) replay: fn(&Value, Precision) -> Result<Vec<Replayed>, String>,
}

/// By what a case is told to be of a kind.
pub(super) enum Mark {
    /// It has a state, and what is expected of it.
    State,
    /// Its `system` and its `kind`.
    Case(&'static str, &'static str),
}

/// Where in a case something is expected, as a JSON pointer, and what has come instead.
pub(super) type Replayed = (String, Value);

/// How far double precision may be off, where no specification says otherwise.
pub(super) fn usual(_: &Value) -> f64 {
    1e-9
}
