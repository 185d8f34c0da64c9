//! The stream and the hold-out of a run as learners are given them, and what is measured on them. Draws nothing.

use std::cell::OnceCell;

use super::settings::{Each, Kind, Shared, Shown, Source};
use crate::data::order::epoch_order;
use crate::data::split::split;
use crate::data::{Points, Targets};
use crate::lab::scene::square_of_drawn;
use crate::systems::auc::penalty::Groups;
use crate::systems::auc::rank::{Ranking, accuracy};
use crate::systems::auc::toy::Labelled;
use crate::systems::auc::{Features, Known, Learner, Sample, Toy, features as blocks};

/// How far the grid of bumps reaches.
const REACH: f64 = 2.25;
/// Cells per side of a field.
pub(super) const CELLS: usize = 100;
/// The false positive rate that is looked at.
pub(super) const RATE: f64 = 0.1;

/// What the runs are made on.
pub(in crate::lab::systems) struct Scene {
    pub(super) features: Features,
    pub(super) toy: Option<Toy>,
    /// What is learned from; the order repeats it where there are more steps.
    pub(super) stream: Sample,
    pub(super) held: Sample,
    /// Which point comes at each step.
    order: Vec<u32>,
    /// Of the whole stream.
    known: Known,
    groups: Groups,
    average: bool,
    /// The best AUC that any score has on the hold-out.
    pub(super) ceiling: Option<f64>,
    /// What is shown of the plane.
    pub(super) x: (f64, f64),
    pub(super) y: (f64, f64),
    /// The features at the cells of a field, once they are needed.
    grid: OnceCell<Vec<f32>>,
}

/// A run where it stands.
#[derive(Clone)]
pub(in crate::lab::systems) struct Member {
    pub(super) learner: Learner,
    work: Vec<f64>,
}

impl Member {
    pub(super) fn new(scene: &Scene) -> Member {
        let zeros = vec![0.0; scene.features.count()];
        Member {
            learner: Learner::new(zeros.clone()),
            work: zeros,
        }
    }

    pub(super) fn step(&mut self, scene: &Scene, each: &Each, step: usize) {
        let i = scene.order[step] as usize;
        let point = (scene.stream.row(i), scene.stream.positive[i]);
        let known = each.method.looks_ahead().then_some(&scene.known);
        let how = each.settings();
        self.learner
            .step(&how, &scene.groups, known, point, &mut self.work);
    }
}

/// What a scorer is given.
pub(super) fn features(shared: &Shared) -> Features {
    match shared.features {
        Kind::Rbf => Features::grid(shared.side.count(), REACH, shared.width),
        Kind::Poly => Features::Monomials {
            degree: shared.degree,
        },
        Kind::Linear => Features::Linear,
    }
}

fn groups(shared: &Shared) -> Groups {
    match shared.features {
        Kind::Rbf => blocks::blocks(shared.side.count(), shared.block.count()),
        Kind::Poly => blocks::degrees(shared.degree),
        Kind::Linear => Groups::new(),
    }
}

impl Scene {
    pub(super) fn new(shared: &Shared) -> Scene {
        let features = features(shared);
        let (steps, seed) = (shared.steps as usize, shared.seed);
        let toy = shared.data.toy();
        let (stream, held, order) = match toy {
            Some(toy) => {
                let order = (0..steps as u32).collect();
                (toy.stream(steps, shared.p, seed), toy.hold_out(seed), order)
            }
            None => own_points(shared, steps),
        };
        let (x, y) = window(shared);
        let stream = Sample::new(stream, &features);
        let held = Sample::new(held, &features);
        let ceiling = toy.and_then(|toy| {
            let best = held.points.iter().map(|point| toy.log_ratio(point.at));
            let best: Vec<f64> = best.collect();
            Ranking::default().auc(&best, &held.positive)
        });
        Scene {
            known: stream.known(&order),
            groups: groups(shared),
            average: shared.weights == Shown::Average,
            grid: OnceCell::new(),
            features,
            toy,
            stream,
            held,
            order,
            ceiling,
            x,
            y,
        }
    }

