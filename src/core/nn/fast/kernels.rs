//! The loops of the fast arithmetic, over vectors of any width. Knows what a task is, and no layer.
//!
//! An entry of a product is one chain of fused multiply-adds over its terms, in runs of [`DEPTH`], whatever the tile that
//! it lies in: processors with wider and narrower vectors agree to the bit.

use super::super::real::Real;
use super::super::tanh::{LIMIT, P, Q};
use super::{Factor, Packed, Product, Start, Task};
use pulp::{Simd, WithSimd};
use std::ops::Range;
use wide::f32x4;

/// Terms that are summed before the sums go to memory: a panel of the second factor then stays in the first-level cache.
const DEPTH: usize = 640;
/// About so many rows of the first factor are packed at once: at `DEPTH`, half a second-level cache.
const ROWS: usize = 192;
/// So many panels of the second factor are packed side by side: where they lie a power of two apart, more of them would push
/// each other out of the first-level cache.
const PANELS: usize = 4;
/// Bytes of a cache line.
const LINE: usize = 64;

impl WithSimd for Task<'_, f32> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        // As many sums as fit the registers: so many vectors of rows, so many columns.
        if S::REGISTER_COUNT >= 32 {
            run::<S, 3, 8>(simd, self);
        } else {
            run::<S, 2, 6>(simd, self);
        }
    }
}

#[inline(always)]
fn run<S: Simd, const V: usize, const C: usize>(simd: S, task: Task<f32>) {
    match task {
        Task::Pack {
            factor,
            columns,
            terms,
            negative,
            to,
        } => pack_columns::<C>(factor, columns, terms, negative, to),
        Task::Multiply(product) => multiply::<S, V, C>(simd, product),
        Task::Tanh(x) => {
            let (vectors, rest) = S::as_mut_simd_f32s(x);
            vectors.iter_mut().for_each(|x| *x = tanh(simd, *x));
            let last = tanh(simd, simd.partial_load_f32s(rest));
            simd.partial_store_f32s(rest, last);
        }
    }
}

#[inline(always)]
fn tanh<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    let splat = |x| simd.splat_f32s(x);
    let polynomial = |coefficients: [f32; 5], x| {
        let [first, rest @ ..] = coefficients;
        let step = |y, c| simd.mul_add_f32s(y, x, splat(c));
        rest.into_iter().fold(splat(first), step)
    };
    // NaN stays NaN: with one, the instruction answers its second operand, or NaN.
    let x = simd.max_f32s(splat(-LIMIT), simd.min_f32s(splat(LIMIT), x));
    let x = flushed(simd, x);
    let square = simd.mul_f32s(x, x);
    let above = simd.mul_f32s(x, polynomial(P, square));
    let tanh = simd.div_f32s(above, polynomial(Q, square));
    simd.max_f32s(splat(-1.0), simd.min_f32s(splat(1.0), tanh))
}

/// Room for so many numbers, from the start of a cache line on.
fn room(scratch: &mut Vec<f32>, numbers: usize) -> &mut [f32] {
    const MORE: usize = LINE / size_of::<f32>();
    if scratch.len() < numbers + MORE {
        scratch.resize(numbers + MORE, 0.0);
    }
    let skip = scratch.as_ptr().align_offset(LINE);
    &mut scratch[skip..skip + numbers]
}

/// By runs of terms, by panels of `C` columns.
#[inline(always)]
fn pack_columns<const C: usize>(
    factor: Factor<f32>,
    columns: usize,
    terms: usize,
    negative: bool,
    to: &mut Packed<f32>,
) {
    (to.columns, to.terms) = (columns, terms);
    let whole = columns.next_multiple_of(C);
    let numbers = room(&mut to.numbers, whole * terms);
    for (run, from) in numbers.chunks_mut(whole * DEPTH).zip((0..).step_by(DEPTH)) {
        let depth = run.len() / whole;
        let block = PANELS * C;
        let panels = run.chunks_mut(block * depth).zip((0..).step_by(block));
        for (panels, first) in panels {
            pack(factor, first, block.min(columns - first), from, C, panels);
        }
        if negative {
            run.iter_mut().for_each(|x| *x = -*x);
        }
    }
}

