//! The *Train* view: a card and a decision boundary per run, their curves, and the form of what they share.
//! Trains nothing.

use super::charts;
use super::draw::Place;
use super::images::Images;
use super::story;
use super::view::{Context, Means, Picture, View};
use crate::Named;
use crate::lab::config::{EACH, MAX_RUNS, Row};
use crate::lab::csv;
use crate::lab::session::{Command, Watch};
use crate::plot::sheet::Tile;
use crate::plot::{LineChart, Quantity, Run, Theme, XAxis, svg};
use crate::web::dom;
use crate::web::dom::pointer::{Gesture, Pointer};
use crate::web::dom::theme;
use crate::web::widgets::boundary::BoundaryView;
use crate::web::widgets::chart::ChartView;
use crate::web::widgets::form::{self, Card, Setup, field_of};
use crate::web::widgets::network::{Led, NetworkView};
use crate::web::wire::link::{Entry, Link, Pending};
use crate::web::wire::message::Ask;
use crate::web::wire::shown::Shown;
use web_sys::{
    Element, HtmlButtonElement, HtmlDetailsElement, HtmlInputElement, HtmlSelectElement,
    ResizeObserver, ResizeObserverEntry,
};

/// While playing, a slider that is being dragged leaves a change in the run's text this often at most
/// (milliseconds).
const DRAG_PAUSE: f64 = 250.0;

/// How many steps a diverged run's card offers to go back.
const BACK: u64 = 20;

/// The view.
pub(in crate::web) struct Train {
    observer: ResizeObserver,
    loss: ChartView,
    steps: ChartView,
    boundaries: Vec<BoundaryView>,
    /// The networks themselves.
    pub(in crate::web) network: NetworkView,
    /// What of a run on images stands in place of the boundaries.
    pub(in crate::web) images: Images,
    cards: Vec<Card>,
    setup: Setup,
    /// Settings being dragged, not yet sent.
    dragged: Vec<(String, String)>,
    dragged_at: f64,
    /// Settings moved of runs that are over: whether they start again or go on is asked.
    asked: Vec<(String, String)>,
    /// The list of ghosts as it is now.
    ghosts_shown: Vec<(u32, bool)>,
    /// A pointer has moved what is drawn.
    moved: bool,
}

impl Train {
    /// Its name in the address.
    pub(in crate::web) const KEY: &str = "train";

    /// Fills the view of `index.html`.
    pub(in crate::web) fn new(means: &Means) -> Train {
        let quantity: HtmlSelectElement = dom::by_id("quantity");
        for q in Quantity::ALL {
            let option: Element = dom::element("option", "", q.label());
            dom::set(&option, "value", q.name());
            dom::append(&quantity, &option);
        }
        Train {
            loss: ChartView::new("chart-loss", "legend-loss", &means.observer),
            steps: ChartView::new("chart-steps", "legend-steps", &means.observer),
            boundaries: Vec::new(),
            network: NetworkView::new(&means.observer),
            images: Images::new(means),
            cards: Vec::new(),
            setup: Setup::new(),
            dragged: Vec::new(),
            dragged_at: 0.0,
            asked: Vec::new(),
            ghosts_shown: Vec::new(),
            moved: false,
            observer: means.observer.clone(),
        }
    }

    /// As many cards and panels as runs.
    fn seat_runs(&mut self, runs: usize) {
        let (cards, panels) = (
            dom::by_id::<Element>("runs"),
            dom::by_id::<Element>("boundaries"),
        );
        self.cards
            .drain(runs.min(self.cards.len())..)
            .for_each(|card| card.remove());
        while self.cards.len() < runs {
            self.cards.push(Card::new(self.cards.len(), &cards));
        }
        self.boundaries
            .drain(runs.min(self.boundaries.len())..)
            .for_each(|view| view.remove(&self.observer));
        while self.boundaries.len() < runs {
            let view = {
                let help = ("boundary", "the decision boundary");
                BoundaryView::new(self.boundaries.len(), &panels, &self.observer, help)
            };
            self.boundaries.push(view);
        }
        let many = if runs > 2 { "true" } else { "false" };
        dom::set(&panels, "data-many", many);
        dom::by_id::<HtmlButtonElement>("add-run").set_disabled(runs >= MAX_RUNS);
    }

