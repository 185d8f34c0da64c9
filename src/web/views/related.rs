//! The *Related systems* view as the page knows it: a tab, an address, and the function of a module that is fetched when the view is first
//! opened (`web::related`). Knows no system.

use super::view::{Context, Drive, Means, Picture, Standing, View, ask_elsewhere, drawn_elsewhere};
use crate::data::bytes::Encoding;
use crate::lab::lesson::preset_of;
use crate::lab::presets::Preset;
use crate::lab::session::{Command, Watch};
use crate::lab::systems::{is_file, is_system};
use crate::named::Named;
use crate::web::dom;
use crate::web::wire::link;
use crate::web::wire::message::{Ask, Request, pack};
use crate::web::wire::related::Call;
use crate::web::wire::shown::Shown;
use js_sys::{Array, Function, JSON, Promise, Reflect};
use std::cell::RefCell;
use wasm_bindgen::prelude::*;
use web_sys::{Element, Event, ResizeObserverEntry};

/// The view.
pub(in crate::web) struct Related {
    /// Fetches the module, and tells what becomes of it.
    more: Function,
    tell: fn(JsValue, JsValue),
    /// The module is being fetched, or there.
    coming: bool,
    ask: Option<Function>,
    /// The query string of what is shown, or is to be.
    query: Option<String>,
    /// What the module has told of last.
    told: Option<String>,
    /// What was opened last is what the address said, which stays to be mended if it is refused.
    of_address: bool,
    /// Runs that the module has not been asked for, and what keeps or breaks the promise of a script that waits for one.
    waiting: Vec<Wanted>,
    /// What of the transport waits for it: that it plays, or goes to a step.
    driven: Option<(Call, u64)>,
    /// What scripts ask for before the module is there, and what keeps their promises.
    held: RefCell<Vec<(JsValue, [Function; 2])>>,
}

/// The run of a related system's report, and where it stood; of a file of its own its name (empty where it has none), a line break and the
/// file, which its worker reads. `None` for any other text.
pub(in crate::web) fn of_report(name: &str, text: &str) -> Option<(String, u64)> {
    if is_file(text) {
        return Some(([name, "\n", text].concat(), 0));
    }
    let report = JSON::parse(text).ok()?;
    let of = |object: &JsValue, key: &str| Reflect::get(object, &key.into()).ok();
    let query = of(&report, "query")?.as_string();
    let step = of(&of(&report, "frame")?, "step")?.as_f64()?;
    let query = query.filter(|query| is_system(query))?;
    Some((query, step as u64))
}

/// A run that is to be opened.
struct Wanted {
    query: String,
    /// Where it is to stand.
    step: u64,
    /// Of a script, what keeps and what breaks the promise.
    promised: Option<[Function; 2]>,
}

impl Related {
    /// Its name in the address.
    pub(in crate::web) const KEY: &str = "related";

    /// Fills nothing yet.
    pub(in crate::web) fn new(means: &Means) -> Related {
        Related {
            more: means.more.clone(),
            tell: means.tell_related,
            coming: false,
            ask: None,
            query: None,
            told: None,
            of_address: false,
            waiting: Vec::new(),
            driven: None,
            held: RefCell::default(),
        }
    }

    /// Opens the run that the address says.
    pub(in crate::web) fn arrive_at(&mut self, query: &str) {
        self.open(query, 0, None);
        self.of_address = true;
    }

    /// Opens the run of a query string, or of a system's file behind its name, and brings it to a step.
    pub(in crate::web) fn open(&mut self, query: &str, step: u64, promised: Option<[Function; 2]>) {
        self.of_address = false;
        // A file is no address.
        if !query.contains('\n') {
            self.query = Some(query.to_owned());
        }
        // Of those that nobody has a promise of the last one counts.
        self.waiting.retain(|wanted| wanted.promised.is_some());
        self.waiting.push(Wanted {
            query: query.to_owned(),
            step,
            promised,
        });
        self.fetch();
    }

    /// What the module has told of its run; `None` for its first screen.
    pub(in crate::web) fn take_query(&mut self, query: Option<String>) {
        self.told.clone_from(&query);
        self.query = query;
    }

    /// Whether the run is a preset's, and nothing was changed of it.
    pub(in crate::web) fn is_of(&self, preset: &Preset) -> bool {
        if self.query == self.told {
            return self.ask(Call::Same, &preset.query.into()).is_truthy();
        }
        // As it was opened.
        let query = self.query.as_deref().unwrap_or_default();
        query == preset.query || preset_of(query) == Some(preset)
    }

