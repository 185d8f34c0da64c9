//! What is measured of given scores.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{alike, positives};
use crate::lab::trace::Precision;
use crate::lab::verify::kind::{Kind, Mark, Replayed, some, usual};
use crate::systems::auc::rank::{Ranking, accuracy, rate_at};

pub(in crate::lab::verify) static METRICS: Kind = Kind {
    name: "auc metrics",
    mark: Mark::Case("auc", "metrics"),
    tolerance: usual,
    single: None,
    replay,
};

#[derive(Deserialize)]
struct Case {
    cases: Vec<Scored>,
}

#[derive(Deserialize)]
struct Scored {
    scores: Vec<f64>,
    y: Vec<f64>,
    /// By false positive rate.
    tpr: Option<BTreeMap<String, f64>>,
}

fn replay(case: &Value, _: Precision) -> Result<Vec<Replayed>, String> {
    let case = Case::deserialize(case).map_err(|e| e.to_string())?;
    let mut ranking = Ranking::default();
    let mut all = Vec::new();
    for (i, Scored { scores, y, tpr }) in case.cases.iter().enumerate() {
        some(&format!("cases[{i}].scores"), scores)?;
        alike(&format!("cases[{i}].y"), y.len(), scores.len())?;
        let positive = positives(y)?;
        let roc = ranking.roc(scores, &positive);
        let rates = match (&roc, tpr) {
            (Some(roc), Some(asked)) => {
                let mut rates = BTreeMap::new();
                for key in asked.keys() {
                    let at = key
                        .parse()
                        .map_err(|e| format!("cases[{i}].tpr: {key:?}: {e}"))?;
                    rates.insert(key, rate_at(roc, at));
                }
                json!(rates)
            }
            _ => Value::Null,
        };
        let right = accuracy(scores, &positive, 0.05).map(|(_, right)| right);
        let place = |key: &str| format!("/cases/{i}/{key}");
        all.extend([
            (place("auc"), json!(ranking.auc(scores, &positive))),
            (place("tpr"), rates),
            (place("accuracy_at_p05"), json!(right)),
            (place("roc"), json!(roc)),
        ]);
    }
    Ok(all)
}
