//! A run read from its text and printed. Checks no value by itself: the tables do.

use super::run::{Change, Config, RunConfig};
use super::table::{EACH, SHARED};
use super::{MAX_RUNS, MAX_STEP};
use crate::data::DataSource;
use crate::lab::presets::Preset;
use crate::lab::words::{decode, fail, named, quoted, whole};
use crate::{Error, Named};
use std::collections::HashSet;
use std::fmt;

impl Config {
    /// Reads a query string, with or without its `?`. Missing keys have their defaults.
    ///
    /// # Errors
    /// [`Error::Query`] naming key, value and what is allowed.
    pub fn parse(query: &str) -> Result<Config, Error> {
        let mut runs = Vec::new();
        let mut changes = Vec::new();
        let mut seen = HashSet::new();
        let query = query.strip_prefix('?').unwrap_or(query);
        let parts = if query.is_empty() {
            Vec::new()
        } else {
            query.split('&').collect()
        };
        let data = parts.iter().find_map(|part| part.strip_prefix("data="));
        let data = data.and_then(DataSource::of_name);
        let mut config = data.map_or_else(Config::default, Config::usual);
        for part in parts {
            let Some((key, value)) = part.split_once('=') else {
                return fail(format!("{}: expected key=value", quoted(part)));
            };
            let (key, value) = (decode(key)?, decode(value)?);
            if key != "run" && key != "change" && !seen.insert(key.clone()) {
                return fail(format!("{}: given twice", quoted(&key)));
            }
            match key.as_str() {
                "v" if value == "1" => {}
                "v" => {
                    return fail(format!(
                        "v: {} is not a known version; allowed: 1",
                        quoted(&value)
                    ));
                }
                "preset" => {
                    let first = seen.iter().all(|key| key == "v" || key == "preset");
                    if !(first && runs.is_empty() && changes.is_empty()) {
                        return fail("preset: comes first, before what differs from it".into());
                    }
                    config = Config::of(Preset::named(&value)?);
                }
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
        let mut parts = text.splitn(3, ',');
        let step = parts.next().and_then(whole);
        let run = parts.next().and_then(whole);
        let (Some(step), Some(run), Some((key, value))) =
            (step, run, parts.next().and_then(|s| s.split_once(':')))
        else {
            return fail(format!(
                "change: {} is not STEP,RUN,key:value, as in 50,1,tau:3",
                quoted(text)
            ));
        };
        if !(1..=MAX_STEP).contains(&step) {
            return fail(format!(
                "change: step {step} is out of range; allowed: 1 to {MAX_STEP}"
            ));
        }
        let run = self
            .run_index(usize::try_from(run).unwrap_or(usize::MAX))
            .map_err(|e| named("change", &e))?;
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
        let named = |e| named(&format!("run{number}"), &e);
        let mut run = RunConfig::default();
        let mut parts = text.split(',');
        run.write("rule", parts.next().unwrap_or_default())
            .map_err(named)?;
        let mut seen = HashSet::from(["rule"]);
        for part in parts {
            let Some((key, value)) = part.split_once(':') else {
                return fail(format!("run{number}: {}: expected key:value", quoted(part)));
            };
            if !seen.insert(key) {
                return fail(format!("run{number}: {}: given twice", quoted(key)));
            }
            run.write(key, value).map_err(named)?;
        }
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
