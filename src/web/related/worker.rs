//! The view's worker: a system in motion, a pace, and an ear for the view. Knows no document and no system.

use super::message::{Answer, Ask, Progress, Request};
use crate::Error;
use crate::frame::stage::Picture;
use crate::lab::config::MapConfig;
use crate::lab::repair::Arrived;
use crate::lab::systems::{self, Ghost, Play, Settings, report, take_table};
use crate::web::views::map::change;
use crate::web::wire::due::Due;
use crate::web::wire::message::unpack;
use crate::web::wire::post::{Alarm, Slice, post, scope};
use std::cell::RefCell;
use wasm_bindgen::prelude::*;
use web_sys::MessageEvent;

/// Steps of a run that is a picture on a card.
const SKETCHED: u64 = 400;

thread_local! {
    static WORKER: RefCell<Option<Worker>> = const { RefCell::new(None) };
}

/// Listens to the view from now on.
///
/// # Panics
/// Outside a dedicated worker.
pub fn start_related_worker() {
    console_error_panic_hook::set_once();
    let tick = Closure::<dyn FnMut()>::new(|| {
        with(|worker| {
            worker.awake = false;
            worker.tick();
        });
    })
    .into_js_value();
    WORKER.set(Some(Worker {
        system: None,
        playing: false,
        due: Due::default(),
        jobs: Vec::new(),
        sketch: None,
        stale: false,
        undrawn: false,
        sent: Sent::default(),
        awake: false,
        wake: Alarm::new(&tick),
    }));
    let listen = Closure::<dyn FnMut(MessageEvent)>::new(|event: MessageEvent| {
        let request: Request = unpack(&event.data());
        with(|worker| worker.carry_out(request));
    });
    scope().set_onmessage(Some(listen.into_js_value().unchecked_ref()));
    post(&Answer::Started);
}

/// A run that is to be a picture on a card.
struct Sketch {
    id: u32,
    name: String,
    system: Box<dyn Play>,
}

impl Sketch {
    /// Of a system's first preset.
    fn of(id: u32, name: String) -> Option<Sketch> {
        let entry = systems::named(&name).ok()?;
        let preset = entry.about.presets.first()?;
        let system = (entry.open)(preset.query).ok()?;
        Some(Sketch { id, name, system })
    }

    /// Goes on for a slice of time; whether it is there.
    fn advance(&mut self, slice: &Slice) -> bool {
        let left = |system: &dyn Play| SKETCHED.saturating_sub(system.step());
        while left(&*self.system) > 0
            && !self.system.finished()
            && let Some(most) = slice.steps()
        {
            self.system.advance(most.min(left(&*self.system)));
        }
        left(&*self.system) == 0 || self.system.finished()
    }

    /// What its last run looks like.
    fn picture(&self) -> Option<Picture> {
        let column = self.system.stage().columns.pop()?;
        column.pictures.into_iter().next()
    }
}

/// Trains cells of a map; whoever asks for them has hired this worker for nothing else.
fn train(query: &str, cells: Vec<usize>) {
    let entry = systems::asked_for(query).ok().flatten();
    let plan = entry.and_then(|entry| (entry.map)(query).ok());
    let Some(plan) = plan else { return };
    for cell in cells {
        if let Some(trained) = plan.train(cell, &|| false) {
            post(&Answer::Cell(cell, trained));
        }
    }
}

fn with(act: impl FnOnce(&mut Worker)) {
    WORKER.with_borrow_mut(|worker| act(worker.as_mut().expect("it has started")));
}

/// What the view has been told.
#[derive(Default)]
struct Sent {
    settings: Option<Settings>,
    ghosts: Option<Vec<Ghost>>,
    /// Points per run.
    points: Vec<usize>,
}

/// A request that is carried out when the system has come to a step.
struct Job {
    id: u32,
    until: u64,
}

// The flags are independent of each other.
#[allow(clippy::struct_excessive_bools)]
struct Worker {
    system: Option<Box<dyn Play>>,
    playing: bool,
    due: Due,
    jobs: Vec<Job>,
    /// What it does while there is nothing else.
    sketch: Option<Sketch>,
    /// There is something that the view has not been told.
    stale: bool,
    /// What it was told last is not yet on the screen.
    undrawn: bool,
    sent: Sent,
    /// A tick is on its way.
    awake: bool,
    wake: Alarm,
}

