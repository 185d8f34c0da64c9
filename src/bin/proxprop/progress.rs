//! How far a command is, for who watches the terminal. Does not know what it counts.

use std::io::{self, IsTerminal};

use indicatif::{ProgressBar, ProgressStyle};

/// A bar of so many of a unit, if somebody sees it.
pub(crate) fn bar(length: u64, unit: &str) -> ProgressBar {
    drawn(length, &format!("{{pos}}/{{len}} {unit}"))
}

/// A bar of work that is counted in a unit nobody wants to read, if somebody sees it.
pub(crate) fn share(length: u64) -> ProgressBar {
    drawn(length, "{percent} %")
}

fn drawn(length: u64, position: &str) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let template = format!("{{bar:40}} {position}, {{eta}} left{{msg}}");
    let style = ProgressStyle::with_template(&template).expect("a valid template");
    ProgressBar::new(length).with_style(style)
}
