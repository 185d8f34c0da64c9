//! Parts of the page that the address hides (`#hide=runs+setup`) or locks (`#lock=seed`): for a lesson, whose students
//! shall look at one thing. A courtesy to the class, not a barrier. Knows the page's elements.

use crate::lab::lesson::Part;
use crate::web::dom;
use crate::web::dom::address;
use web_sys::{Element, HtmlFieldSetElement};

/// Hides and locks what the address says; nothing where it names something else.
pub(in crate::web) fn apply() {
    let list = |key, of| {
        let text = address::hash(key).unwrap_or_default();
        Part::list(key, &text, of).unwrap_or_default()
    };
    mark("data-hide", &list("hide", &Part::ALL[..]));
    let locks = list("lock", &Part::LOCKED[..]);
    mark("data-lock", &locks);
    for (part, id) in [
        (Part::Runs, "runs"),
        (Part::Setup, "setup-fields"),
        (Part::Flow, "flow-settings"),
    ] {
        dom::by_id::<HtmlFieldSetElement>(id).set_disabled(locks.contains(&part));
    }
}

fn mark(name: &str, parts: &[Part]) {
    let keys: Vec<&str> = parts.iter().map(|part| part.key()).collect();
    dom::mark(name, (!keys.is_empty()).then(|| keys.join(" ")).as_deref());
}

/// Whether a button does nothing, because its part is locked or hidden.
pub(in crate::web) fn holds(button: &Element) -> bool {
    match button.id().as_str() {
        "new-seed" => has("data-hide", Part::Seed) || locks(Part::Seed),
        // Points of one's own are another setup.
        "draw-open" => locks(Part::Setup),
        _ => false,
    }
}

/// Whether the address locks a part.
pub(in crate::web) fn locks(part: Part) -> bool {
    has("data-lock", part)
}

fn has(mark: &str, part: Part) -> bool {
    let parts = dom::get(&dom::root(), mark).unwrap_or_default();
    parts.split(' ').any(|key| key == part.key())
}
