//! A line to a worker: requests with numbers, and who waits for their answers. Knows no request.

use super::message::{Request, pack, unpack};
use js_sys::{Array, Function};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::HashMap;
use std::collections::hash_map::IntoValues;
use wasm_bindgen::prelude::*;
use web_sys::{ErrorEvent, MessageEvent, Worker};

/// Why a page's worker starts.
pub(in crate::web) const WORKERS: &str = "main.js has looked for workers";

/// A worker, what it is asked for, and who waits for that.
pub(in crate::web) struct Line<A, P> {
    worker: Worker,
    /// It listens; before that, requests wait here.
    started: bool,
    unsent: Vec<Request<A>>,
    pending: HashMap<u32, P>,
    next_id: u32,
}

impl<A: Serialize, P> Line<A, P> {
    /// To this worker, which has been told nothing yet.
    pub(in crate::web) fn new(worker: Worker) -> Line<A, P> {
        Line {
            worker,
            started: false,
            unsent: Vec::new(),
            pending: HashMap::new(),
            next_id: 0,
        }
    }

    /// Sends a request, or keeps it until the worker listens; its number.
    pub(in crate::web) fn send(&mut self, ask: A, pending: Option<P>) -> u32 {
        self.next_id = self.next_id.wrapping_add(1);
        let request = Request {
            id: self.next_id,
            ask,
        };
        if let Some(pending) = pending {
            self.pending.insert(request.id, pending);
        }
        if self.started {
            post(&self.worker, &request);
        } else {
            self.unsent.push(request);
        }
        self.next_id
    }

    /// The worker listens: sends what has waited.
    pub(in crate::web) fn start(&mut self) {
        self.started = true;
        for request in std::mem::take(&mut self.unsent) {
            post(&self.worker, &request);
        }
    }

    /// Who waited for a request that is done.
    pub(in crate::web) fn done(&mut self, id: u32) -> Option<P> {
        self.pending.remove(&id)
    }

    /// Who waits.
    pub(in crate::web) fn pending(&self) -> impl Iterator<Item = &P> {
        self.pending.values()
    }

    /// Nobody waits any more; who did.
    pub(in crate::web) fn drain(&mut self) -> IntoValues<u32, P> {
        std::mem::take(&mut self.pending).into_values()
    }

    /// Another worker in place of this one, which is let go; nothing is under way.
    pub(in crate::web) fn replace(&mut self, worker: Worker) {
        self.worker.terminate();
        *self = Line {
            next_id: self.next_id,
            ..Line::new(worker)
        };
    }

    /// The worker itself.
    pub(in crate::web) fn worker(&self) -> &Worker {
        &self.worker
    }
}

/// Posts a request to a worker that listens.
pub(in crate::web) fn post(worker: &Worker, request: &impl Serialize) {
    let bytes = pack(request);
    let posted = worker.post_message_with_transfer(&bytes, &Array::of1(&bytes.buffer()));
    posted.expect("bytes can be posted");
}

/// A worker that reports to whoever starts it.
///
/// # Errors
/// Where there can be none.
pub(in crate::web) fn start<A: DeserializeOwned>(
    hire: &Function,
    hear: impl Fn(A) + 'static,
    lost: impl Fn(&str) + 'static,
) -> Result<Worker, JsValue> {
    let worker: Worker = hire.call0(&JsValue::UNDEFINED)?.unchecked_into();
    let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        hear(unpack(&event.data()));
    });
    worker.set_onmessage(Some(on_message.into_js_value().unchecked_ref()));
    let on_error = Closure::<dyn FnMut(JsValue)>::new(move |event: JsValue| {
        let message = event
            .dyn_ref::<ErrorEvent>()
            .map(ErrorEvent::message)
            .filter(|m| !m.is_empty());
        lost(message.as_deref().unwrap_or("it could not be loaded"));
    });
    worker.set_onerror(Some(on_error.into_js_value().unchecked_ref()));
    Ok(worker)
}
