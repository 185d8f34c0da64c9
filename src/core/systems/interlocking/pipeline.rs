//! When devices do their part: the ops of every batch on every device, in exact times. No device starts a batch before it has made its
//! own update of the one before, so no weight is ever stale: the pipeline says when, never what. It knows no network.

use crate::steps::reach::{Combine, Hearing};

/// Most modules of a pipeline.
pub const MOST_MODULES: usize = 16;

/// What a module's ops take.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Costs {
    /// Forward.
    pub f: f64,
    /// A gradient through the module to its input.
    pub x: f64,
    /// The gradient of its weights.
    pub w: f64,
    /// An auxiliary head, forward and back.
    pub aux: f64,
    /// From device to device.
    pub comm: f64,
    /// Whether a message leaves after the first x units of a backward op, not at its end.
    pub split: bool,
}

impl Costs {
    /// A unit for all that a module does, heads and messages for nothing.
    pub const USUAL: Costs = Costs {
        f: 1.0,
        x: 1.0,
        w: 1.0,
        aux: 0.0,
        comm: 0.0,
        split: false,
    };
}

/// What a device does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// Forward.
    F,
    /// The auxiliary head, forward and back.
    A,
    /// Passes the gradient of this loss on.
    X(usize),
    /// Backward of what it hears, this loss or several up to it, and the update.
    B(usize),
}

/// An op where it lies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Event {
    /// The device, from 0.
    pub device: usize,
    /// What it does.
    pub op: Op,
    /// When it starts.
    pub start: f64,
    /// When it ends.
    pub end: f64,
}

/// The devices between two batches.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pipeline {
    /// When each has made its last update.
    free: [f64; MOST_MODULES],
    /// When the last batch was complete on all of them.
    pub complete: f64,
}

impl Default for Pipeline {
    fn default() -> Pipeline {
        Pipeline {
            free: [0.0; MOST_MODULES],
            complete: 0.0,
        }
    }
}

impl Pipeline {
    /// One more batch through so many modules; `see` is told every op, device by device from the top, each in its order, its forward
    /// op first.
    ///
    /// # Panics
    /// When there are more than [`MOST_MODULES`].
    pub fn batch(
        &mut self,
        modules: usize,
        hearing: Hearing,
        costs: &Costs,
        mut see: impl FnMut(Event),
    ) {
        assert!(modules <= MOST_MODULES, "pipeline: {modules} modules");
        let mut forward = [0.0; MOST_MODULES];
        let mut sent = 0.0;
        for (begin, &free) in forward.iter_mut().zip(&self.free).take(modules) {
            *begin = f64::max(free, sent);
            sent = *begin + costs.f + costs.comm;
        }
        // When the gradient of each loss has arrived from above.
        let mut message = [0.0; MOST_MODULES];
        self.complete = 0.0;
        for device in (0..modules).rev() {
            let mut now = forward[device];
            let mut run = |op, from: f64, length: f64| {
                let start = now.max(from);
                now = start + length;
                see(Event {
                    device,
                    op,
                    start,
                    end: now,
                });
                (start, now)
            };
            run(Op::F, 0.0, costs.f);
            if device + 1 < modules && (hearing.n < modules || hearing.combine != Combine::Last) {
                run(Op::A, 0.0, costs.aux);
            }
            let arrived =
                |message: &[f64], loss: usize| if loss > device { message[loss] } else { 0.0 };
            let heard = hearing.heard(device, modules);
            let last = *heard.end();
            let waits = heard
                .map(|loss| arrived(&message, loss))
                .fold(0.0, f64::max);
            for loss in hearing.passed_on(device, modules) {
                let (_, end) = run(Op::X(loss), arrived(&message, loss), costs.x);
                message[loss] = end + costs.comm;
            }
            let (start, end) = run(Op::B(last), waits, costs.x + costs.w);
            if hearing.is_single(device, modules) {
                message[last] = if costs.split { start + costs.x } else { end } + costs.comm;
            }
            self.free[device] = end;
            self.complete = self.complete.max(end);
        }
    }
}
