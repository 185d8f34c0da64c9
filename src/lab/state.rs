//! State files: a run's data, weights and optimizer memory as JSON, bit for bit. Knows no files, only text.
//!
//! ```json
//! {"format":"proxprop-state","version":1,"config":QUERY,
//!  "data":{"x":[[x1,x2],…],"y":[class,…] or [[…],…],"outputs":C,"validation":{"x":…,"y":…}},
//!  "members":[{"step":k,"layers":[{"weight":[out×in],"bias":[out]},…],
//!    "optimizer":null or {"kind":"adam","t":k,"m":[layer,…],"v":[layer,…]},"first_loss":J,"high_steps":k,"divergence":null or {…}},…],
//!  "stopped":SENTENCE, if a stop rule has ended the run}
//! ```
//! Numbers are doubles; single precision is widened exactly. Everything is checked on reading.

use nalgebra::DMatrix;
use serde::{Deserialize, Serialize};

use super::architecture;
use super::config::{Config, Task};
use super::sentence;
use crate::Error;
use crate::Named;
use crate::data::{Dataset, Points, Targets};
use crate::engine::MemberState;
use crate::frame::Divergence;
use crate::nn::Real;
use crate::nn::mlp::Architecture;
use crate::steps::{Optimizer, OptimizerState};

const FORMAT: &str = "proxprop-state";
const VERSION: u64 = 1;
/// Most inputs, outputs and points.
const MAX_WIDTH: usize = 1024;
const MAX_POINTS: usize = 200_000;

/// A checked state: everything in it fits together.
#[derive(Clone, Debug, PartialEq)]
pub struct StateFile {
    config: Config,
    data: Dataset,
    members: Vec<MemberState<f64>>,
    stopped: Option<String>,
}

/// The whole file as JSON.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    format: String,
    version: u64,
    config: String,
    data: Data,
    members: Vec<Member>,
    /// Why a stop rule has ended the run here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stopped: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Data {
    x: Vec<Vec<f64>>,
    y: Vec<Answer>,
    outputs: usize,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    validation: Option<Validation>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Validation {
    x: Vec<Vec<f64>>,
    y: Vec<Answer>,
}

