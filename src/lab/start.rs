//! What a run starts from: the points and weights that its query string gives, or those of a state file.
//! Knows nothing of what happens afterwards.

use super::command::Origin;
use super::config::{Config, Task};
use super::state::StateFile;
use crate::Error;
use crate::Named;
use crate::data::cifar;
use crate::data::digits::digits;
use crate::data::rng::{Purpose, Stream};
use crate::data::wine::wine;
use crate::data::{self, DataSource, Dataset, Targets};
use crate::engine::{MemberState, Settings};
use crate::nn::mlp::{Architecture, Law, initialise, initialise_heads};
use crate::steps::{Optimizer, OptimizerState, Reach};
use nalgebra::DMatrix;
use std::sync::Arc;

/// Most numbers that are written into an origin: points of the largest tables, weights of nets up to some 200 wide.
const MOST_NUMBERS: usize = 300_000;

/// What a file gives to a run; empty for a run that its query string alone determines.
#[derive(Clone, Debug, Default)]
pub(super) struct Start {
    points: Option<Dataset>,
    /// A file of CIFAR-10, as it is: its images take much more room as numbers.
    images: Option<Arc<[u8]>>,
    /// Per run, where it stands, and whose memory its optimizer has. Empty for fresh weights.
    states: Vec<(Optimizer, MemberState<f32>)>,
    /// Why a stop rule had ended the run there.
    stopped: Option<String>,
}

impl Start {
    /// The start that a state file gives.
    ///
    /// # Errors
    /// If a weight is too large for single precision.
    pub(super) fn of(file: &StateFile) -> Result<Start, Error> {
        let states = file.member_states()?;
        let step = states.iter().map(|s| s.step).max().unwrap_or(0);
        let runs = file.config().runs_at(step);
        let optimizers = runs.iter().map(|run| run.opt);
        Ok(Start {
            points: Some(file.dataset().clone()),
            images: None,
            states: optimizers.zip(states).collect(),
            stopped: file.stopped().map(str::to_owned),
        })
    }

    /// These points and fresh weights.
    pub(super) fn on(points: Dataset) -> Start {
        Start {
            points: Some(points),
            ..Start::default()
        }
    }

    /// The images of a file that has been checked, and fresh weights.
    pub(super) fn on_images(file: Vec<u8>) -> Start {
        Start {
            images: Some(file.into()),
            ..Start::default()
        }
    }

    /// The start that [`Start::origin`] has written down.
    ///
    /// # Errors
    /// If it does not fit the run.
    pub(super) fn of_origin(text: &str, config: &Config) -> Result<Start, Error> {
        let (points, file) = StateFile::parse_origin(text, config)?;
        Ok(match file {
            Some(file) => Start::of(&file)?,
            None => Start::on(points),
        })
    }

    /// All that the run's query string lacks.
    pub(super) fn origin(&self, config: &Config) -> Origin {
        if self.images.is_some() {
            return Origin::TooLarge;
        }
        let Some(points) = &self.points else {
            return Origin::Query;
        };
        let states = self.states.iter().map(|(_, state)| state);
        let weights: usize = states.clone().map(MemberState::numbers).sum();
        if weights + points.numbers() > MOST_NUMBERS {
            return Origin::TooLarge;
        }
        let file = StateFile::of(config, points, states).with_stop(self.stopped.clone());
        Origin::File(file.to_json())
    }

    /// The step at which the run starts.
    pub(super) fn step(&self) -> u64 {
        self.states.iter().map(|(_, s)| s.step).max().unwrap_or(0)
    }

    /// Why the run was over there already, by a stop rule.
    pub(super) fn stopped(&self) -> Option<&str> {
        self.stopped.as_deref()
    }

    /// The points of the run.
    ///
    /// # Errors
    /// If there are none, or they do not fit the task or the features.
    pub(super) fn dataset(&self, config: &Config) -> Result<Dataset, Error> {
        let Some(points) = &self.points else {
            let Config { n, noise, seed, .. } = *config;
            return match (config.data, &self.images) {
                (DataSource::Cifar10, Some(file)) => {
                    let most = cifar::most_of(file);
                    if n > most {
                        return Err(Error::Query(format!(
                            "n: {n} is out of range for this file, of whose images {most} are trained on; allowed: 2 to {most}"
                        )));
                    }
                    Ok(cifar::images(&[file], n))
                }
                (DataSource::Points, _) => Ok(config.points.dataset()),
                (DataSource::Digits, _) => digits(n, noise, config.split, seed),
                (DataSource::Wine, _) => wine(n, noise, config.columns, seed),
                (source, _) => data::generate(source, n, noise, config.valid, seed),
            };
        };
        config.inputs(points.training.inputs.ncols())?;
        let classes = matches!(points.training.targets, Targets::Classes { .. });
        let asked = config.task.loss();
        if asked.is_none_or(|loss| loss.classifies() == classes) {
            return Ok(points.clone());
        }
        let (have, other) = if classes {
            ("classes", Task::Classify)
        } else {
            ("values", Task::Regress)
        };
        Err(Error::Query(format!(
            "task: \"{}\" does not fit the file's points, which have {have}; allowed: auto, {}",
            config.task.name(),
            other.name()
        )))
    }

