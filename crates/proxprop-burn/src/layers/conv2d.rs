//! A convolution with an implicit step of its own.

use burn::config::Config;
use burn::module::Module;
use burn::nn::PaddingConfig2d;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::tensor::{Device, Tensor};

use crate::input::{Input, Window};
use crate::tape::{Leaf, Recorder, Use, Weight};
use crate::{Prox, Solver};

/// A [`Conv2d`] layer, and how it takes its implicit step.
#[derive(Config, Debug)]
pub struct ProxConv2dConfig {
    /// The layer, of one group.
    pub inner: Conv2dConfig,
    /// The proximal step size `τ_θ`, above 0.
    #[config(default = 1.0)]
    pub tau_theta: f64,
    /// How its system is solved.
    #[config(default = "Solver::Auto")]
    pub solver: Solver,
}

impl ProxConv2dConfig {
    /// A new layer.
    ///
    /// # Panics
    ///
    /// Panics if a setting is not allowed, or the layer has groups.
    pub fn init(&self, device: &Device) -> ProxConv2d {
        let prox = Prox {
            tau_theta: self.tau_theta,
            solver: self.solver,
        };
        ProxConv2d::new(self.inner.init(device), prox)
    }
}

/// [`Conv2d`] whose parameters get implicit steps from [`backward`](crate::backward). It computes what `inner` computes, to
/// the bit, and where it does not train it is `inner`.
///
/// ```
/// use burn::nn::PaddingConfig2d;
/// use burn::nn::conv::Conv2dConfig;
/// use burn::tensor::{Device, Tensor};
/// use proxprop_burn::ProxConv2dConfig;
///
/// let device = Device::default().autodiff();
/// let plain = Conv2dConfig::new([3, 16], [5, 5]).with_padding(PaddingConfig2d::Same);
/// let layer = ProxConv2dConfig::new(plain).with_tau_theta(1.0).init(&device);
/// assert_eq!(layer.forward(Tensor::ones([2, 3, 8, 8], &device)).dims(), [2, 16, 8, 8]);
/// ```
#[derive(Module, Debug)]
pub struct ProxConv2d {
    /// The layer. Its record is that of any other [`Conv2d`].
    pub inner: Conv2d,
    /// How it takes its implicit step. May be changed between steps.
    #[module(skip)]
    pub prox: Prox,
    #[module(skip)]
    recorder: Recorder,
}

impl ProxConv2d {
    /// A layer that is there already.
    ///
    /// # Panics
    ///
    /// Panics if a setting is not allowed, or the layer has groups.
    pub fn new(inner: Conv2d, prox: Prox) -> Self {
        prox.check();
        let groups = inner.groups;
        assert!(
            groups == 1,
            "the convolution has {groups} groups; ProxConv2d takes 1: make one layer for each group, or keep it a Conv2d"
        );
        Self {
            inner,
            prox,
            recorder: Recorder::new(),
        }
    }

    /// The convolution; input `[samples, channels, height, width]`, output likewise.
    ///
    /// # Panics
    ///
    /// Panics where [`Conv2d::forward`] does, and if the layer was used 256 times and no [`backward`](crate::backward) came.
    pub fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        let Some(weight) = Leaf::of(&self.inner.weight) else {
            return self.inner.forward(input);
        };
        let output = self.inner.valid().forward(input.clone());
        let [_, _, height, width] = output.dims();
        let images = input.without_autodiff();
        let layer = Use {
            prox: self.prox,
            weight: Weight::Conv(weight),
            bias: self.inner.bias.as_ref().and_then(Leaf::of),
            input: Input::Images {
                window: self.window(images.dims()),
                images,
                positions: height * width,
            },
        };
        self.recorder.record(layer, output)
    }

    fn window(&self, [_, _, height, width]: [usize; 4]) -> Window {
        let Conv2d {
            kernel_size,
            stride,
            dilation,
            ref padding,
            ..
        } = self.inner;
        // burn keeps its own reckoning to itself.
        let same = |axis: usize, size: usize| {
            let last = size.div_ceil(stride[axis]).saturating_sub(1) * stride[axis];
            let all = (last + kernel_size[axis]).saturating_sub(size);
            (all / 2, all - all / 2)
        };
        let padding = match *padding {
            PaddingConfig2d::Valid => [(0, 0); 2],
            PaddingConfig2d::Same => [same(0, height), same(1, width)],
            PaddingConfig2d::Explicit(top, left, bottom, right) => [(top, bottom), (left, right)],
        };
        Window {
            kernel: kernel_size,
            stride,
            dilation,
            padding,
        }
    }
}
