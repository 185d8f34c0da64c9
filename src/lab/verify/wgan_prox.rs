//! Cases of the *Wasserstein proximal of GANs*: what they have in common. Replays none.

pub(super) mod gradients;
pub(super) mod measures;
pub(super) mod scale;
pub(super) mod steps;

use serde::Deserialize;
use serde_json::Value;

use super::kind::within;
use crate::Named;
use crate::systems::wgan_prox::{Kind, Loss, Network, Penalty, Settings, StepSize};

/// How far double precision may be off.
fn tolerance(_: &Value) -> f64 {
    1e-10
}

/// Most steps of a kind that a case asks for.
const MOST: usize = 1000;

/// A layer, row by row, the last one its bias.
type Layer = Vec<Vec<f64>>;

/// The network of these layers: from points of the plane to so many numbers.
fn network(name: &str, layers: &[Layer], outputs: usize) -> Result<Network, String> {
    let first = layers.first().ok_or_else(|| format!("{name}: no layers"))?;
    let mut widths = vec![first.len().saturating_sub(1)];
    for (i, layer) in layers.iter().enumerate() {
        let outputs = layer.first().map_or(0, Vec::len);
        let fits = layer.len() == widths[widths.len() - 1] + 1;
        if !fits || outputs == 0 || layer.iter().any(|row| row.len() != outputs) {
            return Err(format!(
                "{name}[{i}]: its rows do not fit each other and the layer below"
            ));
        }
        widths.push(outputs);
    }
    let (first, last) = (widths[0], widths[widths.len() - 1]);
    if (first, last) != (2, outputs) {
        return Err(format!(
            "{name}: from {first} numbers to {last}; allowed: from 2 to {outputs}"
        ));
    }
    let theta = layers.iter().flatten().flatten().copied().collect();
    Ok(Network::new(widths, theta))
}

/// Parameters as layers.
fn layers(widths: &[usize], theta: &[f64]) -> Vec<Layer> {
    let mut rest = theta;
    let mut layer = |two: &[usize]| {
        let own = rest.split_off(..(two[0] + 1) * two[1]).unwrap_or_default();
        own.chunks(two[1]).map(<[f64]>::to_vec).collect()
    };
    widths.windows(2).map(&mut layer).collect()
}

/// How steps are made, as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    loss: String,
    gp: f64,
    prox: String,
    h: f64,
    inner: usize,
    fresh: bool,
    opt: String,
    lr_g: f64,
    lr_d: f64,
    b1: f64,
    b2: f64,
    n_d: usize,
}

impl Config {
    fn read(&self) -> Result<Settings, String> {
        within("inner", self.inner, MOST)?;
        within("n_d", self.n_d, MOST)?;
        let size = |lr| StepSize {
            lr,
            b1: self.b1,
            b2: self.b2,
        };
        let penalty = (self.prox != "none").then(|| member("prox", &self.prox));
        Ok(Settings {
            loss: member::<Loss>("loss", &self.loss)?,
            gp: self.gp,
            turns: self.n_d,
            kind: member::<Kind>("opt", &self.opt)?,
            of_generator: size(self.lr_g),
            of_discriminator: size(self.lr_d),
            penalty: penalty.transpose()?.map(|penalty: Penalty| penalty),
            h: self.h,
            inner: self.inner,
            fresh: self.fresh,
        })
    }
}

/// The member of a set that a word names.
fn member<T: Named>(what: &str, word: &str) -> Result<T, String> {
    T::of_name(word).ok_or_else(|| {
        let known = T::NAMES.join(", ");
        format!("{what}: {word:?} is not known; allowed: {known}")
    })
}

/// Writes pairs into places for as many.
fn put(what: &str, from: &[[f64; 2]], into: &mut [f64]) -> Result<(), String> {
    alike(what, 2 * from.len(), into.len())?;
    into.copy_from_slice(from.as_flattened());
    Ok(())
}

/// Checks that there are as many numbers as there are places.
fn alike(what: &str, length: usize, wanted: usize) -> Result<(), String> {
    if length == wanted {
        return Ok(());
    }
    Err(format!("{what}: {length} numbers; allowed: {wanted}"))
}
