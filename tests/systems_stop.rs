//! Stop rules of related systems: what they end, why, and how the runs go on.

mod common;
#[path = "common/opened.rs"]
mod opened;

use common::{refused, succeeds};
use opened::open;
use proxprop::frame::Status;
use proxprop::lab::systems::{SYSTEMS, asked_for};
use tempfile::TempDir;

fn ended(query: &str) -> (u64, String) {
    let mut system = open(query);
    system.advance(u64::MAX);
    let stage = system.stage();
    assert_eq!(stage.step, system.step());
    (stage.step, stage.stopped.unwrap_or_default())
}

/// Shrinkage by explicit steps of 1 with l2 = 3: they diverge.
const BREAKS: &str = "system=auc&steps=2000&run=explicit,sched:const,eta0:1,l1:0,l2:3&run=prox,sched:const,eta0:1,l1:0,l2:3";

#[test]
fn a_goal_ends_the_runs_once_all_have_come_to_it_from_whichever_side() {
    let (step, why) = ended("system=auc&stop=auc:0.85");
    assert!(step > 0 && step < 2000, "{step}");
    assert!(
        why.starts_with(&format!(
            "Stopped at step {step}: AUC on the hold-out has come to 0.85 in every run"
        )),
        "{why}"
    );
    // R begins at 1 and falls.
    let (step, why) = ended("system=auc&run=prox&stop=risk:0.6");
    assert!(
        step > 0 && step < 2000 && why.contains("run 1 at step"),
        "{why}"
    );
    let (step, why) = ended("system=wgan-prox&steps=100&run=prox&stop=energy:0.05");
    assert!(
        step < 100 && why.contains("energy distance has come to 0.05"),
        "{step} {why}"
    );
    // What is never reached ends nothing.
    assert_eq!(
        ended("system=auc&steps=100&stop=auc:1.5"),
        (100, String::new())
    );
}

/// A ranker has no accuracy, and backpropagation is not apart from itself: the rule is for the others.
#[test]
fn a_goal_is_for_the_runs_that_have_what_is_measured() {
    for (query, with, without, key, said) in [
        (
            "system=auc&steps=600",
            "hinge",
            "prox",
            "found",
            ["positives found have come to ", "has them"],
        ),
        (
            "system=vsml&samples=200",
            "vsml",
            "sgd",
            "apart",
            ["|Δp| from backprop, last 20 has come to ", "has it"],
        ),
    ] {
        let alone = format!("{query}&run={with}");
        let mut whole = open(&alone);
        whole.advance(u64::MAX);
        let all = whole.measures().all;
        let at = all.iter().position(|of| of.key == key).expect("a measure");
        let values = whole.points(0).iter().map(|point| point.values[at]);
        let (low, high) = values
            .filter(|value| !value.is_nan())
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
                (low.min(value), high.max(value))
            });
        let rule = format!("stop={key}:{}", f64::midpoint(low, high));
        let (step, _) = ended(&format!("{alone}&{rule}"));
        assert!(step < whole.total_steps(), "{rule}");
        let (both, why) = ended(&format!("{query}&run={without}&run={with}&{rule}"));
        assert_eq!(both, step, "{rule}");
        let [come, has] = said;
        let run = format!("in every run that {has} and has not diverged: run 2 at step ");
        assert!(why.contains(come) && why.contains(&run), "{why}");
    }
    // Where none has it any more nothing is waited for, and nothing ends.
    let query = "system=auc&steps=60&run=prox&run=hinge&change=1,2,method:prox&stop=found:0.5";
    assert_eq!(ended(query), (60, String::new()));
}

#[test]
fn a_run_ends_where_the_whole_one_first_has_the_value() {
    let mut whole = open("system=auc&steps=1200&run=prox&seed=3");
    whole.advance(u64::MAX);
    let first = whole.points(0).iter().find(|point| point.values[0] >= 0.85);
    let first = first.expect("it comes there").step;
    assert_eq!(
        ended("system=auc&steps=1200&run=prox&seed=3&stop=auc:0.85").0,
        first
    );
}

