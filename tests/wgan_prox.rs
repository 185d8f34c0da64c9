//! The *Wasserstein proximal of GANs*: its laws, which need no reference, and what it shows on the stage. What was measured of it over
//! seeds is among the long tests.

#[path = "common/on_stage.rs"]
mod on_stage;
#[path = "common/slope.rs"]
mod slope;

use nalgebra::{DMatrix, DVector};
use on_stage::{number, open, refusal};
use proptest::prelude::*;
use proxprop::Named;
use proxprop::data::rng::Stream;
use proxprop::frame::Status;
use proxprop::frame::stage::Kind as Seen;
use proxprop::lab::systems::Play;
use proxprop::systems::wgan_prox::measures::Sample;
use proxprop::systems::wgan_prox::scale::{self, Objective, Phi, Problem};
use proxprop::systems::wgan_prox::{
    Draws, Game, Kind, Loss, Network, Numbers, Optimizer, Penalty, Settings, StepSize, Target, Work,
};
use slope::slopes;

const ROWS: usize = 9;

fn usual() -> Settings {
    let size = StepSize {
        lr: 0.005,
        b1: 0.5,
        b2: 0.999,
    };
    Settings {
        loss: Loss::Ns,
        gp: 0.0,
        turns: 1,
        kind: Kind::Adam,
        of_generator: size,
        of_discriminator: size,
        penalty: Some(Penalty::Rwp),
        h: 0.1,
        inner: 5,
        fresh: false,
    }
}

/// A network whose biases are not 0.
fn network(widths: &[usize], seed: u32) -> Network {
    let mut stream = Stream::weights(seed);
    let mut network = Network::drawn(widths.to_vec(), &mut stream);
    network
        .theta
        .iter_mut()
        .for_each(|w| *w += 0.3 * stream.normal());
    network
}

fn toys(seed: u32) -> [Network; 2] {
    [
        network(&[2, 5, 6, 2], seed),
        network(&[2, 7, 4, 1], seed + 1000),
    ]
}

fn draws(seed: u32) -> Draws {
    Draws {
        seed,
        target: Target::Ring,
    }
}

/// What works on a minibatch of a seed, with `y0` made by some parameters.
fn work(seed: u32, [generator, discriminator]: &[Network; 2], before: &Network) -> Work {
    let mut work = Work::new(generator, discriminator, ROWS);
    let Work { x, z, eps, .. } = &mut work;
    draws(seed).discriminator(0, 0, x, z, eps);
    work.generate(before);
    work.y0.clone_from(&work.y);
    work.generate(generator);
    work
}

fn moved(network: &Network, seed: u32, by: f64) -> Network {
    let mut stream = Stream::weights(seed + 77);
    let mut other = network.clone();
    other
        .theta
        .iter_mut()
        .for_each(|w| *w += by * stream.normal());
    other
}

/// The largest difference of a gradient from differences, relative to its largest entry.
fn off(theta: &[f64], gradient: &[f64], mut f: impl FnMut(&[f64]) -> f64) -> f64 {
    let mut theta = theta.to_vec();
    let mut worst = 0.0_f64;
    for i in 0..theta.len() {
        let at = theta[i];
        let slopes = slopes(|by| {
            theta[i] = at + by;
            vec![f(&theta)]
        });
        theta[i] = at;
        worst = worst.max((slopes[0] - gradient[i]).abs());
    }
    worst / gradient.iter().fold(0.0_f64, |most, g| most.max(g.abs()))
}

fn play(how: &Settings, toys: &[Network; 2], steps: u64, seed: u32) -> Game {
    let mut game = Game::new(toys[0].clone(), toys[1].clone(), how.inner);
    let mut work = Work::new(&toys[0], &toys[1], 16);
    for _ in 0..steps {
        game.step(how, &draws(seed), &mut work);
    }
    game
}

fn points(network: &Network, z: &[f64]) -> Vec<f64> {
    let discriminator = network_like();
    let mut work = Work::new(network, &discriminator, z.len() / 2);
    work.z.copy_from_slice(z);
    work.generate(network);
    work.y.clone()
}

