//! The formulas one by one: losses, gradients, proximal points, step sizes, features, and what is known of normal classes.

use nalgebra::{DMatrix, DVector};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{WrittenFeatures, WrittenPenalty, WrittenSchedule, alike, positive, positives};
use crate::Named;
use crate::lab::trace::Precision;
use crate::lab::verify::kind::{Kind, Mark, Replayed, some, usual};
use crate::systems::auc::{Means, Moments, Toy, features};

pub(in crate::lab::verify) static OPERATORS: Kind = Kind {
    name: "auc operators",
    mark: Mark::Case("auc", "operators"),
    tolerance: usual,
    single: None,
    replay,
};

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Case {
    cases: Vec<Point>,
    risk: Option<Risk>,
    features: Vec<Mapped>,
    step_sizes: Vec<StepSize>,
    gaussian: Vec<Gaussian>,
    log_ratio: Vec<LogRatio>,
}

/// A point, weights, and what is done with them.
#[derive(Deserialize)]
struct Point {
    x: Vec<f64>,
    y: f64,
    w: Vec<f64>,
    p: f64,
    u: Vec<f64>,
    v: Vec<f64>,
    eta: f64,
    pen: WrittenPenalty,
    z: Vec<f64>,
}

#[derive(Deserialize)]
struct Risk {
    phi: Vec<Vec<f64>>,
    y: Vec<f64>,
    w: Vec<f64>,
}

#[derive(Deserialize)]
struct Mapped {
    features: WrittenFeatures,
    x: Vec<[f64; 2]>,
}

#[derive(Deserialize)]
struct StepSize {
    sched: WrittenSchedule,
    t: u64,
}

#[derive(Deserialize)]
struct Gaussian {
    kind: String,
    w: Vec<f64>,
}

#[derive(Deserialize)]
struct LogRatio {
    kind: String,
    x: Vec<[f64; 2]>,
}

fn replay(case: &Value, _: Precision) -> Result<Vec<Replayed>, String> {
    let text = Case::deserialize(case).map_err(|e| e.to_string())?;
    let mut all = Replays(Vec::new());
    for (i, point) in text.cases.iter().enumerate() {
        point.replay(&format!("/cases/{i}"), &mut all)?;
    }
    if let Some(risk) = &text.risk {
        risk.replay(&mut all)?;
    }
    for (i, Mapped { features, x }) in text.features.into_iter().enumerate() {
        let features = features.read()?;
        let phi = features.of(x.into_iter());
        let rows: Vec<&[f64]> = phi.chunks(features.count()).collect();
        all.put(&format!("/features/{i}"), [("phi", json!(rows))]);
    }
    for (i, StepSize { sched, t }) in text.step_sizes.iter().enumerate() {
        all.put(
            &format!("/step_sizes/{i}"),
            [("eta", json!(sched.read()?.eta(*t)))],
        );
    }
    for (i, Gaussian { kind, w }) in text.gaussian.iter().enumerate() {
        alike("gaussian.w", w.len(), 2)?;
        // No share of positives is asked for.
        let moments = toy(kind)?.moments(0.5);
        let best = moments.best_direction().expect("toy classes have area");
        let of = |v: &DVector<f64>| json!(v.as_slice());
        let values = [
            ("u", of(&moments.u)),
            ("v", of(&moments.v)),
            ("S", rows(&moments.s)),
            ("best", of(&best)),
            ("best_auc", json!(moments.normal_auc(&best))),
            (
                "auc",
                json!(moments.normal_auc(&DVector::from_row_slice(w))),
            ),
        ];
        all.put(&format!("/gaussian/{i}"), values);
    }
    for (i, LogRatio { kind, x }) in text.log_ratio.iter().enumerate() {
        let toy = toy(kind)?;
        let values: Vec<f64> = x.iter().map(|&at| toy.log_ratio(at)).collect();
        all.put(&format!("/log_ratio/{i}"), [("value", json!(values))]);
    }
    for key in case.as_object().unwrap_or(&Map::new()).keys() {
        if let Some(sizes) = key.strip_prefix("block_groups_") {
            all.0.push((format!("/{key}"), blocks(key, sizes)?));
        }
    }
    Ok(all.0)
}

