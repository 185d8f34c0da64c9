//! The *Step-size map* view: the map, who trains its cells, its form, what lies over it. Knows no other view.

mod change;
mod form;
mod glass;
pub(in crate::web) mod pool;
mod survey;
mod training;
pub(in crate::web) mod view;
