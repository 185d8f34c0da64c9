//! What of a run on images is on the page, in the place of decision boundaries: pictures of what each network makes of them, and a field
//! to draw one on. It lies in the module of the whole engine, and shares with the page the document alone: the page knows of it what
//! [`super::views::images`] asks.

mod field;
mod start;
mod view;

pub use start::start_images;
