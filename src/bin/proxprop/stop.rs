//! Whether it is time to end: Ctrl-C, or a batch system's request. Does not know what ends.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::failure::Refusal;

static STOP: AtomicBool = AtomicBool::new(false);

/// From here on a request to end is heard, and no end by itself.
pub(crate) fn listen() -> Result<(), Refusal> {
    ctrlc::set_handler(stop).map_err(|e| e.to_string())
}

/// As if it had been asked for.
pub(crate) fn stop() {
    STOP.store(true, Ordering::Relaxed);
}

/// Whether it is time.
pub(crate) fn stopped() -> bool {
    STOP.load(Ordering::Relaxed)
}
