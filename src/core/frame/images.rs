//! What may be looked at of a run on images or on a table of many columns: the answers, filters, the kernel of the minibatch. Knows no
//! network.

use serde::{Deserialize, Serialize};

/// Most images that are shown of those with a wrong answer.
pub const MOST_WRONG: usize = 24;

/// All runs at one step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Images {
    /// Steps made.
    pub step: u64,
    /// Planes, rows and columns of an image; of a table one plane that is a row.
    pub shape: [usize; 3],
    /// What the classes are called.
    pub classes: Vec<String>,
    /// Whose answers are shown.
    pub judged: Judged,
    /// How many those are.
    pub count: usize,
    /// What the minibatch's images have in common.
    pub kernel: Kernel,
    /// The image whose way through the networks is shown: what somebody has drawn, or else the first that is held back.
    pub looked: Looked,
    /// One per run.
    pub runs: Vec<Seen>,
}

/// Whose answers are shown: of what is held back, where there is any.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Judged {
    /// Images that are held back.
    Images,
    /// Rows of a table that are held back.
    Rows,
    /// Rows of a table that are trained on, since none are held back.
    Trained,
}

/// An image that is looked at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Looked {
    /// Its planes, one after the other, row by row, between 0 and 1.
    pub pixels: Vec<f32>,
    /// Its class, where that is known.
    pub class: Option<usize>,
}

/// What a layer answers to an image.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answered {
    /// Per channel its plane, row by row; per neuron one number.
    pub planes: Vec<Vec<f32>>,
    /// Rows and columns of a plane.
    pub shape: [usize; 2],
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
    /// Per hidden layer what it answers to the image that is looked at, pooled.
    pub answered: Vec<Answered>,
    /// How likely each class is to that image.
    pub answer: Vec<f32>,
    /// How likely each class is to what somebody has drawn; empty where nothing is drawn.
    pub reading: Vec<f32>,
}

/// An image with a wrong answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Wrong {
    /// Its planes, one after the other, row by row, between 0 and 1.
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

impl Images {
    /// What a class is called.
    pub fn class(&self, class: usize) -> &str {
        self.classes.get(class).map_or("", String::as_str)
    }
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
