//! `window.proxprop`: the page for slides, tests and other tools. Everything answers with a promise. Decks that embed the
//! page ask for the same by messages (`embed`).

use super::page;
use super::parent::VERSION;
use crate::lab::session::Command;
use crate::web::dom;
use crate::web::wire::link::Reply;
use crate::web::wire::message::Ask;
use js_sys::{Function, JSON, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;

/// What can be called; each takes at most two values.
pub(super) const CALLS: [(&str, fn(&[JsValue; 2]) -> Promise); 9] = [
    ("load", |[what, _]| load(what)),
    ("play", |_| ask(Command::Play, Reply::Nothing)),
    ("pause", |_| ask(Command::Pause, Reply::Frame)),
    ("step", |[steps, _]| step(steps)),
    ("seek", |[to, _]| seek(to)),
    ("set", |[key, value]| {
        let (key, value) = (text(key), text(value));
        ask(Command::Set { key, value }, Reply::Nothing)
    }),
    ("state", |_| ask(Command::State, Reply::State)),
    ("frame", |_| page::frame()),
    ("map", |_| page::map()),
];

/// What can be listened to.
const EVENTS: [&str; 7] = ["load", "query", "play", "pause", "frame", "error", "notice"];

/// Refuses what is no event.
///
/// # Errors
/// With a sentence that names those that there are.
pub(super) fn known(event: &str) -> Result<(), String> {
    if EVENTS.contains(&event) {
        return Ok(());
    }
    Err(format!(
        "{}: no such event; known: {}",
        quoted(event),
        EVENTS.join(", ")
    ))
}

/// The beginning of somebody else's text, in quotation marks.
pub(super) fn quoted(text: &str) -> String {
    format!("{:?}", text.chars().take(40).collect::<String>())
}

/// Puts the object into the window. `ready` is kept the moment the first run is loaded.
pub(super) fn install(ready: &Promise) {
    let api = Object::new();
    put(&api, "version", &VERSION.into());
    put(&api, "ready", ready);
    for (name, call) in CALLS {
        let call = Closure::<dyn Fn(JsValue, JsValue) -> Promise>::new(
            move |first: JsValue, second: JsValue| call(&[first, second]),
        );
        put(&api, name, &call.into_js_value());
    }
    let on = Closure::<dyn Fn(String, Function) -> Result<Function, JsValue>>::new(
        |event: String, function| {
            known(&event).map_err(|words| js_sys::Error::new(&words))?;
            Ok(page::listen(event, function))
        },
    );
    put(&api, "on", &on.into_js_value());
    put(&dom::window(), "proxprop", &api);
}

fn put(object: &JsValue, name: &str, value: &JsValue) {
    Reflect::set(object, &name.into(), value).expect("plain objects take properties");
}

fn ask(command: Command, reply: Reply) -> Promise {
    page::ask(&Ask::Command(command), reply)
}

/// A query string, or a state (as text or as the object that `state()` gave).
fn load(what: &JsValue) -> Promise {
    let text = text(what);
    if text.trim_start().starts_with('{') {
        return ask(Command::LoadState { json: text }, Reply::Nothing);
    }
    ask(Command::Load { query: text }, Reply::Nothing)
}

fn step(steps: &JsValue) -> Promise {
    // No number: one step. Numbers are whole and positive, or else nothing happens.
    let steps = steps.as_f64().map_or(1, |n| n.max(0.0) as u64);
    if steps == 0 {
        return page::frame();
    }
    ask(Command::Step { steps }, Reply::Frame)
}

/// To a step, back or forward.
fn seek(step: &JsValue) -> Promise {
    let Some(number) = step.as_f64().filter(|n| !n.is_nan()) else {
        let words = format!("{} is no step; allowed: a number", quoted(&text(step)));
        return Promise::reject(&js_sys::Error::new(&words));
    };
    let step = number.max(0.0) as u64;
    ask(Command::Seek { step }, Reply::Frame)
}

/// Texts as they are, numbers and objects as JSON.
fn text(value: &JsValue) -> String {
    value
        .as_string()
        .or_else(|| JSON::stringify(value).ok()?.as_string())
        .unwrap_or_default()
}
