//! What holds on every engine: the reference files, the laws, the same course as the CPU's, and that members do not
//! disturb each other. The GPU takes part with feature `gpu` where there is an adapter; without one the test says so,
//! and with `REQUIRE_GPU=1` it fails.

mod golden;

use golden::Golden;
use nalgebra::DMatrix;
use proxprop::Named;
use proxprop::data::digits::{Split, digits};
use proxprop::data::rng::{Purpose, Stream};
use proxprop::data::{DataSource, Dataset, Targets, generate, order};
use proxprop::engine::cpu::architecture_for;
use proxprop::engine::gpu::structs::MemberSettings;
use proxprop::engine::{Ensemble, Look, MemberState, Settings};
use proxprop::lab::config::Config;
#[cfg(feature = "gpu")]
use proxprop::lab::engine::Graphics;
use proxprop::lab::sentence;
use proxprop::lab::session::Session;
use proxprop::nn::features::{Features, Inputs};
use proxprop::nn::mlp::{Architecture, Init, initialise};
use proxprop::nn::stack::{Piece, stack};
use proxprop::nn::window::Planes;
use proxprop::nn::{Activation, Loss};
use proxprop::steps::implicit::CG_EPSILON;
use proxprop::steps::l1::zeros;
use proxprop::steps::optimizer::{Epsilon, StepSize};
use proxprop::steps::{Implicit, L1, Optimizer, OptimizerState, Rule, Shrinkage};

/// How far single precision may lie from the reference, and one engine from another after 100 steps.
const TOLERANCE: f64 = 2e-3;

/// A task and the members that learn it.
#[derive(Clone)]
struct Class {
    data: Dataset,
    architecture: Architecture,
    batch: usize,
    members: Vec<(Settings, Vec<DMatrix<f32>>)>,
}

/// Where a member stands, and its last minibatch loss.
type Standing = (MemberState<f32>, f64);

/// The network of a toy set's task.
fn architecture(data: &Dataset, hidden: &[usize], activation: Activation) -> Architecture {
    let loss = match data.training.targets {
        Targets::Classes { .. } => Loss::CrossEntropy,
        Targets::Values(_) => Loss::HalfSquared,
    };
    architecture_for(data, hidden, activation, loss)
}

impl Class {
    /// Members that begin with the same weights.
    fn new(
        data: Dataset,
        architecture: Architecture,
        batch: usize,
        settings: &[Settings],
    ) -> Class {
        let mut stream = Stream::new(1, Purpose::Weights, 0);
        let thetas = initialise(&architecture, Init::Xavier, 1.0, |_| stream.normal());
        let thetas: Vec<DMatrix<f32>> = thetas.iter().map(|t| t.map(|x| x as f32)).collect();
        Class {
            data,
            architecture,
            batch,
            members: settings.iter().map(|&s| (s, thetas.clone())).collect(),
        }
    }

    fn ensemble(&self) -> Ensemble<f32> {
        Ensemble::new(self.architecture.clone(), &self.data, self.batch)
    }

    fn starts(&self) -> Vec<(Settings, MemberState<f32>)> {
        let start = |(settings, thetas): &(Settings, Vec<DMatrix<f32>>)| {
            let state = MemberState {
                step: 0,
                thetas: thetas.clone(),
                optimizer: OptimizerState::new(settings.optimizer, thetas),
                first_loss: None,
                high_steps: 0,
                divergence: None,
            };
            (*settings, state)
        };
        self.members.iter().map(start).collect()
    }

    /// The minibatch of a step.
    fn order(&self, step: u64) -> Vec<u32> {
        let n = self.data.training.inputs.nrows();
        let per_epoch = order::steps_per_epoch(n, self.batch);
        let mut order = Vec::new();
        order::epoch_order(1, step / per_epoch, n, self.batch, &mut order);
        let first = (step % per_epoch) as usize * self.batch;
        order[first..(first + self.batch).min(n)].to_vec()
    }
}

/// Whoever trains.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Engine {
    Cpu,
    #[cfg(feature = "gpu")]
    Gpu,
}

