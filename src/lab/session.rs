//! The lab as commands in and events out: one run, its ensemble, its curves, its timeline. It knows no clock but the
//! one it is given, no browser and no thread; whoever owns it decides when to advance.

mod dissect;
mod edit;
mod errand;
mod explain;
mod images;
mod play;
mod point;
mod show;

pub use super::command::{Command, Cut, Dissection, Event, Origin, Progress, Watch};
use super::config::Config;
use super::course::Course;
pub use super::course::HIGH_STEPS;
use super::history::History;
use super::pieces::{NEVER, at_once};
use super::scene::{scene_of, scene_of_drawn};
use super::sentence;
use super::start::Start;
use super::state::{self, StateFile};
use super::timeline::{self, Timeline};
use crate::data::{DataSource, Dataset, Targets};
use crate::engine::evaluate::Evaluator;
use crate::engine::memory;
use crate::engine::{Ensemble, Member};
use crate::frame::{EngineInfo, Processor, Record, Scene};
use crate::lab::architecture;
use crate::nn::Arithmetic;
use crate::{Error, WHOLE};
pub use errand::Errand;
use point::{Point, Seen, most_bytes};
use std::sync::atomic::{AtomicU64, Ordering};

/// Cells per side of the grid behind a decision boundary.
pub const FIELD_CELLS: usize = 100;
/// Most ghosts.
pub const MOST_GHOSTS: usize = 8;
/// Inputs beyond this are told to be far.
const FAR: f64 = 5.0;
/// Bytes that a run may need in a tab, of four gigabytes, whose steps somebody else makes.
const MOST_SENT: f64 = 3.5e9;
/// How far `SwitchToProx` goes back.
const BACK: u64 = 20;

/// A run being looked at.
pub struct Session {
    config: Config,
    start: Start,
    dataset: Dataset,
    scene: Scene,
    evaluator: Evaluator<f32>,
    /// Where the run stands.
    course: Course,
    /// Per member, what was noted of it up to there.
    seen: Vec<Seen>,
    /// Per member, its curve up to `furthest`.
    histories: Vec<History>,
    timeline: Timeline<Vec<Point>>,
    /// The furthest step computed.
    furthest: u64,
    /// The step a command still asks for.
    goal: u64,
    /// Another one whenever the run starts over.
    task_number: u64,
    /// Another one whenever the course becomes another.
    course_number: u64,
    /// Who computes, and why.
    engine: EngineInfo,
    /// The step at which a stop rule ended the run, and why.
    ended: Option<(u64, String)>,
    /// The numbers of the ghosts, oldest first, and the next one's.
    ghosts: (Vec<u32>, u32),
    watch: Watch,
    playing: bool,
    arithmetic: Arithmetic,
    clock: fn() -> f64,
}

impl Session {
    /// The run of a query string, at its first step, held, in the portable arithmetic; everything watched.
    ///
    /// # Errors
    /// When the query string is not valid.
    pub fn new(query: &str) -> Result<Session, Error> {
        Session::in_arithmetic(query, Arithmetic::Portable)
    }

    /// The same in this arithmetic.
    ///
    /// # Errors
    /// When the query string is not valid.
    pub fn in_arithmetic(query: &str, arithmetic: Arithmetic) -> Result<Session, Error> {
        Session::build(Config::parse(query)?, Start::default(), arithmetic)
    }

    /// The same on the images of CIFAR-10's files, which have been checked, one behind the other as they are: as numbers they take
    /// eight times the room.
    ///
    /// # Errors
    /// When the query string is not valid or the images do not fit it.
    pub fn on_images(
        query: &str,
        files: Vec<u8>,
        arithmetic: Arithmetic,
    ) -> Result<Session, Error> {
        Session::build(Config::parse(query)?, Start::on_images(files), arithmetic)
    }

    /// Times steps by this clock (seconds).
    #[must_use]
    pub fn with_clock(mut self, clock: fn() -> f64) -> Session {
        self.clock = clock;
        self.course.ensemble.set_clock(clock);
        self
    }

