//! Settings changed one by one, before the run or on its way. A refused change changes nothing.

use super::MAX_CHANGES;
use super::map::MapConfig;
use super::run::{Change, Config, RunConfig, Task};
use super::table::{EACH, SHARED, Setting};
use crate::data::DataSource;
use crate::data::drawn::Drawn;
use crate::data::wine::Scaling;
use crate::lab::query::{MAX_STEP, of_whole, parse, run_key, unknown_key, write};
use crate::lab::row::{Fault, Row, Value};
use crate::lab::words::{fail, named};
use crate::nn::stack::Piece;
use crate::{Error, Named};

impl Config {
    /// Sets one parameter from text; `run2.tau` is that of the second run. Points come with `data=points`, and other
    /// data without them.
    ///
    /// # Errors
    /// [`Error::Query`] naming key, value and what is allowed; nothing has changed then.
    pub fn set(&mut self, key: &str, value: &str) -> Result<(), Error> {
        let mut next = self.clone();
        let settings = SHARED.iter().map(|row| row.parameter.key);
        if let Some(refusal) = of_whole(key, settings.chain([MapConfig::KEY])) {
            return fail(refusal);
        }
        match run_key(key) {
            Some((number, key)) => {
                let run = next.run_index(number)?;
                next.runs[run]
                    .write(key, value)
                    .map_err(|e| named(&format!("run{number}"), &e))?;
            }
            None => next.write(key, value)?,
        }
        match key {
            "points" if !next.points.dots.is_empty() => {
                next.data = DataSource::Points;
                // A batch that was the whole set stays so.
                if self.batch >= self.count() {
                    next.batch = next.batch.max(next.count());
                }
            }
            "data" if next.data != DataSource::Points => next.points = Drawn::default(),
            _ => {}
        }
        // What suits points does not suit images or wines, and the other way round.
        if key == "data" && next.data.most() != self.data.most() {
            let Config {
                n,
                noise,
                init,
                batch,
                hidden,
                ..
            } = Config::usual(next.data);
            (next.n, next.noise, next.init, next.batch) = (n, noise, init, batch);
            next.hidden.retain(|piece| matches!(piece, Piece::Dense(_)));
            if next.hidden.is_empty() {
                next.hidden = hidden;
            }
        }
        next.validate()?;
        *self = next;
        Ok(())
    }

    /// The same rules and network on points that a query string can give, where its own are in a file.
    #[must_use]
    pub fn on_drawn_points(&self) -> Config {
        let usual = Config::default();
        Config {
            data: match self.task {
                Task::Regress => DataSource::Plane,
                Task::Auto | Task::Classify => usual.data,
            },
            n: usual.n,
            ..self.clone()
        }
    }

    /// Moves a setting of `run` (from 0) at `step`; the same setting at the same step is replaced. Step 0
    /// edits the run itself.
    ///
    /// # Errors
    /// [`Error::Query`] as for [`Config::set`], or if there are too many changes; nothing has changed then.
    pub fn change(&mut self, step: u64, run: usize, key: &str, value: &str) -> Result<(), Error> {
        if step == 0 {
            return self.set(&format!("run{}.{key}", run.saturating_add(1)), value);
        }
        let mut next = self.clone();
        next.put_change(step, run, key, value)?;
        next.validate()?;
        *self = next;
        Ok(())
    }

    /// The same but for what only all changes of a step together can show; `step` is 1 at least.
    pub(super) fn put_change(
        &mut self,
        step: u64,
        run: usize,
        key: &str,
        value: &str,
    ) -> Result<(), Error> {
        let change = self.read_change(step, run, key, value)?;
        // What a file's points decide is left to the engine.
        if let (&Value::Rule(rule), Some(coordinates), Some(classes)) =
            (&change.value, self.coordinates(), self.classes())
        {
            self.fits_rule(change.run, rule, coordinates, classes.max(1), self.count())?;
        }
        let same = |c: &Change| (c.step, c.run, c.key) == (step, run, change.key);
        if let Some(old) = self.changes.iter_mut().find(|c| same(c)) {
            *old = change;
        } else if self.changes.len() == MAX_CHANGES {
            return fail(format!(
                "change: too many changes; allowed: at most {MAX_CHANGES}, until they are cleared"
            ));
        } else {
            let at = self.changes.partition_point(|c| c.order() < change.order());
            self.changes.insert(at, change);
        }
        Ok(())
    }

