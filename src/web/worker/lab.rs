//! The worker: a session, a pace, and an ear for the page. Knows no document. Workers that are asked for a map's cells
//! train those instead, here (`cells`) or on the graphics device (`device`).

use super::crew::{self, Crew, Said};
use super::hands::{self, Hands, Landed, Landing, Site};
use super::{cells, device, handover};
use crate::lab::budget::{Bill, Budget};
use crate::lab::engine::Graphics;
use crate::lab::session::{Command, Event, FIELD_CELLS, Session};
use crate::web::wire::due::Due;
use crate::web::wire::message::{self, Answer, Ask, Request, unpack};
use crate::web::wire::post::{Alarm, Slice, now, post, scope};
use crate::{Error, WHOLE};
use js_sys::Function;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use wasm_bindgen::prelude::*;
use web_sys::MessageEvent;

thread_local! {
    /// The lab at work; whatever happens is put into its inbox, and then it goes on as far as it can.
    static LAB: RefCell<Option<Pin<Box<dyn Future<Output = ()>>>>> = const { RefCell::new(None) };
    static INBOX: RefCell<VecDeque<Heard>> = const { RefCell::new(VecDeque::new()) };
    /// A look has made way for who wants the state: one of them is not made to wait for it, and yet it comes.
    static MADE_WAY: Cell<bool> = const { Cell::new(false) };
    /// Work that was left off goes on.
    static GOES_ON: Cell<bool> = const { Cell::new(false) };
}

/// What happens.
enum Heard {
    /// The page wants something.
    Request(Request),
    /// It is time to train.
    Tick,
    /// The browser has answered whether it has a graphics device.
    Device(Result<Box<Graphics>, String>),
    /// It has had the time that every run waits for it.
    Grace,
    /// What was sent to it comes back.
    Landing(Landing),
    /// A worker of the crew has something to say.
    Said(Said),
    /// Nobody waits for ever.
    Watch,
    /// The whole engine is not waited for any more.
    Whole,
}

/// Listens to the page from now on; `hire` answers with another worker like this one.
///
/// # Panics
/// Outside a dedicated worker.
pub fn start_worker(hire: Function) {
    console_error_panic_hook::set_once();
    let tick = Closure::<dyn FnMut()>::new(|| hear(Heard::Tick)).into_js_value();
    let rested = Closure::<dyn FnMut()>::new(|| {
        GOES_ON.set(true);
        go_on();
    });
    let listen = Closure::<dyn FnMut(MessageEvent)>::new(|event: MessageEvent| {
        let data = event.data();
        if let (false, Some(why)) = (WHOLE, data.as_string()) {
            hear_of_whole(&why);
        } else if let Some(request) = handover::pass(unpack(&data)) {
            take(request);
        }
    });
    scope().set_onmessage(Some(listen.into_js_value().unchecked_ref()));
    let lab = Lab {
        session: Session::new("")
            .expect("the default run is valid")
            .with_clock(|| now() / 1000.0),
        in_sight: true,
        entered: false,
        drawn: Vec::new(),
        budget: Budget::default(),
        playing: false,
        stale: false,
        undrawn: true,
        due: Due::default(),
        jobs: VecDeque::new(),
        owes: Vec::new(),
        hands: Hands::default(),
        crew: Crew::new(hire, |said| hear(Heard::Said(said)), || hear(Heard::Watch)),
        awake: false,
        wake: Alarm::new(&tick),
        rest: Alarm::new(&rested.into_js_value()),
    };
    post(&Answer::Started);
    LAB.with_borrow_mut(|slot| *slot = Some(Box::pin(lab.live())));
}

/// Takes what the page wants.
fn take(request: Request) {
    match request.ask {
        Ask::Cells { ref query, .. } | Ask::Race { ref query, .. }
            if !WHOLE && cells::are_elsewhere(query) =>
        {
            handover::wait(vec![request]);
        }
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
        _ => hear(Heard::Request(request)),
    }
}

fn hear(heard: Heard) {
    INBOX.with_borrow_mut(|inbox| inbox.push_back(heard));
    go_on();
}

