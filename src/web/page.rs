//! The page: what the worker says, put on the screen once per animation frame; what people do, given to the view
//! they do it in. Draws and asks; trains nothing.

use super::draw::Draw;
use super::flow::FlowView;
use super::gallery::Gallery;
use super::lecture::{Lecture, Turn};
use super::link::{Call, Link, Pending, Reply, stopped};
use super::map::{MapView, News};
use super::message::{Answer, Ask};
use super::one_step::OneStepView;
use super::shown::Shown;
use super::tour::Tour;
use super::train::Train;
use super::transport::Transport;
use super::views::{Context, Pointer, Tab, View};
use super::voice::Voice;
use super::{api, controls, dom, embed, help, look, parts, people, share, shown};
use crate::lab::config::Config;
use crate::lab::presets::Preset;
use crate::lab::session::{Command, Event};
use crate::plot::Theme;
use js_sys::{Array, Function, JSON, Promise};
use std::cell::RefCell;
use wasm_bindgen::prelude::*;
use web_sys::{
    Element, File, HtmlDialogElement, KeyboardEvent, ResizeObserver, ResizeObserverEntry,
};

thread_local! {
    static PAGE: RefCell<Option<Page>> = const { RefCell::new(None) };
}

/// Shows the page; `hire` answers with a new `Worker` that runs [`super::start_worker`].
///
/// # Panics
/// When `index.html` is not the one that belongs to this build.
#[wasm_bindgen]
pub fn start_page(hire: Function) {
    console_error_panic_hook::set_once();
    let mut keep = None;
    let ready = Promise::new(&mut |resolve, _| keep = Some(resolve));
    let page = Page::new(hire, keep.expect("promises run their maker at once"));
    PAGE.with_borrow_mut(|slot| *slot = Some(page));
    api::install(&ready);
    people::listen();
    // How the page is looked at stands behind `#`; `?embed=1` is understood as well.
    dom::move_to_hash("embed");
    if embed::wanted() {
        with(|page| page.set_on_screen(false));
        embed::begin(&ready);
    }
    with(Page::begin);
}

/// The page, unless it is being changed right now (the document calls back while we change it), and then what
/// listeners wait for.
pub(super) fn with<T>(act: impl FnOnce(&mut Page) -> T) -> Option<T> {
    let (answer, calls) = PAGE.with(|slot| {
        let mut slot = slot.try_borrow_mut().ok()?;
        let page = slot.as_mut()?;
        let answer = act(page);
        let mut calls = std::mem::take(&mut page.calls);
        calls.append(&mut page.link.calls);
        Some((answer, calls))
    })?;
    for (function, value) in calls {
        // A listener that throws harms itself alone.
        let _ = function.call1(&JsValue::UNDEFINED, &value);
    }
    Some(answer)
}

/// Asks the worker; the promise is kept when it is done.
pub(super) fn ask(ask: &Ask, reply: Reply) -> Promise {
    Promise::new(&mut |resolve, reject| {
        with(|page| {
            let pending = Pending::Promise {
                resolve,
                reject,
                reply,
            };
            page.link.send(ask.clone(), pending);
        });
    })
}

/// The frame now on the screen as a plain object, or the first of a run that is being loaded.
pub(super) fn frame() -> Promise {
    Promise::new(&mut |resolve, reject| {
        with(|page| {
            if page.shown.frame.is_some() {
                page.calls.push((resolve, page.shown.frame_object()));
            } else if page.link.crashed {
                page.calls.push((reject, stopped()));
            } else {
                page.frame_waits.push((resolve, reject));
            }
        });
    })
}

/// The map on the screen as a plain object; `null` if none has been asked for.
pub(super) fn map() -> Promise {
    Promise::resolve(&with(|page| page.map_object()).unwrap_or(JsValue::NULL))
}

/// Calls a function at every event of a name: `load` and `query` (with the run's text),
/// `play`, `pause`, `frame` (with the frame), `error` (with the sentence). Answers with a
/// function that ends this.
pub(super) fn listen(event: String, function: Function) -> Function {
    with(|page| page.listeners.push((event, function.clone())));
    let end = Closure::<dyn Fn()>::new(move || {
        with(|page| page.listeners.retain(|(_, f)| f != &function));
    });
    end.into_js_value().unchecked_into()
}

