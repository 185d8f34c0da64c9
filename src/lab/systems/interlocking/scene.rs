//! What the runs are made on, and a run where it stands: a network with heads, and the clock of its devices. Shows nothing.

use std::cell::RefCell;

use nalgebra::DMatrix;

use super::settings::{Each, Pace, Shared};
use crate::data::rng::{Purpose, Stream};
use crate::data::{Targets, generate};
use crate::engine::evaluate::batch_of;
use crate::frame::{self, Field, ScenePoint};
use crate::nn::features::Inputs;
use crate::nn::loss::{BatchTargets, softmax};
use crate::nn::mlp::{Activations, Architecture, Batch, Init, Law, initialise, initialise_heads};
use crate::nn::{Activation, Arithmetic, Loss};
use crate::steps::reach::Hearing;
use crate::steps::{Gradient, Rule, diagnostics};
use crate::systems::interlocking::{Learner, Pipeline, Work, double};

/// Cells per side of a field.
const CELLS: usize = 32;
/// Held-out points per training point.
const HELD_OUT: f64 = 2.0;
/// How far beyond −1 and 1 is shown.
const WINDOW: (f64, f64) = (-1.2, 1.2);
/// Batches after which a pipeline is in its period.
const SETTLED: usize = 60;

/// What the runs are made on.
pub(in crate::lab::systems) struct Scene {
    pub(super) shared: Shared,
    architecture: Architecture,
    training: Batch<f64>,
    held_out: Batch<f64>,
    cells: Batch<f64>,
    /// All parameters before the first step.
    start: Vec<DMatrix<f64>>,
    /// The plane and the points.
    pub(super) plane: frame::Scene,
    /// What steps work with, by who hears whom and by rule.
    works: RefCell<Vec<(Hearing, Rule, Work<f64>)>>,
    looks: RefCell<Looks>,
}

/// What looking works with.
struct Looks {
    held_out: Activations<f64>,
    cells: Activations<f64>,
    end_to_end: Gradient<f64>,
}

/// A run where it stands.
#[derive(Clone)]
pub(in crate::lab::systems) struct Member {
    learner: Learner<f64>,
    pipeline: Pipeline,
    /// Steps made.
    pub(super) steps: u64,
    /// Matrix work of them.
    pub(super) flops: f64,
    pub(super) diverged: Option<u64>,
}

/// What is measured of a run.
pub(super) struct Measured {
    /// The training loss of the last head.
    pub(super) loss: f64,
    /// Per head the share of held-out points that it answers right.
    pub(super) right: Vec<f64>,
    /// Per module the cosine of the gradient that it uses and the end-to-end gradient.
    pub(super) cosines: Vec<f64>,
}

/// What a student reads off a pipeline.
pub(super) struct Period {
    /// From batch to batch.
    pub(super) period: f64,
    /// How much of it all devices are busy.
    pub(super) utilisation: f64,
}

