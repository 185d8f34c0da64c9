//! The whole engine as WebAssembly of its own, which the page fetches when a run first asks for more than the page begins with: images,
//! convolutions. It is linked from the same library as the page, with all of it.

/// What the glue has of it.
#[cfg(target_arch = "wasm32")]
pub mod whole {
    use js_sys::Function;
    use wasm_bindgen::prelude::*;

    /// See [`proxprop::web::start_worker`].
    #[wasm_bindgen]
    pub fn start_worker(hire: Function) {
        proxprop::web::start_worker(hire);
    }

    /// See [`proxprop::web::start_images`].
    #[wasm_bindgen]
    pub fn start_images(tell: Function) -> Function {
        proxprop::web::start_images(tell)
    }
}
