//! Toy data whose classes are mixtures of axis-parallel normal distributions, so that moments, densities and the best ranking
//! there is are known. Knows no features.

use std::f64::consts::TAU;

use nalgebra::{DMatrix, DVector};

use super::risk::Moments;
use crate::data::rng::{Purpose, Stream};

/// Points of each class in the hold-out, whatever the share of positives: AUC does not depend on that.
pub const HELD_OUT: usize = 400;

/// A set of two classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Toy {
    /// Positives in two small islands in a sea of negatives.
    Islands,
    /// Positives in a long and thin needle beside the negatives.
    Needle,
}

crate::named!(Toy { Islands = "islands", Needle = "needle" });

/// A normal distribution with independent coordinates.
struct Normal {
    share: f64,
    mean: [f64; 2],
    sd: [f64; 2],
}

const SEA: [Normal; 1] = [Normal {
    share: 1.0,
    mean: [0.0, 0.0],
    sd: [1.0, 1.0],
}];
const ISLANDS: [Normal; 2] = [
    Normal {
        share: 0.5,
        mean: [1.2, 0.9],
        sd: [0.35, 0.35],
    },
    Normal {
        share: 0.5,
        mean: [-1.2, -0.9],
        sd: [0.35, 0.35],
    },
];
const NEEDLE: [Normal; 1] = [Normal {
    share: 1.0,
    mean: [1.0, 1.0],
    sd: [2.5, 0.3],
}];

/// A point and whether it is positive.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Labelled {
    /// Where it is.
    pub at: [f64; 2],
    /// Of which class.
    pub positive: bool,
}

impl Toy {
    fn class(self, positive: bool) -> &'static [Normal] {
        match (positive, self) {
            (false, _) => &SEA,
            (true, Toy::Islands) => &ISLANDS,
            (true, Toy::Needle) => &NEEDLE,
        }
    }

    /// A stream of `n` points that are positive with probability `p`, independently. It is the beginning of any longer one, and
    /// where `p` moves a point changes its place only if it changes its class.
    pub fn stream(self, n: usize, p: f64, seed: u32) -> Vec<Labelled> {
        let mut stream = Stream::new(seed, Purpose::Training, 0);
        let mut point = || {
            let positive = stream.uniform() < p;
            self.point(positive, &mut stream)
        };
        (0..n).map(|_| point()).collect()
    }

    /// As many points of each class to look at: positives first.
    pub fn hold_out(self, seed: u32) -> Vec<Labelled> {
        let mut stream = Stream::new(seed, Purpose::Validation, 0);
        let labels = (0..2 * HELD_OUT).map(|i| i < HELD_OUT);
        labels
            .map(|positive| self.point(positive, &mut stream))
            .collect()
    }

    /// A point of a class; it draws the same numbers whatever the class is.
    fn point(self, positive: bool, stream: &mut Stream) -> Labelled {
        let choice = stream.uniform();
        let drawn = [stream.normal(), stream.normal()];
        let class = self.class(positive);
        let part = if choice < class[0].share {
            &class[0]
        } else {
            &class[class.len() - 1]
        };
        let at = std::array::from_fn(|i| part.mean[i] + part.sd[i] * drawn[i]);
        Labelled { at, positive }
    }

    /// The logarithm of the ratio of the classes' densities: no score ranks better.
    pub fn log_ratio(self, at: [f64; 2]) -> f64 {
        log_density(self.class(true), at) - log_density(self.class(false), at)
    }

    /// The moments of the two coordinates at a share `p` of positives.
    pub fn moments(self, p: f64) -> Moments {
        let [(u, positives), (v, negatives)] = [true, false].map(|positive| {
            let class = self.class(positive);
            let mean = |i: usize| {
                class
                    .iter()
                    .map(|part| part.share * part.mean[i])
                    .sum::<f64>()
            };
            let mean = DVector::from_fn(2, |i, _| mean(i));
            let covariance = DMatrix::from_fn(2, 2, |i, j| {
                let of = |part: &Normal| {
                    let own = if i == j { part.sd[i] * part.sd[i] } else { 0.0 };
                    own + (part.mean[i] - mean[i]) * (part.mean[j] - mean[j])
                };
                class.iter().map(|part| part.share * of(part)).sum()
            });
            (mean, covariance)
        });
        Moments {
            p,
            u,
            v,
            s: positives + negatives,
        }
    }
}

/// The logarithm of a mixture's density; the largest part is taken out, so that none underflows.
fn log_density(class: &[Normal], at: [f64; 2]) -> f64 {
    let part = |part: &Normal| {
        let square = |i: usize| ((at[i] - part.mean[i]) / part.sd[i]).powi(2);
        let scale = part.share / (TAU * part.sd[0] * part.sd[1]);
        libm::log(scale) - 0.5 * (square(0) + square(1))
    };
    let most = class.iter().map(part).fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = class.iter().map(|p| libm::exp(part(p) - most)).sum();
    most + libm::log(sum)
}
