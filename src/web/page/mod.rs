//! The page: the shell around the views. The only room that knows the page as a whole.

mod api;
mod deeds;
pub(super) mod embed;
mod news;
// What the room is named after.
#[allow(clippy::module_inception)]
pub(super) mod page;
mod people;
mod transport;
mod voice;
