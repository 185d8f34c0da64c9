//! The numbers that all cells share, and where they come from when nobody has trained them. Computes nothing with them.

use std::ops::Range;

use crate::data::rng::Stream;

/// How large a cell is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Numbers of its state.
    pub n: usize,
    /// Numbers of a message.
    pub k: usize,
    /// Gated units.
    pub units: usize,
}

/// What the parts of its numbers are called, in the order in which they lie.
pub const PARTS: [&str; 6] = ["W1", "b1", "W3", "b3", "W2", "b2"];

impl Size {
    /// What it takes in, and puts out: `n + 2k`.
    pub fn inputs(self) -> usize {
        self.n + 2 * self.k
    }

    /// Rows and columns of a part; a bias has one row.
    pub fn shape(self, part: usize) -> (usize, usize) {
        let (q, h) = (self.inputs(), self.units);
        [(q, h), (1, h), (q, h), (1, h), (h, q), (1, q)][part]
    }

    /// Where a part lies.
    pub fn place(self, part: usize) -> Range<usize> {
        let length = |part| {
            let (rows, columns) = self.shape(part);
            rows * columns
        };
        let from = (0..part).map(length).sum();
        from..from + length(part)
    }

    /// How many numbers a cell has.
    pub fn count(self) -> usize {
        self.place(PARTS.len() - 1).end
    }
}

/// The shared numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// How many.
    pub size: Size,
    /// Part behind part, each row by row.
    pub theta: Vec<f64>,
}

/// Numbers of a cell, or as many of another kind, part by part.
pub(super) struct Parts<'a> {
    pub(super) w1: &'a [f64],
    pub(super) b1: &'a [f64],
    pub(super) w3: &'a [f64],
    pub(super) b3: &'a [f64],
    pub(super) w2: &'a [f64],
    pub(super) b2: &'a [f64],
}

impl Cell {
    /// One with these numbers.
    ///
    /// # Panics
    /// If they are not as many as its size asks for.
    pub fn new(size: Size, theta: Vec<f64>) -> Cell {
        assert_eq!(theta.len(), size.count(), "numbers of a cell");
        Cell { size, theta }
    }

    pub(super) fn parts(&self) -> Parts<'_> {
        let of = |part| &self.theta[self.size.place(part)];
        Parts {
            w1: of(0),
            b1: of(1),
            w3: of(2),
            b3: of(3),
            w2: of(4),
            b2: of(5),
        }
    }

    /// The one whose run is backpropagation with step size `alpha`, up to `eps²`: four units, the third product by a central difference.
    ///
    /// # Panics
    /// If there are fewer than four units.
    pub fn constructed(size: Size, alpha: f64, eps: f64) -> Cell {
        assert!(size.units >= 4, "a constructed cell has four units");
        let mut cell = Cell::new(size, vec![0.0; size.count()]);
        let (weight, x, e) = (0, size.n, size.n + size.k);
        let mut put = |part: usize, row: usize, column: usize, value: f64| {
            let at = size.place(part).start + row * size.shape(part).1 + column;
            cell.theta[at] = value;
        };
        for unit in 0..4 {
            put(0, x, unit, 1.0);
        }
        put(0, e, 2, eps);
        put(0, e, 3, -eps);
        for (row, unit) in [(weight, 0), (e, 1), (weight, 2), (weight, 3)] {
            put(2, row, unit, 1.0);
        }
        put(4, 0, x, 1.0);
        put(4, 1, 0, -alpha);
        put(4, 2, e, 0.5 / eps);
        put(4, 3, e, -0.5 / eps);
        cell
    }

    /// One of random numbers: W1 and W3 N(0, 1/q), W2 readout² N(0, 1/H), drawn in this order, row by row; biases 0.
    pub fn random(size: Size, readout: f64, stream: &mut Stream) -> Cell {
        let mut cell = Cell::new(size, vec![0.0; size.count()]);
        let (q, h) = (size.inputs() as f64, size.units as f64);
        let scales = [1.0 / q.sqrt(), 1.0 / q.sqrt(), readout / h.sqrt()];
        for (part, scale) in [0, 2, 4].into_iter().zip(scales) {
            let place = &mut cell.theta[size.place(part)];
            place.iter_mut().for_each(|w| *w = scale * stream.normal());
        }
        cell
    }

    /// Multiplies what is added to the first number of the state: the step size of a cell that was taught steps of 1.
    pub fn fold(&mut self, alpha: f64) {
        let (readout, bias) = (self.size.place(4), self.size.place(5));
        let q = self.size.inputs();
        self.theta[readout]
            .iter_mut()
            .step_by(q)
            .for_each(|w| *w *= alpha);
        self.theta[bias.start] *= alpha;
    }
}
