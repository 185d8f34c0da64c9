//! Runs of related systems from their text, and what they say.

#[path = "opened.rs"]
mod opened;

pub(super) use opened::open;
use proxprop::frame::stage::Stage;
use proxprop::lab::systems::asked_for;

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
