//! The only wasm-bindgen code: a page that draws and a worker that trains. Knows the lab by its commands
//! and events, and the charts; nothing of networks.
//!
//! Messages between the two are one transferred byte array each. The worker posts progress only after the
//! page has said that the last one is on the screen, so neither ever queues up work for the other.

mod api;
#[cfg(feature = "bench")]
mod bench;
mod boundaries;
mod canvas;
mod charts;
mod controls;
mod crew;
mod dom;
mod draw;
mod embed;
mod flow;
mod gallery;
mod help;
mod lecture;
mod link;
mod look;
mod map;
mod message;
mod one_step;
mod page;
mod pane;
mod parts;
mod people;
mod share;
mod shown;
mod thumbnail;
mod tour;
mod train;
mod transport;
mod views;
mod voice;
mod worker;

pub use page::start_page;
pub use worker::start_worker;
