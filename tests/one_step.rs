//! One step taken apart: the reference energies, Proposition 1, and the layer's own quadratic.

use proxprop::engine::Ensemble;
use proxprop::engine::one_step::Snapshot;
use proxprop::frame::{Formula, LayerProblem, SweepFrame};
use proxprop::lab::state::StateFile;
use proxprop::lab::{architecture, sentence};
use serde_json::Value;

/// The first member of a reference file before its first step, and the energies expected of it.
fn golden(text: &str) -> (Snapshot, Vec<(String, f64)>) {
    let file: Value = serde_json::from_str(text).unwrap();
    let state = StateFile::parse(&file["state"].to_string()).unwrap();
    let config = state.config();
    let architecture = architecture::of_run(config, state.dataset());
    let ensemble = Ensemble::<f64>::new(architecture, state.dataset(), config.batch);
    let thetas = &state.member_states::<f64>().unwrap()[0].thetas;
    let snapshot = Snapshot::new(
        ensemble.architecture(),
        thetas,
        ensemble.training(),
        config.runs[0].settings(),
    );
    let energies = file["expected"]["trace"][0]["energy"].as_array();
    let energies = energies.into_iter().flatten().map(|e| {
        let name = e["at"].as_str().unwrap().to_owned();
        (name, e["value"].as_f64().unwrap())
    });
    (snapshot, energies.collect())
}

const BACKPROP: &str = include_str!("golden/backprop-sgd-tanh.json");
const PROX_EXACT: &str = include_str!("golden/prox-exact-sgd-tanh.json");
const PROX_CG: &str = include_str!("golden/prox-cg10-sgd-sigmoid-regress.json");
const OTHERS: [&str; 3] = [
    include_str!("golden/backprop-adam-relu.json"),
    include_str!("golden/prox-cg3-adam-tanh.json"),
    include_str!("golden/prox-exact-nesterov-relu.json"),
];

fn agrees(side: &SweepFrame, expected: &[(String, f64)]) {
    assert_eq!(side.sub_steps.len(), expected.len());
    let mut before = expected[0].1;
    for (step, (at, energy)) in side.sub_steps.iter().zip(expected) {
        assert_eq!(&step.at, at);
        let close = |a: f64, b: f64| (a - b).abs() <= 1e-9 * b.abs();
        assert!(close(step.energy.total, *energy), "{at}: {step:?}");
        assert!(close(step.before, before), "{at}: {step:?}");
        let terms = step.energy.activation.iter().chain(&step.energy.affine);
        let sum = step.energy.loss + terms.sum::<f64>();
        assert!(close(sum, *energy), "{at}: the terms sum to {sum}");
        before = *energy;
    }
}

#[test]
fn energies_agree_with_the_reference() {
    let (snapshot, expected) = golden(BACKPROP);
    agrees(&snapshot.one_step().unwrap().explicit, &expected);
    let (snapshot, expected) = golden(PROX_EXACT);
    agrees(&snapshot.one_step().unwrap().implicit, &expected);
}

#[test]
fn proposition_1_holds_to_the_last_digits() {
    for file in OTHERS.into_iter().chain([BACKPROP, PROX_EXACT, PROX_CG]) {
        let step = golden(file).0.one_step().unwrap();
        assert!(
            step.explicit.mismatch < 1e-12,
            "{:e}",
            step.explicit.mismatch
        );
        assert!(
            step.implicit.mismatch < 1e-12,
            "{:e}",
            step.implicit.mismatch
        );
        assert!(
            step.explicit.mismatch + step.implicit.mismatch > 0.0,
            "two ways of computing"
        );
    }
}

#[test]
fn both_sides_make_the_same_moves_by_different_formulas() {
    let step = golden(PROX_EXACT).0.one_step().unwrap();
    let (explicit, implicit) = (&step.explicit.sub_steps, &step.implicit.sub_steps);
    for (e, i) in explicit.iter().zip(implicit) {
        assert_eq!((&e.at, e.layer), (&i.at, i.layer));
        if e.formula == Formula::ThetaExplicit {
            assert_eq!(i.formula, Formula::ThetaImplicit);
            assert!(
                e.energy.total > e.before && i.energy.total <= i.before,
                "{e:?} {i:?}"
            );
        } else {
            assert_eq!(e.formula, i.formula);
        }
        assert_eq!(e.change > 0.0, e.formula != Formula::Forward);
    }
    assert_eq!(explicit.last().unwrap().at, "theta1");
}

fn close(what: &str, got: f64, want: f64) {
    assert!(
        (got - want).abs() <= 1e-9 * want.abs().max(1e-6),
        "{what}: {got}, not {want}"
    );
}

/// `q` in the plane, from the frame's five numbers.
fn height(p: &LayerProblem, [u, w]: [f64; 2]) -> f64 {
    let curved = 0.5 * (p.lambda_max * u * u + p.lambda_min * w * w);
    p.value + p.slope[0] * u + p.slope[1] * w + curved
}

