//! *A learning rule inside a recurrent network* on the stage: its settings, its timeline and what it shows.

#[path = "common/cells.rs"]
mod cells;
#[path = "common/on_stage.rs"]
mod on_stage;

use cells::in_parts;
use on_stage::{number, open, refusal};
use proptest::prelude::*;
use proxprop::frame::Status;
use proxprop::frame::stage::{Band, Ink, Kind as Seen, Stage};
use proxprop::lab::systems::{asked_for, of_file};
use proxprop::plot::number::short;
use proxprop::plot::stage::end as stage_end;
use proxprop::plot::{LineChart, Theme, bands, svg};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// Wherever the timeline was looked at, the same step is the same step, bit for bit.
    #[test]
    fn a_look_back_reaches_what_playing_reached(stops in prop::collection::vec(0..240_u64, 1..6), last in 1..240_u64, layer: bool) {
        let pace = if layer { "&pace=layer" } else { "" };
        let query = format!("system=vsml&samples=60{pace}&run=sgd&run=vsml,cell:clone&run=vsml,cell:rule&run=adam,eta:0.03&change=20,2,checkpoint:1000&change=30,4,method:vsml&change=41,1,gain:2");
        let mut played = open(&query);
        played.advance(last);
        let mut sought = open(&query);
        stops.into_iter().for_each(|stop| sought.seek(stop));
        sought.seek(last);
        // NaN is not equal to itself; its text is.
        prop_assert_eq!(format!("{:?}", sought.stage()), format!("{:?}", played.stage()));
    }
}

/// A query's setting of own cells that are those of a shipped file.
fn own(name: &str) -> String {
    let query = of_file(&in_parts(name).0.to_string()).unwrap();
    let own = query.split('&').find(|pair| pair.starts_with("own="));
    own.expect("cells").to_owned()
}

/// A rule takes no step size and a copy neither label nor another error, whoever has trained them: what is said to do something does,
/// nothing else does, and that is neither an axis nor in a name.
#[test]
fn own_cells_have_the_settings_that_they_take() {
    for (name, eta) in [("rule-1.json", false), ("clone.json", true)] {
        let query = format!("system=vsml&scene=rule&seeds=1&samples=40&{}", own(name));
        let entry = asked_for(&query).unwrap().expect("a system");
        let place = |key: &str| {
            let mut own = (entry.parameters)().into_iter().filter(|(own, _)| *own);
            own.position(|(_, parameter)| parameter.key == key)
                .expect("a setting")
        };
        let usual = "eta:0.2,label:1,errorscale:1";
        for (key, was, other, does) in [
            ("eta", "0.2", "1", eta),
            ("label", "1", "0", !eta),
            ("errorscale", "1", "0.5", !eta),
        ] {
            let changed = usual.replace(&format!("{key}:{was}"), &format!("{key}:{other}"));
            let run = "run=vsml,cell:own";
            let mut both = open(&format!("{query}&{run},{usual}&{run},{changed}"));
            both.advance(u64::MAX);
            let stage = both.stage();
            let [one, two] = [0, 1].map(|run| number(&stage, run, "all"));
            assert_eq!(one != two, does, "{name}, {key}: {one} {two}");
            assert_eq!(both.settings().each[0][place(key)].acts, does, "{key}");
            let names = [0, 1].map(|run: usize| stage.columns[run].name.as_str());
            let numbered = names.iter().all(|name| name.contains(" no. "));
            assert_eq!(numbered, !does, "{key}: {names:?}");
            if key != "label" {
                let map = format!("{query}&{run}&map=1,{key}:0.5..1*2");
                assert_eq!((entry.map)(&map).is_ok(), does, "{name}, {key}");
            }
        }
    }
}

/// Own cells that copy backpropagation are seen beside it as the shipped ones are, whatever the step size.
#[test]
fn own_copies_are_seen_as_the_shipped_ones() {
    let stage = |which: &str| {
        let own = own("clone.json");
        let mut system = open(&format!(
            "system=vsml&samples=40&{own}&run=vsml,cell:{which},eta:0.3&change=20,1,eta:1"
        ));
        system.advance(u64::MAX);
        format!("{:?}", system.stage()).replace("own cells", "cloned cells")
    };
    assert_eq!(stage("own"), stage("clone"));
}

