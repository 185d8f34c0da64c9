//! A session whose steps somebody else makes is the same session: the same curves, frames and timeline, bit for bit
//! where the other computes alike. The other is here a second ensemble on the CPU; `tests/engines.rs` has the GPU.

use proxprop::engine::{Cause, Divergence, Ensemble, Expense, Look, Report};
use proxprop::frame::Frame;
use proxprop::lab::crew::{Hand, Roster, pace};
use proxprop::lab::session::{Command, Errand, HIGH_STEPS, Session};
use proxprop::nn::Arithmetic;
use std::collections::VecDeque;

/// What the other's members stop for, which is not told.
const GIVEN_UP: Cause = Cause::HighLoss {
    steps: HIGH_STEPS,
    level: 0.0,
};

/// Carries an errand out as a kernel would: a member with too many high losses stops, and says nothing of it.
fn carry_out(session: &mut Session, errand: &Errand) -> Vec<Vec<Report>> {
    let mut ensemble: Ensemble<f32> = session.ensemble().clone();
    let minibatches = session.minibatches(errand);
    let mut orders = minibatches.orders().iter();
    let mut reports = Vec::new();
    for stretch in &errand.stretches {
        let begin: Vec<(u64, u64)> = standing(&ensemble);
        let mut ranges = vec![None; begin.len()];
        for order in orders.by_ref().take(stretch.steps as usize) {
            let before = standing(&ensemble);
            ensemble.step(order, Look::default());
            for i in 0..begin.len() {
                let member = &ensemble.members()[i];
                if member.state.step > before[i].0 {
                    let range = ranges[i].get_or_insert([member.loss; 2]);
                    *range = [range[0].min(member.loss), range[1].max(member.loss)];
                }
                if member.state.divergence.is_none() && member.state.high_steps >= HIGH_STEPS {
                    let stops = Divergence {
                        step: 0,
                        cause: GIVEN_UP,
                    };
                    ensemble.freeze(i, stops);
                }
            }
        }
        let report = |(i, range): (usize, Option<[f64; 2]>)| {
            let member = &ensemble.members()[i];
            let mut state = member.state.clone();
            state.divergence = state.divergence.filter(|d| d.cause != GIVEN_UP);
            Report {
                expense: Expense::Shared {
                    seconds: 0.0,
                    steps: state.step - begin[i].0,
                    flops: member.cost.flops - begin[i].1,
                },
                loss: member.loss,
                sight: None,
                range,
                state,
            }
        };
        reports.push(ranges.into_iter().enumerate().map(report).collect());
    }
    reports
}

/// Per member, steps and work so far.
fn standing(ensemble: &Ensemble<f32>) -> Vec<(u64, u64)> {
    let members = ensemble.members().iter();
    members.map(|m| (m.state.step, m.cost.flops)).collect()
}

/// Goes on to a step by errands of at most `most` steps.
fn send(session: &mut Session, goal: u64, most: u64) {
    while let Some(errand) = session.errand(goal, most) {
        assert!(errand.steps() <= most);
        let answer = carry_out(session, &errand);
        assert!(session.adopt(&errand, answer));
    }
}

/// A frame without what depends on how fast this machine is, as text: NaN is NaN there.
fn timeless(mut frame: Frame) -> String {
    frame
        .members
        .iter_mut()
        .for_each(|m| (m.seconds_per_step, m.seconds_error) = (0.0, 0.0));
    format!("{frame:?}")
}

fn same(one: &mut Session, other: &mut Session) {
    assert_eq!(timeless(one.frame()), timeless(other.frame()));
    for run in 0..one.config().runs.len() {
        assert_eq!(
            format!("{:?}", one.records(run)),
            format!("{:?}", other.records(run))
        );
    }
    let state = |session: &mut Session| session.apply(Command::State).unwrap();
    assert_eq!(state(one), state(other));
}

const RUNS: [&str; 5] = [
    // Every step recorded; one run bounces until it is given up.
    "epochs=150",
    // Minibatches, a change in mid-run, more steps than records.
    "n=50&batch=8&epochs=200&run=prox-cg3,opt:adam,tau:0.01&run=backprop,tau:0.3&change=333,2,tau:0.1",
    // Numbers that are no longer finite.
    "act=relu&epochs=80&data=plane&run=backprop,tau:100000&run=prox-exact,tau:0.1",
    // Ended by a rule on the losses, at a record between the ends of errands.
    "epochs=4000&stop=loss:0.2&run=prox-exact,tau:3",
    "epochs=300&stop=divergence&run=backprop,tau:10",
];

#[test]
fn errands_make_the_same_session() {
    for query in RUNS {
        for most in [1, 7, 1000] {
            let mut own = Session::new(query).unwrap();
            let mut sent = Session::new(query).unwrap();
            while let Some(errand) = sent.errand(u64::MAX, most) {
                let answer = carry_out(&mut sent, &errand);
                assert!(sent.adopt(&errand, answer));
                // What is looked at is where the steps asked for at once end.
                own.advance(errand.steps());
            }
            assert!(sent.finished() && own.finished(), "{query}");
            same(&mut own, &mut sent);
        }
    }
}

/// Hands that make a session's steps, each slower than the others.
struct Crew {
    roster: Roster,
    hands: Vec<Hand>,
    /// Per hand, what it has been asked for and has not done.
    loads: Vec<VecDeque<Vec<u8>>>,
}

impl Crew {
    fn new(count: usize, arithmetic: Arithmetic) -> Crew {
        let hand = |_| Hand::new(arithmetic, || 0.0);
        Crew {
            roster: Roster::default(),
            hands: (0..count).map(hand).collect(),
            loads: vec![VecDeque::new(); count],
        }
    }

