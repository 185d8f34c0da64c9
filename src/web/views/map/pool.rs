//! Who trains a map's cells: a pool of workers, each an instance of the same wasm on a core of its own, or one worker
//! that has the graphics device train them. Knows cells by their numbers, and nothing of how a map looks.
//!
//! Where the faster engine is wanted the cores begin at once; after their first cells a worker beside them measures the
//! device on the same map, and if that would have the whole map sooner than they the rest, it takes over from the beginning:
//! no map is of two engines, unless the device is lost on the way. What is decided holds for all maps of a kind.

use crate::engine::EngineChoice;
use crate::frame::map::{MapCell, MapFrame};
use crate::frame::{EngineInfo, EngineSeconds, Processor};
use crate::lab::engine::{instead_of_gpu, measured_on_cells, on_cpu, on_gpu};
use crate::lab::map::{AT_ONCE, Dealer, Kind, MapPlan};
use crate::web::dom;
use crate::web::wire::line::{WORKERS, post, start};
use crate::web::wire::message::{Answer, Ask, Request};
use js_sys::Function;
use web_sys::Worker;

/// Most workers, however many cores there are: each is an instance with memory of its own.
const MOST: usize = 16;

/// Milliseconds that a pool without work waits for more.
const REST: i32 = 3000;
/// The same with a graphics device: a browser may take long to give another.
const REST_OF_DEVICE: i32 = 60_000;

/// Milliseconds between two looks whether any worker has said anything, after which that of a graphics device is waited for aloud.
const PATIENCE: i32 = 5000;
/// So many such looks are a minute, after which nobody is waited for.
const MOST_LOOKS: u32 = 12;

/// What a pool is to hear, now that it has happened.
pub(in crate::web) struct News {
    pool: u32,
    what: What,
}

enum What {
    /// A worker says this, or has stopped for this reason.
    Said(u32, Result<Answer, String>),
    /// So many maps were begun, and the last was finished or left a while ago.
    Rested(u32),
    /// It is time to see whether anybody has said anything of this map since so much was.
    Checked(u32, u32),
}

/// Workers on one map, or waiting for one.
pub(super) struct Pool {
    /// Tells this pool's news from those of pools before.
    number: u32,
    hire: Function,
    /// Brings the news back here.
    tell: fn(News),
    /// Of the maps it trains.
    kind: Kind,
    choice: EngineChoice,
    /// Workers hired.
    hired: u32,
    /// Those that train by themselves; `None` for those that have stopped.
    cores: Vec<Option<Hired>>,
    /// The worker with the graphics device, as long as it is of use.
    device: Option<Hired>,
    /// The device trains; otherwise it is at most measured.
    on_device: bool,
    /// It did, until it was lost.
    lost: bool,
    /// Which engine trains the map begun last.
    engine: Option<EngineInfo>,
    /// Which engine trains maps of this kind, once that is known.
    decided: Option<EngineInfo>,
    begun: Option<Begun>,
    /// Maps begun.
    maps: u32,
    /// How much the workers have said, and how many looks have found no more.
    heard: u32,
    silent: u32,
}

/// A worker.
struct Hired {
    /// Tells its news from those of workers that have been dismissed.
    number: u32,
    worker: Worker,
    listens: bool,
}

/// The map they are on.
struct Begun {
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
    /// The graphics device has not answered for a moment.
    Waiting,
    /// Nobody has said anything for long.
    Silent,
    /// There has been no work for long enough.
    Rested,
}

impl Pool {
    /// Hires as many workers as the browser knows cores, or one for the graphics device, as the map wishes and as was
    /// decided before for maps of its kind.
    pub(super) fn new(
        number: u32,
        hire: &Function,
        tell: fn(News),
        plan: &MapPlan,
        decided: Option<EngineInfo>,
    ) -> Pool {
        let mut pool = Pool {
            number,
            hire: hire.clone(),
            tell,
            kind: plan.kind(),
            choice: plan.engine(),
            hired: 0,
            cores: Vec::new(),
            device: None,
            on_device: false,
            lost: false,
            engine: None,
            decided,
            begun: None,
            maps: 0,
            heard: 0,
            silent: 0,
        };
        if pool.choice == EngineChoice::Cpu {
            pool.decided = Some(on_cpu("engine=cpu asks for the CPU"));
        }
        let on_device = match &pool.decided {
            Some(engine) => engine.processor == Processor::Gpu,
            None => pool.choice == EngineChoice::Gpu,
        };
        if on_device {
            pool.device = Some(pool.another());
        } else {
            pool.hire_cores();
        }
        pool
    }

    /// Another worker.
    fn another(&mut self) -> Hired {
        self.hired += 1;
        let (pool, number, tell) = (self.number, self.hired, self.tell);
        let said = move |what| {
            let what = What::Said(number, what);
            tell(News { pool, what });
        };
        let hear = move |answer| said(Ok(answer));
        let lost = move |why: &str| said(Err(why.to_owned()));
        Hired {
            number,
            worker: start(&self.hire, hear, lost).expect(WORKERS),
            listens: false,
        }
    }

