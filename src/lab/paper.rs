//! The paper's own experiments on CIFAR-10 (Frerix et al. 2018, section 5): what is trained, with which settings, and what the paper says
//! came of it. Opens no file and writes none.

mod beside;
mod cost;
mod csv;
mod images;
mod table1;
mod training;

pub use beside::{Row, rows};
pub use cost::{Costs, side_by_side};
pub use csv::{curves, table};
pub use images::Images;
pub use table1::{PAPER, TAUS};
pub use training::{Advance, Epoch, Training};

use crate::Named;
use crate::engine::Settings;
use crate::nn::features::Inputs;
use crate::nn::mlp::Architecture;
use crate::nn::stack::{Piece, stack};
use crate::nn::window::Planes;
use crate::nn::{Activation, Arithmetic, Loss};
use crate::steps::implicit::CG_EPSILON;
use crate::steps::optimizer::{Epsilon, StepSize};
use crate::steps::{Implicit, L1, Optimizer, Rule, Shrinkage};

/// Which experiment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Experiment {
    /// Figure 2: a multilayer perceptron, by Nesterov's momentum.
    Mlp,
    /// Figure 3: a convolutional network, by Adam.
    Convnet,
    /// Table 1: the perceptron at nine step sizes.
    Table1,
}

crate::named!(Experiment { Mlp = "mlp", Convnet = "convnet", Table1 = "table1" });

/// Which of two convolutional networks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Net {
    /// The text's, which pools before the outputs too: 320 numbers for each.
    Paper,
    /// The published code's, which does not: 1280.
    Code,
}

crate::named!(Net { Paper = "paper", Code = "code" });

/// Images in a minibatch, at most.
const BATCH: usize = 500;
/// The tolerance of conjugate gradients.
const TOLERANCE: f64 = 0.01;

/// What one training of an experiment learns by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trial {
    /// Explicit or implicit.
    pub rule: Rule,
    /// What is done with its directions.
    pub optimizer: Optimizer,
    /// τ.
    pub tau: f64,
    /// τ_θ, of the implicit ones.
    pub tau_theta: f64,
    /// Where Adam has its ε.
    pub epsilon: Epsilon,
}

impl Trial {
    fn settings(self) -> Settings {
        Settings {
            rule: self.rule,
            optimizer: self.optimizer,
            size: StepSize {
                tau: self.tau,
                momentum: if self.optimizer.has_momentum() {
                    0.95
                } else {
                    0.0
                },
                decay: 0.0,
                epsilon: self.epsilon,
            },
            l1: L1 {
                factor: 0.0,
                shrinkage: Shrinkage::Implicit,
            },
            implicit: Implicit {
                tau_theta: self.tau_theta,
                cg_tolerance: TOLERANCE,
                cg_epsilon: CG_EPSILON,
            },
            reach: None,
            objective: None,
        }
    }

    /// Its optimizer's name; `adam-2018` is Adam as it was in PyTorch then.
    pub fn optimizer(self) -> &'static str {
        match (self.optimizer, self.epsilon) {
            (Optimizer::Adam, Epsilon::Uncorrected) => "adam-2018",
            (optimizer, _) => optimizer.name(),
        }
    }

    /// What files call it.
    pub fn key(self) -> String {
        format!("{}-{}", self.rule, self.tau)
    }
}

/// An experiment as it was asked for.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Which.
    pub experiment: Experiment,
    /// The convolutional network, where one is trained.
    pub net: Net,
    /// Epochs of each training.
    pub epochs: u64,
    /// Decides the first weights and the minibatches' order, the same for all trainings.
    pub seed: u32,
    /// In which all are computed.
    pub arithmetic: Arithmetic,
    /// All trainings.
    pub trials: Vec<Trial>,
}

impl Experiment {
    /// The rules that the paper compares.
    pub fn rules(self) -> Vec<Rule> {
        let cg = Rule::ProxCg;
        match self {
            Experiment::Mlp => vec![Rule::Backprop, Rule::ProxExact, cg(3), cg(5), cg(10)],
            Experiment::Convnet => vec![Rule::Backprop, cg(3), cg(10)],
            Experiment::Table1 => PAPER.iter().map(|(rule, _)| *rule).collect(),
        }
    }

