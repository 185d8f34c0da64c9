//! The map's own form: which run, which axes, how many seeds, as the text of a `map=`. Knows texts, parses nothing.

use crate::lab::config::map::Axis;
use crate::lab::config::{Config, MapConfig};
use crate::web::dom;
use crate::web::widgets::refusal;
use web_sys::{Element, HtmlInputElement, HtmlSelectElement};

/// The axes in the form: across, upwards.
const SIDES: [&str; 2] = ["x", "y"];

/// Whether an element is part of the form.
pub(super) fn owns(target: &Element) -> bool {
    target.has_attribute("data-map")
}

/// Shows a map. `names` are the runs'.
pub(super) fn show(config: &Config, map: &MapConfig, names: &[String]) {
    let runs: HtmlSelectElement = dom::by_id("map-run");
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
        let keys: HtmlSelectElement = dom::by_id(&format!("map-{side}"));
        let none = (i == 1).then(|| (String::new(), "– (a row only)".to_owned()));
        let acting = Axis::KEYS.into_iter().filter(|&key| {
            let run = &config.runs[map.run];
            Some(key) != taken && Axis::acts_on(key, run)
        });
        let acting = acting.filter_map(|key| {
            let label = Axis::usual(key)?.label().replace('_', "");
            Some((key.to_owned(), label))
        });
        options(&keys, none.into_iter().chain(acting));
        keys.set_value(axis.map_or("", Axis::key));
        let (from, to, count) = axis.map_or_else(Default::default, texts);
        for (part, text) in [("from", from), ("to", to), ("count", count)] {
            let input = field(side, part);
            input.set_disabled(axis.is_none());
            write(&input, &text);
        }
    }
    write(&dom::by_id("map-seeds"), &map.seeds.to_string());
}

/// Something in the form was changed: the text of the map that it asks for now. Another axis comes with its usual
/// values, another run without the axes that are nothing to it.
pub(super) fn text(changed: &Element, config: &Config) -> String {
    let run = dom::by_id::<HtmlSelectElement>("map-run").value();
    let mut parts = vec![run.clone()];
    for side in SIDES {
        let keys: HtmlSelectElement = dom::by_id(&format!("map-{side}"));
        let mut key = keys.value();
        let other = changed.id() == keys.id();
        let index = run.parse::<usize>().ok().and_then(|n| n.checked_sub(1));
        let run = index.and_then(|run| config.runs.get(run));
        let acts = run.is_none_or(|run| Axis::acts_on(&key, run));
        if !acts {
            key = String::from(if side == "x" { "tau" } else { "" });
        }
        if key.is_empty() {
            continue;
        }
        let value = |part| dom::value_of(&field(side, part));
        let (from, to, count) = if other || !acts {
            Axis::usual(&key)
                .as_ref()
                .map_or_else(Default::default, texts)
        } else {
            (value("from"), value("to"), value("count"))
        };
        parts.push(format!("{key}:{from}..{to}*{count}"));
    }
    let seeds = dom::by_id::<HtmlInputElement>("map-seeds").value();
    parts.push(format!("seeds:{}", seeds.trim()));
    parts.join(",")
}

fn field(side: &str, part: &str) -> HtmlInputElement {
    dom::by_id(&format!("map-{side}-{part}"))
}

fn texts(axis: &Axis) -> (String, String, String) {
    let (from, to, count) = axis.range();
    (from.to_string(), to.to_string(), count.to_string())
}

/// Shows a text, but not under the fingers of whoever types there.
fn write(input: &HtmlInputElement, text: &str) {
    if !(dom::has_focus(input) && input.has_attribute("data-dirty")) {
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
