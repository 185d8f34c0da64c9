//! When and why a member has diverged, as data: a status of the member, not an error. The words are made elsewhere.

use crate::steps::Breakdown;
use serde::{Deserialize, Serialize};

/// When and why a member has diverged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Divergence {
    /// The step (0-based) that could not be completed, or after which the loss was out of bounds.
    pub step: u64,
    /// Why.
    pub cause: Cause,
}

/// Why a member has diverged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Cause {
    /// A step could not be completed.
    Breakdown(Breakdown),
    /// For so many steps in a row the loss stayed above the level.
    HighLoss {
        /// How many.
        steps: u64,
        /// The level; see [`Ensemble::high_loss`](super::Ensemble::high_loss).
        level: f64,
    },
    /// As somebody has told it who knew no more than the words.
    Told {
        /// The layer (1-based); `None` when it is the loss.
        layer: Option<usize>,
        /// What happened, one sentence without the step.
        reason: String,
    },
}

impl Divergence {
    /// The layer (1-based) in which it was noticed; `None` when it is the loss.
    pub fn layer(&self) -> Option<usize> {
        match &self.cause {
            Cause::Breakdown(breakdown) => breakdown.layer().map(|l| l + 1),
            Cause::HighLoss { .. } => None,
            Cause::Told { layer, .. } => *layer,
        }
    }
}
