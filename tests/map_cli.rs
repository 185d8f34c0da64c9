//! `proxprop map` as a user runs it: shards, interruptions and threads change no byte of the table.

mod common;
#[cfg(unix)]
#[path = "common/interrupt.rs"]
mod interrupt;

use std::fs;
use std::path::Path;

use common::{proxprop, refused, succeeds};
#[cfg(unix)]
use interrupt::interrupted;
use tempfile::TempDir;

const MAP: &str =
    "n=30&hidden=4&epochs=120&run=backprop&run=prox-exact&map=2,tau:0.1..100*5,tau_theta:0.1..10*3";

fn read(folder: &TempDir, name: &str) -> String {
    fs::read_to_string(folder.path().join(name)).unwrap()
}

/// The table of a map, made at once.
fn whole(folder: &Path) -> String {
    succeeds(folder, &["map", MAP, "--csv", "-"])
}

#[test]
fn a_map_is_a_table_a_picture_and_a_summary() {
    let folder = TempDir::new().unwrap();
    let summary = succeeds(
        folder.path(),
        &["map", MAP, "--csv", "m.csv", "--svg", "m.svg"],
    );
    let rows: Vec<Vec<&str>> = summary
        .lines()
        .map(|l| l.split_whitespace().collect())
        .collect();
    assert_eq!(rows.len(), 3, "{summary}");
    assert_eq!((rows[1][0], rows[1][1]), ("backprop", "5"));
    assert_eq!((rows[2][0], rows[2][1]), ("prox-exact", "15"));
    let table = read(&folder, "m.csv");
    assert_eq!(table.lines().count(), 1 + 5 + 15);
    assert!(table.starts_with("cell,run,rule,tau,tau_theta,fate,"));
    assert!(table.contains("\n0,1,backprop,0.1,,"));
    assert!(table.contains("\n19,2,prox-exact,100,10,"));
    for (row, fate) in [(1, "converged"), (1, "diverged")] {
        let count = table
            .lines()
            .filter(|l| l.contains(&format!(",{fate},")))
            .count();
        assert!(count >= row, "{fate}");
    }
    let picture = read(&folder, "m.svg");
    assert!(picture.starts_with("<svg") && picture.contains("<desc>v=1&amp;data=circle"));
    assert!(picture.contains("&amp;map=2,tau:0.1..100*5"));
    assert!(picture.contains("<metadata>arithmetic: portable; build: "));
}

#[test]
fn a_row_has_the_query_that_reproduces_it() {
    let folder = TempDir::new().unwrap();
    for line in whole(folder.path()).lines().skip(1).step_by(3) {
        let (start, query) = line.trim_end_matches('"').split_once('"').unwrap();
        let cells: Vec<&str> = start.split(',').collect();
        let json = succeeds(folder.path(), &["run", query, "--portable", "--json", "-"]);
        let report: serde_json::Value = serde_json::from_str(&json).unwrap();
        let run: usize = cells[1].parse().unwrap();
        let member = &report["frame"]["members"][run - 1];
        assert_eq!(member["rule"], cells[2]);
        assert_eq!(member["tau"].to_string().parse::<f64>(), cells[3].parse());
        assert_eq!(
            member["loss"].to_string().parse::<f64>(),
            cells[6].parse(),
            "{line}"
        );
        // A map also counts what ends too high, of which a run says that it was too short to tell.
        let lost = member["status"] == "diverged" || !member["explanation"].is_null();
        assert_eq!(lost, cells[5] == "diverged");
    }
}

#[test]
fn threads_change_nothing() {
    let folder = TempDir::new().unwrap();
    let table = whole(folder.path());
    for threads in ["1", "3"] {
        let again = succeeds(
            folder.path(),
            &["map", MAP, "--csv", "-", "--threads", threads],
        );
        assert_eq!(again, table);
    }
}

#[test]
fn shards_joined_are_the_whole() {
    let folder = TempDir::new().unwrap();
    let table = whole(folder.path());
    for i in 1..=3 {
        let (shard, file) = (format!("{i}/3"), format!("part-{i}.csv"));
        succeeds(
            folder.path(),
            &["map", MAP, "--shard", &shard, "--csv", &file],
        );
    }
    let sizes: Vec<usize> = (1..=3)
        .map(|i| read(&folder, &format!("part-{i}.csv")).lines().count() - 1)
        .collect();
    assert_eq!(sizes, [7, 7, 6]);
    let parts = ["part-3.csv", "part-1.csv", "part-2.csv"];
    let join = [&["map", "--csv", "-", "--join"][..], &parts].concat();
    assert_eq!(succeeds(folder.path(), &join), table);
    let with_query = [
        &["map", MAP, "--csv", "-", "--join"][..],
        &parts,
        &["part-1.csv"],
    ]
    .concat();
    assert_eq!(succeeds(folder.path(), &with_query), table);
    succeeds(
        folder.path(),
        &[&["map", "--svg", "m.svg", "--join"][..], &parts].concat(),
    );

    refused(
        folder.path(),
        &[
            "map",
            "--csv",
            "x.csv",
            "--join",
            "part-1.csv",
            "part-3.csv",
        ],
        "7 of 20 cells are missing: ",
    );
    refused(
        folder.path(),
        &["map", &MAP.replace("n=30", "n=31"), "--join", "part-1.csv"],
        "part-1.csv: line 2 is of another map",
    );
    let changed = read(&folder, "part-1.csv").replacen(",0,", ",1,", 1);
    fs::write(folder.path().join("other.csv"), changed).unwrap();
    let twice = [
        "map",
        "--join",
        "part-1.csv",
        "part-2.csv",
        "part-3.csv",
        "other.csv",
    ];
    refused(folder.path(), &twice, "other.csv: ");
    fs::write(folder.path().join("notes.csv"), "a,b\n1,2\n").unwrap();
    refused(
        folder.path(),
        &["map", "--join", "notes.csv"],
        "notes.csv: line 2 has no query of a map",
    );
    refused(
        folder.path(),
        &["map", "--join", "none.csv"],
        "none.csv: cannot be read",
    );
}

