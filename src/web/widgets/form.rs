//! Forms made from the parameter table: the run cards and the setup. Knows keys and texts, parses nothing but
//! where a slider stands.

use super::chart::mark_sample;
use super::help;
use super::refusal;
use super::sets::Sets;
use crate::Named;
use crate::data::DataSource;
use crate::frame::{MemberFrame, Status};
use crate::lab::config::{
    Config, Control, EACH, MapConfig, Parameter, Row, RunConfig, SHARED, Setting,
};
use crate::plot::Theme;
use crate::plot::number::{percent, short};
use crate::plot::theme::Line;
use crate::steps::rule::MOST_ITERATIONS;
use crate::steps::{RULES, Rule};
use crate::web::dom;
use wasm_bindgen::JsCast;
use web_sys::{
    Element, HtmlButtonElement, HtmlDetailsElement, HtmlElement, HtmlInputElement,
    HtmlSelectElement,
};

/// Sliders count in this many steps per decade.
const PER_DECADE: f64 = 100.0;
/// Even ones count in this many steps per unit.
const PER_UNIT: f64 = 100.0;

/// The settings of all runs that a form has fields for.
fn shared() -> impl Iterator<Item = &'static Row<Config>> {
    let entered = |row: &&Row<Config>| !matches!(row.parameter.control, Control::Elsewhere(_));
    SHARED.iter().filter(entered)
}

/// How a slider's positions become values.
#[derive(Clone, Copy, PartialEq)]
enum Scale {
    /// Evenly in the logarithm.
    Log,
    /// The same, in whole numbers.
    Whole,
    /// Evenly, in hundredths.
    Even,
}

impl Scale {
    /// The one of a parameter that has a slider, and the slider's ends.
    fn of(control: &Control) -> Option<(Scale, f64, f64)> {
        match *control {
            Control::LogSlider { min, max, .. } => Some((Scale::Log, min, max)),
            Control::Slider {
                min, max, whole, ..
            } => {
                let scale = if whole { Scale::Whole } else { Scale::Even };
                Some((scale, min, max))
            }
            _ => None,
        }
    }

    /// Where the slider of a value stands.
    fn position(self, value: f64) -> f64 {
        match self {
            Scale::Even => (value * PER_UNIT).round(),
            Scale::Log | Scale::Whole => (value.log10() * PER_DECADE).round(),
        }
    }

    /// What a position means.
    fn value(self, position: f64) -> String {
        match self {
            Scale::Even => (position / PER_UNIT).to_string(),
            Scale::Log => slider_value(position),
            Scale::Whole => {
                let value = slider_value(position);
                value.parse().map_or(value, |v: f64| v.round().to_string())
            }
        }
    }
}

/// The scale of a key's slider.
fn scale_of(key: &str) -> Scale {
    let control = Setting::find(key).map(|setting| setting.parameter().control);
    let found = control.and_then(|control| Scale::of(&control));
    found.map_or(Scale::Log, |(scale, ..)| scale)
}

/// What a slider's position means, in two significant digits.
fn slider_value(position: f64) -> String {
    let value = 10f64.powf(position / PER_DECADE);
    let digits = format!("{value:.1e}");
    digits
        .parse::<f64>()
        .map_or(digits, |round| round.to_string())
}

/// One parameter's label and control. `owner` makes the ids unique.
fn entry(parameter: &Parameter, owner: &str) -> Element {
    let entry: Element = dom::element("div", "entry", "");
    dom::set(&entry, "data-entry", parameter.key);
    let id = format!("{owner}-{}", parameter.key);
    // τ_θ as people write it.
    let (plain, lowered) = parameter
        .label
        .split_once('_')
        .unwrap_or((parameter.label, ""));
    // The words first, the letter small beside them.
    let (words, letter) = match plain.rsplit_once(' ') {
        Some((words, "τ")) => (words, "τ"),
        _ => (plain, ""),
    };
    let label: Element = dom::element("label", "", words);
    if !letter.is_empty() {
        let letter: Element = dom::element("small", "", &format!(" {letter}"));
        if !lowered.is_empty() {
            dom::append(&letter, &dom::element("sub", "", lowered));
        }
        dom::append(&label, &letter);
    }
    dom::set(&label, "for", &id);
    dom::set(&label, "title", parameter.help);
    dom::append(&entry, &label);
    let about = parameter.label.replace("τ_θ", "τθ");
    dom::append(&entry, &help::button(parameter.key, &about));
    let hint = |control: &Element| {
        let unit = if parameter.unit.is_empty() {
            String::new()
        } else {
            format!(" {}", parameter.unit)
        };
        dom::set(control, "id", &id);
        dom::set(control, "data-key", parameter.key);
        dom::set(
            control,
            "title",
            &format!("{} Allowed: {}{unit}.", parameter.help, parameter.allowed()),
        );
    };
    let text = || {
        let input: HtmlInputElement = dom::element("input", "", "");
        input.set_type("text");
        dom::set(&input, "autocomplete", "off");
        dom::set(&input, "spellcheck", "false");
        hint(&input);
        input
    };
    match &parameter.control {
        Control::Choice(names) => {
            let select = select(names);
            name_sets(&select);
            hint(&select);
            dom::append(&entry, &select);
        }
        Control::Rule => {
            let select = select(&RULES.map(Rule::key));
            hint(&select);
            dom::append(&entry, &select);
            let count: HtmlInputElement = dom::element("input", "count", "");
            count.set_type("text");
            let usual = RULES.into_iter().find_map(Rule::iterations);
            count.set_value(&usual.map_or_else(String::new, |k| k.to_string()));
            dom::set(&count, "inputmode", "numeric");
            dom::set(&count, "data-count", "rule");
            dom::set(&count, "aria-label", "CG iterations");
            dom::set(
                &count,
                "title",
                &format!(
                    "At most this many conjugate-gradient iterations per step (1 to {MOST_ITERATIONS})"
                ),
            );
            dom::append(&entry, &count);
        }
        Control::LogSlider { .. } | Control::Slider { .. } => {
            let (scale, low, high) = Scale::of(&parameter.control).expect("it has a slider");
            entry.class_list().add_1("slider").expect("a valid class");
            let slider: HtmlInputElement = dom::element("input", "", "");
            slider.set_type("range");
            dom::set(&slider, "min", &scale.position(low).to_string());
            dom::set(&slider, "max", &scale.position(high).to_string());
            dom::set(&slider, "data-slider", parameter.key);
            dom::set(
                &slider,
                "aria-label",
                &format!("{}, slider", parameter.label),
            );
            dom::append(&entry, &slider);
            let input = text();
            let whole = scale == Scale::Whole;
            let mode = if whole { "numeric" } else { "decimal" };
            dom::set(&input, "inputmode", mode);
            dom::append(&entry, &input);
        }
        Control::Integer { .. } | Control::Number { .. } => {
            let input = text();
            let whole = matches!(parameter.control, Control::Integer { .. });
            dom::set(
                &input,
                "inputmode",
                if whole { "numeric" } else { "decimal" },
            );
            dom::append(&entry, &input);
        }
        Control::Written(_) | Control::Elsewhere(_) => {
            entry.class_list().add_1("wide").expect("a valid class");
            dom::append(&entry, &text());
        }
    }
    entry
}

