//! A run read from its text and printed. Checks no value by itself: the tables do.

use super::MAX_RUNS;
use super::run::{Change, Config, RunConfig};
use super::table::{EACH, SHARED};
use crate::data::DataSource;
use crate::lab::presets::{self, Preset};
use crate::lab::query::{Pairs, Written, read_change, read_run};
use crate::lab::words::{fail, named};
use crate::{Error, Named};
use std::fmt;

impl Config {
    /// Reads a query string, with or without its `?`. Missing keys have their defaults.
    ///
    /// # Errors
    /// [`Error::Query`] naming key, value and what is allowed.
    pub fn parse(query: &str) -> Result<Config, Error> {
        let mut runs = Vec::new();
        let mut changes = Vec::new();
        let mut parts = query.trim_start_matches('?').split('&');
        let data = parts.find_map(|part| part.strip_prefix("data="));
        let data = data.and_then(DataSource::of_name);
        let mut config = data.map_or_else(Config::default, Config::usual);
        for pair in Pairs::of(query) {
            let (key, value) = pair?;
            match key.as_str() {
                // None of them is a run of the lab's own.
                "system" => {
                    return fail(
                        "system: related systems have a view of their own on the page, and run on the command line as in proxprop run 'system=auc'"
                            .to_owned(),
                    );
                }
                "preset" => config = Config::of(presets::named(&value)?),
                "run" if runs.len() == MAX_RUNS => {
                    return fail(format!("run: too many runs; allowed: 1 to {MAX_RUNS}"));
                }
                "run" => runs.push(RunConfig::parse(&value, runs.len() + 1)?),
                "change" => changes.push(value),
                _ => config.write(&key, &value)?,
            }
        }
        if !runs.is_empty() {
            config.runs = runs;
        }
        for text in changes {
            config.parse_change(&text)?;
        }
        config.validate()?;
        Ok(config)
    }

    /// The run of a preset.
    ///
    /// # Panics
    /// Never: the presets' queries are tested.
    pub fn of(preset: &Preset) -> Config {
        Config::parse(preset.query).expect("presets are valid")
    }

    /// `STEP,RUN,key:value`
    fn parse_change(&mut self, text: &str) -> Result<(), Error> {
        let Written {
            step,
            run,
            key,
            value,
        } = read_change(text)?;
        let run = self.run_index(run).map_err(|e| named("change", &e))?;
        if self
            .changes
            .iter()
            .any(|c| (c.step, c.run, c.key) == (step, run, key))
        {
            return fail(format!(
                "change: {key} of run {} is given twice at step {step}",
                run + 1
            ));
        }
        self.put_change(step, run, key, value)
    }
}

impl RunConfig {
    /// `rule,key:value,…`; `number` (from 1) is for the messages.
    fn parse(text: &str, number: usize) -> Result<RunConfig, Error> {
        let mut run = RunConfig::default();
        read_run(text, number, "rule", |key, value| run.write(key, value))?;
        Ok(run)
    }
}

impl fmt::Display for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v=1")?;
        for row in SHARED.iter().filter(|row| row.is_printed(self)) {
            write!(f, "&{}={}", row.parameter.key, (row.get)(self))?;
        }
        for run in &self.runs {
            write!(f, "&run={run}")?;
        }
        for change in &self.changes {
            write!(f, "&{change}")?;
        }
        if let Some(map) = &self.map {
            write!(f, "&map={map}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Change {
            step,
            run,
            key,
            value,
        } = self;
        write!(f, "change={step},{},{key}:{value}", run + 1)
    }
}

impl fmt::Display for RunConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.rule)?;
        for row in EACH[1..].iter().filter(|row| row.is_printed(self)) {
            write!(f, ",{}:{}", row.parameter.key, (row.get)(self))?;
        }
        Ok(())
    }
}
