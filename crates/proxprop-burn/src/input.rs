//! What a layer was given, as the matrix `A` whose product with the weight is the layer: one row for each sample, or for each
//! sample and position of a convolution.
//! Knows no parameter but the shape of a kernel.

use burn::tensor::module::unfold4d;
use burn::tensor::ops::{PadMode, UnfoldOptions};
use burn::tensor::{DType, FloatDType, Tensor};

/// Patches of more images than have so many entries are never in memory together.
pub(crate) const ENTRIES: usize = 1 << 26;

/// Where a convolution looks.
#[derive(Clone, Copy)]
pub(crate) struct Window {
    pub(crate) kernel: [usize; 2],
    pub(crate) stride: [usize; 2],
    pub(crate) dilation: [usize; 2],
    /// Before and behind, for rows and columns of the image.
    pub(crate) padding: [(usize, usize); 2],
}

/// A layer's input, without its graph.
#[derive(Clone)]
pub(crate) enum Input {
    /// Samples × features.
    Samples(Tensor<2>),
    /// Samples × channels × height × width, and where in each of them the convolution looks.
    Images {
        images: Tensor<4>,
        window: Window,
        /// How many places of an image it looks at.
        positions: usize,
    },
}

impl Input {
    /// `R`.
    pub(crate) fn rows(&self) -> usize {
        match self {
            Self::Samples(samples) => samples.dims()[0],
            Self::Images {
                images, positions, ..
            } => images.dims()[0] * positions,
        }
    }

    /// Columns of `A`: the ones of the bias are not among them.
    pub(crate) fn columns(&self) -> usize {
        match self {
            Self::Samples(samples) => samples.dims()[1],
            Self::Images {
                images,
                window: Window { kernel, .. },
                ..
            } => images.dims()[1] * kernel[0] * kernel[1],
        }
    }

    /// `A`, in at least single precision; its columns are ordered as the weight is, channel, row, column.
    pub(crate) fn matrix(&self) -> Tensor<2> {
        match self {
            Self::Samples(samples) => precise(samples.clone()),
            Self::Images { images, window, .. } => {
                let padded = precise(images.clone()).pad(window.padding, PadMode::Constant(0.0));
                // Unfolding is dear where it pads by itself.
                let options = UnfoldOptions::new(window.stride, [0, 0], window.dilation);
                unfold4d(padded, window.kernel, options)
                    .swap_dims(1, 2)
                    .reshape([self.rows(), self.columns()])
            }
        }
    }

    /// The gradient with respect to the output, laid as the layer's probe was, as the rows of this matrix.
    pub(crate) fn signal(&self, signal: Tensor<2>, outputs: usize) -> Tensor<2> {
        let signal = precise(signal);
        match self {
            Self::Samples(_) => signal,
            Self::Images {
                images, positions, ..
            } => signal
                .reshape([images.dims()[0], outputs, *positions])
                .swap_dims(1, 2)
                .reshape([self.rows(), outputs]),
        }
    }

    /// The same input and signal in as many parts as it takes for each to have so many entries or fewer, or a single image.
    pub(crate) fn parts(self, signal: Tensor<2>, most: usize) -> Vec<(Self, Tensor<2>)> {
        let entries = self.rows() * self.columns();
        match self {
            Self::Images {
                images,
                window,
                positions,
            } if entries > most => {
                let samples = images.dims()[0];
                let step = (samples * most / entries).max(1);
                let part = |start: usize| {
                    let many = step.min(samples - start);
                    let images = images.clone().narrow(0, start, many);
                    let rows = (start * positions, many * positions);
                    (
                        Self::Images {
                            images,
                            window,
                            positions,
                        },
                        signal.clone().narrow(0, rows.0, rows.1),
                    )
                };
                (0..samples).step_by(step).map(part).collect()
            }
            input => vec![(input, signal)],
        }
    }
}

/// In at least single precision.
fn precise<const D: usize>(tensor: Tensor<D>) -> Tensor<D> {
    match tensor.dtype() {
        DType::F64 | DType::F32 => tensor,
        _ => tensor.cast(FloatDType::F32),
    }
}
