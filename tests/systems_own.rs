//! Points of one's own for related systems: from a table, and in the square that they are drawn in.

use proxprop::data::drawn::Drawn;
use proxprop::frame::stage::Kind;
use proxprop::lab::config::drawn_of_text;
use proxprop::lab::scene::scene_of_drawn;
use proxprop::lab::systems::{Play, SYSTEMS, asked_for, named, take_table};

const POINTS: &str = "0:-0.5,0;-0.4,0.3;0.1,0.2/1:0.5,0;0.4,0.3";

#[test]
fn every_system_that_takes_points_takes_drawn_ones_and_is_drawn_on_in_their_square() {
    let mut takers = Vec::new();
    for entry in SYSTEMS {
        let name = entry.about.name;
        let scene = if name == "vsml" { "&scene=rule" } else { "" };
        let query = format!("system={name}{scene}");
        let mut system = (entry.open)(&query).unwrap_or_else(|e| panic!("{query}: {e}"));
        let parameters = (entry.parameters)();
        let has_key = parameters
            .iter()
            .any(|(_, parameter)| parameter.key == "points");
        assert_eq!(system.settings().drawn_classes > 0, has_key, "{name}");
        if !has_key {
            continue;
        }
        takers.push(name);
        system
            .set("points", POINTS)
            .unwrap_or_else(|e| panic!("{name}: {e}"));
        assert!(
            system.query().contains(&format!("points={POINTS}")),
            "{}",
            system.query()
        );
        let drawn: Drawn = drawn_of_text(POINTS).expect("they are points");
        let square = scene_of_drawn(&drawn);
        for column in system.stage().columns {
            let mut planes = column
                .pictures
                .iter()
                .filter_map(|picture| match &picture.kind {
                    Kind::Plane(scape) => Some(scape),
                    _ => None,
                });
            let first = planes
                .next()
                .unwrap_or_else(|| panic!("{name} has a plane"));
            assert_eq!(
                (first.x, first.y),
                (square.x, square.y),
                "{name}: it stays under the pen"
            );
        }
    }
    for name in ["auc", "wgan-prox", "vsml", "flat"] {
        assert!(takers.contains(&name), "{name} takes points");
    }
}

/// The points that a run of a query takes of a table, and what was made of it; or why it takes none.
fn taken(query: &str, text: &str, columns: &str) -> Result<(String, String), String> {
    let entry = asked_for(query).unwrap().expect("it is of a system");
    let mut system = (entry.open)(query).unwrap();
    let before = system.query();
    let table = ["t.csv", text, columns, "It was read as UTF-16."].map(str::to_owned);
    match take_table(&mut *system, &table) {
        Err(why) => {
            assert_eq!(system.query(), before, "nothing has changed");
            Err(why.to_string())
        }
        Ok(told) => {
            let query = system.query();
            let mut pairs = query.split('&');
            let points = pairs.find_map(|pair| pair.strip_prefix("points="));
            Ok((points.unwrap_or_default().to_owned(), told))
        }
    }
}

const AUC: &str = "system=auc";
const WGAN: &str = "system=wgan-prox";
const VSML: &str = "system=vsml";

#[test]
fn a_table_becomes_points() {
    let text = "x,y,kind\n0.5,1,few\n-0.25,0,many\n1,-1,many\n";
    let (points, told) = taken(AUC, text, "").expect("it is a table");
    assert_eq!(points, "0:0.5,1/1:-0.25,0;1,-1");
    assert!(
        told.starts_with("t.csv: 3 points; classes 1 = few, 2 = many, of 1, 2 rows."),
        "{told}"
    );
    assert!(told.ends_with("It was read as UTF-16."), "{told}");
    // Of more columns they are chosen, by number or name.
    let more = "a,b,c,kind\n9,0.5,1,few\n9,-0.25,0,many\n9,1,-1,many\n";
    assert!(taken(AUC, more, "").is_err());
    for columns in ["#2,#3,#4", "b,c,kind"] {
        let (points, _) = taken(AUC, more, columns).expect("they are there");
        assert_eq!(points, "0:0.5,1/1:-0.25,0;1,-1");
    }
    let why = taken(AUC, "", "").expect_err("there is nothing");
    assert!(why.starts_with("t.csv: "), "{why}");
    let why = taken(AUC, "x,y,kind\n1,2,a\n3,oops,b\n4,5,c\n", "").expect_err("no number");
    assert!(why.starts_with("t.csv: line 3"), "{why}");
    let rows: Vec<String> = (0..600)
        .map(|i| format!("{},{},{}", i % 7, i % 11, i % 2))
        .collect();
    let why = taken(AUC, &rows.join("\n"), "").expect_err("too many");
    assert!(
        why.contains("600 points are too many to draw; allowed: at most 500"),
        "{why}"
    );
}

