//! The three matrix products of a network, and the symmetric one of the proximal system.
//! They know nothing of layers: column-major matrices, columns contiguous over (padded) samples.
//!
//! Two shapes of inner loop suffice: sums over columns (a vector of samples times a broadcast weight)
//! and sums over samples (dot products of columns). Both keep a tile of sums in registers.

use super::arithmetic::{Arithmetic, Processor};
use super::fast::{Factor, Packed, Product, Start, Task};
use super::real::{LANES, Lanes, Real};
use nalgebra::DMatrix;
use std::ops::Range;
use std::slice::ChunksExact;

/// Rows that hold `samples` samples: whole vectors, and a column stride that does not make columns
/// collide in the cache. Rows beyond the samples are kept zero.
pub fn padded_rows(samples: usize) -> usize {
    let rows = samples.next_multiple_of(LANES);
    if rows.is_multiple_of(128) {
        rows + 2 * LANES
    } else {
        rows
    }
}

/// Zeroes the rows of a padded column from `samples` on.
// Lane by lane: for a handful of numbers, the call that a `fill` becomes costs more.
pub fn clear_padding<T: Real>(column: &mut [T], samples: usize) {
    let mut kept = samples % LANES;
    for vector in &mut column.as_chunks_mut::<LANES>().0[samples / LANES..] {
        for (lane, x) in vector.iter_mut().enumerate() {
            if lane >= kept {
                *x = T::zero();
            }
        }
        kept = 0;
    }
}

/// Columns of a tile.
const COLUMNS: usize = 4;
/// Vectors of samples of a tile; with `COLUMNS` as many sums as fit the registers.
const PANEL: usize = 2;
/// Columns of a tile for a product that has no more, as a head of two classes has.
const FEW: usize = 2;
/// Vectors of samples of such a tile; as many sums.
const TALL: usize = COLUMNS * PANEL / FEW;
/// Beyond this many terms the strided reads of a row panel miss the cache, and copying it first pays.
const PACK_TERMS: usize = 48;

/// From so many multiply-adds on a fast product takes less time than a portable one, its packing included.
const PAYS: usize = 40_000;
/// So many rows and columns it has to have at least: tiles of fewer are mostly padding, and packing takes the time.
const NARROW: usize = 8;

/// Scratch memory of the products, and the arithmetic that they are made in; grows to the largest product seen, then stays.
#[derive(Clone, Debug)]
pub struct Packing<T: Real> {
    arithmetic: Arithmetic,
    /// What the fast arithmetic packs.
    packed: Packed<T>,
    panels: Vec<T>,
    /// In blocks of as many outputs as a tile has columns: where their sums start, then their weights, term by term.
    weights: Vec<T>,
    panel: Vec<[T; LANES]>,
}

impl<T: Real> Default for Packing<T> {
    /// For the portable arithmetic.
    fn default() -> Self {
        Packing::new(Arithmetic::Portable)
    }
}

impl<T: Real> Packing<T> {
    /// For this arithmetic, or the portable one where this precision has no other.
    pub fn new(arithmetic: Arithmetic) -> Self {
        Packing {
            arithmetic: T::arithmetic(arithmetic),
            packed: Packed::default(),
            panels: Vec::new(),
            weights: Vec::new(),
            panel: Vec::new(),
        }
    }

    /// The arithmetic that products are made in.
    pub fn arithmetic(&self) -> Arithmetic {
        self.arithmetic
    }

    /// The processor for a product of so many rows, columns and terms, if it pays.
    fn fast(&self, [rows, columns, terms]: [usize; 3]) -> Option<Processor> {
        match self.arithmetic {
            Arithmetic::Fast(processor) => {
                let pays = rows.min(columns) >= NARROW && rows * columns * terms >= PAYS;
                pays.then_some(processor)
            }
            Arithmetic::Portable => None,
        }
    }

    /// Whether products of so many rows, columns and terms are fast ones.
    pub fn pays(&self, shape: [usize; 3]) -> bool {
        self.fast(shape).is_some()
    }

