//! The workloads that the benchmarks time, natively and in the browser: the same nets, data and rules.

use super::cpu::architecture_for;
use super::{Ensemble, Look, Settings};
use crate::data::digits::{Split, digits};
use crate::data::rng::{Purpose, Stream};
use crate::data::{DataSource, Dataset, generate};
use crate::nn::features::Inputs;
use crate::nn::mlp::{Architecture, Init, initialise};
use crate::nn::stack::{Piece, stack};
use crate::nn::window::Planes;
use crate::nn::{Activation, Arithmetic, Loss};
use crate::steps::implicit::CG_EPSILON;
use crate::steps::optimizer::{Epsilon, StepSize};
use crate::steps::{Implicit, L1, Optimizer, Rule, Shrinkage};
use nalgebra::DMatrix;

/// `(width, samples)` of the nets 2-width-width-2, tanh.
pub const NETS: [(usize, usize); 4] = [(8, 200), (32, 512), (128, 512), (512, 512)];

/// The rules timed.
pub const TIMED: [Rule; 3] = [Rule::Backprop, Rule::ProxExact, Rule::ProxCg(3)];

/// So many members in an ensemble that is timed as a map's cells are.
pub const MANY: usize = 1024;

/// So many members, all alike, that learn *circle* by plain steps small enough to stay where they are.
///
/// # Panics
/// Never for the sizes of [`NETS`].
pub fn ensemble(
    members: usize,
    width: usize,
    samples: usize,
    batch: usize,
    rule: Rule,
    arithmetic: Arithmetic,
) -> Ensemble<f32> {
    let data = generate(DataSource::Circle, samples, 0.1, 0.0, 1).expect("a toy set");
    learning(&data, members, width, batch, rule, arithmetic)
}

/// `(inputs, width, minibatch)` of nets inputs-width-width-2 whose minibatches have fewer samples than layers have inputs.
pub const FEW_ROWS: [(usize, usize, usize); 2] = [(2, 128, 10), (64, 512, 100)];

/// One member on points of so many random coordinates, as many as a minibatch has.
///
/// # Panics
/// Never for the sizes of [`FEW_ROWS`].
pub fn few_rows(inputs: usize, width: usize, minibatch: usize, rule: Rule) -> Ensemble<f32> {
    let mut data = generate(DataSource::Circle, minibatch, 0.1, 0.0, 1).expect("a toy set");
    let mut stream = Stream::new(1, Purpose::Training, 0);
    for points in [&mut data.training, &mut data.validation] {
        points.inputs = DMatrix::from_fn(points.inputs.nrows(), inputs, |_, _| stream.normal());
    }
    learning(&data, 1, width, minibatch, rule, Arithmetic::Portable)
}

/// Layers between 100 images of digits and their ten classes, with what each adds to the one before: dense layers alone, a convolution
/// below them, pooling above it, and both once more.
pub const IMAGES: [(&str, &[Piece]); 4] = [
    ("32", &[Piece::Dense(32)]),
    ("c3x8p1,32", &[CONVOLUTION, Piece::Dense(32)]),
    ("c3x8p1,max2,32", &[CONVOLUTION, POOLING, Piece::Dense(32)]),
    (
        "c3x8p1,max2,c3x16p1,max2,32",
        &[
            CONVOLUTION,
            POOLING,
            Piece::Convolution {
                size: 3,
                channels: 16,
                padding: 1,
                stride: 1,
            },
            POOLING,
            Piece::Dense(32),
        ],
    ),
];
const CONVOLUTION: Piece = Piece::Convolution {
    size: 3,
    channels: 8,
    padding: 1,
    stride: 1,
};
const POOLING: Piece = Piece::Pooling { size: 2, stride: 2 };

/// One member on as many images of digits as a minibatch has.
///
/// # Panics
/// Where there are no digits, and for layers that do not fit on 8 × 8 pixels.
pub fn on_images(pieces: &[Piece], rule: Rule) -> Ensemble<f32> {
    let data = digits(100, 0.0, Split::Writers, 1).expect("the whole engine has digits");
    let planes = Planes {
        channels: 1,
        height: 8,
        width: 8,
    };
    let layers = stack(planes.count(), Some(planes), pieces, Activation::Relu, 10);
    let architecture = Architecture {
        inputs: Inputs::plain(planes.count()),
        layers: layers.expect("these fit"),
        loss: Loss::CrossEntropy,
    };
    let thetas = first_weights(&architecture, Init::He, 1.0, None);
    let mut ensemble = Ensemble::new(architecture, &data, 100);
    ensemble.add(Settings { rule, ..USUAL }, thetas);
    ensemble
}

/// The weights of seed 1, with this first bias of the hidden units where one is given.
fn first_weights(
    architecture: &Architecture,
    init: Init,
    scale: f64,
    bias: Option<f64>,
) -> Vec<DMatrix<f32>> {
    let mut stream = Stream::new(1, Purpose::Weights, 0);
    let mut thetas = initialise(architecture, init, scale, |_| stream.normal());
    let hidden = thetas.len() - 1;
    for (theta, bias) in thetas[..hidden].iter_mut().zip(bias.into_iter().cycle()) {
        let biases = theta.nrows() - 1;
        theta.row_mut(biases).fill(bias);
    }
    thetas.iter().map(|theta| theta.map(|x| x as f32)).collect()
}

