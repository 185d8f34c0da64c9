//! Parts of the page once more, under names of their own. Knows no part.

use crate::web::dom;
use wasm_bindgen::JsCast;
use web_sys::Element;

/// What names of twins begin with.
pub(super) const OWN: &str = "related-";

/// A twin of an element, without its canvases and helps.
pub(super) fn of(element: &Element) -> Element {
    let twin = element.clone_node_with_deep(true);
    let twin: Element = twin.expect("a part has a copy").unchecked_into();
    for canvas in dom::all(&twin, "canvas, [data-help]") {
        canvas.remove();
    }
    // The tour may have the part marked just now, and takes the mark from what was there then.
    let unmarked = twin.class_list().remove_1("toured");
    unmarked.expect("a valid class");
    let rename = |element: &Element, attribute: &str| {
        if let Some(name) = dom::get(element, attribute) {
            dom::set(element, attribute, &[OWN, &name].concat());
        }
    };
    // Buttons of one choice have their name in common, which is none of the other's.
    for attribute in ["id", "for", "name", "aria-controls"] {
        rename(&twin, attribute);
        for part in dom::all(&twin, &["[", attribute, "]"].concat()) {
            rename(&part, attribute);
        }
    }
    twin
}
