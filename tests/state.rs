//! State files: bit for bit there and back, and one sentence for each way of being broken.

use proptest::prelude::*;
use proxprop::Error;
use proxprop::Named;
use proxprop::data::{DataSource, generate};
use proxprop::engine::MemberState;
use proxprop::lab::config::Config;
use proxprop::lab::session::{Command, Event, Session};
use proxprop::lab::state::StateFile;
use proxprop::nn::stack::Piece;
use serde_json::{Value, json};

const GOLDEN: [&str; 6] = [
    include_str!("golden/backprop-adam-relu.json"),
    include_str!("golden/backprop-sgd-tanh.json"),
    include_str!("golden/prox-cg10-sgd-sigmoid-regress.json"),
    include_str!("golden/prox-cg3-adam-tanh.json"),
    include_str!("golden/prox-exact-nesterov-relu.json"),
    include_str!("golden/prox-exact-sgd-tanh.json"),
];

fn state_of(session: &mut Session) -> String {
    match session.apply(Command::State).unwrap().pop() {
        Some(Event::State(json)) => json,
        other => panic!("{other:?}"),
    }
}

/// The members' bits.
fn bits(file: &StateFile) -> Vec<u64> {
    let members: Vec<MemberState<f32>> = file.member_states().unwrap();
    let numbers = members.iter().flat_map(|m| {
        let memory = m.optimizer.first.iter().chain(&m.optimizer.second);
        m.thetas
            .iter()
            .chain(memory)
            .flat_map(|t| t.iter().map(|x| u64::from(x.to_bits())))
    });
    numbers.collect()
}

#[test]
fn the_reference_files_are_read() {
    for text in GOLDEN {
        let document: Value = serde_json::from_str(text).unwrap();
        let json = document["state"].to_string();
        let file = StateFile::parse(&json).unwrap();
        assert_eq!(file.config().data, DataSource::State);
        assert_eq!(StateFile::parse(&file.to_json()), Ok(file));
    }
}

#[test]
fn a_run_continued_from_a_state_equals_the_run_not_interrupted() {
    let query = "n=50&batch=16&epochs=50&valid=0.3&run=backprop,opt:adam,tau:0.01&run=prox-exact,opt:nesterov,tau:0.1\
                 &run=prox-cg3,opt:momentum,tau:0.1,decay:0.001&run=prox-exact,opt:sgd,tau:3\
                 &run=backprop,tau:0.3&run=backprop,opt:adam,tau:0.01,reach:1\
                 &change=12,1,tau:0.005&change=9,2,opt:adam&change=9,2,tau:0.01\
                 &change=9,5,flat:0.1&change=9,5,adv:0.1&change=12,6,reach:0&change=12,6,flat:0.2";
    for cut in [0, 7, 9, 13] {
        let mut whole = Session::new(query).unwrap();
        whole.advance(cut);
        let json = state_of(&mut whole);
        let mut continued = Session::new("").unwrap();
        continued
            .apply(Command::LoadState {
                name: String::new(),
                json: json.clone(),
            })
            .unwrap();
        assert_eq!(state_of(&mut continued), json);
        whole.advance(11);
        continued.advance(11);
        assert_eq!(
            state_of(&mut continued),
            state_of(&mut whole),
            "cut at {cut}"
        );
    }
}