impl Engine {
    /// Every member after so many steps.
    fn end(self, class: &Class, steps: u64) -> Vec<Standing> {
        let course = match self {
            Engine::Cpu => self.train(class, steps),
            #[cfg(feature = "gpu")]
            Engine::Gpu => gpu::train(class, class.starts(), 0..steps, steps),
        };
        course.into_iter().last().unwrap()
    }

    /// Every member after each of so many steps.
    fn train(self, class: &Class, steps: u64) -> Vec<Vec<Standing>> {
        self.go_on(class, class.starts(), 0..steps)
    }

    fn go_on(
        self,
        class: &Class,
        starts: Vec<(Settings, MemberState<f32>)>,
        steps: std::ops::Range<u64>,
    ) -> Vec<Vec<Standing>> {
        match self {
            Engine::Cpu => {
                let mut ensemble = class.ensemble();
                for (settings, state) in starts {
                    ensemble.add_at(settings, state);
                }
                let step = |step| {
                    ensemble.step(&class.order(step), Look::default());
                    let members = ensemble.members().iter();
                    members.map(|m| (m.state.clone(), m.loss)).collect()
                };
                steps.map(step).collect()
            }
            #[cfg(feature = "gpu")]
            Engine::Gpu => gpu::train(class, starts, steps, 1),
        }
    }
}

#[cfg(feature = "gpu")]
mod gpu {
    use super::{Class, Engine, MemberState, Settings, Standing};
    use proxprop::engine::gpu::{Gpu, GpuEnsemble};
    use proxprop::engine::{Minibatches, Report, Stretch};
    use std::sync::OnceLock;

    pub(super) fn device() -> Option<&'static Gpu> {
        static DEVICE: OnceLock<Result<Gpu, String>> = OnceLock::new();
        let device = DEVICE.get_or_init(|| {
            let device = pollster::block_on(Gpu::request());
            match &device {
                Ok(gpu) => eprintln!("the GPU is {}", gpu.adapter()),
                Err(why) => eprintln!("no GPU takes part: {why}"),
            }
            device
        });
        let required = std::env::var_os("REQUIRE_GPU").is_some_and(|v| v == "1");
        assert!(
            device.is_ok() || !required,
            "REQUIRE_GPU=1: {:?}",
            device.as_ref().err()
        );
        device.as_ref().ok()
    }

    pub(super) fn engines() -> Vec<Engine> {
        [Engine::Cpu]
            .into_iter()
            .chain(device().map(|_| Engine::Gpu))
            .collect()
    }

    /// Whether many workgroups train each member.
    pub(super) fn is_wide(class: &Class) -> bool {
        ensemble(class, class.starts()).is_wide()
    }

    fn ensemble(class: &Class, starts: Vec<(Settings, MemberState<f32>)>) -> GpuEnsemble {
        put(class, starts).unwrap()
    }

    /// Why these members cannot train there.
    pub(super) fn refusal(class: &Class) -> String {
        put(class, class.starts()).expect_err("this is too much")
    }

    fn put(
        class: &Class,
        starts: Vec<(Settings, MemberState<f32>)>,
    ) -> Result<GpuEnsemble, String> {
        let gpu = device().expect("asked for only where it is");
        let placed = |(settings, state)| (settings, state, f64::NAN);
        let members = starts.into_iter().map(placed).collect();
        GpuEnsemble::new(gpu, &class.ensemble(), members, 100)
    }

    /// Every member after each stretch of `stride` steps.
    pub(super) fn train(
        class: &Class,
        starts: Vec<(Settings, MemberState<f32>)>,
        steps: std::ops::Range<u64>,
        stride: u64,
    ) -> Vec<Vec<Standing>> {
        let mut ensemble = ensemble(class, starts);
        let mut minibatches = Minibatches::default();
        steps
            .clone()
            .for_each(|step| minibatches.push(&class.order(step)));
        let count = (steps.end - steps.start) / stride;
        let stretches = vec![
            Stretch {
                steps: stride,
                read: true,
                recorded: false,
            };
            count as usize
        ];
        let reports = pollster::block_on(ensemble.train(&minibatches, &stretches)).unwrap();
        let standing = |r: Report| (r.state, r.loss);
        reports
            .into_iter()
            .map(|all| all.into_iter().map(standing).collect())
            .collect()
    }
}

