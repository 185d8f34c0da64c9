//! The document's ears: one listener per kind of event, because elements come and go. Knows the page's methods
//! and what events are called.

use super::page::{Page, with};
use crate::data::bytes::Encoding;
use crate::web::dom;
use crate::web::dom::file;
use crate::web::dom::pointer::{Gesture, Pointer};
use wasm_bindgen::prelude::*;
use web_sys::{ClipboardEvent, DragEvent, Element, Event, KeyboardEvent, PointerEvent};

/// Listens from now on.
pub(super) fn listen() {
    on("click", |event: Event| {
        with(|page| target(&event).map(|t| page.click(&t)));
    });
    on("input", |event: Event| {
        with(|page| target(&event).map(|t| page.input(&t)));
    });
    on("change", |event: Event| {
        with(|page| target(&event).map(|t| page.change(&t)));
    });
    on("focusout", |event: Event| {
        if let Some(left) = target(&event) {
            left.remove_attribute("data-dirty").expect("a valid name");
        }
    });
    on("toggle", |_: Event| {
        with(Page::toggled);
    });
    on("keydown", |event: KeyboardEvent| {
        let ours = target(&event).and_then(|t| with(|page| page.key(&t, &event)));
        if ours == Some(true) {
            event.prevent_default();
        }
    });
    for (name, gesture) in [
        ("pointermove", Gesture::Move),
        ("pointerdown", Gesture::Down),
        ("pointerup", Gesture::Up),
        ("pointerleave", Gesture::Leave),
        ("pointercancel", Gesture::Cancel),
    ] {
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
                with(|page| page.complain(&error));
            }
            None => {}
        }
    });
    on("paste", |event: ClipboardEvent| {
        let types =
            target(&event).is_some_and(|t| t.closest("input, textarea").is_ok_and(|t| t.is_some()));
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
    let chosen = Closure::<dyn FnMut()>::new(|| {
        with(Page::looked_at);
    });
    let listens = dom::window()
        .add_event_listener_with_callback("hashchange", chosen.into_js_value().unchecked_ref());
    listens.expect("windows take listeners");
    let travelled = Closure::<dyn FnMut()>::new(|| {
        with(Page::travelled);
    });
    let listens = dom::window()
        .add_event_listener_with_callback("popstate", travelled.into_js_value().unchecked_ref());
    listens.expect("windows take listeners");
    let themed = Closure::<dyn FnMut()>::new(|| {
        with(Page::apply_theme);
    });
    if let Ok(Some(list)) = dom::window().match_media("(prefers-color-scheme: dark)") {
        let changed =
            list.add_event_listener_with_callback("change", themed.into_js_value().unchecked_ref());
        changed.expect("media queries take listeners");
    }
}

fn on<E: JsCast + 'static>(name: &str, mut act: impl FnMut(E) + 'static) {
    let listener =
        Closure::<dyn FnMut(JsValue)>::new(move |event: JsValue| act(event.unchecked_into()));
    let added = dom::document().add_event_listener_with_callback_and_bool(
        name,
        listener.into_js_value().unchecked_ref(),
        // Some events do not bubble, but all come down to their element.
        true,
    );
    added.expect("documents take listeners");
}

fn target(event: &Event) -> Option<Element> {
    event.target()?.dyn_into().ok()
}