    /// A rule's trainings, with the paper's settings.
    fn trials(self, rule: Rule) -> Vec<Trial> {
        let (nesterov, adam) = (Optimizer::Nesterov, Optimizer::Adam);
        let trial = |optimizer, tau, tau_theta| Trial {
            rule,
            optimizer,
            tau,
            tau_theta,
            epsilon: Epsilon::Corrected,
        };
        match (self, rule) {
            (Experiment::Mlp, Rule::Backprop) => vec![trial(nesterov, 0.05, 0.05)],
            (Experiment::Mlp, _) => vec![trial(nesterov, 1.0, 0.05)],
            (Experiment::Convnet, _) => vec![trial(adam, 1e-3, 1.0)],
            (Experiment::Table1, _) => TAUS.map(|tau| trial(nesterov, tau, 1.0)).to_vec(),
        }
    }
}

impl Plan {
    /// The paper's experiment by these rules.
    pub fn new(
        experiment: Experiment,
        net: Net,
        rules: &[Rule],
        epochs: u64,
        seed: u32,
        arithmetic: Arithmetic,
    ) -> Plan {
        Plan {
            experiment,
            net,
            epochs,
            seed,
            arithmetic,
            trials: rules.iter().flat_map(|&r| experiment.trials(r)).collect(),
        }
    }

    /// The rules, in the order of their trainings.
    pub fn rules(&self) -> Vec<Rule> {
        let mut rules: Vec<Rule> = self.trials.iter().map(|trial| trial.rule).collect();
        rules.dedup();
        rules
    }

    /// With Adam as it was in PyTorch when the paper was written.
    #[must_use]
    pub fn in_2018(mut self) -> Plan {
        for trial in &mut self.trials {
            trial.epsilon = Epsilon::Uncorrected;
        }
        self
    }

    /// The network.
    ///
    /// # Panics
    /// Never in the whole engine, which every native build is.
    pub fn architecture(&self) -> Architecture {
        let planes = Planes {
            channels: 3,
            height: 32,
            width: 32,
        };
        let convolution = |channels| Piece::Convolution {
            size: 5,
            channels,
            padding: 2,
            stride: 1,
        };
        let pooling = Piece::Pooling { size: 2, stride: 2 };
        let pieces = match (self.experiment, self.net) {
            (Experiment::Mlp | Experiment::Table1, _) => {
                [4000, 1000, 4000].map(Piece::Dense).to_vec()
            }
            (Experiment::Convnet, net) => {
                let mut pieces = vec![convolution(16), pooling, convolution(20), pooling];
                pieces.push(convolution(20));
                pieces.extend((net == Net::Paper).then_some(pooling));
                pieces
            }
        };
        let layers = stack(planes.count(), Some(planes), &pieces, Activation::Relu, 10);
        Architecture {
            inputs: Inputs::plain(planes.count()),
            layers: layers.expect("the paper's layers fit on one another"),
            loss: Loss::CrossEntropy,
        }
    }

    /// The network in numbers, as people write it.
    pub fn network(&self) -> String {
        let sizes = self.architecture().sizes();
        match self.experiment {
            Experiment::Mlp | Experiment::Table1 => sizes
                .iter()
                .map(usize::to_string)
                .collect::<Vec<_>>()
                .join("-"),
            Experiment::Convnet => format!("three convolutions of 5 × 5, dense {}-10", sizes[3]),
        }
    }

    /// Training `i` in words that decide all its numbers, on images with this fingerprint.
    fn told(&self, i: usize, fingerprint: u64) -> String {
        let Trial {
            rule,
            tau,
            tau_theta,
            ..
        } = self.trials[i];
        format!(
            "{} of {} by {rule} and {}, tau {tau}, tau_theta {tau_theta}, seed {}, {} epochs, {} arithmetic, images {fingerprint:016x}",
            self.experiment.name(),
            self.network(),
            self.trials[i].optimizer(),
            self.seed,
            self.epochs,
            self.arithmetic.name()
        )
    }
}
