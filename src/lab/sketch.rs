//! Points while they are being drawn: strokes that are done and undone. Knows no pointer and no run.

use crate::data::drawn::{Dot, Drawn, MOST_DRAWN};

/// Most strokes that can be undone.
const MOST_STROKES: usize = 200;

/// Drawn points with their past.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sketch {
    now: Drawn,
    past: Vec<Drawn>,
    future: Vec<Drawn>,
    /// How it was before the stroke that is being made.
    before: Option<Drawn>,
}

impl Sketch {
    /// These points, without a past.
    pub fn new(now: Drawn) -> Sketch {
        Sketch {
            now,
            ..Sketch::default()
        }
    }

    /// The points now.
    pub fn now(&self) -> &Drawn {
        &self.now
    }

    /// A stroke begins; what follows up to [`Sketch::end`] is undone together.
    pub fn begin(&mut self) {
        self.end();
        self.before = Some(self.now.clone());
    }

    /// The stroke is over. One that changed nothing leaves no trace.
    pub fn end(&mut self) {
        let Some(before) = self.before.take() else {
            return;
        };
        if before != self.now {
            self.past.push(before);
            self.future.clear();
            let surplus = self.past.len().saturating_sub(MOST_STROKES);
            self.past.drain(..surplus);
        }
    }

    /// Places a point; false if there are as many as there may be.
    pub fn add(&mut self, dot: Dot) -> bool {
        let room = self.now.dots.len() < MOST_DRAWN;
        if room {
            self.now.dots.push(dot);
        }
        room
    }

    /// Takes away the point nearest to a place, if one lies within `reach`; which it was.
    pub fn erase(&mut self, at: [f64; 2], reach: f64) -> Option<Dot> {
        let index = self.now.nearest(at, reach)?;
        Some(self.now.dots.remove(index))
    }

    /// Moves a point.
    ///
    /// # Panics
    /// If there is no point `index`.
    pub fn drag(&mut self, index: usize, to: [f64; 2]) {
        let dot = &mut self.now.dots[index];
        *dot = Dot::near(dot.class, to);
    }

    /// Other points, or none, as one stroke.
    pub fn replace(&mut self, drawn: Drawn) {
        self.begin();
        self.now = drawn;
        self.end();
    }

    /// Takes back the last stroke; false if there is none.
    pub fn undo(&mut self) -> bool {
        self.end();
        let Some(before) = self.past.pop() else {
            return false;
        };
        self.future.push(std::mem::replace(&mut self.now, before));
        true
    }

    /// Makes the stroke again that was taken back last; false if there is none.
    pub fn redo(&mut self) -> bool {
        self.end();
        let Some(after) = self.future.pop() else {
            return false;
        };
        self.past.push(std::mem::replace(&mut self.now, after));
        true
    }

    /// Whether there is a stroke to take back, and one to make again.
    pub fn can(&self) -> (bool, bool) {
        (!self.past.is_empty(), !self.future.is_empty())
    }
}
