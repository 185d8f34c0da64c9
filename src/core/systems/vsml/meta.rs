//! Meta-training: what learning rule the shared numbers are is itself learned, on tasks that are drawn anew in every iteration. Knows
//! no file and no clock.

use super::cell::{Cell, Size};
use super::cloning::ALPHA;
use super::episode::{Episode, Task};
use super::grid::{Grid, How};
use super::network::first_weights;
use crate::data::rng::{Purpose, Stream};
use crate::systems::optimizer::{Kind, Optimizer, StepSize};

/// What is meta-trained, and how.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Meta {
    /// The cell.
    pub size: Size,
    /// What nothing in it exceeds.
    pub bound: Option<f64>,
    /// Whether it sees the labels.
    pub feed: bool,
    /// Hidden units of the networks that it learns on.
    pub hidden: usize,
    /// The largest step size.
    pub lr: f64,
    /// Iterations until it is reached.
    pub warm: f64,
    /// The longest gradient.
    pub clip: f64,
    /// How much of the second moment is kept.
    pub b2: f64,
    /// Iterations in all: when the step size is at its end.
    pub iterations: u64,
    /// How far from backpropagation it begins: this many times a random cell is added. Without it a random cell is the start.
    pub jitter: Option<f64>,
    /// The step size of the constructed cell that it begins with.
    pub alpha: f64,
    /// Its central difference.
    pub eps: f64,
}

/// Iterations that are alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Phase {
    /// Samples of a task.
    pub samples: usize,
    /// Tasks of an iteration.
    pub tasks: usize,
    /// Iterations.
    pub iterations: u64,
    /// What is added to the seed of its tasks.
    pub seed: u32,
}

/// Short streams first, then long ones.
pub const PHASES: [Phase; 2] = [
    Phase {
        samples: 100,
        tasks: 16,
        iterations: 1000,
        seed: 0,
    },
    Phase {
        samples: 300,
        tasks: 8,
        iterations: 400,
        seed: 1000,
    },
];

/// What the rules that are part of this project were made with.
pub const META: Meta = Meta {
    size: Size {
        n: 4,
        k: 2,
        units: 16,
    },
    bound: Some(8.0),
    feed: true,
    hidden: 8,
    lr: 3e-3,
    warm: 20.0,
    clip: 1.0,
    b2: 0.99,
    iterations: PHASES[0].iterations + PHASES[1].iterations,
    jitter: Some(0.1),
    alpha: ALPHA,
    eps: 0.1,
};

/// Blobs of a class at most.
const BLOBS: usize = 4;
/// Units of backpropagation in the cell at the start.
const BACKPROP: usize = 4;

impl Meta {
    /// The networks that it learns on.
    pub fn grid(&self) -> Grid {
        Grid {
            sizes: vec![2, self.hidden, 2],
            cell: self.size,
        }
    }

    /// How they learn.
    pub fn how(&self) -> How {
        How {
            bound: self.bound,
            feed: self.feed,
            scale: 1.0,
            down: true,
        }
    }

    /// Where a seed begins.
    pub fn start(&self, seed: u32) -> Cell {
        let size = self.size;
        let mut random = Cell::random(size, 1.0, &mut Stream::new(seed, Purpose::MetaInit, 0));
        let Some(jitter) = self.jitter else {
            random.theta[size.place(4)]
                .iter_mut()
                .for_each(|w| *w *= 0.3);
            return random;
        };
        let mut cell = Cell::constructed(size, self.alpha, self.eps);
        for (w, r) in cell.theta.iter_mut().zip(&random.theta) {
            *w += jitter * r;
        }
        for part in [0, 2] {
            let place = size.place(part);
            let own = cell.theta[place.clone()].chunks_exact_mut(size.units);
            for (own, random) in own.zip(random.theta[place].chunks_exact(size.units)) {
                own[BACKPROP..].copy_from_slice(&random[BACKPROP..]);
            }
        }
        cell
    }

    /// The step size of an iteration (from 1).
    pub fn rate(&self, t: u64) -> f64 {
        let (t, all) = (t as f64, self.iterations as f64);
        let falls = 0.98 * 0.5 * (1.0 + libm::cos(std::f64::consts::PI * t / all)) + 0.02;
        self.lr * (t / self.warm).min(1.0) * falls
    }

