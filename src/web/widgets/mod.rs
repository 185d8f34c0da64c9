//! What views are made of: forms, charts, panels, help. They know what they show, and no view.

pub(super) mod boundary;
pub(super) mod chart;
pub(super) mod entry;
pub(super) mod form;
pub(super) mod help;
pub(super) mod network;
mod neuron;
pub(super) mod pane;
pub(super) mod refusal;
pub(super) mod sets;
pub(super) mod thumbnail;
