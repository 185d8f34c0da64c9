//! What a user of the lab relies on: replays, mid-run changes, state files, divergence, errors that lose nothing.

use nalgebra::DMatrix;
use proptest::prelude::*;
use proxprop::data::{Points, Targets};
use proxprop::engine::evaluate::{Evaluator, batch_of};
use proxprop::frame::{Frame, Status};
use proxprop::lab::csv;
use proxprop::lab::session::{Command, Event, HIGH_STEPS, Session, Watch};
use proxprop::lab::trace::{Precision, trace};
use proxprop::nn::features::Inputs;
use proxprop::nn::mlp::Architecture;
use proxprop::nn::{Activation, Loss};

const SMALL: &str = "data=moons&n=50&noise=0.2&hidden=6,5&batch=16&epochs=30\
    &run=backprop,tau:0.3&run=prox-exact,opt:momentum,tau:1&run=prox-cg3,opt:nesterov,tau:0.2\
    &run=prox-exact,opt:adam,tau:0.01";

fn session(query: &str) -> Session {
    Session::new(query).unwrap()
}

/// A frame without what it has cost, which a state file does not keep.
fn timeless(s: &mut Session) -> Frame {
    let mut frame = s.frame();
    for member in &mut frame.members {
        (member.seconds_per_step, member.seconds_error) = (0.0, 0.0);
        member.flops = 0;
    }
    frame
}

