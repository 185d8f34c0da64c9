//! How the page comes to be: the only place that knows the page, its ears, and both ways in for others.

use super::page::{self, with};
use super::{api, embed, people};
use crate::lab::repair::Arrived;
use crate::web::dom::address;
use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;

/// Shows the page; `hire` answers with a new `Worker` that runs [`crate::web::start_worker`].
///
/// # Panics
/// When `index.html` is not the one that belongs to this build.
#[wasm_bindgen]
pub fn start_page(hire: Function) {
    console_error_panic_hook::set_once();
    let link = Arrived::read(&address::bar());
    address::hold(&link.query, &link.hash);
    let mut keep = None;
    let ready = Promise::new(&mut |resolve, _| keep = Some(resolve));
    page::open(hire, keep.expect("promises run their maker at once"));
    api::install(&ready);
    people::listen();
    if address::embedded() {
        with(|page| page.set_on_screen(false));
        embed::begin(&ready);
    }
    with(|page| page.begin(&link));
}
