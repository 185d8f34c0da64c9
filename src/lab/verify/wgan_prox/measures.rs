//! How far two sets of points are apart, and how many of a ring's clouds one covers.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{alike, tolerance};
use crate::lab::trace::Precision;
use crate::lab::verify::kind::{Kind, Mark, Replayed, some};
use crate::systems::wgan_prox::measures::{Sample, modes};

pub(in crate::lab::verify) static MEASURES: Kind = Kind {
    name: "wgan-prox measures",
    mark: Mark::Case("wgan-prox", "measures"),
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
    x: Vec<[f64; 2]>,
    y: Vec<[f64; 2]>,
}

fn replay(case: &Value, _: Precision) -> Result<Vec<Replayed>, String> {
    let case = Case::deserialize(case).map_err(|e| e.to_string())?;
    let of_case = |(i, Asked { x, y }): (usize, &Asked)| {
        some(&format!("cases[{i}].x"), x)?;
        alike(&format!("cases[{i}].y"), y.len(), x.len())?;
        let (x, y) = (Sample::new(x.as_flattened().to_vec()), y.as_flattened());
        let (covered, good) = modes(y);
        let got = json!({
            "sliced_w2": x.sliced(y), "energy": x.energy(y), "modes": covered, "good": good
        });
        Ok((format!("/cases/{i}/expect"), got))
    };
    case.cases.iter().enumerate().map(of_case).collect()
}
