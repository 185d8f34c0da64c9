//! Reference cases replayed: all agree as they are, and none does once a number is another.

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::{proxprop, refused, succeeds};
use proxprop::lab::trace::Precision;
use proxprop::lab::verify::verify;
use serde_json::{Value, json};
use tempfile::TempDir;

/// The cases of a folder of `tests/golden`.
fn cases(folder: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let files = fs::read_dir(root.join(folder)).unwrap();
    let files = files.map(|file| file.unwrap().path());
    let mut files: Vec<PathBuf> = files
        .filter(|path| path.extension().is_some_and(|e| e == "json"))
        .collect();
    files.sort();
    files
}

fn of_systems() -> Vec<PathBuf> {
    [
        "systems/auc",
        "systems/flat",
        "systems/vsml",
        "systems/wasserstein-gan",
    ]
    .into_iter()
    .flat_map(cases)
    .collect()
}

/// Cases of trunks and heads, which are the lab's own in either precision.
fn of_heads() -> Vec<PathBuf> {
    let mut cases = cases("systems/interlocking");
    cases.retain(|path| !path.ends_with("interlocking-schedule.json"));
    cases
}

#[test]
fn every_case_agrees_in_double_precision() {
    let heads = cases("systems/interlocking");
    let all = [cases("."), cases("images"), of_systems(), heads].concat();
    assert!(all.len() >= 32, "{}", all.len());
    for path in all {
        let text = fs::read_to_string(&path).unwrap();
        let verdict = verify(&text, Precision::F64).unwrap();
        assert!(verdict.agrees(), "{}: {verdict:?}", path.display());
        assert!(verdict.compared >= 20, "{}: {verdict:?}", path.display());
    }
}

#[test]
fn the_labs_own_cases_agree_in_single_precision_and_the_systems_have_none() {
    for path in [cases("."), cases("images"), of_heads()].concat() {
        let text = fs::read_to_string(&path).unwrap();
        let verdict = verify(&text, Precision::F32).unwrap();
        assert!(verdict.agrees(), "{}: {verdict:?}", path.display());
        assert!(verdict.worst.unwrap().size > 1e-9, "single precision it is");
    }
    for path in of_systems() {
        let why = verify(&fs::read_to_string(path).unwrap(), Precision::F32).unwrap_err();
        assert!(why.contains("double precision only; allowed: f64"), "{why}");
    }
}

/// Every expected number counts: whichever is changed is found, and where.
#[test]
fn a_changed_number_is_found() {
    for (file, place) in [
        ("prox-exact-sgd-tanh.json", "/expected/final_loss"),
        (
            "prox-exact-sgd-tanh.json",
            "/expected/trace/3/layers/1/cos_angle",
        ),
        (
            "prox-cg3-adam-tanh.json",
            "/expected/trace/3/layers/0/cg_iterations",
        ),
        ("prox-cg3-adam-tanh.json", "/expected/layers/0/weight/1/0"),
        (
            "systems/auc/auc-scene-islands.json",
            "/runs/1/expect/steps/4/w/7",
        ),
        (
            "systems/auc/auc-scene-islands.json",
            "/runs/0/expect/steps/4/nonzeros",
        ),
        (
            "systems/auc/auc-scene-islands.json",
            "/runs/0/expect/steps/4/auc_holdout",
        ),
        (
            "systems/auc/auc-large-steps.json",
            "/runs/1/expect/diverged",
        ),
        ("systems/auc/auc-metrics.json", "/cases/7/roc/3/1"),
        ("systems/auc/auc-metrics.json", "/cases/7/tpr/0.25"),
        ("systems/auc/auc-operators.json", "/cases/3/implicit/1"),
        ("systems/auc/auc-operators.json", "/gaussian/0/best_auc"),
        ("systems/auc/auc-operators.json", "/block_groups_6_2/1/2"),
        ("systems/vsml/vsml-rule.json", "/errors_layer1/59/3/1"),
        (
            "systems/vsml/vsml-rule.json",
            "/states_after/2/states/1/8/1/3",
        ),
        ("systems/vsml/vsml-clone.json", "/adam/final/1/8/1"),
        ("systems/vsml/vsml-cloning.json", "/steps/3/gradient/b1/3"),
        ("systems/vsml/vsml-meta.json", "/steps/2/after/W3/7/15"),
        ("systems/vsml/vsml-streams.json", "/streams/23/normals/3"),
        (
            "systems/wasserstein-gan/wgan-prox-gradients.json",
            "/cases/3/expect/d_grad/1/4/2",
        ),
        (
            "systems/wasserstein-gan/wgan-prox-ns-adam.json",
            "/cases/4/expect/steps/11/inner_d2/3",
        ),
        (
            "systems/wasserstein-gan/wgan-prox-measures.json",
            "/cases/3/expect/modes",
        ),
        (
            "systems/wasserstein-gan/wgan-prox-one-parameter.json",
            "/cases/99/expect/a/8",
        ),
        (
            "systems/interlocking/interlocking-3wise.json",
            "/expected/steps/14/losses_before/1",
        ),
        (
            "systems/interlocking/interlocking-mean.json",
            "/expected/flops_per_step",
        ),
        (
            "systems/interlocking/interlocking-schedule.json",
            "/runs/6/events/30/start",
        ),
    ] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/golden")
            .join(file);
        let mut case: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
        let there = case.pointer_mut(place).unwrap();
        *there = match there.as_u64() {
            Some(count) => json!(count + 1),
            None => json!(there.as_f64().unwrap() * 1.001 + 1e-4),
        };
        let verdict = verify(&case.to_string(), Precision::F64).unwrap();
        assert!(!verdict.agrees(), "{file}: {place}");
        assert_eq!(verdict.worst.unwrap().place, place, "{file}");
    }
}