#[test]
fn divergence_ends_all_runs_at_once() {
    let (step, why) = ended(&format!("{BREAKS}&stop=divergence"));
    let mut whole = open(BREAKS);
    whole.advance(u64::MAX);
    assert_eq!(Some(step), whole.stage().columns[0].diverged_at);
    assert_eq!(why, format!("Stopped at step {step}: run 1 has diverged."));
    // The others' curves end there too.
    let mut early = open(&format!("{BREAKS}&stop=divergence"));
    early.advance(u64::MAX);
    assert_eq!(early.points(1).last().expect("a point").step, step);
    assert_eq!(early.stage().columns[1].status, Status::Done);
}

#[test]
fn a_plateau_is_where_neither_extreme_moves() {
    let query = "system=auc&run=prox&steps=2000";
    let (step, why) = ended(&format!("{query}&stop=plateau:300"));
    assert!(
        step < 2000 && why.contains("in the last 300 steps neither"),
        "{step} {why}"
    );
    assert_eq!(step, {
        let mut whole = open(query);
        whole.advance(u64::MAX);
        let auc: Vec<(u64, f64)> = whole
            .points(0)
            .iter()
            .map(|p| (p.step, p.values[0]))
            .collect();
        let still = |&&(now, _): &&(u64, f64)| {
            let until = |last: u64| {
                let known = auc
                    .iter()
                    .filter(|(step, value)| *step <= last && !value.is_nan());
                let known: Vec<f64> = known.map(|(_, value)| *value).collect();
                let fold = |f: fn(f64, f64) -> f64| known.iter().copied().reduce(f);
                Some((fold(f64::min)?, fold(f64::max)?))
            };
            let (Some(then), Some(now)) = (now.checked_sub(300).and_then(until), until(now)) else {
                return false;
            };
            (now.0 - then.0).abs() <= 0.01 * then.0 && (now.1 - then.1).abs() <= 0.01 * then.1
        };
        auc.iter().find(still).map_or(1000, |(step, _)| *step)
    });
}

#[test]
fn another_rule_lets_them_go_on_as_if_none_had_ended_them() {
    for rule in ["divergence", "auc:0.7"] {
        let mut system = open(&format!("{BREAKS}&stop={rule}"));
        system.advance(u64::MAX);
        let step = system.step();
        assert!(step < 2000 && system.finished(), "{rule}");
        system.set("stop", "steps").expect("a rule");
        assert_eq!((system.step(), system.finished()), (step, false));
        assert_eq!(system.stage().stopped, None);
        system.advance(u64::MAX);
        let mut whole = open(BREAKS);
        whole.advance(u64::MAX);
        assert_eq!(system.query(), whole.query());
        assert_eq!(system.stage(), whole.stage(), "{rule}");
        for run in 0..2 {
            assert_eq!(
                format!("{:?}", system.points(run)),
                format!("{:?}", whole.points(run)),
                "{rule}"
            );
        }
        assert!(system.ghosts().is_empty());
    }
}

#[test]
fn a_rule_that_comes_late_ends_them_where_it_would_have() {
    for rule in ["auc:0.7", "divergence"] {
        let query = format!("{BREAKS}&stop={rule}");
        let mut early = open(&query);
        early.advance(u64::MAX);
        let mut late = open(BREAKS);
        late.advance(1500);
        late.set("stop", rule).expect("a rule");
        assert_eq!(late.query(), early.query());
        assert_eq!(
            (late.step(), late.furthest()),
            (early.step(), early.step()),
            "{rule}"
        );
        assert_eq!(late.stage(), early.stage(), "{rule}");
        for run in 0..2 {
            assert_eq!(
                format!("{:?}", late.points(run)),
                format!("{:?}", early.points(run)),
                "{rule}"
            );
        }
        assert_eq!(late.ghosts().len(), 1, "what was beyond is not lost");
        // Looked back, it says nothing yet; a setting that moves there takes another way.
        late.seek(20);
        assert_eq!(late.stage().stopped, None);
        late.set("run2.eta0", "0.5").expect("a value");
        late.advance(u64::MAX);
        assert!(late.step() > 20);
    }
}

