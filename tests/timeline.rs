//! The timeline: what is reached by looking back is what was reached by playing, branches replay as their address says,
//! divergence is explained, stop rules stop, and nothing grows without bound.

use proptest::prelude::*;
use proxprop::frame::{Frame, Ghost, Record, Status};
use proxprop::lab::history::MOST_RECORDS;
use proxprop::lab::session::{Command, Event, HIGH_STEPS, MOST_GHOSTS, Session, Watch};
use proxprop::lab::timeline::{MOST_BYTES, MOST_KEYFRAMES};

/// Every rule and optimizer, small minibatches, a run that is thrown out and a scripted change.
const MIXED: &str = "data=moons&n=50&noise=0.2&hidden=6,5&batch=16&epochs=30\
    &run=backprop,tau:0.3&run=prox-exact,opt:momentum,tau:1&run=prox-cg3,opt:nesterov,tau:0.2\
    &run=backprop,tau:30&run=prox-exact,opt:adam,tau:0.01&change=45,1,tau:0.1";

fn session(query: &str) -> Session {
    Session::new(query).unwrap()
}

fn set(s: &mut Session, key: &str, value: &str) -> Vec<Event> {
    let (key, value) = (key.into(), value.into());
    s.apply(Command::Set { key, value }).unwrap()
}

fn seek(s: &mut Session, step: u64) {
    s.apply(Command::Seek { step }).unwrap();
}

/// A frame without the time it took.
fn timeless(s: &mut Session) -> Frame {
    let mut frame = s.frame();
    for member in &mut frame.members {
        (member.seconds_per_step, member.seconds_error) = (0.0, 0.0);
    }
    frame
}

fn state(s: &mut Session) -> String {
    match &s.apply(Command::State).unwrap()[..] {
        [Event::State(json)] => json.clone(),
        other => panic!("not a state: {other:?}"),
    }
}

/// All records before `step`, as text: NaN equals NaN there.
fn records(s: &Session, step: u64) -> Vec<String> {
    let members = 0..s.config().runs.len();
    let before = |i| s.records(i).iter().filter(move |r| r.step < step);
    members
        .map(|i| format!("{:?}", before(i).collect::<Vec<&Record>>()))
        .collect()
}

/// The same run from its address, played at once to the same step.
fn straight(s: &Session) -> Session {
    let mut straight = session(&s.config().to_string());
    straight
        .apply(Command::Watch(Watch {
            fields: false,
            neurons: None,
        }))
        .unwrap();
    straight.advance(s.step());
    straight
}

fn ghosts(events: &[Event]) -> Vec<&Ghost> {
    let added = |event| match event {
        &Event::Ghosts {
            added: Some(ref ghost),
            ..
        } => Some(&**ghost),
        _ => None,
    };
    events.iter().filter_map(added).collect()
}

#[derive(Clone, Debug)]
enum Move {
    Play(u64),
    Seek(u64),
    Set(usize, &'static str, &'static str),
    Epoch,
    Reset,
}

