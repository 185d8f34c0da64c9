//! How the page is looked at, as text: what may stand behind `#` of an address, `view=flow&predict=1`. Knows no page.

use super::flow::FlowSettings;
use super::lesson::{Lesson, Part};
use super::words::{decode, fail, quoted, whole};
use crate::Error;
use std::collections::HashSet;

/// The views by name, in the order of their tabs.
pub const VIEWS: [&str; 5] = ["train", "one-step", "map", "flow", "related"];
/// The themes by name.
pub const THEMES: [&str; 3] = ["light", "dark", "projector"];

/// A key behind `#`.
struct Key {
    name: &'static str,
    /// Refuses what is no value of it.
    check: fn(&str) -> Result<(), Error>,
}

/// All keys.
static KEYS: [Key; 12] = [
    Key {
        name: "view",
        check: |value| one_of("view", value, &VIEWS),
    },
    Key {
        name: "charts",
        check: |value| one_of("charts", value, &["few", "all"]),
    },
    Key {
        name: "flow",
        check: |value| FlowSettings::parse(value).map(drop),
    },
    Key {
        name: "lesson",
        check: |value| Lesson::parse(value).map(drop),
    },
    Key {
        name: "at",
        check: |value| match whole(value) {
            Some(_) => Ok(()),
            None => fail(format!("at: {} is not a whole number", quoted(value))),
        },
    },
    Key {
        name: "hide",
        check: |value| Part::list("hide", value, &Part::ALL).map(drop),
    },
    Key {
        name: "lock",
        check: |value| Part::list("lock", value, &Part::LOCKED).map(drop),
    },
    Key {
        name: PREDICT,
        check: |value| one_of(PREDICT, value, &SWITCH),
    },
    Key {
        name: "theme",
        check: |value| one_of("theme", value, &THEMES),
    },
    Key {
        name: "embed",
        check: |value| one_of("embed", value, &SWITCH),
    },
    Key {
        name: "origin",
        check: |_| Ok(()),
    },
    Key {
        name: "play",
        check: |value| one_of("play", value, &SWITCH),
    },
];

/// The key that has curves covered.
pub(super) const PREDICT: &str = "predict";
/// Off and on.
const SWITCH: [&str; 2] = ["0", "1"];

fn one_of(key: &str, value: &str, allowed: &[&str]) -> Result<(), Error> {
    if allowed.contains(&value) {
        return Ok(());
    }
    let (value, allowed) = (quoted(value), allowed.join(", "));
    fail(format!(
        "{key}: {value} is not a choice; allowed: {allowed}"
    ))
}

/// Whether there is such a key.
pub(super) fn has(name: &str) -> bool {
    KEYS.iter().any(|key| key.name == name)
}

/// Refuses what is no value of a key.
///
/// # Errors
/// Naming key, value and what is allowed.
pub(super) fn check_value(name: &str, value: &str) -> Result<(), Error> {
    if let Some(key) = KEYS.iter().find(|key| key.name == name) {
        return (key.check)(value);
    }
    let known: Vec<&str> = KEYS.iter().map(|key| key.name).collect();
    let (name, known) = (quoted(name), known.join(", "));
    fail(format!("{name}: unknown key behind #; known: {known}"))
}

/// Refuses what stands behind `#` (without it) and is not understood.
///
/// # Errors
/// Naming key, value and what is allowed.
pub fn check(hash: &str) -> Result<(), Error> {
    let mut seen = HashSet::new();
    for pair in hash.split('&').filter(|_| !hash.is_empty()) {
        let Some((key, value)) = pair.split_once('=') else {
            return fail(format!("{}: expected key=value behind #", quoted(pair)));
        };
        check_value(key, &decode(value)?)?;
        if !seen.insert(key) {
            return fail(format!("{key}: given twice behind #"));
        }
    }
    Ok(())
}
