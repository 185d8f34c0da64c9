//! The form of a system, made from its tables: what all runs share, and a card per run. Knows keys and texts.

use super::help;
use crate::lab::config::{Control, Parameter};
use crate::lab::systems::{Entry, MAX_RUNS, Setting, Settings};
use crate::plot::theme::Line;
use crate::web::dom;
use crate::web::widgets::chart::mark_sample;
use crate::web::widgets::entry;
use web_sys::{Element, HtmlButtonElement, HtmlElement};

/// The attribute of a card that has the run's place.
const RUN: &str = "data-member";

/// A field whose value was refused.
pub(super) const REFUSED: &str = "[aria-invalid]";

/// The buttons of a card, and what they do to its run.
const DEEDS: [(&str, &str); 2] = [
    ("[data-do=duplicate]", "Duplicate "),
    ("[data-do=remove]", "Remove "),
];

/// The form.
pub(super) struct Form {
    shared: Vec<Element>,
    cards: Vec<Card>,
    /// What it was last told to show.
    known: Settings,
}

/// A run's.
struct Card {
    title: Element,
    /// Duplicate and remove.
    deeds: [HtmlButtonElement; 2],
    status: Element,
    root: HtmlElement,
    entries: Vec<Element>,
}

/// A parameter's entry; the owner makes its id unique.
fn field(parameter: &Parameter, owner: &str) -> Element {
    let help = help::of_setting(parameter.key, parameter.label);
    entry::entry(parameter, owner, &help)
}

impl Form {
    /// Fills `place` for so many runs.
    pub(super) fn new(system: &Entry, runs: usize, place: &Element) -> Form {
        let parameters = (system.parameters)();
        let is_drawn = |parameter: &Parameter| matches!(parameter.control, Control::Elsewhere(_));
        let takes_points = parameters.iter().any(|(_, parameter)| is_drawn(parameter));
        let (each, shared): (Vec<_>, Vec<_>) = parameters.into_iter().partition(|(own, _)| *own);
        let card = |run: usize| {
            let root: HtmlElement = dom::element("article", "card", "");
            dom::set(&root, "data-run", &(run % 6).to_string());
            dom::set(&root, RUN, &run.to_string());
            dom::set(&root, "aria-label", &format!("Run {}", run + 1));
            // As on the lab's own cards.
            let own: Element = dom::stamp("run-card");
            let header: Element = dom::find(&own, "header");
            mark_sample(&dom::find(&header, ".sample"), run, Line::Solid);
            dom::append(&root, &header);
            let fields: Element = dom::element("div", "entries", "");
            let owner = format!("related{}", run + 1);
            let entries = each.iter().map(|(_, parameter)| {
                let entry = field(parameter, &owner);
                dom::append(&fields, &entry);
                entry
            });
            let entries = entries.collect();
            dom::append(&root, &fields);
            let status: Element = dom::element("p", "card-status", "");
            dom::append(&root, &status);
            dom::append(place, &root);
            let [duplicate, remove] = DEEDS.map(|(deed, _)| dom::find(&header, deed));
            HtmlButtonElement::set_disabled(&duplicate, runs == MAX_RUNS);
            HtmlButtonElement::set_disabled(&remove, runs == 1);
            Card {
                title: dom::find(&header, "h3"),
                deeds: [duplicate, remove],
                status,
                root,
                entries,
            }
        };
        let cards = (0..runs).map(card).collect();
        let setup: Element = dom::element("details", "panel", "");
        let summary: Element = dom::element("summary", "", "");
        dom::append(&summary, &dom::element("h3", "", "Shared by all runs"));
        dom::append(&setup, &summary);
        let words = "A change here starts all runs again, but for when they stop.";
        dom::append(&setup, &dom::element("p", "hint", words));
        let fields: Element = dom::element("div", "fields", "");
        let shared = shared.iter().map(|(_, parameter)| {
            let entry = field(parameter, "related");
            dom::append(&fields, &entry);
            entry
        });
        let shared = shared.collect();
        dom::append(&setup, &fields);
        if takes_points {
            let row: Element = dom::element("div", "row", "");
            let take: Element = dom::element("button", "", "Take the points of Train");
            dom::set(&take, "type", "button");
            dom::set(&take, "id", "related-take-points");
            dom::append(&row, &take);
            let words =
                "Or draw on the pictures above, or open a table here; points travel in the link.";
            dom::append(&row, &dom::element("span", "hint", words));
            dom::append(&setup, &row);
        }
        dom::append(place, &setup);
        Form {
            shared,
            cards,
            known: Settings::default(),
        }
    }

