//! What a row of the table of parameters is, and how a value is read, checked and printed by it.

use std::fmt;

use super::map::{self, MapConfig};
use super::points;
use super::stop::{self, Stop};
use super::table::PARAMETERS;
use super::{Config, RunConfig};
use crate::Named;
use crate::data::drawn::Drawn;
use crate::steps::rule::{MOST_ITERATIONS, NotARule};
use crate::steps::{RULES, Rule};

/// Most hidden layers, and most neurons in one.
const MAX_LAYERS: usize = 8;
pub(super) const MAX_WIDTH: usize = 1024;

/// What a parameter belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The points; a change restarts.
    Data,
    /// The architecture and its initial weights; a change restarts.
    Network,
    /// What all runs share in training; a change restarts.
    Training,
    /// One run; step sizes act mid-run.
    Run,
    /// The step-size map; changes no run.
    Map,
}

/// How a parameter is entered, with the range that is allowed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Control {
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A whole number.
    Integer {
        /// Least allowed.
        min: u64,
        /// Most allowed.
        max: u64,
    },
    /// A real number.
    Number {
        /// Least allowed.
        min: f64,
        /// Most allowed.
        max: f64,
    },
    /// A positive real number on a logarithmic slider.
    LogSlider {
        /// Left end of the slider.
        min: f64,
        /// Right end of the slider.
        max: f64,
        /// Least allowed.
        hard_min: f64,
        /// Most allowed.
        hard_max: f64,
    },
    /// Whole numbers separated by commas: the widths of the hidden layers.
    Text,
    /// `backprop`, `prox-exact`, `prox-cgK` or `prox-point`.
    Rule,
    /// `epochs`, or stop rules separated by commas.
    Stop,
    /// A run and one or two axes, or nothing.
    Map,
    /// Points by class, or nothing.
    Points,
}

/// A row of the table.
#[derive(Debug)]
pub struct Parameter {
    /// The key in the query string.
    pub key: &'static str,
    /// What it belongs to.
    pub scope: Scope,
    /// What a person calls it.
    pub label: &'static str,
    /// Its unit; empty without one.
    pub unit: &'static str,
    /// One sentence on what it does.
    pub help: &'static str,
    /// The value where the query string has none.
    pub default: &'static str,
    /// How it is entered.
    pub control: Control,
    pub(super) place: Place,
}

/// Where a value lives.
#[derive(Debug)]
pub(super) enum Place {
    Config(fn(&Config) -> Value, fn(&mut Config, Value)),
    Run(fn(&RunConfig) -> Value, fn(&mut RunConfig, Value)),
}

/// A checked value. The variants follow [`Control`].
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Of [`Control::Choice`].
    Word(&'static str),
    /// Of [`Control::Integer`].
    Integer(u64),
    /// Of [`Control::Number`] and [`Control::LogSlider`].
    Number(f64),
    /// Of [`Control::Text`].
    Widths(Vec<usize>),
    /// Of [`Control::Rule`].
    Rule(Rule),
    /// Of [`Control::Stop`].
    Stop(Stop),
    /// Of [`Control::Map`].
    Map(Option<MapConfig>),
    /// Of [`Control::Points`].
    Points(Drawn),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Word(word) => f.write_str(word),
            Value::Integer(value) => write!(f, "{value}"),
            Value::Number(value) => f.write_str(&number(*value)),
            Value::Widths(widths) => {
                let texts: Vec<String> = widths.iter().map(ToString::to_string).collect();
                f.write_str(&texts.join(","))
            }
            Value::Rule(rule) => rule.fmt(f),
            Value::Stop(stop) => stop.fmt(f),
            Value::Map(map) => map.as_ref().map_or(Ok(()), |map| map.fmt(f)),
            Value::Points(drawn) => points::print(drawn, f),
        }
    }
}

impl From<u64> for Value {
    fn from(value: u64) -> Value {
        Value::Integer(value)
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Value {
        Value::Number(value)
    }
}

impl Value {
    pub(super) fn of<T: Named>(member: T) -> Value {
        Value::Word(member.name())
    }

    pub(super) fn member<T: Named>(&self) -> T {
        let Value::Word(word) = self else {
            panic!("{self:?} is not a word")
        };
        T::of_name(word).expect("the table lists the names of this set")
    }

    pub(super) fn integer(&self) -> u64 {
        let Value::Integer(value) = self else {
            panic!("{self:?} is not a whole number")
        };
        *value
    }

    pub(super) fn number(&self) -> f64 {
        let Value::Number(value) = self else {
            panic!("{self:?} is not a number")
        };
        *value
    }
}

impl Parameter {
    /// The row of `key`.
    pub fn find(key: &str) -> Option<&'static Parameter> {
        PARAMETERS.iter().find(|p| p.key == key)
    }

