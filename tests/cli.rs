//! The binary as a user runs it: good input gives whole files, bad input one line and status 2.

mod common;

use std::fs;
use std::io::pipe;
use std::path::Path;
use std::process::Command;

use common::{proxprop, refused, succeeds};
use proxprop::lab::config::Config;
use proxprop::lab::session::Session;
use proxprop::nn::Arithmetic;
use serde_json::Value;
use tempfile::TempDir;

const SMALL: &str =
    "n=20&epochs=5&hidden=3&batch=8&run=backprop,tau:0.1&run=prox-cg2,opt:adam,tau:0.01";

fn golden(name: &str) -> Value {
    let path = format!("{}/tests/golden/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn a_run_prints_its_table() {
    let folder = TempDir::new().unwrap();
    let table = succeeds(folder.path(), &["run", SMALL]);
    let rows: Vec<Vec<&str>> = table
        .lines()
        .map(|line| line.split_whitespace().collect())
        .collect();
    assert_eq!(rows.len(), 3, "{table}");
    assert_eq!(rows[0][..5], ["run", "rule", "optimizer", "tau", "status"]);
    assert_eq!(rows[1][..5], ["1", "backprop", "sgd", "0.1", "done"]);
    assert_eq!(rows[2][..5], ["2", "prox-cg2", "adam", "0.01", "done"]);
    assert_eq!(rows[1][8], "15", "three minibatches in each of five epochs");
}

#[test]
fn a_link_as_it_arrives_is_repaired_and_that_is_said() {
    let folder = TempDir::new().unwrap();
    let right = "?data=moons&n=20&epochs=3&run=prox-exact,tau:1";
    let losses = |link: &str| {
        let output = proxprop(folder.path(), &["run", link]);
        let table = String::from_utf8(output.stdout).unwrap();
        let row: Vec<String> = table
            .lines()
            .nth(1)
            .unwrap()
            .split_whitespace()
            .map(str::to_owned)
            .collect();
        (row[5].clone(), String::from_utf8(output.stderr).unwrap())
    };
    let (loss, said) = losses(right);
    assert_eq!(said, "");
    let shared = format!("https://lab.example/x/{right}#view=flow&predict=1&theme=projector");
    let (same, said) = losses(&shared);
    assert_eq!(same, loss, "a whole link is the run in it");
    assert_eq!(
        said,
        "passed over \"#view=flow&predict=1&theme=projector\": it is how the page looks at the run, and changes no number\n"
    );
    for (damaged, word) in [
        (right.replace('&', "&amp;"), "&amp;"),
        (
            format!("https://lab.example/x/{right}&utm_source=moodle#view=map"),
            "utm_source",
        ),
        (
            format!("https://lab.example/x/{right}&utm_source=moodle#view=map"),
            "passed over \"#view=map\"",
        ),
        (
            format!("https://lab.example/x/{right}#veiw=map"),
            "passed over \"#veiw=map\": \"veiw\": unknown key behind #",
        ),
        (right.replace("prox-exact", "Prox–Exact"), "dashes"),
        (format!("{right})."), "punctuation"),
    ] {
        let (same, said) = losses(&damaged);
        assert_eq!(same, loss, "{damaged}");
        assert!(
            said.contains(word) && said.lines().count() == 1,
            "{damaged}: {said}"
        );
    }
    refused(
        folder.path(),
        &["run", "?utm_source=x&colour=red"],
        "\"colour\": unknown key",
    );
    refused(
        folder.path(),
        &["run", "#lesson=circle;spiral"],
        "holds no run",
    );
    refused(
        folder.path(),
        &["map", "?fbclid=1&lr=3"],
        "\"lr\": unknown key",
    );
}

#[test]
fn a_table_of_points_takes_the_place_of_the_data() {
    let folder = TempDir::new().unwrap();
    let rows = (0..30).map(|i| format!("{},0,{}", f64::from(i) / 10.0 - 1.5, i % 2));
    let rows: Vec<String> = rows.collect();
    fs::write(folder.path().join("points.csv"), rows.join("\n")).unwrap();
    let train = |files: &[&str]| succeeds(folder.path(), &[&["run", SMALL], files].concat());
    let table = train(&["--data", "points.csv"]);
    assert_ne!(table, train(&[]));
    train(&["--data", "points.csv", "--json", "report.json"]);
    let report = fs::read_to_string(folder.path().join("report.json")).unwrap();
    let report: Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["state"]["data"]["x"].as_array().unwrap().len(), 20);
    fs::write(folder.path().join("bad.csv"), "1,2,a\n3,4\n").unwrap();
    let wrong = "bad.csv: line 2: 2 columns where the first row has 3";
    refused(folder.path(), &["run", SMALL, "--data", "bad.csv"], wrong);
    fs::write(
        folder.path().join("wide.csv"),
        "a,b,c,k\n1,2,3,u\n4,5,6,v\n",
    )
    .unwrap();
    let wide =
        "choose three of 1 (a), 2 (b), 3 (c), 4 (k) (--columns x,y,label, by name or number)";
    refused(folder.path(), &["run", SMALL, "--data", "wide.csv"], wide);
    let own = "--data: the query names points of its own (data=…); leave out one of the two";
    let circle = ["run", "data=circle", "--data", "points.csv"];
    refused(folder.path(), &circle, own);
    let missing = "none.csv: cannot be read";
    refused(
        folder.path(),
        &["run", SMALL, "--data", "none.csv"],
        missing,
    );
}

