//! A run of a related system as text: `v=1&system=NAME&…&run=METHOD,key:value&map=…&change=step,run,key:value`. Parsing what was
//! printed gives the same run. Makes no step.

use std::fmt;

use super::axes::axes;
use super::stop::{self, Stop};
use super::system::{Measures, System};
use crate::Error;
use crate::lab::config::MapConfig;
use crate::lab::query::{
    MAX_STEP, Pairs, Written, of_whole, parse, read_change, read_run, run_index, run_key,
    unknown_key, write,
};
use crate::lab::row::{CHECKED, Row, Value};
use crate::lab::words::{cut, fail, named, quoted};

/// Most runs side by side.
pub const MAX_RUNS: usize = 6;
/// Most changes mid-run.
pub(super) const MAX_CHANGES: usize = 500;

/// A run.
pub(super) struct Run<S: System> {
    /// What all share.
    pub shared: S::Shared,
    /// The runs side by side as they begin.
    pub each: Vec<S::Each>,
    /// When they end before their steps are over.
    pub stop: Stop,
    /// By step, run and place in the table.
    changes: Vec<Change>,
    /// Which settings of which run its map varies.
    pub map: Option<MapConfig>,
}

/// A setting of one run that moves mid-run.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Change {
    /// The step (0-based) it first acts in; 1 at least.
    pub step: u64,
    /// Which run (from 0).
    pub run: usize,
    /// The setting, by its place in the table.
    row: usize,
    /// Its new value.
    value: Value,
}

impl<S: System> Clone for Run<S> {
    fn clone(&self) -> Self {
        Run {
            shared: self.shared.clone(),
            each: self.each.clone(),
            stop: self.stop.clone(),
            changes: self.changes.clone(),
            map: self.map.clone(),
        }
    }
}

impl<S: System> PartialEq for Run<S> {
    fn eq(&self, other: &Self) -> bool {
        let (changes, map) = (&self.changes, &self.map);
        (&self.shared, &self.each, &self.stop, changes, map)
            == (
                &other.shared,
                &other.each,
                &other.stop,
                &other.changes,
                &other.map,
            )
    }
}

impl<S: System> Default for Run<S> {
    fn default() -> Self {
        let shared = S::Shared::default();
        Run {
            each: S::usual(&shared),
            shared,
            stop: Stop::default(),
            changes: Vec::new(),
            map: None,
        }
    }
}

impl<S: System> Run<S> {
    /// Reads a query string of this system.
    ///
    /// # Errors
    /// [`Error::Query`] naming key, value and what is allowed.
    pub(super) fn parse(query: &str) -> Result<Run<S>, Error> {
        let mut run = Run::<S>::default();
        let (mut each, mut changes) = (Vec::new(), Vec::new());
        for pair in Pairs::of(query) {
            let (key, value) = pair?;
            match key.as_str() {
                "system" => {}
                "preset" => run = preset(&value)?,
                "run" if each.len() == MAX_RUNS => {
                    return fail(format!("run: too many runs; allowed: 1 to {MAX_RUNS}"));
                }
                "run" => {
                    let mut one = S::Each::default();
                    let first = S::each()[0].parameter.key;
                    read_run(&value, each.len() + 1, first, |key, text| {
                        write(row_of_each::<S>(key)?.1, &mut one, text)
                    })?;
                    S::settle_each(&mut one);
                    each.push(one);
                }
                "change" => changes.push(value),
                _ => run.write(&key, &value)?,
            }
        }
        if !each.is_empty() {
            run.each = each;
            // Those of a preset are of its runs.
            run.changes.clear();
        }
        for text in changes {
            let Written {
                step,
                run: number,
                key,
                value,
            } = read_change(&text)?;
            let index = run_index(number, run.each.len()).map_err(|e| named("change", &e))?;
            run.put_change(step, index, key, value)?;
        }
        run.check()?;
        Ok(run)
    }

    /// Sets one parameter from text; `run2.eta0` is that of the second run as it begins.
    ///
    /// # Errors
    /// [`Error::Query`]; nothing has changed then.
    pub(super) fn set(&mut self, key: &str, value: &str) -> Result<(), Error> {
        let mut next = self.clone();
        let settings = || S::shared().iter().map(|row| row.parameter.key);
        if let Some(refusal) = of_whole(key, settings().chain([stop::KEY, MapConfig::KEY])) {
            return fail(refusal);
        }
        if let Some((number, key)) = run_key(key) {
            let index = run_index(number, next.each.len())?;
            let row =
                row_of_each::<S>(key).and_then(|(_, row)| write(row, &mut next.each[index], value));
            row.map_err(|e| named(&format!("run{number}"), &e))?;
        } else if Row::find(S::each(), key).is_some() && Row::find(S::shared(), key).is_none() {
            return fail(format!("{key}: belongs to a run, as in run1.{key}"));
        } else {
            next.write(key, value)?;
            if key != stop::KEY {
                S::settle(&mut next.shared, key);
            }
        }
        // A rule that is just set is refused where it makes no sense; one that was there before gives way.
        if key == stop::KEY {
            next.stop.check(&next.measured())?;
        } else {
            next.stop.settle(&next.measured());
        }
        next.each.iter_mut().for_each(S::settle_each);
        next.check()?;
        *self = next;
        Ok(())
    }

