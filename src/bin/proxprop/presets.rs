//! `proxprop presets`: the list of presets, printed. Knows no run.

use std::fmt::Write as _;

use clap::Args;
use proxprop::lab::presets::PRESETS;

use crate::failure::Refusal;
use crate::outputs::print;

#[derive(Args)]
pub(crate) struct Arguments {
    /// With their answers and queries.
    #[arg(long)]
    answers: bool,
}

/// Prints all presets.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Refusal> {
    print(&presets(arguments.answers))
}

/// The presets, one to three lines each.
fn presets(answers: bool) -> String {
    let mut text = String::new();
    for preset in &PRESETS {
        let _ = writeln!(text, "{:<24}{}", preset.name, preset.title);
        let _ = writeln!(text, "{:<24}{}", "", preset.question);
        if answers {
            let _ = writeln!(text, "{:<24}{}", "", preset.answer);
            let _ = writeln!(text, "{:<24}?{}#{}", "", preset.query, preset.hash);
        }
    }
    text
}