/// The page.
// The flags are independent of each other.
#[allow(clippy::struct_excessive_bools)]
pub(super) struct Page {
    link: Link,
    shown: Shown,
    theme: Theme,
    transport: Transport,
    tab: Tab,
    train: Train,
    one_step: OneStepView,
    map: MapView,
    flow: FlowView,
    /// Drawing points on the panels of the first view.
    sketch: Draw,
    tour: Tour,
    voice: Voice,
    lecture: Lecture,
    gallery: Gallery,
    /// The lecture's next run is being loaded; its view is shown with it.
    turning: bool,
    /// An embedded page may be on a slide that is not shown.
    on_screen: bool,

    ready: Option<Function>,
    /// Who has asked for a frame while there is none.
    frame_waits: Vec<(Function, Function)>,
    listeners: Vec<(String, Function)>,
    calls: Vec<Call>,
    /// The state file last asked for.
    state: String,

    draw: Function,
    drawing: bool,
    /// A progress was received that the worker believes unseen.
    unseen: bool,
}

impl Page {
    fn new(hire: Function, ready: Function) -> Page {
        let draw = Closure::<dyn FnMut()>::new(|| {
            with(Page::draw);
        });
        let resized = Closure::<dyn FnMut(Array)>::new(|entries: Array| {
            with(|page| page.resized(&entries));
        });
        let observer = ResizeObserver::new(resized.into_js_value().unchecked_ref())
            .expect("browsers watch sizes");
        let hear = |answer| {
            with(|page| page.hear(answer));
        };
        let lost = |why: &str| {
            with(|page| page.crash(why));
        };
        Page {
            link: Link::new(hire.clone(), hear, lost),
            shown: Shown::default(),
            theme: look::apply(),
            transport: Transport::default(),
            tab: Tab::default(),
            train: Train::new(&observer),
            one_step: OneStepView::new(&observer),
            map: MapView::new(hire.clone(), &observer),
            flow: FlowView::new(&observer),
            sketch: Draw::default(),
            tour: Tour::default(),
            voice: Voice::default(),
            lecture: Lecture::default(),
            gallery: Gallery::new(hire),
            turning: false,
            on_screen: true,
            ready: Some(ready),
            frame_waits: Vec::new(),
            listeners: Vec::new(),
            calls: Vec::new(),
            state: String::new(),
            draw: draw.into_js_value().unchecked_into(),
            drawing: false,
            unseen: false,
        }
    }

    /// Loads what the address says; the bare address tells its story at once.
    fn begin(&mut self) {
        let search = dom::window().location().search().unwrap_or_default();
        let query = search.trim_start_matches('?');
        let plays = dom::hash("play").as_deref() == Some("1");
        let opened = self.lecture.begin(query);
        if let Err(error) = &opened {
            self.complain(&error.to_string());
        }
        let query = &opened.unwrap_or_else(|_| query.to_owned());
        // A page opened in a background tab waits to be looked at.
        self.check_hidden();
        help::install();
        Tour::offer();
        self.choose_view();
        Transport::pace(&mut self.link);
        let first = if query.is_empty() {
            Config::default().to_string()
        } else {
            query.clone()
        };
        self.ask(Command::Load { query: first }, Pending::First);
        if plays || (query.is_empty() && self.tab == Tab::Train) {
            let command = if look::media("(prefers-reduced-motion: reduce)") {
                Command::Step { steps: u64::MAX }
            } else {
                Command::Play
            };
            self.ask(command, Pending::Nobody);
        }
        Transport::enable();
    }

    /// The view shown, and what it does its duties with.
    fn view(&mut self) -> (&mut dyn View, Context<'_>) {
        let context = Context {
            shown: &self.shown,
            theme: &self.theme,
            link: &mut self.link,
        };
        let view: &mut dyn View = match self.tab {
            Tab::Train => &mut self.train,
            Tab::OneStep => &mut self.one_step,
            Tab::Map => &mut self.map,
            Tab::Flow => &mut self.flow,
        };
        (view, context)
    }

