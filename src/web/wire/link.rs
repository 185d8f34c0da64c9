//! The page's line to its worker: requests with numbers, and who waits for their answers. Knows no view.

use super::message::{Answer, Ask, Request, pack, unpack};
use crate::lab::session::Command;
use js_sys::{Array, Function};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::HashMap;
use wasm_bindgen::prelude::*;
use web_sys::{ErrorEvent, MessageEvent, Worker};

/// A function of somebody else's, to be called with a value once nothing of ours is borrowed.
pub(in crate::web) type Call = (Function, JsValue);

/// What a promise is kept with.
#[derive(Clone, Copy, PartialEq)]
pub(in crate::web) enum Reply {
    /// `undefined`.
    Nothing,
    /// The frame now on the screen.
    Frame,
    /// The state asked for.
    State,
}

/// What question and view do when a run comes onto the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::web) enum Entry {
    /// It is a run of its own: they are those of the preset that its text names, or there is no question.
    Own,
    /// The lecture has turned to it: they are the item's.
    Turned,
    /// It is the run on the page with other settings: they stay.
    Changed,
}

/// Who waits for the worker's answer.
pub(in crate::web) enum Pending {
    /// Nobody.
    Nobody,
    /// A person, who sees errors; a form's field is named.
    Person(Option<String>),
    /// A person who wants the state as a file.
    Save,
    /// The view that has a step taken apart.
    Dissection,
    /// A person who has opened a table.
    Table,
    /// A person who draws points.
    Drawing,
    /// A person who scrubs: the next place is sent when this one is reached.
    Seek,
    /// The first load: if it fails, the default run is loaded.
    First,
    /// A run that was kept in the tab: if it does not come back, the address is loaded.
    Kept,
    /// A promise.
    Promise {
        /// Keeps it.
        resolve: Function,
        /// Breaks it.
        reject: Function,
        /// What it is kept with.
        reply: Reply,
    },
}

/// The worker, and what is under way.
pub(in crate::web) struct Link {
    worker: Worker,
    /// Answers with a new worker.
    hire: Function,
    hear: fn(Answer),
    lost: fn(&str),
    /// The worker listens; before that, requests wait here.
    started: bool,
    unsent: Vec<Request>,
    pending: HashMap<u32, Pending>,
    /// The runs asked for that have not come yet, with their texts.
    entries: HashMap<u32, (Entry, String)>,
    /// When the worker was last heard, or first owed an answer.
    heard: f64,
    next_id: u32,
    /// The worker is gone.
    pub(in crate::web) crashed: bool,
    /// Promises broken by that.
    pub(in crate::web) calls: Vec<Call>,
}

impl Link {
    /// Hires a worker. Its answers go to `hear`, why it stopped to `lost`.
    pub(in crate::web) fn new(hire: Function, hear: fn(Answer), lost: fn(&str)) -> Link {
        Link {
            worker: start(&hire, hear, lost).expect(WORKERS),
            hire,
            hear,
            lost,
            started: false,
            unsent: Vec::new(),
            pending: HashMap::new(),
            entries: HashMap::new(),
            heard: 0.0,
            next_id: 0,
            crashed: false,
            calls: Vec::new(),
        }
    }

    /// Sends a request, or keeps it until the worker listens.
    pub(in crate::web) fn send(&mut self, ask: Ask, pending: Pending) {
        if self.crashed {
            return self.refuse(pending);
        }
        self.next_id = self.next_id.wrapping_add(1);
        let request = Request {
            id: self.next_id,
            ask,
        };
        // All commands are answered; what the worker is merely told need not be.
        if matches!(request.ask, Ask::Command(_)) {
            if self.pending.is_empty() {
                self.hear();
            }
            self.pending.insert(request.id, pending);
        }
        if self.started {
            post(&self.worker, &request);
        } else {
            self.unsent.push(request);
        }
    }

    /// Goes to another run, and plays it if it `plays`. Whatever leads to a run comes through here: the address, a call,
    /// the gallery, a lesson, a cell of the map, a file.
    pub(in crate::web) fn enter(
        &mut self,
        run: Command,
        entry: Entry,
        plays: bool,
        pending: Pending,
    ) {
        let text = match &run {
            Command::Load { query } => query.clone(),
            _ => String::new(),
        };
        self.send(Ask::Command(run), pending);
        if self.crashed {
            return;
        }
        self.entries.insert(self.next_id, (entry, text));
        if plays {
            self.send(Ask::Command(Command::Play), Pending::Nobody);
        }
    }

    /// The run that a request asked for comes next: what becomes of question and view, and its text.
    pub(in crate::web) fn entered(&mut self, id: u32) -> Option<(Entry, String)> {
        self.entries.remove(&id)
    }

    /// Sends what a person wants, who sees the error if it is refused.
    pub(in crate::web) fn person(&mut self, command: Command) {
        self.send(Ask::Command(command), Pending::Person(None));
    }

    /// The worker listens: sends what has waited.
    pub(in crate::web) fn start(&mut self) {
        self.started = true;
        for request in std::mem::take(&mut self.unsent) {
            post(&self.worker, &request);
        }
    }

    /// The worker has said something.
    pub(in crate::web) fn hear(&mut self) {
        self.heard = now();
    }

    /// Milliseconds for which the worker has owed an answer and said nothing.
    pub(in crate::web) fn silence(&self) -> Option<f64> {
        let owed = !self.pending.is_empty() && !self.crashed;
        owed.then(|| now() - self.heard)
    }

    /// The worker itself.
    pub(in crate::web) fn worker(&self) -> &Worker {
        &self.worker
    }

    /// Who waited for a request that is done.
    pub(in crate::web) fn done(&mut self, id: u32) -> Pending {
        self.entries.remove(&id);
        self.pending.remove(&id).unwrap_or(Pending::Nobody)
    }

    /// The worker is gone: breaks all promises.
    pub(in crate::web) fn crash(&mut self) {
        self.crashed = true;
        for (_, pending) in std::mem::take(&mut self.pending) {
            self.refuse(pending);
        }
    }

    /// Lets the worker go.
    pub(in crate::web) fn end(&self) {
        self.worker.terminate();
    }

    /// Another worker in place of this one; nothing is under way.
    pub(in crate::web) fn restart(&mut self) {
        self.worker.terminate();
        *self = Link {
            next_id: self.next_id,
            calls: std::mem::take(&mut self.calls),
            ..Link::new(self.hire.clone(), self.hear, self.lost)
        };
    }

    fn refuse(&mut self, pending: Pending) {
        if let Pending::Promise { reject, .. } = pending {
            self.calls.push((reject, stopped()));
        }
    }
}

/// Why a promise is not kept once the worker has stopped.
pub(in crate::web) fn stopped() -> JsValue {
    js_sys::Error::new("the worker stopped").into()
}

/// Milliseconds since the page was opened.
fn now() -> f64 {
    let clock = web_sys::window().and_then(|window| window.performance());
    clock.map_or(0.0, |clock| clock.now())
}

/// Posts a request to a worker that listens.
pub(in crate::web) fn post(worker: &Worker, request: &impl Serialize) {
    let bytes = pack(request);
    let posted = worker.post_message_with_transfer(&bytes, &Array::of1(&bytes.buffer()));
    posted.expect("bytes can be posted");
}

/// Why a page's worker starts.
pub(in crate::web) const WORKERS: &str = "main.js has looked for workers";

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
