//! What the worker says, given to whom it concerns, and what is asked of it. Draws nothing.

use super::columns::Chooser;
use super::fault;
use super::keep;
use super::page::{Page, sentence};
use super::transport::Transport;
use crate::lab::config::{Config, DataSource};
use crate::lab::scene::drawn_of_all;
use crate::lab::session::{Command, Event};
use crate::web::dom;
use crate::web::dom::{address, file};
use crate::web::views::Tab;
use crate::web::views::ground::OwnRun;
use crate::web::views::share;
use crate::web::widgets::{form, refusal};
use crate::web::wire::link::{Entry, Pending, Reply, stopped};
use crate::web::wire::message::{Answer, Ask, FETCHING};
use js_sys::JSON;
use wasm_bindgen::prelude::*;
use web_sys::Element;

impl Page {
    pub(super) fn ask(&mut self, command: Command, pending: Pending) {
        self.link.send(Ask::Command(command), pending);
    }

    pub(super) fn hear(&mut self, answer: Answer) {
        self.link.hear();
        match answer {
            Answer::Started => self.link.start(),
            Answer::Event(event) => self.event(event),
            Answer::Images(bytes) => self.views.train.images.take(&bytes),
            Answer::Entered { id } => self.entered = self.link.entered(id),
            Answer::Done { id, result } => self.done(id, result),
            Answer::Cells { .. } | Answer::Made(_) | Answer::Raced(_) | Answer::Refused(_) => {
                unreachable!("the worker of the run is dealt no cells and no members")
            }
        }
    }

