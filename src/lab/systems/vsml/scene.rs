//! What the runs are made on, and a run where it stands: networks or grids on one stream or several, and what backpropagation would
//! have done beside them. Shows nothing.

use std::cell::RefCell;
use std::rc::Rc;

use super::cells::Trained;
use super::settings::{Each, Method, Pace, Shared, Source, View};
use super::shipped;
use crate::Named;
use crate::data::rng::Stream;
use crate::data::{DataSource, Points, Targets, generate};
use crate::systems::vsml::{
    CLONE, Cell, Grid, How, Kind, Learner, Look, Network, Scratch, first_weights, softmax, stream,
};

/// Samples of a mean along the stream.
pub(super) const RECENT: usize = 20;
/// Cells per side of a field.
pub(super) const CELLS: usize = 32;
/// What is shown of the plane.
pub(super) const WINDOW: (f64, f64) = (-1.5, 1.5);
/// The first samples, of which a mean is told.
pub(super) const FIRST: u64 = 100;
/// A state or weight above this has diverged.
const DIVERGED: f64 = 1e6;
/// Step sizes and gains that backpropagation is tried with, in hindsight.
const ETAS: [f64; 8] = [0.03, 0.06, 0.1, 0.2, 0.3, 0.5, 1.0, 1.5];
const GAINS: [f64; 3] = [1.0, 2.0, 4.0];

/// A sample.
type Sample = ([f64; 2], usize);

/// A stream, and first weights.
pub(super) struct Course {
    pub(super) samples: Vec<Sample>,
    weights: Vec<f64>,
}

/// The step size and gain that would have been best for the first samples, and the mean loss of these.
#[derive(Clone, Copy)]
pub(super) struct Best {
    pub(super) eta: f64,
    pub(super) gain: f64,
    pub(super) loss: f64,
}

/// What the runs are made on.
pub(in crate::lab::systems) struct Scene {
    pub(super) shared: Shared,
    /// The points of the stream that is looked at.
    pub(super) points: Vec<Sample>,
    pub(super) courses: Vec<Course>,
    pub(super) best: Option<Best>,
    /// Scratch of each kind of grid that there has been.
    scratch: RefCell<Vec<(Grid, Scratch)>>,
}

/// Who learns a stream.
#[derive(Clone)]
pub(super) enum Way {
    /// Weights.
    Real(Network),
    /// Cells.
    Cells(Learner),
}

/// The last numbers of a kind.
#[derive(Clone)]
pub(super) struct Recent {
    last: [f64; RECENT],
    count: u64,
}

impl Recent {
    fn new() -> Recent {
        Recent {
            last: [0.0; RECENT],
            count: 0,
        }
    }

    fn push(&mut self, value: f64) {
        self.last[(self.count % RECENT as u64) as usize] = value;
        self.count += 1;
    }

    pub(super) fn mean(&self) -> f64 {
        let many = self.count.min(RECENT as u64) as usize;
        self.last[..many].iter().sum::<f64>() / many as f64
    }
}

/// Sums of pairs, for how well they go together.
#[derive(Clone, Copy, Default)]
pub(super) struct Pairs {
    sums: [f64; 6],
}

impl Pairs {
    pub(super) fn add(&mut self, x: f64, y: f64) {
        let more = [1.0, x, y, x * x, y * y, x * y];
        self.sums
            .iter_mut()
            .zip(more)
            .for_each(|(sum, v)| *sum += v);
    }

    /// Their correlation; NaN without any.
    pub(super) fn correlation(&self) -> f64 {
        let [n, x, y, xx, yy, xy] = self.sums;
        (n * xy - x * y) / ((n * xx - x * x) * (n * yy - y * y)).sqrt()
    }
}

/// What is known of a run along its stream.
#[derive(Clone)]
pub(super) struct Seen {
    pub(super) loss: Recent,
    pub(super) accuracy: Recent,
    /// Over all streams.
    pub(super) mean_loss: Recent,
    pub(super) mean_accuracy: Recent,
    /// The difference of the first class's probability from backpropagation's.
    pub(super) apart: Recent,
    pub(super) apart_sum: f64,
    pub(super) errors: Pairs,
    pub(super) samples: u64,
    pub(super) first_loss: f64,
    pub(super) all_loss: f64,
}

/// A run where it stands.
#[derive(Clone)]
pub(in crate::lab::systems) struct Member {
    /// The settings that it is made with.
    made: Each,
    pub(super) trained: Rc<Trained>,
    pub(super) grid: Rc<Grid>,
    /// The streams, that which is looked at first.
    pub(super) ways: Vec<Way>,
    /// Backpropagation on the same stream with the same step size, beside cells that copy it.
    pub(super) twin: Option<Box<Network>>,
    pub(super) seen: Seen,
    /// How much of the sample's way is made: up through each layer, then down.
    pub(super) part: usize,
    pub(super) diverged: Option<u64>,
}

