//! `window.proxprop`: the page for slides, tests and other tools. Everything answers with a promise. Decks that embed the
//! page ask for the same by messages (`embed`).

use super::page;
use super::parent::VERSION;
use crate::lab::session::Command;
use crate::lab::systems::is_system;
use crate::web::views::related::of_report;
use crate::web::views::view::Drive;
use crate::web::wire::link::Reply;
use crate::web::wire::message::Ask;
use js_sys::{Function, JSON, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;

/// What can be called; each takes at most two values.
pub(super) const CALLS: [(&str, fn(&[JsValue; 2]) -> Promise); 9] = [
    ("load", |[what, _]| load(what)),
    ("play", |_| play()),
    ("pause", |_| pause()),
    ("step", |[steps, _]| step(steps)),
    ("seek", |[to, _]| seek(to)),
    ("set", |[key, value]| set(key, value)),
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

/// Puts the calls into `window.proxprop`, whose `ready` is kept the moment the first run is loaded.
pub(super) fn install(api: &Object) {
    put(api, "version", &VERSION.into());
    for (name, call) in CALLS {
        let call = Closure::<dyn Fn(JsValue, JsValue) -> Promise>::new(
            move |first: JsValue, second: JsValue| call(&[first, second]),
        );
        put(api, name, &call.into_js_value());
    }
    let on = Closure::<dyn Fn(JsValue, JsValue) -> Result<Function, JsValue>>::new(
        |event: JsValue, function: JsValue| {
            let event = name(&event);
            known(&event).map_err(|words| error(&words))?;
            let function = function.dyn_into::<Function>();
            let function = function.map_err(|_| error("on: the second value is no function"))?;
            Ok(page::listen(event, function))
        },
    );
    put(api, "on", &on.into_js_value());
}

fn put(object: &JsValue, name: &str, value: &JsValue) {
    Reflect::set(object, &name.into(), value).expect("plain objects take properties");
}

fn ask(command: Command, reply: Reply) -> Promise {
    page::of_view(&command).unwrap_or_else(|| page::ask(&Ask::Command(command), reply))
}

/// As the button does: what is on the screen plays, not the run behind it.
fn play() -> Promise {
    let of_view = page::of_view(&Command::Play);
    let driven = || page::drive(Drive::Play).then(|| Promise::resolve(&JsValue::UNDEFINED));
    of_view
        .or_else(driven)
        .unwrap_or_else(|| page::ask(&Ask::Command(Command::Play), Reply::Nothing))
}

fn pause() -> Promise {
    page::of_view(&Command::Pause).unwrap_or_else(|| {
        page::drive(Drive::Pause);
        page::ask(&Ask::Command(Command::Pause), Reply::Frame)
    })
}

/// A query string, or a state (as text or as the object that `state()` gave).
fn load(what: &JsValue) -> Promise {
    let Some(text) = text(what) else {
        return refuse(what, "run", "a query string, or a state as state() gave it");
    };
    if text.trim_start().starts_with('{') {
        return match of_report("", &text) {
            Some((query, step)) => page::open_report(&query, step),
            None => page::enter(&Command::LoadState {
                name: String::new(),
                json: text,
            }),
        };
    }
    if is_system(&text) {
        return page::open_system(&text);
    }
    page::enter(&Command::Load { query: text })
}

fn set(key: &JsValue, value: &JsValue) -> Promise {
    let Some(key) = key.as_string() else {
        return refuse(
            key,
            "name of a setting",
            "a text like \"noise\" or \"run2.tau\"",
        );
    };
    let value = text(value).unwrap_or_default();
    ask(Command::Set { key, value }, Reply::Nothing)
}

/// So many steps; without a number one, with 0 none.
fn step(steps: &JsValue) -> Promise {
    let number = if steps.is_undefined() {
        Some(1)
    } else {
        count(steps)
    };
    match number {
        None => refuse(
            steps,
            "number of steps",
            "a number from 0 without a fraction",
        ),
        Some(0) => page::frame(),
        Some(steps) => ask(Command::Step { steps }, Reply::Frame),
    }
}

/// To a step, back or forward.
fn seek(to: &JsValue) -> Promise {
    match count(to) {
        None => refuse(to, "step", "a number from 0 without a fraction"),
        Some(step) => ask(Command::Seek { step }, Reply::Frame),
    }
}

/// A number that counts something; the largest stand for the end.
fn count(value: &JsValue) -> Option<u64> {
    let number = value.as_f64()?;
    (number >= 0.0 && number.fract() == 0.0 || number == f64::INFINITY).then_some(number as u64)
}

fn refuse(value: &JsValue, what: &str, allowed: &str) -> Promise {
    let words = format!("{} is no {what}; allowed: {allowed}", quoted(&name(value)));
    Promise::reject(&error(&words))
}

fn error(words: &str) -> JsValue {
    js_sys::Error::new(words).into()
}

/// What a value is called in a sentence that refuses it.
fn name(value: &JsValue) -> String {
    let number = || value.as_f64().map(|number| number.to_string());
    let kind = || value.js_typeof().as_string();
    let name = number().or_else(|| text(value)).or_else(kind);
    name.unwrap_or_default()
}

/// Texts as they are, numbers and objects as JSON; `None` for what has none, as functions and what holds itself.
fn text(value: &JsValue) -> Option<String> {
    value
        .as_string()
        .or_else(|| JSON::stringify(value).ok()?.as_string())
}