#[test]
fn where_nobody_hears_what_is_said_the_outcome_is_the_same() {
    let status = |query: &str| {
        let (listener, deaf) = pipe().unwrap();
        drop(listener);
        let mut command = Command::new(env!("CARGO_BIN_EXE_proxprop"));
        command.args(["run", query, "--csv", "-"]).stderr(deaf);
        command.output().unwrap().status.code()
    };
    assert_eq!(status(SMALL), Some(0));
    assert_eq!(status("n=1"), Some(2));
}

#[test]
fn a_diverged_run_is_a_result() {
    let folder = TempDir::new().unwrap();
    let table = succeeds(
        folder.path(),
        &[
            "run",
            "act=relu&run=backprop,tau:1000000&run=prox-exact,tau:1",
        ],
    );
    assert!(
        table
            .lines()
            .any(|l| l.starts_with("1 ") && l.contains("diverged")),
        "{table}"
    );
    assert!(
        table
            .lines()
            .any(|l| l.starts_with("2 ") && l.contains("done")),
        "{table}"
    );
    assert!(table.contains("Run 1 diverged at step"), "{table}");
}

#[test]
fn curves_charts_and_state_are_written() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("c.csv"), "old").unwrap();
    succeeds(
        folder.path(),
        &[
            "run", SMALL, "--csv", "c.csv", "--svg", "charts", "--json", "r.json",
        ],
    );
    let csv = fs::read_to_string(folder.path().join("c.csv")).unwrap();
    let mut lines = csv.lines();
    assert_eq!(
        lines.next().unwrap(),
        "run,rule,step,epoch,loss,validation_loss,accuracy,energy,seconds,flops,zero_weights,arithmetic,build,\
         grad_norm_1,direction_norm_1,update_ratio_1,angle_deg_1,lambda_max_1,cg_iterations_1,cg_residual_1,\
         grad_norm_2,direction_norm_2,update_ratio_2,angle_deg_2,lambda_max_2,cg_iterations_2,cg_residual_2"
    );
    assert_eq!(
        csv.lines().count(),
        1 + 2 * 16,
        "the start of each of 15 steps, and the end"
    );
    assert!(csv.lines().all(|line| line.split(',').count() == 27));
    assert!(lines.next().unwrap().starts_with("1,backprop,0,0,"));

    let mut names: Vec<String> = fs::read_dir(folder.path().join("charts"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let expected = [
        "angle.svg",
        "boundary-1.svg",
        "boundary-2.svg",
        "direction.svg",
        "gradient.svg",
        "iterations.svg",
        "limit.svg",
        "loss.svg",
        "network.svg",
        "residual.svg",
        "update.svg",
        "zeros.svg",
    ];
    assert_eq!(names, expected);
    for name in names {
        let svg = fs::read_to_string(folder.path().join("charts").join(&name)).unwrap();
        assert!(
            svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"),
            "{name}"
        );
        assert!(
            svg.contains("<desc>v=1&amp;data=circle&amp;"),
            "{name} carries its run"
        );
        assert!(svg.contains("<metadata>arithmetic: "), "{name} says how");
        let read = svg
            .split("font-size=\"12.00\"")
            .any(|text| text.contains(">v=1&amp;") || text.contains(">n=20&amp;"));
        assert!(read, "{name} shows the query");
        let title = match name.split(['-', '.']).next() {
            Some("boundary") => "Decision boundary of ",
            Some("network") => "Networks: weights as lines",
            _ => "ProxProp Lab: BackProp",
        };
        assert!(
            svg.contains(&format!("<title>{title}")),
            "{name} has a title"
        );
    }

    let report: Value =
        serde_json::from_str(&fs::read_to_string(folder.path().join("r.json")).unwrap()).unwrap();
    assert_eq!(report["frame"]["members"][1]["rule"], "prox-cg2");
    assert_eq!(report["frame"]["step"], 15);
    assert_eq!(report["records"][0].as_array().unwrap().len(), 16);
    // `trace` takes the report as it is, and the state in it as a file of its own.
    fs::write(
        folder.path().join("state.json"),
        report["state"].to_string(),
    )
    .unwrap();
    let traced = |file: &str| {
        let arguments = ["trace", "--state", file, "--steps", "2", "--out", "t.json"];
        succeeds(folder.path(), &arguments);
        fs::read_to_string(folder.path().join("t.json")).unwrap()
    };
    assert_eq!(traced("r.json"), traced("state.json"));
}

#[test]
fn a_dash_is_standard_output() {
    let folder = TempDir::new().unwrap();
    let output = proxprop(folder.path(), &["run", SMALL, "--csv", "-"]);
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert!(stdout.starts_with("run,rule,") && stdout.lines().count() == 33);
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("backprop"),
        "the table moves aside"
    );
    let json = succeeds(folder.path(), &["run", SMALL, "--json", "-"]);
    assert!(serde_json::from_str::<Value>(&json).is_ok());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn the_same_query_gives_the_same_curves() {
    let folder = TempDir::new().unwrap();
    // But for the seconds, the ninth column.
    let curves = || {
        let text = succeeds(folder.path(), &["run", SMALL, "--csv", "-"]);
        let timeless = |line: &str| {
            let mut cells: Vec<String> = line.split(',').map(str::to_owned).collect();
            cells.remove(8);
            cells
        };
        text.lines().map(timeless).collect::<Vec<_>>()
    };
    assert_eq!(curves(), curves());
}

/// What made the numbers is said in every file, and the portable arithmetic is the one of the library without a choice.
#[test]
fn files_say_their_arithmetic_and_both_agree_to_single_precision() {
    let folder = TempDir::new().unwrap();
    let run = |more: &[&str]| {
        let files = ["--csv", "c.csv", "--svg", "charts", "--json", "r.json"];
        succeeds(folder.path(), &[&["run", SMALL], &files[..], more].concat());
        let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
        let report: Value = serde_json::from_str(&read("r.json")).unwrap();
        let said = report["frame"]["arithmetic"].as_str().unwrap().to_owned();
        let build = env!("CARGO_PKG_VERSION");
        assert_eq!(report["frame"]["build"], build);
        let made = format!("<metadata>arithmetic: {said}; build: {build}</metadata>");
        assert!(read("charts/loss.svg").contains(&made));
        let cells = format!(",{said},{build},");
        assert!(read("c.csv").lines().skip(1).all(|l| l.contains(&cells)));
        (said, report)
    };
    let ((fast, by_default), (portable, same)) = (run(&[]), run(&["--portable"]));
    assert_eq!(fast, Arithmetic::fastest().name());
    assert_eq!(portable, "portable");
    let mut session = Session::new(SMALL).unwrap();
    session.advance(u64::MAX);
    for (i, member) in session.frame().members.iter().enumerate() {
        let loss = |report: &Value| report["frame"]["members"][i]["loss"].as_f64().unwrap();
        assert_eq!(loss(&same), member.loss);
        assert!((loss(&by_default) - member.loss).abs() < 1e-5 * member.loss);
    }
}

#[test]
fn a_run_writes_the_same_on_any_number_of_threads() {
    let folder = TempDir::new().unwrap();
    let query = "n=400&hidden=64,64&batch=400&epochs=30&run=backprop&run=prox-exact&run=prox-cg4";
    let curves = |threads: &str| {
        let arguments = ["run", query, "--threads", threads, "--csv", "-"];
        let text = succeeds(folder.path(), &arguments);
        // But for the seconds, the ninth column.
        let timeless = |line: &str| {
            let mut cells: Vec<String> = line.split(',').map(str::to_owned).collect();
            cells.remove(8);
            cells
        };
        text.lines().map(timeless).collect::<Vec<_>>()
    };
    assert_eq!(curves("1"), curves("3"));
}

#[test]
fn a_stop_rule_ends_the_run_and_says_why() {
    let folder = TempDir::new().unwrap();
    let table = succeeds(folder.path(), &["run", "stop=divergence"]);
    assert!(table.contains("Run 1 diverged at step "), "{table}");
    assert!(table.contains(": run 1 has diverged.\n"), "{table}");
    let table = succeeds(folder.path(), &["run", SMALL]);
    assert!(!table.contains("Stopped"), "{table}");
}

/// A gradient that overflows in single precision ends the run there, though the proximal point itself is found in double.
#[test]
fn a_proximal_point_without_a_gradient_is_no_step() {
    let run =
        "data=sine1d&n=17&epochs=10&batch=1&scale=100&hidden=2,2,2&seed=16&run=prox-point,decay:1";
    let table = succeeds(Path::new("."), &["run", run]);
    let said = "Run 1 diverged at step 11, layer 1: the direction is not finite.";
    assert!(table.contains(said), "{table}");
}

#[test]
fn the_table_of_parameters_is_complete() {
    let text = succeeds(Path::new("."), &["params"]);
    for setting in proxprop::lab::config::Setting::all() {
        let parameter = setting.parameter();
        assert!(
            text.contains(parameter.key)
                && text.contains(parameter.help)
                && text.contains(&parameter.allowed())
        );
    }
}

/// Compares what `expected` has; it may have less than `found`.
fn agrees(at: &str, found: &Value, expected: &Value, tolerance: f64) {
    match expected {
        Value::Object(entries) => {
            for (key, value) in entries {
                agrees(&format!("{at}.{key}"), &found[key], value, tolerance);
            }
        }
        Value::Array(entries) => {
            assert_eq!(found.as_array().map(Vec::len), Some(entries.len()), "{at}");
            for (i, value) in entries.iter().enumerate() {
                agrees(&format!("{at}[{i}]"), &found[i], value, tolerance);
            }
        }
        Value::Number(number) => {
            let (x, y) = (found.as_f64().unwrap_or(f64::NAN), number.as_f64().unwrap());
            assert!(
                (x - y).abs() <= tolerance * y.abs().max(1e-2),
                "{at}: {x} should be {y}"
            );
        }
        _ => assert_eq!(found, expected, "{at}"),
    }
}

#[test]
fn traces_agree_with_the_reference() {
    let folder = TempDir::new().unwrap();
    for name in [
        "backprop-adam-relu",
        "backprop-sgd-tanh",
        "prox-cg10-sgd-sigmoid-regress",
        "prox-cg3-adam-tanh",
        "prox-exact-nesterov-relu",
        "prox-exact-sgd-tanh",
    ] {
        let golden = golden(name);
        fs::write(
            folder.path().join("state.json"),
            golden["state"].to_string(),
        )
        .unwrap();
        let steps = golden["steps"].to_string();
        for (precision, tolerance) in [("f64", 1e-9), ("f32", 2e-3)] {
            let arguments = [
                "trace",
                "--state",
                "state.json",
                "--steps",
                &steps,
                "--precision",
                precision,
                "--out",
                "-",
            ];
            let trace: Value = serde_json::from_str(&succeeds(folder.path(), &arguments)).unwrap();
            agrees(name, &trace["members"][0], &golden["expected"], tolerance);
        }
    }
}

#[test]
fn bad_queries_are_refused() {
    let folder = TempDir::new().unwrap();
    for (query, part) in [
        ("taux=3", "\"taux\": unknown key"),
        ("n=5&n=6", "\"n\": given twice"),
        (
            "noise=NaN",
            "noise: \"NaN\" is not a number; allowed: 0 to 2",
        ),
        (
            "run=backprop,tau:1e9",
            "run1.tau: \"1e9\" is out of range; allowed: 1e-6 to 1e6",
        ),
        ("task=regress", "task: \"regress\" does not fit data=circle"),
        (
            "data=state",
            "data=state: the points are those of a state file",
        ),
    ] {
        refused(
            folder.path(),
            &[
                "run", query, "--csv", "c.csv", "--svg", "charts", "--json", "j.json",
            ],
            part,
        );
    }
}

#[test]
fn bad_arguments_are_refused() {
    let folder = TempDir::new().unwrap();
    refused(
        folder.path(),
        &[],
        "a command is missing; allowed: run, map, meta-train, paper, trace, verify, params, presets",
    );
    refused(folder.path(), &["fly"], "unrecognized subcommand 'fly'");
    refused(folder.path(), &["run"], "<QUERY>");
    refused(folder.path(), &["run", SMALL, "--cvs", "x"], "--cvs");
    refused(
        folder.path(),
        &["trace", "--steps", "1", "--out", "-"],
        "--state",
    );
    refused(
        folder.path(),
        &["trace", "--state", "s", "--steps", "0", "--out", "-"],
        "--steps: \"0\" is out of range; allowed: 1 to 100000\n",
    );
    refused(
        folder.path(),
        &[
            "trace",
            "--state",
            "s",
            "--steps",
            "1",
            "--precision",
            "f16",
            "--out",
            "-",
        ],
        "f32, f64",
    );
}

#[test]
fn bad_state_files_are_refused() {
    let folder = TempDir::new().unwrap();
    let trace = [
        "trace",
        "--state",
        "state.json",
        "--steps",
        "1",
        "--out",
        "t.json",
    ];
    refused(folder.path(), &trace, "state.json: cannot be read");
    let good = golden("backprop-adam-relu")["state"].clone();
    let write = |edit: &dyn Fn(&mut Value)| {
        let mut state = good.clone();
        edit(&mut state);
        fs::write(folder.path().join("state.json"), state.to_string()).unwrap();
    };
    write(&|s| s["data"]["y"][0] = 5.into());
    refused(
        folder.path(),
        &trace,
        "state.json: data.y[0]: class 5 is out of range; allowed: 0 to 1",
    );
    write(&|s| s["members"][0]["layers"][0]["bias"] = Value::Array(vec![]));
    refused(
        folder.path(),
        &trace,
        "members[0].layers[0].bias: 0 numbers where 8 are expected",
    );
    write(&|s| s["config"] = "n=1".into());
    refused(folder.path(), &trace, "config: n: \"1\" is out of range");
    write(&|s| s["members"][0]["layers"][0]["bias"][0] = 1e300.into());
    let single = [
        "trace",
        "--state",
        "state.json",
        "--steps",
        "1",
        "--precision",
        "f32",
        "--out",
        "t.json",
    ];
    refused(folder.path(), &single, "too large for single precision");
    fs::write(folder.path().join("state.json"), &good.to_string()[..500]).unwrap();
    refused(
        folder.path(),
        &trace,
        "state.json: not a state file: it is only the beginning of one; allowed: a whole file",
    );
    let piped = ["trace", "--state", "-", "--steps", "1", "--out", "t.json"];
    refused(
        folder.path(),
        &piped,
        "standard input: not a state file: it is empty",
    );
    fs::write(folder.path().join("state.json"), [0xff, 0xfe]).unwrap();
    refused(folder.path(), &trace, "cannot be read");
}

#[test]
fn unwritable_outputs_are_refused_before_training() {
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("folder")).unwrap();
    fs::write(folder.path().join("locked.csv"), "kept").unwrap();
    let mut permissions = fs::metadata(folder.path().join("locked.csv"))
        .unwrap()
        .permissions();
    permissions.set_readonly(true);
    fs::set_permissions(folder.path().join("locked.csv"), permissions).unwrap();
    // Long enough that a test which trains first would be noticed.
    let long = "n=100000&epochs=1000000";
    refused(
        folder.path(),
        &["run", long, "--csv", "folder"],
        "folder: cannot be written: it is a folder",
    );
    refused(
        folder.path(),
        &["run", long, "--csv", "locked.csv"],
        "locked.csv: cannot be written: it is read-only",
    );
    refused(
        folder.path(),
        &["run", long, "--csv", "missing/c.csv"],
        "c.csv: cannot be written",
    );
    refused(
        folder.path(),
        &["run", long, "--svg", "locked.csv"],
        "locked.csv: cannot make this folder",
    );
    refused(
        folder.path(),
        &["run", long, "--svg", "-"],
        "--svg: several files cannot go to standard output",
    );
    refused(
        folder.path(),
        &["run", long, "--csv", "-", "--json", "-"],
        "-: two outputs cannot go to the same place",
    );
    refused(
        folder.path(),
        &["run", long, "--csv", "x", "--json", "x"],
        "x: two outputs cannot go to the same place",
    );
    assert_eq!(
        fs::read_to_string(folder.path().join("locked.csv")).unwrap(),
        "kept"
    );
}

