//! The keys of a run's text that are no parameters: what they do, for people. Reads nothing.

use super::table::EACH_RUN;
use super::{MAX_CHANGES, MAX_RUNS, map};
use crate::lab::row::Clause;

/// Every key with a grammar of its own.
pub static GRAMMAR: [&Clause; 4] = [&RUN, &map::MAP, &PRESET, &CHANGE];

static RUN: Clause = Clause {
    key: "run",
    section: EACH_RUN,
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
