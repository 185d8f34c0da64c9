//! Teaching with the page: presets and lessons, their gallery, the tour, parts hidden or locked. Hands on what to load;
//! knows no page.

pub(super) mod gallery;
// What the room is named after.
#[allow(clippy::module_inception)]
pub(super) mod lecture;
pub(super) mod parts;
pub(super) mod tour;
