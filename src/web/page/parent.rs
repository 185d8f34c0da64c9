//! The window that embeds this one: whether there is one, what it is told, and giving it the keyboard back. Knows no call.

use crate::web::dom;
use crate::web::dom::address;
use js_sys::{Object, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::{HtmlElement, Url, Window};

/// The version of the calls, of what they answer with, and of the messages.
pub(super) const VERSION: u32 = 1;

/// The window that embeds this one.
pub(super) fn parent() -> Option<Window> {
    let parent = dom::window().parent().ok().flatten()?;
    (!Object::is(&parent, &dom::window())).then_some(parent)
}

/// The only origin that is heard and told, as the address has it; a slash behind it is none of it.
pub(super) fn only() -> Option<String> {
    let only = address::hash("origin")?;
    Some(only.strip_suffix('/').unwrap_or(&only).to_owned())
}

/// Refuses what is no origin.
///
/// # Errors
/// With a sentence that says what one is.
pub(super) fn check() -> Result<(), String> {
    let Some(only) = only() else { return Ok(()) };
    // The origin of a page from disk.
    if only == "null" || Url::new(&only).is_ok_and(|url| url.origin() == only) {
        return Ok(());
    }
    Err(format!(
        "origin: \"{only}\" is no origin, so nobody is heard; allowed: scheme, host and port, as in https://example.org"
    ))
}

/// Who is told what was not asked for: the origin of the address, or whoever embeds the page.
pub(super) fn anyone() -> String {
    only().map_or_else(|| "*".to_owned(), |only| target(&only))
}

/// A page opened from disk has no origin to be named; its window is the embedding one all the same.
pub(super) fn target(origin: &str) -> String {
    if origin == "null" { "*" } else { origin }.to_owned()
}

/// Tells the embedding page.
pub(super) fn tell(parent: &Window, fields: &[(&str, JsValue)], origin: &str) {
    let message = Object::new();
    let version = ("proxprop", VERSION.into());
    for (name, value) in std::iter::once(&version).chain(fields) {
        Reflect::set(&message, &(*name).into(), value).expect("plain objects take properties");
    }
    // Refused for what is no origin, as a mistake in the address may be: then nobody is told.
    let _ = parent.post_message(&message, origin);
}

/// Keys that belong to the slides; true if this was one. Escape gives the keyboard back, a clicker's keys are handed on.
pub(super) fn key(key: &str) -> bool {
    let event = match key {
        "Escape" => "escape",
        "PageUp" | "PageDown" => "key",
        _ => return false,
    };
    let Some(parent) = parent() else { return false };
    if let Some(active) = dom::document().active_element() {
        // Elements that are none of HTML cannot hold the focus here.
        let _ = active
            .dyn_into::<HtmlElement>()
            .map(|element| element.blur());
    }
    let _ = parent.focus();
    tell(
        &parent,
        &[("event", event.into()), ("key", key.into())],
        &anyone(),
    );
    true
}
