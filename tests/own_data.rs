//! Somebody's own points: as text in the address, as strokes that are undone, as a table.

use proptest::prelude::*;
use proxprop::data::bytes::Encoding;
use proxprop::data::drawn::{Dot, Drawn, MOST_DRAWN};
use proxprop::data::{DataSource, Targets};
use proxprop::lab::config::Config;
use proxprop::lab::scene::{drawn_of, scene_of_drawn};
use proxprop::lab::session::{Command, Event, Origin, Session};
use proxprop::lab::sketch::Sketch;
use proxprop::lab::table::{self, Answers, MOST_BYTES, MOST_ROWS};

const HOSTILE: [&str; 8] = [
    "<img src=x onerror=alert(1)>",
    "\"><script>alert(1)</script>",
    "javascript:alert(1)",
    "=HYPERLINK(\"http://x\")",
    "\u{0}",
    "\u{202e}txt.exe",
    "${7*7}",
    "'; DROP TABLE points; --",
];

fn lines(rows: impl Iterator<Item = String>) -> String {
    rows.collect::<Vec<_>>().join("\n")
}

fn some_drawn() -> impl Strategy<Value = Drawn> {
    let dot = (0..6_u8, -100_000..=100_000_i32, -100_000..=100_000_i32);
    (any::<bool>(), prop::collection::vec(dot, 2..=MOST_DRAWN)).prop_map(|(curve, dots)| {
        let class = |class: u8| if curve { 0 } else { class };
        let dots = dots.into_iter().map(|(c, x, y)| Dot {
            class: class(c),
            at: [x, y],
        });
        Drawn {
            curve,
            dots: dots.collect(),
        }
    })
}

/// A stroke: what is done, and where.
fn strokes() -> impl Strategy<Value = Vec<Vec<(u8, f64, f64)>>> {
    let touch = (0..4_u8, -1.5..1.5_f64, -1.5..1.5_f64);
    prop::collection::vec(prop::collection::vec(touch, 0..6), 0..12)
}

proptest! {
    #[test]
    fn drawn_points_survive_the_address(drawn in some_drawn()) {
        let config = Config { points: drawn, data: DataSource::Points, ..Config::default() };
        let text = config.to_string();
        prop_assert_eq!(Config::parse(&text), Ok(config.clone()));
        prop_assert!(text.bytes().all(|b| b.is_ascii_graphic() && !b"#%<>\"'".contains(&b)), "needs no escapes: {}", text);
        prop_assert_eq!(drawn_of(&scene_of_drawn(&config.points)), Ok(config.points));
    }

    #[test]
    fn undoing_every_stroke_leads_back_and_redoing_forth(strokes in strokes()) {
        let mut sketch = Sketch::default();
        let mut states = vec![Drawn::default()];
        for stroke in strokes {
            sketch.begin();
            for (what, x, y) in stroke {
                match what {
                    0 | 1 => { sketch.add(Dot::near(what, [x, y])); }
                    2 => { sketch.erase([x, y], 0.5); }
                    _ => if let Some(i) = sketch.now().nearest([x, y], 0.5) { sketch.drag(i, [y, x]) },
                }
            }
            sketch.end();
            if sketch.now() != states.last().unwrap() {
                states.push(sketch.now().clone());
            }
        }
        for state in states.iter().rev().skip(1) {
            prop_assert!(sketch.undo());
            prop_assert_eq!(sketch.now(), state);
        }
        prop_assert!(!sketch.undo());
        for state in states.iter().skip(1) {
            prop_assert!(sketch.redo());
            prop_assert_eq!(sketch.now(), state);
        }
        prop_assert!(!sketch.redo());
    }

    #[test]
    fn no_table_makes_it_panic(text in "(([-0-9.,;\t\"a-f#]{0,12}|[^\n]{0,8})\n){0,6}") {
        for answers in [Answers::AsTheyLook, Answers::Classes, Answers::Values] {
            if let Ok(table) = table::read(&text, answers, None) {
                let rows = table.points.inputs.nrows();
                prop_assert!(rows >= 2);
                prop_assert!(table.points.inputs.iter().all(|v| v.abs() <= 3.0));
                if let Targets::Classes { labels, classes } = table.points.targets {
                    prop_assert_eq!(labels.len(), rows);
                    prop_assert!(labels.iter().all(|&l| (l as usize) < classes));
                }
            }
        }
    }

    #[test]
    fn a_table_reads_the_same_with_every_separator(
        rows in prop::collection::vec((-2.9..2.9_f64, -2.9..2.9_f64, 0..3_usize), 2..30),
        header in any::<bool>(),
        windows in any::<bool>(),
    ) {
        let words = ["setosa", "versicolor, wild", "a \"rare\" one"];
        let end = if windows { "\r\n" } else { "\n" };
        let write = |separator: &str, decimal: &str| {
            let number = |v: f64| v.to_string().replace('.', decimal);
            let label = |i: usize| format!("\"{}\"", words[i].replace('"', "\"\""));
            let names = header.then(|| format!("x{separator}y{separator}kind"));
            let body = rows.iter().map(|&(x, y, i)| format!("{}{separator}{}{separator}{}", number(x), number(y), label(i)));
            lines(names.into_iter().chain(body)).replace('\n', end)
        };
        let table = table::read(&write(",", "."), Answers::AsTheyLook, None).unwrap();
        prop_assert_eq!(table.header, header);
        prop_assert_eq!(table.scaled.clone(), None);
        for (i, &(x, y, _)) in rows.iter().enumerate() {
            prop_assert_eq!((table.points.inputs[(i, 0)], table.points.inputs[(i, 1)]), (x, y));
        }
        for text in [write(";", "."), write(";", ","), write("\t", "."), write("\t", ",")] {
            prop_assert_eq!(table::read(&text, Answers::AsTheyLook, None), Ok(table.clone()), "{}", text);
        }
    }
}

