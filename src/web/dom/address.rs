//! The address: a run in the query, how it is looked at behind `#`. Knows pairs of texts, not what they mean.
//!
//! What is asked and written here is the page's own copy. The address bar follows it as fast as browsers allow, which
//! refuse to have it written too often, and not while the address that was opened is [held](hold).

use super::elements::{later, window};
use std::cell::RefCell;
use wasm_bindgen::JsValue;

/// How often the bar may be written at once.
const AT_ONCE: f64 = 20.0;
/// How long it takes, in milliseconds, until it may be written once more: the strictest browser allows 100 in 30 s.
const APART: f64 = 400.0;
/// How long to wait, in milliseconds, where the browser has refused all the same, and how often to try again.
const PAUSE: i32 = 2000;
const TRIES: u32 = 30;

thread_local! {
    static BAR: RefCell<Bar> = const { RefCell::new(Bar::NEW) };
}

/// What is to stand in the address bar.
struct Bar {
    /// Without `?`.
    search: String,
    /// Without `#`.
    hash: String,
    held: bool,
    /// How often it may be written now, as of a time in milliseconds.
    credit: (f64, f64),
    /// It will be written later.
    waits: bool,
    /// How often the browser has refused this text.
    refused: u32,
}

impl Bar {
    const NEW: Bar = Bar {
        search: String::new(),
        hash: String::new(),
        held: false,
        credit: (AT_ONCE, 0.0),
        waits: false,
        refused: 0,
    };

    fn text(&self) -> String {
        format!("?{}#{}", self.search, self.hash)
    }

    /// Writes the bar, or says in how many milliseconds to try again.
    fn write(&mut self, now: f64) -> Option<i32> {
        if self.held || self.waits {
            return None;
        }
        let (credit, before) = self.credit;
        let credit = AT_ONCE.min(credit + (now - before).max(0.0) / APART);
        let wait = if credit < 1.0 {
            self.credit = (credit, now);
            ((1.0 - credit) * APART).ceil() as i32
        } else {
            self.credit = (credit - 1.0, now);
            if replace(&self.text()) || self.refused == TRIES {
                return None;
            }
            self.refused += 1;
            PAUSE
        };
        self.waits = true;
        Some(wait)
    }
}

/// Whether the browser has taken the text. Where it refuses, it throws or does nothing.
fn replace(text: &str) -> bool {
    let window = window();
    let href = || window.location().href().unwrap_or_default();
    let before = href();
    let written = window
        .history()
        .and_then(|history| history.replace_state_with_url(&JsValue::NULL, "", Some(text)));
    written.is_ok() && (href() != before || before.ends_with(text))
}

fn write() {
    let now = js_sys::Date::now();
    if let Some(wait) = BAR.with_borrow_mut(|bar| bar.write(now)) {
        later(wait, || {
            BAR.with_borrow_mut(|bar| bar.waits = false);
            write();
        });
    }
}

/// Changes what is to stand there.
fn change(act: impl FnOnce(&mut Bar)) {
    BAR.with_borrow_mut(|bar| {
        act(bar);
        bar.refused = 0;
    });
    write();
}

/// What stands in the bar from `?` on.
pub(in crate::web) fn bar() -> String {
    let location = window().location();
    let part = |part: Result<String, JsValue>| part.unwrap_or_default();
    part(location.search()) + &part(location.hash())
}

/// Takes an address as it was opened for what it means; the bar keeps it as it is until it is [let go](release).
pub(in crate::web) fn hold(query: &str, hash: &str) {
    BAR.with_borrow_mut(|bar| {
        *bar = Bar {
            search: query.to_owned(),
            hash: hash.to_owned(),
            held: true,
            ..Bar::NEW
        };
    });
}

/// What is written from now on goes into the bar.
pub(in crate::web) fn release() {
    BAR.with_borrow_mut(|bar| bar.held = false);
}

/// Whether what is written stays out of the bar.
pub(in crate::web) fn held() -> bool {
    BAR.with_borrow(|bar| bar.held)
}

/// Takes over what somebody else has put behind `#`.
pub(in crate::web) fn take_hash(hash: &str) {
    BAR.with_borrow_mut(|bar| hash.clone_into(&mut bar.hash));
}

