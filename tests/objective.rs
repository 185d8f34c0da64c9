//! The laws of what is differentiated: double backpropagation and adversarial minibatches, over random networks, in double precision.

#[path = "common/stream.rs"]
mod stream;

use nalgebra::DMatrix;
use proptest::prelude::*;
use proxprop::Named;
use proxprop::nn::features::Inputs;
use proxprop::nn::loss::BatchTargets;
use proxprop::nn::mlp::{Activations, Architecture, Batch, Init, initialise};
use proxprop::nn::{Activation, Arithmetic, Loss};
use proxprop::steps::implicit::CG_EPSILON;
use proxprop::steps::objective::pass::{Parts, Pass};
use proxprop::steps::objective::steepness::Steepness;
use proxprop::steps::objective::{Norm, Objective, PenaltyAt, Target};
use proxprop::steps::{Directions, Implicit, Rule};
use stream::stream;

/// A network and points.
#[derive(Clone, Debug)]
struct Problem {
    architecture: Architecture,
    thetas: Vec<DMatrix<f64>>,
    batch: Batch<f64>,
}

const SAMPLES: usize = 11;

fn problem(seed: u64, hidden: &[usize], activation: Activation, classes: usize) -> Problem {
    let inputs = Inputs::plain(2);
    let architecture = Architecture::dense(inputs, hidden, activation, classes, Loss::CrossEntropy);
    let mut next = stream(seed);
    let mut thetas = initialise(&architecture, Init::Xavier, 1.5, |_| next());
    for theta in &mut thetas {
        let last = theta.nrows() - 1;
        let biases = theta.row_mut(last);
        biases.into_iter().for_each(|b| *b = 0.3 * next());
    }
    let mut batch = Batch::with_capacity(SAMPLES, 2, classes, Loss::CrossEntropy);
    batch.samples = SAMPLES;
    for i in 0..SAMPLES {
        for j in 0..2 {
            batch.inputs[(i, j)] = next();
        }
        batch.inputs[(i, 2)] = 1.0;
    }
    batch.targets = BatchTargets::Labels((0..SAMPLES as u32).map(|i| i % classes as u32).collect());
    Problem {
        architecture,
        thetas,
        batch,
    }
}

/// What an objective is, what of it, and its gradient.
struct Differentiated {
    j: f64,
    parts: Parts,
    gradients: Vec<DMatrix<f64>>,
    attacked: Option<DMatrix<f64>>,
}

impl Problem {
    fn differentiate(&self, objective: Objective) -> Differentiated {
        let Problem {
            architecture,
            thetas,
            batch,
        } = self;
        let mut pass = Pass::new(architecture, objective, SAMPLES, Arithmetic::Portable);
        let mut clean = Activations::new(architecture, SAMPLES, Arithmetic::Portable);
        let j = pass.differentiate(architecture, thetas, batch, &mut clean);
        Differentiated {
            j,
            parts: pass.parts,
            gradients: (0..thetas.len())
                .map(|l| pass.gradient(l).clone())
                .collect(),
            attacked: pass.attacked().cloned(),
        }
    }

    fn directions(
        &self,
        objective: Option<Objective>,
        rule: Rule,
        tau_theta: f64,
    ) -> Vec<DMatrix<f64>> {
        let Problem {
            architecture,
            thetas,
            batch,
        } = self;
        let implicit = Implicit {
            tau_theta,
            cg_tolerance: 0.0,
            cg_epsilon: CG_EPSILON,
        };
        let mut work = Directions::new(architecture, rule, None, SAMPLES, Arithmetic::Portable);
        match objective {
            None => work.compute(architecture, thetas, batch, implicit),
            Some(objective) => {
                let mut pass = Pass::new(architecture, objective, SAMPLES, Arithmetic::Portable);
                work.compute_of(&mut pass, architecture, thetas, batch, implicit)
            }
        }
        .expect("a step");
        work.directions
    }