fn network_like() -> Network {
    network(&[2, 3, 1], 5)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn gradients_are_those_of_their_losses(seed in 0..1000_u32, wgan: bool, gp in prop_oneof![Just(0.0), 0.1..3.0]) {
        let loss = if wgan { Loss::Wgan } else { Loss::Ns };
        let toys = toys(seed);
        let before = moved(&toys[0], seed, 0.1);
        let mut work = work(seed, &toys, &before);
        let mut discriminator = toys[1].clone();
        work.discriminator_loss(&discriminator, loss, gp);
        let gradient = work.d_gradient.clone();
        let apart = off(&toys[1].theta, &gradient, |theta| {
            discriminator.theta.copy_from_slice(theta);
            work.discriminator_loss(&discriminator, loss, gp)
        });
        prop_assert!(apart < 1e-7, "discriminator {:?} {}: {}", loss, gp, apart);
        for penalty in [None, Some(Penalty::Rwp), Some(Penalty::Sbe1), Some(Penalty::Sbe2), Some(Penalty::Euclid)] {
            let how = Settings { loss, penalty, h: 0.3, ..usual() };
            work.generate(&toys[0]);
            work.generator_loss(&toys[0], &toys[1], &before.theta, &how);
            let gradient = work.g_gradient.clone();
            let mut generator = toys[0].clone();
            let apart = off(&toys[0].theta, &gradient, |theta| {
                generator.theta.copy_from_slice(theta);
                work.generate(&generator);
                let (value, distance) = work.generator_loss(&generator, &toys[1], &before.theta, &how);
                value + distance / (2.0 * how.h)
            });
            prop_assert!(apart < 1e-7, "generator {:?} {:?}: {}", loss, penalty, apart);
        }
    }

    /// At θ_k no penalty has a slope: proximal needs two inner steps.
    #[test]
    fn one_inner_step_is_the_explicit_one_bit_for_bit(seed in 0..1000_u32, power in -6.0..6.0_f64, fresh: bool) {
        let toys = toys(seed);
        let explicit = play(&Settings { penalty: None, inner: 1, ..usual() }, &toys, 4, seed);
        for &penalty in Penalty::ALL {
            let how = Settings { penalty: Some(penalty), h: 10.0_f64.powf(power), inner: 1, fresh, ..usual() };
            let game = play(&how, &toys, 4, seed);
            prop_assert_eq!(&game.generator, &explicit.generator);
            prop_assert_eq!(&game.discriminator, &explicit.discriminator);
        }
    }

    #[test]
    fn without_a_bound_it_is_explicit_steps_on_a_discriminator_that_stands_still(seed in 0..1000_u32) {
        let toys = toys(seed);
        let free = play(&Settings { penalty: None, inner: 4, ..usual() }, &toys, 4, seed);
        for h in [1e30, f64::INFINITY] {
            for penalty in [Penalty::Rwp, Penalty::Sbe2] {
                let game = play(&Settings { penalty: Some(penalty), h, inner: 4, ..usual() }, &toys, 4, seed);
                prop_assert_eq!(&game.generator, &free.generator);
            }
        }
    }

    /// What the methods share: the discriminator's first step, whatever follows it.
    #[test]
    fn the_first_step_of_the_discriminator_is_the_same_in_all(seed in 0..1000_u32, inner in 1..6_usize, fresh: bool, turns in 1..4_usize) {
        let toys = toys(seed);
        let how = Settings { turns, ..usual() };
        let one = play(&how, &toys, 1, seed);
        let other = play(&Settings { inner, fresh, penalty: None, ..how }, &toys, 1, seed);
        prop_assert_eq!(&one.discriminator, &other.discriminator);
        prop_assert_eq!(one.inner[0], other.inner[0]);
    }

    /// rwp sees a coupling, and so no less than W₂; the potentials see no more than they span.
    #[test]
    fn distances_are_ordered(seed in 0..1000_u32, by in 0.01..2.0_f64) {
        let toys = toys(seed);
        let z = draws(seed).noise_looked_at(6);
        let (y, y0) = (points(&toys[0], &z), points(&moved(&toys[0], seed, by), &z));
        let mut none = vec![0.0; y.len()];
        let mut of = |penalty: Penalty, y: &[f64], y0: &[f64]| penalty.add(y, y0, 0.0, &mut none);
        let [rwp, sbe1, sbe2] = [Penalty::Rwp, Penalty::Sbe1, Penalty::Sbe2].map(|p| of(p, &y, &y0));
        let exact = assignment(&y, &y0);
        let sliced = Sample::new(y0.clone()).sliced(&y);
        prop_assert!(rwp >= exact - 1e-12 && exact >= 2.0 * sliced * sliced - 1e-12, "{} {} {}", rwp, exact, sliced);
        prop_assert!(rwp >= sbe1 - 1e-12 && sbe2 >= sbe1 - 1e-8, "{} {} {}", rwp, sbe1, sbe2);
        for penalty in [Penalty::Rwp, Penalty::Sbe1, Penalty::Sbe2] {
            prop_assert_eq!(of(penalty, &y, &y), 0.0);
        }
        let shifted: Vec<f64> = y.iter().enumerate().map(|(i, v)| v + if i % 2 == 0 { 0.3 } else { -0.2 }).collect();
        for penalty in [Penalty::Rwp, Penalty::Sbe1] {
            prop_assert!((of(penalty, &shifted, &y) - 0.13).abs() < 1e-14);
        }
        prop_assert!(Sample::new(y.clone()).energy(&y).abs() < 1e-15);
    }

    /// Another order of the hidden units, and other signs, are no other points.
    #[test]
    fn a_generator_written_otherwise_makes_the_same_points(seed in 0..1000_u32) {
        let toys = toys(seed);
        let (order, sign) = ([3, 0, 4, 1, 2], [1.0, -1.0, 1.0, 1.0, -1.0]);
        let mut other = toys.clone();
        let (first, second) = (15, 6);
        for (k, (&from, sign)) in order.iter().zip(sign).enumerate() {
            for row in 0..3 {
                other[0].theta[row * 5 + k] = sign * toys[0].theta[row * 5 + from];
            }
            for column in 0..second {
                other[0].theta[first + k * second + column] = sign * toys[0].theta[first + from * second + column];
            }
        }
        let how = Settings { inner: 4, gp: 0.5, ..usual() };
        let z = draws(seed).noise_looked_at(ROWS);
        let [one, two] = [toys, other].map(|toys| points(&play(&how, &toys, 5, seed).generator, &z));
        for (a, b) in one.iter().zip(two) {
            prop_assert!((a - b).abs() < 1e-9, "{} {}", a, b);
        }
    }

    /// Small steps do not raise what is minimised, and so d² ≤ 2h (F(θ_k) − F(θ_{k+1})): the step's speed limit.
    #[test]
    fn the_inner_problem_falls(seed in 0..1000_u32) {
        let toys = toys(seed);
        let size = StepSize { lr: 0.005, b1: 0.0, b2: 0.0 };
        let how = Settings { kind: Kind::Sgd, of_generator: size, of_discriminator: size, h: 0.2, inner: 40, ..usual() };
        let game = play(&how, &toys, 1, seed);
        let sums: Vec<f64> = game.inner.iter().map(|(value, distance)| value + distance / (2.0 * how.h)).collect();
        prop_assert!(sums.windows(2).all(|two| two[1] <= two[0] + 1e-15), "{:?}", sums);
        let ((first, _), (last, distance)) = (game.inner[0], game.inner[39]);
        prop_assert!(distance / (2.0 * how.h) <= first - last + 1e-15);
    }

    /// Parameters c times as small learn c² times as fast by their gradient: explicit steps know the parametrisation.
    #[test]
    fn explicit_steps_know_how_parameters_are_written(seed in 0..1000_u32, c in 0.5..2.0_f64) {
        let toys = toys(seed);
        let before = toys[0].clone();
        let mut work = work(seed, &toys, &before);
        let how = Settings { penalty: None, ..usual() };
        work.generator_loss(&toys[0], &toys[1], &before.theta, &how);
        // Θ = c V: the gradient by V is c times that by Θ.
        let theta = &toys[0].theta;
        let by_v: Vec<f64> = work.g_gradient.iter().map(|g| c * g).collect();
        for (kind, factor) in [(Kind::Sgd, c * c), (Kind::Adam, c)] {
            let made = |lr: f64, gradient: &[f64], mut at: Vec<f64>| {
                let size = StepSize { lr, b1: 0.5, b2: 0.9 };
                Optimizer::new(at.len()).step(kind, size, gradient, &mut at);
                at
            };
            let v = made(0.01, &by_v, theta.iter().map(|w| w / c).collect());
            let whole = made(0.01 * factor, &work.g_gradient, theta.clone());
            for ((v, w), g) in v.iter().zip(whole).zip(&work.g_gradient) {
                // Beside roots as small as Adam's ε it matters how small they are.
                if kind == Kind::Sgd || g.abs() > 1e-3 {
                    prop_assert!((c * v - w).abs() < 1e-6, "{:?}: {} {}", kind, c * v, w);
                }
            }
        }
    }

    /// The exact proximal point is the same under every name, lowers F however far it reaches, and its steps follow the flow.
    #[test]
    fn the_exact_proximal_point_knows_no_name(a0 in 0.05..5.0_f64, power in -2.0..1.0_f64, t in 0.3..2.0_f64, c in 0.1..10.0_f64, kl: bool) {
        let objective = if kl { Objective::Kl } else { Objective::W2 };
        let h = 10.0_f64.powf(power);
        let run = |phi: Phi, method, h: f64, steps: usize| {
            let problem = Problem { objective, t, phi, c };
            let how = scale::Settings { method, h, inner: 1, lr: 0.1 };
            let mut theta = problem.theta(a0);
            (0..steps).map(|_| { theta = problem.step(theta, &how); problem.a(theta) }).collect::<Vec<f64>>()
        };
        let first = run(Phi::Id, scale::Method::Prox, h, 20);
        for &phi in Phi::ALL {
            for (a, b) in run(phi, scale::Method::Prox, h, 20).iter().zip(&first) {
                prop_assert!((a - b).abs() < 1e-13 * (1.0 + b), "{:?} {} {}", phi, a, b);
            }
        }
        let mut before = objective.value(a0, t);
        for &a in &first {
            let value = objective.value(a, t);
            prop_assert!(value <= before + 1e-15);
            before = value;
        }
        // Stretching by c is a step c² times as long.
        let stretched = run(Phi::Stretch, scale::Method::Explicit, 0.01, 3);
        let long = run(Phi::Id, scale::Method::Explicit, 0.01 * c * c, 3);
        for (a, b) in stretched.iter().zip(long) {
            prop_assert!((a - b).abs() < 1e-12 * (1.0 + b.abs()) || (a.is_nan() && b.is_nan()), "{} {}", a, b);
        }
    }
}

