//! What a kind of reference case is. Knows none.

use serde_json::Value;

use crate::lab::trace::Precision;
use crate::steps::Rule;

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

/// Refuses a number of something that is none, or more than a case may ask for: what it stands for is made room for.
pub(super) fn within(what: &str, number: usize, most: usize) -> Result<(), String> {
    if (1..=most).contains(&number) {
        return Ok(());
    }
    Err(format!(
        "{what}: {number} is out of range; allowed: 1 to {most}"
    ))
}

/// Refuses a list of nothing.
pub(super) fn some<T>(what: &str, list: &[T]) -> Result<(), String> {
    if list.is_empty() {
        return Err(format!("{what}: none; allowed: 1 at least"));
    }
    Ok(())
}

/// Refuses an implicit step size that leaves nothing to solve.
pub(super) fn implicit_step(rule: Rule, tau_theta: f64) -> Result<(), String> {
    if rule == Rule::Backprop || tau_theta > 0.0 {
        return Ok(());
    }
    Err(format!("tau_theta: {tau_theta}; allowed: more than 0"))
}
