//! A run as settings: data, network, training, and the members side by side. Knows no text and no rule about what fits.

use super::map::MapConfig;
use super::stop::Stop;
use crate::data::DataSource;
use crate::data::digits::Split;
use crate::data::drawn::Drawn;
use crate::data::wine::Scaling;
use crate::engine::{EngineChoice, Settings};
use crate::lab::row::Value;
use crate::nn::features::Features;
pub use crate::nn::mlp::Init;
use crate::nn::stack::{Piece, depth};
use crate::nn::{Activation, Loss};
use crate::steps::implicit::CG_EPSILON;
use crate::steps::optimizer::{Epsilon, StepSize};
use crate::steps::reach::{Combine, Hearing};
use crate::steps::{Implicit, L1, Objective, Optimizer, Reach, Rule, Shrinkage};

/// What losses at adversarial points count, where there are any.
const ADVERSARIAL: f64 = 0.5;

/// What the network is asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// As the data say.
    Auto,
    /// Softmax cross-entropy.
    Classify,
    /// Half the squared error.
    Regress,
}

crate::named!(Task { Auto = "auto", Classify = "classify", Regress = "regress" });

impl Task {
    /// The loss that it is measured by; `None` where the points decide.
    pub fn loss(self) -> Option<Loss> {
        match self {
            Task::Auto => None,
            Task::Classify => Some(Loss::CrossEntropy),
            Task::Regress => Some(Loss::HalfSquared),
        }
    }
}

/// A whole run: data, network, training, and the members side by side. [`SHARED`](super::SHARED) and [`EACH`](super::EACH) say what each is.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// Key `data`.
    pub data: DataSource,
    /// Key `points`; empty but for `data=points`.
    pub points: Drawn,
    /// Key `task`.
    pub task: Task,
    /// Key `n`.
    pub n: usize,
    /// Key `noise`.
    pub noise: f64,
    /// Key `valid`.
    pub valid: f64,
    /// Key `split`.
    pub split: Split,
    /// Key `columns`.
    pub columns: Scaling,
    /// Key `seed`.
    pub seed: u32,
    /// Key `features`.
    pub features: Features,
    /// Key `hidden`.
    pub hidden: Vec<Piece>,
    /// Key `act`.
    pub act: Activation,
    /// Key `init`.
    pub init: Init,
    /// Key `scale`.
    pub scale: f64,
    /// Key `batch`.
    pub batch: usize,
    /// Key `epochs`.
    pub epochs: u64,
    /// Key `stop`.
    pub stop: Stop,
    /// Key `engine`.
    pub engine: EngineChoice,
    /// Key `run`, once per member.
    pub runs: Vec<RunConfig>,
    /// Key `change`; sorted by step, at most one per step, run and setting.
    pub changes: Vec<Change>,
    /// Key `map`.
    pub map: Option<MapConfig>,
}

/// What members may differ in.
#[derive(Clone, Debug, PartialEq)]
pub struct RunConfig {
    /// Key `rule`.
    pub rule: Rule,
    /// Key `opt`.
    pub opt: Optimizer,
    /// Key `tau`.
    pub tau: f64,
    /// Key `tau_theta`.
    pub tau_theta: f64,
    /// Key `momentum`.
    pub momentum: f64,
    /// Key `cg_tol`.
    pub cg_tol: f64,
    /// Key `cg_eps`.
    pub cg_eps: f64,
    /// Key `decay`.
    pub decay: f64,
    /// Key `l1`.
    pub l1: f64,
    /// Key `l1_step`.
    pub l1_step: Shrinkage,
    /// Key `reach`; 0 where there is none.
    pub reach: u64,
    /// Key `flat`.
    pub flat: f64,
    /// Key `adv`.
    pub adv: f64,
}

/// A setting moved mid-run.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The first step (0-based) made with the new value; 1 at least.
    pub step: u64,
    /// Which run, from 0.
    pub run: usize,
    /// Which parameter of the run.
    pub key: &'static str,
    /// The new value.
    pub value: Value,
}

impl Default for RunConfig {
    fn default() -> RunConfig {
        RunConfig {
            rule: Rule::Backprop,
            opt: Optimizer::Sgd,
            tau: 10.0,
            tau_theta: 1.0,
            momentum: 0.95,
            cg_tol: 0.01,
            cg_eps: CG_EPSILON,
            decay: 0.0,
            l1: 0.0,
            l1_step: Shrinkage::default(),
            reach: 0,
            flat: 0.0,
            adv: 0.0,
        }
    }
}

