//! First-order optimizers in their PyTorch form. They take a direction and do not ask where it came from.

use crate::nn::Real;
use crate::packed;
use nalgebra::DMatrix;
use serde::{Deserialize, Serialize};
use wide::bytemuck::Pod;

/// β₁ and β₂ of Adam.
pub const BETA: (f64, f64) = (0.9, 0.999);
/// ε of Adam.
pub const EPSILON: f64 = 1e-8;

/// The smallest magnitude whose square has a share in Adam's second moment that is kept.
pub fn quiet<T: Real>() -> T {
    (T::NEGLIGIBLE_SQUARE / T::of(1.0 - BETA.1)).sqrt()
}

/// What is done with a direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Optimizer {
    /// `Θ ← Θ − τ D`.
    Sgd,
    /// `m ← μ m + D`, `Θ ← Θ − τ m`.
    Momentum,
    /// `m ← μ m + D`, `Θ ← Θ − τ (D + μ m)`.
    Nesterov,
    /// Adam (Kingma and Ba 2015), β = 0.9, 0.999, ε = 1e-8 outside the root, bias-corrected.
    Adam,
}

crate::named!(Optimizer { Sgd = "sgd", Momentum = "momentum", Nesterov = "nesterov", Adam = "adam" });

impl Optimizer {
    /// Whether it steps with a μ.
    pub fn has_momentum(self) -> bool {
        match self {
            Optimizer::Momentum | Optimizer::Nesterov => true,
            Optimizer::Sgd | Optimizer::Adam => false,
        }
    }
}

/// The numbers of an optimizer's use.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepSize {
    /// Step size τ.
    pub tau: f64,
    /// μ of `momentum` and `nesterov`.
    pub momentum: f64,
    /// Weight decay: `decay · Θ` is added to `D` (biases too).
    pub decay: f64,
    /// Where `adam` has its ε.
    pub epsilon: Epsilon,
}

/// What Adam's ε is added to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Epsilon {
    /// The root of the second moment, corrected for its beginning: as in the article, and in PyTorch today.
    #[default]
    Corrected,
    /// The root before its correction, as in PyTorch up to 1.0: `ε / √(1 − β₂ᵗ)` in effect, at the first step 32 times as much.
    Uncorrected,
}

impl StepSize {
    /// Steps of size `tau` and nothing else.
    pub fn plain(tau: f64) -> StepSize {
        StepSize {
            tau,
            momentum: 0.0,
            decay: 0.0,
            epsilon: Epsilon::Corrected,
        }
    }
}

/// What an optimizer remembers; shapes as `Θ`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound = "T: Pod")]
pub struct OptimizerState<T: Real> {
    /// Steps made.
    pub steps: u64,
    /// First moments (`momentum`, `nesterov`, `adam`), empty otherwise.
    #[serde(with = "packed")]
    pub first: Vec<DMatrix<T>>,
    /// Second moments (`adam`), empty otherwise.
    #[serde(with = "packed")]
    pub second: Vec<DMatrix<T>>,
}

impl<T: Real> OptimizerState<T> {
    /// The state before the first step of these parameters.
    pub fn new(optimizer: Optimizer, thetas: &[DMatrix<T>]) -> Self {
        let zeros = |wanted: bool| {
            let shapes = thetas.iter().filter(|_| wanted);
            shapes
                .map(|theta| DMatrix::zeros(theta.nrows(), theta.ncols()))
                .collect()
        };
        OptimizerState {
            steps: 0,
            first: zeros(optimizer != Optimizer::Sgd),
            second: zeros(optimizer == Optimizer::Adam),
        }
    }

    /// Steps every `Θ` along its `D`.
    #[inline(always)]
    pub fn apply(
        &mut self,
        optimizer: Optimizer,
        size: StepSize,
        thetas: &mut [DMatrix<T>],
        directions: &[DMatrix<T>],
    ) {
        self.steps += 1;
        let (tau, decay) = (T::of(size.tau), T::of(size.decay));
        // The first momentum step takes D whole: m starts at zero, and μ·0 + D = D.
        let mu = T::of(size.momentum);
        // Once for all layers: a power takes as long as the step of dozens of parameters.
        let corrections = (optimizer == Optimizer::Adam)
            .then(|| [BETA.0, BETA.1].map(|beta| 1.0 - libm::pow(beta, self.steps as f64)));
        let [c1, c2] = corrections.unwrap_or([1.0; 2]);
        for (l, (theta, d)) in thetas.iter_mut().zip(directions).enumerate() {
            let pairs = theta.as_mut_slice().iter_mut().zip(d.as_slice());
            match optimizer {
                Optimizer::Sgd => {
                    pairs.for_each(|(t, &d)| *t = (*t - tau * (d + decay * *t)).flushed());
                }
                Optimizer::Momentum => {
                    pairs
                        .zip(self.first[l].as_mut_slice())
                        .for_each(|((t, &d), m)| {
                            *m = (mu * *m + (d + decay * *t)).flushed();
                            *t = (*t - tau * *m).flushed();
                        });
                }
                Optimizer::Nesterov => {
                    pairs
                        .zip(self.first[l].as_mut_slice())
                        .for_each(|((t, &d), m)| {
                            let d = d + decay * *t;
                            *m = (mu * *m + d).flushed();
                            *t = (*t - tau * (d + mu * *m)).flushed();
                        });
                }
                Optimizer::Adam => {
                    let (b1, b2) = (T::of(BETA.0), T::of(BETA.1));
                    let (n1, n2) = (T::of(1.0 - BETA.0), T::of(1.0 - BETA.1));
                    let (rate, root) = (T::of(size.tau / c1), T::of(1.0 / c2.sqrt()));
                    let epsilon = match size.epsilon {
                        Epsilon::Corrected => T::of(EPSILON),
                        Epsilon::Uncorrected => T::of(EPSILON / c2.sqrt()),
                    };
                    let quiet = quiet();
                    let moments = self.first[l]
                        .as_mut_slice()
                        .iter_mut()
                        .zip(self.second[l].as_mut_slice());
                    for ((t, &d), (m, v)) in pairs.zip(moments) {
                        let d = d + decay * *t;
                        *m = (b1 * *m + n1 * d).flushed();
                        let heard = if d.abs() < quiet { T::zero() } else { d };
                        *v = (b2 * *v + n2 * heard * heard).flushed_square();
                        *t = (*t - rate * *m / (v.sqrt() * root + epsilon)).flushed();
                    }
                }
            }
        }
    }
}
