//! A worker's part of a step-size map: trains the cells it is dealt and posts how they ended. Knows no view.

use std::cell::RefCell;

use crate::Error;
use crate::frame::map::MapCell;
use crate::lab::config::Config;
use crate::lab::map::{MapPlan, Work};
use crate::web::wire::message::Answer;
use crate::web::wire::post::{Alarm, Slice, now, post};
use wasm_bindgen::prelude::*;

/// Milliseconds between two messages to the page, as long as there is work.
const PAUSE: f64 = 40.0;

thread_local! {
    static CELLS: RefCell<Option<Cells>> = const { RefCell::new(None) };
}

/// Cells in training.
struct Cells {
    map: u32,
    work: Work,
    /// Trained, but not yet posted.
    done: Vec<(usize, MapCell)>,
    posted: f64,
    /// A tick is on its way.
    awake: bool,
    wake: Alarm,
}

/// Takes cells of a map, after those taken before; another map's are forgotten.
pub(super) fn take(map: u32, query: &str, cells: Vec<usize>) {
    CELLS.with_borrow_mut(|slot| {
        match slot {
            Some(known) if known.map == map => known.work.extend(cells),
            Some(known) => {
                (known.map, known.work) = (map, work(query, cells));
                known.done.clear();
                known.posted = 0.0;
            }
            None => {
                *slot = Some(Cells {
                    map,
                    work: work(query, cells),
                    done: Vec::new(),
                    posted: 0.0,
                    awake: false,
                    wake: alarm(),
                });
            }
        }
        slot.iter_mut().for_each(Cells::schedule);
    });
}

/// Whether a map's cells take the whole engine, and this worker has a part of it.
pub(super) fn are_elsewhere(query: &str) -> bool {
    let here = Config::parse(query).and_then(|config| config.here());
    here == Err(Error::Elsewhere)
}

fn work(query: &str, cells: Vec<usize>) -> Work {
    let plan = Config::parse(query).and_then(|config| MapPlan::new(&config));
    Work::new(plan.expect("the page has checked its map"), cells)
}

fn alarm() -> Alarm {
    let tick = Closure::<dyn FnMut()>::new(|| {
        CELLS.with_borrow_mut(|slot| slot.iter_mut().for_each(Cells::tick));
    });
    Alarm::new(&tick.into_js_value())
}

impl Cells {
    /// Trains for a slice of time at most.
    fn tick(&mut self) {
        self.awake = false;
        let slice = Slice::new();
        while !self.work.is_done()
            && let Some(steps) = slice.steps()
        {
            self.done.extend(self.work.advance(steps));
        }
        let due = self.work.is_done() || now() - self.posted > PAUSE;
        if due && !self.done.is_empty() {
            self.posted = now();
            post(&Answer::Cells {
                map: self.map,
                cells: std::mem::take(&mut self.done),
            });
        }
        self.schedule();
    }

    fn schedule(&mut self) {
        if !self.awake && !self.work.is_done() {
            self.awake = true;
            self.wake.set();
        }
    }
}