impl Worker {
    fn carry_out(&mut self, Request { id, ask }: Request) {
        // Whatever moves the runs ends what was under way.
        let moves = !matches!(
            ask,
            Ask::Report
                | Ask::Sketch(_)
                | Ask::Cells(..)
                | Ask::Pace(_)
                | Ask::Hidden(_)
                | Ask::Drawn
                | Ask::Step(_)
        );
        if moves {
            self.settle();
        }
        let asks_nobody = self.system.is_none()
            && matches!(
                ask,
                Ask::Set(..)
                    | Ask::Table(..)
                    | Ask::Duplicate(_)
                    | Ask::Remove(_)
                    | Ask::Play
                    | Ask::Step(_)
                    | Ask::Seek(_)
                    | Ask::Report
            );
        let result = match ask {
            _ if asks_nobody => Err("there is no system yet".to_owned()),
            // What stood somewhere was never damaged.
            Ask::Arrive(query, 0) => self.arrive(&query),
            Ask::Load(query, step) | Ask::Arrive(query, step) => match self.load(&query) {
                Ok(_) if step > 0 => return self.go(id, step),
                loaded => loaded,
            },
            Ask::Set(key, value) => self.set(&key, &value),
            Ask::Table(table) => self.take_table(&table),
            Ask::Duplicate(run) => self.change(|system| system.duplicate(run)),
            Ask::Remove(run) => self.change(|system| system.remove(run)),
            Ask::Play => {
                self.play();
                Ok(String::new())
            }
            Ask::Pause => {
                self.playing = false;
                Ok(String::new())
            }
            Ask::Step(steps) => {
                self.playing = false;
                let from = self.jobs.last().map_or(self.step(), |job| job.until);
                return self.go(id, from.saturating_add(steps));
            }
            Ask::Seek(step) => {
                if let Some(system) = &mut self.system {
                    // What was computed once is near a keyframe; what lies beyond is made in slices.
                    system.seek(step.min(system.furthest()));
                }
                return self.go(id, step);
            }
            Ask::Report => Ok(self.system.as_deref().map_or_else(String::new, report)),
            Ask::Sketch(name) => {
                self.sketch = Sketch::of(id, name);
                if self.sketch.is_some() {
                    return self.schedule();
                }
                Ok(String::new())
            }
            Ask::Cells(query, cells) => return train(&query, cells),
            Ask::Pace(pace) => {
                self.due.set_pace(pace);
                Ok(String::new())
            }
            Ask::Hidden(hidden) => {
                self.due.hide(hidden);
                self.schedule();
                return;
            }
            Ask::Drawn => {
                self.undrawn = false;
                self.tell(false);
                self.schedule();
                return;
            }
        };
        self.stale |= moves;
        if result.is_ok() {
            // Who asks sees what has come of it first.
            self.tell(true);
        }
        post(&Answer::Done { id, result });
        self.schedule();
    }

    fn step(&self) -> u64 {
        self.system.as_ref().map_or(0, |system| system.step())
    }

    fn arrive(&mut self, query: &str) -> Result<String, String> {
        let refused = match self.load(query) {
            Err(error) => error,
            there => return there,
        };
        let link = Arrived::read_by(&["?", query].concat(), systems::understands);
        if !systems::understands(&link.query) {
            return Err(refused);
        }
        self.load(&link.query)?;
        Ok(link.repairs().unwrap_or_default())
    }

    /// Takes on the run of a query string, or of a system's file behind its name.
    fn load(&mut self, query: &str) -> Result<String, String> {
        if let Some((name, file)) = query.split_once('\n') {
            let named = |error| match name {
                "" => format!("{error}"),
                name => format!("{name}: {error}"),
            };
            let query = systems::of_file(file).map_err(named)?;
            self.load(&query)?;
            let entry = systems::asked_for(&query).ok().flatten();
            let title = entry.map_or("", |entry| entry.about.title);
            let name = if name.is_empty() { "The file" } else { name };
            return Ok(format!("{name} was opened: {title}."));
        }
        let entry = systems::asked_for(query).map_err(|error| error.to_string())?;
        let entry = entry.ok_or_else(|| "system: missing; it says which one".to_owned())?;
        self.system = Some((entry.open)(query).map_err(|error| error.to_string())?);
        self.playing = false;
        self.sent = Sent::default();
        Ok(String::new())
    }

    fn change(
        &mut self,
        act: impl FnOnce(&mut dyn Play) -> Result<(), Error>,
    ) -> Result<String, String> {
        if let Some(system) = &mut self.system {
            act(&mut **system).map_err(|error| error.to_string())?;
            // They may have gone another way.
            self.sent.points.clear();
        }
        Ok(String::new())
    }

    fn set(&mut self, key: &str, value: &str) -> Result<String, String> {
        // Of a map that cannot be had nothing is lost; one of a link is shown with why.
        if let (Some(system), MapConfig::KEY, false) = (&self.system, key, value.is_empty()) {
            let query = system.query();
            let entry = systems::asked_for(&query).ok().flatten();
            let plan = entry.map(|entry| (entry.map_of)(&query, value));
            let plan = plan.transpose().map_err(|error| error.to_string())?;
            let map = plan.as_ref().map(|plan| plan.map());
            change::seen(map).map_err(|error| error.to_string())?;
        }
        self.change(|system| system.set(key, value))
    }

