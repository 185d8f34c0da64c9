//! Help beside what it is about: a small button, and one popover that the browser opens and closes by itself. The texts
//! are the parameter table's and the templates `help-…` of `index.html`.

use crate::lab::config::{GRAMMAR, Parameter, Setting};
use crate::web::dom;
use web_sys::{Element, HtmlElement, HtmlTemplateElement};

/// Where a button stands that is no parameter's: an element of `index.html`, the help's key, what it is about.
const PLACES: [(&str, &str, &str); 15] = [
    ("#keys h2", "transport", "the transport"),
    ("#draw-bar .group", "draw", "drawing points"),
    ("#loss-panel .options", "loss", "loss and energy"),
    ("#steps-panel .options", "steps", "step sizes"),
    ("#network-panel .options", "network", "the network"),
    (
        "#one-step .stepper .unbroken",
        "one-energy",
        "the energy after each sub-step",
    ),
    (
        "#one-step .side h3",
        "one-network",
        "the moves of a sub-step",
    ),
    (
        "#one-problem-panel h3",
        "one-problem",
        "the layer’s own problem",
    ),
    ("#map .panel .row", "map", "the step-size map"),
    (
        "#map-form .row:last-of-type",
        "map-form",
        "the map’s settings",
    ),
    ("#flow > .panel", "flow", "the map of ways"),
    ("#flow .charts .panel", "flow-descent", "the descent"),
    (
        "#flow-amplification-panel",
        "flow-amplification",
        "the amplification",
    ),
    ("#flow .controls legend", "flow-methods", "the methods"),
    (
        "#flow .controls .entry",
        "flow-form",
        "the settings of the flow",
    ),
];

/// Puts the buttons of `index.html`'s own charts and forms into the page.
pub(in crate::web) fn install() {
    let root = dom::document().document_element();
    let root = root.expect("a page has a root");
    for (selector, key, about) in PLACES {
        let host: Element = dom::find(&root, selector);
        dom::append(&host, &button(key, about));
    }
}

/// A button that opens a help.
pub(in crate::web) fn button(key: &str, about: &str) -> Element {
    let button: Element = dom::element("button", "help", "?");
    dom::set(&button, "type", "button");
    dom::set(&button, "data-help", key);
    dom::set(&button, "popovertarget", "help-pop");
    dom::set(&button, "aria-label", &format!("Help on {about}"));
    button
}

/// Fills the popover for the button that is about to open it; false for any other button.
pub(in crate::web) fn fill(button: &Element) -> bool {
    let Some(key) = dom::get(button, "data-help") else {
        return false;
    };
    let about = About::of(&key);
    let text = begin(about.as_ref());
    if let Some(template) = dom::document().get_element_by_id(&format!("help-{key}")) {
        use wasm_bindgen::JsCast;
        let content = template.unchecked_into::<HtmlTemplateElement>().content();
        let copy = content.clone_node_with_deep(true);
        text.append_child(&copy.expect("templates can be copied"))
            .expect("a tree");
    }
    if let Some(about) = about {
        end(&text, &about, &key);
    }
    put(button);
    true
}

/// Fills the popover with words of another table.
pub(in crate::web) fn tell(button: &Element, title: &str, words: &str) {
    let text = begin(None);
    dom::append(&text, &dom::element("h3", "", title));
    dom::append(&text, &dom::element("p", "", words));
    put(button);
}

/// Fills the popover with a parameter of another table.
pub(in crate::web) fn explain(button: &Element, parameter: &Parameter) {
    let about = About::parameter(parameter);
    end(&begin(Some(&about)), &about, parameter.key);
    put(button);
}

fn begin(about: Option<&About>) -> Element {
    let text: Element = dom::by_id("help-text");
    text.set_text_content(None);
    if let Some(about) = about {
        let label = about.label.replace("τ_θ", "τθ");
        dom::append(&text, &dom::element("h3", "", &label));
        dom::append(&text, &dom::element("p", "", about.help));
    }
    text
}

fn end(text: &Element, about: &About, key: &str) {
    let facts = format!(
        "Allowed: {}. Usual: {}. In an address: {key}.",
        about.allowed, about.usual
    );
    dom::append(text, &dom::element("p", "hint", &facts));
}

/// Puts the popover where the button can open it.
fn put(button: &Element) {
    // Outside of an open dialog nothing can be reached.
    let dialog = button.closest("dialog").ok().flatten();
    let host = dialog.unwrap_or_else(|| dom::find(&dom::root(), "body"));
    let popover: Element = dom::by_id("help-pop");
    // Moved while it is open it would be closed, and the button open it again.
    if popover.parent_element().as_ref() != Some(&host) {
        dom::append(&host, &popover);
    }
    place(button);
}

/// What is told of a key of a run's text.
struct About {
    label: &'static str,
    help: &'static str,
    allowed: String,
    usual: &'static str,
}

impl About {
    fn parameter(parameter: &Parameter) -> About {
        let unit = match parameter.unit {
            "" => String::new(),
            unit => format!(" {unit}"),
        };
        About {
            label: parameter.label,
            help: parameter.help,
            allowed: parameter.allowed() + &unit,
            usual: parameter.default,
        }
    }

    fn of(key: &str) -> Option<About> {
        if let Some(setting) = Setting::find(key) {
            return Some(About::parameter(setting.parameter()));
        }
        let clause = GRAMMAR.into_iter().find(|clause| clause.key == key)?;
        Some(About {
            label: clause.label,
            help: clause.help,
            allowed: (clause.allowed)(),
            usual: "none",
        })
    }
}

/// Beside the button, on the side where there is more room.
fn place(button: &Element) {
    let popover: HtmlElement = dom::by_id("help-pop");
    let place = button.get_bounding_client_rect();
    let root = dom::document().document_element();
    let root = root.expect("a page has a root");
    let (width, height) = (
        f64::from(root.client_width()),
        f64::from(root.client_height()),
    );
    let left = place.left().min(width - 372.0).max(8.0);
    dom::place(&popover, "left", left);
    let style = popover.style();
    let (near, far) = if place.top() > height / 2.0 {
        ("bottom", "top")
    } else {
        ("top", "bottom")
    };
    let gap = match near {
        "top" => place.bottom() + 6.0,
        _ => height - place.top() + 6.0,
    };
    dom::place(&popover, near, gap);
    dom::place(&popover, "--room", height - gap - 8.0);
    style.remove_property(far).expect("a valid property");
}