/// A network without a bound on its answers, and a step of a thousand.
const LOST: &str =
    "system=flat&n=20&valid=10&width=4&act=relu&steps=60&run=plain,opt:sgd,tau:1000&run=plain";

#[test]
fn every_system_that_can_diverge_ends_where_it_did_whenever_the_rule_comes() {
    for query in [BREAKS, LOST] {
        let mut early = open(&format!("{query}&stop=divergence"));
        early.advance(u64::MAX);
        let mut late = open(query);
        late.advance(u64::MAX);
        let gone = late.stage().columns[0].diverged_at.expect("it diverges");
        assert_eq!(early.step(), gone, "{query}");
        late.set("stop", "divergence").expect("a rule");
        assert_eq!(late.stage(), early.stage(), "{query}");
        assert_eq!(
            format!("{:?}", late.points(1)),
            format!("{:?}", early.points(1)),
            "{query}"
        );
    }
}

#[test]
fn a_rule_that_ends_them_at_their_last_step_measures_it_once() {
    // R falls in every step; the last is beside the points of the curves.
    let query = "system=auc&steps=1301&run=prox,sched:const,eta0:0.01";
    let mut whole = open(query);
    whole.advance(u64::MAX);
    let points = whole.points(0).to_vec();
    let (last, others) = points.split_last().expect("points");
    let risk = |values: &[f64]| {
        let all = whole.measures().all.iter();
        values[all.clone().position(|of| of.key == "risk").expect("R")]
    };
    let goal = risk(&last.values);
    assert!(last.step == 1301 && others.iter().all(|point| risk(&point.values) > goal));
    whole.set("stop", &format!("risk:{goal}")).expect("a rule");
    assert_eq!(
        format!("{:?}", whole.points(0)),
        format!("{points:?}"),
        "{goal}"
    );
    let why = whole.stage().stopped.expect("it has come there");
    assert!(why.starts_with("Stopped at step 1301: "), "{why}");
}

