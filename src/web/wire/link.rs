//! The page's line to its worker: requests with numbers, and who waits for their answers. Knows no view.

use super::line::{Line, WORKERS, start};
use super::message::{Answer, Ask};
use crate::lab::session::Command;
use js_sys::Function;
use std::collections::HashMap;
use wasm_bindgen::prelude::*;
use web_sys::Worker;

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
    line: Line<Ask, Pending>,
    /// Answers with a new worker.
    hire: Function,
    hear: fn(Answer),
    lost: fn(&str),
    /// The runs asked for that have not come yet, with their texts.
    entries: HashMap<u32, (Entry, String)>,
    /// When the worker was last heard, or first owed an answer.
    heard: f64,
    /// The worker is gone.
    pub(in crate::web) crashed: bool,
    /// Promises broken by that.
    pub(in crate::web) calls: Vec<Call>,
}

impl Link {
    /// Hires a worker. Its answers go to `hear`, why it stopped to `lost`.
    pub(in crate::web) fn new(hire: Function, hear: fn(Answer), lost: fn(&str)) -> Link {
        Link {
            line: Line::new(start(&hire, hear, lost).expect(WORKERS)),
            hire,
            hear,
            lost,
            entries: HashMap::new(),
            heard: 0.0,
            crashed: false,
            calls: Vec::new(),
        }
    }

    /// Sends a request, or keeps it until the worker listens.
    pub(in crate::web) fn send(&mut self, ask: Ask, pending: Pending) {
        self.request(ask, pending);
    }

    /// The same; its number, if there is anybody to be asked.
    fn request(&mut self, ask: Ask, pending: Pending) -> Option<u32> {
        if self.crashed {
            self.refuse(pending);
            return None;
        }
        // All commands are answered; what the worker is merely told need not be.
        let answered = matches!(ask, Ask::Command(_));
        if answered && self.line.pending().next().is_none() {
            self.hear();
        }
        Some(self.line.send(ask, answered.then_some(pending)))
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
        let Some(id) = self.request(Ask::Command(run), pending) else {
            return;
        };
        self.entries.insert(id, (entry, text));
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
        self.line.start();
    }

    /// The worker has said something.
    pub(in crate::web) fn hear(&mut self) {
        self.heard = now();
    }

    /// Milliseconds for which the worker has owed an answer and said nothing.
    pub(in crate::web) fn silence(&self) -> Option<f64> {
        let owed = self.line.pending().next().is_some() && !self.crashed;
        owed.then(|| now() - self.heard)
    }

    /// The worker itself.
    pub(in crate::web) fn worker(&self) -> &Worker {
        self.line.worker()
    }

    /// Who waited for a request that is done.
    pub(in crate::web) fn done(&mut self, id: u32) -> Pending {
        self.entries.remove(&id);
        self.line.done(id).unwrap_or(Pending::Nobody)
    }

    /// The worker is gone: breaks all promises.
    pub(in crate::web) fn crash(&mut self) {
        self.crashed = true;
        for pending in self.line.drain() {
            self.refuse(pending);
        }
    }

    /// Lets the worker go.
    pub(in crate::web) fn end(&self) {
        self.line.worker().terminate();
    }

    /// Another worker in place of this one; nothing is under way.
    pub(in crate::web) fn restart(&mut self) {
        let worker = start(&self.hire, self.hear, self.lost).expect(WORKERS);
        self.line.replace(worker);
        self.entries.clear();
        self.crashed = false;
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