    /// All views, for what concerns those not shown as well.
    fn views(&mut self) -> [&mut dyn View; Tab::ALL.len()] {
        [
            &mut self.train,
            &mut self.one_step,
            &mut self.map,
            &mut self.flow,
        ]
    }

    /// Shows the view that the address asks for.
    pub(super) fn choose_view(&mut self) {
        if let Err(error) = parts::apply() {
            self.complain(&error.to_string());
        }
        let tab = Tab::of_address();
        if tab != self.tab {
            let (view, mut context) = self.view();
            view.seen(false, &mut context);
        }
        self.tab = tab;
        self.tab.show();
        let visible = !self.shown.hidden;
        let (view, mut context) = self.view();
        view.run_changed(&mut context);
        view.seen(visible, &mut context);
        self.watch();
        self.redraw();
    }

    /// The address behind `#` is another.
    pub(super) fn looked_at(&mut self) {
        self.apply_theme();
        self.choose_view();
    }

    // ---- the worker ----

    fn ask(&mut self, command: Command, pending: Pending) {
        self.link.send(Ask::Command(command), pending);
    }

    fn hear(&mut self, answer: Answer) {
        match answer {
            Answer::Started => self.link.start(),
            Answer::Event(event) => self.event(event),
            Answer::Done { id, result } => self.done(id, result),
            Answer::Cells { .. } => unreachable!("the worker of the run is dealt no cells"),
        }
    }

    fn event(&mut self, event: Event) {
        match event {
            Event::Loaded { query, scene } => {
                self.shown.load(scene);
                self.transport.forget_rate();
                self.forget();
                let turned = std::mem::take(&mut self.turning);
                if turned {
                    // The view that is left must not take the next run for its own.
                    let (view, mut context) = self.view();
                    view.seen(false, &mut context);
                    self.tab = Tab::of_address();
                }
                self.take_query(&query);
                self.sketch.loaded(&mut self.shown);
                dom::show(&dom::by_id::<Element>("notice"), false);
                self.voice.forget();
                if turned {
                    self.choose_view();
                }
                self.emit("load", &query.into());
            }
            Event::Query { query } => {
                self.take_query(&query);
                self.emit("query", &query.into());
            }
            Event::Branched { query, step } => {
                self.shown.branch(step);
                self.take_query(&query);
                self.emit("query", &query.into());
            }
            Event::Ghosts { added, kept } => self.shown.haunt(added.map(|ghost| *ghost), &kept),
            Event::Notice(text) => self.inform(&text),
            Event::Playing(playing) => {
                self.shown.playing = playing;
                self.transport.forget_rate();
                self.emit(if playing { "play" } else { "pause" }, &JsValue::UNDEFINED);
            }
            // What the worker stands at before the first run is loaded is nobody's.
            Event::Progress(_) if self.shown.scene.is_none() => {}
            Event::Progress(progress) => {
                self.voice.watch(&progress.frame);
                self.shown.take(*progress);
                if self.sketch.waits() {
                    self.shown.fields.clear();
                }
                self.unseen = true;
                let listened = self.listeners.iter().any(|(name, _)| name == "frame");
                if listened || !self.frame_waits.is_empty() {
                    let frame = self.shown.frame_object();
                    let waits = self.frame_waits.drain(..);
                    self.calls
                        .extend(waits.map(|(wait, _)| (wait, frame.clone())));
                    self.emit("frame", &frame);
                }
                if let Some(ready) = self.ready.take() {
                    self.calls.push((ready, JsValue::UNDEFINED));
                }
            }
            Event::State(state) => self.state = state,
            Event::Dissected(dissection) => self.one_step.take(*dissection),
        }
        if self.shown.hidden {
            // Nothing is animated now, but the status is read.
            self.transport.show(&self.shown, self.link.crashed);
        }
        self.redraw();
    }

