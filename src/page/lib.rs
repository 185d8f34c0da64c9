//! [`proxprop`] as the WebAssembly of its page. A package of its own, because a library that is also linked by Rust
//! programs is not optimised at link time.

/// What the glue has of it.
#[cfg(target_arch = "wasm32")]
pub mod page {
    use js_sys::{Function, Object};
    use wasm_bindgen::prelude::*;

    /// See [`proxprop::web::start_page`].
    #[wasm_bindgen]
    pub fn start_page(hire: Function, api: &Object, began: Function, more: Function) {
        proxprop::web::start_page(hire, api, began, more);
    }

    /// See [`proxprop::web::start_worker`].
    #[wasm_bindgen]
    pub fn start_worker(hire: Function) {
        proxprop::web::start_worker(hire);
    }
}