/// Points with their labels.
fn labelled(points: &Points) -> Vec<Sample> {
    let Targets::Classes { labels, .. } = &points.targets else {
        return Vec::new();
    };
    let inputs = &points.inputs;
    let sample = |(i, label): (usize, &u32)| ([inputs[(i, 0)], inputs[(i, 1)]], *label as usize);
    labels.iter().enumerate().map(sample).collect()
}

fn points(shared: &Shared, seed: u32, count: usize) -> Vec<Sample> {
    if shared.data == Source::Points {
        return labelled(&shared.points.dataset().training);
    }
    let source = DataSource::of_name(shared.data.name()).unwrap_or(DataSource::Moons);
    let data = generate(source, count, shared.noise, 0.0, seed);
    data.map_or(Vec::new(), |data| labelled(&data.training))
}

impl Course {
    fn new(shared: &Shared, seed: u32) -> Course {
        let points = points(shared, seed, shared.n);
        let order = stream(seed, points.len(), shared.samples as usize);
        Course {
            samples: order.into_iter().map(|i| points[i]).collect(),
            weights: first_weights(&shared.sizes(), &mut Stream::weights(seed)),
        }
    }

    fn scaled(&self, gain: f64) -> Vec<f64> {
        self.weights.iter().map(|w| gain * w).collect()
    }
}

impl Scene {
    pub(super) fn new(shared: &Shared) -> Scene {
        let seeds = (0..shared.streams() as u32).map(|i| shared.seed.wrapping_add(i));
        let mut scene = Scene {
            points: points(shared, shared.seed, shared.n),
            courses: seeds.map(|seed| Course::new(shared, seed)).collect(),
            best: None,
            scratch: RefCell::new(Vec::new()),
            shared: shared.clone(),
        };
        if shared.view == View::Rule {
            scene.best = scene.best();
        }
        scene
    }

    /// Backpropagation with each step size and gain, on the first samples of the stream that is looked at.
    fn best(&self) -> Option<Best> {
        let grid = self.grid(&shipped::trained(&Each::default(), None));
        let course = &self.courses[0];
        let first = &course.samples[..course.samples.len().min(FIRST as usize)];
        let all = ETAS.iter().flat_map(|eta| GAINS.map(|gain| (*eta, gain)));
        let tried = all.map(|(eta, gain)| {
            let mut network = Network::new(&grid, course.scaled(gain));
            let mut loss = 0.0;
            for (x, label) in first {
                network.learn((x, *label), Kind::Sgd, eta);
                loss += network.loss / first.len() as f64;
            }
            Best { eta, gain, loss }
        });
        tried
            .filter(|best| best.loss.is_finite())
            .min_by(|a, b| a.loss.total_cmp(&b.loss))
    }

    pub(super) fn grid(&self, trained: &Trained) -> Grid {
        Grid {
            sizes: self.shared.sizes(),
            cell: trained.cell.size,
        }
    }

    /// Numbers of a run where it stands, at most.
    pub(super) fn numbers(&self) -> usize {
        let sizes = self.shared.sizes();
        let weights: usize = sizes.windows(2).map(|two| (two[0] + 1) * two[1]).sum();
        let units: usize = sizes.iter().sum();
        // Adam keeps four numbers per weight; a rule has four in each cell, and an own one sixteen.
        let own = self
            .shared
            .own
            .as_ref()
            .map_or(4, |own| own.cell.size.n.max(4));
        (self.shared.streams() + 1) * (own * weights + 8 * units)
    }

    /// The weights that a run on the first stream begins with.
    pub(super) fn first(&self, gain: f64) -> Vec<f64> {
        self.courses[0].scaled(gain)
    }

    fn with_scratch<T>(&self, grid: &Grid, act: impl FnOnce(&mut Scratch) -> T) -> T {
        let mut all = self.scratch.borrow_mut();
        let known = all.iter().position(|(other, _)| other == grid);
        let place = known.unwrap_or_else(|| {
            all.push((grid.clone(), Scratch::new(grid)));
            all.len() - 1
        });
        act(&mut all[place].1)
    }

    /// Where a cell's middle is.
    pub(super) fn place(cell: [f64; 2]) -> [f64; 2] {
        cell.map(|at| WINDOW.0 + (WINDOW.1 - WINDOW.0) * (at + 0.5) / CELLS as f64)
    }
}

