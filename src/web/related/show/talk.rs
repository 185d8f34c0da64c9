//! The view and its worker: what is asked for, who waits for that, and what comes of it. Draws nothing.

use super::{Pending, Reply, View};
use crate::lab::systems::{self, Entry};
use crate::web::dom;
use crate::web::dom::file;
use crate::web::related::message::{Answer, Ask, Progress};
use crate::web::related::screen::{Shown, told};
use crate::web::related::{card, form};
use crate::web::views::share;
use crate::web::widgets::refusal;
use crate::web::wire::line::{WORKERS, start};
use crate::web::wire::link::stopped;
use crate::web::wire::related::News;
use js_sys::JSON;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use web_sys::{Element, HtmlElement};

impl View {
    pub(super) fn send(&mut self, ask: Ask, pending: Option<Pending>) {
        if self.stopped.is_none() {
            self.line.send(ask, pending);
        } else if let Some(pending) = pending {
            self.refuse(pending);
        }
    }

    pub(super) fn person(&mut self, ask: Ask) {
        self.send(ask, Some(Pending::Person(None)));
    }

    /// The worker has stopped: nothing is answered until there is another.
    pub(in super::super) fn stop(&mut self, why: &str) {
        let words = ["The worker of this view has stopped: ", why, "."].concat();
        self.news.push((News::Say, words.as_str().into()));
        self.stopped = Some(words);
        for pending in self.line.drain() {
            self.refuse(pending);
        }
        if let Some(shown) = &mut self.shown
            && std::mem::take(&mut shown.progress.playing)
        {
            self.news.push((News::Pause, JsValue::UNDEFINED));
        }
        self.show_parts();
        self.news.push((News::Draw, JsValue::UNDEFINED));
    }

    /// Another worker takes up the run where it stood.
    pub(super) fn restart(&mut self) {
        let worker = start(&self.hire, self.hear, self.lost).expect(WORKERS);
        self.line.replace(worker);
        (self.stopped, self.pace, self.owed) = (None, 0.0, false);
        self.sketch.forget();
        if let Some(shown) = &self.shown {
            let (query, step) = (shown.progress.query.clone(), shown.progress.stage.step);
            self.send(Ask::Load(query, step), Some(Pending::Opened(None)));
        }
        self.show_parts();
        self.draw();
    }

    // What is drawn meanwhile the next worker is told.
    fn refuse(&mut self, pending: Pending) {
        if let Pending::Opened(Some([_, broken])) | Pending::Promise([_, broken], _) = pending {
            self.calls.push((broken, stopped()));
        }
    }

    /// The worker has said something.
    pub(in super::super) fn hear(&mut self, answer: Answer) {
        match answer {
            Answer::Started => {
                self.line.start();
            }
            Answer::Progress(progress) => self.take(*progress),
            Answer::Sketch { system, picture } => {
                card::show(&self.places[0], &system, &picture, &self.theme);
                self.cards.push((system, *picture));
            }
            Answer::Done { id, result } => self.done(id, result),
            // A crew's alone.
            Answer::Cell(..) => {}
        }
    }

    fn done(&mut self, id: u32, result: Result<String, String>) {
        match (self.line.done(id), result) {
            (None, Ok(_)) => {}
            // It was given up, and is asked for again if the cards are seen still.
            (Some(Pending::Card), Err(_)) => self.news.push((News::Draw, JsValue::UNDEFINED)),
            (Some(Pending::Card), Ok(_)) => {
                self.cards_made += 1;
                self.make_cards();
            }
            (Some(Pending::Opened(promised)), Ok(repairs)) => {
                // What was refused of another run is not to be mended any more.
                for field in dom::all(&dom::by_id("related"), form::REFUSED) {
                    refusal::take_back(&field);
                }
                self.restore_settings();
                self.show_parts();
                let query = self
                    .shown
                    .as_ref()
                    .map(|shown| shown.progress.query.as_str());
                self.news.push((News::Load, query.into()));
                if !repairs.is_empty() {
                    self.news.push((News::Notice, repairs.into()));
                }
                if let Some([kept, _]) = promised {
                    self.calls.push((kept, JsValue::UNDEFINED));
                }
            }
            (Some(Pending::File), Ok(text)) => {
                file::save(
                    "proxprop-report.json",
                    "application/json",
                    &text,
                    share::say,
                );
            }
            (Some(Pending::Table), Ok(told)) => {
                self.news.push((News::Notice, told.into()));
                self.news.push((News::Table, JsValue::UNDEFINED));
            }
            (Some(Pending::Table), Err(error)) => {
                let takes = |shown: &Shown| shown.settings.drawn_classes > 0;
                let takes = self.shown.as_ref().is_some_and(takes);
                let news = if takes { News::Table } else { News::Complain };
                self.news.push((news, error.into()));
            }
            (Some(Pending::Drawing), result) => {
                self.sketch_answered(result.err().as_deref());
            }
            (Some(Pending::Person(key)), Ok(_)) => {
                let field = key.and_then(|key| form::field_of(&key));
                refusal::settle(field.as_ref());
                if let (Some(shown), Some(field)) = (&self.shown, &field) {
                    shown.form.restore(Some(field));
                }
            }
            (Some(Pending::Promise([kept, _], reply)), Ok(text)) => {
                let value = match reply {
                    Reply::Nothing => JsValue::UNDEFINED,
                    Reply::Frame => self.frame(),
                    Reply::Answer => JSON::parse(&text).unwrap_or(JsValue::NULL),
                };
                self.calls.push((kept, value));
            }
            (Some(Pending::Promise([_, broken], _)), Err(error)) => {
                self.calls.push((broken, js_sys::Error::new(&error).into()));
            }
            (Some(Pending::Opened(Some([_, broken]))), Err(error)) => {
                self.news.push((News::Stay, JsValue::UNDEFINED));
                self.calls.push((broken, js_sys::Error::new(&error).into()));
            }
            (Some(Pending::Opened(None)), Err(error)) => {
                self.news.push((News::Refuse, error.into()));
            }
            (Some(Pending::Person(key)), Err(error)) => {
                let field = key.and_then(|key| form::field_of(&key));
                if let Some(field) = &field {
                    let sentence = format!("{error}.");
                    if field.tag_name() == "SELECT" {
                        // A choice that was refused goes back to what holds.
                        refusal::take_back(field);
                        if let Some(shown) = &self.shown {
                            shown.form.restore(Some(field));
                        }
                    }
                    refusal::beside(field, &sentence);
                }
                self.news.push((News::Complain, error.into()));
            }
            (None | Some(Pending::File), Err(error)) => {
                self.news.push((News::Complain, error.into()));
            }
        }
    }