    fn done(&mut self, id: u32, result: Result<(), String>) {
        match (self.link.done(id), result) {
            (Pending::Nobody, _) | (Pending::First | Pending::Dissection, Ok(())) => {}
            (Pending::Person(_), Ok(())) => dom::show(&dom::by_id::<Element>("error"), false),
            (Pending::Person(field), Err(error)) => {
                self.complain(&error);
                match field.map(|key| controls::field_of(&key)) {
                    Some(Some(input)) => dom::set(&input, "aria-invalid", "true"),
                    Some(None) if self.tab == Tab::Train => {
                        // A choice that was refused goes back to what holds.
                        let (view, mut context) = self.view();
                        view.run_changed(&mut context);
                    }
                    _ => {}
                }
            }
            (Pending::Save, Ok(())) => {
                share::save("proxprop-state.json", "application/json", &self.state);
            }
            (Pending::Dissection, Err(error)) => {
                self.one_step.answered(Some(&sentence(&error)));
                self.redraw();
            }
            (Pending::Drawing, result) => {
                self.sketch.answered(&mut self.link);
                if let Err(error) = result {
                    self.complain(&error);
                }
            }
            (Pending::Seek, _) => self.transport.sought(&mut self.link),
            (Pending::Save, Err(error)) => self.complain(&error),
            (Pending::First, Err(error)) => {
                self.complain(&format!(
                    "This address holds no valid run, so here is the first example. {error}"
                ));
                let query = Config::default().to_string();
                self.ask(Command::Load { query }, Pending::Nobody);
            }
            (Pending::Promise { resolve, reply, .. }, Ok(())) => {
                let value = match reply {
                    Reply::Nothing => JsValue::UNDEFINED,
                    Reply::Frame => self.shown.frame_object(),
                    Reply::State => JSON::parse(&self.state).unwrap_or(JsValue::NULL),
                };
                self.calls.push((resolve, value));
            }
            (Pending::Promise { reject, .. }, Err(error)) => {
                self.calls.push((reject, js_sys::Error::new(&error).into()));
            }
        }
    }

    /// The worker is gone: says so, and offers another.
    fn crash(&mut self, why: &str) {
        self.link.crash();
        self.shown.playing = false;
        let waits = self.frame_waits.drain(..);
        self.calls
            .extend(waits.map(|(_, reject)| (reject, stopped())));
        let text = format!("The worker that trains has stopped: {why}.");
        dom::write(&dom::by_id("crash-text"), &text);
        dom::show(&dom::by_id::<Element>("crash"), true);
        self.redraw();
    }

    /// Another worker, with the run of the address.
    fn restart(&mut self) {
        self.link.restart();
        self.sketch.forget();
        // What was computed since the address is lost with the worker.
        self.shown.frame = None;
        dom::show(&dom::by_id::<Element>("crash"), false);
        self.watch();
        Transport::pace(&mut self.link);
        self.link
            .send(Ask::Hidden(self.shown.hidden), Pending::Nobody);
        let query = self.shown.config.to_string();
        self.ask(Command::Load { query }, Pending::First);
    }

    /// Tells the worker what is looked at.
    fn watch(&mut self) {
        let watch = self.view().0.watch();
        self.ask(Command::Watch(watch), Pending::Nobody);
    }

    fn emit(&mut self, event: &str, value: &JsValue) {
        let called = self.listeners.iter().filter(|(name, _)| name == event);
        self.calls
            .extend(called.map(|(_, function)| (function.clone(), value.clone())));
    }

    // ---- what is shown ----

    fn complain(&mut self, error: &str) {
        let place: Element = dom::by_id("error");
        let error = sentence(error);
        dom::show(&place, true);
        dom::write(&place, &error);
        self.emit("error", &error.into());
    }

    /// Something worth knowing that is no mistake.
    fn inform(&mut self, words: &str) {
        let words = sentence(words);
        dom::write(&dom::by_id("notice-text"), &words);
        dom::show(&dom::by_id::<Element>("notice"), true);
        self.emit("notice", &words.into());
    }

    /// A run's text: the address, the forms.
    fn take_query(&mut self, query: &str) {
        if !self.shown.take_query(query) {
            return;
        }
        dom::set_search(&self.lecture.address(&self.shown.config));
        let (view, mut context) = self.view();
        view.run_changed(&mut context);
    }