#[test]
fn a_partial_table_is_gone_on_from() {
    let folder = TempDir::new().unwrap();
    let table = whole(folder.path());
    // Marked cells: what is there already is kept and not trained again.
    let marked: Vec<String> = table
        .lines()
        .take(6)
        .map(|line| match line.split_once("converged,") {
            // A number that is printed as it is read.
            Some((before, after)) => {
                let (_, rest) = after.split_once(',').unwrap();
                format!("{before}converged,0.000125,{rest}")
            }
            None => line.to_owned(),
        })
        .collect();
    assert!(marked.iter().any(|line| line.contains("0.000125")));
    fs::write(folder.path().join("m.csv"), marked.join("\n") + "\n").unwrap();
    succeeds(folder.path(), &["map", MAP, "--csv", "m.csv"]);
    let rest: Vec<&str> = table.lines().skip(6).collect();
    assert_eq!(
        read(&folder, "m.csv"),
        format!("{}\n{}\n", marked.join("\n"), rest.join("\n"))
    );
    fs::write(folder.path().join("empty.csv"), "").unwrap();
    succeeds(folder.path(), &["map", MAP, "--csv", "empty.csv"]);
    assert_eq!(read(&folder, "empty.csv"), table);
    refused(
        folder.path(),
        &[
            "map",
            &MAP.replace("epochs=120", "epochs=121"),
            "--csv",
            "m.csv",
        ],
        "m.csv: line 2 is of another map; name another file, or remove this one",
    );
    fs::write(folder.path().join("m.csv"), "mine").unwrap();
    refused(
        folder.path(),
        &["map", MAP, "--csv", "m.csv"],
        "m.csv: line 1 is not the header",
    );
    assert_eq!(read(&folder, "m.csv"), "mine");
}

#[cfg(unix)]
#[test]
fn an_interrupted_map_says_how_to_go_on_and_does() {
    let folder = TempDir::new().unwrap();
    let long = MAP.replace("epochs=120", "epochs=6000");
    // The table is there as soon as the first cell has ended.
    let before = interrupted(
        folder.path(),
        &["map", &long, "--csv", "m.csv", "--threads", "1"],
        "m.csv",
        "of 20 cells; m.csv holds them, and the same command goes on from there",
    );
    assert!(before.is_empty(), "{before}");
    let partial = read(&folder, "m.csv");
    assert!((2..21).contains(&partial.lines().count()) && partial.ends_with("\"\n"));
    succeeds(folder.path(), &["map", &long, "--csv", "m.csv"]);
    let table = read(&folder, "m.csv");
    assert!(partial.lines().all(|line| table.contains(line)));
    assert_eq!(
        table,
        succeeds(folder.path(), &["map", &long, "--csv", "-"])
    );
}

#[test]
fn bad_input_is_refused_in_one_line() {
    let folder = TempDir::new().unwrap();
    for (arguments, part) in [
        (&["map"][..], "QUERY"),
        (
            &["map", "n=30"],
            "map: missing; a map is a run and its axes, as in map=2,tau:0.1..100*32",
        ),
        (
            &["map", "map=1,tau:0..1*3"],
            "map.tau: \"0\" is out of range; allowed: 1e-6 to 1e6",
        ),
        (
            &["map", "map=1,tau_theta:1..2*3"],
            "map.tau_theta: run 1 (backprop, opt:sgd) has none",
        ),
        (
            &["map", "data=state&map=1,tau:1..2*3"],
            "data=state: a map has no points of a state file",
        ),
        (
            &["map", MAP, "--shard", "3/2"],
            "--shard: \"3/2\" is no part; allowed: I/N with I from 1 to N",
        ),
        (
            &["map", MAP, "--threads", "0"],
            "--threads: \"0\" is out of range; allowed: 1 to 1024",
        ),
        (
            &["map", MAP, "--shard", "1/2", "--join", "a.csv"],
            "cannot be used with",
        ),
        (
            &["map", MAP, "--csv", "none/m.csv"],
            "m.csv: cannot be written",
        ),
        (
            &["map", MAP, "--csv", "-", "--svg", "-"],
            "two outputs cannot go to the same place",
        ),
    ] {
        refused(folder.path(), arguments, part);
    }
    let piped = proxprop(folder.path(), &["map", MAP]);
    assert!(piped.stderr.is_empty(), "silent in a pipe");
}
