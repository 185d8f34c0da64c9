//! The laws of MATH's proximal steps, over random networks and data, in double precision.

#[path = "common/stream.rs"]
mod stream;

use nalgebra::{DMatrix, DVector};
use proptest::prelude::*;
use proxprop::Named;
use proxprop::lab::sentence;
use proxprop::nn::features::Inputs;
use proxprop::nn::layer::Rows;
use proxprop::nn::loss::BatchTargets;
use proxprop::nn::mlp::{Architecture, Batch, Init, initialise};
use proxprop::nn::product::Packing;
use proxprop::nn::stack::{Piece, stack};
use proxprop::nn::window::Planes;
use proxprop::nn::{Activation, Arithmetic, Loss};
use proxprop::steps::gradient::{Arriving, Block};
use proxprop::steps::implicit::CG_EPSILON;
use proxprop::steps::penalty::{sub_steps, sweep};
use proxprop::steps::prox_point::TOLERANCE;
use proxprop::steps::rule::{RuleMemory, direction};
use proxprop::steps::{Directions, Implicit, Rule, diagnostics};
use stream::stream;

#[derive(Debug)]
struct Problem {
    architecture: Architecture,
    thetas: Vec<DMatrix<f64>>,
    batch: Batch<f64>,
}

fn problem(
    seed: u64,
    samples: usize,
    hidden: &[usize],
    activation: Activation,
    loss: Loss,
) -> Problem {
    let architecture = Architecture::dense(Inputs::plain(2), hidden, activation, 3, loss);
    problem_of(seed, samples, architecture)
}

fn problem_of(seed: u64, samples: usize, architecture: Architecture) -> Problem {
    let mut next = stream(seed);
    let mut thetas = initialise(&architecture, Init::Xavier, 1.5, |_| next());
    // Biases too, so that no law holds only for zero ones.
    for theta in &mut thetas {
        let last = theta.nrows() - 1;
        theta
            .row_mut(last)
            .iter_mut()
            .for_each(|b| *b = 0.3 * next());
    }
    let (inputs, loss) = (architecture.inputs.count(), architecture.loss);
    let mut batch = Batch::with_capacity(samples, inputs, 3, loss);
    batch.samples = samples;
    for i in 0..samples {
        for j in 0..inputs {
            batch.inputs[(i, j)] = 2.0 * next();
        }
        batch.inputs[(i, inputs)] = 1.0;
        match &mut batch.targets {
            BatchTargets::Labels(labels) => labels.push((i % 3) as u32),
            BatchTargets::Values(y) => (0..3).for_each(|j| y[(i, j)] = next()),
        }
    }
    Problem {
        architecture,
        thetas,
        batch,
    }
}

fn dense_problems() -> impl Strategy<Value = Problem> {
    let activation = proptest::sample::select(Activation::ALL);
    let loss = proptest::sample::select(Loss::ALL);
    (
        any::<u64>(),
        1usize..30,
        proptest::collection::vec(1usize..9, 1..4),
        activation,
        loss,
    )
        .prop_map(|(seed, n, hidden, activation, loss)| problem(seed, n, &hidden, activation, loss))
}

/// Convolutions on images, one of them or two, some with pooling, under dense layers.
fn image_problems() -> impl Strategy<Value = Problem> {
    let planes = (1usize..3, 3usize..7, 3usize..7).prop_map(|(channels, height, width)| Planes {
        channels,
        height,
        width,
    });
    let convolution = || {
        (1usize..4, 1usize..4, 0usize..2, 1usize..3).prop_map(
            |(size, channels, padding, stride)| Piece::Convolution {
                size,
                channels,
                padding,
                stride,
            },
        )
    };
    let pooling = proptest::option::of((2usize..4, 1usize..4));
    let pooling =
        pooling.prop_map(|pool| pool.map(|(size, stride)| Piece::Pooling { size, stride }));
    let activation = proptest::sample::select(Activation::ALL);
    let loss = proptest::sample::select(Loss::ALL);
    (
        (any::<u64>(), 1usize..7, planes),
        (convolution(), pooling, proptest::option::of(convolution())),
        proptest::option::of((1usize..6).prop_map(Piece::Dense)),
        activation,
        loss,
    )
        .prop_filter_map(
            "the windows fit",
            |((seed, n, planes), (first, pooling, second), dense, activation, loss)| {
                let pieces = [Some(first), pooling, second, dense];
                let hidden: Vec<Piece> = pieces.into_iter().flatten().collect();
                let layers = stack(planes.count(), Some(planes), &hidden, activation, 3);
                let architecture = Architecture {
                    inputs: Inputs::plain(planes.count()),
                    layers: layers.ok()?,
                    loss,
                };
                Some(problem_of(seed, n, architecture))
            },
        )
}

