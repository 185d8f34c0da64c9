//! The training of the cells of *A learning rule inside a recurrent network*, its command, and the files that hold cells.

#[path = "common/cells.rs"]
mod cells;
mod common;
#[cfg(unix)]
#[path = "common/interrupt.rs"]
mod interrupt;

use cells::{in_parts, shipped};
use common::{proxprop, refused, succeeds};
#[cfg(unix)]
use interrupt::interrupted;
use proxprop::lab::systems::workload::open;
use proxprop::lab::systems::{MetaTraining, What, is_file, of_file};
use proxprop::systems::vsml::PARTS;
use serde_json::{Value, json};
use std::fs;
use tempfile::TempDir;

#[test]
fn what_is_trained_is_what_a_command_makes_again_whatever_interrupts_it() {
    let mut whole = MetaTraining::new(What::Rule, 3, 2);
    (0..4).for_each(|_| whole.step());
    let mut first = MetaTraining::new(What::Rule, 3, 1);
    (0..2).for_each(|_| first.step());
    let mut rest = MetaTraining::new(What::Rule, 3, 1);
    rest.go_on(&first.checkpoint()).unwrap();
    (0..2).for_each(|_| rest.step());
    assert_eq!(whole.file(), rest.file());
    let why = rest
        .go_on(&MetaTraining::new(What::Clone, 3, 1).checkpoint())
        .unwrap_err();
    assert_eq!(why, "this is a checkpoint of clone with seed 3");
    assert!(
        rest.go_on("{}")
            .unwrap_err()
            .starts_with("no checkpoint: missing field")
    );
}

/// The cells that are part of this project say who made them; the clone is made again, to the last bit.
#[test]
fn the_clone_is_what_its_command_makes() {
    let mut training = MetaTraining::new(What::Clone, 2, 1);
    (0..What::Clone.iterations()).for_each(|_| training.step());
    let text = fs::read_to_string(shipped("clone.json")).unwrap();
    assert_eq!(training.file(), text);
    for seed in 1..=4 {
        let text = fs::read_to_string(shipped(&format!("rule-{seed}.json"))).unwrap();
        let file: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(
            file["command"],
            format!("proxprop meta-train rule --seed {seed}")
        );
        assert_eq!(file["program"], env!("CARGO_PKG_VERSION"));
        assert_eq!(file["iterations"], 1400);
    }
}

#[test]
fn the_command_trains_writes_what_the_page_opens_and_goes_on() {
    let folder = TempDir::new().unwrap();
    let train = [
        "meta-train",
        "rule",
        "--seed",
        "7",
        "--limit",
        "2",
        "--out",
        "rule.json",
    ];
    succeeds(folder.path(), &train);
    let file: Value =
        serde_json::from_str(&fs::read_to_string(folder.path().join("rule.json")).unwrap())
            .unwrap();
    assert_eq!(
        file["command"],
        "proxprop meta-train rule --seed 7 --limit 2"
    );
    let text = fs::read_to_string(folder.path().join("rule.json")).unwrap();
    let query = of_file(&text).unwrap();
    assert!(query.len() < 6000, "an address bears it");
    let mut system = open(&query);
    system.advance(30);
    assert_eq!(system.stage().columns[1].name, "own cells");
    assert_eq!(open(&system.query()).query(), system.query());
    // What was interrupted goes on.
    let mut training = MetaTraining::new(What::Rule, 7, 1);
    training.step();
    fs::write(
        folder.path().join("again.json.checkpoint"),
        training.checkpoint(),
    )
    .unwrap();
    let again = [&train[..7], &["again.json", "--threads", "1"]].concat();
    let output = proxprop(folder.path(), &again);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.starts_with("going on after 1 iterations\n2 iterations, loss 0."),
        "{said}"
    );
    assert!(!folder.path().join("again.json.checkpoint").exists());
    let [one, two] = ["rule.json", "again.json"]
        .map(|name| fs::read_to_string(folder.path().join(name)).unwrap());
    assert_eq!(one, two);
    refused(
        folder.path(),
        &["meta-train", "rule", "--out", "no/rule.json"],
        "its folder does not exist",
    );
}

