//! Who trains a map's cells: a pool of workers, each an instance of the same wasm on a core of its own, or one worker
//! that has the graphics device train them. Knows cells by their numbers, and nothing of how a map looks.
//!
//! Where the faster engine is wanted the pool begins at once; a worker beside it measures the device on the same cells,
//! and if that is faster than the whole pool, it takes over the map from the beginning: no map is of two engines, unless
//! the device is lost on the way.

use crate::engine::EngineChoice;
use crate::frame::map::{MapCell, MapFrame};
use crate::frame::{EngineInfo, EngineSeconds};
use crate::lab::engine::{instead_of_gpu, measured_on_cells, on_cpu, on_gpu};
use crate::lab::map::{Dealer, MapPlan};
use crate::steps::Rule;
use crate::web::link::{post, start};
use crate::web::message::{Answer, Ask, Request};
use crate::web::{dom, page};
use js_sys::Function;
use web_sys::Worker;

/// Most workers, however many cores there are: each is an instance with memory of its own.
const MOST: usize = 16;
/// Most cells that the device is measured on.
const RACED: usize = 1024;

/// What a crew's worker says.
pub(in crate::web) struct News {
    crew: u32,
    who: Who,
    what: Result<Answer, String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Who {
    /// One of the pool.
    Core(usize),
    /// The one with the graphics device.
    Device,
}

/// What decides who trains.
#[derive(Clone, PartialEq)]
pub(super) struct Wish {
    engine: EngineChoice,
    rules: Vec<Rule>,
}

impl Wish {
    /// What a map wishes for.
    pub(super) fn of(plan: &MapPlan) -> Wish {
        Wish {
            engine: plan.engine(),
            rules: plan.rules(),
        }
    }
}

/// Workers on one map, or waiting for one.
pub(super) struct Crew {
    /// Tells this crew's news from those of crews before.
    number: u32,
    hire: Function,
    wish: Wish,
    /// `None` for those that have stopped.
    pool: Vec<Option<Hand>>,
    /// The worker with the graphics device, as long as it is of use.
    device: Option<Hand>,
    /// The device trains; otherwise it is at most measured.
    on_device: bool,
    engine: Option<EngineInfo>,
    task: Option<Task>,
    /// Maps begun.
    maps: u32,
}

/// A worker.
struct Hand {
    worker: Worker,
    listens: bool,
}

/// The map they are on.
struct Task {
    map: u32,
    query: String,
    dealer: Dealer,
    /// Its first cells.
    first: Vec<usize>,
}

/// What has come of a worker's news.
pub(super) enum Outcome {
    /// Nothing to be shown.
    Nothing,
    /// Cells are trained.
    Cells(Vec<(usize, MapCell)>),
    /// Others train from now on: the map has to be begun anew, or with `true` the cells that are missing.
    Others(bool),
    /// No worker is left, for this reason.
    Lost(String),
}

impl Crew {
    /// Hires as many workers as the browser knows cores, or one for the graphics device, or all of them, as the map
    /// wishes.
    pub(super) fn new(number: u32, hire: &Function, wish: Wish) -> Crew {
        let mut crew = Crew {
            number,
            hire: hire.clone(),
            pool: Vec::new(),
            device: None,
            on_device: false,
            engine: None,
            task: None,
            maps: 0,
            wish,
        };
        match crew.wish.engine {
            EngineChoice::Cpu => crew.use_pool(on_cpu("engine=cpu asks for the CPU")),
            EngineChoice::Gpu => crew.device = Some(crew.hand(Who::Device)),
            EngineChoice::Auto => {
                crew.hire_pool();
                crew.device = Some(crew.hand(Who::Device));
            }
        }
        crew
    }

    fn hand(&self, who: Who) -> Hand {
        let crew = self.number;
        let tell = move |what| {
            page::with(|page| page.cells(News { crew, who, what }));
        };
        let hear = move |answer| tell(Ok(answer));
        let lost = move |why: &str| tell(Err(why.to_owned()));
        Hand {
            worker: start(&self.hire, hear, lost),
            listens: false,
        }
    }

    fn hire_pool(&mut self) {
        self.pool = (0..cores())
            .map(|i| Some(self.hand(Who::Core(i))))
            .collect();
    }

    /// Whether it is as a map wishes.
    pub(super) fn suits(&self, wish: &Wish) -> bool {
        self.wish == *wish
    }

    /// Who trains, in a word or two.
    pub(super) fn badge(&self) -> String {
        match (&self.engine, self.pool.iter().flatten().count()) {
            (Some(EngineInfo { adapter, .. }), _) if self.on_device => {
                format!("GPU · {}", adapter.as_deref().unwrap_or_default())
            }
            (_, 0) => "GPU · asked for".to_owned(),
            (_, 1) => "CPU · 1 worker".to_owned(),
            (_, workers) => format!("CPU · {workers} workers"),
        }
    }

    /// Which engine trains and why, once that is known.
    pub(super) fn engine(&self) -> Option<&EngineInfo> {
        self.engine.as_ref()
    }

    /// Its number.
    pub(super) fn number(&self) -> u32 {
        self.number
    }

    /// Trains the cells of a map that are not yet known; a map begun before is left.
    pub(super) fn begin(&mut self, query: String, frame: &MapFrame) {
        self.maps += 1;
        let mut first = frame.grid.order();
        first.truncate(RACED);
        self.task = Some(Task {
            map: self.maps,
            query,
            dealer: if self.on_device {
                Dealer::at_once(frame)
            } else {
                Dealer::new(frame, self.pool.len())
            },
            first,
        });
        self.deal();
    }

