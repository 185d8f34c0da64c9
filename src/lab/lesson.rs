//! A lesson as text, for one link: presets and addresses in order, and which parts of the page are hidden or locked.
//! Knows no page.
//!
//! `circle;small-steps;?data=moons&run=backprop,tau:1#view=one-step`: items joined by `;`, each a preset's name or an
//! address (`?` and a query string, then perhaps `#` and how it is looked at). Of related systems it knows what is said of them; what a
//! run of theirs means is found out when it is opened.

use super::config::Config;
use super::presets::{self, PRESETS, Preset};
use super::systems::{self, is_system};
use crate::Error;
use std::fmt;

/// Most items of a lesson.
pub const MAX_ITEMS: usize = 50;
/// Most bytes of a lesson's text.
pub const MAX_BYTES: usize = 20_000;
/// What of an address behind `#` belongs to the lesson as a whole, not to one of its items.
const WHOLE: [&str; 9] = [
    "lesson", "at", "hide", "lock", "predict", "theme", "embed", "origin", "play",
];

/// What is shown one after the other.
#[derive(Clone, Debug, PartialEq)]
pub struct Lesson {
    /// At least one.
    pub items: Vec<Item>,
}

/// One thing to show.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// A preset.
    Preset(&'static Preset),
    /// A run and how it is looked at.
    Address {
        /// The run.
        run: Box<Config>,
        /// What stands behind `#`, empty or `key=value` joined by `&`.
        hash: String,
    },
    /// A run of a related system, by its query string.
    System(String),
}

/// How a run of a related system is looked at.
const OF_SYSTEMS: &str = "view=related";

/// All presets, those of the lab and then those of each related system.
pub fn presets() -> impl Iterator<Item = &'static Preset> {
    let of_systems = systems::ABOUT.iter().flat_map(|about| about.presets);
    PRESETS.iter().chain(of_systems)
}

/// The preset of a name, whosever it is.
///
/// # Errors
/// [`Error::Query`] naming all that there are.
pub fn preset(name: &str) -> Result<&'static Preset, Error> {
    match presets().find(|preset| preset.name == name) {
        Some(preset) => Ok(preset),
        None => presets::named(name),
    }
}

/// The preset that a query names and leaves as it is.
pub fn preset_of(query: &str) -> Option<&'static Preset> {
    let plain = query.strip_prefix('?').unwrap_or(query);
    let plain = plain.strip_prefix("v=1&").unwrap_or(plain);
    if let Some(name) = plain.strip_prefix("preset=") {
        return preset(name).ok();
    }
    let rest = plain.strip_prefix("system=")?;
    let (system, name) = rest.split_once("&preset=")?;
    let about = systems::ABOUT.iter().find(|about| about.name == system)?;
    about.presets.iter().find(|preset| preset.name == name)
}

impl Lesson {
    /// All presets.
    pub fn of_presets() -> Lesson {
        Lesson {
            items: presets().map(Item::Preset).collect(),
        }
    }

    /// Reads the text of a lesson (percent-encoding undone).
    ///
    /// # Errors
    /// [`Error::Query`] naming the item and what is allowed.
    pub fn parse(text: &str) -> Result<Lesson, Error> {
        if text.len() > MAX_BYTES {
            return fail(format!(
                "lesson: {} bytes; allowed: at most {MAX_BYTES}",
                text.len()
            ));
        }
        let items: Vec<&str> = text.split(';').filter(|item| !item.is_empty()).collect();
        if items.is_empty() || items.len() > MAX_ITEMS {
            return fail(format!(
                "lesson: {} items; allowed: 1 to {MAX_ITEMS}, joined by \";\"",
                items.len()
            ));
        }
        let items = items.into_iter().enumerate().map(|(at, item)| {
            Item::parse(item).map_err(|e| Error::Query(format!("lesson: item {}: {e}", at + 1)))
        });
        Ok(Lesson {
            items: items.collect::<Result<_, _>>()?,
        })
    }

    /// The text with what would end it in an address encoded.
    pub fn encoded(&self) -> String {
        let text = self.to_string();
        text.replace('%', "%25")
            .replace('&', "%26")
            .replace('#', "%23")
    }
}

impl fmt::Display for Lesson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let items: Vec<String> = self.items.iter().map(Item::to_string).collect();
        f.write_str(&items.join(";"))
    }
}

impl Item {
    fn parse(text: &str) -> Result<Item, Error> {
        let Some(address) = text.strip_prefix('?') else {
            return preset(text).map(Item::Preset);
        };
        let (query, hash) = address.split_once('#').unwrap_or((address, ""));
        for pair in hash.split('&').filter(|pair| !pair.is_empty()) {
            let plain = |c: char| c.is_ascii_alphanumeric() || ",:.+-*_".contains(c);
            let good = pair.split_once('=').is_some_and(|(key, value)| {
                !WHOLE.contains(&key) && key.chars().chain(value.chars()).all(plain)
            });
            if !good {
                return fail(format!(
                    "{:?} cannot stand behind #; allowed: key=value of letters, digits and , : . + - * _, without {}",
                    shortened(pair),
                    WHOLE.join(", ")
                ));
            }
        }
        if is_system(query) {
            return match hash {
                "" | OF_SYSTEMS => Ok(Item::System(query.to_owned())),
                _ => fail(format!(
                    "{:?} cannot stand behind # of a related system; allowed: {OF_SYSTEMS}",
                    shortened(hash)
                )),
            };
        }
        Ok(Item::Address {
            run: Box::new(Config::parse(query)?),
            hash: hash.to_owned(),
        })
    }