/// The least sum of squared distances of the points from `i` on to those of `free`.
fn best(i: usize, free: &mut Vec<usize>, y: &[[f64; 2]], y0: &[[f64; 2]]) -> f64 {
    if i == y.len() {
        return 0.0;
    }
    let mut least = f64::INFINITY;
    for k in 0..free.len() {
        let j = free.swap_remove(k);
        let [u, v] = [y[i][0] - y0[j][0], y[i][1] - y0[j][1]];
        least = least.min(u * u + v * v + best(i + 1, free, y, y0));
        free.push(j);
        let last = free.len() - 1;
        free.swap(k, last);
    }
    least
}

/// W₂² of two small sets, by trying all pairings.
fn assignment(y: &[f64], y0: &[f64]) -> f64 {
    let (y, y0) = (y.as_chunks::<2>().0, y0.as_chunks::<2>().0);
    best(0, &mut (0..y.len()).collect(), y, y0) / y.len() as f64
}

#[test]
fn small_steps_of_one_parameter_agree_to_second_order_and_follow_the_flow() {
    for (objective, a0) in [
        (Objective::W2, 3.0),
        (Objective::W2, 0.1),
        (Objective::Kl, 3.0),
        (Objective::Kl, 0.1),
    ] {
        let run = |phi, method, h, steps: usize, from: f64| {
            let problem = Problem {
                objective,
                t: 1.0,
                phi,
                c: 2.5,
            };
            let how = scale::Settings {
                method,
                h,
                inner: 20000,
                lr: 0.1,
            };
            let mut theta = problem.theta(from);
            (0..steps).for_each(|_| theta = problem.step(theta, &how));
            problem.a(theta)
        };
        for &phi in Phi::ALL {
            let gap = |h| {
                (run(phi, scale::Method::Natural, h, 1, 0.8)
                    - run(phi, scale::Method::Prox, h, 1, 0.8))
                .abs()
            };
            let ratio = gap(1e-3) / gap(5e-4);
            assert!((ratio - 4.0).abs() < 0.05, "{phi:?} {ratio}");
        }
        let off = |n: usize| {
            run(Phi::Id, scale::Method::Prox, 1.0 / n as f64, n, a0) - objective.flow(a0, 1.0, 1.0)
        };
        let ratio = off(200) / off(400);
        assert!((1.97..2.01).contains(&ratio), "{ratio}");
        let (solved, exact) = (
            run(Phi::Exp, scale::Method::ProxInner, 0.5, 3, 0.5),
            run(Phi::Exp, scale::Method::Prox, 0.5, 3, 0.5),
        );
        assert!((solved - exact).abs() < 1e-12, "{solved} {exact}");
    }
}