/// What should be answered at one point.
#[derive(Serialize, Deserialize)]
#[serde(
    untagged,
    expecting = "data.y: expected a class (0, 1, …) or a list of numbers"
)]
enum Answer {
    Class(u64),
    Values(Vec<f64>),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Member {
    step: u64,
    layers: Vec<Layer<f64>>,
    #[serde(default)]
    optimizer: Option<Memory>,
    /// See [`MemberState::first_loss`].
    #[serde(default)]
    first_loss: Option<f64>,
    /// See [`MemberState::high_steps`].
    #[serde(default)]
    high_steps: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    divergence: Option<Divergence>,
}

/// `Θ` as `out × in` rows and a bias.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Layer<N> {
    weight: Vec<Vec<N>>,
    bias: Vec<N>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Memory {
    kind: String,
    t: u64,
    #[serde(default)]
    m: Vec<Layer<f64>>,
    /// `null` stands for a second moment that has overflowed, which JSON cannot write.
    #[serde(default)]
    v: Vec<Layer<Option<f64>>>,
}

impl StateFile {
    /// Reads and checks a state file, or the state in a report of `proxprop run --json`.
    ///
    /// # Errors
    /// [`Error::State`], one sentence on the first thing that is wrong.
    pub fn parse(json: &str) -> Result<StateFile, Error> {
        /// What `proxprop run --json` writes: the state among other things.
        #[derive(Deserialize)]
        struct Report {
            state: Document,
        }
        let document = serde_json::from_str(json).or_else(|e| {
            let report = serde_json::from_str::<Report>(json).map(|report| report.state);
            report.map_err(|_| Error::State(format!("not a state file: {e}")))
        })?;
        read(&document).map_err(Error::State)
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
        let architecture = architecture::of_run(config, data);
        let members = members.enumerate().map(|(i, state)| {
            let optimizer = optimizer_at(config, i, state.step);
            // A new optimizer starts with an empty memory, and a frozen member needs none (it may hold what
            // made it diverge).
            let renewed = state.step > 0 && optimizer_at(config, i, state.step - 1) != optimizer;
            let memory = if renewed || state.divergence.is_some() {
                OptimizerState::new(optimizer, &architecture)
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
            layers: member.thetas.iter().map(layer).collect(),
            optimizer: member.divergence.is_none().then(|| Memory {
                kind: optimizer_at(&self.config, i, member.step).name().to_owned(),
                t: member.optimizer.steps,
                m: member.optimizer.first.iter().map(layer).collect(),
                v: member
                    .optimizer
                    .second
                    .iter()
                    .map(|v| layer(&v.map(Some)))
                    .collect(),
            }),
            first_loss: member.first_loss.filter(|l| l.is_finite()),
            high_steps: member.high_steps,
            divergence: member.divergence.as_ref().map(sentence::divergence),
        };
        let (x, y) = table(&self.data.training);
        let (validation_x, validation_y) = table(&self.data.validation);
        let document = Document {
            format: FORMAT.to_owned(),
            version: VERSION,
            config: self.config.to_string(),
            data: Data {
                x,
                y,
                outputs: outputs(&self.data.training.targets),
                validation: (!validation_x.is_empty()).then_some(Validation {
                    x: validation_x,
                    y: validation_y,
                }),
            },
            members: self.members.iter().enumerate().map(member).collect(),
            stopped: self.stopped.clone(),
        };
        serde_json::to_string(&document).expect("text keys only")
    }
}

/// The optimizer of run `i` at `step`.
fn optimizer_at(config: &Config, i: usize, step: u64) -> Optimizer {
    config.runs_at(step)[i].opt
}

fn outputs(targets: &Targets) -> usize {
    match targets {
        Targets::Classes { classes, .. } => *classes,
        Targets::Values(values) => values.ncols(),
    }
}

/// `out × in` rows and a bias, from `Θ` = `(in + 1) × out`.
pub(super) fn layer<N: nalgebra::Scalar>(theta: &DMatrix<N>) -> Layer<N> {
    let inputs = theta.nrows() - 1;
    Layer {
        weight: theta
            .column_iter()
            .map(|c| c.iter().take(inputs).cloned().collect())
            .collect(),
        bias: theta.row(inputs).iter().cloned().collect(),
    }
}

fn table(points: &Points) -> (Vec<Vec<f64>>, Vec<Answer>) {
    let rows = |m: &DMatrix<f64>| {
        m.row_iter()
            .map(|r| r.iter().copied().collect())
            .collect::<Vec<Vec<f64>>>()
    };
    let y = match &points.targets {
        Targets::Classes { labels, .. } => {
            labels.iter().map(|&l| Answer::Class(l.into())).collect()
        }
        Targets::Values(values) => rows(values).into_iter().map(Answer::Values).collect(),
    };
    (rows(&points.inputs), y)
}

fn read(document: &Document) -> Result<StateFile, String> {
    let Document {
        format,
        version,
        config,
        data,
        members,
        stopped,
    } = document;
    if format != FORMAT {
        return Err(format!(
            "format: {format:?} is not known; allowed: {FORMAT:?}"
        ));
    }
    if *version != VERSION {
        return Err(format!(
            "version: {version} is not known; allowed: {VERSION}"
        ));
    }
    let config = Config::parse(config).map_err(|e| format!("config: {e}"))?;
    if !(1..=MAX_WIDTH).contains(&data.outputs) {
        return Err(format!(
            "data.outputs: {} is out of range; allowed: 1 to {MAX_WIDTH}",
            data.outputs
        ));
    }
    let inputs = data.x.first().map_or(0, Vec::len);
    if !(1..=MAX_WIDTH).contains(&inputs) {
        return Err(format!(
            "data.x: {inputs} inputs per point; allowed: 1 to {MAX_WIDTH}"
        ));
    }
    let classify = matches!(data.y.first(), Some(Answer::Class(_)));
    match config.task {
        Task::Classify if !classify => {
            return Err("data.y: task=classify needs a class per point".to_owned());
        }
        Task::Regress if classify => {
            return Err("data.y: task=regress needs a list of numbers per point".to_owned());
        }
        _ if classify && data.outputs < 2 => {
            return Err("data.outputs: classes need at least 2 outputs".to_owned());
        }
        _ => {}
    }
    let points = |at: &str, x: &[Vec<f64>], y: &[Answer]| {
        read_points(at, x, y, inputs, data.outputs, classify)
    };
    let training = points("data", &data.x, &data.y)?;
    let validation = match &data.validation {
        Some(Validation { x, y }) => points("data.validation", x, y)?,
        None => points("data.validation", &[], &[])?,
    };
    let data_outputs = data.outputs;
    let data = Dataset {
        training,
        validation,
    };
    config
        .fits(inputs, data_outputs, data.training.inputs.nrows())
        .map_err(|e| format!("config: {e}"))?;
    let architecture = architecture::of_run(&config, &data);
    if members.len() != config.runs.len() {
        return Err(format!(
            "members: {} of them, but config has {} runs",
            members.len(),
            config.runs.len()
        ));
    }
    let members: Vec<MemberState<f64>> = members
        .iter()
        .enumerate()
        .map(|(i, member)| {
            read_member(member, &architecture, &config, i).map_err(|e| format!("members[{i}].{e}"))
        })
        .collect::<Result<_, _>>()?;
    let now = members.iter().map(|m| m.step).max().unwrap_or(0);
    match members
        .iter()
        .position(|m| m.divergence.is_none() && m.step != now)
    {
        Some(i) => Err(format!(
            "members[{i}].step: {} differs from the others' {now}",
            members[i].step
        )),
        None => Ok(StateFile {
            config,
            data,
            members,
            stopped: stopped.clone(),
        }),
    }
}

fn read_points(
    at: &str,
    x: &[Vec<f64>],
    y: &[Answer],
    inputs: usize,
    outputs: usize,
    classify: bool,
) -> Result<Points, String> {
    if x.len() != y.len() {
        return Err(format!("{at}: x has {} points, y has {}", x.len(), y.len()));
    }
    if x.len() > MAX_POINTS {
        return Err(format!(
            "{at}: {} points; allowed: at most {MAX_POINTS}",
            x.len()
        ));
    }
    let mut labels = Vec::new();
    let mut values = Vec::new();
    for (i, answer) in y.iter().enumerate() {
        match answer {
            Answer::Class(class) if classify && *class < outputs as u64 => {
                labels.push(*class as u32);
            }
            Answer::Class(class) if classify => {
                return Err(format!(
                    "{at}.y[{i}]: class {class} is out of range; allowed: 0 to {}",
                    outputs - 1
                ));
            }
            Answer::Values(row) if !classify => values.push(row.as_slice()),
            _ => {
                return Err(format!(
                    "{at}.y[{i}]: classes and lists of numbers are mixed"
                ));
            }
        }
    }
    let x: Vec<&[f64]> = x.iter().map(Vec::as_slice).collect();
    let matrix_of = |name: &str, rows: &[&[f64]], width| {
        let matrix = matrix(rows, width).map_err(|e| format!("{at}.{name}{e}"))?;
        match matrix.iter().find(|v| v.abs() > f64::from(f32::MAX)) {
            Some(v) => Err(format!(
                "{at}.{name}: {v:e} is out of range; allowed: at most {:e} in size",
                f32::MAX
            )),
            None => Ok(matrix),
        }
    };
    let inputs = matrix_of("x", &x, inputs)?;
    let targets = if classify {
        Targets::Classes {
            labels,
            classes: outputs,
        }
    } else {
        Targets::Values(matrix_of("y", &values, outputs)?)
    };
    Ok(Points { inputs, targets })
}

/// Rows of equal width; the message begins with the index of the row that is not.
fn matrix<N: nalgebra::Scalar, R: AsRef<[N]>>(
    rows: &[R],
    width: usize,
) -> Result<DMatrix<N>, String> {
    match rows.iter().position(|r| r.as_ref().len() != width) {
        Some(i) => Err(format!(
            "[{i}]: {} numbers where {width} are expected",
            rows[i].as_ref().len()
        )),
        None => Ok(DMatrix::from_row_iterator(
            rows.len(),
            width,
            rows.iter().flat_map(AsRef::as_ref).cloned(),
        )),
    }
}

fn read_member(
    member: &Member,
    architecture: &Architecture,
    config: &Config,
    i: usize,
) -> Result<MemberState<f64>, String> {
    // Beyond this, doubles (and the page's numbers) skip whole numbers.
    let max_step = 1 << 53;
    if member.step > max_step {
        return Err(format!(
            "step: {} is out of range; allowed: 0 to {max_step}",
            member.step
        ));
    }
    if member.high_steps > member.step {
        return Err(format!(
            "high_steps: {} is out of range; allowed: 0 to {}",
            member.high_steps, member.step
        ));
    }
    if let Some(l) = member.divergence.as_ref().and_then(|d| d.layer)
        && !(1..=architecture.layers()).contains(&l)
    {
        return Err(format!(
            "divergence.layer: {l} is out of range; allowed: 1 to {}",
            architecture.layers()
        ));
    }
    let optimizer = optimizer_at(config, i, member.step);
    let fresh = OptimizerState::new(optimizer, architecture);
    let memory = match &member.optimizer {
        None => fresh,
        Some(Memory { kind, .. }) if kind != optimizer.name() => {
            return Err(format!(
                "optimizer.kind: {kind:?} is not the run's; expected: {:?}",
                optimizer.name()
            ));
        }
        Some(Memory { t, m, v, .. }) => {
            let expected = |moments: &[DMatrix<f64>]| {
                if moments.is_empty() {
                    0
                } else {
                    architecture.layers()
                }
            };
            let second = read_layers("optimizer.v", v, architecture, expected(&fresh.second))?;
            OptimizerState {
                steps: *t,
                first: read_layers("optimizer.m", m, architecture, expected(&fresh.first))?,
                second: second
                    .iter()
                    .map(|v| v.map(|v| v.unwrap_or(f64::INFINITY)))
                    .collect(),
            }
        }
    };
    Ok(MemberState {
        step: member.step,
        thetas: read_layers(
            "layers",
            &member.layers,
            architecture,
            architecture.layers(),
        )?,
        optimizer: memory,
        first_loss: member.first_loss,
        high_steps: member.high_steps,
        divergence: member.divergence.clone().map(sentence::told),
    })
}

fn read_layers<N: nalgebra::Scalar>(
    at: &str,
    layers: &[Layer<N>],
    architecture: &Architecture,
    expected: usize,
) -> Result<Vec<DMatrix<N>>, String> {
    if layers.len() != expected {
        return Err(format!(
            "{at}: {} layers where {expected} are expected",
            layers.len()
        ));
    }
    let mut thetas = Vec::new();
    for (l, Layer { weight, bias }) in layers.iter().enumerate() {
        let (inputs, outputs) = (architecture.sizes[l], architecture.sizes[l + 1]);
        if weight.len() != outputs {
            return Err(format!(
                "{at}[{l}].weight: {} rows where {outputs} are expected",
                weight.len()
            ));
        }
        if bias.len() != outputs {
            return Err(format!(
                "{at}[{l}].bias: {} numbers where {outputs} are expected",
                bias.len()
            ));
        }
        let weight = matrix(weight, inputs).map_err(|e| format!("{at}[{l}].weight{e}"))?;
        let rows = weight.row_iter().zip(bias);
        let columns = rows.flat_map(|(row, bias)| {
            row.iter()
                .cloned()
                .chain([bias.clone()])
                .collect::<Vec<N>>()
        });
        thetas.push(DMatrix::from_iterator(inputs + 1, outputs, columns));
    }
    Ok(thetas)
}
