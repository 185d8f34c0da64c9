//! Every number of a few steps from a state file, in either precision: for tables, tests and other programs.
//! Shaped like `expected` in the reference files; knows no session.

use serde::Serialize;

use super::state::StateFile;
use super::state::document::Layer;
use super::{architecture, sentence};
use crate::Error;
use crate::data::order;
use crate::engine::evaluate::Evaluator;
use crate::engine::{self, Ensemble, Look, Member};
use crate::frame::{Divergence, EnergyAt};
use crate::nn::Real;
use crate::steps::Optimizer;
use crate::steps::penalty::sub_steps;

/// What is computed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// Single precision.
    F32,
    /// Double precision.
    F64,
}

crate::named!(Precision { F32 = "f32", F64 = "f64" });

/// The traces of all members.
#[derive(Serialize)]
pub struct Trace {
    members: Vec<MemberTrace>,
}

#[derive(Serialize)]
struct MemberTrace {
    trace: Vec<StepTrace>,
    /// J over the training set at the end.
    final_loss: f64,
    /// Weights at the end.
    layers: Vec<Layer<f64>>,
    /// Where the trace ends early.
    #[serde(skip_serializing_if = "Option::is_none")]
    divergence: Option<Divergence>,
}

#[derive(Serialize)]
struct StepTrace {
    step: u64,
    /// J over the step's minibatch, before the step.
    loss: f64,
    layers: Vec<LayerTrace>,
    /// E at the sub-steps; only for `sgd`, whose steps the sweep is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    energy: Vec<EnergyAt>,
}

#[derive(Serialize)]
struct LayerTrace {
    grad_norm: f64,
    direction_norm: f64,
    cos_angle: f64,
    lambda_max: f64,
    cg_iterations: u32,
}

/// Makes `steps` steps from a state and writes down every number of each.
///
/// # Errors
/// If the state's numbers do not fit the precision.
pub fn trace(file: &StateFile, steps: u64, precision: Precision) -> Result<Trace, Error> {
    match precision {
        Precision::F64 => trace_in::<f64>(file, steps),
        Precision::F32 => trace_in::<f32>(file, steps),
    }
}

fn trace_in<T: engine::Precision>(file: &StateFile, steps: u64) -> Result<Trace, Error> {
    let (config, data) = (file.config(), file.dataset());
    let architecture = architecture::of_run(config, data);
    let mut ensemble = Ensemble::<T>::new(architecture.clone(), data, config.batch);
    let states = file.member_states::<T>()?;
    let start = states.iter().map(|s| s.step).max().unwrap_or(0);
    for (run, state) in config.runs_at(start).iter().zip(states) {
        ensemble.add_at(run.settings(), state);
    }
    let n = data.training.inputs.nrows();
    let per_epoch = ensemble.steps_per_epoch();
    let mut order = Vec::new();
    let mut traces: Vec<Vec<StepTrace>> = ensemble.members().iter().map(|_| Vec::new()).collect();
    for step in start..start + steps {
        for (i, run) in config.runs_at(step).iter().enumerate() {
            ensemble.set(i, run.settings());
        }
        if step == start || step.is_multiple_of(per_epoch) {
            order::epoch_order(config.seed, step / per_epoch, n, config.batch, &mut order);
        }
        let batch = config.batch.min(n);
        let first = (step % per_epoch) as usize * batch;
        ensemble.step(&order[first..(first + batch).min(n)], Look::ALL);
        for (member, trace) in ensemble.members().iter().zip(&mut traces) {
            if member.state.divergence.is_none() {
                trace.push(step_trace(step, member));
            }
        }
    }
    let mut evaluator = Evaluator::new(&architecture);
    let members = ensemble
        .members()
        .iter()
        .zip(traces)
        .map(|(member, trace)| MemberTrace {
            trace,
            final_loss: evaluator
                .evaluate(&member.state.thetas, ensemble.training())
                .map_or(f64::NAN, |e| e.loss),
            layers: member
                .state
                .thetas
                .iter()
                .map(|t| Layer::of(&t.map(Real::to_f64)))
                .collect(),
            divergence: member.state.divergence.as_ref().map(sentence::divergence),
        });
    Ok(Trace {
        members: members.collect(),
    })
}

fn step_trace<T: Real>(step: u64, member: &Member<T>) -> StepTrace {
    let layers = member.layers.iter().map(|l| LayerTrace {
        grad_norm: l.grad_norm,
        direction_norm: l.direction_norm,
        cos_angle: libm::cos(l.angle_deg.to_radians()),
        lambda_max: l.lambda_max,
        cg_iterations: l.cg_iterations,
    });
    let energy: Vec<EnergyAt> = if member.settings().optimizer == Optimizer::Sgd {
        let names = sub_steps(member.state.thetas.len());
        names
            .into_iter()
            .zip(&member.energy)
            .map(|(at, &value)| EnergyAt { at, value })
            .collect()
    } else {
        Vec::new()
    };
    StepTrace {
        step,
        loss: member.loss,
        layers: layers.collect(),
        energy,
    }
}