    fn ask(&mut self, session: &mut Session, goal: u64, most: u64) {
        while let Some(loads) = self.roster.ask(session, goal, most, self.hands.len()) {
            for (queue, load) in self.loads.iter_mut().zip(loads) {
                // As it goes from worker to worker.
                queue.push_back(postcard::to_stdvec(&load).unwrap());
            }
        }
    }

    /// Has done what has been asked for, the later hands first.
    fn work(&mut self, session: &mut Session) {
        for (i, hand) in self.hands.iter_mut().enumerate().rev() {
            for load in self.loads[i].drain(..) {
                let made = hand.carry_out(postcard::from_bytes(&load).unwrap());
                let made = postcard::to_stdvec(&made).unwrap();
                let made = postcard::from_bytes(&made).unwrap();
                if let Some((errand, answer)) = self.roster.hear(i, made) {
                    assert_eq!(session.awaits(&errand), session.adopt(&errand, answer));
                }
            }
        }
    }

    /// Goes on to a step, by errands of this size and that.
    fn send(&mut self, session: &mut Session, goal: u64) {
        let mut most = 1;
        while session.step() < goal && !session.finished() {
            self.ask(session, goal, most);
            most = 1 + most * 5 % 37;
            self.work(session);
        }
    }
}

#[test]
fn a_crew_of_any_size_makes_the_same_session() {
    for arithmetic in [Arithmetic::Portable, Arithmetic::fastest()] {
        for query in RUNS {
            for count in 1..=3 {
                let session = || Session::in_arithmetic(query, arithmetic).unwrap();
                let (mut own, mut sent) = (session(), session());
                let mut crew = Crew::new(count, arithmetic);
                crew.send(&mut sent, u64::MAX);
                own.advance(u64::MAX);
                assert!(sent.finished() && own.finished(), "{query}");
                same(&mut own, &mut sent);
            }
        }
    }
}

#[test]
fn a_crew_follows_wherever_its_session_goes() {
    let query = RUNS[1];
    let (mut own, mut sent) = (Session::new(query).unwrap(), Session::new(query).unwrap());
    let mut crew = Crew::new(2, Arithmetic::Portable);
    let set = |key: &str, value: &str| Command::Set {
        key: key.to_owned(),
        value: value.to_owned(),
    };
    let commands = [
        Command::Step { steps: 70 },
        set("run1.opt", "momentum"),
        Command::Step { steps: 5 },
        Command::Seek { step: 33 },
        Command::DuplicateRun { run: 0 },
        Command::Epoch,
        set("run2.tau", "0.02"),
        Command::Seek { step: 400 },
        Command::RemoveRun { run: 0 },
        set("noise", "0.3"),
        Command::Step { steps: 40 },
    ];
    for command in commands {
        own.apply(command.clone()).unwrap();
        // What is under way when the command comes is taken or comes too late.
        crew.ask(&mut sent, u64::MAX, 2);
        sent.begin(command).unwrap();
        crew.work(&mut sent);
        let goal = sent.goal();
        crew.send(&mut sent, goal);
        same(&mut own, &mut sent);
    }
}

#[test]
fn errands_take_the_time_that_is_wished_for() {
    assert_eq!(pace(100, 0.05, 0.1), 200);
    assert_eq!(pace(100, 0.08, 0.1), 125);
    // However wrong the first guess was.
    assert_eq!([pace(16, 0.0, 0.1), pace(100, 10.0, 0.1)], [32, 50]);
    assert_eq!(pace(1, 10.0, 0.1), 1);
}

#[test]
fn a_look_back_reaches_what_was_reached_before() {
    for query in RUNS {
        let mut own = Session::new(query).unwrap();
        let mut sent = Session::new(query).unwrap();
        send(&mut sent, u64::MAX, 100);
        for step in [40, 17, 0, 33] {
            own.apply(Command::Seek { step }).unwrap();
            sent.begin(Command::Seek { step }).unwrap();
            let goal = sent.goal();
            send(&mut sent, goal, 10);
            assert_eq!(
                timeless(own.frame()),
                timeless(sent.frame()),
                "{query} at {step}"
            );
        }
    }
}

#[test]
fn an_answer_to_another_question_is_not_taken() {
    let mut session = Session::new("epochs=100").unwrap();
    let errand = session.errand(100, 20).unwrap();
    let answer = carry_out(&mut session, &errand);
    let set = |value: &str| Command::Set {
        key: "run1.tau".to_owned(),
        value: value.to_owned(),
    };
    session.begin(set("0.5")).unwrap();
    assert!(!session.awaits(&errand));
    assert!(!session.adopt(&errand, answer.clone()));
    assert_eq!(session.step(), 0);
    // Paused in the meantime.
    let errand = session.errand(100, 20).unwrap();
    session.begin(Command::Pause).unwrap();
    assert!(!session.adopt(&errand, answer.clone()));
    // What changes nothing does not disturb.
    let errand = session.errand(100, 20).unwrap();
    session.begin(Command::State).unwrap();
    let answer = carry_out(&mut session, &errand);
    assert!(session.adopt(&errand, answer));
    assert_eq!(session.step(), 20);
}

#[test]
fn settings_do_not_change_on_the_way() {
    let mut session = Session::new("epochs=100&change=13,1,tau:1").unwrap();
    let errand = session.errand(100, 50).unwrap();
    assert_eq!(errand.steps(), 13);
    let answer = carry_out(&mut session, &errand);
    assert!(session.adopt(&errand, answer));
    let next = session.errand(100, 50).unwrap();
    assert_ne!(next.course, errand.course);
    assert_eq!(session.members()[0].0.size.tau, 1.0);
}