    fn draw_charts(&mut self, shown: &Shown, theme: &Theme) {
        let limit = chosen_quantity() == Quantity::ExplicitLimit;
        dom::show(&dom::by_id::<Element>("limit-said"), limit);
        if let Some((chart, x_end)) = loss_chart(shown) {
            offer_whole("loss-whole", &chart);
            self.loss.draw(chart, x_end, theme);
        }
        if let Some((chart, x_end)) = steps_chart(shown, chosen_quantity()) {
            offer_whole("steps-whole", &chart);
            self.steps.draw(chart, x_end, theme);
        }
    }

    fn set(&mut self, key: String, value: String, shown: &Shown, link: &mut Link) {
        if key.split_once('.').is_some_and(|(_, name)| name == "opt") && shown.step() > 0 {
            // An optimizer cannot change mid-run: it carries a history of its own.
            let mut config = shown.config.clone();
            let asked = std::mem::take(&mut self.asked);
            let mut moved = asked.into_iter().chain([(key.clone(), value.clone())]);
            if moved.all(|(key, value)| config.set(&key, &value).is_ok()) {
                let run = Command::Load {
                    query: config.to_string(),
                };
                let pending = Pending::Person(None);
                return link.enter(run, Entry::Changed, shown.playing, pending);
            }
        }
        let over = form::run_of(&key).is_some_and(|run| shown.is_over(run));
        // What is no value is refused at once.
        let row = key.split_once('.');
        let row = row.and_then(|(_, name)| Row::find(EACH, name));
        let over = over && row.is_none_or(|row| row.parameter.parse(&value).is_ok());
        if over && shown.step() > shown.timeline.0 && !dom::root().has_attribute("data-covered") {
            self.asked.retain(|(other, _)| *other != key);
            return self.asked.push((key, value));
        }
        let starts_all = !self.asked.is_empty() && form::run_of(&key).is_none();
        if starts_all && shown.config.clone().set(&key, &value).is_ok() {
            // All runs start again: with what else was moved.
            self.asked.push((key, value));
            return self.answer(0, false, link);
        }
        let field = Pending::Person(Some(key.clone()));
        link.send(Ask::Command(Command::Set { key, value }), field);
    }

    fn send_dragged(&mut self, at_once: bool, shown: &Shown, link: &mut Link) {
        // What starts runs again does so with the value let go of, not with one passed on the way.
        let waits = |key: &str| form::run_of(key).is_none_or(|run| shown.is_over(run));
        let now = dom::now();
        let due = now - self.dragged_at > DRAG_PAUSE && !self.dragged.iter().any(|d| waits(&d.0));
        if !self.dragged.is_empty() && (at_once || due) {
            self.dragged_at = now;
            for (key, value) in std::mem::take(&mut self.dragged) {
                self.set(key, value, shown, link);
            }
        }
    }

    /// What an event on the networks has led to; whether that was anything.
    fn led(&self, led: Led, link: &mut Link) -> bool {
        if led == Led::Looking {
            let watch = Command::Watch(self.watch());
            link.send(Ask::Command(watch), Pending::Nobody);
        }
        led != Led::Nowhere
    }

    /// Does with all settings moved of runs that are over what was chosen at a card.
    fn answer(&mut self, run: usize, goes_on: bool, link: &mut Link) {
        let settings = std::mem::take(&mut self.asked);
        let field = settings.last().map(|(key, _)| key.clone());
        let command = if goes_on {
            Command::GoOn { run, settings }
        } else {
            Command::SetAll { settings }
        };
        link.send(Ask::Command(command), Pending::Person(field));
    }

    /// What is asked of runs, if they are still over.
    fn show_asked(&mut self, shown: &Shown) {
        let over = |key: &str| form::run_of(key).is_some_and(|run| shown.is_over(run));
        if !self.asked.iter().all(|(key, _)| over(key)) {
            self.asked.clear();
            self.cards.iter_mut().for_each(Card::forget);
        }
        for (index, card) in self.cards.iter().enumerate() {
            let asked = self.asked.iter();
            let own = asked.filter(|(key, _)| form::run_of(key) == Some(index));
            let own = own.filter_map(|(key, value)| Some((key.split_once('.')?.1, value.as_str())));
            let own: Vec<(&str, &str)> = own.collect();
            let others = own.len() < self.asked.len();
            let diverged = shown.divergences.get(index).is_some_and(Option::is_some);
            card.ask(&own, others, diverged);
        }
    }