#[test]
fn the_layer_problem_is_the_one_of_the_sweep() {
    for file in [BACKPROP, PROX_EXACT, PROX_CG] {
        let snapshot = golden(file).0;
        let step = snapshot.one_step().unwrap();
        for layer in 1..step.sizes.len() - 1 {
            let problem = snapshot.layer_problem(layer, None).unwrap();
            let at = format!("theta{layer}");
            let index = step
                .explicit
                .sub_steps
                .iter()
                .position(|s| s.at == at)
                .unwrap();
            let affine = |side: &SweepFrame, i: usize| side.sub_steps[i].energy.affine[layer - 1];
            close(
                "q",
                problem.value,
                step.tau * affine(&step.explicit, index - 1),
            );
            close(
                "explicit",
                problem.explicit.value,
                step.tau * affine(&step.explicit, index),
            );
            if step.implicit.rule == "prox-exact" {
                close(
                    "proximal",
                    problem.proximal.value,
                    step.tau * affine(&step.implicit, index),
                );
            } else {
                let k = problem.iterates.len() - 1;
                let swept = step.tau * affine(&step.implicit, index);
                assert!(
                    (problem.iterates[k].value - swept).abs() <= 1e-2 * problem.value,
                    "{layer}"
                );
            }
        }
    }
}

#[test]
fn the_plane_shows_the_extreme_directions_exactly() {
    let snapshot = golden(PROX_EXACT).0;
    for neuron in [None, Some(1), Some(3)] {
        let p = snapshot.layer_problem(2, neuron).unwrap();
        assert!(p.lambda_max > p.lambda_min && p.lambda_min > 0.0);
        close("limit", p.explicit_limit * p.lambda_max, 2.0);
        // The explicit step is minus the slope, the proximal point the minimum of q + distance²/(2τ_θ).
        let ridge = 1.0 / p.tau_theta;
        for (i, lambda) in [p.lambda_max, p.lambda_min].into_iter().enumerate() {
            close("explicit", p.explicit.at[i], -p.slope[i]);
            close("proximal", p.proximal.at[i], -p.slope[i] / (lambda + ridge));
        }
        // The path falls, from where the layer stands almost to the minimum.
        let minimum = p.minimum.map(Option::unwrap);
        let heights: Vec<f64> = p.path.iter().map(|&at| height(&p, at)).collect();
        assert!(
            heights
                .windows(2)
                .all(|pair| pair[1] <= pair[0] * (1.0 + 1e-14))
        );
        let bottom = height(&p, minimum);
        assert!(heights[0] > 0.9 * p.value + 0.1 * bottom);
        assert!(heights[heights.len() - 1] - bottom <= 1e-3 * (p.value - bottom));
        assert!(p.seen > 0.0 && p.seen <= 1.0 + 1e-12);
        // Each conjugate-gradient iterate is nearer to the proximal objective's minimum than the one before.
        let distance = |a: &proxprop::frame::PlanePoint| {
            (a.at[0] - p.proximal.at[0]).hypot(a.at[1] - p.proximal.at[1])
        };
        assert!(distance(&p.iterates[4]) < distance(&p.iterates[0]));
    }
}

#[test]
fn neurons_add_up_to_their_layer() {
    let snapshot = golden(PROX_EXACT).0;
    let whole = snapshot.layer_problem(1, None).unwrap();
    let neurons: Vec<_> = (1..=5)
        .map(|n| snapshot.layer_problem(1, Some(n)).unwrap())
        .collect();
    close("q", neurons.iter().map(|n| n.value).sum(), whole.value);
    close(
        "proximal",
        neurons.iter().map(|n| n.proximal.value).sum(),
        whole.proximal.value,
    );
    let squares = neurons.iter().map(|n| n.slope[0] * n.slope[0]);
    close("slope", squares.sum::<f64>().sqrt(), whole.slope[0]);
    assert_eq!(whole.dimension, 5 * neurons[0].dimension);
}

#[test]
fn what_does_not_exist_is_refused_in_words() {
    let snapshot = golden(PROX_EXACT).0;
    let refused =
        |layer, neuron| sentence::no_problem(snapshot.layer_problem(layer, neuron).unwrap_err());
    assert_eq!(
        refused(3, None),
        "hidden layer 3 does not exist; allowed: 1 to 2"
    );
    assert_eq!(
        refused(1, Some(9)),
        "neuron 9 does not exist; allowed: 1 to 5"
    );
}

#[test]
fn every_sub_step_has_a_hidden_layer_whose_problem_is_shown_beside_it() {
    for file in [BACKPROP, PROX_EXACT] {
        let step = golden(file).0.one_step().unwrap();
        let depth = step.sizes.len() - 2;
        for (k, sub_step) in step.implicit.sub_steps.iter().enumerate() {
            let shown = step.hidden_layer(k);
            match sub_step.formula {
                // The first whose Θ moves.
                Formula::Forward | Formula::OutputTheta => assert_eq!(shown, depth),
                _ => assert_eq!(shown, sub_step.layer, "{}", sub_step.at),
            }
            // It moves then, or later.
            let moves = step.moves(shown).unwrap();
            assert_eq!(step.explicit.sub_steps[moves].at, format!("theta{shown}"));
            assert!(moves >= k, "{}", sub_step.at);
        }
        assert_eq!(step.hidden_layer(1), depth);
    }
}
