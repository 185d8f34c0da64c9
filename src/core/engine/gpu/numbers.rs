//! What has a name on the host and a number in the kernels. Knows no memory and no device.

use super::rules::rules;
use super::structs::LAYERS;
use super::text::constant;
use super::wide::Operation;
use crate::Named;
use crate::nn::activation::LEAK;
use crate::nn::{Activation, Loss, Real as _};
use crate::steps::optimizer::{BETA, EPSILON, quiet};
use crate::steps::{Optimizer, Rule, Shrinkage};
use std::fmt::Write as _;

/// Most lanes of a workgroup.
pub const MOST_LANES: u32 = 256;
/// A minibatch that begins here is all points in their own order.
pub const ALL: u32 = u32::MAX;

/// A verdict on a direction is its layer (from 1) times this, plus the column (from 1) without a usable pivot.
pub(super) const COLUMNS: u32 = 2048;
/// A verdict on new weights is this plus the layer (from 1).
pub(super) const NEW_WEIGHTS: u32 = 1 << 16;
/// The loss has been high for too long.
pub(super) const HOPELESS: u32 = 1 << 17;
/// The loss is not finite.
pub(super) const LOSS: u32 = 1 << 18;

/// The number of a member of a closed set.
///
/// # Panics
/// Never: a set lists all its members.
pub fn number<T: Named>(member: T) -> u32 {
    let place = T::ALL.iter().position(|of| *of == member);
    place.expect("a set lists all its members") as u32
}

/// The constants of the kernels, as WGSL.
pub fn constants() -> String {
    let mut text = String::new();
    let rules: Vec<&str> = rules().map(Rule::key).collect();
    let sets = [
        Activation::NAMES,
        Loss::NAMES,
        &rules,
        Optimizer::NAMES,
        Shrinkage::NAMES,
        Operation::NAMES,
    ];
    let whole = [
        ("LAYERS", LAYERS as u32),
        ("MOST_LANES", MOST_LANES),
        ("ALL", ALL),
        ("COLUMNS", COLUMNS),
        ("NEW_WEIGHTS", NEW_WEIGHTS),
        ("HOPELESS", HOPELESS),
        ("LOSS", LOSS),
    ];
    for names in sets {
        for (number, name) in names.iter().enumerate() {
            let _ = writeln!(text, "const {}: u32 = {number}u;", constant(name));
        }
    }
    for (name, number) in whole {
        let _ = writeln!(text, "const {name}: u32 = {number}u;");
    }
    let real = [
        ("LEAK", LEAK),
        ("BETA1", BETA.0),
        ("BETA2", BETA.1),
        ("LN_BETA1", BETA.0.ln()),
        ("LN_BETA2", BETA.1.ln()),
        ("EPSILON", EPSILON),
        ("MOST", f64::from(f32::MAX)),
        ("NEGLIGIBLE", f64::from(f32::NEGLIGIBLE)),
        ("NEGLIGIBLE_SQUARE", f64::from(f32::NEGLIGIBLE_SQUARE)),
        ("QUIET", f64::from(quiet::<f32>())),
    ];
    for (name, number) in real {
        let _ = writeln!(text, "const {name}: f32 = {number:e};");
    }
    text
}
