//! What may be looked at of a run on images: the answers to those that are held back, filters, the kernel of the minibatch. Knows no
//! network.

use serde::{Deserialize, Serialize};

/// Most images that are shown of those with a wrong answer.
pub const MOST_WRONG: usize = 24;

/// All runs at one step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Images {
    /// Steps made.
    pub step: u64,
    /// Planes, rows and columns of an image.
    pub shape: [usize; 3],
    /// How many are held back.
    pub held_back: usize,
    /// What the minibatch's images have in common.
    pub kernel: Kernel,
    /// One per run.
    pub runs: Vec<Seen>,
}

/// What a network has made of the images.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Seen {
    /// The run's name.
    pub name: String,
    /// Images with a wrong answer, the most confident first; at most [`MOST_WRONG`].
    pub wrong: Vec<Wrong>,
    /// `classes × classes`: how many images of a class (row) got each answer (column).
    pub confusion: Vec<Vec<u32>>,
    /// The first layer's weights: per neuron or channel those of a plane, row by row; where there are several planes, their mean.
    pub filters: Vec<Vec<f32>>,
    /// Rows and columns of a filter.
    pub filter: [usize; 2],
    /// How likely each class is to what somebody has drawn; empty where nothing is drawn.
    pub reading: Vec<f32>,
}

/// An image with a wrong answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Wrong {
    /// Its first plane, row by row, between 0 and 1.
    pub pixels: Vec<f32>,
    /// The answer.
    pub given: usize,
    /// What would have been right.
    pub right: usize,
    /// How likely the network holds its answer to be.
    pub confidence: f32,
}

/// `ÂÂᵀ` of images, as a share of its largest entry, sorted by class.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Kernel {
    /// The classes in order, one per row.
    pub labels: Vec<u32>,
    /// Row by row.
    pub values: Vec<f32>,
}

impl Seen {
    /// How many images were answered wrongly.
    pub fn errors(&self) -> u32 {
        let rows = self.confusion.iter().enumerate();
        rows.flat_map(|(right, row)| {
            row.iter()
                .enumerate()
                .map(move |(given, n)| (right, given, n))
        })
        .filter(|(right, given, _)| right != given)
        .map(|(.., n)| n)
        .sum()
    }

    /// The most likely class of what is drawn, and how likely it is.
    pub fn read(&self) -> Option<(usize, f32)> {
        let classes = self.reading.iter().copied().enumerate();
        classes.reduce(|best, other| if other.1 > best.1 { other } else { best })
    }
}