#[test]
fn a_rule_is_printed_kept_and_refused_in_a_sentence() {
    for (query, printed) in [
        (
            "system=auc&stop=auc:0.90,divergence,plateau:50",
            "&stop=auc:0.9,plateau:50,divergence&run=",
        ),
        (
            "system=wgan-prox&stop=energy:1e-7",
            "&stop=energy:1e-7&run=",
        ),
    ] {
        let system = open(query);
        assert!(system.query().contains(printed), "{}", system.query());
        assert_eq!(open(&system.query()).query(), system.query());
        assert!(system.short().contains("&stop="));
    }
    assert!(!open("system=auc&stop=steps").query().contains("stop"));
    for (query, why) in [
        (
            "system=auc&stop=",
            "stop: \"\" is not a stop rule; allowed: steps, or any of MEASURE:VALUE with one of auc, auc_seen, risk",
        ),
        (
            "system=auc&stop=loss:1",
            "stop: \"loss:1\" is of something that is not measured",
        ),
        ("system=auc&stop=auc:high", "has a value that is no number"),
        ("system=auc&stop=auc:inf", "has a value that is no number"),
        ("system=auc&stop=plateau:0", "has a plateau out of range"),
        ("system=auc&stop=auc:1,auc:2", "gives a stop rule twice"),
        (
            "system=auc&run=prox,stop:divergence",
            "run1.stop: belongs to all runs, as in stop=…",
        ),
        (
            "system=wgan-prox&scene=scale&stop=energy:1",
            "stop: \"energy\" is not measured in this view of these runs; allowed: a_id",
        ),
    ] {
        let opened = asked_for(query).and_then(|entry| (entry.expect("a system").open)(query));
        let error = opened
            .err()
            .unwrap_or_else(|| panic!("{query}"))
            .to_string();
        assert!(error.contains(why), "{query}: {error}");
    }
    // A link with a rule by what its runs do not have is opened; whoever sets such a rule is told.
    for (query, rule, allowed) in [
        (
            "system=interlocking",
            "head_8:0.5",
            "head_3, head_4, cosine_1",
        ),
        ("system=wgan-prox&target=moons", "modes:8", "allowed: outer"),
        ("system=auc&run=prox", "accuracy:0.9", "; allowed: "),
    ] {
        let mut system = open(&format!("{query}&stop={rule}"));
        let error = system.set("stop", rule).unwrap_err().to_string();
        assert!(error.contains("is not measured in this view"), "{error}");
        assert!(error.contains(allowed), "{error}");
    }
    // One that is measured of some of them is none too many.
    open("system=auc&run=prox&run=hinge&stop=accuracy:0.9");
    open("system=interlocking&modules=8&stop=head_8:0.5");
    open("system=auc&run=prox&change=50,1,method:hinge&stop=accuracy:0.9");
    // What is not measured any more ends nothing.
    let mut system = open("system=interlocking&modules=8&stop=head_8:0.5,divergence");
    system.set("modules", "4").expect("fewer heads");
    assert!(system.query().contains("&stop=divergence&"));
    let mut system = open("system=auc&run=prox&run=hinge&stop=accuracy:0.9");
    system.remove(2).expect("the other");
    assert!(!system.query().contains("stop"), "{}", system.query());
    // Another view has other measures.
    let mut system = open("system=wgan-prox&stop=energy:0.01,divergence");
    system.set("scene", "scale").expect("a view");
    assert!(
        system.query().contains("&stop=divergence&"),
        "{}",
        system.query()
    );
}

#[test]
fn every_system_has_the_setting_and_its_cells_know_none() {
    for entry in SYSTEMS {
        let parameters = (entry.parameters)();
        let stop = parameters
            .iter()
            .filter(|(own, parameter)| !own && parameter.key == "stop");
        let stop: Vec<_> = stop.map(|(_, parameter)| parameter).collect();
        assert_eq!(stop.len(), 1, "{}", entry.about.name);
        // Each measure is named once, whatever views have it.
        let allowed = stop[0].allowed();
        let (_, names) = allowed.split_once("one of ").expect("measures");
        let (names, _) = names.split_once(", plateau").expect("other rules");
        let names: Vec<&str> = names.split(", ").collect();
        let different: std::collections::BTreeSet<&str> = names.iter().copied().collect();
        assert_eq!(names.len(), different.len(), "{names:?}");
        let system = open(&format!("system={}", entry.about.name));
        let settings = system.settings();
        let shared = parameters.iter().filter(|(own, _)| !own).count();
        assert_eq!(settings.shared.len(), shared);
        assert_eq!(settings.shared[shared - 1].value, "steps");
    }
    let query = "system=auc&steps=60&stop=auc:0.6&run=prox&map=1,eta0:1..2*2";
    let plan = (asked_for(query).unwrap().expect("a system").map)(query).expect("a map");
    assert!(
        !plan.alone(0).contains("stop"),
        "a cell is looked at where its steps are over"
    );
    assert!(plan.query(0).contains("stop=auc:0.6"));
}

#[test]
fn the_command_line_says_why() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    let said = succeeds(folder, &["run", "system=auc&stop=auc:0.9&run=prox"]);
    assert!(said.contains("\nStopped at step "), "{said}");
    let json = ["run", "system=auc&stop=auc:0.9&run=prox", "--json", "-"];
    let json = succeeds(folder, &json);
    assert!(json.contains("\"stopped\":\"Stopped at step "), "{json}");
    let table = succeeds(folder, &["params", "--system", "auc"]);
    assert!(table.contains("Stop early (default steps)"), "{table}");
    let why = "stop: \"never\" is not a stop rule";
    refused(folder, &["run", "system=auc&stop=never"], why);
}
