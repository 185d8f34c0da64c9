//! A map's own form: which run, which axes, how many seeds, as the text of a `map=`. Knows texts, parses nothing.

use crate::lab::config::MapConfig;
use crate::lab::config::map::Axis;
use crate::web::dom;
use crate::web::widgets::refusal;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlInputElement, HtmlSelectElement};

/// The axes in the form: across, upwards.
const SIDES: [&str; 2] = ["x", "y"];
/// The attribute of a field that has what holds, whatever is entered.
const HOLDS: &str = "data-holds";

/// Whether an element is part of the form.
pub(in crate::web) fn owns(target: &Element) -> bool {
    target.has_attribute("data-map")
}

/// What may be an axis, for which run (from 0), and its values where nobody has said more.
pub(in crate::web) struct Axes<'a> {
    /// The keys.
    pub(in crate::web) keys: &'a [&'static str],
    /// Whether one does anything to a run.
    pub(in crate::web) acts: &'a dyn Fn(&str, usize) -> bool,
    /// Its usual values.
    pub(in crate::web) usual: &'a dyn Fn(&str) -> Option<Axis>,
}

/// The form, by what its elements' names begin with.
pub(in crate::web) struct Form(pub(in crate::web) &'static str);

impl Form {
    fn part<T: JsCast>(&self, name: &str) -> T {
        dom::by_id(&[self.0, "map-", name].concat())
    }

    fn field(&self, side: &str, part: &str) -> HtmlInputElement {
        self.part(&[side, "-", part].concat())
    }

    /// Shows a map. `names` are the runs'.
    pub(in crate::web) fn show(&self, map: &MapConfig, names: &[String], axes: &Axes) {
        let runs: HtmlSelectElement = self.part("run");
        options(
            &runs,
            names
                .iter()
                .enumerate()
                .map(|(run, name)| ((run + 1).to_string(), name.clone())),
        );
        runs.set_value(&(map.run + 1).to_string());
        for (i, side) in SIDES.into_iter().enumerate() {
            let axis = map.axes.get(i);
            let taken = map.axes.get(1 - i).map(Axis::key);
            let keys: HtmlSelectElement = self.part(side);
            let none = (i == 1).then(|| (String::new(), "– (a row only)".to_owned()));
            let acting = axes
                .keys
                .iter()
                .filter(|&&key| Some(key) != taken)
                // One that does nothing is shown where it is asked for.
                .filter(|&&key| Some(key) == axis.map(Axis::key) || (axes.acts)(key, map.run));
            let acting = acting.filter_map(|&key| {
                let label = (axes.usual)(key)?.label().replace('_', "");
                Some((key.to_owned(), label))
            });
            options(&keys, none.into_iter().chain(acting));
            keys.set_value(axis.map_or("", Axis::key));
            let (from, to, count) = axis.map_or_else(Default::default, texts);
            for (part, text) in [("from", from), ("to", to), ("count", count)] {
                let input = self.field(side, part);
                input.set_disabled(axis.is_none());
                write(&input, &text);
            }
        }
        write(&self.part("seeds"), &map.seeds.to_string());
    }

    /// Something in the form was changed: the text of the map that it asks for now. Another axis comes with its usual
    /// values, another run without the axes that are nothing to it.
    pub(in crate::web) fn text(&self, changed: &Element, axes: &Axes) -> String {
        let run = self.part::<HtmlSelectElement>("run").value();
        let mut parts = vec![run.clone()];
        let index = run.parse::<usize>().ok().and_then(|n| n.checked_sub(1));
        let acts = |key: &str| index.is_none_or(|run| (axes.acts)(key, run));
        for side in SIDES {
            let keys: HtmlSelectElement = self.part(side);
            let mut key = keys.value();
            let other = changed.id() == keys.id();
            let does = key.is_empty() || acts(&key);
            if !does {
                key = if side == "x" {
                    let first = axes.keys.iter().find(|key| acts(key));
                    first.map_or_else(String::new, |&key| key.to_owned())
                } else {
                    String::new()
                };
            }
            if key.is_empty() {
                continue;
            }
            let value = |part| entered(&self.field(side, part), changed);
            let (from, to, count) = if other || !does {
                (axes.usual)(&key)
                    .as_ref()
                    .map_or_else(Default::default, texts)
            } else {
                (value("from"), value("to"), value("count"))
            };
            parts.push(format!("{key}:{from}..{to}*{count}"));
        }
        let seeds = entered(&self.part("seeds"), changed);
        parts.push(format!("seeds:{}", seeds.trim()));
        parts.join(",")
    }

    /// Another map is asked for than by its fields: what was refused of them is not to be mended any more.
    pub(in crate::web) fn settle(&self) {
        for side in SIDES {
            for part in ["from", "to", "count"] {
                settle(&self.field(side, part));
            }
        }
        settle(&self.part("seeds"));
    }
}

/// What a field asks for: what is refused elsewhere than in the field that was changed does not count.
fn entered(input: &HtmlInputElement, changed: &Element) -> String {
    let held = dom::get(input, HOLDS).filter(|_| is_refused(input) && input.id() != changed.id());
    held.unwrap_or_else(|| dom::value_of(input))
}

fn is_refused(input: &Element) -> bool {
    input.has_attribute("aria-invalid")
}

fn settle(input: &HtmlInputElement) {
    if is_refused(input) {
        refusal::take_back(input);
        input.set_value(&dom::get(input, HOLDS).unwrap_or_default());
    }
}

fn texts(axis: &Axis) -> (String, String, String) {
    let (from, to, count) = axis.range();
    (from.to_string(), to.to_string(), count.to_string())
}

/// Shows a text, but not under the fingers of whoever types there, nor in place of what was refused, which stays to be mended until
/// something else holds.
fn write(input: &HtmlInputElement, text: &str) {
    let holds = dom::get(input, HOLDS).as_deref() == Some(text);
    dom::set(input, HOLDS, text);
    let types = dom::has_focus(input) && input.has_attribute("data-dirty");
    if !(types || holds && is_refused(input)) {
        input.set_value(text);
        refusal::take_back(input);
    }
}

/// Gives a choice these options, unless it has them.
fn options(select: &HtmlSelectElement, wanted: impl Iterator<Item = (String, String)>) {
    let wanted: Vec<(String, String)> = wanted.collect();
    let key = format!("{wanted:?}");
    if dom::get(select, "data-shown").as_ref() == Some(&key) {
        return;
    }
    dom::set(select, "data-shown", &key);
    select.set_text_content(None);
    for (value, label) in wanted {
        let option: Element = dom::element("option", "", &label);
        dom::set(&option, "value", &value);
        dom::append(select, &option);
    }
}