    /// The panel that is this element.
    fn panel(&self, target: &Element) -> Option<&BoundaryView> {
        let mut panels = self.boundaries.iter();
        panels.find(|view| view.stack.host.is_same_node(Some(target)))
    }

    /// Whether an element is a panel to draw on.
    pub(in crate::web) fn is_panel(&self, target: &Element) -> bool {
        self.panel(target).is_some()
    }

    /// Where keys read on the panel `target`, as a place to draw at.
    pub(in crate::web) fn mark(&self, target: &Element) -> Option<Place> {
        Place::of_mark(self.panel(target)?)
    }

    /// The place of a pointer on one of the panels.
    pub(in crate::web) fn place(&self, pointer: &Pointer) -> Option<Place> {
        let mut panels = self.boundaries.iter();
        panels.find_map(|panel| Place::of_pointer(panel, pointer))
    }

    /// The ghosts' names with their switches.
    fn show_ghosts(&mut self, shown: &Shown) {
        let ghosts = shown.ghosts.iter();
        let key: Vec<(u32, bool)> = ghosts
            .map(|(ghost, visible)| (ghost.id, *visible))
            .collect();
        if key == self.ghosts_shown {
            return;
        }
        self.ghosts_shown = key;
        let place: Element = dom::by_id("ghosts");
        dom::show(&place, !shown.ghosts.is_empty());
        let list: Element = dom::find(&place, "ul");
        list.set_text_content(None);
        for (ghost, visible) in &shown.ghosts {
            let label: Element = dom::element("label", "", "");
            let switch: HtmlInputElement = dom::element("input", "", "");
            switch.set_type("checkbox");
            switch.set_checked(*visible);
            dom::set(&switch, "data-ghost", &ghost.id.to_string());
            dom::append(&label, &switch);
            // By this number it is told apart in the charts.
            let number: Element = dom::element("b", "", &ghost.number().to_string());
            if let Some(curve) = ghost.curves.first() {
                dom::set(&number, "data-run", &(curve.run % 6).to_string());
            }
            dom::append(&label, &number);
            dom::append(&label, &dom::element("span", "", &ghost.name));
            let item: Element = dom::element("li", "", "");
            dom::append(&item, &label);
            dom::append(&list, &item);
        }
    }
}

impl View for Train {
    fn watch(&self) -> Watch {
        Watch {
            fields: true,
            neurons: self.network.peek(),
        }
    }

    fn draw(&mut self, context: &mut Context) {
        let Context { shown, theme, link } = context;
        self.moved = false;
        self.send_dragged(false, shown, link);
        let alone = shown.runs.len() == 1;
        for ((card, run), name) in self.cards.iter_mut().zip(&shown.runs).zip(&shown.names) {
            card.show(name, run, alone);
        }
        if let (Some(frame), Some(scene)) = (&shown.frame, &shown.scene) {
            for (index, member) in frame.members.iter().enumerate() {
                let (Some(name), Some(card), Some(panel)) = (
                    shown.names.get(index),
                    self.cards.get(index),
                    self.boundaries.get_mut(index),
                ) else {
                    continue;
                };
                let steps = [frame.step, shown.timeline.0];
                let plain = charts::few().then(|| shown.config.depth() + 1);
                card.say(member, steps, shown.playing, plain);
                panel.draw(name, member, shown.fields.get(index), scene, theme);
            }
        }
        self.draw_charts(shown, theme);
        self.network.draw(shown, theme);
        self.setup.draw(theme);
        self.show_ghosts(shown);
        self.show_asked(shown);
    }

    fn restless(&self) -> bool {
        // A slider is being dragged whose value is sent when the time comes.
        self.moved || !self.dragged.is_empty()
    }

