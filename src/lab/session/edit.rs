//! How a run becomes another one: settings moved, runs added and removed, seeds thrown. What was computed before stays
//! to be seen as a ghost.

use super::{BACK, MOST_GHOSTS, Session};
use crate::Named;
use crate::data::bytes::Encoding;
use crate::data::cifar;
use crate::data::drawn::MOST_DRAWN;
use crate::data::split::split;
use crate::data::{DataSource, Dataset};
use crate::frame::{Ghost, GhostCurve, Record};
use crate::lab::command::Event;
use crate::lab::config::{Change, Config, EACH, MAX_RUNS, Row, RunConfig, SHARED, Setting, Task};
use crate::lab::history;
use crate::lab::start::Start;
use crate::lab::table::{self, Answers, Table};
use crate::steps::Rule;
use crate::{Error, WHOLE};

impl Session {
    /// Replaces the run and keeps what belongs to the onlooker.
    pub(super) fn restart(&mut self, config: Config, start: Start) -> Result<(), Error> {
        let mut fresh = Session::build(config, start, self.arithmetic)?;
        fresh.course.ensemble.set_clock(self.clock);
        *self = Session {
            watch: self.watch,
            clock: self.clock,
            playing: self.playing,
            engine: self.engine.clone(),
            ghosts: std::mem::take(&mut self.ghosts),
            ..fresh
        };
        Ok(())
    }

    /// Replaces the points by those of a table, a share of them held back for validation; the runs begin anew.
    pub(super) fn load_csv(
        &mut self,
        name: &str,
        text: &str,
        encoding: Encoding,
        columns: &str,
    ) -> Result<Vec<Event>, Error> {
        let answers = match self.config.task {
            Task::Auto => Answers::AsTheyLook,
            Task::Classify => Answers::Classes,
            Task::Regress => Answers::Values,
        };
        let chosen = (!columns.trim().is_empty()).then_some(columns);
        let table = table::read(text, answers, chosen);
        let mut table = table.map_err(|e| Error::Data(format!("{name}: {e}")))?;
        table.remarks.extend(encoding.remark().map(str::to_owned));
        let points = split(&table.points, self.config.valid, self.config.seed);
        let mut config = self.config.clone();
        config.set("data", DataSource::State.name())?;
        config.n = points.training.inputs.nrows();
        config.runs = config.runs_at(self.step());
        config.changes.clear();
        config.map = None;
        let inputs = points.training.inputs.ncols();
        let outputs = table.labels.len().max(1);
        config.fits(inputs, outputs, config.n)?;
        let words = explain_table(name, &table, &points);
        self.restart(config, Start::on(points))?;
        self.playing = false;
        let mut events = self.anew();
        events.push(Event::Notice(words));
        Ok(events)
    }

    /// Replaces the points by the images of a file, the last tenth of them held back for validation; the runs begin anew, or those that are
    /// `asked` for.
    pub(super) fn load_images(
        &mut self,
        name: &str,
        bytes: Vec<u8>,
        asked: Option<Config>,
    ) -> Result<Vec<Event>, Error> {
        cifar::check(&bytes).map_err(|e| Error::Data(format!("{name}: {e}")))?;
        if !WHOLE {
            return Err(Error::Elsewhere);
        }
        let mut config = asked.unwrap_or_else(|| {
            let mut own = self.config.clone();
            own.runs = own.runs_at(self.step());
            own.changes.clear();
            own
        });
        config.map = None;
        if config.data != DataSource::Cifar10 {
            config.set("data", DataSource::Cifar10.name())?;
        }
        let most = cifar::most_of(&bytes);
        config.n = config.n.min(most);
        config.validate()?;
        self.restart(config, Start::on_images(bytes))?;
        self.playing = false;
        let mut events = self.anew();
        let test = if name == cifar::TEST {
            " By its name these are CIFAR-10’s test images: what is trained on them is not tested by them any more; the training images are in data_batch_1.bin."
        } else {
            ""
        };
        events.push(Event::Notice(format!(
            "{name}: {} of its images are trained on, and its last {} are held back. They stay on this device, and no link holds them.{test}",
            self.config.n,
            cifar::RECORDS - most
        )));
        Ok(events)
    }

