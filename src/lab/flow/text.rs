//! A flow as text, for links: `rosenbrock,tau:0.05,momentum:0.9,steps:60,x:-1.2,y:1,methods:explicit+implicit`.

use super::settings::{CONDITION, FlowSettings};
use super::table::FLOW;
use crate::Error;
use crate::flow::Function;
use crate::lab::row::{Fault, Parameter, Row};
use std::collections::HashSet;
use std::fmt;

impl FlowSettings {
    /// Reads what [`fmt::Display`] writes; what is missing is as in [`FlowSettings::new`].
    ///
    /// # Errors
    /// [`Error::Command`] naming what is not understood or out of range.
    pub fn parse(text: &str) -> Result<FlowSettings, Error> {
        let mut parts = text.split(',');
        let name = parts.next().unwrap_or_default();
        let mut settings = FlowSettings::new(Function::all(CONDITION)[0]);
        settings.set("function", name)?;
        let given: Vec<(&str, &str)> = parts
            .map(|part| {
                part.split_once(':')
                    .ok_or_else(|| refuse(part, "key:value", part))
            })
            .collect::<Result<_, _>>()?;
        let mut seen = HashSet::new();
        if let Some((key, _)) = given.iter().find(|(key, _)| !seen.insert(*key)) {
            return Err(Error::Command(format!("flow: {key:?} is given twice")));
        }
        // First what the other values' usual ones depend on.
        if let Some((key, condition)) = given.iter().find(|(key, _)| *key == "condition") {
            settings.set(key, condition)?;
            settings = FlowSettings::new(settings.function);
        }
        for (key, value) in given {
            settings.set(key, value)?;
        }
        Ok(settings)
    }

    /// Sets one value from text; another function keeps what is not its own.
    ///
    /// # Errors
    /// [`Error::Command`] naming what is not understood or out of range; nothing has changed then.
    pub fn set(&mut self, key: &str, value: &str) -> Result<(), Error> {
        let Some(row) = Row::find(FLOW, key) else {
            let known: Vec<&str> = FLOW[1..].iter().map(|row| row.parameter.key).collect();
            return Err(refuse("flow", &known.join(", "), key));
        };
        let parameter = &row.parameter;
        // Numbers as people type them.
        let text = match parameter.range() {
            Some(_) => value.trim().trim_start_matches('+'),
            None => value,
        };
        let read = parameter.parse(text).map_err(|fault| match fault {
            Fault::Range(number) if !number.is_finite() => Fault::Number,
            fault => fault,
        });
        let checked = read.map_err(|fault| explain(parameter, value, &fault))?;
        (row.set)(self, checked);
        Ok(())
    }

    /// Whether all values are in their ranges.
    pub(super) fn check(&self) -> Result<(), Error> {
        FLOW.iter()
            .filter(|row| (row.acts)(self))
            .try_for_each(|row| {
                let checked = row.parameter.checked((row.get)(self));
                checked
                    .map(drop)
                    .map_err(|fault| explain(&row.parameter, "", &fault))
            })
    }
}

impl fmt::Display for FlowSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.function.key())?;
        for row in FLOW[1..].iter().filter(|row| (row.acts)(self)) {
            write!(f, ",{}:{}", row.parameter.key, (row.get)(self))?;
        }
        Ok(())
    }
}

fn explain(parameter: &Parameter, text: &str, fault: &Fault) -> Error {
    let key = parameter.key;
    match (fault, parameter.range()) {
        (Fault::Range(value), Some((low, high))) => Error::Command(format!(
            "{key}: {value} is out of range; allowed: {low:?} to {high:?}"
        )),
        (Fault::Whole, _) => refuse(key, "a whole number", text),
        (Fault::Number | Fault::Range(_) | Fault::Rule, _) => refuse(key, "a number", text),
        (Fault::Choice, _) => refuse("flow", &parameter.allowed(), text),
        (Fault::Piece(piece, _), _) => refuse(key, &parameter.allowed(), piece),
    }
}

fn refuse(key: &str, allowed: &str, value: &str) -> Error {
    Error::Command(format!(
        "{key}: {value:?} is not understood; allowed: {allowed}"
    ))
}
