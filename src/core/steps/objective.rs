//! What is differentiated: the mean loss, the same at adversarial points, and how steep the network is in its inputs there (Seck,
//! Loosli and Canu, arXiv:1903.01715; Drucker and LeCun 1992). Data only.
//!
//! `J = (1−α)/N Σ ℓ(x_n) + α/N Σ ℓ(x̃_n) + λ Ω` with `Ω = 1/N Σ Σ_q ‖∂q(x_n)/∂x‖`.

pub mod attack;
pub mod cotangent;
pub mod pass;
pub mod steepness;

use crate::Here;
use crate::nn::mlp::Architecture;

/// The scalars `q` of the outputs that are kept flat.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Target {
    /// `z_y − z_r` with the strongest wrong class `r`.
    #[default]
    Margin,
    /// Every `z_k`; the norms are added.
    Logits,
    /// `p_y`.
    Prob,
    /// `−log p_y`; with [`Norm::Sq`] half the penalty of classical double backpropagation.
    Loss,
}

crate::named!(Target { Margin = "margin", Logits = "logits", Prob = "prob", Loss = "loss" });

/// How the size of a gradient `g` is measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Norm {
    /// `Σ |g_i|`, or `Σ √(g_i² + δ²) − δ`.
    #[default]
    L1,
    /// `√(‖g‖² + δ²) − δ`.
    L2,
    /// `½ ‖g‖²`.
    Sq,
}

crate::named!(Norm { L1 = "l1", L2 = "l2", Sq = "sq" });

/// At which points the penalty is taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PenaltyAt {
    /// At the points themselves; α does not reduce it.
    #[default]
    Clean,
    /// `(1−α) Ω` at the points and `α Ω` at the adversarial ones.
    Both,
}

crate::named!(PenaltyAt { Clean = "clean", Both = "both" });

/// What is differentiated.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Objective {
    /// λ, the penalty's weight; none is computed at 0.
    pub lambda: f64,
    /// What is kept flat.
    pub target: Target,
    /// How steepness is measured.
    pub norm: Norm,
    /// δ, which rounds the kink of a norm; at 0 its slope there is 0.
    pub delta: f64,
    /// Where it is measured.
    pub penalty_at: PenaltyAt,
    /// α, the adversarial points' weight; none are made at 0.
    pub alpha: f64,
    /// ε, how far an adversarial point may be from its own in any coordinate.
    pub eps: f64,
    /// Steps of the attack: 1 is FGSM, more are PGD.
    pub attack_steps: u32,
}

impl Default for Objective {
    fn default() -> Self {
        Objective {
            lambda: 0.0,
            target: Target::Margin,
            norm: Norm::L1,
            delta: 0.0,
            penalty_at: PenaltyAt::Clean,
            alpha: 0.0,
            eps: 0.15,
            attack_steps: 1,
        }
    }
}

impl Objective {
    /// Whether it is the mean loss and nothing else.
    pub fn is_plain(self) -> bool {
        self.lambda == 0.0 && self.alpha == 0.0
    }

    /// For an engine: nothing where it is the mean loss, or where there is no other.
    pub fn engaged(self) -> Option<(Objective, Here)> {
        let here = Here::get()?;
        (!self.is_plain()).then_some((self, here))
    }

    /// What the losses at the points and at the adversarial ones count.
    pub fn loss_weights(self) -> [f64; 2] {
        [1.0 - self.alpha, self.alpha]
    }

    /// What the penalties there count in Ω.
    pub fn penalty_weights(self) -> [f64; 2] {
        match self.penalty_at {
            PenaltyAt::Clean => [1.0, 0.0],
            PenaltyAt::Both => self.loss_weights(),
        }
    }

    /// Floating-point operations of its products on so many samples, beyond those of the loss and its gradient.
    pub fn flops(self, architecture: &Architecture, samples: usize) -> u64 {
        if self.is_plain() {
            return 0;
        }
        let products = architecture.layers.iter().map(|layer| {
            let (inputs, outputs) = layer.theta_shape();
            2 * ((inputs - 1) * outputs) as u64
        });
        let product = products.sum::<u64>() * samples as u64;
        let scalars = match self.target {
            Target::Logits => architecture.outputs() as u64,
            Target::Margin | Target::Prob | Target::Loss => 1,
        };
        // The first step of an attack needs no pass forward of its own.
        let attack = 2 * u64::from(self.attack_steps) - 1;
        let penalised = self.penalty_weights().iter().filter(|w| **w != 0.0).count() as u64;
        let mut all = 0;
        if self.alpha != 0.0 {
            all += (attack + 3) * product;
        }
        if self.lambda != 0.0 {
            all += 3 * scalars * penalised * product;
        }
        all
    }
}
