//! Cases of the lab itself: a state file, and what some steps from it are expected to give.

use serde_json::{Value, from_value, to_value};

use super::kind::{Kind, Mark, Replayed, usual, within};
use crate::lab::state::StateFile;
use crate::lab::trace::{Precision, trace};

/// Most steps of a case.
const MOST_STEPS: usize = 100_000;

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
    within("steps", steps as usize, MOST_STEPS)?;
    let trace = trace(&file, steps, precision).map_err(|e| format!("state: {e}"))?;
    let mut trace = to_value(trace).map_err(|e| e.to_string())?;
    let Some([member]) = trace["members"].as_array_mut().map(Vec::as_mut_slice) else {
        return Err("state: a case has one run".to_owned());
    };
    // The trace that ends early tells it.
    if let Some(member) = member.as_object_mut() {
        member.remove("divergence");
        // What CG leaves undone is no part of every reference's sweep.
        let records = member.get_mut("trace").and_then(Value::as_array_mut);
        for (i, record) in records.into_iter().flatten().enumerate() {
            let step = record["step"].as_u64().unwrap_or_default();
            let by_cg = file.config().runs_at(step)[0].rule.iterations().is_some();
            let want = case.pointer(&format!("/expected/trace/{i}/energy"));
            if let (true, None, Some(record)) = (by_cg, want, record.as_object_mut()) {
                record.remove("energy");
            }
        }
    }
    Ok(vec![("/expected".to_owned(), member.take())])
}
