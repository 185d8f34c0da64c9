//! What runs are called, so that they can be told apart. Knows settings, not who shows them.

use super::config::{Config, RunConfig};
use super::words::number;
use crate::Named;
use crate::steps::{Optimizer, Shrinkage};

/// A run in words, as on its card and in legends.
pub fn run_name(run: &RunConfig) -> String {
    let mut name = run.rule.name();
    if run.opt != Optimizer::Sgd {
        name = format!("{name} {}", run.opt.name());
    }
    if run.flat > 0.0 {
        name += " flat";
    }
    if run.adv > 0.0 {
        name += " adv";
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

/// Names for whole curves up to a step: a run that a change has given its name says from which step on it has it.
pub fn curve_names(config: &Config, step: u64) -> Vec<String> {
    let names_at = |step: u64| run_names(&config.runs_at(step));
    let mut names = names_at(step);
    for change in config.changes.iter().rev().filter(|c| c.step <= step) {
        let (run, since) = (change.run, change.step);
        let own = |step| names_at(step).swap_remove(run);
        let name = own(since);
        if name != own(since.saturating_sub(1)) && names[run] == name {
            names[run] = format!("{name} from step {since}");
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_that_has_changed_its_name_says_since_when() {
        let query = "run=backprop,tau:10&run=prox-exact,tau:1&change=40,1,rule:prox-exact&change=60,2,tau:3";
        let config = Config::parse(query).unwrap();
        assert_eq!(curve_names(&config, 39), ["BackProp", "ProxProp"]);
        assert_eq!(
            curve_names(&config, 50),
            ["ProxProp τ 10 from step 40", "ProxProp τ 1"]
        );
        assert_eq!(
            curve_names(&config, 60),
            ["ProxProp τ 10 from step 40", "ProxProp τ 3 from step 60"]
        );
    }
}
