//! What takes the whole engine, asked of a worker that has a part of it: it waits here, with all that is asked after it, until `main.js`
//! has fetched the whole, and goes to the worker that then takes this one's place. Knows no session.

use crate::web::wire::message::{Request, pack};
use crate::web::wire::post::scope;
use js_sys::Array;
use std::cell::RefCell;
use wasm_bindgen::JsValue;

/// By which `main.js` is asked for the whole engine.
const WHOLE: &str = "whole";

thread_local! {
    /// What waits, as it was asked; nothing while nothing has to.
    static WAITING: RefCell<Option<Vec<Request>>> = const { RefCell::new(None) };
}

/// The whole engine is asked for. These requests wait for it, the last of which it takes.
pub(super) fn wait(requests: Vec<Request>) {
    WAITING.set(Some(requests));
    tell(&WHOLE.into());
}

/// Whether something waits.
pub(super) fn is_awaited() -> bool {
    WAITING.with_borrow(Option::is_some)
}

/// The request, unless it has to wait behind others.
pub(super) fn pass(request: Request) -> Option<Request> {
    WAITING.with_borrow_mut(|waiting| match waiting {
        Some(waiting) => {
            waiting.push(request);
            None
        }
        None => Some(request),
    })
}

/// The engine is there, and what waits goes there; or, for this reason, it is not: what waits comes back.
pub(super) fn answered(why_not: &str) -> Vec<Request> {
    let waiting = WAITING.take().unwrap_or_default();
    if !why_not.is_empty() {
        return waiting;
    }
    tell(&waiting.iter().map(pack).collect::<Array>());
    Vec::new()
}

/// Tells `main.js`, whose messages are no bytes.
fn tell(message: &JsValue) {
    let told = scope().post_message(message);
    told.expect("texts and bytes can be posted");
}