    fn build(config: Config, start: Start, arithmetic: Arithmetic) -> Result<Session, Error> {
        config.here()?;
        let dataset = start.dataset(&config)?;
        config.fits_points(&dataset.training)?;
        let architecture = architecture::of_run(&config, &dataset);
        let ensemble =
            Ensemble::new(architecture.clone(), &dataset, config.batch).with_arithmetic(arithmetic);
        let members = start.members(&config, &architecture);
        let (count, step) = (members.len(), start.step());
        let seen = members.iter().map(|(_, state)| Seen::of(state)).collect();
        let course = Course::new(ensemble, step, members);
        let finest = if course.steps_are_small() {
            timeline::FINEST_OF_SMALL
        } else {
            timeline::FINEST
        };
        Ok(Session {
            scene: if config.data == DataSource::Points {
                scene_of_drawn(&config.points)
            } else {
                scene_of(&dataset)
            },
            evaluator: Evaluator::new(&architecture).with_arithmetic(arithmetic),
            course,
            seen,
            histories: vec![History::default(); count],
            timeline: Timeline::new(most_bytes(&architecture, count), finest),
            furthest: step,
            goal: step,
            ended: start.stopped().map(|why| (step, why.to_owned())),
            task_number: new_number(),
            course_number: new_number(),
            engine: EngineInfo {
                processor: Processor::Cpu,
                adapter: None,
                reason: "the lab trains on the CPU, in single precision with vector instructions"
                    .into(),
                seconds_per_step: None,
            },
            ghosts: (Vec::new(), 0),
            watch: Watch {
                fields: true,
                neurons: None,
            },
            playing: false,
            arithmetic,
            clock: || 0.0,
            config,
            start,
            dataset,
        })
    }

    /// Says who computes, and why.
    pub fn set_engine(&mut self, engine: EngineInfo) {
        self.engine = engine;
    }

    /// Who computes, and why.
    pub fn engine(&self) -> &EngineInfo {
        &self.engine
    }

    /// The arithmetic that the runs are computed in.
    pub fn arithmetic(&self) -> Arithmetic {
        self.arithmetic
    }

    /// The run.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Its data as drawn.
    pub fn scene(&self) -> &Scene {
        &self.scene
    }

    /// All records of one member up to the furthest step.
    pub fn records(&self, member: usize) -> &[Record] {
        self.histories[member].records()
    }

    /// Whether the run wants to be advanced.
    pub fn playing(&self) -> bool {
        self.playing
    }

    /// Where the run stands: steps made.
    pub fn step(&self) -> u64 {
        self.course.step()
    }

    /// The furthest step computed.
    pub fn furthest(&self) -> u64 {
        self.furthest
    }

    /// Keyframes of the timeline and their bytes; bounded as [`super::timeline`] says.
    pub fn timeline_size(&self) -> (usize, usize) {
        (self.timeline.len(), self.timeline.bytes())
    }

    /// Steps after which the run is done.
    pub fn total_steps(&self) -> u64 {
        self.config.epochs * self.course.ensemble.steps_per_epoch()
    }

    /// Whether no member trains any more.
    pub fn finished(&self) -> bool {
        let mut members = self.course.ensemble.members().iter();
        self.step() >= self.end() || members.all(|m| m.state.divergence.is_some())
    }

    /// The last step there is.
    fn end(&self) -> u64 {
        self.ended
            .as_ref()
            .map_or_else(|| self.total_steps(), |(step, _)| *step)
    }

    /// What is to be said about the points before anything is trained.
    pub fn remark(&self) -> Option<String> {
        if let Targets::Classes { labels, .. } = &self.dataset.training.targets
            && labels.windows(2).all(|two| two[0] == two[1])
        {
            let words = "There is only one class among the points: there is nothing to learn.";
            return Some(words.to_owned());
        }
        // Tables are brought to the size that initial weights expect, drawn points are where somebody has put them.
        if self.config.data != DataSource::Points {
            return None;
        }
        let far = self.largest_input().filter(|&(_, size)| size > FAR);
        far.map(|(name, size)| sentence::far(name, size))
    }