    /// Lays the second factor of a fast product out, `terms × columns`, or its negative.
    pub fn pack(
        &mut self,
        processor: Processor,
        factor: Factor<T>,
        (terms, columns): (usize, usize),
        negative: bool,
    ) {
        let to = &mut self.packed;
        let task = Task::Pack {
            factor,
            columns,
            terms,
            negative,
            to,
        };
        T::run(processor, task);
    }

    /// `out ← XᵀY`, or its lower triangle.
    fn dots(
        &mut self,
        processor: Processor,
        x: &DMatrix<T>,
        y: &DMatrix<T>,
        lower: bool,
        out: &mut [T],
    ) {
        let (rows, k) = x.shape();
        let [x, second] = [x, y].map(|m| Factor::outputs_apart(m.as_slice(), rows));
        self.pack(processor, second, (rows, y.ncols()), false);
        self.multiply(processor, (x, k), Start::Zero, lower, (out, k));
    }

    /// `out ← start + factor · packed`, of so many rows; of a `lower` one entries above the diagonal may be left as they
    /// are. From one column of `out` to the next it is `stride`.
    pub fn multiply(
        &mut self,
        processor: Processor,
        (factor, rows): (Factor<T>, usize),
        start: Start<T>,
        lower: bool,
        (out, stride): (&mut [T], usize),
    ) {
        let product = Product {
            factor,
            rows,
            packed: &self.packed,
            start,
            lower,
            out,
            stride,
            panels: &mut self.panels,
        };
        T::run(processor, Task::Multiply(product));
    }
}

/// `z ← Â Θ`: `a` is `rows × (k+1)` (its last column, the ones, is not read), `theta` is `(k+1) × m`,
/// `z` is `rows × m` by columns, or longer, and the rest is left alone. Padding rows of `z` hold the bias.
///
/// # Panics
/// When shapes do not fit.
pub fn affine<T: Real>(a: &DMatrix<T>, theta: &DMatrix<T>, z: &mut [T], packing: &mut Packing<T>) {
    times(a, theta, true, z, packing);
}

/// `z ← A W`, the same without the bias: what [`affine`] does to a change of `A`.
///
/// # Panics
/// When shapes do not fit.
pub fn times_weights<T: Real>(
    a: &DMatrix<T>,
    theta: &DMatrix<T>,
    z: &mut [T],
    packing: &mut Packing<T>,
) {
    times(a, theta, false, z, packing);
}

fn times<T: Real>(
    a: &DMatrix<T>,
    theta: &DMatrix<T>,
    biased: bool,
    z: &mut [T],
    packing: &mut Packing<T>,
) {
    let (terms, stride, m) = (theta.nrows() - 1, theta.nrows(), theta.ncols());
    assert_eq!(a.ncols(), terms + 1, "affine: Â and Θ do not fit");
    assert!(z.len() >= a.nrows() * m, "affine: no room in z");
    let theta = theta.as_slice();
    if let Some(processor) = packing.fast([a.nrows(), m, terms]) {
        let rows = a.nrows();
        let first = Factor::terms_apart(a.as_slice(), rows);
        let second = Factor::outputs_apart(theta, stride);
        packing.pack(processor, second, (terms, m), false);
        let start = if biased {
            Start::Columns(&theta[terms..], stride)
        } else {
            Start::Zero
        };
        packing.multiply(processor, (first, rows), start, false, (z, rows));
        return;
    }
    let start = |c: usize| {
        if biased {
            theta[terms + c * stride]
        } else {
            T::zero()
        }
    };
    let weight = |s: usize, c: usize| theta[s + c * stride];
    if m <= FEW {
        packing.set_weights::<FEW>(terms, m, start, weight);
        sum_columns::<T, FEW, TALL>(a, terms, m, Part::All, z, packing);
    } else {
        packing.set_weights::<COLUMNS>(terms, m, start, weight);
        sum_columns::<T, COLUMNS, PANEL>(a, terms, m, Part::All, z, packing);
    }
}