/// The inner problem solved to the end: as h → 0 the points go h times the part of their slope that the generator can follow.
#[test]
fn a_short_reach_moves_points_along_the_tangent_part_of_their_slope() {
    let mut toys = [network(&[2, 2, 2], 1), network(&[2, 7, 4, 1], 2)];
    // Whose heights bend.
    toys[1].theta.iter_mut().for_each(|w| *w *= 3.0);
    let start = toys[0].clone();
    let mut work = work(3, &toys, &start);
    let parameters = start.theta.len();
    // The points' derivative by each parameter.
    let jacobian = {
        let mut columns = Vec::new();
        for k in 0..parameters {
            let ends = [1e-6, -1e-6].map(|by| {
                let mut other = start.clone();
                other.theta[k] += by;
                work.generate(&other);
                DVector::from_row_slice(&work.y)
            });
            columns.push((&ends[0] - &ends[1]) / 2e-6);
        }
        DMatrix::from_columns(&columns)
    };
    let size = |v: &DVector<f64>| (v.norm_squared() / ROWS as f64).sqrt();
    // ∂F/∂y_i · B, by differences of the answers themselves.
    let mut slope = DVector::zeros(2 * ROWS);
    let none = Settings {
        penalty: None,
        ..usual()
    };
    work.generate(&start);
    let y = work.y.clone();
    for i in 0..2 * ROWS {
        let ends = [1e-6, -1e-6].map(|by| {
            work.y.clone_from(&y);
            work.y[i] += by;
            work.generator_loss(&start, &toys[1], &start.theta, &none).0
        });
        slope[i] = (ends[0] - ends[1]) / 2e-6 * ROWS as f64;
    }
    let svd = jacobian.clone().svd(true, false);
    let basis = svd.u.unwrap();
    let kept = svd.singular_values.iter().filter(|s| **s > 1e-4).count();
    let basis = basis.columns(0, kept).into_owned();
    let predicted = size(&(&basis * (basis.transpose() * &slope)));
    let h = 1e-6;
    let how = Settings { h, ..usual() };
    // Newton's steps with the penalty's own curvature, which is all that counts here.
    let curvature = jacobian.transpose() * &jacobian / (ROWS as f64 * h)
        + DMatrix::identity(parameters, parameters) * 1e-3;
    let solver = curvature.cholesky().unwrap();
    let mut generator = start.clone();
    for _ in 0..200 {
        work.generate(&generator);
        work.generator_loss(&generator, &toys[1], &start.theta, &how);
        let step = solver.solve(&DVector::from_row_slice(&work.g_gradient));
        generator
            .theta
            .iter_mut()
            .zip(step.iter())
            .for_each(|(w, s)| *w -= s);
    }
    work.generate(&generator);
    let way = DVector::from_row_slice(&work.y) - DVector::from_row_slice(&y);
    let seen = size(&way) / h;
    assert!((seen / predicted - 1.0).abs() < 5e-3, "{seen} {predicted}");
    assert!(
        predicted < 0.999 * size(&slope),
        "not all of it can be followed"
    );
}

