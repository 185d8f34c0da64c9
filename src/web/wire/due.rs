//! Steps that are due by the clock in a worker that plays. Knows nothing of what makes them.

use super::post::{Alarm, now};

/// Steps that are due.
pub(in crate::web) struct Due {
    /// Steps per second.
    pace: f64,
    /// Nobody looks: nothing plays.
    hidden: bool,
    /// Fractional.
    owed: f64,
    /// When `owed` was last brought up to date.
    before: f64,
}

impl Default for Due {
    fn default() -> Due {
        Due {
            pace: 60.0,
            hidden: false,
            owed: 0.0,
            before: 0.0,
        }
    }
}

impl Due {
    /// So many steps per second from now on; infinite for as many as can be made.
    pub(in crate::web) fn set_pace(&mut self, pace: f64) {
        (self.pace, self.owed) = (pace, 0.0);
    }

    /// Steps per second.
    pub(in crate::web) fn pace(&self) -> f64 {
        self.pace
    }

    /// Somebody looks from now on, or nobody.
    pub(in crate::web) fn hide(&mut self, hidden: bool) {
        (self.hidden, self.before) = (hidden, now());
    }

    /// Whether nobody looks.
    pub(in crate::web) fn hidden(&self) -> bool {
        self.hidden
    }

    /// The first step is due now.
    pub(in crate::web) fn begin(&mut self) {
        (self.owed, self.before) = (1.0, now());
    }

    /// Counts what has become due. What could not be kept up with is not caught up on in a burst.
    pub(in crate::web) fn count(&mut self) {
        let now = now();
        let owed = self.owed + (now - self.before) * self.pace / 1000.0;
        (self.owed, self.before) = (owed.min(self.pace * 0.1 + 1.0), now);
    }

    /// Whole steps that are due.
    pub(in crate::web) fn steps(&self) -> u64 {
        self.owed as u64
    }

    /// So many were made.
    pub(in crate::web) fn made(&mut self, steps: u64) {
        self.owed -= steps as f64;
    }

    /// Milliseconds until one is due.
    pub(in crate::web) fn slack(&self) -> f64 {
        let next = (1.0 - self.owed).max(0.0) / self.pace * 1000.0;
        (next - (now() - self.before)).max(0.0)
    }

    /// Sets an alarm for the next one.
    pub(in crate::web) fn wake(&self, alarm: &Alarm) {
        alarm.set_for_step(self.owed, self.pace);
    }
}