    /// Starts over with another configuration, from the same start as far as it fits. The `runs` that go another way
    /// stay as a ghost, called `name`.
    fn start_over(
        &mut self,
        config: Config,
        name: &str,
        runs: &[usize],
    ) -> Result<Vec<Event>, Error> {
        let (start, notice) = self.start.adapted(&self.config, &config);
        let ghost = self.ghost(self.start.step(), name, runs);
        self.restart(config, start)?;
        let mut events = self.introduction();
        events.extend(notice.map(|text| Event::Notice(text.to_owned())));
        events.extend(self.keep_ghost(ghost));
        Ok(events)
    }

    pub(super) fn new_seed(&mut self) -> Result<Vec<Event>, Error> {
        let mut config = self.config.clone();
        // A linear congruential step that comes by every number of up to four digits (Hull and Dobell 1962).
        config.seed = (config.seed % 10_000 * 4_821 + 3_137) % 10_000;
        let name = format!("before seed {} → {}", self.config.seed, config.seed);
        self.start_over(config, &name, &self.all_runs())
    }

    pub(super) fn clear_changes(&mut self) -> Result<Vec<Event>, Error> {
        let mut config = self.config.clone();
        // What was changed before a state file was written belongs to it.
        let first = self.start.step();
        let cleared = config.changes.iter().filter(|c| c.step > first);
        let runs: Vec<usize> = cleared.map(|c| c.run).collect();
        config.changes.retain(|c| c.step <= first);
        self.start_over(config, "with the changes that were cleared", &runs)
    }

    pub(super) fn copy_run(&mut self, run: usize) -> Result<Vec<Event>, Error> {
        self.known_run(run)?;
        self.with_runs(|config, start| {
            config.runs.insert(run + 1, config.runs[run].clone());
            start.insert(run + 1, run);
        })
    }

    pub(super) fn remove_run(&mut self, run: usize) -> Result<Vec<Event>, Error> {
        self.known_run(run)?;
        self.with_runs(|config, start| {
            config.runs.remove(run);
            start.remove(run);
        })
    }

    /// Starts over with other runs, each as its card shows it now. Mid-run changes, ghosts and the map name runs by
    /// number, so they go.
    fn with_runs(
        &mut self,
        edit: impl FnOnce(&mut Config, &mut Start),
    ) -> Result<Vec<Event>, Error> {
        let (mut config, mut start) = (self.config.clone(), self.start.clone());
        config.runs = config.runs_at(self.step());
        config.changes.clear();
        config.map = None;
        edit(&mut config, &mut start);
        if config.runs.is_empty() || config.runs.len() > MAX_RUNS {
            return Err(Error::Command(format!(
                "{} runs side by side are not possible; allowed: 1 to {MAX_RUNS}",
                config.runs.len()
            )));
        }
        self.restart(config, start)?;
        Ok(self.anew())
    }

    pub(super) fn known_run(&self, run: usize) -> Result<(), Error> {
        let runs = self.config.runs.len();
        if run < runs {
            return Ok(());
        }
        Err(Error::Command(format!(
            "run {} does not exist; allowed: 1 to {runs}",
            run + 1
        )))
    }

    fn all_runs(&self) -> Vec<usize> {
        (0..self.config.runs.len()).collect()
    }

