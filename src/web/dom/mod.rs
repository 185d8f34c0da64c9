//! The document's own words, said shortly: elements, canvases, looks. Knows nothing of what they are used for.

pub(super) mod canvas;
mod elements;
pub(super) mod look;

pub(super) use elements::*;