#[test]
fn mistakes_in_drawn_points_are_named() {
    for (points, message) in [
        (
            "1",
            "points: \"1\" has no class and colon; allowed: 2 to 500 points as in 0:-0.5,0;0.5,0/1:0,0.5",
        ),
        ("0:1,1", "points: \"0:1,1\" is a single point"),
        ("6:1,1;0,0", "points: \"6\" is no class"),
        ("00:1,1;0,0", "points: \"00\" is no class"),
        ("0:1,1;0", "points: \"0\" is no point"),
        ("0:1,1;0,0.1234", "points: \"0,0.1234\" is no point"),
        ("0:1,1;0,1e3", "points: \"0,1e3\" is no point"),
        ("0:1,1;0,NaN", "points: \"0,NaN\" is no point"),
        ("0:1,1;+1,0", "points: \"+1,0\" is no point"),
        ("0:1,1;0,100.001", "points: \"0,100.001\" is no point"),
        ("0:1,1;0,9999999999", "points: \"0,9999999999\" is no point"),
        ("0:1,1;", "points: \"\" is no point"),
        (
            "0:1,1/curve:0,0",
            "points: \"curve:0,0\" mixes a curve with other points",
        ),
        (
            "curve:0,0/0:1,1",
            "points: \"0:1,1\" mixes a curve with other points",
        ),
    ] {
        let error = Config::parse(&format!("data=points&points={points}"))
            .unwrap_err()
            .to_string();
        assert!(error.starts_with(message), "{points}: {error}");
    }
    let many = format!("data=points&points=0:{}", vec!["0,0"; 501].join(";"));
    assert!(
        Config::parse(&many)
            .unwrap_err()
            .to_string()
            .contains("is one point too many")
    );
    let error = |query: &str| Config::parse(query).unwrap_err().to_string();
    assert_eq!(
        error("data=points"),
        "data: \"points\" needs points, as in points=0:-0.5,0;0.5,0/1:0,0.5"
    );
    assert_eq!(
        error("points=0:0,0;1,1"),
        "points: given with data=circle; allowed: only with data=points"
    );
    assert!(
        error("data=points&points=curve:0,0;1,1&task=classify")
            .starts_with("task: \"classify\" does not fit data=points")
    );
    for text in HOSTILE {
        let error = Config::default()
            .set("points", text)
            .unwrap_err()
            .to_string();
        assert!(error.starts_with("points: "), "{error}");
    }
}

#[test]
fn what_cannot_be_drawn_is_refused_in_words() {
    let refusal = |query: &str| drawn_of(Session::new(query).unwrap().scene()).unwrap_err();
    assert!(refusal("data=plane").starts_with("these points have no place in the plane"));
    assert_eq!(
        refusal("n=501"),
        "501 points are too many to draw; allowed: at most 500"
    );
    assert!(drawn_of(Session::new("data=sine1d").unwrap().scene()).is_ok());
}