    /// Whether it is a run of a related system.
    pub fn is_system(&self) -> bool {
        match self {
            Item::Preset(preset) => is_system(preset.query),
            Item::Address { .. } => false,
            Item::System(_) => true,
        }
    }

    /// The run of the lab; `None` for one of a related system.
    pub fn config(&self) -> Option<Config> {
        match self {
            Item::Preset(preset) => (!self.is_system()).then(|| Config::of(preset)),
            Item::Address { run, .. } => Some((**run).clone()),
            Item::System(_) => None,
        }
    }

    /// The run's query string.
    pub fn query(&self) -> String {
        match (self, self.config()) {
            (_, Some(config)) => config.to_string(),
            (Item::Preset(preset), None) => preset.query.to_owned(),
            (Item::System(query), None) => query.clone(),
            (Item::Address { run, .. }, None) => run.to_string(),
        }
    }

    /// How it is looked at.
    pub fn hash(&self) -> &str {
        match self {
            Item::Preset(preset) => preset.hash,
            Item::Address { hash, .. } => hash,
            Item::System(_) => OF_SYSTEMS,
        }
    }

    /// The preset that it is.
    pub fn preset(&self) -> Option<&'static Preset> {
        match self {
            Item::Preset(preset) => Some(preset),
            Item::Address { .. } | Item::System(_) => None,
        }
    }
}

impl fmt::Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Item::Preset(preset) => f.write_str(preset.name),
            // A semicolon of the query, as between points, would end the item.
            Item::Address { run, hash } => {
                let query = run.short().replace(';', "%3B");
                let begin = if hash.is_empty() { "" } else { "#" };
                write!(f, "?{query}{begin}{hash}")
            }
            Item::System(query) => write!(f, "?{}", query.replace(';', "%3B")),
        }
    }
}

/// A part of the page that a lesson can hide, and some that it can lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The tabs of the views.
    Tabs,
    /// The bar of play, step, timeline.
    Transport,
    /// The button of a new seed.
    Seed,
    /// The sentences that say what to look at.
    Story,
    /// The decision boundaries.
    Boundaries,
    /// The chart of loss and energy.
    Loss,
    /// The chart of step sizes.
    Steps,
    /// The networks themselves.
    Network,
    /// The cards of the runs.
    Runs,
    /// Data and network.
    Setup,
    /// The settings of *Flow*.
    Flow,
    /// The form of the step-size map.
    Map,
    /// An embedded page's link to the whole page.
    Link,
}

impl Part {
    /// All.
    pub const ALL: [Part; 13] = [
        Part::Tabs,
        Part::Transport,
        Part::Seed,
        Part::Story,
        Part::Boundaries,
        Part::Loss,
        Part::Steps,
        Part::Network,
        Part::Runs,
        Part::Setup,
        Part::Flow,
        Part::Map,
        Part::Link,
    ];
    /// Those that can be locked: seen, and not to be changed.
    pub const LOCKED: [Part; 4] = [Part::Seed, Part::Runs, Part::Setup, Part::Flow];

    /// The name in an address.
    pub fn key(self) -> &'static str {
        match self {
            Part::Tabs => "tabs",
            Part::Transport => "transport",
            Part::Seed => "seed",
            Part::Story => "story",
            Part::Boundaries => "boundaries",
            Part::Loss => "loss",
            Part::Steps => "steps",
            Part::Network => "network",
            Part::Runs => "runs",
            Part::Setup => "setup",
            Part::Flow => "flow",
            Part::Map => "map",
            Part::Link => "link",
        }
    }

    /// Reads names joined by `+` or `,`, of these parts only; `key` is what the list is called.
    ///
    /// # Errors
    /// [`Error::Query`] naming what is none of them.
    pub fn list(key: &str, text: &str, of: &[Part]) -> Result<Vec<Part>, Error> {
        let names = text.split(['+', ',']).filter(|name| !name.is_empty());
        let parts = names.map(|name| {
            let found = of.iter().copied().find(|part| part.key() == name);
            found.ok_or_else(|| {
                let known: Vec<&str> = of.iter().map(|part| part.key()).collect();
                Error::Query(format!(
                    "{key}: {:?} is no such part of the page; allowed: {}, joined by \"+\"",
                    shortened(name),
                    known.join(", ")
                ))
            })
        });
        parts.collect()
    }
}

/// The beginning of what somebody wrote.
fn shortened(text: &str) -> String {
    text.chars().take(40).collect()
}

fn fail<T>(message: String) -> Result<T, Error> {
    Err(Error::Query(message))
}