    /// The run (from 0) and its own key that a key such as `run2.tau` names; `None` for what all runs share.
    fn of_run<'a>(&self, key: &'a str) -> Result<Option<(usize, &'a str)>, Error> {
        let run = key
            .strip_prefix("run")
            .and_then(|rest| rest.split_once('.'));
        let Some((number, sub_key)) = run else {
            return Ok(None);
        };
        let run = number
            .parse::<usize>()
            .ok()
            .and_then(|n| n.checked_sub(1))
            .ok_or_else(|| {
                Error::Command(format!(
                    "\"{key}\" names no run; allowed: run1 to run{}",
                    self.config.runs.len()
                ))
            })?;
        self.known_run(run)?;
        Ok(Some((run, sub_key)))
    }

    pub(super) fn set_all(&mut self, settings: &[(String, String)]) -> Result<Vec<Event>, Error> {
        let mut tried = self.config.clone();
        for (key, value) in settings {
            if let Some((run, _)) = self.of_run(key)? {
                self.has_past(run)?;
            }
            tried.set(key, value)?;
        }
        let mut events = Vec::new();
        for (key, value) in settings {
            events.extend(self.set(key, value)?);
        }
        Ok(events)
    }

    pub(super) fn set(&mut self, key: &str, value: &str) -> Result<Vec<Event>, Error> {
        let Some((run, sub_key)) = self.of_run(key)? else {
            return self.set_shared(key, value);
        };
        let mut config = self.config.clone();
        self.has_past(run)?;
        let over = self.finished()
            || self.course.ensemble.members()[run]
                .state
                .divergence
                .is_some();
        if !over {
            return self.change(self.step(), run, sub_key, value);
        }
        // What the card shows is what starts over, not what was moved away from.
        config.runs[run] = config.runs_at(self.step())[run].clone();
        config.changes.retain(|c| c.run != run);
        let before = shown(&config.runs[run], sub_key);
        config.set(key, value)?;
        let after = shown(&config.runs[run], sub_key);
        if before == after {
            return Ok(vec![self.query()]);
        }
        let name = format!(
            "run {} before {} {before} → {after}",
            run + 1,
            called(sub_key)
        );
        let events = self.start_over(config, &name, &[run])?;
        self.playing = true;
        Ok(events)
    }

    fn set_shared(&mut self, key: &str, value: &str) -> Result<Vec<Event>, Error> {
        let mut config = self.config.clone();
        config.set(key, value)?;
        if config == self.config {
            return Ok(vec![self.query()]);
        }
        let text = |config: &Config| {
            let value = Row::find(SHARED, key).map(|row| (row.get)(config));
            value.map_or_else(String::new, |v| v.to_string())
        };
        let (old, new) = (text(&self.config), text(&config));
        let name = format!("before {} {old} → {new}", called(key));
        let before = &self.config;
        let but_for_the_map = Config {
            map: before.map.clone(),
            ..config.clone()
        };
        if but_for_the_map == *before {
            // Nothing to a run that is under way.
            self.config = config;
            return Ok(vec![self.query()]);
        }
        let but_for_the_end = Config {
            epochs: before.epochs,
            stop: before.stop,
            engine: before.engine,
            ..config.clone()
        };
        if but_for_the_end == *before {
            // The same curves as far as they go.
            return self.start_over(config, &name, &[]);
        }
        let task = |c: &Config| (c.data, c.task, c.points.clone());
        if task(before) != task(&config) {
            // Losses of another task are not comparable.
            let mut events = self.start_over(config, &name, &[])?;
            events.extend(self.forget_ghosts());
            return Ok(events);
        }
        self.start_over(config, &name, &self.all_runs())
    }

    pub(super) fn go_on(
        &mut self,
        run: usize,
        settings: &[(String, String)],
    ) -> Result<Vec<Event>, Error> {
        self.known_run(run)?;
        self.has_past(run)?;
        let mut changes = Vec::new();
        for (key, value) in settings {
            let Some((run, key)) = self.of_run(key)? else {
                return Err(Error::Command(format!(
                    "\"{key}\" is a setting of all runs, which start again with it; allowed: those of a run"
                )));
            };
            changes.push((run, key, value.as_str()));
        }
        let diverged = &self.course.ensemble.members()[run].state.divergence;
        if diverged.is_some() {
            let step = self.before_divergence(run, 0)?;
            return self.take_other_way(step, &changes);
        }
        let end = self.step();
        if !self.finished() {
            return self.take_other_way(end, &changes);
        }
        let mut config = self.config.clone();
        // As long again, or as much longer as has the steps recorded that a run of that length records from its start.
        let per_epoch = self.course.ensemble.steps_per_epoch();
        let (known, twice) = (
            history::stride(self.total_steps()),
            config.epochs.saturating_mul(2),
        );
        let fits =
            |epochs: &u64| history::stride(epochs.saturating_mul(per_epoch)).is_multiple_of(known);
        let epochs = (twice..=2 * twice).find(fits).unwrap_or(twice);
        config.set("epochs", &epochs.to_string())?;
        config.stop = Config::default().stop;
        for (run, key, value) in changes {
            config.change(end, run, key, value)?;
        }
        config.fits_points(&self.dataset.training)?;
        (self.config, self.ended, self.goal) = (config, None, end);
        let stride = history::stride(self.total_steps());
        for (history, seen) in self.histories.iter_mut().zip(&mut self.seen) {
            // A member that has diverged has its end for good.
            if history.divergence.is_none() {
                history.truncate(end);
            }
            if let Some(range) = history.thin(stride) {
                seen.note(range);
            }
        }
        self.playing = true;
        let query = self.config.to_string();
        let step = self.start.step();
        Ok(vec![Event::Branched { query, step }])
    }

    /// Names the changes that are no part of the run any more.
    pub(super) fn tell_dropped(&self, before: &[Change], events: &mut Vec<Event>) {
        let kept = |c: &Change| {
            let mut changes = self.config.changes.iter();
            changes.any(|d| (d.step, d.run, d.key) == (c.step, c.run, c.key))
        };
        let dropped = before.iter().filter(|c| !kept(c));
        let dropped: Vec<String> = dropped.map(Change::to_string).collect();
        if dropped.is_empty() {
            return;
        }
        let words = format!("No longer part of the run: {}.", dropped.join(", "));
        match events.last_mut() {
            Some(Event::Notice(notice)) => *notice = format!("{notice} {words}"),
            _ => events.push(Event::Notice(words)),
        }
    }

    /// Moves a setting of a run at a step of the timeline. Where the timeline reaches further, what is beyond becomes a
    /// ghost, the changes there go, and `step` is the new goal.
    fn change(
        &mut self,
        step: u64,
        run: usize,
        key: &str,
        value: &str,
    ) -> Result<Vec<Event>, Error> {
        let mut config = self.config.clone();
        config.change(step, run, key, value)?;
        config.here()?;
        config.fits_points(&self.dataset.training)?;
        let (before, after) = (
            shown(&self.config.runs_at(step)[run], key),
            shown(&config.runs_at(step)[run], key),
        );
        if before == after {
            return Ok(vec![self.query()]);
        }
        let branches = step < self.furthest;
        let mut ghost = None;
        if branches {
            let later = |&other: &usize| {
                let mut changes = config.changes.iter();
                changes.any(|c| c.step > step && c.run == other)
            };
            let runs = 0..config.runs.len();
            let runs: Vec<usize> = runs.filter(|i| *i == run || later(i)).collect();
            config.changes.retain(|c| c.step <= step);
            let name = format!(
                "run {} before {} {before} → {after} at step {step}",
                run + 1,
                called(key)
            );
            ghost = self.ghost(step, &name, &runs);
            self.histories.iter_mut().for_each(|h| h.truncate(step));
            self.timeline.truncate(step);
            (self.furthest, self.ended) = (step, None);
        }
        self.seek(step);
        self.config = config;
        if step == self.start.step() {
            self.rewind();
        }
        if !branches {
            return Ok(vec![self.query()]);
        }
        let query = self.config.to_string();
        let mut events = vec![Event::Branched { query, step }];
        events.extend(self.keep_ghost(ghost));
        Ok(events)
    }

    fn query(&self) -> Event {
        Event::Query {
            query: self.config.to_string(),
        }
    }

    pub(super) fn back_and_halve(&mut self, run: usize, steps: u64) -> Result<Vec<Event>, Error> {
        let step = self.before_divergence(run, steps)?;
        let tau = self.config.runs_at(step)[run].tau / 2.0;
        self.take_other_way(step, &[(run, "tau", &tau.to_string())])
    }

    pub(super) fn switch_to_prox(&mut self, run: usize) -> Result<Vec<Event>, Error> {
        let step = self.before_divergence(run, BACK)?;
        let rule = self.config.runs_at(step)[run].rule;
        if rule != Rule::Backprop {
            return Err(Error::Command(format!(
                "run {} makes implicit steps already ({rule}); allowed: for backprop",
                run + 1
            )));
        }
        self.take_other_way(step, &[(run, "rule", &Rule::ProxExact.to_string())])
    }

    /// From a step on with other settings of runs, all of them or none.
    fn take_other_way(
        &mut self,
        step: u64,
        changes: &[(usize, &str, &str)],
    ) -> Result<Vec<Event>, Error> {
        let mut tried = self.config.clone();
        for &(run, key, value) in changes {
            tried.change(step, run, key, value)?;
        }
        tried.fits_points(&self.dataset.training)?;
        let mut events = Vec::new();
        for &(run, key, value) in changes {
            events.extend(self.change(step, run, key, value)?);
        }
        self.playing = true;
        Ok(events)
    }

    /// Refuses what would have to go back behind the state file that a run comes from.
    fn has_past(&self, run: usize) -> Result<(), Error> {
        if self.start.diverged(run) {
            return Err(Error::Command(format!(
                "run {} had diverged before its state was saved, and the file has nothing from before; allowed: for the \
                 other runs",
                run + 1
            )));
        }
        Ok(())
    }

    /// So many steps before a diverged run left the ground.
    fn before_divergence(&self, run: usize, steps: u64) -> Result<u64, Error> {
        self.known_run(run)?;
        self.has_past(run)?;
        let state = &self.course.ensemble.members()[run].state;
        if state.divergence.is_none() {
            return Err(Error::Command(format!(
                "run {} has not diverged here; allowed: for a run that has",
                run + 1
            )));
        }
        let departure = self.seen[run].departure.as_ref();
        let on_ground = departure.map_or_else(|| self.last_on_ground(run), |d| d.step - 1);
        Ok(on_ground.saturating_sub(steps).max(self.start.step()))
    }

    /// The curves of some runs from a step on, if there is anything to see.
    fn ghost(&self, from: u64, name: &str, runs: &[usize]) -> Option<Ghost> {
        let curve = |&run: &usize| {
            let history = &self.histories[run];
            let records = history.records();
            let first = records.partition_point(|r| r.step < from).saturating_sub(1);
            let records: Vec<Record> = records[first..].to_vec();
            (records.len() > 1).then(|| GhostCurve {
                run,
                records,
                divergence: history.divergence.clone(),
            })
        };
        let curves: Vec<GhostCurve> = runs.iter().filter_map(curve).collect();
        (!curves.is_empty()).then(|| Ghost {
            id: self.ghosts.1,
            name: name.to_owned(),
            from,
            steps_per_epoch: self.course.ensemble.steps_per_epoch(),
            curves,
        })
    }

    fn keep_ghost(&mut self, ghost: Option<Ghost>) -> Option<Event> {
        let ghost = ghost?;
        let (kept, next) = &mut self.ghosts;
        kept.push(ghost.id);
        *next += 1;
        kept.drain(..kept.len().saturating_sub(MOST_GHOSTS));
        Some(Event::Ghosts {
            added: Some(Box::new(ghost)),
            kept: kept.clone(),
        })
    }

    pub(super) fn forget_ghosts(&mut self) -> Vec<Event> {
        if std::mem::take(&mut self.ghosts.0).is_empty() {
            return Vec::new();
        }
        vec![Event::Ghosts {
            added: None,
            kept: Vec::new(),
        }]
    }
}