    /// What the first layer is given that is furthest from zero: its name, and how far it goes.
    fn largest_input(&self) -> Option<(&'static str, f64)> {
        let points = &self.dataset.training.inputs;
        let inputs = self.config.inputs(points.ncols()).ok()?;
        let names: Vec<&str> = inputs.features().map(|feature| feature.symbol).collect();
        let mut largest = None;
        for point in points.row_iter() {
            inputs.of_point(
                |k| point[k],
                |k, value| {
                    let size = value.abs();
                    if largest.is_none_or(|(_, most)| size > most) {
                        largest = Some((names[k], size));
                    }
                },
            );
        }
        largest
    }

    /// The events that tell a new onlooker everything.
    pub fn introduction(&self) -> Vec<Event> {
        let loaded = Event::Loaded {
            query: self.config.to_string(),
            scene: self.scene.clone(),
        };
        vec![loaded, Event::Playing(self.playing)]
    }

    /// Carries out a command.
    ///
    /// # Errors
    /// When it cannot be carried out; nothing has changed then.
    pub fn apply(&mut self, command: Command) -> Result<Vec<Event>, Error> {
        let events = self.begin(command)?;
        if self.goal > self.step() {
            self.pursue(self.goal, u64::MAX);
        }
        Ok(events)
    }

    /// Carries out a command but for the steps that it asks for: [`Session::pursue`] makes those up to
    /// [`Session::goal`].
    ///
    /// # Errors
    /// When it cannot be carried out; nothing has changed then.
    pub fn begin(&mut self, command: Command) -> Result<Vec<Event>, Error> {
        let was_playing = self.playing;
        // Who clears changes, or loads another run, knows what becomes of them.
        let keeps = !matches!(
            command,
            Command::ClearChanges | Command::Load { .. } | Command::LoadState { .. }
        );
        let changes = keeps.then(|| self.config.changes.clone());
        let goes_on = matches!(
            command,
            Command::Watch(_)
                | Command::State
                | Command::Origin
                | Command::Dissect(_)
                | Command::Step { .. }
                | Command::Epoch
                | Command::ForgetGhosts
        );
        if !goes_on {
            self.renew();
        }
        let mut events = match command {
            Command::Watch(watch) => {
                self.watch = watch;
                return Ok(Vec::new());
            }
            Command::State => {
                state::check_size(self.weights_and_moments(), self.dataset.numbers())?;
                return Ok(vec![Event::State(self.state())]);
            }
            Command::Origin => return Ok(vec![Event::Origin(self.start.origin(&self.config))]),
            Command::Dissect(cut) => {
                let dissection = at_once(self.dissect(cut, NEVER))?;
                return Ok(vec![Event::Dissected(Box::new(dissection))]);
            }
            Command::Step { steps } => {
                self.playing = false;
                self.goal = self.goal.max(self.step()).saturating_add(steps);
                Vec::new()
            }
            Command::Epoch => {
                self.playing = false;
                let from = self.goal.max(self.step());
                let per_epoch = self.course.ensemble.steps_per_epoch();
                self.goal = from.saturating_add(per_epoch - from % per_epoch);
                Vec::new()
            }
            Command::Load { query } => {
                self.restart(Config::parse(&query)?, Start::default())?;
                self.playing = false;
                let mut events = self.anew();
                events.extend(self.remark().map(Event::Notice));
                events
            }
            Command::LoadState { name, json } => {
                let file = StateFile::of_file(&name, &json)?;
                self.restart(file.config().clone(), Start::of(&file)?)?;
                self.playing = false;
                self.anew()
            }
            Command::Resume {
                origin,
                query,
                step,
            } => {
                let config = Config::parse(&query)?;
                let start = Start::of_origin(&origin, &config)?;
                self.restart(config, start)?;
                self.playing = false;
                self.seek(step);
                self.anew()
            }
            Command::LoadCsv {
                name,
                text,
                encoding,
                columns,
            } if WHOLE => self.load_csv(&name, &text, encoding, &columns)?,
            // What reads tables comes with the whole engine.
            Command::LoadCsv { .. } => return Err(Error::Elsewhere),
            Command::LoadImages { name, bytes, query } => {
                let asked = query.map(|query| Config::parse(&query)).transpose()?;
                self.load_images(&name, bytes.0, asked)?
            }
            Command::Play => {
                self.goal = self.step();
                if self.finished() {
                    self.seek(self.start.step());
                }
                self.playing = true;
                Vec::new()
            }
            Command::Pause => {
                self.hold();
                Vec::new()
            }
            Command::Seek { step } => {
                self.seek(step);
                self.playing = false;
                Vec::new()
            }
            Command::Reset => {
                self.seek(self.start.step());
                self.playing = false;
                Vec::new()
            }
            Command::NewSeed => self.new_seed()?,
            Command::Set { key, value } => self.set(&key, &value)?,
            Command::AddRun => self.copy_run(self.config.runs.len() - 1)?,
            Command::DuplicateRun { run } => self.copy_run(run)?,
            Command::RemoveRun { run } => self.remove_run(run)?,
            Command::ClearChanges => self.clear_changes()?,
            Command::BackAndHalve { run, steps } => self.back_and_halve(run, steps)?,
            Command::SwitchToProx { run } => self.switch_to_prox(run)?,
            Command::SetAll { settings } => self.set_all(&settings)?,
            Command::GoOn { run, settings } => self.go_on(run, &settings)?,
            Command::ForgetGhosts => self.forget_ghosts(),
        };
        self.tell_dropped(&changes.unwrap_or_default(), &mut events);
        if self.playing != was_playing && !events.iter().any(|e| matches!(e, Event::Playing(_))) {
            events.push(Event::Playing(self.playing));
        }
        Ok(events)
    }

