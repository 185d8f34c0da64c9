//! *A learning rule inside a recurrent network*: what was measured over seeds, the answers of its presets, and its training from the start.

use std::fs;
use std::path::Path;

use proxprop::frame::stage::Stage;
use proxprop::lab::systems::{MetaTraining, What, asked_for};
use proxprop::systems::vsml::{Cell, Kind, Learner, META, Network, Scratch, Task};

use super::seen::mean;

/// The end of a query's runs, for the seeds 1 to `seeds`.
fn ends(query: &str, seeds: u32, samples: u64) -> Vec<Stage> {
    let end = |seed| {
        let query = format!("system=vsml&{query}&seeds=1&samples={samples}&seed={seed}");
        let entry = asked_for(&query).unwrap().expect("a system");
        let mut system = (entry.open)(&query).unwrap();
        system.advance(u64::MAX);
        system.stage()
    };
    (1..=seeds).map(end).collect()
}

/// A number of a run, per seed.
fn of(stages: &[Stage], run: usize, key: &str) -> Vec<f64> {
    let number = |stage: &Stage| {
        let numbers = &stage.columns[run].numbers;
        let found = numbers.iter().find(|number| number.key == key);
        found.expect("a number").value
    };
    stages.iter().map(number).collect()
}

/// How often the first is smaller.
pub(super) fn wins(a: &[f64], b: &[f64]) -> usize {
    a.iter().zip(b).filter(|(a, b)| a < b).count()
}

/// The presets `nobody-differentiates` and `no-derivative`.
#[test]
fn the_clone_is_backpropagation_and_without_the_derivative_it_does_not_learn_xor() {
    let stages = ends("preset=nobody-differentiates", 8, 1000);
    assert!(mean(&of(&stages, 1, "agree")) >= 0.97);
    assert!(mean(&of(&stages, 1, "corr")) > 0.99);
    let [real, clone] = [0, 1].map(|run| mean(&of(&stages, run, "accuracy")));
    assert!(real > 0.95 && (real - clone).abs() < 0.03, "{real} {clone}");
    let stages = ends("preset=no-derivative", 8, 1000);
    let [early, late] = [0, 1].map(|run| mean(&of(&stages, run, "accuracy")));
    assert!(early < 0.65 && late > 0.95, "{early} {late}");
}

/// The preset `fifty-points`, and the same on other data: of the step sizes and gains each stream has its own best, in hindsight.
#[test]
fn the_rule_needs_fewer_samples_than_the_best_of_step_sizes() {
    for data in ["circle", "moons", "xor", "spiral"] {
        let query = format!("scene=rule&data={data}&run=sgd,eta:0.3&run=vsml,cell:rule");
        let stages = ends(&query, 16, 100);
        let rule = of(&stages, 1, "first");
        let usual = of(&stages, 0, "first");
        assert!(wins(&rule, &usual) >= 14, "{data}: {rule:?} {usual:?}");
        let best = of(&stages, 0, "best_loss");
        assert!(
            wins(&rule, &best) >= 11 && mean(&rule) < mean(&best),
            "{data}: {rule:?} {best:?}"
        );
    }
    let stages = ends("preset=fifty-points", 16, 50);
    let [real, rule] = [0, 1].map(|run| mean(&of(&stages, run, "accuracy")));
    assert!(rule > 0.8 && real < 0.7, "{real} {rule}");
}

/// The preset `one-wrong-label`: association is local.
#[test]
fn what_a_rule_learns_of_a_point_stays_near_it() {
    let stages = ends("preset=one-wrong-label", 16, 50);
    let [real, rule] = [0, 1].map(|run| {
        let [near, far] = ["near_1", "near_8"].map(|key| mean(&of(&stages, run, key)));
        far / near
    });
    assert!(real > 0.4 && rule < 0.3, "{real} {rule}");
}

