//! What the runs learn and are measured on, and a run where it stands. Shows nothing.

use std::cell::RefCell;
use std::rc::Rc;

use nalgebra::DMatrix;

use super::settings::{Each, Shared, Source};
use crate::data::rng::Stream;
use crate::data::split::split;
use crate::data::{Dataset, Points, Targets, generate};
use crate::lab::scene::square_of_drawn;
use crate::nn::Loss;
use crate::nn::features::Inputs;
use crate::nn::loss::BatchTargets;
use crate::nn::mlp::{Architecture, Batch, Init, initialise};
use crate::steps::objective::Target;
use crate::systems::flat::{How, Learner, Looker, Plane, Verdict, Work};

/// Nodes along a side of a box.
pub(super) const BOX: usize = 31;
/// The square whose nodes of another class are looked for, and nodes along its side.
const PLANE: (f64, usize) = (2.0, 161);
/// Of drawn points so many are held out.
const HELD: f64 = 0.5;
/// Kinds of steps that memory is kept for.
const MOST_WORK: usize = 8;
/// Networks whose measures are kept.
const MOST_MEASURED: usize = 8;

/// Points with their classes.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) at: Vec<[f64; 2]>,
    pub(super) labels: Vec<u32>,
}

/// What the runs are made on.
pub(in crate::lab::systems) struct Scene {
    pub(super) shared: Shared,
    pub(super) architecture: Architecture,
    pub(super) training: Known,
    pub(super) held: Known,
    batch: Batch<f32>,
    start: Vec<DMatrix<f32>>,
    /// How far from the middle the picture reaches.
    pub(super) reach: f64,
    work: RefCell<Vec<Work<f32>>>,
    pub(super) looker: RefCell<Looker<f32>>,
    measured: RefCell<Vec<(Vec<DMatrix<f32>>, Rc<Measured>)>>,
}

/// A run where it stands.
#[derive(Clone)]
pub(in crate::lab::systems) struct Member {
    pub(super) learner: Learner<f32>,
    pub(super) diverged: Option<u64>,
}

/// How a network stands on the points held out.
#[derive(Debug)]
pub(super) struct Measured {
    pub(super) clean: f64,
    pub(super) fgsm: f64,
    pub(super) pgd: f64,
    pub(super) exact: f64,
    /// Which points no attack fools and no node of whose box is wrong.
    pub(super) boxes: Vec<bool>,
    /// Which points the strong attack does not fool.
    pub(super) stands: Vec<bool>,
    /// Means of the margin's and the probability's gradients in l1.
    pub(super) steep: f64,
    pub(super) steep_prob: f64,
    /// Medians of how far a linearised network says that the other class is, and of how far a node of it is.
    pub(super) linear: f64,
    pub(super) distance: f64,
    /// The mean loss, and the share of the class that is named most.
    pub(super) loss: f64,
    pub(super) largest: f64,
    /// Of each point; 0 for those that are wrong.
    pub(super) distances: Vec<f64>,
}

fn known(points: &Points) -> Known {
    let Targets::Classes { labels, .. } = &points.targets else {
        panic!("these points have classes")
    };
    let places = points.inputs.row_iter();
    Known {
        at: places.map(|at| [at[0], at[1]]).collect(),
        labels: labels.clone(),
    }
}

fn dataset(shared: &Shared) -> Dataset {
    let Some(source) = shared.data.generated() else {
        return split(&shared.points.dataset().training, HELD, shared.seed);
    };
    let share = shared.valid as f64 / shared.n as f64;
    generate(source, shared.n, shared.noise, share, shared.seed).expect("a toy set")
}

/// The check of the points held out by the nodes of their boxes, of the usual plain run at its end, alone.
pub struct GridCheck {
    scene: Scene,
    member: Member,
    right: Vec<bool>,
}

impl Default for GridCheck {
    fn default() -> GridCheck {
        let (scene, each) = (Scene::new(&Shared::default()), Each::default());
        let mut member = Member::new(&scene, &each);
        (0..scene.shared.steps).for_each(|step| member.step(&scene, &each, step));
        let Known { at, labels } = &scene.held;
        let right = scene.looker.borrow_mut();
        let right = { right }.right(&member.learner.thetas, at, labels);
        GridCheck {
            scene,
            member,
            right,
        }
    }
}

