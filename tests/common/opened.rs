//! Opens runs of related systems from their text.

use proxprop::lab::systems::{Play, asked_for};

/// The runs of a query.
pub(crate) fn open(query: &str) -> Box<dyn Play> {
    let entry = asked_for(query).unwrap().expect("a system is asked for");
    (entry.open)(query).unwrap_or_else(|e| panic!("{query}: {e}"))
}