    fn hire_cores(&mut self) {
        self.cores = (0..cores()).map(|_| Some(self.another())).collect();
    }

    fn dismiss_cores(&mut self) {
        for hired in self.cores.drain(..).flatten() {
            hired.worker.terminate();
        }
    }

    /// Whether it is for maps of this kind.
    pub(super) fn suits(&self, plan: &MapPlan) -> bool {
        self.kind == plan.kind()
    }

    /// What is decided for maps of its kind. Who asks for the device by name is given the next one where it was lost.
    pub(super) fn decided(&self) -> Option<(Kind, EngineInfo)> {
        if self.lost && self.choice == EngineChoice::Gpu {
            return None;
        }
        Some((self.kind.clone(), self.decided.clone()?))
    }

    /// Whether the device will train what is begun next.
    pub(super) fn begins_on_device(&self) -> bool {
        self.device.is_some()
            && self
                .decided
                .as_ref()
                .is_some_and(|e| e.processor == Processor::Gpu)
    }

    /// Who trains, in a word or two.
    pub(super) fn badge(&self) -> String {
        match (&self.engine, self.cores.iter().flatten().count()) {
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

    /// Trains the cells of a map that are not yet known; a map begun before is left.
    pub(super) fn begin(&mut self, query: String, frame: &MapFrame) {
        self.maps += 1;
        self.on_device = self.begins_on_device();
        if self.on_device {
            self.dismiss_cores();
        }
        self.engine.clone_from(&self.decided);
        let mut first = frame.grid.order();
        first.truncate(AT_ONCE);
        self.begun = Some(Begun {
            map: self.maps,
            query,
            dealer: if self.on_device {
                Dealer::at_once(frame)
            } else {
                Dealer::new(frame, self.cores.len())
            },
            first,
            cells: frame.grid.cells(),
        });
        self.deal();
        self.silent = 0;
        self.check_later();
    }

    fn check_later(&self) {
        let (pool, tell) = (self.number, self.tell);
        let what = What::Checked(self.maps, self.heard);
        dom::later(PATIENCE, move || tell(News { pool, what }));
    }

    /// Looks whether anybody has said anything since so much was.
    fn check(&mut self, heard: u32) -> Outcome {
        self.check_later();
        if heard != self.heard {
            self.silent = 0;
            return Outcome::Nothing;
        }
        self.silent += 1;
        match (self.silent, self.cores.is_empty()) {
            (1, true) => Outcome::Waiting,
            (MOST_LOOKS, true) => {
                self.without_device("the graphics device has not answered for a minute")
            }
            (MOST_LOOKS, false) => Outcome::Silent,
            _ => Outcome::Nothing,
        }
    }

    /// Whether a graphics device is asked for that is needed to begin.
    pub(super) fn awaits_device(&self) -> bool {
        self.cores.is_empty() && self.decided.is_none()
    }

    /// Leaves the map; whether the pool is worth keeping for the next, which is so with a graphics device.
    pub(super) fn leave(&mut self) -> bool {
        if !self.cores.is_empty() {
            return false;
        }
        let begun = self.begun.take();
        if let (Some(hired), Some(Begun { query, .. })) = (&self.device, begun) {
            self.maps += 1;
            let (map, cells) = (self.maps, Vec::new());
            let ask = Ask::Cells {
                map,
                query,
                cells,
                on_gpu: true,
            };
            if self.on_device {
                post(&hired.worker, &Request { id: 0, ask });
            }
            self.rest();
        }
        self.device.is_some()
    }

    fn rest(&self) {
        let (pool, tell, maps) = (self.number, self.tell, self.maps);
        let what = What::Rested(maps);
        let wait = if self.cores.is_empty() {
            REST_OF_DEVICE
        } else {
            REST
        };
        dom::later(wait, move || tell(News { pool, what }));
    }

    /// Whether there is nothing to do.
    pub(super) fn is_idle(&self) -> bool {
        self.begun
            .as_ref()
            .is_none_or(|begun| begun.dealer.is_done())
    }

    /// Takes note of what has happened.
    pub(super) fn hear(&mut self, news: News) -> Outcome {
        if news.pool != self.number {
            return Outcome::Nothing;
        }
        match news.what {
            What::Said(worker, what) => {
                self.heard += 1;
                self.listen(worker, what)
            }
            What::Checked(maps, heard) if maps == self.maps && !self.is_idle() => self.check(heard),
            What::Rested(maps) if maps == self.maps && self.is_idle() => Outcome::Rested,
            // It works again, or has since; the map is done, or another one is begun.
            What::Checked(..) | What::Rested(_) => Outcome::Nothing,
        }
    }

    fn listen(&mut self, worker: u32, what: Result<Answer, String>) -> Outcome {
        let is_it = |hired: &Option<Hired>| hired.as_ref().is_some_and(|h| h.number == worker);
        let core = self.cores.iter().position(is_it);
        if core.is_none() && !is_it(&self.device) {
            return Outcome::Nothing;
        }
        let outcome = match (core, what) {
            (_, Ok(Answer::Started)) => {
                self.welcome(core);
                Outcome::Nothing
            }
            (_, Ok(Answer::Cells { map, cells })) => match &mut self.begun {
                Some(begun) if begun.map == map => {
                    for (cell, _) in &cells {
                        begun.dealer.settle(core.unwrap_or(0), *cell);
                    }
                    // The first picture comes before the question who is faster.
                    let done = begun.dealer.is_done();
                    if !done && self.decided.is_none() && self.device.is_none() {
                        self.device = Some(self.another());
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
            (Some(core), Err(why)) => self.lose(core, why),
        };
        self.deal();
        if matches!(outcome, Outcome::Cells(_)) && self.is_idle() {
            self.rest();
        }
        outcome
    }

    /// The worker on a core, or the one with the device, listens from now on.
    fn welcome(&mut self, core: Option<usize>) {
        let hired = match core {
            Some(core) => self.cores[core].as_mut(),
            None => self.device.as_mut(),
        };
        let Some(hired) = hired else { return };
        hired.listens = true;
        if let (None, None, Some(begun)) = (core, &self.decided, &self.begun) {
            let (query, cells) = (begun.query.clone(), begun.first.clone());
            let ask = Ask::Race { query, cells };
            post(&hired.worker, &Request { id: 0, ask });
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
        if engine.processor == Processor::Cpu {
            self.engine = Some(engine);
            self.dismiss_device();
            return Outcome::Nothing;
        }
        let anew = !self.cores.is_empty();
        let (left, all) = self
            .begun
            .as_ref()
            .map_or((0, 0), |begun| (begun.dealer.left(), begun.cells));
        let sooner = seconds.gpu * all as f64 <= seconds.cpu / cores() as f64 * left as f64;
        if anew && !sooner {
            let mostly = "Most cells were trained by the CPU before the graphics device, which is faster, was measured";
            self.engine = Some(on_cpu(mostly));
            return Outcome::Nothing;
        }
        self.begun = None;
        Outcome::Others(anew)
    }

    /// The device cannot train, or can no longer: the cores do what is left.
    fn without_device(&mut self, why: &str) -> Outcome {
        self.lost = self.on_device;
        self.dismiss_device();
        let engine = match self.choice {
            EngineChoice::Gpu => instead_of_gpu(why),
            _ => on_cpu(&format!("The CPU trains: {why}")),
        };
        self.decided = Some(engine.clone());
        self.engine = Some(engine);
        if !self.cores.is_empty() {
            return Outcome::Nothing;
        }
        if self.begun.is_none() {
            return Outcome::Rested;
        }
        self.hire_cores();
        (self.begun, self.silent) = (None, 0);
        Outcome::Others(false)
    }

    fn dismiss_device(&mut self) {
        self.on_device = false;
        if let Some(hired) = self.device.take() {
            hired.worker.terminate();
        }
    }

    /// The worker on a core has stopped.
    fn lose(&mut self, core: usize, why: String) -> Outcome {
        if let Some(hired) = self.cores[core].take() {
            hired.worker.terminate();
        }
        if let Some(begun) = &mut self.begun {
            begun.dealer.lose(core);
        }
        if self.cores.iter().flatten().next().is_none() {
            Outcome::Lost(why)
        } else {
            Outcome::Nothing
        }
    }

    /// Gives work to those who listen and have little left.
    fn deal(&mut self) {
        let Some(begun) = &mut self.begun else { return };
        let on_gpu = self.on_device;
        let all: Vec<(usize, &Hired)> = if on_gpu {
            self.device.iter().map(|hired| (0, hired)).collect()
        } else {
            let cores = self.cores.iter().enumerate();
            cores
                .filter_map(|(i, hired)| Some((i, hired.as_ref()?)))
                .collect()
        };
        for (number, hired) in all.into_iter().filter(|(_, hired)| hired.listens) {
            let cells = begun.dealer.deal(number);
            if !cells.is_empty() {
                let (map, query) = (begun.map, begun.query.clone());
                let ask = Ask::Cells {
                    map,
                    query,
                    cells,
                    on_gpu,
                };
                post(&hired.worker, &Request { id: 0, ask });
            }
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        for hired in self.cores.iter().flatten().chain(&self.device) {
            hired.worker.terminate();
        }
    }
}

/// How many cores there are to train on.
pub(in crate::web) fn cores() -> usize {
    let cores = dom::window().navigator().hardware_concurrency();
    (cores as usize).clamp(1, MOST)
}