    /// Other runs side by side, made of what these are at a step; what changes mid-run and the map go, for they name runs by number.
    ///
    /// # Errors
    /// [`Error::Query`] if there would be none, or too many.
    pub(super) fn with_runs(
        &self,
        step: u64,
        edit: impl FnOnce(&mut Vec<S::Each>),
    ) -> Result<Run<S>, Error> {
        let mut each = self.at(step);
        each.iter_mut().for_each(S::settle_each);
        edit(&mut each);
        if each.is_empty() || each.len() > MAX_RUNS {
            let runs = each.len();
            return fail(format!(
                "run: {runs} runs side by side are not possible; allowed: 1 to {MAX_RUNS}"
            ));
        }
        let mut run = Run {
            shared: self.shared.clone(),
            each,
            stop: self.stop.clone(),
            changes: Vec::new(),
            map: None,
        };
        run.stop.settle(&run.measured());
        run.check()?;
        Ok(run)
    }

    /// Moves a setting of a run (from 0) at a step; the same setting at the same step is replaced. Step 0 edits the run itself.
    ///
    /// # Errors
    /// [`Error::Query`]; nothing has changed then.
    pub(super) fn change(
        &mut self,
        step: u64,
        run: usize,
        key: &str,
        value: &str,
    ) -> Result<(), Error> {
        if step == 0 {
            return self.set(&format!("run{}.{key}", run + 1), value);
        }
        let mut next = self.clone();
        next.put_change(step, run, key, value)?;
        next.check()?;
        *self = next;
        Ok(())
    }

    /// Forgets the changes beyond a step.
    pub(super) fn forget_changes(&mut self, beyond: u64) {
        self.changes.retain(|change| change.step <= beyond);
        self.stop.settle(&self.measured());
    }

    /// The changes mid-run.
    pub(super) fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// When a change acts, in which run, and in words.
    pub(super) fn told(change: &Change) -> (u64, usize, String) {
        let &Change { step, run, row, .. } = change;
        let key = S::each()[row].parameter.key;
        let words = format!("run {}: {key} {} from step {step}", run + 1, change.value);
        (step, run, words)
    }

    /// One run (from 0) by itself, to the end of its steps.
    pub(super) fn alone(&self, run: usize) -> Run<S> {
        let changes = self.changes.iter().filter(|change| change.run == run);
        let alone = |change: &Change| Change {
            run: 0,
            ..change.clone()
        };
        Run {
            shared: self.shared.clone(),
            each: vec![self.each[run].clone()],
            stop: Stop::default(),
            changes: changes.map(alone).collect(),
            map: None,
        }
    }

    /// The runs as they are at a step: with all changes up to it.
    pub(super) fn at(&self, step: u64) -> Vec<S::Each> {
        let mut each = self.each.clone();
        for change in self.changes.iter().take_while(|change| change.step <= step) {
            (S::each()[change.row].set)(&mut each[change.run], change.value.clone());
        }
        each
    }