impl GridCheck {
    /// Checks all points; of how many no node is of another class.
    pub fn check(&self) -> usize {
        let looker = &mut self.scene.looker.borrow_mut();
        let verdicts = self
            .scene
            .boxes(looker, &self.member.learner.thetas, &self.right);
        let stand = verdicts.iter().filter(|v| **v != Verdict::Wrong);
        stand.count()
    }
}

impl Scene {
    pub(super) fn new(shared: &Shared) -> Scene {
        let data = dataset(shared);
        let training = known(&data.training);
        let mut held = known(&data.validation);
        if held.at.is_empty() {
            // Too few points to hold any out.
            held = known(&data.training);
        }
        let (inputs, loss) = (Inputs::plain(2), Loss::CrossEntropy);
        let hidden = [shared.width; 2];
        let architecture = Architecture::dense(inputs, &hidden, shared.act, 2, loss);
        let mut batch = Batch::with_capacity(training.at.len(), 2, 2, loss);
        batch.samples = training.at.len();
        for (i, at) in training.at.iter().enumerate() {
            for (k, x) in at.iter().chain([&1.0]).enumerate() {
                batch.inputs[(i, k)] = *x as f32;
            }
        }
        batch.targets = BatchTargets::Labels(training.labels.clone());
        let mut stream = Stream::weights(shared.seed);
        let start = initialise(&architecture, Init::Xavier, 1.0, |_| stream.normal());
        let reach = match shared.data {
            Source::Points => square_of_drawn(&shared.points),
            _ => 1.7,
        };
        Scene {
            looker: RefCell::new(Looker::new(&architecture)),
            start: start.iter().map(|t| t.map(|x| x as f32)).collect(),
            shared: shared.clone(),
            architecture,
            training,
            held,
            batch,
            reach,
            work: RefCell::new(Vec::new()),
            measured: RefCell::new(Vec::new()),
        }
    }

    /// Numbers of a run where it stands: weights and two moments.
    pub(super) fn numbers(&self) -> usize {
        3 * self.architecture.parameters()
    }

    /// How the network stands; what was just measured is not measured again.
    pub(super) fn measure(&self, member: &Member) -> Rc<Measured> {
        let thetas = &member.learner.thetas;
        let mut kept = self.measured.borrow_mut();
        if let Some((_, measured)) = kept.iter().find(|(of, _)| of == thetas) {
            return Rc::clone(measured);
        }
        let measured = Rc::new(self.measure_anew(thetas));
        if kept.len() == MOST_MEASURED {
            kept.remove(0);
        }
        kept.push((thetas.clone(), Rc::clone(&measured)));
        measured
    }

