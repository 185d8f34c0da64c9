//! What runs are called, so that they can be told apart. Knows settings, not who shows them.

use super::config::RunConfig;
use super::words::number;
use crate::Named;
use crate::steps::{Optimizer, Shrinkage};

/// A run in words, as on its card and in legends.
pub fn run_name(run: &RunConfig) -> String {
    let mut name = run.rule.name();
    if run.opt != Optimizer::Sgd {
        name = format!("{name} {}", run.opt.name());
    }
    match run.l1_step {
        _ if run.l1 == 0.0 => name,
        Shrinkage::Implicit => name + " l1",
        Shrinkage::Explicit => name + " l1 explicit",
    }
}

/// Names that tell the runs apart: what two share gets their step sizes or numbers.
pub fn run_names(runs: &[RunConfig]) -> Vec<String> {
    let plain: Vec<String> = runs.iter().map(run_name).collect();
    let sized: Vec<String> = plain
        .iter()
        .zip(runs)
        .map(|(name, run)| format!("{name} τ {}", number(run.tau)))
        .collect();
    let twice = |names: &[String], name: &String| names.iter().filter(|n| *n == name).count() > 1;
    (0..runs.len())
        .map(
            |i| match (twice(&plain, &plain[i]), twice(&sized, &sized[i])) {
                (false, _) => plain[i].clone(),
                (true, false) => sized[i].clone(),
                (true, true) => format!("{} no. {}", sized[i], i + 1),
            },
        )
        .collect()
}