    /// The browser went through its history: views and zooms follow, the run stays.
    pub(super) fn travelled(&mut self) {
        if self.shown.scene.is_none() {
            return;
        }
        let config = &self.shown.config;
        let there = dom::window().location().search().unwrap_or_default();
        let there = Config::parse(&there).ok().and_then(|config| config.map);
        dom::set_search(&self.lecture.address(config));
        // A browser whose address is written to while it travels does not tell of another hash.
        let moved = Tab::of_address() != self.tab;
        if let Some(map) = there.filter(|map| Some(map) != config.map.as_ref()) {
            self.link.person(Command::Set {
                key: "map".into(),
                value: map.to_string(),
            });
        }
        if moved {
            self.choose_view();
        }
    }

    /// What a map's worker says.
    pub(super) fn cells(&mut self, news: News) {
        let mut context = Context {
            shown: &self.shown,
            theme: &self.theme,
            link: &mut self.link,
        };
        self.map.hear(news, &mut context);
        self.redraw();
    }

    /// A map's crew has waited for work long enough.
    pub(super) fn rest(&mut self, crew: u32) {
        self.map.rest(crew);
        self.redraw();
    }

    /// The map on the screen as a plain object; `null` if none has been asked for.
    pub(super) fn map_object(&self) -> JsValue {
        self.map.frame().map_or(JsValue::NULL, shown::object)
    }

    fn redraw(&mut self) {
        if !self.drawing {
            self.drawing = true;
            let asked = dom::window().request_animation_frame(&self.draw);
            asked.expect("windows animate");
        }
    }

    fn draw(&mut self) {
        self.drawing = false;
        self.show();
        if std::mem::take(&mut self.unseen) {
            self.link.send(Ask::Drawn, Pending::Nobody);
        }
        let speaks = self.voice.speak();
        if self.view().0.restless() || speaks {
            self.redraw();
        }
    }

    fn show(&mut self) {
        self.transport.show(&self.shown, self.link.crashed);
        self.lecture.show(&self.shown.config);
        let (view, mut context) = self.view();
        view.draw(&mut context);
    }

    fn resized(&mut self, entries: &Array) {
        for entry in entries.iter() {
            let entry: ResizeObserverEntry = entry.unchecked_into();
            for view in self.views() {
                view.resized(&entry);
            }
        }
        if look::is_outgrown(&self.theme) {
            self.apply_theme();
        }
        // At once: a resized canvas is empty until it is drawn on.
        self.show();
    }

    /// Takes on the colours chosen, or those of the system.
    pub(super) fn apply_theme(&mut self) {
        self.theme = look::apply();
        self.forget();
        self.redraw();
    }

    fn forget(&mut self) {
        self.views().into_iter().for_each(View::forget);
    }

    // ---- what people do ----

    /// A click anywhere.
    pub(super) fn click(&mut self, target: &Element) {
        let Some(button) = target.closest("button").ok().flatten() else {
            return;
        };
        if let Some(name) = dom::get(&button, "data-preset") {
            return self.open_preset(&name);
        }
        let id = button.id();
        if let Some(next) = self.lecture.click(&id) {
            return self.turn(next);
        }
        match id.as_str() {
            _ if parts::holds(&button) => {}
            "restart" => self.restart(),
            "theme" => self.toggle_theme(),
            "projector" => self.project(),
            "help" => open_help(),
            _ if help::fill(&button) => return,
            "notice-close" => dom::show(&dom::by_id::<Element>("notice"), false),
            id if id.starts_with("tour-") => self.tour(id),
            id if self.sketch.click(id, &mut self.shown, &mut self.link) => self.forget(),
            "presets-open" => self.gallery.open(&self.theme),
            id if self.gallery.click(id, &self.shown) => {}
            id if Transport::click(id, &self.shown, &mut self.link) => {}
            id => {
                let (view, mut context) = self.view();
                if !share::click(id, view, &mut context) {
                    view.click(&button, &mut context);
                }
            }
        }
        self.redraw();
    }

