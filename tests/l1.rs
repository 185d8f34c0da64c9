//! `l1`: weights drawn towards zero after the optimizer's step, implicitly and explicitly.

use nalgebra::DMatrix;
use proxprop::lab::config::{Config, RunConfig};
use proxprop::lab::names::run_names;
use proxprop::lab::sentence;
use proxprop::lab::session::{Command, Cut, Event, Session};
use proxprop::steps::l1::zeros;
use proxprop::steps::{L1, Rule, Shrinkage};

fn session(query: &str) -> Session {
    Session::new(query).unwrap()
}

/// The weights of every run, by way of a state file.
fn thetas(s: &mut Session) -> Vec<Vec<DMatrix<f32>>> {
    let file = s.apply(Command::State).unwrap();
    let [Event::State(json)] = &file[..] else {
        panic!("{file:?}")
    };
    let file = proxprop::lab::state::StateFile::parse(json).unwrap();
    let members = file.member_states::<f32>().unwrap();
    members.into_iter().map(|m| m.thetas).collect()
}

/// Weights and zeros of every run as a frame tells them.
fn counted(s: &mut Session) -> Vec<(usize, usize)> {
    let members = s.frame().members;
    members
        .iter()
        .map(|m| (m.weights, m.zero_weights))
        .collect()
}

#[test]
fn a_step_with_l1_is_the_step_without_it_and_then_the_penaltys() {
    for rule in ["backprop", "prox-exact", "prox-cg3"] {
        for opt in ["sgd", "momentum", "nesterov", "adam"] {
            for (way, shrinkage) in [
                ("implicit", Shrinkage::Implicit),
                ("explicit", Shrinkage::Explicit),
            ] {
                let run = format!("{rule},opt:{opt},tau:0.1");
                let query = format!("n=20&hidden=4&run={run}&run={run},l1:0.3,l1_step:{way}");
                let mut s = session(&query);
                s.advance(1);
                let [mut plain, with] = thetas(&mut s).try_into().unwrap();
                L1 {
                    factor: 0.3,
                    shrinkage,
                }
                .apply(0.1, &mut plain);
                assert_eq!(plain, with, "{query}");
            }
        }
    }
}

#[test]
fn the_implicit_step_leaves_exact_zeros_that_are_counted_and_the_explicit_one_none() {
    let mut s = session(
        "data=circle&hidden=16,16&epochs=400&run=prox-exact,tau:3,l1:0.003&run=prox-exact,tau:3,l1:0.003,l1_step:explicit&run=prox-exact,tau:3",
    );
    s.advance(u64::MAX);
    let told = counted(&mut s);
    let weights: Vec<_> = thetas(&mut s).iter().map(|t| zeros(t)).collect();
    assert_eq!(
        told,
        weights
            .iter()
            .map(|&(zeros, all)| (all, zeros))
            .collect::<Vec<_>>()
    );
    let [(all, implicit), (_, explicit), (_, none)] = told[..] else {
        unreachable!()
    };
    assert_eq!(all, 2 * 16 + 16 * 16 + 16 * 2);
    assert!(implicit > all / 2, "{implicit} of {all}");
    assert_eq!((explicit, none), (0, 0));
}

/// Inputs of no use, dead units: what no gradient moves rests at zero, or jumps by the step's size.
#[test]
fn without_a_gradient_one_rests_at_zero_and_the_other_jumps_about_it() {
    // Every second input is 0: no gradient comes to its weights.
    let run = "backprop,tau:0.1,l1:0.1";
    let mut s = session(&format!(
        "data=points&points=0:0.5,0;0.7,0/1:-0.5,0;-0.9,0&hidden=3&epochs=200&run={run}&run={run},l1_step:explicit"
    ));
    s.advance(150);
    let now = thetas(&mut s);
    s.advance(1);
    let next = thetas(&mut s);
    for neuron in 0..3 {
        let at = |of: &[Vec<DMatrix<f32>>], run: usize| of[run][0][(1, neuron)];
        assert_eq!((at(&now, 0), at(&next, 0)), (0.0, 0.0));
        let (before, after) = (at(&now, 1), at(&next, 1));
        assert!(before * after < 0.0, "{before} and {after}");
        assert!(
            ((before - after).abs() - 0.01).abs() < 1e-6,
            "{before} and {after}"
        );
    }
}

