//! The first screen: a card per system, with its question, what it has to do with explicit and implicit steps, and whose it is. Knows no
//! system by name.

use crate::frame::stage::Picture;
use crate::lab::systems::SYSTEMS;
use crate::plot::{Theme, svg};
use crate::web::dom;
use web_sys::{Element, HtmlImageElement};

/// The pixels of a picture.
const SIZE: (u32, u32) = (320, 320);

/// Fills `place`.
pub(super) fn fill(place: &Element) {
    for entry in SYSTEMS {
        let (about, told) = (entry.about, entry.told);
        let card: Element = dom::element("article", "panel", "");
        let picture: Element = dom::element("img", "", "");
        dom::set(&picture, "data-picture", about.name);
        dom::set(&picture, "alt", "");
        let head: Element = dom::element("div", "head", "");
        dom::append(&head, &picture);
        dom::append(&head, &dom::element("h3", "", about.title));
        dom::append(&head, &dom::element("p", "question", told.question));
        dom::append(&card, &head);
        for (class, words) in [("", told.relation), ("hint", told.citation)] {
            dom::append(&card, &dom::element("p", class, words));
        }
        let row: Element = dom::element("div", "row", "");
        let query = ["v=1&system=", about.name].concat();
        let open = button("primary", "Open", "data-system", &query);
        dom::set(&open, "aria-label", &format!("Open {}", about.title));
        dom::append(&row, &open);
        for preset in about.presets {
            let button = button("", preset.title, "data-preset", preset.name);
            dom::set(&button, "title", preset.question);
            dom::append(&row, &button);
        }
        dom::append(&card, &row);
        dom::append(place, &card);
    }
}

/// Puts a system's picture on its card.
pub(super) fn show(place: &Element, system: &str, picture: &Picture, theme: &Theme) {
    let image = format!("[data-picture='{system}']");
    if let Some(image) = dom::seek::<HtmlImageElement>(place, &image) {
        let svg = svg::sketch(picture, SIZE, theme);
        let svg = String::from(js_sys::encode_uri_component(&svg));
        image.set_src(&["data:image/svg+xml,", &svg].concat());
        image.set_alt(&picture.words);
    }
}

fn button(class: &str, words: &str, name: &str, value: &str) -> Element {
    let button: Element = dom::element("button", class, words);
    dom::set(&button, "type", "button");
    dom::set(&button, name, value);
    button
}
