//! Many steps in one go: what an engine that is far away is asked for, and what it answers.

use super::member::MemberState;

/// Steps in a row, and whether anybody wants to know where the members stand after them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// How many.
    pub steps: u64,
    /// Whether the members are read back.
    pub read: bool,
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
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// Its state; a member that is given up for its high losses has no divergence yet.
    pub state: MemberState<f32>,
    /// J of its last minibatch.
    pub loss: f64,
    /// Smallest and largest minibatch J of the stretch; `None` if it made no step.
    pub range: Option<[f64; 2]>,
    /// Steps made in the stretch.
    pub steps: u64,
    /// Matrix-multiplication work of the stretch; see [`crate::steps::work::flops`].
    pub flops: u64,
}
