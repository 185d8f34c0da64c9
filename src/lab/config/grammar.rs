//! The keys of a run's text that are no parameters: what they do, for people. Reads nothing.

use super::{MAX_CHANGES, MAX_RUNS, map};

/// A key with a grammar of its own.
#[derive(Debug)]
pub struct Clause {
    /// The key.
    pub key: &'static str,
    /// What it belongs to, in words.
    pub section: &'static str,
    /// What a person calls it; empty for what no form has.
    pub label: &'static str,
    /// What it does.
    pub help: &'static str,
    /// What is allowed, in words.
    pub allowed: fn() -> String,
}

/// Every such key.
pub static GRAMMAR: [&Clause; 4] = [&RUN, &map::MAP, &PRESET, &CHANGE];

pub(super) static RUN: Clause = Clause {
    key: "run",
    section: "each run",
    label: "",
    help: "run=RULE,KEY:VALUE,…",
    allowed: || format!("up to {MAX_RUNS}"),
};

static PRESET: Clause = Clause {
    key: "preset",
    section: "preset",
    label: "",
    help: "preset=NAME in front of all other keys: they have the preset's values unless they are given",
    allowed: || "see presets".to_owned(),
};

static CHANGE: Clause = Clause {
    key: "change",
    section: "mid-run",
    label: "",
    help: "change=STEP,RUN,KEY:VALUE moves a setting of a run from that step on",
    allowed: || format!("up to {MAX_CHANGES}"),
};
