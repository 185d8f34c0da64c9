//! Which network a run trains on its points, and by which loss. It trains nothing.

use super::config::Config;
use crate::data::{Dataset, Points, Targets};
use crate::nn::Loss;
use crate::nn::mlp::Architecture;

/// The network of a run on its points; the loss is the task's.
///
/// # Panics
/// When the points have nothing that the run's features look at, or its layers do not fit on them.
pub fn of_run(config: &Config, data: &Dataset) -> Architecture {
    let Points { inputs, targets } = &data.training;
    let network = config.network(inputs.ncols(), targets.outputs());
    let loss = config.task.loss();
    Architecture {
        loss: loss.unwrap_or_else(|| usual(targets)),
        ..network.expect("points and network have been found to fit")
    }
}

fn usual(targets: &Targets) -> Loss {
    match targets {
        Targets::Classes { .. } => Loss::CrossEntropy,
        Targets::Values(_) => Loss::HalfSquared,
    }
}
