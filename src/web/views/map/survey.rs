//! A map as far as it is trained: its cells, its clock, what is to be seen of it and to be said. Trains nothing.

use crate::frame::Processor;
use crate::frame::map::{Fate, MapCell, MapFrame};
use crate::lab::map::MapPlan;
use crate::lab::session::HIGH_STEPS;
use crate::web::dom;

/// So many cells are a coarse picture. Until a map has it, the one before it on the same axes stays.
const COARSE: usize = 24;

/// The map that is shown.
pub(super) struct Survey {
    pub(super) plan: MapPlan,
    pub(super) frame: MapFrame,
    /// Cells known.
    pub(super) known: usize,
    /// The map before, as long as this one has too few cells to be seen.
    pub(super) before: Option<MapFrame>,
    /// Milliseconds of training until it was last begun, and since when it is trained again.
    spent: f64,
    pub(super) since: Option<f64>,
    /// What became of it, in a sentence that changes seldom.
    pub(super) said: String,
}

impl Survey {
    pub(super) fn new(plan: MapPlan, before: Option<Survey>) -> Survey {
        let frame = plan.frame();
        let fits = |f: &MapFrame| f.axes == frame.axes && f.grid == frame.grid;
        Survey {
            before: before.map(|b| b.before.unwrap_or(b.frame)).filter(fits),
            frame,
            plan,
            known: 0,
            spent: 0.0,
            since: None,
            said: String::new(),
        }
    }

    /// Whether the graphics device has trained its cells, or will.
    pub(super) fn is_on_gpu(&self) -> bool {
        let engine = self.frame.engine.as_ref();
        engine.is_some_and(|engine| engine.processor == Processor::Gpu)
    }

    /// Forgets its cells; until there are enough new ones, the old picture stays.
    pub(super) fn begin_anew(&mut self) {
        let fresh = self.plan.frame();
        let old = std::mem::replace(&mut self.frame, fresh);
        if std::mem::take(&mut self.known) > 0 {
            self.before.get_or_insert(old);
        }
    }

    pub(super) fn is_done(&self) -> bool {
        self.known == self.frame.cells.len()
    }

    /// What is to be seen.
    pub(super) fn picture(&self) -> &MapFrame {
        self.before.as_ref().unwrap_or(&self.frame)
    }

    pub(super) fn take(&mut self, cells: Vec<(usize, MapCell)>) {
        for (number, cell) in cells {
            self.known += usize::from(self.frame.cells[number].is_none());
            self.frame.cells[number] = Some(cell);
        }
        if self.is_coarse() {
            self.before = None;
        }
    }

    /// Whether there are cells enough for a picture.
    pub(super) fn is_coarse(&self) -> bool {
        self.known >= COARSE.min(self.frame.cells.len())
    }

    /// Nobody trains it now.
    pub(super) fn pause(&mut self) {
        if let Some(since) = self.since.take() {
            self.spent += dom::now() - since;
        }
    }

    pub(super) fn seconds(&self) -> f64 {
        (self.spent + self.since.map_or(0.0, |since| dom::now() - since)) / 1000.0
    }

    /// How the cells ended, in words.
    pub(super) fn summary(&self, names: &[String]) -> String {
        let grid = self.frame.grid;
        let of = |strip: bool| {
            let cells = (0..grid.cells()).filter(|&cell| grid.place(cell).strip == strip);
            let cells: Vec<usize> = cells.collect();
            let count = |fate| {
                let ended = cells
                    .iter()
                    .filter_map(|&cell| self.frame.cells[cell].as_ref());
                ended.filter(|cell| cell.fate == fate).count()
            };
            let fates = Fate::ALL.map(|fate| format!("{} {}", count(fate), fate.name()));
            let run = cells.first().map_or(0, |&cell| self.plan.run(cell));
            let name = names.get(run).map_or("", String::as_str);
            let reach = self.plan.reach(&self.frame.cells, strip);
            let reach = reach.map_or_else(String::new, |reach| format!("; {reach}"));
            format!("{name}: {}{reach}", fates.join(", "))
        };
        let strip = grid.strip.then(|| of(true));
        let parts: Vec<String> = std::iter::once(of(false)).chain(strip).collect();
        let short = if self.plan.steps() < HIGH_STEPS {
            " These runs are short: what ends above ten times its start counts as diverged."
        } else {
            ""
        };
        format!("{}.{short}", parts.join(". "))
    }
}