    /// The weights that are looked at.
    pub(super) fn shown<'a>(&self, learner: &'a Learner) -> &'a [f64] {
        if self.average {
            &learner.mean_w
        } else {
            &learner.w
        }
    }

    /// The bias that belongs to them.
    pub(super) fn bias(&self, learner: &Learner) -> f64 {
        if self.average {
            learner.mean_b
        } else {
            learner.b
        }
    }

    /// The points seen, in the order in which they came.
    pub(super) fn seen(&self, learner: &Learner) -> &[u32] {
        &self.order[..learner.t as usize]
    }

    /// How the points seen are ranked, each counting once.
    pub(super) fn auc_seen(&self, learner: &Learner) -> Option<f64> {
        let count = self.stream.points.len().min(learner.t as usize);
        // In the first round each comes once.
        self.stream
            .auc_of(&self.order[..count], self.shown(learner))
    }

    /// Of a classifier the share of positives found, and of right answers where positives are as frequent as in the stream.
    pub(super) fn verdicts(
        &self,
        each: &Each,
        learner: &Learner,
        held: &[f64],
    ) -> Option<(f64, f64)> {
        if !each.method.classifies() {
            return None;
        }
        let b = self.bias(learner);
        let answers: Vec<f64> = held.iter().map(|score| score + b).collect();
        accuracy(&answers, &self.held.positive, self.share())
    }

    /// The share of positives in the stream.
    pub(super) fn share(&self) -> f64 {
        self.known.p
    }

    /// Values of these weights on a grid over the window, row by row from below.
    pub(super) fn field(&self, w: &[f64], offset: f64) -> Vec<f64> {
        let grid = self.grid.get_or_init(|| {
            let place = |range: (f64, f64), i: usize| {
                range.0 + (range.1 - range.0) * (i as f64 + 0.5) / CELLS as f64
            };
            let cells =
                (0..CELLS * CELLS).map(|i| [place(self.x, i % CELLS), place(self.y, i / CELLS)]);
            self.features.of(cells).iter().map(|&v| v as f32).collect()
        });
        let value =
            |x: &[f32]| x.iter().zip(w).map(|(x, w)| f64::from(*x) * w).sum::<f64>() + offset;
        grid.chunks(self.features.count()).map(value).collect()
    }
}

/// Drawn points: those learned from, those held out, and the order that repeats the former.
fn own_points(shared: &Shared, steps: usize) -> (Vec<Labelled>, Vec<Labelled>, Vec<u32>) {
    let data = split(&shared.points.dataset().training, shared.valid, shared.seed);
    let labelled = |points: &Points| {
        let Targets::Classes { labels, .. } = &points.targets else {
            unreachable!("a curve has been refused")
        };
        let point = |(i, &label): (usize, &u32)| Labelled {
            at: [points.inputs[(i, 0)], points.inputs[(i, 1)]],
            positive: label == u32::from(shared.rare),
        };
        labels
            .iter()
            .enumerate()
            .map(point)
            .collect::<Vec<Labelled>>()
    };
    let stream = labelled(&data.training);
    let (mut order, mut round) = (Vec::with_capacity(steps + stream.len()), Vec::new());
    for epoch in 0..steps.div_ceil(stream.len()) {
        epoch_order(shared.seed, epoch as u64, stream.len(), 1, &mut round);
        order.extend_from_slice(&round);
    }
    order.truncate(steps);
    (stream, labelled(&data.validation), order)
}

/// A square of the plane that holds what is to be seen.
fn window(shared: &Shared) -> ((f64, f64), (f64, f64)) {
    let square = |[x, y]: [f64; 2], reach: f64| ((x - reach, x + reach), (y - reach, y + reach));
    match shared.data {
        Source::Islands => square([0.0, 0.0], 3.0),
        Source::Needle => square([1.0, 0.5], 5.5),
        Source::Points => square([0.0, 0.0], square_of_drawn(&shared.points)),
    }
}
