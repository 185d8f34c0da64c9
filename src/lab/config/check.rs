//! What one value alone cannot show: whether the settings of a run fit together, and into memory. Reads no text.

use super::map::Axis;
use super::run::{Config, RunConfig, Task};
use super::{MAX_RUNS, features};
use crate::data::cifar::RECORDS;
use crate::data::{DataSource, Points, Targets};
use crate::engine::memory;
use crate::lab::query;
use crate::lab::row::Value;
use crate::lab::sentence::too_large;
use crate::lab::timeline;
use crate::lab::words::{fail, named};
use crate::nn::Loss;
use crate::nn::features::{Inputs, Unfit};
use crate::nn::mlp::Architecture;
use crate::nn::stack::{Misfit, stack};
use crate::nn::window::Planes;
use crate::steps::objective::steepness;
use crate::steps::{Rule, prox_point, work};
use crate::{Error, Named, WHOLE};

/// Numbers that all runs may keep in memory: a gigabyte in single precision.
const MOST_NUMBERS: usize = 250_000_000;
/// Megabytes that all runs may need at most: a browser gives a worker four gigabytes, and [`memory`] says what else is in them.
const MOST_MEGABYTES: u64 = 3000;

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
        let most = self.data.most();
        if let Some(most) = most.filter(|&most| self.n > most) {
            return fail(format!(
                "n: {} is out of range for data={data}; allowed: 2 to {most}",
                self.n
            ));
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
        self.fits_steps()?;
        self.fits_objective(self.known_points())?;
        match (self.coordinates(), self.classes()) {
            (Some(coordinates), Some(classes)) => {
                match self.fits(coordinates, classes.max(1), self.count()) {
                    // Whoever trains it checks it.
                    Err(Error::Elsewhere) => Ok(()),
                    checked => checked,
                }
            }
            _ => Ok(()),
        }
    }

    /// Whether what trains here is enough of the engine for this run.
    ///
    /// # Errors
    /// [`Error::Elsewhere`] if it is not.
    pub fn here(&self) -> Result<(), Error> {
        let more = |run: &RunConfig| {
            run.reach > 0 || run.rule.is_whole() || run.flat > 0.0 || run.adv > 0.0
        };
        let asks = |step| self.runs_at(step).iter().any(more);
        let mut steps = self.changes.iter().map(|c| c.step);
        let varied = self.map.as_ref().is_some_and(|map| {
            map.axes
                .iter()
                .any(|axis| ["reach", "flat", "adv"].contains(&axis.key()))
        });
        let more = varied || asks(0) || steps.any(asks);
        if (self.data.is_in_the_whole() || more) && !WHOLE {
            return Err(Error::Elsewhere);
        }
        Ok(())
    }

    /// Whether the runs can be trained on `n` points: they fit into memory, and networks are small enough for their
    /// rules.
    pub(in crate::lab) fn fits(
        &self,
        coordinates: usize,
        outputs: usize,
        n: usize,
    ) -> Result<(), Error> {
        self.fits_objective(Some((coordinates, outputs)))?;
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
        let (network, minibatch) = (self.network(coordinates, outputs)?, self.batch.min(n));
        let runs = self.runs.len()
            + 2 * self
                .runs
                .iter()
                .filter(|run| !run.objective().is_plain())
                .count();
        let numbers = work::numbers(&network, minibatch).saturating_mul(runs);
        if numbers > MOST_NUMBERS {
            return fail(format!(
                "batch: {minibatch} points per step through these {} hidden layers, in {} runs, take about {numbers} numbers \
                 of memory; allowed: at most {MOST_NUMBERS}",
                self.depth(),
                self.runs.len()
            ));
        }
        // What a run becomes, it may be for long.
        let steps = std::iter::once(0).chain(self.changes.iter().map(|c| c.step));
        let points = match self.data.held_back(n) {
            // More than one file of them no tab has to hold.
            _ if n > RECORDS && self.data.images().is_some_and(|images| images.in_files) => {
                [minibatch, 0]
            }
            Some(rest) => [n, rest],
            None => [n, (self.valid * n as f64) as usize],
        };
        let at = |step: u64| {
            let runs = self.runs_at(step);
            let mut runs = runs.iter().map(RunConfig::settings);
            memory::bytes(&network, points, minibatch, &mut runs)
        };
        let bytes = timeline::MOST_BYTES as f64 + steps.map(at).fold(0.0, f64::max);
        let megabytes = (bytes / 1e6) as u64;
        if megabytes <= MOST_MEGABYTES {
            return Ok(());
        }
        fail(format!(
            "batch: what these runs compute on {minibatch} points per step needs about {megabytes} MB of memory while it is \
             looked into; allowed: at most {MOST_MEGABYTES}"
        ))
    }

    /// The network on points of so many coordinates with so many outputs.
    ///
    /// # Errors
    /// [`Error::Query`] if the layers do not fit on the points.
    pub fn network(&self, coordinates: usize, outputs: usize) -> Result<Architecture, Error> {
        let inputs = self.inputs(coordinates)?;
        let images = self.data.images().map(|images| {
            let [channels, height, width] = images.shape;
            Planes {
                channels,
                height,
                width,
            }
        });
        let images = images.filter(|planes| planes.count() == inputs.count());
        let layers = stack(inputs.count(), images, &self.hidden, self.act, outputs);
        let layers = layers.or_else(|(i, why)| {
            let piece = self.hidden[i];
            fail(match why {
                Misfit::NoImages => format!(
                    "hidden: \"{piece}\" needs images, and has none below it; allowed: with data=digits or data=cifar10, in front of all widths"
                ),
                Misfit::NoConvolution => format!(
                    "hidden: \"{piece}\" needs a convolution below it; allowed: once, as in c3x8p1,{piece}"
                ),
                Misfit::Small(planes) => format!(
                    "hidden: \"{piece}\" is larger than the images below it, which have {} × {} pixels",
                    planes.height, planes.width
                ),
                Misfit::Elsewhere => return Err(Error::Elsewhere),
            })
        })?;
        Ok(Architecture {
            inputs,
            layers,
            // Where a file decides, whoever has read it names the loss.
            loss: self.loss().unwrap_or(Loss::CrossEntropy),
        })
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
        let network = self.network(coordinates, outputs)?;
        prox_point::fits(&network, self.batch.min(n)).or_else(|why| {
            let reason = too_large(why);
            fail(format!("run{}.rule: {rule}: {reason}", run + 1))
        })
    }

    /// Whether no run ever steps as a whole and shrinks its weights besides, or has a reach.
    pub(super) fn fits_steps(&self) -> Result<(), Error> {
        let mut steps: Vec<u64> = self.changes.iter().map(|c| c.step).collect();
        steps.dedup();
        std::iter::once(0).chain(steps).try_for_each(|step| {
            let runs = self.runs_at(step);
            let both = |r: &RunConfig| r.rule.is_whole() && (r.l1 > 0.0 || r.reach > 0);
            let both = runs.iter().position(both);
            both.map_or(Ok(()), |run| {
                let RunConfig { rule, l1, reach, .. } = &runs[run];
                let (key, value) = if *l1 > 0.0 { ("l1", *l1) } else { ("reach", *reach as f64) };
                fail(format!(
                    "run{}.{key}: {value} does not go with {rule}, which moves all parameters by one implicit step of the loss; \
                     allowed: 0, or layer-wise rules",
                    run + 1
                ))
            })
        })
    }

    /// Coordinates and outputs of the points; `None` where a file decides.
    pub(super) fn known_points(&self) -> Option<(usize, usize)> {
        Some((self.coordinates()?, self.classes()?.max(1)))
    }

    /// As [`Config::fits_objective`], on these points, whoever has decided what they are.
    pub(in crate::lab) fn fits_points(&self, points: &Points) -> Result<(), Error> {
        let classes = match &points.targets {
            Targets::Classes { .. } => points.targets.outputs(),
            Targets::Values(_) => 0,
        };
        self.fits_objective(Some((points.inputs.ncols(), classes.max(1))))
    }

    /// Whether every run can differentiate what it is to, on points of so many coordinates and outputs.
    pub(super) fn fits_objective(&self, points: Option<(usize, usize)>) -> Result<(), Error> {
        if !WHOLE {
            // Whoever trains it checks it.
            return Ok(());
        }
        let steps = std::iter::once(0).chain(self.changes.iter().map(|c| c.step));
        // A map's cells have what its axes say.
        let axes = |run: usize| {
            let maps = self.map.iter().filter(move |map| map.run == run);
            maps.flat_map(|map| &map.axes).map(Axis::key)
        };
        let all = steps.flat_map(|step| self.runs_at(step).into_iter().enumerate());
        for (run, settings) in all {
            let RunConfig {
                rule,
                flat,
                adv,
                reach,
                ..
            } = settings;
            let own = [("flat", flat > 0.0), ("adv", adv > 0.0)];
            let mut keys = own.into_iter().filter_map(|(key, has)| has.then_some(key));
            let mapped = axes(run).find(|key| ["flat", "adv"].contains(key));
            let Some(key) = keys.next().or(mapped) else {
                continue;
            };
            let refuse = |why: &str| fail(format!("run{}.{key}: {why}", run + 1));
            if rule.is_whole() {
                return refuse(
                    "does not go with prox-point, which steps on the loss alone; allowed: 0, or layer-wise rules",
                );
            }
            if reach > 0 || axes(run).any(|key| key == "reach") {
                return refuse("does not go with reach; allowed: 0, or reach:0");
            }
            let Some((coordinates, outputs)) = points else {
                continue;
            };
            if outputs < 2 || self.loss().is_some_and(|loss| !loss.classifies()) {
                return refuse("needs points of two classes or more; allowed: 0");
            }
            if self.inputs(coordinates)? != Inputs::plain(coordinates) {
                return refuse("goes by the coordinates themselves; allowed: with features=x,y");
            }
            if !steepness::is_for(&self.network(coordinates, outputs)?) {
                return refuse(
                    "is not computed through convolutions; allowed: with widths in hidden",
                );
            }
        }
        Ok(())
    }

    /// From a number (from 1) to an index.
    pub(super) fn run_index(&self, number: usize) -> Result<usize, Error> {
        query::run_index(number, self.runs.len())
    }
}