    /// The runs as they are at `step`: with all changes up to it.
    pub fn runs_at(&self, step: u64) -> Vec<RunConfig> {
        let mut runs = self.runs.clone();
        for change in self.changes.iter().take_while(|c| c.step <= step) {
            (change.row().set)(&mut runs[change.run], change.value.clone());
        }
        runs
    }

    /// Writes a setting of all runs.
    pub(super) fn write(&mut self, key: &str, text: &str) -> Result<(), Error> {
        // A word is how columns are scaled: weights are scaled by a number.
        let of_columns = key == "scale" && Scaling::of_name(text).is_some();
        let key = if of_columns { "columns" } else { key };
        match Setting::find(key) {
            // Links of the lab have been refused in these words from the first.
            Some(Setting::Shared(Row { parameter, .. }))
                if text.starts_with('-') && parameter.control.is_whole() =>
            {
                fail(parameter.refuse(text, &Fault::Whole))
            }
            Some(Setting::Shared(row)) => write(row, self, text),
            Some(Setting::Each(_)) => fail(format!(
                "{key}: belongs to a run, as in run=backprop,{key}:… or run1.{key}"
            )),
            None if key == MapConfig::KEY => {
                self.map = MapConfig::read(text).map_err(Error::Query)?;
                Ok(())
            }
            None => {
                let own = SHARED.iter().map(|row| row.parameter.key);
                let known = ["v", "preset"].into_iter().chain(own);
                let known: Vec<&str> = known.chain([MapConfig::KEY, "run", "change"]).collect();
                fail(unknown_key(key, &known))
            }
        }
    }

    fn read_change(&self, step: u64, run: usize, key: &str, value: &str) -> Result<Change, Error> {
        let named = |e| named("change", &e);
        self.run_index(run.saturating_add(1)).map_err(named)?;
        if step > MAX_STEP {
            return fail(format!(
                "change: step {step} is out of range; allowed: 1 to {MAX_STEP}"
            ));
        }
        let parameter = &row_of_each(key).map_err(named)?.parameter;
        let value = parse(parameter, value).map_err(named)?;
        Ok(Change {
            step,
            run,
            key: parameter.key,
            value,
        })
    }
}

impl RunConfig {
    /// Writes a setting.
    pub(super) fn write(&mut self, key: &str, text: &str) -> Result<(), Error> {
        write(row_of_each(key)?, self, text)
    }
}

impl Change {
    fn row(&self) -> &'static Row<RunConfig> {
        Row::find(EACH, self.key).expect("changes name settings of the table")
    }

    /// By step, then run, then the order of the table.
    pub(super) fn order(&self) -> (u64, usize, usize) {
        let row = EACH.iter().position(|row| row.parameter.key == self.key);
        (self.step, self.run, row.unwrap_or(EACH.len()))
    }
}

fn row_of_each(key: &str) -> Result<&'static Row<RunConfig>, Error> {
    match Setting::find(key) {
        Some(Setting::Each(row)) => Ok(row),
        Some(Setting::Shared(_)) => fail(format!("{key}: belongs to all runs, as in {key}=…")),
        None if key == MapConfig::KEY => fail(format!("{key}: belongs to all runs, as in {key}=…")),
        None => {
            let known: Vec<&str> = EACH.iter().map(|row| row.parameter.key).collect();
            fail(unknown_key(key, &known))
        }
    }
}
