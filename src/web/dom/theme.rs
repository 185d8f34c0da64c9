//! Light, dark, or for a projector: what was chosen or stands in the address (`#theme=projector`), what the system wants,
//! and the colours that stylesheets share with charts.

use super::address;
use super::elements as dom;
use super::stored::{THEME, store, stored};
use crate::lab::look::THEMES;
use crate::plot::Theme;
use web_sys::Element;

/// The root's attribute while the page is printed: its address.
const PRINT: &str = "data-print";
/// That of the look it has.
const THEME_MARK: &str = "data-theme";

/// Whether the browser answers yes to a media query.
pub(in crate::web) fn media(query: &str) -> bool {
    dom::window()
        .match_media(query)
        .ok()
        .flatten()
        .is_some_and(|list| list.matches())
}

/// The other of light and dark, from now on.
pub(in crate::web) fn toggle(now: &Theme) {
    let theme = if now.dark { "light" } else { "dark" };
    store(THEME, theme);
    address::drop_hash("theme");
    dom::mark(THEME_MARK, Some(theme));
}

/// To the projector's look, or back. It stands in the address and is not remembered: the desk stays as it was.
pub(in crate::web) fn project() {
    if of_address().as_deref() == Some("projector") {
        address::drop_hash("theme");
    } else {
        address::set_hash("theme", "projector");
    }
}

/// The theme now wanted, put into the document.
pub(in crate::web) fn apply() -> Theme {
    let chosen = of_address().or_else(chosen);
    let print = dom::root().has_attribute(PRINT);
    // The attribute is all that remembers a choice where nothing can be stored; paper has no look of the projector.
    let kept = chosen
        .as_deref()
        .filter(|&look| !print || look != "projector");
    dom::mark(THEME_MARK, kept);
    let theme = of_root();
    let style = dom::root().style();
    for (name, colors) in [("run", &theme.runs), ("class", &theme.classes)] {
        for (index, color) in colors.iter().enumerate() {
            let css = format!("rgb({} {} {})", color.0, color.1, color.2);
            style
                .set_property(&format!("--{name}-{}", index + 1), &css)
                .expect("a valid property");
        }
    }
    let words = if theme.dark {
        "Switch to light colours"
    } else {
        "Switch to dark colours"
    };
    dom::set(&dom::by_id::<Element>("theme"), "aria-label", words);
    let projects = chosen.as_deref() == Some("projector");
    let pressed = if projects { "true" } else { "false" };
    dom::set(&dom::by_id::<Element>("projector"), "aria-pressed", pressed);
    theme
}

/// The theme that the document has.
pub(in crate::web) fn of_root() -> Theme {
    let print = dom::root().has_attribute(PRINT);
    let look = dom::get(&dom::root(), THEME_MARK).filter(|_| !print);
    let desk = |theme: Theme| Theme {
        zoom: letters(),
        ..theme
    };
    match look.as_deref() {
        Some("projector") => Theme::projector(zoom()),
        Some("dark") => desk(Theme::dark()),
        None if !print && media("(prefers-color-scheme: dark)") => desk(Theme::dark()),
        _ => desk(Theme::light()),
    }
}

/// From now on the page is for paper, or for the screen again.
pub(in crate::web) fn print(paper: bool) {
    // What is on it can be found again.
    let address = dom::window().location().href().ok().filter(|_| paper);
    dom::mark(PRINT, address.as_deref());
}

/// How much larger than usual this browser is asked to write. (The style sheet writes 15 or 17 pixels as it comes.)
fn letters() -> f64 {
    let usual = if media("(min-width: 100em)") {
        17.0
    } else {
        15.0
    };
    let style = dom::window()
        .get_computed_style(&dom::root())
        .ok()
        .flatten();
    let size = style.and_then(|style| style.get_property_value("font-size").ok());
    let size = size.and_then(|size| size.strip_suffix("px")?.parse::<f64>().ok());
    // Where they are large and the window is narrow, charts keep room for more than their letters.
    let most = (width() / 320.0).max(1.0);
    size.map_or(1.0, |size| (size / usual).min(most))
}

/// The window's, in CSS pixels.
fn width() -> f64 {
    let width = dom::window().inner_width().ok();
    width.and_then(|width| width.as_f64()).unwrap_or(0.0)
}

/// The same room reads the same letters, however many pixels the beamer has.
fn zoom() -> f64 {
    (width() / 800.0).clamp(1.3, 2.3)
}

/// Whether the window has become so much wider or narrower that the look is another.
pub(in crate::web) fn is_outgrown(now: &Theme) -> bool {
    if dom::root().has_attribute(PRINT) {
        return false;
    }
    let projects = of_address().as_deref() == Some("projector");
    now.zoom != if projects { zoom() } else { letters() }
}

fn of_address() -> Option<String> {
    address::hash("theme").filter(|theme| THEMES.contains(&theme.as_str()))
}

/// The theme chosen before, or on this page where nothing can be stored.
fn chosen() -> Option<String> {
    stored(THEME)
        .or_else(|| dom::get(&dom::root(), THEME_MARK))
        .filter(|theme| theme == "dark" || theme == "light")
}
