//! How many threads work. Does not know at what.

use std::num::NonZeroUsize;
use std::thread;

/// As many as are asked for, or one for each core.
pub(crate) fn threads(asked: Option<u16>) -> usize {
    let cores = || thread::available_parallelism().map_or(1, NonZeroUsize::get);
    asked.map_or_else(cores, usize::from)
}
