//! Who trains the cells of a system's map: workers of their own, one per core, that get them in portions. Knows cells by their numbers.

use super::message::{Answer, Ask, Request};
use crate::frame::map::{MapCell, MapFrame};
use crate::lab::map::Dealer;
use crate::web::views::map::pool::cores;
use crate::web::wire::line::{WORKERS, post, start};
use js_sys::Function;
use web_sys::Worker;

/// What a worker has said, or why it has stopped, with the number of the crew and its own.
pub(super) type Hear = fn(u32, usize, Result<Answer, String>);

/// The workers on one map.
pub(super) struct Crew {
    /// Tells its news from those of crews before.
    pub(super) number: u32,
    query: String,
    dealer: Dealer,
    workers: Vec<Option<Hired>>,
}

struct Hired {
    worker: Worker,
    listens: bool,
}

impl Crew {
    /// Hires them for the cells of a map that are not known.
    pub(super) fn new(
        number: u32,
        hire: &Function,
        hear: Hear,
        query: String,
        frame: &MapFrame,
    ) -> Crew {
        let worker = |place: usize| {
            let said = move |answer| hear(number, place, Ok(answer));
            let lost = move |why: &str| hear(number, place, Err(why.to_owned()));
            Some(Hired {
                worker: start(hire, said, lost).expect(WORKERS),
                listens: false,
            })
        };
        let workers: Vec<_> = (0..cores()).map(worker).collect();
        Crew {
            number,
            query,
            dealer: Dealer::new(frame, workers.len()),
            workers,
        }
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.workers.iter().flatten().count()
    }

    /// One of them has trained a cell, or listens; the cell.
    pub(super) fn hear(&mut self, place: usize, answer: Answer) -> Option<(usize, MapCell)> {
        let mut cell = None;
        match answer {
            Answer::Started => {
                if let Some(hired) = &mut self.workers[place] {
                    hired.listens = true;
                }
            }
            Answer::Cell(number, trained) => {
                self.dealer.settle(place, number);
                cell = Some((number, trained));
            }
            _ => {}
        }
        self.deal();
        cell
    }

    /// One of them has stopped; whether any is left.
    pub(super) fn lose(&mut self, place: usize) -> bool {
        if let Some(hired) = self.workers[place].take() {
            hired.worker.terminate();
        }
        self.dealer.lose(place);
        self.deal();
        self.count() > 0
    }

    fn deal(&mut self) {
        for (place, hired) in self.workers.iter().enumerate() {
            let Some(hired) = hired.as_ref().filter(|hired| hired.listens) else {
                continue;
            };
            let cells = self.dealer.deal(place);
            if !cells.is_empty() {
                let query = self.query.clone();
                let ask = Ask::Cells(query, cells);
                post(&hired.worker, &Request { id: 0, ask });
            }
        }
    }
}

impl Drop for Crew {
    fn drop(&mut self) {
        for hired in self.workers.iter().flatten() {
            hired.worker.terminate();
        }
    }
}