    fn take_table(&mut self, table: &[String; 4]) -> Result<String, String> {
        let mut told = String::new();
        self.change(|system| {
            told = take_table(system, table)?;
            Ok(())
        })?;
        Ok(told)
    }

    fn play(&mut self) {
        if let Some(system) = &mut self.system {
            if system.finished() {
                system.seek(0);
            }
            self.playing = true;
            self.due.begin();
        }
    }

    fn go(&mut self, id: u32, until: u64) {
        self.stale = true;
        self.jobs.push(Job { id, until });
        self.tick();
    }

    /// What was under way ends where it stands.
    fn settle(&mut self) {
        for Job { id, .. } in std::mem::take(&mut self.jobs) {
            let result = Ok(String::new());
            post(&Answer::Done { id, result });
        }
        if let Some(Sketch { id, .. }) = self.sketch.take() {
            let result = Err("something else is to be seen".to_owned());
            post(&Answer::Done { id, result });
        }
    }

    /// Goes on with a card's picture.
    fn sketch(&mut self, slice: &Slice) {
        let Some(mut sketch) = self.sketch.take() else {
            return;
        };
        if !sketch.advance(slice) {
            self.sketch = Some(sketch);
            return;
        }
        if let Some(picture) = sketch.picture() {
            post(&Answer::Sketch {
                system: sketch.name,
                picture: Box::new(picture),
            });
        }
        let (id, result) = (sketch.id, Ok(String::new()));
        post(&Answer::Done { id, result });
    }

    /// Makes steps for a slice of time, and says how far they have come.
    fn tick(&mut self) {
        let slice = Slice::new();
        let plays = self.jobs.is_empty() && self.playing && !self.due.hidden();
        if self.sketch.is_some() && self.jobs.is_empty() && !plays {
            self.sketch(&slice);
            return self.schedule();
        }
        if plays {
            self.due.count();
        }
        let Some(system) = &mut self.system else {
            return self.settle();
        };
        let arrived = |system: &dyn Play, until| system.step() >= until || system.finished();
        while let Some(most) = slice.steps() {
            let due = match self.jobs.first() {
                Some(job) => job.until.saturating_sub(system.step()),
                None if plays && !system.finished() => self.due.steps(),
                None => 0,
            };
            if due == 0 || system.finished() {
                break;
            }
            let steps = most.min(due);
            system.advance(steps);
            self.stale = true;
            if plays {
                self.due.made(steps);
            }
        }
        if plays && system.finished() {
            (self.playing, self.stale) = (false, true);
        }
        let mut done = Vec::new();
        self.jobs.retain(|job| {
            let there = arrived(&**system, job.until);
            if there {
                done.push(job.id);
            }
            !there
        });
        self.tell(!done.is_empty());
        for id in done {
            let result = Ok(String::new());
            post(&Answer::Done { id, result });
        }
        self.schedule();
    }

    /// Tells the view what is new, once it is ready for that or somebody is `waiting`.
    fn tell(&mut self, waiting: bool) {
        let Some(system) = &self.system else { return };
        if !self.stale || self.undrawn && !waiting {
            return;
        }
        let stage = system.stage();
        let (settings, ghosts) = (system.settings(), system.ghosts());
        let settings = (self.sent.settings.as_ref() != Some(&settings)).then_some(settings);
        let ghosts = (self.sent.ghosts.as_deref() != Some(ghosts)).then(|| ghosts.to_vec());
        self.sent.points.resize(stage.columns.len(), 0);
        let new = |(run, sent): (usize, &mut usize)| {
            let points = system.points(run);
            let known = std::mem::replace(sent, points.len());
            (known, points[known..].to_vec())
        };
        let curves = self.sent.points.iter_mut().enumerate().map(new).collect();
        if settings.is_some() {
            self.sent.settings.clone_from(&settings);
        }
        if ghosts.is_some() {
            self.sent.ghosts.clone_from(&ghosts);
        }
        let progress = Progress {
            query: system.query(),
            short: system.short(),
            stage,
            furthest: system.furthest(),
            playing: self.playing,
            settings,
            curves,
            ghosts,
        };
        post(&Answer::Progress(Box::new(progress)));
        (self.stale, self.undrawn) = (false, true);
    }

    /// Makes sure that a tick comes when one is due.
    fn schedule(&mut self) {
        let plays = self.playing && !self.due.hidden();
        let works = !self.jobs.is_empty() || (self.sketch.is_some() && !plays);
        if self.awake || !(works || plays) {
            return;
        }
        self.awake = true;
        if works {
            self.wake.set();
        } else {
            self.due.wake(&self.wake);
        }
    }
}