/// What one more point changes has one scale for all runs: the largest change has the full colour, and the title says how large it is.
#[test]
fn changes_by_one_more_point_are_compared_by_colour() {
    let mut system =
        open("system=vsml&scene=rule&samples=50&one=0.4,0.3,0&run=sgd,eta:0.2&run=vsml,cell:rule");
    for step in [0, 50] {
        system.seek(step);
        system.advance(step - system.step());
        let stage = system.stage();
        let pictures = stage.columns.iter().map(|column| &column.pictures[1]);
        let seen = pictures.map(|picture| match &picture.kind {
            Seen::Plane(scape) => {
                let values = scape.field.as_ref().expect("a field").values.iter();
                let most = values.fold(0.0, |most: f32, v| most.max(v.abs()));
                (scape.reach, f64::from(most), picture.title.as_str())
            }
            other => panic!("{other:?}"),
        });
        let seen: Vec<_> = seen.collect();
        let most = seen[0].1.max(seen[1].1);
        for (reach, own, title) in &seen {
            assert!((most..1.1 * most).contains(reach), "{reach} for {most}");
            assert!(*own > 0.01 * most);
            assert_eq!(*title, format!("One more point, ±{reach}"));
        }
    }
}

/// A rule's slider ends where its training did, and says so; what is beyond is the same.
#[test]
fn a_checkpoint_ends_where_the_training_did() {
    let query = "system=vsml&scene=rule&samples=60&seeds=1&run=vsml,cell:clone&run=vsml,cell:rule&run=vsml,cell:rule,checkpoint:5000";
    let system = open(query);
    let entry = asked_for(query).unwrap().unwrap();
    let each = (entry.parameters)().into_iter().filter(|(own, _)| *own);
    let at = each
        .map(|(_, own)| own.key)
        .position(|key| key == "checkpoint");
    let ends = system.settings().each.into_iter().map(|each| {
        let setting = &each[at.unwrap()];
        (setting.value.clone(), setting.most)
    });
    let rule = ("1400".to_owned(), Some(1400.0));
    assert_eq!(
        ends.collect::<Vec<_>>(),
        [("20000".to_owned(), Some(20000.0)), rule.clone(), rule]
    );
    // So does the axis of a map.
    let maps = [0, 1].map(|run| (entry.map_usual)(query, run).unwrap().to_string());
    assert_eq!(
        maps,
        [
            "1,eta:0.03..1.5*16,gain:0.5..4*16,seeds:1",
            "2,gain:0.5..4*16,checkpoint:0..1400*16,seeds:1"
        ]
    );
    let names: Vec<String> = system
        .stage()
        .columns
        .into_iter()
        .map(|column| column.name)
        .collect();
    assert!(
        names[1..]
            .iter()
            .all(|name| name.starts_with("rule 2") && !name.contains("after")),
        "{names:?}"
    );
}

/// Each group of numbers says what it is and has a scale of its own, and each number can be read.
#[test]
fn numbers_are_shown_in_groups_with_names_and_scales() {
    let mut system = open("system=vsml&scene=rule&samples=60&seeds=1&run=vsml,cell:rule");
    system.advance(60);
    let stage = system.stage();
    let picture = |key: &str| {
        let mut pictures = stage.pictures.iter();
        let found = pictures.find(|picture| picture.key == key).unwrap();
        let Seen::Plane(scape) = &found.kind else {
            panic!("{key}")
        };
        (**scape).clone()
    };
    let cell = picture("cell");
    let names: Vec<&str> = cell.bands.iter().map(|band| band.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "Into tanh: W1, b1",
            "Multiplied with it: W3, b3",
            "Put out: W2, b2"
        ]
    );
    let shares = bands::shares(&cell).unwrap().values;
    let full = shares.iter().filter(|share| share.abs() >= 1.0).count();
    let seen = shares.iter().filter(|share| share.abs() > 0.1).count();
    assert!((30..80).contains(&full) && seen > 300, "{full} {seen}");
    // The last of b2 is at the bottom right, the first of W1 at the top left.
    let (file, _) = in_parts("rule-2.json");
    let numbers = file["numbers"].as_array().unwrap();
    let top = cell.y.1 - cell.bands[0].above as f64 - 0.5;
    for (at, name, number) in [
        (
            [0.5, top],
            "Into tanh: W1, b1, state 1, unit 1",
            &numbers[0],
        ),
        (
            [15.5, top - 8.0],
            "Into tanh: W1, b1, bias, unit 16",
            &numbers[8 * 16 + 15],
        ),
        ([16.5, 0.5], "Put out: W2, b2, down 2, bias", &numbers[423]),
    ] {
        let said = bands::told(&cell, at).unwrap();
        let number = short(f64::from(number.as_f64().unwrap() as f32));
        assert_eq!(said, format!("{name}: {number}"));
    }
    assert_eq!(bands::told(&cell, [-0.5, top]), None);
    assert_eq!(bands::told(&cell, [16.5, top]), None);
    let states = picture("states");
    let rows: usize = states.bands.iter().map(Band::height).sum();
    assert_eq!((states.bands.len(), rows), (8, 4 * (3 + 2)));
    assert_eq!(states.bands[1].name, "State 1, layer 2");
    // As a figure of its own it has the names too.
    let found = stage
        .pictures
        .iter()
        .find(|picture| picture.key == "cell")
        .unwrap();
    let drawn = svg::picture(found, &[], (480, 560), &Theme::light());
    for words in ["Into tanh: W1, b1, ±", "\nabove\n", "above 0"] {
        assert!(drawn.contains(words), "{words}");
    }
}