#[test]
fn the_floor_is_that_of_independent_samples_of_the_ring() {
    let floor = |seed| {
        let draws = draws(seed);
        Sample::new(draws.looked_at(0, 512)).energy(&draws.looked_at(1, 512))
    };
    let floors: Vec<f64> = (0..20).map(floor).collect();
    let mean = floors.iter().sum::<f64>() / 20.0;
    assert!(
        (mean / proxprop::systems::wgan_prox::measures::RING_FLOOR - 1.0).abs() < 0.3,
        "{mean}"
    );
    assert!(floors.iter().all(|floor| *floor < 0.014), "{floors:?}");
}

// ---- on the stage ----

const SMALL: &str = "system=wgan-prox&batch=16&width=8&steps=60";

#[test]
fn what_is_printed_reads_back_as_the_same_run() {
    for query in [
        "system=wgan-prox",
        "system=wgan-prox&scene=scale",
        "system=wgan-prox&preset=five-steps",
        "system=wgan-prox&preset=same-budget&seed=7",
        "system=wgan-prox&preset=five-names&objective=kl&a0=0.1",
        "system=wgan-prox&loss=wgan&gp=1&n_d=5&b1=0&b2=0.9&run=prox,h:inf,inner:3,fresh:1,lr_d:0.01&run=explicit",
        "system=wgan-prox&target=points&points=0:0,0;1,0;0,1&run=prox,penalty:sbe2&change=40,1,h:1",
    ] {
        let printed = open(query).query();
        assert_eq!(open(&printed).query(), printed, "{query}");
        assert!(
            printed.starts_with("v=1&system=wgan-prox&scene="),
            "{printed}"
        );
    }
    assert_eq!(
        open("system=wgan-prox").query(),
        "v=1&system=wgan-prox&scene=game&target=ring&loss=ns&n_d=1&batch=64&pace=outer&steps=600&seed=1\
         &run=explicit,h:0.1,inner:5,lr:0.005&run=prox,penalty:none,h:0.1,inner:5,lr:0.005&run=prox,h:0.1,inner:5,lr:0.005"
    );
}

