//! What is asked of a processor with fused multiply-adds over vectors. Knows matrices as strides, no layer, and not how many
//! numbers a vector has.

#[cfg(not(target_arch = "wasm32"))]
mod kernels;

use super::arithmetic::Processor;

/// A factor of a product: its entry of output `i` (a row of the first factor, a column of the second) and term `s` is
/// `numbers[i * output + s * term]`. One of the strides is 1.
#[derive(Clone, Copy, Debug)]
pub struct Factor<'a, T> {
    /// From the first entry on.
    pub numbers: &'a [T],
    /// From one output to the next.
    pub output: usize,
    /// From one term to the next.
    pub term: usize,
}

impl<'a, T> Factor<'a, T> {
    /// What belongs to one term lies side by side, and the next term `stride` further.
    pub fn terms_apart(numbers: &'a [T], stride: usize) -> Self {
        Factor {
            numbers,
            output: 1,
            term: stride,
        }
    }

    /// What belongs to one output lies side by side, and the next output `stride` further.
    pub fn outputs_apart(numbers: &'a [T], stride: usize) -> Self {
        Factor {
            numbers,
            output: stride,
            term: 1,
        }
    }
}

/// What the sums of a product are added to.
#[derive(Clone, Copy, Debug)]
pub enum Start<'a, T> {
    /// Nothing.
    Zero,
    /// In column `j`, the number `[j * stride]`.
    Columns(&'a [T], usize),
    /// What stands there.
    Kept,
}

/// The second factor of a product, laid out for it.
#[derive(Clone, Debug)]
pub struct Packed<T> {
    /// By runs of terms, by panels of columns.
    pub numbers: Vec<T>,
    /// Its columns.
    pub columns: usize,
    /// Its rows.
    pub terms: usize,
}

impl<T> Default for Packed<T> {
    fn default() -> Self {
        Packed {
            numbers: Vec::new(),
            columns: 0,
            terms: 0,
        }
    }
}

/// A product of a first factor of so many rows and the packed one.
#[derive(Debug)]
pub struct Product<'a, T> {
    /// The first factor.
    pub factor: Factor<'a, T>,
    /// Its rows.
    pub rows: usize,
    /// The second factor.
    pub packed: &'a Packed<T>,
    /// What is added to.
    pub start: Start<'a, T>,
    /// Whether entries above the diagonal may be left as they are.
    pub lower: bool,
    /// The matrix, by columns.
    pub out: &'a mut [T],
    /// From one column of it to the next.
    pub stride: usize,
    /// Scratch memory; grows to what the largest product needs, then stays.
    pub panels: &'a mut Vec<T>,
}

/// One thing to be done.
#[derive(Debug)]
pub enum Task<'a, T> {
    /// Lays the second factor out.
    Pack {
        /// The factor.
        factor: Factor<'a, T>,
        /// Its columns.
        columns: usize,
        /// Its rows.
        terms: usize,
        /// Whether its negative is meant.
        negative: bool,
        /// Where it is laid.
        to: &'a mut Packed<T>,
    },
    /// Multiplies.
    Multiply(Product<'a, T>),
    /// Replaces every entry by its `tanh`, within 6 ulp, never beyond ±1.
    Tanh(&'a mut [T]),
}

impl Processor {
    /// Does it.
    ///
    /// # Panics
    /// When factors and shapes do not fit.
    pub(super) fn run(self, task: Task<f32>) {
        #[cfg(not(target_arch = "wasm32"))]
        self.0.dispatch(task);
        #[cfg(target_arch = "wasm32")]
        {
            let (none, _) = (self.0, task);
            match none {}
        }
    }
}
