//! *Interlocking backpropagation*: its laws, which need no reference, and what it shows on the stage. What was measured of it over seeds is
//! among the long tests.

#[path = "common/on_stage.rs"]
mod on_stage;
#[path = "common/slope.rs"]
mod slope;

use std::collections::HashMap;

use nalgebra::DMatrix;
use on_stage::{number, open, refusal};
use proptest::prelude::*;
use proxprop::Named;
use proxprop::data::rng::{Purpose, Stream};
use proxprop::frame::stage::Kind as Seen;
use proxprop::lab::session::{Command, Session};
use proxprop::lab::systems::Play;
use proxprop::nn::features::Inputs;
use proxprop::nn::loss::BatchTargets;
use proxprop::nn::mlp::{Architecture, Batch};
use proxprop::nn::{Activation, Arithmetic, Loss};
use proxprop::steps::implicit::CG_EPSILON;
use proxprop::steps::optimizer::StepSize;
use proxprop::steps::reach::{Combine, Hearing};
use proxprop::steps::{Directions, Implicit, Optimizer, OptimizerState, Rule};
use proxprop::systems::interlocking::{Costs, Event, Learner, Op, Pipeline, Settings, Work};
use slope::slopes;

/// A small network with heads, and points to learn from.
#[derive(Debug)]
struct Toy {
    architecture: Architecture,
    thetas: Vec<DMatrix<f64>>,
    batch: Batch<f64>,
    modules: usize,
    per_module: usize,
}

const IMPLICIT: Implicit = Implicit {
    tau_theta: 1.5,
    cg_tolerance: 0.0,
    cg_epsilon: CG_EPSILON,
};

impl Toy {
    fn new(modules: usize, per_module: usize, seed: u32) -> Toy {
        let mut stream = Stream::new(seed, Purpose::Weights, 0);
        // Another width in every layer: nothing may go by all of them being alike.
        let hidden: Vec<usize> = (0..modules * per_module)
            .map(|l| 4 + (l + seed as usize) % 3)
            .collect();
        let architecture = Architecture::dense(
            Inputs::plain(2),
            &hidden,
            Activation::Tanh,
            3,
            Loss::CrossEntropy,
        );
        let mut thetas: Vec<DMatrix<f64>> = architecture.zeros();
        for head in architecture.auxiliary_heads(per_module) {
            let (rows, columns) = head.theta_shape();
            thetas.push(DMatrix::zeros(rows, columns));
        }
        for theta in &mut thetas {
            theta.iter_mut().for_each(|w| *w = 0.6 * stream.normal());
        }
        let samples = 7;
        let mut batch = Batch::with_capacity(samples, 2, 3, Loss::CrossEntropy);
        batch.samples = samples;
        for i in 0..samples {
            batch.inputs[(i, 0)] = stream.normal();
            batch.inputs[(i, 1)] = stream.normal();
            batch.inputs[(i, 2)] = 1.0;
        }
        batch.targets =
            BatchTargets::Labels((0..samples as u32).map(|i| (i * 5 + seed) % 3).collect());
        Toy {
            architecture,
            thetas,
            batch,
            modules,
            per_module,
        }
    }

    fn hearing(&self, n: usize, combine: Combine) -> Hearing {
        Hearing {
            per_module: self.per_module,
            n,
            combine,
        }
    }

    fn layers(&self) -> usize {
        self.modules * self.per_module
    }

    /// Where the parameters of head `k` stand.
    fn head(&self, k: usize) -> usize {
        if k + 1 == self.modules {
            self.layers()
        } else {
            self.layers() + 1 + k
        }
    }

    /// All losses and directions at some parameters.
    fn computed(
        &self,
        hearing: Hearing,
        rule: Rule,
        thetas: &[DMatrix<f64>],
    ) -> (Vec<f64>, Vec<DMatrix<f64>>) {
        let mut work = Work::new(&self.architecture, hearing, rule, self.batch.samples);
        work.compute(&self.architecture, thetas, &self.batch, IMPLICIT)
            .unwrap();
        (work.heard.losses.clone(), work.directions)
    }

    fn gradients(&self, hearing: Hearing) -> Vec<DMatrix<f64>> {
        self.computed(hearing, Rule::Backprop, &self.thetas).1
    }
}

