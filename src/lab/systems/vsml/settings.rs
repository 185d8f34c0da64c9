//! The settings of a run of the *learning rule inside a recurrent network*. Reads no text.

use super::cells::Trained;
use super::training::What;
use crate::data::drawn::Drawn;
use crate::systems::vsml::{CLONE, How};

/// What is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::lab::systems) enum View {
    /// Cells that do what backpropagation does.
    Copy,
    /// Cells that learn in their own way.
    Rule,
}

crate::named!(View { Copy = "copy", Rule = "rule" });

/// Where points come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::lab::systems) enum Source {
    /// A disc in a ring.
    Circle,
    /// Two half circles.
    Moons,
    /// Opposite quadrants.
    Xor,
    /// Two clouds.
    Gauss,
    /// Two arms.
    Spiral,
    /// Four by four fields.
    Checkerboard,
    /// Three arms.
    Arms3,
    /// Placed by hand.
    Points,
}

crate::named!(Source {
    Circle = "circle", Moons = "moons", Xor = "xor", Gauss = "gauss", Spiral = "spiral", Checkerboard = "checkerboard", Arms3 = "arms3",
    Points = "points",
});

/// What a step of the run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::lab::systems) enum Pace {
    /// A sample, up and down.
    Sample,
    /// A layer of a sample's way up or down.
    Layer,
}

crate::named!(Pace { Sample = "sample", Layer = "layer" });

/// Who learns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::lab::systems) enum Method {
    /// Backpropagation, along the gradient.
    Sgd,
    /// Backpropagation, by Adam.
    Adam,
    /// Cells that are run.
    Vsml,
}

crate::named!(Method { Vsml = "vsml", Sgd = "sgd", Adam = "adam" });

/// Which cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::lab::systems) enum Which {
    /// In closed form.
    Constructed,
    /// Taught to be backpropagation.
    Clone,
    /// Meta-trained.
    Rule,
    /// Somebody's own.
    Own,
}

crate::named!(Which { Constructed = "constructed", Clone = "clone", Rule = "rule", Own = "own" });

/// The meta-training's seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::lab::systems) enum MetaSeed {
    /// 1.
    One,
    /// 2.
    Two,
    /// 3.
    Three,
    /// 4.
    Four,
}

crate::named!(MetaSeed { One = "1", Two = "2", Three = "3", Four = "4" });

/// Yes or no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::lab::systems) enum Switch {
    /// No.
    Off,
    /// Yes.
    On,
}

crate::named!(Switch { On = "1", Off = "0" });

/// A point that all learn once, to see what that changes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::lab::systems) struct OnePoint {
    /// Where.
    pub at: [f64; 2],
    /// Its label.
    pub label: usize,
}

/// What all runs share.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::lab::systems) struct Shared {
    /// What is looked at.
    pub view: View,
    /// Where points come from.
    pub data: Source,
    /// Those placed by hand.
    pub points: Drawn,
    /// How many.
    pub n: usize,
    /// How far they are jittered.
    pub noise: f64,
    /// Decides points, their order and first weights.
    pub seed: u32,
    /// Hidden units, layer by layer.
    pub hidden: Vec<usize>,
    /// How many samples are learned from.
    pub samples: u64,
    /// What a step is.
    pub pace: Pace,
    /// Streams of which a mean is shown.
    pub seeds: usize,
    /// A point that is tried.
    pub one: Option<OnePoint>,
    /// Somebody's own cell.
    pub own: Option<Trained>,
}

impl Default for Shared {
    fn default() -> Shared {
        Shared {
            view: View::Copy,
            data: Source::Moons,
            points: Drawn::default(),
            n: 200,
            noise: 0.1,
            seed: 1,
            hidden: vec![8],
            samples: 500,
            pace: Pace::Sample,
            seeds: 8,
            one: None,
            own: None,
        }
    }
}

impl Shared {
    /// Classes of the points.
    pub(super) fn classes(&self) -> usize {
        match self.data {
            Source::Arms3 => 3,
            Source::Points => self.points.classes(),
            _ => 2,
        }
    }

    /// Units, layer by layer.
    pub(super) fn sizes(&self) -> Vec<usize> {
        let hidden = self.hidden.iter().copied();
        [2].into_iter()
            .chain(hidden)
            .chain([self.classes()])
            .collect()
    }

    /// Steps that a sample takes.
    pub(super) fn parts(&self) -> u64 {
        match self.pace {
            Pace::Sample => 1,
            Pace::Layer => 2 * (self.hidden.len() as u64 + 1),
        }
    }

    /// Streams that are learned, the one that is looked at first.
    pub(super) fn streams(&self) -> usize {
        match self.view {
            View::Copy => 1,
            View::Rule => self.seeds,
        }
    }
}

