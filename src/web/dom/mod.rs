//! The document's own words, said shortly: elements, the address, pointers, files, canvases, colours. Knows nothing of
//! what they are used for.

pub(super) mod address;
pub(super) mod canvas;
mod elements;
pub(super) mod file;
pub(super) mod pointer;
pub(super) mod theme;

pub(super) use elements::*;
