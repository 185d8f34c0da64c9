//! Forms made from the parameter table: the run cards and the setup. Knows keys and texts, parses nothing.

use super::chart::mark_sample;
use super::entry;
use super::help;
use super::sets::Sets;
use crate::Named;
use crate::data::DataSource;
use crate::frame::{MemberFrame, Status};
use crate::lab::config::{Config, Control, EACH, MapConfig, Parameter, Row, RunConfig, SHARED};
use crate::lab::sentence::plainly;
use crate::plot::Theme;
use crate::plot::number::{percent, short};
use crate::plot::theme::Line;
use crate::steps::{RULES, Rule};
use crate::web::dom;
use web_sys::{
    Element, HtmlButtonElement, HtmlDetailsElement, HtmlElement, HtmlInputElement,
    HtmlSelectElement,
};

/// The settings of all runs that a form has fields for.
fn shared() -> impl Iterator<Item = &'static Row<Config>> {
    let entered = |row: &&Row<Config>| !matches!(row.parameter.control, Control::Elsewhere(_));
    SHARED.iter().filter(entered)
}

/// A parameter's entry with the button of its help.
fn helped(parameter: &Parameter, owner: &str) -> Element {
    let about = parameter.label.replace("τ_θ", "τθ");
    let entry = entry::entry(parameter, owner, &help::button(parameter.key, &about));
    if let Some(select) = dom::seek(&entry, "select") {
        name_sets(&select);
    }
    entry
}

/// Data sets go by the names that people have for them.
fn name_sets(select: &HtmlSelectElement) {
    for option in dom::all(select, "option") {
        let set = DataSource::of_name(&dom::get(&option, "value").unwrap_or_default());
        if let Some(set) = set {
            dom::write(&option, set.title());
        }
    }
}

/// The run (from 0) that a key such as `run2.tau` names.
pub(in crate::web) fn run_of(key: &str) -> Option<usize> {
    let (number, _) = key.strip_prefix("run")?.split_once('.')?;
    number.parse::<usize>().ok()?.checked_sub(1)
}

/// The choice or the exact entry of a parameter, `noise` or `run2.tau`.
pub(in crate::web) fn field_of(key: &str) -> Option<Element> {
    let selector = match (run_of(key), key.split_once('.')) {
        (Some(index), Some((_, key))) => format!(".card[data-index='{index}'] [data-key='{key}']"),
        _ => format!("#setup-fields [data-key='{key}']"),
    };
    dom::seek(&dom::root(), &selector)
}

/// What is said at the top and beside its field of a value that was refused: as people know the setting there, and without its name
/// here.
pub(in crate::web) fn refusal(key: Option<&str>, error: &str) -> [String; 2] {
    let rest = key.and_then(|key| Some((key, error.strip_prefix(&format!("{key}: "))?)));
    let named = rest.and_then(|(key, rest)| {
        let name = match (run_of(key), key.split_once('.')) {
            (Some(index), Some((_, of))) => {
                format!(
                    "{} of run {}",
                    Row::find(EACH, of)?.parameter.label,
                    index + 1
                )
            }
            _ => Row::find(SHARED, key)?.parameter.label.to_owned(),
        };
        Some([format!("{name} ({key}): {rest}"), rest.to_owned()])
    });
    named.unwrap_or_else(|| [error.to_owned(), error.to_owned()])
}

/// A run's card.
pub(in crate::web) struct Card {
    root: HtmlElement,
    title: Element,
    status: Element,
    offers: Element,
    ask: Element,
    remove: HtmlButtonElement,
    /// What it shows: name, settings, whether there is no other run.
    shown: Option<(String, RunConfig, bool)>,
}

impl Card {
    /// Appends a card for a run.
    pub(in crate::web) fn new(run: usize, parent: &Element) -> Card {
        let root: HtmlElement = dom::stamp("run-card");
        dom::set(&root, "data-run", &(run % 6).to_string());
        dom::set(&root, "data-index", &run.to_string());
        dom::set(&root, "aria-label", &format!("Run {}", run + 1));
        mark_sample(&dom::find(&root, ".sample"), run, Line::Solid);
        for (i, Row { parameter, .. }) in EACH.iter().enumerate() {
            let slot = match parameter.control {
                // The first two say what kind of step it is.
                Control::Rule | Control::Choice(_) if i < 2 => "rule",
                Control::LogSlider { .. } => "steps",
                _ => "more",
            };
            let entry = helped(parameter, &format!("run{}", run + 1));
            if slot == "rule" {
                // Two boxes side by side explain themselves; their labels are for who cannot see them so.
                dom::find::<Element>(&entry, "label").set_class_name("hidden");
            }
            dom::append(
                &dom::find::<Element>(&root, &format!("[data-slot={slot}]")),
                &entry,
            );
        }
        dom::append(parent, &root);
        Card {
            title: dom::find(&root, "h3"),
            status: dom::find(&root, ".card-status"),
            offers: dom::find(&root, ".offers"),
            ask: dom::find(&root, ".ask"),
            remove: dom::find(&root, "[data-do=remove]"),
            root,
            shown: None,
        }
    }