/// `outputs` of a factor from `first` on, from term `from` on, in panels of `width` side by side, zeros filling the last one.
#[inline(always)]
fn pack(
    factor: Factor<f32>,
    first: usize,
    outputs: usize,
    from: usize,
    width: usize,
    to: &mut [f32],
) {
    let Factor {
        numbers,
        output,
        term,
    } = factor;
    let depth = to.len() / outputs.next_multiple_of(width);
    if !outputs.is_multiple_of(width) {
        let last = to.len() - width * depth;
        to[last..].fill(0.0);
    }
    if output == 1 {
        for (s, at) in (0..depth).zip((from * term + first..).step_by(term)) {
            // All panels of a term at once: its numbers are a line of memory.
            let line = numbers[at..at + outputs].chunks(width);
            for (line, panel) in line.zip(to.chunks_exact_mut(width * depth)) {
                let at = s * width;
                copy(line, &mut panel[at..at + line.len()]);
            }
        }
        return;
    }
    assert_eq!(term, 1, "product: a factor without contiguous numbers");
    for (panel, done) in to.chunks_exact_mut(width * depth).zip((0..).step_by(width)) {
        let outputs = width.min(outputs - done);
        transpose(
            &numbers[(first + done) * output + from..],
            output,
            outputs,
            width,
            panel,
        );
    }
}

/// So many lines of numbers, `stride` apart, as columns of a matrix of rows of `width`.
#[inline(always)]
fn transpose(numbers: &[f32], stride: usize, outputs: usize, width: usize, to: &mut [f32]) {
    let depth = to.len() / width;
    let line = |i: usize| {
        let at = i * stride;
        &numbers[at..at + depth]
    };
    let fours = outputs - outputs % 4;
    for i in (0..fours).step_by(4) {
        let lines: [&[f32]; 4] = std::array::from_fn(|n| line(i + n));
        let blocks = lines.map(|line| line.as_chunks::<4>().0);
        for s in 0..depth / 4 {
            let block = f32x4::transpose(blocks.map(|block| f32x4::new(block[s])));
            for (to, x) in to[4 * s * width..].chunks_exact_mut(width).zip(block) {
                to[i..i + 4].copy_from_slice(&x.to_array());
            }
        }
        for s in depth - depth % 4..depth {
            for (n, line) in lines.iter().enumerate() {
                to[s * width + i + n] = line[s];
            }
        }
    }
    for i in fours..outputs {
        for (to, x) in to[i..].iter_mut().step_by(width).zip(line(i)) {
            *to = *x;
        }
    }
}

/// Vector by vector: for a handful of numbers, the call that a `copy_from_slice` becomes costs more.
#[inline(always)]
fn copy(from: &[f32], to: &mut [f32]) {
    let ((from, from_rest), (to, to_rest)) = (from.as_chunks::<8>(), to.as_chunks_mut::<8>());
    for (to, from) in to.iter_mut().zip(from) {
        *to = *from;
    }
    for (to, from) in to_rest.iter_mut().zip(from_rest) {
        *to = *from;
    }
}

#[inline(always)]
fn multiply<S: Simd, const V: usize, const C: usize>(simd: S, product: Product<f32>) {
    let Product {
        factor,
        rows,
        packed,
        mut start,
        lower,
        out,
        stride,
        panels,
    } = product;
    let Packed {
        ref numbers,
        columns,
        terms,
    } = *packed;
    let height = V * S::F32_LANES;
    let block = ROWS / height * height;
    let whole = columns.next_multiple_of(C);
    let skip = numbers.as_ptr().align_offset(LINE);
    let numbers = &numbers[skip..skip + whole * terms];
    for (run, from) in numbers.chunks(whole * DEPTH).zip((0..).step_by(DEPTH)) {
        let depth = run.len() / whole;
        for top in (0..rows).step_by(block) {
            let bottom = rows.min(top + block);
            let panels = room(panels, (bottom - top).next_multiple_of(height) * depth);
            let firsts = (top..bottom).step_by(height);
            let high = |first: usize| height.min(rows - first);
            pack(factor, top, bottom - top, from, height, panels);
            for (weights, column) in run.chunks_exact(C * depth).zip((0..).step_by(C)) {
                for (panel, first) in panels.chunks_exact(height * depth).zip(firsts.clone()) {
                    let high = high(first);
                    if lower && first + high <= column {
                        continue;
                    }
                    let tile = Tile::<S, V, C> {
                        panel: S::as_simd_f32s(panel).0.as_chunks().0,
                        weights: weights.as_chunks().0,
                        start,
                        columns: column..columns.min(column + C),
                        rows: first..first + high,
                        stride,
                    };
                    // A last panel is as high as it has to be.
                    match high.div_ceil(S::F32_LANES) {
                        1 => tile.fill::<1>(simd, out),
                        2 => tile.fill::<2>(simd, out),
                        _ => tile.fill::<V>(simd, out),
                    }
                }
            }
        }
        start = Start::Kept;
    }
}

