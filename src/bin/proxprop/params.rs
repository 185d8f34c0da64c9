//! `proxprop params`: the table of parameters, printed. Knows no run.

use std::fmt::Write as _;

use proxprop::lab::config::{Clause, GRAMMAR, Setting};

use crate::failure::Refusal;
use crate::outputs::print;

/// Prints all parameters.
pub(crate) fn run() -> Result<(), Refusal> {
    print(&parameters())
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
        let usual = match parameter.default {
            "" => "none",
            usual => usual,
        };
        let (key, label) = (parameter.key, parameter.label);
        let _ = writeln!(text, "  {key:<10} {label} (default {usual})");
        let _ = writeln!(text, "  {:<10} {}", "", parameter.help);
        let _ = writeln!(text, "  {:<10} allowed: {}", "", parameter.allowed());
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
