//! Related systems: each is a run with a query string of its own, `system=NAME`, played on one stage. Knows neither page nor command
//! line.

mod auc;
mod axes;
mod flat;
mod interlocking;
mod map;
mod names;
mod player;
mod report;
mod run;
mod stop;
mod system;
mod table;
mod vsml;
mod wgan_prox;
pub mod workload;

use super::config::{MapConfig, Parameter};
use super::keys::keys;
use super::map::Cells;
use super::query::Pairs;
use super::words::{fail, quoted};
use crate::Error;
use player::Player;
pub use player::{AFTER, Ghost, Play, Setting, Settings};
pub use report::report;
pub use run::MAX_RUNS;
use run::Run;
pub use stop::{KEY as STOP, STEPS as NEVER};
use system::System;
pub use system::{About, Help, Measures, Told};
pub use table::take_table;
pub use vsml::training::{MetaTraining, What};

/// As [`System::read_file`].
type ReadFile = fn(&str) -> Result<String, String>;

/// Makes the list of all, and those of what is said of them and of what files they have, which alone are small.
macro_rules! systems {
    ($($system:ty),+ $(,)?) => {
        /// All of them.
        pub static SYSTEMS: &[Entry] = &[$(entry::<$system>()),+];
        /// What is said of them.
        pub static ABOUT: &[&About] = &[$(<$system as System>::ABOUT),+];
        static FILES: &[&[&str]] = &[$(<$system as System>::FILE),+];
        static READ_FILE: &[ReadFile] = &[$(<$system as System>::read_file),+];
    };
}

systems![
    auc::Auc,
    wgan_prox::WganProx,
    interlocking::Interlocking,
    vsml::Vsml,
    flat::Flat,
];

/// A system as it is found.
pub struct Entry {
    /// What is said of it.
    pub about: &'static About,
    /// What is told of it where it is looked at.
    pub told: &'static Told,
    /// What is measured of it, in each of its views.
    pub measures: &'static [&'static Measures],
    /// By what a run is known to have diverged, and what to try then, in words.
    pub diverged: [&'static str; 2],
    /// What its pictures, charts and numbers show.
    pub helps: &'static [Help],
    /// Opens the run of a query string.
    pub open: fn(&str) -> Result<Box<dyn Play>, Error>,
    /// The map of a query string.
    pub map: fn(&str) -> Result<Box<dyn Cells>, Error>,
    /// The same with another map.
    pub map_of: fn(&str, &str) -> Result<Box<dyn Cells>, Error>,
    /// Which map a query string asks for, whether it can be had or not.
    pub map_asked: fn(&str) -> Option<MapConfig>,
    /// What may be an axis of it, and whether that is of each run.
    pub axes: fn() -> Vec<(bool, &'static Parameter)>,
    /// What may stand there.
    pub map_allowed: fn() -> String,
    /// The map of a run (from 0) of a query string for whoever asks for one without saying which.
    pub map_usual: fn(&str, usize) -> Option<MapConfig>,
    /// Only reads it.
    pub check: fn(&str) -> Result<(), Error>,
    /// Whether two query strings are of the same run.
    pub same: fn(&str, &str) -> bool,
    /// Its parameters: whether a parameter belongs to each run, and the parameter.
    pub parameters: fn() -> Vec<(bool, &'static Parameter)>,
}

const fn entry<S: System>() -> Entry {
    Entry {
        about: S::ABOUT,
        told: S::TOLD,
        measures: S::MEASURES,
        diverged: S::DIVERGED,
        helps: S::HELPS,
        open: Player::<S>::open,
        map: map::Plan::<S>::open,
        map_of: map::Plan::<S>::of,
        map_asked: |query| Run::<S>::parse(query).ok()?.map,
        axes: axes::all::<S>,
        map_allowed: || axes::axes::<S>().allowed(),
        map_usual: |query, run| {
            let parsed = Run::<S>::parse(query).ok()?;
            let there = run < parsed.each.len();
            there.then(|| axes::usual::<S>(&parsed.shared, &parsed.each, run))?
        },
        check: |query| Run::<S>::parse(query).map(drop),
        same: |one, other| {
            // Of another system nothing is read as this one's.
            let read = |query| {
                let asked = asked_for(query).ok()??;
                let ours = asked.about.name == S::ABOUT.name;
                Run::<S>::parse(query).ok().filter(|_| ours)
            };
            read(one).is_some_and(|run| read(other) == Some(run))
        },
        parameters: || {
            let shared = S::shared().iter().map(|row| (false, &row.parameter));
            let each = S::each().iter().map(|row| (true, &row.parameter));
            let stop = (false, stop::parameter::<S>());
            shared.chain([stop]).chain(each).collect()
        },
    }
}

/// Whether a query string is that of a related system: it names one, or a preset of one.
pub fn is_system(query: &str) -> bool {
    let query = query.trim_start_matches('?');
    query.split('&').any(|pair| {
        let preset = pair.strip_prefix("preset=");
        pair.starts_with("system=") || preset.is_some_and(|name| of_preset(name).is_some())
    })
}

/// The system that a preset is of; `None` for those of the lab.
fn of_preset(name: &str) -> Option<&'static About> {
    let has = |about: &&&About| about.presets.iter().any(|preset| preset.name == name);
    ABOUT.iter().find(has).copied()
}

/// The system that a query string asks for; `None` for the lab's own runs.
///
/// # Errors
/// [`Error::Query`] if it is not known.
pub fn asked_for(query: &str) -> Result<Option<&'static Entry>, Error> {
    let pairs: Vec<_> = Pairs::of(query).map_while(Result::ok).collect();
    let of = |wanted| pairs.iter().find(|(key, _)| key == wanted);
    let preset = || of_preset(&of("preset")?.1).map(|about| about.name);
    let name = of("system").map(|(_, name)| name.as_str()).or_else(preset);
    name.map(named).transpose()
}

