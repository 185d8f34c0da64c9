//! The settings of a run of *flat decision functions*. Reads no text.

use super::chosen::Chosen;
use crate::data::DataSource;
use crate::data::drawn::Drawn;
use crate::nn::Activation;
use crate::steps::implicit::CG_EPSILON;
use crate::steps::objective::{Norm, PenaltyAt, Target};
use crate::steps::optimizer::StepSize;
use crate::steps::{Implicit, Objective, Optimizer, Rule};
use crate::systems::flat::How;

/// Where points come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::lab::systems) enum Source {
    /// [`DataSource::Moons`].
    Moons,
    /// [`DataSource::Circle`].
    Circle,
    /// [`DataSource::Xor`].
    Xor,
    /// [`DataSource::Gauss`].
    Gauss,
    /// Placed by hand.
    Points,
}

crate::named!(Source {
    Moons = "moons", Circle = "circle", Xor = "xor", Gauss = "gauss", Points = "points",
});

impl Source {
    /// As the lab's generator takes it; `None` for points placed by hand.
    pub(super) fn generated(self) -> Option<DataSource> {
        match self {
            Source::Moons => Some(DataSource::Moons),
            Source::Circle => Some(DataSource::Circle),
            Source::Xor => Some(DataSource::Xor),
            Source::Gauss => Some(DataSource::Gauss),
            Source::Points => None,
        }
    }
}

/// From how many places an attack begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::lab::systems) enum Starts {
    /// The point itself.
    One,
    /// And four around it.
    Five,
}

crate::named!(Starts { Five = "5", One = "1" });

impl Starts {
    /// The number.
    pub(super) fn count(self) -> usize {
        match self {
            Starts::One => 1,
            Starts::Five => 5,
        }
    }
}

/// Whose steepness the second picture shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::lab::systems) enum Steep {
    /// The margin's.
    Margin,
    /// The probability's.
    Prob,
}

crate::named!(Steep { Margin = "margin", Prob = "prob" });

impl Steep {
    /// The scalar.
    pub(super) fn target(self) -> Target {
        match self {
            Steep::Margin => Target::Margin,
            Steep::Prob => Target::Prob,
        }
    }
}

/// Who learns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::lab::systems) enum Method {
    /// The loss.
    Plain,
    /// And how steep the network is.
    Penalty,
    /// The loss at FGSM's points too.
    Fgsm,
    /// Both.
    Both,
    /// The loss at points of five steps of PGD too.
    Pgd5,
}

crate::named!(Method {
    Plain = "plain", Penalty = "penalty", Fgsm = "fgsm", Both = "both", Pgd5 = "pgd5",
});

impl Method {
    /// Whether it is penalised.
    pub(super) fn penalises(self) -> bool {
        matches!(self, Method::Penalty | Method::Both)
    }

    /// Whether it learns from adversarial points.
    pub(super) fn attacks(self) -> bool {
        matches!(self, Method::Fgsm | Method::Both | Method::Pgd5)
    }
}

/// By what rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::lab::systems) enum Step {
    /// [`Rule::Backprop`].
    Explicit,
    /// [`Rule::ProxExact`].
    Implicit,
}

crate::named!(Step { Explicit = "backprop", Implicit = "prox-exact" });

/// What all runs share.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::lab::systems) struct Shared {
    /// Where points come from.
    pub data: Source,
    /// Those placed by hand.
    pub points: Drawn,
    /// How many are learned from.
    pub n: usize,
    /// How noisy they are.
    pub noise: f64,
    /// How many others are looked at.
    pub valid: usize,
    /// Neurons of each of two hidden layers.
    pub width: usize,
    /// Their σ.
    pub act: Activation,
    /// The radius of boxes.
    pub eps: f64,
    /// Steps of the attack that is measured by.
    pub attack: u32,
    /// Where it begins.
    pub starts: Starts,
    /// Whose steepness is shown.
    pub steep: Steep,
    /// Which points are looked at closely.
    pub chosen: Chosen,
    /// Steps of a run.
    pub steps: u64,
    /// Decides points and weights.
    pub seed: u32,
}

impl Default for Shared {
    fn default() -> Shared {
        Shared {
            data: Source::Moons,
            points: Drawn::default(),
            n: 100,
            noise: 0.2,
            valid: 300,
            width: 16,
            act: Activation::Tanh,
            eps: 0.15,
            attack: 20,
            starts: Starts::Five,
            steep: Steep::Margin,
            chosen: Chosen::default(),
            steps: 1000,
            seed: 1,
        }
    }
}

/// What each run has of its own.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::lab::systems) struct Each {
    /// Who learns.
    pub method: Method,
    /// The penalty's weight.
    pub lambda: f64,
    /// What is kept flat.
    pub target: Target,
    /// How steepness is measured.
    pub norm: Norm,
    /// What rounds its kink.
    pub delta: f64,
    /// Where it is taken.
    pub penalty_at: PenaltyAt,
    /// The adversarial points' weight.
    pub alpha: f64,
    /// How far these are from their own, where that is another ε than the shared one; 0 where it is not.
    pub own_eps: f64,
    /// Steps that they are made by.
    pub attack: u32,
    /// By what rule.
    pub rule: Step,
    /// What is done with the direction.
    pub opt: Optimizer,
    /// Step size.
    pub tau: f64,
    /// How far an implicit step may go.
    pub tau_theta: f64,
    /// Of the optimizers that have it.
    pub momentum: f64,
}

impl Default for Each {
    fn default() -> Each {
        Each {
            method: Method::Plain,
            lambda: 0.1,
            target: Target::Margin,
            norm: Norm::L1,
            delta: 0.0,
            penalty_at: PenaltyAt::Clean,
            alpha: 0.5,
            own_eps: 0.0,
            attack: 1,
            rule: Step::Explicit,
            opt: Optimizer::Adam,
            tau: 0.01,
            tau_theta: 1.0,
            momentum: 0.9,
        }
    }
}

impl Each {
    /// Whether it is penalised.
    pub(super) fn penalises(&self) -> bool {
        self.method.penalises() && self.lambda > 0.0
    }

    /// Whether it learns from adversarial points.
    pub(super) fn attacks(&self) -> bool {
        self.method.attacks() && self.alpha > 0.0
    }

    /// Steps of its own attack.
    pub(super) fn attack_steps(&self) -> u32 {
        match self.method {
            Method::Pgd5 => 5,
            _ => self.attack,
        }
    }

    /// As the network takes it, by the shared ε.
    pub(super) fn how(&self, eps: f64) -> How {
        How {
            objective: Objective {
                lambda: if self.method.penalises() {
                    self.lambda
                } else {
                    0.0
                },
                target: self.target,
                norm: self.norm,
                delta: self.delta,
                penalty_at: self.penalty_at,
                alpha: if self.method.attacks() {
                    self.alpha
                } else {
                    0.0
                },
                eps: if self.own_eps > 0.0 {
                    self.own_eps
                } else {
                    eps
                },
                attack_steps: self.attack_steps(),
            },
            rule: match self.rule {
                Step::Explicit => Rule::Backprop,
                Step::Implicit => Rule::ProxExact,
            },
            implicit: Implicit {
                tau_theta: self.tau_theta,
                cg_tolerance: 0.0,
                cg_epsilon: CG_EPSILON,
            },
            optimizer: self.opt,
            size: StepSize {
                momentum: self.momentum,
                ..StepSize::plain(self.tau)
            },
        }
    }
}
