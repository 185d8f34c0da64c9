//! The settings of a run of the *Wasserstein proximal of GANs*. Reads no text.

use crate::data::drawn::Drawn;
use crate::systems::wgan_prox::{Kind, Loss, Penalty, Settings, StepSize, Target, scale};

/// What is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::lab::systems) enum View {
    /// Two networks against each other.
    Game,
    /// A generator of one parameter, written in five ways.
    Scale,
}

crate::named!(View { Game = "game", Scale = "scale" });

/// Where data come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::lab::systems) enum Source {
    /// [`Target::Ring`].
    Ring,
    /// [`Target::Moons`].
    Moons,
    /// [`Target::Line`].
    Line,
    /// Placed by hand.
    Points,
}

crate::named!(Source { Ring = "ring", Moons = "moons", Line = "line", Points = "points" });

/// What a step of the run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::lab::systems) enum Pace {
    /// All make an outer step.
    Outer,
    /// All may spend one more gradient.
    Evals,
}

crate::named!(Pace { Outer = "outer", Evals = "evals" });

/// Who steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::lab::systems) enum Method {
    /// One step along the gradient.
    Explicit,
    /// The proximal point: some steps towards it in the game, exactly in the other view.
    Prox,
    /// Only in the other view.
    Natural,
    /// Only there.
    ProxInner,
    /// Only there.
    Euclid,
}

crate::named!(Method {
    Explicit = "explicit", Prox = "prox", Natural = "natural", ProxInner = "prox-inner", Euclid = "euclid",
});

impl Method {
    /// Whether it plays in a view.
    pub(super) fn is_of(self, view: View) -> bool {
        view == View::Scale || matches!(self, Method::Explicit | Method::Prox)
    }

    fn of_scale(self) -> scale::Method {
        match self {
            Method::Explicit => scale::Method::Explicit,
            Method::Prox => scale::Method::Prox,
            Method::Natural => scale::Method::Natural,
            Method::ProxInner => scale::Method::ProxInner,
            Method::Euclid => scale::Method::Euclid,
        }
    }
}

/// In what distance the generator is held back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::lab::systems) enum Distance {
    /// [`Penalty::Rwp`].
    Rwp,
    /// [`Penalty::Sbe1`].
    Sbe1,
    /// [`Penalty::Sbe2`].
    Sbe2,
    /// [`Penalty::Euclid`].
    Euclid,
    /// Not at all.
    None,
}

crate::named!(Distance { Rwp = "rwp", Sbe1 = "sbe1", Sbe2 = "sbe2", Euclid = "euclid", None = "none" });

impl Distance {
    fn penalty(self) -> Option<Penalty> {
        match self {
            Distance::Rwp => Some(Penalty::Rwp),
            Distance::Sbe1 => Some(Penalty::Sbe1),
            Distance::Sbe2 => Some(Penalty::Sbe2),
            Distance::Euclid => Some(Penalty::Euclid),
            Distance::None => None,
        }
    }
}

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
    /// What is looked at.
    pub view: View,
    /// Where data come from.
    pub target: Source,
    /// Those placed by hand.
    pub points: Drawn,
    /// What is lost.
    pub loss: Loss,
    /// The weight of the gradient penalty.
    pub gp: f64,
    /// Steps of the discriminator per outer step.
    pub turns: usize,
    /// Samples of a minibatch.
    pub batch: usize,
    /// Units of each hidden layer.
    pub width: usize,
    /// What makes steps of gradients.
    pub opt: Kind,
    /// How much of the first moment is kept.
    pub b1: f64,
    /// How much of the second.
    pub b2: f64,
    /// What a step is.
    pub pace: Pace,
    /// Steps of the game.
    pub steps: u64,
    /// Decides all draws.
    pub seed: u32,
    /// What the other view minimises.
    pub objective: scale::Objective,
    /// Where it begins.
    pub a0: f64,
    /// The standard deviation of its target.
    pub t: f64,
    /// The factor of `stretch`.
    pub c: f64,
    /// Its steps.
    pub moves: u64,
}

impl Default for Shared {
    fn default() -> Shared {
        Shared {
            view: View::Game,
            target: Source::Ring,
            points: Drawn::default(),
            loss: Loss::Ns,
            gp: 0.0,
            turns: 1,
            batch: 64,
            width: 32,
            opt: Kind::Adam,
            b1: 0.5,
            b2: 0.999,
            pace: Pace::Outer,
            steps: 600,
            seed: 1,
            objective: scale::Objective::W2,
            a0: 3.0,
            t: 1.0,
            c: 2.0,
            moves: 20,
        }
    }
}

impl Shared {
    /// What data are drawn from.
    pub(super) fn drawn_from(&self) -> Target {
        match self.target {
            Source::Ring => Target::Ring,
            Source::Moons => Target::Moons,
            Source::Line => Target::Line,
            Source::Points => {
                let places = self.points.dots.iter().map(|dot| dot.place());
                Target::Points(places.collect())
            }
        }
    }
}

/// What each run has of its own.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::lab::systems) struct Each {
    /// Where the run is seen: what else does anything depends on it.
    pub view: View,
    /// Who steps.
    pub method: Method,
    /// In what distance it is held back.
    pub penalty: Distance,
    /// How far it may go.
    pub h: f64,
    /// Inner steps.
    pub inner: usize,
    /// Step size.
    pub lr: f64,
    /// The discriminator's, where it is another; 0 where it is not.
    pub lr_d: f64,
    /// Whether each inner step has noise of its own.
    pub fresh: Switch,
}

impl Default for Each {
    fn default() -> Each {
        Each {
            view: View::Game,
            method: Method::Prox,
            penalty: Distance::Rwp,
            h: 0.1,
            inner: 5,
            lr: 0.005,
            lr_d: 0.0,
            fresh: Switch::Off,
        }
    }
}

impl Each {
    /// Whether the reach does anything.
    pub(super) fn reaches(&self) -> bool {
        match self.view {
            View::Game => self.method == Method::Prox && self.penalty != Distance::None,
            View::Scale => true,
        }
    }

    /// Whether there are inner steps.
    pub(super) fn repeats(&self) -> bool {
        match self.view {
            View::Game => self.method == Method::Prox,
            View::Scale => self.method == Method::ProxInner,
        }
    }

    /// Inner steps of the game.
    pub(super) fn inner(&self) -> usize {
        if self.method == Method::Explicit {
            1
        } else {
            self.inner
        }
    }

    /// As the game takes it.
    pub(super) fn of_game(&self, shared: &Shared) -> Settings {
        let size = |lr| StepSize {
            lr,
            b1: shared.b1,
            b2: shared.b2,
        };
        let held = self.method != Method::Explicit;
        Settings {
            loss: shared.loss,
            gp: shared.gp,
            turns: shared.turns,
            kind: shared.opt,
            of_generator: size(self.lr),
            of_discriminator: size(if self.lr_d > 0.0 { self.lr_d } else { self.lr }),
            penalty: self.penalty.penalty().filter(|_| held),
            h: self.h,
            inner: self.inner(),
            fresh: held && self.fresh == Switch::On,
        }
    }

    /// As the generator of one parameter takes it.
    pub(super) fn of_scale(&self) -> scale::Settings {
        scale::Settings {
            method: self.method.of_scale(),
            h: self.h,
            inner: self.inner,
            lr: self.lr,
        }
    }
}
