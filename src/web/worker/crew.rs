//! Workers of this worker's own that train members side by side, each on a core: whether that is worth it, what each does and
//! what comes back. Knows a session's errands, and not who plays.

use crate::frame::EngineInfo;
use crate::lab::crew::{Hand, Load, Roster, pace};
use crate::lab::engine::beside;
use crate::lab::pieces::Due;
use crate::lab::session::Session;
use crate::nn::Arithmetic;
use crate::web::wire::line::{post, start};
use crate::web::wire::message::{Answer, Ask, Request};
use crate::web::wire::post::{self, now, scope};
use js_sys::Function;
use std::cell::RefCell;
use wasm_bindgen::prelude::*;
use web_sys::{Event, Worker};

/// Milliseconds that an errand should take while every frame is looked at, and while none is.
const ERRAND: [f64; 2] = [33.0, 100.0];
/// Seconds of a step of each of two members from which on they are worth a worker each; half of it keeps them there.
const WORTH: f64 = 1e-4;
/// Milliseconds that an errand has to save.
const SAVED: f64 = 2.0;
/// Most workers, however many cores there are: each is an instance with memory of its own.
const MOST: usize = 16;
/// Milliseconds after which nobody waits any longer for an answer that should have taken none.
const PATIENCE: f64 = 10_000.0;

thread_local! {
    static HAND: RefCell<Hand> = RefCell::new(Hand::new(Arithmetic::Portable, || now() / 1000.0));
}

/// Makes the steps of a load, here.
pub(super) fn carry_out(load: Load) {
    let made = HAND.with_borrow_mut(|hand| hand.carry_out(load));
    post::post(&Answer::Made(made));
}

/// What a worker has to say: its place in which crew, and the answer, or that it has stopped.
pub(super) struct Said {
    crew: u32,
    place: usize,
    what: Option<Answer>,
}

/// The workers that train a session's members.
pub(super) struct Crew {
    /// Answers with another worker.
    hire: Function,
    /// Hears what they say.
    hear: fn(Said),
    /// Calls [`Crew::watch`].
    alarm: Function,
    /// The alarm is set.
    watched: bool,
    /// One has been lost: there are no others.
    alone: bool,
    /// Counts the crews, of which only the last is listened to.
    number: u32,
    workers: Vec<Worker>,
    /// How many listen.
    started: usize,
    roster: Roster,
    /// Since when an answer is waited for, and until when: milliseconds.
    waits: (f64, f64),
    /// Milliseconds that an errand should take.
    wished: f64,
    /// Steps that take about as long as an errand should.
    steps: u64,
    /// The task that they train, and who computed it before.
    joined: Option<(u64, EngineInfo)>,
}

/// What steps cost.
struct Price {
    /// Seconds of a step of all members here, and beside each other.
    here: f64,
    beside: f64,
    /// How many are worth a worker, and how many train.
    dear: usize,
    training: usize,
    /// The price of each is known.
    known: bool,
}

impl Crew {
    /// Nobody yet. `hire` answers with a worker, `hear` is told what it says, `watch` is to call [`Crew::watch`].
    pub(super) fn new(hire: Function, hear: fn(Said), watch: fn()) -> Crew {
        let alarm = Closure::<dyn FnMut()>::new(watch).into_js_value();
        Crew {
            hire,
            hear,
            alarm: alarm.unchecked_into(),
            watched: false,
            alone: false,
            number: 0,
            workers: Vec::new(),
            started: 0,
            roster: Roster::default(),
            waits: (0.0, 0.0),
            wished: 0.0,
            steps: 1,
            joined: None,
        }
    }

    /// Whether nothing can be done before an answer comes.
    pub(super) fn is_awaited(&self, session: &Session) -> bool {
        self.roster.awaits(session)
    }

    /// Whether the next steps on the way to `until`, at most so many, are made by the crew, and then has them made.
    pub(super) fn takes(
        &mut self,
        session: &mut Session,
        until: u64,
        most: u64,
        seen: bool,
    ) -> bool {
        let awaited = self.is_awaited(session);
        if self.alone || !awaited && self.roster.steps_away() > 0 {
            return false;
        }
        let joined = self.joined.as_ref();
        let joined = joined.is_some_and(|(task, _)| *task == session.task());
        let price = price(session, joined);
        if price.is_alone(session) && !awaited {
            return false;
        }
        self.wished = ERRAND[usize::from(!seen)];
        if !joined {
            // How much of the time records take is seen then.
            self.steps = ((self.wished / 4000.0 / price.beside) as u64).max(1);
        }
        let left = until.saturating_sub(session.step()).min(most);
        let saved = (price.here - price.beside) * self.steps.min(left) as f64;
        if !awaited && (1000.0 * saved < SAVED || !self.is_ready(&price)) {
            return false;
        }
        if !joined {
            let plain = session.engine().clone();
            session.set_engine(beside(&plain, self.workers.len()));
            self.joined = Some((session.task(), plain));
        }
        loop {
            let left = most.saturating_sub(self.roster.steps_away());
            let steps = self.steps.min(left);
            let hands = self.workers.len();
            if steps == 0 {
                break;
            }
            let Some(loads) = self.roster.ask(session, until, steps, hands) else {
                break;
            };
            self.send(loads, 1000.0 * price.beside * steps as f64);
        }
        self.is_awaited(session)
    }