impl Scene {
    pub(super) fn new(shared: &Shared) -> Scene {
        let source = shared.data.data();
        let data = generate(source, shared.n, shared.noise, HELD_OUT, shared.seed);
        let data = data.expect("a toy set");
        let classes = data.training.targets.outputs();
        let hidden = vec![shared.width; shared.modules * shared.per_module];
        let (inputs, loss) = (Inputs::plain(2), Loss::CrossEntropy);
        let architecture = Architecture::dense(inputs, &hidden, Activation::Tanh, classes, loss);
        // The trunk and the last head as those of a plain run of the same seed; the other heads from a stream of their own.
        let numbers = |index| {
            let mut stream = Stream::new(shared.seed, Purpose::Weights, index);
            move |_: Law| stream.normal()
        };
        let mut start = initialise(&architecture, Init::Xavier, 1.0, numbers(0));
        let per_module = shared.per_module;
        start.extend(initialise_heads(
            &architecture,
            per_module,
            Init::Xavier,
            1.0,
            numbers(1),
        ));
        let mut cells = Batch::with_capacity(CELLS * CELLS, 2, classes, loss);
        cells.samples = CELLS * CELLS;
        for i in 0..cells.samples {
            let place = |cell: usize| {
                let share = (cell as f64 + 0.5) / CELLS as f64;
                WINDOW.0 + (WINDOW.1 - WINDOW.0) * share
            };
            cells.inputs[(i, 0)] = place(i % CELLS);
            cells.inputs[(i, 1)] = place(i / CELLS);
            cells.inputs[(i, 2)] = 1.0;
        }
        let Targets::Classes { labels, .. } = &data.training.targets else {
            unreachable!("sets of classes")
        };
        let at = |i: usize| [data.training.inputs[(i, 0)], data.training.inputs[(i, 1)]];
        let point = |(i, &label): (usize, &u32)| ScenePoint {
            at: at(i),
            target: f64::from(label),
        };
        let plane = frame::Scene {
            inputs: 2,
            classes,
            x: WINDOW,
            y: WINDOW,
            value: (0.0, 1.0),
            training: labels.iter().enumerate().map(point).collect(),
            validation: Vec::new(),
        };
        let training = batch_of(&data.training, &architecture);
        let held_out: Batch<f64> = batch_of(&data.validation, &architecture);
        let looks = Looks {
            held_out: Activations::new(&architecture, held_out.samples, Arithmetic::Portable),
            cells: Activations::new(&architecture, cells.samples, Arithmetic::Portable),
            end_to_end: Gradient::new(&architecture, shared.n, Arithmetic::Portable),
        };
        Scene {
            shared: shared.clone(),
            training,
            held_out,
            cells,
            start,
            plane,
            works: RefCell::default(),
            looks: RefCell::new(looks),
            architecture,
        }
    }

    /// Numbers of a run where it stands.
    pub(super) fn numbers(&self) -> usize {
        Learner::<f64>::numbers(self.start.iter().map(DMatrix::len).sum())
    }

    /// Has `f` use what works for those who hear so, by this rule.
    fn working<R>(&self, hearing: Hearing, rule: Rule, f: impl FnOnce(&mut Work<f64>) -> R) -> R {
        let mut works = self.works.borrow_mut();
        let known = works
            .iter()
            .position(|(h, r, _)| (*h, *r) == (hearing, rule));
        let place = known.unwrap_or_else(|| {
            let work = Work::new(&self.architecture, hearing, rule, self.shared.n);
            works.push((hearing, rule, work));
            works.len() - 1
        });
        f(&mut works[place].2)
    }

    /// Has `see` look at the outputs of every head, from below, for what has passed forward.
    fn heads(
        &self,
        activations: &mut Activations<f64>,
        batch: &Batch<f64>,
        thetas: &[DMatrix<f64>],
        mut see: impl FnMut(&DMatrix<f64>),
    ) {
        let per_module = self.shared.per_module;
        double::heads(
            activations,
            &self.architecture,
            per_module,
            thetas,
            batch,
            &mut see,
        );
    }

    /// What every head answers, from below, on a grid over the plane.
    pub(super) fn fields(&self, member: &Member) -> Vec<Field> {
        let looks = &mut self.looks.borrow_mut().cells;
        let mut fields = Vec::new();
        let classes = self.architecture.outputs();
        let first = usize::from(classes == 2);
        let mut p = looks.output.clone();
        self.heads(looks, &self.cells, &member.learner.thetas, |z| {
            softmax(z, &mut p);
            let of_cell = |i| {
                p.row(i)
                    .iter()
                    .skip(first)
                    .map(|&p| p as f32)
                    .collect::<Vec<f32>>()
            };
            fields.push(Field {
                columns: CELLS,
                rows: CELLS,
                channels: classes - first,
                values: (0..CELLS * CELLS).flat_map(of_cell).collect(),
            });
        });
        fields
    }

