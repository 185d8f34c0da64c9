//! A dense layer with an implicit step of its own.

use burn::config::Config;
use burn::module::Module;
use burn::nn::{Linear, LinearConfig};
use burn::tensor::{Device, Tensor};

use crate::input::Input;
use crate::tape::{Leaf, Recorder, Use, Weight};
use crate::{Prox, Solver};

/// A [`Linear`] layer, and how it takes its implicit step.
#[derive(Config, Debug)]
pub struct ProxLinearConfig {
    /// The layer.
    pub inner: LinearConfig,
    /// The proximal step size `τ_θ`, above 0.
    #[config(default = 1.0)]
    pub tau_theta: f64,
    /// How its system is solved.
    #[config(default = "Solver::Auto")]
    pub solver: Solver,
}

impl ProxLinearConfig {
    /// A new layer.
    ///
    /// # Panics
    ///
    /// Panics if a setting is not allowed.
    pub fn init(&self, device: &Device) -> ProxLinear {
        let prox = Prox {
            tau_theta: self.tau_theta,
            solver: self.solver,
        };
        ProxLinear::new(self.inner.init(device), prox)
    }
}

/// [`Linear`] whose parameters get implicit steps from [`backward`](crate::backward). It computes what `inner` computes, to
/// the bit, and where it does not train it is `inner`.
///
/// The layer that puts out the answer of a network stays a plain [`Linear`].
///
/// ```
/// use burn::nn::LinearConfig;
/// use burn::tensor::{Device, Tensor};
/// use proxprop_burn::{ProxLinearConfig, Solver};
///
/// let device = Device::default().autodiff();
/// let layer = ProxLinearConfig::new(LinearConfig::new(64, 32))
///     .with_tau_theta(0.1)
///     .with_solver(Solver::cg(3))
///     .init(&device);
/// let x = Tensor::<2>::ones([5, 64], &device);
/// let z = layer.forward(x.clone());
/// assert_eq!(z.into_data(), layer.inner.forward(x).into_data());
/// ```
#[derive(Module, Debug)]
pub struct ProxLinear {
    /// The layer. Its record is that of any other [`Linear`].
    pub inner: Linear,
    /// How it takes its implicit step. May be changed between steps.
    #[module(skip)]
    pub prox: Prox,
    #[module(skip)]
    recorder: Recorder,
}

impl ProxLinear {
    /// A layer that is there already.
    ///
    /// # Panics
    ///
    /// Panics if a setting is not allowed.
    pub fn new(inner: Linear, prox: Prox) -> Self {
        prox.check();
        Self {
            inner,
            prox,
            recorder: Recorder::new(),
        }
    }

    /// `input · weight + bias`; input `[…, d_input]`, output `[…, d_output]`.
    ///
    /// # Panics
    ///
    /// Panics where [`Linear::forward`] does, and if the layer was used 256 times and no [`backward`](crate::backward) came.
    pub fn forward<const D: usize>(&self, input: Tensor<D>) -> Tensor<D> {
        let Some(weight) = Leaf::of(&self.inner.weight) else {
            return self.inner.forward(input);
        };
        let output = self.inner.valid().forward(input.clone());
        let [columns, _] = weight.value.dims();
        let rows = input.shape().num_elements() / columns;
        let samples = input.without_autodiff().reshape([rows, columns]);
        let layer = Use {
            prox: self.prox,
            weight: Weight::Dense(weight),
            bias: self.inner.bias.as_ref().and_then(Leaf::of),
            input: Input::Samples(samples),
        };
        self.recorder.record(layer, output)
    }
}