/// `g_a ← G_Z Wᵀ` with the rows `W` of `theta`, as many as columns of `g_a`, by columns; what is longer is left alone.
///
/// # Panics
/// When shapes do not fit.
pub fn times_weights_transposed<T: Real>(
    g_z: &DMatrix<T>,
    theta: &DMatrix<T>,
    weights: Range<usize>,
    g_a: &mut [T],
    packing: &mut Packing<T>,
) {
    let (k, stride) = (weights.len(), theta.nrows());
    assert_eq!(
        g_z.ncols(),
        theta.ncols(),
        "transposed product: G and Θ do not fit"
    );
    assert!(
        g_a.len() >= g_z.nrows() * k,
        "transposed product: no room in g_a"
    );
    let theta = &theta.as_slice()[weights.start..];
    if let Some(processor) = packing.fast([g_z.nrows(), k, g_z.ncols()]) {
        let rows = g_z.nrows();
        let first = Factor::terms_apart(g_z.as_slice(), rows);
        let second = Factor::terms_apart(theta, stride);
        packing.pack(processor, second, (g_z.ncols(), k), false);
        packing.multiply(processor, (first, rows), Start::Zero, false, (g_a, rows));
        return;
    }
    packing.set_weights::<COLUMNS>(g_z.ncols(), k, |_| T::zero(), |s, c| theta[c + s * stride]);
    sum_columns::<T, COLUMNS, PANEL>(g_z, g_z.ncols(), k, Part::All, g_a, packing);
}

impl<T: Real> Packing<T> {
    fn set_weights<const C: usize>(
        &mut self,
        terms: usize,
        outputs: usize,
        start: impl Fn(usize) -> T,
        weight: impl Fn(usize, usize) -> T,
    ) {
        self.weights.clear();
        for first in (0..outputs).step_by(C) {
            // Columns that fill the last block are computed, but not stored.
            let column = |c: usize| (first + c).min(outputs - 1);
            let starts: [T; C] = std::array::from_fn(|c| start(column(c)));
            self.weights.extend_from_slice(&starts);
            for s in 0..terms {
                let weights: [T; C] = std::array::from_fn(|c| weight(s, column(c)));
                self.weights.extend_from_slice(&weights);
            }
        }
    }
}

/// What is asked of a product.
#[derive(Clone, Copy)]
enum Part {
    All,
    /// And some of the upper one.
    LowerTriangle,
}

/// `out[:, c] ← start(c) + Σ_s x[:, s] w(s, c)` for the packed starts and weights, in tiles of `C` columns and `V` vectors.
fn sum_columns<T: Real, const C: usize, const V: usize>(
    x: &DMatrix<T>,
    terms: usize,
    outputs: usize,
    part: Part,
    out: &mut [T],
    packing: &mut Packing<T>,
) {
    assert_eq!(x.nrows() % LANES, 0, "columns must be padded");
    let stride = x.nrows() / LANES;
    let Packing { weights, panel, .. } = packing;
    let x = x.as_slice().as_chunks().0[..terms * stride].chunks_exact(stride);
    let out = out.as_chunks_mut().0;
    let weights = weights.as_chunks::<C>().0;
    let up_to = |end: usize| {
        let outputs = match part {
            Part::All => outputs,
            Part::LowerTriangle => outputs.min(end * LANES),
        };
        let blocks = outputs.div_ceil(C);
        let blocks = weights[..blocks * (terms + 1)].chunks_exact(terms + 1);
        (blocks, outputs * stride)
    };
    let whole = stride - stride % V;
    for row in (0..whole).step_by(V) {
        let (blocks, end) = up_to(row + V);
        sum_panel::<T, C, V>(x.clone(), blocks, row, &mut out[..end], stride, panel);
    }
    for row in whole..stride {
        let (blocks, end) = up_to(row + 1);
        sum_panel::<T, C, 1>(x.clone(), blocks, row, &mut out[..end], stride, panel);
    }
}

/// The rows of `out` from `row` on, `V` of them, for the columns `x`; all in vectors.
#[inline(always)]
fn sum_panel<T: Real, const C: usize, const V: usize>(
    x: ChunksExact<[T; LANES]>,
    blocks: ChunksExact<[T; C]>,
    row: usize,
    out: &mut [[T; LANES]],
    stride: usize,
    panel: &mut Vec<[T; LANES]>,
) {
    let pack = x.len() >= PACK_TERMS;
    let strided = x.map(|column| column[row..].first_chunk::<V>().expect("whole vectors"));
    if pack {
        panel.clear();
        panel.extend(strided.clone().flatten());
    }
    for (block, first) in blocks.zip((row..).step_by(C * stride)) {
        let sums: [[T::Lanes; V]; C] = if pack {
            tile(panel.as_chunks().0.iter(), block)
        } else {
            tile(strided.clone(), block)
        };
        for (sums, at) in sums.into_iter().zip((first..out.len()).step_by(stride)) {
            for (to, sum) in out[at..at + V].iter_mut().zip(sums) {
                sum.store(to);
            }
        }
    }
}

