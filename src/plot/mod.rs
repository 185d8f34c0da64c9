//! Every chart once, over plotters' `DrawingBackend`: the page draws it on a canvas, the command line
//! into an SVG file. Knows only frames, never how they came about.
//!
//! Backends count in whole numbers. So that curves are not stair-stepped, everything is laid out on a
//! *lattice* finer than the pixels; [`Theme::unit`] says how many lattice steps a CSS pixel has.

pub mod axes;
pub mod bands;
pub mod bars;
pub mod boundary;
pub mod code;
pub mod curves;
pub mod flow;
pub mod images;
pub mod layer_problem;
mod legend;
mod lines;
pub mod losses;
pub mod map;
pub mod network;
pub mod neurons;
pub mod note;
pub mod number;
mod plane;
pub mod quantity;
pub mod records;
pub mod series;
pub mod sheet;
pub mod stage;
pub mod staircase;
pub mod svg;
pub mod theme;

pub use curves::LineChart;
pub use map::MapLayout;
pub use quantity::{Quantity, XAxis};
pub use records::Run;
pub use theme::Theme;

use plotters_backend::{DrawingBackend, DrawingErrorKind};

/// What drawing on a backend answers.
pub type Drawn<B> = Result<(), DrawingErrorKind<<B as DrawingBackend>::ErrorType>>;