#[test]
fn looking_back_and_files_are_exact_and_settings_move_on_the_way() {
    let query = "data=moons&n=30&batch=8&hidden=6&epochs=20&run=backprop,tau:0.5,l1:0.01&run=prox-cg3,opt:adam,tau:0.01,l1:0.05,l1_step:explicit\
                 &change=10,1,l1:0.03&change=20,1,l1_step:explicit&change=5,2,l1:0&change=30,1,rule:prox-exact";
    let mut s = session(query);
    s.advance(17);
    let (then, counts) = (thetas(&mut s), counted(&mut s));
    let Event::State(json) = s.apply(Command::State).unwrap().remove(0) else {
        unreachable!()
    };
    s.advance(30);
    let later = thetas(&mut s);
    s.apply(Command::Seek { step: 17 }).unwrap();
    assert_eq!((thetas(&mut s), counted(&mut s)), (then.clone(), counts));
    let mut again = session("");
    again
        .apply(Command::LoadState {
            name: String::new(),
            json,
        })
        .unwrap();
    assert_eq!(thetas(&mut again), then);
    again.advance(30);
    assert_eq!(thetas(&mut again), later);
}

#[test]
fn with_l1_the_sweep_is_not_the_runs_step() {
    let mut s = session("n=20&hidden=4&run=backprop,tau:1&run=backprop,tau:1,l1:0.01");
    s.advance(3);
    let frame = s.frame();
    assert!(!frame.members[0].energy.is_empty());
    assert!(frame.members[1].energy.is_empty());
    assert!(!frame.members[1].layers.is_empty());
}

#[test]
fn prox_point_refuses_it_in_words_wherever_it_is_asked() {
    let mut s = session("n=20&hidden=3&run=prox-point&run=backprop,l1:0.1");
    let set = |key: &str, value: &str| Command::Set {
        key: key.into(),
        value: value.into(),
    };
    let before = s.config().clone();
    s.advance(4);
    for (key, value) in [("run1.l1", "0.1"), ("run2.rule", "prox-point")] {
        let refused = s.apply(set(key, value)).unwrap_err().to_string();
        assert!(
            refused.contains("l1: 0.1 does not go with prox-point"),
            "{refused}"
        );
        assert_eq!(s.config(), &before);
    }
    // Both at one step go together.
    let both = "hidden=3&run=backprop,l1:0.1&change=5,1,l1:0&change=5,1,rule:prox-point";
    let config = Config::parse(both).unwrap();
    assert_eq!(Config::parse(&config.to_string()).as_ref(), Ok(&config));
    let RunConfig { rule, l1, .. } = config.runs_at(5)[0];
    assert_eq!((rule, l1), (Rule::ProxPoint, 0.0));
}

/// What *One step* says of the step after the sweep is what the run then does, as far as single precision goes.
#[test]
fn one_step_shows_the_step_of_l1_after_the_sweep() {
    for way in ["implicit", "explicit"] {
        let run = format!("prox-exact,tau:1,l1:0.2,l1_step:{way}");
        let query = format!("data=circle&features=xx,yy&hidden=6&run={run}&run=prox-exact,tau:1");
        let mut s = session(&query);
        s.advance(2);
        let cut = |run| Cut {
            run,
            layer: 1,
            neuron: None,
            tau_theta: None,
        };
        let mut dissect = |run| {
            let events = s.apply(Command::Dissect(cut(run))).unwrap();
            let [Event::Dissected(dissection)] = &events[..] else {
                panic!("{events:?}")
            };
            dissection.one_step.clone()
        };
        let (step, plain) = (dissect(0), dissect(1));
        assert_eq!(step.inputs, ["x²", "y²"]);
        assert_eq!(
            (plain.l1.as_ref(), plain.implicit.shrunk.as_ref()),
            (None, None)
        );
        assert!(sentence::shrunk(&plain).is_none());
        let l1 = step.l1.as_ref().unwrap();
        assert_eq!((l1.size, l1.implicit), (0.2, way == "implicit"));
        let shrunk = step.implicit.shrunk.as_ref().unwrap();
        s.advance(1);
        assert_eq!(counted(&mut s)[0], (shrunk.weights, shrunk.zeros));
        assert_eq!(shrunk.zeros > 0, way == "implicit");
        // Every weight that is not near zero goes by 0.2.
        let most = 0.2 * (shrunk.weights as f64).sqrt();
        assert!(shrunk.change <= most * 1.000_001 && shrunk.change > most / 2.0);
        let said = sentence::shrunk(&step).unwrap();
        assert!(
            said.starts_with("Then comes l1, with s = τ·l1 = 0.2: after the explicit sweep"),
            "{said}"
        );
    }
}

#[test]
fn runs_that_differ_in_it_are_told_apart_by_name() {
    let config = Config::parse("preset=sparse").unwrap();
    assert_eq!(
        run_names(&config.runs),
        ["ProxProp", "ProxProp l1", "ProxProp l1 explicit"]
    );
}
