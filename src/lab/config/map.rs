//! The key `map`: which settings of which run a step-size map varies. Knows its text and its values, trains nothing.
//!
//! `RUN,axis:from..to*count[,axis:from..to*count][,seeds:K]`, the run counted from 1; the first axis goes across,
//! the second upwards, and each cell is the mean over K seeds.

mod zoom;

use std::fmt;

use super::parameter::{Control, MAX_WIDTH, Parameter, Place, Scope, Value, number, quoted, whole};
use super::{Config, RunConfig};
use crate::steps::Rule;
use crate::steps::rule::MOST_ITERATIONS;
pub use zoom::Part;

/// Most values on an axis.
pub const MAX_COUNT: usize = 1024;
/// Most seeds per cell.
pub const MAX_SEEDS: u32 = 100;

/// What may be an axis: rows of the table, and two settings that are part of another one.
const AXES: [&str; 8] = [
    "tau",
    "tau_theta",
    "momentum",
    "cg",
    "scale",
    "noise",
    "seed",
    "width",
];

/// The K of `prox-cgK`.
static CG: Parameter = Parameter {
    key: "cg",
    scope: Scope::Run,
    label: "CG iterations",
    unit: "",
    help: "The K of prox-cgK.",
    default: "3",
    control: Control::Integer {
        min: 1,
        max: MOST_ITERATIONS as u64,
    },
    place: Place::Run(
        |r| match r.rule {
            Rule::ProxCg(k) => u64::from(k).into(),
            _ => 0.into(),
        },
        |r, v| r.rule = Rule::ProxCg(v.integer() as u32),
    ),
};

/// The width of all hidden layers.
static WIDTH: Parameter = Parameter {
    key: "width",
    scope: Scope::Network,
    label: "Width of the hidden layers",
    unit: "neurons",
    help: "Neurons of every hidden layer.",
    default: "8",
    control: Control::Integer {
        min: 1,
        max: MAX_WIDTH as u64,
    },
    place: Place::Config(
        |c| (c.hidden[0] as u64).into(),
        |c, v| c.hidden.fill(v.integer() as usize),
    ),
};

/// A step-size map: one run, trained from every cell of a grid of settings.
#[derive(Clone, Debug, PartialEq)]
pub struct MapConfig {
    /// The run that is varied, from 0; everything that is no axis is as it has it.
    pub run: usize,
    /// One or two, the first across.
    pub axes: Vec<Axis>,
    /// Seeds averaged per cell: the run's and those that follow it.
    pub seeds: u32,
}

/// A setting and the values it takes.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    key: &'static str,
    from: f64,
    to: f64,
    count: usize,
}

impl MapConfig {
    /// Reads the text of a map; the message names key, value and what is allowed.
    pub(super) fn parse(text: &str) -> Result<MapConfig, String> {
        let mut parts = text.split(',');
        let run = parts.next().and_then(whole).filter(|&run| run > 0);
        let Some(run) = run else {
            return Err(format!(
                "map: {} does not begin with the number of a run; allowed: {}",
                quoted(text),
                allowed()
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
            let given = map.axes.iter().any(|a| a.key == key);
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
                map.axes.push(Axis::parse(key, value)?);
            }
        }
        if map.axes.is_empty() {
            return Err(format!(
                "map: {} has no axis; allowed: {}",
                quoted(text),
                allowed()
            ));
        }
        if map.seeds > 1 && map.axes.iter().any(|a| a.key == "seed") {
            return Err(format!(
                "map.seeds: \"{}\" does not fit an axis of seeds; allowed: 1",
                map.seeds
            ));
        }
        Ok(map)
    }
}

impl fmt::Display for MapConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.run + 1)?;
        for Axis {
            key,
            from,
            to,
            count,
        } in &self.axes
        {
            write!(f, ",{key}:{}..{}*{count}", number(*from), number(*to))?;
        }
        write!(f, ",seeds:{}", self.seeds)
    }
}