    /// Takes the card out of the page.
    pub(in crate::web) fn remove(&self) {
        self.root.remove();
    }

    /// The next [`Card::show`] writes everything anew: what people have typed may have been refused.
    pub(in crate::web) fn forget(&mut self) {
        self.shown = None;
    }

    /// Shows a run's settings, and hides what does not act on it.
    pub(in crate::web) fn show(&mut self, name: &str, run: &RunConfig, alone: bool) {
        let same = |(n, r, a): &(String, RunConfig, bool)| n == name && r == run && *a == alone;
        if self.shown.as_ref().is_some_and(same) {
            return;
        }
        self.shown = Some((name.to_owned(), run.clone(), alone));
        dom::write(&self.title, name);
        self.remove.set_disabled(alone);
        dom::set(&self.remove, "aria-label", &format!("Remove {name}"));
        let duplicate: Element = dom::find(&self.root, "[data-do=duplicate]");
        dom::set(&duplicate, "aria-label", &format!("Duplicate {name}"));
        show_rows(&self.root, EACH.iter(), run, &|_| false);
    }

    /// Asks what a run that is over is to do with other values, or no more. `others`: values of other runs, with which the
    /// same is done. `diverged`: it has left the ground.
    pub(in crate::web) fn ask(&self, settings: &[(&str, &str)], others: bool, diverged: bool) {
        dom::show(&self.ask, !settings.is_empty());
        if settings.is_empty() {
            return;
        }
        let each = settings.iter().map(|&(key, value)| {
            let label = Row::find(EACH, key).map_or(key, |row| row.parameter.label);
            // Of a name with a symbol the symbol is enough.
            let symbol = label.rsplit(' ').next().filter(|word| !word.is_ascii());
            symbol.unwrap_or(label).replace('_', "") + " = " + value
        });
        let each = each.collect::<Vec<_>>().join(", ");
        let all = if others { " and all else moved" } else { "" };
        let again: Element = dom::find(&self.ask, "[data-do=again]");
        dom::write(&again, &format!("Start again with {each}{all}"));
        let words = if diverged {
            "Go on from before it diverged"
        } else {
            "Go on from here"
        };
        dom::write(&dom::find(&self.ask, "[data-do=go-on]"), words);
    }

    /// Says in words where the run stands, at a step of a timeline that begins at `first`; `plain`: without letters, of a network of so
    /// many layers.
    pub(in crate::web) fn say(
        &self,
        member: &MemberFrame,
        [step, first]: [u64; 2],
        playing: bool,
        plain: Option<usize>,
    ) {
        let mut loss = figures(member);
        let sparse = self.shown.as_ref().is_some_and(|(_, run, _)| run.l1 > 0.0);
        if sparse || member.zero_weights > 0 {
            let (zeros, all) = (member.zero_weights, member.weights);
            loss = format!("{loss} · {zeros} of {all} weights are 0");
        }
        let plain = plain.and_then(|layers| plainly(member, layers));
        let words = match (member.status, &member.explanation) {
            (Status::Diverged, Some(explanation)) => {
                plain.map_or_else(|| explanation.clone(), |words| words.replacen('d', "D", 1))
            }
            (Status::Diverged, None) => "Diverged".to_owned(),
            (Status::Done, Some(told)) => format!("Done · {loss}. {told}"),
            (Status::Done, None) => format!("Done · {loss}"),
            (Status::Training, _) if playing => format!("Training · {loss}"),
            (Status::Training, _) if step == 0 => format!("Ready · {loss}"),
            (Status::Training, _) => format!("Paused · {loss}"),
        };
        dom::write(&self.status, &words);
        let diverged = member.status == Status::Diverged;
        dom::set(
            &self.root,
            "data-fate",
            if diverged { "diverged" } else { "" },
        );
        // A state file that begins with the divergence has nothing to go back to.
        let has_past = first == 0 || member.diverged_at.is_some_and(|step| step > first);
        dom::show(&self.offers, diverged && has_past);
        let implicit: Element = dom::find(&self.root, "[data-do=implicit]");
        let rule = Rule::parse(&member.rule);
        dom::show(&implicit, rule == Ok(Rule::Backprop));
    }
}

