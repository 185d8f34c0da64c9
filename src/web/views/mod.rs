//! What stands behind the tabs, and what of it can be saved. A view is handed what it asks by; it knows no page.

pub(super) mod draw;
pub(super) mod flow;
pub(super) mod list;
pub(super) mod map;
pub(super) mod one_step;
pub(super) mod share;
pub(super) mod train;
pub(super) mod view;
