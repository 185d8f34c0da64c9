//! The lab: a run as text, as commands and events, its curves, its timeline and its state file. Knows no browser.

pub mod architecture;
pub mod budget;
mod command;
pub mod config;
mod course;
pub mod csv;
pub mod engine;
pub mod flow;
pub mod history;
pub mod lesson;
pub mod look;
pub mod map;
pub mod names;
pub mod presets;
pub mod repair;
pub mod row;
pub mod scene;
pub mod sentence;
pub mod session;
pub mod sketch;
mod start;
pub mod state;
mod stop;
pub mod table;
pub mod timeline;
pub mod trace;
mod words;
