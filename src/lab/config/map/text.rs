//! A map read from its text, and what people are told about that.

use super::axis::setting;
use super::{Axis, MAX_COUNT, MAX_SEEDS, MapConfig};
use crate::lab::row::{Clause, Parameter, Value};
use crate::lab::words::{quoted, whole};

/// The key `map`.
pub(in crate::lab::config) static MAP: Clause = Clause {
    key: MapConfig::KEY,
    section: "step-size map",
    label: "Step-size map",
    help: "Trains one run (from 1) from every cell of a grid of settings; the other settings are those of the run. \
           The first axis goes across, the second upwards; each cell is the mean over K seeds.",
    allowed: || usual().allowed(),
};

/// What may be an axis of a kind of runs.
pub(in crate::lab) struct Axes {
    /// The settings.
    pub(in crate::lab) all: Vec<&'static Parameter>,
    /// A map of them.
    pub(in crate::lab) example: String,
}

/// Those of the lab's own runs.
fn usual() -> Axes {
    Axes {
        all: Axis::KEYS.map(|key| setting(key).parameter()).to_vec(),
        example: "2,tau:0.1..100*32,tau_theta:0.01..100*32".to_owned(),
    }
}

impl Axes {
    fn keys(&self) -> String {
        let keys: Vec<&str> = self.all.iter().map(|axis| axis.key).collect();
        keys.join(", ")
    }

    /// What is allowed, in words.
    pub(in crate::lab) fn allowed(&self) -> String {
        format!(
            "empty, or RUN,axis:from..to*count with one or two axes from {}, 2 to {MAX_COUNT} values each, and seeds:K \
             from 1 to {MAX_SEEDS}, as in {}",
            self.keys(),
            self.example
        )
    }
}

impl MapConfig {
    /// Its key in a query string.
    pub const KEY: &str = "map";

    /// Reads the value of the key, which may be empty.
    ///
    /// # Errors
    /// A message that names key, value and what is allowed.
    pub(in crate::lab::config) fn read(text: &str) -> Result<Option<MapConfig>, String> {
        MapConfig::of(text, &usual())
    }

    /// The same with other axes.
    ///
    /// # Errors
    /// A message that names key, value and what is allowed.
    pub(in crate::lab) fn of(text: &str, axes: &Axes) -> Result<Option<MapConfig>, String> {
        if text.is_empty() {
            return Ok(None);
        }
        MapConfig::parse(text, axes).map(Some)
    }

    fn parse(text: &str, axes: &Axes) -> Result<MapConfig, String> {
        let mut parts = text.split(',');
        let run = parts.next().and_then(whole).filter(|&run| run > 0);
        let Some(run) = run else {
            return Err(format!(
                "map: {} does not begin with the number of a run; allowed: {}",
                quoted(text),
                axes.allowed()
            ));
        };
        let mut map = MapConfig {
            run: usize::try_from(run).unwrap_or(usize::MAX) - 1,
            axes: Vec::new(),
            seeds: 1,
        };
        let mut seeds_given = false;
        for part in parts {
            let Some((key, value)) = part.split_once(':') else {
                return Err(format!("map: {}: expected key:value", quoted(part)));
            };
            let given = map.axes.iter().any(|a| a.key() == key);
            if given || (key == "seeds" && seeds_given) {
                return Err(format!("map: {}: given twice", quoted(key)));
            }
            if key == "seeds" {
                seeds_given = true;
                map.seeds = match whole(value) {
                    Some(k) if (1..=u64::from(MAX_SEEDS)).contains(&k) => k as u32,
                    _ => {
                        return Err(format!(
                            "map.seeds: {} is not a number of seeds; allowed: 1 to {MAX_SEEDS}",
                            quoted(value)
                        ));
                    }
                };
            } else if map.axes.len() == 2 {
                return Err(format!(
                    "map: {}: a third axis; allowed: one or two",
                    quoted(key)
                ));
            } else {
                map.axes.push(Axis::parse(key, value, axes)?);
            }
        }
        if map.axes.is_empty() {
            return Err(format!(
                "map: {} has no axis; allowed: {}",
                quoted(text),
                axes.allowed()
            ));
        }
        if map.seeds > 1 && map.axes.iter().any(|a| a.key() == "seed") {
            return Err(format!(
                "map.seeds: \"{}\" does not fit an axis of seeds; allowed: 1",
                map.seeds
            ));
        }
        Ok(map)
    }
}

impl Axis {
    /// `from..to*count`
    fn parse(key: &str, text: &str, axes: &Axes) -> Result<Axis, String> {
        let Some(&parameter) = axes.all.iter().find(|axis| axis.key == key) else {
            return Err(format!(
                "map: {}: not an axis; allowed: {}, and seeds",
                quoted(key),
                axes.keys()
            ));
        };
        let ends = text
            .rsplit_once('*')
            .and_then(|(range, count)| range.split_once("..").map(|(from, to)| (from, to, count)));
        let Some((from, to, count)) = ends else {
            let example = axes.example.split(',').nth(1).unwrap_or_default();
            return Err(format!(
                "map.{key}: {} is not from..to*count, as in {example}",
                quoted(text)
            ));
        };
        let end = |text: &str| match parameter.parse(text).map(Value::unsigned_zero) {
            Ok(value) => Ok(value.as_number()),
            Err(fault) => Err(format!("map.{}", parameter.refuse(text, &fault))),
        };
        let axis = Axis {
            parameter,
            from: end(from)?,
            to: end(to)?,
            count: match whole(count) {
                Some(n) if (2..=MAX_COUNT as u64).contains(&n) => n as usize,
                _ => {
                    return Err(format!(
                        "map.{key}: {} is not a number of values; allowed: 2 to {MAX_COUNT}",
                        quoted(count)
                    ));
                }
            },
        };
        if !axis.values().is_sorted_by(|a, b| a < b) {
            return Err(format!(
                "map.{key}: {} are not {count} values that rise; allowed: a wider range or fewer values",
                quoted(text)
            ));
        }
        Ok(axis)
    }
}
