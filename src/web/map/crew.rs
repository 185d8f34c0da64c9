//! Who trains a map's cells: a pool of workers, each an instance of the same wasm on a core of its own. Knows cells by
//! their numbers, and nothing of how a map looks.
//!
//! What trains is behind two messages: [`Ask::Cells`] with a query string and cells, [`Answer::Cells`] with how they
//! ended, in any order and any portions. An engine that trains all cells at once is a crew of one.

use crate::frame::map::{MapCell, MapFrame};
use crate::lab::map::Dealer;
use crate::web::link::{post, start};
use crate::web::message::{Answer, Ask, Request};
use crate::web::{dom, page};
use js_sys::Function;
use web_sys::Worker;

/// Most workers, however many cores there are: each is an instance with memory of its own.
const MOST: usize = 16;

/// What a crew's worker says.
pub(in crate::web) struct News {
    crew: u32,
    worker: usize,
    what: Result<Answer, String>,
}

/// Workers on one map, or waiting for one.
pub(super) struct Crew {
    /// Tells this crew's news from those of crews before.
    number: u32,
    /// `None` for those that have stopped, with whether the others listen.
    workers: Vec<Option<(Worker, bool)>>,
    task: Option<Task>,
    /// Maps begun.
    maps: u32,
}

/// The map they are on.
struct Task {
    map: u32,
    query: String,
    dealer: Dealer,
}

/// What has come of a worker's news.
pub(super) enum Outcome {
    /// Nothing to be shown.
    Nothing,
    /// Cells are trained.
    Cells(Vec<(usize, MapCell)>),
    /// No worker is left, for this reason.
    Lost(String),
}

impl Crew {
    /// Hires as many workers as the browser knows cores.
    pub(super) fn new(number: u32, hire: &Function) -> Crew {
        let cores = dom::window().navigator().hardware_concurrency();
        let workers = (0..(cores as usize).clamp(1, MOST)).map(|worker| {
            let tell = move |what| {
                let news = News {
                    crew: number,
                    worker,
                    what,
                };
                page::with(|page| page.cells(news));
            };
            let hear = move |answer| tell(Ok(answer));
            let lost = move |why: &str| tell(Err(why.to_owned()));
            Some((start(hire, hear, lost), false))
        });
        Crew {
            number,
            workers: workers.collect(),
            task: None,
            maps: 0,
        }
    }

    /// How many work.
    pub(super) fn size(&self) -> usize {
        self.workers.iter().flatten().count()
    }

    /// Its number.
    pub(super) fn number(&self) -> u32 {
        self.number
    }

    /// Trains the cells of a map that are not yet known; a map begun before is left.
    pub(super) fn begin(&mut self, query: String, frame: &MapFrame) {
        self.maps += 1;
        self.task = Some(Task {
            map: self.maps,
            query,
            dealer: Dealer::new(frame, self.workers.len()),
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
        let outcome = match news.what {
            Ok(Answer::Started) => {
                if let Some((_, listens)) = &mut self.workers[news.worker] {
                    *listens = true;
                }
                Outcome::Nothing
            }
            Ok(Answer::Cells { map, cells }) => match &mut self.task {
                Some(task) if task.map == map => {
                    for (cell, _) in &cells {
                        task.dealer.settle(news.worker, *cell);
                    }
                    Outcome::Cells(cells)
                }
                _ => Outcome::Nothing,
            },
            Ok(_) => Outcome::Nothing,
            Err(why) => {
                if let Some((worker, _)) = self.workers[news.worker].take() {
                    worker.terminate();
                }
                if let Some(task) = &mut self.task {
                    task.dealer.lose(news.worker);
                }
                if self.size() == 0 {
                    Outcome::Lost(why)
                } else {
                    Outcome::Nothing
                }
            }
        };
        self.deal();
        outcome
    }

    /// Gives work to those who listen and have little left.
    fn deal(&mut self) {
        let Some(task) = &mut self.task else { return };
        for (number, worker) in self.workers.iter().enumerate() {
            let Some((worker, true)) = worker else {
                continue;
            };
            let cells = task.dealer.deal(number);
            if !cells.is_empty() {
                let (map, query) = (task.map, task.query.clone());
                let ask = Ask::Cells { map, query, cells };
                post(worker, &Request { id: 0, ask });
            }
        }
    }
}

impl Drop for Crew {
    fn drop(&mut self) {
        for (worker, _) in self.workers.iter().flatten() {
            worker.terminate();
        }
    }
}