fn problems() -> impl Strategy<Value = Problem> {
    prop_oneof![dense_problems(), image_problems()]
}

const EXACT: Implicit = Implicit {
    tau_theta: 1.0,
    cg_tolerance: 0.0,
    cg_epsilon: CG_EPSILON,
};

impl Problem {
    /// At a kink a one-sided difference is no derivative.
    fn is_smooth(&self) -> bool {
        self.architecture.layers.iter().all(|layer| {
            let kink = matches!(
                layer.activation,
                Some(Activation::Relu | Activation::LeakyRelu)
            );
            !kink && layer.pooling.is_none()
        })
    }

    fn directions(&self, rule: Rule, implicit: Implicit) -> (f64, Directions<f64>) {
        let mut work = Directions::new(
            &self.architecture,
            rule,
            None,
            self.batch.samples,
            Arithmetic::Portable,
        );
        let loss = work
            .compute(&self.architecture, &self.thetas, &self.batch, implicit)
            .unwrap();
        (loss, work)
    }

    fn gradients(&self, work: &Directions<f64>) -> Vec<DMatrix<f64>> {
        let layers = 0..self.thetas.len();
        layers
            .map(|l| work.gradient.of_layer(l, &self.batch))
            .collect()
    }
}

fn distance(a: &[DMatrix<f64>], b: &[DMatrix<f64>]) -> f64 {
    a.iter()
        .zip(b)
        .map(|(a, b)| (a - b).amax())
        .fold(0.0, f64::max)
}