#[cfg(feature = "gpu")]
use gpu::engines;
#[cfg(not(feature = "gpu"))]
fn engines() -> Vec<Engine> {
    vec![Engine::Cpu]
}

fn settings(rule: Rule, optimizer: Optimizer, tau: f64) -> Settings {
    Settings {
        rule,
        optimizer,
        size: StepSize {
            tau,
            momentum: 0.9,
            decay: 0.001,
            epsilon: Epsilon::Corrected,
        },
        l1: L1::default(),
        implicit: Implicit {
            tau_theta: 1.0,
            cg_tolerance: 0.01,
            cg_epsilon: CG_EPSILON,
        },
        reach: None,
        objective: None,
    }
}

/// The same with weights drawn towards zero by as much in every step, in both ways.
fn sparse(of: Settings) -> impl Iterator<Item = Settings> {
    Shrinkage::ALL.iter().map(move |&shrinkage| Settings {
        l1: L1 {
            factor: 0.002 / of.size.tau,
            shrinkage,
        },
        ..of
    })
}

/// A small class whose members begin with the same weights: three whole minibatches and a partial one.
fn class(source: DataSource, activation: Activation, settings: &[Settings]) -> Class {
    class_of((30, 8, &[5, 4]), source, activation, settings)
}

/// One whose members are worth many workgroups each: a whole minibatch and a partial one.
fn wide(source: DataSource, activation: Activation, settings: &[Settings]) -> Class {
    class_of((200, 130, &[180, 120]), source, activation, settings)
}

fn class_of(
    size: (usize, usize, &[usize]),
    source: DataSource,
    activation: Activation,
    settings: &[Settings],
) -> Class {
    let inputs = Inputs::plain(source.inputs().unwrap());
    class_by(inputs, size, source, activation, settings)
}

/// One whose first layer is given these inputs.
fn class_by(
    inputs: Inputs,
    (n, batch, hidden): (usize, usize, &[usize]),
    source: DataSource,
    activation: Activation,
    settings: &[Settings],
) -> Class {
    let data = generate(source, n, 0.1, 0.0, 1).unwrap();
    let architecture = architecture(&data, hidden, activation).with_inputs(inputs);
    Class::new(data, architecture, batch, settings)
}

/// One that looks at so many digits by these layers, in minibatches of which the last is a partial one.
fn looking(
    (n, batch): (usize, usize),
    hidden: &[Piece],
    activation: Activation,
    settings: &[Settings],
) -> Class {
    let data = digits(n, 0.0, Split::Writers, 1).unwrap();
    let planes = Planes {
        channels: 1,
        height: 8,
        width: 8,
    };
    let architecture = Architecture {
        inputs: Inputs::plain(64),
        layers: stack(64, Some(planes), hidden, activation, 10).unwrap(),
        loss: Loss::CrossEntropy,
    };
    Class::new(data, architecture, batch, settings)
}

const fn convolution(size: usize, channels: usize, padding: usize, stride: usize) -> Piece {
    Piece::Convolution {
        size,
        channels,
        padding,
        stride,
    }
}

const fn pooling(size: usize, stride: usize) -> Piece {
    Piece::Pooling { size, stride }
}

/// Relative distance of two sets of parameters.
fn distance(a: &[DMatrix<f32>], b: &[DMatrix<f32>]) -> f64 {
    let (mut apart, mut whole) = (0.0, 0.0);
    for (a, b) in a.iter().zip(b) {
        apart += f64::from((a - b).norm_squared());
        whole += f64::from(b.norm_squared());
    }
    (apart / whole).sqrt()
}

const RULES: [Rule; 3] = [Rule::Backprop, Rule::ProxExact, Rule::ProxCg(3)];
const OPTIMIZERS: [(Optimizer, f64); 4] = [
    (Optimizer::Sgd, 0.1),
    (Optimizer::Momentum, 0.02),
    (Optimizer::Nesterov, 0.02),
    (Optimizer::Adam, 0.005),
];