impl Axis {
    /// `from..to*count`
    fn parse(key: &str, text: &str) -> Result<Axis, String> {
        let Some(&key) = AXES.iter().find(|&&axis| axis == key) else {
            let known = AXES.join(", ");
            return Err(format!(
                "map: {}: not an axis; allowed: {known}, and seeds",
                quoted(key)
            ));
        };
        let ends = text
            .rsplit_once('*')
            .and_then(|(range, count)| range.split_once("..").map(|(from, to)| (from, to, count)));
        let Some((from, to, count)) = ends else {
            return Err(format!(
                "map.{key}: {} is not from..to*count, as in tau:0.1..100*32",
                quoted(text)
            ));
        };
        let end = |text: &str| match parameter(key).parse(text) {
            Ok(Value::Integer(value)) => Ok(value as f64),
            Ok(Value::Number(value)) => Ok(value),
            Ok(value) => unreachable!("{value:?} on an axis"),
            Err(message) => Err(format!("map.{message}")),
        };
        let axis = Axis {
            key,
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

    /// The key of the setting.
    pub fn key(&self) -> &'static str {
        self.key
    }

    /// Whether a run has the setting of this key.
    pub fn acts_on(key: &str, run: &RunConfig) -> bool {
        match key {
            "tau_theta" => run.rule.has_tau_theta(),
            "cg" => run.rule.iterations().is_some(),
            "momentum" => run.opt.has_momentum(),
            _ => true,
        }
    }

    /// What a person calls it.
    pub fn label(&self) -> &'static str {
        parameter(self.key).label
    }

    /// Whether its values are spaced evenly in the logarithm: where the table has a logarithmic slider.
    pub fn log(&self) -> bool {
        matches!(parameter(self.key).control, Control::LogSlider { .. })
    }

    /// The values of its cells, rising. Those between the ends are rounded to a thousandth of their distance, so
    /// that links and tables stay short; settings that are whole numbers to whole numbers.
    pub fn values(&self) -> Vec<f64> {
        let last = self.count - 1;
        let whole = matches!(parameter(self.key).control, Control::Integer { .. });
        let value = |i: usize| match i {
            0 => self.from,
            _ if i == last => self.to,
            _ if self.log() => {
                let (low, high) = (libm::log(self.from), libm::log(self.to));
                let step = (high - low) / last as f64;
                let digits = digits(libm::expm1(step));
                rounded(&format!("{:.digits$e}", libm::exp(low + step * i as f64)))
            }
            _ => {
                let step = (self.to - self.from) / last as f64;
                let value = self.from + step * i as f64;
                let digits = if whole { 0 } else { digits(step) };
                rounded(&format!("{value:.digits$}"))
            }
        };
        (0..self.count).map(value).collect()
    }

    /// Gives a run, or the whole configuration, the setting.
    pub fn apply(&self, value: f64, config: &mut Config, run: usize) {
        let parameter = parameter(self.key);
        let value = match parameter.control {
            Control::Integer { .. } => Value::Integer(value as u64),
            _ => Value::Number(value),
        };
        match parameter.scope {
            Scope::Run => parameter.write_run(&mut config.runs[run], value),
            _ => parameter.write_config(config, value),
        }
    }

    /// The value that a run has now.
    pub fn value_in(&self, config: &Config, run: &RunConfig) -> f64 {
        let parameter = parameter(self.key);
        match parameter
            .of_config(config)
            .or_else(|| parameter.of_run(run))
        {
            Some(Value::Integer(value)) => value as f64,
            Some(Value::Number(value)) => value,
            value => unreachable!("{value:?} on an axis"),
        }
    }
}

/// The row of an axis.
fn parameter(key: &str) -> &'static Parameter {
    match key {
        "cg" => &CG,
        "width" => &WIDTH,
        _ => Parameter::find(key).expect("other axes are rows of the table"),
    }
}

/// Decimals that tell steps of this size apart a thousand times over.
fn digits(step: f64) -> usize {
    (libm::ceil(-libm::log10(step)) + 2.0).clamp(0.0, 17.0) as usize
}

fn rounded(text: &str) -> f64 {
    text.parse().expect("a number that was just printed")
}

/// What is allowed, in words.
pub(super) fn allowed() -> String {
    format!(
        "empty, or RUN,axis:from..to*count with one or two axes from {}, 2 to {MAX_COUNT} values each, and seeds:K \
         from 1 to {MAX_SEEDS}, as in 2,tau:0.1..100*32,tau_theta:0.01..100*32",
        AXES.join(", ")
    )
}
