//! A layer: a linear map `Z = ÂΘ` and a nonlinearity `A = σ(Z)`. Whoever steps it sees `Â`, `Θ` and `Z` and does not ask which
//! map it is. Knows no loss and no other layer.
//!
//! Samples are columns' rows, padded: `A` is rows × numbers of a sample, the ones appended; `Z` has so many rows for every place
//! where the map looks at a sample, and is the same memory as rows × numbers of a sample.

use super::convolution::Convolution;
use super::pooling::Pooling;
use super::product::{Packing, clear_padding, padded_rows, times_weights_transposed};
use super::window::Planes;
use super::{Activation, Arithmetic, Real};
use nalgebra::DMatrix;

/// The linear map of a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Linear {
    /// Every output looks at all of a sample: `Â = [A, 1]`.
    Dense {
        /// Numbers of a sample.
        inputs: usize,
        /// Neurons.
        outputs: usize,
    },
    /// Every output looks at a patch of a sample, wherever it fits: `Â` are the patches.
    Convolution(Convolution),
}

/// A layer, without its numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layer {
    /// Its linear map.
    pub linear: Linear,
    /// The first part of σ, number by number; `None` is the identity.
    pub activation: Option<Activation>,
    /// The second part of σ.
    pub pooling: Option<Pooling>,
}

/// Rows of a layer's `Â` and `Z` for minibatches of up to so many samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rows {
    /// Most that belong to samples.
    pub most: usize,
    /// All of them, the padding included.
    pub padded: usize,
}

impl Rows {
    /// So many, all of them of samples.
    pub fn full(rows: usize) -> Rows {
        Rows {
            most: rows,
            padded: rows,
        }
    }
}

/// What pooling keeps of a forward pass; empty without it.
#[derive(Clone, Debug)]
pub struct Pool<T> {
    /// What is pooled, shaped as `Z`.
    values: Vec<T>,
    /// Which cell of its window each number came from, shaped as `A`.
    winners: Vec<u8>,
}

/// Scratch memory of the way back; grows to what the largest layer needs, then stays.
#[derive(Clone, Debug)]
pub struct Scratch<T> {
    patch: Vec<T>,
    pooled: Vec<T>,
}

impl<T> Default for Pool<T> {
    fn default() -> Self {
        Pool {
            values: Vec::new(),
            winners: Vec::new(),
        }
    }
}

impl<T> Default for Scratch<T> {
    fn default() -> Self {
        Scratch {
            patch: Vec::new(),
            pooled: Vec::new(),
        }
    }
}

impl Layer {
    /// Every neuron sees all inputs.
    pub fn dense(inputs: usize, outputs: usize, activation: Option<Activation>) -> Layer {
        Layer {
            linear: Linear::Dense { inputs, outputs },
            activation,
            pooling: None,
        }
    }

    /// Numbers of a sample that it is given.
    pub fn inputs(&self) -> usize {
        match &self.linear {
            Linear::Dense { inputs, .. } => *inputs,
            Linear::Convolution(convolution) => convolution.windows.over().count(),
        }
    }

    /// The planes of images that it gives; `None` where it gives neurons.
    pub fn planes(&self) -> Option<Planes> {
        let convolved = match &self.linear {
            Linear::Dense { .. } => None,
            Linear::Convolution(convolution) => Some(convolution.planes()),
        };
        let pooled = self.pooling.as_ref().map(Pooling::planes);
        pooled.or(convolved)
    }

    /// Numbers of a sample that it gives.
    pub fn outputs(&self) -> usize {
        self.pooling
            .map_or(self.places() * self.theta_shape().1, |pooling| {
                pooling.planes().count()
            })
    }

    /// Rows of `Â` and `Z` per sample.
    pub fn places(&self) -> usize {
        match &self.linear {
            Linear::Dense { .. } => 1,
            Linear::Convolution(convolution) => convolution.windows.places(),
        }
    }

    /// Shape of `Θ`, the bias included.
    pub fn theta_shape(&self) -> (usize, usize) {
        match &self.linear {
            Linear::Dense { inputs, outputs } => (inputs + 1, *outputs),
            Linear::Convolution(convolution) => (convolution.inputs() + 1, convolution.outputs),
        }
    }

    /// Inputs of an output and outputs of an input, at one place.
    pub fn fans(&self) -> (usize, usize) {
        match &self.linear {
            Linear::Dense { inputs, outputs } => (*inputs, *outputs),
            Linear::Convolution(convolution) => (
                convolution.inputs(),
                convolution.outputs * convolution.windows.cells(),
            ),
        }
    }

