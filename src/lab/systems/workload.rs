//! The workloads that the benchmarks time, natively and in the browser: every system's usual runs, together and each alone. Names no
//! system but the one whose attacks are checked on a grid.

pub use super::flat::GridCheck;

use super::{Entry, Play, SYSTEMS, asked_for};
use crate::lab::row::Control;

/// Steps of a run whose steps are timed, over and over.
pub const STEPS: u64 = 100;

/// The usual runs of a system, in one of its views.
#[derive(Clone, Debug, PartialEq)]
pub struct Usual {
    /// The system's name, and the view's where it has several.
    pub name: String,
    /// The runs.
    pub query: String,
    /// The same with as many steps as are allowed.
    pub longest: String,
}

/// The usual runs of all systems, in each of their views.
pub fn usual() -> Vec<Usual> {
    SYSTEMS.iter().flat_map(usual_of).collect()
}

fn usual_of(entry: &Entry) -> Vec<Usual> {
    let name = entry.about.name;
    let parameters = (entry.parameters)();
    let shared = |key| {
        let mut shared = parameters.iter().filter(|(own, _)| !own);
        shared.find(|(_, parameter)| parameter.key == key)
    };
    let most = ["steps", "samples"].into_iter().find_map(|key| {
        let (_, most) = shared(key)?.1.range()?;
        Some(format!("&{key}={most}"))
    });
    let of = |view: Option<&str>| {
        let scene = view.map_or_else(String::new, |view| format!("&scene={view}"));
        let query = format!("system={name}{scene}");
        Usual {
            name: view.map_or(name.to_owned(), |view| format!("{name}, {view}")),
            longest: [&query, most.as_deref().unwrap_or_default()].concat(),
            query,
        }
    };
    match shared("scene").map(|(_, parameter)| &parameter.control) {
        Some(Control::Choice(views)) => views.iter().map(|view| of(Some(view))).collect(),
        _ => vec![of(None)],
    }
}

/// The run of a query.
///
/// # Panics
/// When it is none of a related system.
pub fn open(query: &str) -> Box<dyn Play> {
    let entry = asked_for(query).ok().flatten().expect("a related system");
    (entry.open)(query).expect("a run of it")
}

/// Each run of a query alone: what it is called, and its query.
///
/// # Panics
/// When it is none of a related system.
pub fn alone(query: &str) -> Vec<(String, String)> {
    let columns = open(query).stage().columns;
    let only = |run: usize| {
        let mut system = open(query);
        for other in (0..columns.len()).rev().filter(|other| *other != run) {
            system.remove(other + 1).expect("one is left");
        }
        (columns[run].name.clone(), system.query())
    };
    (0..columns.len()).map(only).collect()
}

/// Makes so many steps of runs that come to [`STEPS`] at least: over and over the same, which have been recorded the first time.
///
/// # Panics
/// When it is a run of no steps.
pub fn steps(system: &mut dyn Play, count: u64) {
    let mut left = count;
    if system.furthest() == 0 {
        system.advance(STEPS);
    }
    assert!(system.furthest() > 0, "a run that makes steps");
    while left > 0 {
        if system.step() == system.furthest() {
            system.seek(0);
        }
        let due = left.min(system.furthest() - system.step());
        system.advance(due);
        left -= due;
    }
}
