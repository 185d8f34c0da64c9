//! What is refused of what people enter: said at the top and beside the field, with a button to close each. Knows elements, and
//! not why.

use crate::web::dom;
use std::cell::RefCell;
use web_sys::Element;

thread_local! {
    static SAID: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// What has been said since the last call: whoever listens to errors is told of all of them.
pub(in crate::web) fn said() -> Vec<String> {
    SAID.take()
}

/// It is said elsewhere.
pub(in crate::web) fn note(words: &str) {
    SAID.with_borrow_mut(|said| said.push(words.to_owned()));
}

/// Says it at the top, and beside the field that has caused it.
pub(in crate::web) fn say(field: Option<&Element>, words: &str) {
    note(words);
    dom::write(&dom::by_id("error-text"), words);
    dom::show(&dom::by_id("error"), true);
    if let Some(field) = field {
        beside(field, words);
    }
}

/// Says it beside the field.
pub(in crate::web) fn beside(field: &Element, words: &str) {
    take_back(field);
    let note: Element = dom::stamp("refusal");
    dom::write(&dom::find(&note, "span"), words);
    let id = format!("{}-refused", field.id());
    dom::set(&note, "id", &id);
    dom::set(field, "aria-invalid", "true");
    dom::set(field, "aria-describedby", &id);
    place(field).after_with_node_1(&note).expect("a tree");
}

/// The field is as it should be.
pub(in crate::web) fn settle(field: Option<&Element>) {
    dom::show(&dom::by_id("error"), false);
    field.into_iter().for_each(take_back);
}

/// Nothing is said beside the field any more.
pub(in crate::web) fn take_back(field: &Element) {
    if !field.has_attribute("aria-invalid") {
        return;
    }
    for name in ["aria-invalid", "aria-describedby"] {
        field.remove_attribute(name).expect("a valid name");
    }
    let beside = place(field).next_element_sibling();
    if let Some(note) = beside.filter(|note| note.class_name() == "refusal") {
        note.remove();
    }
}

/// The button of a field's words closes them, and those at the top. False if it is another button.
pub(in crate::web) fn close(button: &Element) -> bool {
    let Some(note) = button.closest(".refusal").ok().flatten() else {
        return false;
    };
    let described = format!("[aria-describedby='{}']", note.id());
    settle(dom::seek::<Element>(&dom::root(), &described).as_ref());
    true
}

/// What the words stand after: the field with its name.
fn place(field: &Element) -> Element {
    let named = field.closest(".entry, .ends, .row > label").ok().flatten();
    named.unwrap_or_else(|| field.clone())
}