fn state(s: &mut Session) -> String {
    match &s.apply(Command::State).unwrap()[..] {
        [Event::State(json)] => json.clone(),
        other => panic!("not a state: {other:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn playing_in_pieces_is_stepping_at_once(pieces in proptest::collection::vec(1u64..25, 1..6)) {
        let (mut whole, mut parts) = (session(SMALL), session(SMALL));
        whole.advance(pieces.iter().sum());
        pieces.iter().for_each(|&p| parts.advance(p));
        prop_assert_eq!(timeless(&mut whole), timeless(&mut parts));
    }

    #[test]
    fn a_state_file_goes_on_bit_for_bit(at in 1u64..60, further in 1u64..40) {
        let mut uninterrupted = session(SMALL);
        uninterrupted.advance(at);
        let json = state(&mut uninterrupted);
        let mut resumed = session("");
        resumed.apply(Command::LoadState { name: String::new(), json: json.clone() }).unwrap();
        prop_assert_eq!(&state(&mut resumed), &json);
        uninterrupted.advance(further);
        resumed.advance(further);
        prop_assert_eq!(timeless(&mut uninterrupted), timeless(&mut resumed));
        prop_assert_eq!(state(&mut uninterrupted), state(&mut resumed));
    }
}

#[test]
fn the_address_replays_a_run_with_changes_mid_run() {
    let mut live = session(SMALL);
    live.advance(17);
    live.apply(Command::Set {
        key: "run1.tau".into(),
        value: "0.05".into(),
    })
    .unwrap();
    live.advance(20);
    live.apply(Command::Set {
        key: "run2.rule".into(),
        value: "backprop".into(),
    })
    .unwrap();
    live.advance(20);
    let mut replayed = session(&live.config().to_string());
    replayed.advance(57);
    assert_eq!(timeless(&mut live), timeless(&mut replayed));
    let end = timeless(&mut live);
    live.apply(Command::Reset).unwrap();
    live.advance(57);
    assert_eq!(timeless(&mut live), end);
    live.apply(Command::ClearChanges).unwrap();
    live.advance(57);
    assert_ne!(timeless(&mut live), end);
}

#[test]
fn step_epoch_and_the_end_count_as_defined() {
    let mut s = session(SMALL);
    // 50 points in minibatches of 16: the last one has 2.
    assert_eq!((s.frame().steps_per_epoch, s.total_steps()), (4, 120));
    s.apply(Command::Step { steps: 1 }).unwrap();
    s.apply(Command::Epoch).unwrap();
    assert_eq!(s.step(), 4);
    s.apply(Command::Play).unwrap();
    assert!(s.playing());
    s.advance(u64::MAX);
    assert_eq!((s.step(), s.playing()), (120, false));
    assert!(s.frame().members.iter().all(|m| m.status == Status::Done));
    let events = s.apply(Command::Play).unwrap();
    assert_eq!(events, [Event::Playing(true)]);
    assert_eq!((s.step(), s.playing()), (0, true));
}

#[test]
fn the_default_run_tells_the_story() {
    let mut s = session("");
    s.advance(u64::MAX);
    let frame = s.frame();
    let (explicit, implicit) = (&frame.members[0], &frame.members[1]);
    assert_eq!(
        (explicit.status, implicit.status),
        (Status::Diverged, Status::Done)
    );
    assert!(explicit.diverged_at.unwrap() >= HIGH_STEPS && explicit.loss > 1.0);
    assert!(implicit.loss < 0.01 && implicit.accuracy == Some(1.0));
    let mut small = session("run=backprop,tau:0.3&run=prox-exact,tau:0.3");
    small.advance(u64::MAX);
    let frame = small.frame();
    assert!(
        frame.members[0].loss < 0.1 && frame.members[1].loss > 0.5,
        "at small steps the explicit one is faster"
    );
}

#[test]
fn divergence_to_infinity_freezes_one_member_and_no_other() {
    let run = "data=sine1d&n=40&hidden=6&act=relu&batch=40&epochs=50";
    let mut both = session(&format!(
        "{run}&run=backprop,tau:1e6&run=prox-exact,tau:0.1"
    ));
    let mut alone = session(&format!("{run}&run=prox-exact,tau:0.1"));
    both.advance(50);
    alone.advance(50);
    let (both, alone) = (timeless(&mut both), timeless(&mut alone));
    let diverged = &both.members[0];
    assert_eq!(diverged.status, Status::Diverged);
    let divergence = diverged.divergence.as_ref().unwrap();
    assert_eq!(Some(divergence.step), diverged.diverged_at);
    assert!(divergence.step < 50 && !divergence.reason.is_empty());
    assert_eq!(both.members[1], alone.members[0]);
}

#[test]
fn a_run_that_starts_high_and_descends_has_not_diverged() {
    let mut s = session("data=sine1d&scale=10&hidden=32,32&act=relu&init=he&run=backprop,tau:1e-5");
    s.advance(u64::MAX);
    let frame = s.frame();
    assert_eq!(frame.members[0].status, Status::Done);
    assert!(frame.members[0].loss < 10.0);
}

#[test]
fn a_loaded_run_keeps_its_start_as_long_as_that_fits() {
    let mut origin = session(SMALL);
    origin.advance(10);
    let json = state(&mut origin);
    let loaded = || {
        let mut s = session("");
        s.apply(Command::LoadState {
            name: String::new(),
            json: json.clone(),
        })
        .unwrap();
        s
    };
    let set = |s: &mut Session, key: &str, value: &str| {
        let (key, value) = (key.into(), value.into());
        s.apply(Command::Set { key, value }).unwrap()
    };
    let losses = |s: &mut Session| s.frame().members.iter().map(|m| m.loss).collect::<Vec<_>>();
    let notice = |events: &[Event]| {
        let text = |event: &Event| match event {
            Event::Notice(text) => Some(text.clone()),
            _ => None,
        };
        events.iter().find_map(text)
    };
    let start = losses(&mut loaded());

    let mut s = loaded();
    assert_eq!(notice(&set(&mut s, "epochs", "40")), None);
    assert_eq!((s.step(), losses(&mut s)), (10, start.clone()));
    s.apply(Command::AddRun).unwrap();
    s.apply(Command::DuplicateRun { run: 0 }).unwrap();
    s.apply(Command::RemoveRun { run: 2 }).unwrap();
    let expected = [start[0], start[0], start[2], start[3], start[3]];
    assert_eq!((s.step(), losses(&mut s)), (10, expected.to_vec()));
    // A copy learns as its original does.
    s.advance(7);
    let later = losses(&mut s);
    assert_eq!((later[0], later[3]), (later[1], later[4]));
    assert_ne!(later[0], start[0]);

    for (key, value) in [
        ("hidden", "6,6"),
        ("features", "x,xy"),
        ("seed", "2"),
        ("noise", "0.3"),
        ("data", "circle"),
    ] {
        let mut s = loaded();
        let text = notice(&set(&mut s, key, value)).expect(key);
        assert!(text.contains("the file"), "{key}: {text}");
        assert_eq!(s.step(), 0, "{key}");
        let mut straight = session(&s.config().to_string());
        assert_eq!(losses(&mut s), losses(&mut straight), "{key}");
    }
    let mut s = loaded();
    assert!(notice(&s.apply(Command::NewSeed).unwrap()).is_some());
}

#[test]
fn a_file_with_points_of_its_own_keeps_them() {
    let golden: serde_json::Value =
        serde_json::from_str(include_str!("golden/prox-exact-sgd-tanh.json")).unwrap();
    let json = golden["state"].to_string();
    let mut s = session("");
    s.apply(Command::LoadState {
        name: String::new(),
        json,
    })
    .unwrap();
    let scene = s.scene().clone();
    let before = s.frame().members[0].loss;
    let events = s.apply(Command::NewSeed).unwrap();
    assert!(
        events
            .iter()
            .any(|e| matches!(e, Event::Notice(text) if text.contains("fresh weights")))
    );
    assert_eq!(s.scene(), &scene);
    assert_ne!(s.frame().members[0].loss, before);
    let wrong = Command::Set {
        key: "task".into(),
        value: "regress".into(),
    };
    let error = s.apply(wrong).unwrap_err().to_string();
    assert_eq!(
        error,
        "task: \"regress\" does not fit the file's points, which have classes; allowed: auto, classify"
    );
}

#[test]
fn a_loaded_run_takes_another_optimizer() {
    let mut s = session(SMALL);
    s.advance(10);
    let json = state(&mut s);
    s.apply(Command::LoadState {
        name: String::new(),
        json,
    })
    .unwrap();
    s.apply(Command::Set {
        key: "run1.tau".into(),
        value: "0.01".into(),
    })
    .unwrap();
    let before = s.step();
    s.apply(Command::Set {
        key: "run1.opt".into(),
        value: "adam".into(),
    })
    .unwrap();
    s.apply(Command::Reset).unwrap();
    s.advance(5);
    assert_eq!(s.step(), before + 5);
    assert!(s.frame().members[0].loss.is_finite());
}

#[test]
fn a_finished_run_starts_over_with_what_its_card_showed() {
    let mut s = session(SMALL);
    s.advance(17);
    s.apply(Command::Set {
        key: "run1.tau".into(),
        value: "0.05".into(),
    })
    .unwrap();
    s.advance(u64::MAX);
    s.apply(Command::Set {
        key: "run1.decay".into(),
        value: "0.001".into(),
    })
    .unwrap();
    let run = &s.config().runs[0];
    assert_eq!(
        (run.tau, run.decay, s.step(), s.playing()),
        (0.05, 0.001, 0, true)
    );
}

#[test]
fn what_nobody_watches_is_not_computed_and_changes_no_number_of_a_frame() {
    let (mut seen, mut unseen) = (session(SMALL), session(SMALL));
    unseen
        .apply(Command::Watch(Watch {
            fields: false,
            neurons: None,
        }))
        .unwrap();
    // Played to, and looked back to: E and the layers are there whatever stands in front.
    for s in [&mut seen, &mut unseen] {
        s.advance(30);
        s.apply(Command::Seek { step: 17 }).unwrap();
    }
    let (seen, unseen) = (seen.progress(), unseen.progress());
    assert!(unseen.fields.is_empty() && !seen.fields.is_empty());
    for (a, b) in seen.frame.members.iter().zip(&unseen.frame.members) {
        assert_eq!((a.loss, a.validation_loss), (b.loss, b.validation_loss));
        assert_eq!((&a.layers, &a.energy), (&b.layers, &b.energy));
        // E is that of the plain sweep, so only plain steps have one.
        let sub_steps = if a.optimizer == "sgd" { 8 } else { 0 };
        assert_eq!((a.layers.len(), a.energy.len()), (3, sub_steps));
    }
}

#[test]
fn curves_are_bounded_and_handed_out_once() {
    let mut s = session("n=10&hidden=2&batch=10&epochs=20000&run=backprop,tau:0.1");
    s.apply(Command::Watch(Watch {
        fields: false,
        neurons: None,
    }))
    .unwrap();
    s.advance(10_000);
    let first = s.progress().records[0].len();
    s.advance(u64::MAX);
    let rest = s.progress().records[0].clone();
    assert!(
        first > 200 && first + rest.len() <= 601,
        "{first} + {}",
        rest.len()
    );
    assert_eq!(rest.last().unwrap().step, 20_000);
    assert!(s.progress().records[0].is_empty());
}

#[test]
fn a_map_is_asked_for_without_touching_the_run() {
    let mut s = session("n=20&epochs=30");
    s.advance(10);
    let (before, records) = (timeless(&mut s), s.records(1).len());
    for map in ["2,tau:0.1..100*4", "1,tau:1..2*2,seeds:3", ""] {
        let set = Command::Set {
            key: "map".into(),
            value: map.into(),
        };
        let events = s.apply(set).unwrap();
        let query = s.config().to_string();
        assert_eq!(events, [Event::Query { query }]);
        assert_eq!(s.config().map.is_some(), !map.is_empty());
        assert_eq!(timeless(&mut s), before);
        assert_eq!(s.records(1).len(), records);
    }
}

#[test]
fn errors_say_what_is_allowed_and_change_nothing() {
    let mut s = session(SMALL);
    s.advance(5);
    let before = (timeless(&mut s), s.config().to_string());
    let set = |key: &str, value: &str| Command::Set {
        key: key.into(),
        value: value.into(),
    };
    for (command, part) in [
        (
            Command::Load {
                query: "data=torus".into(),
            },
            "torus",
        ),
        (
            Command::LoadState {
                name: String::new(),
                json: "{}".into(),
            },
            "a report of a run",
        ),
        (set("run1.tau", "NaN"), "NaN"),
        (set("run9.tau", "1"), "run"),
        (set("run0.tau", "1"), "run"),
        (set("noise", "-1"), "-1"),
        (set("colour", "red"), "colour"),
        (Command::RemoveRun { run: 7 }, "run 8"),
        (
            Command::DuplicateRun {
                run: usize::MAX - 1,
            },
            "does not exist",
        ),
    ] {
        let error = s.apply(command.clone()).unwrap_err().to_string();
        assert!(error.contains(part), "{command:?}: {error}");
        assert_eq!(
            (timeless(&mut s), s.config().to_string()),
            before,
            "{command:?}"
        );
    }
}

#[test]
fn runs_are_added_copied_and_removed_within_bounds() {
    let mut s = session("run=backprop,tau:0.5");
    assert!(s.apply(Command::RemoveRun { run: 0 }).is_err());
    for _ in 0..4 {
        s.apply(Command::AddRun).unwrap();
    }
    s.apply(Command::Set {
        key: "run5.tau".into(),
        value: "2".into(),
    })
    .unwrap();
    s.apply(Command::DuplicateRun { run: 4 }).unwrap();
    assert_eq!(s.config().runs.len(), 6);
    assert_eq!(s.config().runs[5].tau, 2.0);
    assert!(s.apply(Command::AddRun).is_err());
    s.apply(Command::RemoveRun { run: 0 }).unwrap();
    assert_eq!(s.config().runs.len(), 5);
}

#[test]
fn runs_are_copied_as_their_cards_show_them() {
    let mut s = session("run=backprop,tau:10&run=prox-exact,tau:10");
    s.advance(5);
    for (key, value) in [("run1.tau", "0.5"), ("run2.tau", "3")] {
        let (key, value) = (key.into(), value.into());
        s.apply(Command::Set { key, value }).unwrap();
    }
    s.apply(Command::DuplicateRun { run: 1 }).unwrap();
    let taus: Vec<f64> = s.config().runs.iter().map(|run| run.tau).collect();
    assert_eq!(taus, [0.5, 3.0, 3.0]);
}

#[test]
fn a_run_that_comes_diverged_from_a_file_is_left_as_it_is() {
    let mut s = session("");
    s.advance(120);
    let json = state(&mut s);
    s.apply(Command::LoadState {
        name: String::new(),
        json,
    })
    .unwrap();
    let before = s.config().clone();
    for command in [
        Command::BackAndHalve { run: 0, steps: 20 },
        Command::SwitchToProx { run: 0 },
        Command::Set {
            key: "run1.tau".into(),
            value: "1".into(),
        },
    ] {
        let error = s.apply(command).unwrap_err().to_string();
        assert!(
            error.starts_with("run 1 had diverged before its state was saved"),
            "{error}"
        );
    }
    assert_eq!((s.config(), s.playing()), (&before, false));
    s.advance(5);
    assert_eq!(s.frame().members[1].status, Status::Training);
}

#[test]
fn a_run_ended_by_a_stop_rule_is_over_in_its_state_file_too() {
    for stop in ["divergence", "plateau:5", "loss:0.65"] {
        let mut s = session(&format!("stop={stop}"));
        s.advance(u64::MAX);
        let (step, why) = (s.step(), s.frame().stopped);
        assert!(
            s.finished() && step < s.total_steps() && why.is_some(),
            "{stop}"
        );
        let json = state(&mut s);
        s.apply(Command::LoadState {
            name: String::new(),
            json,
        })
        .unwrap();
        s.advance(10);
        assert_eq!((s.step(), s.frame().stopped), (step, why), "{stop}");
        // Another rule is judged anew.
        let (key, value) = ("stop".into(), "epochs".into());
        s.apply(Command::Set { key, value }).unwrap();
        s.advance(10);
        assert_eq!(s.step(), step + 10, "{stop}");
    }
}

#[test]
fn the_die_throws_every_seed_of_up_to_four_digits() {
    let mut s = session("n=2&hidden=1&run=backprop");
    let mut seen = std::collections::HashSet::new();
    for _ in 0..300 {
        s.apply(Command::NewSeed).unwrap();
        assert!(seen.insert(s.config().seed), "no seed comes twice");
    }
}

#[test]
fn very_small_losses_keep_their_digits() {
    let query = "data=moons&noise=0.02&hidden=16,16&epochs=200&run=prox-exact,tau:30";
    let mut s = session(query);
    s.advance(200);
    let loss = s.frame().members[0].loss;
    assert!(0.0 < loss && loss < 1e-8, "{loss}");
    // The same weights in double precision.
    let json = state(&mut s);
    let file = proxprop::lab::state::StateFile::parse(&json).unwrap();
    let trace = trace(&file, 1, Precision::F64).unwrap();
    let trace = serde_json::to_value(trace).unwrap();
    let exact = trace["members"][0]["trace"][0]["loss"].as_f64().unwrap();
    assert!((loss / exact - 1.0).abs() < 2e-3, "{loss} {exact}");
}

#[test]
fn what_does_not_fit_into_memory_is_refused() {
    let wide = "n=100000&batch=100000&hidden=1024,1024,1024,1024,1024,1024,1024,1024&run=backprop";
    let error = Session::new(wide).err().unwrap().to_string();
    assert!(
        error.starts_with("batch: 100000 points per step through these 8 hidden layers"),
        "{error}"
    );
}

/// Whose loss goes above the level of divergence and comes back, to the end of a long run.
#[test]
fn a_run_that_bounces_to_its_end_is_said_not_to_settle() {
    let mut s = session(
        "data=arms3&epochs=3000&run=backprop,tau:9&run=prox-exact,tau:10&run=backprop,tau:30",
    );
    s.advance(u64::MAX);
    let frame = s.frame();
    let told = |run: usize| frame.members[run].explanation.clone();
    let words = told(0).unwrap();
    assert!(
        words.starts_with("Run 1 does not settle: in its last 750 steps its loss was above 13.3, "),
        "{words}"
    );
    assert_eq!(told(1), None);
    assert!(told(2).unwrap().starts_with("Run 3 diverged at step "));
    // One that ends before anything could be told is still too short.
    let mut s = session("epochs=80&run=backprop,tau:10");
    s.advance(u64::MAX);
    let words = s.frame().members[0].explanation.clone().unwrap();
    assert!(
        words.ends_with("this run was too short to tell."),
        "{words}"
    );
}

/// Where a minibatch's own E is off the ground, no sub-step has done it.
#[test]
fn a_divergence_is_told_where_it_began() {
    let told = |query: &str| {
        let mut s = session(query);
        s.advance(u64::MAX);
        s.frame().members[0].explanation.clone().unwrap()
    };
    let output = told("data=sine1d&run=prox-exact,tau:10");
    assert!(
        output.contains("at sub-step Θ₃ (layer 3, the output layer, whose step is explicit under every rule): it rose"),
        "{output}"
    );
    let before = told("data=moons&batch=10&run=backprop,tau:100");
    assert!(
        before.contains("E was off the ground as soon as step ") && !before.contains("sub-step"),
        "{before}"
    );
}

/// Where nobody looks, a member makes several steps before the next one has its turn.
#[test]
fn members_that_take_turns_seldom_stop_and_change_where_they_would() {
    for runs in [
        // Run 2 is given up for its high losses, and the run goes on.
        "data=moons&batch=20&run=prox-exact,tau:1&run=backprop,tau:300&change=37,1,tau:0.1",
        // All are, which ends the run.
        "data=moons&batch=20&run=backprop,tau:1000000&run=backprop,tau:300",
        // All fail.
        "data=sine1d&act=relu&batch=10&run=backprop,tau:100&run=backprop,tau:10",
    ] {
        let query = format!("v=1&hidden=6,6&n=60&epochs=40000&{runs}");
        let (mut whole, mut steps) = (session(&query), session(&query));
        // As text, for what is no number is not equal to itself.
        let told = |s: &mut Session| {
            let runs = 0..s.config().runs.len();
            let records: Vec<_> = runs.map(|run| s.records(run).to_vec()).collect();
            format!("{records:?} {:?}", timeless(s))
        };
        // On the way somewhere else: the last step is looked into when it is over.
        for until in [30, 102, 333] {
            whole.pursue(u64::MAX, until - whole.step());
            while steps.step() < until && !steps.finished() {
                steps.pursue(u64::MAX, 1);
            }
            assert_eq!(whole.step(), steps.step(), "{runs}");
            assert_eq!(told(&mut whole), told(&mut steps), "{runs}");
        }
    }
}

#[test]
fn one_link_gives_one_table_whoever_watches_and_however_it_is_played() {
    let table = |s: &mut Session| {
        let records: Vec<_> = (0..4).map(|i| s.records(i)).map(<[_]>::to_vec).collect();
        let records: Vec<&[_]> = records.iter().map(Vec::as_slice).collect();
        csv::curves(&s.frame(), &records, 3)
    };
    let mut watched = session(SMALL);
    watched.advance(u64::MAX);
    let mut unwatched = session(SMALL);
    unwatched
        .apply(Command::Watch(Watch {
            fields: false,
            neurons: None,
        }))
        .unwrap();
    while !unwatched.finished() {
        unwatched.pursue(u64::MAX, 7);
        unwatched.glance();
    }
    assert_eq!(table(&mut watched), table(&mut unwatched));
}

#[test]
fn a_glance_is_cheap_and_what_is_held_is_whole() {
    // Long enough for steps that are not recorded.
    let run = SMALL.replace("epochs=30", "epochs=1000");
    let (mut stepped, mut played) = (session(&run), session(&run));
    stepped.apply(Command::Step { steps: 45 }).unwrap();
    played.pursue(u64::MAX, 45);
    let glance = played.glance();
    assert!(glance.fields.is_empty());
    let field = &played.fields(10).0[0];
    assert_eq!((field.columns, field.rows), (10, 10));
    assert_eq!(glance.frame.step, 45);
    assert_ne!(
        glance.frame.members[1].layers,
        stepped.frame().members[1].layers
    );
    // What was passed by is looked into where the run stands, without a step.
    assert_eq!(timeless(&mut played), timeless(&mut stepped));
    let (held, whole) = (played.progress(), stepped.progress());
    assert_eq!(held.fields, whole.fields);
    // Settings that act from the next step on change nothing of the last one.
    let set = |s: &mut Session| {
        let (key, value) = ("run1.tau".into(), "0.05".into());
        s.apply(Command::Set { key, value }).unwrap();
    };
    played.pursue(u64::MAX, 4);
    stepped.apply(Command::Step { steps: 4 }).unwrap();
    set(&mut played);
    set(&mut stepped);
    assert_eq!(timeless(&mut played), timeless(&mut stepped));
}

#[test]
fn an_answer_that_ties_is_right_by_chance() {
    for (data, chance) in [
        ("n=200", 0.5),
        (
            "data=points&points=0:0,0;0.1,0/1:0.5,0;0.6,0/2:0,0.5;0,0.6",
            1.0 / 3.0,
        ),
    ] {
        // So much decay leaves weights of zero at the first step, but for a gradient that vanishes with them.
        let mut s = session(&format!("{data}&epochs=300&run=backprop,tau:1,decay:1"));
        s.advance(u64::MAX);
        let member = s.frame().members.swap_remove(0);
        assert!(
            (member.loss + f64::ln(chance)).abs() < 1e-6,
            "{}",
            member.loss
        );
        assert!(
            (member.accuracy.unwrap() - chance).abs() < 1e-9,
            "{:?}",
            member.accuracy
        );
        let held_out = member.validation_accuracy;
        assert!(
            held_out.is_none_or(|a| (a - chance).abs() < 1e-9),
            "{held_out:?}"
        );
    }
}

/// The accuracy where every sample has these answers, by label.
fn accuracy_of(answers: [f64; 3]) -> [f64; 3] {
    [0, 1, 2].map(|label| {
        let points = Points {
            inputs: DMatrix::zeros(1, 2),
            targets: Targets::Classes {
                labels: vec![label],
                classes: 3,
            },
        };
        let (inputs, loss) = (Inputs::plain(2), Loss::CrossEntropy);
        let architecture = Architecture::dense(inputs, &[], Activation::Tanh, 3, loss);
        let theta = DMatrix::from_fn(
            3,
            3,
            |row, class| if row == 2 { answers[class] } else { 0.0 },
        );
        let batch = batch_of::<f64>(&points, &architecture);
        let evaluation = Evaluator::new(&architecture).evaluate(&[theta], &batch);
        evaluation.unwrap().accuracy.unwrap()
    })
}

#[test]
fn a_label_that_shares_the_top_counts_its_share() {
    assert_eq!(accuracy_of([2.0, 1.0, 0.0]), [1.0, 0.0, 0.0]);
    assert_eq!(accuracy_of([1.0, 0.0, 1.0]), [0.5, 0.0, 0.5]);
    assert_eq!(accuracy_of([7.0; 3]), [1.0 / 3.0; 3]);
    assert_eq!(accuracy_of([f64::NAN, 1.0, 0.0]), [0.0; 3]);
}

#[test]
fn drawn_points_far_from_the_origin_are_said_to_be_far() {
    let remark = |query: &str| session(query).remark().unwrap_or_default();
    let far = remark("data=points&points=0:-10,0;10,0/1:0,0.5&features=x,xx");
    assert!(far.contains("the input x² goes as far as 100,"), "{far}");
    assert_eq!(
        remark("data=points&points=0:-1,0;1,0/1:0,0.5&features=x,xx"),
        ""
    );
    // Noise is asked for by a number.
    assert_eq!(remark("noise=2&features=xx,yy"), "");
}
