//! The page: the shell around the views. The only room that knows the page as a whole.

mod api;
mod columns;
mod deeds;
mod embed;
mod fault;
mod keep;
mod news;
// What the room is named after.
#[allow(clippy::module_inception)]
mod page;
mod parent;
mod people;
pub(super) mod start;
mod transport;
mod voice;
