//! Flat decision functions: the system on its stage, what its grids and attacks find, and the two settings in the lab's own runs.

mod common;
#[path = "common/on_stage.rs"]
mod on_stage;

use std::fs;

use common::succeeds;
use nalgebra::DMatrix;
use on_stage::{number, open, refusal};
use proptest::prelude::*;
use proxprop::data::bytes::Encoding;
use proxprop::data::rng::Stream;
use proxprop::frame::stage::{Ink, Kind, Scape, Stage};
use proxprop::lab::config::Config;
use proxprop::lab::session::{Command, Event, Session};
use proxprop::nn::features::Inputs;
use proxprop::nn::mlp::{Architecture, Init, initialise};
use proxprop::nn::{Activation, Loss};
use proxprop::systems::flat::{Attack, Looker, STARTS, Verdict, nodes};
use tempfile::TempDir;

/// A small run of all five.
const SMALL: &str = "system=flat&n=24&valid=20&width=6&steps=60&chosen=4";

#[test]
fn parse_and_print_are_inverse() {
    for query in [
        "system=flat",
        "system=flat&preset=flat-means-safe",
        "system=flat&preset=who-was-repaired&seed=7",
        "system=flat&preset=two-half-measures",
        "system=flat&preset=curvature-twice&eps=0.2",
        "system=flat&preset=which-output",
        "system=flat&data=xor&noise=0.1&act=softplus&run=both,target:logits,norm:l2,delta:0.1,penalty_at:both,alpha:0.3,own_eps:0.2,attack_steps:3&change=40,1,lambda:0.3",
        "system=flat&data=points&points=0:0,0;1,0/1:0,1;1,1&starts=1&steep=prob",
    ] {
        let printed = open(query).query();
        assert!(printed.starts_with("v=1&system=flat&data="), "{printed}");
        assert_eq!(open(&printed).query(), printed, "{query}");
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    for (query, why) in [
        ("system=flat&data=points", "needs points"),
        ("system=flat&points=0:0,0/1:1,1", "only with data=points"),
        (
            "system=flat&data=points&points=0:0,0;1,1",
            "points: not of exactly two classes; allowed: points of class 1 (0:) and of class 2 (1:)",
        ),
        (
            "system=flat&data=points&points=0:0,0/1:1,1/2:0,1",
            "points: not of exactly two classes; allowed: points of class 1 (0:) and of class 2 (1:)",
        ),
        (
            "system=flat&run=flat",
            "not a choice; allowed: plain, penalty",
        ),
        ("system=flat&lambda=1", "belongs to a run"),
        ("system=flat&run=plain,rule:prox-point", "not a choice"),
    ] {
        let said = refusal(query);
        assert!(said.contains(why), "{query}: {said}");
    }
}

/// All that a stage says, so that two can be compared to the last bit.
fn told(stage: &Stage) -> String {
    format!("{stage:?}")
}

#[test]
fn what_a_look_back_reaches_is_what_playing_reached() {
    let query = format!("{SMALL}&change=30,2,lambda:0.5&change=35,1,opt:sgd");
    let mut system = open(&query);
    let mut seen = Vec::new();
    for _ in 0..12 {
        seen.push((system.step(), told(&system.stage())));
        system.advance(5);
    }
    for (step, there) in seen.iter().rev() {
        system.seek(*step);
        assert!(told(&system.stage()) == *there, "step {step}");
    }
}

#[test]
fn every_column_has_its_four_pictures_and_what_is_wrong_is_marked() {
    let mut system = open(SMALL);
    system.seek(u64::MAX);
    let stage = system.stage();
    assert_eq!(stage.columns.len(), 5);
    for (run, column) in stage.columns.iter().enumerate() {
        let keys: Vec<&str> = column.pictures.iter().map(|p| p.key.as_str()).collect();
        assert_eq!(keys, ["probability", "steepness", "attacks", "radius"]);
        let of = |key: &str| number(&stage, run, key);
        assert!(of("exact") <= of("pgd") && of("exact") <= of("fgsm") && of("fgsm") <= of("clean"));
        let Kind::Plane(plane) = &column.pictures[0].kind else {
            panic!("a plane")
        };
        assert_eq!(plane.strokes.len(), 4, "a box for each of the chosen");
        let named = plane.strokes.iter().filter(|s| !s.name.is_empty());
        assert!(
            (1..=2).contains(&named.count()),
            "each kind is told of once"
        );
        let marked = plane.strokes.iter().filter(|s| s.ink == Ink::Wrong).count();
        let words = &column.pictures[0].words;
        assert!(words.contains(&format!("closely {marked} have")), "{words}");
        let Kind::Lines(lines) = &column.pictures[3].kind else {
            panic!("lines")
        };
        let grid = &lines.strokes[0].points;
        assert!(grid.windows(2).all(|two| two[1][1] <= two[0][1]));
    }
}

/// A step from 0 to 1 keeps the plain run, bit for bit, whatever its switched-off settings are.
#[test]
fn a_weight_of_nothing_is_the_plain_run() {
    let query = format!("{SMALL}&run=plain&run=penalty,lambda:0&run=fgsm,alpha:0");
    let mut system = open(&query);
    system.seek(u64::MAX);
    let values: Vec<String> = (0..3)
        .map(|run| format!("{:?}", system.points(run)))
        .collect();
    assert_eq!(values[0], values[1]);
    assert_eq!(values[0], values[2]);
}

#[test]
fn a_run_that_cannot_go_on_stays_where_it_was() {
    let mut system = open(&format!(
        "{SMALL}&run=penalty,opt:sgd,tau:1000,lambda:10&run=plain"
    ));
    system.seek(u64::MAX);
    let stage = system.stage();
    assert!(stage.columns[0].diverged_at.is_some() && stage.columns[1].diverged_at.is_none());
    assert!(stage.columns[0].numbers[0].value.is_finite());
}

/// A network that answers whatever these weights make it, and points around it.
fn network(seed: u32, scale: f64) -> (Architecture, Vec<DMatrix<f64>>, Vec<[f64; 2]>, Vec<u32>) {
    let inputs = Inputs::plain(2);
    let architecture =
        Architecture::dense(inputs, &[6, 5], Activation::Tanh, 2, Loss::CrossEntropy);
    let mut stream = Stream::weights(seed);
    let thetas = initialise(&architecture, Init::Xavier, scale, |_| stream.normal());
    let points: Vec<[f64; 2]> = (0..40)
        .map(|_| [stream.normal(), stream.normal()])
        .collect();
    let labels = (0..40).map(|i| i % 2).collect();
    (architecture, thetas, points, labels)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// A middle that answers for its square answers as every node of it would.
    #[test]
    fn boxes_are_what_all_their_nodes_are(seed in 0u32..10_000, scale in 0.5f64..4.0, eps in 0.02f64..0.5) {
        let (architecture, thetas, points, labels) = network(seed, scale);
        let mut looker = Looker::<f64>::new(&architecture);
        let right = looker.right(&thetas, &points, &labels);
        let boxes = looker.boxes(&thetas, (&points, &labels), (eps, 31), &right);
        for i in 0..points.len() {
            let [x, y] = points[i];
            let at = nodes(eps, 31);
            let places: Vec<[f64; 2]> = at.clone().flat_map(|v| at.clone().map(move |u| [x + u, y + v])).collect();
            let own = vec![labels[i]; places.len()];
            let all = looker.right(&thetas, &places, &own).iter().all(|right| *right) && right[i];
            prop_assert_eq!(boxes[i] != Verdict::Wrong, all, "point {}", i);
            let nearest = looker.nearest_wrong(&thetas, points[i], labels[i], eps, 31);
            prop_assert!(!right[i] || nearest.is_none() == all);
        }
    }

    /// FGSM goes to a node; more starts find more; who is surely right is fooled by nobody.
    #[test]
    fn attacks_keep_their_order(seed in 0u32..10_000, scale in 0.5f64..4.0, eps in 0.02f64..0.5) {
        let (architecture, thetas, points, labels) = network(seed, scale);
        let mut looker = Looker::<f64>::new(&architecture);
        let right = looker.right(&thetas, &points, &labels);
        let boxes = looker.boxes(&thetas, (&points, &labels), (eps, 31), &right);
        let mut robust = |strength| {
            let mut stands = right.clone();
            looker.robust(&thetas, (&points, &labels), eps, strength, &mut stands);
            stands
        };
        let (one, pgd, five) = (robust((1, 1)), robust((20, 1)), robust((20, 5)));
        for i in 0..points.len() {
            prop_assert!(boxes[i] == Verdict::Wrong || one[i], "FGSM's corner is a node");
            prop_assert!(pgd[i] || !five[i], "more starts find more");
            prop_assert!(boxes[i] != Verdict::Sure || five[i], "nobody fools who is sure");
        }
        // No attack leaves its box.
        let attack = Attack { eps, steps: 7, start: STARTS[2], stop: false };
        let mut far = 0.0_f64;
        looker.attack(&thetas, &points, &labels, attack, &mut |i, at| {
            for k in 0..2 {
                far = far.max((at[k] - points[i][k]).abs());
            }
        });
        prop_assert!(far <= eps * (1.0 + 1e-12));
    }

    /// How far the nearest node of another class is, by all nodes one by one.
    #[test]
    fn distances_are_those_of_the_nearest_node(seed in 0u32..10_000, scale in 0.5f64..4.0) {
        let (architecture, thetas, points, labels) = network(seed, scale);
        let mut looker = Looker::<f64>::new(&architecture);
        let plane = looker.plane(&thetas, 2.0, 41);
        for (point, label) in points.iter().zip(labels) {
            let mut best = f64::INFINITY;
            for (k, margin) in plane.margins.iter().enumerate() {
                if u32::from(*margin > 0.0) != label {
                    let node = [plane.at[k % 41], plane.at[k / 41]];
                    best = best.min((node[0] - point[0]).abs().max((node[1] - point[1]).abs()));
                }
            }
            prop_assert_eq!(plane.distance(*point, label), best);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    /// Accuracy over the radius never rises: it begins at no more than is right, and half of the points stand just where their median
    /// distance says.
    #[test]
    fn a_larger_radius_leaves_no_more(seed in 0u32..10_000, steps in 1u64..80, data in prop::sample::select(vec!["moons", "circle", "xor", "gauss"])) {
        let mut system = open(&format!("{SMALL}&data={data}&seed={seed}&run=plain&run=penalty&run=fgsm"));
        system.advance(steps);
        let stage = system.stage();
        for (run, column) in stage.columns.iter().enumerate() {
            let of = |key: &str| number(&stage, run, key);
            let Kind::Lines(lines) = &column.pictures[3].kind else {
                panic!("lines")
            };
            let grid = &lines.strokes[0].points;
            prop_assert!(grid.windows(2).all(|two| two[0][0] < two[1][0] && two[0][1] >= two[1][1]), "{:?}", grid);
            prop_assert!(grid[0][1] <= of("clean"));
            for &[eps, share] in grid {
                let (stand, median) = (2.0 * share, of("distance"));
                prop_assert!(if eps < median { stand >= 1.0 } else { stand <= 1.0 }, "{} at {}, median {}", share, eps, median);
            }
        }
    }
}

/// The lab's own runs: what they differentiate, and what they refuse.
#[test]
fn the_labs_runs_have_both_settings() {
    for query in [
        "data=moons&run=backprop,tau:1,flat:0.1&run=prox-exact,tau:1,flat:0.1,adv:0.15&change=5,1,adv:0.1",
        "data=digits&hidden=8&run=backprop,adv:0.05",
        "data=moons&map=1,tau:1..10*3,flat:0..0.5*4",
        "data=moons&map=1,adv:0..0.3*4",
    ] {
        let config = Config::parse(query).unwrap();
        let printed = config.to_string();
        assert_eq!(Config::parse(&printed).unwrap(), config, "{query}");
    }
    for (query, why) in [
        (
            "run=prox-point,flat:0.1",
            "run1.flat: does not go with prox-point",
        ),
        (
            "run=backprop&run=prox-point,adv:0.1",
            "run2.adv: does not go with prox-point",
        ),
        (
            "run=backprop,flat:0.1&change=5,1,rule:prox-point",
            "run1.flat: does not go",
        ),
        (
            "data=sine1d&run=backprop,flat:0.1",
            "run1.flat: needs points of two classes",
        ),
        (
            "features=x,y,xx&run=backprop,adv:0.1",
            "run1.adv: goes by the coordinates themselves",
        ),
        (
            "data=digits&hidden=c3x4p1,8&run=backprop,adv:0.1",
            "run1.adv: is not computed through convolutions",
        ),
        (
            "data=sine1d&run=backprop&map=1,flat:0..0.5*4",
            "run1.flat: needs points of two classes",
        ),
        (
            "run=backprop,flat:0.1&run=prox-point,flat:0.1",
            "run2.flat: does not go with prox-point",
        ),
        (
            "run=backprop,adv:0.1&run=backprop,adv:0.1,reach:1",
            "run2.adv: does not go with reach",
        ),
        (
            "run=backprop,flat:0.1&map=1,reach:1..2*2",
            "run1.flat: does not go with reach",
        ),
        ("run=backprop,flat:-1", "run1.flat: \"-1\" is out of range"),
    ] {
        let said = Config::parse(query).unwrap_err().to_string();
        assert!(said.contains(why), "{query}: {said}");
    }
}

/// What a file's points are is only known once they are there: then it is said as well.
#[test]
fn points_of_a_file_that_have_no_classes_are_refused_in_words() {
    let values = "x,y\n0,1\n0.2,3\n0.4,2\n0.6,5\n0.8,4\n1,6\n";
    let load = |session: &mut Session| {
        session.apply(Command::LoadCsv {
            name: "values.csv".to_owned(),
            text: values.to_owned(),
            encoding: Encoding::Utf8,
            columns: String::new(),
        })
    };
    let why = "needs points of two classes or more; allowed: 0";
    let mut flat = Session::new("data=moons&task=auto&hidden=4&run=backprop,flat:0.1").unwrap();
    assert!(load(&mut flat).unwrap_err().to_string().contains(why));
    let mut session =
        Session::new("data=moons&hidden=4&batch=5&run=backprop&run=backprop").unwrap();
    load(&mut session).unwrap();
    let set = |session: &mut Session, key: &str| {
        let (key, value) = (key.to_owned(), "0.1".to_owned());
        session.apply(Command::Set { key, value })
    };
    for steps in [0, 3] {
        session.apply(Command::Step { steps }).unwrap();
        session.progress();
        for key in ["run2.flat", "run1.adv"] {
            let said = set(&mut session, key).unwrap_err().to_string();
            assert!(said.contains(&format!("{key}: {why}")), "{said}");
        }
        set(&mut session, "run2.tau").unwrap();
    }
}

/// A state of points that have no classes, in whose run somebody has written what needs them.
#[test]
fn a_state_without_classes_is_refused_what_needs_them_from_any_step_on() {
    let mut session = Session::new("data=plane&n=20&batch=10&epochs=9&hidden=4").unwrap();
    session.advance(5);
    let json = match session.apply(Command::State).unwrap().pop() {
        Some(Event::State(json)) => json,
        other => panic!("{other:?}"),
    };
    let load = |json: String| {
        Session::new("").unwrap().apply(Command::LoadState {
            name: String::new(),
            json,
        })
    };
    load(json.clone()).unwrap();
    let why = "run1.flat: needs points of two classes or more; allowed: 0";
    for step in [3, 7] {
        let mut state: serde_json::Value = serde_json::from_str(&json).unwrap();
        let run = state["config"].as_str().unwrap();
        state["config"] = format!("{run}&change={step},1,flat:0.1").into();
        let said = load(state.to_string()).unwrap_err().to_string();
        assert!(said.contains(why), "{said}");
    }
}

#[test]
fn the_labs_runs_train_with_both() {
    let query = "data=moons&noise=0.2&n=100&valid=2&batch=100&epochs=200&hidden=16,16\
                 &run=backprop,opt:adam,tau:0.01&run=backprop,opt:adam,tau:0.01,flat:0.1&run=backprop,opt:adam,tau:0.01,adv:0.15\
                 &run=prox-exact,tau:3,flat:0.1,adv:0.15";
    let mut session = Session::new(query).unwrap();
    session.advance(u64::MAX);
    let frame = session.frame();
    let losses: Vec<f64> = frame.members.iter().map(|m| m.loss).collect();
    // What is minimised is more than the loss, and it is what is told.
    assert!(
        losses[0] < losses[2] && losses[2] < losses[1] && losses[1] < losses[3],
        "{losses:?}"
    );
    assert!(losses[3] < 0.6, "{losses:?}");
}

#[test]
fn the_command_line_draws_every_picture() {
    let folder = TempDir::new().unwrap();
    let svg = folder.path().join("figures");
    succeeds(
        folder.path(),
        &["run", SMALL, "--svg", svg.to_str().unwrap()],
    );
    for name in [
        "probability-1",
        "steepness-2",
        "attacks-3",
        "radius-5",
        "robust",
        "objective",
    ] {
        let text = fs::read_to_string(svg.join(format!("{name}.svg"))).unwrap();
        assert!(text.len() > 2000, "{name}");
    }
}

#[test]
fn what_does_not_go_with_an_objective_is_refused() {
    let folder = TempDir::new().unwrap();
    for (query, words) in [
        (
            "data=circle&hidden=4,4&epochs=2&run=backprop,flat:0.1,reach:1",
            "run1.flat: does not go with reach",
        ),
        ("data=sine1d&epochs=2&run=backprop,adv:0.1", "run1.adv"),
        ("data=circle&epochs=2&run=prox-point,flat:0.1", "run1."),
    ] {
        common::refused(folder.path(), &["run", query], words);
    }
}

/// Runs go on where only the way that they are looked at has changed.
#[test]
fn another_look_restarts_nothing() {
    let mut system = open(SMALL);
    system.advance(3);
    let losses = |stage: &Stage| stage.columns[1].numbers.clone();
    let before = losses(&system.stage());
    for (key, value) in [("steep", "prob"), ("chosen", "5")] {
        system.set(key, value).unwrap();
        assert_eq!(system.stage().step, 3, "{key}");
        assert_eq!(losses(&system.stage()), before, "{key}");
    }
    system.set("eps", "0.2").unwrap();
    assert_eq!(system.stage().step, 0, "what is measured starts again");
}

/// A press gives the nearest point held out a box in every column, and takes it away again.
#[test]
fn a_press_chooses_a_point_or_lets_it_go() {
    let mut system = open(SMALL);
    let scape = |stage: &Stage, column: usize| match &stage.columns[column].pictures[0].kind {
        Kind::Plane(scape) => scape.as_ref().clone(),
        _ => panic!("a plane"),
    };
    let shares = |scape: &Scape, [x, y]: [f64; 2]| {
        let (left, right) = scape.x;
        [(x - left) / (right - left), (right - y) / (right - left)]
    };
    let middle = |scape: &Scape, k: usize| {
        let [low, high] = [0, 2].map(|corner| scape.strokes[k].points[corner]);
        [0, 1].map(|i| f64::midpoint(low[i], high[i]))
    };
    let first = scape(&system.stage(), 0);
    let (key, text) = first.pressed(shares(&first, middle(&first, 2))).unwrap();
    assert_eq!((key.as_str(), text.as_str()), ("chosen", ".1.2.4"));
    system.set(&key, &text).unwrap();
    let query = system.query();
    assert!(query.contains("chosen=.1.2.4&"), "{query}");
    for column in 0..5 {
        assert_eq!(scape(&system.stage(), column).strokes.len(), 3);
    }
    let fewer = scape(&system.stage(), 0);
    let again = fewer.pressed(shares(&first, middle(&first, 2)));
    assert_eq!(again.unwrap().1, ".1.2.3.4");
    system.set("chosen", "7.").unwrap();
    let one = scape(&system.stage(), 0);
    let none = one.pressed(shares(&one, middle(&one, 0)));
    assert_eq!(none.unwrap().1, "0");
    // A list is one with and without a dot at its end, and printed without.
    for (one, other) in [("7.", ".7"), ("17.3.", "3.17")] {
        let printed = [one, other, &format!("{other}.")].map(|text| {
            system.set("chosen", text).unwrap();
            system.query()
        });
        assert_eq!(printed[0], printed[1]);
        assert_eq!(printed[0], printed[2]);
        assert_eq!(open(&printed[0]).query(), printed[0]);
        assert!(!printed[0].contains(".&"), "{}", printed[0]);
    }
    // Numbers of points that there are no more are kept, and no points.
    system.set("chosen", "7.21.").unwrap();
    assert_eq!(scape(&system.stage(), 0).strokes.len(), 1);
    for (text, words) in [
        ("101", "chosen: \"101\" is out of range"),
        (
            "3,17",
            "chosen: \"3,17\" is not a whole number; allowed: a number from 0 to 100, or the numbers of at most 100 points, each with a dot before it, as in .3.17",
        ),
        ("0.", "chosen: \"0\" is no number of a point"),
        (
            ".",
            "chosen: \".\" has a dot without the number of a point; allowed: a number from 0 to 100, or",
        ),
        (
            ".3..17",
            "chosen: \".3..17\" has a dot without the number of a point; allowed:",
        ),
        ("3.x.", "chosen: \"x\" is no number of a point"),
    ] {
        let error = system.set("chosen", text).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
}
