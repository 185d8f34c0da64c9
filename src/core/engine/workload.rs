//! The workloads that the benchmarks time, natively and in the browser: the same nets, data and rules.

use super::cpu::architecture_for;
use super::{Ensemble, Look, Settings};
use crate::data::rng::{Purpose, Stream};
use crate::data::{DataSource, Dataset, generate};
use crate::nn::mlp::{Init, initialise};
use crate::nn::{Activation, Loss};
use crate::steps::optimizer::StepSize;
use crate::steps::{Implicit, Optimizer, Rule};
use nalgebra::DMatrix;

/// `(width, samples)` of the nets 2-width-width-2, tanh.
pub const NETS: [(usize, usize); 4] = [(8, 200), (32, 512), (128, 512), (512, 512)];

/// The rules timed.
pub const TIMED: [Rule; 3] = [Rule::Backprop, Rule::ProxExact, Rule::ProxCg(3)];

/// So many members in an ensemble that is timed as a map's cells are.
pub const MANY: usize = 1024;

/// One member that learns *circle* by plain steps small enough to stay where it is.
///
/// # Panics
/// Never for the sizes of [`NETS`].
pub fn workload(width: usize, samples: usize, batch: usize, rule: Rule) -> Ensemble<f32> {
    ensemble(1, width, samples, batch, rule)
}

/// The same with so many members, all alike.
///
/// # Panics
/// Never for the sizes of [`NETS`].
pub fn ensemble(
    members: usize,
    width: usize,
    samples: usize,
    batch: usize,
    rule: Rule,
) -> Ensemble<f32> {
    let data = generate(DataSource::Circle, samples, 0.1, 0.0, 1).expect("a toy set");
    learning(&data, members, width, batch, rule)
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
    learning(&data, 1, width, minibatch, rule)
}

fn learning(
    data: &Dataset,
    members: usize,
    width: usize,
    batch: usize,
    rule: Rule,
) -> Ensemble<f32> {
    let architecture =
        architecture_for(data, &[width, width], Activation::Tanh, Loss::CrossEntropy);
    let mut stream = Stream::new(1, Purpose::Weights, 0);
    let thetas = initialise(&architecture, Init::Xavier, 1.0, || stream.normal());
    let mut ensemble = Ensemble::new(architecture, data, batch);
    let settings = Settings {
        rule,
        optimizer: Optimizer::Sgd,
        size: StepSize::plain(0.01),
        implicit: Implicit {
            tau_theta: 1.0,
            cg_tolerance: 0.01,
        },
    };
    for _ in 0..members {
        let thetas = thetas.iter().map(|t| t.map(|x| x as f32));
        ensemble.add(settings, thetas.collect());
    }
    ensemble
}

/// One epoch of 20 minibatches of 10.
pub fn minibatches(ensemble: &mut Ensemble<f32>) {
    let mut order = [0; 10];
    for first in (0..200).step_by(10) {
        order.iter_mut().zip(first..).for_each(|(o, i)| *o = i);
        ensemble.step(&order, Look::default());
    }
}
