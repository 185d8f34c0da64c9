//! What a network answers in the plane, and how it stands against attacks: gradients, FGSM, PGD, and a grid of each point's box. Knows no
//! step, and draws no random number.

use crate::nn::Arithmetic;
use crate::nn::Real;
use crate::nn::mlp::{Activations, Architecture, Batch};
use crate::steps::objective::steepness::Steepness;
use crate::steps::objective::{Target, attack, cotangent};
use nalgebra::DMatrix;

/// Points that are looked at together: six times so many are the 31 × 31 nodes of a box.
const CHUNK: usize = 164;

/// A place, or a point.
type Place = [f64; 2];

/// Where attacks begin, from the point, in units of ε.
pub const STARTS: [Place; 5] = [
    [0.0, 0.0],
    [0.5, 0.5],
    [-0.5, 0.5],
    [-0.5, -0.5],
    [0.5, -0.5],
];

/// An attack within the box of radius `eps` about a point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Attack {
    /// The radius.
    pub eps: f64,
    /// Steps: one is FGSM, more are PGD.
    pub steps: u32,
    /// Where it begins.
    pub start: Place,
    /// Whether a point that is wrong already is kept.
    pub stop: bool,
}

/// A network's margin `z_1 − z_0` at the nodes of a grid over a square, row by row from below.
#[derive(Clone, Debug, PartialEq)]
pub struct Plane {
    /// The nodes' coordinates, the same along both axes.
    pub at: Vec<f64>,
    /// The margins.
    pub margins: Vec<f64>,
}

/// What the box of a point is found to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// A node of its grid has another class, or the point itself.
    Wrong,
    /// No node has; what lies between them nobody knows.
    Nodes,
    /// No place in it has another class.
    Sure,
}

/// `count` numbers from −reach to reach.
pub fn nodes(reach: f64, count: usize) -> impl Iterator<Item = f64> + Clone {
    let step = 2.0 * reach / (count - 1) as f64;
    (0..count).map(move |i| {
        if i + 1 == count {
            reach
        } else {
            i as f64 * step - reach
        }
    })
}

impl Plane {
    /// How far the nearest node of another class is from a point in any coordinate; ∞ without one.
    pub fn distance(&self, point: Place, label: u32) -> f64 {
        let mut best = f64::INFINITY;
        let rows = self.margins.chunks_exact(self.at.len());
        for (y, row) in self.at.iter().zip(rows) {
            let up = (y - point[1]).abs();
            if up >= best {
                continue;
            }
            for (x, &margin) in self.at.iter().zip(row) {
                let away = (x - point[0]).abs().max(up);
                if away < best && u32::from(margin > 0.0) != label {
                    best = away;
                }
            }
        }
        best
    }
}

/// Memory for looking at one network.
#[derive(Clone, Debug)]
pub struct Looker<T: Real> {
    architecture: Architecture,
    batch: Batch<T>,
    /// Where the points of an attack began.
    origin: DMatrix<T>,
    pass: Activations<T>,
    steepness: Steepness<T>,
}

/// The class with the largest output, the first of equals.
fn winner<T: Real>(z: &DMatrix<T>, row: usize) -> u32 {
    let best = |best: usize, k: usize| {
        if z[(row, k)] > z[(row, best)] {
            k
        } else {
            best
        }
    };
    (0..z.ncols()).reduce(best).unwrap_or(0) as u32
}

impl<T: Real> Looker<T> {
    /// For points of the plane.
    ///
    /// # Panics
    /// When the network takes others, or has convolutions.
    pub fn new(architecture: &Architecture) -> Self {
        assert_eq!(
            architecture.inputs.count(),
            2,
            "looker: points of the plane"
        );
        let (outputs, loss) = (architecture.outputs(), architecture.loss);
        let batch = Batch::with_capacity(CHUNK, 2, outputs, loss);
        Looker {
            origin: batch.inputs.clone(),
            batch,
            pass: Activations::new(architecture, CHUNK, Arithmetic::Portable),
            steepness: Steepness::new(architecture, CHUNK),
            architecture: architecture.clone(),
        }
    }

