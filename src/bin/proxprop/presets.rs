//! `proxprop presets`: the list of presets, printed. Knows no run.

use std::fmt::Write as _;

use clap::Args;
use proxprop::lab::presets::{PRESETS, Preset};
use proxprop::lab::systems::SYSTEMS;

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

/// The presets, one to three lines each; those of a system under its name.
fn presets(answers: bool) -> String {
    let mut text = String::new();
    for preset in &PRESETS {
        put(&mut text, preset, answers);
    }
    for entry in SYSTEMS {
        let (name, title) = (entry.about.name, entry.about.title);
        let _ = writeln!(text, "\n{title} (system={name}&preset=NAME)");
        for preset in entry.about.presets {
            put(&mut text, preset, answers);
        }
    }
    text
}

fn put(text: &mut String, preset: &Preset, answers: bool) {
    let _ = writeln!(text, "{:<24}{}", preset.name, preset.title);
    let _ = writeln!(text, "{:<24}{}", "", preset.question);
    if answers {
        let _ = writeln!(text, "{:<24}{}", "", preset.answer);
        let _ = writeln!(text, "{:<24}?{}#{}", "", preset.query, preset.hash);
    }
}