    /// The state file of where the run stands, however large.
    pub fn state(&self) -> String {
        let members = self.course.ensemble.members().iter().map(|m| &m.state);
        let ended = self.ended.as_ref().filter(|(step, _)| *step <= self.step());
        let file = StateFile::of(&self.config, &self.dataset, members)
            .with_stop(ended.map(|(_, why)| why.clone()));
        file.to_json()
    }

    /// The commands that bring another session to the run of this one, or, where it `moves`, to where it stands.
    pub fn way_here(&self, moves: bool) -> Vec<Command> {
        let query = self.config.to_string();
        let first = match self.start.origin(&self.config) {
            Origin::Query => Command::Load { query },
            Origin::File(origin) => Command::Resume {
                origin,
                query,
                step: self.start.step(),
            },
            Origin::TooLarge => Command::LoadState {
                name: String::new(),
                json: self.state(),
            },
        };
        let mut commands = vec![Command::Watch(self.watch), first];
        if moves {
            let places = [self.furthest, self.step()];
            commands.extend(places.map(|step| Command::Seek { step }));
        }
        if self.playing {
            commands.push(Command::Play);
        }
        commands
    }

    /// How many numbers the members are where they stand.
    fn weights_and_moments(&self) -> usize {
        let members = self.course.ensemble.members().iter();
        members.map(|member| member.state.numbers()).sum()
    }

    /// Whether a tab has room for all of it twice, and three times for the members: for somebody else to train them, and for what
    /// goes there and back.
    pub fn may_be_sent(&self) -> bool {
        let ensemble = &self.course.ensemble;
        let points = [ensemble.training(), ensemble.validation()].map(|points| points.samples);
        let members = ensemble.members().iter();
        let mut learn = members.map(Member::settings);
        let bytes = memory::bytes(
            ensemble.architecture(),
            points,
            ensemble.batch_size(),
            &mut learn,
        );
        2.0 * bytes + 12.0 * self.weights_and_moments() as f64 <= MOST_SENT
    }

    /// Holds the run where it stands.
    pub fn hold(&mut self) {
        (self.goal, self.playing) = (self.step(), false);
    }

    /// What a run that has nothing to do with the one before has to say.
    fn anew(&mut self) -> Vec<Event> {
        let mut events = self.introduction();
        events.extend(self.forget_ghosts());
        events
    }
}

/// A number that no other call has given.
fn new_number() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}