/// A part of a product: the rows of a panel of `V` vectors against at most `C` columns.
struct Tile<'a, S: Simd, const V: usize, const C: usize> {
    panel: &'a [[S::f32s; V]],
    weights: &'a [[f32; C]],
    start: Start<'a, f32>,
    rows: Range<usize>,
    columns: Range<usize>,
    stride: usize,
}

impl<S: Simd, const V: usize, const C: usize> Tile<'_, S, V, C> {
    /// Its rows lie in the first `W` vectors.
    #[inline(always)]
    fn fill<const W: usize>(self, simd: S, out: &mut [f32]) {
        let sums = sums::<S, V, C, W>(simd, self.panel, self.weights);
        for (sums, column) in sums.iter().zip(self.columns) {
            let at = column * self.stride;
            let to = &mut out[at + self.rows.start..at + self.rows.end];
            match self.start {
                Start::Zero => add(simd, sums, to, |_| simd.splat_f32s(0.0)),
                Start::Columns(first, stride) => {
                    let first = simd.splat_f32s(first[column * stride]);
                    add(simd, sums, to, |_| first);
                }
                Start::Kept => add(simd, sums, to, |to| to),
            }
        }
    }
}

/// The first `W` vectors of rows against `C` columns.
#[inline(always)]
fn sums<S: Simd, const V: usize, const C: usize, const W: usize>(
    simd: S,
    panel: &[[S::f32s; V]],
    weights: &[[f32; C]],
) -> [[S::f32s; W]; C] {
    let mut sums = [[simd.splat_f32s(0.0); W]; C];
    for (x, w) in panel.iter().zip(weights) {
        for (sums, w) in sums.iter_mut().zip(w) {
            let w = simd.splat_f32s(*w);
            for (sum, x) in sums.iter_mut().zip(x) {
                *sum = simd.mul_add_f32s(*x, w, *sum);
            }
        }
    }
    sums
}

/// `to ← sums + start(to)`
#[inline(always)]
fn add<S: Simd, const V: usize>(
    simd: S,
    sums: &[S::f32s; V],
    to: &mut [f32],
    start: impl Fn(S::f32s) -> S::f32s,
) {
    let (whole, rest) = S::as_mut_simd_f32s(to);
    for (to, sum) in whole.iter_mut().zip(sums) {
        *to = flushed(simd, simd.add_f32s(*sum, start(*to)));
    }
    if !rest.is_empty() {
        let sum = simd.add_f32s(sums[whole.len()], start(simd.partial_load_f32s(rest)));
        simd.partial_store_f32s(rest, flushed(simd, sum));
    }
}