fn go_on() {
    LAB.with_borrow_mut(|lab| {
        let lab = lab.as_mut().expect("started before anything happens");
        // It never ends.
        let _ = lab.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    });
}

/// What has happened next.
async fn next() -> Heard {
    poll_fn(|_| match INBOX.with_borrow_mut(VecDeque::pop_front) {
        Some(heard) => Poll::Ready(heard),
        None => Poll::Pending,
    })
    .await
}

/// The first command that waits.
fn waiting<T>(look: impl FnOnce(&Command) -> T) -> Option<T> {
    INBOX.with_borrow(|inbox| {
        let mut commands = inbox.iter().filter_map(|heard| match heard {
            Heard::Request(Request {
                ask: Ask::Command(command),
                ..
            }) => Some(command),
            _ => None,
        });
        commands.next().map(look)
    })
}

/// Whether a look at the run is of no use any more: what comes next moves the run, or wants to see something else.
fn is_void() -> bool {
    let void = |command: &Command| match command {
        Command::State => !MADE_WAY.replace(true),
        Command::Pause | Command::Origin | Command::ForgetGhosts => false,
        _ => true,
    };
    waiting(void) == Some(true)
}

/// Work that has to be done.
fn never() -> bool {
    false
}

/// Does work, and listens whenever a slice of time is over, until the work is `void`. Who wants the run to be held hears at once
/// that it will be: `playing` is what the page was last told.
async fn listening(
    mut work: Pin<&mut dyn Future<Output = ()>>,
    slice: &Slice,
    rest: &Alarm,
    playing: &mut bool,
    void: fn() -> bool,
) {
    loop {
        if poll_fn(|c| Poll::Ready(work.as_mut().poll(c)))
            .await
            .is_ready()
        {
            return;
        }
        GOES_ON.set(false);
        rest.set();
        poll_fn(|_| {
            if GOES_ON.get() {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
        if *playing && waiting(|command| *command == Command::Pause) == Some(true) {
            *playing = false;
            post(&Answer::Event(Event::Playing(false)));
        }
        if void() {
            return;
        }
        slice.begin();
    }
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
    /// Of a run that moves, fields are shown.
    in_sight: bool,
    /// The page has the run that stands here, and not another of its own.
    entered: bool,
    /// What is drawn for the networks to read.
    drawn: Vec<f32>,
    /// What looks may take.
    budget: Budget,
    /// What the page was last told.
    playing: bool,
    /// Steps were made that the page has not heard of.
    stale: bool,
    /// The last progress is not yet on the screen.
    undrawn: bool,
    due: Due,
    jobs: VecDeque<Job>,
    /// Requests that are carried out and answered once the page has been shown what they have come to.
    owes: Vec<u32>,
    hands: Hands,
    crew: Crew,
    /// A tick is on its way.
    awake: bool,
    wake: Alarm,
    /// Goes on with work that was left off.
    rest: Alarm,
}

impl Lab {
    /// Does whatever happens, one thing after the other, and says what has come of it.
    async fn live(mut self) {
        loop {
            let heard = next().await;
            let slice = Slice::new();
            match heard {
                Heard::Request(Request { id, ask }) => self.carry_out(id, ask, &slice).await,
                Heard::Tick => {
                    self.awake = false;
                    self.train(&slice).await;
                }
                Heard::Device(device) => {
                    self.hands.welcome(device);
                    // The page learns who computes before the first step.
                    self.stale |= self.hands.decide(&mut self.session);
                }
                Heard::Grace => {
                    self.hands.grow_impatient();
                    self.stale |= self.hands.decide(&mut self.session);
                }
                Heard::Landing(landing) => {
                    // What was sent away comes back.
                    let (due, mut landed) = (|| slice.is_long(), Landed::default());
                    let work = self
                        .hands
                        .land(&mut self.session, landing, &mut landed, &due);
                    listening(pin!(work), &slice, &self.rest, &mut self.playing, never).await;
                    self.hold_as_told();
                    self.due.made(landed.steps);
                    self.stale = true;
                    self.tell_all(landed.notice);
                }
                Heard::Said(said) => {
                    let (due, mut steps) = (|| slice.is_long(), 0);
                    let work = self.crew.hear(&mut self.session, said, &mut steps, &due);
                    listening(pin!(work), &slice, &self.rest, &mut self.playing, never).await;
                    self.hold_as_told();
                    self.due.made(steps);
                    self.stale |= steps > 0;
                    self.train(&slice).await;
                }
                Heard::Watch => self.crew.watch(&mut self.session),
                Heard::Whole => {}
            }
            self.arrive().await;
            self.schedule();
        }
    }

    async fn carry_out(&mut self, id: u32, ask: Ask, slice: &Slice) {
        let command = match ask {
            Ask::Command(command) => command,
            Ask::Pace(pace) => {
                self.due.set_pace(pace);
                return done(id, Ok(()));
            }
            Ask::Hidden(hidden) => {
                self.due.hide(hidden);
                return done(id, Ok(()));
            }
            Ask::InSight(in_sight) => {
                self.stale |= in_sight && !self.in_sight;
                self.in_sight = in_sight;
                return;
            }
            Ask::Drawn => {
                self.undrawn = false;
                return;
            }
            Ask::Succeed(commands) if WHOLE => {
                return self.succeed(message::of_packed(&commands));
            }
            Ask::Images(pixels) if WHOLE => {
                self.drawn = pixels.iter().map(|&p| f32::from(p) / 16.0).collect();
                self.stale = true;
                return;
            }
            Ask::Images(_)
            | Ask::Succeed(_)
            | Ask::Cells { .. }
            | Ask::Race { .. }
            | Ask::Make(_) => {
                unreachable!("another worker's work is done elsewhere")
            }
        };
        if let Command::Dissect(cut) = command {
            let (due, mut dissected) = (|| slice.is_long(), None);
            let session = &mut self.session;
            let work = async { dissected = Some(session.dissect(cut, &due).await) };
            listening(pin!(work), slice, &self.rest, &mut self.playing, never).await;
            self.hold_as_told();
            let dissected = dissected.expect("what has to be done is done");
            let result = dissected.map(|d| self.tell(Event::Dissected(Box::new(d))));
            return done(id, result.map_err(|error| error.to_string()));
        }
        let silent = matches!(command, Command::State | Command::Origin);
        let still = silent || matches!(command, Command::Watch(_) | Command::ForgetGhosts);
        let goes_on = still || matches!(command, Command::Step { .. } | Command::Epoch);
        let enters = matches!(
            command,
            Command::Load { .. }
                | Command::Resume { .. }
                | Command::LoadState { .. }
                | Command::LoadCsv { .. }
                | Command::LoadImages { .. }
        );
        let asked = (!WHOLE).then(|| command.clone());
        let events = match (self.session.begin(command), asked) {
            (Ok(events), _) => events,
            (Err(Error::Elsewhere), Some(command)) => return self.hand_over(id, command),
            (Err(error), _) => return done(id, Err(error.to_string())),
        };
        if !goes_on {
            let jobs = self.jobs.drain(..).map(|job| job.id);
            let owed = jobs.chain(self.owes.drain(..));
            owed.for_each(|id| done(id, Ok(())));
        }
        if events.contains(&Event::Playing(true)) {
            self.due.begin();
        }
        if enters {
            self.entered = true;
            post(&Answer::Entered { id });
        }
        for event in events {
            self.tell(event);
        }
        if silent {
            return done(id, Ok(()));
        }
        let until = self.session.goal();
        if still || self.has_reached(until) {
            self.hands.decide(&mut self.session);
            return self.owes.push(id);
        }
        // Many steps are one and then the rest in slices, so that the page is heard in between.
        if self.hands.site(&mut self.session) == Site::Here {
            self.pursue(slice, until, 1).await;
        }
        self.jobs.push_back(Job { id, until });
    }

    /// Has the whole engine fetched, for a command that takes it, and the run that stands here brought to it.
    fn hand_over(&self, id: u32, command: Command) {
        // What starts anew needs no past; a table may be refused.
        let moves = match &command {
            Command::Set { key, .. } => key.contains('.'),
            Command::SetAll { .. }
            | Command::GoOn { .. }
            | Command::LoadCsv { .. }
            | Command::LoadImages { .. } => true,
            _ => false,
        };
        let mut asks = vec![
            Ask::Pace(self.due.pace()),
            Ask::Hidden(self.due.hidden()),
            Ask::InSight(self.in_sight),
        ];
        if self.entered {
            asks.push(Ask::Succeed(message::packed(&self.session.way_here(moves))));
        }
        let asks = asks.into_iter().map(|ask| Request { id: 0, ask });
        let last = Request {
            id,
            ask: Ask::Command(command),
        };
        handover::wait(asks.chain([last]).collect());
        post(&Answer::Event(Event::Notice(message::FETCHING.to_owned())));
    }

    /// Stands where another worker has stood.
    fn succeed(&mut self, commands: Vec<Command>) {
        for command in commands {
            // It was possible there.
            let _ = self.session.apply(command);
        }
        self.entered = true;
        self.playing = self.session.playing();
        self.due.begin();
        // Its records are made again.
        self.tell(Event::Branched {
            query: self.session.config().to_string(),
            step: 0,
        });
        self.stale = true;
    }

    fn has_reached(&self, step: u64) -> bool {
        self.session.step() >= step || self.session.finished()
    }

    /// Makes steps.
    async fn pursue(&mut self, slice: &Slice, goal: u64, steps: u64) {
        let due = || slice.is_long();
        let work = self.session.pursue_in_pieces(goal, steps, &due);
        listening(pin!(work), slice, &self.rest, &mut self.playing, never).await;
        self.hold_as_told();
        self.stale = true;
    }

    /// Holds the run where the page has been told that it is held.
    fn hold_as_told(&mut self) {
        if self.session.playing() && !self.playing {
            self.session.hold();
        }
    }

    /// Trains for a slice of time at most, or has it done.
    async fn train(&mut self, slice: &Slice) {
        if self.jobs.is_empty() && self.session.playing() && !self.due.hidden() {
            self.due.count();
        }
        let Some((until, most)) = self.goal() else {
            return;
        };
        if self.hands.site(&mut self.session) == Site::Away {
            let land = |landing| hear(Heard::Landing(landing));
            let waited = self.session.engine().is_awaited();
            let notice = self.hands.send(&mut self.session, until, most, land);
            // The page is told who is waited for.
            self.stale |= self.session.engine().is_awaited() && !waited;
            return self.tell_all(notice);
        }
        if self.crew_takes(until, most) {
            return;
        }
        let job = !self.jobs.is_empty();
        loop {
            let wanted = if job {
                !self.has_reached(until)
            } else {
                self.due.steps() > 0 && self.session.playing()
            };
            let Some(mut steps) = slice.steps().filter(|_| wanted) else {
                return;
            };
            if !job {
                steps = steps.min(self.due.steps());
                self.due.made(steps);
            }
            self.pursue(slice, until, steps).await;
            if INBOX.with_borrow(|inbox| !inbox.is_empty()) {
                return;
            }
        }
    }

    /// The step to go to and the most steps to make before the page is heard again.
    fn goal(&self) -> Option<(u64, u64)> {
        let playing = self.session.playing() && !self.due.hidden() && self.due.steps() > 0;
        match self.jobs.front() {
            Some(job) => Some((job.until, u64::MAX)),
            None => playing.then_some((u64::MAX, self.due.steps())),
        }
    }

    /// Whether workers beside this one make the next steps.
    fn crew_takes(&mut self, until: u64, most: u64) -> bool {
        let seen = self.in_sight && self.jobs.is_empty();
        self.crew.takes(&mut self.session, until, most, seen)
    }

    /// Says how far the run has come.
    async fn arrive(&mut self) {
        if let Some(&Job { id, until }) = self.jobs.front() {
            // What is only computed again on the way to another step is not shown.
            self.stale &= !self.session.replaying();
            if self.has_reached(until) {
                self.jobs.pop_front();
                self.owes.push(id);
            }
        }
        let playing = self.session.playing();
        // The page is told when the run has come to its end by itself, and of what is new once it is ready for that.
        let (asked, ends) = (!self.owes.is_empty(), self.playing != playing);
        let new = self.stale && !self.undrawn && self.budget.is_due(now(), self.slack());
        let shown = (asked || ends || new) && self.progress().await;
        if self.playing != self.session.playing() {
            self.tell(Event::Playing(self.session.playing()));
        }
        if shown {
            self.owes.drain(..).for_each(|id| done(id, Ok(())));
        }
        self.crew.settle(&mut self.session);
    }

    /// Milliseconds for which nothing is to be trained.
    fn slack(&self) -> f64 {
        if !self.jobs.is_empty() {
            0.0
        } else if self.session.playing() {
            self.due.slack()
        } else {
            f64::INFINITY
        }
    }

    /// Shows where the run stands: all of it where it is held, else what can be afforded. Whether it was of use to the end.
    async fn progress(&mut self) -> bool {
        self.stale = true;
        if is_void() {
            return false;
        }
        let slack = self.slack();
        let begin = now();
        let all = self.budget.spares_nothing(slack);
        let side = if slack.is_finite() && !self.in_sight {
            0
        } else if all {
            FIELD_CELLS
        } else {
            self.budget.side(slack)
        };
        let slice = Slice::new();
        let due = || slice.is_long();
        let (session, mut looked) = (&mut self.session, None);
        #[cfg(feature = "whole")]
        let mut images = None;
        let look = async {
            if all {
                session.look_back(&due).await;
            }
            let looked_back = now();
            let (fields, networks) = if side > 0 {
                session.fields_in_pieces(side, &due).await
            } else {
                Default::default()
            };
            #[cfg(feature = "whole")]
            if side > 0 {
                let seen = session.images_in_pieces(&self.drawn, &due).await;
                images = seen.map(|images| message::packed(&images));
            }
            let painted = now();
            // Records are handed out once, so they come last.
            let mut progress = session.glance_in_pieces(&due).await;
            (progress.fields, progress.networks) = (fields, networks);
            looked = Some((progress, looked_back, painted));
        };
        listening(pin!(look), &slice, &self.rest, &mut self.playing, is_void).await;
        self.hold_as_told();
        let Some((progress, looked_back, painted)) = looked else {
            return false;
        };
        #[cfg(feature = "whole")]
        if let Some(images) = images {
            post(&Answer::Images(images));
        }
        self.tell(Event::Progress(Box::new(progress)));
        let end = now();
        let bill = Bill {
            whole: end - begin,
            fields: painted - looked_back,
            numbers: end - painted,
            side,
        };
        self.budget.pay(bill, end, slack);
        true
    }

    fn tell_all(&mut self, notice: Option<String>) {
        if let Some(notice) = notice {
            self.tell(Event::Notice(notice));
        }
    }

    fn tell(&mut self, event: Event) {
        match &event {
            Event::Progress(_) => {
                (self.stale, self.undrawn) = (false, true);
                MADE_WAY.set(false);
            }
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
                let device = hands::gpu().await;
                let device = device.map(|gpu| Box::new(Graphics::new(gpu)));
                hear(Heard::Device(device));
            });
            wasm_bindgen_futures::spawn_local(async {
                hands::grace().await;
                hear(Heard::Grace);
            });
        }
        // It stands still until another worker has its place.
        if !WHOLE && handover::is_awaited() {
            return;
        }
        let plays = self.session.playing() && !self.due.hidden();
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
        if self.jobs.is_empty() {
            self.due.wake(&self.wake);
        } else {
            self.wake.set();
        }
    }
}

/// Goes on without the whole engine where there is none.
fn hear_of_whole(why: &str) {
    let waited = handover::answered(why);
    // Those before the command that takes it were for the other worker.
    let mut waited = waited
        .into_iter()
        .skip_while(|request| !matches!(request.ask, Ask::Command(_)));
    if let Some(request) = waited.next() {
        let words = [
            "This run takes the whole engine, which could not be fetched: ",
            why,
            ". Choose it again to try once more",
        ];
        done(request.id, Err(words.concat()));
    }
    waited.for_each(take);
    hear(Heard::Whole);
}

/// Says that a request is carried out, or why not.
fn done(id: u32, result: Result<(), String>) {
    post(&Answer::Done { id, result });
}