    pub(super) fn event(&mut self, event: Event) {
        match event {
            Event::Loaded { query, scene } => {
                self.shown.load(scene);
                self.keep.wait();
                self.ask(Command::Origin, Pending::Nobody);
                self.transport.forget_rate();
                self.forget();
                let turned = match self.entered.take() {
                    Some((Entry::Own, text)) => {
                        let placed = self.lecture.meet(&text);
                        // A view that shows something else gives way.
                        let stays = Tab::of_address() == Tab::Related;
                        if stays {
                            address::drop_hash("view");
                        }
                        placed || stays
                    }
                    Some((Entry::Turned, _)) => true,
                    Some((Entry::Changed, _)) | None => false,
                };
                if turned {
                    // The view that is left must not take the next run for its own.
                    let (view, mut context) = self.view();
                    view.seen(false, &mut context);
                    self.tab = Tab::of_address();
                }
                // What was refused stays in the bar until a person does something.
                if !std::mem::take(&mut self.refused) {
                    address::release();
                }
                self.take_query(&query);
                address::release();
                self.sketch.loaded(&mut OwnRun {
                    shown: &mut self.shown,
                    link: &mut self.link,
                });
                dom::show(&dom::by_id::<Element>("notice"), false);
                Chooser::hide();
                if let Some(repairs) = self.repairs.take() {
                    self.inform(&repairs);
                    // It gives away nothing that is covered.
                    dom::set(&dom::by_id("notice"), "data-link", "true");
                }
                self.voice.forget();
                if turned {
                    self.choose_view();
                }
                if std::mem::take(&mut self.starts) {
                    self.play();
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
                self.keep.note(&self.shown);
                self.transport.forget_rate();
                self.emit(if playing { "play" } else { "pause" }, &JsValue::UNDEFINED);
                let frame = self.shown.frame.as_ref();
                let early = frame.filter(|f| !playing && f.step < f.total_steps);
                if let Some(why) = early.and_then(|f| f.stopped.clone()) {
                    self.inform(&why);
                }
            }
            // What the worker stands at before the first run is loaded is nobody's.
            Event::Progress(_) if self.shown.scene.is_none() => {}
            Event::Progress(progress) => {
                let layers = self.shown.config.depth() + 1;
                self.voice.watch(&progress.frame, layers);
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
                if !self.views.related.is_awaited() {
                    self.be_ready();
                }
            }
            Event::State(state) => self.state = state,
            Event::Origin(origin) => self.keep.take(&origin, &self.shown),
            Event::Dissected(dissection) => self.views.one_step.take(*dissection),
        }
        if self.shown.hidden {
            // Nothing is animated now, but the status is read.
            self.show_transport();
        }
        self.redraw();
    }

    pub(super) fn done(&mut self, id: u32, result: Result<(), String>) {
        // What waits for the engine is answered by who has it.
        let notice: Element = dom::by_id("notice-text");
        if notice.text_content().as_deref() == Some(FETCHING) {
            dom::show(&dom::by_id::<Element>("notice"), false);
        }
        match (self.link.done(id), result) {
            (Pending::Nobody, _) | (Pending::First | Pending::Dissection, Ok(())) => {}
            (Pending::Person(key), Ok(())) => {
                let field = key.and_then(|key| form::field_of(&key));
                refusal::settle(field.as_ref());
            }
            (Pending::Person(key), Err(error)) => {
                let [told, beside] = form::refusal(key.as_deref(), &error);
                Page::complain(&told);
                if let Some(field) = key.and_then(|key| form::field_of(&key)) {
                    if field.tag_name() == "SELECT" {
                        // A choice that was refused goes back to what holds.
                        self.show_settings();
                    }
                    refusal::beside(&field, &sentence(&beside));
                }
            }
            (Pending::Save, Ok(())) => {
                let name = "proxprop-state.json";
                file::save(name, "application/json", &self.state, share::say);
            }
            (Pending::Dissection, Err(error)) => {
                let words = sentence(&error);
                self.views.one_step.answered(Some(&words));
                refusal::note(&words);
                self.redraw();
            }
            (Pending::Table, Ok(())) => {
                refusal::settle(None);
                let scene = self.shown.scene.as_ref();
                let fits = scene.is_some_and(|scene| drawn_of_all(scene).is_ok());
                dom::show(&dom::by_id::<Element>("into-link"), fits);
                self.chooser.show(false);
            }
            (Pending::Table, Err(error)) => {
                // Columns that are not obvious are a question, no mistake.
                if self.chooser.show(true) {
                    refusal::settle(None);
                } else {
                    Page::complain(&error);
                }
            }
            (Pending::Drawing, result) => {
                self.sketch.answered(&mut OwnRun {
                    shown: &mut self.shown,
                    link: &mut self.link,
                });
                if let Err(error) = result {
                    Page::complain(&error);
                }
            }
            (Pending::Seek, _) => self.transport.sought(&mut self.link),
            (Pending::Save, Err(error)) => share::say(&sentence(&error)),
            (Pending::Kept, Ok(())) => self.keep.arrived(&self.shown),
            (Pending::Kept, Err(_)) => {
                // Kept by another build, say: the address is what there is.
                keep::forget();
                self.repairs = None;
                self.load_first();
            }
            (Pending::First, Err(_)) if self.load_elsewhere() => {}
            (Pending::First, Err(error)) => {
                self.refuse();
                Page::complain(&format!(
                    "This address holds no valid run, so here is the first example. {error}"
                ));
                let query = Config::default().to_string();
                let run = Command::Load { query };
                self.link.enter(run, Entry::Own, false, Pending::Nobody);
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

    /// Loads what stands in for the run of an address whose points are in a file, and says so; false if it is none of these.
    fn load_elsewhere(&mut self) -> bool {
        let Ok(config) = Config::parse(&self.first) else {
            return false;
        };
        let (words, config, entry, plays) = match config.data {
            DataSource::Cifar10 => (
                "This run’s images are those of CIFAR-10, which no link holds. Drop its file data_batch_1.bin on the page, and the \
                 run of this address is trained on them; meanwhile here is the first example",
                Config::default(),
                Entry::Own,
                false,
            ),
            DataSource::State => (
                "This run’s points are those of a table or a state file, which no link holds: its rules and its \
                 network are here, on other points. Open the table again to train them on it",
                config.on_drawn_points(),
                Entry::Changed,
                self.plays,
            ),
            _ => return false,
        };
        self.repairs = Some(words.to_owned());
        let query = config.to_string();
        let run = Command::Load { query };
        self.link.enter(run, entry, plays, Pending::Person(None));
        true
    }

    /// The worker is gone: says so, and offers another.
    pub(super) fn crash(&mut self, why: &str) {
        self.link.crash();
        (self.waits, self.silent) = (false, false);
        if std::mem::take(&mut self.shown.playing) {
            self.emit("pause", &JsValue::UNDEFINED);
        }
        let waits = self.frame_waits.drain(..);
        self.calls
            .extend(waits.map(|(_, reject)| (reject, stopped())));
        let text = format!("The worker that trains has stopped: {why}.");
        dom::write(&dom::by_id("crash-text"), &text);
        dom::show(&dom::by_id::<Element>("crash"), true);
        self.redraw();
    }

    /// Says that the worker has been silent for long and what helps, or takes that back.
    pub(super) fn tell_silence(&self) {
        let crash: Element = dom::by_id("crash");
        if self.silent {
            let text = "The worker that trains has not answered for ten seconds. It may be busy with one large step, or wait for the \
                        network: the whole engine is fetched where a run takes it. This goes away when it answers.";
            dom::write(&dom::by_id("crash-text"), text);
        }
        dom::show(&crash, self.silent || self.link.crashed);
    }

    /// Another worker, with the run of the address.
    pub(super) fn restart(&mut self) {
        self.link.restart();
        self.sketch.forget();
        // What was computed since the address is lost with the worker.
        self.shown.frame = None;
        self.shown.ghosts.clear();
        self.transport.forget_scrubbing();
        self.views.one_step.forget_question();
        self.entered = None;
        dom::show(&dom::by_id::<Element>("crash"), false);
        (self.waits, self.silent) = (false, false);
        fault::stand_by(self.link.worker());
        self.watch();
        Transport::pace(&mut self.link);
        self.link
            .send(Ask::Hidden(self.shown.hidden), Pending::Nobody);
        let in_sight = self.is_in_sight();
        self.link.send(Ask::InSight(in_sight), Pending::Nobody);
        if self.shown.scene.is_none() {
            return self.load_first();
        }
        let query = self.shown.config.to_string();
        if let Some(command) = keep::kept(&query) {
            return self.resume(command);
        }
        let run = Command::Load { query };
        self.link.enter(run, Entry::Changed, false, Pending::First);
    }

    /// The forms show what holds.
    pub(super) fn show_settings(&mut self) {
        let (view, mut context) = self.view();
        view.run_changed(&mut context);
        self.show();
    }

    /// Tells the worker what is looked at.
    pub(super) fn watch(&mut self) {
        let watch = self.view().0.watch();
        self.ask(Command::Watch(watch), Pending::Nobody);
    }

    pub(super) fn emit(&mut self, event: &str, value: &JsValue) {
        let called = self.listeners.iter().filter(|(name, _)| name == event);
        self.calls
            .extend(called.map(|(_, function)| (function.clone(), value.clone())));
    }
}