/// A file is written over by the training that has made it, and by no other.
#[test]
fn the_command_writes_over_no_file_but_its_own() {
    let folder = TempDir::new().unwrap();
    let train = |what, seed, limit, out| {
        [
            "meta-train",
            what,
            "--seed",
            seed,
            "--limit",
            limit,
            "--out",
            out,
        ]
    };
    let read = |name: &str| fs::read(folder.path().join(name)).unwrap();
    succeeds(folder.path(), &train("clone", "7", "2", "clone.json"));
    let first = read("clone.json");
    succeeds(folder.path(), &train("clone", "7", "3", "clone.json"));
    let second = read("clone.json");
    assert_ne!(first, second, "it has come further");
    // An empty file has nothing to lose.
    fs::write(folder.path().join("empty"), "").unwrap();
    succeeds(folder.path(), &train("clone", "7", "3", "empty"));
    assert_eq!(read("empty"), second);
    let foreign: [(&str, &[u8]); 4] = [
        ("thesis.txt", b"chapter one"),
        ("bytes.bin", &[0, 255, 128]),
        (
            "report.json",
            b"{\"command\":\"proxprop meta-train clone --seed 7\"}",
        ),
        ("cut.json", &second[..second.len() / 2]),
    ];
    for (name, bytes) in foreign {
        fs::write(folder.path().join(name), bytes).unwrap();
        let why = format!("{name}: a file is there that this training has not written; allowed:");
        refused(folder.path(), &train("clone", "7", "2", name), &why);
        assert_eq!(read(name), bytes);
    }
    for other in [
        train("clone", "70", "2", "clone.json"),
        train("clone", "1", "2", "clone.json"),
        train("rule", "7", "2", "clone.json"),
    ] {
        refused(folder.path(), &other, "that this training has not written");
        assert_eq!(read("clone.json"), second);
    }
    assert!(!folder.path().join("clone.json.checkpoint").exists());
}

/// Both kinds of files are the same cells, a file of snapshots alone is the last of them, and what is none is told in words.
#[test]
fn cells_are_read_as_they_are_written_here_or_elsewhere() {
    for name in ["clone.json", "rule-3.json"] {
        let (file, parts) = in_parts(name);
        let query = of_file(&file.to_string()).unwrap();
        assert_eq!(of_file(&parts.to_string()).unwrap(), query);
        let mut last = parts.clone();
        let early = json!({"iterations": 0, "numbers": file["snapshots"][0]["numbers"]});
        let mut late = json!({"iterations": 1400});
        for key in PARTS {
            late[key] = parts[key].clone();
            last.as_object_mut().unwrap().remove(key);
        }
        last["snapshots"] = json!([early, late]);
        assert_eq!(of_file(&last.to_string()).unwrap(), query);
        let mut system = open(&query);
        system.advance(20);
        assert_eq!(system.stage().columns[1].name, "own cells");
    }
    let (_, parts) = in_parts("rule-1.json");
    for (key, value, why) in [
        (
            "H",
            json!(65),
            "the cell has a size out of range; allowed: n from 1",
        ),
        (
            "H",
            json!(15),
            "“W1” has another shape; allowed: 8 rows of 15",
        ),
        (
            "b3",
            json!([1, 2]),
            "“b3” has another shape; allowed: 16 numbers",
        ),
        (
            "b2",
            json!([0, 0, 0, 0, 0, 0, 0, null]),
            "“b2” is not of numbers: null is not a number",
        ),
        (
            "W2",
            json!(1),
            "“W2” is missing, or not what a cell has there",
        ),
        ("bound", json!("8"), "“bound” is missing, or not"),
        (
            "format",
            json!("proxprop-cell"),
            "“version” is missing, or not",
        ),
        (
            "snapshots",
            json!([{"iterations": 1}]),
            "a snapshot holds no numbers; allowed: “numbers”, as proxprop",
        ),
    ] {
        let mut damaged = parts.clone();
        damaged[key] = value;
        let said = of_file(&damaged.to_string()).unwrap_err().to_string();
        assert!(
            said.contains(&format!("no file of a cell: {why}")),
            "{key}: {said}"
        );
    }
    let said = of_file("{\"query\": \"\"}").unwrap_err().to_string();
    assert!(
        said.contains("no file of a related system; allowed:"),
        "{said}"
    );
}

