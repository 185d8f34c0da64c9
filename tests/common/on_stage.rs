//! Runs of related systems from their text, and what they say.

use proxprop::frame::stage::Stage;
use proxprop::lab::systems::{Play, asked_for};

/// The runs of a query.
pub(super) fn open(query: &str) -> Box<dyn Play> {
    let entry = asked_for(query).unwrap().expect("a system is asked for");
    (entry.open)(query).unwrap_or_else(|e| panic!("{query}: {e}"))
}

/// Why a query is none of runs.
pub(super) fn refusal(query: &str) -> String {
    let opened = asked_for(query).and_then(|entry| (entry.expect("a system").open)(query));
    opened.err().expect("this is refused").to_string()
}

/// A number beside a run's pictures.
pub(super) fn number(stage: &Stage, run: usize, key: &str) -> f64 {
    let numbers = &stage.columns[run].numbers;
    let found = numbers.iter().find(|number| number.key == key);
    found.unwrap_or_else(|| panic!("no {key}")).value
}