#[test]
fn what_is_no_run_is_refused() {
    for (query, why) in [
        (
            "system=wgan-prox&run=natural",
            "run1.method: \"natural\" is of scene=scale; allowed in the game: explicit, prox",
        ),
        (
            "system=wgan-prox&run=prox,penalty:l2",
            "run1.penalty: \"l2\" is not a choice; allowed: rwp, sbe1, sbe2, euclid, none",
        ),
        (
            "system=wgan-prox&run=prox,h:0",
            "run1.h: \"0\" is out of range; allowed: 1e-6 or more",
        ),
        (
            "system=wgan-prox&h=1",
            "h: belongs to a run, as in run=prox,h:1",
        ),
        (
            "system=wgan-prox&target=points",
            "target: \"points\" needs points, as in points=",
        ),
        (
            "system=wgan-prox&points=0:0,0;1,1",
            "points: given with another target",
        ),
        (
            "system=wgan-prox&target=points&points=curve:0,0;1,1",
            "points: a curve is no set of points",
        ),
        (
            "system=wgan-prox&preset=zeros",
            "preset: \"zeros\" is unknown; known: five-steps, small-generator-steps",
        ),
        (
            "system=wgan-prox&width=0",
            "width: \"0\" is out of range; allowed: 1 to 256",
        ),
    ] {
        let said = refusal(query);
        assert!(
            said.starts_with(why),
            "{query}: {said:?} should begin {why:?}"
        );
        assert_eq!(said.lines().count(), 1, "{query}");
    }
}

/// The last outer step was made with the reach that it was made with.
#[test]
fn a_reach_moved_mid_run_redraws_nothing_of_what_was() {
    let mut system = open(&format!("{SMALL}&run=prox&run=explicit"));
    system.advance(7);
    let before = format!("{:?}", system.stage().pictures);
    system.set("run1.h", "3").unwrap();
    assert_eq!(format!("{:?}", system.stage().pictures), before);
    system.advance(1);
    assert_ne!(format!("{:?}", system.stage().pictures), before);
    // The flow of the generator of one parameter goes on from where it was.
    let mut system = open("system=wgan-prox&scene=scale&moves=20&run=prox,h:0.2");
    system.advance(10);
    let flow = |system: &dyn Play| -> Vec<[f64; 2]> {
        let stage = system.stage();
        let Seen::Lines(lines) = &stage.columns[0].pictures[0].kind else {
            panic!("curves")
        };
        let flow = lines.strokes.iter().find(|stroke| stroke.name == "flow");
        flow.unwrap().points.clone()
    };
    let before = flow(&*system);
    system.set("run1.h", "2").unwrap();
    let after = flow(&*system);
    let kept = before.iter().zip(&after).filter(|(a, b)| a == b);
    assert!(kept.clone().all(|(at, _)| at[0] <= 10.0));
    assert_eq!(
        kept.count(),
        before.iter().filter(|at| at[0] <= 10.0).count()
    );
}