/// `V` vectors of samples against `C` outputs.
#[inline(always)]
fn tile<'a, T: Real, const C: usize, const V: usize>(
    x: impl Iterator<Item = &'a [[T; LANES]; V]>,
    block: &[[T; C]],
) -> [[T::Lanes; V]; C] {
    let (starts, weights) = block.split_first().expect("a block starts with its starts");
    let mut sums = starts.map(|start| [T::Lanes::splat(start); V]);
    for (x, w) in x.zip(weights) {
        let x = x.each_ref().map(T::Lanes::load);
        for (sums, w) in sums.iter_mut().zip(w) {
            let w = T::Lanes::splat(*w);
            for (sum, x) in sums.iter_mut().zip(x) {
                *sum = *sum + x * w;
            }
        }
    }
    sums
}

/// Columns of the second factor whose data stay in the first-level cache while the first factor streams by.
const BLOCK: usize = 8;

/// `out ← Xᵀ Y` over all rows: `x` is `rows × k`, `y` is `rows × m`, `out` is `k × m`.
///
/// # Panics
/// When shapes do not fit.
pub fn transposed_times<T: Real>(
    x: &DMatrix<T>,
    y: &DMatrix<T>,
    out: &mut DMatrix<T>,
    packing: &mut Packing<T>,
) {
    assert_eq!(
        x.nrows(),
        y.nrows(),
        "transposed product: different samples"
    );
    assert_eq!(
        out.shape(),
        (x.ncols(), y.ncols()),
        "transposed product: wrong shape"
    );
    let k = x.ncols();
    let out = out.as_mut_slice();
    if let Some(processor) = packing.fast([k, y.ncols(), x.nrows()]) {
        packing.dots(processor, x, y, false, out);
        return;
    }
    dots(x, y, |_| 0, |i, j, v| out[i + j * k] = v);
}

/// `out ← XᵀX`, computing the lower triangle once and mirroring it.
///
/// # Panics
/// When `out` is not square of the columns of `x`.
pub fn gram<T: Real>(x: &DMatrix<T>, out: &mut DMatrix<T>, packing: &mut Packing<T>) {
    let k = x.ncols();
    assert_eq!(out.shape(), (k, k), "gram: wrong shape");
    if let Some(processor) = packing.fast([k, k, x.nrows()]) {
        packing.dots(processor, x, x, true, out.as_mut_slice());
        out.fill_upper_triangle_with_lower_triangle();
        return;
    }
    let out = out.as_mut_slice();
    dots(
        x,
        x,
        |j| j,
        |i, j, v| {
            out[i + j * k] = v;
            out[j + i * k] = v;
        },
    );
}

/// `out ← S Y` of a symmetric `S`, by a fast product.
///
/// # Panics
/// When shapes do not fit, or a product of this shape does not [pay](Packing::pays).
pub fn symmetric_times<T: Real>(
    s: &DMatrix<T>,
    y: &DMatrix<T>,
    out: &mut DMatrix<T>,
    packing: &mut Packing<T>,
) {
    let (n, m) = y.shape();
    assert_eq!(
        (s.shape(), out.shape()),
        ((n, n), (n, m)),
        "symmetric product: wrong shape"
    );
    let Some(processor) = packing.fast([n, m, n]) else {
        panic!("symmetric product: {n} x {n} by {m} does not pay");
    };
    let second = Factor::outputs_apart(y.as_slice(), n);
    packing.pack(processor, second, (n, m), false);
    let first = (Factor::terms_apart(s.as_slice(), n), n);
    let out = (out.as_mut_slice(), n);
    packing.multiply(processor, first, Start::Zero, false, out);
}