#[test]
fn points_and_their_kind_of_data_come_and_go_together() {
    let mut config = Config::default();
    config.set("points", "0:0,0/1:0.5,0.5").unwrap();
    assert_eq!(config.data, DataSource::Points);
    assert!(config.set("data", "state").is_ok() && config.points.dots.is_empty());
    assert!(config.set("data", "points").is_err());
}

#[test]
fn drawn_points_train_and_restart_at_every_stroke() {
    let mut session = Session::new(
        "data=points&points=0:-0.5,0;-0.4,0.1/1:0.5,0;0.4,0.1&hidden=4&run=backprop,tau:0.5",
    )
    .unwrap();
    let first = session.frame().members[0].loss;
    session.advance(50);
    let frame = session.frame();
    assert!(frame.members[0].loss < first);
    assert_eq!(
        (frame.members[0].accuracy, frame.members[0].validation_loss),
        (Some(1.0), None)
    );
    let range = session.scene().x;
    let set = Command::Set {
        key: "points".into(),
        value: "0:-0.5,0;-0.4,0.1/1:0.5,0;0.4,0.1/2:0,1.2".into(),
    };
    session.apply(set).unwrap();
    assert_eq!(
        (session.step(), session.scene().classes, session.scene().x),
        (0, 3, range)
    );
    // The state of a drawn run is a state like any other.
    let json = session
        .apply(Command::State)
        .unwrap()
        .into_iter()
        .find_map(|event| match event {
            Event::State(json) => Some(json),
            _ => None,
        });
    session
        .apply(Command::LoadState {
            name: String::new(),
            json: json.unwrap(),
        })
        .unwrap();
    assert_eq!(session.config().points.dots.len(), 5);
}

#[test]
fn a_curve_is_regressed_over_one_input() {
    let mut session =
        Session::new("data=points&points=curve:-1,-0.5;0,0.2;1,0.7&hidden=4&run=prox-exact,tau:1")
            .unwrap();
    assert_eq!((session.scene().inputs, session.scene().classes), (1, 0));
    session.advance(20);
    assert!(session.frame().members[0].loss.is_finite());
}

#[test]
fn mistakes_in_a_table_name_their_line() {
    let error = |text: &str| table::read(text, Answers::AsTheyLook, None).unwrap_err();
    for (text, message) in [
        ("", "there is no row of numbers"),
        ("x,y,label\n", "there is no row of numbers"),
        (
            "1,2,a\n",
            "line 1: a single point is too few; allowed: at least 2",
        ),
        (
            "hello",
            "line 1: 1 column; allowed: two columns and a label",
        ),
        ("1,2,3,4\n", "line 1: 4 columns; allowed"),
        (
            "x,y,kind\n1,2,a\n\n# note\n1,b,c\n",
            "line 5: \"b\" is not a number",
        ),
        (
            "1,2,a\n3,4\n",
            "line 2: 2 columns where the first row has 3",
        ),
        ("1,2,a\n3,4,\n", "line 2: the label is missing"),
        ("1,2,a\n3,inf,b\n", "line 2: \"inf\" is not a number"),
        ("1,2,a\n1e39,1,b\n", "line 2: \"1e39\" is not a number"),
        ("1,2,a\n1 2,1,b\n", "line 2: \"1 2\" is not a number"),
        (
            "1,2,\"a\n3,4,b\n",
            "line 1: a quote is opened that is never closed",
        ),
    ] {
        assert!(
            error(text).starts_with(message),
            "{text:?}: {}",
            error(text)
        );
    }
    let labels = lines((0..25).map(|i| format!("{i},0,kind {i}")));
    assert!(
        error(&labels)
            .starts_with("line 21: \"kind 20\" is one label too many; allowed: at most 20")
    );
    let rows = "1,2,a\n".repeat(MOST_ROWS + 1);
    assert!(error(&rows).starts_with("line 100001: too many rows; allowed: at most 100000"));
    assert!(error(&" ".repeat(MOST_BYTES + 1)).starts_with("10.0 MB are too many"));
    assert!(
        table::read("1,2\n3,4\n", Answers::Classes, None)
            .unwrap_err()
            .contains("two columns have no label")
    );
    assert!(
        table::read("1,2,5\n3,4,six\n", Answers::Values, None)
            .unwrap_err()
            .starts_with("line 2: \"six\" is not a number")
    );
}

