//! Light or dark: what was chosen, what the system wants, and the colours that stylesheets share with charts.

use super::dom;
use crate::plot::Theme;
use web_sys::{Element, HtmlElement};

/// Whether the browser answers yes to a media query.
pub(super) fn media(query: &str) -> bool {
    dom::window()
        .match_media(query)
        .ok()
        .flatten()
        .is_some_and(|list| list.matches())
}

/// The other of light and dark, from now on.
pub(super) fn toggle(now: &Theme) {
    let theme = if now.dark { "light" } else { "dark" };
    dom::store("theme", theme);
    dom::set(&root(), "data-theme", theme);
}

/// The theme now wanted, put into the document.
pub(super) fn apply() -> Theme {
    let root = root();
    let chosen = stored();
    match &chosen {
        Some(theme) => dom::set(&root, "data-theme", theme),
        None => root.remove_attribute("data-theme").expect("a valid name"),
    }
    let dark = chosen.map_or_else(
        || media("(prefers-color-scheme: dark)"),
        |theme| theme == "dark",
    );
    let theme = if dark { Theme::dark() } else { Theme::light() };
    for (name, colors) in [("run", &theme.runs), ("class", &theme.classes)] {
        for (index, color) in colors.iter().enumerate() {
            let css = format!("rgb({} {} {})", color.0, color.1, color.2);
            root.style()
                .set_property(&format!("--{name}-{}", index + 1), &css)
                .expect("a valid property");
        }
    }
    let words = if dark {
        "Switch to light colours"
    } else {
        "Switch to dark colours"
    };
    dom::set(&dom::by_id::<Element>("theme"), "aria-label", words);
    theme
}

fn root() -> HtmlElement {
    use wasm_bindgen::JsCast;
    let root = dom::document().document_element();
    root.expect("a page has a root").unchecked_into()
}

/// The theme chosen before, or on this page where nothing can be stored.
fn stored() -> Option<String> {
    dom::stored("theme")
        .or_else(|| dom::get(&root(), "data-theme"))
        .filter(|theme| theme == "dark" || theme == "light")
}
