//! The fast arithmetic: it computes what the portable one computes, to rounding, and replays itself bit for bit.

use proxprop::Named;
use proxprop::data::rng::{Purpose, Stream};
use proxprop::data::{DataSource, generate};
use proxprop::engine::cpu::architecture_for;
use proxprop::engine::{Ensemble, Look, Precision, Settings};
use proxprop::lab::session::{Command, Session};
use proxprop::nn::mlp::{Init, initialise};
use proxprop::nn::{Activation, Arithmetic, Loss};
use proxprop::steps::implicit::CG_EPSILON;
use proxprop::steps::optimizer::StepSize;
use proxprop::steps::{Implicit, L1, Optimizer, RULES, Rule};

/// A member after so many small steps, as one vector.
fn trained<T: Precision>(
    arithmetic: Arithmetic,
    hidden: &[usize],
    activation: Activation,
    rule: Rule,
    (samples, batch): (usize, usize),
) -> Vec<f64> {
    let data = generate(DataSource::Circle, samples, 0.1, 0.0, 1).unwrap();
    let architecture = architecture_for(&data, hidden, activation, Loss::CrossEntropy);
    let mut stream = Stream::new(1, Purpose::Weights, 0);
    let thetas = initialise(&architecture, Init::Xavier, 1.0, |_| stream.normal());
    let mut ensemble = Ensemble::<T>::new(architecture, &data, batch).with_arithmetic(arithmetic);
    let settings = Settings {
        rule,
        optimizer: Optimizer::Sgd,
        size: StepSize::plain(0.5),
        l1: L1::default(),
        implicit: Implicit {
            tau_theta: 1.0,
            cg_tolerance: 0.0,
            cg_epsilon: CG_EPSILON,
        },
        reach: None,
        objective: None,
    };
    ensemble.add(settings, thetas.iter().map(|t| t.map(T::of)).collect());
    let order: Vec<u32> = (0..samples as u32).collect();
    for step in 0..5 {
        let first = step * batch % samples;
        let minibatch = &order[first..(first + batch).min(samples)];
        ensemble.step(minibatch, Look::default());
    }
    let state = &ensemble.members()[0].state;
    assert_eq!(state.step, 5, "{rule} {:?}", state.divergence);
    state
        .thetas
        .iter()
        .flat_map(|t| t.iter().map(|x| x.to_f64()))
        .collect()
}

/// The largest difference, relative to the largest parameter.
fn apart(these: &[f64], those: &[f64]) -> f64 {
    let largest = those.iter().fold(0.0_f64, |m, x| m.max(x.abs()));
    let pairs = these.iter().zip(those);
    pairs.fold(0.0_f64, |m, (x, y)| m.max((x - y).abs())) / largest
}

/// Both lie about as far from double precision after five steps: where the portable arithmetic is off by more than this,
/// because a system is ill-conditioned, the fast one is off by at most four times as much.
const ROUNDING: f64 = 2e-6;

#[test]
fn fast_steps_are_portable_steps_to_rounding() {
    for (hidden, points) in [
        (&[5][..], (33, 33)),
        (&[40, 3], (70, 7)),
        (&[130, 70], (150, 150)),
        (&[90, 90], (200, 20)),
    ] {
        for &activation in Activation::ALL {
            for rule in RULES.into_iter().filter(|rule| !rule.is_whole()) {
                let portable = Arithmetic::Portable;
                let exact = trained::<f64>(portable, hidden, activation, rule, points);
                let [portable, fast] = [portable, Arithmetic::fastest()].map(|arithmetic| {
                    let thetas = trained::<f32>(arithmetic, hidden, activation, rule, points);
                    apart(&thetas, &exact)
                });
                assert!(
                    fast <= 4.0 * portable.max(ROUNDING),
                    "{rule} {activation:?} {hidden:?}: {fast}, portable {portable}"
                );
            }
        }
    }
}

#[test]
fn a_fast_session_goes_back_bit_for_bit() {
    let query = "hidden=40,40&n=100&epochs=300&batch=30&run=backprop,tau:1&run=prox-exact,tau:1";
    let mut session = Session::in_arithmetic(query, Arithmetic::fastest()).unwrap();
    let losses = |session: &mut Session| {
        let members = session.frame().members;
        members.iter().map(|m| m.loss.to_bits()).collect::<Vec<_>>()
    };
    session.advance(700);
    let there = losses(&mut session);
    session.advance(200);
    let beyond = losses(&mut session);
    for (step, known) in [(700, &there), (900, &beyond), (700, &there)] {
        session.apply(Command::Seek { step }).unwrap();
        assert_eq!(&losses(&mut session), known, "step {step}");
    }
    // Another run in the same session stays in its arithmetic.
    let load = Command::Load {
        query: query.to_owned(),
    };
    session.apply(load).unwrap();
    session.advance(700);
    assert_eq!(losses(&mut session), there);
    assert_eq!(session.frame().arithmetic, Arithmetic::fastest().name());
}
