//! The worker's end of the line: posting answers, the clock, and how to hear the page between two slices of work. Knows
//! no session.

use super::message::{Answer, pack};
use js_sys::Array;
use wasm_bindgen::prelude::*;
use web_sys::{DedicatedWorkerGlobalScope, MessageChannel, MessagePort, Performance};

/// Milliseconds of training before the worker listens again.
const SLICE: f64 = 12.0;
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
pub(in crate::web) fn post(answer: &Answer) {
    let bytes = pack(answer);
    let posted = scope().post_message_with_transfer(&bytes, &Array::of1(&bytes.buffer()));
    posted.expect("bytes can be posted");
}

/// Milliseconds.
pub(in crate::web) fn now() -> f64 {
    CLOCK.with(Performance::now)
}

/// A slice of time for training: says how many steps to make before the clock is looked at again.
pub(in crate::web) struct Slice {
    start: f64,
    before: f64,
    steps: u64,
}

impl Slice {
    /// From now on.
    pub(in crate::web) fn new() -> Slice {
        Slice {
            start: now(),
            before: f64::NEG_INFINITY,
            steps: 1,
        }
    }

    /// The steps to make now; `None` once the time is over.
    pub(in crate::web) fn steps(&mut self) -> Option<u64> {
        let now = now();
        match now - self.before {
            quick if quick < UNTIMED => self.steps *= 2,
            long if long > 4.0 * UNTIMED => self.steps = (self.steps / 2).max(1),
            _ => {}
        }
        self.before = now;
        (now - self.start < SLICE).then_some(self.steps)
    }
}

/// What calls `tick` once whatever has come from the page is heard, as often as [`Alarm::set`]. A message to oneself comes
/// at once, a timer only after milliseconds.
pub(in crate::web) struct Alarm(MessagePort);

impl Alarm {
    /// Calls this function.
    pub(in crate::web) fn new(tick: &JsValue) -> Alarm {
        let channel = MessageChannel::new().expect("workers have channels");
        channel.port1().set_onmessage(Some(tick.unchecked_ref()));
        Alarm(channel.port2())
    }

    /// Soon.
    pub(in crate::web) fn set(&self) {
        let posted = self.0.post_message(&JsValue::NULL);
        posted.expect("null can be posted");
    }
}
