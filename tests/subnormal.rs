//! No array of an engine holds a subnormal number after a step, however a network is saturated, decaying, dead, vanishing or
//! sure of itself: on many processors such numbers make a step 25 times as slow, on others nobody would notice.

use nalgebra::DMatrix;
use proxprop::Named;
use proxprop::data::rng::{Purpose, Stream};
use proxprop::data::{DataSource, generate};
use proxprop::engine::cpu::architecture_for;
use proxprop::engine::{Ensemble, Look, Precision, Settings};
use proxprop::nn::mlp::{Init, initialise};
use proxprop::nn::{Activation, Arithmetic, Loss};
use proxprop::steps::implicit::CG_EPSILON;
use proxprop::steps::optimizer::{Epsilon, StepSize};
use proxprop::steps::{Implicit, L1, Optimizer, RULES, Rule, Shrinkage};

/// Where a network is put, and how it goes on from there.
#[derive(Clone, Copy, Debug)]
enum State {
    /// Far out on both sides.
    Saturated,
    /// Towards zero, by nineteen twentieths a step.
    Decaying,
    /// Nothing comes through the hidden units, and weights go to zero by steps of one size, to rest there or to jump about it.
    Dead,
    /// Every layer leaves less of what arrives at it.
    Vanishing,
    /// Right, with probabilities next to 1.
    Sure,
}

const STATES: [State; 5] = [
    State::Saturated,
    State::Decaying,
    State::Dead,
    State::Vanishing,
    State::Sure,
];

/// Shapes that cost little.
const SMALL: [(usize, usize); 2] = [(3, 12), (9, 4)];

/// Enough to decay through all of double precision's exponents.
const STEPS: usize = 300;

/// An engine of hidden layers of a width, on so many points, in such a state.
fn engine<T: Precision>(
    state: State,
    shape: (usize, usize),
    activation: Activation,
    rule: Rule,
    optimizer: Optimizer,
    arithmetic: Arithmetic,
) -> Ensemble<T> {
    let (width, points) = shape;
    let data = generate(DataSource::Gauss, points, 0.1, 0.0, 1).unwrap();
    let hidden = [width, width, 2];
    let architecture = architecture_for(&data, &hidden, activation, Loss::CrossEntropy);
    let least = T::NEGLIGIBLE.to_f64();
    let (scale, bias, tau, decay) = match state {
        // Towards the edge of the exponents, from which slopes and probabilities are made.
        State::Saturated => (-5.0 * least.ln(), 0.0, 1.0, 0.0),
        State::Decaying => (1.0, 0.0, 0.5, 1.9),
        State::Dead => (1.0, 1.5 * least.ln(), 0.1, 1e-3),
        State::Vanishing => (least.sqrt(), 0.0, 1e-3, 0.0),
        State::Sure => (10.0, 0.0, 10.0, 0.0),
    };
    let mut stream = Stream::new(1, Purpose::Weights, 0);
    let mut thetas = initialise(&architecture, Init::He, scale, |_| stream.normal());
    let hidden = thetas.len() - 1;
    for theta in &mut thetas[..hidden] {
        let last = theta.nrows() - 1;
        theta.row_mut(last).fill(bias);
    }
    let mut ensemble = Ensemble::<T>::new(architecture, &data, points).with_arithmetic(arithmetic);
    let settings = Settings {
        rule,
        optimizer,
        size: StepSize {
            tau,
            momentum: 0.2,
            decay,
            epsilon: Epsilon::Corrected,
        },
        l1: match state {
            State::Dead => L1 {
                factor: 0.04,
                shrinkage: Shrinkage::ALL[points % 2],
            },
            _ => L1::default(),
        },
        implicit: Implicit {
            tau_theta: 1.0,
            cg_tolerance: 0.0,
            cg_epsilon: CG_EPSILON,
        },
        reach: None,
        objective: None,
    };
    ensemble.add(settings, thetas.iter().map(|t| t.map(T::of)).collect());
    ensemble
}

fn none<T: Precision>(what: &str, arrays: &[DMatrix<T>], place: &str) {
    for x in arrays.iter().flatten() {
        let x = x.to_f64();
        // Twice the smallest normal number is the least that is kept.
        let least = T::NEGLIGIBLE_SQUARE.to_f64();
        assert!(
            x == 0.0 || x.abs() >= least,
            "{x:e} in the {what} of {place}"
        );
    }
}

/// The smallest magnitude but zero that a text shows inside of lists.
fn smallest_listed(text: &str) -> f64 {
    let mut depth = 0;
    let mut smallest = f64::INFINITY;
    for word in text.split_inclusive(['[', ']', ',', ' ', '\n']) {
        let number = word.trim_end_matches(['[', ']', ',', ' ', '\n']);
        if let (1.., Ok(x)) = (depth, number.parse::<f64>())
            && x != 0.0
        {
            smallest = smallest.min(x.abs());
        }
        depth += word.matches('[').count();
        depth -= word.matches(']').count();
    }
    smallest
}

/// The law for hidden layers of a width on so many points, few inputs for many points and the other way about, over so many
/// steps; everything is read after every so-many-th.
fn law<T: Precision>(
    least: f64,
    arithmetic: Arithmetic,
    shapes: [(usize, usize); 2],
    (steps, every): (usize, usize),
) {
    for state in STATES {
        for (i, &activation) in Activation::ALL.iter().enumerate() {
            let shape = shapes[i % 2];
            for (j, rule) in RULES.into_iter().enumerate() {
                // Every rule meets every optimizer under one activation or another.
                let optimizer = Optimizer::ALL[(i + j) % Optimizer::ALL.len()];
                let place = format!("{state:?} {activation:?} {rule} {optimizer:?}");
                // What steps the network as a whole computes in double precision, whatever the engine does.
                let least = if rule.is_whole() {
                    f64::MIN_POSITIVE
                } else {
                    least
                };
                let mut ensemble =
                    engine::<T>(state, shape, activation, rule, optimizer, arithmetic);
                for step in 0..steps {
                    ensemble.step(&[], Look::default());
                    let member = &ensemble.members()[0];
                    let place = format!("{place}, step {step}");
                    none("weights", &member.state.thetas, &place);
                    none("first moments", &member.state.optimizer.first, &place);
                    none("second moments", &member.state.optimizer.second, &place);
                    // Everything that it owns, whoever may see it.
                    if step % every == 0 {
                        let smallest = smallest_listed(&format!("{ensemble:?}"));
                        assert!(smallest >= least, "{smallest:e} of {place}");
                    }
                    if member.state.divergence.is_some() {
                        break;
                    }
                }
            }
        }
    }
}

#[test]
fn no_array_holds_a_subnormal_number_in_single_precision() {
    law::<f32>(
        f64::from(f32::MIN_POSITIVE),
        Arithmetic::Portable,
        SMALL,
        (STEPS, 1),
    );
}

#[test]
fn no_array_holds_a_subnormal_number_in_the_fast_arithmetic() {
    // Single precision's exponents are gone through in fewer steps.
    let shapes = [(40, 60), (60, 24)];
    law::<f32>(
        f64::from(f32::MIN_POSITIVE),
        Arithmetic::fastest(),
        shapes,
        (48, 24),
    );
}

#[test]
fn no_array_holds_a_subnormal_number_in_double_precision() {
    law::<f64>(f64::MIN_POSITIVE, Arithmetic::Portable, SMALL, (STEPS, 1));
}