/// `out ← XXᵀ`, the lower triangle of it, and some of the upper one.
///
/// # Panics
/// When `out` is not square of the rows of `x`.
pub fn gram_of_rows<T: Real>(x: &DMatrix<T>, out: &mut DMatrix<T>, packing: &mut Packing<T>) {
    let rows = x.nrows();
    assert_eq!(out.shape(), (rows, rows), "gram: wrong shape");
    let numbers = x.as_slice();
    if let Some(processor) = packing.fast([rows, rows, x.ncols()]) {
        let side = Factor::terms_apart(numbers, rows);
        packing.pack(processor, side, (x.ncols(), rows), false);
        let out = (out.as_mut_slice(), rows);
        packing.multiply(processor, (side, rows), Start::Zero, true, out);
        return;
    }
    packing.set_weights::<COLUMNS>(x.ncols(), rows, |_| T::zero(), |s, c| numbers[c + s * rows]);
    let out = out.as_mut_slice();
    sum_columns::<T, COLUMNS, PANEL>(x, x.ncols(), rows, Part::LowerTriangle, out, packing);
}

/// Hands `⟨x_i, y_j⟩` to `put` for all `i ≥ from(j)`, and some others.
#[inline(always)]
fn dots<T: Real>(
    x: &DMatrix<T>,
    y: &DMatrix<T>,
    from: impl Fn(usize) -> usize,
    mut put: impl FnMut(usize, usize, T),
) {
    assert_eq!(x.nrows() % LANES, 0, "columns must be padded");
    let (stride, k, m) = (x.nrows() / LANES, x.ncols(), y.ncols());
    let (x, y) = (x.as_slice().as_chunks().0, y.as_slice().as_chunks().0);
    let x = |i: usize| &x[i * stride..(i + 1) * stride];
    let y = |j: usize| &y[j * stride..(j + 1) * stride];
    // One or two left over, as the ones beside a layer's neurons, would fill half of a tile at most.
    let rest = k % COLUMNS;
    let whole = if rest * 2 <= COLUMNS { k - rest } else { k };
    for block in (0..m).step_by(BLOCK) {
        let end = (block + BLOCK).min(m);
        for i in (from(block) / COLUMNS * COLUMNS..whole).step_by(COLUMNS) {
            let width = COLUMNS.min(k - i);
            let left = std::array::from_fn(|n| x(i + n.min(width - 1)));
            for j in (block..end).step_by(2) {
                if from(j) >= i + width {
                    break;
                }
                let j2 = (j + 1).min(end - 1);
                for (j, sums) in [j, j2].into_iter().zip(dots_of(left, [y(j), y(j2)])) {
                    for (n, sum) in sums.into_iter().enumerate().take(width) {
                        put(i + n, j, sum);
                    }
                }
            }
        }
    }
    // The ones alone, or with one more.
    if whole + 1 == k {
        beside(y, m, [(whole, x(whole))], put);
    } else if whole < k {
        beside(y, m, [whole, k - 1].map(|i| (i, x(i))), put);
    }
}

/// Hands `⟨x_i, y_j⟩` to `put` for the few `x` that are left, and all `j`.
#[inline(always)]
fn beside<'a, T: Real, const N: usize>(
    y: impl Fn(usize) -> &'a [[T; LANES]],
    m: usize,
    x: [(usize, &[[T; LANES]]); N],
    mut put: impl FnMut(usize, usize, T),
) {
    for j in (0..m).step_by(COLUMNS) {
        let width = COLUMNS.min(m - j);
        let left = std::array::from_fn(|n| y(j + n.min(width - 1)));
        let sums = dots_of(left, x.map(|(_, x)| x));
        for ((i, _), sums) in x.into_iter().zip(sums) {
            for (n, sum) in sums.into_iter().enumerate().take(width) {
                put(i, j + n, sum);
            }
        }
    }
}