/// Loss and accuracy, and behind them those on the points held out.
fn figures(member: &MemberFrame) -> String {
    let rate = |accuracy: Option<f64>, words: &str| {
        accuracy.map_or_else(String::new, |a| format!(", {}{words}", percent(a, 0)))
    };
    let held_out = member.validation_loss.map(|loss| {
        let rate = rate(member.validation_accuracy, "");
        format!(" · held out {}{rate}", short(loss))
    });
    let right = rate(member.accuracy, " right");
    let loss = short(member.loss);
    format!("loss {loss}{right}{}", held_out.unwrap_or_default())
}

/// Shows settings in their entries below `root`, and hides those that do nothing and those that somebody else varies.
fn show_rows<T: 'static>(
    root: &Element,
    rows: impl Iterator<Item = &'static Row<T>>,
    of: &T,
    varied: &dyn Fn(&str) -> bool,
) {
    for row in rows {
        let key = row.parameter.key;
        let entry: Element = dom::find(root, &format!("[data-entry={key}]"));
        entry::show(&entry, &(row.get)(of).to_string());
        dom::show(&entry, (row.acts)(of) && !varied(key));
    }
}

/// The settings that mean anything to a cell of a map.
fn of_cells<T>(table: &'static [Row<T>]) -> impl Iterator<Item = &'static Row<T>> {
    table.iter().filter(|row| row.of_cells)
}

/// The form of what a map's cells have in common: settings of the run that is varied, and of all runs.
pub(in crate::web) struct Common {
    own: Element,
    shared: Element,
}

impl Common {
    /// Fills the map's panel. What ends a run early or is only looked at means nothing to a cell.
    pub(in crate::web) fn new() -> Common {
        let common = Common {
            own: dom::by_id("map-own-fields"),
            shared: dom::by_id("map-shared-fields"),
        };
        of_cells(SHARED)
            .for_each(|row| dom::append(&common.shared, &helped(&row.parameter, "map")));
        of_cells(EACH).for_each(|row| dom::append(&common.own, &helped(&row.parameter, "map")));
        common
    }

    /// Shows the settings, but those that the map varies.
    pub(in crate::web) fn show(&self, config: &Config, map: &MapConfig) {
        let Some(run) = config.runs.get(map.run) else {
            return;
        };
        dom::set(&self.own, "data-index", &map.run.to_string());
        let varied = |key: &str| map.axes.iter().any(|axis| axis.varies(key));
        show_rows(&self.shared, of_cells(SHARED), config, &varied);
        show_rows(&self.own, of_cells(EACH), run, &varied);
    }
}

/// The form of what all runs share.
pub(in crate::web) struct Setup {
    fields: Element,
    brief: Element,
    sets: Sets,
}

impl Setup {
    /// Fills the setup panel.
    pub(in crate::web) fn new() -> Setup {
        let fields: Element = dom::by_id("setup-fields");
        for Row { parameter, .. } in shared() {
            dom::append(&fields, &helped(parameter, "setup"));
        }
        Setup {
            sets: Sets::new(&fields),
            fields,
            brief: dom::by_id("setup-brief"),
        }
    }

    /// Draws its pictures where they are to be seen.
    pub(in crate::web) fn draw(&mut self, theme: &Theme) {
        if dom::by_id::<HtmlDetailsElement>("setup").open() {
            self.sets.draw(theme);
        }
    }

    /// The colours are others.
    pub(in crate::web) fn forget(&mut self) {
        self.sets.forget();
    }

    /// Shows the shared settings.
    pub(in crate::web) fn show(&self, config: &Config) {
        self.sets.show(config.data);
        show_rows(&self.fields, shared(), config, &|_| false);
        let layers: Vec<String> = config.hidden.iter().map(ToString::to_string).collect();
        let brief = format!(
            "{} · {} · {}",
            config.data.title(),
            config.count(),
            layers.join("-")
        );
        dom::write(&self.brief, &brief);
    }
}

/// The key and text of a form's element that was changed, ready for the session.
pub(in crate::web) fn setting(target: &Element) -> Option<(String, String)> {
    let (key, text) = entry::setting(target)?;
    let entry = target.closest(".entry").ok().flatten()?;
    let text = match dom::seek::<HtmlInputElement>(&entry, "[data-count]") {
        Some(count) => {
            let chosen = dom::find::<HtmlSelectElement>(&entry, "select").value();
            let rule = RULES.into_iter().find(|rule| rule.key() == chosen);
            match rule.and_then(Rule::iterations) {
                Some(_) => format!("{chosen}{}", count.value().trim()),
                None => chosen,
            }
        }
        None => text,
    };
    let card = target.closest("[data-index]").ok().flatten();
    let run = card.and_then(|card| dom::get(&card, "data-index")?.parse::<usize>().ok());
    Some((
        run.map_or(key.clone(), |run| format!("run{}.{key}", run + 1)),
        text,
    ))
}
