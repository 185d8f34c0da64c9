//! Where and why a step could not be completed. Data only: the words are made where people read them.

use serde::{Deserialize, Serialize};
use std::num::FpCategory;

/// Where and why a step could not be completed. Layers and columns count from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Breakdown {
    /// J is not finite, but of this kind.
    Loss(#[serde(with = "Category")] FpCategory),
    /// The proximal system of a layer has no usable pivot in a column.
    Unsolvable {
        /// Which layer.
        layer: usize,
        /// The first column whose pivot is no positive finite number.
        column: usize,
    },
    /// `D` of a layer has an entry that is not finite.
    Direction {
        /// Which layer.
        layer: usize,
    },
    /// The step made an entry of Θ of a layer that is not finite.
    Weights {
        /// Which layer.
        layer: usize,
    },
    /// The network cannot be stepped as a whole.
    TooLarge(TooLarge),
}

/// Why a network is too large to be stepped as a whole; see [`prox_point`](super::prox_point).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TooLarge {
    /// It has so many parameters.
    Parameters(usize),
    /// So many parameters meet so many points in a minibatch.
    Work {
        /// Entries of all Θ.
        parameters: usize,
        /// Most points of a minibatch.
        minibatch: usize,
    },
}

/// The kinds of numbers, for who writes them down.
#[derive(Serialize, Deserialize)]
#[serde(remote = "FpCategory")]
enum Category {
    Nan,
    Infinite,
    Zero,
    Subnormal,
    Normal,
}

impl Breakdown {
    /// Where J is no finite number.
    pub fn of_loss(loss: f64) -> Breakdown {
        Breakdown::Loss(loss.classify())
    }

    /// The same, in the last of so many layers where it was beyond them.
    #[must_use]
    pub fn within(mut self, layers: usize) -> Breakdown {
        if let Breakdown::Unsolvable { layer, .. }
        | Breakdown::Direction { layer }
        | Breakdown::Weights { layer } = &mut self
        {
            *layer = (*layer).min(layers - 1);
        }
        self
    }

    /// The layer (from 0); `None` where it is J or the network as a whole.
    pub fn layer(self) -> Option<usize> {
        match self {
            Breakdown::Unsolvable { layer, .. }
            | Breakdown::Direction { layer }
            | Breakdown::Weights { layer } => Some(layer),
            Breakdown::Loss(_) | Breakdown::TooLarge(_) => None,
        }
    }
}
