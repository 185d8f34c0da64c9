//! How much of the first view is shown: a first screen with one chart and no letters to know, or all there is. It stands in
//! the address, `#charts=few` or `#charts=all`; an address that does not say shows the curves. Knows the page's elements.

use crate::web::dom;
use crate::web::dom::address;
use web_sys::{Element, HtmlDetailsElement};

/// The key behind `#`.
const KEY: &str = "charts";
/// One chart, and what is needed to play.
const FEW: &str = "few";
/// Every chart.
const ALL: &str = "all";
/// The root's mark, for stylesheets.
const MARK: &str = "data-charts";

/// The bare address opens the first screen.
pub(in crate::web) fn begin() {
    if address::behind().is_empty() {
        address::set_hash(KEY, FEW);
    }
}

/// Whether the first screen is shown.
pub(in crate::web) fn few() -> bool {
    dom::get(&dom::root(), MARK).as_deref() == Some(FEW)
}

/// Shows as much as the address says; what a person has unfolded since stays so until that changes.
pub(super) fn apply() {
    let wanted = address::hash(KEY).filter(|value| value == FEW || value == ALL);
    let before = dom::get(&dom::root(), MARK);
    if wanted == before {
        return;
    }
    dom::mark(MARK, wanted.as_deref());
    let few = few();
    let open = |id, open| dom::by_id::<HtmlDetailsElement>(id).set_open(open);
    open("loss-panel", true);
    open("steps-panel", !few);
    open("network-panel", wanted.is_some());
    open("setup", few);
    let title: Element = dom::find(&dom::by_id("loss-panel"), "h3");
    dom::write(&title, if few { "Loss" } else { "Loss and energy" });
    let button = if few { "More charts" } else { "Fewer charts" };
    dom::write(&dom::by_id("charts"), button);
}

/// To the first screen, or from there to all there is.
pub(super) fn toggle() {
    address::set_hash(KEY, if few() { ALL } else { FEW });
    apply();
}

/// All there is, where the first screen was.
pub(in crate::web) fn leave_first_screen() {
    if few() {
        address::set_hash(KEY, ALL);
        apply();
    }
}