/// What was made of a table, in a few sentences.
fn explain_table(name: &str, table: &Table, points: &Dataset) -> String {
    let (training, validation) = (
        points.training.inputs.nrows(),
        points.validation.inputs.nrows(),
    );
    let held_back = match validation {
        0 => String::new(),
        _ => format!(" and {validation} held back for validation"),
    };
    let told = table.told(
        name,
        &format!("{training} training points{held_back}"),
        ", with values to regress",
    );
    let as_they_are = if training + validation <= MOST_DRAWN {
        " as they are"
    } else {
        ""
    };
    format!("{told} A link cannot hold these points{as_they_are}: save the state to pass them on.")
}

/// A setting as the form calls it, inside a sentence.
fn called(key: &str) -> String {
    let label = Setting::find(key).map_or(key, |setting| setting.parameter().label);
    let label = label.replace('_', "");
    // An abbreviation keeps its capitals.
    match label.as_bytes() {
        [_, second, ..] if second.is_ascii_lowercase() => {
            label[..1].to_ascii_lowercase() + &label[1..]
        }
        _ => label,
    }
}

/// A setting of a run as text.
fn shown(run: &RunConfig, key: &str) -> String {
    let value = Row::find(EACH, key).map(|row| (row.get)(run));
    value.map_or_else(String::new, |v| v.to_string())
}