/// What each run has of its own.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::lab::systems) struct Each {
    /// Who learns.
    pub method: Method,
    /// Which cells.
    pub which: Which,
    /// The step size.
    pub eta: f64,
    /// What first weights are multiplied with.
    pub gain: f64,
    /// The difference that the constructed cell takes.
    pub eps: f64,
    /// Which of the rules.
    pub rule: MetaSeed,
    /// After how many iterations of its training it is taken.
    pub checkpoint: u64,
    /// Whether cells are shown the label.
    pub label: Switch,
    /// Whether messages come down into the first layer.
    pub messages: Switch,
    /// What the error is multiplied with.
    pub scale: f64,
    /// What one’s own cells are, which runs share; told by `System::fit` alone.
    pub own: Option<Nature>,
}

/// What cells are, as far as it decides which settings they take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::lab::systems) struct Nature {
    /// Whether they copy backpropagation: they take its step size, others what errors are multiplied with.
    pub copies: bool,
    /// Whether they see the labels.
    pub feed: bool,
}

impl Trained {
    pub(super) fn nature(&self) -> Nature {
        // Messages of one number have room for an error alone.
        let copies = self.cell.size.k == 1;
        let feed = self.feed;
        Nature { copies, feed }
    }
}

impl Default for Each {
    fn default() -> Each {
        Each {
            method: Method::Vsml,
            which: Which::Clone,
            eta: 0.3,
            gain: 1.0,
            eps: 0.1,
            rule: MetaSeed::Two,
            checkpoint: LONGEST,
            label: Switch::On,
            messages: Switch::On,
            scale: 1.0,
            own: None,
        }
    }
}

/// Iterations of the longest training.
pub(super) const LONGEST: u64 = CLONE.iterations;

/// The step size that is in the cells that are backpropagation.
pub(super) const ALPHA: f64 = 0.3;

impl Each {
    /// Whether cells are run.
    pub(super) fn runs_cells(&self) -> bool {
        self.method == Method::Vsml
    }

    /// Whether they are of this kind.
    pub(super) fn is(&self, which: Which) -> bool {
        self.runs_cells() && self.which == which
    }

    /// Whether they are a rule, or cells of one’s own that are this or are not known.
    fn is_rule_or(&self, own: fn(Nature) -> bool) -> bool {
        self.is(Which::Rule) || self.is(Which::Own) && self.own.is_none_or(own)
    }

    /// Whether a step size says anything.
    pub(super) fn has_eta(&self) -> bool {
        let own_rule = self.is(Which::Own) && self.own.is_some_and(|own| !own.copies);
        !(self.is(Which::Rule) || own_rule)
    }

    /// Whether there is a label to be played with.
    pub(super) fn has_label(&self) -> bool {
        self.is_rule_or(|own| own.feed)
    }

    /// Whether what errors are multiplied with says anything.
    pub(super) fn has_scale(&self) -> bool {
        self.is_rule_or(|own| !own.copies)
    }

    /// How its cells were trained, where it is known what they were along the way.
    pub(super) fn training(&self) -> Option<What> {
        match self.which {
            Which::Clone => Some(What::Clone),
            Which::Rule => Some(What::Rule),
            Which::Constructed | Which::Own => None,
        }
    }

    /// Of how many iterations its cells’ training was, at most.
    pub(super) fn trained_for(&self) -> u64 {
        self.training().map_or(LONGEST, What::iterations)
    }

    /// Whether its cells are those of the end of their training: what is beyond is that too.
    pub(super) fn is_trained(&self) -> bool {
        self.checkpoint >= self.trained_for()
    }

    /// Writes the end in one way: that of one training is that of any other.
    pub(super) fn settle(&mut self) {
        if self.is_trained() {
            self.checkpoint = LONGEST;
        }
    }

    /// Of how many iterations the snapshot is that it is made of; `None` at the end of the training.
    pub(super) fn snapshot(&self) -> Option<u64> {
        let what = self.training().filter(|_| !self.is_trained())?;
        let mut kept = what.kept().iter().rev().copied();
        kept.find(|made| *made <= self.checkpoint)
    }

    /// What errors of these cells are to be divided by to be those of backpropagation; those of a rule are none.
    pub(super) fn unit(&self, trained: &Trained) -> f64 {
        if trained.nature().copies {
            self.eta / ALPHA
        } else {
            1.0
        }
    }

    /// How its cells learn.
    pub(super) fn how(&self, trained: &Trained) -> How {
        let scale = if trained.nature().copies {
            self.eta / ALPHA
        } else {
            self.scale
        };
        How {
            bound: trained.bound,
            feed: trained.feed && self.label == Switch::On,
            scale,
            down: self.messages == Switch::On,
        }
    }
}
