//! `window.proxprop`: the page for slides, tests and other tools. Everything answers with a promise.

use super::link::Reply;
use super::message::Ask;
use super::page;
use crate::lab::session::Command;
use js_sys::{Function, JSON, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;

/// Puts the object into the window. `ready` is kept the moment the first run is loaded.
pub(super) fn install(ready: &Promise) {
    let api = Object::new();
    put(&api, "version", &1.into());
    put(&api, "ready", ready);
    put(&api, "load", &closure1(load));
    put(
        &api,
        "play",
        &closure0(|| ask(Command::Play, Reply::Nothing)),
    );
    put(
        &api,
        "pause",
        &closure0(|| ask(Command::Pause, Reply::Frame)),
    );
    put(&api, "step", &closure1(step));
    put(&api, "seek", &closure1(seek));
    let set =
        Closure::<dyn Fn(JsValue, JsValue) -> Promise>::new(|key: JsValue, value: JsValue| {
            ask(
                Command::Set {
                    key: text(&key),
                    value: text(&value),
                },
                Reply::Nothing,
            )
        });
    put(&api, "set", &set.into_js_value());
    put(
        &api,
        "state",
        &closure0(|| ask(Command::State, Reply::State)),
    );
    put(&api, "frame", &closure0(page::frame));
    put(&api, "map", &closure0(page::map));
    let on = Closure::<dyn Fn(String, Function) -> Function>::new(page::listen);
    put(&api, "on", &on.into_js_value());
    put(&super::dom::window(), "proxprop", &api);
}

fn put(object: &JsValue, name: &str, value: &JsValue) {
    Reflect::set(object, &name.into(), value).expect("plain objects take properties");
}

fn closure0(act: fn() -> Promise) -> JsValue {
    Closure::<dyn Fn() -> Promise>::new(act).into_js_value()
}

fn closure1(act: fn(&JsValue) -> Promise) -> JsValue {
    Closure::<dyn Fn(JsValue) -> Promise>::new(move |value: JsValue| act(&value)).into_js_value()
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
    let step = step.as_f64().map_or(0, |n| n.max(0.0) as u64);
    ask(Command::Seek { step }, Reply::Frame)
}

/// Texts as they are, numbers and objects as JSON.
fn text(value: &JsValue) -> String {
    value
        .as_string()
        .unwrap_or_else(|| JSON::stringify(value).map_or(String::new(), String::from))
}