#[test]
fn where_an_objective_has_no_meaning_the_loss_alone_is_differentiated() {
    let plain = settings(Rule::Backprop, Optimizer::Sgd, 0.1);
    let asked = Config::parse("run=backprop,flat:0.1,adv:0.1").unwrap();
    let flat = Settings {
        objective: asked.runs[0].settings().objective,
        ..plain
    };
    assert!(flat.objective.is_some());
    let layers = [convolution(3, 2, 1, 1), Piece::Dense(5)];
    let (smooth, both) = (Activation::Tanh, [plain, flat, plain]);
    for class in [
        class(DataSource::Plane, smooth, &both),
        looking((30, 8), &layers, smooth, &both),
    ] {
        let mut ensemble = class.ensemble();
        for (settings, thetas) in &class.members {
            ensemble.add(*settings, thetas.clone());
        }
        for order in [[0, 1, 2, 3, 4, 5, 6, 7], [8, 9, 10, 11, 12, 13, 14, 15]] {
            ensemble.step(&order, Look::default());
            ensemble.set(2, flat);
        }
        let [plain, flat, late] = ensemble.members() else {
            panic!("three members")
        };
        assert!(plain.state.thetas != class.members[0].1);
        assert_eq!(plain.state.thetas, flat.state.thetas);
        assert_eq!(plain.state.thetas, late.state.thetas);
    }
}

#[test]
fn all_engines_agree_with_the_reference() {
    for engine in engines() {
        for file in golden::ALL {
            let golden = Golden::parse(file);
            let config = golden.config();
            let run = &config.runs[0];
            let data = golden.dataset();
            let widths: Vec<usize> = golden.start().iter().map(DMatrix::ncols).collect();
            let class = Class {
                architecture: architecture(&data, &widths[..widths.len() - 1], config.act),
                data,
                batch: config.batch,
                members: vec![(
                    run.settings(),
                    golden.start().iter().map(|t| t.map(|x| x as f32)).collect(),
                )],
            };
            let losses: Vec<f64> = golden
                .trace()
                .iter()
                .map(|t| t["loss"].as_f64().unwrap())
                .collect();
            let course = engine.train(&class, losses.len() as u64);
            for (step, (want, standing)) in losses.iter().zip(&course).enumerate() {
                let got = standing[0].1;
                let close = (got - want).abs() <= TOLERANCE * want.abs().max(1e-3);
                assert!(
                    close,
                    "{engine:?}, {}, step {step}: J is {got}, reference {want}",
                    golden.name()
                );
            }
            assert!(golden.final_loss().is_finite());
            let end: Vec<DMatrix<f32>> = golden.end().iter().map(|t| t.map(|x| x as f32)).collect();
            let apart = distance(&course.last().unwrap()[0].0.thetas, &end);
            assert!(
                apart <= TOLERANCE,
                "{engine:?}, {}: {apart} apart",
                golden.name()
            );
        }
    }
}

#[test]
fn a_hundred_steps_of_everything_agree_with_the_cpu() {
    let all: Vec<Settings> = RULES
        .iter()
        .flat_map(|&rule| OPTIMIZERS.map(|(optimizer, tau)| settings(rule, optimizer, tau)))
        .collect();
    let shrinking: Vec<Settings> = all.iter().step_by(3).copied().flat_map(sparse).collect();
    let all = [all, shrinking].concat();
    for &activation in Activation::ALL {
        // The second has minibatches of fewer samples than a layer has inputs.
        for (source, batch) in [
            (DataSource::Arms3, 8),
            (DataSource::Arms3, 4),
            (DataSource::Plane, 8),
        ] {
            let class = class_of((30, batch, &[5, 4]), source, activation, &all);
            let cpu = Engine::Cpu.end(&class, 100);
            for engine in engines() {
                let other = engine.end(&class, 100);
                for ((of, (want, loss)), (got, its_loss)) in all.iter().zip(&cpu).zip(&other) {
                    let apart = distance(&got.thetas, &want.thetas);
                    assert!(
                        apart <= TOLERANCE,
                        "{engine:?}, {activation:?}, {source:?}, {of:?}: {apart} apart"
                    );
                    assert!(
                        (its_loss - loss).abs() <= TOLERANCE * loss.max(0.1),
                        "{its_loss}, not {loss}"
                    );
                    assert_eq!((got.step, got.optimizer.steps), (100, 100));
                    let rests = of.l1.factor > 0.0 && of.l1.shrinkage == Shrinkage::Implicit;
                    assert_eq!(zeros(&got.thetas).0 > 0, rests, "{engine:?}, {of:?}");
                    assert_eq!(got.optimizer.first.len(), want.optimizer.first.len());
                    assert_eq!(got.optimizer.second.len(), want.optimizer.second.len());
                }
            }
        }
    }
}

