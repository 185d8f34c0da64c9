//! Points to learn from: seeded streams, toy sets, points that were drawn or come from a table, images, wines, the minibatch order.
//! Knows no network.

pub mod bytes;
pub mod cifar;
pub mod digits;
pub mod drawn;
pub mod order;
pub mod rng;
pub mod split;
pub mod synthetic;
pub mod toy;
pub mod wine;

use crate::packed;
use nalgebra::DMatrix;
use serde::{Deserialize, Serialize};

pub use toy::generate;

/// Where the points of a run come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataSource {
    /// A disc inside a ring.
    Circle,
    /// Opposite quadrants belong together.
    Xor,
    /// Two half circles that reach into each other.
    Moons,
    /// Two spiral arms.
    Spiral,
    /// Two round clouds.
    Gauss,
    /// Four by four fields of alternating class.
    Checkerboard,
    /// Three spiral arms, three classes.
    Arms3,
    /// Regression: one period of a sine over one input.
    Sine1d,
    /// Regression: a plane over two inputs.
    Plane,
    /// Images of handwritten digits.
    Digits,
    /// Measurements of wines.
    Wine,
    /// Coloured images of ten kinds of things, in files.
    Cifar10,
    /// Points placed by hand.
    Points,
    /// The points of a state file or a table.
    State,
}

crate::named!(DataSource {
    Circle = "circle", Xor = "xor", Moons = "moons", Spiral = "spiral", Gauss = "gauss",
    Checkerboard = "checkerboard", Arms3 = "arms3", Sine1d = "sine1d", Plane = "plane", Digits = "digits", Wine = "wine", Cifar10 = "cifar10", Points = "points", State = "state",
});

/// What a set of images is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Images {
    /// Planes, rows and columns of an image.
    pub shape: [usize; 3],
    /// Classes.
    pub classes: usize,
    /// Most that can be trained on.
    pub most: usize,
    /// Those for validation.
    pub rest: usize,
    /// Points of a minibatch where nothing is said.
    pub batch: usize,
    /// Whether they are in files, which no link holds.
    pub in_files: bool,
}

/// What a table that lies in the engine is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Table {
    /// Columns of numbers.
    pub columns: usize,
    /// Classes of its rows.
    pub classes: usize,
    /// All of its rows: what is not trained on is for validation.
    pub rows: usize,
}

impl Images {
    /// Numbers of an image.
    pub fn numbers(self) -> usize {
        self.shape.iter().product()
    }
}

impl DataSource {
    /// The sets that [`generate`] draws.
    pub const TOY: &[DataSource] = &[
        DataSource::Circle,
        DataSource::Xor,
        DataSource::Moons,
        DataSource::Spiral,
        DataSource::Gauss,
        DataSource::Checkerboard,
        DataSource::Arms3,
        DataSource::Sine1d,
        DataSource::Plane,
    ];

    /// What a person calls it.
    pub fn title(self) -> &'static str {
        match self {
            DataSource::Circle => "Circle",
            DataSource::Xor => "XOR",
            DataSource::Moons => "Moons",
            DataSource::Spiral => "Spirals",
            DataSource::Gauss => "Clouds",
            DataSource::Checkerboard => "Checkerboard",
            DataSource::Arms3 => "Three arms",
            DataSource::Sine1d => "Sine curve",
            DataSource::Plane => "Plane",
            DataSource::Digits => "Handwritten digits",
            DataSource::Wine => "Wines",
            DataSource::Cifar10 => "CIFAR-10",
            DataSource::Points => "Drawn points",
            DataSource::State => "Your table",
        }
    }

    /// Classes of a set, 0 for regression; `None` where the points decide.
    pub fn classes(self) -> Option<usize> {
        match self {
            DataSource::Sine1d | DataSource::Plane => Some(0),
            DataSource::Arms3 => Some(3),
            DataSource::Points | DataSource::State => None,
            _ => {
                let images = self.images().map(|images| images.classes);
                let table = self.table().map(|table| table.classes);
                images.or(table).or(Some(2))
            }
        }
    }

    /// Inputs of a set; `None` where the points decide.
    pub fn inputs(self) -> Option<usize> {
        match self {
            DataSource::Sine1d => Some(1),
            DataSource::Points | DataSource::State => None,
            _ => {
                let images = self.images().map(Images::numbers);
                let table = self.table().map(|table| table.columns);
                images.or(table).or(Some(2))
            }
        }
    }

    /// Most that can be trained on; `None` where points are drawn or come from elsewhere.
    pub fn most(self) -> Option<usize> {
        let table = self.table().map(|table| table.rows);
        self.images().map(|images| images.most).or(table)
    }

    /// Those for validation where `n` are trained on; `None` where the set does not say.
    pub fn held_back(self, n: usize) -> Option<usize> {
        let table = self.table().map(|table| table.rows.saturating_sub(n));
        self.images().map(|images| images.rest).or(table)
    }

    /// Points of a minibatch where nothing is said; `None` where that is as with any points. A table is one.
    pub fn batch(self) -> Option<usize> {
        let table = self.table().map(|table| table.rows);
        self.images().map(|images| images.batch).or(table)
    }

    /// Whether it lies in the whole engine.
    pub fn is_in_the_whole(self) -> bool {
        self.table().is_some() || self.images().is_some_and(|images| !images.in_files)
    }

    /// Whether it is known that its points lie in no plane and on no line.
    pub fn is_beyond_a_plane(self) -> bool {
        self.inputs().is_some_and(|inputs| inputs > 2)
    }

    /// What its images are; `None` where they are points.
    pub fn images(self) -> Option<Images> {
        match self {
            DataSource::Digits => Some(Images {
                shape: [1, 8, 8],
                classes: 10,
                most: 1500,
                rest: 297,
                batch: 100,
                in_files: false,
            }),
            DataSource::Cifar10 => Some(Images {
                shape: [3, 32, 32],
                classes: 10,
                most: 45_000,
                rest: 5000,
                batch: 500,
                in_files: true,
            }),
            _ => None,
        }
    }

    /// What its table is; `None` where it is none that lies in the engine.
    pub fn table(self) -> Option<Table> {
        (self == DataSource::Wine).then_some(Table {
            columns: 13,
            classes: 3,
            rows: 178,
        })
    }
}

/// Points with what should be answered there. Rows are samples.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Points {
    /// `N × d` inputs.
    #[serde(with = "packed::one")]
    pub inputs: DMatrix<f64>,
    /// What should be answered, one per row.
    pub targets: Targets,
}

/// What should be answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Targets {
    /// Class indices, each below `classes`.
    Classes {
        /// One label per sample.
        labels: Vec<u32>,
        /// How many classes there are (outputs of the network).
        classes: usize,
    },
    /// `N × outputs` real values.
    Values(#[serde(with = "packed::one")] DMatrix<f64>),
}

impl Targets {
    /// Outputs of a network that answers so.
    pub fn outputs(&self) -> usize {
        match self {
            Targets::Classes { classes, .. } => *classes,
            Targets::Values(values) => values.ncols(),
        }
    }
}

/// Training and validation points of one task (same inputs, same outputs).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dataset {
    /// What is trained on.
    pub training: Points,
    /// What is only looked at; may have no rows.
    pub validation: Points,
}

impl Dataset {
    /// How many numbers it is: inputs, and an answer for each point.
    pub fn numbers(&self) -> usize {
        let numbers = |points: &Points| points.inputs.len() + points.inputs.nrows();
        numbers(&self.training) + numbers(&self.validation)
    }
}
