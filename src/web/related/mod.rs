//! The view of related systems: its own side of the page, its own worker. It lays out whatever comes, columns, pictures, curves and numbers
//! with words, and names no system. It lies in a module of WebAssembly of its own and shares with the page the document alone: the page
//! knows of it what [`super::views::related`] asks.

mod card;
mod crew;
mod drawn;
mod figure;
mod form;
mod help;
mod map;
mod message;
mod screen;
mod show;
mod start;
mod twin;
mod ways;
mod worker;

pub use start::start_related;
pub use worker::start_related_worker;