    fn tour(&mut self, button: &str) {
        self.tour.click(button);
        if let Some(view) = self.tour.view() {
            dom::set_hash("view", &view);
            self.choose_view();
        }
        self.tour.mark();
    }

    /// The pictures of presets.
    pub(super) fn gallery(&mut self) -> &mut Gallery {
        &mut self.gallery
    }

    fn open_preset(&mut self, name: &str) {
        if let Ok(preset) = Preset::named(name) {
            Gallery::close();
            let query = self.lecture.open(preset);
            self.turn(Turn::To(query));
        }
    }

    /// The lecture went on; what comes next is loaded.
    fn turn(&mut self, next: Turn) {
        if let Turn::To(query) = next {
            self.turning = true;
            self.link.person(Command::Load { query });
        } else if self.shown.scene.is_some() {
            dom::set_search(&self.lecture.address(&self.shown.config));
        }
        self.redraw();
    }

    /// To the projector's look, or back.
    fn project(&mut self) {
        look::project();
        self.apply_theme();
    }

    fn toggle_theme(&mut self) {
        look::toggle(&self.theme);
        self.apply_theme();
    }

    /// A form's element is being moved.
    pub(super) fn input(&mut self, target: &Element) {
        if target.id() == "timeline" {
            return self.transport.scrub(&mut self.link);
        }
        let (view, mut context) = self.view();
        view.input(target, &mut context);
        self.redraw();
    }

    /// A form's element has its new value.
    pub(super) fn change(&mut self, target: &Element) {
        target.remove_attribute("data-dirty").expect("a valid name");
        match target.id().as_str() {
            "speed" => return Transport::pace(&mut self.link),
            _ if target.has_attribute("data-ghost") => {
                let id = dom::get(target, "data-ghost").and_then(|id| id.parse().ok());
                let visible = dom::input(target).checked();
                let ghosts = self.shown.ghosts.iter_mut();
                ghosts
                    .filter(|(g, _)| Some(g.id) == id)
                    .for_each(|g| g.1 = visible);
                return self.redraw();
            }
            _ if self.gallery.change(target) => return,
            _ if target.get_attribute("name").as_deref() == Some("draw-tool") => {
                return self.sketch.show();
            }
            _ if dom::get(target, "data-key").as_deref() == Some("data")
                && dom::value_of(target) == "points" =>
            {
                self.sketch.adopt(&mut self.shown, &mut self.link);
                self.forget();
                return self.redraw();
            }
            "share-file" => return share::chosen().iter().for_each(Page::take_file),
            _ => {}
        }
        let (view, mut context) = self.view();
        view.change(target, &mut context);
        self.watch();
        self.redraw();
    }

    /// A file was chosen or dropped: a state to go on from, or a sentence why not.
    pub(super) fn take_file(file: &File) {
        share::read(file, |name, text| {
            with(|page| {
                match text {
                    Ok(text) => page.open(name, text),
                    Err(error) => page.complain(&error),
                }
                dom::by_id::<HtmlDialogElement>("share").close();
            });
        });
    }

    /// The text of a file or of the clipboard: a state to go on from, or a table of points.
    pub(super) fn open(&mut self, name: String, text: String) {
        let json = text.trim_start().starts_with('{') || name.to_lowercase().ends_with(".json");
        let command = if json {
            Command::LoadState { json: text }
        } else {
            Command::LoadCsv { name, text }
        };
        self.link.person(command);
    }

    /// Something was unfolded or folded.
    pub(super) fn toggled(&mut self) {
        self.watch();
        self.redraw();
    }