#[test]
fn presets_are_listed_and_run_by_name() {
    let folder = TempDir::new().unwrap();
    let list = succeeds(folder.path(), &["presets"]);
    assert!(list.lines().count() >= 24 && list.contains("small-steps"));
    assert!(!list.contains("above 0.6"), "no answer unasked");
    assert!(succeeds(folder.path(), &["presets", "--answers"]).contains("above 0.6"));
    let table = succeeds(folder.path(), &["run", "preset=small-steps&epochs=3"]);
    assert!(table.lines().nth(2).unwrap().contains("prox-exact"));
    refused(
        folder.path(),
        &["run", "preset=large-steps"],
        "known: circle, small-steps",
    );
}

#[test]
fn the_gpu_is_asked_for_only_where_the_build_knows_one() {
    let folder = TempDir::new().unwrap();
    let map = "n=20&hidden=3&epochs=3&run=backprop&map=1,tau:0.1..1*2";
    for task in [["run", SMALL], ["map", map]] {
        let arguments = [&task[..], &["--engine", "gpu"]].concat();
        if cfg!(feature = "gpu") {
            let table = succeeds(folder.path(), &arguments);
            assert!(table.contains("\nengine: "), "{table}");
        } else {
            let wrong = "--engine gpu: this build has no GPU engine";
            refused(folder.path(), &arguments, wrong);
        }
        let table = succeeds(folder.path(), &[&task[..], &["--engine", "cpu"]].concat());
        assert!(table.ends_with("engine: cpu (engine=cpu asks for the CPU.)\n"));
        let wrong = "--engine: \"tpu\" is not a choice; allowed: auto, cpu, gpu\n";
        refused(
            folder.path(),
            &[&task[..], &["--engine", "tpu"]].concat(),
            wrong,
        );
    }
}

