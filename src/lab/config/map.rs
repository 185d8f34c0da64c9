//! The key `map`: which settings of which run a map varies. Knows no settings and trains nothing.
//!
//! `RUN,axis:from..to*count[,axis:from..to*count][,seeds:K]`, the run counted from 1; the first axis goes across,
//! the second upwards, and each cell is the mean over K seeds.

mod axis;
mod text;
mod zoom;

use crate::lab::row::Parameter;
use crate::lab::words::number;
use std::fmt;
pub(in crate::lab) use text::Axes;
pub(super) use text::MAP;
pub use zoom::Part;

/// Most values on an axis.
pub const MAX_COUNT: usize = 1024;
/// Most seeds per cell.
pub const MAX_SEEDS: u32 = 100;

/// A step-size map: one run, trained from every cell of a grid of settings.
#[derive(Clone, Debug, PartialEq)]
pub struct MapConfig {
    /// The run that is varied, from 0; everything that is no axis is as it has it.
    pub run: usize,
    /// One or two, the first across.
    pub axes: Vec<Axis>,
    /// Seeds averaged per cell: the run's and those that follow it.
    pub seeds: u32,
}

/// A setting and the values it takes.
#[derive(Clone, Debug)]
pub struct Axis {
    parameter: &'static Parameter,
    from: f64,
    to: f64,
    count: usize,
}

impl PartialEq for Axis {
    fn eq(&self, other: &Axis) -> bool {
        (self.key(), self.range()) == (other.key(), other.range())
    }
}

impl fmt::Display for MapConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.run + 1)?;
        for axis in &self.axes {
            let (key, (from, to, count)) = (axis.key(), axis.range());
            write!(f, ",{key}:{}..{}*{count}", number(from), number(to))?;
        }
        write!(f, ",seeds:{}", self.seeds)
    }
}