    /// A task: two classes, each of some round blobs.
    pub fn task(&self, seed: u32, index: u64, samples: usize) -> Task {
        let mut stream = Stream::new(seed, Purpose::Tasks, index);
        let blobs = 1.0 + libm::floor(BLOBS as f64 * stream.uniform());
        let mut centres = [[[0.0; 2]; BLOBS]; 2];
        for at in centres.as_flattened_mut().as_flattened_mut() {
            *at = stream.between(-1.0, 1.0);
        }
        let sd = stream.between(0.05, 0.25);
        let weights = first_weights(&[2, self.hidden, 2], &mut stream);
        let (mut x, mut y) = (Vec::with_capacity(samples), Vec::with_capacity(samples));
        for _ in 0..samples {
            let label = usize::from(stream.uniform() >= 0.5);
            let blob = (blobs * stream.uniform()) as usize;
            x.push(centres[label][blob].map(|at| at + sd * stream.normal()));
            y.push(label);
        }
        Task { weights, x, y }
    }
}

/// A rule that is being trained.
#[derive(Clone, Debug, PartialEq)]
pub struct Training {
    /// Where it stands.
    pub cell: Cell,
    /// What it is trained by.
    pub optimizer: Optimizer,
    /// Iterations made.
    pub made: u64,
}

impl Training {
    /// Before the first iteration.
    pub fn new(cell: Cell) -> Training {
        Training {
            optimizer: Optimizer::new(cell.theta.len()),
            cell,
            made: 0,
        }
    }

    /// The phase of the next iteration, and its number there (from 0); `None` at the end.
    pub fn phase(&self) -> Option<(Phase, u64)> {
        let mut before = 0;
        for phase in PHASES {
            if self.made < before + phase.iterations {
                return Some((phase, self.made - before));
            }
            before += phase.iterations;
        }
        None
    }

    /// Steps along the gradient of all tasks' mean cost, and says how long it was.
    pub fn step(&mut self, meta: &Meta, gradient: &mut [f64]) -> f64 {
        self.made += 1;
        let norm = gradient.iter().map(|g| g * g).sum::<f64>().sqrt();
        let share = if norm.is_finite() {
            (meta.clip / (norm + 1e-9)).min(1.0)
        } else {
            gradient.fill(0.0);
            1.0
        };
        gradient.iter_mut().for_each(|g| *g *= share);
        let size = StepSize {
            lr: meta.rate(self.made),
            b1: 0.9,
            b2: meta.b2,
        };
        self.optimizer
            .step(Kind::Adam, size, gradient, &mut self.cell.theta);
        norm
    }
}

/// The mean online cost of tasks, and its gradient. A thread works in each room; sums are in the order of the tasks, so that the numbers
/// do not depend on how many there are.
///
/// # Panics
/// If there is no room.
pub fn gradient(
    meta: &Meta,
    cell: &Cell,
    tasks: &[Task],
    rooms: &mut [Episode],
) -> (f64, Vec<f64>) {
    let samples: usize = tasks.iter().map(|task| task.x.len()).sum();
    let (share, hands) = (1.0 / samples as f64, rooms.len());
    assert!(hands > 0, "no room for an episode");
    let work = |hand: usize, room: &mut Episode| {
        let run = |task: &Task| {
            (
                room.run(cell, &meta.how(), task, share),
                room.gradient.clone(),
            )
        };
        let mine = tasks.iter().skip(hand).step_by(hands);
        mine.map(run).collect::<Vec<(f64, Vec<f64>)>>()
    };
    let done = if let [room] = rooms {
        vec![work(0, room)]
    } else {
        std::thread::scope(|scope| {
            let start = |(hand, room)| scope.spawn(move || work(hand, room));
            let hands: Vec<_> = rooms.iter_mut().enumerate().map(start).collect();
            let join = |hand: std::thread::ScopedJoinHandle<'_, _>| {
                hand.join().expect("an episode does not fail")
            };
            hands.into_iter().map(join).collect()
        })
    };
    let (mut cost, mut sum) = (0.0, vec![0.0; cell.theta.len()]);
    for b in 0..tasks.len() {
        let (own, gradient) = &done[b % hands][b / hands];
        cost += own;
        sum.iter_mut().zip(gradient).for_each(|(sum, g)| *sum += g);
    }
    (share * cost, sum)
}
