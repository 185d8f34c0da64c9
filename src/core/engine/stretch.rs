//! Many steps in one go: what an engine that is far away is asked for, and what it answers.

use super::cost::Cost;
use super::evaluate::Evaluation;
use super::member::MemberState;
use crate::frame::LayerFrame;
use serde::{Deserialize, Serialize};

/// Steps in a row, and whether anybody wants to know where the members stand after them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stretch {
    /// How many.
    pub steps: u64,
    /// Whether the members are read back.
    pub read: bool,
    /// Whether it is one step that is recorded: an engine that can looks into it, and evaluates where it begins.
    pub recorded: bool,
}

/// Which training points each step learns from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Minibatches {
    orders: Vec<Vec<u32>>,
}

impl Minibatches {
    /// Adds a step on the training points `order` (ignored for the full batch).
    pub fn push(&mut self, order: &[u32]) {
        self.orders.push(order.to_vec());
    }

    /// Per step, its training points.
    pub fn orders(&self) -> &[Vec<u32>] {
        &self.orders
    }
}

/// Where a member stands after a stretch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Its state; a member that is given up for its high losses has no divergence yet.
    pub state: MemberState<f32>,
    /// J of its last minibatch.
    pub loss: f64,
    /// Smallest and largest minibatch J of the stretch; `None` if it made no step.
    pub range: Option<[f64; 2]>,
    /// What the stretch has cost.
    pub expense: Expense,
    /// What was seen of its step, if that is recorded and the engine has looked.
    pub sight: Option<Sight>,
}

/// What a stretch has cost a member.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Expense {
    /// Its share, where it was trained together with others.
    Shared {
        /// Steps made.
        steps: u64,
        /// Seconds of compute.
        seconds: f64,
        /// Matrix-multiplication work; see [`crate::steps::work::flops`].
        flops: u64,
    },
    /// Its steps are timed as the ensemble's are: what all of them have cost so far.
    Own(Cost),
}

/// What a record says of a step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sight {
    /// J and accuracy where it began, on the training points.
    pub training: Option<Evaluation>,
    /// The same on the validation points.
    pub validation: Option<Evaluation>,
    /// E at its sub-steps.
    pub energy: Vec<f64>,
    /// The layers' diagnostics.
    pub layers: Vec<LayerFrame>,
}
