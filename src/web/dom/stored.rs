//! What the browser keeps for the page: a few words for good, more for as long as the tab is open. Knows names and texts, not
//! what they mean.

use super::elements::window;
use web_sys::Storage;

/// All names that are kept for good.
const NAMES: [&str; 2] = [THEME, TOUR];
/// The look that was chosen.
pub(in crate::web) const THEME: &str = "theme";
/// That the tour was seen.
pub(in crate::web) const TOUR: &str = "tour";

/// What has been kept under a name; nothing where the browser keeps nothing.
pub(in crate::web) fn stored(name: &str) -> Option<String> {
    window().local_storage().ok()??.get_item(name).ok()?
}

/// Keeps a text under a name. Refused in some private windows; it then lasts as long as the page.
pub(in crate::web) fn store(name: &str, text: &str) {
    if let Ok(Some(storage)) = window().local_storage() {
        let _ = storage.set_item(name, text);
    }
}

/// The tab's own storage; none in frames and windows that are allowed nothing.
pub(in crate::web) fn of_tab() -> Option<Storage> {
    window().session_storage().ok()?
}

/// Forgets everything. (What a service worker keeps, `main.js` forgets.)
pub(in crate::web) fn reset() {
    if let Ok(Some(storage)) = window().local_storage() {
        NAMES
            .iter()
            .for_each(|name| drop(storage.remove_item(name)));
    }
    if let Some(storage) = of_tab() {
        let _ = storage.clear();
    }
}