fn a_move() -> impl Strategy<Value = Move> {
    let setting = prop::sample::select(vec![
        ("tau", "0.05"),
        ("tau", "0.2"),
        ("tau_theta", "3"),
        ("rule", "prox-cg2"),
        ("opt", "adam"),
        ("momentum", "0.5"),
    ]);
    prop_oneof![
        (1..40_u64).prop_map(Move::Play),
        (0..130_u64).prop_map(Move::Seek),
        (0..5_usize, setting).prop_map(|(run, (key, value))| Move::Set(run, key, value)),
        Just(Move::Epoch),
        Just(Move::Reset),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_walk_on_the_timeline_is_the_run_of_its_address(moves in prop::collection::vec(a_move(), 1..12)) {
        let mut walked = session(MIXED);
        for step in moves {
            match step {
                Move::Play(steps) => walked.advance(steps),
                Move::Seek(step) => {
                    seek(&mut walked, step);
                    let end = walked.total_steps();
                    prop_assert_eq!(walked.step(), step.min(end));
                }
                Move::Set(run, key, value) => {
                    set(&mut walked, &format!("run{}.{key}", run + 1), value);
                }
                Move::Epoch => drop(walked.apply(Command::Epoch).unwrap()),
                Move::Reset => drop(walked.apply(Command::Reset).unwrap()),
            }
            let mut straight = straight(&walked);
            prop_assert_eq!(timeless(&mut walked), timeless(&mut straight));
            prop_assert_eq!(state(&mut walked), state(&mut straight));
            let step = walked.step();
            prop_assert_eq!(records(&walked, step), records(&straight, step));
        }
        // And to the end from wherever the walk has led.
        walked.advance(u64::MAX);
        let mut straight = session(&walked.config().to_string());
        straight.advance(u64::MAX);
        prop_assert_eq!(records(&walked, u64::MAX), records(&straight, u64::MAX));
        prop_assert_eq!(timeless(&mut walked), timeless(&mut straight));
    }
}

#[test]
fn a_goal_in_slices_is_the_goal_at_once() {
    let (mut whole, mut slices) = (session(MIXED), session(MIXED));
    for command in [
        Command::Step { steps: 115 },
        Command::Seek { step: 37 },
        Command::Epoch,
        Command::Seek { step: 99 },
    ] {
        whole.apply(command.clone()).unwrap();
        slices.begin(command).unwrap();
        let goal = slices.goal();
        while slices.step() < goal {
            slices.pursue(goal, 3);
        }
        assert_eq!(timeless(&mut whole), timeless(&mut slices));
        assert_eq!(state(&mut whole), state(&mut slices));
    }
    // Goals add up, whether or not the first was reached.
    slices.begin(Command::Step { steps: 2 }).unwrap();
    slices.begin(Command::Step { steps: 3 }).unwrap();
    assert_eq!(slices.goal(), 104);
    slices.begin(Command::Pause).unwrap();
    assert_eq!(slices.goal(), 99);
}

#[test]
fn curves_are_handed_out_once_whatever_is_looked_at() {
    let mut s = session("n=20&hidden=3&batch=20&epochs=100&run=backprop,tau:0.1");
    s.advance(40);
    assert_eq!(s.progress().records[0].len(), 40);
    seek(&mut s, 10);
    s.advance(40);
    let progress = s.progress();
    assert_eq!((progress.frame.step, progress.furthest), (50, 50));
    assert_eq!(
        progress.records[0]
            .iter()
            .map(|r| r.step)
            .collect::<Vec<_>>(),
        (40..50).collect::<Vec<_>>()
    );
    seek(&mut s, 20);
    assert_eq!(s.progress().furthest, 50);
    let events = set(&mut s, "run1.tau", "0.2");
    assert!(
        matches!(&events[0], Event::Branched { step: 20, query } if query.contains("change=20,1,tau:0.2"))
    );
    assert!(s.progress().records[0].is_empty());
    s.advance(5);
    assert_eq!(s.progress().records[0][0].step, 20);
}

#[test]
fn a_branch_drops_later_changes_and_leaves_a_ghost() {
    let mut s = session(
        "n=20&hidden=3&batch=20&epochs=100&run=backprop,tau:0.1&run=backprop,tau:0.2&run=backprop,tau:0.3",
    );
    s.advance(30);
    assert!(
        ghosts(&set(&mut s, "run2.tau", "0.5")).is_empty(),
        "nothing lies beyond"
    );
    s.advance(30);
    let before = records(&s, u64::MAX);
    seek(&mut s, 12);
    // The value that it has already changes nothing.
    let same = set(&mut s, "run1.tau", "0.1");
    assert!(matches!(&same[..], [Event::Query { query }] if query.contains("change=30,2,tau:0.5")));
    let events = set(&mut s, "run1.tau", "0.4");
    assert!(s.config().to_string().ends_with("&change=12,1,tau:0.4"));
    let ghost = ghosts(&events)[0];
    assert_eq!(ghost.name, "run 1 before step size τ 0.1 → 0.4 at step 12");
    assert_eq!((ghost.from, ghost.steps_per_epoch), (12, 1));
    // Run 2 loses its change and so goes another way too; run 3 does not.
    assert_eq!(
        ghost.curves.iter().map(|c| c.run).collect::<Vec<_>>(),
        [0, 1]
    );
    for curve in &ghost.curves {
        assert_eq!((curve.records[0].step, curve.records.len()), (11, 49));
        assert!(before[curve.run].contains(&format!("{:?}", curve.records[40])));
    }
    s.advance(30);
    assert_ne!(records(&s, 42)[0], before[0]);
}

#[test]
fn ghosts_are_bounded_and_named() {
    let mut s =
        session("n=20&hidden=3&batch=20&epochs=100&run=backprop,tau:0.1&run=prox-exact,tau:0.1");
    let mut kept = Vec::new();
    for i in 0..12 {
        s.advance(20);
        seek(&mut s, 5);
        let events = set(&mut s, "run1.tau", &format!("0.{}", i + 11));
        for event in &events {
            if let Event::Ghosts { kept: now, added } = event {
                assert_eq!(added.as_ref().unwrap().id, *now.last().unwrap());
                kept.clone_from(now);
            }
        }
    }
    assert_eq!(kept, (12 - MOST_GHOSTS as u32..12).collect::<Vec<_>>());

    s.advance(20);
    let name = |events: &[Event]| {
        ghosts(events)
            .iter()
            .map(|g| g.name.clone())
            .collect::<Vec<_>>()
    };
    let events = s.apply(Command::NewSeed).unwrap();
    let seed = s.config().seed;
    assert_eq!(name(&events), [format!("before seed 1 → {seed}")]);
    s.advance(20);
    assert_eq!(
        name(&set(&mut s, "noise", "0.3")),
        ["before noise 0.1 → 0.3"]
    );
    s.advance(u64::MAX);
    assert_eq!(
        name(&set(&mut s, "run2.tau", "1")),
        ["run 2 before step size τ 0.1 → 1"]
    );
    s.advance(20);
    // Another length is the same curve, other runs or data none that compares.
    assert!(name(&set(&mut s, "epochs", "50")).is_empty());
    s.advance(20);
    let events = s.apply(Command::AddRun).unwrap();
    assert!(events.contains(&Event::Ghosts {
        added: None,
        kept: Vec::new()
    }));
    assert!(s.apply(Command::ForgetGhosts).unwrap().is_empty());
}

#[test]
fn reset_and_play_go_over_the_same_ground() {
    let mut s = session(MIXED);
    s.advance(u64::MAX);
    let (end, all) = (timeless(&mut s), records(&s, u64::MAX));
    assert_eq!(end.stopped.as_deref(), Some("All 30 epochs are done."));
    let events = s.apply(Command::Play).unwrap();
    assert_eq!(events, [Event::Playing(true)]);
    assert_eq!((s.step(), s.frame().stopped), (0, None));
    s.advance(u64::MAX);
    assert!(!s.playing());
    assert_eq!((timeless(&mut s), records(&s, u64::MAX)), (end, all));
}

#[test]
fn a_divergence_is_explained_whether_or_not_it_was_watched() {
    let mut explanations = Vec::new();
    for watched in [true, false] {
        let mut s = session("");
        let watch = Watch {
            fields: watched,
            neurons: None,
        };
        s.apply(Command::Watch(watch)).unwrap();
        s.advance(u64::MAX);
        let member = &s.frame().members[0];
        let departure = member.departure.clone().unwrap();
        let (left, at) = (departure.step, member.diverged_at.unwrap());
        assert!(departure.before < departure.after.unwrap());
        assert!(left == 1 && at - left >= HIGH_STEPS, "{departure:?}");
        // The sweep of that very step, computed by playing there.
        let mut there = session("");
        there.advance(left);
        let energies = there.frame().members[0].energy.clone();
        let found = energies.iter().position(|e| e.at == departure.at).unwrap();
        assert_eq!(Some(energies[found].value), departure.after);
        assert_eq!(energies[found - 1].value, departure.before);
        explanations.push(member.explanation.clone().unwrap());
        assert_eq!(s.frame().members[1].explanation, None);
    }
    assert_eq!(explanations[0], explanations[1]);
    let (text, start) = (&explanations[0], "Run 1 diverged at step ");
    assert!(
        text.starts_with(start)
            && text
                .contains(" E left the ground in step 1 at sub-step Θ₂ (layer 2): it rose from "),
        "{text}"
    );
}

#[test]
fn a_run_from_a_state_file_is_told_no_place_before_the_file() {
    let mut s = session("");
    s.advance(50);
    let json = state(&mut s);
    let mut resumed = session("");
    resumed
        .apply(Command::LoadState {
            name: String::new(),
            json,
        })
        .unwrap();
    let [whole, resumed] = [s, resumed].map(|mut s| {
        s.advance(u64::MAX);
        s.frame().members[0].clone()
    });
    assert_eq!(whole.diverged_at, resumed.diverged_at);
    assert!(whole.departure.is_some() && resumed.departure.is_none());
}

#[test]
fn infinities_are_explained_too_and_other_optimizers_without_e() {
    let run = "data=sine1d&n=40&hidden=6&act=relu&batch=40&epochs=50&run=backprop";
    let mut plain = session(&format!("{run},tau:1e6"));
    plain.advance(u64::MAX);
    let member = &plain.frame().members[0];
    assert!(member.departure.is_some() && member.status == Status::Diverged);
    assert_eq!(
        plain.frame().stopped.unwrap(),
        format!("Stopped at step {}: every run has diverged.", plain.step())
    );
    let mut momentum = session(&format!("{run},opt:momentum,tau:1e6"));
    momentum.advance(u64::MAX);
    let member = &momentum.frame().members[0];
    assert_eq!(
        (member.status, &member.departure),
        (Status::Diverged, &None)
    );
    assert!(!member.explanation.as_ref().unwrap().contains('E'));
}

#[test]
fn back_and_halve_and_switch_to_prox_do_just_that() {
    // A run that trains well until a change throws it out.
    let query = "epochs=400&run=backprop,tau:1&change=150,1,tau:100";
    let diverged = || {
        let mut s = session(query);
        s.advance(u64::MAX);
        assert_eq!(s.frame().members[0].status, Status::Diverged);
        s
    };
    let mut s = diverged();
    let left = s.frame().members[0].departure.as_ref().unwrap().step - 1;
    assert!(left >= 150);
    let events = s
        .apply(Command::BackAndHalve { run: 0, steps: 20 })
        .unwrap();
    let at = left - 20;
    assert!(events.contains(&Event::Playing(true)) && ghosts(&events).len() == 1);
    let tau = if at < 150 { 0.5 } else { 50.0 };
    assert!(
        s.config()
            .to_string()
            .ends_with(&format!("&change={at},1,tau:{tau}")),
        "{}",
        s.config()
    );
    assert_eq!((s.step(), s.playing()), (at, true));
    let mut straight = straight(&s);
    assert_eq!(timeless(&mut s), timeless(&mut straight));

    let mut s = diverged();
    s.apply(Command::SwitchToProx { run: 0 }).unwrap();
    assert!(
        s.config()
            .to_string()
            .ends_with(&format!("&change={at},1,rule:prox-exact"))
    );
    s.advance(u64::MAX);
    assert_eq!(s.frame().members[0].status, Status::Done);
    for command in [
        Command::BackAndHalve { run: 0, steps: 20 },
        Command::SwitchToProx { run: 0 },
    ] {
        let error = s.apply(command).unwrap_err().to_string();
        assert_eq!(
            error,
            "run 1 has not diverged here; allowed: for a run that has"
        );
    }
    // What is thrown out in its first steps starts anew.
    let mut s = session("");
    s.advance(u64::MAX);
    s.apply(Command::BackAndHalve { run: 0, steps: 20 })
        .unwrap();
    assert_eq!(
        (s.step(), s.config().runs[0].tau, s.config().runs[1].tau),
        (0, 5.0, 10.0)
    );
}

#[test]
fn stop_rules_stop_and_say_why() {
    let stopped = |query: &str| {
        let mut s = session(query);
        s.advance(u64::MAX);
        assert!(!s.playing() && s.finished());
        let frame = s.frame();
        (frame.step, frame.stopped.unwrap(), s)
    };
    let run = "epochs=400&run=backprop,tau:1&run=prox-exact,tau:10";
    let (step, why, s) = stopped(&format!("{run}&stop=loss:0.05"));
    let first = |i| s.records(i).iter().find(|r| r.loss <= 0.05).unwrap().step;
    assert_eq!(step, first(0).max(first(1)));
    assert_eq!(
        why,
        format!(
            "Stopped at step {step}: the training loss has been at or below 0.05 in every run that has not diverged: \
             run 1 at step {}, run 2 at step {}.",
            first(0),
            first(1)
        )
    );
    assert_eq!(s.records(0).last().unwrap().step, step);

    // Explicit steps reach their plateau long before the creeping implicit ones.
    let (step, why, s) = stopped(
        "data=gauss&epochs=3000&stop=plateau:5,loss:1e-12&run=backprop,tau:0.3&run=prox-exact,tau:1e-3",
    );
    assert!(why.contains("in the last 5 steps") && step >= 5, "{why}");
    for i in 0..s.config().runs.len() {
        let lowest = |until: u64| {
            let losses = s
                .records(i)
                .iter()
                .filter(|r| r.step <= until)
                .map(|r| r.loss);
            losses.fold(f64::INFINITY, f64::min)
        };
        assert!(lowest(step) >= 0.99 * lowest(step - 5));
    }

    let (step, why, mut s) = stopped("stop=divergence");
    assert_eq!(why, format!("Stopped at step {step}: run 1 has diverged."));
    assert_eq!(s.frame().members[1].status, Status::Done);
    // Looking back and playing on ends at the same place; another way has its own end.
    seek(&mut s, 10);
    assert_eq!(s.frame().stopped, None);
    s.advance(u64::MAX);
    assert_eq!((s.step(), s.frame().stopped.unwrap()), (step, why));
    seek(&mut s, 0);
    set(&mut s, "run1.tau", "1");
    s.advance(u64::MAX);
    assert_eq!(s.step(), s.total_steps());
}

#[test]
fn costs_grow_and_do_not_depend_on_looking_back() {
    let query = "n=20&batch=8&hidden=3&epochs=40&run=backprop,tau:0.1&run=prox-exact,tau:0.1&run=prox-cg2,tau:0.1";
    let mut s = session(query).with_clock(|| {
        use std::sync::atomic::{AtomicU64, Ordering};
        static TICKS: AtomicU64 = AtomicU64::new(0);
        TICKS.fetch_add(1, Ordering::Relaxed) as f64
    });
    s.advance(50);
    seek(&mut s, 7);
    s.advance(60);
    for i in 0..3 {
        let records = s.records(i);
        assert!(records.is_sorted_by(|a, b| a.seconds <= b.seconds && a.flops < b.flops));
        assert!(records.last().unwrap().seconds > 60.0);
    }
    // 2-3-2 on 8 samples: forward 6·8·3 … as in `steps::work`; two steps of 8 and one of 4 in each epoch.
    let explicit = |n: u64| 2 * (2 * n * 3 * 3 + 2 * n * 4 * 2) + 2 * n * 3 * 2;
    assert_eq!(s.records(0)[3].flops, explicit(8) * 2 + explicit(4));
    let mut straight = session(query);
    straight.advance(67);
    let flops = |s: &mut Session| {
        s.frame()
            .members
            .iter()
            .map(|m| m.flops)
            .collect::<Vec<_>>()
    };
    assert_eq!(flops(&mut s), flops(&mut straight));
}

#[test]
fn memory_is_flat_over_two_hundred_thousand_steps() {
    let mut s = session(
        "n=4&valid=0&hidden=1&batch=4&epochs=200000&run=backprop,tau:0.001&run=prox-exact,opt:adam,tau:0.001",
    );
    s.apply(Command::Watch(Watch {
        fields: false,
        neurons: None,
    }))
    .unwrap();
    let bounded = |s: &Session| {
        let (keyframes, bytes) = s.timeline_size();
        assert!(
            keyframes <= MOST_KEYFRAMES && bytes <= MOST_BYTES,
            "{keyframes}, {bytes}"
        );
        for i in 0..2 {
            assert!(s.records(i).len() as u64 <= MOST_RECORDS + 1);
        }
        bytes
    };
    for _ in 0..20 {
        s.advance(10_000);
        // With tiny networks the number of keyframes is what bounds.
        assert!(bounded(&s) <= MOST_KEYFRAMES * 2 * 4096);
    }
    assert_eq!(s.step(), 200_000);
    let end = state(&mut s);
    for step in [1, 99_999, 150_001, 150_000, 199_999] {
        seek(&mut s, step);
        assert_eq!(s.step(), step);
        bounded(&s);
    }
    seek(&mut s, 200_000);
    assert_eq!(state(&mut s), end);
}

#[test]
fn wide_networks_keep_few_keyframes() {
    let run = "n=2&valid=0&hidden=1024,1024&batch=2&epochs=100000&run=backprop,opt:adam,tau:0.001";
    let mut s = session(run);
    s.apply(Command::Watch(Watch {
        fields: false,
        neurons: None,
    }))
    .unwrap();
    s.advance(100);
    // Each takes 12.6 MB, so that the six multiples of sixteen so far are one too many.
    let (keyframes, bytes) = s.timeline_size();
    assert!(
        (1..=5).contains(&keyframes) && bytes <= MOST_BYTES,
        "{keyframes}, {bytes}"
    );
    let end = timeless(&mut s);
    seek(&mut s, 33);
    assert_eq!(s.step(), 33);
    seek(&mut s, 100);
    assert_eq!(timeless(&mut s).members[0].loss, end.members[0].loss);
}

#[test]
fn a_direction_that_overflows_is_not_blamed_on_the_forward_pass() {
    let mut s =
        Session::new("scale=100&act=relu&hidden=64,64,64,64,64,64,64,64&epochs=5&run=prox-cg5")
            .unwrap();
    s.advance(5);
    let frame = s.frame();
    let member = &frame.members[0];
    let divergence = member.divergence.as_ref().unwrap();
    assert!(divergence.layer.is_some(), "{divergence:?}");
    let departure = member.departure.as_ref();
    assert!(departure.is_none_or(|d| d.at != "forward"), "{departure:?}");
}

#[test]
fn what_is_over_goes_on_as_a_longer_run_would_have_gone() {
    // Recorded at every step, and then at every second one.
    for epochs in [40, 200, 400] {
        let query = format!(
            "data=moons&n=40&batch=20&epochs={epochs}&hidden=4&run=backprop,tau:0.3&run=prox-exact,tau:1"
        );
        let mut s = session(&query);
        s.advance(u64::MAX);
        let end = s.step();
        let events = s
            .apply(Command::GoOn {
                run: 1,
                settings: vec![("run2.tau".into(), "0.5".into())],
            })
            .unwrap();
        assert!(matches!(events[0], Event::Branched { step: 0, .. }) && s.playing());
        assert_eq!((s.step(), s.furthest()), (end, end));
        assert!((2 * end..3 * end).contains(&s.total_steps()));
        let text = s.config().to_string();
        assert!(text.contains(&format!("change={end},2,tau:0.5")), "{text}");
        s.advance(u64::MAX);
        // As the link says it, played at once; and nothing that the page has is missing.
        let mut whole = session(&text);
        whole.advance(u64::MAX);
        assert_eq!(timeless(&mut s), timeless(&mut whole));
        let progress = s.progress();
        for run in 0..2 {
            // As text: NaN is NaN there.
            let text =
                |records: &[Record]| records.iter().map(|r| format!("{r:?}")).collect::<Vec<_>>();
            let (went_on, whole) = (text(s.records(run)), text(whole.records(run)));
            let differs = went_on.iter().zip(&whole).position(|(a, b)| a != b);
            assert_eq!(
                (went_on.len(), differs),
                (whole.len(), None),
                "{epochs} epochs, run {run}"
            );
            assert!(
                text(&progress.records[run]) == whole,
                "what the page is told"
            );
        }
        // And one looks back to any step of it.
        seek(&mut s, end - 7);
        seek(&mut whole, end - 7);
        assert_eq!(timeless(&mut s), timeless(&mut whole));
    }
}

#[test]
fn what_has_diverged_goes_on_from_where_it_was_on_the_ground() {
    let mut s = session("");
    s.advance(u64::MAX);
    let furthest = s.step();
    let events = s
        .apply(Command::GoOn {
            run: 0,
            settings: vec![("run1.tau".into(), "1".into())],
        })
        .unwrap();
    assert!(
        events
            .iter()
            .any(|e| matches!(e, Event::Ghosts { added: Some(_), .. }))
    );
    assert!(s.playing() && s.step() < furthest);
    assert_eq!(s.total_steps(), 300);
    let run = &s.config().runs_at(s.step())[0];
    assert_eq!((run.tau, s.config().runs[1].tau), (1.0, 10.0));
}

#[test]
fn all_that_was_moved_of_runs_that_are_over_is_done_at_once() {
    let query =
        "data=moons&n=40&epochs=30&hidden=4&run=backprop,tau:0.3&run=prox-exact,tau:1,tau_theta:1";
    let moved: Vec<(String, String)> = [
        ("run1.tau", "0.2"),
        ("run2.tau", "2"),
        ("run2.tau_theta", "5"),
    ]
    .map(|(key, value)| (key.into(), value.into()))
    .into();
    let at_end = || {
        let mut s = session(query);
        s.advance(u64::MAX);
        s
    };
    let mut again = at_end();
    let settings = moved.clone();
    again.apply(Command::SetAll { settings }).unwrap();
    assert!(again.playing() && again.step() == 0 && again.config().changes.is_empty());
    let runs = &again.config().runs;
    assert_eq!(
        (runs[0].tau, runs[1].tau, runs[1].tau_theta),
        (0.2, 2.0, 5.0)
    );
    let mut on = at_end();
    let settings = moved.clone();
    on.apply(Command::GoOn { run: 1, settings }).unwrap();
    let text = on.config().to_string();
    for change in ["30,1,tau:0.2", "30,2,tau:2", "30,2,tau_theta:5"] {
        assert!(text.contains(&format!("change={change}")), "{text}");
    }
    // All of it or nothing.
    let mut bad = moved;
    bad.push(("run1.tau".into(), "-1".into()));
    let (mut s, before) = (at_end(), at_end().config().to_string());
    let settings = bad.clone();
    assert!(s.apply(Command::SetAll { settings }).is_err());
    let go_on = Command::GoOn {
        run: 0,
        settings: bad,
    };
    assert!(s.apply(go_on).is_err());
    assert_eq!((s.config().to_string(), s.step()), (before, 30));
}

#[test]
fn no_change_of_the_link_is_dropped_in_silence() {
    let query = "data=moons&n=40&epochs=30&hidden=4&run=backprop,tau:0.3&run=prox-exact,tau:1&change=10,1,tau:0.2&change=20,2,tau:2";
    let set = |key: &str, value: &str| Command::Set {
        key: key.into(),
        value: value.into(),
    };
    let notice = |command: Command, at: u64| {
        let mut s = session(query);
        s.advance(at);
        let events = s.apply(command).unwrap();
        let words = events.into_iter().filter_map(|event| match event {
            Event::Notice(words) => Some(words),
            _ => None,
        });
        words.collect::<Vec<_>>()
    };
    let own = ["No longer part of the run: change=10,1,tau:0.2."];
    let both = ["No longer part of the run: change=10,1,tau:0.2, change=20,2,tau:2."];
    assert_eq!(notice(set("run1.tau", "0.1"), u64::MAX), own);
    assert_eq!(notice(Command::AddRun, 5), both);
    assert_eq!(notice(Command::RemoveRun { run: 0 }, 25), both);
    // What is replaced, goes on, or is cleared on purpose is not dropped.
    assert!(notice(set("run1.tau", "0.1"), 10).is_empty());
    assert!(notice(set("noise", "0.2"), 15).is_empty());
    assert!(notice(Command::ClearChanges, 15).is_empty());
    let go_on = Command::GoOn {
        run: 0,
        settings: vec![("run1.tau".into(), "0.1".into())],
    };
    assert!(notice(go_on, u64::MAX).is_empty());
    // A branch takes what was to come, and says so.
    let mut s = session(query);
    s.advance(25);
    seek(&mut s, 5);
    let events = s.apply(set("run1.tau", "0.1")).unwrap();
    assert!(
        events.contains(&Event::Notice(both[0].to_owned())),
        "{events:?}"
    );
}

/// A step that fails knows no minibatch loss of its own; what counts is that of the step before, also after a look back.
#[test]
fn a_step_that_fails_right_after_a_look_back_leaves_the_state_that_playing_left() {
    // Run 1 leaves the ground with the step after the change, and its step from the keyframe 16 overflows.
    let query = "data=sine1d&n=40&act=relu&hidden=6,6&batch=40&epochs=40&valid=0\
        &run=backprop,tau:0.01&run=backprop,tau:0.01&change=14,1,tau:10000";
    let mut played = session(query);
    played.advance(20);
    let fate = played.frame().members[0].divergence.clone().unwrap();
    assert_eq!(fate.step, 16, "{}", fate.reason);
    let end = state(&mut played);
    assert!(end.contains("\"high_steps\":2"), "{end}");
    for elsewhere in [3, 30] {
        seek(&mut played, elsewhere);
        seek(&mut played, 20);
        assert_eq!(state(&mut played), end, "by way of step {elsewhere}");
    }
}
