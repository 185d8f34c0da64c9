//! Every chart once, over plotters' `DrawingBackend`: the page draws it on a canvas, the command line
//! into an SVG file. Knows only frames, never how they came about.
//!
//! Backends count in whole numbers. So that curves are not stair-stepped, everything is laid out on a
//! *lattice* finer than the pixels; [`Theme::unit`] says how many lattice steps a CSS pixel has.

pub mod boundary;
pub mod flow;
pub mod layer_problem;
mod legend;
pub mod lines;
pub mod map;
pub mod network;
mod plane;
pub mod sheet;
pub mod staircase;
pub mod svg;
pub mod theme;

pub use lines::{LineChart, Quantity, Run, XAxis};
pub use map::MapLayout;
pub use theme::Theme;

use plotters_backend::{DrawingBackend, DrawingErrorKind};

/// What drawing on a backend answers.
pub type Drawn<B> = Result<(), DrawingErrorKind<<B as DrawingBackend>::ErrorType>>;