#[test]
fn what_is_no_case_is_refused() {
    for (text, part) in [
        ("{", "not a reference case: EOF"),
        (
            "[]",
            "not a reference case; known: state, images training, auc stream",
        ),
        (r#"{"state":{},"expected":{}}"#, "state: not a state file"),
        (
            r#"{"format":"proxprop-case","version":2}"#,
            "version 2 is not known",
        ),
        (
            r#"{"format":"proxprop-case","version":1,"system":"auc","kind":"colours"}"#,
            "a case of system \"auc\", kind \"colours\" is not known; known: state",
        ),
        (
            r#"{"format":"proxprop-case","version":1,"system":"auc","kind":"stream"}"#,
            "missing field",
        ),
        (
            r#"{"format":"proxprop-case","version":1,"system":"auc","kind":"metrics","cases":[{"scores":[1.0,2.0],"y":[1]}]}"#,
            "cases[0].y: 1 numbers; allowed: 2",
        ),
        (
            r#"{"format":"proxprop-case","version":1,"system":"auc","kind":"metrics","cases":[{"scores":[1.0],"y":[1],"tpr":null}]}"#,
            "/cases/0/auc is missing",
        ),
    ] {
        let why = verify(text, Precision::F64).unwrap_err();
        assert!(why.contains(part), "{text}: {why}");
    }
}

#[test]
fn the_command_prints_a_row_per_file_and_ends_with_what_it_found() {
    let folder = TempDir::new().unwrap();
    let golden = |file: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/golden")
            .join(file);
        fs::read_to_string(path).unwrap()
    };
    let state = golden("prox-exact-sgd-tanh.json");
    let put = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    put("good.json", &state);
    put("auc.json", &golden("systems/auc/auc-metrics.json"));
    put(
        "bad.json",
        &state.replacen("\"final_loss\":0.", "\"final_loss\":9.", 1),
    );
    put("none.json", "{}");
    let table = succeeds(folder.path(), &["verify", "good.json", "auc.json"]);
    let rows: Vec<Vec<&str>> = table
        .lines()
        .map(|line| line.split_whitespace().collect())
        .collect();
    assert_eq!(rows.len(), 3, "{table}");
    assert_eq!(rows[1][..2], ["good.json", "state"]);
    assert_eq!(rows[1].last(), Some(&"ok"));
    assert_eq!(rows[2][..3], ["auc.json", "auc", "metrics"]);
    let single = succeeds(
        folder.path(),
        &["verify", "--precision", "f32", "good.json"],
    );
    assert!(
        single.contains("2e-2") && single.contains(" ok"),
        "{single}"
    );
    let output = proxprop(folder.path(), &["verify", "good.json", "bad.json"]);
    assert_eq!(output.status.code(), Some(1));
    let table = String::from_utf8(output.stdout).unwrap();
    assert!(
        table.contains("/expected/final_loss") && table.contains("deviates"),
        "{table}"
    );
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(said, "proxprop: 1 of 2 deviate\n");
    // What is no case does not keep the others from being compared.
    let output = proxprop(
        folder.path(),
        &[
            "verify",
            "none.json",
            "bad.json",
            "nowhere.json",
            "good.json",
        ],
    );
    assert_eq!(output.status.code(), Some(2));
    let table = String::from_utf8(output.stdout).unwrap();
    let ends: Vec<&str> = table
        .lines()
        .skip(1)
        .filter_map(|line| line.split_whitespace().last())
        .collect();
    assert_eq!(ends, ["case", "deviates", "case", "ok"], "{table}");
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(said.lines().count(), 2, "{said}");
    assert!(said.contains("none.json: not a reference case"), "{said}");
    assert!(said.contains("nowhere.json: cannot be read"), "{said}");
    let output = proxprop(
        folder.path(),
        &["verify", "--precision", "f32", "auc.json", "good.json"],
    );
    assert_eq!(output.status.code(), Some(2));
    let table = String::from_utf8(output.stdout).unwrap();
    assert!(table.contains(" ok"), "{table}");
    refused(
        folder.path(),
        &["verify", "--precision", "f32", "auc.json"],
        "allowed: f64",
    );
    refused(
        folder.path(),
        &["verify", "nowhere.json"],
        "nowhere.json: cannot be read",
    );
}

