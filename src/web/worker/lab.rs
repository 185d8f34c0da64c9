//! The worker: a session, a pace, and an ear for the page. Knows no document. Workers that are asked for a map's cells
//! train those instead, here (`cells`) or on the graphics device (`device`).

use super::crew::{self, Crew, Said};
use super::hands::{self, Hands, Landed, Landing, Site};
use super::{cells, device};
use crate::lab::budget::{Bill, Budget};
use crate::lab::engine::Graphics;
use crate::lab::session::{Command, Event, FIELD_CELLS, Session};
use crate::web::wire::message::{Answer, Ask, Request, unpack};
use crate::web::wire::post::{Alarm, Slice, now, post, scope};
use js_sys::Function;
use std::cell::RefCell;
use std::collections::VecDeque;
use wasm_bindgen::prelude::*;
use web_sys::MessageEvent;

thread_local! {
    static LAB: RefCell<Option<Lab>> = const { RefCell::new(None) };
}

/// Listens to the page from now on; `hire` answers with another worker like this one.
///
/// # Panics
/// Outside a dedicated worker.
#[wasm_bindgen]
pub fn start_worker(hire: Function) {
    console_error_panic_hook::set_once();
    let tick = Closure::<dyn FnMut()>::new(|| with(Lab::tick)).into_js_value();
    let listen = Closure::<dyn FnMut(MessageEvent)>::new(|event: MessageEvent| {
        let Request { id, ask } = unpack(&event.data());
        match ask {
            Ask::Cells {
                map,
                query,
                cells,
                on_gpu,
            } => {
                if on_gpu {
                    device::take(map, query, cells);
                } else {
                    cells::take(map, &query, cells);
                }
            }
            Ask::Race { query, cells } => device::race(query, cells),
            Ask::Make(load) => crew::carry_out(*load),
            ask => with(|lab| lab.carry_out(id, ask)),
        }
    });
    scope().set_onmessage(Some(listen.into_js_value().unchecked_ref()));
    let lab = Lab {
        session: Session::new("")
            .expect("the default run is valid")
            .with_clock(|| now() / 1000.0),
        pace: 60.0,
        hidden: false,
        in_sight: true,
        budget: Budget::default(),
        playing: false,
        stale: false,
        undrawn: true,
        owed: 0.0,
        before: 0.0,
        jobs: VecDeque::new(),
        hands: Hands::default(),
        crew: Crew::new(hire, Lab::said, Lab::watch),
        awake: false,
        wake: Alarm::new(&tick),
        tick: tick.unchecked_into(),
    };
    post(&Answer::Started);
    LAB.with_borrow_mut(|slot| *slot = Some(lab));
}

fn with(act: impl FnOnce(&mut Lab)) {
    LAB.with_borrow_mut(|lab| act(lab.as_mut().expect("started before anything calls back")));
}

/// A request that is carried out when the run has come to a step.
struct Job {
    id: u32,
    until: u64,
}

// The flags are independent of each other.
#[allow(clippy::struct_excessive_bools)]
struct Lab {
    session: Session,
    /// Steps per second.
    pace: f64,
    hidden: bool,
    /// Of a run that moves, fields are shown.
    in_sight: bool,
    /// What looks may take.
    budget: Budget,
    /// What the page was last told.
    playing: bool,
    /// Steps were made that the page has not heard of.
    stale: bool,
    /// The last progress is not yet on the screen.
    undrawn: bool,
    /// Steps due, fractional.
    owed: f64,
    /// When `owed` was last brought up to date.
    before: f64,
    jobs: VecDeque<Job>,
    hands: Hands,
    crew: Crew,
    /// A tick is on its way.
    awake: bool,
    tick: js_sys::Function,
    wake: Alarm,
}

impl Lab {
    fn carry_out(&mut self, id: u32, ask: Ask) {
        match ask {
            Ask::Cells { .. } | Ask::Race { .. } | Ask::Make(_) => {
                unreachable!("another worker's work is done elsewhere")
            }
            Ask::Pace(pace) => {
                self.pace = pace;
                self.owed = 0.0;
                done(id, Ok(()));
            }
            Ask::Hidden(hidden) => {
                self.hidden = hidden;
                self.before = now();
                done(id, Ok(()));
            }
            Ask::InSight(in_sight) => {
                self.stale |= in_sight && !self.in_sight;
                self.in_sight = in_sight;
                self.show();
            }
            Ask::Drawn => {
                self.undrawn = false;
                self.show();
            }
            Ask::Command(command) => self.command(id, command),
        }
        self.schedule();
    }

