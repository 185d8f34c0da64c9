//! How the page comes to be: the only place that knows the page, its ears, and both ways in for others.

use super::page::{self, with};
use super::{api, embed, fault, people};
use crate::lab::config::Config;
use crate::lab::repair::{Arrived, is_sound};
use crate::lab::systems::is_system;
use crate::web::dom::address;
use js_sys::{Function, Object, Reflect};
use wasm_bindgen::JsCast;

/// Shows the page; `hire` answers with a new `Worker` that runs [`crate::web::start_worker`]. `api` is `window.proxprop`
/// with its promise `ready`, which `began` keeps; it gets its calls here. `more` fetches the module of related systems: it is called with
/// what that module tells the page by, and answers with a promise of what the page asks it by.
///
/// # Panics
/// When `index.html` or `main.js` is not the one that belongs to this build.
pub fn start_page(hire: Function, api: &Object, began: Function, more: Function) {
    fault::watch();
    // What a system makes of its query its module finds out, which has no say in what stands behind `#`.
    let is_run =
        |query: &str| Config::parse(query).is_ok() || (is_system(query) && is_sound(query));
    let link = Arrived::read_by(&address::bar(), is_run);
    address::hold(&link.query, &link.hash);
    page::open(hire, began, more, fault::tell);
    api::install(api);
    people::listen();
    if address::embedded() {
        with(|page| page.set_on_screen(false));
        let ready = Reflect::get(api, &"ready".into());
        embed::begin(ready.expect("main.js has made it").unchecked_ref());
    }
    with(|page| {
        fault::stand_by(page.link.worker());
        page.begin(&link);
    });
}
