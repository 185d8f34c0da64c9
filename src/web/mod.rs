//! The only wasm-bindgen code: a page that draws and a worker that trains. Knows the lab by its commands
//! and events, and the charts; nothing of networks.
//!
//! # The rooms
//! A room knows only what stands below it; the worker knows the wire alone.
//!
//! - `page` is the shell: it starts, hears people, the worker and other windows, and gives each whom it concerns what is theirs.
//! - `lecture` leads from run to run: presets and lessons, their gallery, the tour, and what of the page they hide or lock.
//! - `views` are what stands behind the tabs, each handed what it asks by, and what of them can be saved.
//! - `related` is the view of related systems, with a worker of its own: a module of WebAssembly that is fetched when the view is opened.
//! - `images` is what stands on the page of a run on images, from the module of the whole engine.
//! - `widgets` are what views are made of: forms, charts, panels, pictures, help.
//! - `worker` is the other side: it trains a run, or cells of a map, on the CPU or a graphics device, and sees no document.
//! - `dom` says shortly what the document can do: elements, the address, pointers, files, canvases, colours.
//! - `wire` is what both sides say, how it gets there, and what is known from it.
//!
//! Messages between the two are one transferred byte array each. The worker posts progress only after the
//! page has said that the last one is on the screen, so neither ever queues up work for the other.

mod dom;
mod images;
mod lecture;
mod page;
mod related;
mod views;
mod widgets;
mod wire;
mod worker;

pub use images::start_images;
pub use page::start::start_page;
pub use related::{start_related, start_related_worker};
pub use worker::lab::start_worker;