impl Default for Config {
    /// The first screen: explicit and implicit steps of size 10 on the circle.
    fn default() -> Config {
        Config {
            data: DataSource::Circle,
            points: Drawn::default(),
            task: Task::Auto,
            n: 200,
            noise: 0.1,
            valid: 0.5,
            split: Split::default(),
            columns: Scaling::default(),
            seed: 1,
            features: Features::default(),
            hidden: vec![Piece::Dense(8); 2],
            act: Activation::Tanh,
            init: Init::Xavier,
            scale: 1.0,
            batch: 200,
            epochs: 300,
            stop: Stop::default(),
            engine: EngineChoice::default(),
            runs: vec![
                RunConfig::default(),
                RunConfig {
                    rule: Rule::ProxExact,
                    ..RunConfig::default()
                },
            ],
            changes: Vec::new(),
            map: None,
        }
    }
}

impl Config {
    /// What a run on these data has where its text says nothing.
    pub fn usual(data: DataSource) -> Config {
        let usual = Config {
            data,
            ..Config::default()
        };
        let Some(most) = data.most() else {
            return usual;
        };
        Config {
            n: most,
            noise: 0.0,
            init: Init::Uniform,
            batch: data.batch().unwrap_or(usual.batch),
            ..usual
        }
    }

    /// Hidden layers of the network.
    pub fn depth(&self) -> usize {
        depth(&self.hidden)
    }

    /// The same with run `run` (from 0) alone, and its changes.
    pub fn only(&self, run: usize) -> Config {
        let changes = self.changes.iter().filter(|c| c.run == run);
        Config {
            runs: vec![self.runs[run].clone()],
            changes: changes
                .map(|c| Change {
                    run: 0,
                    ..c.clone()
                })
                .collect(),
            ..self.clone()
        }
    }

    /// Classes of the points, 0 for regression; `None` where a file decides.
    pub fn classes(&self) -> Option<usize> {
        match self.data {
            DataSource::Points => Some(self.points.classes()),
            other => other.classes(),
        }
    }

    /// The loss of the task; `None` where a file decides.
    pub fn loss(&self) -> Option<Loss> {
        self.task.loss().or_else(|| self.usual_loss())
    }

    /// The loss that fits the points; `None` where a file decides.
    pub(super) fn usual_loss(&self) -> Option<Loss> {
        self.classes().map(|classes| match classes {
            0 => Loss::HalfSquared,
            _ => Loss::CrossEntropy,
        })
    }

    /// Coordinates of the points; `None` where a file decides.
    pub(super) fn coordinates(&self) -> Option<usize> {
        match self.data {
            DataSource::Points => Some(self.points.inputs()),
            other => other.inputs(),
        }
    }

    /// How many points are trained on.
    pub fn count(&self) -> usize {
        match self.data {
            DataSource::Points => self.points.dots.len(),
            _ => self.n,
        }
    }
}

impl RunConfig {
    /// Who hears whom, if not all hear the last loss alone: every hidden layer is a module.
    pub fn hearing(&self) -> Option<Hearing> {
        (self.reach > 0).then_some(Hearing {
            per_module: 1,
            n: self.reach as usize,
            combine: Combine::Last,
        })
    }

    /// What is differentiated.
    pub(super) fn objective(&self) -> Objective {
        let usual = Objective::default();
        Objective {
            lambda: self.flat,
            alpha: if self.adv > 0.0 { ADVERSARIAL } else { 0.0 },
            eps: self.adv,
            ..usual
        }
    }

    /// As an engine takes it.
    pub fn settings(&self) -> Settings {
        Settings {
            rule: self.rule,
            optimizer: self.opt,
            size: StepSize {
                tau: self.tau,
                momentum: self.momentum,
                decay: self.decay,
                epsilon: Epsilon::Corrected,
            },
            l1: L1 {
                factor: self.l1,
                shrinkage: self.l1_step,
            },
            implicit: Implicit {
                tau_theta: if self.rule.is_whole() {
                    self.tau
                } else {
                    self.tau_theta
                },
                cg_tolerance: self.cg_tol,
                cg_epsilon: self.cg_eps,
            },
            reach: self.hearing().and_then(Reach::new),
            objective: self.objective().engaged(),
        }
    }
}
