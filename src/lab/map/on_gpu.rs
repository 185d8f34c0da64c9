//! Cells in training on a graphics device: all that share data, network and minibatches are one ensemble there.
//! Twin: [`Work`](super::Work), which trains one cell after the other on the CPU.

use std::collections::BTreeMap;

use super::trial::{Outcome, Trial, start, task};
use super::{AT_ONCE, MapPlan, summary};
use crate::engine::gpu::{Gpu, GpuEnsemble};
use crate::engine::{Report, Stretch};
use crate::frame::EngineSeconds;
use crate::frame::map::MapCell;
use crate::lab::config::Config;
use crate::lab::course::{Course, HIGH_STEPS, given_up};
use crate::steps::OptimizerState;

/// Seconds that a visit to the device should take: long against the way there and back, short against patience.
const VISIT: f64 = 0.05;
/// Steps of the first visit, and most steps of any.
const STEPS: (u64, u64) = (4, 1024);
/// Seeds and steps that are measured, one after the other; the first time the kernel is compiled.
const MEASURED: [(usize, u64); 3] = [(64, 4), (64, 16), (AT_ONCE, 64)];
/// Parameters that are sent at once, unless one network has more: a few of each are on the way.
const MOST_NUMBERS: usize = 50_000_000;
/// A device that needs more seconds is not measured on more.
const PATIENCE: f64 = 0.2;
/// The CPU is measured for about so many seconds.
const MOMENT: f64 = 0.02;

/// A seed of a cell.
struct Seed {
    cell: usize,
    /// A configuration of one run.
    config: Config,
}

/// The cells of a plan, for a device.
pub struct GpuWork {
    gpu: Gpu,
    plan: MapPlan,
    clock: fn() -> f64,
    /// Steps that take about as long as a visit should.
    pace: u64,
}

impl GpuWork {
    /// Of this plan on this device, paced by a clock (seconds).
    pub fn new(gpu: Gpu, plan: MapPlan, clock: fn() -> f64) -> GpuWork {
        GpuWork {
            gpu,
            plan,
            clock,
            pace: STEPS.0,
        }
    }

    /// Trains cells to their ends, as long as they are `wanted`, and hands out those that have ended together.
    ///
    /// # Errors
    /// Why the device cannot train them, in words; those handed out before have ended.
    pub async fn train(
        &mut self,
        cells: &[usize],
        wanted: impl Fn() -> bool,
        mut done: impl FnMut(Vec<(usize, MapCell)>),
    ) -> Result<(), String> {
        let mut ended: BTreeMap<usize, Vec<Outcome>> = BTreeMap::new();
        for seeds in self.ensembles(cells) {
            let mut rest = &seeds[..];
            let mut most = rest.len();
            while !rest.is_empty() {
                let (these, others) = rest.split_at(most.min(rest.len()));
                let outcomes = match self.ends(these, &wanted).await {
                    Ok(Some(outcomes)) => outcomes,
                    Ok(None) => return Ok(()),
                    // What is too much for the device at once may not be in parts.
                    Err(_) if these.len() > 1 && self.gpu.failure().is_none() => {
                        most = these.len().div_ceil(2);
                        continue;
                    }
                    Err(why) => return Err(why),
                };
                for (seed, outcome) in these.iter().zip(outcomes) {
                    ended.entry(seed.cell).or_default().push(outcome);
                }
                let whole =
                    |_: &usize, seeds: &mut Vec<Outcome>| seeds.len() as u32 == self.plan.map.seeds;
                let whole = ended.extract_if(.., whole);
                done(whole.map(|(cell, seeds)| (cell, summary(&seeds))).collect());
                rest = others;
            }
        }
        Ok(())
    }

    /// How long a step of one seed takes this device when it trains cells, and one core of the CPU.
    ///
    /// # Errors
    /// Why the device cannot train them, in words.
    ///
    /// # Panics
    /// Without cells.
    pub async fn measure(&mut self, cells: &[usize]) -> Result<EngineSeconds, String> {
        let ensembles = self.ensembles(cells);
        let seeds = ensembles.first().expect("cells to be measured");
        let mut gpu = f64::INFINITY;
        for (time, (most, steps)) in MEASURED.into_iter().enumerate() {
            let mut count = most.min(seeds.len());
            let mut training = loop {
                match Training::new(&self.gpu, &seeds[..count]) {
                    Err(_) if count > 1 && self.gpu.failure().is_none() => {
                        count = count.div_ceil(2);
                    }
                    training => break training?,
                }
            };
            let begin = (self.clock)();
            let (steps, _) = training.visit(steps, true).await?;
            let seconds = (self.clock)() - begin;
            gpu = gpu.min(seconds / (steps.max(1) as f64 * count as f64));
            if time > 0 && seconds > PATIENCE {
                break;
            }
        }
        let begin = (self.clock)();
        let mut steps = 0;
        while (self.clock)() - begin < MOMENT {
            // A run that has ended makes no step and begins again.
            let mut trial = Trial::new(seeds[0].config.clone());
            while trial.outcome().is_none() && (self.clock)() - begin < MOMENT {
                steps += trial.advance(4);
            }
        }
        let cpu = ((self.clock)() - begin) / steps.max(1) as f64;
        Ok(EngineSeconds { cpu, gpu })
    }

