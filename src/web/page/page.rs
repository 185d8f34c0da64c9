//! The page: what the worker says, put on the screen once per animation frame; what people do, given to the view
//! they do it in. Draws and asks; trains nothing.

use super::columns::Chooser;
use super::keep::{self, Keep};
use super::parent;
use super::transport::Transport;
use super::voice::Voice;
use crate::frame::EngineInfo;
use crate::lab::config::{Config, drawn_text};
use crate::lab::look;
use crate::lab::repair::Arrived;
use crate::lab::scene::drawn_of_all;
use crate::lab::session::Command;
use crate::lab::systems::is_system;
use crate::named::Named;
use crate::plot::Theme;
use crate::web::dom;
use crate::web::dom::{address, theme};
use crate::web::lecture::gallery::Gallery;
use crate::web::lecture::lecture::Lecture;
use crate::web::lecture::parts;
use crate::web::lecture::tour::Tour;
use crate::web::views::charts;
use crate::web::views::draw::Draw;
use crate::web::views::map::pool;
use crate::web::views::related::Related;
use crate::web::views::share;
use crate::web::views::view::{Context, Drive, Means, View};
use crate::web::views::{Tab, Views};
use crate::web::widgets::{help, refusal};
use crate::web::wire::images;
use crate::web::wire::link::{Call, Entry, Link, Pending, Reply, stopped};
use crate::web::wire::message::Ask;
use crate::web::wire::related::News;
use crate::web::wire::shown::{self, Shown};
use js_sys::{Array, Function, Promise, Uint8Array};
use std::cell::RefCell;
use wasm_bindgen::prelude::*;
use web_sys::{
    Element, HtmlElement, HtmlInputElement, IntersectionObserver, IntersectionObserverEntry,
    ResizeObserver, ResizeObserverEntry,
};

/// Milliseconds after which the page says that it waits for the worker; it looks twice as often.
const PATIENCE: i32 = 150;
/// What can lie over the end of the page, and the name of its height in the style sheet.
const OVER: [(&str, &str); 2] = [("lecture-answer-text", "--answer"), ("notice", "--told")];
/// Milliseconds after which it says what helps.
const DEADLINE: f64 = 10_000.0;

thread_local! {
    static PAGE: RefCell<Option<Page>> = const { RefCell::new(None) };
    /// What the document has called while the page was being changed.
    static WAITING: RefCell<Vec<Box<dyn FnOnce()>>> = const { RefCell::new(Vec::new()) };
}

/// Makes the page; [`with`] finds it from now on. `ready` is called the moment the first run is loaded, `fault` when the module of related
/// systems has met a fault of its own.
pub(super) fn open(hire: Function, ready: Function, more: Function, fault: fn()) {
    PAGE.set(Some(Page::new(hire, ready, more, fault)));
}

/// Calls this at once, or, where the page is being changed right now (the document calls back while we change it), when that
/// is done.
pub(super) fn in_turn(act: impl FnOnce() + 'static) {
    if is_stuck() {
        WAITING.with_borrow_mut(|waiting| waiting.push(Box::new(act)));
    } else {
        act();
    }
}

/// The page, unless it is being changed right now, and then what listeners wait for.
pub(super) fn with<T>(act: impl FnOnce(&mut Page) -> T) -> Option<T> {
    let (mut act, mut answer) = (Some(act), None);
    change(&mut |page| answer = act.take().map(|act| act(page)));
    answer
}

// Once for all that is done with the page.
#[inline(never)]
fn change(act: &mut dyn FnMut(&mut Page)) {
    let calls = PAGE.with(|slot| {
        let mut slot = slot.try_borrow_mut().ok()?;
        let page = slot.as_mut()?;
        act(page);
        page.mind();
        for words in refusal::said() {
            page.emit("error", &words.into());
        }
        let mut calls = std::mem::take(&mut page.calls);
        calls.append(&mut page.link.calls);
        Some(calls)
    });
    let Some(calls) = calls else { return };
    for (function, value) in calls {
        // A listener that throws harms itself alone.
        let _ = function.call1(&JsValue::UNDEFINED, &value);
    }
    for act in WAITING.take() {
        act();
    }
}