fn settings(rule: Rule, optimizer: Optimizer, tau: f64) -> Settings {
    let size = StepSize {
        momentum: 0.9,
        ..StepSize::plain(tau)
    };
    Settings {
        rule,
        implicit: IMPLICIT,
        optimizer,
        trunk: size,
        heads: size,
    }
}

fn toys() -> impl Strategy<Value = Toy> {
    let shapes = prop_oneof![
        Just((3, 2)),
        Just((4, 1)),
        Just((2, 3)),
        Just((1, 2)),
        Just((5, 1))
    ];
    (shapes, 0..1000_u32)
        .prop_map(|((modules, per_module), seed)| Toy::new(modules, per_module, seed))
}

fn combines() -> impl Strategy<Value = Combine> {
    prop::sample::select(Combine::ALL)
}

fn largest(matrix: &DMatrix<f64>) -> f64 {
    matrix.iter().fold(0.0, |most: f64, w| most.max(w.abs()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// A module's gradient is that of the losses that it hears, weighted; a head's that of its own alone.
    #[test]
    fn gradients_are_those_of_the_losses_heard(toy in toys(), n in 1..6_usize, combine in combines()) {
        let hearing = toy.hearing(n, combine);
        let gradients = toy.gradients(hearing);
        let mut thetas = toy.thetas.clone();
        for (p, gradient) in gradients.iter().enumerate() {
            for i in (0..gradient.len()).step_by(3) {
                let at = thetas[p][i];
                let slopes = slopes(|by| {
                    thetas[p][i] = at + by;
                    toy.computed(hearing, Rule::Backprop, &thetas).0
                });
                thetas[p][i] = at;
                let weight = |j: usize| if p < toy.layers() {
                    hearing.weight(p / toy.per_module, j, toy.modules)
                } else {
                    f64::from(u8::from(p == toy.head(j)))
                };
                let slope: f64 = (0..toy.modules).map(|j| weight(j) * slopes[j]).sum();
                prop_assert!((slope - gradient[i]).abs() < 1e-8, "{:?} {} {}: {} {}", hearing, p, i, slope, gradient[i]);
            }
        }
    }

    /// What a module cannot hear does not matter to it, to the last bit: modules beyond, and heads that it does not listen to.
    #[test]
    fn a_module_hears_no_further(toy in toys(), n in 1..6_usize, combine in combines(), other in 0..5_usize) {
        let other = other % toy.modules;
        let hearing = toy.hearing(n, combine);
        for rule in [Rule::Backprop, Rule::ProxExact] {
            let (_, plain) = toy.computed(hearing, rule, &toy.thetas);
            let mut thetas = toy.thetas.clone();
            thetas[toy.head(other)].iter_mut().for_each(|w| *w += 1.0);
            let (_, head_moved) = toy.computed(hearing, rule, &thetas);
            let mut thetas = toy.thetas.clone();
            for theta in &mut thetas[other * toy.per_module..(other + 1) * toy.per_module] {
                theta.iter_mut().for_each(|w| *w += 1.0);
            }
            let (_, module_moved) = toy.computed(hearing, rule, &thetas);
            for k in 0..toy.modules {
                let heard = hearing.heard(k, toy.modules);
                for l in k * toy.per_module..(k + 1) * toy.per_module {
                    if !heard.contains(&other) {
                        prop_assert_eq!(&plain[l], &head_moved[l], "head {} at module {}", other, k);
                    }
                    if other > *heard.end() {
                        prop_assert_eq!(&plain[l], &module_moved[l], "module {} at module {}", other, k);
                    }
                }
                if k != other {
                    prop_assert_eq!(&plain[toy.head(k)], &head_moved[toy.head(k)]);
                }
            }
        }
    }

    /// N = K: trunk and last head train as the plain network, to the last bit, whatever the other heads are.
    #[test]
    fn hearing_the_last_loss_alone_is_the_plain_network(toy in toys(), more in 0..3_usize, seed in 0..1000_u32) {
        for (rule, optimizer) in [
            (Rule::Backprop, Optimizer::Momentum),
            (Rule::ProxExact, Optimizer::Adam),
            (Rule::ProxCg(3), Optimizer::Sgd),
        ] {
            let how = settings(rule, optimizer, 0.1);
            let hearing = toy.hearing(toy.modules + more, Combine::Last);
            let mut thetas = toy.thetas.clone();
            let mut stream = Stream::new(seed, Purpose::Weights, 0);
            for head in &mut thetas[toy.layers() + 1..] {
                head.iter_mut().for_each(|w| *w = stream.normal());
            }
            let mut learner = Learner::new(optimizer, toy.layers(), thetas);
            let mut work = Work::new(&toy.architecture, hearing, rule, toy.batch.samples);
            let mut plain = toy.thetas[..=toy.layers()].to_vec();
            let mut memory = OptimizerState::new(optimizer, &plain);
            let mut directions = Directions::new(&toy.architecture, rule, None, toy.batch.samples, Arithmetic::Portable);
            for _ in 0..50 {
                learner.step(&toy.architecture, &toy.batch, &how, &mut work).unwrap();
                directions.compute(&toy.architecture, &plain, &toy.batch, IMPLICIT).unwrap();
                memory.apply(optimizer, how.trunk, &mut plain, &directions.directions);
            }
            prop_assert_eq!(&learner.thetas[..=toy.layers()], &plain[..]);
        }
    }

    /// Sums are sums, local learning is local however losses are combined, and high modules are as end to end.
    #[test]
    fn combinations_agree_where_they_must(toy in toys(), n in 1..6_usize) {
        let n = n.min(toy.modules);
        let of = |n, combine| toy.gradients(toy.hearing(n, combine));
        prop_assert_eq!(of(1, Combine::Sum), of(1, Combine::Last));
        prop_assert_eq!(of(1, Combine::Mean), of(1, Combine::Last));
        let (sum, mean, last) = (of(n, Combine::Sum), of(n, Combine::Mean), of(n, Combine::Last));
        let end = of(toy.modules, Combine::Last);
        let reaches: Vec<_> = (1..=n).map(|reach| of(reach, Combine::Last)).collect();
        for l in 0..toy.layers() {
            let k = l / toy.per_module;
            let heard = n.min(toy.modules - k);
            let mut wanted = DMatrix::zeros(sum[l].nrows(), sum[l].ncols());
            reaches[..heard].iter().for_each(|of_one| wanted += &of_one[l]);
            prop_assert!(largest(&(&sum[l] - &wanted)) < 1e-14);
            prop_assert!(largest(&(&mean[l] * heard as f64 - &wanted)) < 1e-14);
            if k + n >= toy.modules {
                prop_assert_eq!(&last[l], &end[l]);
            }
        }
    }

    /// The implicit direction of any gradient: it descends, solves its system and becomes the gradient for small τ_θ; heads are explicit.
    #[test]
    fn implicit_directions_need_the_layers_own_inputs_alone(toy in toys(), n in 1..6_usize, combine in combines()) {
        let hearing = toy.hearing(n, combine);
        let gradients = toy.gradients(hearing);
        let mut work = Work::new(&toy.architecture, hearing, Rule::ProxExact, toy.batch.samples);
        work.compute(&toy.architecture, &toy.thetas, &toy.batch, IMPLICIT).unwrap();
        for (l, (g, d)) in gradients.iter().zip(&work.directions).enumerate() {
            if l >= toy.layers() {
                prop_assert_eq!(g, d);
                continue;
            }
            let inputs = work.gradient.activations.hidden.inputs_of(l, &toy.batch);
            prop_assert!(g.dot(d) > 0.0);
            let system = inputs.transpose() * (inputs * d) + d / IMPLICIT.tau_theta;
            prop_assert!(largest(&(system - g)) < 1e-12);
        }
        let tiny = Implicit { tau_theta: 1e-9, ..IMPLICIT };
        work.compute(&toy.architecture, &toy.thetas, &toy.batch, tiny).unwrap();
        for (g, d) in gradients.iter().zip(&work.directions).take(toy.layers()) {
            prop_assert!(largest(&(d / 1e-9 - g)) < 1e-6);
        }
    }

    /// The pipeline says when, never what: its ops in the order of their times, every device with its own parameters, make the steps that
    /// are made one after the other.
    #[test]
    fn ops_in_the_order_of_their_times_make_the_same_steps(seed in 0..1000_u32, n in 1..5_usize, combine in combines(), split: bool, comm in 0.0..1.0_f64) {
        let toy = Toy::new(4, 2, seed);
        let (hearing, how) = (toy.hearing(n, combine), settings(Rule::Backprop, Optimizer::Momentum, 0.05));
        let costs = Costs { aux: 0.25, comm, split, ..Costs::USUAL };
        let batches = 6;
        let mut learner = Learner::new(how.optimizer, toy.layers(), toy.thetas.clone());
        let mut work = Work::new(&toy.architecture, hearing, how.rule, toy.batch.samples);
        for _ in 0..batches {
            learner.step(&toy.architecture, &toy.batch, &how, &mut work).unwrap();
        }
        let mut devices = Devices::new(&toy, hearing, how);
        let mut pipeline = Pipeline::default();
        let mut events: Vec<(usize, Event)> = Vec::new();
        for t in 0..batches {
            pipeline.batch(4, hearing, &costs, |event| events.push((t, event)));
        }
        // What ends first is done first; of what ends at once, what began first.
        events.sort_by(|(_, a), (_, b)| (a.end, a.start).partial_cmp(&(b.end, b.start)).unwrap());
        for (t, event) in events {
            devices.make(t, event.device, event.op);
        }
        for (made, theta) in devices.thetas.iter().zip(&learner.thetas) {
            prop_assert!(largest(&(made - theta)) < 1e-12);
        }
    }

    /// Costs are units: twice as much of each takes twice as long. No device does two things at once, or begins before its update.
    #[test]
    fn a_schedule_is_possible(modules in 1..9_usize, n in 1..9_usize, combine in combines(), split: bool, costs in prop::array::uniform5(0.0..3.0_f64)) {
        let hearing = Hearing { per_module: 1, n, combine };
        let [f, x, w, aux, comm] = costs;
        let costs = Costs { f, x, w, aux, comm, split };
        let twice = Costs { f: 2.0 * f, x: 2.0 * x, w: 2.0 * w, aux: 2.0 * aux, comm: 2.0 * comm, split };
        let (mut one, mut two) = (Pipeline::default(), Pipeline::default());
        let mut free = vec![0.0; modules];
        for _ in 0..12 {
            let (before, mut busy) = (free.clone(), 0.0);
            let mut forward = vec![f64::NAN; modules];
            one.batch(modules, hearing, &costs, |event| {
                assert!(event.start >= free[event.device] && event.end >= event.start);
                if event.op == Op::F {
                    assert_eq!(free[event.device], before[event.device], "an update comes before the next batch");
                    forward[event.device] = event.end;
                }
                free[event.device] = event.end;
                busy += event.end - event.start;
            });
            prop_assert!(forward.windows(2).all(|two| two[1] >= two[0] + comm + f - 1e-12));
            two.batch(modules, hearing, &twice, |_| {});
            prop_assert!((two.complete - 2.0 * one.complete).abs() < 1e-9);
            prop_assert!(busy <= modules as f64 * one.complete + 1e-9);
        }
    }
}

/// Devices that know their own layers alone, and what was sent to them.
struct Devices<'a> {
    toy: &'a Toy,
    hearing: Hearing,
    how: Settings,
    thetas: Vec<DMatrix<f64>>,
    velocity: Vec<DMatrix<f64>>,
    /// Per device and batch its activations, the inputs first.
    activations: HashMap<(usize, usize), Vec<DMatrix<f64>>>,
    /// Gradients by a device's outputs, per device, loss and batch.
    messages: HashMap<(usize, usize, usize), DMatrix<f64>>,
}

impl<'a> Devices<'a> {
    fn new(toy: &'a Toy, hearing: Hearing, how: Settings) -> Devices<'a> {
        let thetas = toy.thetas.clone();
        let velocity = thetas.iter().map(|theta| theta * 0.0).collect();
        Devices {
            toy,
            hearing,
            how,
            thetas,
            velocity,
            activations: HashMap::new(),
            messages: HashMap::new(),
        }
    }

    fn update(&mut self, p: usize, gradient: DMatrix<f64>) {
        self.velocity[p] = &self.velocity[p] * 0.9 + gradient;
        self.thetas[p] -= &self.velocity[p] * self.how.trunk.tau;
    }

    /// The head's own loss: its message goes into the module below it, and its parameters step.
    fn hear_own(&mut self, t: usize, k: usize) {
        let head = self.toy.head(k);
        let h = with_ones(self.activations[&(k, t)].last().unwrap());
        let BatchTargets::Labels(labels) = &self.toy.batch.targets else {
            panic!("classes")
        };
        let mut g = &h * &self.thetas[head];
        for (mut row, &label) in g.row_iter_mut().zip(labels) {
            let total: f64 = row.iter().map(|z| z.exp()).sum();
            row.iter_mut().for_each(|z| *z = z.exp() / total);
            row[label as usize] -= 1.0;
        }
        g /= labels.len() as f64;
        let weights = self.thetas[head]
            .rows(0, self.thetas[head].nrows() - 1)
            .transpose();
        self.messages.insert((k, k, t), &g * weights);
        self.update(head, h.transpose() * g);
    }

    fn make(&mut self, t: usize, k: usize, op: Op) {
        let m = self.toy.per_module;
        let layers = k * m..(k + 1) * m;
        match op {
            Op::F => {
                let below = if k == 0 {
                    let samples = self.toy.batch.samples;
                    self.toy
                        .batch
                        .inputs
                        .view((0, 0), (samples, 2))
                        .into_owned()
                } else {
                    self.activations[&(k - 1, t)].last().unwrap().clone()
                };
                let mut a = vec![below];
                for l in layers {
                    a.push((with_ones(a.last().unwrap()) * &self.thetas[l]).map(f64::tanh));
                }
                self.activations.insert((k, t), a);
                // A head that costs nothing, and the last one, has no op of its own.
                let probe = self.hearing.n >= 4 && self.hearing.combine == Combine::Last;
                if k + 1 == self.toy.modules || probe {
                    self.hear_own(t, k);
                }
            }
            Op::A => self.hear_own(t, k),
            Op::X(loss) => {
                let g = self.messages[&(k, loss, t)].clone();
                let (g, _) = self.back(t, k, g);
                self.messages.insert((k - 1, loss, t), g);
            }
            Op::B(last) => {
                let heard = self.hearing.heard(k, self.toy.modules);
                let parts = heard.map(|j| {
                    &self.messages[&(k, j, t)] * self.hearing.weight(k, j, self.toy.modules)
                });
                let (g, gradients) = self.back(t, k, parts.reduce(|a, b| a + b).unwrap());
                if k > 0 && self.hearing.is_single(k, self.toy.modules) {
                    self.messages.insert((k - 1, last, t), g);
                }
                for (l, gradient) in layers.zip(gradients) {
                    self.update(l, gradient);
                }
            }
        }
    }

    /// Back through a module: the gradient by its inputs, and those of its layers.
    fn back(&self, t: usize, k: usize, mut g: DMatrix<f64>) -> (DMatrix<f64>, Vec<DMatrix<f64>>) {
        let a = &self.activations[&(k, t)];
        let mut gradients = Vec::new();
        for i in (0..self.toy.per_module).rev() {
            let theta = &self.thetas[k * self.toy.per_module + i];
            g.zip_apply(&a[i + 1], |g, a| *g *= 1.0 - a * a);
            gradients.insert(0, with_ones(&a[i]).transpose() * &g);
            g *= theta.rows(0, theta.nrows() - 1).transpose();
        }
        (g, gradients)
    }
}

fn with_ones(a: &DMatrix<f64>) -> DMatrix<f64> {
    a.clone().insert_column(a.ncols(), 1.0)
}

/// The specification's formulas for costs of one: the period is 3N, whatever K.
#[test]
fn the_period_does_not_know_how_many_modules_there_are() {
    for modules in 2..=8 {
        for n in 1..=modules {
            for split in [false, true] {
                let hearing = Hearing {
                    per_module: 1,
                    n,
                    combine: Combine::Last,
                };
                let costs = Costs {
                    split,
                    ..Costs::USUAL
                };
                let (first, period) = if split {
                    (modules + n + 1, 2 * n + 1)
                } else {
                    (modules + 2 * n, 3 * n)
                };
                let mut pipeline = Pipeline::default();
                for t in 0..40 {
                    let mut busy = 0.0;
                    pipeline.batch(modules, hearing, &costs, |event| {
                        busy += event.end - event.start;
                    });
                    assert_eq!(
                        pipeline.complete,
                        (first + t * period) as f64,
                        "K {modules} N {n} {split}"
                    );
                    assert_eq!(busy, (3 * modules + (modules - n) * (n - 1)) as f64);
                }
            }
        }
    }
    for (n, period, busy) in [
        (1, 3.0, 12.0),
        (2, 6.0, 14.0),
        (3, 8.0, 16.0),
        (4, 10.0, 17.0),
    ] {
        for combine in [Combine::Sum, Combine::Mean] {
            let hearing = Hearing {
                per_module: 1,
                n,
                combine,
            };
            let mut pipeline = Pipeline::default();
            let (mut before, mut of_batch) = (0.0, 0.0);
            for _ in 0..60 {
                (before, of_batch) = (pipeline.complete, 0.0);
                pipeline.batch(4, hearing, &Costs::USUAL, |event| {
                    of_batch += event.end - event.start;
                });
            }
            assert_eq!(
                (pipeline.complete - before, of_batch),
                (period, busy),
                "{combine:?} {n}"
            );
        }
    }
}

/// The numbers of the published code's own tests: modules that multiply, one step of size 1 on one point. Rectified layers multiply, for
/// nothing here is below 0; the last head stands for a loss whose gradient by both outputs of the trunk is 0.1.
#[test]
fn the_published_tests_of_the_step_have_their_numbers() {
    for (factors, n, stepped) in [
        (
            &[2.0, 3.0, 4.0][..],
            1,
            &[[1.5, 2.5], [2.0, 4.0], [3.4, 3.4]][..],
        ),
        (&[2.0, 3.0, 4.0], 2, &[[0.5, 3.5], [2.2, 2.2], [3.4, 3.4]]),
        (&[2.0, 3.0, 4.0], 3, &[[0.8, 0.8], [2.2, 2.2], [3.4, 3.4]]),
        (
            &[2.0, 3.0, 4.0, 5.0],
            3,
            &[[-4.0, 8.0], [-1.0, -1.0], [1.0, 1.0], [2.6, 2.6]],
        ),
    ] {
        let modules = factors.len();
        let (inputs, relu) = (Inputs::plain(2), Activation::Relu);
        let architecture =
            Architecture::dense(inputs, &vec![2; modules], relu, 2, Loss::CrossEntropy);
        let diagonal = |x: f64| DMatrix::from_fn(3, 2, |i, j| if i == j { x } else { 0.0 });
        let mut thetas: Vec<DMatrix<f64>> = factors.iter().map(|&x| diagonal(x)).collect();
        // Equal logits, so δ = (½, −½).
        let top: f64 = factors.iter().product();
        let bias = -0.4 * top;
        thetas.push(DMatrix::from_row_slice(
            3,
            2,
            &[0.2, 0.0, 0.2, 0.0, bias, 0.0],
        ));
        thetas.extend((1..modules).map(|_| diagonal(1.0)));
        let mut batch = Batch::with_capacity(1, 2, 2, Loss::CrossEntropy);
        batch.samples = 1;
        batch.inputs.row_mut(0).fill(1.0);
        batch.targets = BatchTargets::Labels(vec![1]);
        let hearing = Hearing {
            per_module: 1,
            n,
            combine: Combine::Last,
        };
        let how = settings(Rule::Backprop, Optimizer::Sgd, 1.0);
        let mut work = Work::new(&architecture, hearing, how.rule, 1);
        let mut learner = Learner::new(how.optimizer, modules, thetas);
        learner
            .step(&architecture, &batch, &how, &mut work)
            .unwrap();
        for (k, wanted) in stepped.iter().enumerate() {
            for i in [0, 1] {
                let got = learner.thetas[k][(i, i)];
                assert!(
                    (got - wanted[i]).abs() < 1e-13,
                    "{factors:?}, N = {n}, module {}: {got}, published {}",
                    k + 1,
                    wanted[i]
                );
            }
        }
    }
}

/// A few points, so that a step costs little.
const SMALL: &str = "system=interlocking&n=40&width=5&steps=60";

#[test]
fn the_usual_columns_are_local_to_end_to_end() {
    let mut system = open(SMALL);
    let names = |system: &dyn Play| {
        let columns = system.stage().columns;
        columns
            .into_iter()
            .map(|column| column.name)
            .collect::<Vec<String>>()
    };
    assert_eq!(names(&*system), ["local", "2-wise", "3-wise", "end-to-end"]);
    system.set("modules", "2").unwrap();
    assert_eq!(names(&*system), ["local", "end-to-end"]);
    system.set("modules", "8").unwrap();
    system.set("run2.combine", "mean").unwrap();
    assert_eq!(
        names(&*system),
        ["local", "2-wise mean", "3-wise", "end-to-end"]
    );
    for (query, why) in [
        (
            "&modules=8&layers=2",
            "modules × layers: 8 × 2 are more than 8 layers",
        ),
        ("&f=0&x=0&w=0", "f, x, w: nothing takes any time"),
        (
            "&run=prox-point",
            "run1.rule: \"prox-point\" steps the network as a whole",
        ),
        (
            "&run=backprop,n:9",
            "run1.n: \"9\" is out of range; allowed: 1 to 8",
        ),
    ] {
        let said = refusal(&format!("{SMALL}{query}"));
        assert!(said.starts_with(why), "{said:?} should begin {why:?}");
    }
}

/// Trunk and last head are those of the lab's own run of the same seed: hearing the last loss alone is that run.
#[test]
fn end_to_end_is_the_labs_own_run() {
    let mut system = open("system=interlocking&seed=3&noise=0.1&steps=40&run=prox-exact,n:4");
    let run = "run=prox-exact,opt:adam,tau:0.01,tau_theta:0.1";
    let lab =
        format!("data=checkerboard&n=200&noise=0.1&valid=2&seed=3&hidden=8,8,8,8&epochs=40&{run}");
    let mut session = Session::new(&lab).unwrap();
    for _ in 0..2 {
        system.advance(20);
        session.advance(20);
        let (loss, member) = (
            number(&system.stage(), 0, "loss"),
            &session.frame().members[0],
        );
        assert!((loss - member.loss).abs() < 2e-3, "{loss} {}", member.loss);
    }
}

#[test]
fn at_the_pace_of_time_who_waits_makes_fewer_steps() {
    let mut system = open(&format!("{SMALL}&pace=time"));
    system.advance(60);
    let stage = system.stage();
    let steps = |run| number(&stage, run, "steps");
    // A device's own work is 3; complete(t) = K + 2N + 3N (t − 1).
    for (run, n) in [1.0, 2.0, 3.0, 4.0].into_iter().enumerate() {
        let made = ((180.0_f64 - 4.0 - 2.0 * n) / (3.0 * n)).floor() + 1.0;
        assert_eq!(steps(run), made, "{n}");
        assert_eq!(
            number(&stage, run, "time"),
            4.0 + 2.0 * n + 3.0 * n * (made - 1.0)
        );
        assert_eq!(number(&stage, run, "period"), 3.0 * n);
    }
    // The same steps as at the other pace.
    let mut other = open(SMALL);
    other.advance(steps(2) as u64);
    assert_eq!(number(&other.stage(), 2, "loss"), number(&stage, 2, "loss"));
    let Seen::Bars(bars) = &stage.pictures[0].kind else {
        panic!("bars")
    };
    assert_eq!((bars.groups.len(), bars.x), (4, (144.0, 180.0)));
    for group in &bars.groups {
        assert_eq!(group.rows.len(), 4);
        // What a device does it does alone.
        for row in 0..4 {
            let mut own: Vec<_> = group.bars.iter().filter(|bar| bar.row == row).collect();
            own.sort_by(|a, b| a.from.total_cmp(&b.from));
            assert!(!own.is_empty() && own.windows(2).all(|two| two[0].to <= two[1].from + 1e-9));
        }
    }
    // No messages that nobody wants.
    let kinds = |group: usize| {
        let mut kinds: Vec<usize> = bars.groups[group].bars.iter().map(|bar| bar.kind).collect();
        kinds.sort_unstable();
        kinds.dedup();
        kinds
    };
    assert_eq!(
        [kinds(0), kinds(1), kinds(3)],
        [vec![0, 3], vec![0, 2, 3], vec![0, 3]]
    );
    let Seen::Bars(hears) = &stage.pictures[1].kind else {
        panic!("bars")
    };
    let heard = |run: usize| {
        let bars = hears.groups[run].bars.iter();
        bars.map(|bar| (bar.row + 1, bar.from.midpoint(bar.to).round() as usize))
            .collect::<Vec<_>>()
    };
    assert_eq!(heard(1), [(1, 2), (2, 3), (3, 4), (4, 4)]);
    let Seen::Maps(maps) = &stage.columns[0].pictures[0].kind else {
        panic!("maps")
    };
    assert_eq!((maps.maps.len(), maps.scene.training.len()), (4, 40));
}

#[test]
fn the_cosine_of_what_hears_the_last_loss_alone_is_one() {
    let mut system = open(SMALL);
    system.advance(7);
    let stage = system.stage();
    for (run, n) in [1, 2, 3, 4].into_iter().enumerate() {
        for k in 1..=4 {
            let cosine = number(&stage, run, &format!("cosine_{k}"));
            assert_eq!((cosine - 1.0).abs() < 1e-12, k + n > 4, "{n} {k}: {cosine}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    /// Wherever the timeline was looked at, the same step is the same step, bit for bit, and so are the curves.
    #[test]
    fn a_look_back_reaches_what_playing_reached(stops in prop::collection::vec(0..60_u64, 1..6), last in 1..60_u64, pace in prop_oneof![Just("steps"), Just("time")]) {
        let query = format!("{SMALL}&pace={pace}&layers=2&run=prox-exact&run=backprop,n:2,combine:sum,opt:momentum&run=prox-cg3,n:4&change=20,1,n:3&change=21,2,rule:prox-exact&change=40,3,opt:sgd");
        let mut played = open(&query);
        played.advance(last);
        let mut sought = open(&query);
        for stop in stops {
            sought.seek(stop);
            prop_assert_eq!(sought.step(), stop);
        }
        sought.seek(last);
        prop_assert_eq!(format!("{:?}", sought.stage()), format!("{:?}", played.stage()));
        for run in 0..3 {
            let upto = |play: &dyn Play| {
                let points = play.points(run).iter().filter(|point| point.step <= last);
                points.map(|point| format!("{point:?}")).collect::<Vec<String>>()
            };
            prop_assert_eq!(upto(&*sought), upto(&*played));
        }
    }

    /// The lab's own runs: hearing as far as there are layers is a run without a reach, to the last bit; and a look back is what was.
    #[test]
    fn a_run_with_a_reach_is_a_run(seed in 0..1000_u32, rule in prop_oneof![Just("backprop"), Just("prox-exact"), Just("prox-cg3")], opt in prop_oneof![Just("sgd"), Just("adam"), Just("nesterov")], back in 0..30_u64) {
        let own = format!("opt:{opt},tau:0.05");
        let query = format!("data=arms3&n=60&batch=20&hidden=6,5,4&epochs=10&seed={seed}&run={rule},{own}&run={rule},{own},reach:3&run={rule},{own},reach:1&change=15,3,reach:2&change=22,3,reach:0");
        let mut session = Session::new(&query).unwrap();
        session.advance(30);
        let members = session.frame().members;
        prop_assert_eq!(members[0].loss, members[1].loss);
        prop_assert_eq!(members[0].accuracy, members[1].accuracy);
        prop_assert!(members[2].loss != members[0].loss);
        let state = session.state();
        session.apply(Command::Seek { step: back }).unwrap();
        session.apply(Command::Seek { step: 30 }).unwrap();
        prop_assert_eq!(session.state(), state);
    }
}

/// What a reach does not go with is said; and a state file goes on where it was, heads and all.
#[test]
fn a_reach_is_refused_where_there_is_none_and_kept_in_a_file() {
    let said = Session::new("run=prox-point,reach:1")
        .err()
        .expect("a refusal")
        .to_string();
    assert!(
        said.contains("run1.reach: 1 does not go with prox-point"),
        "{said}"
    );
    let query = "data=moons&hidden=6,6,6&epochs=20&run=backprop,opt:adam,tau:0.01,reach:1";
    let mut whole = Session::new(query).unwrap();
    whole.advance(20);
    let mut first = Session::new(query).unwrap();
    first.advance(8);
    let file = first.state();
    let mut second = Session::new("").unwrap();
    second
        .apply(Command::LoadState {
            name: String::new(),
            json: file,
        })
        .unwrap();
    second.advance(12);
    assert_eq!(
        second.frame().members[0].loss,
        whole.frame().members[0].loss
    );
}