    fn run_changed(&mut self, context: &mut Context) {
        charts::apply();
        let config = &context.shown.config;
        let images = config.data.images().is_some();
        dom::mark("data-images", images.then_some(""));
        let table = !images && config.data.is_beyond_a_plane();
        dom::mark("data-table", table.then_some(""));
        self.setup.show(config);
        let count = config.changes.len();
        dom::show(&dom::by_id::<Element>("changes"), count > 0);
        let noun = if count == 1 { "change" } else { "changes" };
        let words = format!("{count} mid-run {noun}");
        dom::write(&dom::by_id("changes-text"), &words);
        self.seat_runs(config.runs.len());
        self.network.run_changed(context.shown);
        self.cards.iter_mut().for_each(Card::forget);
        self.asked.clear();
        story::tell(config);
    }

    fn forget(&mut self) {
        self.loss.forget_axes();
        self.steps.forget_axes();
        self.network.forget();
        self.images.forget();
        self.setup.forget();
        self.boundaries
            .iter_mut()
            .for_each(BoundaryView::forget_points);
    }

    fn resized(&mut self, entry: &ResizeObserverEntry) {
        for chart in [&mut self.loss, &mut self.steps] {
            chart.resized(entry);
        }
        self.network.resized(entry);
        for view in &mut self.boundaries {
            view.resized(entry);
        }
    }

    fn click(&mut self, button: &Element, context: &mut Context) -> bool {
        let (led, setting) = self.network.click(button, context.shown);
        if let Some((key, value)) = setting {
            self.set(key.to_owned(), value, context.shown, context.link);
        }
        if self.led(led, context.link) {
            return true;
        }
        if let Some(name) = dom::get(button, "data-set") {
            let shown = context.shown;
            let over = shown.frame.as_ref().is_some_and(|f| f.stopped.is_some());
            self.set("data".to_owned(), name, shown, context.link);
            // What had ended by itself goes on by itself, on other points; nothing plays by itself while it is covered.
            let covered = dom::root().has_attribute("data-covered");
            if over && !covered && !theme::media("(prefers-reduced-motion: reduce)") {
                context.link.person(Command::Play);
            }
            return true;
        }
        let link = &mut *context.link;
        let card = button.closest("[data-index]").ok().flatten();
        let run = card.and_then(|card| dom::get(&card, "data-index")?.parse().ok());
        let (id, does) = (button.id(), dom::get(button, "data-do"));
        let seats = id == "add-run" || matches!(does.as_deref(), Some("duplicate" | "remove"));
        if seats && !self.asked.is_empty() {
            self.answer(0, false, link);
        }
        match (id.as_str(), does.as_deref(), run) {
            ("add-run", ..) => link.person(Command::AddRun),
            ("clear-changes", ..) => link.person(Command::ClearChanges),
            ("try", ..) => story::go_on(button, link),
            ("charts", ..) => {
                charts::toggle();
                link.send(Ask::Command(Command::Watch(self.watch())), Pending::Nobody);
            }
            (_, Some("duplicate"), Some(run)) => link.person(Command::DuplicateRun { run }),
            (_, Some("remove"), Some(run)) => link.person(Command::RemoveRun { run }),
            (_, Some("halve"), Some(run)) => {
                link.person(Command::BackAndHalve { run, steps: BACK });
            }
            (_, Some(choice @ ("again" | "go-on")), Some(run)) => {
                self.answer(run, choice == "go-on", link);
            }
            (_, Some("implicit"), Some(run)) => link.person(Command::SwitchToProx { run }),
            ("forget-ghosts", ..) => link.person(Command::ForgetGhosts),
            _ => return false,
        }
        true
    }

    fn input(&mut self, target: &Element, _context: &mut Context) -> bool {
        if target.has_attribute("data-key") || target.has_attribute("data-count") {
            dom::set(target, "data-dirty", "");
        } else if target.has_attribute("data-slider") {
            dom::set(target, "data-dirty", "");
            let Some((key, text)) = form::setting(target) else {
                return false;
            };
            if let Some(input) = field_of(&key) {
                dom::input(&input).set_value(&text);
            }
            self.dragged.retain(|(k, _)| *k != key);
            self.dragged.push((key, text));
        } else {
            return false;
        }
        true
    }

