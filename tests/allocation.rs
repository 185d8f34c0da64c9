//! A step allocates nothing after the first, whatever the rule, the optimizer and the arithmetic.

use proxprop::Named;
use proxprop::data::digits::{Split, digits};
use proxprop::data::rng::{Purpose, Stream};
use proxprop::data::{DataSource, generate};
use proxprop::engine::cpu::architecture_for;
use proxprop::engine::{Ensemble, Look, Settings};
use proxprop::lab::paper::{Advance, Experiment, Images, Net, Plan, Training};
use proxprop::nn::features::Inputs;
use proxprop::nn::mlp::{Architecture, Init, initialise};
use proxprop::nn::stack::{Piece, stack};
use proxprop::nn::window::Planes;
use proxprop::nn::{Activation, Arithmetic, Loss};
use proxprop::steps::implicit::CG_EPSILON;
use proxprop::steps::objective::{Objective, Target};
use proxprop::steps::optimizer::{Epsilon, StepSize};
use proxprop::steps::reach::{Combine, Hearing};
use proxprop::steps::{Implicit, L1, Optimizer, Reach, Rule, Shrinkage};
use proxprop::systems::auc::{
    Decay, Features, Learner, Method, Penalty, Sample, Schedule, Toy, features,
};
use proxprop::systems::{auc, vsml, wgan_prox};

#[test]
fn a_step_allocates_nothing_after_the_first() {
    let data = generate(DataSource::Circle, 90, 0.1, 0.0, 1).unwrap();
    let architecture = architecture_for(&data, &[60, 7], Activation::Tanh, Loss::CrossEntropy);
    for (arithmetic, batch) in [
        (Arithmetic::Portable, 20),
        (Arithmetic::Portable, 90),
        (Arithmetic::fastest(), 20),
        (Arithmetic::fastest(), 90),
    ] {
        let flat = Objective {
            lambda: 0.1,
            ..Objective::default()
        };
        let adversarial = Objective {
            alpha: 0.5,
            attack_steps: 3,
            ..Objective::default()
        };
        for (rule, reach, objective) in [
            (Rule::Backprop, None, None),
            (Rule::ProxExact, None, None),
            (Rule::ProxCg(4), None, None),
            (Rule::ProxPoint, None, None),
            (Rule::Backprop, Some((1, Combine::Last)), None),
            (Rule::ProxExact, Some((2, Combine::Mean)), None),
            (Rule::Backprop, None, Some(flat)),
            (Rule::Backprop, None, Some(adversarial)),
            (
                Rule::ProxExact,
                None,
                Some(Objective {
                    lambda: 0.1,
                    ..adversarial
                }),
            ),
            (
                Rule::ProxCg(2),
                None,
                Some(Objective {
                    lambda: 0.1,
                    target: Target::Logits,
                    ..adversarial
                }),
            ),
        ] {
            let reach = reach.and_then(|(n, combine)| {
                Reach::new(Hearing {
                    per_module: 1,
                    n,
                    combine,
                })
            });
            for optimizer in [
                Optimizer::Sgd,
                Optimizer::Momentum,
                Optimizer::Nesterov,
                Optimizer::Adam,
            ] {
                let mut stream = Stream::new(1, Purpose::Weights, 0);
                let mut thetas = initialise(&architecture, Init::He, 1.0, |_| stream.normal());
                Reach::fit(reach, &architecture, &mut thetas);
                let mut ensemble = Ensemble::<f32>::new(architecture.clone(), &data, batch)
                    .with_arithmetic(arithmetic);
                let size = StepSize {
                    tau: 0.01,
                    momentum: 0.9,
                    decay: 1e-4,
                    epsilon: Epsilon::Corrected,
                };
                let l1 = L1 {
                    factor: 1e-3,
                    shrinkage: Shrinkage::Implicit,
                };
                let implicit = Implicit {
                    tau_theta: 1.0,
                    cg_tolerance: 0.0,
                    cg_epsilon: CG_EPSILON,
                };
                ensemble.add(
                    Settings {
                        rule,
                        optimizer,
                        size,
                        l1,
                        implicit,
                        objective: objective.and_then(Objective::engaged),
                        reach,
                    },
                    thetas.iter().map(|t| t.map(|x| x as f32)).collect(),
                );
                let order: Vec<u32> = (0..90).collect();
                ensemble.step(&order[..batch], Look::default());
                let counted = allocation_counter::measure(|| {
                    for minibatch in order.chunks(batch) {
                        ensemble.step(minibatch, Look::default());
                    }
                });
                assert_eq!(
                    counted.count_total, 0,
                    "{rule:?} {optimizer:?} {objective:?} batch {batch} {arithmetic:?}"
                );
                assert_eq!(
                    ensemble.members()[0].state.step,
                    1 + 90_u64.div_ceil(batch as u64)
                );
            }
        }
    }
}