/// The first of the largest.
pub(super) fn answer(logits: &[f64]) -> usize {
    let mut best = 0;
    for (c, z) in logits.iter().enumerate() {
        if *z > logits[best] {
            best = c;
        }
    }
    best
}

impl Way {
    fn new(method: Method, grid: &Grid, weights: Vec<f64>) -> Way {
        match method {
            Method::Vsml => Way::Cells(Learner::new(grid, &weights)),
            Method::Sgd | Method::Adam => Way::Real(Network::new(grid, weights)),
        }
    }

    pub(super) fn loss(&self) -> f64 {
        match self {
            Way::Real(network) => network.loss,
            Way::Cells(learner) => learner.loss,
        }
    }

    pub(super) fn logits<'a>(&'a self, grid: &Grid) -> &'a [f64] {
        match self {
            Way::Real(network) => network.logits(),
            Way::Cells(learner) => learner.logits(grid),
        }
    }

    fn is_lost(&self) -> bool {
        let numbers = match self {
            Way::Real(network) => &network.theta,
            Way::Cells(learner) => &learner.states,
        };
        numbers.iter().any(|w| w.is_nan() || w.abs() > DIVERGED)
    }

    /// A part of a sample's way: up through each layer, then down.
    fn part(&mut self, part: usize, (x, label): Sample, by: &By, scratch: &mut Scratch) {
        let layers = by.grid.layers();
        let (l, rises) = if part < layers {
            (part, true)
        } else {
            (2 * layers - 1 - part, false)
        };
        match self {
            Way::Real(network) => {
                if part == 0 {
                    network.take(&x);
                }
                if rises {
                    network.up(l);
                } else {
                    network.down(l);
                }
                if rises && l + 1 == layers {
                    network.judge(label);
                }
                if part + 1 == 2 * layers {
                    network.step(by.kind, by.eta);
                }
            }
            Way::Cells(learner) => {
                let cell = &by.trained.cell;
                if part == 0 {
                    learner.take(&x);
                }
                if rises {
                    learner.up(by.grid, cell, &by.how, l, scratch);
                } else {
                    learner.down(by.grid, cell, &by.how, l, scratch);
                }
                if rises && l + 1 == layers {
                    learner.judge(by.grid, &by.how, label);
                }
            }
        }
    }

    /// What it answers at points: probabilities, class by class.
    pub(super) fn answers(
        &self,
        grid: &Grid,
        trained: &Trained,
        points: impl Iterator<Item = [f64; 2]>,
    ) -> Vec<Vec<f64>> {
        let probabilities = |logits: &[f64]| {
            let mut p = logits.to_vec();
            softmax(logits, &mut p);
            p
        };
        match self {
            Way::Real(network) => {
                let mut network = network.clone();
                points.map(|x| probabilities(network.answer(&x))).collect()
            }
            Way::Cells(learner) => {
                let mut look = Look::new(grid, &trained.cell, trained.bound, &learner.states);
                points.map(|x| probabilities(look.at(&x))).collect()
            }
        }
    }
}

/// How a part is made.
struct By<'a> {
    grid: &'a Grid,
    trained: &'a Trained,
    how: How,
    kind: Kind,
    eta: f64,
}

impl<'a> By<'a> {
    fn new(each: &Each, grid: &'a Grid, trained: &'a Trained) -> By<'a> {
        let adam = each.method == Method::Adam;
        By {
            grid,
            trained,
            how: each.how(trained),
            kind: if adam { Kind::Adam } else { Kind::Sgd },
            eta: each.eta,
        }
    }
}

impl Member {
    pub(super) fn new(scene: &Scene, each: &Each) -> Member {
        let trained = Rc::new(if each.runs_cells() {
            shipped::trained(each, scene.shared.own.as_ref())
        } else {
            // Nobody runs these: only how large they are is asked for.
            Trained {
                cell: Cell::constructed(CLONE.size(), 1.0, 1.0),
                bound: None,
                feed: false,
            }
        });
        let grid = Rc::new(scene.grid(&trained));
        let way = |course: &Course| Way::new(each.method, &grid, course.scaled(each.gain));
        let copies = scene.shared.view == View::Copy && each.runs_cells();
        let twin = || Box::new(Network::new(&grid, scene.first(each.gain)));
        scene.with_scratch(&grid, |_| ());
        Member {
            ways: scene.courses.iter().map(way).collect(),
            twin: copies.then(twin),
            made: each.clone(),
            trained,
            grid,
            seen: Seen {
                loss: Recent::new(),
                accuracy: Recent::new(),
                mean_loss: Recent::new(),
                mean_accuracy: Recent::new(),
                apart: Recent::new(),
                apart_sum: 0.0,
                errors: Pairs::default(),
                samples: 0,
                first_loss: 0.0,
                all_loss: 0.0,
            },
            part: 0,
            diverged: None,
        }
    }

