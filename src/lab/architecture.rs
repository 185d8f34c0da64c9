//! Which network a run trains on its points, and by which loss. It trains nothing.

use super::config::{Config, Task};
use crate::data::{Dataset, Targets};
use crate::engine::cpu::architecture_for;
use crate::nn::Loss;
use crate::nn::mlp::Architecture;

/// The network of a run on its points; the loss is the task's.
pub fn of_run(config: &Config, data: &Dataset) -> Architecture {
    let loss = of_task(config.task).unwrap_or_else(|| usual(&data.training.targets));
    architecture_for(data, &config.hidden, config.act, loss)
}

/// The loss that a task is measured by; `None` where the points decide.
pub(super) fn of_task(task: Task) -> Option<Loss> {
    match task {
        Task::Auto => None,
        Task::Classify => Some(Loss::CrossEntropy),
        Task::Regress => Some(Loss::HalfSquared),
    }
}

fn usual(targets: &Targets) -> Loss {
    match targets {
        Targets::Classes { .. } => Loss::CrossEntropy,
        Targets::Values(_) => Loss::HalfSquared,
    }
}
