//! Cases of *Ranking a rare class*: what they have in common. Replays none.

pub(super) mod metrics;
pub(super) mod operators;
pub(super) mod stream;

use serde::Deserialize;

use super::kind::{some, within};
use crate::Named;
use crate::systems::auc::{Decay, Features, Penalty, Schedule};

/// A step size for each step, as it is written.
#[derive(Deserialize)]
struct WrittenSchedule {
    kind: String,
    eta0: f64,
    #[serde(default)]
    mu: f64,
}

impl WrittenSchedule {
    fn read(&self) -> Result<Schedule, String> {
        let decay = Decay::of_name(&self.kind).ok_or_else(|| {
            format!(
                "sched: {:?} is not known; allowed: {}",
                self.kind,
                Decay::NAMES.join(", ")
            )
        })?;
        let &WrittenSchedule { eta0, mu, .. } = self;
        Ok(Schedule { decay, eta0, mu })
    }
}

/// A penalty with its groups, as it is written.
#[derive(Deserialize)]
struct WrittenPenalty {
    l1: f64,
    lg: f64,
    l2: f64,
    groups: Vec<Vec<usize>>,
}

impl WrittenPenalty {
    fn read(&self) -> Penalty {
        let &WrittenPenalty { l1, lg, l2, .. } = self;
        Penalty { l1, lg, l2 }
    }

    /// Whether the groups are of `d` weights.
    fn fits(&self, d: usize) -> Result<(), String> {
        let beyond = self.groups.iter().flatten().find(|&&j| j >= d);
        beyond.map_or(Ok(()), |j| {
            Err(format!("groups: {j} is out of range; allowed: below {d}"))
        })
    }
}

/// Features, as they are written.
#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum WrittenFeatures {
    Linear,
    Poly { degree: usize },
    Rbf { centres: Vec<[f64; 2]>, h: f64 },
}

impl WrittenFeatures {
    fn read(self) -> Result<Features, String> {
        Ok(match self {
            WrittenFeatures::Linear => Features::Linear,
            WrittenFeatures::Poly { degree } => {
                within("degree", degree, 30)?;
                Features::Monomials { degree }
            }
            WrittenFeatures::Rbf { centres, h } => {
                some("centres", &centres)?;
                Features::Bumps { centres, width: h }
            }
        })
    }
}

/// Which of these labels, 1 and −1, are positive.
fn positives(y: &[f64]) -> Result<Vec<bool>, String> {
    y.iter().map(|&y| positive(y)).collect()
}

/// Whether this label, 1 or −1, is positive.
fn positive(y: f64) -> Result<bool, String> {
    match y {
        1.0 => Ok(true),
        -1.0 => Ok(false),
        other => Err(format!("y: {other} is no label; allowed: 1, -1")),
    }
}

/// Checks that two lists are of the same length.
fn alike(what: &str, length: usize, wanted: usize) -> Result<(), String> {
    if length == wanted {
        return Ok(());
    }
    Err(format!("{what}: {length} numbers; allowed: {wanted}"))
}