    /// Per run, how it learns at first and where it stands.
    pub(super) fn members(
        &self,
        config: &Config,
        architecture: &Architecture,
    ) -> Vec<(Settings, MemberState<f32>)> {
        let runs = config.runs_at(self.step());
        if self.states.is_empty() {
            let mut stream = Stream::new(config.seed, Purpose::Weights, 0);
            let thetas = initialise(architecture, config.init, config.scale, |law| match law {
                Law::Normal => stream.normal(),
                Law::Uniform => stream.between(-1.0, 1.0),
            });
            let state = |settings: Settings| {
                let heads = heads(config, architecture, settings.reach);
                let thetas = thetas.iter().chain(&heads).map(|t| t.map(|x| x as f32));
                (
                    settings,
                    MemberState::new(settings.optimizer, thetas.collect()),
                )
            };
            return runs.iter().map(|run| state(run.settings())).collect();
        }
        let saved = runs.iter().zip(&self.states);
        let members = saved.map(|(run, (optimizer, state))| {
            let mut state = state.clone();
            // The memory of one optimizer is of no use to another.
            if run.opt != *optimizer {
                state.optimizer = OptimizerState::new(run.opt, &state.thetas);
            }
            let settings = run.settings();
            state.fit(architecture, settings.reach);
            (settings, state)
        });
        members.collect()
    }

    /// Whether a run had diverged before its state was saved: it has no past to go back to.
    pub(super) fn diverged(&self, run: usize) -> bool {
        let state = self.states.get(run);
        state.is_some_and(|(_, state)| state.divergence.is_some())
    }

    /// Makes room for a copy of run `from` at `at`.
    pub(super) fn insert(&mut self, at: usize, from: usize) {
        self.stopped = None;
        if let Some(state) = self.states.get(from).cloned() {
            self.states.insert(at, state);
        }
    }

    /// Forgets a run.
    pub(super) fn remove(&mut self, run: usize) {
        self.stopped = None;
        if run < self.states.len() {
            self.states.remove(run);
        }
    }

    /// What of this start still fits when `old` becomes `new`, and a sentence on what does not. A stop is judged anew.
    pub(super) fn adapted(&self, old: &Config, new: &Config) -> (Start, Option<&'static str>) {
        if self.images.is_some() {
            if new.data == DataSource::Cifar10 {
                return (self.clone(), None);
            }
            let gone = "The file of images is put away; drop it again to train on it.";
            return (Start::default(), Some(gone));
        }
        if self.points.is_none() {
            return (Start::default(), None);
        }
        let drawn = |c: &Config| {
            let points = c.points.clone();
            let drawn = (c.data, points, c.task, c.n, c.noise);
            (drawn, c.valid, c.split, c.columns, c.seed)
        };
        if new.data != DataSource::State && drawn(new) != drawn(old) {
            let gone = if new.data == DataSource::Points {
                "The points are part of the run’s address now, to thousandths, and all of them are trained on."
            } else {
                "The run no longer starts from the file, whose points are not those of these settings."
            };
            return (Start::default(), Some(gone));
        }
        let weights = |c: &Config| {
            let layers = (c.features, c.hidden.clone(), c.act);
            (layers, c.init, c.scale.to_bits(), c.seed)
        };
        if self.states.is_empty() || weights(new) == weights(old) {
            let start = Start {
                stopped: None,
                ..self.clone()
            };
            return (start, None);
        }
        let fresh = Start {
            points: self.points.clone(),
            ..Start::default()
        };
        let gone = "The run starts from fresh weights on the file's points: the file's weights are those of other settings.";
        (fresh, Some(gone))
    }
}

/// The first parameters of a run's auxiliary heads, from a stream of their own: the other layers are those of a run without them.
fn heads(config: &Config, architecture: &Architecture, reach: Option<Reach>) -> Vec<DMatrix<f64>> {
    let Some(reach) = reach else {
        return Vec::new();
    };
    let mut stream = Stream::new(config.seed, Purpose::Weights, 1);
    let numbers = |law| match law {
        Law::Normal => stream.normal(),
        Law::Uniform => stream.between(-1.0, 1.0),
    };
    let per_module = reach.hearing().per_module;
    initialise_heads(architecture, per_module, config.init, config.scale, numbers)
}