/// The command line plays the cells of a file, by themselves or where a query asks for them.
#[test]
fn the_command_line_plays_the_cells_of_a_file() {
    let folder = TempDir::new().unwrap();
    let (_, parts) = in_parts("rule-2.json");
    fs::write(folder.path().join("cell.json"), parts.to_string()).unwrap();
    let told = |arguments: &[&str]| {
        let output = proxprop(folder.path(), arguments);
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let query = "system=vsml&scene=rule&data=circle&samples=100&seeds=1&run=vsml,cell:own&run=vsml,cell:rule";
    let both = told(&["run", query, "--cells", "cell.json"]);
    let rows = |name: &str| {
        let row = both.lines().find(|line| line.contains(name)).unwrap();
        row.split_whitespace()
            .rev()
            .take(4)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(rows("own cells"), rows("rule 2"));
    assert!(told(&["run", "--cells", "cell.json"]).contains("own cells"));
    // A link as it arrives: what was done to it is said.
    let link = format!("https://lab.example/?{query}&utm_source=x");
    let output = proxprop(folder.path(), &["run", &link, "--cells", "cell.json"]);
    assert_eq!(String::from_utf8(output.stdout).unwrap(), both);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.starts_with("This link was repaired on arrival: dropped utm_source"));
    // Cells of other runs there are none.
    for query in [
        "run=vsml,cell:own",
        "system=flat&run=plain,cell:own",
        "system=vsml&run=vsml",
    ] {
        let why = "--cells: no run of the query plays them; allowed: with cell:own in a run of system=vsml";
        refused(folder.path(), &["run", query, "--cells", "cell.json"], why);
    }
    refused(folder.path(), &["run"], "required");
    // Cut off anywhere it is none, and says what it should be.
    let text = parts.to_string();
    for (end, what) in [(40, "EOF while parsing"), (text.len() - 1, "EOF while")] {
        fs::write(folder.path().join("cut.json"), &text[..end]).unwrap();
        let why = format!("cut.json: cut off, or no JSON object ({what}");
        refused(folder.path(), &["run", "--cells", "cut.json"], &why);
    }
    // What was lost is named, whichever keys it begins with.
    let feed = text.find("\"feed\"").unwrap();
    for (cut, without) in [
        (
            &text[..feed],
            ", without “n”, “k” and “feed”; allowed: a whole file of a cell,",
        ),
        ("{\"W1\": [[0.5, {\"feed\": \"H\", ", ", without “n”, "),
        (
            "{\"n\":1,\"k\":1,\"H\":4,\"bound\":8,\"fee",
            ", without “feed” and “numbers”; allowed:",
        ),
        (
            "{\"H\":4,\"bound\":8,\"feed\":true,\"n\":1,\"numbers\":[1",
            ", without “k”; allowed:",
        ),
    ] {
        assert!(is_file(cut), "{cut}");
        let said = of_file(cut).unwrap_err().to_string();
        assert!(said.contains(without), "{said}");
    }
    // Other files have such words further in, or as a value.
    for other in [
        "{\"format\":\"proxprop-state\",\"config\":\"feed\",\"data\":{\"H\":1},\"members\":[{\"W1\":2",
        "{\"query\":\"\\\"H\\\":\",\"frame\":{\"bound\":1}}",
    ] {
        assert!(!is_file(other), "{other}");
    }
    fs::write(folder.path().join("no.json"), "{}").unwrap();
    refused(
        folder.path(),
        &["run", query, "--cells", "no.json"],
        "no.json: no file of a related system; allowed: what proxprop meta-train writes",
    );
}

/// Ctrl-C ends in a sentence; the same command goes on, with any number of threads, to the file that nobody has interrupted.
#[cfg(unix)]
#[test]
fn an_interrupted_training_says_how_to_go_on_and_does() {
    let folder = TempDir::new().unwrap();
    let train = |out, threads| {
        let all = "meta-train rule --seed 7 --limit 40 --out OUT --threads N".split(' ');
        let named = |word| match word {
            "OUT" => out,
            "N" => threads,
            word => word,
        };
        all.map(named).collect::<Vec<_>>()
    };
    // It is there as soon as the first iteration has been made.
    let before = interrupted(
        folder.path(),
        &train("rule.json", "1"),
        "rule.json.checkpoint",
        "of 40 iterations; rule.json.checkpoint holds them, and the same command goes on from there",
    );
    assert!(before.is_empty() && !folder.path().join("rule.json").exists());
    for (out, threads) in [("rule.json", "2"), ("whole.json", "1")] {
        succeeds(folder.path(), &train(out, threads));
    }
    let [gone_on, whole] = ["rule.json", "whole.json"]
        .map(|name| fs::read_to_string(folder.path().join(name)).unwrap());
    assert!(gone_on == whole, "the numbers are others");
    assert!(!folder.path().join("rule.json.checkpoint").exists());
}
