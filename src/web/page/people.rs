//! The document's ears: one listener per kind of event, because elements come and go. Knows the page's methods
//! and what events are called.

use super::keep;
use super::page::{Page, in_turn, with};
use crate::data::bytes::Encoding;
use crate::web::dom;
use crate::web::dom::canvas::measure_again;
use crate::web::dom::file;
use crate::web::dom::pointer::{Gesture, Pointer};
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::{
    BeforeUnloadEvent, ClipboardEvent, DragEvent, Event, EventTarget, KeyboardEvent, PointerEvent,
};

/// Listens from now on.
pub(super) fn listen() {
    on("click", |event: Event| {
        with(|page| dom::target(&event).map(|t| page.click(&t)));
    });
    on("input", |event: Event| {
        with(|page| dom::target(&event).map(|t| page.input(&t)));
    });
    on("change", |event: Event| {
        with(|page| dom::target(&event).map(|t| page.change(&t)));
    });
    on("focusout", |event: Event| {
        if let Some(left) = dom::target(&event) {
            left.remove_attribute("data-dirty").expect("a valid name");
        }
    });
    for name in ["toggle", "close"] {
        on(name, |_: Event| {
            with(Page::toggled);
        });
    }
    on("keydown", |event: KeyboardEvent| {
        let ours = dom::target(&event).and_then(|t| with(|page| page.key(&t, &event)));
        if ours == Some(true) {
            event.prevent_default();
        }
    });
    for (name, gesture) in Gesture::EVENTS {
        on(name, move |event: PointerEvent| {
            let pointer = Pointer::of(&event, gesture);
            with(|page| page.point(&pointer));
        });
    }
    // A page that does not allow dropping lets the browser leave it for the file.
    on("dragover", |event: DragEvent| event.prevent_default());
    on("drop", |event: DragEvent| {
        event.prevent_default();
        match event.data_transfer().map(|data| file::dropped(&data)) {
            Some(Ok(file)) => file.iter().for_each(Page::take_file),
            Some(Err(error)) => {
                with(|_| Page::complain(&error));
            }
            None => {}
        }
    });
    on("paste", |event: ClipboardEvent| {
        let types = dom::target(&event)
            .is_some_and(|t| t.closest("input, textarea").is_ok_and(|t| t.is_some()));
        let text = event
            .clipboard_data()
            .and_then(|data| data.get_data("text").ok());
        if let Some(text) = text.filter(|text| !types && !text.is_empty()) {
            event.prevent_default();
            with(|page| page.open("The pasted text".to_owned(), text, Encoding::Utf8));
        }
    });
    on("visibilitychange", |_: Event| {
        with(Page::check_hidden);
    });
    for (name, paper) in [("beforeprint", true), ("afterprint", false)] {
        on_window(name, move |_: Event| {
            with(|page| page.print(paper));
        });
    }
    on_window("pagehide", |_: Event| {
        with(|page| page.keep.note(&page.shown));
    });
    on_window("beforeunload", |event: BeforeUnloadEvent| {
        if with(|page| page.keep.would_lose()) == Some(true) {
            keep::ask_before(&event);
        }
    });
    on_window("hashchange", |_: Event| {
        with(Page::looked_at);
    });
    on_window("popstate", |_: Event| {
        with(Page::travelled);
    });
    let themed = Closure::<dyn FnMut()>::new(|| {
        with(Page::apply_theme);
    });
    if let Ok(Some(list)) = dom::window().match_media("(prefers-color-scheme: dark)") {
        let changed =
            list.add_event_listener_with_callback("change", themed.into_js_value().unchecked_ref());
        changed.expect("media queries take listeners");
    }
    watch_ratio();
}

/// Hears once that the screen has another pixel ratio, and listens again.
fn watch_ratio() {
    let ratio = dom::window().device_pixel_ratio();
    let Ok(Some(list)) = dom::window().match_media(&format!("(resolution: {ratio}dppx)")) else {
        return;
    };
    let heard = list.clone();
    let changed = Closure::once_into_js(move || {
        heard.set_onchange(None);
        with(|page| measure_again(&page.observer));
        watch_ratio();
    });
    list.set_onchange(Some(changed.unchecked_ref()));
}

fn on<E: JsCast + 'static>(name: &str, act: impl Fn(E) + 'static) {
    add(&dom::document(), name, act);
}

fn on_window<E: JsCast + 'static>(name: &str, act: impl Fn(E) + 'static) {
    add(&dom::window(), name, act);
}

fn add<E: JsCast + 'static>(target: &EventTarget, name: &str, act: impl Fn(E) + 'static) {
    let act = Rc::new(act);
    dom::listen(target, name, move |event: E| {
        let act = Rc::clone(&act);
        in_turn(move || act(event));
    });
}
