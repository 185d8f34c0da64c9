//! From a list of hidden layers, as people write it, to layers that fit on one another. Knows no text and no number in them.

use super::Activation;
use super::convolution::Convolution;
use super::layer::{Layer, Linear};
use super::pooling::Pooling;
use super::window::{Planes, Windows};
use std::fmt;

/// A hidden layer, or what is put on one. Printed as people write it: `32`, `c3x8p1`, `max2`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece {
    /// A layer of so many neurons, each of which sees everything.
    Dense(usize),
    /// A layer that convolves.
    Convolution {
        /// Rows and columns of its kernel.
        size: usize,
        /// Channels that it makes.
        channels: usize,
        /// Rows and columns of zeros around its images.
        padding: usize,
        /// From one place of the kernel to the next.
        stride: usize,
    },
    /// Max-pooling of the convolution below it.
    Pooling {
        /// Rows and columns of its window.
        size: usize,
        /// From one window to the next.
        stride: usize,
    },
}

impl fmt::Display for Piece {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut unless = |usual: usize, mark: &str, number: usize| match number {
            number if number == usual => Ok(()),
            number => write!(f, "{mark}{number}"),
        };
        match *self {
            Piece::Dense(width) => unless(0, "", width),
            Piece::Convolution {
                size,
                channels,
                padding,
                stride,
            } => {
                unless(0, "c", size)?;
                unless(0, "x", channels)?;
                unless(0, "p", padding)?;
                unless(1, "s", stride)
            }
            Piece::Pooling { size, stride } => {
                unless(0, "max", size)?;
                unless(size, "s", stride)
            }
        }
    }
}

/// Why a piece does not fit on what is below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misfit {
    /// Those are no images.
    NoImages,
    /// Pooling is put on a convolution, and once.
    NoConvolution,
    /// The images there are smaller than its window.
    Small(Planes),
    /// This part of the engine knows no images.
    Elsewhere,
}

impl Misfit {
    /// Why there are no windows over these planes.
    fn of_windows(over: Planes) -> Misfit {
        if crate::WHOLE {
            Misfit::Small(over)
        } else {
            Misfit::Elsewhere
        }
    }
}

/// Hidden layers that these pieces are: pooling is none of its own.
pub fn depth(pieces: &[Piece]) -> usize {
    let layers = pieces
        .iter()
        .filter(|piece| !matches!(piece, Piece::Pooling { .. }));
    layers.count()
}

/// The layers for points of so many numbers, or images: the hidden ones, and linear outputs.
///
/// # Errors
/// The first piece (from 0) that does not fit, and why.
pub fn stack(
    inputs: usize,
    images: Option<Planes>,
    hidden: &[Piece],
    activation: Activation,
    outputs: usize,
) -> Result<Vec<Layer>, (usize, Misfit)> {
    let (mut layers, mut numbers, mut images) = (Vec::new(), inputs, images);
    for (i, &piece) in hidden.iter().enumerate() {
        let fail = |why| (i, why);
        let over = images.ok_or(fail(Misfit::NoImages));
        match piece {
            Piece::Dense(neurons) => {
                layers.push(Layer::dense(numbers, neurons, Some(activation)));
                images = None;
            }
            Piece::Convolution {
                size,
                channels,
                padding,
                stride,
            } => {
                let windows = Windows::new(over?, size, stride, padding);
                let convolution = Convolution {
                    windows: windows.ok_or(fail(Misfit::of_windows(over?)))?,
                    outputs: channels,
                };
                layers.push(Layer {
                    linear: Linear::Convolution(convolution),
                    activation: Some(activation),
                    pooling: None,
                });
                images = Some(convolution.planes());
            }
            Piece::Pooling { size, stride } => {
                let bare = layers.last_mut().filter(|layer| layer.pooling.is_none());
                let below = bare.ok_or(fail(Misfit::NoConvolution))?;
                let pooling = Pooling::new(over?, size, stride);
                let pooling = pooling.ok_or(fail(Misfit::of_windows(over?)))?;
                below.pooling = Some(pooling);
                images = Some(pooling.planes());
            }
        }
        numbers = layers.last().map_or(numbers, Layer::outputs);
    }
    layers.push(Layer::dense(numbers, outputs, None));
    Ok(layers)
}
