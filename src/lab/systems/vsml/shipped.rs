//! The cells that are part of this project, as `proxprop meta-train` has written them. Trains none.

use super::cells::{self, Trained};
use super::settings::{ALPHA, Each, MetaSeed, Which};
use crate::systems::vsml::{CLONE, Cell};

/// The text of a file.
fn text(which: Which, rule: MetaSeed) -> &'static str {
    match (which, rule) {
        (Which::Rule, MetaSeed::One) => include_str!("shipped/rule-1.json"),
        (Which::Rule, MetaSeed::Two) => include_str!("shipped/rule-2.json"),
        (Which::Rule, MetaSeed::Three) => include_str!("shipped/rule-3.json"),
        (Which::Rule, MetaSeed::Four) => include_str!("shipped/rule-4.json"),
        _ => include_str!("shipped/clone.json"),
    }
}

/// The cell that a run asks for; `own` is somebody's.
pub(super) fn trained(each: &Each, own: Option<&Trained>) -> Trained {
    match (each.which, own) {
        (Which::Constructed, _) => Trained {
            cell: Cell::constructed(CLONE.size(), ALPHA, each.eps),
            bound: None,
            feed: false,
        },
        (Which::Own, Some(own)) => own.clone(),
        (which, _) => {
            let file = cells::read(text(which, each.rule)).expect("the tests read them all");
            let mut trained = file.trained;
            if let Some(asked) = each.snapshot() {
                let mut kept = file.snapshots.into_iter();
                if let Some((_, cell)) = kept.find(|(made, _)| *made == asked) {
                    trained.cell = cell;
                }
            }
            trained
        }
    }
}