    /// Passes forward at some points.
    fn forward(&mut self, thetas: &[DMatrix<T>], points: impl Iterator<Item = Place>) -> usize {
        self.batch.inputs.fill(T::zero());
        self.batch.samples = 0;
        for (i, [x, y]) in points.enumerate() {
            self.batch.inputs[(i, 0)] = T::of(x).flushed();
            self.batch.inputs[(i, 1)] = T::of(y).flushed();
            self.batch.inputs[(i, 2)] = T::one();
            self.batch.samples = i + 1;
        }
        self.pass.forward(&self.architecture, thetas, &self.batch);
        self.batch.samples
    }

    /// Shows the outputs at each point.
    fn each(
        &mut self,
        thetas: &[DMatrix<T>],
        points: &mut dyn Iterator<Item = Place>,
        see: &mut dyn FnMut(&DMatrix<T>, usize) -> bool,
    ) {
        loop {
            let samples = self.forward(thetas, (&mut *points).take(CHUNK));
            let mut rows = 0..samples;
            if samples == 0 || !rows.all(|i| see(&self.pass.output, i)) {
                return;
            }
        }
    }

    pub(super) fn logits_generic(
        &mut self,
        thetas: &[DMatrix<T>],
        points: &[Place],
    ) -> Vec<Vec<f64>> {
        let mut all = Vec::with_capacity(points.len());
        self.each(thetas, &mut points.iter().copied(), &mut |z, i| {
            all.push(z.row(i).iter().map(|z| z.to_f64()).collect());
            true
        });
        all
    }

    pub(super) fn plane_generic(
        &mut self,
        thetas: &[DMatrix<T>],
        reach: f64,
        count: usize,
    ) -> Plane {
        let at = nodes(reach, count);
        let mut places = at.clone().flat_map(|y| at.clone().map(move |x| [x, y]));
        let mut margins = Vec::with_capacity(count * count);
        self.each(thetas, &mut places, &mut |z, i| {
            margins.push((z[(i, 1)] - z[(i, 0)]).to_f64());
            true
        });
        Plane {
            at: at.collect(),
            margins,
        }
    }

    pub(super) fn gradients_generic(
        &mut self,
        thetas: &[DMatrix<T>],
        points: &mut dyn Iterator<Item = Place>,
        labels: &mut dyn Iterator<Item = u32>,
        target: Target,
    ) -> Vec<Place> {
        let mut all = Vec::new();
        loop {
            let samples = self.forward(thetas, (&mut *points).take(CHUNK));
            if samples == 0 {
                return all;
            }
            let labels: Vec<u32> = (&mut *labels).take(samples).collect();
            self.descend(thetas, &labels, target);
            let g = self.steepness.gradient();
            all.extend((0..samples).map(|i| [g[(i, 0)].to_f64(), g[(i, 1)].to_f64()]));
        }
    }

    fn descend(&mut self, thetas: &[DMatrix<T>], labels: &[u32], target: Target) {
        let (architecture, pass) = (&self.architecture, &mut self.pass);
        self.steepness
            .descend(architecture, thetas, pass, labels, (target, 0));
    }

