//! Who trains a map's cells: a pool of workers, each an instance of the same wasm on a core of its own, or one worker
//! that has the graphics device train them. Knows cells by their numbers, and nothing of how a map looks.
//!
//! Where the faster engine is wanted the pool begins at once; after its first cells a worker beside it measures the device
//! on the same map, and if that would have the whole map sooner than the pool the rest, it takes over from the beginning: no map is of two
//! engines, unless the device is lost on the way. What is decided holds for all maps of a kind.

use crate::engine::EngineChoice;
use crate::frame::map::{MapCell, MapFrame};
use crate::frame::{EngineInfo, EngineSeconds};
use crate::lab::engine::{instead_of_gpu, measured_on_cells, on_cpu, on_gpu};
use crate::lab::map::{AT_ONCE, Dealer, MapPlan};
use crate::web::dom;
use crate::web::page::page;
use crate::web::wire::link::{post, start};
use crate::web::wire::message::{Answer, Ask, Request};
use js_sys::Function;
use web_sys::Worker;

/// Most workers, however many cores there are: each is an instance with memory of its own.
const MOST: usize = 16;

/// What a crew's worker says.
pub(in crate::web) struct News {
    crew: u32,
    hand: u32,
    what: Result<Answer, String>,
}

/// Workers on one map, or waiting for one.
pub(super) struct Crew {
    /// Tells this crew's news from those of crews before.
    number: u32,
    hire: Function,
    /// Of the maps it trains.
    kind: String,
    choice: EngineChoice,
    /// Hands hired.
    hired: u32,
    /// `None` for those that have stopped.
    pool: Vec<Option<Hand>>,
    /// The worker with the graphics device, as long as it is of use.
    device: Option<Hand>,
    /// The device trains; otherwise it is at most measured.
    on_device: bool,
    /// Which engine trains the map begun last.
    engine: Option<EngineInfo>,
    /// Which engine trains maps of this kind, once that is known.
    decided: Option<EngineInfo>,
    task: Option<Task>,
    /// Maps begun.
    maps: u32,
}

/// A worker.
struct Hand {
    /// Tells its news from those of workers that have been dismissed.
    number: u32,
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
    /// How many it has.
    cells: usize,
}

/// What has come of a worker's news.
pub(super) enum Outcome {
    /// Nothing to be shown.
    Nothing,
    /// Cells are trained.
    Cells(Vec<(usize, MapCell)>),
    /// The other engine trains from now on: what is missing, or with `true` the map anew.
    Others(bool),
    /// No worker is left, for this reason.
    Lost(String),
}

impl Crew {
    /// Hires as many workers as the browser knows cores, or one for the graphics device, as the map wishes and as was
    /// decided before for maps of its kind.
    pub(super) fn new(
        number: u32,
        hire: &Function,
        plan: &MapPlan,
        decided: Option<EngineInfo>,
    ) -> Crew {
        let mut crew = Crew {
            number,
            hire: hire.clone(),
            kind: plan.kind(),
            choice: plan.engine(),
            hired: 0,
            pool: Vec::new(),
            device: None,
            on_device: false,
            engine: None,
            decided,
            task: None,
            maps: 0,
        };
        if crew.choice == EngineChoice::Cpu {
            crew.decided = Some(on_cpu("engine=cpu asks for the CPU"));
        }
        let on_device = match &crew.decided {
            Some(engine) => engine.name == "gpu",
            None => crew.choice == EngineChoice::Gpu,
        };
        if on_device {
            crew.device = Some(crew.hand());
        } else {
            crew.hire_pool();
        }
        crew
    }

    fn hand(&mut self) -> Hand {
        self.hired += 1;
        let (crew, hand) = (self.number, self.hired);
        let tell = move |what| {
            page::with(|page| page.cells(News { crew, hand, what }));
        };
        let hear = move |answer| tell(Ok(answer));
        let lost = move |why: &str| tell(Err(why.to_owned()));
        Hand {
            number: hand,
            worker: start(&self.hire, hear, lost),
            listens: false,
        }
    }

    fn hire_pool(&mut self) {
        self.pool = (0..cores()).map(|_| Some(self.hand())).collect();
    }

    fn dismiss_pool(&mut self) {
        for hand in self.pool.drain(..).flatten() {
            hand.worker.terminate();
        }
    }

    /// Whether it is for maps of this kind.
    pub(super) fn suits(&self, plan: &MapPlan) -> bool {
        self.kind == plan.kind()
    }