#[test]
fn labels_become_classes_or_values_as_they_look() {
    let read = |text: &str, answers| table::read(text, answers, None).unwrap();
    let table = read("x;y;z\n1,5;2;10\n0;0,5;9\n1;1;10\n", Answers::AsTheyLook);
    assert_eq!(table.labels, ["9", "10"], "numbers are ordered as numbers");
    assert_eq!(
        table.points.targets,
        Targets::Classes {
            labels: vec![1, 0, 1],
            classes: 2
        }
    );
    let values = |table: table::Table| matches!(table.points.targets, Targets::Values(_));
    assert!(values(read("1,2,0.5\n3,1,1\n", Answers::AsTheyLook)));
    assert!(values(read("1,2,0\n3,1,1\n", Answers::Values)));
    assert!(!values(read("1,2,0.5\n3,1,1\n", Answers::Classes)));
    let curve = read("0,1\n1,2\n", Answers::AsTheyLook);
    assert_eq!(curve.points.inputs.shape(), (2, 1));
    let wide = read("0,100,a\n10,300,b\n5,200,a\n", Answers::AsTheyLook);
    assert_eq!(wide.scaled, Some(vec![(0.0, 10.0), (100.0, 300.0)]));
    assert_eq!(
        wide.points
            .inputs
            .row(2)
            .iter()
            .copied()
            .collect::<Vec<_>>(),
        [0.0, 0.0]
    );
    let hostile = HOSTILE.iter().map(|text| text.replace('"', "\"\""));
    let hostile = lines(hostile.map(|text| format!("1,2,\"{text}\"")));
    assert_eq!(
        read(&hostile, Answers::AsTheyLook).labels.len(),
        HOSTILE.len()
    );
}

#[test]
fn a_table_starts_the_same_runs_on_its_points() {
    let row = |i: u32| {
        let label = if i < 45 { "low" } else { "high" };
        format!("{},0.1,{label}", f64::from(i) / 45.0 - 1.0)
    };
    let rows = lines((0..90).map(row));
    let load = |name: &str, text: &str| Command::LoadCsv {
        name: name.into(),
        text: text.into(),
        encoding: Encoding::Utf8,
        columns: String::new(),
    };
    let mut session = Session::new("run=prox-exact,tau:1&hidden=5&seed=4").unwrap();
    session.advance(7);
    let before = session.frame();
    let error = session
        .apply(load("bad.csv", "a,b\nc,d\n"))
        .unwrap_err()
        .to_string();
    assert_eq!(error, "bad.csv: line 2: \"c\" is not a number");
    assert_eq!(
        session.frame().members[0].loss,
        before.members[0].loss,
        "nothing is lost"
    );

    let events = session.apply(load("kinds.csv", &rows)).unwrap();
    let words = events.iter().find_map(|event| match event {
        Event::Notice(words) => Some(words.as_str()),
        _ => None,
    });
    assert_eq!(
        words,
        Some(
            "kinds.csv: 60 training points and 30 held back for validation; classes 1 = high, 2 = low, of 45, 45 rows. \
             90 rows were read, none left out; x, y and the label are column 1, column 2, column 3. Nothing is scaled. \
             A link cannot hold these points as they are: save the state to pass them on."
        )
    );
    assert_eq!(
        (session.config().data, session.config().n, session.step()),
        (DataSource::State, 60, 0)
    );
    assert_eq!(
        (
            session.scene().training.len(),
            session.scene().validation.len()
        ),
        (60, 30)
    );
    session.advance(100);
    assert!(session.frame().members[0].loss < 0.7);
    let error = Session::new(&session.config().to_string())
        .err()
        .unwrap()
        .to_string();
    assert!(error.contains("open that file"), "{error}");
}

fn table_of(rows: u32) -> String {
    lines((0..rows).map(|i| {
        let (x, y) = (f64::from(i * 7 % 13) / 5.0, f64::from(i * 3 % 11) / 7.0);
        format!("{x},{y},{}", ["no", "yes"][usize::from(x > y)])
    }))
}

fn load(session: &mut Session, text: &str) {
    let command = Command::LoadCsv {
        name: "t.csv".into(),
        text: text.into(),
        encoding: Encoding::Utf8,
        columns: String::new(),
    };
    session.apply(command).unwrap();
}

fn state_of(session: &mut Session) -> String {
    match session.apply(Command::State).unwrap().pop() {
        Some(Event::State(json)) => json,
        other => panic!("{other:?}"),
    }
}