/// With equal gradients to spend, who needs two for an outer step makes three of them while others make one.
#[test]
fn a_pace_by_gradients_lets_everybody_spend_as_many() {
    let mut system = open(&format!(
        "{SMALL}&pace=evals&run=explicit&run=prox&run=prox,inner:2"
    ));
    system.advance(60);
    let stage = system.stage();
    let of = |key| {
        (0..3)
            .map(|run| number(&stage, run, key))
            .collect::<Vec<f64>>()
    };
    assert_eq!(of("evals"), [60.0, 60.0, 60.0]);
    assert_eq!(of("outer"), [30.0, 10.0, 20.0]);
    // The same steps as at the other pace.
    let mut other = open(&format!("{SMALL}&run=explicit&run=prox"));
    other.advance(10);
    assert_eq!(
        number(&other.stage(), 1, "energy"),
        number(&stage, 1, "energy")
    );
    system.advance(1);
    assert_eq!(
        number(&system.stage(), 0, "outer"),
        30.0,
        "half of an outer step is none"
    );
}

#[test]
fn a_game_that_diverges_says_when_and_the_others_go_on() {
    let mut system = open(&format!(
        "{SMALL}&opt=sgd&run=prox,penalty:sbe2,h:1e-5,lr:10&run=prox,lr:0.01"
    ));
    system.advance(u64::MAX);
    let stage = system.stage();
    assert_eq!(
        (stage.columns[0].status, stage.columns[1].status),
        (Status::Diverged, Status::Done)
    );
    let at = stage.columns[0].diverged_at.unwrap();
    assert!((1..10).contains(&at), "{at}");
}

#[test]
fn own_points_are_a_target_like_any_other() {
    let mut system = open(&format!(
        "{SMALL}&target=points&points=0:-2,0;2,0.5/1:0,1&run=prox"
    ));
    system.advance(5);
    let stage = system.stage();
    assert!(number(&stage, 0, "energy") > 0.0);
    // Clouds and floor are the ring's alone.
    assert!(
        stage.columns[0]
            .numbers
            .iter()
            .all(|number| number.key != "modes")
    );
    assert!(stage.levels.is_empty());
    assert!(!open(SMALL).stage().levels.is_empty());
    let Seen::Plane(scape) = &stage.columns[0].pictures[0].kind else {
        panic!("a plane")
    };
    assert!(scape.x.0 < -2.0 && scape.x.1 > 2.0);
    let places = [[-2.0, 0.0], [2.0, 0.5], [0.0, 1.0]];
    let targets = scape.dots.iter().filter(|dot| dot.class == 0);
    assert!(targets.clone().count() == 512 && targets.clone().all(|dot| places.contains(&dot.at)));
    assert!(
        places
            .iter()
            .all(|place| targets.clone().any(|dot| dot.at == *place))
    );
}

#[test]
fn the_game_shows_points_their_ways_and_the_inner_steps() {
    let mut system = open(SMALL);
    system.advance(7);
    let stage = system.stage();
    let names: Vec<&str> = stage
        .columns
        .iter()
        .map(|column| column.name.as_str())
        .collect();
    assert_eq!(names, ["explicit", "explicit × 5", "proximal × 5"]);
    let Seen::Plane(scape) = &stage.columns[2].pictures[0].kind else {
        panic!("a plane")
    };
    assert_eq!((scape.dots.len(), scape.trails.len()), (1024, 512));
    // A way ends where its point is.
    let generated = scape.dots.iter().filter(|dot| dot.class == 1);
    assert!(
        generated
            .zip(&scape.trails)
            .all(|(dot, trail)| dot.at == trail[1])
    );
    let Seen::Lines(lines) = &stage.pictures[0].kind else {
        panic!("lines")
    };
    let names: Vec<&str> = lines
        .strokes
        .iter()
        .map(|stroke| stroke.name.as_str())
        .collect();
    assert_eq!(
        names,
        [
            "explicit × 5: F",
            "proximal × 5: F",
            "proximal × 5: F + d²/(2h)"
        ]
    );
    assert!(
        lines
            .strokes
            .iter()
            .all(|stroke| stroke.points.len() == 5 && stroke.points[0][1] == 0.0)
    );
    let ends: Vec<f64> = lines
        .strokes
        .iter()
        .map(|stroke| stroke.points[4][1])
        .collect();
    assert!(ends[1] <= ends[2], "the penalty's part is none below 0");
}