/// `⟨a, b⟩` of four columns with a few.
#[inline(always)]
fn dots_of<T: Real, const N: usize>(
    a: [&[[T; LANES]]; COLUMNS],
    b: [&[[T; LANES]]; N],
) -> [[T; COLUMNS]; N] {
    let mut sums = [[T::Lanes::splat(T::zero()); COLUMNS]; N];
    for i in 0..a[0].len() {
        let a = a.map(|a| T::Lanes::load(&a[i]));
        for (sums, b) in sums.iter_mut().zip(b) {
            let b = T::Lanes::load(&b[i]);
            for (sum, a) in sums.iter_mut().zip(a) {
                *sum = *sum + a * b;
            }
        }
    }
    sums.map(|of| {
        let mut dots = [T::zero(); COLUMNS];
        T::Lanes::sums(of).flushed().store(&mut dots);
        dots
    })
}

/// `⟨x, y⟩` of two slices of any length.
pub fn dot<T: Real>(x: &[T], y: &[T]) -> T {
    dot_in::<T, 1>(x, y)
}

/// `⟨x, y⟩` of two slices of any length, summed in so many vectors, none of which waits for another.
#[inline(always)]
pub fn dot_in<T: Real, const VECTORS: usize>(x: &[T], y: &[T]) -> T {
    let ((x4, x), (y4, y)) = (x.as_chunks(), y.as_chunks());
    let ((blocks, x4), (others, y4)) = (x4.as_chunks::<VECTORS>(), y4.as_chunks::<VECTORS>());
    let mut sums = [T::Lanes::splat(T::zero()); VECTORS];
    let mut add = |x: &[[T; LANES]], y: &[[T; LANES]]| {
        for ((sum, x), y) in sums.iter_mut().zip(x).zip(y) {
            *sum = *sum + T::Lanes::load(x) * T::Lanes::load(y);
        }
    };
    blocks.iter().zip(others).for_each(|(x, y)| add(x, y));
    add(x4, y4);
    let sum = sums[1..].iter().fold(sums[0], |sum, &more| sum + more);
    x.iter().zip(y).fold(sum.sum(), |s, (&x, &y)| s + x * y)
}

/// `y ← y + s x`.
pub fn add_scaled<T: Real>(y: &mut [T], s: T, x: &[T]) {
    y.iter_mut().zip(x).for_each(|(y, &x)| *y += s * x);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn filled(rows: usize, cols: usize, samples: usize, salt: u64) -> DMatrix<f64> {
        DMatrix::from_fn(rows, cols, |i, j| {
            if i < samples {
                (((i * 31 + j * 17) as u64 + salt) % 23) as f64 / 7.0 - 1.5
            } else {
                0.0
            }
        })
    }

    proptest! {
        #[test]
        fn products_agree_with_nalgebra(n in 1usize..40, k in 1usize..70, m in 1usize..20, salt in 0u64..1000) {
            let rows = padded_rows(n);
            let mut a = filled(rows, k + 1, n, salt);
            for i in 0..rows { a[(i, k)] = if i < n { 1.0 } else { 0.0 } }
            let theta = filled(k + 1, m, k + 1, salt + 5);
            let mut packing = Packing::default();
            let mut z = DMatrix::zeros(rows, m);
            affine(&a, &theta, z.as_mut_slice(), &mut packing);
            let expected = &a * &theta;
            prop_assert!((z.rows(0, n) - expected.rows(0, n)).amax() < 1e-10);

            let mut z = DMatrix::zeros(rows, m);
            times_weights(&a, &theta, z.as_mut_slice(), &mut packing);
            prop_assert!((z - a.columns(0, k) * theta.rows(0, k)).amax() < 1e-10);

            let mut back = DMatrix::zeros(rows, k);
            times_weights_transposed(&expected, &theta, 0..k, back.as_mut_slice(), &mut packing);
            prop_assert!((back - &expected * theta.rows(0, k).transpose()).amax() < 1e-9);

            let mut g = DMatrix::zeros(k + 1, m);
            transposed_times(&a, &expected, &mut g, &mut packing);
            prop_assert!((g - a.transpose() * &expected).amax() < 1e-8);

            let mut s = DMatrix::zeros(k + 1, k + 1);
            gram(&a, &mut s, &mut packing);
            prop_assert!((s - a.transpose() * &a).amax() < 1e-9);

            let mut s = DMatrix::zeros(rows, rows);
            gram_of_rows(&a, &mut s, &mut packing);
            prop_assert!((s - &a * a.transpose()).lower_triangle().amax() < 1e-9);
        }
    }
}