#[test]
fn what_is_no_run_is_refused() {
    for (query, why) in [
        ("data=points", "data: \"points\" needs points"),
        ("points=0:0,0;1,1", "points: given with other data"),
        (
            "data=points&points=0:0,0/3:1,1",
            "points: a curve, or more than three classes; allowed: points of classes 1 to 3 (0: to 2:), as in 0:-0.5,0/1:0,0.5",
        ),
        ("hidden=8,8,8", "hidden: \"8,8,8\" has too many layers"),
        ("hidden=0", "hidden: \"0\" is no width"),
        (
            "one=0.1,0.2,2",
            "one: 2 is no class of these points; allowed: 0 to 1, which are classes 1 to 2",
        ),
        ("one=0.1,0.2", "one: \"0.1,0.2\" is no point with a class"),
        ("run=vsml,cell:own", "run1.cell: \"own\" needs a cell"),
        (
            "own=4,2,16,8,1;AAAA",
            "own: \"4,2,16,8,1;AAAA\" is not a cell; allowed: n,k,H,bound,feed;NUMBERS, which",
        ),
        (
            "own=1,1,1,0,0;AAAAAAAAAAA",
            "own: \"1,1,1,0,0;AAAAAAAAAAA\" has not as many numbers as its size asks for; allowed: ",
        ),
        (
            "own=17,1,4,0,0;AAAAAAAAAAA",
            "own: \"17,1,4,0,0;AAAAAAAAAAA\" has a size out of range",
        ),
        (
            "own=4,2,16,1e9,1;AAAAAAAAAAA",
            "own: \"4,2,16,1e9,1;AAAAAAAAAAA\" has a bound out of range",
        ),
        ("samples=5000", "samples: \"5000\" is out of range"),
        (
            "run=vsml,cell:clone,checkpoint:20001",
            "run1.checkpoint: \"20001\" is out of range",
        ),
        (
            "run=lstm",
            "run1.method: \"lstm\" is not a choice; allowed: vsml, sgd, adam",
        ),
    ] {
        let said = refusal(&format!("system=vsml&{query}"));
        assert!(said.starts_with(why), "{query}: {said:?}");
    }
}

#[test]
fn a_rule_at_the_end_of_its_training_stands_at_the_end_of_a_map_over_it() {
    let query = "system=vsml&scene=rule&run=vsml,cell:rule&map=1,checkpoint:0..1400*3";
    let entry = asked_for(query).unwrap().unwrap();
    let plan = (entry.map)(query).unwrap();
    assert_eq!(plan.here(query), Some(vec![1400.0]));
}

#[test]
fn another_point_is_only_looked_at() {
    let mut system = open("system=vsml&scene=rule&run=sgd,eta:0.2&run=vsml,cell:rule");
    system.advance(50);
    let loss = number(&system.stage(), 1, "loss");
    system.set("one", "0.4,0.3,0").unwrap();
    assert_eq!((system.step(), system.ghosts().len()), (50, 0));
    let stage = system.stage();
    assert_eq!(number(&stage, 1, "loss"), loss);
    assert_eq!(stage.columns[1].pictures[1].key, "one");
    let mut other = open("system=vsml&scene=rule&run=sgd,eta:0.2&run=vsml,cell:rule");
    other.advance(70);
    system.advance(20);
    assert_eq!(
        number(&system.stage(), 1, "loss"),
        number(&other.stage(), 1, "loss")
    );
}