/// The preset's answer, on numbers that the specification has measured.
#[test]
fn five_names_of_one_generator_are_noticed_by_all_but_the_exact_proximal_point() {
    let mut system = open("system=wgan-prox&preset=five-names");
    let mut seen = vec![system.stage()];
    for _ in 0..20 {
        system.advance(1);
        seen.push(system.stage());
    }
    let at = |run: usize, step: usize| {
        ["a_id", "a_stretch", "a_exp", "a_square", "a_inverse"]
            .map(|key| number(&seen[step], run, key))
    };
    let near = |got: [f64; 5], want: [f64; 5]| {
        let same = |(a, b): (f64, f64)| (a - b).abs() < 6e-3 || (a.is_nan() && b.is_nan());
        assert!(got.into_iter().zip(want).all(same), "{got:?} {want:?}");
    };
    let left = f64::NAN;
    near(at(0, 1), [2.0, left, 0.149, left, 0.107]);
    near(at(0, 10), [1.002, left, 0.308, left, 0.108]);
    near(at(1, 1), [2.0, 2.0, 2.15, 2.08, 2.25]);
    near(at(2, 10), [1.035; 5]);
    near(at(3, 2), [2.04, 1.89, 1.89, 1.23, 0.68]);
    near(at(4, 2), [1.89, 1.22, 1.34, 1.13, 1.18]);
    let apart = |run: usize| {
        seen.iter()
            .map(|stage| number(stage, run, "apart"))
            .fold(0.0, f64::max)
    };
    assert!(apart(2) < 1e-14);
    for run in [0, 1, 3, 4] {
        assert!(apart(run) > 0.2, "{run}: {}", apart(run));
    }
    // At second order in h.
    let natural = |h: f64| {
        let mut system = open(&format!("system=wgan-prox&scene=scale&run=natural,h:{h}"));
        system.advance(1);
        number(&system.stage(), 0, "apart")
    };
    assert!((natural(0.01) / natural(0.005) - 4.0).abs() < 0.1);
    // Solved to the end, the practical method does not notice.
    let mut system = open("system=wgan-prox&scene=scale&run=prox-inner,h:0.5,lr:0.02,inner:200");
    system.advance(1);
    assert!(number(&system.stage(), 0, "apart") < 0.02);
    assert_eq!(system.measures().charts[0].key, "apart");
    assert!(system.stage().columns[0].pictures.len() == 2);
}

/// Another view is another view of the usual runs, and of none that somebody has asked for.
#[test]
fn the_usual_runs_go_with_the_view() {
    let mut system = open("system=wgan-prox");
    system.set("scene", "scale").unwrap();
    let names: Vec<String> = system
        .stage()
        .columns
        .iter()
        .map(|column| column.name.clone())
        .collect();
    assert_eq!(
        names,
        ["explicit", "natural", "prox", "prox-inner", "euclid"]
    );
    assert_eq!(system.stage().view, 1);
    let settings = system.settings();
    // Of a run in this view only the reach acts, and of the practical method its inner steps.
    let acts = |run: usize| {
        settings.each[run]
            .iter()
            .filter(|setting| setting.acts)
            .count()
    };
    assert_eq!([acts(0), acts(3)], [2, 4]);
    system.set("scene", "game").unwrap();
    assert_eq!(system.stage().columns.len(), 3);
    let mut own = open("system=wgan-prox&run=prox,inner:3");
    own.set("scene", "scale").unwrap();
    assert_eq!(own.stage().columns.len(), 1);
    own.set("run1.method", "natural").unwrap();
    let why = own.set("scene", "game").unwrap_err().to_string();
    assert!(
        why.starts_with("run1.method: \"natural\" is of scene=scale"),
        "{why}"
    );
}
