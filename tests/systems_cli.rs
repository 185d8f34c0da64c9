//! Related systems as a user of the command line runs them: tables, files, figures, maps and shards, refusals.

mod common;
#[path = "common/opened.rs"]
mod opened;

use std::fs;

use common::{refused, succeeds};
use opened::open;
use proxprop::lab::systems::SYSTEMS;
use serde_json::Value;
use tempfile::TempDir;

#[test]
fn the_command_line_runs_them() {
    let folder = TempDir::new().unwrap();
    let small = "system=auc&steps=120&p=0.2&run=prox,l1:0.01&run=explicit,l1:0.01&run=hinge";
    let table = succeeds(
        folder.path(),
        &[
            "run",
            small,
            "--csv",
            "curves.csv",
            "--json",
            "report.json",
            "--svg",
            "figures",
        ],
    );
    let rows: Vec<Vec<&str>> = table
        .lines()
        .map(|line| line.split_whitespace().collect())
        .collect();
    assert_eq!(rows[0][..5], ["run", "method", "status", "steps", "AUC"]);
    assert_eq!(rows[1][..4], ["1", "prox", "done", "120"]);
    assert!(
        table.contains("best possible on the hold-out (auc): 0."),
        "{table}"
    );
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    let csv = read("curves.csv");
    assert!(csv.starts_with(
        "run,name,step,auc,auc_seen,risk,nonzeros,mean_nonzeros,tpr10,found,accuracy,build\n"
    ));
    assert_eq!(csv.lines().count(), 1 + 3 * 121);
    let report: Value = serde_json::from_str(&read("report.json")).unwrap();
    assert_eq!(report["frame"]["step"], 120);
    assert_eq!(report["records"][2].as_array().unwrap().len(), 121);
    assert_eq!(
        open(report["query"].as_str().unwrap()).query(),
        report["query"].as_str().unwrap()
    );
    let mut figures: Vec<String> = fs::read_dir(folder.path().join("figures"))
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    figures.sort();
    let all = [
        "auc", "nonzeros", "plane-1", "plane-2", "plane-3", "risk", "roc",
    ];
    assert_eq!(figures, all.map(|name| format!("{name}.svg")));
    for name in figures {
        let figure = read(&format!("figures/{name}"));
        assert!(
            figure.ends_with("</svg>\n") && !figure.contains("NaN"),
            "{name}"
        );
        assert!(
            figure.contains("<desc>v=1&amp;system=auc&amp;data=islands"),
            "{name} leads back to its run"
        );
    }
    // A link as it arrives.
    let damaged = format!(
        "https://lab.example/?{}&utm_source=x",
        small.replace('&', "&amp;")
    );
    assert_eq!(succeeds(folder.path(), &["run", &damaged]), table);
    for (arguments, why) in [
        (
            ["run", "system=auc&hidden=8"].as_slice(),
            "\"hidden\": unknown key; known: v, system",
        ),
        (
            &["run", "system=tea"],
            "system: \"tea\" is unknown; known: auc",
        ),
        (
            &["run", small, "--data", "points.csv"],
            "--data: not for a related system; one that takes points of one's own has them in its query, points=",
        ),
        (
            &["run", small, "--images", "."],
            "--images: not for a related system",
        ),
        (&["run", small, "--svg", "-"], "--svg: several files"),
        (
            &["map", "system=auc"],
            "map: missing; a map is a run and its axes, as in map=1,eta0:0.01..100*16,l1:0.0001..0.1*16,seeds:1",
        ),
        (
            &["map", "system=auc&map=1,mu:0.1..1*3"],
            "map.mu: does nothing in run 1 (explicit) beside the other settings; allowed: steps, p, seed, width, eta0, l1, lg, l2",
        ),
        (
            &["map", "system=interlocking&map=1,f:0.5..2*3"],
            "map.f: does nothing in run 1 (prox-exact) to what the map shows: at pace=steps the pipeline decides how long steps take, not what they come to; at pace=time it decides both; allowed: noise, modules, layers, width, steps, seed, n, tau_theta, tau, tau_heads",
        ),
        (
            &["map", "system=auc&side=8&map=1,steps:100..100000*3"],
            "steps: 100000 points of 64 features each are too many",
        ),
        (
            &[
                "map",
                "system=wgan-prox&scene=scale&map=3,h:0.1..1*3,seeds:2",
            ],
            "map.seeds: \"2\" is too many where nothing is drawn by lot",
        ),
        (&["params", "--system", "tea"], "known: auc"),
    ] {
        refused(folder.path(), arguments, why);
    }
}

