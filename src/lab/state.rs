//! State files: a run's data, weights and optimizer memory as JSON, bit for bit. Everything is checked on reading. Knows no
//! files, only text. The last minibatch's J is not kept: nothing that follows depends on it, and curves begin anew.

mod check;
pub(super) mod document;

use self::document::{Data, Document, Layer, Member, Memory, Number};
use super::config::Config;
use super::sentence;
use crate::Error;
use crate::Named;
use crate::data::Dataset;
use crate::engine::MemberState;
use crate::nn::Real;
use crate::steps::{Optimizer, OptimizerState};
use nalgebra::{DMatrix, Scalar};

/// The largest file that the page opens, and makes.
pub const MOST_BYTES: usize = 64_000_000;
/// Bytes of a number of single precision, as a text.
const BYTES: usize = 21;

/// Checks the size of a file before it is written, by the numbers of the runs and those of their points.
///
/// # Errors
/// One sentence, if it is too large.
pub fn check_size(runs: usize, points: usize) -> Result<(), Error> {
    let bytes = BYTES * (runs + points);
    if bytes <= MOST_BYTES {
        return Ok(());
    }
    let mostly = if points > runs {
        ", most of it its points"
    } else {
        ""
    };
    Err(Error::State(format!(
        "The state file of these runs has about {} MB{mostly}; allowed: at most {}",
        bytes / 1_000_000,
        MOST_BYTES / 1_000_000
    )))
}

/// A checked state: everything in it fits together.
#[derive(Clone, Debug, PartialEq)]
pub struct StateFile {
    config: Config,
    data: Dataset,
    members: Vec<MemberState<f64>>,
    stopped: Option<String>,
}

/// What is wrong with a file's run; that it takes the whole engine is nothing wrong.
fn of_config(error: Error) -> Error {
    match error {
        Error::Elsewhere => error,
        wrong => Error::State(format!("config: {wrong}")),
    }
}

/// The points of a file, on which its run fits.
fn points(document: &Document, config: &Config) -> Result<Dataset, Error> {
    let data = check::dataset(&document.data, config).map_err(Error::State)?;
    let inputs = &data.training.inputs;
    let fits = config.fits(inputs.ncols(), document.data.outputs, inputs.nrows());
    fits.map_err(of_config)?;
    Ok(data)
}

impl StateFile {
    /// Reads and checks a state file, or the state in a report of `proxprop run --json`.
    ///
    /// # Errors
    /// [`Error::State`], one sentence on the first thing that is wrong; [`Error::Elsewhere`] if the runs take the whole engine.
    pub fn parse(json: &str) -> Result<StateFile, Error> {
        let document = Document::parse(json).map_err(Error::State)?;
        let config = Config::parse(&document.config).map_err(of_config)?;
        let data = points(&document, &config)?;
        let members = check::members(&document.members, &config, &data).map_err(Error::State)?;
        Ok(StateFile {
            config,
            data,
            members,
            stopped: document.stopped,
        })
    }

    /// The same of the file of a name, which is empty where it has none.
    ///
    /// # Errors
    /// As [`StateFile::parse`], behind the name.
    pub fn of_file(name: &str, json: &str) -> Result<StateFile, Error> {
        StateFile::parse(json).map_err(|error| match error {
            Error::State(why) if !name.is_empty() => Error::State(format!("{name}: {why}")),
            error => error,
        })
    }

    /// Reads and checks what a run under another query string starts from: points, and a state on them unless its
    /// members are none.
    ///
    /// # Errors
    /// As [`StateFile::parse`].
    pub fn parse_origin(
        text: &str,
        config: &Config,
    ) -> Result<(Dataset, Option<StateFile>), Error> {
        let document = Document::parse(text).map_err(Error::State)?;
        let data = points(&document, config)?;
        if document.members.is_empty() {
            return Ok((data, None));
        }
        let members = check::members(&document.members, config, &data).map_err(Error::State)?;
        let file = StateFile {
            config: config.clone(),
            data: data.clone(),
            members,
            stopped: document.stopped,
        };
        Ok((data, Some(file)))
    }

