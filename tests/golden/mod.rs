//! The float64 reference files: what they start from and what is expected.

use nalgebra::DMatrix;
use proxprop::data::{Dataset, Points, Targets};
use proxprop::lab::config::Config;
use serde_json::Value;

/// All files.
pub(crate) const ALL: [&str; 6] = [
    include_str!("backprop-sgd-tanh.json"),
    include_str!("backprop-adam-relu.json"),
    include_str!("prox-exact-sgd-tanh.json"),
    include_str!("prox-exact-nesterov-relu.json"),
    include_str!("prox-cg3-adam-tanh.json"),
    include_str!("prox-cg10-sgd-sigmoid-regress.json"),
];

/// A file.
pub(crate) struct Golden(Value);

impl Golden {
    pub(crate) fn parse(text: &str) -> Golden {
        Golden(serde_json::from_str(text).unwrap())
    }

    pub(crate) fn name(&self) -> &str {
        self.0["name"].as_str().unwrap()
    }

    pub(crate) fn config(&self) -> Config {
        Config::parse(self.0["state"]["config"].as_str().unwrap()).unwrap()
    }

    pub(crate) fn dataset(&self) -> Dataset {
        let data = &self.0["state"]["data"];
        let inputs = matrix(&data["x"]);
        let targets = match data["y"][0] {
            Value::Array(_) => Targets::Values(matrix(&data["y"])),
            _ => Targets::Classes {
                labels: numbers(&data["y"]).iter().map(|&y| y as u32).collect(),
                classes: data["outputs"].as_u64().unwrap() as usize,
            },
        };
        let validation = Points {
            inputs: inputs.rows(0, 0).into_owned(),
            targets: targets.clone(),
        };
        Dataset {
            training: Points { inputs, targets },
            validation,
        }
    }

    /// The parameters at first.
    pub(crate) fn start(&self) -> Vec<DMatrix<f64>> {
        thetas(&self.0["state"]["members"][0]["layers"])
    }

    /// The parameters at the end.
    pub(crate) fn end(&self) -> Vec<DMatrix<f64>> {
        thetas(&self.0["expected"]["layers"])
    }

    /// Per step, what is expected.
    pub(crate) fn trace(&self) -> &[Value] {
        self.0["expected"]["trace"].as_array().unwrap()
    }

    pub(crate) fn final_loss(&self) -> f64 {
        self.0["expected"]["final_loss"].as_f64().unwrap()
    }
}

fn numbers(v: &Value) -> Vec<f64> {
    v.as_array()
        .unwrap()
        .iter()
        .map(|x| x.as_f64().unwrap())
        .collect()
}

fn matrix(rows: &Value) -> DMatrix<f64> {
    let rows: Vec<_> = rows.as_array().unwrap().iter().map(numbers).collect();
    DMatrix::from_fn(rows.len(), rows[0].len(), |i, j| rows[i][j])
}

/// `Θ` from a file's `out × in` weights and bias.
fn thetas(layers: &Value) -> Vec<DMatrix<f64>> {
    let theta = |layer: &Value| {
        let weight = matrix(&layer["weight"]).transpose();
        let bias = numbers(&layer["bias"]);
        let rows = weight.nrows();
        let mut theta = weight.insert_row(rows, 0.0);
        bias.iter()
            .enumerate()
            .for_each(|(j, &b)| theta[(rows, j)] = b);
        theta
    };
    layers.as_array().unwrap().iter().map(theta).collect()
}