#[test]
fn features_of_points_are_the_cpus() {
    let all: Vec<Settings> = RULES
        .iter()
        .map(|&rule| settings(rule, Optimizer::Sgd, 0.1))
        .collect();
    for (source, names) in [
        (DataSource::Arms3, "x,yy,xy,sinx,siny"),
        (DataSource::Sine1d, "x,xx,sinx"),
    ] {
        let features = names.split(',').try_fold(Features::NONE, Features::with);
        let inputs = Inputs::new(source.inputs().unwrap(), features.unwrap()).unwrap();
        let size = (30, 8, &[5, 4][..]);
        let class = class_by(inputs, size, source, Activation::Tanh, &all);
        let cpu = Engine::Cpu.end(&class, 100);
        for engine in engines() {
            for ((want, _), (got, _)) in cpu.iter().zip(engine.end(&class, 100)) {
                let apart = distance(&got.thetas, &want.thetas);
                assert!(apart <= TOLERANCE, "{engine:?}, {source:?}: {apart} apart");
            }
        }
    }
}

#[test]
fn a_diverging_member_leaves_its_neighbours_as_they_are() {
    let well = settings(Rule::ProxExact, Optimizer::Momentum, 0.01);
    let other = settings(Rule::Backprop, Optimizer::Sgd, 0.05);
    let bad = settings(Rule::Backprop, Optimizer::Sgd, 1e6);
    for (size, steps) in [(class as fn(_, _, &_) -> _, 60), (wide, 6)] {
        let of = |settings: &[Settings]| size(DataSource::Plane, Activation::Relu, settings);
        let cpu = Engine::Cpu.end(&of(&[bad]), steps);
        let said = cpu[0].0.divergence.as_ref().expect("this cannot go well");
        for engine in engines() {
            let together = engine.train(&of(&[well, bad, other]), steps);
            let apart = engine.end(&of(&[well, other]), steps);
            let end = together.last().unwrap();
            assert_eq!([&end[0], &end[2]], [&apart[0], &apart[1]], "{engine:?}");
            let frozen = &end[1].0;
            let divergence = frozen.divergence.as_ref().expect("nor can this");
            assert_eq!(divergence.step, frozen.step, "{engine:?}");
            assert!(
                frozen
                    .thetas
                    .iter()
                    .all(|t| t.iter().all(|x| x.is_finite()))
            );
            // The state is the one before the step that failed.
            let course = together.iter().map(|all| &all[1].0);
            let before = course.rev().find(|state| state.divergence.is_none());
            assert_eq!(before.unwrap().thetas, frozen.thetas, "{engine:?}");
            // Said as the CPU says it, but for a number.
            let (at, its) = (
                (said.step, said.layer()),
                (divergence.step, divergence.layer()),
            );
            assert_eq!(at, its, "{engine:?}");
            let words = |d| {
                let reason = sentence::divergence(d).reason;
                reason.rsplit_once(' ').unwrap().0.to_owned()
            };
            assert_eq!(words(said), words(divergence));
        }
    }
}