/// Images are taken, convolved, pooled and stepped by.
#[test]
fn a_step_of_convolutions_allocates_nothing_after_the_first() {
    let images = Images::synthetic(12);
    let rules = [
        Rule::Backprop,
        Rule::ProxExact,
        Rule::ProxCg(2),
        Rule::ProxCgColumns(2),
    ];
    for arithmetic in [Arithmetic::Portable, Arithmetic::fastest()] {
        let plan = Plan::new(Experiment::Convnet, Net::Paper, &rules, 9, 1, arithmetic);
        for (i, rule) in rules.iter().enumerate() {
            let mut training = Training::new(&plan, i, &images, || 0.0);
            let never: &dyn Fn() -> bool = &|| false;
            // A look, a step and a look: all epochs are of one step.
            for _ in 0..3 {
                training.advance(never);
            }
            let counted = allocation_counter::measure(|| {
                assert_eq!(training.advance(never), Advance::Step);
            });
            assert_eq!(counted.count_total, 0, "{rule} {arithmetic:?}");
        }
    }
}

/// Of an epoch's minibatches the last is smaller.
#[test]
fn a_smaller_minibatch_of_images_allocates_nothing() {
    let data = digits(50, 0.0, Split::Writers, 1).unwrap();
    let planes = Planes {
        channels: 1,
        height: 8,
        width: 8,
    };
    let pieces = [
        Piece::Convolution {
            size: 3,
            channels: 4,
            padding: 1,
            stride: 1,
        },
        Piece::Pooling { size: 2, stride: 2 },
        Piece::Dense(9),
    ];
    let architecture = Architecture {
        inputs: Inputs::plain(planes.count()),
        layers: stack(planes.count(), Some(planes), &pieces, Activation::Relu, 10).unwrap(),
        loss: Loss::CrossEntropy,
    };
    let order: Vec<u32> = (0..50).collect();
    for arithmetic in [Arithmetic::Portable, Arithmetic::fastest()] {
        for rule in [
            Rule::Backprop,
            Rule::ProxExact,
            Rule::ProxCg(2),
            Rule::ProxCgColumns(2),
        ] {
            let mut stream = Stream::weights(1);
            let thetas = initialise(&architecture, Init::He, 1.0, |_| stream.normal());
            let mut ensemble =
                Ensemble::<f32>::new(architecture.clone(), &data, 40).with_arithmetic(arithmetic);
            let thetas = thetas.iter().map(|theta| theta.map(|x| x as f32));
            ensemble.add(plain(rule), thetas.collect());
            ensemble.step(&order[..40], Look::default());
            let counted = allocation_counter::measure(|| {
                // 10, then 40 again.
                ensemble.step(&order[40..], Look::default());
                ensemble.step(&order[..40], Look::default());
            });
            assert_eq!(counted.count_total, 0, "{rule} {arithmetic:?}");
            assert_eq!(ensemble.members()[0].state.step, 3);
        }
    }
}