/// As the workloads learn that are no [`State`].
const USUAL: Settings = Settings {
    rule: Rule::Backprop,
    optimizer: Optimizer::Sgd,
    size: StepSize {
        tau: 0.01,
        momentum: 0.0,
        decay: 0.0,
        epsilon: Epsilon::Corrected,
    },
    l1: L1 {
        factor: 0.0,
        shrinkage: Shrinkage::Implicit,
    },
    implicit: Implicit {
        tau_theta: 1.0,
        cg_tolerance: 0.01,
        cg_epsilon: CG_EPSILON,
    },
    reach: None,
    objective: None,
};

fn learning(
    data: &Dataset,
    members: usize,
    width: usize,
    batch: usize,
    rule: Rule,
    arithmetic: Arithmetic,
) -> Ensemble<f32> {
    let settings = Settings { rule, ..USUAL };
    let starts = vec![(settings, 1.0, 0.0); members];
    starting(data, width, Activation::Tanh, batch, &starts, arithmetic)
}

/// Members with these settings, this scale of their first weights and this first bias of their hidden units.
fn starting(
    data: &Dataset,
    width: usize,
    activation: Activation,
    batch: usize,
    starts: &[(Settings, f64, f64)],
    arithmetic: Arithmetic,
) -> Ensemble<f32> {
    let architecture = architecture_for(data, &[width, width], activation, Loss::CrossEntropy);
    let mut ensemble = Ensemble::new(architecture.clone(), data, batch).with_arithmetic(arithmetic);
    for &(settings, scale, bias) in starts {
        let thetas = first_weights(&architecture, Init::Xavier, scale, Some(bias));
        ensemble.add(settings, thetas);
    }
    ensemble
}

/// A state of a net 2-8-8-2 on 200 points that may take longer than the usual one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct State {
    /// What it is called.
    pub name: &'static str,
    activation: Activation,
    settings: Settings,
    scale: f64,
    bias: f64,
}

/// So many steps a state is followed from its beginning.
pub const FOLLOWED: u32 = 300;

/// States of saturated, dead, decaying and vanishing numbers, under every rule that is timed.
pub fn states() -> [State; 7] {
    let state = |name, activation, rule, optimizer, tau, decay, scale, bias| State {
        name,
        activation,
        settings: Settings {
            rule,
            optimizer,
            size: StepSize {
                tau,
                decay,
                ..USUAL.size
            },
            ..USUAL
        },
        scale,
        bias,
    };
    let [backprop, exact, cg] = TIMED;
    let (sgd, adam) = (Optimizer::Sgd, Optimizer::Adam);
    let (tanh, sigmoid, relu) = (Activation::Tanh, Activation::Sigmoid, Activation::Relu);
    [
        state("saturated tanh", tanh, backprop, sgd, 10.0, 0.0, 1.0, 0.0),
        state(
            "saturated sigmoid",
            sigmoid,
            backprop,
            sgd,
            1.0,
            0.0,
            50.0,
            0.0,
        ),
        state(
            "saturated sigmoid",
            sigmoid,
            exact,
            sgd,
            1.0,
            0.0,
            50.0,
            0.0,
        ),
        state("saturated sigmoid", sigmoid, cg, sgd, 1.0, 0.0, 50.0, 0.0),
        state("dead relu", relu, backprop, sgd, 1.0, 0.01, 1.0, -10.0),
        state("decaying weights", tanh, backprop, sgd, 1.0, 0.3, 1.0, 0.0),
        state(
            "vanishing gradients, Adam",
            tanh,
            backprop,
            adam,
            0.1,
            0.0,
            30.0,
            0.0,
        ),
    ]
}

impl State {
    /// The rule it is under.
    pub fn rule(self) -> Rule {
        self.settings.rule
    }

    /// At its beginning; or the usual state of the same activation, rule and optimizer.
    ///
    /// # Panics
    /// Never.
    pub fn ensemble(self, usual: bool) -> Ensemble<f32> {
        let data = generate(DataSource::Circle, 200, 0.1, 0.0, 1).expect("a toy set");
        let mut start = (self.settings, self.scale, self.bias);
        if usual {
            start = (
                Settings {
                    size: USUAL.size,
                    ..self.settings
                },
                1.0,
                0.0,
            );
        }
        starting(
            &data,
            8,
            self.activation,
            200,
            &[start],
            Arithmetic::Portable,
        )
    }
}

/// The first [`FOLLOWED`] steps from where an ensemble stands; the last one's loss.
pub fn follow(from: &Ensemble<f32>) -> f64 {
    let mut ensemble = from.clone();
    for _ in 0..FOLLOWED {
        ensemble.step(&[], Look::default());
    }
    ensemble.members()[0].loss
}

/// One epoch of 20 minibatches of 10.
pub fn minibatches(ensemble: &mut Ensemble<f32>) {
    let mut order = [0; 10];
    for first in (0..200).step_by(10) {
        order.iter_mut().zip(first..).for_each(|(o, i)| *o = i);
        ensemble.step(&order, Look::default());
    }
}