    /// Whether a run was opened that the module has not told of yet.
    pub(in crate::web) fn is_awaited(&self) -> bool {
        self.query.is_some() && self.told.is_none()
    }

    /// Points that the module has asked for.
    pub(in crate::web) fn give(&self, points: &str) {
        self.ask(Call::Points, &points.into());
    }

    /// A table was opened in front of a system, which takes its points or says why not: its name, its text and the columns that are
    /// chosen, if any are. Whether a system is there.
    pub(in crate::web) fn read(&self, table: [&str; 3], encoding: Encoding) -> bool {
        let remark = encoding.remark().unwrap_or_default();
        let [name, text, columns] = table.map(JsValue::from);
        let asked = Array::of4(&name, &text, &columns, &remark.into());
        self.told.is_some() && self.ask.is_some() && {
            self.ask(Call::Read, &asked);
            true
        }
    }

    /// The map of the system as a plain object, `null` if it has none; `None` where no system is shown.
    pub(in crate::web) fn map(&self) -> Option<JsValue> {
        self.query.as_ref()?;
        let map = self.ask(Call::Map, &JsValue::UNDEFINED);
        Some(if map.is_undefined() {
            JsValue::NULL
        } else {
            map
        })
    }

    /// A run was refused: what was there before it is still there. Whether the address is to be as it was, too.
    pub(in crate::web) fn return_to_told(&mut self) -> bool {
        let returns = self.told.is_some() || !self.of_address;
        if returns {
            self.query.clone_from(&self.told);
        }
        returns
    }

    /// The module is there: the function that it is asked by.
    pub(in crate::web) fn arrive(&mut self, ask: JsValue) {
        self.ask = Some(ask.unchecked_into());
        self.say();
    }

    /// It is not, for this reason; whom to tell that.
    pub(in crate::web) fn miss(&mut self, why: &str) -> Vec<link::Call> {
        self.coming = false;
        let words: Element = dom::find(&dom::by_id("related"), ".story");
        let text = ["This view could not be loaded: ", why, ". "].concat();
        dom::write(&words, &text);
        let reload: Element = dom::element("button", "", "Reload");
        dom::listen(&reload, "click", |_: Event| dom::reload());
        dom::append(&words, &reload);
        self.driven = None;
        // The run that the address names is opened should the module come after all.
        let waiting = std::mem::take(&mut self.waiting);
        if let Some(Wanted { query, step, .. }) = waiting.last() {
            self.waiting.push(Wanted {
                query: query.clone(),
                step: *step,
                promised: None,
            });
        }
        let promised = waiting.into_iter().filter_map(|wanted| wanted.promised);
        let held = self.held.take().into_iter().map(|(_, promised)| promised);
        let broken = promised.chain(held);
        let broken = broken.map(|[_, broken]| (broken, js_sys::Error::new(why).into()));
        broken.collect()
    }

    /// Something is asked of the module, and answered where it is there.
    fn ask(&self, what: Call, value: &JsValue) -> JsValue {
        ask_elsewhere(self.ask.as_ref(), what.name(), value)
    }

    /// Asks for what has waited for the module.
    fn say(&mut self) {
        if self.ask.is_some() && !self.waiting.is_empty() {
            for wanted in std::mem::take(&mut self.waiting) {
                let step = wanted.step as f64;
                let asked = Array::of2(&wanted.query.into(), &step.into());
                for function in wanted.promised.iter().flatten() {
                    asked.push(function);
                }
                self.ask(Call::Open, &asked);
            }
            if let Some((what, step)) = self.driven.take() {
                self.ask(what, &(step as f64).into());
            }
            for (request, [keep, _]) in self.held.take() {
                let kept = keep.call1(&JsValue::UNDEFINED, &self.ask(Call::Command, &request));
                kept.expect("a promise is kept at any time");
            }
        }
    }

    fn fetch(&mut self) {
        if !std::mem::replace(&mut self.coming, true) {
            let tell = Closure::<dyn Fn(JsValue, JsValue)>::new(self.tell).into_js_value();
            // It tells what becomes of it.
            let _ = self.more.call1(&JsValue::UNDEFINED, &tell);
        }
        self.say();
    }
}

impl View for Related {
    fn watch(&self) -> Watch {
        Watch {
            fields: false,
            neurons: None,
        }
    }

    fn draw(&mut self, _context: &mut Context) {
        self.ask(Call::Draw, &JsValue::UNDEFINED);
    }

