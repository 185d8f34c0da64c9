//! A map as a table and whoever trains it see it, whatever its runs are. Knows no run.

use crate::frame::map::{MapCell, MapFrame};
use crate::lab::config::MapConfig;

/// All cells of a map.
pub trait Cells: Send + Sync {
    /// Which settings it varies.
    fn map(&self) -> &MapConfig;
    /// The map with no cell known.
    fn frame(&self) -> MapFrame;
    /// The whole query with a cell's settings. Every cell of a map has the same map, and maps of the same cells have the same queries.
    fn query(&self, cell: usize) -> String;
    /// The first seed of a cell as a run of its own: maps whose cells are the same have the same.
    fn alone(&self, cell: usize) -> String;
    /// Which run of its query a cell is, from 0.
    fn run(&self, cell: usize) -> usize;
    /// The word that run begins with.
    fn method(&self, cell: usize) -> String;
    /// Where the run of a query stands among the values of each axis; `None` if it has no such run.
    fn here(&self, query: &str) -> Option<Vec<f64>>;
    /// Trains a cell to its end; `None` if that was stopped.
    fn train(&self, cell: usize, stopped: &dyn Fn() -> bool) -> Option<MapCell>;
}
