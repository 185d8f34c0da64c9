//! Short words for what web-sys says at length. Text goes into the document as text only.

use js_sys::{Array, Function, Promise, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::{
    CssStyleSheet, Document, Element, Event, EventTarget, HtmlButtonElement, HtmlDialogElement,
    HtmlElement, HtmlInputElement, HtmlSelectElement, HtmlTemplateElement, Node, Window,
};

/// The page's window.
pub(in crate::web) fn window() -> Window {
    web_sys::window().expect("a page has a window")
}

/// Begins the page again.
pub(in crate::web) fn reload() {
    // Refused by nobody but the person.
    let _ = window().location().reload();
}

/// The page's document.
pub(in crate::web) fn document() -> Document {
    window().document().expect("a page has a document")
}

/// An element of `index.html`.
pub(in crate::web) fn by_id<T: JsCast>(id: &str) -> T {
    let element = document()
        .get_element_by_id(id)
        .unwrap_or_else(|| panic!("index.html has #{id}"));
    element
        .dyn_into()
        .unwrap_or_else(|_| panic!("#{id} is of another kind"))
}

/// The first match below an element; the selector is ours, so there is one.
pub(in crate::web) fn find<T: JsCast>(root: &Element, selector: &str) -> T {
    let found = root.query_selector(selector).expect("a valid selector");
    let element = found.unwrap_or_else(|| panic!("the template has {selector}"));
    element
        .dyn_into()
        .unwrap_or_else(|_| panic!("{selector} is of another kind"))
}

/// The first match below an element, if there is one of that kind.
pub(in crate::web) fn seek<T: JsCast>(root: &Element, selector: &str) -> Option<T> {
    root.query_selector(selector)
        .expect("a valid selector")?
        .dyn_into()
        .ok()
}

/// A copy of a template's only element.
pub(in crate::web) fn stamp<T: JsCast>(template: &str) -> T {
    let content = by_id::<HtmlTemplateElement>(template).content();
    let first = content
        .first_element_child()
        .expect("the template has an element");
    first
        .clone_node_with_deep(true)
        .expect("elements can be copied")
        .unchecked_into()
}

/// All matches below an element.
pub(in crate::web) fn all(root: &Element, selector: &str) -> Vec<Element> {
    let found = root.query_selector_all(selector).expect("a valid selector");
    let nodes = (0..found.length()).filter_map(|i| found.get(i));
    nodes.map(JsCast::unchecked_into).collect()
}

/// A new element with a class and a text.
pub(in crate::web) fn element<T: JsCast>(tag: &str, class: &str, text: &str) -> T {
    let element = document().create_element(tag).expect("a valid name");
    if !class.is_empty() {
        element.set_class_name(class);
    }
    if !text.is_empty() {
        element.set_text_content(Some(text));
    }
    element.unchecked_into()
}

/// Sets an attribute, touching the document only when it changes: styles are looked up again for the same value too.
pub(in crate::web) fn set(element: &Element, name: &str, value: &str) {
    if get(element, name).as_deref() != Some(value) {
        element.set_attribute(name, value).expect("a valid name");
    }
}

/// Reads an attribute.
pub(in crate::web) fn get(element: &Element, name: &str) -> Option<String> {
    element.get_attribute(name)
}

/// Appends a child.
pub(in crate::web) fn append(parent: &Element, child: &Element) {
    parent.append_child(child).expect("a tree");
}

/// Hears an event on an element, or on what is in it. Some do not bubble, but all come down to their element.
pub(in crate::web) fn listen<E: JsCast>(
    target: &EventTarget,
    name: &str,
    act: impl Fn(E) + 'static,
) {
    let listener =
        Closure::<dyn Fn(JsValue)>::new(move |event: JsValue| act(event.unchecked_into()));
    let listener = listener.into_js_value();
    let added =
        target.add_event_listener_with_callback_and_bool(name, listener.unchecked_ref(), true);
    added.expect("targets take listeners");
}

/// The element at which an event happened.
pub(in crate::web) fn target(event: &Event) -> Option<Element> {
    event.target()?.dyn_into().ok()
}

/// Shows or hides.
pub(in crate::web) fn show(element: &Element, visible: bool) {
    if visible {
        element.remove_attribute("hidden").expect("a valid name");
    } else {
        set(element, "hidden", "");
    }
}

/// Opens a dialog, if it is not open.
pub(in crate::web) fn open_dialog(id: &str) {
    let dialog: HtmlDialogElement = by_id(id);
    if dialog.open() {
        return;
    }
    // A dialog gives focus back to what had it; a menu is hidden by then, the button that opens it is not.
    let focused = document().active_element();
    let menu = focused.and_then(|focused| focused.closest(":popover-open").ok().flatten());
    if let Some(menu) = menu {
        let opener = format!("[popovertarget={}]", menu.id());
        let opener = document().query_selector(&opener).ok().flatten();
        if let Some(opener) = opener.and_then(|opener| opener.dyn_into::<HtmlElement>().ok()) {
            let _ = opener.focus();
        }
    }
    // Refused only for a dialog that is not in the page.
    let _ = dialog.show_modal();
}

/// Puts a style sheet behind the page's.
pub(in crate::web) fn add_styles(text: &str) {
    let sheet = CssStyleSheet::new().expect("browsers since 2023 have them");
    let filled = sheet.replace_sync(text);
    filled.expect("a sheet of one's own is filled");
    let sheets = Reflect::get(&document(), &"adoptedStyleSheets".into());
    let sheets = sheets.expect("documents have them");
    sheets.unchecked_into::<Array>().push(&sheet);
}

/// Writes a text, touching the document only when it changes.
pub(in crate::web) fn write(element: &Element, text: &str) {
    if element.text_content().as_deref() == Some(text) {
        return;
    }
    let first = element.first_child();
    let node = first.filter(|node| node.node_type() == Node::TEXT_NODE && !text.is_empty());
    match node.filter(|node| node.next_sibling().is_none()) {
        // A node that comes or goes has the styles of half the page looked up again, wherever a rule says `:has()`.
        Some(node) => node.set_node_value(Some(text)),
        None => element.set_text_content(Some(text)),
    }
}

/// Writes a text with `τ_θ` as people write it, touching the document only when it changes.
pub(in crate::web) fn write_formula(element: &Element, text: &str) {
    if get(element, "data-text").as_deref() == Some(text) {
        return;
    }
    set(element, "data-text", text);
    element.set_text_content(None);
    for (at, part) in text.split("_θ").enumerate() {
        if at > 0 {
            append(element, &self::element("sub", "", "θ"));
        }
        append(element, &self::element("span", "", part));
    }
}

/// Moves an element by its style; a stylesheet cannot know where.
pub(in crate::web) fn place(element: &HtmlElement, property: &str, pixels: f64) {
    let moved = element
        .style()
        .set_property(property, &format!("{pixels:.1}px"));
    moved.expect("a valid property");
}

/// Gives the keys to a button.
pub(in crate::web) fn focus(id: &str) {
    // Refused for what is not shown; the keys then stay where they are.
    let _ = by_id::<HtmlElement>(id).focus();
}

/// Whether a button can be pressed.
pub(in crate::web) fn set_disabled(id: &str, disabled: bool) {
    by_id::<HtmlButtonElement>(id).set_disabled(disabled);
}

/// Milliseconds since the page was opened.
pub(in crate::web) fn now() -> f64 {
    window()
        .performance()
        .map_or(0.0, |performance| performance.now())
}

/// Whether the keys go to this element.
pub(in crate::web) fn has_focus(element: &Element) -> bool {
    document()
        .active_element()
        .is_some_and(|active| active.is_same_node(Some(element)))
}

/// Calls one of the two once a promise is kept or broken.
pub(in crate::web) fn when(
    promise: &Promise,
    kept: impl FnOnce(JsValue) + 'static,
    broken: impl FnOnce(JsValue) + 'static,
) {
    let then: Function = Reflect::get(promise, &"then".into())
        .expect("promises have then")
        .unchecked_into();
    let (kept, broken) = (Closure::once_into_js(kept), Closure::once_into_js(broken));
    then.call2(promise, &kept, &broken)
        .expect("then only listens");
}

/// Whether a dialog lies over the page.
pub(in crate::web) fn dialog_open() -> bool {
    let open = document().query_selector("dialog[open]");
    open.expect("a valid selector").is_some()
}

/// An input.
pub(in crate::web) fn input(element: &Element) -> &HtmlInputElement {
    element.unchecked_ref()
}

/// The text of a form's element. Where a number is asked for, a decimal comma is as good as a point.
pub(in crate::web) fn value_of(element: &Element) -> String {
    if let Some(select) = element.dyn_ref::<HtmlSelectElement>() {
        return select.value();
    }
    let text = input(element).value().trim().to_owned();
    let number = get(element, "inputmode").as_deref() == Some("decimal");
    // Two commas, or a comma and a point, are no decimal comma; the range check then says so.
    if number && text.matches(',').count() == 1 && !text.contains('.') {
        return text.replace(',', ".");
    }
    text
}

/// Calls a function after so many milliseconds.
pub(in crate::web) fn later(milliseconds: i32, act: impl FnOnce() + 'static) {
    let act = Closure::once_into_js(act);
    let set = window()
        .set_timeout_with_callback_and_timeout_and_arguments_0(act.unchecked_ref(), milliseconds);
    set.expect("windows have timers");
}

/// The document's root.
pub(in crate::web) fn root() -> HtmlElement {
    let root = document().document_element();
    root.expect("a page has a root").unchecked_into()
}

/// Sets an attribute of the root, or takes it away; stylesheets see it.
pub(in crate::web) fn mark(name: &str, value: Option<&str>) {
    match value {
        Some(value) => set(&root(), name, value),
        None => root().remove_attribute(name).expect("a valid name"),
    }
}