    /// Whether there is nothing to do.
    pub(super) fn is_idle(&self) -> bool {
        self.task.as_ref().is_none_or(|task| task.dealer.is_done())
    }

    /// Takes note of what a worker says.
    pub(super) fn hear(&mut self, news: News) -> Outcome {
        if news.crew != self.number {
            return Outcome::Nothing;
        }
        let outcome = match (news.who, news.what) {
            (who, Ok(Answer::Started)) => {
                self.welcome(who);
                Outcome::Nothing
            }
            (who, Ok(Answer::Cells { map, cells })) => match &mut self.task {
                Some(task) if task.map == map => {
                    let hand = match who {
                        Who::Core(i) => i,
                        Who::Device => 0,
                    };
                    for (cell, _) in &cells {
                        task.dealer.settle(hand, *cell);
                    }
                    Outcome::Cells(cells)
                }
                _ => Outcome::Nothing,
            },
            (_, Ok(Answer::Raced(Ok((adapter, seconds))))) => self.decide(&adapter, seconds),
            (_, Ok(Answer::Raced(Err(why)) | Answer::Refused(why))) => self.without_device(&why),
            (_, Ok(_)) => Outcome::Nothing,
            (Who::Device, Err(why)) => self.without_device(&format!(
                "the worker that has it trained has stopped: {why}"
            )),
            (Who::Core(i), Err(why)) => self.lose(i, why),
        };
        self.deal();
        outcome
    }

    /// A worker listens from now on.
    fn welcome(&mut self, who: Who) {
        let hand = match who {
            Who::Core(i) => self.pool[i].as_mut(),
            Who::Device => self.device.as_mut(),
        };
        let Some(hand) = hand else { return };
        hand.listens = true;
        if let (Who::Device, Some(task)) = (who, &self.task) {
            let (query, cells) = (task.query.clone(), task.first.clone());
            let ask = Ask::Race { query, cells };
            post(&hand.worker, &Request { id: 0, ask });
        }
    }

    /// Both engines are measured.
    fn decide(&mut self, adapter: &str, seconds: EngineSeconds) -> Outcome {
        let mut engine = measured_on_cells(adapter, seconds, cores());
        if self.wish.engine == EngineChoice::Gpu {
            engine = EngineInfo {
                seconds_per_step: engine.seconds_per_step,
                ..on_gpu(adapter)
            };
        }
        self.on_device = engine.name == "gpu";
        self.engine = Some(engine);
        if !self.on_device {
            self.dismiss_device();
            return Outcome::Nothing;
        }
        for hand in self.pool.drain(..).flatten() {
            hand.worker.terminate();
        }
        // What was dealt is in nobody's hands; where all is done already, the next map is the device's.
        let done = self.is_idle();
        self.task = None;
        if done {
            return Outcome::Nothing;
        }
        Outcome::Others(false)
    }

    /// The device cannot train, or can no longer: the pool does what is left.
    fn without_device(&mut self, why: &str) -> Outcome {
        let trained = self.on_device;
        self.dismiss_device();
        let engine = match self.wish.engine {
            EngineChoice::Gpu => instead_of_gpu(why),
            _ => on_cpu(&format!("The CPU trains: {why}")),
        };
        if self.pool.is_empty() {
            self.use_pool(engine);
            self.task = None;
            return Outcome::Others(trained);
        }
        self.engine = Some(engine);
        Outcome::Nothing
    }

    fn use_pool(&mut self, engine: EngineInfo) {
        self.hire_pool();
        self.engine = Some(engine);
    }

    fn dismiss_device(&mut self) {
        self.on_device = false;
        if let Some(hand) = self.device.take() {
            hand.worker.terminate();
        }
    }

    /// One of the pool has stopped.
    fn lose(&mut self, worker: usize, why: String) -> Outcome {
        if let Some(hand) = self.pool[worker].take() {
            hand.worker.terminate();
        }
        if let Some(task) = &mut self.task {
            task.dealer.lose(worker);
        }
        if self.pool.iter().flatten().next().is_none() {
            Outcome::Lost(why)
        } else {
            Outcome::Nothing
        }
    }

    /// Gives work to those who listen and have little left.
    fn deal(&mut self) {
        let Some(task) = &mut self.task else { return };
        let on_gpu = self.on_device;
        let hands: Vec<(usize, &Hand)> = if on_gpu {
            self.device.iter().map(|hand| (0, hand)).collect()
        } else {
            let pool = self.pool.iter().enumerate();
            pool.filter_map(|(i, hand)| Some((i, hand.as_ref()?)))
                .collect()
        };
        for (number, hand) in hands.into_iter().filter(|(_, hand)| hand.listens) {
            let cells = task.dealer.deal(number);
            if !cells.is_empty() {
                let (map, query) = (task.map, task.query.clone());
                let ask = Ask::Cells {
                    map,
                    query,
                    cells,
                    on_gpu,
                };
                post(&hand.worker, &Request { id: 0, ask });
            }
        }
    }
}

impl Drop for Crew {
    fn drop(&mut self) {
        for hand in self.pool.iter().flatten().chain(&self.device) {
            hand.worker.terminate();
        }
    }
}

/// How many workers a pool has.
fn cores() -> usize {
    let cores = dom::window().navigator().hardware_concurrency();
    (cores as usize).clamp(1, MOST)
}
