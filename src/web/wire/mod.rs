//! What page and worker say to each other, how it gets there, and what is known from it. Knows neither side.

pub(super) mod due;
pub(super) mod images;
pub(super) mod line;
pub(super) mod link;
pub(super) mod message;
pub(super) mod post;
pub(super) mod related;
pub(super) mod shown;
