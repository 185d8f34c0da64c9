//! `proxprop params`: the table of parameters, printed. Knows no run.

use std::fmt::Write as _;

use clap::Args;
use proxprop::lab::config::{Clause, GRAMMAR, Parameter, Setting};
use proxprop::lab::systems::{self, About, Entry};

use crate::failure::Refusal;
use crate::outputs::print;

#[derive(Args)]
pub(crate) struct Arguments {
    /// Those of a related system.
    #[arg(long, value_name = "NAME")]
    system: Option<String>,
}

/// Prints all parameters.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Refusal> {
    match &arguments.system {
        None => print(&parameters()),
        Some(name) => print(&of_system(systems::named(name).map_err(|e| e.to_string())?)),
    }
}

/// The table of a related system's parameters.
fn of_system(entry: &Entry) -> String {
    let About { name, title, .. } = entry.about;
    let told = entry.told;
    let (question, relation, citation) = (told.question, told.at_length(), told.citation);
    let mut text = format!(
        "{title}\n{question}\n{relation}\n{citation}\n\nA run is system={name}&KEY=VALUE…; a run's own settings follow its method: \
         run=METHOD,KEY:VALUE,…\n"
    );
    let mut section = "";
    for (_, parameter) in (entry.parameters)() {
        if section != parameter.section {
            section = parameter.section;
            let _ = writeln!(text, "\n{section}");
        }
        row(&mut text, parameter);
    }
    let _ = writeln!(text, "\nmap\n  map        {}", (entry.map_allowed)());
    text
}

/// A parameter in three lines.
fn row(text: &mut String, parameter: &Parameter) {
    let usual = match parameter.default {
        "" => "none",
        usual => usual,
    };
    let (key, label) = (parameter.key, parameter.label);
    let _ = writeln!(text, "  {key:<10} {label} (default {usual})");
    let _ = writeln!(text, "  {:<10} {}", "", parameter.help);
    let _ = writeln!(text, "  {:<10} allowed: {}", "", parameter.allowed());
}

/// The table of parameters.
fn parameters() -> String {
    let mut text = String::from(
        "A run is KEY=VALUE joined by &; a run's own settings follow its rule: run=RULE,KEY:VALUE,…\n",
    );
    let mut section = "";
    for setting in Setting::all() {
        let parameter = setting.parameter();
        if section != parameter.section {
            section = parameter.section;
            let clause = GRAMMAR.iter().find(|clause| clause.section == section);
            let title = clause.map_or_else(
                || section.to_owned(),
                |clause| format!("{section} ({}; {})", clause.help, (clause.allowed)()),
            );
            let _ = writeln!(text, "\n{title}");
        }
        row(&mut text, parameter);
    }
    for clause in GRAMMAR.iter().filter(|clause| clause.section != section) {
        let Clause {
            key,
            section,
            label,
            help,
            allowed,
        } = clause;
        let _ = match *label {
            "" => writeln!(text, "\n{section}\n  {help} ({})", allowed()),
            label => writeln!(
                text,
                "\n{section}\n  {key:<10} {label} (default none)\n  {:<10} {help}\n  {:<10} allowed: {}",
                "",
                "",
                allowed()
            ),
        };
    }
    text
}