    /// Whether there are as many workers as so many members are worth, and all listen; hires them.
    fn is_ready(&mut self, price: &Price) -> bool {
        let places = places(price.training);
        if places < 2 {
            return false;
        }
        if self.workers.len() < places {
            self.rest();
            self.number += 1;
            for place in 0..places {
                let Some(worker) = self.worker(place) else {
                    self.lose();
                    return false;
                };
                self.workers.push(worker);
            }
        }
        self.started == self.workers.len()
    }

    fn worker(&self, place: usize) -> Option<Worker> {
        let (crew, hear) = (self.number, self.hear);
        let said = move |what| hear(Said { crew, place, what });
        let worker = start(
            &self.hire,
            move |answer| said(Some(answer)),
            move |_| said(None),
        )
        .ok()?;
        // The page need not hear of it: its run goes on here.
        let silence = Closure::<dyn FnMut(Event)>::new(|event: Event| event.prevent_default());
        let listens = worker
            .add_event_listener_with_callback("error", silence.into_js_value().unchecked_ref());
        listens.ok().map(|()| worker)
    }

    /// Sends for steps that should take so many milliseconds.
    fn send(&mut self, loads: Vec<Load>, expected: f64) {
        for (worker, load) in self.workers.iter().zip(loads) {
            let ask = Ask::Make(Box::new(load));
            post(worker, &Request { id: 0, ask });
        }
        let (now, (since, until)) = (now(), self.waits);
        let since = if until > 0.0 { since } else { now };
        self.waits = (since, now + PATIENCE + 20.0 * expected);
        self.set_alarm();
    }

    fn set_alarm(&mut self) {
        if !self.watched {
            let set = scope().set_timeout_with_callback_and_timeout_and_arguments_0(
                &self.alarm,
                PATIENCE as i32,
            );
            set.expect("workers have timers");
            self.watched = true;
        }
    }

    /// Waits no longer for what should have come long ago.
    pub(super) fn watch(&mut self, session: &mut Session) {
        self.watched = false;
        if self.waits.1 == 0.0 {
            return;
        }
        if self.waits.1 < now() {
            self.part(session);
            self.lose();
        } else {
            self.set_alarm();
        }
    }

    /// Takes what a worker says; in `steps`, how many have been made.
    pub(super) async fn hear(
        &mut self,
        session: &mut Session,
        said: Said,
        steps: &mut u64,
        due: Due<'_>,
    ) {
        if said.crew != self.number || self.workers.is_empty() {
            return;
        }
        let made = match said.what {
            Some(Answer::Made(made)) => made,
            Some(_) => {
                self.started += 1;
                return;
            }
            None => {
                // Its members are where they were here: they go on from there.
                self.part(session);
                return self.lose();
            }
        };
        let Some((errand, answer)) = self.roster.hear(said.place, made) else {
            return;
        };
        let (now, (since, until)) = (now(), self.waits);
        self.steps = pace(errand.steps(), now - since, self.wished);
        let more = self.roster.steps_away() > 0;
        self.waits = (now, if more { until } else { 0.0 });
        if session.adopt_in_pieces(&errand, answer, due).await {
            *steps = errand.steps();
        }
    }

    /// Lets the workers go where no steps are left for them: the run has ended, or is known to be as fast alone.
    pub(super) fn settle(&mut self, session: &mut Session) {
        if session.finished() {
            self.rest();
        } else if !self.workers.is_empty() && !self.is_awaited(session) {
            let price = price(session, true);
            if price.known && price.is_alone(session) {
                self.part(session);
                self.rest();
            }
        }
    }

    /// The session's steps are made elsewhere from now on.
    fn part(&mut self, session: &mut Session) {
        if let Some((task, plain)) = self.joined.take()
            && task == session.task()
        {
            session.set_engine(plain);
        }
    }

    /// No worker is of use any more.
    fn lose(&mut self) {
        self.rest();
        self.alone = true;
    }

    /// Lets the workers go, until they are needed again.
    fn rest(&mut self) {
        self.workers.drain(..).for_each(|worker| worker.terminate());
        (self.started, self.waits) = (0, (0.0, 0.0));
        self.roster = Roster::default();
    }
}

impl Price {
    /// Whether the session's steps are made by one worker.
    fn is_alone(&self, session: &Session) -> bool {
        self.dear < 2 || !session.may_be_sent()
    }
}

/// What the steps of a session cost, for who has a crew or has none.
fn price(session: &Session, joined: bool) -> Price {
    let members = session.ensemble().members().iter();
    let training = members.filter(|member| member.state.divergence.is_none());
    let known = training.clone().all(|member| member.cost.is_known());
    let costs: Vec<f64> = training
        .map(|member| member.cost.seconds_per_step())
        .collect();
    let bar = if joined { WORTH / 2.0 } else { WORTH };
    let here: f64 = costs.iter().sum();
    let longest = costs.iter().copied().fold(0.0, f64::max);
    Price {
        here,
        beside: longest.max(here / places(costs.len()) as f64),
        dear: costs.iter().filter(|&&cost| cost >= bar).count(),
        known,
        training: costs.len(),
    }
}

/// How many workers so many members are worth.
fn places(members: usize) -> usize {
    let cores = scope().navigator().hardware_concurrency() as usize;
    cores.min(members).clamp(1, MOST)
}
