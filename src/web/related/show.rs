//! The view itself: what its worker says, put on the screen; what people and the page ask, given to the worker. Lays out whatever comes,
//! computes nothing and names no system.

use super::card;
use super::figure::Figure;
use super::form;
use super::message::{Answer, Ask, Progress, Request};
use super::screen::{Shown, told};
use crate::frame::stage::{Column, Point, Stage};
use crate::lab::csv;
use crate::lab::presets::Preset;
use crate::lab::systems::{self, Entry};
use crate::plot::Theme;
use crate::web::dom;
use crate::web::dom::pointer::{Gesture, Pointer};
use crate::web::dom::{file, theme};
use crate::web::views::share;
use crate::web::views::view::pace;
use crate::web::widgets::chart::ChartView;
use crate::web::widgets::{help, refusal};
use crate::web::wire::link::{Call, WORKERS, post, start};
use js_sys::{Array, Function, JSON};
use std::collections::HashMap;
use wasm_bindgen::prelude::*;
use web_sys::{Element, ResizeObserver, ResizeObserverEntry, Worker};

/// Who waits for an answer of the worker.
enum Pending {
    Nobody,
    /// Whoever has opened a run, by a preset or without.
    Opened(Option<&'static Preset>),
    /// A person who wants the numbers as a file.
    File,
    /// A person; a form's field is named.
    Person(Option<String>),
    /// A promise, and what it is kept with.
    Promise(Function, Function, Reply),
}

/// What a promise is kept with.
#[derive(Clone, Copy)]
pub(super) enum Reply {
    Nothing,
    /// The numbers on the screen.
    Frame,
    /// What was asked for, as JSON.
    Answer,
}

/// What is to be told to the page.
pub(super) type News = (&'static str, JsValue);

/// The view.
pub(super) struct View {
    worker: Worker,
    /// It listens; before that, requests wait here.
    started: bool,
    unsent: Vec<Request>,
    pending: HashMap<u32, Pending>,
    next_id: u32,
    observer: ResizeObserver,
    theme: Theme,
    /// The pace that the worker knows.
    pace: f64,
    places: [Element; 4],
    words: Element,
    answer: Element,
    preset: Option<&'static Preset>,
    shown: Option<Shown>,
    /// What has come is not on the screen.
    stale: bool,
    /// The worker waits for it to be there.
    owed: bool,
    /// What the page is to be told, and functions of others that are to be called, once nothing of ours is borrowed.
    pub(super) news: Vec<News>,
    pub(super) calls: Vec<Call>,
}

impl View {
    /// Fills the view's element in the page.
    pub(super) fn new(
        hire: &Function,
        hear: fn(Answer),
        lost: fn(&str),
        observer: ResizeObserver,
    ) -> View {
        let root: Element = dom::by_id("related");
        for element in dom::all(&root, ".story") {
            element.remove();
        }
        let part = |tag: &str, class: &str, parent: &Element| {
            let part: Element = dom::element(tag, class, "");
            dom::append(parent, &part);
            part
        };
        let story = part("div", "story told", &root);
        let words = part("span", "", &story);
        for (id, text) in [
            ("related-answer", "Answer"),
            ("related-systems", "All systems"),
        ] {
            let button: Element = dom::element("button", "", text);
            dom::set(&button, "type", "button");
            dom::set(&button, "id", id);
            dom::append(&story, &button);
        }
        let answer = part("p", "story said", &root);
        dom::set(&answer, "role", "status");
        let systems = part("section", "systems", &root);
        let runs = part("section", "boundaries", &root);
        let charts = part("div", "charts", &root);
        let form = part("section", "controls", &root);
        for (element, name) in [
            (&systems, "Systems"),
            (&runs, "Pictures of the runs"),
            (&form, "Settings of the system"),
        ] {
            dom::set(element, "aria-label", name);
        }
        card::fill(&systems);
        let view = View {
            worker: start(hire, hear, lost).expect(WORKERS),
            started: false,
            unsent: Vec::new(),
            pending: HashMap::new(),
            next_id: 0,
            observer,
            theme: theme::of_root(),
            pace: 0.0,
            places: [systems, runs, charts, form],
            words,
            answer,
            preset: None,
            shown: None,
            stale: true,
            owed: false,
            news: Vec::new(),
            calls: Vec::new(),
        };
        view.show_parts();
        view
    }

    /// The first screen, or the system.
    fn show_parts(&self) {
        let [systems, runs, charts, form] = &self.places;
        dom::show(systems, self.shown.is_none());
        for part in [runs, charts, form] {
            dom::show(part, self.shown.is_some());
        }
        let (words, asked) = match (&self.shown, self.preset) {
            (Some(_), Some(preset)) => (preset.question, true),
            (Some(shown), None) => (shown.entry.about.relation, false),
            (None, _) => (
                "Other works make steps that are explicit or implicit, too. Each is a run of its own here: choose one.",
                false,
            ),
        };
        dom::write(&self.words, words);
        dom::show(&dom::by_id::<Element>("related-answer"), asked);
        dom::show(
            &dom::by_id::<Element>("related-systems"),
            self.shown.is_some(),
        );
        dom::write(&self.answer, "");
        dom::show(&self.answer, false);
    }

    // ---- the worker ----

    fn send(&mut self, ask: Ask, pending: Pending) {
        self.next_id = self.next_id.wrapping_add(1);
        let request = Request {
            id: self.next_id,
            ask,
        };
        if !matches!(pending, Pending::Nobody) {
            self.pending.insert(request.id, pending);
        }
        if self.started {
            post(&self.worker, &request);
        } else {
            self.unsent.push(request);
        }
    }

    /// The worker has stopped: nothing is answered any more.
    pub(super) fn stop(&mut self, why: &str) {
        for (_, pending) in self.pending.drain() {
            if let Pending::Promise(_, reject, _) = pending {
                self.calls.push((reject, js_sys::Error::new(why).into()));
            }
        }
        self.news.push(("complain", why.into()));
    }

    fn person(&mut self, ask: Ask) {
        self.send(ask, Pending::Person(None));
    }

    /// The worker has said something.
    pub(super) fn hear(&mut self, answer: Answer) {
        match answer {
            Answer::Started => {
                self.started = true;
                for request in std::mem::take(&mut self.unsent) {
                    post(&self.worker, &request);
                }
            }
            Answer::Progress(progress) => self.take(*progress),
            Answer::Done { id, result } => self.done(id, result),
        }
    }

    fn done(&mut self, id: u32, result: Result<String, String>) {
        let pending = self.pending.remove(&id).unwrap_or(Pending::Nobody);
        match (pending, result) {
            (Pending::Nobody, Ok(_)) => {}
            (Pending::Opened(preset), Ok(_)) => {
                self.preset = preset;
                self.show_parts();
                let query = self
                    .shown
                    .as_ref()
                    .map(|shown| shown.progress.query.as_str());
                self.news.push(("load", query.into()));
            }
            (Pending::File, Ok(text)) => {
                file::save(
                    "proxprop-report.json",
                    "application/json",
                    &text,
                    share::say,
                );
            }
            (Pending::Person(key), Ok(_)) => {
                refusal::settle(key.and_then(|key| form::field_of(&key)).as_ref());
            }
            (Pending::Promise(resolve, _, reply), Ok(text)) => {
                let value = match reply {
                    Reply::Nothing => JsValue::UNDEFINED,
                    Reply::Frame => self.frame(),
                    Reply::Answer => JSON::parse(&text).unwrap_or(JsValue::NULL),
                };
                self.calls.push((resolve, value));
            }
            (Pending::Promise(_, reject, _), Err(error)) => {
                self.calls.push((reject, js_sys::Error::new(&error).into()));
            }
            (Pending::Opened(_), Err(error)) => self.news.push(("refuse", error.into())),
            (Pending::Person(key), Err(error)) => {
                let field = key.and_then(|key| form::field_of(&key));
                if let Some(field) = &field {
                    let sentence = format!("{error}.");
                    if field.tag_name() == "SELECT" {
                        // A choice that was refused goes back to what holds.
                        self.show_settings();
                    }
                    refusal::beside(field, &sentence);
                }
                self.news.push(("complain", error.into()));
            }
            (Pending::Nobody | Pending::File, Err(error)) => {
                self.news.push(("complain", error.into()));
            }
        }
    }

    fn take(&mut self, mut progress: Progress) {
        self.owed = true;
        self.stale = true;
        let mut pending = self.pending.values();
        let opens = pending.any(|pending| matches!(pending, Pending::Opened(_)));
        let Ok(Some(entry)) = systems::asked_for(&progress.query) else {
            return;
        };
        if self.shown.is_none() && !opens {
            // Somebody has left it meanwhile.
            return self.news.push(("draw", JsValue::UNDEFINED));
        }
        let new = match &self.shown {
            Some(shown) => {
                !std::ptr::eq(shown.entry, entry) || !shown.has_room_for(&progress.stage)
            }
            None => true,
        };
        let settings = progress.settings.take();
        if new {
            self.build(entry, progress);
        } else if let Some(shown) = &mut self.shown {
            let before = std::mem::replace(&mut shown.progress, progress);
            let back = |progress: &Progress| progress.stage.step < progress.furthest;
            let columns = |progress: &Progress| {
                let columns = progress.stage.columns.iter();
                columns
                    .map(|column| (column.name.clone(), column.diverged_at))
                    .collect::<Vec<_>>()
            };
            shown.moved |= back(&before) || back(&shown.progress);
            shown.moved |= columns(&before) != columns(&shown.progress);
            if before.playing != shown.progress.playing {
                let event = if shown.progress.playing {
                    "play"
                } else {
                    "pause"
                };
                self.news.push((event, JsValue::UNDEFINED));
            }
            if before.query != shown.progress.query {
                let query = shown.progress.query.as_str().into();
                self.news.push(("query", query));
            }
            for (now, then) in shown
                .progress
                .stage
                .columns
                .iter()
                .zip(&before.stage.columns)
            {
                if let (Some(step), None) = (now.diverged_at, then.diverged_at) {
                    let words = format!("{} diverged at step {step}.", now.name);
                    self.news.push(("say", words.into()));
                }
            }
            let stage = &shown.progress.stage;
            if before.playing && !shown.progress.playing && stage.step == stage.total_steps {
                let words = format!("Finished after {} steps. {}", stage.step, told(stage));
                self.news.push(("say", words.into()));
            }
        }
        let Some(shown) = &mut self.shown else { return };
        if let Some(settings) = settings {
            shown.settings = settings;
        }
        if let Some(ghosts) = shown.progress.ghosts.take() {
            (shown.ghosts, shown.moved) = (ghosts, true);
        }
        let curves = std::mem::take(&mut shown.progress.curves);
        shown.points.resize(curves.len(), Vec::new());
        for (points, (kept, more)) in shown.points.iter_mut().zip(curves) {
            shown.moved |= kept < points.len() || !more.is_empty();
            points.truncate(kept);
            points.extend(more);
        }
        self.show_settings();
        self.news.push(("draw", JsValue::UNDEFINED));
    }

    /// Another system, or other runs of it.
    fn build(&mut self, entry: &'static Entry, progress: Progress) {
        let [_, places @ ..] = &self.places;
        self.shown = Some(Shown::new(entry, progress, places, &self.observer));
        self.show_parts();
    }

    fn show_settings(&self) {
        if let Some(shown) = &self.shown {
            shown.form.show(&shown.settings);
        }
    }

    // ---- the page ----

    /// Opens what an address asks for.
    pub(super) fn open(&mut self, query: &str) {
        let preset = query
            .split('&')
            .find_map(|pair| pair.strip_prefix("preset="));
        let preset = preset.and_then(card::preset);
        self.send(Ask::Load(query.to_owned()), Pending::Opened(preset));
    }

    /// Saves all numbers as a file.
    pub(super) fn save(&mut self) {
        self.send(Ask::Report, Pending::File);
    }

    /// What a script asks for; the promise is kept when it is there.
    pub(super) fn call(&mut self, ask: Ask, reply: Reply, kept: Function, broken: Function) {
        self.send(ask, Pending::Promise(kept, broken, reply));
    }

    /// The numbers on the screen as a plain object; `null` where there are none.
    pub(super) fn frame(&self) -> JsValue {
        let Some(shown) = &self.shown else {
            return JsValue::NULL;
        };
        let stage = &shown.progress.stage;
        let plain = |column: &Column| Column {
            pictures: Vec::new(),
            ..column.clone()
        };
        let frame = Stage {
            columns: stage.columns.iter().map(plain).collect(),
            pictures: Vec::new(),
            levels: stage.levels.clone(),
            system: stage.system.clone(),
            build: stage.build.clone(),
            ..*stage
        };
        let text = serde_json::to_string(&frame).expect("frames are plain data");
        JSON::parse(&text).expect("JSON is JSON")
    }

    /// Where it stands: whether it plays, the step, the last one, the furthest; `undefined` on the first screen.
    pub(super) fn standing(&self) -> JsValue {
        let Some(shown) = &self.shown else {
            return JsValue::UNDEFINED;
        };
        let stage = &shown.progress.stage;
        let numbers = [
            f64::from(u8::from(shown.progress.playing)),
            stage.step as f64,
            stage.total_steps as f64,
            shown.progress.furthest as f64,
        ];
        numbers
            .iter()
            .copied()
            .map(JsValue::from_f64)
            .collect::<Array>()
            .into()
    }

    /// What the transport asks for.
    pub(super) fn drive(&mut self, what: &str, step: u64) {
        let ask = match what {
            // Where nothing is to move, the end is what is to be seen.
            "play" if theme::media("(prefers-reduced-motion: reduce)") => Ask::Step(u64::MAX),
            "play" => Ask::Play,
            "pause" => Ask::Pause,
            "step" => Ask::Step(1),
            _ => Ask::Seek(step),
        };
        self.person(ask);
    }

    /// Another seed for all that is drawn by lot.
    pub(super) fn new_seed(&mut self) {
        let seed = (js_sys::Math::random() * 1e6) as u32;
        self.person(Ask::Set("seed".to_owned(), seed.to_string()));
    }

    /// Somebody looks at the view from now on, or nobody does.
    pub(super) fn seen(&mut self, visible: bool) {
        self.send(Ask::Hidden(!visible), Pending::Nobody);
    }

    /// The colours are others.
    pub(super) fn recolour(&mut self) {
        self.theme = theme::of_root();
        self.stale = true;
        if let Some(shown) = &mut self.shown {
            shown.moved = true;
            shown.figures.iter_mut().flatten().for_each(Figure::forget);
            shown.charts.iter_mut().for_each(ChartView::forget_axes);
        }
    }

    /// What can be saved as a picture: key and title, and left, top, width and height on the sheet of the view.
    pub(super) fn pictures(&self) -> Array {
        let Some(shown) = &self.shown else {
            return Array::new();
        };
        let all = shown.drawable();
        let (own, other): (Vec<_>, Vec<_>) = all.into_iter().partition(|drawn| drawn.2);
        let place = |drawn: Vec<(String, String, bool)>, left: f64, width: f64| {
            let columns = if drawn.len() > 3 { 2 } else { 1 };
            let rows = drawn.len().div_ceil(columns).max(1);
            let tile = move |(k, (key, title, _)): (usize, (String, String, bool))| {
                let (wide, high) = (width / columns as f64, 1.0 / rows as f64);
                let at = [
                    left + (k % columns) as f64 * wide,
                    (k / columns) as f64 * high,
                    wide,
                    high,
                ];
                let tile = Array::of2(&key.into(), &title.into());
                at.iter().for_each(|&share| {
                    tile.push(&share.into());
                });
                JsValue::from(tile)
            };
            drawn.into_iter().enumerate().map(tile)
        };
        place(own, 0.0, 0.4).chain(place(other, 0.4, 0.6)).collect()
    }

    /// A picture as SVG text.
    pub(super) fn picture(&self, key: &str, size: (u32, u32)) -> Option<String> {
        self.shown.as_ref()?.drawn(key, size, &self.theme)
    }

    /// The curves as CSV.
    pub(super) fn table(&self) -> Option<String> {
        let shown = self.shown.as_ref()?;
        let points: Vec<&[Point]> = shown.points.iter().map(Vec::as_slice).collect();
        Some(csv::stage(
            &shown.progress.stage,
            shown.entry.measures.all,
            &points,
        ))
    }

    /// Shows what is new.
    pub(super) fn draw(&mut self) {
        let chosen = pace();
        if chosen != self.pace {
            self.pace = chosen;
            self.send(Ask::Pace(chosen), Pending::Nobody);
        }
        if !std::mem::take(&mut self.stale) {
            return;
        }
        if let Some(shown) = &mut self.shown {
            shown.draw(&self.theme);
        }
        if std::mem::take(&mut self.owed) {
            self.send(Ask::Drawn, Pending::Nobody);
        }
    }

    // ---- people ----

    /// A button was pressed.
    pub(super) fn click(&mut self, button: &Element) {
        if let Some((query, preset)) = card::chosen(button) {
            return self.send(Ask::Load(query), Pending::Opened(preset));
        }
        if let Some(key) = dom::get(button, "data-about") {
            if let Some(parameter) = self
                .shown
                .as_ref()
                .and_then(|shown| form::parameter(shown.entry, &key))
            {
                help::explain(button, parameter);
            }
            return;
        }
        match button.id().as_str() {
            "related-systems" => {
                self.person(Ask::Pause);
                (self.shown, self.preset) = (None, None);
                self.show_parts();
                self.news.push(("leave", JsValue::UNDEFINED));
            }
            "related-answer" => {
                let words = self.preset.map_or("", |preset| preset.answer);
                dom::write(&self.answer, words);
                dom::show(&self.answer, true);
            }
            _ if refusal::close(button) => self.show_settings(),
            _ => {}
        }
    }

    /// A form's element is being moved.
    pub(super) fn input(&mut self, target: &Element) {
        dom::set(target, "data-dirty", "");
        if target.has_attribute("data-slider") {
            self.set(target);
        }
    }

    /// A form's element has its new value.
    pub(super) fn change(&mut self, target: &Element) {
        self.set(target);
    }

    fn set(&mut self, target: &Element) {
        if let Some((key, value)) = form::setting(target) {
            let pending = Pending::Person(Some(key.clone()));
            self.send(Ask::Set(key, value), pending);
        }
    }

    /// A key on an element; false if it means nothing there.
    pub(super) fn key(&mut self, target: &Element, key: &str) -> bool {
        let Some(shown) = &mut self.shown else {
            return false;
        };
        for chart in &mut shown.charts {
            let host: &Element = &chart.stack.host;
            if host.is_same_node(Some(target)) {
                return chart.key(key);
            }
        }
        shown
            .pictured()
            .any(|(figure, picture)| figure.key(picture, target, key))
    }

    /// A pointer moved over something, or left everything.
    pub(super) fn point(&mut self, pointer: &Pointer) {
        let Some(shown) = &mut self.shown else { return };
        if matches!(pointer.gesture, Gesture::Up | Gesture::Cancel) {
            // What was read stays on the screen when a finger is lifted.
            return;
        }
        for chart in &mut shown.charts {
            chart.point(pointer);
        }
        shown
            .pictured()
            .for_each(|(figure, picture)| figure.point(picture, pointer));
    }

    /// An element has another size.
    pub(super) fn resized(&mut self, entry: &ResizeObserverEntry) {
        let Some(shown) = &mut self.shown else { return };
        shown.moved = true;
        for chart in &mut shown.charts {
            chart.resized(entry);
        }
        shown
            .figures
            .iter_mut()
            .flatten()
            .for_each(|figure| figure.resized(entry));
        self.stale = true;
    }
}
