//! A flow as text, for links: `rosenbrock,tau:0.05,momentum:0.9,steps:60,x:-1.2,y:1,methods:explicit+implicit`.

use super::settings::{CONDITION, FlowSettings};
use super::table::FLOW;
use crate::Error;
use crate::flow::Function;
use crate::lab::row::{Control, Fault, Parameter, Row, Value};
use std::collections::HashSet;
use std::fmt;

impl FlowSettings {
    /// Reads what [`fmt::Display`] writes; what is missing is as in [`FlowSettings::new`].
    ///
    /// # Errors
    /// [`Error::Command`] naming what is not understood or out of range.
    ///
    /// # Panics
    /// Never: the table has the condition number.
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
        if let Some((key, text)) = given.iter().find(|(key, _)| *key == "condition") {
            let row = Row::find(FLOW, key).expect("a flow has a condition number");
            match read(&row.parameter, text) {
                // Whether it is allowed is asked in its turn.
                Ok(Value::Number(condition)) | Err(Fault::Range(condition)) => {
                    (row.set)(&mut settings, condition.into());
                }
                Ok(_) => {}
                Err(fault) => return Err(explain(&row.parameter, text, &fault)),
            }
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
    pub fn set(&mut self, key: &str, text: &str) -> Result<(), Error> {
        let Some(row) = Row::find(FLOW, key) else {
            // Real numbers first.
            let (numbers, others): (Vec<_>, Vec<_>) =
                FLOW[1..].iter().partition(|row| is_real(&row.parameter));
            let known = numbers.iter().chain(&others).map(|row| row.parameter.key);
            return Err(refuse("flow", &known.collect::<Vec<_>>().join(", "), key));
        };
        let value = match read(&row.parameter, text) {
            // Nothing to a flow that has no such thing.
            Err(Fault::Range(number)) if !(row.acts)(self) => number.into(),
            read => read.map_err(|fault| explain(&row.parameter, text, &fault))?,
        };
        (row.set)(self, value);
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
            let key = row.parameter.key;
            match (row.get)(self) {
                // Without powers of ten, as in the first links.
                Value::Number(number) => write!(f, ",{key}:{number}")?,
                value => write!(f, ",{key}:{value}")?,
            }
        }
        Ok(())
    }
}

fn is_real(parameter: &Parameter) -> bool {
    matches!(
        parameter.control,
        Control::Number { .. } | Control::LogSlider { .. }
    )
}

/// Numbers as people type them: blanks around a real one, a plus before a whole one; none is infinite.
fn read(parameter: &Parameter, text: &str) -> Result<Value, Fault> {
    if is_real(parameter) {
        return match parameter.parse(text.trim()) {
            Err(Fault::Range(number)) if !number.is_finite() => Err(Fault::Number),
            read => read,
        };
    }
    if let Control::Integer { .. } = parameter.control {
        let digits = text.strip_prefix('+').unwrap_or(text);
        return match parameter.parse(digits) {
            Err(Fault::Range(_)) if digits.parse::<u64>().is_err() => Err(Fault::Whole),
            read => read,
        };
    }
    parameter.parse(text)
}

fn explain(parameter: &Parameter, text: &str, fault: &Fault) -> Error {
    let key = parameter.key;
    match fault {
        Fault::Range(value) => {
            let allowed = parameter.allowed();
            Error::Command(format!(
                "{key}: {value} is out of range; allowed: {allowed}"
            ))
        }
        Fault::Whole => refuse(key, "a whole number", text),
        Fault::Number | Fault::Rule => refuse(key, "a number", text),
        Fault::Choice => refuse("flow", &parameter.allowed(), text),
        Fault::Piece(piece, _) => refuse(key, &parameter.allowed(), piece),
    }
}

fn refuse(key: &str, allowed: &str, value: &str) -> Error {
    Error::Command(format!(
        "{key}: {value:?} is not understood; allowed: {allowed}"
    ))
}