    /// The objective from values alone, with adversarial points that stay where they are.
    fn value(&self, objective: Objective, attacked: Option<&DMatrix<f64>>) -> f64 {
        let plain = Objective {
            alpha: 0.0,
            penalty_at: PenaltyAt::Clean,
            ..objective
        };
        let of = |problem: &Problem| problem.differentiate(plain).parts;
        let (own, own_steep) = (objective.loss_weights()[0], objective.penalty_weights()[0]);
        let clean = of(self);
        let mut j = own * clean.loss + objective.lambda * own_steep * clean.penalty;
        if let Some(points) = attacked {
            let mut there = self.clone();
            there.batch.inputs.clone_from(points);
            let parts = of(&there);
            j += objective.loss_weights()[1] * parts.loss;
            j += objective.lambda * objective.penalty_weights()[1] * parts.penalty;
        }
        j
    }
}

fn gap(a: &[DMatrix<f64>], b: &[DMatrix<f64>]) -> f64 {
    let pairs = a.iter().zip(b);
    pairs.fold(0.0, |worst, (a, b)| (a - b).amax().max(worst))
}

fn smooth() -> impl Strategy<Value = Activation> {
    prop::sample::select(vec![
        Activation::Tanh,
        Activation::Sigmoid,
        Activation::Softplus,
    ])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Where no slope jumps, a relu's gradient is exact too.
    #[test]
    fn the_gradient_is_that_of_finite_differences(
        seed in 0u64..10_000,
        activation in prop::sample::select(Activation::ALL.to_vec()),
        classes in 2usize..4,
        target in prop::sample::select(Target::ALL.to_vec()),
        (norm, delta) in prop::sample::select(vec![(Norm::L1, 0.0), (Norm::L1, 0.1), (Norm::L2, 0.0), (Norm::L2, 0.1), (Norm::Sq, 0.0)]),
        penalty_at in prop::sample::select(PenaltyAt::ALL.to_vec()),
        attack_steps in 1u32..4,
        alpha in prop::sample::select(vec![0.0, 0.5, 1.0]),
    ) {
        let objective = Objective { lambda: 0.3, target, norm, delta, penalty_at, alpha, eps: 0.1, attack_steps };
        let mut problem = problem(seed, &[5, 4], activation, classes);
        let there = problem.differentiate(objective);
        let attacked = there.attacked.as_ref();
        prop_assert!((there.j - problem.value(objective, attacked)).abs() < 1e-12);
        let h = 1e-5;
        for l in 0..3 {
            for i in 0..problem.thetas[l].len() {
                let theta = problem.thetas[l][i];
                let mut at = |x: f64| {
                    problem.thetas[l][i] = x;
                    problem.value(objective, attacked)
                };
                let (slope, nearer) = ((at(theta + h) - at(theta - h)) / (2.0 * h), (at(theta + 0.5 * h) - at(theta - 0.5 * h)) / h);
                problem.thetas[l][i] = theta;
                let error = (slope - there.gradients[l][i]).abs();
                // A kink, or another rival, between the two points shows as slopes that do not agree.
                let jumps = (slope - nearer).abs() > 1e-6;
                prop_assert!(error < 1e-6 || jumps, "layer {l}, {i}: {slope} {}", there.gradients[l][i]);
            }
        }
    }

    /// `∇ℓ = −(1−p) ∇margin` and `∇p = p (1−p) ∇margin` of two classes.
    #[test]
    fn the_targets_of_two_classes_are_one_gradient(seed in 0u64..10_000, activation in smooth()) {
        let Problem { architecture, thetas, batch } = problem(seed, &[5, 4], activation, 2);
        let mut pass = Activations::new(&architecture, SAMPLES, Arithmetic::Portable);
        pass.forward(&architecture, &thetas, &batch);
        let labels = batch.targets.labels();
        let mut steepness = Steepness::new(&architecture, SAMPLES);
        let mut of = |target| {
            steepness.descend(&architecture, &thetas, &mut pass, labels, (target, 0));
            steepness.gradient().clone()
        };
        let (margin, prob, loss) = (of(Target::Margin), of(Target::Prob), of(Target::Loss));
        for (i, &label) in labels.iter().enumerate() {
            let z = |k: u32| pass.output[(i, k as usize)];
            let p = 1.0 / (1.0 + (z(1 - label) - z(label)).exp());
            for k in 0..2 {
                let g = margin[(i, k)];
                prop_assert!((loss[(i, k)] + (1.0 - p) * g).abs() < 1e-13);
                prop_assert!((prob[(i, k)] - p * (1.0 - p) * g).abs() < 1e-13);
            }
        }
    }

    /// An independent proof of double backpropagation: no derivative of a derivative is in the attack.
    #[test]
    fn fgsm_is_the_penalty_of_the_loss_to_first_order(seed in 0u64..10_000, activation in smooth()) {
        let problem = problem(seed, &[5, 4], activation, 2);
        let plain = problem.differentiate(Objective::default()).gradients;
        let penalised = Objective { lambda: 1.0, target: Target::Loss, ..Objective::default() };
        let penalty = problem.differentiate(penalised).gradients;
        let of = |eps: f64| {
            let attacked = Objective { alpha: 0.5, eps, ..Objective::default() };
            let there = problem.differentiate(attacked).gradients;
            let pairs = there.iter().zip(&plain).zip(&penalty);
            pairs.fold(0.0_f64, |worst, ((a, b), c)| ((a - b) / (0.5 * eps) - (c - b)).amax().max(worst))
        };
        let (coarse, fine) = (of(1e-3), of(1e-5));
        prop_assert!(fine < 0.05 * coarse + 1e-8, "{coarse} {fine}");
    }

    #[test]
    fn without_a_penalty_or_a_way_to_go_it_is_backprop(seed in 0u64..10_000, activation in prop::sample::select(Activation::ALL.to_vec())) {
        let problem = problem(seed, &[5, 4], activation, 3);
        let plain = problem.directions(None, Rule::Backprop, 1.0);
        let none = problem.directions(Some(Objective::default()), Rule::Backprop, 1.0);
        prop_assert_eq!(&plain, &none, "bit for bit");
        let nowhere = Objective { alpha: 0.5, eps: 0.0, ..Objective::default() };
        prop_assert_eq!(&plain, &problem.directions(Some(nowhere), Rule::Backprop, 1.0));
        // Through the implicit direction too: the halves' matrices add up to one.
        let [whole, halves] = [None, Some(nowhere)].map(|objective| problem.directions(objective, Rule::ProxExact, 0.7));
        prop_assert!(gap(&whole, &halves) < 1e-12);
    }

    /// Both penalties are homogeneous in the output weights, and neither sees the output biases.
    #[test]
    fn the_output_layer_feels_margins_as_euler_says(seed in 0u64..10_000, activation in smooth(), target in prop::sample::select(vec![Target::Margin, Target::Logits])) {
        let problem = problem(seed, &[5, 4], activation, 3);
        let plain = problem.differentiate(Objective::default()).gradients;
        let there = problem.differentiate(Objective { lambda: 1.0, target, ..Objective::default() });
        let omega = &there.gradients[2] - &plain[2];
        prop_assert!(omega.row(4).amax() < 1e-15);
        let euler = omega.dot(&problem.thetas[2]);
        prop_assert!((euler - there.parts.penalty).abs() < 1e-12 * (1.0 + euler.abs()));
    }

    #[test]
    fn a_rounded_kink_tends_to_the_sign(seed in 0u64..10_000) {
        let problem = problem(seed, &[5, 4], Activation::Tanh, 2);
        let of = |delta| problem.differentiate(Objective { lambda: 0.1, delta, ..Objective::default() }).gradients;
        let sharp = of(0.0);
        let (coarse, fine) = (gap(&of(1e-3), &sharp), gap(&of(1e-8), &sharp));
        prop_assert!(fine <= coarse && fine < 1e-4, "{coarse} {fine}");
    }

    #[test]
    fn the_implicit_direction_descends(seed in 0u64..10_000, alpha in prop::sample::select(vec![0.0, 0.5, 1.0])) {
        let problem = problem(seed, &[5, 4], Activation::Tanh, 2);
        let objective = Objective { lambda: 0.1, alpha, ..Objective::default() };
        let g = problem.differentiate(objective).gradients;
        let small = problem.directions(Some(objective), Rule::ProxExact, 1e-7);
        for (d, g) in small.iter().zip(&g).take(2) {
            prop_assert!((d / 1e-7 - g).amax() <= 1e-5 * g.amax());
        }
        for tau_theta in [1e-3, 1.0, 1e3] {
            for (d, g) in problem.directions(Some(objective), Rule::ProxExact, tau_theta).iter().zip(&g) {
                prop_assert!(d.dot(g) > 0.0);
            }
        }
        // Conjugate gradients find the same, as far as the ε in their α and β lets them.
        let exact = problem.directions(Some(objective), Rule::ProxExact, 1.0);
        let cg = problem.directions(Some(objective), Rule::ProxCg(40), 1.0);
        prop_assert!(gap(&exact, &cg) < 1e-3, "{}", gap(&exact, &cg));
    }

    /// Of a linear network FGSM is the worst that a box holds.
    #[test]
    fn fgsm_of_a_linear_network_takes_all_of_the_norm(seed in 0u64..10_000, eps in 0.01f64..0.5) {
        let mut problem = problem(seed, &[], Activation::Tanh, 2);
        let g = |k: usize| problem.thetas[0][(k, 0)] - problem.thetas[0][(k, 1)];
        let norm = g(0).abs() + g(1).abs();
        let there = problem.differentiate(Objective { alpha: 0.5, eps, ..Objective::default() });
        let margins = |problem: &Problem| {
            let mut pass = Activations::new(&problem.architecture, SAMPLES, Arithmetic::Portable);
            pass.forward(&problem.architecture, &problem.thetas, &problem.batch);
            let of = |(i, &y): (usize, &u32)| pass.output[(i, y as usize)] - pass.output[(i, 1 - y as usize)];
            problem.batch.targets.labels().iter().enumerate().map(of).collect::<Vec<f64>>()
        };
        let before = margins(&problem);
        problem.batch.inputs = there.attacked.expect("an attack");
        for (after, before) in margins(&problem).iter().zip(before) {
            prop_assert!((after - (before - eps * norm)).abs() < 1e-12);
        }
    }

    #[test]
    fn names_of_classes_and_heights_of_logits_do_not_matter(seed in 0u64..10_000) {
        let problem = problem(seed, &[5, 4], Activation::Tanh, 2);
        let objective = Objective { lambda: 0.1, alpha: 0.5, ..Objective::default() };
        let mut other = problem.clone();
        other.thetas[2].swap_columns(0, 1);
        other.thetas[2].row_mut(4).add_scalar_mut(0.7);
        let swapped = problem.batch.targets.labels().iter().map(|y| 1 - y).collect();
        other.batch.targets = BatchTargets::Labels(swapped);
        let (a, b) = (problem.differentiate(objective), other.differentiate(objective));
        prop_assert!((a.j - b.j).abs() < 1e-13);
        prop_assert!(gap(&a.gradients[..2], &b.gradients[..2]) < 1e-13);
    }
}

