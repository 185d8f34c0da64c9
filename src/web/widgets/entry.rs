//! A parameter as it is entered: its name, its control, and its value there. Knows one row of a table at a time, and parses nothing
//! but where a slider stands.

use super::refusal;
use crate::lab::row::{Control, Parameter};
use crate::steps::rule::MOST_ITERATIONS;
use crate::steps::{RULES, Rule};
use crate::web::dom;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlInputElement, HtmlSelectElement};

/// Sliders count in this many steps per decade.
const PER_DECADE: f64 = 100.0;
/// Even ones have at least so many steps.
const FEWEST: f64 = 50.0;
/// Up to here whole numbers have a step each; beyond, a step of the logarithm is longer than that.
const SINGLY: f64 = 43.0;

/// What stands before the least position above zero, in the note of a scale that has one.
const ZERO: &str = "zero below ";

/// How a slider's positions become values.
#[derive(Clone, Copy, PartialEq)]
enum Scale {
    /// Evenly in the logarithm.
    Log,
    /// The same, with zero below this position.
    Zero(f64),
    /// The same in whole numbers, the small ones one by one.
    Whole,
    /// Evenly, in so many steps per unit.
    Even(f64),
}

impl Scale {
    /// The one of a parameter that has a slider, and the slider's ends.
    fn of(control: &Control) -> Option<(Scale, f64, f64)> {
        match *control {
            Control::LogSlider {
                min, max, hard_min, ..
            } => Some(if hard_min > 0.0 {
                (Scale::Log, min, max)
            } else {
                (Scale::Zero(Scale::Log.position(min)), 0.0, max)
            }),
            Control::Slider {
                min, max, whole, ..
            } => {
                let scale = if whole {
                    Scale::Whole
                } else {
                    Scale::Even(per_unit(max - min))
                };
                Some((scale, min, max))
            }
            _ => None,
        }
    }

    /// As [`Scale::read`] finds it on the slider.
    fn note(self, slider: &Element) {
        let note = match self {
            Scale::Log => "log".to_owned(),
            Scale::Zero(least) => format!("{ZERO}{least}"),
            Scale::Whole => "whole".to_owned(),
            Scale::Even(per_unit) => per_unit.to_string(),
        };
        dom::set(slider, "data-scale", &note);
    }

    /// The one that a slider has.
    fn read(slider: &Element) -> Scale {
        let note = dom::get(slider, "data-scale").unwrap_or_default();
        if note == "whole" {
            return Scale::Whole;
        }
        match note.strip_prefix(ZERO) {
            Some(least) => least.parse().map_or(Scale::Log, Scale::Zero),
            None => note.parse().map_or(Scale::Log, Scale::Even),
        }
    }

    /// Where the slider of a value stands.
    fn position(self, value: f64) -> f64 {
        let log = |value: f64| (libm::log10(value) * PER_DECADE).round();
        match self {
            Scale::Even(per_unit) => (value * per_unit).round(),
            Scale::Zero(least) if value <= 0.0 => least - 1.0,
            Scale::Zero(least) => log(value).max(least),
            Scale::Log => log(value),
            Scale::Whole if value <= SINGLY => value,
            Scale::Whole => SINGLY + log(value / SINGLY),
        }
    }

    /// What a position means: of logarithmic sliders the roundest number that stands there, so that every position is
    /// another number.
    fn value(self, position: f64) -> String {
        let value = match self {
            Scale::Even(per_unit) => return (position / per_unit).to_string(),
            Scale::Zero(least) if position < least => 0.0,
            Scale::Log | Scale::Zero(_) => libm::exp10(position / PER_DECADE),
            Scale::Whole if position <= SINGLY => position,
            Scale::Whole => (SINGLY * libm::exp10((position - SINGLY) / PER_DECADE)).round(),
        };
        let rounded = (0..4).map(|digits| format!("{value:.digits$e}").parse().unwrap_or(value));
        let mut there = rounded.filter(|&round| self.position(round) == position);
        there.next().unwrap_or(value).to_string()
    }
}

/// How many steps per unit an even slider of this length has: hundredths, where those are many.
fn per_unit(length: f64) -> f64 {
    let mut per_unit = 100.0;
    while length * per_unit < FEWEST {
        per_unit *= 10.0;
    }
    per_unit
}

/// One parameter's label, help and control. `owner` makes the ids unique.
pub(in crate::web) fn entry(parameter: &Parameter, owner: &str, help: &Element) -> Element {
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
    dom::append(&entry, help);
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
            scale.note(&slider);
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

/// Shows a value in an entry, but not under the fingers of whoever types there.
pub(in crate::web) fn show(entry: &Element, value: &str) {
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
        let scale = Scale::read(&slider);
        if let (false, Ok(number)) = (slider.has_attribute("data-dirty"), value.parse()) {
            slider.set_value(&scale.position(number).to_string());
        }
        dom::set(&slider, "aria-valuetext", value);
    }
}

/// Has an entry's slider end at a number.
pub(in crate::web) fn end(entry: &Element, most: f64) {
    if let Some(slider) = dom::seek::<Element>(entry, "[data-slider]") {
        let position = Scale::read(&slider).position(most);
        dom::set(&slider, "max", &position.to_string());
    }
}

/// The key and text of an entry's element that was changed.
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
            position.map_or(String::new(), |position| Scale::read(input).value(position))
        } else {
            dom::value_of(target)
        }
    };
    Some((key, text))
}