    /// Rows of `Â` and `Z` for minibatches of up to `capacity` samples.
    pub fn rows(&self, capacity: usize) -> Rows {
        Rows {
            most: capacity * self.places(),
            padded: padded_rows(capacity) * self.places(),
        }
    }

    /// `Â` of `samples` samples `a`: they themselves, or their patches, which are written into `patches`.
    pub fn augment<'a, T: Real>(
        &self,
        a: &'a DMatrix<T>,
        samples: usize,
        patches: &'a mut Option<DMatrix<T>>,
    ) -> &'a DMatrix<T> {
        match &self.linear {
            Linear::Dense { .. } => a,
            Linear::Convolution(convolution) => {
                let patches = patches.get_or_insert_with(|| {
                    DMatrix::zeros(a.nrows() * self.places(), self.theta_shape().0)
                });
                convolution.patches(a.as_slice(), samples, patches);
                patches
            }
        }
    }

    /// `g_a ← ∂⟨G_Z, ÂΘ⟩/∂A`, rows × numbers of a sample or more, which are left alone.
    pub fn adjoint<T: Real>(
        &self,
        g_z: &DMatrix<T>,
        theta: &DMatrix<T>,
        g_a: &mut [T],
        scratch: &mut Scratch<T>,
        packing: &mut Packing<T>,
    ) {
        match &self.linear {
            Linear::Dense { inputs, .. } => {
                times_weights_transposed(g_z, theta, 0..*inputs, g_a, packing);
            }
            Linear::Convolution(convolution) => {
                convolution.adjoint(g_z, theta, g_a, &mut scratch.patch, packing);
            }
        }
    }

    /// `a ← σ(Z)` with zeros in the padding and the ones, for the `Z` that `write` writes (more than it has is left alone).
    pub fn activate<T: Real>(
        &self,
        samples: usize,
        arithmetic: Arithmetic,
        a: &mut DMatrix<T>,
        pool: &mut Pool<T>,
        write: impl FnOnce(&mut [T]),
    ) {
        let (rows, d) = (a.nrows(), a.ncols() - 1);
        let (values, ones) = a.as_mut_slice().split_at_mut(rows * d);
        match &self.pooling {
            None => {
                write(values);
                self.apply(values, arithmetic);
            }
            Some(pooling) => {
                let (_, outputs) = self.theta_shape();
                pool.values
                    .resize(rows * self.places() * outputs, T::zero());
                pool.winners.resize(rows * d, 0);
                write(&mut pool.values);
                self.apply(&mut pool.values, arithmetic);
                pooling.forward(&pool.values, rows, &mut pool.winners, values);
            }
        }
        ones.fill(T::one());
        if samples < rows {
            a.as_mut_slice()
                .chunks_exact_mut(rows)
                .for_each(|column| clear_padding(column, samples));
        }
    }

    fn apply<T: Real>(&self, z: &mut [T], arithmetic: Arithmetic) {
        if let Some(activation) = self.activation {
            activation.apply(z, arithmetic);
        }
    }

    /// `g_z ← J_σᵀ G_A` for the `G_A` that `write` writes, where `a` and `pool` are those of the forward pass. The slope at the
    /// largest number of a window is that of `a`.
    pub fn activate_adjoint<T: Real>(
        &self,
        arithmetic: Arithmetic,
        a: &DMatrix<T>,
        pool: &Pool<T>,
        g_z: &mut DMatrix<T>,
        scratch: &mut Scratch<T>,
        write: impl FnOnce(&mut [T], &mut Scratch<T>),
    ) {
        let values = &a.as_slice()[..a.len() - a.nrows()];
        let slope = |g: &mut [T]| {
            if let Some(activation) = self.activation {
                activation.times_slope(values, g, arithmetic);
            }
        };
        match &self.pooling {
            None => {
                write(g_z.as_mut_slice(), scratch);
                slope(g_z.as_mut_slice());
            }
            Some(pooling) => {
                let mut pooled = std::mem::take(&mut scratch.pooled);
                pooled.resize(values.len(), T::zero());
                write(&mut pooled, scratch);
                slope(&mut pooled);
                pooling.backward(&pooled, a.nrows(), &pool.winners, g_z.as_mut_slice());
                scratch.pooled = pooled;
            }
        }
    }
}
