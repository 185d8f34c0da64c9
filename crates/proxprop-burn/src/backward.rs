//! From a loss to gradients in which the layers' implicit steps stand in place of their own.
//! Knows no optimizer.

use burn::module::ParamId;
use burn::optim::GradientsParams;
use burn::tensor::{Gradients, Tensor};

use crate::input::ENTRIES;
use crate::system::System;
use crate::tape::{Leaf, Reached, Use, Weight, reached};

/// Backpropagates from a loss, as `loss.backward()` does, and puts the implicit steps `D` of the [`ProxLinear`] and
/// [`ProxConv2d`] layers in the places of their gradients. Any optimizer goes on from there.
///
/// [`ProxLinear`]: crate::ProxLinear
/// [`ProxConv2d`]: crate::ProxConv2d
///
/// ```
/// use burn::module::Module;
/// use burn::nn::LinearConfig;
/// use burn::optim::{GradientsParams, SgdConfig};
/// use burn::tensor::{Device, Distribution, Tensor};
/// use proxprop_burn::{ProxLinearConfig, backward};
///
/// let device = Device::default().autodiff();
/// let layer = ProxLinearConfig::new(LinearConfig::new(4, 3)).init(&device);
/// let x = Tensor::<2>::random([8, 4], Distribution::Default, &device);
/// let loss = layer.forward(x).square().mean();
///
/// let gradients = GradientsParams::from_grads(backward(&loss), &layer);
/// let layer = SgdConfig::new().init().step(1.0, layer, gradients);
/// ```
///
/// # Panics
///
/// Panics where `loss.backward()` does, if a layer's [`Prox`](crate::Prox) has settings that are not allowed, and if layers
/// share a weight but not its bias or settings.
#[must_use]
pub fn backward(loss: &Tensor<1>) -> Gradients {
    let mut accumulator = ProxAccumulator::new();
    let mut gradients = accumulator.backward(loss);
    accumulator.put(&mut gradients);
    gradients
}

/// Accumulates over parts of a minibatch, next to burn's `GradientsAccumulator`: the implicit step is the one of all parts
/// together, not the sum of their own.
///
/// ```
/// # use burn::module::Module;
/// # use burn::nn::LinearConfig;
/// use burn::optim::{GradientsAccumulator, GradientsParams, SgdConfig};
/// # use burn::tensor::{Device, Distribution, Tensor};
/// # use proxprop_burn::ProxLinearConfig;
/// use proxprop_burn::ProxAccumulator;
///
/// # let device = Device::default().autodiff();
/// # let layer = ProxLinearConfig::new(LinearConfig::new(4, 3)).init(&device);
/// # let parts: Vec<_> =
/// #     (0..2).map(|_| Tensor::<2>::random([8, 4], Distribution::Default, &device)).collect();
/// let (mut plain, mut prox) = (GradientsAccumulator::new(), ProxAccumulator::new());
/// for x in parts {
///     let loss = layer.forward(x).square().mean() / 2.0;
///     plain.accumulate(&layer, GradientsParams::from_grads(prox.backward(&loss), &layer));
/// }
/// let gradients = prox.precondition(plain.grads());
/// let layer = SgdConfig::new().init().step(1.0, layer, gradients);
/// ```
#[derive(Default)]
pub struct ProxAccumulator {
    reached: Vec<Reached>,
}

impl ProxAccumulator {
    /// Nothing accumulated.
    pub fn new() -> Self {
        Self::default()
    }

    /// Backpropagates from the loss of a part. The gradients lack those of the layers of this crate.
    ///
    /// # Panics
    ///
    /// Panics where `loss.backward()` does.
    pub fn backward(&mut self, loss: &Tensor<1>) -> Gradients {
        let mut gradients = loss.backward();
        self.reached.extend(reached(&mut gradients));
        gradients
    }

    /// Adds the implicit steps of all parts since the last call.
    ///
    /// # Panics
    ///
    /// Panics where [`backward`] does for a layer's sake.
    #[must_use]
    pub fn precondition(&mut self, mut gradients: GradientsParams) -> GradientsParams {
        self.put(&mut gradients);
        gradients
    }

    fn put(&mut self, gradients: &mut impl Container) {
        let mut layers: Vec<(ParamId, Vec<Reached>)> = Vec::new();
        for reached in self.reached.drain(..) {
            let id = reached.layer.weight.id();
            match layers.iter_mut().find(|(layer, _)| *layer == id) {
                Some((_, uses)) => uses.push(reached),
                None => layers.push((id, vec![reached])),
            }
        }
        for (_, uses) in layers {
            step(uses, gradients);
        }
    }
}

/// All uses of one layer: their rows lie below each other in one system.
fn step(uses: Vec<Reached>, gradients: &mut impl Container) {
    let layer = &uses[0].layer;
    let (prox, weight, bias) = (layer.prox, layer.weight.clone(), layer.bias.clone());
    prox.check();
    let is_same = |layer: &Use| {
        let [one, other] = [&bias, &layer.bias].map(|bias| bias.as_ref().map(|leaf| leaf.id));
        one == other && prox == layer.prox
    };
    assert!(
        uses.iter().all(|reached| is_same(&reached.layer)),
        "layers that share a weight have one system; they must share the bias and the settings of `prox` too"
    );
    let dims = match &weight {
        Weight::Dense(leaf) => leaf.value.dims().to_vec(),
        Weight::Conv(leaf) => leaf.value.dims().to_vec(),
    };
    let (outputs, dense) = match weight {
        Weight::Dense(_) => (dims[1], true),
        Weight::Conv(_) => (dims[0], false),
    };
    let parts = uses.into_iter().flat_map(|Reached { layer, signal }| {
        let signal = layer.input.signal(signal, outputs);
        layer.input.parts(signal, ENTRIES)
    });
    let system = System::new(parts.collect(), bias.is_some(), prox.tau_theta);
    let d = system.solve(prox, dense);
    let [rows, _] = d.dims();
    let inputs = rows - usize::from(bias.is_some());
    let weights = d.clone().narrow(0, 0, inputs);
    match weight {
        Weight::Dense(leaf) => gradients.add(&leaf, weights),
        Weight::Conv(leaf) => {
            let shape = leaf.value.dims();
            gradients.add(&leaf, weights.transpose().reshape(shape));
        }
    }
    if let Some(leaf) = bias {
        gradients.add(&leaf, d.narrow(0, inputs, 1).reshape([outputs]));
    }
}

/// Where gradients are kept.
trait Container {
    /// Adds to what is there: the parameter may have been used outside of its layer as well.
    fn add<const D: usize>(&mut self, leaf: &Leaf<D>, step: Tensor<D>);
}

impl Container for Gradients {
    fn add<const D: usize>(&mut self, leaf: &Leaf<D>, step: Tensor<D>) {
        let step = step.cast(leaf.value.dtype());
        let sum = match leaf.value.grad_remove(self) {
            Some(gradient) => gradient + step,
            None => step,
        };
        leaf.value.grad_replace(self, sum);
    }
}

impl Container for GradientsParams {
    fn add<const D: usize>(&mut self, leaf: &Leaf<D>, step: Tensor<D>) {
        let step = step.cast(leaf.value.dtype());
        let sum = match self.remove(leaf.id) {
            Some(gradient) => gradient + step,
            None => step,
        };
        self.register(leaf.id, sum);
    }
}