    fn seen(&mut self, visible: bool, _context: &mut Context) {
        if visible {
            self.fetch();
        }
        self.ask(Call::Seen, &visible.into());
    }

    fn standing(&self) -> Option<Standing> {
        let numbers = self.ask(Call::Standing, &JsValue::UNDEFINED);
        let numbers = numbers.dyn_ref::<Array>();
        let number = |k| numbers.map_or(0, |numbers| numbers.get(k).as_f64().unwrap_or(0.0) as u64);
        let marks = numbers
            .into_iter()
            .flat_map(|numbers| numbers.iter().skip(5));
        let marks = marks.map(|mark| {
            let mark = mark.unchecked_into::<Array>();
            let number = |k| mark.get(k).as_f64().unwrap_or(0.0);
            let words = mark.get(2).as_string().unwrap_or_default();
            (number(0) as u64, number(1) as usize, words)
        });
        Some(Standing {
            playing: number(0) == 1,
            at: number(1),
            of: number(2),
            known: number(3),
            over: number(4) == 1,
            unit: "step",
            by_steps: true,
            seeded: true,
            marks: marks.collect(),
        })
    }

    fn drive(&mut self, what: Drive, _context: &mut Context) {
        let (what, step) = match what {
            Drive::Play => (Call::Play, 0),
            Drive::Pause => (Call::Pause, 0),
            Drive::Step => (Call::Step, 0),
            Drive::Reset => (Call::Seek, 0),
            Drive::Seek(step) => (Call::Seek, step),
            Drive::NewSeed => (Call::NewSeed, 0),
        };
        // What comes to the screen by its address may be about to arrive.
        if self.ask.is_none() && matches!(what, Call::Play | Call::Pause | Call::Seek) {
            self.driven = Some((what, step));
        }
        self.ask(what, &(step as f64).into());
    }

    fn forget(&mut self) {
        self.ask(Call::Colours, &JsValue::UNDEFINED);
    }

    // It watches its elements itself.
    fn resized(&mut self, _entry: &ResizeObserverEntry) {}

    /// The module hears of keys by itself, after the page: those that draw have no other meaning then.
    fn key(&mut self, target: &Element, key: &str, _context: &mut Context) -> bool {
        let draws = "#related-boundaries:not([data-drawing='']) .field";
        let means = matches!(
            key,
            " " | "Enter" | "Escape" | "Delete" | "Backspace" | "u" | "U"
        );
        let class = key.len() == 1 && key.as_bytes()[0].is_ascii_digit();
        (means || class) && target.matches(draws).unwrap_or(false)
    }

    fn query(&self) -> Option<String> {
        self.query.clone()
    }

    fn command(&self, command: &Command) -> Option<Promise> {
        self.query.as_ref()?;
        // As it would go to the run's worker.
        let request = Request {
            id: 0,
            ask: Ask::Command(command.clone()),
        };
        let request: JsValue = pack(&request).into();
        if self.ask.is_none() {
            let mut held = self.held.borrow_mut();
            return Some(Promise::new(&mut |keep, broken| {
                held.push((request.clone(), [keep, broken]));
            }));
        }
        self.ask(Call::Command, &request).dyn_into().ok()
    }

    fn save_state(&self) -> bool {
        self.query.is_some() && {
            self.ask(Call::Save, &JsValue::UNDEFINED);
            true
        }
    }

    fn frame(&self) -> Option<JsValue> {
        self.query.as_ref()?;
        Some(self.ask(Call::Frame, &JsValue::UNDEFINED))
    }

    fn title(&self, _shown: &Shown) -> String {
        let title = self.ask(Call::Title, &JsValue::UNDEFINED);
        title.as_string().unwrap_or_default()
    }

    fn pictures<'a>(&'a self, _shown: &'a Shown) -> Vec<Picture<'a>> {
        let pictures = self.ask(Call::Pictures, &JsValue::UNDEFINED);
        drawn_elsewhere(&pictures, |asked| self.ask(Call::Picture, asked))
    }

    fn table(&self, _shown: &Shown) -> Option<(&'static str, String)> {
        let table = self.ask(Call::Table, &JsValue::UNDEFINED).as_string()?;
        Some(("system", table))
    }

    fn short(&self) -> Option<String> {
        let query = self.query.clone()?;
        Some(
            self.ask(Call::Short, &JsValue::UNDEFINED)
                .as_string()
                .unwrap_or(query),
        )
    }

    fn caption(&self, _shown: &Shown) -> String {
        self.short().unwrap_or_default()
    }
}
