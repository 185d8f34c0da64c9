//! The float64 reference results of `tests/golden`: losses, norms, angles, λ_max, CG counts, energies, parameters.

use nalgebra::DMatrix;
use proxprop::data::{Dataset, Points, Targets};
use proxprop::engine::cpu::architecture_for;
use proxprop::engine::evaluate::Evaluator;
use proxprop::engine::{Ensemble, Look};
use proxprop::lab::config::Config;
use proxprop::nn::Real;
use serde_json::Value;

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
fn theta(layer: &Value) -> DMatrix<f64> {
    let weight = matrix(&layer["weight"]).transpose();
    let bias = numbers(&layer["bias"]);
    let rows = weight.nrows();
    let mut theta = weight.insert_row(rows, 0.0);
    bias.iter()
        .enumerate()
        .for_each(|(j, &b)| theta[(rows, j)] = b);
    theta
}

fn dataset(data: &Value) -> Dataset {
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

fn agrees<T: Real>(text: &str, tolerance: f64) {
    let file: Value = serde_json::from_str(text).unwrap();
    let name = file["name"].as_str().unwrap();
    let close = |what: &str, got: f64, want: f64| {
        assert!(
            (got - want).abs() <= tolerance * want.abs().max(1e-3),
            "{name}: {what} is {got}, reference {want}"
        );
    };
    let config = Config::parse(file["state"]["config"].as_str().unwrap()).unwrap();
    let data = dataset(&file["state"]["data"]);
    let architecture = architecture_for(&data, &config.hidden, config.act);
    let mut ensemble = Ensemble::<T>::new(architecture, &data, config.batch);
    let run = &config.runs[0];
    let first = file["state"]["members"][0]["layers"].as_array().unwrap();
    ensemble.add(
        run.settings(),
        first.iter().map(|l| theta(l).map(T::of)).collect(),
    );
    for expected in file["expected"]["trace"].as_array().unwrap() {
        ensemble.step(
            &[],
            Look {
                energy: true,
                layers: true,
            },
        );
        let member = &ensemble.members()[0];
        close("loss", member.loss, expected["loss"].as_f64().unwrap());
        for (got, want) in member
            .layers
            .iter()
            .zip(expected["layers"].as_array().unwrap())
        {
            close("‖G‖", got.grad_norm, want["grad_norm"].as_f64().unwrap());
            close(
                "‖D‖",
                got.direction_norm,
                want["direction_norm"].as_f64().unwrap(),
            );
            close(
                "cos",
                got.angle_deg.to_radians().cos(),
                want["cos_angle"].as_f64().unwrap(),
            );
            close(
                "λ_max",
                got.lambda_max,
                want["lambda_max"].as_f64().unwrap(),
            );
            assert_eq!(
                u64::from(got.cg_iterations),
                want["cg_iterations"].as_u64().unwrap(),
                "{name}"
            );
        }
        if let Some(energies) = expected["energy"].as_array() {
            let names = proxprop::steps::penalty::sub_steps(member.layers.len());
            assert_eq!(energies.len(), member.energy.len());
            for ((want, got), name) in energies.iter().zip(&member.energy).zip(names) {
                assert_eq!(want["at"].as_str().unwrap(), name);
                close(&name, *got, want["value"].as_f64().unwrap());
            }
        }
    }
    let mut evaluator = Evaluator::new(ensemble.architecture());
    let thetas = &ensemble.members()[0].state.thetas;
    let end = evaluator.evaluate(thetas, ensemble.training()).unwrap();
    close(
        "final loss",
        end.loss,
        file["expected"]["final_loss"].as_f64().unwrap(),
    );
    for (got, want) in thetas
        .iter()
        .zip(file["expected"]["layers"].as_array().unwrap())
    {
        let want = theta(want);
        let error = (got.map(Real::to_f64) - &want).norm() / want.norm();
        assert!(error <= tolerance, "{name}: parameters differ by {error}");
    }
}

macro_rules! reference {
    ($($test:ident: $file:literal),* $(,)?) => { $(
        #[test]
        fn $test() {
            let text = include_str!(concat!("golden/", $file, ".json"));
            agrees::<f64>(text, 1e-9);
            agrees::<f32>(text, 2e-3);
        }
    )* };
}

reference! {
    backprop_sgd_tanh: "backprop-sgd-tanh",
    backprop_adam_relu: "backprop-adam-relu",
    prox_exact_sgd_tanh: "prox-exact-sgd-tanh",
    prox_exact_nesterov_relu: "prox-exact-nesterov-relu",
    prox_cg3_adam_tanh: "prox-cg3-adam-tanh",
    prox_cg10_sgd_sigmoid_regression: "prox-cg10-sgd-sigmoid-regress",
}
