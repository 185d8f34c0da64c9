//! Every step of some learners on a given stream.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{WrittenFeatures, WrittenPenalty, WrittenSchedule, alike, positives};
use crate::Named;
use crate::lab::trace::Precision;
use crate::lab::verify::kind::{Kind, Mark, Replayed, some, usual};
use crate::systems::auc::rank::{Ranking, rate_at, relative_risk};
use crate::systems::auc::{Known, Learner, Method, Settings};

pub(in crate::lab::verify) static STREAM: Kind = Kind {
    name: "auc stream",
    mark: Mark::Case("auc", "stream"),
    // Near divergence rounding grows with the weights.
    tolerance: |case| {
        if case["name"] == "auc-large-steps" {
            1e-6
        } else {
            usual(case)
        }
    },
    single: None,
    replay,
};

#[derive(Deserialize)]
struct Case {
    features: WrittenFeatures,
    stream: Points,
    holdout: Option<Points>,
    runs: Vec<Run>,
    marks: Vec<u64>,
}

#[derive(Deserialize)]
struct Points {
    x: Vec<[f64; 2]>,
    y: Vec<f64>,
}

#[derive(Deserialize)]
struct Run {
    method: String,
    sched: WrittenSchedule,
    pen: WrittenPenalty,
    stats: Option<Stats>,
    w0: Option<Vec<f64>>,
}

#[derive(Deserialize)]
struct Stats {
    p: f64,
    u: Vec<f64>,
    v: Vec<f64>,
}

/// Points as a learner is given them.
struct Set {
    features: Vec<f64>,
    positive: Vec<bool>,
    count: usize,
}

impl Set {
    fn new(points: &Points, of: &crate::systems::auc::Features) -> Result<Set, String> {
        some("x", &points.x)?;
        alike("y", points.y.len(), points.x.len())?;
        Ok(Set {
            features: of.of(points.x.iter().copied()),
            positive: positives(&points.y)?,
            count: of.count(),
        })
    }

    fn scores(&self, learner: &Learner, first: usize) -> Vec<f64> {
        let rows = self.features.chunks(self.count).take(first);
        rows.map(|x| learner.score(x)).collect()
    }
}

fn replay(case: &Value, _: Precision) -> Result<Vec<Replayed>, String> {
    let case = Case::deserialize(case).map_err(|e| e.to_string())?;
    let features = case.features.read()?;
    let stream = Set::new(&case.stream, &features)?;
    let held = case
        .holdout
        .map(|points| Set::new(&points, &features))
        .transpose()?;
    let of_run = |(i, run): (usize, &Run)| {
        let outcome = outcome(run, &stream, held.as_ref(), &case.marks);
        let outcome = outcome.map_err(|e| format!("runs[{i}].{e}"))?;
        Ok((format!("/runs/{i}/expect"), outcome))
    };
    case.runs.iter().enumerate().map(of_run).collect()
}

fn outcome(run: &Run, stream: &Set, held: Option<&Set>, marks: &[u64]) -> Result<Value, String> {
    let d = stream.count;
    let names = || Method::NAMES.join(", ");
    let method = Method::of_name(&run.method).ok_or_else(|| {
        format!(
            "method: {:?} is not known; allowed: {}",
            run.method,
            names()
        )
    })?;
    let how = Settings {
        method,
        schedule: run.sched.read()?,
        penalty: run.pen.read(),
    };
    run.pen.fits(d)?;
    let start = run.w0.clone().unwrap_or_else(|| vec![0.0; d]);
    alike("w0", start.len(), d)?;
    let known = match &run.stats {
        Some(Stats { p, u, v }) => {
            alike("stats.u", u.len(), d)?;
            alike("stats.v", v.len(), d)?;
            let (p, u, v) = (*p, u.clone(), v.clone());
            Some(Known { p, u, v })
        }
        None if method.looks_ahead() => return Err(format!("stats: {} needs them", run.method)),
        None => None,
    };
    let mut learner = Learner::new(start);
    let mut work = vec![0.0; d];
    let mut steps = Vec::new();
    let last = stream.positive.len() as u64;
    for (x, &positive) in stream.features.chunks(d).zip(&stream.positive) {
        learner.step(
            &how,
            &run.pen.groups,
            known.as_ref(),
            (x, positive),
            &mut work,
        );
        if learner.diverged.is_some() {
            break;
        }
        if marks.contains(&learner.t) || learner.t == last {
            steps.push(looked_at(&learner, &how, &run.pen, stream, held));
        }
    }
    let Learner { u, v, diverged, .. } = &learner;
    Ok(json!({"steps": steps, "u": u, "v": v, "diverged": diverged}))
}

fn looked_at(
    learner: &Learner,
    how: &Settings,
    penalty: &WrittenPenalty,
    stream: &Set,
    held: Option<&Set>,
) -> Value {
    let mut ranking = Ranking::default();
    let mut seen = json!({
        "t": learner.t,
        "eta": learner.eta,
        "p": learner.p,
        "n_pos": learner.positives,
        "n_neg": learner.negatives,
        "w": learner.w,
        "wbar": learner.mean_w,
        "nonzeros": Learner::nonzeros(&learner.w),
        "penalty": how.penalty.value(&learner.w, &penalty.groups),
    });
    if how.method.classifies() {
        seen["b"] = json!(learner.b);
        seen["bbar"] = json!(learner.mean_b);
    }
    let scores = stream.scores(learner, learner.t as usize);
    if let Some(auc) = ranking.auc(&scores, &stream.positive[..scores.len()]) {
        seen["auc_seen"] = json!(auc);
    }
    if let Some(held) = held {
        let scores = held.scores(learner, held.positive.len());
        let roc = ranking.roc(&scores, &held.positive);
        seen["auc_holdout"] = json!(ranking.auc(&scores, &held.positive));
        seen["tpr10_holdout"] = json!(roc.map(|roc| rate_at(&roc, 0.1)));
        seen["risk_holdout"] = json!(relative_risk(&scores, &held.positive));
    }
    seen
}