/// The rule's answer to a whole gradient and the inputs it is of.
fn answer(rule: Rule, settings: Implicit, inputs: &[Block<f64>], g: &DMatrix<f64>) -> DMatrix<f64> {
    let mut d = g.clone();
    let (rule, rows) = (rule.of_dense_layers(), inputs[0].inputs.nrows());
    let mut memory = RuleMemory::new(rule, g.shape(), Rows::full(rows));
    let arriving = Arriving::Whole {
        inputs,
        gradient: g,
    };
    let packing = &mut Packing::default();
    direction(rule, settings, &arriving, &mut memory, packing, &mut d).unwrap();
    d
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// Smooth activations only: at a kink the one-sided difference is not the derivative.
    #[test]
    fn gradients_agree_with_finite_differences(p in problems()) {
        prop_assume!(p.is_smooth());
        let (_, work) = p.directions(Rule::Backprop, EXACT);
        let h = 1e-5;
        for l in 0..p.thetas.len() {
            for at in [0, p.thetas[l].len() / 2, p.thetas[l].len() - 1] {
                let loss_at = |shift: f64| {
                    let mut thetas = p.thetas.clone();
                    thetas[l].as_mut_slice()[at] += shift;
                    let mut w = Directions::new(&p.architecture, Rule::Backprop, None, p.batch.samples, Arithmetic::Portable);
                    w.compute(&p.architecture, &thetas, &p.batch, EXACT).unwrap()
                };
                let difference = (loss_at(h) - loss_at(-h)) / (2.0 * h);
                let g = work.gradient.of_layer(l, &p.batch).as_slice()[at];
                prop_assert!((difference - g).abs() < 1e-7 * (1.0 + g.abs()), "{difference} vs {g}");
            }
        }
    }

    /// Proposition 1: the explicit sweep is one gradient step, and the implicit sweep one plain `ProxProp` step.
    #[test]
    fn a_sweep_is_a_step(p in problems(), tau in 0.01f64..20.0, tau_theta in 0.01f64..20.0, implicit: bool) {
        let rule = if implicit { Rule::ProxExact } else { Rule::Backprop };
        let settings = Implicit { tau_theta, cg_tolerance: 0.0, cg_epsilon: CG_EPSILON };
        let (loss, work) = p.directions(rule, settings);
        let swept = sweep(&p.architecture, &p.thetas, &p.batch, &work.gradient, rule, tau, settings).unwrap();
        let stepped: Vec<_> =
            p.thetas.iter().zip(&work.directions).map(|(t, d)| t - d * tau).collect();
        let scale = stepped.iter().map(DMatrix::amax).fold(1.0, f64::max);
        prop_assert!(distance(&swept.thetas, &stepped) <= 1e-12 * scale);
        prop_assert_eq!(swept.energy.len(), sub_steps(p.thetas.len()).len());
        prop_assert!((swept.energy[0] - loss).abs() <= 1e-12 * (1.0 + loss));
    }

    #[test]
    fn the_implicit_sub_step_never_raises_the_energy(p in problems(), tau in 0.01f64..100.0, tau_theta in 1e-3f64..1e4) {
        let settings = Implicit { tau_theta, cg_tolerance: 0.0, cg_epsilon: CG_EPSILON };
        let (_, work) = p.directions(Rule::ProxExact, settings);
        let swept = sweep(&p.architecture, &p.thetas, &p.batch, &work.gradient, Rule::ProxExact, tau, settings).unwrap();
        let names = sub_steps(p.thetas.len());
        // The output layer's step is explicit by definition; every other theta is implicit.
        for i in (2..names.len()).filter(|&i| names[i].starts_with("theta")) {
            let (before, after) = (swept.energy[i - 1], swept.energy[i]);
            prop_assert!(after <= before + 1e-9 * (1.0 + before), "{}: {before} → {after}", names[i]);
        }
    }

    #[test]
    fn proximal_directions_descend(p in problems(), exponent in -6.0f64..6.0, k in 1u32..20) {
        let settings = Implicit { tau_theta: 10f64.powf(exponent), cg_tolerance: 0.0, cg_epsilon: CG_EPSILON };
        for rule in [Rule::ProxExact, Rule::ProxCg(k)] {
            let (_, work) = p.directions(rule, settings);
            for (g, d) in p.gradients(&work).iter().zip(&work.directions) {
                if diagnostics::norm(g) > 1e-6 {
                    prop_assert!(diagnostics::inner(g, d) > 0.0);
                }
            }
        }
    }

    #[test]
    fn small_proximal_steps_are_gradient_steps(p in problems()) {
        let tau_theta = 1e-9;
        let (_, work) = p.directions(Rule::ProxExact, Implicit { tau_theta, cg_tolerance: 0.0, cg_epsilon: CG_EPSILON });
        let hidden = p.thetas.len() - 1;
        for (g, d) in p.gradients(&work).iter().zip(&work.directions).take(hidden) {
            prop_assert!((d / tau_theta - g).norm() <= 1e-5 * (g.norm() + 1e-12));
        }
    }

    /// At a scale where CG's guard of 1e-6 in the denominators does not show.
    #[test]
    fn enough_conjugate_gradients_are_cholesky(p in problems(), tau_theta in 0.01f64..10.0) {
        let settings = Implicit { tau_theta, cg_tolerance: 0.0, cg_epsilon: CG_EPSILON };
        let (_, work) = p.directions(Rule::Backprop, settings);
        for (l, g) in p.gradients(&work).iter().enumerate() {
            let g = g * 1e8;
            let a = work.gradient.activations.hidden.inputs_of(l, &p.batch);
            let [exact, cg] = [Rule::ProxExact, Rule::ProxCg(300)].map(|rule| answer(rule, settings, &[a.into()], &g));
            prop_assert!((&exact - cg).norm() <= 1e-7 * exact.norm() + 1e-3);
        }
    }

    /// `Âᵀ (ÂÂᵀ + I/τ_θ)⁻¹ G_Z = (ÂᵀÂ + I/τ_θ)⁻¹ Âᵀ G_Z`, whichever of the two systems is the smaller.
    #[test]
    fn exact_by_rows_is_exact(p in problems(), exponent in -4.0f64..4.0) {
        let settings = Implicit { tau_theta: 10f64.powf(exponent), cg_tolerance: 0.0, cg_epsilon: CG_EPSILON };
        let (_, work) = p.directions(Rule::ProxExact, settings);
        let hidden = p.thetas.len() - 1;
        for (l, (g, d)) in p.gradients(&work).iter().zip(&work.directions).enumerate().take(hidden) {
            let a = work.gradient.activations.hidden.inputs_of(l, &p.batch);
            let by_inputs = answer(Rule::ProxExact, settings, &[a.into()], g);
            prop_assert!((d - &by_inputs).norm() <= 1e-9 * by_inputs.norm() + 1e-14);
        }
    }

    /// `(Σ w ÂᵀÂ + I/τ_θ) D = G` over weighted blocks of inputs; one block in two halves of the weight is that block.
    #[test]
    fn weighted_blocks_add_up(p in dense_problems(), other: u64, w in 0.05f64..1.0, tau_theta in 0.01f64..10.0) {
        let settings = Implicit { tau_theta, cg_tolerance: 0.0, cg_epsilon: CG_EPSILON };
        let (_, work) = p.directions(Rule::Backprop, settings);
        let mut moved = p.batch.clone();
        let mut next = stream(other);
        (0..p.batch.samples).for_each(|i| moved.inputs[(i, 0)] += next());
        let g = work.gradient.of_layer(0, &p.batch) * 1e8;
        let block = |inputs, weight| Block { inputs, weight };
        let (a, b) = (&p.batch.inputs, &moved.inputs);
        let system = a.tr_mul(a) * (1.0 - w) + b.tr_mul(b) * w + DMatrix::identity(3, 3) / tau_theta;
        for rule in [Rule::ProxExact, Rule::ProxCg(300)] {
            let d = answer(rule, settings, &[block(a, 1.0 - w), block(b, w)], &g);
            prop_assert!((&system * &d - &g).norm() <= 1e-6 * g.norm(), "{rule}");
            let whole = answer(rule, settings, &[block(a, 1.0)], &g);
            let halves = answer(rule, settings, &[block(a, 1.0 - w), block(a, w)], &g);
            prop_assert!((&whole - halves).norm() <= 1e-7 * whole.norm() + 1e-3, "{rule}");
        }
    }

    /// The true implicit step of the network: `J(Θ⁺) + ‖Θ⁺ − Θ‖²/(2τ) ≤ J(Θ)`, kinks or not.
    #[test]
    fn proximal_points_never_raise_the_loss(p in problems(), exponent in -3.0f64..3.0) {
        let settings = Implicit { tau_theta: 10f64.powf(exponent), cg_tolerance: 0.0, cg_epsilon: CG_EPSILON };
        let (loss, work) = p.directions(Rule::ProxPoint, settings);
        let moved: f64 = work.directions.iter().map(DMatrix::norm_squared).sum();
        let after = p.after(settings.tau_theta, &work.directions);
        let bound = loss - 0.5 * settings.tau_theta * moved;
        prop_assert!(after.directions(Rule::Backprop, settings).0 <= bound + 1e-9 * (1.0 + loss));
    }

    /// Where the loss is smooth the solve ends at its tolerance, and there `D = ∇J(Θ⁺)`: implicit Euler.
    #[test]
    fn proximal_points_are_implicit_euler_steps(p in problems(), exponent in -3.0f64..1.5) {
        prop_assume!(p.is_smooth());
        let settings = Implicit { tau_theta: 10f64.powf(exponent), cg_tolerance: 0.0, cg_epsilon: CG_EPSILON };
        let (_, work) = p.directions(Rule::ProxPoint, settings);
        let size = |m: &[DMatrix<f64>]| m.iter().map(DMatrix::norm_squared).sum::<f64>().sqrt();
        prop_assert!(work.cg[0].residual <= TOLERANCE, "{:?}", work.cg[0]);
        let after = p.after(settings.tau_theta, &work.directions);
        let after_gradients = after.gradients(&after.directions(Rule::Backprop, settings).1);
        let apart: Vec<_> = work.directions.iter().zip(&after_gradients).map(|(d, g)| d - g).collect();
        prop_assert!(size(&apart) <= 2.0 * TOLERANCE * size(&p.gradients(&work)));
    }

    /// Half the squared error of a linear network: `Θ⁺ = (ÂᵀÂ/N + I/τ)⁻¹ (ÂᵀY/N + Θ/τ)`.
    #[test]
    fn proximal_points_of_a_linear_network_are_ridge_regressions(seed: u64, n in 1usize..40, exponent in -2.0f64..2.0) {
        let p = problem(seed, n, &[], Activation::Tanh, Loss::HalfSquared);
        let tau = 10f64.powf(exponent);
        let (_, work) = p.directions(Rule::ProxPoint, Implicit { tau_theta: tau, cg_tolerance: 0.0, cg_epsilon: CG_EPSILON });
        let BatchTargets::Values(y) = &p.batch.targets else { unreachable!() };
        let (a, theta, n) = (&p.batch.inputs, &p.thetas[0], n as f64);
        let system = a.tr_mul(a) / n + DMatrix::identity(3, 3) / tau;
        let exact = system.cholesky().unwrap().solve(&(a.tr_mul(y) / n + theta / tau));
        let reached = theta - &work.directions[0] * tau;
        prop_assert!((&reached - &exact).norm() <= 1e-5 * (1.0 + (theta - &exact).norm()) * tau.max(1.0));
    }
}