    pub(super) fn attack_generic(
        &mut self,
        thetas: &[DMatrix<T>],
        points: &[Place],
        labels: &[u32],
        attack: Attack,
        see: &mut dyn FnMut(usize, Place),
    ) {
        let stride = attack::stride(attack.eps, attack.steps);
        for (c, (points, labels)) in points.chunks(CHUNK).zip(labels.chunks(CHUNK)).enumerate() {
            let n = self.forward(thetas, points.iter().copied());
            self.origin.copy_from(&self.batch.inputs);
            if attack.start != STARTS[0] {
                for (k, start) in attack.start.into_iter().enumerate() {
                    let offset = T::of(attack.eps * start);
                    let mut column = self.batch.inputs.column_mut(k);
                    column.rows_mut(0, n).add_scalar_mut(offset);
                }
                self.pass.forward(&self.architecture, thetas, &self.batch);
            }
            let mut done = [false; CHUNK];
            let mut kept = [[T::zero(); 2]; CHUNK];
            for step in 0..attack.steps {
                if step > 0 {
                    self.pass.forward(&self.architecture, thetas, &self.batch);
                }
                if attack.stop {
                    let wrong = |i: usize| winner(&self.pass.output, i) != labels[i];
                    (0..n).for_each(|i| done[i] = done[i] || wrong(i));
                    if done[..n].iter().all(|done| *done) {
                        break;
                    }
                    for (i, kept) in kept[..n].iter_mut().enumerate() {
                        *kept = [self.batch.inputs[(i, 0)], self.batch.inputs[(i, 1)]];
                    }
                }
                self.descend(thetas, labels, Target::Margin);
                let g = self.steepness.gradient();
                attack::step(&self.origin, g, attack.eps, stride, &mut self.batch.inputs);
                for i in 0..n {
                    if done[i] {
                        let [x, y] = kept[i];
                        (self.batch.inputs[(i, 0)], self.batch.inputs[(i, 1)]) = (x, y);
                    } else {
                        see(c * CHUNK + i, self.place(i));
                    }
                }
            }
            (0..n).for_each(|i| see(c * CHUNK + i, self.place(i)));
        }
    }

    fn place(&self, i: usize) -> Place {
        [0, 1].map(|k| self.batch.inputs[(i, k)].to_f64())
    }

    pub(super) fn right_generic(
        &mut self,
        thetas: &[DMatrix<T>],
        points: &[Place],
        labels: &[u32],
    ) -> Vec<bool> {
        let mut right = Vec::with_capacity(points.len());
        self.each(thetas, &mut points.iter().copied(), &mut |z, i| {
            right.push(winner(z, i) == labels[right.len()]);
            true
        });
        right
    }

    pub(super) fn robust_generic(
        &mut self,
        thetas: &[DMatrix<T>],
        (points, labels): (&[Place], &[u32]),
        eps: f64,
        (steps, starts): (u32, usize),
        right: &mut [bool],
    ) {
        for start in &STARTS[..starts] {
            // Who has been fooled once need not be attacked again.
            let alive: Vec<usize> = (0..points.len()).filter(|&i| right[i]).collect();
            let mut at: Vec<Place> = alive.iter().map(|&i| points[i]).collect();
            let own: Vec<u32> = alive.iter().map(|&i| labels[i]).collect();
            let attack = Attack {
                eps,
                steps,
                start: *start,
                stop: true,
            };
            let mut reached = at.clone();
            self.attack_generic(thetas, &at, &own, attack, &mut |i, place| {
                reached[i] = place;
            });
            at = reached;
            let stands = self.right_generic(thetas, &at, &own);
            alive.iter().zip(stands).for_each(|(&i, r)| right[i] = r);
        }
    }

    /// How fast each class's margin over another can change, in any coordinate at once: `|w_y − w_k| |W| … |W| 1`, for no σ here is
    /// steeper than 1.
    fn steepest(thetas: &[DMatrix<T>]) -> Vec<f64> {
        let (last, hidden) = thetas.split_last().expect("a layer");
        let mut reach = vec![1.0; 2];
        for theta in hidden {
            let weights = theta.column_iter();
            let of = |column: nalgebra::DVectorView<T>| {
                let pairs = column.iter().zip(&reach);
                pairs.map(|(w, r)| w.abs().to_f64() * r).sum::<f64>()
            };
            reach = weights.map(of).collect();
        }
        let apart = |y: usize, k: usize| {
            let terms = reach.iter().enumerate();
            let of = |(i, r): (usize, &f64)| (last[(i, y)] - last[(i, k)]).abs().to_f64() * r;
            terms.map(of).sum::<f64>()
        };
        let classes = 0..last.ncols();
        let of = |y: usize| classes.clone().map(|k| apart(y, k)).fold(0.0, f64::max);
        classes.clone().map(of).collect()
    }

