//! A row of a table of parameters: how a value is read, checked, printed, entered and explained, and where it lives in what
//! the table is of. It knows no table: each kind of run has its own.

use super::words::{integer, number, quoted, short, whole};
use crate::Named;
use crate::steps::rule::{MOST_ITERATIONS, NotARule};
use crate::steps::{RULES, Rule};
use std::fmt;

/// Why a value that comes to a row's place reads as it should.
pub(super) const CHECKED: &str = "the row has checked it";

/// A parameter as a person meets it.
#[derive(Debug)]
pub struct Parameter {
    /// The key in the text.
    pub key: &'static str,
    /// What it belongs to, in words.
    pub section: &'static str,
    /// What a person calls it.
    pub label: &'static str,
    /// Its unit; empty without one.
    pub unit: &'static str,
    /// One sentence on what it does.
    pub help: &'static str,
    /// The value where the text has none.
    pub default: &'static str,
    /// How it is entered.
    pub control: Control,
}

/// How a parameter is entered, with the range that is allowed.
#[derive(Clone, Copy, Debug)]
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
    /// A positive real number on a logarithmic slider; where zero is allowed it stands before the slider's left end.
    LogSlider {
        /// Left end of the slider, positive.
        min: f64,
        /// Right end of the slider.
        max: f64,
        /// Least allowed.
        hard_min: f64,
        /// Most allowed.
        hard_max: f64,
    },
    /// A number on an even slider, or a whole one on a logarithmic slider.
    Slider {
        /// Left end of the slider.
        min: f64,
        /// Right end of the slider.
        max: f64,
        /// Least allowed.
        hard_min: f64,
        /// Most allowed.
        hard_max: f64,
        /// Whether it is a whole number.
        whole: bool,
    },
    /// One of [`RULES`].
    Rule,
    /// A text with a grammar of its own, on one line.
    Written(&'static Grammar),
    /// The same, but written elsewhere than in the form of the run.
    Elsewhere(&'static Grammar),
}

impl Control {
    /// Whether it is a whole number.
    pub fn is_whole(self) -> bool {
        matches!(
            self,
            Control::Integer { .. } | Control::Slider { whole: true, .. }
        )
    }
}

/// How a text of its own is read.
#[derive(Debug)]
pub struct Grammar {
    /// The text as it is printed.
    pub canonical: fn(&str) -> Result<String, Fault>,
    /// What is allowed, in words.
    pub allowed: fn() -> String,
}

/// A checked value. The variants follow [`Control`].
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Of [`Control::Choice`].
    Word(&'static str),
    /// Of [`Control::Integer`], and of [`Control::Slider`] where it is whole.
    Integer(u64),
    /// Of [`Control::Number`], [`Control::LogSlider`] and [`Control::Slider`].
    Number(f64),
    /// Of [`Control::Rule`].
    Rule(Rule),
    /// Of [`Control::Written`] and [`Control::Elsewhere`].
    Text(String),
}

/// Why a text is not a parameter's value.
#[derive(Clone, Debug, PartialEq)]
pub enum Fault {
    /// It is none of the words.
    Choice,
    /// It is no whole number.
    Whole,
    /// It is no number.
    Number,
    /// It is this number, which is not allowed.
    Range(f64),
    /// It is no rule.
    Rule,
    /// This piece of it is not as its grammar wants it.
    Piece(String, &'static str),
}

impl Fault {
    fn what(&self) -> &'static str {
        match self {
            Fault::Choice => "is not a choice",
            Fault::Whole => "is not a whole number",
            Fault::Number => "is not a number",
            Fault::Range(_) => "is out of range",
            Fault::Rule => "is not a rule",
            Fault::Piece(_, what) => what,
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Word(word) => f.write_str(word),
            Value::Integer(value) => write!(f, "{value}"),
            Value::Number(value) => f.write_str(&number(*value)),
            Value::Rule(rule) => rule.fmt(f),
            Value::Text(text) => f.write_str(text),
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
    /// The same, with a negative zero made positive.
    pub(super) fn unsigned_zero(self) -> Value {
        match self {
            Value::Number(value) => Value::Number(value + 0.0),
            value => value,
        }
    }

    pub(super) fn of<T: Named>(member: T) -> Value {
        Value::Word(member.name())
    }

    pub(super) fn word(&self) -> &'static str {
        let Value::Word(word) = self else {
            panic!("not a word")
        };
        word
    }

    pub(super) fn member<T: Named>(&self) -> T {
        T::of_name(self.word()).expect("the table lists the names of this set")
    }

    pub(super) fn integer(&self) -> u64 {
        let Value::Integer(value) = self else {
            panic!("not a whole number")
        };
        *value
    }

    pub(super) fn number(&self) -> f64 {
        let Value::Number(value) = self else {
            panic!("not a number")
        };
        *value
    }

    /// A number, whole or not.
    pub(super) fn as_number(&self) -> f64 {
        match self {
            Value::Integer(value) => *value as f64,
            value => value.number(),
        }
    }

    pub(super) fn rule(&self) -> Rule {
        let Value::Rule(rule) = self else {
            panic!("not a rule")
        };
        *rule
    }

    pub(super) fn text(&self) -> &str {
        let Value::Text(text) = self else {
            panic!("not a text")
        };
        text
    }
}

impl Parameter {
    /// Reads a value and checks its range.
    ///
    /// # Errors
    /// [`Fault`] if `text` is not a value of this parameter.
    pub fn parse(&self, text: &str) -> Result<Value, Fault> {
        match self.control {
            Control::Choice(words) => {
                let word = words.iter().find(|&&word| word == text);
                word.map(|word| Value::Word(word)).ok_or(Fault::Choice)
            }
            _ if self.control.is_whole() => {
                let Some(value) = whole(text) else {
                    // One that is out of range is so however it is written.
                    let number = Value::Number(integer(text).ok_or(Fault::Whole)?);
                    return Err(self.checked(number).err().unwrap_or(Fault::Whole));
                };
                self.checked(Value::Integer(value))
            }
            Control::Integer { .. }
            | Control::Number { .. }
            | Control::LogSlider { .. }
            | Control::Slider { .. } => {
                let value = text.parse::<f64>().map_err(|_| Fault::Number)?;
                if value.is_nan() {
                    return Err(Fault::Number);
                }
                self.checked(Value::Number(value))
            }
            Control::Rule => match Rule::parse(text) {
                Ok(rule) => Ok(Value::Rule(rule)),
                Err(NotARule::Iterations) => Err(Fault::Range(f64::NAN)),
                Err(NotARule::Unknown) => Err(Fault::Rule),
            },
            Control::Written(grammar) | Control::Elsewhere(grammar) => {
                (grammar.canonical)(text).map(Value::Text)
            }
        }
    }

    /// A number, if it is in the range.
    ///
    /// # Errors
    /// [`Fault::Range`] if it is not.
    pub fn checked(&self, value: Value) -> Result<Value, Fault> {
        let number = match value {
            Value::Integer(value) => value as f64,
            Value::Number(value) => value,
            _ => return Ok(value),
        };
        match self.range() {
            Some((min, max)) if !(min..=max).contains(&number) => Err(Fault::Range(number)),
            _ => Ok(value),
        }
    }

    /// The least and the most that is allowed of a number.
    pub fn range(&self) -> Option<(f64, f64)> {
        match self.control {
            Control::Integer { min, max } => Some((min as f64, max as f64)),
            Control::Number { min, max }
            | Control::LogSlider {
                hard_min: min,
                hard_max: max,
                ..
            }
            | Control::Slider {
                hard_min: min,
                hard_max: max,
                ..
            } => Some((min, max)),
            Control::Choice(_) | Control::Rule | Control::Written(_) | Control::Elsewhere(_) => {
                None
            }
        }
    }

    /// What is allowed, in words.
    pub fn allowed(&self) -> String {
        match self.control {
            Control::Choice(words) => words.join(", "),
            Control::Integer { min, max } => format!("{min} to {max}"),
            Control::Slider {
                hard_min, hard_max, ..
            } => format!("{hard_min} to {hard_max}"),
            Control::Number { min, max }
            | Control::LogSlider {
                hard_min: min,
                hard_max: max,
                ..
            } => {
                let end = if max.is_infinite() {
                    " or more".to_owned()
                } else {
                    [" to ", &short(max)].concat()
                };
                short(min) + &end
            }
            Control::Rule => {
                let names = RULES.map(|rule| match rule.iterations() {
                    Some(_) => {
                        let (before, behind) = rule.around();
                        format!("{before}K{behind} with K from 1 to {MOST_ITERATIONS}")
                    }
                    None => rule.key().to_owned(),
                });
                names.join(", ")
            }
            Control::Written(grammar) | Control::Elsewhere(grammar) => (grammar.allowed)(),
        }
    }

    /// Says why `text` is no value: names key, value and what is allowed.
    pub fn refuse(&self, text: &str, fault: &Fault) -> String {
        let piece = match fault {
            Fault::Piece(piece, _) => piece,
            _ => text,
        };
        let (key, what, allowed) = (self.key, fault.what(), self.allowed());
        format!("{key}: {} {what}; allowed: {allowed}", quoted(piece))
    }
}

/// A parameter and where its value lives in a `T`.
#[derive(Debug)]
pub struct Row<T: 'static> {
    /// The parameter.
    pub parameter: Parameter,
    /// Whether its usual value is left out of the text: so it is with keys that are younger than the first links.
    pub quiet: bool,
    /// Whether it means anything to a cell of a map, which is looked at only at its end.
    pub of_cells: bool,
    /// Whether it does anything to what it is part of.
    pub acts: fn(&T) -> bool,
    /// Its value.
    pub get: fn(&T) -> Value,
    /// Takes a value that the parameter has checked.
    pub(super) set: fn(&mut T, Value),
}

impl<T> Row<T> {
    /// Whether a text says its value.
    pub(super) fn is_printed(&self, of: &T) -> bool {
        !self.quiet || (self.get)(of).to_string() != self.parameter.default
    }

    /// The row of a key.
    pub fn find(table: &'static [Row<T>], key: &str) -> Option<&'static Row<T>> {
        table.iter().find(|row| row.parameter.key == key)
    }
}

/// A key of a text that is no parameter: it has a grammar of its own.
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