    /// Takes on other settings: other numbers of the cells, or a learner that begins anew.
    fn follow(&mut self, scene: &Scene, each: &Each) {
        if self.made == *each {
            return;
        }
        let learner = |e: &Each| (e.method, e.gain.to_bits());
        let cell = |e: &Each| (e.which, e.rule, e.snapshot(), e.eps.to_bits());
        let same = learner(&self.made) == learner(each);
        if !same || cell(&self.made) != cell(each) {
            let next = Member::new(scene, each);
            if same && next.grid == self.grid {
                self.trained = next.trained;
            } else {
                let seen = self.seen.clone();
                *self = Member { seen, ..next };
            }
        }
        self.made = each.clone();
    }

    pub(super) fn step(&mut self, scene: &Scene, each: &Each, step: u64) {
        self.follow(scene, each);
        let parts = 2 * self.grid.layers();
        let (sample, from, until) = match scene.shared.pace {
            Pace::Sample => (step as usize, 0, parts),
            Pace::Layer => {
                let part = (step % parts as u64) as usize;
                ((step / parts as u64) as usize, part, part + 1)
            }
        };
        self.part = until;
        let by = By::new(each, &self.grid, &self.trained);
        let ends = until == parts;
        scene.with_scratch(&self.grid, |scratch| {
            for part in from..until {
                let at = scene.courses[0].samples[sample];
                self.ways[0].part(part, at, &by, scratch);
                if let Some(twin) = &mut self.twin {
                    beside(twin, part, at, &by);
                }
            }
            if !ends {
                return;
            }
            for (way, course) in self.ways.iter_mut().zip(&scene.courses).skip(1) {
                (0..parts).for_each(|part| way.part(part, course.samples[sample], &by, scratch));
            }
        });
        if ends {
            self.see(scene, sample);
            if self.ways.iter().any(Way::is_lost) {
                self.diverged = Some(step + 1);
            }
        }
    }

    /// Notes what a sample has come to.
    fn see(&mut self, scene: &Scene, sample: usize) {
        let (seen, grid) = (&mut self.seen, &self.grid);
        let (mut loss, mut right) = (0.0, 0.0);
        let many = self.ways.len() as f64;
        for (i, (way, course)) in self.ways.iter().zip(&scene.courses).enumerate() {
            let hit = f64::from(answer(way.logits(grid)) == course.samples[sample].1);
            if i == 0 {
                seen.loss.push(way.loss());
                seen.accuracy.push(hit);
                seen.all_loss += way.loss();
                if seen.samples < FIRST {
                    seen.first_loss += way.loss();
                }
            }
            loss += way.loss() / many;
            right += hit / many;
        }
        seen.mean_loss.push(loss);
        seen.mean_accuracy.push(right);
        seen.samples += 1;
        if let (Some(twin), Way::Cells(learner)) = (&self.twin, &self.ways[0]) {
            let apart = first_probability(learner.logits(grid)) - first_probability(twin.logits());
            seen.apart.push(apart.abs());
            seen.apart_sum += apart.abs();
            let scale = self.made.unit(&self.trained);
            for (e, real) in learner.errors().iter().zip(&twin.down[1]) {
                seen.errors.add(*real, e / scale);
            }
        }
    }
}

/// What backpropagation does on the same part of the way.
fn beside(twin: &mut Network, part: usize, (x, label): Sample, by: &By) {
    let layers = by.grid.layers();
    if part == 0 {
        twin.take(&x);
    }
    if part < layers {
        twin.up(part);
    } else {
        twin.down(2 * layers - 1 - part);
    }
    if part + 1 == layers {
        twin.judge(label);
    }
    if part + 1 == 2 * layers {
        twin.step(Kind::Sgd, by.eta);
    }
}

/// Of the first class.
fn first_probability(logits: &[f64]) -> f64 {
    let others = logits[1..].iter().map(|z| libm::exp(z - logits[0]));
    1.0 / (1.0 + others.sum::<f64>())
}

impl Seen {
    /// The mean loss of the first samples, as far as they have come.
    pub(super) fn first(&self) -> f64 {
        self.first_loss / self.samples.min(FIRST) as f64
    }

    /// Of all.
    pub(super) fn all(&self) -> f64 {
        self.all_loss / self.samples as f64
    }
}
