//! Table 1 of the paper with the numbers found here under its own.

use super::Plan;
use super::table1::{PAPER, TAUS};
use crate::steps::Rule;

/// J after the last epoch by one rule at each of [`TAUS`]; none where it diverged.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Row {
    /// Which.
    pub rule: Rule,
    /// Whether the paper says so, or it was found here.
    pub paper: bool,
    /// Of each step size.
    pub losses: [Option<f64>; 9],
}

impl Row {
    /// Who says so.
    pub fn from(&self) -> &'static str {
        if self.paper { "paper" } else { "here" }
    }
}

/// The paper's rows, and those found here under them; `ends` has one loss per training of the plan.
pub fn rows(plan: &Plan, ends: &[Option<f64>]) -> Vec<Row> {
    let mut rows = Vec::new();
    let trials: Vec<_> = plan.trials.iter().zip(ends).collect();
    for of_rule in trials.chunk_by(|a, b| a.0.rule == b.0.rule) {
        let rule = of_rule[0].0.rule;
        let paper = PAPER.iter().filter(|(of, _)| *of == rule);
        rows.extend(paper.map(|&(rule, losses)| Row {
            rule,
            paper: true,
            losses,
        }));
        let loss = |tau: f64| {
            let end = of_rule.iter().find(|(trial, _)| trial.tau == tau);
            end.and_then(|(_, loss)| loss.filter(|loss| loss.is_finite()))
        };
        rows.push(Row {
            rule,
            paper: false,
            losses: TAUS.map(loss),
        });
    }
    rows
}
