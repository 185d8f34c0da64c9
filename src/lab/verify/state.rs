//! Cases of the lab itself: a state file, and what some steps from it are expected to give.

use serde_json::{Value, from_value, to_value};

use super::kind::{Kind, Mark, Replayed, usual};
use crate::lab::state::StateFile;
use crate::lab::trace::{Precision, trace};

pub(super) static STATE: Kind = Kind {
    name: "state",
    mark: Mark::State,
    tolerance: usual,
    single: Some(2e-2),
    replay,
};

fn replay(case: &Value, precision: Precision) -> Result<Vec<Replayed>, String> {
    let file = StateFile::parse(&case["state"].to_string()).map_err(|e| format!("state: {e}"))?;
    let steps: u64 = from_value(case["steps"].clone()).map_err(|e| format!("steps: {e}"))?;
    let trace = trace(&file, steps, precision).map_err(|e| format!("state: {e}"))?;
    let trace = to_value(trace).map_err(|e| e.to_string())?;
    // One run is what these cases have.
    Ok(vec![("/expected".to_owned(), trace["members"][0].clone())])
}