/// Opens another address of this page.
pub(in crate::web) fn open(text: &str) {
    let location = window().location();
    let page = location.href().unwrap_or_default();
    let page = page.split(['?', '#']).next().unwrap_or_default();
    let link = text.find(['?', '#']).map_or(text, |at| &text[at..]);
    // A text without either mark is a run's.
    let mark = if link.starts_with('?') { "" } else { "?" };
    let before = location.search().unwrap_or_default();
    let _ = location.set_href(&format!("{page}{mark}{link}"));
    let after = link.split('#').next().unwrap_or_default();
    if after.trim_start_matches('?') == before.trim_start_matches('?') {
        // Another hash alone opens nothing.
        let _ = location.reload();
    }
}

/// What is to stand behind `?`, without it.
pub(in crate::web) fn search() -> String {
    BAR.with_borrow(|bar| bar.search.clone())
}

/// All that is to stand behind `#`, without it.
pub(in crate::web) fn behind() -> String {
    BAR.with_borrow(|bar| bar.hash.clone())
}

/// A value of the address behind `#`: how the page is looked at, in pairs as `view=flow&flow=…`.
pub(in crate::web) fn hash(key: &str) -> Option<String> {
    let found = behind().split('&').find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        (name == key).then(|| js_sys::decode_uri_component(value))
    })?;
    found.ok().map(String::from)
}

/// Writes a value of the address behind `#`, leaving the others.
pub(in crate::web) fn set_hash(key: &str, value: &str) {
    let hash = with_value(key, value);
    change(|bar| bar.hash = hash);
}

/// Goes where another value of the address behind `#` leads, as a link does: the page is told, and the way back leads here.
pub(in crate::web) fn go_to(key: &str, value: &str) {
    let hash = with_value(key, value);
    take_hash(&hash);
    let _ = window().location().set_hash(&hash);
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
    let hash = rewritten_hash(keep, more);
    change(|bar| bar.hash = hash);
}

/// What stands behind `#`, it included, with another value of a key.
pub(in crate::web) fn hash_with(key: &str, value: &str) -> String {
    format!("#{}", with_value(key, value))
}

fn with_value(key: &str, value: &str) -> String {
    rewritten_hash(|other| other != key, &format!("{key}={value}"))
}

fn rewritten_hash(keep: impl Fn(&str) -> bool, more: &str) -> String {
    let hash = behind();
    let kept = hash.split('&');
    let kept = kept.filter(|pair| keep(pair.split('=').next().unwrap_or_default()));
    let pairs: Vec<&str> = kept
        .chain(more.split('&'))
        .filter(|pair| !pair.is_empty())
        .collect();
    pairs.join("&")
}

/// What of an address behind `#` is about the frame that a page stands in.
const OF_FRAME: [&str; 5] = ["embed", "origin", "hide", "lock", "play"];

/// Where the whole page is, for one in a frame.
pub(in crate::web) fn whole() -> String {
    let search = BAR.with_borrow(|bar| bar.search.clone());
    let hash = rewritten_hash(|key| !OF_FRAME.contains(&key), "");
    format!("?{search}#{hash}")
}

/// Whether the address says that the page is embedded.
pub(in crate::web) fn embedded() -> bool {
    hash("embed").as_deref() == Some("1")
}

/// Whether what is opened plays by itself.
pub(in crate::web) fn plays() -> bool {
    hash("play").as_deref() == Some("1")
}

/// Whether curves are to be covered first.
pub(in crate::web) fn predicts() -> bool {
    hash("predict").as_deref() == Some("1")
}

/// Writes the run into the address.
pub(in crate::web) fn set_search(query: &str) {
    change(|bar| query.clone_into(&mut bar.search));
}

/// The way back leads to the address as it is now; what is written into it next is another place.
pub(in crate::web) fn leave_trace() {
    let window = window();
    let here = window.location().href();
    if let (Ok(history), Ok(here)) = (window.history(), here) {
        let _ = history.push_state_with_url(&JsValue::NULL, "", Some(&here));
    }
}