/// A place that is pressed is one more point, of another class when it is pressed again, and of none in the end.
#[test]
fn a_press_in_a_picture_is_one_more_point() {
    let mut system = open("system=vsml&scene=rule&run=sgd,eta:0.2&run=vsml,cell:rule");
    system.advance(20);
    let pressed = |stage: &Stage, at: [f64; 2]| {
        let columns = stage.columns.iter();
        let mut asked = columns.flat_map(|column| &column.pictures).map(|picture| {
            let Seen::Plane(scape) = &picture.kind else {
                panic!("{}", picture.key)
            };
            scape.pressed(at).expect("it takes presses")
        });
        let first = asked.next().unwrap();
        assert!(
            asked.all(|other| other == first),
            "all pictures ask for the same"
        );
        first
    };
    let ask = |key: &str, text: &str| (key.to_owned(), text.to_owned());
    let mut now = Vec::new();
    for at in [[0.7, 0.4], [0.71, 0.41], [0.2, 0.9], [0.2, 0.9], [0.2, 0.9]] {
        let (key, text) = pressed(&system.stage(), at);
        system.set(&key, &text).unwrap();
        now.push((key, text));
    }
    assert_eq!(
        now,
        [
            ask("one", "0.60,0.30,0"),
            ask("one", "0.6,0.3,1"),
            ask("one", "-0.90,-1.20,1"),
            ask("one", ""),
            ask("one", "-0.90,-1.20,0"),
        ]
    );
    assert_eq!(system.stage().columns[0].pictures.len(), 2);
    // Where it changes nothing to be seen, nothing is asked for.
    let copy = open("system=vsml").stage();
    let Seen::Plane(scape) = &copy.columns[0].pictures[0].kind else {
        panic!("a plane")
    };
    assert_eq!(scape.pressed([0.5, 0.5]), None);
}

/// The preset `up-and-down`: on the way up states stay, on the way down they move, and the picture says which part is being made.
#[test]
fn a_sample_goes_up_and_comes_down_layer_by_layer() {
    let mut system = open("system=vsml&preset=up-and-down");
    let seen = |stage: &Stage, key: &str| {
        let mut pictures = stage.pictures.iter();
        let picture = pictures.find(|picture| picture.key == key).unwrap();
        let Seen::Plane(scape) = &picture.kind else {
            panic!("{key}")
        };
        (**scape).clone()
    };
    let states = |stage: &Stage| seen(stage, "states").field.unwrap().values;
    let moved = |a: &[f32], b: &[f32]| {
        let pairs = a.iter().zip(b);
        pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
    };
    let start = states(&system.stage());
    let mut colours = Vec::new();
    let mut gone = Vec::new();
    for _ in 0..4 {
        system.advance(1);
        let stage = system.stage();
        gone.push(moved(&start, &states(&stage)));
        // From one layer to the next: 24 lines, then 18; those that nothing goes along now are grey.
        let scape = seen(&stage, "sweep");
        let strokes = scape.strokes.iter();
        let lines = strokes.filter(|stroke| stroke.points.len() == 2);
        let of = |ink: Ink| lines.clone().filter(|stroke| stroke.ink == ink).count();
        colours.push([of(Ink::Class(3)), of(Ink::Wrong), scape.contours.len()]);
    }
    assert_eq!(
        colours,
        [[24, 0, 18], [18, 0, 24], [0, 18, 24], [0, 24, 18]]
    );
    assert!(gone[1] < 1e-3 && gone[2] > 1e-2, "{gone:?}");
}

/// Also before there is anything on it: all powers of ten, and no more.
#[test]
fn the_axis_of_steps_is_there_before_the_first_of_them() {
    let entry = asked_for("system=vsml").unwrap().unwrap();
    let system = open("system=vsml&scene=rule&samples=1000");
    let (stage, none) = (system.stage(), [&[][..], &[]]);
    let measures = entry.measures[stage.view];
    let labels: Vec<&str> = measures.all.iter().map(|measure| measure.label).collect();
    for chart in measures.charts {
        let drawn = LineChart::of_stage(chart, &labels, &stage, &none);
        let end = stage_end(chart, &stage, &none);
        let axes = drawn.axes((400, 300), end, &Theme::light());
        assert!((axes.x.1 - 3.0).abs() < 1e-9, "{:?}", axes.x);
        svg::lines(&drawn, (400, 300), end, &Theme::light());
    }
}

/// A run is what its settings say together, whichever comes first, and stays so when it is printed.
#[test]
fn a_checkpoint_is_the_same_wherever_it_stands() {
    for checkpoint in ["1399", "1400", "5000", "20000"] {
        let [first, last] = [
            format!("checkpoint:{checkpoint},cell:rule"),
            format!("cell:rule,checkpoint:{checkpoint}"),
        ]
        .map(|settings| open(&format!("system=vsml&run=vsml,{settings}")).query());
        assert_eq!(first, last);
        assert_eq!(open(&first).query(), first);
        let at_the_end = !first.contains("checkpoint");
        assert_eq!(at_the_end, checkpoint != "1399", "{first}");
    }
    // By hand, in either order.
    for settings in [
        [("checkpoint", "1400"), ("cell", "rule")],
        [("cell", "rule"), ("checkpoint", "1400")],
    ] {
        let mut system = open("system=vsml&run=vsml");
        for (key, value) in settings {
            system.set(&format!("run1.{key}"), value).unwrap();
        }
        let query = system.query();
        assert!(!query.contains("checkpoint"), "{query}");
        assert_eq!(open(&query).query(), query);
    }
}