    fn command(&mut self, id: u32, command: Command) {
        let silent = matches!(
            command,
            Command::State | Command::Origin | Command::Dissect(_)
        );
        let moves_nothing = matches!(
            command,
            Command::Watch(_)
                | Command::State
                | Command::Origin
                | Command::Dissect(_)
                | Command::ForgetGhosts
        );
        let goes_on = moves_nothing || matches!(command, Command::Step { .. } | Command::Epoch);
        let enters = matches!(
            command,
            Command::Load { .. }
                | Command::Resume { .. }
                | Command::LoadState { .. }
                | Command::LoadCsv { .. }
        );
        let events = match self.session.begin(command) {
            Ok(events) => events,
            Err(error) => return done(id, Err(error.to_string())),
        };
        if !goes_on {
            for job in std::mem::take(&mut self.jobs) {
                done(job.id, Ok(()));
            }
        }
        if events.contains(&Event::Playing(true)) {
            self.owed = 1.0;
            self.before = now();
        }
        if enters {
            post(&Answer::Entered { id });
        }
        for event in events {
            self.tell(event);
        }
        let until = self.session.goal();
        // Many steps are one and then the rest in slices, so that the page is heard in between.
        if !moves_nothing
            && !self.has_reached(until)
            && self.hands.site(&mut self.session) == Site::Here
        {
            self.session.pursue(until, 1);
        }
        if !moves_nothing && !self.has_reached(until) {
            self.jobs.push_back(Job { id, until });
            return;
        }
        if !silent {
            self.hands.decide(&mut self.session);
            self.progress();
        }
        self.settle();
        done(id, Ok(()));
    }

    fn has_reached(&self, step: u64) -> bool {
        self.session.step() >= step || self.session.finished()
    }

    /// Trains for a slice of time at most, or has it done.
    fn tick(&mut self) {
        self.awake = false;
        let start = now();
        if self.jobs.is_empty() && self.session.playing() && !self.hidden {
            // What could not be kept up with is not caught up on in a burst.
            self.owed =
                (self.owed + (start - self.before) * self.pace / 1000.0).min(self.pace * 0.1 + 1.0);
            self.before = start;
        }
        if let Some((until, most)) = self.due() {
            match self.hands.site(&mut self.session) {
                Site::Here if self.crew_takes(until, most) => {}
                Site::Here => self.train(until),
                Site::Away => {
                    let notice = self.hands.send(&mut self.session, until, most, Lab::land);
                    self.tell_all(notice);
                }
            }
        }
        self.arrive();
        self.schedule();
    }

    /// The step to go to and the most steps to make before the page is heard again.
    fn due(&self) -> Option<(u64, u64)> {
        let playing = self.session.playing() && !self.hidden && self.owed >= 1.0;
        match self.jobs.front() {
            Some(job) => Some((job.until, u64::MAX)),
            None => playing.then_some((u64::MAX, self.owed as u64)),
        }
    }

    /// Whether workers beside this one make the next steps.
    fn crew_takes(&mut self, until: u64, most: u64) -> bool {
        let seen = self.in_sight && self.jobs.is_empty();
        self.crew.takes(&mut self.session, until, most, seen)
    }

    fn train(&mut self, until: u64) {
        let mut slice = Slice::new();
        if !self.jobs.is_empty() {
            while !self.has_reached(until)
                && let Some(steps) = slice.steps()
            {
                self.session.pursue(until, steps);
            }
            self.stale = true;
            return;
        }
        while self.owed >= 1.0
            && self.session.playing()
            && let Some(steps) = slice.steps()
        {
            let steps = steps.min(self.owed as u64);
            self.session.pursue(u64::MAX, steps);
            self.owed -= steps as f64;
            self.stale = true;
        }
    }

    /// The graphics device has answered, there is none, or it has had its time.
    fn engines_known(&mut self) {
        // The page learns who computes before the first step.
        self.stale |= self.hands.decide(&mut self.session);
        self.arrive();
        self.schedule();
    }

    /// What was sent away comes back.
    fn land(landing: Landing) {
        with(|lab| {
            let Landed { steps, notice } = lab.hands.land(&mut lab.session, landing);
            lab.owed -= steps as f64;
            lab.stale = true;
            lab.tell_all(notice);
            lab.arrive();
            lab.schedule();
        });
    }