    fn take(&mut self, mut progress: Progress) {
        self.owed = true;
        let is_opened = |pending: &Pending| matches!(pending, Pending::Opened(_));
        let opens = self.line.pending().any(is_opened);
        let Ok(Some(entry)) = systems::asked_for(&progress.query) else {
            return;
        };
        if self.shown.is_none() && !opens {
            // Somebody has left it meanwhile.
            return self.news.push((News::Draw, JsValue::UNDEFINED));
        }
        let new = match &self.shown {
            Some(shown) => {
                !std::ptr::eq(shown.entry, entry) || !shown.has_room_for(&progress.stage)
            }
            None => true,
        };
        let settings = progress.settings.take();
        if new {
            // Other pictures come with another text too; of what is opened the page is told when that is done.
            let before = self.shown.as_ref().map(|shown| &shown.progress.query);
            let other = before.is_some_and(|before| *before != progress.query) && !opens;
            let query = other.then(|| progress.query.as_str().into());
            self.build(entry, progress);
            if let Some(query) = query {
                self.news.push((News::Query, query));
            }
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
                    News::Play
                } else {
                    News::Pause
                };
                self.news.push((event, JsValue::UNDEFINED));
            }
            if before.query != shown.progress.query {
                let query = shown.progress.query.as_str().into();
                self.news.push((News::Query, query));
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
                    self.news.push((News::Say, words.into()));
                }
            }
            let stage = &shown.progress.stage;
            if let (Some(why), None) = (&stage.stopped, &before.stage.stopped) {
                let words = [why.as_str(), " ", &told(stage)].concat();
                self.news.push((News::Say, words.into()));
            }
            if before.playing && !shown.progress.playing && stage.step == stage.total_steps {
                let words = format!("Finished after {} steps. {}", stage.step, told(stage));
                self.news.push((News::Say, words.into()));
            }
        }
        self.stale |= new;
        let Some(shown) = &mut self.shown else { return };
        if let Some(settings) = settings {
            shown.settings = settings;
        }
        if let Some(ghosts) = shown.progress.ghosts.take() {
            shown.ways.take(ghosts);
            shown.moved = true;
        }
        let curves = std::mem::take(&mut shown.progress.curves);
        shown.points.resize(curves.len(), Vec::new());
        for (points, (kept, more)) in shown.points.iter_mut().zip(curves) {
            shown.moved |= kept < points.len() || !more.is_empty();
            points.truncate(kept);
            points.extend(more);
        }
        if shown.progress.playing {
            shown.is_new();
        } else {
            self.stale = true;
        }
        self.show_settings();
        self.show_map();
        self.show_parts();
        self.sketch_loaded();
        self.news.push((News::Draw, JsValue::UNDEFINED));
    }

    /// The map follows the run's text.
    pub(super) fn show_map(&mut self) {
        if let Some(shown) = &mut self.shown {
            let names = shown.names();
            let query = &shown.progress.query;
            shown.map.take(query, &names, &shown.settings);
        }
        self.train();
    }

    /// Another system, or other runs of it.
    fn build(&mut self, entry: &'static Entry, progress: Progress) {
        let [cards, places @ ..] = &self.places;
        self.lands |= dom::seek::<Element>(cards, ":focus").is_some();
        // The form is made anew under the hands of who has changed it, and so is a picture under those of who presses on it.
        let held = form::Held::of(&places[2]);
        let read = dom::seek::<Element>(&places[0], ":focus").map(|picture| picture.id());
        self.shown = Some(Shown::new(entry, progress, places, &self.observer));
        held.give_back(&places[2]);
        let read = read.and_then(|id| dom::document().get_element_by_id(&id));
        if let Some(picture) = read.and_then(|picture| picture.dyn_into::<HtmlElement>().ok()) {
            let _ = picture.focus();
        }
        self.show_parts();
    }

    /// The forms show what holds, but for what is refused.
    pub(super) fn restore_settings(&mut self) {
        if let Some(shown) = &self.shown {
            shown.form.restore(None);
        }
        self.show_map();
    }

    fn show_settings(&mut self) {
        if let Some(shown) = &mut self.shown {
            shown.form.show(&shown.settings);
        }
    }
}