impl Problem {
    /// The problem after a plain step.
    fn after(&self, tau: f64, directions: &[DMatrix<f64>]) -> Problem {
        let pairs = self.thetas.iter().zip(directions);
        Problem {
            architecture: self.architecture.clone(),
            thetas: pairs.map(|(t, d)| t - d * tau).collect(),
            batch: self.batch.clone(),
        }
    }

    /// `∇J` in a row at parameters in a row.
    fn gradient_at(&self, x: &DVector<f64>) -> DVector<f64> {
        let mut rest = x.as_slice();
        let thetas = self.thetas.iter().map(|theta| {
            let (these, others) = rest.split_at(theta.len());
            rest = others;
            DMatrix::from_column_slice(theta.nrows(), theta.ncols(), these)
        });
        let moved = Problem {
            architecture: self.architecture.clone(),
            thetas: thetas.collect(),
            batch: self.batch.clone(),
        };
        in_a_row(&moved.gradients(&moved.directions(Rule::Backprop, EXACT).1))
    }
}

fn in_a_row(m: &[DMatrix<f64>]) -> DVector<f64> {
    let entries = m.iter().flat_map(|m| m.iter().copied());
    DVector::from_iterator(m.iter().map(DMatrix::len).sum(), entries)
}

/// A 2-3-2-like network against Newton's method with the dense Hessian by differences, led from small τ to large.
#[test]
fn proximal_points_agree_with_dense_newton() {
    for (seed, loss) in [
        (1, Loss::CrossEntropy),
        (2, Loss::HalfSquared),
        (3, Loss::CrossEntropy),
    ] {
        let p = problem(seed, 20, &[3], Activation::Tanh, loss);
        let start = in_a_row(&p.thetas);
        let n = start.len();
        let mut x = start.clone();
        for tau in [0.25, 0.5, 1.0, 2.0, 4.0] {
            for _ in 0..30 {
                let residual = p.gradient_at(&x) + (&x - &start) / tau;
                let mut hessian = DMatrix::identity(n, n) / tau;
                for i in 0..n {
                    let shifted = |h: f64| {
                        let mut y = x.clone();
                        y[i] += h;
                        p.gradient_at(&y)
                    };
                    let column = (shifted(1e-5) - shifted(-1e-5)) / 2e-5;
                    hessian.set_column(i, &(hessian.column(i) + column));
                }
                x -= hessian.lu().solve(&residual).unwrap();
            }
            let residual = (p.gradient_at(&x) + (&x - &start) / tau).norm();
            assert!(residual < 1e-12, "the reference itself: {residual:e}");
            let settings = Implicit {
                tau_theta: tau,
                cg_tolerance: 0.0,
                cg_epsilon: CG_EPSILON,
            };
            let (_, work) = p.directions(Rule::ProxPoint, settings);
            let reached = &start - in_a_row(&work.directions) * tau;
            let apart = (&reached - &x).norm();
            assert!(
                apart <= 1e-5 * (&x - &start).norm(),
                "{loss:?}, τ = {tau}: {apart:e}"
            );
            assert!(
                work.cg
                    .iter()
                    .all(|c| c.iterations > 1 && c.residual <= TOLERANCE)
            );
        }
    }
}

#[test]
fn large_networks_are_not_stepped_at_once() {
    let (inputs, loss) = (Inputs::plain(2), Loss::CrossEntropy);
    let architecture = Architecture::dense(inputs, &[64, 64], Activation::Tanh, 3, loss);
    let mut next = stream(1);
    let thetas = initialise(&architecture, Init::Xavier, 1.0, |_| next());
    let batch = problem(1, 5, &[4], Activation::Tanh, Loss::CrossEntropy).batch;
    let mut work = Directions::new(
        &architecture,
        Rule::ProxPoint,
        None,
        5,
        Arithmetic::Portable,
    );
    let refused = work.compute(&architecture, &thetas, &batch, EXACT);
    assert_eq!(
        sentence::breakdown(refused.unwrap_err()),
        "4547 parameters are too many to be stepped at once; allowed: at most 2000"
    );
}