/// A table is taken or refused by what the system takes, in its words.
#[test]
fn a_table_is_read_by_what_the_system_takes() {
    let plain = "x,y\n0.5,1\n-0.25,0\n";
    let one = "x,y,kind\n0.5,1,all\n-0.25,0,all\n";
    let values = "x,y,v\n1,2,0.5\n3,1,0.25\n0,2,1.5\n";
    let eight: Vec<String> = (0..8).map(|i| format!("{i},1,k{i}\n")).collect();
    let eight = eight.concat();
    let eight = format!("x,y,kind\n{eight}");
    // Where a class is nothing to the runs any will do.
    for text in [plain, one, values, &eight] {
        let (points, told) = taken(WGAN, text, "").expect("it is a table");
        assert!(
            points.starts_with("0:") && !points.contains('/'),
            "{points}"
        );
        for word in ["regress", "learn", "class", "value"] {
            assert!(!told.contains(word), "{told}");
        }
        assert!(
            told.contains("; x and y are column 1 (x), column 2 (y)."),
            "{told}"
        );
        let third = text.lines().next().expect("a head").split(',').nth(2);
        let passed_over =
            third.map(|name| format!("What column 3 ({name}) says is nothing to this system."));
        assert!(
            passed_over.is_none_or(|words| told.contains(&words)),
            "{told}"
        );
    }
    let (points, told) = taken(VSML, plain, "").expect("all are of one class");
    assert_eq!(points, "0:0.5,1;-0.25,0");
    assert!(
        told.starts_with("t.csv: 2 points, all of class 1, for there is no label. 2 rows"),
        "{told}"
    );
    for (query, text, why) in [
        (
            AUC,
            plain,
            "t.csv: points: all are of the rare class, or none is; allowed: some points of class 2 (rare=1, 1:) and some of others; \
             these are all of class 1, for there is no label",
        ),
        (
            AUC,
            one,
            "t.csv: points: all are of the rare class, or none is; allowed: some points of class 2 (rare=1, 1:) and some of others",
        ),
        (
            VSML,
            values,
            "t.csv: its labels are values; allowed: x, y and one of at most 3 classes",
        ),
        (VSML, &eight, "t.csv: it has 8 classes; allowed: at most 3"),
        (
            "system=flat",
            &eight,
            "t.csv: it has 8 classes; allowed: at most 2",
        ),
        (
            "system=interlocking",
            plain,
            "t.csv: this system takes no points of one's own; a table is opened in Train",
        ),
    ] {
        assert_eq!(taken(query, text, "").expect_err(query), why);
    }
}

/// What is told to be allowed of written points is what is taken: neither more classes nor a curve.
#[test]
fn written_points_are_refused_by_what_the_system_takes() {
    for (query, classes) in [(AUC, 5), (WGAN, 5), (VSML, 2), ("system=flat", 1)] {
        let entry = asked_for(query).unwrap().expect("it is of a system");
        let why = (entry.check)(&format!("{query}&points=9:1,1")).unwrap_err();
        let why = why.to_string();
        assert!(why.contains(&format!("(classes 0 to {classes}, ")), "{why}");
        assert!(why.ends_with("at most three decimals)"), "{why}");
    }
}

#[test]
fn of_one_class_nothing_is_ranked() {
    let open = |points: &str| {
        let query = format!("system=auc&data=points&points={points}&steps=20");
        (named("auc").expect("it is there").open)(&query).map(drop)
    };
    assert!(open("0:0,0;1,1;2,1/1:2,2;1,0;3,0").is_ok());
    for points in ["0:0,0;1,1;2,0", "1:0,0;1,1;2,0", "0:0,0;1,1/2:2,2;1,0"] {
        let error = open(points).expect_err("this is refused").to_string();
        assert!(
            error.contains("points: all are of the rare class, or none is; allowed: some points of class 2 (rare=1, 1:) and some of others"),
            "{points}: {error}"
        );
    }
}

/// The tools that draw points name the first class 1; so does all that is read beside them.
#[test]
fn classes_are_counted_as_on_the_buttons() {
    for query in ["system=flat", "system=vsml&scene=rule"] {
        let query = format!("{query}&data=points&points={POINTS}");
        let system = named_of(&query);
        let stage = system.stage();
        let Kind::Plane(plane) = &stage.columns[0].pictures[0].kind else {
            panic!("{query} has no plane")
        };
        let names: Vec<&str> = plane.classes.iter().map(|of| of.name.as_str()).collect();
        assert_eq!(names, ["class 1", "class 2"], "{query}");
    }
    let one = named_of("system=vsml&scene=rule&one=0.2,0.3,1").stage();
    let words = &one.columns[0].pictures[1].words;
    assert!(words.contains("the probability of class 2"), "{words}");
}

fn named_of(query: &str) -> Box<dyn Play> {
    let entry = asked_for(query).expect("a link").expect("a system");
    (entry.open)(query).unwrap_or_else(|e| panic!("{query}: {e}"))
}

/// A run's own setting is an axis, whatever runs share under its name.
#[test]
fn a_name_on_an_axis_is_the_runs_own_setting() {
    let entry = named("interlocking").expect("it is there");
    let map = (entry.map)("system=interlocking&steps=20&map=1,n:1..4*4").expect("reach is an axis");
    assert_eq!(map.frame().axes[0].label, "Reach N");
    let (cell, fourth) = (map.query(0), map.query(3));
    assert!(
        cell.contains("n:1") && fourth.contains("n:4"),
        "{cell} {fourth}"
    );
    for entry in SYSTEMS {
        let axes = (entry.axes)();
        let mut keys: Vec<&str> = axes.iter().map(|(_, axis)| axis.key).collect();
        keys.sort_unstable();
        let all = keys.len();
        keys.dedup();
        assert_eq!(keys.len(), all, "{}: {keys:?}", entry.about.name);
        assert!(!keys.contains(&"seeds"), "a map has so many of them itself");
    }
}
