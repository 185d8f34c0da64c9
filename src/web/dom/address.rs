//! The address: a run in the query, how it is looked at behind `#`. Knows pairs of texts, not what they mean.

use super::elements::window;
use wasm_bindgen::JsValue;

/// A value of the address behind `#`: how the page is looked at, in pairs as `view=flow&flow=…`.
pub(in crate::web) fn hash(key: &str) -> Option<String> {
    let hash = window().location().hash().unwrap_or_default();
    let found = hash.trim_start_matches('#').split('&').find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        (name == key).then(|| js_sys::decode_uri_component(value))
    })?;
    found.ok().map(String::from)
}

/// Writes a value of the address behind `#`, leaving the others.
pub(in crate::web) fn set_hash(key: &str, value: &str) {
    rewrite_hash(|other| other != key, &format!("{key}={value}"));
}

/// Takes a value of the address behind `#` away, leaving the others.
pub(in crate::web) fn drop_hash(key: &str) {
    rewrite_hash(|other| other != key, "");
}

/// Keeps these keys of the address behind `#` only, and adds `more` pairs.
pub(in crate::web) fn keep_hash(keys: &[&str], more: &str) {
    rewrite_hash(|key| keys.contains(&key), more);
}

/// Keeps some keys of the address behind `#` and adds `more` pairs.
fn rewrite_hash(keep: impl Fn(&str) -> bool, more: &str) {
    let search = window().location().search().unwrap_or_default();
    if let Ok(history) = window().history() {
        // Refused where the address is none (a file); what is looked at then lives in the page alone.
        let address = format!("{search}{}", rewritten_hash(keep, more));
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&address));
    }
}

/// What stands behind `#`, it included, with another value of a key.
pub(in crate::web) fn hash_with(key: &str, value: &str) -> String {
    rewritten_hash(|other| other != key, &format!("{key}={value}"))
}

fn rewritten_hash(keep: impl Fn(&str) -> bool, more: &str) -> String {
    let hash = window().location().hash().unwrap_or_default();
    let kept = hash.trim_start_matches('#').split('&');
    let kept = kept.filter(|pair| keep(pair.split('=').next().unwrap_or_default()));
    let pairs: Vec<&str> = kept
        .chain(more.split('&'))
        .filter(|pair| !pair.is_empty())
        .collect();
    format!("#{}", pairs.join("&"))
}

/// Whether the address says that the page is embedded.
pub(in crate::web) fn embedded() -> bool {
    hash("embed").as_deref() == Some("1")
}

/// Whether curves are to be covered first.
pub(in crate::web) fn predicts() -> bool {
    hash("predict").as_deref() == Some("1")
}

/// Writes the run into the address.
pub(in crate::web) fn set_search(query: &str) {
    let window = window();
    let hash = window.location().hash().unwrap_or_default();
    if let Ok(history) = window.history() {
        // Refused where the address is none (a file); the run then lives in the page alone.
        let address = format!("?{query}{hash}");
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&address));
    }
}

/// The way back leads to the address as it is now; what is written into it next is another place.
pub(in crate::web) fn leave_trace() {
    let window = window();
    let here = window.location().href();
    if let (Ok(history), Ok(here)) = (window.history(), here) {
        let _ = history.push_state_with_url(&JsValue::NULL, "", Some(&here));
    }
}

/// Moves a pair of the query behind `#`, where it belongs.
pub(in crate::web) fn move_to_hash(key: &str) {
    let search = window().location().search().unwrap_or_default();
    let is_it = |pair: &&str| pair.split('=').next() == Some(key);
    let (moved, left): (Vec<&str>, Vec<&str>) =
        search.trim_start_matches('?').split('&').partition(is_it);
    if !moved.is_empty() {
        rewrite_hash(|other| other != key, &moved.join("&"));
        set_search(&left.join("&"));
    }
}