/// Every rule can be seen at each of its snapshots, the clone at its own.
#[test]
fn cells_are_taken_from_along_their_training() {
    let query = "system=vsml&scene=rule&samples=60&run=vsml,cell:clone,eta:0.2,checkpoint:2999&run=vsml,cell:rule,rule:4,checkpoint:700&run=vsml,cell:rule,rule:4,checkpoint:1400&run=vsml,cell:rule,rule:4";
    let mut system = open(query);
    system.advance(u64::MAX);
    let stage = system.stage();
    let names: Vec<&str> = stage
        .columns
        .iter()
        .map(|column| column.name.as_str())
        .collect();
    assert_eq!(names[..2], ["cloned cells after 1000", "rule 4 after 650"]);
    assert!(names[2].starts_with("rule 4") && !names[2].contains("after"));
    let all = [1, 2, 3].map(|run| number(&stage, run, "all"));
    assert!(all[0] != all[1] && all[1] == all[2], "{all:?}");
}

#[test]
fn own_points_come_with_their_data_and_go_with_others() {
    let mut system = open("system=vsml&samples=30");
    system
        .set("points", "0:-0.5,0;0.5,0/1:0,0.5/2:0,-0.5")
        .unwrap();
    system.advance(30);
    assert!(system.finished() && system.query().contains("data=points"));
    system.set("data", "xor").unwrap();
    assert!(!system.query().contains("points"));
}

/// A layer a step is the same learning as a sample a step.
#[test]
fn layer_by_layer_is_sample_by_sample() {
    let query = "system=vsml&samples=40&run=sgd&run=vsml,cell:clone&run=vsml,cell:rule";
    let mut whole = open(query);
    let mut parts = open(&format!("{query}&pace=layer"));
    whole.advance(40);
    parts.advance(160);
    assert!(parts.finished());
    for run in 0..3 {
        for key in ["loss", "accuracy", "all"] {
            assert_eq!(
                number(&whole.stage(), run, key),
                number(&parts.stage(), run, key)
            );
        }
    }
}

#[test]
fn the_stage_shows_what_agrees_and_what_changes() {
    let mut system = open("system=vsml&preset=nobody-differentiates");
    system.advance(300);
    let stage = system.stage();
    let keys: Vec<&str> = stage
        .pictures
        .iter()
        .map(|picture| picture.key.as_str())
        .collect();
    assert_eq!(
        keys,
        [
            "activations",
            "errors",
            "weights",
            "sweep",
            "cell",
            "states"
        ]
    );
    for picture in &stage.pictures[..3] {
        let Seen::Lines(lines) = &picture.kind else {
            panic!("{}", picture.key)
        };
        let named: Vec<&str> = lines
            .strokes
            .iter()
            .map(|stroke| stroke.name.as_str())
            .collect();
        let said = named[1].strip_prefix("cloned cells: correlation ");
        let r: f64 = said.expect(named[1]).parse().unwrap();
        assert!(
            r > 0.99 && r <= 1.0 && picture.words.contains(named[1]),
            "{r}"
        );
    }
    let field = |key: &str, stage: &Stage| {
        let picture = stage
            .pictures
            .iter()
            .find(|picture| picture.key == key)
            .unwrap();
        let Seen::Plane(scape) = &picture.kind else {
            panic!("{key}")
        };
        scape.field.clone().unwrap().values
    };
    let (cell, states) = (field("cell", &stage), field("states", &stage));
    system.advance(100);
    let later = system.stage();
    assert_eq!(
        field("cell", &later),
        cell,
        "the shared numbers do not change"
    );
    assert_ne!(field("states", &later), states);
    assert!(number(&later, 1, "corr") > 0.99 && number(&later, 1, "agree") > 0.97);
}

#[test]
fn cells_that_have_been_taught_nothing_diverge_and_the_others_go_on() {
    let mut system =
        open("system=vsml&data=xor&samples=400&run=vsml,cell:clone,checkpoint:0,eta:3&run=sgd");
    system.advance(u64::MAX);
    let stage = system.stage();
    assert_eq!(stage.columns[1].status, Status::Done);
    assert_eq!(stage.columns[0].status, Status::Diverged);
}
