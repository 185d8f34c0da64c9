//! A flow as text, for links: `rosenbrock,tau:0.05,momentum:0.9,steps:60,x:-1.2,y:1,methods:explicit+implicit`.

use super::FlowSettings;
use crate::Error;
use crate::flow::{Function, Method};
use std::collections::HashSet;
use std::fmt;

/// The condition number of a quadratic that names none.
const CONDITION: f64 = 20.0;

impl FlowSettings {
    /// Reads what [`fmt::Display`] writes; what is missing is as in [`FlowSettings::new`].
    ///
    /// # Errors
    /// [`Error::Command`] naming what is not understood or out of range.
    pub fn parse(text: &str) -> Result<FlowSettings, Error> {
        let mut parts = text.split(',');
        let name = parts.next().unwrap_or_default();
        let mut settings = FlowSettings::new(function(name, CONDITION)?);
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
        if let Some((_, condition)) = given.iter().find(|(key, _)| *key == "condition") {
            settings = FlowSettings::new(function(name, number("condition", condition)?)?);
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
        let mut next = self.clone();
        match key {
            "function" => {
                next = FlowSettings {
                    momentum: self.momentum,
                    steps: self.steps,
                    methods: self.methods.clone(),
                    ..FlowSettings::new(function(value, self.condition())?)
                };
            }
            "condition" => next.function = function(self.function.key(), number(key, value)?)?,
            "tau" => next.tau = number(key, value)?,
            "momentum" => next.momentum = number(key, value)?,
            "x" => next.start[0] = number(key, value)?,
            "y" => next.start[1] = number(key, value)?,
            "steps" => {
                next.steps = value
                    .parse()
                    .map_err(|_| refuse(key, "a whole number", value))?;
            }
            "methods" => {
                next.methods = value
                    .split('+')
                    .filter(|name| !name.is_empty())
                    .map(method)
                    .collect::<Result<_, _>>()?;
            }
            _ => {
                let known = "condition, tau, momentum, x, y, steps, methods";
                return Err(refuse("flow", known, key));
            }
        }
        next.check()?;
        *self = next;
        Ok(())
    }

    /// The quadratics' condition number; of the others the one that a quadratic would start with.
    pub fn condition(&self) -> f64 {
        match self.function {
            Function::Quadratic { condition, .. } => condition,
            _ => CONDITION,
        }
    }
}

impl fmt::Display for FlowSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [x, y] = self.start;
        write!(f, "{}", self.function.key())?;
        if let Function::Quadratic { condition, .. } = self.function {
            write!(f, ",condition:{condition}")?;
        }
        let methods: Vec<&str> = self.methods.iter().map(|m| m.key()).collect();
        write!(
            f,
            ",tau:{},momentum:{},steps:{},x:{x},y:{y},methods:{}",
            self.tau,
            self.momentum,
            self.steps,
            methods.join("+")
        )
    }
}

fn function(name: &str, condition: f64) -> Result<Function, Error> {
    let all = Function::all(condition);
    let found = all.into_iter().find(|f| f.key() == name);
    found.ok_or_else(|| refuse("flow", &all.map(Function::key).join(", "), name))
}

fn method(name: &str) -> Result<Method, Error> {
    let found = Method::ALL.into_iter().find(|m| m.key() == name);
    found.ok_or_else(|| refuse("methods", &Method::ALL.map(Method::key).join(", "), name))
}

fn number(key: &str, text: &str) -> Result<f64, Error> {
    let number = text.trim().parse::<f64>().ok().filter(|n| n.is_finite());
    number.ok_or_else(|| refuse(key, "a number", text))
}

fn refuse(key: &str, allowed: &str, value: &str) -> Error {
    Error::Command(format!(
        "{key}: {value:?} is not understood; allowed: {allowed}"
    ))
}
