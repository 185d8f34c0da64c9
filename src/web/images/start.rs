//! How the view comes to be: its ears, and the one function by which the page asks for things. Knows the view's methods.

use super::view::View;
use crate::named::Named;
use crate::web::dom;
use crate::web::dom::keys;
use crate::web::dom::pointer::{Gesture, Pointer};
use crate::web::wire::images::{Call, News};
use crate::web::wire::message::unpack;
use js_sys::{Array, Function, Uint8Array};
use std::cell::RefCell;
use wasm_bindgen::prelude::*;
use web_sys::{Element, Event, KeyboardEvent, PointerEvent, ResizeObserver, ResizeObserverEntry};

thread_local! {
    static VIEW: RefCell<Option<View>> = const { RefCell::new(None) };
    /// By which the page is told.
    static TELL: RefCell<Option<Function>> = const { RefCell::new(None) };
}

/// Puts the view into the page; `tell` is called with a name and a value whenever the page has to know something. Answers with the function
/// by which the page asks: a name, and a value.
///
/// # Panics
/// When `index.html` is not the one that belongs to this build.
pub fn start_images(tell: Function) -> Function {
    std::panic::set_hook(Box::new(|info| {
        console_error_panic_hook::hook(info);
        say(News::Fault, &JsValue::UNDEFINED);
    }));
    TELL.set(Some(tell));
    dom::add_styles(include_str!("style.css"));
    let resized = Closure::<dyn FnMut(Array)>::new(|entries: Array| {
        with(|view| {
            for entry in entries.iter() {
                let entry: ResizeObserverEntry = entry.unchecked_into();
                view.resized(&entry);
            }
            // At once: a resized canvas is empty until it is drawn on.
            view.draw();
        });
    });
    let observer = ResizeObserver::new(resized.into_js_value().unchecked_ref());
    VIEW.set(Some(View::new(observer.expect("browsers watch sizes"))));
    listen();
    let asked =
        Closure::<dyn Fn(String, JsValue) -> JsValue>::new(|what: String, value: JsValue| {
            let call = Call::of_name(&what).expect("both sides are the same build");
            with(|view| answer(view, call, &value)).unwrap_or_default()
        });
    asked.into_js_value().unchecked_into()
}

/// Does something with the view. Nothing while the view is being changed.
fn with<T>(act: impl FnOnce(&mut View) -> T) -> Option<T> {
    VIEW.with(|view| view.try_borrow_mut().ok()?.as_mut().map(act))
}

fn say(what: News, value: &JsValue) {
    if let Some(tell) = TELL.with_borrow(Option::clone) {
        let told = tell.call2(&JsValue::UNDEFINED, &what.name().into(), value);
        told.expect("the page only listens");
    }
}

/// What the page asks for.
fn answer(view: &mut View, what: Call, value: &JsValue) -> JsValue {
    match what {
        Call::Show => view.take(unpack(value)),
        Call::Colours => view.recolour(),
        Call::Pictures => return view.pictures().into(),
        Call::Picture => {
            let values = value.unchecked_ref::<Array>();
            let number = |k| values.get(k).as_f64().unwrap_or_default() as u32;
            let key = values.get(0).as_string().unwrap_or_default();
            return view.picture(&key, (number(1), number(2))).into();
        }
        Call::Numbers => {
            let key = value.as_string().unwrap_or_default();
            return view.numbers(&key).into();
        }
    }
    JsValue::UNDEFINED
}

/// Tells the page what is drawn on the field.
fn tell_drawn(pixels: &[u8]) {
    say(News::Drawn, &Uint8Array::from(pixels));
}

/// Hears what people do on the field.
fn listen() {
    let field: Element = dom::by_id("images-field");
    for (name, gesture) in Gesture::EVENTS {
        dom::listen(&field, name, move |event: PointerEvent| {
            let pointer = Pointer::of(&event, gesture);
            if let Some(pixels) = with(|view| view.point(&pointer)).flatten() {
                event.prevent_default();
                tell_drawn(&pixels);
            }
        });
    }
    dom::listen(&field, "keydown", |event: KeyboardEvent| {
        let key = keys::meaning(&event);
        let pixels = with(|view| view.key(&key)).flatten();
        if let Some(pixels) = pixels.filter(|_| !event.ctrl_key() && !event.meta_key()) {
            event.prevent_default();
            tell_drawn(&pixels);
        }
    });
    dom::listen(
        &dom::by_id::<Element>("images-clear"),
        "click",
        |_: Event| {
            if let Some(pixels) = with(View::clear) {
                tell_drawn(&pixels);
            }
        },
    );
}
