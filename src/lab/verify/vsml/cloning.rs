//! A cell that is taught to be backpropagation, iteration by iteration.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Written, written};
use crate::lab::trace::Precision;
use crate::lab::verify::kind::{Kind, Mark, Replayed, usual};
use crate::systems::vsml::{Cloning, Teaching, Triples};

pub(in crate::lab::verify) static CLONING: Kind = Kind {
    name: "vsml cloning",
    mark: Mark::Case("vsml", "cloning"),
    tolerance: usual,
    single: None,
    replay,
};

#[derive(Deserialize)]
struct Case {
    settings: Settings,
    start: Written,
    steps: Vec<Step>,
}

#[derive(Deserialize)]
struct Settings {
    n: usize,
    k: usize,
    #[serde(rename = "H")]
    units: usize,
    iterations: u64,
    lr: f64,
    sd: [f64; 3],
    silent: f64,
    alpha: f64,
    weight: f64,
}

#[derive(Deserialize)]
struct Step {
    triples: Vec<[f64; 3]>,
}

fn replay(case: &Value, _: Precision) -> Result<Vec<Replayed>, String> {
    let Case {
        settings,
        start,
        steps,
    } = Case::deserialize(case).map_err(|e| e.to_string())?;
    if settings.n != 1 || settings.k != 1 {
        return Err("n, k: a cell is cloned with one number of each; allowed: 1".to_owned());
    }
    super::size(1, 1, settings.units)?;
    let batch = steps.first().map_or(0, |step| step.triples.len());
    if batch == 0 || steps.iter().any(|step| step.triples.len() != batch) {
        return Err("steps: not all of as many triples".to_owned());
    }
    let teaching = Teaching {
        units: settings.units,
        batch,
        iterations: settings.iterations,
        lr: settings.lr,
        spread: settings.sd,
        silent: settings.silent,
        weight: settings.weight,
        alpha: settings.alpha,
    };
    let size = teaching.size();
    let mut cloning = Cloning::new(teaching, start.cell(size)?);
    let mut replayed = Vec::new();
    for (i, step) in steps.iter().enumerate() {
        let row = |k: usize| step.triples.iter().map(move |triple| triple[k]);
        let triples = Triples((0..3).flat_map(row).collect());
        let rows = triples.targets();
        let target = |i: usize| [rows[i], rows[batch + i], rows[2 * batch + i]];
        let targets: Vec<[f64; 3]> = (0..batch).map(target).collect();
        let rate = cloning.rate();
        let loss = cloning.step(&triples);
        let got = json!({
            "triples": step.triples,
            "targets": targets,
            "loss": loss,
            "gradient": written(size, &cloning.gradient),
            "rate": rate,
            "after": written(size, &cloning.cell.theta),
        });
        replayed.push((format!("/steps/{i}"), got));
    }
    let folded = written(size, &cloning.folded().theta);
    replayed.push(("/folded".to_owned(), folded));
    Ok(replayed)
}
