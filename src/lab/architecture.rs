//! Which network a run trains on its points, and by which loss. It trains nothing.

use super::config::Config;
use crate::data::{Dataset, Targets};
use crate::engine::cpu::architecture_for;
use crate::nn::Loss;
use crate::nn::mlp::Architecture;

/// The network of a run on its points; the loss is the task's.
///
/// # Panics
/// When the points have nothing that the run's features look at.
pub fn of_run(config: &Config, data: &Dataset) -> Architecture {
    let loss = config.task.loss();
    let loss = loss.unwrap_or_else(|| usual(&data.training.targets));
    let inputs = config.inputs(data.training.inputs.ncols());
    let inputs = inputs.expect("points and features have been found to fit");
    architecture_for(data, &config.hidden, config.act, loss).with_inputs(inputs)
}

fn usual(targets: &Targets) -> Loss {
    match targets {
        Targets::Classes { .. } => Loss::CrossEntropy,
        Targets::Values(_) => Loss::HalfSquared,
    }
}