    /// What is measured in the view that is seen.
    pub(super) fn measures(&self) -> &'static Measures {
        S::MEASURES[S::view(&self.shared)]
    }

    /// The keys of what is measured in the view that is seen of one of these runs at least, at some step of it.
    fn measured(&self) -> Vec<&'static str> {
        let times: Vec<Vec<S::Each>> = self.steps().map(|step| self.at(step)).collect();
        let has = |key: &&str| times.iter().any(|each| S::has(&self.shared, each, key));
        let all = self.measures().all.iter().map(|measure| measure.key);
        all.filter(has).collect()
    }

    /// The steps from which on the runs are what they are.
    fn steps(&self) -> impl Iterator<Item = u64> {
        let mut steps: Vec<u64> = self.changes.iter().map(|change| change.step).collect();
        steps.dedup();
        std::iter::once(0).chain(steps)
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        if let Some(map) = &self.map {
            run_index(map.run + 1, self.each.len()).map_err(|e| named("map", &e))?;
        }
        // What only some runs of this view have is no mistake of a link: the rule waits for it.
        let view: Vec<&str> = self.measures().all.iter().map(|m| m.key).collect();
        self.stop.check(&view)?;
        let mut steps = self.steps();
        steps.try_for_each(|step| S::check(&self.shared, &self.at(step)))
    }

    fn write(&mut self, key: &str, text: &str) -> Result<(), Error> {
        if key == MapConfig::KEY {
            self.map = MapConfig::of(text, &axes::<S>()).map_err(Error::Query)?;
            return Ok(());
        }
        if key == stop::KEY {
            let text = parse(stop::parameter::<S>(), text)?;
            self.stop = Stop::parse::<S>(text.text()).expect(CHECKED);
            return Ok(());
        }
        if let Some(row) = Row::find(S::shared(), key) {
            // Nobody has asked for these runs: they go with what is shared.
            let usual = self.changes.is_empty() && self.each == S::usual(&self.shared);
            write(row, &mut self.shared, text)?;
            if usual {
                self.each = S::usual(&self.shared);
            }
            return Ok(());
        }
        if Row::find(S::each(), key).is_some() {
            let first = S::each()[0].parameter.default;
            // With the value that was given, where it says something.
            let plain = !text.is_empty()
                && text
                    .bytes()
                    .all(|b| b.is_ascii_graphic() && !b",&=:".contains(&b));
            let value = if plain { cut(text) } else { "…".into() };
            return fail(format!(
                "{key}: belongs to a run, as in run={first},{key}:{value}"
            ));
        }
        let own = S::shared().iter().map(|row| row.parameter.key);
        let known: Vec<&str> = ["v", "system", "preset"].into_iter().chain(own).collect();
        fail(unknown_key(
            key,
            &[&known[..], &[stop::KEY, "run", "map", "change"]].concat(),
        ))
    }

    fn put_change(&mut self, step: u64, run: usize, key: &str, value: &str) -> Result<(), Error> {
        let named = |e| named("change", &e);
        run_index(run.saturating_add(1), self.each.len()).map_err(named)?;
        if step > MAX_STEP {
            return fail(format!(
                "change: step {step} is out of range; allowed: 1 to {MAX_STEP}"
            ));
        }
        let (row, of) = row_of_each::<S>(key).map_err(named)?;
        let value = parse(&of.parameter, value).map_err(named)?;
        let change = Change {
            step,
            run,
            row,
            value,
        };
        let order = |c: &Change| (c.step, c.run, c.row);
        let at = self.changes.partition_point(|c| order(c) < order(&change));
        let full = self.changes.len() == MAX_CHANGES;
        match self.changes.get_mut(at) {
            Some(same) if order(same) == order(&change) => *same = change,
            _ if full => {
                return fail(format!(
                    "change: too many changes; allowed: at most {MAX_CHANGES}, until they are cleared"
                ));
            }
            _ => self.changes.insert(at, change),
        }
        Ok(())
    }
}

/// A run of a preset of this system.
fn preset<S: System>(name: &str) -> Result<Run<S>, Error> {
    let presets = S::ABOUT.presets;
    if let Some(preset) = presets.iter().find(|preset| preset.name == name) {
        return Run::parse(preset.query);
    }
    let known: Vec<&str> = presets.iter().map(|preset| preset.name).collect();
    let (name, known) = (quoted(name), known.join(", "));
    fail(format!("preset: {name} is unknown; known: {known}"))
}

/// A row of a run's own settings, and its place.
fn row_of_each<S: System>(key: &str) -> Result<(usize, &'static Row<S::Each>), Error> {
    let each = S::each();
    if let Some(at) = each.iter().position(|row| row.parameter.key == key) {
        return Ok((at, &each[at]));
    }
    if key == stop::KEY || Row::find(S::shared(), key).is_some() {
        return fail(format!("{key}: belongs to all runs, as in {key}=…"));
    }
    let known: Vec<&str> = each.iter().map(|row| row.parameter.key).collect();
    fail(unknown_key(key, &known))
}

impl<S: System> Run<S> {
    /// As [`fmt::Display`], without what [`Run::parse`] puts in by itself.
    pub(super) fn short(&self) -> String {
        let mut text = String::new();
        // Writing into a text never fails.
        let _ = self.print(&mut text, true);
        text
    }

    fn print(&self, f: &mut impl fmt::Write, short: bool) -> fmt::Result {
        let (shared, each) = (S::Shared::default(), S::Each::default());
        write!(f, "v=1&system={}", S::ABOUT.name)?;
        for row in S::shared() {
            let value = (row.get)(&self.shared);
            if row.is_printed(&self.shared) && !(short && value == (row.get)(&shared)) {
                write!(f, "&{}={value}", row.parameter.key)?;
            }
        }
        if self.stop != Stop::default() {
            write!(f, "&{}={}", stop::KEY, self.stop)?;
        }
        let usual = short && self.each == S::usual(&self.shared);
        for run in self.each.iter().filter(|_| !usual) {
            write!(f, "&run={}", (S::each()[0].get)(run))?;
            for row in &S::each()[1..] {
                let value = (row.get)(run);
                if row.is_printed(run) && !(short && value == (row.get)(&each)) {
                    write!(f, ",{}:{value}", row.parameter.key)?;
                }
            }
        }
        if let Some(map) = &self.map {
            write!(f, "&map={map}")?;
        }
        for Change {
            step,
            run,
            row,
            value,
        } in &self.changes
        {
            let key = S::each()[*row].parameter.key;
            write!(f, "&change={step},{},{key}:{value}", run + 1)?;
        }
        Ok(())
    }
}

impl<S: System> fmt::Display for Run<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.print(f, false)
    }
}