    /// True if the key is ours.
    pub(super) fn key(&mut self, target: &Element, event: &KeyboardEvent) -> bool {
        let modified = event.ctrl_key() || event.meta_key() || event.alt_key();
        if dom::dialog_open() {
            return false;
        }
        let draws = self.sketch.on() && self.tab == Tab::Train;
        if draws && self.draw_key(target, event, modified) {
            return true;
        }
        if modified {
            return false;
        }
        let key = event.key();
        let tag = target.tag_name();
        let types = tag == "SELECT"
            || (tag == "INPUT" && target.get_attribute("type").as_deref() != Some("checkbox"));
        // A clicker's keys go to the lecture, whatever has the focus.
        let clicks = matches!(key.as_str(), "PageUp" | "PageDown");
        if (clicks || !types)
            && let Some(next) = self.lecture.key(&key)
        {
            self.turn(next);
            return true;
        }
        let (view, mut context) = self.view();
        if view.key(target, &key, &mut context) {
            let mark = self.train.mark(target);
            if self.sketch.follow(mark, &mut self.shown, &mut self.link) {
                self.train.forget();
            }
            self.redraw();
            if key == "Escape" && embed::wanted() {
                // It ends what is read on a chart, and leaves the page as well.
                embed::key(&key);
            }
            return true;
        }
        if embed::wanted() && embed::key(&key) {
            return true;
        }
        let presses = matches!(tag.as_str(), "BUTTON" | "SUMMARY" | "A" | "INPUT")
            && (key == " " || key == "Enter");
        if types || presses {
            return false;
        }
        match key.as_str() {
            "Escape" if self.tour.on() => self.tour.end(),
            "t" | "T" => self.toggle_theme(),
            "p" | "P" => self.project(),
            "g" | "G" => self.gallery.open(&self.theme),
            "n" | "N" if parts::holds(&dom::by_id("new-seed")) => {}
            "?" => open_help(),
            _ => return Transport::key(&key, &self.shown, &mut self.link),
        }
        true
    }

    /// A key while points are drawn; false if it means nothing then.
    fn draw_key(&mut self, target: &Element, event: &KeyboardEvent, modified: bool) -> bool {
        let key = event.key();
        let types =
            target.tag_name() == "INPUT" && target.get_attribute("type").as_deref() == Some("text");
        let done = if modified {
            let undoes = key == "z" && !event.alt_key() && !types;
            if undoes {
                let id = if event.shift_key() {
                    "draw-redo"
                } else {
                    "draw-undo"
                };
                self.sketch.click(id, &mut self.shown, &mut self.link);
            }
            undoes
        } else {
            let mark = self.train.mark(target);
            self.train.is_panel(target)
                && self.sketch.key(&key, mark, &mut self.shown, &mut self.link)
        };
        if done {
            self.train.forget();
            self.redraw();
        }
        done
    }

    /// A pointer moved, or left something.
    pub(super) fn point(&mut self, pointer: &Pointer) {
        if self.sketch.on() && self.tab == Tab::Train {
            let place = self.train.place(pointer);
            let (gesture, pressed) = (pointer.gesture, pointer.pressed);
            if self
                .sketch
                .point(gesture, pressed, place, &mut self.shown, &mut self.link)
            {
                self.train.forget();
                self.redraw();
            }
        }
        let (view, mut context) = self.view();
        view.point(pointer, &mut context);
        if pointer.pressed {
            self.redraw();
        }
    }

    /// An embedded page came onto the screen, or left it.
    pub(super) fn set_on_screen(&mut self, on_screen: bool) {
        self.on_screen = on_screen;
        self.check_hidden();
    }

    /// Nobody sees the page now, or somebody does again.
    pub(super) fn check_hidden(&mut self) {
        let hidden = dom::document().hidden() || !self.on_screen;
        self.shown.hidden = hidden;
        self.transport.forget_rate();
        self.link.send(Ask::Hidden(hidden), Pending::Nobody);
        let (view, mut context) = self.view();
        view.seen(!hidden, &mut context);
        // Nothing is animated in a hidden page, but its title and status are read.
        self.transport.show(&self.shown, self.link.crashed);
        self.redraw();
    }
}

/// A message as a sentence.
fn sentence(message: &str) -> String {
    if message.ends_with(['.', '!', '?']) {
        message.to_owned()
    } else {
        format!("{message}.")
    }
}

fn open_help() {
    let dialog: HtmlDialogElement = dom::by_id("keys");
    if !dialog.open() {
        // Refused only for a dialog that is not in the page.
        let _ = dialog.show_modal();
    }
}