/// Whether the page is being changed; asked when nothing is under way, that it will be for ever.
pub(super) fn is_stuck() -> bool {
    PAGE.with(|slot| slot.try_borrow().is_err())
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

/// Loads a run; the promise is kept when it is there.
pub(super) fn enter(run: &Command) -> Promise {
    Promise::new(&mut |resolve, reject| {
        with(|page| {
            let pending = Pending::Promise {
                resolve,
                reject,
                reply: Reply::Nothing,
            };
            page.link.enter(run.clone(), Entry::Own, false, pending);
        });
    })
}

/// Has the view in front do what a script asks for, if it shows something else than the run.
pub(super) fn of_view(command: &Command) -> Option<Promise> {
    with(|page| page.view().0.command(command)).flatten()
}

/// Plays or holds what is on the screen, if that is not the run: nothing trains that is not seen. Whether it is.
pub(super) fn drive(what: Drive) -> bool {
    let driven = with(|page| {
        let (view, mut context) = page.view();
        let drives = view.standing().is_some();
        if drives {
            view.drive(what, &mut context);
            page.redraw();
        }
        drives
    });
    driven.unwrap_or(false)
}

/// Opens a run of a related system; the promise is kept when it is there.
pub(super) fn open_system(query: &str) -> Promise {
    Promise::new(&mut |kept, broken| {
        with(|page| page.enter_system(query, 0, Some([kept, broken])));
    })
}

/// Opens the run of a related system's report, where it stood.
pub(super) fn open_report(query: &str, step: u64) -> Promise {
    Promise::new(&mut |kept, broken| {
        with(|page| page.enter_system(query, step, Some([kept, broken])));
    })
}

/// The frame now on the screen as a plain object, or the first of a run that is being loaded.
pub(super) fn frame() -> Promise {
    if let Some(frame) = with(|page| page.view().0.frame()).flatten() {
        return Promise::resolve(&frame);
    }
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
/// `play`, `pause`, `frame` (with the frame), `error` and `notice` (with the sentence). Answers
/// with a function that ends this.
pub(super) fn listen(event: String, function: Function) -> Function {
    let listener = (event, function);
    with(|page| page.listeners.push(listener.clone()));
    let end = Closure::<dyn Fn()>::new(move || {
        with(|page| page.listeners.retain(|other| *other != listener));
    });
    end.into_js_value().unchecked_into()
}

/// The page.
// The flags are independent of each other.
#[allow(clippy::struct_excessive_bools)]
pub(super) struct Page {
    pub(super) link: Link,
    pub(super) shown: Shown,
    pub(super) theme: Theme,
    /// Watches the sizes of what is drawn on.
    pub(super) observer: ResizeObserver,
    pub(super) transport: Transport,
    pub(super) tab: Tab,
    pub(super) views: Views,
    /// Drawing points on the panels of the first view.
    pub(super) sketch: Draw,
    pub(super) chooser: Chooser,
    pub(super) tour: Tour,
    pub(super) voice: Voice,
    pub(super) keep: Keep,
    pub(super) lecture: Lecture,
    pub(super) gallery: Gallery,
    /// The run that comes next, and by what text.
    pub(super) entered: Option<(Entry, String)>,
    /// The text of a related system's run that comes next: what is refused has no question.
    next_system: Option<String>,
    /// An embedded page may be on a slide that is not shown.
    pub(super) on_screen: bool,
    /// Some of the decision boundaries are not scrolled away; nor are the networks.
    pub(super) in_sight: [bool; 2],

    /// The run that the page was opened with.
    pub(super) first: String,
    /// It plays by itself.
    pub(super) plays: bool,
    /// The run that is being loaded plays as soon as it is there.
    pub(super) starts: bool,
    /// What was done to the link on arrival, until it is said.
    pub(super) repairs: Option<String>,
    /// The address holds something that is not understood.
    pub(super) refused: bool,
    pub(super) ready: Option<Function>,
    /// Ends it in a sentence.
    fault: fn(),
    /// Who has asked for a frame while there is none.
    pub(super) frame_waits: Vec<(Function, Function)>,
    pub(super) listeners: Vec<(String, Function)>,
    pub(super) calls: Vec<Call>,
    /// The state file last asked for.
    pub(super) state: String,

    pub(super) draw: Function,
    pub(super) drawing: bool,
    /// A progress was received that the worker believes unseen.
    pub(super) unseen: bool,
    /// A look at the worker's silence is on its way.
    minding: bool,
    /// The worker is waited for long enough for that to be said.
    pub(super) waits: bool,
    /// It is waited for so long that it may be dead.
    pub(super) silent: bool,
}

impl Page {
    pub(super) fn new(hire: Function, ready: Function, more: Function, fault: fn()) -> Page {
        let draw = Closure::<dyn FnMut()>::new(|| {
            with(Page::draw);
        });
        let resized = Closure::<dyn FnMut(Array)>::new(|entries: Array| {
            with(|page| page.resized(&entries));
        });
        let observer = ResizeObserver::new(resized.into_js_value().unchecked_ref())
            .expect("browsers watch sizes");
        let sighted = Closure::<dyn FnMut(Array)>::new(|entries: Array| {
            for entry in entries.iter() {
                let entry: IntersectionObserverEntry = entry.unchecked_into();
                with(|page| page.set_in_sight(&entry.target(), entry.is_intersecting()));
            }
        });
        let sights = IntersectionObserver::new(sighted.into_js_value().unchecked_ref())
            .expect("browsers watch intersections");
        for id in ["boundaries", "network-panel"] {
            sights.observe(&dom::by_id(id));
        }
        for (id, _) in OVER {
            observer.observe(&dom::by_id(id));
        }
        let hear = |answer| {
            with(|page| page.hear(answer));
        };
        let lost = |why: &str| {
            with(|page| page.crash(why));
        };
        let means = Means {
            observer: observer.clone(),
            hire: hire.clone(),
            tell_map: |news| {
                with(|page| page.map_news(news));
            },
            more,
            tell_related: |what, value| {
                in_turn(move || {
                    let what = News::of_name(&what.as_string().unwrap_or_default());
                    with(|page| what.map(|what| page.related_news(what, value)));
                });
            },
            tell_images: |what, value| {
                in_turn(move || {
                    let what = images::News::of_name(&what.as_string().unwrap_or_default());
                    with(|page| what.map(|what| page.images_news(what, value)));
                });
            },
        };
        let hear_gallery = |answer| {
            with(|page| page.gallery.hear(answer));
        };
        let lost_gallery = |_: &str| {
            with(|page| page.gallery.rest());
        };
        Page {
            link: Link::new(hire.clone(), hear, lost),
            shown: Shown::default(),
            theme: theme::apply(),
            observer,
            transport: Transport::default(),
            tab: Tab::default(),
            views: Views::new(&means),
            sketch: Draw::of(""),
            chooser: Chooser::default(),
            tour: Tour::default(),
            voice: Voice::default(),
            keep: Keep::default(),
            lecture: Lecture::default(),
            gallery: Gallery::new(hire, hear_gallery, lost_gallery),
            entered: None,
            next_system: None,
            on_screen: true,
            in_sight: [true; 2],
            first: String::new(),
            plays: false,
            starts: false,
            repairs: None,
            refused: false,
            ready: Some(ready),
            fault,
            frame_waits: Vec::new(),
            listeners: Vec::new(),
            calls: Vec::new(),
            state: String::new(),
            draw: draw.into_js_value().unchecked_into(),
            drawing: false,
            unseen: false,
            minding: false,
            waits: false,
            silent: false,
        }
    }

    /// Loads what the address says; the bare address tells its story at once.
    pub(super) fn begin(&mut self, link: &Arrived) {
        self.repairs = link.repairs();
        if look::check(&link.hash).is_err() {
            self.refuse();
        }
        let plays = address::plays();
        // What is wrong with a lesson is said with the rest of what stands behind `#`.
        let opened = self.lecture.begin(&link.query);
        let opened = opened.unwrap_or_else(|_| link.query.clone());
        let system = is_system(&opened);
        // Behind a system's run lies the first example.
        let query = if system { "" } else { &opened };
        if query.is_empty() && !system {
            charts::begin();
        }
        // A page opened in a background tab waits to be looked at.
        self.check_hidden();
        help::install();
        Tour::offer();
        if system {
            self.views.related.arrive_at(&opened);
            address::set_hash("view", Related::KEY);
        }
        self.choose_view();
        Transport::pace(&mut self.link);
        let story = query.is_empty() && self.tab == Tab::Train && !address::embedded();
        // Nothing plays while it is covered.
        self.plays = (plays || story) && !address::predicts();
        self.first = if query.is_empty() {
            Config::default().to_string()
        } else {
            query.to_owned()
        };
        self.load_first();
    }

    /// Opens a run of a related system by its text, where it stood at a step; of a script a promise waits for it.
    pub(super) fn enter_system(&mut self, query: &str, step: u64, promised: Option<[Function; 2]>) {
        self.hold();
        self.next_system = Some(query.to_owned());
        self.lecture.cover(address::predicts());
        self.views.related.open(query, step, promised);
        address::set_hash("view", Related::KEY);
        self.choose_view();
        self.show_query();
    }

    /// Loads what the address said when the page was opened.
    pub(super) fn load_first(&mut self) {
        let query = self.first.clone();
        if let Some(command) = keep::kept(&query) {
            return self.resume(command);
        }
        // The address has its own word on question and view.
        let run = Command::Load { query };
        self.link.enter(run, Entry::Changed, false, Pending::First);
        self.starts = self.plays;
    }

    /// Tells the view in front whether it is seen: not while the page is hidden, nor, if it goes on by itself, while it is
    /// covered. Runs, the lab's and those of related systems, do what they are told.
    pub(super) fn look(&mut self) {
        let (hidden, covered) = (self.shown.hidden, self.lecture.covers());
        let runs = self.tab == Tab::Related;
        let (view, mut context) = self.view();
        let visible = !(hidden || covered && !runs && view.standing().is_some());
        view.seen(visible, &mut context);
    }

    /// Plays what is on the screen.
    pub(super) fn play(&mut self) {
        let (view, mut context) = self.view();
        if view.standing().is_some() {
            view.drive(Drive::Play, &mut context);
            return self.redraw();
        }
        let command = if theme::media("(prefers-reduced-motion: reduce)") {
            Command::Step { steps: u64::MAX }
        } else {
            Command::Play
        };
        self.ask(command, Pending::Nobody);
    }

    /// Whether what is on the screen plays and has not begun. What shows its end at once has, and *One step* plays nothing.
    pub(super) fn is_unplayed(&mut self) -> bool {
        let tab = self.tab;
        let (view, context) = self.view();
        match view.standing() {
            Some(standing) => {
                !standing.playing && standing.of > 0 && standing.at == 0 && standing.known == 0
            }
            None => tab == Tab::Train && !context.shown.playing && context.shown.timeline.1 == 0,
        }
    }

    /// Plays it from its start.
    pub(super) fn play_anew(&mut self) {
        let (view, mut context) = self.view();
        match view.standing() {
            Some(standing) if standing.at > 0 => view.drive(Drive::Reset, &mut context),
            None if context.shown.step() > 0 => context.link.person(Command::Reset),
            _ => {}
        }
        self.play();
    }

    /// Holds what is on the screen.
    pub(super) fn hold(&mut self) {
        let (view, mut context) = self.view();
        if view.standing().is_some() {
            view.drive(Drive::Pause, &mut context);
        } else if context.shown.playing {
            context.link.person(Command::Pause);
        }
    }

    /// Brings back a run that was kept in the tab, as far as it had come.
    pub(super) fn resume(&mut self, command: Command) {
        let words = "The run that this tab has kept is back, on its own points; it is computed again as far as it had come";
        self.repairs = Some(words.to_owned());
        self.keep.resume(&command);
        self.link
            .enter(command, Entry::Changed, false, Pending::Kept);
    }

    /// The view shown, and what it does its duties with.
    pub(super) fn view(&mut self) -> (&mut dyn View, Context<'_>) {
        let context = Context {
            shown: &self.shown,
            theme: &self.theme,
            link: &mut self.link,
        };
        (self.views.at(self.tab), context)
    }

    /// Shows the view that the address asks for.
    pub(super) fn choose_view(&mut self) {
        parts::apply();
        if let Err(error) = look::check(&address::behind()) {
            Page::complain(&error.to_string());
        }
        let tab = Tab::of_address();
        let moved = tab != self.tab;
        if moved {
            let (view, mut context) = self.view();
            view.seen(false, &mut context);
        }
        self.tab = tab;
        self.tab.show();
        if moved && self.shown.scene.is_some() {
            self.show_query();
        }
        let standing = self.views.at(tab).standing();
        Transport::enable(standing.as_ref());
        if standing.is_some() && self.shown.playing {
            // Nothing trains that is not on the screen.
            self.ask(Command::Pause, Pending::Nobody);
        }
        let (view, mut context) = self.view();
        view.run_changed(&mut context);
        self.look();
        self.watch();
        self.redraw();
    }

    /// The address behind `#` is another.
    pub(super) fn looked_at(&mut self) {
        take_hash();
        if self.follow() {
            return;
        }
        if dom::root().has_attribute("data-embed")
            && let Err(words) = parent::check()
        {
            Page::complain(&words);
        }
        self.apply_theme();
        self.choose_view();
    }

    /// The address that was opened is not understood: it stays where it is, and can be mended by hand.
    pub(super) fn refuse(&mut self) {
        self.refused = true;
        dom::by_id::<HtmlInputElement>("refused-link").set_value(&address::bar());
        dom::show(&dom::by_id::<Element>("refused"), true);
    }

    pub(super) fn complain(error: &str) {
        let error = sentence(error);
        refusal::say(None, &error);
    }

    /// Something worth knowing that is no mistake.
    pub(super) fn inform(&mut self, words: &str) {
        let words = sentence(words);
        dom::write(&dom::by_id("notice-text"), &words);
        let notice: Element = dom::by_id("notice");
        for mark in ["data-link", "data-over"] {
            notice.remove_attribute(mark).expect("a valid name");
        }
        dom::show(&notice, true);
        self.emit("notice", &words.into());
    }

    /// A run's text: the address, the forms.
    pub(super) fn take_query(&mut self, query: &str) {
        if !self.shown.take_query(query) {
            return;
        }
        self.show_query();
        // What was refused can be mended as long as it stands in the address.
        if !address::held() {
            dom::show(&dom::by_id::<Element>("refused"), false);
        }
        self.keep.note(&self.shown);
        let (view, mut context) = self.view();
        view.run_changed(&mut context);
        share::follow(context.shown, view);
    }

    /// The text of what is on the screen stands in the address.
    pub(super) fn show_query(&mut self) {
        let own = self.views.at(self.tab).query();
        let preset = self.lecture.preset();
        let preset = preset.filter(|preset| own.is_some() && self.views.related.is_of(preset));
        let own = preset.map(Lecture::name).or(own);
        let run = || self.lecture.address(&self.shown.config);
        address::set_search(&own.unwrap_or_else(run));
    }

    /// The first run is there, or it is known that it will not be.
    pub(super) fn be_ready(&mut self) {
        let ready = self.ready.take();
        self.calls
            .extend(ready.map(|ready| (ready, JsValue::UNDEFINED)));
    }

    /// What the module of related systems has told.
    fn related_news(&mut self, what: News, value: JsValue) {
        let text = value.as_string();
        let words = text.clone().unwrap_or_default();
        match what {
            News::Here => self.views.related.arrive(value),
            News::Lost => self.calls.extend(self.views.related.miss(&words)),
            News::Load | News::Query | News::Leave => {
                self.views.related.take_query(text);
                if what != News::Query {
                    if let Some(query) = self.next_system.take()
                        && self.tab == Tab::Related
                    {
                        self.lecture.meet(&query);
                        address::set_hash("view", Related::KEY);
                    }
                    Chooser::hide();
                    // It is about what was here before, but for what was done to the link.
                    let notice: Element = dom::by_id("notice");
                    if !notice.has_attribute("data-link") {
                        dom::show(&notice, false);
                    }
                    self.voice.forget();
                }
                if self.tab == Tab::Related {
                    self.show_query();
                }
                if what == News::Leave {
                    self.lecture.leave();
                } else {
                    self.emit(what.name(), &value);
                }
            }
            News::Stay | News::Refuse => {
                self.next_system = None;
                let returns = self.views.related.return_to_told();
                if returns && self.tab == Tab::Related {
                    self.show_query();
                }
                if what == News::Refuse {
                    if !returns {
                        self.refuse();
                    }
                    Page::complain(&words);
                }
            }
            News::Notice => self.inform(&words),
            News::Complain => Page::complain(&words),
            News::Table => {
                dom::show(&dom::by_id::<Element>("into-link"), false);
                // Columns that are not obvious are a question, no mistake.
                let asks = self.chooser.show(text.is_some());
                match text {
                    Some(error) if !asks => Page::complain(&error),
                    _ => refusal::settle(None),
                }
            }
            News::Say => self.voice.say(words),
            News::Play | News::Pause => self.emit(what.name(), &value),
            News::Fault => (self.fault)(),
            News::Points => match self.shown.scene.as_ref().map(drawn_of_all) {
                Some(Ok(drawn)) => self.views.related.give(&drawn_text(&drawn)),
                Some(Err(why)) => Page::complain(&why),
                None => {}
            },
            News::More => {}
            News::Draw => {
                if self.listeners.iter().any(|(name, _)| name == "frame")
                    && let Some(frame) = self.views.related.frame()
                {
                    self.emit("frame", &frame);
                }
            }
        }
        if matches!(what, News::Load | News::Refuse | News::Lost) {
            self.be_ready();
        }
        if self.tab == Tab::Related {
            if matches!(what, News::Here | News::Load | News::Leave) {
                Transport::enable(self.views.related.standing().as_ref());
                self.look();
            }
            self.redraw();
        }
    }

    /// What the view of images has told.
    fn images_news(&mut self, what: images::News, value: JsValue) {
        match what {
            images::News::Here => self.views.train.images.arrive(value),
            images::News::Lost => self.views.train.images.miss(),
            images::News::Drawn => {
                let pixels = value.unchecked_into::<Uint8Array>().to_vec();
                self.link.send(Ask::Images(pixels), Pending::Nobody);
            }
            images::News::Fault => (self.fault)(),
        }
    }

    /// The browser went through its history: lessons, views and zooms follow, any other run stays.
    pub(super) fn travelled(&mut self) {
        if self.shown.scene.is_none() {
            return;
        }
        take_hash();
        if self.follow() {
            return;
        }
        let config = &self.shown.config;
        let there = Arrived::read(&address::bar()).query;
        let there = Config::parse(&there).ok().and_then(|config| config.map);
        let map = config.map.clone();
        self.show_query();
        // A browser whose address is written to while it travels does not tell of another hash.
        let moved = Tab::of_address() != self.tab;
        if let Some(map) = there.filter(|there| Some(there) != map.as_ref()) {
            self.link.person(Command::Set {
                key: "map".into(),
                value: map.to_string(),
            });
        }
        if moved {
            self.choose_view();
        }
    }

    /// The lesson goes where the address leads; whether that is elsewhere.
    fn follow(&mut self) -> bool {
        let next = self.lecture.follow();
        let goes = next.is_some();
        next.into_iter().for_each(|next| self.turn(next));
        goes
    }

    /// What the map waits for has happened, whether it is shown or not.
    pub(super) fn map_news(&mut self, news: pool::News) {
        let mut context = Context {
            shown: &self.shown,
            theme: &self.theme,
            link: &mut self.link,
        };
        self.views.map.hear(news, &mut context);
        self.redraw();
    }

    /// The map on the screen, of the system in front or of the lab's own run, as a plain object; `null` if none has been asked for.
    pub(super) fn map_object(&self) -> JsValue {
        let system = (self.tab == Tab::Related).then(|| self.views.related.map());
        let own = || self.views.map.frame().map_or(JsValue::NULL, shown::object);
        system.flatten().unwrap_or_else(own)
    }

    /// Looks again soon whether the worker, which owes an answer, has said anything.
    fn mind(&mut self) {
        if !self.minding && self.link.silence().is_some() {
            self.minding = true;
            dom::later(PATIENCE / 2, || {
                with(Page::check_silence);
            });
        }
    }

    /// What is waited for is said after a moment, and what helps after a while.
    fn check_silence(&mut self) {
        self.minding = false;
        let silent = self.link.silence().filter(|_| !self.shown.hidden);
        let silent = silent.unwrap_or_default();
        let waits = silent >= f64::from(PATIENCE);
        if waits != self.waits {
            self.waits = waits;
            self.redraw();
        }
        // A graphics device has a time of its own.
        let engine = self.shown.frame.as_ref().map(|frame| &frame.engine);
        let dead = silent >= DEADLINE && !engine.is_some_and(EngineInfo::is_awaited);
        if dead != self.silent {
            self.silent = dead;
            self.tell_silence();
        }
    }

    pub(super) fn redraw(&mut self) {
        if !self.drawing {
            self.drawing = true;
            let asked = dom::window().request_animation_frame(&self.draw);
            asked.expect("windows animate");
        }
    }

    pub(super) fn draw(&mut self) {
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

    pub(super) fn show(&mut self) {
        self.lecture
            .show(&self.shown.config, self.tab == Tab::Related);
        let (view, mut context) = self.view();
        view.draw(&mut context);
        // The view may have gone on.
        self.show_transport();
        if address::embedded() {
            let (link, to): (Element, _) = (dom::by_id("whole"), address::whole());
            if dom::get(&link, "href").as_ref() != Some(&to) {
                dom::set(&link, "href", &to);
            }
        }
    }

    pub(super) fn show_transport(&mut self) {
        let standing = self.views.at(self.tab).standing();
        let (crashed, waits) = (self.link.crashed, self.waits && !self.shown.hidden);
        self.transport
            .show(standing.as_ref(), &self.shown, crashed, waits);
    }

    pub(super) fn resized(&mut self, entries: &Array) {
        for entry in entries.iter() {
            let entry: ResizeObserverEntry = entry.unchecked_into();
            for view in self.views.all() {
                view.resized(&entry);
            }
        }
        for (id, height) in OVER {
            let over: HtmlElement = dom::by_id(id);
            dom::place(&dom::root(), height, f64::from(over.offset_height()));
        }
        if theme::is_outgrown(&self.theme) {
            self.apply_theme();
        }
        // At once: a resized canvas is empty until it is drawn on.
        self.show();
    }

    /// Takes on the colours chosen, or those of the system.
    pub(super) fn apply_theme(&mut self) {
        self.theme = theme::apply();
        self.forget();
        self.redraw();
    }

    /// Goes onto paper, in light colours, or back to the screen.
    pub(super) fn print(&mut self, paper: bool) {
        theme::print(paper);
        self.apply_theme();
        // There is no other frame before the picture is taken.
        self.show();
    }

    pub(super) fn forget(&mut self) {
        self.views.all().into_iter().for_each(View::forget);
    }
}

/// Takes over what somebody else has put behind the `#` of the address.
fn take_hash() {
    let bar = address::bar();
    let hash = bar.split_once('#').map_or("", |(_, hash)| hash);
    address::take_hash(&Arrived::read(&format!("#{hash}")).hash);
}

/// A message as a sentence.
pub(super) fn sentence(message: &str) -> String {
    if message.ends_with(['.', '!', '?']) {
        message.to_owned()
    } else {
        format!("{message}.")
    }
}
