//! Whole games on given draws.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Config, Layer, alike, layers, network, put, tolerance};
use crate::lab::trace::Precision;
use crate::lab::verify::kind::{Kind, Mark, Replayed, some};
use crate::systems::wgan_prox::measures::{Sample, modes};
use crate::systems::wgan_prox::{Game, Numbers, Work};

pub(in crate::lab::verify) static STEPS: Kind = Kind {
    name: "wgan-prox steps",
    mark: Mark::Case("wgan-prox", "steps"),
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
    draws: Vec<Draw>,
    eval_x: Vec<[f64; 2]>,
    eval_z: Vec<[f64; 2]>,
    cases: Vec<Asked>,
}

#[derive(Deserialize)]
struct Asked {
    config: Config,
    outer: usize,
}

/// The numbers of an outer step.
#[derive(Deserialize)]
struct Draw {
    x: Vec<Vec<[f64; 2]>>,
    z: Vec<Vec<[f64; 2]>>,
    eps: Vec<Vec<[f64; 1]>>,
    zg: Vec<Vec<[f64; 2]>>,
}

impl Draw {
    /// Checks that there are as many as a game asks for.
    fn fits(&self, turns: usize, noises: usize, rows: usize) -> Result<(), String> {
        let enough = |what: &str, sets: usize, wanted: usize| {
            if sets >= wanted {
                return Ok(());
            }
            Err(format!("{what}: {sets} sets; allowed: {wanted} at least"))
        };
        enough("x", self.x.len(), turns)?;
        enough("z", self.z.len(), turns)?;
        enough("eps", self.eps.len(), turns)?;
        enough("zg", self.zg.len(), noises)?;
        let sets = self.x.iter().chain(&self.z).chain(&self.zg).map(Vec::len);
        let mut sets = sets.chain(self.eps.iter().map(Vec::len));
        sets.try_for_each(|set| alike("draws", set, rows))
    }
}

struct Given<'a>(&'a [Draw]);

impl Numbers for Given<'_> {
    fn discriminator(&self, step: u64, turn: usize, x: &mut [f64], z: &mut [f64], eps: &mut [f64]) {
        let draw = &self.0[step as usize];
        x.copy_from_slice(draw.x[turn].as_flattened());
        z.copy_from_slice(draw.z[turn].as_flattened());
        eps.copy_from_slice(draw.eps[turn].as_flattened());
    }

    fn generator(&self, step: u64, inner: usize, z: &mut [f64]) {
        z.copy_from_slice(self.0[step as usize].zg[inner].as_flattened());
    }
}

fn replay(case: &Value, _: Precision) -> Result<Vec<Replayed>, String> {
    let case = Case::deserialize(case).map_err(|e| e.to_string())?;
    let of_case = |(i, asked): (usize, &Asked)| {
        let outcome = outcome(&case, asked).map_err(|e| format!("cases[{i}]: {e}"))?;
        Ok((format!("/cases/{i}/expect"), outcome))
    };
    case.cases.iter().enumerate().map(of_case).collect()
}

fn outcome(case: &Case, asked: &Asked) -> Result<Value, String> {
    let how = asked.config.read()?;
    let generator = network("G", &case.generator, 2)?;
    let discriminator = network("D", &case.discriminator, 1)?;
    let first = case.draws.first().and_then(|draw| draw.zg.first());
    let first = first.ok_or("draws: none")?;
    some("draws[0].zg[0]", first)?;
    some("eval_z", &case.eval_z)?;
    let rows = first.len();
    let noises = if how.fresh { how.inner } else { 1 };
    let draws = case.draws.get(..asked.outer);
    let draws = draws.ok_or("draws: fewer than outer steps")?;
    for draw in draws {
        draw.fits(how.turns, noises, rows)?;
    }
    let mut work = Work::new(&generator, &discriminator, rows);
    let mut game = Game::new(generator, discriminator, how.inner);
    let mut steps = Vec::new();
    for _ in draws {
        game.step(&how, &Given(draws), &mut work);
        let (values, distances): (Vec<f64>, Vec<f64>) = game.inner.iter().copied().unzip();
        steps.push(json!({
            "d_loss": game.d_loss,
            "inner_F": values,
            "inner_d2": distances,
            "moved": game.moved,
            "moved_theta": game.moved_theta,
        }));
    }
    let (generator, discriminator) = (&game.generator, &game.discriminator);
    let mut looked = Work::new(generator, discriminator, case.eval_z.len());
    put("eval_z", &case.eval_z, &mut looked.z)?;
    alike("eval_x", case.eval_x.len(), case.eval_z.len())?;
    looked.generate(generator);
    let x = Sample::new(case.eval_x.as_flattened().to_vec());
    let (covered, good) = modes(&looked.y);
    Ok(json!({
        "steps": steps,
        "G": layers(generator.widths(), &generator.theta),
        "D": layers(discriminator.widths(), &discriminator.theta),
        "eval_points": looked.y.as_chunks::<2>().0,
        "sliced_w2": x.sliced(&looked.y),
        "energy": x.energy(&looked.y),
        "modes": covered,
        "good": good,
    }))
}