fn select(names: &[&str]) -> HtmlSelectElement {
    let select: HtmlSelectElement = dom::element("select", "", "");
    for name in names {
        let option: Element = dom::element("option", "", name);
        dom::set(&option, "value", name);
        dom::append(&select, &option);
    }
    select
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

/// Shows a value in an entry, but not under the fingers of whoever types there.
fn show(entry: &Element, value: &str) {
    let busy = dom::document()
        .active_element()
        .is_some_and(|active| active.has_attribute("data-dirty"));
    if let Some(select) = dom::seek::<HtmlSelectElement>(entry, "select") {
        refusal::take_back(&select);
        let Some(input) = dom::seek::<HtmlInputElement>(entry, "[data-count]") else {
            select.set_value(value);
            return;
        };
        if let Ok(rule) = Rule::parse(value) {
            select.set_value(rule.key());
            dom::show(&input, rule.iterations().is_some());
            if let (Some(count), false) = (rule.iterations(), busy) {
                input.set_value(&count.to_string());
            }
        }
        return;
    }
    if let Some(input) = dom::seek::<HtmlInputElement>(entry, "input[data-key]") {
        if !(busy && input.has_attribute("data-dirty")) && input.value() != value {
            input.set_value(value);
        }
        refusal::take_back(&input);
    }
    if let Some(slider) = dom::seek::<HtmlInputElement>(entry, "[data-slider]") {
        let scale = scale_of(&dom::get(&slider, "data-slider").unwrap_or_default());
        if let (false, Ok(number)) = (slider.has_attribute("data-dirty"), value.parse()) {
            slider.set_value(&scale.position(number).to_string());
        }
        dom::set(&slider, "aria-valuetext", value);
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
            let entry = entry(parameter, &format!("run{}", run + 1));
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

    /// Says in words where the run stands, at a step of a timeline that begins at `first`; `plain`: without letters.
    pub(in crate::web) fn say(
        &self,
        member: &MemberFrame,
        [step, first]: [u64; 2],
        playing: bool,
        plain: bool,
    ) {
        let mut loss = figures(member);
        let sparse = self.shown.as_ref().is_some_and(|(_, run, _)| run.l1 > 0.0);
        if sparse || member.zero_weights > 0 {
            let (zeros, all) = (member.zero_weights, member.weights);
            loss = format!("{loss} · {zeros} of {all} weights are 0");
        }
        let divergence = member.divergence.as_ref().filter(|_| plain);
        let words = match (member.status, &member.explanation) {
            (Status::Diverged, Some(explanation)) => divergence.map_or_else(
                || explanation.clone(),
                |d| format!("Diverged at step {}: {}.", d.step, d.reason),
            ),
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
        show(&entry, &(row.get)(of).to_string());
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
        of_cells(SHARED).for_each(|row| dom::append(&common.shared, &entry(&row.parameter, "map")));
        of_cells(EACH).for_each(|row| dom::append(&common.own, &entry(&row.parameter, "map")));
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
            dom::append(&fields, &entry(parameter, "setup"));
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
    let key = ["data-key", "data-slider", "data-count"]
        .into_iter()
        .find_map(|name| dom::get(target, name))?;
    let text = if let Some(select) = target.dyn_ref::<HtmlSelectElement>() {
        select.value()
    } else {
        let input: &HtmlInputElement = target.dyn_ref()?;
        if target.has_attribute("data-slider") {
            let position = input.value().parse();
            position.map_or(String::new(), |position| scale_of(&key).value(position))
        } else {
            dom::value_of(target)
        }
    };
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
