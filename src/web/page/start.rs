//! How the page comes to be: the only place that knows the page, its ears, and both ways in for others.

use super::page::{self, with};
use super::{api, embed, fault, people};
use crate::lab::repair::Arrived;
use crate::web::dom::address;
use js_sys::{Function, Object, Reflect};
use wasm_bindgen::prelude::*;

/// Shows the page; `hire` answers with a new `Worker` that runs [`crate::web::start_worker`]. `api` is `window.proxprop`
/// with its promise `ready`, which `began` keeps; it gets its calls here.
///
/// # Panics
/// When `index.html` or `main.js` is not the one that belongs to this build.
#[wasm_bindgen]
pub fn start_page(hire: Function, api: &Object, began: Function) {
    fault::watch();
    let link = Arrived::read(&address::bar());
    address::hold(&link.query, &link.hash);
    page::open(hire, began);
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
