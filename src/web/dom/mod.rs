//! The document's own words, said shortly: elements, the address, pointers, keys, files, canvases, colours, what is kept. Knows nothing of
//! what they are used for.

pub(super) mod address;
pub(super) mod brush;
pub(super) mod canvas;
mod elements;
pub(super) mod file;
pub(super) mod keys;
pub(super) mod pointer;
pub(super) mod stored;
pub(super) mod theme;

pub(super) use elements::*;