    /// The state of a run's `members`; `config` with all its changes up to their steps.
    pub fn of<'a, T: Real>(
        config: &Config,
        data: &Dataset,
        members: impl Iterator<Item = &'a MemberState<T>>,
    ) -> StateFile {
        let widen = |thetas: &[DMatrix<T>]| {
            thetas
                .iter()
                .map(|t| t.map(Real::to_f64))
                .collect::<Vec<_>>()
        };
        let members = members.enumerate().map(|(i, state)| {
            let optimizer = optimizer_at(config, i, state.step);
            // A new optimizer starts with an empty memory, and a frozen member needs none (it may hold what
            // made it diverge).
            let renewed = state.step > 0 && optimizer_at(config, i, state.step - 1) != optimizer;
            let memory = if renewed || state.divergence.is_some() {
                OptimizerState::new(optimizer, &widen(&state.thetas))
            } else {
                let OptimizerState {
                    steps,
                    first,
                    second,
                } = &state.optimizer;
                OptimizerState {
                    steps: *steps,
                    first: widen(first),
                    second: widen(second),
                }
            };
            // The file has the words alone.
            let told = state.divergence.as_ref().map(sentence::divergence);
            MemberState {
                step: state.step,
                thetas: widen(&state.thetas),
                optimizer: memory,
                first_loss: state.first_loss,
                high_steps: state.high_steps,
                divergence: told.map(sentence::told),
            }
        });
        StateFile {
            config: config.clone(),
            data: data.clone(),
            members: members.collect(),
            stopped: None,
        }
    }

    /// The same, ended here by a stop rule, and why.
    #[must_use]
    pub fn with_stop(self, stopped: Option<String>) -> StateFile {
        StateFile { stopped, ..self }
    }

    /// Why a stop rule has ended the run here.
    pub fn stopped(&self) -> Option<&str> {
        self.stopped.as_deref()
    }

    /// The run.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The run's points.
    pub fn dataset(&self) -> &Dataset {
        &self.data
    }

    /// The members in an engine's precision.
    ///
    /// # Errors
    /// [`Error::State`] if a weight is too large for it.
    pub fn member_states<T: Real>(&self) -> Result<Vec<MemberState<T>>, Error> {
        let narrow =
            |thetas: &[DMatrix<f64>]| thetas.iter().map(|t| t.map(T::of)).collect::<Vec<_>>();
        let state = |(i, member): (usize, &MemberState<f64>)| {
            let OptimizerState {
                steps,
                first,
                second,
            } = &member.optimizer;
            let state = MemberState {
                step: member.step,
                thetas: narrow(&member.thetas),
                optimizer: OptimizerState {
                    steps: *steps,
                    first: narrow(first),
                    second: narrow(second),
                },
                first_loss: member.first_loss,
                high_steps: member.high_steps,
                divergence: member.divergence.clone(),
            };
            let mut numbers = state
                .thetas
                .iter()
                .chain(&state.optimizer.first)
                .flat_map(|t| t.iter());
            if numbers.all(nalgebra::ComplexField::is_finite) {
                return Ok(state);
            }
            Err(Error::State(format!(
                "members[{i}]: a number is too large for single precision"
            )))
        };
        self.members.iter().enumerate().map(state).collect()
    }

    /// The file's text, on one line.
    ///
    /// # Panics
    /// Never: the document has only text keys.
    pub fn to_json(&self) -> String {
        let member = |(i, member): (usize, &MemberState<f64>)| Member {
            step: member.step,
            layers: layers(&member.thetas, Number),
            optimizer: member.divergence.is_none().then(|| Memory {
                kind: optimizer_at(&self.config, i, member.step).name().to_owned(),
                t: member.optimizer.steps,
                m: layers(&member.optimizer.first, Number),
                v: layers(&member.optimizer.second, |v| Some(Number(v))),
            }),
            first_loss: member.first_loss.filter(|l| l.is_finite()).map(Number),
            high_steps: member.high_steps,
            divergence: member.divergence.as_ref().map(sentence::divergence),
        };
        let members = self.members.iter().enumerate().map(member);
        let document = Document::new(
            self.config.to_string(),
            Data::of(&self.data),
            members.collect(),
            self.stopped.clone(),
        );
        document.to_json()
    }
}

fn layers<N: Scalar>(thetas: &[DMatrix<f64>], number: fn(f64) -> N) -> Vec<Layer<N>> {
    thetas.iter().map(|t| Layer::of(&t.map(number))).collect()
}

/// The optimizer of run `i` at `step`.
fn optimizer_at(config: &Config, i: usize, step: u64) -> Optimizer {
    config.runs_at(step)[i].opt
}
