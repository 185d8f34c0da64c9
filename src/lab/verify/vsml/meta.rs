//! A learning rule that is trained by backpropagation through time, iteration by iteration.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Rows, Written, fits, size, weights, written};
use crate::lab::trace::Precision;
use crate::lab::verify::kind::{Kind, Mark, Replayed, usual, within};
use crate::systems::vsml::{Episode, Grid, Meta, Task, Training, gradient};

pub(in crate::lab::verify) static META: Kind = Kind {
    name: "vsml meta",
    mark: Mark::Case("vsml", "meta"),
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
    hidden: usize,
    iterations: u64,
    lr: f64,
    warm: f64,
    clip: f64,
    b2: f64,
    bound: Option<f64>,
    feed: bool,
    alpha: f64,
    eps: f64,
    jitter: Option<f64>,
}

#[derive(Deserialize)]
#[allow(non_snake_case)]
struct Step {
    /// By layers, then by tasks.
    weights: Vec<Vec<Rows>>,
    X: Vec<Vec<[f64; 2]>>,
    Y: Vec<Vec<usize>>,
}

impl Step {
    fn tasks(&self, grid: &Grid) -> Result<Vec<Task>, String> {
        let task = |(b, (x, y)): (usize, (&Vec<[f64; 2]>, &Vec<usize>))| {
            fits(&grid.sizes, y, x.len())?;
            let own = |layer: &Vec<Rows>| layer.get(b).cloned().unwrap_or_default();
            let layers: Vec<Rows> = self.weights.iter().map(own).collect();
            Ok(Task {
                weights: weights(&layers, &grid.sizes)?,
                x: x.clone(),
                y: y.clone(),
            })
        };
        if self.X.len() != self.Y.len() || self.X.is_empty() {
            return Err("X, Y: not as many tasks in each".to_owned());
        }
        self.X.iter().zip(&self.Y).enumerate().map(task).collect()
    }
}

fn replay(case: &Value, _: Precision) -> Result<Vec<Replayed>, String> {
    let Case {
        settings,
        start,
        steps,
    } = Case::deserialize(case).map_err(|e| e.to_string())?;
    let size = size(settings.n, settings.k, settings.units)?;
    within("hidden", settings.hidden, 256)?;
    let meta = Meta {
        size,
        bound: settings.bound,
        feed: settings.feed,
        hidden: settings.hidden,
        lr: settings.lr,
        warm: settings.warm,
        clip: settings.clip,
        b2: settings.b2,
        iterations: settings.iterations,
        jitter: settings.jitter,
        alpha: settings.alpha,
        eps: settings.eps,
    };
    let grid = meta.grid();
    let mut training = Training::new(start.cell(size)?);
    let mut replayed = Vec::new();
    for (i, step) in steps.iter().enumerate() {
        let tasks = step.tasks(&grid)?;
        let samples = tasks.iter().map(|task| task.x.len()).max().unwrap_or(0);
        let mut episode = Episode::new(&grid, samples);
        let logits: Vec<Rows> = tasks
            .iter()
            .map(|task| {
                episode.run(&training.cell, &meta.how(), task, 1.0);
                episode.logits[..task.x.len()].to_vec()
            })
            .collect();
        let rooms = std::slice::from_mut(&mut episode);
        let (loss, mut gradient) = gradient(&meta, &training.cell, &tasks, rooms);
        let of = written(size, &gradient);
        let norm = training.step(&meta, &mut gradient);
        let got = json!({
            "weights": step.weights,
            "X": step.X,
            "Y": step.Y,
            "logits": logits,
            "loss": loss,
            "gradient": of,
            "norm": norm,
            "rate": meta.rate(training.made),
            "after": written(size, &training.cell.theta),
        });
        replayed.push((format!("/steps/{i}"), got));
    }
    Ok(replayed)
}