#[test]
fn a_diverged_member_survives_the_file() {
    let mut session =
        Session::new("act=relu&run=backprop,opt:nesterov,tau:1000000&run=prox-exact,tau:1")
            .unwrap();
    session.advance(300);
    let json = state_of(&mut session);
    let file = StateFile::parse(&json).unwrap();
    assert_eq!(file.to_json(), json);
    assert!(
        file.member_states::<f32>().unwrap()[0].divergence.is_some(),
        "relu has no bound to hold τ = 1e6"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn round_trips_bit_for_bit(
        source in proptest::sample::select(DataSource::TOY),
        act in 0..5_usize, seed in 0..1000_u32, n in 2..40_usize, steps in 0..6_u64, valid in 0.0..1.0,
        hidden in proptest::collection::vec(1..6_usize, 1..4),
        opt in proptest::sample::select(vec!["sgd", "momentum", "nesterov", "adam"]),
    ) {
        let mut config = Config::parse(&format!("run=prox-exact,opt:{opt},tau:0.1&run=prox-cg2,opt:{opt},tau:0.1")).unwrap();
        let act = <proxprop::nn::Activation as Named>::ALL[act];
        (config.data, config.act, config.seed, config.n, config.valid) = (source, act, seed, n, valid);
        config.hidden = hidden.into_iter().map(Piece::Dense).collect();
        let mut session = Session::new(&config.to_string()).unwrap();
        session.advance(steps);
        let json = state_of(&mut session);
        let file = StateFile::parse(&json).unwrap();
        prop_assert_eq!(file.dataset(), &generate(source, n, config.noise, valid, seed).unwrap());
        let again = StateFile::parse(&file.to_json()).unwrap();
        prop_assert_eq!(bits(&again), bits(&file));
        prop_assert_eq!(again.to_json(), json);
        prop_assert_eq!(again, file);
    }

    #[test]
    fn no_text_makes_it_panic(text in ".{0,200}", cut in 0..5000_usize) {
        let _ = StateFile::parse(&text);
        let golden: Value = serde_json::from_str(GOLDEN[0]).unwrap();
        let json = golden["state"].to_string();
        let _ = StateFile::parse(&json[..cut.min(json.len())]);
    }
}

/// The message for a good file after `edit`.
fn refusal(edit: impl FnOnce(&mut Value)) -> String {
    let document: Value = serde_json::from_str(GOLDEN[0]).unwrap();
    let mut state = document["state"].clone();
    edit(&mut state);
    match StateFile::parse(&state.to_string()) {
        Err(Error::State(message)) => {
            assert!(!message.contains('\n'), "{message}");
            message
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_broken_file_has_its_sentence() {
    let says = |edit: &dyn Fn(&mut Value), part: &str| {
        let message = refusal(edit);
        assert!(message.contains(part), "{message:?} should say {part:?}");
    };
    says(
        &|s| s["format"] = json!("other"),
        "format: \"other\" is not known",
    );
    says(
        &|s| s["version"] = json!(2),
        "version: 2 is not known; allowed: 1",
    );
    says(&|s| s["extra"] = json!(1), "unknown field `extra`");
    says(&|s| s["data"]["z"] = json!([]), "unknown field `z`");
    says(
        &|s| s["members"][0]["weights"] = json!([]),
        "unknown field `weights`",
    );
    says(
        &|s| drop(s.as_object_mut().unwrap().remove("data")),
        "missing field `data`",
    );
    says(
        &|s| s["config"] = json!("tau=3"),
        "config: tau: belongs to a run",
    );
    says(
        &|s| s["data"]["y"][3] = json!(2),
        "data.y[3]: class 2 is out of range; allowed: 0 to 1",
    );
    says(
        &|s| s["data"]["y"][3] = json!([1.0]),
        "data.y[3]: classes and lists of numbers are mixed",
    );
    says(
        &|s| s["data"]["y"][3] = json!(-1),
        "data.y: expected a class",
    );
    says(
        &|s| s["data"]["y"][0] = json!(null),
        "data.y: expected a class",
    );
    says(
        &|s| drop(s["data"]["y"].as_array_mut().unwrap().pop()),
        "data: x has 20 points, y has 19",
    );
    says(
        &|s| s["data"]["x"][2] = json!([1.0]),
        "data.x[2]: 1 numbers where 2 are expected",
    );
    says(
        &|s| s["data"]["x"][2] = json!([1e300, 0.0]),
        "data.x: 1e300 is out of range",
    );
    says(
        &|s| s["data"]["x"][2] = json!([null, 0.0]),
        "invalid type: null",
    );
    says(
        &|s| s["data"]["x"] = json!([]),
        "data.x: 0 inputs per point",
    );
    says(
        &|s| s["data"]["outputs"] = json!(1),
        "data.outputs: classes need at least 2 outputs",
    );
    says(
        &|s| s["data"]["outputs"] = json!(0),
        "data.outputs: 0 is out of range",
    );
    says(
        &|s| s["data"]["outputs"] = json!(3),
        "members[0].layers[1].weight: 2 rows where 3 are expected",
    );
    says(
        &|s| s["data"]["validation"] = json!({"x": [[1.0]], "y": [0]}),
        "data.validation.x[0]: 1 numbers",
    );
    says(
        &|s| s["config"] = json!("data=state&task=regress&hidden=8&run=backprop"),
        "data.y: task=regress needs",
    );
    says(
        &|s| s["config"] = json!("data=state&hidden=9&run=backprop"),
        "members[0].layers[0].weight: 8 rows where 9",
    );
    says(
        &|s| s["config"] = json!("data=state&hidden=8,8&run=backprop"),
        "members[0].layers: 2 layers where 3",
    );
    says(
        &|s| s["config"] = json!("data=state&hidden=8"),
        "members: 1 of them, but config has 2 runs",
    );
    says(
        &|s| s["members"][0]["step"] = json!(u64::MAX),
        "members[0].step: 18446744073709551615 is out of range",
    );
    says(&|s| s["members"][0]["step"] = json!(-1), "invalid value");
    says(
        &|s| s["members"][0]["high_steps"] = json!(1),
        "members[0].high_steps: 1 is out of range; allowed: 0 to 0",
    );
    let layers = |s: &mut Value, edit: &dyn Fn(&mut Value)| edit(&mut s["members"][0]["layers"]);
    says(
        &|s| layers(s, &|l| l[0]["bias"] = json!([1.0])),
        "members[0].layers[0].bias: 1 numbers where 8",
    );
    says(
        &|s| layers(s, &|l| l[1]["weight"][1] = json!([1.0])),
        "members[0].layers[1].weight[1]: 1 numbers where 8",
    );
    let memory = |kind: &str, m: Value| json!({"kind": kind, "t": 3, "m": m, "v": []});
    says(
        &|s| s["members"][0]["optimizer"] = memory("sgd", json!([])),
        "optimizer.kind: \"sgd\" is not the run's",
    );
    says(
        &|s| s["members"][0]["optimizer"] = memory("adam", json!([])),
        "layers where 2 are expected",
    );
    let broken = json!({"step": 0, "layer": 7, "reason": "x"});
    says(
        &|s| s["members"][0]["divergence"] = broken.clone(),
        "divergence.layer: 7 is out of range",
    );
    says(
        &|s| {
            let mut second = s["members"][0].clone();
            second["step"] = json!(4);
            s["members"].as_array_mut().unwrap().push(second);
            s["config"] = json!("data=state&hidden=8&run=backprop,opt:adam&run=backprop,opt:adam");
        },
        "members[0].step: 0 differs from the others' 4",
    );
    let duplicate = GOLDEN[0].replacen("\"version\":1", "\"version\":1,\"version\":1", 1);
    let state = duplicate.split_once("\"state\":").unwrap().1;
    assert!(
        StateFile::parse(state)
            .unwrap_err()
            .to_string()
            .contains("duplicate field `version`")
    );
    assert!(
        StateFile::parse("")
            .unwrap_err()
            .to_string()
            .starts_with("not a state file: it is empty")
    );
}

#[test]
fn a_weight_too_large_for_single_precision_is_named() {
    let document: Value = serde_json::from_str(GOLDEN[0]).unwrap();
    let mut state = document["state"].clone();
    state["members"][0]["layers"][0]["bias"][0] = json!(1e300);
    let file = StateFile::parse(&state.to_string()).unwrap();
    assert!(file.member_states::<f64>().is_ok());
    let error = file.member_states::<f32>().unwrap_err().to_string();
    assert_eq!(
        error,
        "members[0]: a number is too large for single precision"
    );
}

/// A file of another kind, whole or cut off, is named with what it seems to be, and nothing of it in the words of a parser.
#[test]
fn what_is_no_state_says_what_it_is() {
    let golden: Value = serde_json::from_str(GOLDEN[0]).unwrap();
    let state = golden["state"].to_string();
    let related =
        r#"{"frame":{"build":"0.1.0","columns":[]},"measures":[],"query":"v=1","records":[]}"#;
    for (text, words) in [
        ("", "it is empty"),
        ("{}", "it is neither that nor a report of a run"),
        ("[1,2]", "it is neither that nor a report of a run"),
        ("{\"fra", "it is cut off"),
        (&state[..700], "it is only the beginning of one"),
        (&related[..30], "it is a report of a run, cut off"),
        (
            related,
            "it is the report of a related system, without a state",
        ),
        (
            r#"{"frame":{},"query":"","records":[]}"#,
            "it is the report of a run without its state",
        ),
        (
            r#"{"frame":{},"query":"","records":[],"state":null}"#,
            "the state in this report of a run is none, or damaged",
        ),
    ] {
        let refusal = StateFile::of_file("mine.json", text)
            .unwrap_err()
            .to_string();
        let begins = format!("mine.json: not a state file: {words}; allowed: a whole file");
        assert!(refusal.starts_with(&begins), "{text}: {refusal}");
    }
}