    fn change(&mut self, target: &Element, context: &mut Context) -> bool {
        let Context { shown, link, .. } = context;
        match target.id().as_str() {
            // The page tells the worker what is looked at.
            "energy" | "network-run" | "loss-whole" | "steps-whole" => return true,
            "x-axis" | "quantity" => {
                self.loss.leave();
                self.steps.leave();
                return true;
            }
            _ => {}
        }
        let Some((key, text)) = form::setting(target) else {
            return false;
        };
        self.dragged.retain(|(k, _)| *k != key);
        if target.has_attribute("data-slider") {
            self.dragged.push((key, text));
            self.send_dragged(true, shown, link);
        } else {
            self.set(key, text, shown, link);
        }
        true
    }

    fn pictures<'a>(&'a self, shown: &'a Shown) -> Vec<Picture<'a>> {
        let Some(scene) = &shown.scene else {
            return Vec::new();
        };
        let mut pictures = Vec::new();
        let mut add = |key: String, title: String, tile: Tile<'a>| {
            pictures.push(Picture { key, title, tile });
        };
        let nowhere = [0.0; 4];
        let columns = shown.fields.len().div_ceil(3).max(1);
        let right = if columns == 1 { 0.64 } else { 0.5 };
        if let Some((chart, x_end)) = loss_chart(shown) {
            let title = "Loss and energy".to_owned();
            add(
                "loss".to_owned(),
                title,
                lines(chart, x_end, [1.0 - right, 0.0, right, 0.5]),
            );
        }
        for &quantity in Quantity::ALL {
            let seen = quantity == chosen_quantity();
            let place = if seen {
                [1.0 - right, 0.5, right, 0.5]
            } else {
                nowhere
            };
            if let Some((chart, x_end)) = steps_chart(shown, quantity) {
                let (key, title) = (quantity.name().to_owned(), quantity.label().to_owned());
                add(key, title, lines(chart, x_end, place));
            }
        }
        if self.network.peek().is_some() {
            let steps = dom::by_id::<HtmlDetailsElement>("steps-panel").open();
            let place = if steps || !self.network.is_open() {
                nowhere
            } else {
                [1.0 - right, 0.5, right, 0.5]
            };
            let tile = Tile {
                title: "Weights as lines (dashed below zero), what the last step moved as bars"
                    .to_owned(),
                place,
                draw: Box::new(move |size, theme| self.network.svg(shown, size, theme)),
            };
            add("network".to_owned(), "Network".to_owned(), tile);
        }
        if shown.config.data.is_beyond_a_plane() {
            pictures.extend(self.images.pictures());
            return pictures;
        }
        let fields = shown.fields.iter().zip(&shown.names);
        let rows = shown.fields.len().div_ceil(columns).max(2);
        for (run, (field, name)) in fields.enumerate() {
            let (wide, high) = ((1.0 - right) / columns as f64, 1.0 / rows as f64);
            let (row, column) = (run / columns, run % columns);
            let tile = Tile {
                title: name.clone(),
                place: [column as f64 * wide, row as f64 * high, wide, high],
                draw: Box::new(move |size, theme| svg::boundary_figure(field, scene, size, theme)),
            };
            add(
                format!("boundary-{}", run + 1),
                format!("Decision boundary of {name}"),
                tile,
            );
        }
        pictures
    }

    fn table(&self, shown: &Shown) -> Option<(&'static str, String)> {
        let frame = shown.frame.as_ref()?;
        let records: Vec<&[_]> = shown.records.iter().map(Vec::as_slice).collect();
        let layers = shown.config.depth() + 1;
        Some(("curves", csv::curves(frame, &records, layers)))
    }

    fn numbers(&self, key: &str) -> Option<String> {
        self.images.numbers(key)
    }

    fn key(&mut self, target: &Element, key: &str, context: &mut Context) -> bool {
        for chart in [&mut self.loss, &mut self.steps] {
            if chart.stack.host.is_same_node(Some(target)) {
                return chart.key(key);
            }
        }
        let led = self.network.key(target, key, context.shown);
        if self.led(led, context.link) {
            return true;
        }
        if key == "Escape" {
            let charts = [&mut self.loss, &mut self.steps];
            let mut reads = charts.map(ChartView::hush).contains(&true);
            for view in &mut self.boundaries {
                reads |= view.cursor().is_some();
                view.leave();
            }
            return reads;
        }
        let shown = context.shown;
        let mut panels = self.boundaries.iter_mut().enumerate();
        let panel = panels.find(|(_, view)| view.stack.host.is_same_node(Some(target)));
        match (panel, &shown.scene) {
            (Some((index, view)), Some(scene)) => view.key(key, shown.fields.get(index), scene),
            _ => false,
        }
    }

    fn point(&mut self, pointer: &Pointer, context: &mut Context) {
        let led = self.network.point(pointer, context.shown);
        if self.led(led, context.link) {
            self.moved = true;
        }
        if matches!(pointer.gesture, Gesture::Up | Gesture::Cancel) {
            // What was read stays on the screen when a finger is lifted.
            return;
        }
        for chart in [&mut self.loss, &mut self.steps] {
            chart.point(pointer);
        }
        let shown = context.shown;
        let Some(scene) = &shown.scene else { return };
        for (index, view) in self.boundaries.iter_mut().enumerate() {
            if let Some((_, shares)) = pointer.over(&view.stack.host) {
                view.point_at(shares, shown.fields.get(index), scene);
            } else if pointer.leaves(&view.stack.host) {
                view.leave();
            }
        }
    }
}