/// What a tab would keep of a run.
fn origin(session: &mut Session) -> Origin {
    match session.apply(Command::Origin).unwrap().pop() {
        Some(Event::Origin(origin)) => origin,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_run_on_a_table_comes_back_from_what_a_tab_keeps_of_it() {
    let query = "hidden=6,5&epochs=40&batch=4&seed=3&valid=0.2&run=backprop,opt:adam,tau:0.01&run=prox-exact,tau:1";
    let mut session = Session::new(query).unwrap();
    assert_eq!(origin(&mut session), Origin::Query);
    load(&mut session, &table_of(17));
    session.advance(20);
    session
        .apply(Command::Set {
            key: "run1.tau".into(),
            value: "0.02".into(),
        })
        .unwrap();
    session.advance(13);
    let Origin::File(kept) = origin(&mut session) else {
        panic!("a small table is kept")
    };
    let (query, step) = (session.config().to_string(), session.step());

    let mut back = Session::new("").unwrap();
    back.apply(Command::Resume {
        origin: kept.clone(),
        query: query.clone(),
        step,
    })
    .unwrap();
    assert_eq!(back.config(), session.config());
    assert_eq!((back.step(), back.furthest()), (33, 33));
    let numbers = |session: &mut Session| {
        let records: Vec<_> = (0..2).flat_map(|i| session.records(i).to_vec()).collect();
        let bits = |r: &proxprop::frame::Record| (r.step, r.loss.to_bits(), r.accuracy.to_bits());
        (
            records.iter().map(bits).collect::<Vec<_>>(),
            format!(
                "{:?}",
                session
                    .frame()
                    .members
                    .iter()
                    .map(|m| m.loss.to_bits())
                    .collect::<Vec<_>>()
            ),
        )
    };
    assert_eq!(numbers(&mut back), numbers(&mut session));
    assert_eq!(
        origin(&mut back),
        Origin::File(kept),
        "and can be kept again"
    );

    // Weights are fresh ones, not a file's: other networks are trained without a word about them.
    let events = back
        .apply(Command::Set {
            key: "hidden".into(),
            value: "4".into(),
        })
        .unwrap();
    assert!(
        !events.iter().any(|event| matches!(event, Event::Notice(_))),
        "{events:?}"
    );
    let sentence = back
        .apply(Command::Resume {
            origin: "{}".into(),
            query,
            step,
        })
        .unwrap_err();
    assert!(
        sentence.to_string().starts_with("not a state file"),
        "{sentence}"
    );
}

#[test]
fn a_run_from_a_state_file_comes_back_too_unless_it_is_too_large_to_be_kept() {
    let mut session = Session::new("epochs=30&run=prox-exact,opt:adam,tau:0.1").unwrap();
    session.advance(10);
    let json = state_of(&mut session);
    session
        .apply(Command::LoadState {
            name: String::new(),
            json,
        })
        .unwrap();
    session.advance(5);
    let Origin::File(kept) = origin(&mut session) else {
        panic!("a small state is kept")
    };
    let mut back = Session::new("").unwrap();
    let query = session.config().to_string();
    back.apply(Command::Resume {
        origin: kept,
        query,
        step: 15,
    })
    .unwrap();
    let loss = |session: &mut Session| session.frame().members[0].loss;
    assert_eq!((back.step(), loss(&mut back)), (15, loss(&mut session)));

    let mut wide =
        Session::new("hidden=600,600&n=20&batch=20&epochs=1&run=prox-exact,tau:1").unwrap();
    load(&mut wide, &table_of(17));
    assert!(
        matches!(origin(&mut wide), Origin::File(_)),
        "fresh weights need not be kept"
    );
    let json = state_of(&mut wide);
    wide.apply(Command::LoadState {
        name: String::new(),
        json,
    })
    .unwrap();
    assert_eq!(origin(&mut wide), Origin::TooLarge);
}

#[test]
fn a_link_to_a_run_on_a_table_has_rules_and_network_for_other_points() {
    let query = "data=state&n=17&hidden=6,5&run=backprop,tau:3&change=5,1,tau:1";
    let config = Config::parse(query).unwrap();
    let here = config.on_drawn_points();
    assert_eq!(
        (&here.hidden, &here.runs, &here.changes),
        (&config.hidden, &config.runs, &config.changes)
    );
    for task in ["auto", "classify", "regress"] {
        let config = Config::parse(&format!("{query}&task={task}")).unwrap();
        Session::new(&config.on_drawn_points().to_string()).unwrap();
    }
}
