//! What views are made of: forms, charts, panels, help. Knows what it shows, and no view.

pub(super) mod boundary;
pub(super) mod chart;
pub(super) mod form;
pub(super) mod help;
pub(super) mod pane;
pub(super) mod thumbnail;