/// A case with something in it changed, or taken away where that is `None`.
fn changed(file: &str, place: &str, to: Option<Value>) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(file);
    let mut case: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    if let Some(to) = to {
        *case.pointer_mut(place).unwrap() = to;
    } else {
        let (above, key) = place.rsplit_once('/').unwrap();
        match case.pointer_mut(above).unwrap() {
            Value::Object(map) => drop(map.remove(key).unwrap()),
            Value::Array(list) => drop(list.remove(key.parse().unwrap())),
            other => panic!("{other}"),
        }
    }
    case.to_string()
}

#[test]
fn a_case_that_is_not_whole_or_does_not_fit_is_refused_in_words() {
    let images = "images/images-prox-exact-sgd-strided.json";
    let steps = "systems/wasserstein-gan/wgan-prox-ns-adam.json";
    let heads = "systems/interlocking/interlocking-prox.json";
    let operators = "systems/auc/auc-operators.json";
    let stream = "systems/auc/auc-steps-linear.json";
    let flat = "systems/flat/flat-plain.json";
    let state = "prox-exact-sgd-tanh.json";
    let rule = "systems/vsml/vsml-rule.json";
    for (file, place, to, part) in [
        (images, "/net/1/pool", Some(json!(99)), "net[1].pool: 99"),
        (
            images,
            "/net/0/out",
            Some(json!(1_000_000_000)),
            "net[0].out",
        ),
        (images, "/net/0/stride", Some(json!(0)), "net[0].stride: 0"),
        (images, "/net/0/pad", Some(json!(5)), "net[0].pad: 5"),
        (images, "/shape/0", Some(json!(u64::MAX)), "shape"),
        (images, "/batches/0", Some(json!([])), "batches[0]: none"),
        (images, "/tau_theta", Some(json!(0)), "tau_theta: 0"),
        (images, "/expected", Some(json!({})), "is missing"),
        (
            images,
            "/expected/trace",
            None,
            "/expected/trace is missing",
        ),
        (state, "/expected/trace", None, "/expected/trace is missing"),
        (
            state,
            "/expected/trace/2/energy",
            None,
            "/expected/trace/2/energy is missing",
        ),
        (
            state,
            "/expected/trace/2/layers/1/lambda_max",
            None,
            "/expected/trace/2/layers/1/lambda_max is missing",
        ),
        (state, "/steps", Some(json!(u64::MAX)), "steps: "),
        (steps, "/G/0/0", None, "G: from 1 numbers"),
        (steps, "/G/2/0", None, "G[2]: its rows"),
        (steps, "/D/0/0", None, "D: from 1 numbers"),
        (steps, "/cases", Some(json!([])), "nothing is expected"),
        (
            steps,
            "/cases/0/expect/G",
            None,
            "/cases/0/expect/G is missing",
        ),
        (
            steps,
            "/cases/0/config/inner",
            Some(json!(u64::MAX)),
            "inner: ",
        ),
        (heads, "/expected/steps", None, "/expected/steps is missing"),
        (heads, "/settings/decay", Some(json!(0.5)), "decay: 0.5"),
        (heads, "/settings/loss", Some(json!("mse")), "loss: \"mse\""),
        (
            heads,
            "/settings/tau_theta",
            Some(json!(0.0)),
            "tau_theta: 0",
        ),
        (
            operators,
            "/features/0/features/centres",
            Some(json!([])),
            "centres: none",
        ),
        (operators, "/cases/0/y", Some(json!(0)), "y: 0 is no label"),
        (stream, "/runs", Some(json!([])), "nothing is expected"),
        (
            stream,
            "/runs/0/expect/u",
            None,
            "/runs/0/expect/u is missing",
        ),
        (
            stream,
            "/runs/1/expect/steps/3/penalty",
            None,
            "not a whole reference case: /runs/1/expect/steps/3/penalty is missing",
        ),
        (
            heads,
            "/expected/evaluation/0/right",
            None,
            "/expected/evaluation/0/right is missing",
        ),
        (stream, "/stream/y/0", Some(json!(0)), "y: 0 is no label"),
        (flat, "/trace", Some(json!([])), "trace: none"),
        (
            flat,
            "/trace/1/step",
            Some(json!(5000)),
            "trace[1].step: 5000",
        ),
        (flat, "/sizes/1", Some(json!(1_000_000_000)), "initial"),
        (rule, "/H", Some(json!(1_000_000_000)), "H: 1000000000"),
        (
            rule,
            "/states_after/0/step",
            Some(json!(5000)),
            "states_after: 5000",
        ),
    ] {
        let why = verify(&changed(file, place, to), Precision::F64).unwrap_err();
        assert!(why.contains(part), "{file} {place}: {why}");
    }
}

/// What was expected to stay finite and does not is no bad case but a deviation.
#[test]
fn a_replay_that_diverges_deviates() {
    for (file, place) in [
        ("images/images-backprop-sgd.json", "/tau"),
        (
            "systems/interlocking/interlocking-prox.json",
            "/settings/tau",
        ),
    ] {
        let case = changed(file, place, Some(json!(1e300)));
        let verdict = verify(&case, Precision::F64).unwrap();
        assert!(!verdict.agrees(), "{file}: {verdict:?}");
    }
}
