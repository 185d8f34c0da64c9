//! Convolutions as linear maps of patches, `Z = ÂΘ`: one row per place and sample, one column per cell of the kernel and
//! channel, and the ones. Knows no nonlinearity.
//!
//! The samples of a place lie side by side: as memory `Z`, rows of places and samples × outputs, is the planes of the next
//! layer, rows of samples × planes, and a patch is copied in runs of samples.

use super::Real;
use super::product::{Packing, clear_padding, times_weights_transposed};
use super::window::{Planes, Windows};
use nalgebra::DMatrix;

/// The shape of a convolution. Rows of its `Θ` are ordered by channel, row and column of the kernel; the last is the bias.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Convolution {
    /// Where its kernel stands.
    pub windows: Windows,
    /// Channels that it makes.
    pub outputs: usize,
}

impl Convolution {
    /// Weights of one output: cells of the kernel in every channel.
    pub fn inputs(&self) -> usize {
        self.windows.over().channels * self.windows.cells()
    }

    /// What it makes of an image.
    pub fn planes(&self) -> Planes {
        self.windows.planes(self.outputs)
    }

    /// `patches ← Â` from images `a` as columns of `rows` samples, the first `samples` of which are some.
    ///
    /// # Panics
    /// When shapes do not fit.
    pub fn patches<T: Real>(&self, a: &[T], samples: usize, patches: &mut DMatrix<T>) {
        let shape = (self.windows.places(), self.inputs() + 1);
        let (all, columns) = patches.shape();
        let rows = all / shape.0;
        assert_eq!(
            (rows * shape.0, columns),
            (all, shape.1),
            "patches: wrong shape"
        );
        let planes = a.chunks_exact(rows * self.windows.over().area());
        let (patches, ones) = patches.as_mut_slice().split_at_mut(all * (columns - 1));
        let mut columns = patches.chunks_exact_mut(all);
        for plane in planes.take(self.windows.over().channels) {
            for (cell, column) in (0..self.windows.cells()).zip(&mut columns) {
                let blocks = column.chunks_exact_mut(rows);
                for (to, under) in blocks.zip(self.windows.under(cell)) {
                    match under {
                        Some(at) => to.copy_from_slice(&plane[at * rows..][..rows]),
                        None => to.fill(T::zero()),
                    }
                }
            }
        }
        for ones in ones.chunks_exact_mut(rows) {
            ones.fill(T::one());
            clear_padding(ones, samples);
        }
    }

    /// `g_a ← ∂⟨G_Z, ÂΘ⟩/∂A`: every entry of a patch is added where it came from. `patch` is scratch.
    ///
    /// # Panics
    /// When shapes do not fit.
    pub fn adjoint<T: Real>(
        &self,
        g_z: &DMatrix<T>,
        theta: &DMatrix<T>,
        g_a: &mut [T],
        patch: &mut Vec<T>,
        packing: &mut Packing<T>,
    ) {
        let (all, cells) = (g_z.nrows(), self.windows.cells());
        let rows = all / self.windows.places();
        // One channel's patches at a time: they are small, and in the cache when they are added.
        patch.resize(all * cells, T::zero());
        let planes = g_a.chunks_exact_mut(rows * self.windows.over().area());
        for (channel, plane) in (0..self.windows.over().channels).zip(planes) {
            let weights = channel * cells..(channel + 1) * cells;
            times_weights_transposed(g_z, theta, weights, patch, packing);
            plane.fill(T::zero());
            for (cell, column) in patch.chunks_exact(all).enumerate() {
                let blocks = column.chunks_exact(rows).zip(self.windows.under(cell));
                for (from, at) in blocks.filter_map(|(from, under)| Some((from, under?))) {
                    let to = plane[at * rows..][..rows].iter_mut();
                    to.zip(from).for_each(|(to, &from)| *to += from);
                }
            }
        }
    }
}
