//! The generator of one parameter, step by step.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{MOST, member, tolerance};
use crate::lab::trace::Precision;
use crate::lab::verify::kind::{Kind, Mark, Replayed, within};
use crate::systems::wgan_prox::scale::{Problem, Settings};

pub(in crate::lab::verify) static SCALE: Kind = Kind {
    name: "wgan-prox one",
    mark: Mark::Case("wgan-prox", "one"),
    tolerance,
    single: None,
    replay,
};

#[derive(Deserialize)]
struct Case {
    cases: Vec<Asked>,
}

#[derive(Deserialize)]
struct Asked {
    steps: usize,
    h: f64,
    t: f64,
    c: f64,
    inner: usize,
    lr: f64,
    method: String,
    phi: String,
    kind: String,
    a0: f64,
}

fn replay(case: &Value, _: Precision) -> Result<Vec<Replayed>, String> {
    let case = Case::deserialize(case).map_err(|e| e.to_string())?;
    let of_case = |(i, asked): (usize, &Asked)| {
        let got = outcome(asked).map_err(|e| format!("cases[{i}].{e}"))?;
        Ok((format!("/cases/{i}/expect"), got))
    };
    case.cases.iter().enumerate().map(of_case).collect()
}

fn outcome(asked: &Asked) -> Result<Value, String> {
    within("steps", asked.steps, MOST)?;
    within("inner", asked.inner, MOST)?;
    let problem = Problem {
        objective: member("kind", &asked.kind)?,
        t: asked.t,
        phi: member("phi", &asked.phi)?,
        c: asked.c,
    };
    let how = Settings {
        method: member("method", &asked.method)?,
        h: asked.h,
        inner: asked.inner,
        lr: asked.lr,
    };
    let mut theta = vec![problem.theta(asked.a0)];
    for k in 0..asked.steps {
        theta.push(problem.step(theta[k], &how));
    }
    let a: Vec<f64> = theta.iter().map(|theta| problem.a(*theta)).collect();
    Ok(json!({"theta": theta, "a": a}))
}
