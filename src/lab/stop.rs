//! Whether a run ends before its epochs are over, and why. Judges records, trains nothing.

use super::config::Stop;
use super::history::History;
use crate::frame::Record;

/// A plateau is where the lowest loss is not below this share of the lowest before.
const PROGRESS: f64 = 0.99;

/// Why the run ends at the step of the `newest` records (one per run; `None` for what has diverged), if a rule of
/// [`Stop`] on the losses says so.
pub(super) fn reason(
    stop: Stop,
    histories: &[History],
    newest: &[Option<Record>],
) -> Option<String> {
    let curves = || {
        let runs = histories.iter().zip(newest).enumerate();
        runs.filter_map(|(run, (history, newest))| Some((run, history.records(), newest.as_ref()?)))
    };
    let now = newest.iter().flatten().next()?.step;
    if let Some(target) = stop.loss {
        let reached = |records: &[Record], newest: &Record| {
            let mut records = records.iter().chain([newest]);
            records.find(|r| r.loss <= target).map(|r| r.step)
        };
        let runs: Option<Vec<String>> = curves()
            .map(|(run, records, newest)| {
                reached(records, newest).map(|step| format!("run {} at step {step}", run + 1))
            })
            .collect();
        if let Some(runs) = runs {
            return Some(format!(
                "the training loss has been at or below {target} in every run that has not diverged: {}",
                runs.join(", ")
            ));
        }
    }
    let window = stop.plateau?;
    let then = now.checked_sub(window)?;
    let stands_still = |records: &[Record], newest: &Record| {
        let lowest = |until: u64| {
            let records = records.iter().chain([newest]);
            let losses = records.take_while(|r| r.step <= until).map(|r| r.loss);
            losses.reduce(f64::min)
        };
        matches!((lowest(then), lowest(now)), (Some(then), Some(now)) if now >= PROGRESS * then)
    };
    curves()
        .all(|(_, records, newest)| stands_still(records, newest))
        .then(|| {
            format!(
                "in the last {window} steps the lowest training loss of every run that has not diverged has fallen \
                 by less than 1 %"
            )
        })
}
