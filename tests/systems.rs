//! Related systems on their stage: their texts, their timeline, what they show, and what their presets claim.

#[path = "common/on_stage.rs"]
mod on_stage;

use std::collections::BTreeSet;

use on_stage::{number, open, refusal};
use proptest::prelude::*;
use proxprop::frame::Status;
use proxprop::frame::stage::{Kind, Stage};
use proxprop::lab::config::Config;
use proxprop::lab::lesson::{Lesson, presets};
use proxprop::lab::systems::{Play, SYSTEMS, asked_for, is_system};

fn to_the_end(query: &str) -> Box<dyn Play> {
    let mut system = open(query);
    system.advance(u64::MAX);
    assert!(system.finished());
    system
}

#[test]
fn what_is_printed_reads_back_as_the_same_run() {
    for query in [
        "system=auc",
        "v=1&system=auc&preset=zeros",
        "preset=zeros",
        "system=auc&preset=shrink&seed=7",
        "system=auc&preset=rare&p=0.5",
        "system=auc&preset=how-implicit",
        "system=auc&features=poly&degree=4&weights=average&run=hinge,sched:inv,mu:0.5,lg:0.01",
        "system=auc&side=8&block=4&run=prox,lg:0.003",
        "system=auc&data=points&points=0:0,0;1,0;0,1;1,1/1:2,2;2,3&valid=0&rare=1&steps=100",
        "system=auc&run=explicit&run=prox&change=5,2,l1:0.1&map=2,eta0:0.1..30*8,p:0.01..0.5*4,seeds:3",
    ] {
        let printed = open(query).query();
        assert_eq!(open(&printed).query(), printed, "{query}");
        assert!(printed.starts_with("v=1&system=auc&data="), "{printed}");
    }
    assert_eq!(
        open("system=auc").query(),
        "v=1&system=auc&data=islands&steps=2000&p=0.05&seed=1&features=rbf&side=6&width=0.7\
         &run=explicit,sched:sqrt,eta0:2,l1:0.01&run=prox,sched:sqrt,eta0:2,l1:0.01&run=logistic,sched:sqrt,eta0:2,l1:0"
    );
    assert!(asked_for("data=circle").unwrap().is_none());
}

#[test]
fn a_short_text_is_the_same_run() {
    let own = CHANGED.map(str::to_owned).into_iter();
    let presets = SYSTEMS.iter().flat_map(|entry| {
        let presets = entry.about.presets.iter().map(|p| p.query.to_owned());
        presets.chain([format!("system={}", entry.about.name)])
    });
    for query in own.chain(presets) {
        let run = open(&query);
        let short = run.short();
        assert_eq!(open(&short).query(), run.query(), "{query}");
        assert!(short.len() <= run.query().len(), "{short}");
    }
    for (query, short) in [
        ("system=auc", "v=1&system=auc"),
        (
            "v=1&system=auc&steps=300&run=prox,sched:sqrt,eta0:2,l1:0.01&map=1,eta0:1..3*4",
            "v=1&system=auc&steps=300&run=prox,l1:0.01&map=1,eta0:1..3*4,seeds:1",
        ),
        (
            "system=wgan-prox&scene=scale",
            "v=1&system=wgan-prox&scene=scale",
        ),
    ] {
        assert_eq!(open(query).short(), short);
    }
}

