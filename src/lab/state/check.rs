//! From the document of a state file to what a run consists of: everything that does not fit together is found here, and
//! told in one sentence that begins with its place in the document. Knows no JSON.

use nalgebra::DMatrix;

use super::document::{Answer, Data, Layer, Member, Memory, Number, Validation};
use crate::Named;
use crate::data::{Dataset, Points, Targets};
use crate::engine::{MemberState, Settings};
use crate::lab::architecture;
use crate::lab::config::Config;
use crate::lab::sentence;
use crate::nn::mlp::Architecture;
use crate::steps::{OptimizerState, Reach};

/// Most inputs, outputs and points.
const MAX_WIDTH: usize = 1024;
const MAX_POINTS: usize = 200_000;

/// The points; whether the run fits on them is another question.
pub(super) fn dataset(data: &Data, config: &Config) -> Result<Dataset, String> {
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
    if let Some(loss) = config.task.loss().filter(|l| l.classifies() != classify) {
        let needed = if loss.classifies() {
            "a class"
        } else {
            "a list of numbers"
        };
        let task = config.task.name();
        return Err(format!("data.y: task={task} needs {needed} per point"));
    }
    if classify && data.outputs < 2 {
        return Err("data.outputs: classes need at least 2 outputs".to_owned());
    }
    let points = |at: &str, x: &[Vec<Number>], y: &[Answer]| {
        read_points(at, x, y, inputs, data.outputs, classify)
    };
    let training = points("data", &data.x, &data.y)?;
    let validation = match &data.validation {
        Some(Validation { x, y }) => points("data.validation", x, y)?,
        None => points("data.validation", &[], &[])?,
    };
    Ok(Dataset {
        training,
        validation,
    })
}

/// The members, all of them at the same step unless they diverged.
pub(super) fn members(
    members: &[Member],
    config: &Config,
    data: &Dataset,
) -> Result<Vec<MemberState<f64>>, String> {
    let architecture = architecture::of_run(config, data);
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
            read_member(member, &architecture, config, i).map_err(|e| format!("members[{i}].{e}"))
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
        None => Ok(members),
    }
}

fn read_points(
    at: &str,
    x: &[Vec<Number>],
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
    let x: Vec<&[Number]> = x.iter().map(Vec::as_slice).collect();
    let matrix_of = |name: &str, rows: &[&[Number]], width| {
        let matrix = matrix(rows, width, |n| n.0).map_err(|e| format!("{at}.{name}{e}"))?;
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
fn matrix<N: Copy, R: AsRef<[N]>>(
    rows: &[R],
    width: usize,
    number: fn(N) -> f64,
) -> Result<DMatrix<f64>, String> {
    match rows.iter().position(|r| r.as_ref().len() != width) {
        Some(i) => Err(format!(
            "[{i}]: {} numbers where {width} are expected",
            rows[i].as_ref().len()
        )),
        None => Ok(DMatrix::from_row_iterator(
            rows.len(),
            width,
            rows.iter().flat_map(AsRef::as_ref).copied().map(number),
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
        && !(1..=architecture.layers.len()).contains(&l)
    {
        return Err(format!(
            "divergence.layer: {l} is out of range; allowed: 1 to {}",
            architecture.layers.len()
        ));
    }
    let Settings {
        optimizer, reach, ..
    } = config.runs_at(member.step)[i].settings();
    // With the auxiliary heads of its reach, if it comes from a run that has them.
    let mut like = architecture.zeros();
    if member.layers.len() > like.len() {
        Reach::fit(reach, architecture, &mut like);
    }
    let fresh = OptimizerState::new(optimizer, &like);
    let memory = match &member.optimizer {
        None => fresh,
        Some(Memory { kind, .. }) if kind != optimizer.name() => {
            return Err(format!(
                "optimizer.kind: {kind:?} is not the run's; expected: {:?}",
                optimizer.name()
            ));
        }
        Some(Memory { t, m, v, .. }) => {
            let overflown = |v: Option<Number>| v.map_or(f64::INFINITY, |v| v.0);
            OptimizerState {
                steps: *t,
                second: read_layers("optimizer.v", v, overflown, &fresh.second)?,
                first: read_layers("optimizer.m", m, |n| n.0, &fresh.first)?,
            }
        }
    };
    let mut state = MemberState {
        step: member.step,
        thetas: read_layers("layers", &member.layers, |n| n.0, &like)?,
        optimizer: memory,
        first_loss: member.first_loss.map(|n| n.0),
        high_steps: member.high_steps,
        divergence: member.divergence.clone().map(sentence::told),
    };
    state.fit(architecture, reach);
    Ok(state)
}

fn read_layers<N: Copy>(
    at: &str,
    layers: &[Layer<N>],
    number: fn(N) -> f64,
    like: &[DMatrix<f64>],
) -> Result<Vec<DMatrix<f64>>, String> {
    if layers.len() != like.len() {
        return Err(format!(
            "{at}: {} layers where {} are expected",
            layers.len(),
            like.len()
        ));
    }
    let mut thetas = Vec::new();
    for (l, Layer { weight, bias }) in layers.iter().enumerate() {
        let (inputs, outputs) = like[l].shape();
        let inputs = inputs - 1;
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
        let weight = matrix(weight, inputs, number).map_err(|e| format!("{at}[{l}].weight{e}"))?;
        let rows = weight.row_iter().zip(bias);
        let columns = rows.flat_map(|(row, bias)| {
            row.iter()
                .copied()
                .chain([number(*bias)])
                .collect::<Vec<f64>>()
        });
        thetas.push(DMatrix::from_iterator(inputs + 1, outputs, columns));
    }
    Ok(thetas)
}
