//! The view of related systems as WebAssembly of its own, which the page fetches when somebody opens the view. It is linked from the same
//! library as the page, so each has what it needs of it.

/// What the glue has of it.
#[cfg(target_arch = "wasm32")]
pub mod related {
    use js_sys::Function;
    use wasm_bindgen::prelude::*;

    /// See [`proxprop::web::start_related`].
    #[wasm_bindgen]
    pub fn start_related(hire: Function, tell: Function) -> Function {
        proxprop::web::start_related(hire, tell)
    }

    /// See [`proxprop::web::start_related_worker`].
    #[wasm_bindgen]
    pub fn start_worker() {
        proxprop::web::start_related_worker();
    }
}