/// What the curves are drawn over, and where it ends.
fn chosen_axis(shown: &Shown) -> Option<(XAxis, f64)> {
    let frame = shown.frame.as_ref()?;
    let axis = dom::by_id::<HtmlSelectElement>("x-axis").value();
    let x = XAxis::of(&axis, frame.steps_per_epoch).unwrap_or_default();
    Some((x, x.end(frame)))
}

fn chosen_quantity() -> Quantity {
    let key = dom::by_id::<HtmlSelectElement>("quantity").value();
    Quantity::of_name(&key).unwrap_or_default()
}

fn runs(shown: &Shown) -> Vec<Run<'_>> {
    let runs = shown.records.iter().enumerate();
    let runs = runs.map(|(index, records)| Run {
        name: shown.curve_names.get(index).map_or("", String::as_str),
        records,
        divergence: shown.divergences.get(index).and_then(Option::as_ref),
    });
    runs.collect()
}

/// The chart with a cursor where one looks back, all of its values if the box `whole` is ticked, and the doubt about its
/// seconds.
fn looked_at(mut chart: LineChart, whole: &str, shown: &Shown, x: XAxis) -> LineChart {
    chart.whole = dom::by_id::<HtmlInputElement>(whole).checked();
    let Some(frame) = &shown.frame else {
        return chart;
    };
    chart.x_note = x.doubt(frame);
    if frame.step < shown.timeline.1 {
        chart = chart.with_cursor(&runs(shown), frame.step);
    }
    chart
}

fn loss_chart(shown: &Shown) -> Option<(LineChart, f64)> {
    let (x, x_end) = chosen_axis(shown)?;
    let energy = dom::by_id::<HtmlInputElement>("energy").checked() && !charts::few();
    let chart = LineChart::loss_and_energy(&runs(shown), x, energy);
    let mut chart = chart.with_ghost_losses(&shown.ghosts(), x);
    if charts::few() {
        chart = chart.in_words();
    }
    Some((looked_at(chart, "loss-whole", shown, x), x_end))
}

fn steps_chart(shown: &Shown, quantity: Quantity) -> Option<(LineChart, f64)> {
    let (x, x_end) = chosen_axis(shown)?;
    let chart = LineChart::step_sizes(&runs(shown), x, quantity);
    let chart = chart.with_ghost_steps(&shown.ghosts(), x, quantity);
    Some((looked_at(chart, "steps-whole", shown, x), x_end))
}

/// Offers to show all values where some lie outside.
fn offer_whole(id: &str, chart: &LineChart) {
    let input: Element = dom::by_id(id);
    if let Some(label) = input.parent_element() {
        dom::show(&label, chart.whole || chart.leaves());
    }
}

/// A line chart, which names itself.
fn lines<'a>(chart: LineChart, x_end: f64, place: [f64; 4]) -> Tile<'a> {
    Tile {
        title: String::new(),
        place,
        draw: Box::new(move |size, theme| svg::lines(&chart, size, x_end, theme)),
    }
}