/// What has come, and where.
struct Replays(Vec<Replayed>);

impl Replays {
    fn put<const N: usize>(&mut self, place: &str, values: [(&str, Value); N]) {
        let put = values
            .into_iter()
            .map(|(key, value)| (format!("{place}/{key}"), value));
        self.0.extend(put);
    }
}

impl Point {
    fn replay(&self, place: &str, all: &mut Replays) -> Result<(), String> {
        let Point {
            x, w, u, v, z, pen, ..
        } = self;
        some(&format!("{place}/w"), w)?;
        let d = w.len();
        for (what, list) in [("x", x), ("u", u), ("v", v), ("z", z)] {
            alike(&format!("{place}/{what}"), list.len(), d)?;
        }
        pen.fits(d)?;
        let means = Means { p: self.p, u, v };
        let (penalty, positive) = (pen.read(), positive(self.y)?);
        let written = |write: &dyn Fn(&mut [f64])| {
            let mut into = vec![0.0; d];
            write(&mut into);
            json!(into)
        };
        let values = [
            ("loss", json!(means.loss(w, x, positive))),
            (
                "gradient",
                written(&|to| means.gradient(w, x, positive, to)),
            ),
            (
                "spam_gradient",
                written(&|to| means.spam_gradient(w, x, positive, to)),
            ),
            (
                "implicit",
                written(&|to| means.implicit(w, x, positive, self.eta, to)),
            ),
            ("penalty", json!(penalty.value(w, &pen.groups))),
            (
                "subgradient",
                written(&|to| penalty.add_subgradient(w, &pen.groups, to)),
            ),
            ("prox", {
                let mut z = z.clone();
                penalty.prox(self.eta, &pen.groups, &mut z);
                json!(z)
            }),
        ];
        all.put(place, values);
        Ok(())
    }
}

impl Risk {
    fn replay(&self, all: &mut Replays) -> Result<(), String> {
        let Risk { phi, y, w } = self;
        some("risk.w", w)?;
        some("risk.phi", phi)?;
        alike("risk.y", y.len(), phi.len())?;
        for row in phi {
            alike("risk.phi", row.len(), w.len())?;
        }
        let moments = Moments::of(&phi.concat(), &positives(y)?);
        let moments = moments.ok_or("risk: a class is missing")?;
        let w = DVector::from_row_slice(w);
        let values = [
            ("pair_risk", json!(moments.risk(&w))),
            ("gradient", json!(moments.gradient(&w).as_slice())),
            ("p", json!(moments.p)),
            ("u", json!(moments.u.as_slice())),
            ("v", json!(moments.v.as_slice())),
            ("S", rows(&moments.s)),
        ];
        all.put("/risk", values);
        Ok(())
    }
}

fn toy(name: &str) -> Result<Toy, String> {
    Toy::of_name(name).ok_or_else(|| {
        format!(
            "kind: {name:?} is not known; allowed: {}",
            Toy::NAMES.join(", ")
        )
    })
}

fn rows(matrix: &DMatrix<f64>) -> Value {
    let row = |i: usize| matrix.row(i).iter().copied().collect::<Vec<f64>>();
    json!((0..matrix.nrows()).map(row).collect::<Vec<_>>())
}

/// The blocks of a grid, whose sizes are in a case's key, as in `block_groups_6_2`.
fn blocks(key: &str, sizes: &str) -> Result<Value, String> {
    let sizes = sizes.split_once('_').and_then(|(side, block)| {
        let (side, block) = (side.parse::<usize>().ok()?, block.parse::<usize>().ok()?);
        (block > 0 && side > 0 && side < 1000 && side.is_multiple_of(block))
            .then_some((side, block))
    });
    let (side, block) = sizes.ok_or_else(|| format!("{key}: its blocks do not fill a grid"))?;
    Ok(json!(features::blocks(side, block)))
}
