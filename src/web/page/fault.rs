//! What is left to do when the page itself has met a fault of its own: a sentence, a way to begin again, and the state that
//! the worker still has. Knows the worker, and of the page only whether it still moves.

use super::page;
use crate::lab::session::{Command, Event};
use crate::web::dom;
use crate::web::dom::file;
use crate::web::wire::line::post;
use crate::web::wire::message::{Answer, Ask, Request, unpack};
use std::cell::{Cell, RefCell};
use wasm_bindgen::prelude::*;
use web_sys::{Element, Event as DomEvent, MessageEvent, Worker};

thread_local! {
    /// The worker with the run.
    static WORKER: RefCell<Option<Worker>> = const { RefCell::new(None) };
    /// Something has panicked.
    static PANICKED: Cell<bool> = const { Cell::new(false) };
    /// It has been told.
    static TOLD: Cell<bool> = const { Cell::new(false) };
}

/// Watches for faults from now on.
pub(super) fn watch() {
    std::panic::set_hook(Box::new(|info| {
        console_error_panic_hook::hook(info);
        PANICKED.set(true);
    }));
    for name in ["error", "unhandledrejection"] {
        // What throws while the page is being changed leaves it half changed, for good.
        dom::listen(&dom::window(), name, |_: DomEvent| {
            dom::later(0, || {
                if PANICKED.get() || page::is_stuck() {
                    tell();
                }
            });
        });
    }
}

/// This worker has the run from now on.
pub(super) fn stand_by(worker: &Worker) {
    WORKER.set(Some(worker.clone()));
}

/// Says so.
pub(super) fn tell() {
    if TOLD.replace(true) {
        return;
    }
    let document = dom::document();
    // One that belongs to another build may lack what it is told in.
    let Some(place) = document.get_element_by_id("fault") else {
        return;
    };
    dom::show(&place, true);
    let press = |id: &str, act: fn()| {
        if let Some(button) = document.get_element_by_id(id) {
            dom::listen(&button, "click", move |_: DomEvent| act());
        }
    };
    press("fault-reload", dom::reload);
    press("fault-save", save);
}

/// Has the worker give the state, as a file.
fn save() {
    WORKER.with_borrow(|worker| {
        let Some(worker) = worker else { return };
        let hear = Closure::<dyn Fn(MessageEvent)>::new(|event: MessageEvent| {
            match unpack(&event.data()) {
                Answer::Event(Event::State(state)) => {
                    file::save("proxprop-state.json", "application/json", &state, say);
                }
                Answer::Done { result, .. } => result.unwrap_or_else(|why| say(&why)),
                _ => {}
            }
        });
        worker.set_onmessage(Some(hear.into_js_value().unchecked_ref()));
        let ask = Ask::Command(Command::State);
        post(worker, &Request { id: 0, ask });
    });
}

fn say(words: &str) {
    dom::write(&dom::by_id::<Element>("fault-said"), words);
}