/// The penalty jumps where a kink passes a point, and its gradient does not say so.
#[test]
fn a_relu_does_not_feel_where_its_kink_is() {
    let inputs = Inputs::plain(1);
    let architecture = Architecture::dense(inputs, &[2], Activation::Relu, 2, Loss::CrossEntropy);
    let mut batch = Batch::with_capacity(1, 1, 2, Loss::CrossEntropy);
    batch.samples = 1;
    batch.inputs[(0, 0)] = 0.3;
    batch.inputs[(0, 1)] = 1.0;
    batch.targets = BatchTargets::Labels(vec![0]);
    let at = |bias: f64| {
        let thetas = vec![
            DMatrix::from_row_slice(2, 2, &[1.0, -0.5, bias, 0.2]),
            DMatrix::from_row_slice(3, 2, &[2.0, 0.0, 1.0, 0.0, 0.0, 0.0]),
        ];
        let of = |lambda| {
            let objective = Objective {
                lambda,
                ..Objective::default()
            };
            let mut pass = Pass::<f64>::new(&architecture, objective, 1, Arithmetic::Portable);
            let mut clean = Activations::new(&architecture, 1, Arithmetic::Portable);
            pass.differentiate(&architecture, &thetas, &batch, &mut clean);
            (pass.parts.penalty, pass.gradient(0).row(1).clone_owned())
        };
        let ((_, plain), (penalty, penalised)) = (of(0.0), of(1.0));
        (penalty, (penalised - plain).amax())
    };
    let (before, after) = (at(-0.31), at(-0.29));
    assert!((before.0 - 0.5).abs() < 1e-12 && (after.0 - 1.5).abs() < 1e-12);
    assert_eq!((before.1, after.1), (0.0, 0.0));
}

/// The words of a query are those of the specification.
#[test]
fn targets_and_norms_have_their_names() {
    let names: Vec<&str> = Target::ALL.iter().map(|t| t.name()).collect();
    assert_eq!(names, ["margin", "logits", "prob", "loss"]);
}