    /// Of the points that stand, which have a node of another class in their box, and which surely have no place of one. A middle
    /// whose margin is larger than what the way to the edges can take from it answers for all of its square.
    pub(super) fn boxes_generic(
        &mut self,
        thetas: &[DMatrix<T>],
        (points, labels): (&[Place], &[u32]),
        (eps, count): (f64, usize),
        stands: &[bool],
    ) -> Vec<Verdict> {
        let steepest = Self::steepest(thetas);
        let step = 2.0 * eps / (count - 1) as f64;
        let at: Vec<f64> = nodes(eps, count).collect();
        let mut verdicts: Vec<Verdict> = stands
            .iter()
            .map(|&stands| {
                if stands {
                    Verdict::Sure
                } else {
                    Verdict::Wrong
                }
            })
            .collect();
        // Squares of nodes, from and to: what is left to be seen, point by point.
        let whole = |i: usize| (i, [[0, count - 1]; 2]);
        let mut left: Vec<(usize, [[usize; 2]; 2])> = (0..points.len())
            .rev()
            .filter(|&i| stands[i])
            .map(whole)
            .collect();
        let mut taken = Vec::with_capacity(CHUNK);
        while !left.is_empty() {
            taken.clear();
            while taken.len() < CHUNK
                && let Some(square) = left.pop()
            {
                if verdicts[square.0] != Verdict::Wrong {
                    taken.push(square);
                }
            }
            let middles = taken.iter().map(|&(i, square)| {
                [0, 1].map(|k| points[i][k] + at[usize::midpoint(square[k][0], square[k][1])])
            });
            self.forward(thetas, middles);
            for (row, &(i, square)) in taken.iter().enumerate() {
                let (z, label) = (&self.pass.output, labels[i] as usize);
                let margin = (z[(row, label)] - z[(row, cotangent::rival(z, row, label))]).to_f64();
                if winner(z, row) as usize != label {
                    verdicts[i] = Verdict::Wrong;
                    continue;
                }
                let middle = square.map(|[from, to]| usize::midpoint(from, to));
                // To the nodes at the edges, and half a step further: there another square answers.
                let way = [0, 1].map(|k| (square[k][1] - middle[k]).max(middle[k] - square[k][0]));
                let way = (way[0].max(way[1]) as f64 + 0.5) * step;
                // More than what is rounded.
                if margin > way * steepest[label] * 1.001 + 1e-3 {
                    continue;
                }
                if square.iter().all(|[from, to]| from == to) {
                    verdicts[i] = verdicts[i].min(Verdict::Nodes);
                    continue;
                }
                let halves = square.map(|[from, to]| {
                    let half = usize::midpoint(from, to);
                    [[from, half], [half + 1, to]]
                });
                for x in halves[0] {
                    for y in halves[1] {
                        if x[0] <= x[1] && y[0] <= y[1] {
                            left.push((i, [x, y]));
                        }
                    }
                }
            }
        }
        verdicts
    }

    pub(super) fn nearest_generic(
        &mut self,
        thetas: &[DMatrix<T>],
        point: Place,
        label: u32,
        eps: f64,
        count: usize,
    ) -> Option<Place> {
        let mut places = box_of(point, eps, count);
        let (mut nearest, mut least) = (None, f64::INFINITY);
        self.each(thetas, &mut box_of(point, eps, count), &mut |z, i| {
            let place = places.next().expect("as many places as answers");
            let away = [0, 1].map(|k| (place[k] - point[k]).abs());
            let away = away[0].max(away[1]);
            if winner(z, i) != label && away < least {
                (nearest, least) = (Some(place), away);
            }
            true
        });
        nearest
    }
}

/// The nodes of a point's box, `count` along each side, edges included.
fn box_of([x, y]: Place, eps: f64, count: usize) -> impl Iterator<Item = Place> {
    let at = nodes(eps, count);
    at.clone()
        .flat_map(move |up| at.clone().map(move |right| [x + right, y + up]))
}