    /// Shows what holds since it was last told, and hides what does nothing. What was entered stays where nothing else holds: it may be on
    /// its way, or be refused, and is to be mended then.
    pub(super) fn show(&mut self, settings: &Settings) {
        let show = |entries: &[Element], settings: &[Setting], known: Option<&Vec<Setting>>| {
            for (k, (entry, setting)) in entries.iter().zip(settings).enumerate() {
                if let Some(most) = setting.most {
                    entry::end(entry, most);
                }
                let known = known.and_then(|known| known.get(k));
                let holds = known.is_some_and(|known| known.value == setting.value);
                if !holds {
                    entry::show(entry, &setting.value);
                }
                dom::show(entry, setting.acts);
            }
        };
        show(&self.shared, &settings.shared, Some(&self.known.shared));
        for (run, (card, own)) in self.cards.iter().zip(&settings.each).enumerate() {
            show(&card.entries, own, self.known.each.get(run));
        }
        if self.known != *settings {
            self.known.clone_from(settings);
        }
    }

    /// Shows what holds in this field, or in all of them.
    pub(super) fn restore(&self, field: Option<&Element>) {
        let cards = self.cards.iter().map(|card| &card.entries);
        let entries = [&self.shared].into_iter().chain(cards).flatten();
        let settings = [&self.known.shared].into_iter().chain(&self.known.each);
        for (entry, setting) in entries.zip(settings.flatten()) {
            let is_meant = |field| entry.contains(Some(field));
            let refused = dom::seek::<Element>(entry, REFUSED).is_some();
            if !refused && field.is_none_or(|field| is_meant(field)) {
                entry::show(entry, &setting.value);
            }
        }
    }

    /// Says what a run is called and where it stands.
    pub(super) fn say(&self, run: usize, name: &str, status: &str, diverged: bool) {
        if let Some(card) = self.cards.get(run) {
            dom::write(&card.title, name);
            for (button, (_, word)) in card.deeds.iter().zip(DEEDS) {
                dom::set(button, "aria-label", &[word, name].concat());
            }
            dom::write(&card.status, status);
            let fate = if diverged { "diverged" } else { "" };
            dom::set(&card.root, "data-fate", fate);
        }
    }
}

/// What a form that is made anew would take from a person: the focus, and what was unfolded.
pub(super) struct Held {
    focus: Option<String>,
    unfolded: bool,
}

impl Held {
    /// What there is of it.
    pub(super) fn of(form: &Element) -> Held {
        let focus = dom::seek::<Element>(form, ":focus").map(|element| {
            let of_card = deed(&element);
            of_card.map_or(["#", &element.id()].concat(), |(deed, run)| {
                format!("[{RUN}='{}'] [data-do={deed}]", run - 1)
            })
        });
        Held {
            focus,
            unfolded: dom::seek::<Element>(form, "details[open]").is_some(),
        }
    }

    /// Gives it back, as far as it is still there.
    pub(super) fn give_back(self, form: &Element) {
        if self.unfolded {
            dom::set(&dom::find(form, "details"), "open", "");
        }
        let focus = self.focus.filter(|place| place != "#");
        if let Some(element) = focus.and_then(|place| dom::seek::<HtmlElement>(form, &place)) {
            let _ = element.focus();
        }
    }
}

/// What a button of a card does to its run: `duplicate` or `remove`, and the run's number, from 1.
pub(super) fn deed(button: &Element) -> Option<(String, usize)> {
    let deed = dom::get(button, "data-do")?;
    let card = button.closest(&format!("[{RUN}]")).ok().flatten()?;
    Some((deed, dom::get(&card, RUN)?.parse::<usize>().ok()? + 1))
}

/// The key and text of a form's element that was changed.
pub(super) fn setting(target: &Element) -> Option<(String, String)> {
    let (key, text) = entry::setting(target)?;
    let card = target.closest(&format!("[{RUN}]")).ok().flatten();
    let run = card.and_then(|card| dom::get(&card, RUN)?.parse::<usize>().ok());
    Some((
        run.map_or(key.clone(), |run| format!("run{}.{key}", run + 1)),
        text,
    ))
}

/// The choice or the exact entry of a parameter, `p` or `run2.eta0`.
pub(super) fn field_of(key: &str) -> Option<Element> {
    let (owner, key) = match key
        .strip_prefix("run")
        .and_then(|rest| rest.split_once('.'))
    {
        Some((number, key)) => (format!("related{number}"), key),
        None => ("related".to_owned(), key),
    };
    dom::document().get_element_by_id(&format!("{owner}-{key}"))
}
