//! The first screen: a card per system, with its question, what it has to do with explicit and implicit steps, and whose it is. Knows no
//! system by name.

use crate::lab::presets::Preset;
use crate::lab::systems::{Entry, SYSTEMS};
use crate::web::dom;
use web_sys::Element;

/// Fills `place`.
pub(super) fn fill(place: &Element) {
    for entry in SYSTEMS {
        let about = entry.about;
        let card: Element = dom::element("article", "panel", "");
        dom::append(&card, &dom::element("h3", "", about.title));
        for (class, words) in [
            ("question", about.question),
            ("", about.relation),
            ("hint", about.citation),
        ] {
            dom::append(&card, &dom::element("p", class, words));
        }
        let row: Element = dom::element("div", "row", "");
        let open = button("primary", "Open", "data-system", about.name);
        dom::set(&open, "aria-label", &format!("Open {}", about.title));
        dom::append(&row, &open);
        for preset in about.presets {
            let button = button("", preset.title, "data-question", preset.name);
            dom::set(&button, "title", preset.question);
            dom::append(&row, &button);
        }
        dom::append(&card, &row);
        dom::append(place, &card);
    }
}

fn button(class: &str, words: &str, name: &str, value: &str) -> Element {
    let button: Element = dom::element("button", class, words);
    dom::set(&button, "type", "button");
    dom::set(&button, name, value);
    button
}

/// The query that a button of the screen asks for, and the preset that it is.
pub(super) fn chosen(button: &Element) -> Option<(String, Option<&'static Preset>)> {
    if let Some(name) = dom::get(button, "data-system") {
        return Some((format!("v=1&system={name}"), None));
    }
    let name = dom::get(button, "data-question")?;
    let preset = preset(&name)?;
    Some((preset.query.to_owned(), Some(preset)))
}

/// The preset of a name.
pub(super) fn preset(name: &str) -> Option<&'static Preset> {
    let all = SYSTEMS.iter().flat_map(|entry: &Entry| entry.about.presets);
    all.into_iter().find(|preset| preset.name == name)
}
