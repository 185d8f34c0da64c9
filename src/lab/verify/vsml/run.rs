//! A stream learned by running cells, and by real backpropagation.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Rows, Written, fits, layers, size, weights};
use crate::lab::trace::Precision;
use crate::lab::verify::kind::{Kind, Mark, Replayed, usual};
use crate::systems::vsml::{Grid, How, Kind as Optimizer, Learner, Look, Network, Scratch};

pub(in crate::lab::verify) static RUN: Kind = Kind {
    name: "vsml run",
    mark: Mark::Case("vsml", "run"),
    tolerance: usual,
    single: None,
    replay,
};

#[derive(Deserialize)]
#[allow(non_snake_case)]
struct Case {
    n: usize,
    k: usize,
    H: usize,
    bound: Option<f64>,
    feed: bool,
    scale: f64,
    sizes: Vec<usize>,
    P: Written,
    X: Vec<[f64; 2]>,
    Y: Vec<usize>,
    weights: Vec<Rows>,
    states_after: Vec<At>,
    grid: Vec<[f64; 2]>,
    backprop: Option<Rival>,
    adam: Option<Rival>,
}

#[derive(Deserialize)]
struct At {
    step: usize,
}

#[derive(Deserialize)]
struct Rival {
    lr: f64,
    first_gradient: Option<Value>,
}

/// Messages or states, a row per number, as they are written: a row per unit or cell.
fn turned(rows: &[f64], units: usize) -> Rows {
    let unit = |b: usize| rows.iter().skip(b).step_by(units).copied().collect();
    (0..units).map(unit).collect()
}

fn states(grid: &Grid, states: &[f64]) -> Value {
    let layer = |l: usize| {
        let cells = turned(&states[grid.place(l)], grid.cells(l));
        let rows = cells.chunks(grid.ends(l).1).map(<[_]>::to_vec);
        rows.collect::<Vec<Rows>>()
    };
    json!((0..grid.layers()).map(layer).collect::<Vec<_>>())
}

fn replay(case: &Value, _: Precision) -> Result<Vec<Replayed>, String> {
    let case = Case::deserialize(case).map_err(|e| e.to_string())?;
    fits(&case.sizes, &case.Y, case.X.len())?;
    let size = size(case.n, case.k, case.H)?;
    let beyond = |at: &&At| at.step >= case.X.len();
    if let Some(At { step }) = case.states_after.iter().find(beyond) {
        let last = case.X.len() - 1;
        return Err(format!(
            "states_after: {step} is out of range; allowed: 0 to {last}"
        ));
    }
    let cell = case.P.cell(size)?;
    let grid = Grid {
        sizes: case.sizes.clone(),
        cell: size,
    };
    let how = How {
        bound: case.bound,
        feed: case.feed,
        scale: case.scale,
        down: true,
    };
    let first = weights(&case.weights, &case.sizes)?;
    let mut learner = Learner::new(&grid, &first);
    let mut scratch = Scratch::new(&grid);
    let (mut logits, mut errors, mut replayed) = (Vec::new(), Vec::new(), Vec::new());
    for (t, (x, &y)) in case.X.iter().zip(&case.Y).enumerate() {
        learner.learn(&grid, &cell, &how, (x, y), &mut scratch);
        logits.push(learner.logits(&grid).to_vec());
        errors.push(turned(learner.errors(), grid.sizes[1]));
        for (i, _) in case
            .states_after
            .iter()
            .enumerate()
            .filter(|(_, at)| at.step == t)
        {
            let place = format!("/states_after/{i}/states");
            replayed.push((place, states(&grid, &learner.states)));
        }
    }
    let mut look = Look::new(&grid, &cell, how.bound, &learner.states);
    let answers: Rows = case.grid.iter().map(|x| look.at(x).to_vec()).collect();
    replayed.extend([
        ("/logits".to_owned(), json!(logits)),
        ("/errors_layer1".to_owned(), json!(errors)),
        ("/final".to_owned(), states(&grid, &learner.states)),
        ("/grid_logits".to_owned(), json!(answers)),
    ]);
    let rivals = [
        ("backprop", &case.backprop, Optimizer::Sgd),
        ("adam", &case.adam, Optimizer::Adam),
    ];
    for (name, rival, kind) in rivals {
        let Some(rival) = rival else { continue };
        let mut network = Network::new(&grid, first.clone());
        let mut logits = Vec::new();
        for (t, (x, &y)) in case.X.iter().zip(&case.Y).enumerate() {
            network.learn((x, y), kind, rival.lr);
            logits.push(network.logits().to_vec());
            if t == 0 && rival.first_gradient.is_some() {
                let gradient = layers(&case.sizes, &network.gradient);
                replayed.push((format!("/{name}/first_gradient"), json!(gradient)));
            }
        }
        let last = layers(&case.sizes, &network.theta);
        replayed.push((format!("/{name}/logits"), json!(logits)));
        replayed.push((format!("/{name}/final"), json!(last)));
    }
    Ok(replayed)
}