#[test]
fn a_query_too_long_for_a_picture_is_its_qr_code_and_a_file_beside_it() {
    let folder = TempDir::new().unwrap();
    let points: Vec<String> = (0..110).map(|i| format!("0.{i:03},-0.5")).collect();
    let query = format!(
        "data=points&points=0:{}/1:0,1&epochs=1&run=prox-exact,tau:1",
        points.join(";")
    );
    succeeds(folder.path(), &["run", &query, "--svg", "charts"]);
    let read = |name: &str| fs::read_to_string(folder.path().join("charts").join(name)).unwrap();
    let short = Config::parse(&query).unwrap().short();
    assert_eq!(read("query.txt"), format!("{short}\n"));
    for name in ["network.svg", "boundary-1.svg"] {
        let svg = read(name);
        // The code is a drawing of its own inside the sheet, and the sentence says where the rest is.
        assert!(svg.contains("the whole query is in the f"), "{name}");
        assert!(svg.matches("<svg").count() > 2, "{name} has a code");
    }
}

#[test]
fn a_picture_of_the_usual_run_says_in_words_what_it_is() {
    let folder = TempDir::new().unwrap();
    succeeds(folder.path(), &["run", "", "--svg", "charts"]);
    let svg = fs::read_to_string(folder.path().join("charts/loss.svg")).unwrap();
    assert!(svg.contains(
        "v=1 (the first example: BackProp and ProxProp at step size τ = 10 on the circle)"
    ));
}