    fn measure_anew(&self, thetas: &[DMatrix<f32>]) -> Measured {
        let looker = &mut self.looker.borrow_mut();
        let Known { at, labels } = &self.held;
        let points = (at.as_slice(), labels.as_slice());
        let eps = self.shared.eps;
        let right = looker.right(thetas, at, labels);
        let mut fgsm = right.clone();
        looker.robust(thetas, points, eps, (1, 1), &mut fgsm);
        let verdicts = self.boxes(looker, thetas, &right);
        // Where no place is wrong, no attack finds one.
        let mut stands = right.clone();
        let sure = |i: &usize| verdicts[*i] != Verdict::Sure && right[*i];
        let open: Vec<usize> = (0..at.len()).filter(sure).collect();
        let of = (
            open.iter().map(|&i| at[i]).collect::<Vec<_>>(),
            open.iter().map(|&i| labels[i]).collect::<Vec<_>>(),
        );
        let mut left = vec![true; open.len()];
        let strength = (self.shared.attack, self.shared.starts.count());
        looker.robust(thetas, (&of.0, &of.1), eps, strength, &mut left);
        open.iter()
            .zip(left)
            .for_each(|(&i, left)| stands[i] = left);
        let pairs = verdicts.iter().zip(&stands);
        let boxes: Vec<bool> = pairs.map(|(v, &s)| *v != Verdict::Wrong && s).collect();
        let mut gradients = |target| {
            let (mut points, mut labels) = (at.iter().copied(), labels.iter().copied());
            let all = looker.gradients(thetas, &mut points, &mut labels, target);
            all.iter()
                .map(|g| g[0].abs() + g[1].abs())
                .collect::<Vec<f64>>()
        };
        let (steep, steep_prob) = (gradients(Target::Margin), gradients(Target::Prob));
        let logits = looker.logits(thetas, at);
        let margin = |(z, &y): (&Vec<f64>, &u32)| z[y as usize] - z[1 - y as usize];
        let margins: Vec<f64> = logits.iter().zip(labels).map(margin).collect();
        let plane = looker.plane(thetas, PLANE.0, PLANE.1);
        let distances = distances(&plane, &self.held, &right);
        let linear = margins
            .iter()
            .zip(&steep)
            .map(|(m, g)| m.abs() / g.max(1e-300));
        let ones = logits.iter().filter(|z| z[1] > z[0]).count() as f64 / at.len() as f64;
        let loss = |m: &f64| (-m).max(0.0) + libm::log1p(libm::exp(-m.abs()));
        Measured {
            clean: share(&right),
            fgsm: share(&fgsm),
            pgd: share(&stands),
            exact: share(&boxes),
            linear: median(linear.collect()),
            distance: median(distances.clone()),
            loss: mean(margins.iter().map(loss)),
            largest: ones.max(1.0 - ones),
            steep: mean(steep.into_iter()),
            steep_prob: mean(steep_prob.into_iter()),
            boxes,
            stands,
            distances,
        }
    }

    /// What the nodes of the boxes of the points held out say of those that are `right`.
    fn boxes(
        &self,
        looker: &mut Looker<f32>,
        thetas: &[DMatrix<f32>],
        right: &[bool],
    ) -> Vec<Verdict> {
        let Known { at, labels } = &self.held;
        looker.boxes(thetas, (at, labels), (self.shared.eps, BOX), right)
    }

    /// The shares of points that stand against FGSM within these radii.
    pub(super) fn against_fgsm(&self, thetas: &[DMatrix<f32>], radii: &[f64]) -> Vec<f64> {
        let looker = &mut self.looker.borrow_mut();
        let Known { at, labels } = &self.held;
        let right = looker.right(thetas, at, labels);
        let mut of = |&eps: &f64| {
            let mut stands = right.clone();
            looker.robust(thetas, (at, labels), eps, (1, 1), &mut stands);
            share(&stands)
        };
        radii.iter().map(&mut of).collect()
    }
}

fn distances(plane: &Plane, held: &Known, right: &[bool]) -> Vec<f64> {
    let points = held.at.iter().zip(&held.labels).zip(right);
    let of = |((&at, &label), &right): ((&[f64; 2], &u32), &bool)| {
        if right {
            plane.distance(at, label)
        } else {
            0.0
        }
    };
    points.map(of).collect()
}

fn share(of: &[bool]) -> f64 {
    of.iter().filter(|is| **is).count() as f64 / of.len() as f64
}

fn mean(of: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = of.len() as f64;
    of.sum::<f64>() / count
}

fn median(mut of: Vec<f64>) -> f64 {
    of.sort_by(f64::total_cmp);
    let last = of.len() - 1;
    f64::midpoint(of[last / 2], of[of.len() / 2])
}

impl Member {
    pub(super) fn new(scene: &Scene, each: &Each) -> Member {
        Member {
            learner: Learner::new(each.opt, scene.start.clone()),
            diverged: None,
        }
    }

    pub(super) fn step(&mut self, scene: &Scene, each: &Each, step: u64) {
        let how: How = each.how(scene.shared.eps);
        let all = &mut *scene.work.borrow_mut();
        let known = all.iter().position(|work| work.is_for(&how));
        let place = known.unwrap_or_else(|| {
            if all.len() == MOST_WORK {
                all.remove(0);
            }
            all.push(Work::new(&scene.architecture, &how, scene.batch.samples));
            all.len() - 1
        });
        let (architecture, batch) = (&scene.architecture, &scene.batch);
        self.learner
            .step(architecture, &how, batch, &mut all[place]);
        if self.learner.lost {
            self.diverged = Some(step + 1);
        }
    }
}