/// The presets `two-layers` and `checkerboard-rule`.
#[test]
fn the_rule_fails_with_two_hidden_layers_and_on_the_checkerboard() {
    let stages = ends("preset=two-layers", 8, 500);
    let [real, rule, clone] = [0, 1, 2].map(|run| mean(&of(&stages, run, "first")));
    assert!(
        rule > 1.2 * real && (clone - real).abs() < 0.05,
        "{real} {rule} {clone}"
    );
    let stages = ends("preset=checkerboard-rule", 8, 500);
    for run in 0..2 {
        assert!(mean(&of(&stages, run, "all")) > 0.6);
    }
}

/// The preset `another-rule`.
#[test]
fn another_seed_is_another_rule() {
    let stages = ends("preset=another-rule", 16, 500);
    let all = [0, 1, 2, 3].map(|run| mean(&of(&stages, run, "all")));
    assert!(
        all[1] < 0.2 && all[0] < 0.4 && all[2] < 0.4 && all[3] > 0.65,
        "{all:?}"
    );
    let stages = ends("preset=another-rule&data=circle", 16, 100);
    let first = [0, 1, 2, 3].map(|run| mean(&of(&stages, run, "first")));
    assert!(
        first[3] < first[0] && first[3] < first[1] && first[3] < first[2],
        "{first:?}"
    );
}

/// The mean online cost of the first 100 samples of tasks.
fn on(tasks: &[Task], learn: impl Fn(&Task) -> f64) -> f64 {
    tasks.iter().map(learn).sum::<f64>() / (100 * tasks.len()) as f64
}

/// Trained anew, whole: to the last bit what is part of this project, and good on what it has not seen.
#[test]
fn the_first_rule_is_what_its_command_makes() {
    let mut training = MetaTraining::new(What::Rule, 1, 2);
    for _ in 0..200 {
        training.step();
    }
    assert!(training.loss() < 0.47, "{}", training.loss());
    while training.made() < What::Rule.iterations() {
        training.step();
    }
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lab/systems/vsml/shipped/rule-1.json");
    assert!(
        training.file() == fs::read_to_string(path).unwrap(),
        "the file is another"
    );
}

/// Sixteen tasks say little: over a thousand draws of sixteen the mean of one and the same rule is spread by 0.05. So here are 1024,
/// on which rules that others have trained by the same recipe come to 0.328, 0.341, 0.349 and 0.362.
#[test]
fn rules_are_good_on_tasks_that_they_have_not_seen() {
    let tasks: Vec<Task> = (0..1024).map(|b| META.task(777, b, 100)).collect();
    let (grid, how) = (META.grid(), META.how());
    let losses = [1, 2, 3, 4].map(|seed| {
        let path = format!("src/lab/systems/vsml/shipped/rule-{seed}.json");
        let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
        let file: serde_json::Value = serde_json::from_str(&text).unwrap();
        let numbers = file["numbers"].as_array().unwrap();
        let theta = numbers.iter().map(|w| w.as_f64().unwrap()).collect();
        let cell = Cell::new(META.size, theta);
        on(&tasks, |task| {
            let mut learner = Learner::new(&grid, &task.weights);
            let mut scratch = Scratch::new(&grid);
            let learn = |(x, y): (&[f64; 2], &usize)| {
                learner.learn(&grid, &cell, &how, (x, *y), &mut scratch);
                learner.loss
            };
            task.x.iter().zip(&task.y).map(learn).sum()
        })
    });
    let etas = [0.1, 0.2, 0.3, 0.5, 1.0].map(|eta| {
        on(&tasks, |task| {
            let doubled = task.weights.iter().map(|w| 2.0 * w).collect();
            let mut network = Network::new(&grid, doubled);
            let learn = |(x, y): (&[f64; 2], &usize)| {
                network.learn((x, *y), Kind::Sgd, eta);
                network.loss
            };
            task.x.iter().zip(&task.y).map(learn).sum()
        })
    });
    let best = etas.into_iter().fold(f64::INFINITY, f64::min);
    assert!(mean(&losses) < 0.36, "{losses:?}");
    assert!(
        losses.iter().all(|loss| *loss < 0.8 * best),
        "{losses:?} {best}"
    );
}
