//! Explanations of a system's settings and of all that is seen of it. Knows keys and texts.

use crate::lab::systems::Entry;
use crate::web::dom;
use crate::web::widgets::help;
use web_sys::Element;

/// The attribute of a button that explains a setting, and of one that explains what is seen.
const SETTING: &str = "data-about";
const SEEN: &str = "data-term";

/// A button that explains a setting.
pub(super) fn of_setting(key: &str, label: &str) -> Element {
    button(SETTING, key, label)
}

/// Appends a button that explains what is seen, where the system has words for it.
pub(super) fn add(place: &Element, entry: &Entry, key: &str, title: &str) {
    if text(entry, key).is_some() {
        let button = button(SEEN, key, title);
        dom::set(&button, "data-title", title);
        dom::append(place, &button);
    }
}

fn button(of: &str, key: &str, label: &str) -> Element {
    let button = help::button(key, label);
    // The page's own helps are of another table.
    button.remove_attribute("data-help").expect("a valid name");
    dom::set(&button, of, key);
    button
}

fn text(entry: &Entry, key: &str) -> Option<&'static str> {
    let mut all = entry.helps.iter();
    all.find(|help| help.key == key).map(|help| help.text)
}

/// Explains what a button is about; false if that is nothing.
pub(super) fn explain(button: &Element, entry: &Entry) -> bool {
    if let Some(key) = dom::get(button, SETTING) {
        let mut parameters = (entry.parameters)().into_iter();
        if let Some((_, parameter)) = parameters.find(|(_, parameter)| parameter.key == key) {
            help::explain(button, parameter);
        }
        return true;
    }
    let Some(key) = dom::get(button, SEEN) else {
        return false;
    };
    let title = dom::get(button, "data-title").unwrap_or_default();
    help::tell(button, &title, text(entry, &key).unwrap_or_default());
    true
}