#[test]
fn wide_networks_agree_with_the_cpu() {
    let all: Vec<Settings> = RULES
        .iter()
        .flat_map(|&rule| {
            [(Optimizer::Sgd, 0.1), (Optimizer::Adam, 0.001)].map(|(o, tau)| settings(rule, o, tau))
        })
        .collect();
    let shrinking: Vec<Settings> = all.iter().step_by(3).copied().flat_map(sparse).collect();
    let all = [all, shrinking].concat();
    for (source, activation) in [
        (DataSource::Arms3, Activation::Tanh),
        (DataSource::Plane, Activation::Softplus),
    ] {
        let class = wide(source, activation, &all);
        let cpu = Engine::Cpu.end(&class, 5);
        for engine in engines() {
            let other = engine.end(&class, 5);
            for ((of, (want, loss)), (got, its_loss)) in all.iter().zip(&cpu).zip(&other) {
                let apart = distance(&got.thetas, &want.thetas);
                assert!(
                    apart <= TOLERANCE,
                    "{engine:?}, {source:?}, {of:?}: {apart} apart"
                );
                assert!(
                    (its_loss - loss).abs() <= TOLERANCE * loss.max(0.1),
                    "{its_loss}, not {loss}"
                );
                assert_eq!(got.step, 5);
            }
        }
    }
}

/// Every rule and optimizer on convolutions: padded, with strides and pooling, over dense layers; and on some whose minibatches
/// have fewer rows than patches have numbers.
#[test]
fn convolutions_agree_with_the_cpu() {
    let rules = [&RULES[..], &[Rule::ProxCgColumns(3)]].concat();
    let all: Vec<Settings> = rules
        .iter()
        .flat_map(|&rule| OPTIMIZERS.map(|(optimizer, tau)| settings(rule, optimizer, tau)))
        .collect();
    let dense = Piece::Dense(5);
    for (size, hidden, activation) in [
        (
            (23, 10),
            &[
                convolution(3, 4, 1, 1),
                pooling(2, 2),
                convolution(2, 3, 0, 1),
                dense,
            ][..],
            Activation::Tanh,
        ),
        (
            (23, 10),
            &[convolution(3, 3, 2, 2), pooling(3, 2), dense, dense],
            Activation::Relu,
        ),
        (
            (5, 2),
            &[
                convolution(5, 4, 1, 2),
                pooling(2, 1),
                convolution(2, 3, 0, 1),
            ],
            Activation::Softplus,
        ),
        (
            (23, 10),
            &[convolution(8, 4, 0, 1), dense],
            Activation::Sigmoid,
        ),
    ] {
        let class = looking(size, hidden, activation, &all);
        let cpu = Engine::Cpu.end(&class, 20);
        for engine in engines() {
            let other = engine.end(&class, 20);
            for ((of, (want, loss)), (got, its_loss)) in all.iter().zip(&cpu).zip(&other) {
                let apart = distance(&got.thetas, &want.thetas);
                assert!(
                    apart <= TOLERANCE,
                    "{engine:?}, {hidden:?}, {of:?}: {apart} apart"
                );
                assert!(
                    (its_loss - loss).abs() <= TOLERANCE * loss.max(0.1),
                    "{its_loss}, not {loss}"
                );
                assert_eq!(got.step, 20);
            }
        }
    }
}

#[test]
fn what_bounces_for_ever_has_its_high_steps_counted() {
    let bad = settings(Rule::Backprop, Optimizer::Sgd, 100.0);
    for engine in engines() {
        let class = class(DataSource::Arms3, Activation::Tanh, &[bad]);
        let course = engine.train(&class, 120);
        let high: Vec<u64> = course.iter().map(|all| all[0].0.high_steps).collect();
        let limit = high.iter().position(|&h| h == 100).expect("it bounces");
        if engine != Engine::Cpu {
            // Who drives the CPU freezes it; a kernel stops by itself.
            assert_eq!(high.last(), Some(&100));
            assert_eq!(course[119][0].0.step, limit as u64 + 1);
        }
    }
}