/// Each lane as [`Real::flushed`] leaves it.
#[inline(always)]
fn flushed<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    let negligible = simd.less_than_f32s(simd.abs_f32s(x), simd.splat_f32s(f32::NEGLIGIBLE));
    simd.select_f32s(negligible, simd.splat_f32s(0.0), x)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::arithmetic::{Processor, Vectors};
    use proptest::prelude::*;

    /// This machine with each of the widths that it has; none where it is none.
    fn processors() -> Vec<Processor> {
        #[cfg(target_arch = "x86_64")]
        let narrower = pulp::x86::V3::try_new().map(|v3| Processor(Vectors::V3(v3)));
        #[cfg(not(target_arch = "x86_64"))]
        let narrower: Option<Processor> = None;
        Processor::detect().into_iter().chain(narrower).collect()
    }

    fn numbers(count: usize, salt: usize) -> Vec<f32> {
        let number = |i: usize| ((i * 31 + salt * 17) % 101) as f32 / 50.0 - 1.0;
        (0..count).map(number).collect()
    }

    /// `out ← start + A B`, packed anew, with numbers around it that must stay.
    fn product(
        processor: Processor,
        (a, rows): (Factor<f32>, usize),
        (b, columns): (Factor<f32>, usize),
        (terms, negative): (usize, bool),
        (start, lower): (Start<f32>, bool),
        stride: usize,
    ) -> Vec<f32> {
        let (mut packed, mut panels) = (Packed::default(), Vec::new());
        let mut out = numbers(stride * columns, 5);
        let to = &mut packed;
        processor.run(Task::Pack {
            factor: b,
            columns,
            terms,
            negative,
            to,
        });
        processor.run(Task::Multiply(Product {
            factor: a,
            rows,
            packed: &packed,
            start,
            lower,
            out: &mut out,
            stride,
            panels: &mut panels,
        }));
        out
    }

    proptest! {
        #[test]
        fn a_product_is_a_product_and_has_the_same_bits_at_every_width(
            rows in 1usize..120, columns in 1usize..40, terms in prop_oneof![1usize..60, DEPTH - 2..DEPTH + 3],
            a_by_terms: bool, b_by_terms: bool, negative: bool, lower: bool, start in 0usize..3,
        ) {
            let (left, right) = (numbers(rows * terms, 1), numbers(columns * terms, 2));
            let factor = |numbers, outputs, by_terms| {
                if by_terms { Factor::terms_apart(numbers, outputs) } else { Factor::outputs_apart(numbers, terms) }
            };
            let (a, b) = (factor(&left[..], rows, a_by_terms), factor(&right[..], columns, b_by_terms));
            let bias = numbers(3 * columns, 3);
            let stride = rows + 3;
            let before = numbers(stride * columns, 5);
            let start = [Start::Zero, Start::Columns(&bias, 3), Start::Kept][start];
            let mut bits: Option<Vec<u32>> = None;
            for processor in processors() {
                let out = product(processor, (a, rows), (b, columns), (terms, negative), (start, lower), stride);
                for j in 0..columns {
                    for i in 0..stride {
                        let (at, sign) = (i + j * stride, if negative { -1.0 } else { 1.0 });
                        let entry = |s: usize| {
                            let x = f64::from(a.numbers[i * a.output + s * a.term]);
                            x * f64::from(b.numbers[j * b.output + s * b.term])
                        };
                        let want = match start {
                            _ if i >= rows => f64::from(before[at]),
                            _ if lower && i < j => continue,
                            Start::Zero => 0.0,
                            Start::Columns(first, stride) => f64::from(first[j * stride]),
                            Start::Kept => f64::from(before[at]),
                        };
                        let sum: f64 = if i < rows { (0..terms).map(entry).sum() } else { 0.0 };
                        let want = want + sign * sum;
                        prop_assert!((f64::from(out[at]) - want).abs() < 1e-6 * (terms as f64 + 1.0), "{i}, {j}");
                    }
                }
                // Which entries above the diagonal are left depends on the tiles.
                let known = (0..out.len()).filter(|at| !lower || at % stride >= at / stride);
                let these: Vec<u32> = known.map(|at| out[at].to_bits()).collect();
                prop_assert_eq!(bits.get_or_insert_with(|| these.clone()), &these);
            }
        }
    }

    #[test]
    fn tanh_is_within_a_few_ulp_never_beyond_one_and_the_same_at_every_width() {
        let mut xs: Vec<f32> = (0..200_001).map(|i| (i as f32 - 1e5) / 8e3).collect();
        xs.extend([f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 0.0, 1e-4]);
        let mut bits: Option<Vec<u32>> = None;
        for processor in processors() {
            let mut ys = xs.clone();
            processor.run(Task::Tanh(&mut ys));
            for (&x, &y) in xs.iter().zip(&ys) {
                let exact = f64::from(x).tanh();
                let ulp = f64::from((exact.abs() as f32).next_up()) - f64::from(exact.abs() as f32);
                let apart = (f64::from(y) - exact).abs() / ulp;
                assert!(x.is_nan() && y.is_nan() || apart <= 6.0, "tanh {x} = {y}");
                assert!(y.is_nan() || y.abs() <= 1.0);
            }
            let these: Vec<u32> = ys.iter().map(|y| y.to_bits()).collect();
            assert_eq!(bits.get_or_insert_with(|| these.clone()), &these);
        }
    }
}