    /// A worker of the crew has something to say.
    fn said(said: Said) {
        with(|lab| {
            let steps = lab.crew.hear(&mut lab.session, said);
            lab.owed -= steps as f64;
            lab.stale |= steps > 0;
            lab.tick();
        });
    }

    /// Nobody waits for ever.
    fn watch() {
        with(|lab| {
            lab.crew.watch(&mut lab.session);
            lab.schedule();
        });
    }

    /// Says how far the run has come.
    fn arrive(&mut self) {
        if let Some(&Job { id, until }) = self.jobs.front() {
            // What is only computed again on the way to another step is not shown.
            self.stale &= !self.session.replaying();
            if self.has_reached(until) {
                self.jobs.pop_front();
                self.progress();
                self.settle();
                done(id, Ok(()));
            }
        }
        self.settle();
        self.show();
    }

    /// Says so when the run has come to its end by itself.
    fn settle(&mut self) {
        if self.playing != self.session.playing() {
            self.progress();
            self.tell(Event::Playing(self.session.playing()));
        }
        if self.session.finished() {
            self.crew.rest();
        }
    }

    /// Posts progress if there is any and the page is ready for it.
    fn show(&mut self) {
        if self.stale && !self.undrawn && self.budget.is_due(now(), self.slack()) {
            self.progress();
        }
    }

    /// Milliseconds for which nothing is to be trained.
    fn slack(&self) -> f64 {
        if !self.jobs.is_empty() {
            0.0
        } else if self.session.playing() {
            let next = (1.0 - self.owed).max(0.0) / self.pace * 1000.0;
            (next - (now() - self.before)).max(0.0)
        } else {
            f64::INFINITY
        }
    }

    /// Shows where the run stands: all of it where it is held, else what can be afforded.
    fn progress(&mut self) {
        let slack = self.slack();
        let begin = now();
        let all = self.budget.spares_nothing(slack);
        if all {
            self.session.look_back();
        }
        let looked_back = now();
        let mut progress = self.session.glance();
        let side = if slack.is_finite() && !self.in_sight {
            0
        } else if all {
            FIELD_CELLS
        } else {
            self.budget.side(slack)
        };
        let glanced = now();
        if side > 0 {
            (progress.fields, progress.networks) = self.session.fields(side);
        }
        let fields = now() - glanced;
        self.tell(Event::Progress(Box::new(progress)));
        let end = now();
        let bill = Bill {
            whole: end - begin,
            fields,
            numbers: end - looked_back - fields,
            side,
        };
        self.budget.pay(bill, end, slack);
    }

    fn tell_all(&mut self, notice: Option<String>) {
        if let Some(notice) = notice {
            self.tell(Event::Notice(notice));
        }
    }

    fn tell(&mut self, event: Event) {
        match &event {
            Event::Progress(_) => (self.stale, self.undrawn) = (false, true),
            Event::Playing(playing) => self.playing = *playing,
            _ => {}
        }
        post(&Answer::Event(event));
    }

    /// Makes sure that a tick comes when one is due.
    fn schedule(&mut self) {
        // Workers that train a map's cells have no session, and need no device.
        if self.hands.asks() {
            wasm_bindgen_futures::spawn_local(async {
                let device = hands::gpu().await.map(Graphics::new);
                with(|lab| {
                    lab.hands.welcome(device);
                    lab.engines_known();
                });
            });
            wasm_bindgen_futures::spawn_local(async {
                hands::grace().await;
                with(|lab| {
                    lab.hands.grow_impatient();
                    lab.engines_known();
                });
            });
        }
        let plays = self.session.playing() && !self.hidden;
        // Who is waited for wakes us.
        let away = match self.hands.site(&mut self.session) {
            Site::Here => self.crew.is_awaited(&self.session),
            Site::Away => self.hands.is_away(),
        };
        if away {
            return;
        }
        if self.awake || (self.jobs.is_empty() && !plays) {
            return;
        }
        self.awake = true;
        if self.jobs.is_empty() && self.owed < 1.0 && self.pace < 1000.0 {
            let wait = ((1.0 - self.owed) / self.pace * 1000.0)
                .ceil()
                .clamp(1.0, 1000.0) as i32;
            let set =
                scope().set_timeout_with_callback_and_timeout_and_arguments_0(&self.tick, wait);
            set.expect("workers have timers");
        } else {
            self.wake.set();
        }
    }
}

/// Says that a request is carried out, or why not.
fn done(id: u32, result: Result<(), String>) {
    post(&Answer::Done { id, result });
}