/// Whatever engine is asked for, the CPU plays a related system, and says so.
#[test]
fn the_command_line_says_who_computes() {
    let folder = TempDir::new().unwrap();
    let run = "system=flat&n=10&valid=10&width=2&steps=2&run=plain";
    let map = "system=flat&n=10&valid=10&width=2&steps=2&run=plain&map=1,tau:0.01..0.1*2";
    for task in [["run", run], ["map", map]] {
        let plain = succeeds(folder.path(), &task);
        for (engine, line) in [
            ("auto", ""),
            ("cpu", "engine: cpu (engine=cpu asks for the CPU.)\n"),
            (
                "gpu",
                "engine: cpu (engine=gpu asks for the GPU, but a related system is computed on the CPU only; the CPU computes instead.)\n",
            ),
        ] {
            let told = succeeds(folder.path(), &[&task[..], &["--engine", engine]].concat());
            assert_eq!(told, [&plain, line].concat(), "{task:?}");
        }
    }
}

/// What a curve says of a run that has diverged is not what the table does, which says so.
#[test]
fn numbers_after_divergence_are_told_from_curves() {
    let folder = TempDir::new().unwrap();
    let query = "system=auc&steps=60&run=explicit,sched:const,eta0:1000&run=prox";
    let table = succeeds(folder.path(), &["run", query]);
    let told = "\nRun 1 diverged at step 6. Its numbers are those after that step; its curves end before it.\n";
    assert!(
        table.contains(told) && !table.contains("Run 2 diverged"),
        "{table}"
    );
    let mut system = open(query);
    system.advance(u64::MAX);
    assert!(system.points(0).iter().all(|point| point.step < 6));
}

#[test]
fn tables_and_presets_are_listed() {
    let folder = TempDir::new().unwrap();
    for entry in SYSTEMS {
        let table = succeeds(folder.path(), &["params", "--system", entry.about.name]);
        assert!(table.contains(entry.told.citation));
        for (_, parameter) in (entry.parameters)() {
            let line = format!("  {:<10} {} (default ", parameter.key, parameter.label);
            assert!(table.contains(&line), "{line}");
        }
        assert!(table.contains("\n  map        empty, or RUN,axis:from..to*count"));
    }
    let presets = succeeds(folder.path(), &["presets", "--answers"]);
    assert!(
        presets.contains("\nRanking a rare class (system=auc&preset=NAME)\nzeros "),
        "{presets}"
    );
}

#[test]
fn a_map_on_the_command_line_is_a_table_in_shards_and_a_picture() {
    const MAP: &str =
        "system=auc&steps=100&run=prox,sched:const&map=1,eta0:0.1..1000*5,p:0.2..0.5*2";
    let folder = TempDir::new().unwrap();
    let file = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    let summary = succeeds(
        folder.path(),
        &["map", MAP, "--csv", "whole.csv", "--svg", "map.svg"],
    );
    let rows: Vec<Vec<&str>> = summary
        .lines()
        .map(|line| line.split_whitespace().collect())
        .collect();
    assert_eq!(
        rows[0][..4],
        ["method", "cells", "ended", "diverged"],
        "{summary}"
    );
    assert_eq!(rows[1][..2], ["prox", "10"], "{summary}");
    let whole = file("whole.csv");
    assert!(
        whole.starts_with("cell,run,method,eta0,p,fate,auc,seeds_diverged,diverged_at,query\n")
    );
    assert_eq!(whole.lines().count(), 11);
    assert!(
        whole.contains(",ended,0.") && whole.contains(",diverged,,1,"),
        "{whole}"
    );
    let picture = file("map.svg");
    for words in [
        "AUC on the hold-out at the end",
        "this run",
        "&amp;map=1,eta0:0.1..1000*5",
    ] {
        assert!(picture.contains(words), "{words}");
    }
    assert!(!picture.contains("converged") && !picture.contains("not yet"));
    for (shard, part) in [("1/2", "a.csv"), ("2/2", "b.csv")] {
        succeeds(
            folder.path(),
            &["map", MAP, "--shard", shard, "--csv", part],
        );
    }
    let join = ["map", "--csv", "-", "--join", "b.csv", "a.csv"];
    assert_eq!(succeeds(folder.path(), &join), whole);
    let other = ["map", "system=auc&map=1,eta0:1..2*2", "--join", "a.csv"];
    refused(
        folder.path(),
        &other,
        "is not the header of this map's table",
    );
}
