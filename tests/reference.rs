//! The float64 reference results of `tests/golden`: losses, norms, angles, λ_max, CG counts, energies, parameters.

mod golden;

use golden::Golden;
use proxprop::engine::evaluate::Evaluator;
use proxprop::engine::{Ensemble, Look, Precision};
use proxprop::lab::architecture;

fn agrees<T: Precision>(golden: &Golden, tolerance: f64) {
    let name = golden.name();
    let close = |what: &str, got: f64, want: f64| {
        assert!(
            (got - want).abs() <= tolerance * want.abs().max(1e-3),
            "{name}: {what} is {got}, reference {want}"
        );
    };
    let config = golden.config();
    let data = golden.dataset();
    let architecture = architecture::of_run(&config, &data);
    let mut ensemble = Ensemble::<T>::new(architecture, &data, config.batch);
    let run = &config.runs[0];
    let start = golden.start();
    ensemble.add(run.settings(), start.iter().map(|t| t.map(T::of)).collect());
    for expected in golden.trace() {
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
    close("final loss", end.loss, golden.final_loss());
    for (got, want) in thetas.iter().zip(&golden.end()) {
        let error = (got.map(T::to_f64) - want).norm() / want.norm();
        assert!(error <= tolerance, "{name}: parameters differ by {error}");
    }
}

/// In double precision to the last digits but six, in single precision to a few.
#[test]
fn every_file_is_agreed_with() {
    for text in golden::ALL {
        let golden = Golden::parse(text);
        agrees::<f64>(&golden, 1e-9);
        agrees::<f32>(&golden, 2e-3);
    }
}