    pub(super) fn measure(&self, each: &Each, member: &Member) -> Measured {
        let thetas = &member.learner.thetas;
        let hearing = each.hearing(&self.shared);
        let looks = &mut *self.looks.borrow_mut();
        let BatchTargets::Labels(labels) = &self.held_out.targets else {
            unreachable!("sets of classes")
        };
        let mut right = Vec::new();
        self.heads(&mut looks.held_out, &self.held_out, thetas, |z| {
            // The lowest index wins ties.
            let best =
                |i: usize| (1..z.ncols()).fold(0, |b, c| if z[(i, c)] > z[(i, b)] { c } else { b });
            let hits = labels
                .iter()
                .enumerate()
                .filter(|&(i, &label)| best(i) == label as usize);
            right.push(hits.count() as f64 / labels.len() as f64);
        });
        let mut sums = vec![[0.0; 3]; self.shared.modules];
        let loss = self.working(hearing, Rule::Backprop, |work| {
            let implicit = each.settings().implicit;
            // What is not finite any more is told as what it is.
            let (architecture, batch) = (&self.architecture, &self.training);
            let used = double::compute(work, architecture, thetas, batch, implicit);
            let end = &mut looks.end_to_end;
            double::end_to_end(end, architecture, thetas, batch, &mut |l, whole| {
                let used = &work.directions[l];
                let sums = &mut sums[l / self.shared.per_module];
                sums[0] += diagnostics::inner(used, whole);
                sums[1] += diagnostics::inner(used, used);
                sums[2] += diagnostics::inner(whole, whole);
            });
            used.unwrap_or(f64::NAN)
        });
        Measured {
            loss,
            right,
            cosines: sums
                .iter()
                .map(|[dot, a, b]| dot / (a * b).sqrt())
                .collect(),
        }
    }

    /// Period and utilisation of those who hear so, and when its batches are complete.
    pub(super) fn period(&self, hearing: Hearing) -> Period {
        let (modules, costs) = (self.shared.modules, self.shared.costs());
        let mut pipeline = Pipeline::default();
        let (mut before, mut busy) = (0.0, 0.0);
        for _ in 0..SETTLED {
            (before, busy) = (pipeline.complete, 0.0);
            pipeline.batch(modules, hearing, &costs, |event| {
                busy += event.end - event.start;
            });
        }
        let period = pipeline.complete - before;
        Period {
            period,
            utilisation: busy / (modules as f64 * period),
        }
    }
}

impl Member {
    pub(super) fn new(scene: &Scene, each: &Each) -> Member {
        let hidden = scene.architecture.trunk().len();
        Member {
            learner: Learner::new(each.opt, hidden, scene.start.clone()),
            pipeline: Pipeline::default(),
            steps: 0,
            flops: 0.0,
            diverged: None,
        }
    }

    /// When its last step was complete on all devices.
    pub(super) fn time(&self) -> f64 {
        self.pipeline.complete
    }

    pub(super) fn step(&mut self, scene: &Scene, each: &Each, step: u64) {
        let shared = &scene.shared;
        let (hearing, costs) = (each.hearing(shared), shared.costs());
        let now = (step + 1) as f64 * shared.tick();
        loop {
            let mut next = self.pipeline;
            next.batch(shared.modules, hearing, &costs, |_| {});
            // A sum of costs is not exact.
            let late = next.complete > now * (1.0 + 1e-12);
            if shared.pace == Pace::Time && late {
                return;
            }
            self.pipeline = next;
            let how = each.settings();
            let (architecture, batch) = (&scene.architecture, &scene.training);
            let made = scene.working(hearing, each.rule, |work| {
                let made = double::step(&mut self.learner, architecture, batch, &how, work);
                self.flops += work.flops(architecture, batch.samples) as f64;
                made
            });
            self.steps += 1;
            if made.is_err() {
                self.diverged = Some(step + 1);
                return;
            }
            if shared.pace == Pace::Steps {
                return;
            }
        }
    }
}
