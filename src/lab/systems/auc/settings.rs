//! The settings of a run of *Ranking a rare class*. Reads no text.

use crate::data::drawn::Drawn;
use crate::systems::auc::{Decay, Method, Penalty, Schedule, Settings, Toy};

/// Where the points come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::lab::systems) enum Source {
    /// [`Toy::Islands`].
    Islands,
    /// [`Toy::Needle`].
    Needle,
    /// Placed by hand.
    Points,
}

crate::named!(Source { Islands = "islands", Needle = "needle", Points = "points" });

impl Source {
    /// The toy data it stands for.
    pub(super) fn toy(self) -> Option<Toy> {
        match self {
            Source::Islands => Some(Toy::Islands),
            Source::Needle => Some(Toy::Needle),
            Source::Points => None,
        }
    }
}

/// What the scorer is given of a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::lab::systems) enum Kind {
    /// Bumps on a grid.
    Rbf,
    /// Monomials.
    Poly,
    /// The coordinates.
    Linear,
}

crate::named!(Kind { Rbf = "rbf", Poly = "poly", Linear = "linear" });

/// Which weights are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::lab::systems) enum Shown {
    /// Those after the last step.
    Last,
    /// The average of those before each step.
    Average,
}

crate::named!(Shown { Last = "last", Average = "average" });

/// A side of a grid or of a block in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::lab::systems) enum Side {
    /// 2.
    Two,
    /// 4.
    Four,
    /// 6.
    Six,
    /// 8.
    Eight,
}

crate::named!(Side { Two = "2", Four = "4", Six = "6", Eight = "8" });

impl Side {
    /// As a number.
    pub(super) fn count(self) -> usize {
        2 * (self as usize + 1)
    }
}

/// What all runs share.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::lab::systems) struct Shared {
    /// Where the points come from.
    pub data: Source,
    /// Those placed by hand.
    pub points: Drawn,
    /// Which class of them is positive.
    pub rare: u8,
    /// The share of them that is held out, per point learned from.
    pub valid: f64,
    /// Points seen.
    pub steps: u64,
    /// Share of positives.
    pub p: f64,
    /// Decides points and order.
    pub seed: u32,
    /// What the scorer is given.
    pub features: Kind,
    /// Bumps per side.
    pub side: Side,
    /// Their width.
    pub width: f64,
    /// Bumps per side of a group.
    pub block: Side,
    /// Largest degree of monomials.
    pub degree: usize,
    /// Which weights are looked at.
    pub weights: Shown,
}

impl Default for Shared {
    fn default() -> Shared {
        Shared {
            data: Source::Islands,
            points: Drawn::default(),
            rare: 1,
            valid: 0.5,
            steps: 2000,
            p: 0.05,
            seed: 1,
            features: Kind::Rbf,
            side: Side::Six,
            width: 0.7,
            block: Side::Two,
            degree: 3,
            weights: Shown::Last,
        }
    }
}

/// What each run has of its own.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::lab::systems) struct Each {
    /// Who learns.
    pub method: Method,
    /// How steps get smaller.
    pub sched: Decay,
    /// Where they begin.
    pub eta0: f64,
    /// How fast [`Decay::Inv`] falls.
    pub mu: f64,
    /// On sizes.
    pub l1: f64,
    /// On lengths of groups.
    pub lg: f64,
    /// On squares.
    pub l2: f64,
}

impl Default for Each {
    fn default() -> Each {
        Each {
            method: Method::Prox,
            sched: Decay::Sqrt,
            eta0: 2.0,
            mu: 0.1,
            l1: 0.0,
            lg: 0.0,
            l2: 0.0,
        }
    }
}

impl Each {
    /// As a learner takes it.
    pub(super) fn settings(&self) -> Settings {
        let &Each {
            method,
            sched,
            eta0,
            mu,
            l1,
            lg,
            l2,
        } = self;
        Settings {
            method,
            schedule: Schedule {
                decay: sched,
                eta0,
                mu,
            },
            penalty: Penalty { l1, lg, l2 },
        }
    }
}