    /// What is decided for maps of its kind.
    pub(super) fn decided(&self) -> Option<(String, EngineInfo)> {
        Some((self.kind.clone(), self.decided.clone()?))
    }

    /// Whether the device will train what is begun next.
    pub(super) fn begins_on_device(&self) -> bool {
        self.device.is_some() && self.decided.as_ref().is_some_and(|e| e.name == "gpu")
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
        self.on_device = self.begins_on_device();
        if self.on_device {
            self.dismiss_pool();
        }
        self.engine.clone_from(&self.decided);
        let mut first = frame.grid.order();
        first.truncate(AT_ONCE);
        self.task = Some(Task {
            map: self.maps,
            query,
            dealer: if self.on_device {
                Dealer::at_once(frame)
            } else {
                Dealer::new(frame, self.pool.len())
            },
            first,
            cells: frame.grid.cells(),
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
        let is_it = |hand: &Option<Hand>| hand.as_ref().is_some_and(|h| h.number == news.hand);
        let in_pool = self.pool.iter().position(is_it);
        if in_pool.is_none() && !is_it(&self.device) {
            return Outcome::Nothing;
        }
        let outcome = match (in_pool, news.what) {
            (_, Ok(Answer::Started)) => {
                self.welcome(in_pool);
                Outcome::Nothing
            }
            (_, Ok(Answer::Cells { map, cells })) => match &mut self.task {
                Some(task) if task.map == map => {
                    for (cell, _) in &cells {
                        task.dealer.settle(in_pool.unwrap_or(0), *cell);
                    }
                    // The first picture comes before the question who is faster.
                    let done = task.dealer.is_done();
                    if !done && self.decided.is_none() && self.device.is_none() {
                        self.device = Some(self.hand());
                    }
                    Outcome::Cells(cells)
                }
                _ => Outcome::Nothing,
            },
            (_, Ok(Answer::Raced(Ok((adapter, seconds))))) => self.decide(&adapter, seconds),
            (_, Ok(Answer::Raced(Err(why)) | Answer::Refused(why))) => self.without_device(&why),
            (_, Ok(_)) => Outcome::Nothing,
            (None, Err(why)) => self.without_device(&format!(
                "the worker that has it trained has stopped: {why}"
            )),
            (Some(worker), Err(why)) => self.lose(worker, why),
        };
        self.deal();
        outcome
    }

    /// A worker of the pool, or the one with the device, listens from now on.
    fn welcome(&mut self, in_pool: Option<usize>) {
        let hand = match in_pool {
            Some(worker) => self.pool[worker].as_mut(),
            None => self.device.as_mut(),
        };
        let Some(hand) = hand else { return };
        hand.listens = true;
        if let (None, None, Some(task)) = (in_pool, &self.decided, &self.task) {
            let (query, cells) = (task.query.clone(), task.first.clone());
            let ask = Ask::Race { query, cells };
            post(&hand.worker, &Request { id: 0, ask });
        }
    }

    /// Both engines are measured.
    fn decide(&mut self, adapter: &str, seconds: EngineSeconds) -> Outcome {
        let mut engine = measured_on_cells(adapter, seconds, cores());
        if self.choice == EngineChoice::Gpu {
            engine = EngineInfo {
                seconds_per_step: engine.seconds_per_step,
                ..on_gpu(adapter)
            };
        }
        self.decided = Some(engine.clone());
        if engine.name == "cpu" {
            self.engine = Some(engine);
            self.dismiss_device();
            return Outcome::Nothing;
        }
        let pool = !self.pool.is_empty();
        let (left, all) = self
            .task
            .as_ref()
            .map_or((0, 0), |task| (task.dealer.left(), task.cells));
        let sooner = seconds.gpu * all as f64 <= seconds.cpu / cores() as f64 * left as f64;
        if pool && !sooner {
            let mostly = "Most cells were trained by the CPU before the graphics device, which is faster, was measured";
            self.engine = Some(on_cpu(mostly));
            return Outcome::Nothing;
        }
        self.task = None;
        Outcome::Others(pool)
    }

    /// The device cannot train, or can no longer: the pool does what is left.
    fn without_device(&mut self, why: &str) -> Outcome {
        self.dismiss_device();
        let engine = match self.choice {
            EngineChoice::Gpu => instead_of_gpu(why),
            _ => on_cpu(&format!("The CPU trains: {why}")),
        };
        self.decided = Some(engine.clone());
        self.engine = Some(engine);
        if !self.pool.is_empty() {
            return Outcome::Nothing;
        }
        self.hire_pool();
        self.task = None;
        Outcome::Others(false)
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