/// The value of an option is refused as that of a run is: named, with what is allowed.
#[test]
fn values_of_options_are_refused_with_what_is_allowed() {
    let folder = TempDir::new().unwrap();
    let whole = "--seed: \"abc\" is not a whole number; allowed: 0 to 4294967295\n";
    let range = "--seed: \"-1\" is out of range; allowed: 0 to 4294967295\n";
    for (seed, why) in [("abc", whole), ("-1", range)] {
        let train = ["meta-train", "clone", "--out", "c.json", "--seed", seed];
        refused(folder.path(), &train, why);
    }
    let limit = ["meta-train", "clone", "--out", "c.json", "--limit", "0"];
    let why = "--limit: \"0\" is out of range; allowed: 1 to 1000000000\n";
    refused(folder.path(), &limit, why);
    // The words of the system end the line: they have no number behind them.
    let missing = proxprop(folder.path(), &["run", "--cells", "none.json"]);
    let said = String::from_utf8(missing.stderr).unwrap();
    assert!(
        said.starts_with("proxprop: none.json: cannot be read: "),
        "{said}"
    );
    assert!(!said.contains("os error"), "{said}");
}

/// A file that an editor has saved with a mark before its text is the file that it was.
#[test]
fn a_mark_before_a_text_is_passed_over() {
    let folder = TempDir::new().unwrap();
    let file = |name: &str| folder.path().join(name);
    let run = ["run", "n=20&epochs=2&run=backprop", "--json", "plain.json"];
    succeeds(folder.path(), &run);
    let report = fs::read_to_string(file("plain.json")).unwrap();
    fs::write(file("marked.json"), ["\u{feff}", &report].concat()).unwrap();
    let trace = |state| ["trace", "--state", state, "--steps", "2", "--out", "-"];
    let [plain, marked] =
        ["plain.json", "marked.json"].map(|state| succeeds(folder.path(), &trace(state)));
    assert_eq!(plain, marked);
}
