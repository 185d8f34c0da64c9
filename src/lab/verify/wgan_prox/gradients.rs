//! Both losses and their gradients on one minibatch, with every distance.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Config, Layer, alike, layers, network, put, tolerance};
use crate::lab::trace::Precision;
use crate::lab::verify::kind::{Kind, Mark, Replayed, some};
use crate::systems::wgan_prox::{Network, Work};

pub(in crate::lab::verify) static GRADIENTS: Kind = Kind {
    name: "wgan-prox gradients",
    mark: Mark::Case("wgan-prox", "gradients"),
    tolerance,
    single: None,
    replay,
};

#[derive(Deserialize)]
struct Case {
    #[serde(rename = "G")]
    generator: Vec<Layer>,
    #[serde(rename = "D")]
    discriminator: Vec<Layer>,
    #[serde(rename = "G0")]
    before: Vec<Layer>,
    x: Vec<[f64; 2]>,
    z: Vec<[f64; 2]>,
    eps: Vec<[f64; 1]>,
    cases: Vec<Asked>,
}

#[derive(Deserialize)]
struct Asked {
    config: Config,
}

fn replay(case: &Value, _: Precision) -> Result<Vec<Replayed>, String> {
    let case = Case::deserialize(case).map_err(|e| e.to_string())?;
    let generator = network("G", &case.generator, 2)?;
    let discriminator = network("D", &case.discriminator, 1)?;
    let before: Network = network("G0", &case.before, 2)?;
    if before.widths() != generator.widths() {
        return Err("G0: another shape than G".to_owned());
    }
    some("x", &case.x)?;
    let mut work = Work::new(&generator, &discriminator, case.x.len());
    put("x", &case.x, &mut work.x)?;
    put("z", &case.z, &mut work.z)?;
    alike("eps", case.eps.len(), work.eps.len())?;
    work.eps.copy_from_slice(case.eps.as_flattened());
    let mut replayed = Vec::new();
    for (i, asked) in case.cases.iter().enumerate() {
        let how = asked.config.read()?;
        work.generate(&before);
        work.y0.clone_from(&work.y);
        work.generate(&generator);
        let d_loss = work.discriminator_loss(&discriminator, how.loss, how.gp);
        let (value, distance) =
            work.generator_loss(&generator, &discriminator, &before.theta, &how);
        let got = json!({
            "d_loss": d_loss,
            "d_grad": layers(discriminator.widths(), &work.d_gradient),
            "F": value,
            "d2": distance,
            "g_grad": layers(generator.widths(), &work.g_gradient),
        });
        replayed.push((format!("/cases/{i}/expect"), got));
    }
    Ok(replayed)
}
