//! Cases of *interlocking backpropagation*: what they have in common. Replays none.

pub(super) mod schedule;
pub(super) mod training;

use super::kind::within;
use crate::Named;
use crate::steps::reach::Hearing;

/// Most modules of a case.
const MOST_MODULES: usize = crate::systems::interlocking::pipeline::MOST_MODULES;

/// Who hears whom, as it is written.
fn hearing(per_module: usize, n: usize, modules: usize, combine: &str) -> Result<Hearing, String> {
    within("modules", modules, MOST_MODULES)?;
    within("n_wise", n, modules)?;
    Ok(Hearing {
        per_module,
        n,
        combine: member("combine", combine)?,
    })
}

/// The member of a set that a word names.
fn member<T: Named>(what: &str, word: &str) -> Result<T, String> {
    T::of_name(word).ok_or_else(|| {
        let known = T::NAMES.join(", ");
        format!("{what}: {word:?} is not known; allowed: {known}")
    })
}
