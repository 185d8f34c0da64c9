//! Which cells whoever trains gets next: coarse ones first, small portions, and nothing lost with who stops. Knows
//! neither cells' contents nor what a worker is.

use std::collections::VecDeque;

use crate::frame::map::MapFrame;

/// Most cells in one worker's hands. More would save no messages worth counting, and coarse cells should not wait
/// behind somebody's fine ones.
const MOST: usize = 16;

/// Most cells that a device trains at once: enough to keep any busy.
pub const AT_ONCE: usize = 1024;
/// The first portion of who trains many at once, a coarse picture.
const COARSE: usize = 64;

/// Deals the cells of a map to workers.
#[derive(Clone, Debug)]
pub struct Dealer {
    waiting: VecDeque<usize>,
    /// Per worker, what is in its hands.
    hands: Vec<Vec<usize>>,
    /// The next portion of who trains many at once; `None` for workers who train one after the other.
    at_once: Option<usize>,
}

impl Dealer {
    /// All cells of a map that are not yet known, for so many workers.
    pub fn new(frame: &MapFrame, workers: usize) -> Dealer {
        let unknown = frame.grid.order().into_iter();
        Dealer {
            waiting: unknown.filter(|&c| frame.cells[c].is_none()).collect(),
            hands: vec![Vec::new(); workers],
            at_once: None,
        }
    }

    /// The same for one worker who trains all cells of a portion at once: whole portions, each twice the one before.
    pub fn at_once(frame: &MapFrame) -> Dealer {
        Dealer {
            at_once: Some(COARSE),
            ..Dealer::new(frame, 1)
        }
    }

    /// What a worker gets now; nothing as long as half of what it got is still in its hands. Portions shrink towards
    /// the end, so that all workers come to it together.
    pub fn deal(&mut self, worker: usize) -> Vec<usize> {
        let (waiting, workers) = (self.waiting.len(), self.hands.len());
        let hand = &mut self.hands[worker];
        let portion = match self.at_once {
            Some(portion) if hand.is_empty() => {
                self.at_once = Some((2 * portion).min(AT_ONCE));
                portion.min(waiting)
            }
            Some(_) => return Vec::new(),
            None => waiting.div_ceil(4 * workers).min(MOST),
        };
        if hand.len() > portion / 2 {
            return Vec::new();
        }
        let cells: Vec<usize> = self.waiting.drain(..portion - hand.len()).collect();
        hand.extend(&cells);
        cells
    }

    /// A worker has trained a cell.
    pub fn settle(&mut self, worker: usize, cell: usize) {
        self.hands[worker].retain(|&c| c != cell);
    }

    /// A worker has stopped: what was in its hands is dealt again, before all others.
    pub fn lose(&mut self, worker: usize) {
        for cell in std::mem::take(&mut self.hands[worker]).into_iter().rev() {
            self.waiting.push_front(cell);
        }
    }

    /// How many cells wait or are in somebody's hands.
    pub fn left(&self) -> usize {
        self.waiting.len() + self.hands.iter().map(Vec::len).sum::<usize>()
    }

    /// Whether no cell waits and none is in anybody's hands.
    pub fn is_done(&self) -> bool {
        self.waiting.is_empty() && self.hands.iter().all(Vec::is_empty)
    }
}
