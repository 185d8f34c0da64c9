//! What the page knows of the view of images: the function of a module that is there where a run on images is (`web::images`). Knows no
//! image.

use super::view::{Means, Picture, ask_elsewhere, drawn_elsewhere};
use crate::named::Named;
use crate::web::wire::images::Call;
use js_sys::{Function, Uint8Array};
use wasm_bindgen::prelude::*;

/// By which `main.js` is told which view is wanted.
const VIEW: &str = "images";

/// The view.
pub(in crate::web) struct Images {
    /// Fetches the module.
    more: Function,
    tell: fn(JsValue, JsValue),
    /// The module is being fetched, or there.
    coming: bool,
    ask: Option<Function>,
    /// What it has not been shown.
    held: Option<Uint8Array>,
}

impl Images {
    /// Nothing yet.
    pub(super) fn new(means: &Means) -> Images {
        Images {
            more: means.more.clone(),
            tell: means.tell_images,
            coming: false,
            ask: None,
            held: None,
        }
    }

    /// Shows what a worker has packed.
    pub(in crate::web) fn take(&mut self, bytes: &[u8]) {
        self.held = Some(Uint8Array::from(bytes));
        if !std::mem::replace(&mut self.coming, true) {
            let tell = Closure::<dyn Fn(JsValue, JsValue)>::new(self.tell).into_js_value();
            // It tells what becomes of it.
            let _ = self.more.call2(&JsValue::UNDEFINED, &tell, &VIEW.into());
        }
        self.show();
    }

    /// The view is there: the function that it is asked by.
    pub(in crate::web) fn arrive(&mut self, ask: JsValue) {
        self.ask = Some(ask.unchecked_into());
        self.show();
    }

    /// It is not; the next look tries again.
    pub(in crate::web) fn miss(&mut self) {
        self.coming = false;
    }

    fn show(&mut self) {
        if let Some(bytes) = self.held.take_if(|_| self.ask.is_some()) {
            self.ask(Call::Show, &bytes);
        }
    }

    /// Something is asked of the view, where it is there.
    fn ask(&self, what: Call, value: &JsValue) -> JsValue {
        ask_elsewhere(self.ask.as_ref(), what.name(), value)
    }

    /// The colours are others.
    pub(super) fn forget(&self) {
        self.ask(Call::Colours, &JsValue::UNDEFINED);
    }

    /// What can be saved of it.
    pub(super) fn pictures(&self) -> Vec<Picture<'_>> {
        let pictures = self.ask(Call::Pictures, &JsValue::UNDEFINED);
        drawn_elsewhere(&pictures, |asked| self.ask(Call::Picture, asked))
    }

    /// The numbers of one of those as CSV; `None` where it is another's.
    pub(super) fn numbers(&self, key: &str) -> Option<String> {
        let text = self.ask(Call::Numbers, &key.into()).as_string();
        text.filter(|text| !text.is_empty())
    }
}
