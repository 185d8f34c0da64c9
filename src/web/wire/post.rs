//! The worker's end of the line: posting answers, the clock, and how to hear the page between two slices of work. Knows
//! no session.

use super::message::pack;
use js_sys::{Array, Function};
use serde::Serialize;
use std::cell::Cell;
use wasm_bindgen::prelude::*;
use web_sys::{DedicatedWorkerGlobalScope, MessageChannel, MessagePort, Performance};

/// Milliseconds of training before the worker listens again.
const SLICE: f64 = 12.0;
/// Milliseconds of one step after which it does so in its midst.
const LONG: f64 = 40.0;
/// Milliseconds between looks at the clock, about: a look takes as long as a small step.
const UNTIMED: f64 = 0.25;

thread_local! {
    static CLOCK: Performance = scope().performance().expect("workers have a clock");
}

/// The worker's own global scope.
pub(in crate::web) fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

/// Posts an answer to the page.
pub(in crate::web) fn post(answer: &impl Serialize) {
    let bytes = pack(answer);
    let posted = scope().post_message_with_transfer(&bytes, &Array::of1(&bytes.buffer()));
    posted.expect("bytes can be posted");
}

/// Milliseconds.
pub(in crate::web) fn now() -> f64 {
    CLOCK.with(Performance::now)
}

/// A slice of time for training: says how many steps to make before the clock is looked at again, and within a step that takes
/// long, when it is over.
pub(in crate::web) struct Slice {
    start: Cell<f64>,
    before: Cell<f64>,
    steps: Cell<u64>,
    /// How often the clock is not looked at within steps.
    unlooked: Cell<u64>,
}

impl Slice {
    /// From now on.
    pub(in crate::web) fn new() -> Slice {
        Slice {
            start: Cell::new(now()),
            before: Cell::new(f64::NEG_INFINITY),
            steps: Cell::new(1),
            unlooked: Cell::new(0),
        }
    }

    /// Another one, from now on.
    pub(in crate::web) fn begin(&self) {
        self.start.set(now());
    }

    /// The steps to make now; `None` once the time is over.
    pub(in crate::web) fn steps(&self) -> Option<u64> {
        let now = now();
        let steps = self.steps.get();
        self.steps.set(match now - self.before.replace(now) {
            quick if quick < UNTIMED => steps * 2,
            long if long > 4.0 * UNTIMED => (steps / 2).max(1),
            _ => steps,
        });
        (now - self.start.get() < SLICE).then(|| self.steps.get())
    }

    /// Whether it has taken so long that a step is left off in its midst.
    pub(in crate::web) fn is_long(&self) -> bool {
        let unlooked = self.unlooked.get();
        if unlooked > 0 {
            self.unlooked.set(unlooked - 1);
            return false;
        }
        self.unlooked.set(self.steps.get() - 1);
        now() - self.start.get() > LONG
    }
}

/// What calls `tick` once whatever has come from the page is heard, as often as [`Alarm::set`]. A message to oneself comes
/// at once, a timer only after milliseconds.
pub(in crate::web) struct Alarm {
    port: MessagePort,
    tick: Function,
}

impl Alarm {
    /// Calls this function.
    pub(in crate::web) fn new(tick: &JsValue) -> Alarm {
        let channel = MessageChannel::new().expect("workers have channels");
        let tick: &Function = tick.unchecked_ref();
        channel.port1().set_onmessage(Some(tick));
        Alarm {
            port: channel.port2(),
            tick: tick.clone(),
        }
    }

    /// Soon.
    pub(in crate::web) fn set(&self) {
        let posted = self.port.post_message(&JsValue::NULL);
        posted.expect("null can be posted");
    }

    /// When a step is due, where so many steps are already and so many more become so every second.
    pub(in crate::web) fn set_for_step(&self, owed: f64, pace: f64) {
        if owed >= 1.0 || pace >= 1000.0 {
            return self.set();
        }
        let wait = ((1.0 - owed) / pace * 1000.0).ceil().clamp(1.0, 1000.0) as i32;
        let set = scope().set_timeout_with_callback_and_timeout_and_arguments_0(&self.tick, wait);
        set.expect("workers have timers");
    }
}
