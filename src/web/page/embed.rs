//! The page inside somebody else's (`#embed=1`): held until it is on the screen, asked by messages what `window.proxprop`
//! is asked by calls, and giving the keyboard back. `docs/embedding.md` is the contract. Knows the calls, no run.
//!
//! Only the window that embeds this one is heard (`#origin=` narrows that to one origin), and only it is told anything:
//! answers go to the origin that asked.

use super::api::{CALLS, known, quoted};
use super::page::{self, Page, with};
use super::parent::{VERSION, anyone, check, only, parent, target, tell};
use crate::web::dom;
use js_sys::{Array, Function, Promise, Reflect};
use std::cell::RefCell;
use wasm_bindgen::prelude::*;
use web_sys::{Element, IntersectionObserver, IntersectionObserverEntry, MessageEvent};

thread_local! {
    /// What ends each subscription, by event and origin.
    static SUBSCRIBED: RefCell<Vec<(String, String, Function)>> = const { RefCell::new(Vec::new()) };
}

/// Hears the embedding page from now on, tells it when the first run is `ready`, and watches whether the page is seen.
pub(super) fn begin(ready: &Promise) {
    dom::mark("data-embed", Some("true"));
    watch();
    if let Err(words) = check() {
        with(|_| Page::complain(&words));
    }
    let Some(parent) = parent() else { return };
    let listen =
        Closure::<dyn FnMut(MessageEvent)>::new(|event: MessageEvent| hear(&event)).into_js_value();
    let added = dom::window().add_event_listener_with_callback("message", listen.unchecked_ref());
    added.expect("windows take listeners");
    let told = move |_| {
        let error = dom::by_id::<Element>("error");
        let error = if error.has_attribute("hidden") {
            JsValue::NULL
        } else {
            dom::by_id::<Element>("error-text")
                .text_content()
                .unwrap_or_default()
                .into()
        };
        tell(
            &parent,
            &[
                ("event", "ready".into()),
                ("version", VERSION.into()),
                ("error", error),
            ],
            &anyone(),
        );
    };
    dom::when(ready, told, |_| {});
}

/// Is the page on the screen? Slides that are not shown stand beside it.
fn watch() {
    let seen = Closure::<dyn FnMut(Array)>::new(|entries: Array| {
        let last: IntersectionObserverEntry = entries.get(entries.length() - 1).unchecked_into();
        with(|page| page.set_on_screen(last.is_intersecting()));
    });
    let observer = IntersectionObserver::new(seen.into_js_value().unchecked_ref());
    let observer = observer.expect("browsers watch intersections");
    observer.observe(&dom::by_id("views"));
}

/// A message; what is not of our kind or not from the embedding page is none of our business.
fn hear(event: &MessageEvent) {
    let from_parent = parent().is_some_and(|p| {
        event
            .source()
            .is_some_and(|source| js_sys::Object::is(source.as_ref(), &p))
    });
    let origin = event.origin();
    let wanted = only().is_none_or(|only| only == origin);
    let data = event.data();
    if !from_parent || !wanted || !data.is_object() || field(&data, "proxprop") != VERSION {
        return;
    }
    let (id, call) = (field(&data, "id"), field(&data, "call").as_string());
    let known_id = id.is_string() || id.as_f64().is_some();
    let (Some(call), true) = (call, known_id) else {
        return;
    };
    let args = field(&data, "args");
    let args = if Array::is_array(&args) {
        Array::from(&args)
    } else {
        Array::new()
    };
    let values = [args.get(0), args.get(1)];
    let answer = {
        let (id, origin) = (id.clone(), target(&origin));
        move |key: &'static str, value: JsValue| {
            if let Some(parent) = parent() {
                tell(&parent, &[("id", id.clone()), (key, value)], &origin);
            }
        }
    };
    if let Some((_, call)) = CALLS.iter().find(|(name, _)| *name == call) {
        let kept = answer.clone();
        dom::when(
            &call(&values),
            move |value| kept("result", value),
            move |error| {
                let words = error.dyn_ref::<js_sys::Error>().map(|e| e.message().into());
                answer("error", words.unwrap_or(error));
            },
        );
        return;
    }
    let event = values[0].as_string().unwrap_or_default();
    let event_known = known(&event);
    match (call.as_str(), event_known) {
        ("on" | "off", Err(words)) => answer("error", words.into()),
        ("on", _) => {
            subscribe(&event, &origin);
            answer("result", JsValue::UNDEFINED);
        }
        ("off", _) => {
            unsubscribe(&event, &origin);
            answer("result", JsValue::UNDEFINED);
        }
        _ => {
            let names: Vec<&str> = CALLS.iter().map(|(name, _)| *name).collect();
            answer(
                "error",
                format!(
                    "{}: no such call; known: {}, on, off",
                    quoted(&call),
                    names.join(", ")
                )
                .into(),
            );
        }
    }
}

fn subscribe(event: &str, origin: &str) {
    unsubscribe(event, origin);
    let (name, from, to) = (event.to_owned(), origin.to_owned(), target(origin));
    let listener = Closure::<dyn Fn(JsValue)>::new(move |value: JsValue| {
        // The address may name another by now.
        let wanted = only().is_none_or(|only| only == from);
        if let Some(parent) = parent().filter(|_| wanted) {
            tell(
                &parent,
                &[("event", name.as_str().into()), ("value", value)],
                &to,
            );
        }
    });
    let end = page::listen(event.to_owned(), listener.into_js_value().unchecked_into());
    SUBSCRIBED.with_borrow_mut(|all| all.push((event.to_owned(), origin.to_owned(), end)));
}

fn unsubscribe(event: &str, origin: &str) {
    let ended = SUBSCRIBED.with_borrow_mut(|all| {
        let at = all.iter().position(|(e, o, _)| e == event && o == origin)?;
        Some(all.swap_remove(at))
    });
    if let Some((.., end)) = ended {
        // It only takes the listener out.
        let _ = end.call0(&JsValue::UNDEFINED);
    }
}

fn field(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap_or_default()
}