    /// Reads a value and checks its range; the message names key, value and range.
    ///
    /// # Errors
    /// If `text` is not a value of this parameter.
    pub fn parse(&self, text: &str) -> Result<Value, String> {
        let fail = |what: &str| {
            Err(format!(
                "{}: {} {what}; allowed: {}",
                self.key,
                quoted(text),
                self.allowed()
            ))
        };
        match self.control {
            Control::Choice(words) => match words.iter().find(|&&word| word == text) {
                Some(word) => Ok(Value::Word(word)),
                None => fail("is not a choice"),
            },
            Control::Integer { min, max } => match whole(text) {
                Some(value) if (min..=max).contains(&value) => Ok(Value::Integer(value)),
                Some(_) => fail("is out of range"),
                None => fail("is not a whole number"),
            },
            Control::Number { min, max }
            | Control::LogSlider {
                hard_min: min,
                hard_max: max,
                ..
            } => {
                match text.parse::<f64>() {
                    // Adding zero makes the negative zero positive.
                    Ok(value) if (min..=max).contains(&value) => Ok(Value::Number(value + 0.0)),
                    Ok(value) if value.is_nan() => fail("is not a number"),
                    Ok(_) => fail("is out of range"),
                    Err(_) => fail("is not a number"),
                }
            }
            Control::Text => {
                let widths: Option<Vec<u64>> = text.split(',').map(whole).collect();
                match widths {
                    None => fail("is not a list of whole numbers"),
                    Some(widths) if widths.len() > MAX_LAYERS => fail("has too many layers"),
                    Some(widths) if widths.iter().any(|&w| w == 0 || w > MAX_WIDTH as u64) => {
                        fail("is out of range")
                    }
                    Some(widths) => Ok(Value::Widths(
                        widths.into_iter().map(|w| w as usize).collect(),
                    )),
                }
            }
            Control::Rule => match Rule::parse(text) {
                Ok(rule) => Ok(Value::Rule(rule)),
                Err(NotARule::Iterations) => fail("is out of range"),
                Err(NotARule::Unknown) => fail("is not a rule"),
            },
            Control::Stop => match Stop::parse(text) {
                Ok(stop) => Ok(Value::Stop(stop)),
                Err(what) => fail(what),
            },
            Control::Points if text.is_empty() => Ok(Value::Points(Drawn::default())),
            Control::Points => points::parse(text).map(Value::Points),
            Control::Map if text.is_empty() => Ok(Value::Map(None)),
            Control::Map => MapConfig::parse(text).map(|map| Value::Map(Some(map))),
        }
    }

    /// What is allowed, in words.
    pub fn allowed(&self) -> String {
        match self.control {
            Control::Choice(words) => words.join(", "),
            Control::Integer { min, max } => format!("{min} to {max}"),
            Control::Number { min, max }
            | Control::LogSlider {
                hard_min: min,
                hard_max: max,
                ..
            } => {
                format!("{} to {}", short(min), short(max))
            }
            Control::Text => format!("1 to {MAX_LAYERS} widths from 1 to {MAX_WIDTH}, as in 8,8"),
            Control::Rule => {
                let names = RULES.map(|rule| match rule.iterations() {
                    Some(_) => format!("{}K with K from 1 to {MOST_ITERATIONS}", rule.key()),
                    None => rule.key().to_owned(),
                });
                names.join(", ")
            }
            Control::Stop => stop::ALLOWED.to_owned(),
            Control::Map => map::allowed(),
            Control::Points => points::allowed(),
        }
    }

    /// The value in a whole configuration; `None` for a parameter of a run.
    pub fn of_config(&self, config: &Config) -> Option<Value> {
        match self.place {
            Place::Config(get, _) => Some(get(config)),
            Place::Run(..) => None,
        }
    }

    /// The value in a run; `None` for a parameter of the whole configuration.
    pub fn of_run(&self, run: &RunConfig) -> Option<Value> {
        match self.place {
            Place::Run(get, _) => Some(get(run)),
            Place::Config(..) => None,
        }
    }

    /// Writes a value that this row has checked.
    pub(super) fn write_config(&self, config: &mut Config, value: Value) {
        let Place::Config(_, set) = self.place else {
            panic!("{} belongs to a run", self.key)
        };
        set(config, value);
    }

    /// Writes a value that this row has checked.
    pub(super) fn write_run(&self, run: &mut RunConfig, value: Value) {
        let Place::Run(_, set) = self.place else {
            panic!("{} belongs to no run", self.key)
        };
        set(run, value);
    }
}

/// Decimal digits only: neither sign nor blanks.
pub(super) fn whole(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    // More digits than fit are a large number, not a word.
    digits.then(|| text.parse().unwrap_or(u64::MAX))
}

/// The user's text, short and on one line.
pub(super) fn quoted(text: &str) -> String {
    let mut start: String = text.chars().take(40).collect();
    if start.len() < text.len() {
        start.push('…');
    }
    format!("{start:?}")
}

/// The shortest text that reads back as the same number.
pub(super) fn number(value: f64) -> String {
    if value != 0.0 && value.abs() < 1e-5 {
        format!("{value:e}")
    } else {
        value.to_string()
    }
}

/// Bounds: large and small powers of ten as such.
fn short(value: f64) -> String {
    if value != 0.0 && !(1e-3..1e5).contains(&value) {
        format!("{value:e}")
    } else {
        value.to_string()
    }
}