/// Whether a text is JSON of a file of one of them, be it cut off or damaged, for [`of_file`].
pub fn is_file(text: &str) -> bool {
    text.trim_start().starts_with('{') && whose(text).is_some()
}

/// The place of the system that has a file with keys like these.
fn whose(text: &str) -> Option<usize> {
    let there = keys(text);
    let has = |key: &&str| there.contains(key);
    FILES.iter().position(|keys| keys.iter().any(has))
}

/// The query string of the run that a JSON file of one of them opens.
///
/// # Errors
/// [`Error::Data`] if it is none, cut off or damaged.
pub fn of_file(text: &str) -> Result<String, Error> {
    let read = whose(text).map_or_else(
        || {
            let there = keys(text);
            let what = match (there.contains(&"format"), there.contains(&"frame")) {
                (true, _) => "; it looks like a state file",
                (_, true) => "; it looks like the report of a run",
                _ => "",
            };
            Err(format!(
                "no file of a related system{what}; allowed: what proxprop meta-train writes, or the parts of a cell"
            ))
        },
        |system| READ_FILE[system](text),
    );
    read.map_err(Error::Data)
}

/// Whether a query string is a run of one of them.
pub fn understands(query: &str) -> bool {
    matches!(asked_for(query), Ok(Some(entry)) if (entry.check)(query).is_ok())
}

/// The system of a name.
///
/// # Errors
/// [`Error::Query`] if there is none.
pub fn named(name: &str) -> Result<&'static Entry, Error> {
    if let Some(entry) = SYSTEMS.iter().find(|entry| entry.about.name == name) {
        return Ok(entry);
    }
    let known: Vec<&str> = SYSTEMS.iter().map(|entry| entry.about.name).collect();
    let (name, known) = (quoted(name), known.join(", "));
    fail(format!("system: {name} is unknown; known: {known}"))
}