#[test]
fn laws_hold() {
    let implicit = |rule, tau, tau_theta| {
        let mut settings = settings(rule, Optimizer::Sgd, tau);
        settings.implicit = Implicit {
            tau_theta,
            cg_tolerance: 0.0,
            cg_epsilon: CG_EPSILON,
        };
        settings.size.decay = 0.0;
        settings
    };
    let small = 1e-3;
    let all = [
        implicit(Rule::Backprop, 0.1, 1.0),
        // D/τ_θ goes to the gradient, layer by layer; the output layer is explicit.
        implicit(Rule::ProxExact, 0.1 / small, small),
        implicit(Rule::ProxExact, 0.1, 1.0),
        implicit(Rule::ProxCg(60), 0.1, 1.0),
    ];
    for engine in engines() {
        let mut class = class(DataSource::Arms3, Activation::Tanh, &all);
        class.batch = 30;
        let course = engine.train(&class, 1);
        let after: Vec<&Vec<DMatrix<f32>>> =
            course[0].iter().map(|(state, _)| &state.thetas).collect();
        let begin = &class.members[0].1;
        for l in 0..2 {
            let step = |member: usize| &after[member][l] - &begin[l];
            let gradient = step(0);
            let apart = (step(1) - &gradient).norm() / gradient.norm();
            assert!(
                apart < 0.05,
                "{engine:?}: as τ_θ goes to 0, layer {l} is {apart} apart"
            );
            assert!(
                step(2).dot(&gradient) > 0.0,
                "{engine:?}: implicit steps descend"
            );
            let apart = f64::from((step(3) - step(2)).norm() / step(2).norm());
            assert!(
                // CG's guarded denominators cost some digits in single precision.
                apart < 0.01,
                "{engine:?}: CG and Cholesky are {apart} apart"
            );
        }
    }
}

#[cfg(feature = "gpu")]
#[test]
fn however_the_steps_are_cut_the_course_is_the_same() {
    if gpu::device().is_none() {
        return;
    }
    let all = [
        settings(Rule::ProxCg(3), Optimizer::Adam, 0.005),
        settings(Rule::ProxExact, Optimizer::Nesterov, 0.02),
    ];
    let class = class(DataSource::Arms3, Activation::Tanh, &all);
    let fine = gpu::train(&class, class.starts(), 0..40, 1);
    let coarse = gpu::train(&class, class.starts(), 0..40, 20);
    assert_eq!([&fine[19], &fine[39]], [&coarse[0], &coarse[1]]);
    // From a state that was read back, as a look back on the timeline does.
    let middle = fine[19]
        .iter()
        .zip(&all)
        .map(|((state, _), &settings)| (settings, state.clone()));
    let again = gpu::train(&class, middle.collect(), 20..40, 20);
    assert_eq!(again[0], fine[39]);
}

#[cfg(feature = "gpu")]
#[test]
fn what_is_wide_has_many_workgroups() {
    if gpu::device().is_some() {
        let all = [settings(Rule::Backprop, Optimizer::Sgd, 0.1)];
        assert!(gpu::is_wide(&wide(
            DataSource::Plane,
            Activation::Tanh,
            &all
        )));
        assert!(!gpu::is_wide(&class(
            DataSource::Plane,
            Activation::Tanh,
            &all
        )));
    }
}

#[cfg(feature = "gpu")]
#[test]
fn what_a_device_cannot_hold_it_refuses_in_words() {
    if gpu::device().is_none() {
        return;
    }
    let one = settings(Rule::ProxExact, Optimizer::Sgd, 0.1);
    let of = |hidden: &[Piece], members: usize| {
        let class = looking((1500, 1500), hidden, Activation::Tanh, &vec![one; members]);
        gpu::refusal(&class)
    };
    // Few weights, but more activations than places have numbers.
    let wide = [convolution(1, 1024, 0, 1), convolution(1, 1, 0, 1)];
    let why = of(&wide.repeat(3), 8);
    assert!(
        why.contains("the networks need more memory in one piece than the graphics device gives"),
        "{why}"
    );
    let why = of(&[convolution(1, 1, 30, 1), pooling(15, 15)], 1);
    assert!(
        why.contains("a minibatch has more rows than the graphics device takes at once"),
        "{why}"
    );
    let why = of(&[Piece::Dense(1); 9], 1);
    assert!(
        why.contains("10 layers are more than the graphics kernels take; allowed: 9"),
        "{why}"
    );
}