#[test]
fn what_is_no_run_is_refused() {
    for (query, why) in [
        (
            "system=nothing",
            "system: \"nothing\" is unknown; known: auc",
        ),
        ("system=auc&v=2", "v: \"2\" is not a known version"),
        (
            "system=auc&hidden=8",
            "\"hidden\": unknown key; known: v, system, preset, data, points",
        ),
        (
            "system=auc&map=1,method:0..1*3",
            "map: \"method\": not an axis; allowed: rare, valid, steps, p, seed, width, degree, eta0, mu, l1, lg, l2, and seeds",
        ),
        (
            "system=auc&map=1,eta0:3",
            "map.eta0: \"3\" is not from..to*count, as in eta0:0.01..100*16",
        ),
        (
            "system=auc&map=4,eta0:1..3*4",
            "map.run: 4 is out of range; allowed: 1 to 3",
        ),
        (
            "system=auc&map=1,eta0:0..3*4",
            "map.eta0: \"0\" is out of range",
        ),
        (
            "system=auc&p=2",
            "p: \"2\" is out of range; allowed: 0.001 to 0.999",
        ),
        (
            "system=flat&steps=-5",
            "steps: \"-5\" is out of range; allowed: 1 to ",
        ),
        ("system=flat&n=1e9", "n: \"1e9\" is out of range; allowed: "),
        (
            "system=flat&seed=-1",
            "seed: \"-1\" is out of range; allowed: 0 to 4294967295",
        ),
        (
            "system=flat&seed=-1.5",
            "seed: \"-1.5\" is not a whole number; allowed: 0 to 4294967295",
        ),
        (
            "system=flat&chosen=-1",
            "chosen: \"-1\" is out of range; allowed: a number from 0 to 100",
        ),
        ("system=auc&p=0.1&p=0.2", "\"p\": given twice"),
        (
            "system=auc&eta0=3",
            "eta0: belongs to a run, as in run=prox,eta0:3",
        ),
        (
            "system=auc&run=adam",
            "run1.method: \"adam\" is not a choice; allowed: explicit, prox, implicit, spam",
        ),
        (
            "system=auc&run=prox,p:0.1",
            "run1.p: belongs to all runs, as in p=…",
        ),
        ("system=auc&run=prox,l1:0,l1:1", "run1: \"l1\": given twice"),
        (
            "system=auc&run=prox,tau:1",
            "run1: \"tau\": unknown key; known: method, sched",
        ),
        (
            "system=auc&preset=circle",
            "preset: \"circle\" is unknown; known: zeros, shrink",
        ),
        ("system=auc&seed=1&preset=zeros", "preset: comes first"),
        (
            "system=auc&change=5,4,l1:0",
            "change.run: 4 is out of range; allowed: 1 to 3",
        ),
        (
            "system=auc&change=0,1,l1:0",
            "change: step 0 is out of range",
        ),
        (
            "system=auc&change=5,1,p:0.1",
            "change.p: belongs to all runs",
        ),
        (
            "system=auc&block=4",
            "block: 4 × 4 bumps do not fill a grid of 6 × 6",
        ),
        ("system=auc&data=points", "data: \"points\" needs points"),
        (
            "system=auc&points=0:0,0;1,1",
            "points: given with other data",
        ),
        (
            "system=auc&data=points&points=curve:0,0;1,1",
            "points: a curve has no classes",
        ),
        (
            "system=auc&steps=100000&side=8",
            "steps: 100000 points of 64 features each are too many",
        ),
        (
            "system=auc&run=prox&run=prox&run=prox&run=prox&run=prox&run=prox&run=prox",
            "run: too many runs",
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

/// Runs whose timelines are looked at: with changes of many kinds.
const CHANGED: [&str; 4] = [
    "system=auc&steps=300&p=0.2&run=prox,l1:0.01&run=explicit,l1:0.01&run=spam,sched:const,eta0:0.3&run=balanced\
     &change=8,1,eta0:5&change=9,4,method:hinge&change=40,2,l1:0",
    "system=wgan-prox&width=8&batch=16&steps=60&run=explicit&run=prox,fresh:1&run=prox,penalty:sbe2,inner:3\
     &change=20,2,h:1&change=21,3,inner:1&change=40,1,lr:0.01",
    "system=wgan-prox&width=8&batch=16&steps=60&pace=evals&run=explicit&run=prox&change=20,2,h:1",
    "system=wgan-prox&scene=scale&moves=60&run=explicit&run=prox&change=20,2,h:1&change=40,1,h:0.01",
];

/// Those, every system as it is where nobody says more, and every preset.
fn any_run() -> impl Strategy<Value = String> {
    let usual = SYSTEMS.iter().flat_map(|entry| {
        let presets = entry.about.presets.iter().map(|p| p.query.to_owned());
        presets.chain([format!("system={}", entry.about.name)])
    });
    let usual: Vec<String> = usual.collect();
    prop_oneof![
        prop::sample::select(&CHANGED[..]).prop_map(str::to_owned),
        prop::sample::select(usual)
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Wherever the timeline was looked at, the same step is the same step, bit for bit, and so are the curves.
    #[test]
    fn a_look_back_reaches_what_playing_reached(query in any_run(), stops in prop::collection::vec(0..60_u64, 1..6), last in 1..60_u64) {
        let mut played = open(&query);
        played.advance(last);
        let last = played.step();
        let mut sought = open(&query);
        for stop in stops {
            sought.seek(stop);
            prop_assert!(sought.step() == stop || sought.finished());
        }
        sought.seek(last);
        // NaN is not equal to itself; its text is.
        prop_assert_eq!(format!("{:?}", sought.stage()), format!("{:?}", played.stage()));
        for run in 0..played.stage().columns.len() {
            let upto = |play: &dyn Play| {
                let points = play.points(run).iter().filter(|point| point.step <= last);
                points.map(|point| format!("{point:?}")).collect::<Vec<String>>()
            };
            prop_assert_eq!(upto(&*sought), upto(&*played));
        }
    }
}

#[test]
fn a_setting_moved_mid_run_is_a_change_and_what_was_beyond_a_ghost() {
    let mut system = open("system=auc&steps=400&run=prox,l1:0.01&run=explicit,l1:0.01");
    system.advance(300);
    system.seek(100);
    let before = system.points(0).to_vec();
    system.set("run2.eta0", "0.5").unwrap();
    assert!(
        system.query().ends_with("&change=100,2,eta0:0.5"),
        "{}",
        system.query()
    );
    assert_eq!((system.step(), system.furthest()), (100, 100));
    assert_eq!(system.ghosts().len(), 1);
    assert_eq!(
        system.ghosts()[0].name,
        "before run2.eta0 = 0.5 at step 100"
    );
    system.advance(200);
    let same = |points: &[proxprop::frame::stage::Point]| format!("{points:?}");
    assert_eq!(
        same(system.points(0)),
        same(&before),
        "the other run is as it was"
    );
    // The text is the whole run.
    let mut again = open(&system.query());
    again.advance(300);
    assert_eq!(same(again.points(1)), same(system.points(1)));
    // A shared setting starts over, and so does a run that is over.
    system.set("seed", "2").unwrap();
    assert_eq!((system.step(), system.ghosts().len()), (0, 2));
    system.advance(u64::MAX);
    system.set("run1.l1", "0.02").unwrap();
    assert_eq!(system.step(), 0);
    assert!(
        system
            .query()
            .contains("run=prox,sched:sqrt,eta0:2,l1:0.02&"),
        "{}",
        system.query()
    );
    let refused = system.set("run9.l1", "0").unwrap_err().to_string();
    assert_eq!(refused, "run: 9 is out of range; allowed: 1 to 2");
}

#[test]
fn a_run_that_diverges_says_when_and_the_others_go_on() {
    let system = to_the_end("system=auc&preset=shrink");
    let stage = system.stage();
    assert_eq!(stage.columns[0].status, Status::Diverged);
    assert_eq!(stage.columns[1].status, Status::Done);
    let at = stage.columns[0].diverged_at.unwrap();
    assert!(at > 500, "{at}");
    assert!(system.points(0).last().unwrap().step < at);
    assert_eq!(system.points(1).last().unwrap().step, 1000);
}

#[test]
fn every_preset_shows_what_its_answer_says() {
    let seeds = |preset: &str, of: &dyn Fn(&Stage) -> Vec<f64>| {
        let mut mean: Vec<f64> = Vec::new();
        for seed in 1..=8 {
            let system = to_the_end(&format!("system=auc&preset={preset}&seed={seed}"));
            let values = of(&system.stage());
            mean.resize(values.len(), 0.0);
            mean.iter_mut().zip(values).for_each(|(m, v)| *m += v / 8.0);
        }
        mean
    };
    let zeros = seeds("zeros", &|stage| {
        let of = |run, key| number(stage, run, key);
        assert_eq!(of(0, "nonzeros"), 36.0);
        vec![
            of(1, "nonzeros"),
            of(0, "auc") - of(1, "auc"),
            of(0, "mean_nonzeros"),
            of(1, "mean_nonzeros"),
        ]
    });
    assert!(
        (6.0..13.0).contains(&zeros[0]) && zeros[1].abs() < 0.002,
        "{zeros:?}"
    );
    assert!(zeros[2] > 35.0 && zeros[3] > 28.0, "{zeros:?}");
    let shrink = seeds("shrink", &|stage| {
        let lost = |run: usize| f64::from(u8::from(stage.columns[run].status == Status::Diverged));
        vec![lost(0), lost(1)]
    });
    assert_eq!(shrink, [1.0, 0.0]);
    let rare = seeds("rare", &|stage| {
        let of = |run, key| number(stage, run, key);
        vec![
            of(0, "angle"),
            of(1, "angle"),
            of(2, "angle"),
            of(1, "accuracy"),
            of(1, "always_no"),
        ]
    });
    assert!(
        (rare[1] - 52.0).abs() < 6.0 && rare[0] > 76.0 && rare[2] > 72.0,
        "{rare:?}"
    );
    assert!(
        (rare[3] - 0.98).abs() < 0.005 && (rare[3] - rare[4]).abs() < 0.002,
        "{rare:?}"
    );
    let even = to_the_end("system=auc&preset=rare&p=0.5").stage();
    for run in 0..3 {
        assert!((number(&even, run, "angle") - 81.0).abs() < 5.0);
    }
    let how = seeds("how-implicit", &|stage| {
        let of = |run: usize| match stage.columns[run].status {
            Status::Diverged => f64::INFINITY,
            _ => number(stage, run, "risk"),
        };
        vec![of(0), of(1), of(2)]
    });
    assert!(how[0] > 10.0 && how[1] > 10.0 && how[2] < 0.5, "{how:?}");
}

#[test]
fn own_points_are_repeated_in_an_order_of_the_seed_and_some_held_out() {
    let points = "points=0:0,0;1,0;0,1;1,1;0.5,0.5;0.2,0.7/1:2,2;2,3;3,2;3,3/2:-1,-1;-1,0";
    let query = |more: &str| {
        format!("system=auc&data=points&{points}&features=linear&steps=200&run=prox,eta0:0.3{more}")
    };
    let mut system = open(&query(""));
    system.advance(200);
    let stage = system.stage();
    assert_eq!(number(&stage, 0, "auc"), 1.0);
    let Kind::Plane(scape) = &stage.columns[0].pictures[0].kind else {
        panic!("a plane")
    };
    assert_eq!(scape.dots.len(), 8, "a third of twelve is held out");
    assert!(scape.dots.iter().filter(|dot| dot.ringed).count() == 1);
    // Another class is rare, and another seed holds out others.
    let other = to_the_end(&query("&rare=2")).stage();
    assert_ne!(number(&other, 0, "angle"), number(&stage, 0, "angle"));
    // Without a hold-out there is nothing to measure there, and that is no error.
    let none = to_the_end(&query("&valid=0")).stage();
    assert!(number(&none, 0, "auc").is_nan());
}

#[test]
fn what_is_shown_is_what_was_asked_for() {
    let system = to_the_end("system=auc");
    let stage = system.stage();
    let names: Vec<&str> = stage
        .columns
        .iter()
        .map(|column| column.name.as_str())
        .collect();
    assert_eq!(names, ["explicit", "prox", "logistic"]);
    for (run, column) in stage.columns.iter().enumerate() {
        let Kind::Plane(scape) = &column.pictures[0].kind else {
            panic!("a plane")
        };
        assert_eq!(scape.discs.len(), 36);
        let hollow = scape.discs.iter().filter(|disc| disc.size == 0.0).count() as f64;
        assert_eq!(hollow, 36.0 - number(&stage, run, "nonzeros"));
        assert_eq!(scape.dots.len(), 2000);
        assert!(
            run == 2 || scape.lines.is_empty(),
            "only classifiers have a boundary"
        );
        assert!(column.pictures[0].words.contains("36 weights"));
    }
    let Kind::Square { curves, mark, .. } = &stage.pictures[0].kind else {
        panic!("a square")
    };
    assert_eq!((curves.len(), *mark), (3, 0.1));
    assert_eq!(curves[0].last(), Some(&[1.0, 1.0]));
    assert!(
        stage
            .levels
            .iter()
            .any(|level| level.chart == "auc" && (0.9..0.96).contains(&level.at))
    );
    for entry in SYSTEMS {
        for chart in (entry.open)(&format!("system={}", entry.about.name))
            .unwrap()
            .measures()
            .charts
        {
            assert!(!chart.measures.is_empty());
        }
    }
}

/// The table of the command line has a column for each number: no two have one name.
#[test]
fn numbers_of_a_run_have_names_of_their_own() {
    let mut seen = 0;
    for entry in SYSTEMS {
        for scene in ["", "&scene=rule", "&scene=scale"] {
            let query = format!("system={}{scene}", entry.about.name);
            let Ok(system) = (entry.open)(&query) else {
                continue;
            };
            seen += 1;
            for column in system.stage().columns {
                let labels = column.numbers.iter().map(|number| number.label.as_str());
                let heads = ["run", "method", "status", "steps"].into_iter();
                let heads: Vec<&str> = heads.chain(labels).collect();
                let different: BTreeSet<&str> = heads.iter().copied().collect();
                assert_eq!(heads.len(), different.len(), "{query}: {heads:?}");
            }
        }
    }
    // Two of them have another view.
    assert_eq!(seen, SYSTEMS.len() + 2);
}

/// What a link is told is what a link can have, and a script what `set` takes.
#[test]
fn a_setting_of_a_run_is_named_as_it_can_be_given() {
    let why = refusal("system=flat&lambda=1");
    assert_eq!(why, "lambda: belongs to a run, as in run=plain,lambda:1");
    let why = refusal("system=flat&lambda=");
    assert_eq!(why, "lambda: belongs to a run, as in run=plain,lambda:…");
    let why = open("system=flat").set("lambda", "1").unwrap_err();
    assert_eq!(
        why.to_string(),
        "lambda: belongs to a run, as in run1.lambda"
    );
}

/// What the text of a whole run begins with, and its runs and changes, are no settings.
#[test]
fn what_is_no_setting_cannot_be_set() {
    let mut system = open("system=auc&steps=60");
    for key in ["v", "system", "preset", "run", "change"] {
        let before = system.query();
        let error = system.set(key, "prox").expect_err(key).to_string();
        let start = format!(
            "{key}: belongs to the text of a whole run and cannot be set by itself; allowed: data, points, "
        );
        assert!(error.starts_with(&start), "{error}");
        assert!(
            error.ends_with(", stop, map, and what a run has of its own, as in run1.KEY"),
            "{error}"
        );
        assert_eq!(system.query(), before);
    }
    let error = Config::default()
        .set("run", "backprop")
        .unwrap_err()
        .to_string();
    let end = "engine, map, and what a run has of its own, as in run1.KEY";
    assert!(
        error.starts_with("run: belongs to the text of a whole run") && error.ends_with(end),
        "{error}"
    );
}

#[test]
fn every_system_has_a_map_and_says_one() {
    let mut titles = Vec::new();
    for entry in SYSTEMS {
        let allowed = (entry.map_allowed)();
        let (_, example) = allowed.split_once(" as in ").unwrap();
        let query = format!("system={}&map={example}", entry.about.name);
        let plan = (entry.map)(&query).unwrap_or_else(|e| panic!("{query}: {e}"));
        let frame = plan.frame();
        let number = frame.number.as_ref().expect("it maps a number of its own");
        let mut measures = entry.measures.iter().flat_map(|view| view.all);
        assert!(measures.any(|measure| measure.key == number.key));
        titles.push(number.label.clone());
        assert!(
            plan.here(&query)
                .is_some_and(|here| here.len() == frame.axes.len())
        );
    }
    // A map has no other title: each says by itself what it is.
    assert_eq!(
        titles,
        [
            "AUC on the hold-out",
            "energy distance",
            "held-out accuracy, last head",
            "online loss, last 20",
            "robust accuracy on the grid"
        ]
    );
}

/// A cell is the run that its query asks for, and every seed of it too.
#[test]
fn a_cell_of_a_map_ends_as_the_run_of_its_query() {
    for (query, measure, log) in [
        (
            "system=auc&steps=300&run=explicit&run=prox,l1:0.01&change=90,2,l1:0.02&map=2,eta0:0.5..50*3,p:0.1..0.4*2,seeds:2",
            "auc",
            false,
        ),
        (
            "system=auc&steps=200&run=prox,sched:const&map=1,eta0:1..100*3",
            "auc",
            false,
        ),
        (
            "system=wgan-prox&steps=12&width=8&run=prox&map=1,h:0.1..1*2,batch:16..32*2",
            "energy",
            true,
        ),
        (
            "system=wgan-prox&scene=scale&map=1,h:0.1..3*4",
            "apart",
            false,
        ),
    ] {
        let plan = (asked_for(query).unwrap().unwrap().map)(query).unwrap();
        let frame = plan.frame();
        let number = frame.number.as_ref().unwrap();
        assert_eq!((number.key.as_str(), number.log), (measure, log));
        let mut fates = BTreeSet::new();
        for at in 0..frame.grid.cells() {
            let cell = plan.train(at, &|| false).unwrap();
            let text = plan.query(at);
            let first: u64 = text.split_once("&seed=").map_or(0, |(_, rest)| {
                rest.split('&').next().unwrap().parse().unwrap()
            });
            let mut alone = open(&text);
            for (seed, value) in (first..).zip(cell.seeds()) {
                alone.set("seed", &seed.to_string()).unwrap();
                alone.advance(u64::MAX);
                let (run, measures) = (plan.run(at), alone.measures().all);
                let place = measures.iter().position(|m| m.key == measure).unwrap();
                let stage = alone.stage();
                let diverged = stage.columns[run].diverged_at;
                let last = alone.points(run).last().unwrap().values[place];
                let expected = if diverged.is_some() { f64::NAN } else { last };
                assert_eq!(value.to_bits(), expected.to_bits(), "{text}");
                assert!(cell.diverged_at <= diverged.or(cell.diverged_at), "{text}");
            }
            fates.insert(cell.fate.name());
            assert!(plan.train(at, &|| true).is_none());
        }
        assert!(fates.contains("ended"), "{query}");
    }
}

#[test]
fn the_labs_own_runs_refuse_a_system_in_one_sentence() {
    let why = Config::parse("v=1&system=auc").unwrap_err().to_string();
    assert_eq!(
        why,
        "system: related systems have a view of their own on the page, and run on the command line as in proxprop run 'system=auc'"
    );
}

#[test]
fn every_picture_chart_and_number_has_an_explanation_and_none_is_left_over() {
    for entry in SYSTEMS {
        let mut needed: BTreeSet<String> = BTreeSet::new();
        needed.extend(
            entry
                .measures
                .iter()
                .flat_map(|view| view.charts)
                .map(|chart| chart.key.to_owned()),
        );
        let own = [format!("v=1&system={}", entry.about.name)];
        let presets = entry.about.presets.iter();
        for query in own.into_iter().chain(presets.map(|p| p.query.to_owned())) {
            let mut system = (entry.open)(&query).unwrap();
            system.advance(3);
            let stage = system.stage();
            needed.extend(stage.pictures.into_iter().map(|picture| picture.key));
            for column in stage.columns {
                needed.extend(column.pictures.into_iter().map(|picture| picture.key));
                needed.extend(column.numbers.into_iter().map(|number| number.key));
            }
        }
        let there: BTreeSet<String> = entry.helps.iter().map(|help| help.key.to_owned()).collect();
        assert_eq!(there, needed, "{}", entry.about.name);
        for help in entry.helps {
            assert!(
                help.text.len() > 40 && help.text.ends_with('.'),
                "{}",
                help.key
            );
        }
    }
}

/// Whatever setting two runs differ in, their names say which and how; what does nothing to them says nothing.
#[test]
fn runs_are_called_by_what_differs_between_them() {
    let names = |query: &str| {
        let columns = open(query).stage().columns.into_iter();
        columns.map(|column| column.name).collect::<Vec<String>>()
    };
    for (query, told) in [
        (
            "system=flat&run=penalty&run=penalty,delta:0.01&run=plain",
            &["penalty, δ 0", "penalty, δ 0.01", "plain"][..],
        ),
        (
            "system=flat&run=penalty,norm:l1&run=penalty,norm:sq&run=penalty,norm:sq,delta:0.01",
            &[
                "penalty, norm l1",
                "penalty, norm sq no. 2",
                "penalty, norm sq no. 3",
            ],
        ),
        (
            "system=flat&run=plain,rule:prox-exact&run=plain,rule:prox-exact,tau_theta:3&run=plain,tau_theta:7",
            &[
                "plain, prox-exact, τθ 1",
                "plain, prox-exact, τθ 3",
                "plain",
            ],
        ),
        (
            "system=interlocking&run=prox-exact,n:1,tau_heads:0.1&run=prox-exact,n:1,tau_heads:0.2",
            &[
                "local, the heads’ step size 0.1",
                "local, the heads’ step size 0.2",
            ],
        ),
        (
            "system=vsml&scene=rule&run=vsml,cell:rule,messages:0&run=vsml,cell:rule,messages:1&run=sgd,eta:0.2",
            &[
                "rule 2, messages into layer 1: 0",
                "rule 2, messages into layer 1: 1",
                "backprop",
            ],
        ),
        (
            "system=wgan-prox&run=prox,lr_d:0.01&run=prox,lr_d:0.02",
            &[
                "proximal × 5, discriminator’s step size 0.01",
                "proximal × 5, discriminator’s step size 0.02",
            ],
        ),
    ] {
        assert_eq!(names(query), told, "{query}");
    }
    // In every system, for every number of a run's own that does anything.
    for entry in SYSTEMS {
        let mut tried = 0;
        let usual = open(&format!("system={}", entry.about.name));
        let runs = usual.query();
        let own = (entry.parameters)().into_iter().filter(|(own, _)| *own);
        for (place, (_, own)) in own.enumerate() {
            let Some((low, high)) = own.range() else {
                continue;
            };
            for (run, settings) in usual.settings().each.iter().enumerate() {
                let now = &settings[place];
                let other = [low, high].map(|end| end.to_string());
                let other = other.into_iter().find(|end| *end != now.value).unwrap();
                if !now.acts || now.most.is_some() {
                    continue;
                }
                let mut both = open(&runs);
                while both.stage().columns.len() > run + 1 {
                    both.remove(run + 2).unwrap();
                }
                (0..run).for_each(|_| both.remove(1).unwrap());
                both.duplicate(1).unwrap();
                if both.set(&format!("run2.{}", own.key), &other).is_err() {
                    continue;
                }
                let names = both.stage().columns.into_iter().map(|column| column.name);
                let names: Vec<String> = names.collect();
                let told = names[0] != names[1] && !names.iter().any(|name| name.contains(" no. "));
                assert!(told, "{}: {}: {names:?}", entry.about.name, own.key);
                tried += 1;
            }
        }
        assert!(tried > 3, "{}: {tried} runs", entry.about.name);
    }
}

#[test]
fn runs_are_duplicated_and_removed_as_they_are_now() {
    let mut system =
        open("v=1&system=auc&steps=300&run=explicit&run=prox,l1:0.02&change=50,2,eta0:1");
    system.advance(100);
    system.duplicate(2).unwrap();
    assert_eq!(system.step(), 0);
    let query = system.query();
    let (_, runs) = query.split_once("&run=").unwrap();
    let runs: Vec<&str> = runs.split("&run=").collect();
    assert_eq!(runs[1], runs[2]);
    assert!(
        runs[1].contains("eta0:1") && !query.contains("change="),
        "{query}"
    );
    let names: Vec<String> = system
        .stage()
        .columns
        .into_iter()
        .map(|column| column.name)
        .collect();
    assert_eq!(names, ["explicit", "prox no. 2", "prox no. 3"]);
    system.advance(300);
    // As text: what has no value is NaN.
    let points = |run| format!("{:?}", system.points(run));
    assert!(points(1) == points(2) && points(0) != points(1));
    system.remove(1).unwrap();
    system.remove(2).unwrap();
    assert_eq!(system.query().matches("run=").count(), 1);
    let refused = system.remove(1).unwrap_err().to_string();
    assert_eq!(
        refused,
        "run: 0 runs side by side are not possible; allowed: 1 to 6"
    );
    for _ in 0..5 {
        system.duplicate(1).unwrap();
    }
    let refused = system.duplicate(1).unwrap_err().to_string();
    assert_eq!(
        refused,
        "run: 7 runs side by side are not possible; allowed: 1 to 6"
    );
    assert_eq!(
        system.duplicate(9).unwrap_err().to_string(),
        "run: 9 is out of range; allowed: 1 to 6"
    );
    assert_eq!(system.query().matches("run=").count(), 6);
}

fn wgan(query: &str) -> Box<dyn Play> {
    let entry = SYSTEMS.iter().find(|entry| entry.about.name == "wgan-prox");
    (entry.unwrap().open)(&format!("v=1&system=wgan-prox{query}")).unwrap()
}

#[test]
fn another_view_has_no_ghosts_of_other_measures() {
    let mut system = wgan("");
    system.advance(20);
    system.set("seed", "2").unwrap();
    assert_eq!(system.ghosts().len(), 1);
    system.set("scene", "scale").unwrap();
    assert!(system.ghosts().is_empty());
}

#[test]
fn points_of_ones_own_come_and_go_with_their_target() {
    let mut system = wgan("&target=points&points=0:-0.5,0;0.5,0");
    system.set("target", "ring").unwrap();
    assert!(!system.query().contains("points"), "{}", system.query());
    // As in the lab's own runs, points that are set by hand come with what needs them; a text says both.
    system.set("points", "0:-0.5,0;0.5,0").unwrap();
    let query = system.query();
    assert!(
        query.contains("target=points&points=0:-0.5,0;0.5,0"),
        "{query}"
    );
    let why = refusal("system=wgan-prox&points=0:-0.5,0;0.5,0");
    assert!(why.contains("only with target=points"), "{why}");
}

/// What is refused as unknown is told all that is allowed there: those of a system where one is named, and else all.
#[test]
fn presets_that_are_allowed_are_the_ones_that_are_named() {
    let of_all: Vec<&str> = presets().map(|preset| preset.name).collect();
    let said = Config::parse("preset=nosuch").unwrap_err().to_string();
    let known = of_all.join(", ");
    assert_eq!(
        said,
        format!("preset: \"nosuch\" is unknown; known: {known}")
    );
    let said = Lesson::parse("nosuch").unwrap_err().to_string();
    assert!(said.ends_with(&known), "{said}");
    for name in of_all {
        assert!(Lesson::parse(name).is_ok(), "{name}");
        let of_system = is_system(&format!("preset={name}"));
        assert_eq!(Config::parse(&format!("preset={name}")).is_err(), of_system);
    }
    let said = Config::parse("preset=zeros").unwrap_err().to_string();
    assert!(
        said.starts_with("preset: \"zeros\" is of a related system"),
        "{said}"
    );
}
