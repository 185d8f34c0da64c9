//! The settings of a run of *interlocking backpropagation*. Reads no text.

use crate::data::DataSource;
use crate::steps::implicit::CG_EPSILON;
use crate::steps::optimizer::StepSize;
use crate::steps::reach::{Combine, Hearing};
use crate::steps::{Implicit, Optimizer, Rule};
use crate::systems::interlocking::{self, Costs};

/// Where data come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::lab::systems) enum Source {
    /// [`DataSource::Checkerboard`].
    Checkerboard,
    /// [`DataSource::Spiral`].
    Spiral,
    /// [`DataSource::Circle`].
    Circle,
    /// [`DataSource::Moons`].
    Moons,
    /// [`DataSource::Arms3`].
    Arms3,
}

crate::named!(Source {
    Checkerboard = "checkerboard", Spiral = "spiral", Circle = "circle", Moons = "moons", Arms3 = "arms3",
});

impl Source {
    pub(super) fn data(self) -> DataSource {
        match self {
            Source::Checkerboard => DataSource::Checkerboard,
            Source::Spiral => DataSource::Spiral,
            Source::Circle => DataSource::Circle,
            Source::Moons => DataSource::Moons,
            Source::Arms3 => DataSource::Arms3,
        }
    }
}

/// What a step of the run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::lab::systems) enum Pace {
    /// All make a step.
    Steps,
    /// All have the same time.
    Time,
}

crate::named!(Pace { Steps = "steps", Time = "time" });

/// Yes or no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::lab::systems) enum Switch {
    /// No.
    Off,
    /// Yes.
    On,
}

crate::named!(Switch { Off = "0", On = "1" });

/// What all runs share.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::lab::systems) struct Shared {
    /// Where data come from.
    pub data: Source,
    /// Training points.
    pub n: usize,
    /// Standard deviation of what is added to them.
    pub noise: f64,
    /// K.
    pub modules: usize,
    /// Hidden layers of a module.
    pub per_module: usize,
    /// Neurons of each.
    pub width: usize,
    /// What a module's ops take.
    pub costs: [f64; 5],
    /// Whether a message leaves before the weights' gradient is made.
    pub split: Switch,
    /// What a step is.
    pub pace: Pace,
    /// How many.
    pub steps: u64,
    /// Decides data and weights.
    pub seed: u32,
}

impl Default for Shared {
    fn default() -> Shared {
        Shared {
            data: Source::Checkerboard,
            n: 200,
            noise: 0.0,
            modules: 4,
            per_module: 1,
            width: 8,
            costs: [1.0, 1.0, 1.0, 0.0, 0.0],
            split: Switch::Off,
            pace: Pace::Steps,
            steps: 1000,
            seed: 1,
        }
    }
}

impl Shared {
    /// As the pipeline takes them.
    pub(super) fn costs(&self) -> Costs {
        let [f, x, w, aux, comm] = self.costs;
        Costs {
            f,
            x,
            w,
            aux,
            comm,
            split: self.split == Switch::On,
        }
    }

    /// What a device does per batch where nobody waits: with the pace `time`, all have so much time per step of the run.
    pub(super) fn tick(&self) -> f64 {
        let [f, x, w, aux, _] = self.costs;
        f + aux + x + w
    }
}

/// What each run has of its own.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::lab::systems) struct Each {
    /// The trunk's rule.
    pub rule: Rule,
    /// N.
    pub n: usize,
    /// What is made of several losses.
    pub combine: Combine,
    /// τ_θ of implicit rules.
    pub tau_theta: f64,
    /// What makes steps of directions.
    pub opt: Optimizer,
    /// The trunk's step size.
    pub tau: f64,
    /// The heads', where it is another; 0 where it is not.
    pub tau_heads: f64,
    /// μ.
    pub momentum: f64,
}

impl Default for Each {
    fn default() -> Each {
        Each {
            rule: Rule::ProxExact,
            n: 1,
            combine: Combine::Last,
            tau_theta: 0.1,
            opt: Optimizer::Adam,
            tau: 0.01,
            tau_heads: 0.0,
            momentum: 0.9,
        }
    }
}

impl Each {
    /// Who hears whom.
    pub(super) fn hearing(&self, shared: &Shared) -> Hearing {
        Hearing {
            per_module: shared.per_module,
            n: self.n,
            combine: self.combine,
        }
    }

    /// As a step takes it.
    pub(super) fn settings(&self) -> interlocking::Settings {
        let size = |tau| StepSize {
            momentum: self.momentum,
            ..StepSize::plain(tau)
        };
        let heads = if self.tau_heads > 0.0 {
            self.tau_heads
        } else {
            self.tau
        };
        interlocking::Settings {
            rule: self.rule,
            implicit: Implicit {
                tau_theta: self.tau_theta,
                cg_tolerance: 0.01,
                cg_epsilon: CG_EPSILON,
            },
            optimizer: self.opt,
            trunk: size(self.tau),
            heads: size(heads),
        }
    }
}
