//! The *Step-size map* view: the map, who trains its cells, its form, what lies over it. Knows of the other views only where
//! a cell's run is trained.

pub(in crate::web) mod change;
pub(in crate::web) mod form;
pub(in crate::web) mod glass;
pub(in crate::web) mod pool;
mod survey;
mod training;
pub(in crate::web) mod view;