/// Momentum and nothing else.
fn plain(rule: Rule) -> Settings {
    Settings {
        rule,
        optimizer: Optimizer::Nesterov,
        size: StepSize {
            momentum: 0.9,
            ..StepSize::plain(0.01)
        },
        l1: L1 {
            factor: 0.0,
            shrinkage: Shrinkage::Implicit,
        },
        implicit: Implicit {
            tau_theta: 1.0,
            cg_tolerance: 0.0,
            cg_epsilon: CG_EPSILON,
        },
        reach: None,
        objective: None,
    }
}

#[test]
fn a_step_of_a_ranker_allocates_nothing() {
    let toy = Toy::Islands;
    let map = Features::grid(6, 2.25, 0.7);
    let sample = Sample::new(toy.stream(200, 0.2, 1), &map);
    let order: Vec<u32> = (0..200).collect();
    let known = sample.known(&order);
    let groups = features::blocks(6, 2);
    for &method in Method::ALL {
        let how = auc::Settings {
            method,
            schedule: Schedule {
                decay: Decay::Sqrt,
                eta0: 1.0,
                mu: 0.1,
            },
            penalty: Penalty {
                l1: 0.01,
                lg: 0.01,
                l2: 0.01,
            },
        };
        let (mut learner, mut work) = (Learner::new(vec![0.0; 36]), vec![0.0; 36]);
        let counted = allocation_counter::measure(|| {
            for i in 0..200 {
                let point = (sample.row(i), sample.positive[i]);
                learner.step(&how, &groups, Some(&known), point, &mut work);
            }
        });
        assert_eq!((learner.t, counted.count_total), (200, 0), "{method:?}");
    }
}

#[test]
fn an_outer_step_of_a_game_allocates_nothing() {
    use wgan_prox::{Draws, Game, Kind, Loss, Network, Penalty, Target, Work};
    let mut stream = Stream::weights(1);
    let networks = [2, 1].map(|outputs| Network::drawn(vec![2, 9, 7, outputs], &mut stream));
    let size = wgan_prox::StepSize {
        lr: 0.005,
        b1: 0.5,
        b2: 0.999,
    };
    for penalty in [Penalty::Rwp, Penalty::Sbe1, Penalty::Sbe2, Penalty::Euclid] {
        for (loss, kind, fresh) in [(Loss::Ns, Kind::Adam, false), (Loss::Wgan, Kind::Sgd, true)] {
            let how = wgan_prox::Settings {
                loss,
                gp: 0.5,
                turns: 2,
                kind,
                of_generator: size,
                of_discriminator: size,
                penalty: Some(penalty),
                h: 0.1,
                inner: 4,
                fresh,
            };
            let draws = Draws {
                seed: 1,
                target: Target::Moons,
            };
            let [generator, discriminator] = networks.clone();
            let mut work = Work::new(&generator, &discriminator, 20);
            let mut game = Game::new(generator, discriminator, 4);
            game.step(&how, &draws, &mut work);
            let counted = allocation_counter::measure(|| {
                for _ in 0..5 {
                    game.step(&how, &draws, &mut work);
                }
            });
            assert_eq!((game.outer, counted.count_total), (6, 0), "{how:?}");
        }
    }
}

#[test]
fn a_sample_learned_by_cells_or_by_backpropagation_allocates_nothing() {
    use vsml::{Kind, Learner, META, Network, Scratch};
    let (grid, cell, task) = (META.grid(), META.start(1), META.task(1, 0, 20));
    let mut learner = Learner::new(&grid, &task.weights);
    let mut network = Network::new(&grid, task.weights.clone());
    let mut scratch = Scratch::new(&grid);
    let counted = allocation_counter::measure(|| {
        for (x, y) in task.x.iter().zip(&task.y) {
            learner.learn(&grid, &cell, &META.how(), (x, *y), &mut scratch);
            network.learn((x, *y), Kind::Adam, 0.03);
        }
    });
    assert_eq!(counted.count_total, 0);
    assert!(learner.loss.is_finite() && network.loss.is_finite());
}
