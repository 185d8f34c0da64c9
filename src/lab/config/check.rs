//! What one value alone cannot show: whether the settings of a run fit together, and into memory. Reads no text.

use super::run::{Config, RunConfig, Task};
use super::{MAX_RUNS, features};
use crate::data::DataSource;
use crate::lab::row::Value;
use crate::lab::sentence::too_large;
use crate::lab::words::{fail, named};
use crate::nn::features::{Inputs, Unfit};
use crate::steps::{Rule, prox_point, work};
use crate::{Error, Named};

/// Numbers that all runs may keep in memory: a gigabyte in single precision.
const MOST_NUMBERS: usize = 250_000_000;

impl Config {
    /// Checks what one value alone cannot show.
    ///
    /// # Errors
    /// [`Error::Query`] if task and data contradict each other, the number of runs is not allowed, a change or the map
    /// names a run that is missing, or a run has settings that do not go together.
    pub fn validate(&self) -> Result<(), Error> {
        let (task, data) = (self.task.name(), self.data.name());
        match (self.data, self.points.dots.is_empty()) {
            (DataSource::Points, true) => {
                return fail(
                    "data: \"points\" needs points, as in points=0:-0.5,0;0.5,0/1:0,0.5".to_owned(),
                );
            }
            (DataSource::Points, false) | (_, true) => {}
            (_, false) => {
                return fail(format!(
                    "points: given with data={data}; allowed: only with data=points"
                ));
            }
        }
        if let (Some(asked), Some(usual)) = (self.task.loss(), self.usual_loss())
            && asked.classifies() != usual.classifies()
        {
            let (has, other) = if usual.classifies() {
                ("classes", Task::Classify)
            } else {
                ("no classes", Task::Regress)
            };
            return fail(format!(
                "task: \"{task}\" does not fit data={data}, which has {has}; allowed: auto, {}",
                other.name()
            ));
        }
        if self.runs.is_empty() || self.runs.len() > MAX_RUNS {
            return fail(format!(
                "run: {} runs; allowed: 1 to {MAX_RUNS}",
                self.runs.len()
            ));
        }
        if let Some(change) = self.changes.iter().find(|c| c.run >= self.runs.len()) {
            self.run_index(change.run + 1)?;
        }
        if let Some(map) = &self.map {
            self.run_index(map.run + 1).map_err(|e| named("map", &e))?;
        }
        self.fits_l1()?;
        match (self.coordinates(), self.classes()) {
            (Some(coordinates), Some(classes)) => {
                self.fits(coordinates, classes.max(1), self.count())
            }
            _ => Ok(()),
        }
    }

    /// Whether the runs can be trained on `n` points: they fit into memory, and networks are small enough for their
    /// rules.
    pub(in crate::lab) fn fits(
        &self,
        coordinates: usize,
        outputs: usize,
        n: usize,
    ) -> Result<(), Error> {
        self.fits_memory(coordinates, outputs, n)?;
        let begins = self.runs.iter().enumerate().map(|(i, run)| (i, run.rule));
        let becomes = self.changes.iter().filter_map(|c| match c.value {
            Value::Rule(rule) => Some((c.run, rule)),
            _ => None,
        });
        begins
            .chain(becomes)
            .try_for_each(|(run, rule)| self.fits_rule(run, rule, coordinates, outputs, n))
    }

    /// Whether all runs together fit into the memory of a browser's tab, trained on `n` points.
    fn fits_memory(&self, coordinates: usize, outputs: usize, n: usize) -> Result<(), Error> {
        let (sizes, minibatch) = (self.sizes(coordinates, outputs)?, self.batch.min(n));
        let numbers = work::numbers(&sizes, minibatch).saturating_mul(self.runs.len());
        if numbers <= MOST_NUMBERS {
            return Ok(());
        }
        fail(format!(
            "batch: {minibatch} points per step through these {} hidden layers, in {} runs, take about {numbers} numbers \
             of memory; allowed: at most {MOST_NUMBERS}",
            self.hidden.len(),
            self.runs.len()
        ))
    }

    fn sizes(&self, coordinates: usize, outputs: usize) -> Result<Vec<usize>, Error> {
        let ends = [self.inputs(coordinates)?.count(), outputs];
        let mut sizes = ends.to_vec();
        sizes.splice(1..1, self.hidden.iter().copied());
        Ok(sizes)
    }

    /// How points of so many coordinates become the first layer's inputs.
    ///
    /// # Errors
    /// [`Error::Query`] if they have nothing that the features look at.
    pub fn inputs(&self, coordinates: usize) -> Result<Inputs, Error> {
        Inputs::new(coordinates, self.features).or_else(|why| {
            let features = features::print(self.features);
            fail(match why {
                Unfit::NoSecond => format!(
                    "features: \"{features}\" needs points (x, y), and these lie on a line; allowed there: x, xx, sinx"
                ),
                Unfit::TooMany(coordinates) => format!(
                    "features: \"{features}\" needs points of one or two coordinates, and these have {coordinates}; \
                     allowed: x,y, which takes them as they are"
                ),
            })
        })
    }

    /// Whether the network is small enough for this rule in this run.
    pub(super) fn fits_rule(
        &self,
        run: usize,
        rule: Rule,
        coordinates: usize,
        outputs: usize,
        n: usize,
    ) -> Result<(), Error> {
        if !rule.is_whole() {
            return Ok(());
        }
        let sizes = self.sizes(coordinates, outputs)?;
        prox_point::fits(&sizes, self.batch.min(n)).or_else(|why| {
            let reason = too_large(why);
            fail(format!("run{}.rule: {rule}: {reason}", run + 1))
        })
    }

    /// Whether no run ever steps as a whole and shrinks its weights besides.
    pub(super) fn fits_l1(&self) -> Result<(), Error> {
        let mut steps: Vec<u64> = self.changes.iter().map(|c| c.step).collect();
        steps.dedup();
        std::iter::once(0).chain(steps).try_for_each(|step| {
            let runs = self.runs_at(step);
            let both = runs.iter().position(|r| r.rule.is_whole() && r.l1 > 0.0);
            both.map_or(Ok(()), |run| {
                let RunConfig { rule, l1, .. } = &runs[run];
                fail(format!(
                    "run{}.l1: {l1} does not go with {rule}, which moves all parameters by one implicit step of the loss; \
                     allowed: 0, or layer-wise rules",
                    run + 1
                ))
            })
        })
    }

    /// From a number (from 1) to an index.
    pub(super) fn run_index(&self, number: usize) -> Result<usize, Error> {
        if (1..=self.runs.len()).contains(&number) {
            return Ok(number - 1);
        }
        fail(format!(
            "run: {number} is out of range; allowed: 1 to {}",
            self.runs.len()
        ))
    }
}
