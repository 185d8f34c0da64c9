//! The only wasm-bindgen code: a page that draws and a worker that trains. Knows the lab by its commands
//! and events, and the charts; nothing of networks.
//!
//! Messages between the two are one transferred byte array each. The worker posts progress only after the
//! page has said that the last one is on the screen, so neither ever queues up work for the other.

mod dom;
mod lecture;
mod page;
mod views;
mod widgets;
mod wire;
mod worker;

pub use page::start::start_page;
pub use worker::lab::start_worker;
