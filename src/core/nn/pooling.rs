//! Max-pooling of planes. Knows no activation and no weight.

use super::Real;
use super::window::{Planes, Windows};

/// The largest number of every window, the first one of several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pooling(Windows);

impl Pooling {
    /// Windows of `size × size` cells (at most 15), `stride` apart; `None` where not one fits.
    ///
    /// # Panics
    /// When a window has more cells.
    pub fn new(over: Planes, size: usize, stride: usize) -> Option<Pooling> {
        assert!(size <= 15, "pooling: cells are numbered by bytes");
        Windows::new(over, size, stride, 0).map(Pooling)
    }

    /// Where its windows stand.
    pub fn windows(&self) -> &Windows {
        &self.0
    }

    /// What it makes of an image.
    pub fn planes(&self) -> Planes {
        self.0.planes(self.0.over().channels)
    }

    /// `to ← max`, and which cell each came from. Images are columns of `rows` samples. NaN is larger than any number.
    ///
    /// # Panics
    /// When the windows reach beside the planes.
    pub fn forward<T: Real>(&self, from: &[T], rows: usize, winners: &mut [u8], to: &mut [T]) {
        let (area, places) = (self.0.over().area() * rows, self.0.places() * rows);
        let outputs = to
            .chunks_exact_mut(places)
            .zip(winners.chunks_exact_mut(places));
        for (plane, (to, winners)) in from.chunks_exact(area).zip(outputs) {
            for cell in 0..self.0.cells() {
                let blocks = to
                    .chunks_exact_mut(rows)
                    .zip(winners.chunks_exact_mut(rows));
                for ((to, winners), at) in blocks.zip(self.0.under(cell)) {
                    let from = &plane[inside(at) * rows..][..rows];
                    for ((to, winner), &x) in to.iter_mut().zip(winners).zip(from) {
                        if cell == 0 || x > *to || x.partial_cmp(&x).is_none() {
                            (*to, *winner) = (x, cell as u8);
                        }
                    }
                }
            }
        }
    }

    /// `to ← Jᵀ g`: every number goes back to where the largest came from.
    ///
    /// # Panics
    /// When the windows reach beside the planes.
    pub fn backward<T: Real>(&self, g: &[T], rows: usize, winners: &[u8], to: &mut [T]) {
        let (area, places) = (self.0.over().area() * rows, self.0.places() * rows);
        let outputs = g.chunks_exact(places).zip(winners.chunks_exact(places));
        for (plane, (g, winners)) in to.chunks_exact_mut(area).zip(outputs) {
            plane.fill(T::zero());
            for cell in 0..self.0.cells() {
                let blocks = g.chunks_exact(rows).zip(winners.chunks_exact(rows));
                for ((g, winners), at) in blocks.zip(self.0.under(cell)) {
                    let to = &mut plane[inside(at) * rows..][..rows];
                    for ((to, &winner), &g) in to.iter_mut().zip(winners).zip(g) {
                        if winner == cell as u8 {
                            *to += g;
                        }
                    }
                }
            }
        }
    }
}

fn inside(at: Option<usize>) -> usize {
    at.expect("pooling has no padding")
}