    /// The seeds of cells by what they learn, in the order of the cells.
    fn ensembles(&self, cells: &[usize]) -> Vec<Vec<Seed>> {
        let mut ensembles: Vec<Vec<Seed>> = Vec::new();
        let mut known = BTreeMap::new();
        for &cell in cells {
            for seed in 0..self.plan.map.seeds {
                let config = self.plan.alone(cell, seed);
                let shared = Config {
                    runs: Vec::new(),
                    changes: Vec::new(),
                    scale: 1.0,
                    map: None,
                    ..config.clone()
                };
                let at = *known.entry(shared.to_string()).or_insert(ensembles.len());
                if at == ensembles.len() {
                    ensembles.push(Vec::new());
                }
                ensembles[at].push(Seed { cell, config });
            }
        }
        ensembles
    }

    /// How seeds that are one ensemble end; `None` when they are no longer wanted.
    async fn ends(
        &mut self,
        seeds: &[Seed],
        wanted: &impl Fn() -> bool,
    ) -> Result<Option<Vec<Outcome>>, String> {
        let mut training = Training::new(&self.gpu, seeds)?;
        let reports = loop {
            if !wanted() {
                return Ok(None);
            }
            let begin = (self.clock)();
            let (steps, reports) = training.visit(self.pace, false).await?;
            let wish = steps as f64 * VISIT / ((self.clock)() - begin).max(1e-3);
            self.pace = (wish as u64)
                .clamp(steps / 2, 2 * self.pace)
                .clamp(1, STEPS.1);
            if let Some(reports) = reports {
                break reports;
            }
        };
        let task = &training.course.ensemble;
        let outcomes = reports.iter().map(|r| Outcome::of(&r.state, task));
        Ok(Some(outcomes.collect()))
    }
}

/// Seeds in training.
struct Training<'a> {
    gpu: &'a Gpu,
    seeds: &'a [Seed],
    /// What they learn, and the minibatches; it has no members.
    course: Course,
    ensemble: GpuEnsemble,
}

impl Training<'_> {
    fn new<'a>(gpu: &'a Gpu, seeds: &'a [Seed]) -> Result<Training<'a>, String> {
        let task = task(&seeds[0].config);
        let numbers = task.architecture().parameters() * seeds.len();
        if seeds.len() > 1 && numbers > MOST_NUMBERS {
            return Err("the networks are too large to be sent at once".to_owned());
        }
        let placed = seeds.iter().map(|seed| {
            let (settings, state) = start(&seed.config, &task);
            (settings, state, f64::NAN)
        });
        let ensemble = GpuEnsemble::new(gpu, &task, placed.collect(), HIGH_STEPS)?;
        Ok(Training {
            gpu,
            seeds,
            course: Course::new(task, 0, Vec::new()),
            ensemble,
        })
    }

    /// Makes at most so many steps; how many, and where the seeds stand if that is the end, or asked for.
    async fn visit(&mut self, most: u64, read: bool) -> Result<(u64, Option<Vec<Report>>), String> {
        let config = &self.seeds[0].config;
        let end = config.epochs * self.course.ensemble.steps_per_epoch();
        let from = self.course.step();
        let changes = self.seeds.iter().flat_map(|seed| &seed.config.changes);
        let changes = changes.map(|change| change.step).filter(|&at| at > from);
        let stop = changes.fold(end, u64::min);
        let steps = most.min(stop - from);
        let last = from + steps == end;
        let read = read || from + steps == stop;
        let minibatches = self.course.minibatches(config, steps);
        let stretch = [Stretch {
            steps,
            read,
            recorded: false,
        }];
        let reports = self.ensemble.train(&minibatches, &stretch).await?.pop();
        self.course.adopt(steps, Vec::new());
        let Some(mut reports) = reports else {
            return Ok((steps, None));
        };
        for Report { state, .. } in &mut reports {
            if let Some(divergence) = given_up(state, &self.course.ensemble) {
                state.divergence = Some(divergence);
            }
        }
        if !last && from + steps == stop {
            self.change_settings(&reports)?;
        }
        Ok((steps, last.then_some(reports)))
    }

    /// Gives every seed the settings in force at this step.
    fn change_settings(&mut self, reports: &[Report]) -> Result<(), String> {
        let step = self.course.step();
        let task = &self.course.ensemble;
        let placed = self.seeds.iter().zip(reports).map(|(seed, report)| {
            let settings = |step| seed.config.runs_at(step)[0].settings();
            let (before, after) = (settings(step - 1), settings(step));
            let mut state = report.state.clone();
            // The memory of one optimizer is of no use to another.
            if before.optimizer != after.optimizer {
                state.optimizer = OptimizerState::new(after.optimizer, &state.thetas);
            }
            (after, state, report.loss)
        });
        let placed: Vec<_> = placed.collect();
        if self.ensemble.has_room_for(&placed) {
            return self.ensemble.put(placed);
        }
        self.ensemble = GpuEnsemble::new(self.gpu, task, placed, HIGH_STEPS)?;
        Ok(())
    }
}