/// Then the CPU computes, and these words are its reason.
#[test]
fn what_has_no_kernel_is_refused_in_words() {
    let flat = "what flat and adv ask for is computed on the CPU only";
    for (runs, words) in [
        (
            "backprop&run=prox-point",
            "prox-point is computed on the CPU only",
        ),
        (
            "backprop&run=prox-cg3,reach:1",
            "a reach is computed on the CPU only",
        ),
        ("backprop,flat:0.1", flat),
        ("prox-exact,adv:0.1", flat),
    ] {
        let query = format!("n=20&hidden=3,3&epochs=3&engine=gpu&run={runs}");
        let session = Session::new(&query).unwrap();
        let members = session.members();
        let settings = members.iter().map(|(settings, ..)| settings);
        let known: Result<Vec<MemberSettings>, String> = settings.map(MemberSettings::of).collect();
        assert_eq!(known.unwrap_err(), words, "{runs}");
        #[cfg(feature = "gpu")]
        if let Some(gpu) = gpu::device() {
            let (mut graphics, mut session) = (Graphics::new(gpu.clone()), session);
            let errand = session.errand(u64::MAX, 1).expect("steps to make");
            let refused = graphics.prepare(&mut session, &errand);
            assert_eq!(refused.unwrap_err(), words, "{runs}");
        }
    }
}

#[cfg(feature = "gpu")]
mod maps {
    use super::TOLERANCE;
    use super::gpu::device;
    use proxprop::frame::map::MapCell;
    use proxprop::lab::config::Config;
    use proxprop::lab::map::{GpuWork, MapPlan, Work};
    use std::cell::Cell;

    fn plan(query: &str) -> MapPlan {
        MapPlan::new(&Config::parse(query).unwrap()).unwrap()
    }

    fn on_gpu(plan: &MapPlan, wanted: impl Fn() -> bool) -> Option<Vec<(usize, MapCell)>> {
        let mut cells = Vec::new();
        let order = plan.grid().order();
        let mut work = GpuWork::new(device()?.clone(), plan.clone(), || 0.0);
        let trained = pollster::block_on(work.train(&order, wanted, |ended| cells.extend(ended)));
        trained.unwrap();
        cells.sort_by_key(|(cell, _)| *cell);
        Some(cells)
    }

    #[test]
    fn cells_end_as_on_the_cpu() {
        for query in [
            "n=20&hidden=4&epochs=12&run=backprop&run=prox-exact&map=2,tau:0.01..1*4,tau_theta:0.1..10*3",
            "data=moons&n=21&batch=8&hidden=4,3&epochs=4&run=prox-cg2,opt:nesterov&map=1,cg:1..4*3,width:3..5*2,seeds:2",
            "n=20&hidden=3&epochs=12&run=backprop,tau:0.5&map=1,scale:0.1..2*3,seed:3..5*3&change=5,1,opt:adam&change=5,1,tau:0.01",
            "n=20&hidden=3&epochs=160&run=backprop,tau:3&map=1,tau:300..1000*2&change=150,1,tau:0.001",
            "data=sine1d&n=20&epochs=120&hidden=5&act=relu&run=backprop&map=1,tau:0.001..1e6*3,noise:0..0.4*2",
        ] {
            let plan = plan(query);
            let Some(cells) = on_gpu(&plan, || true) else {
                return;
            };
            let mut cpu = Work::new(plan.clone(), 0..plan.grid().cells()).advance(u64::MAX);
            cpu.sort_by_key(|(cell, _)| *cell);
            assert_eq!(cells.len(), cpu.len(), "{query}");
            for ((number, gpu), (of, cpu)) in cells.iter().zip(&cpu) {
                assert_eq!(
                    (number, gpu.fate, gpu.diverged),
                    (of, cpu.fate, cpu.diverged),
                    "{query}"
                );
                let apart = (gpu.loss / cpu.loss - 1.0).abs();
                assert!(
                    cpu.diverged > 0 || apart < TOLERANCE,
                    "{query}: cell {number}: {gpu:?}, CPU {cpu:?}"
                );
            }
        }
    }

    #[test]
    fn cells_that_are_no_longer_wanted_are_left() {
        let left = Cell::new(3);
        let wanted = || left.replace(left.get() - 1) > 0;
        let plan = plan("n=20&hidden=3&epochs=3000&run=backprop&map=1,tau:0.1..1*4,seed:1..3*3");
        let Some(cells) = on_gpu(&plan, wanted) else {
            return;
        };
        assert!(cells.is_empty() && left.get() <= 0);
    }
}
