//! The two precisions the mathematics runs in, and the few vectorised loops that differ between them.
//! Knows nothing about networks.

use super::arithmetic::{Arithmetic, Processor};
use super::fast::Task;
use super::tanh::{LIMIT, P, Q};
use nalgebra::RealField;
use std::ops::{Add, Div, Mul, Sub};
use wide::{bytemuck, f32x4, f64x4, i32x4};

/// Samples (rows) are padded to a multiple of this, so that no inner loop has a tail.
pub const LANES: usize = 4;

/// `LANES` numbers that are computed together. A product is rounded before it is added to a sum on every
/// machine, so that machines agree.
pub trait Lanes<T>:
    Copy
    + Send
    + Sync
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
{
    /// All lanes equal `x`.
    fn splat(x: T) -> Self;
    /// Reads the lanes from memory.
    fn load(x: &[T; LANES]) -> Self;
    /// Writes the lanes to memory.
    fn store(self, to: &mut [T; LANES]);
    /// The larger number of each lane; either one when one is NaN.
    fn max(self, other: Self) -> Self;
    /// The smaller number of each lane; either one when one is NaN.
    fn min(self, other: Self) -> Self;
    /// The sum of each vector's lanes, `(x0 + x1) + (x2 + x3)`.
    fn sums(of: [Self; LANES]) -> Self;
    /// The sum of the lanes, as in [`Lanes::sums`].
    fn sum(self) -> T;
    /// Each lane as [`Real::flushed`] leaves it.
    fn flushed(self) -> Self;
    /// `same` in each lane whose label is `label`, `other` in all others.
    fn where_labelled(labels: [u32; LANES], label: u32, same: Self, other: Self) -> Self;
    /// `below` in each lane where `x` is below zero, `other` in all others.
    fn where_negative(x: Self, below: Self, other: Self) -> Self;
}

impl Lanes<f32> for f32x4 {
    #[inline(always)]
    fn splat(x: f32) -> Self {
        f32x4::splat(x)
    }
    #[inline(always)]
    fn load(x: &[f32; LANES]) -> Self {
        f32x4::new(*x)
    }
    #[inline(always)]
    fn store(self, to: &mut [f32; LANES]) {
        *to = self.to_array();
    }
    #[inline(always)]
    fn max(self, other: Self) -> Self {
        self.fast_max(other)
    }
    #[inline(always)]
    fn min(self, other: Self) -> Self {
        self.fast_min(other)
    }
    #[inline(always)]
    fn sums(of: [Self; LANES]) -> Self {
        let [x0, x1, x2, x3] = f32x4::transpose(of);
        (x0 + x1) + (x2 + x3)
    }
    #[inline(always)]
    fn sum(self) -> f32 {
        let [x0, x1, x2, x3] = self.to_array();
        (x0 + x1) + (x2 + x3)
    }
    #[inline(always)]
    fn flushed(self) -> Self {
        let negligible = self.abs().simd_lt(f32x4::splat(f32::NEGLIGIBLE));
        (negligible ^ f32x4::splat(f32::from_bits(u32::MAX))) & self
    }
    #[inline(always)]
    fn where_labelled(labels: [u32; LANES], label: u32, same: Self, other: Self) -> Self {
        let [labels, label] = [labels, [label; LANES]].map(bytemuck::cast::<_, i32x4>);
        bytemuck::cast::<_, f32x4>(labels.simd_eq(label)).bitselect(same, other)
    }
    #[inline(always)]
    fn where_negative(x: Self, below: Self, other: Self) -> Self {
        x.simd_lt(f32x4::ZERO).bitselect(below, other)
    }
}

impl Lanes<f64> for f64x4 {
    #[inline(always)]
    fn splat(x: f64) -> Self {
        f64x4::splat(x)
    }
    #[inline(always)]
    fn load(x: &[f64; LANES]) -> Self {
        f64x4::new(*x)
    }
    #[inline(always)]
    fn store(self, to: &mut [f64; LANES]) {
        *to = self.to_array();
    }
    #[inline(always)]
    fn max(self, other: Self) -> Self {
        self.fast_max(other)
    }
    #[inline(always)]
    fn min(self, other: Self) -> Self {
        self.fast_min(other)
    }
    #[inline(always)]
    fn sums(of: [Self; LANES]) -> Self {
        f64x4::new(of.map(Lanes::sum))
    }
    #[inline(always)]
    fn sum(self) -> f64 {
        let [x0, x1, x2, x3] = self.to_array();
        (x0 + x1) + (x2 + x3)
    }
    #[inline(always)]
    fn flushed(self) -> Self {
        let negligible = self.abs().simd_lt(f64x4::splat(f64::NEGLIGIBLE));
        (negligible ^ f64x4::splat(f64::from_bits(u64::MAX))) & self
    }
    #[inline(always)]
    fn where_labelled(labels: [u32; LANES], label: u32, same: Self, other: Self) -> Self {
        let is = labels.map(|l| f64::from_bits(if l == label { u64::MAX } else { 0 }));
        f64x4::new(is).bitselect(same, other)
    }
    #[inline(always)]
    fn where_negative(x: Self, below: Self, other: Self) -> Self {
        x.simd_lt(f64x4::ZERO).bitselect(below, other)
    }
}

/// `f32` (engines) or `f64` (laws, the one-step view).
///
/// # What is flushed to zero
/// Subnormal numbers cost many processors a hundred times as much as others, and saturated units, decaying weights and
/// vanishing gradients are made of them. What is smaller in magnitude than [`Real::NEGLIGIBLE`] (8.7e-19; in double precision
/// 3.1e-151) is therefore set to zero where it arises: points, activations, sums of products, what arrives at a layer,
/// systems and their factors, directions, weights and first moments. A product of two numbers that were kept is then a normal
/// number, with six bits to spare for a constant factor. A mean of squares is kept down to [`Real::NEGLIGIBLE_SQUARE`].
///
/// No number is off by more than this threshold, and in single precision a weight near 1 is rounded 10¹¹ times as coarsely. J,
/// which is summed beside 1 or is a sum of squares, is as before. What can be told: a norm, a weight or a probability that is
/// smaller shows as 0, and a weight that has decayed to 0 does not grow again from less. Adam steps no longer along first
/// moments that are smaller, at most `τ · NEGLIGIBLE / ε`, `1e-10 τ`; its second moment does not hear of gradients below
/// 5e-18, which are nothing beside ε.
pub trait Real: RealField + Copy + Send + Sync + 'static {
    /// The vector type of this precision.
    type Lanes: Lanes<Self>;
    /// The smallest magnitude that is kept: a power of two, eight times the root of the smallest normal number or more.
    const NEGLIGIBLE: Self;
    /// The smallest square that is kept: twice the smallest normal number, so that its share in a mean is normal too.
    const NEGLIGIBLE_SQUARE: Self;
    /// The number, or 0 where it is smaller in magnitude than [`Real::NEGLIGIBLE`]. NaN stays NaN.
    #[inline(always)]
    fn flushed(self) -> Self {
        if self.abs() < Self::NEGLIGIBLE {
            Self::zero()
        } else {
            self
        }
    }
    /// The square of a number, or a mean of squares, or 0 where it is smaller than [`Real::NEGLIGIBLE_SQUARE`].
    #[inline(always)]
    fn flushed_square(self) -> Self {
        if self < Self::NEGLIGIBLE_SQUARE {
            Self::zero()
        } else {
            self
        }
    }
    /// Nearest value to a double.
    fn of(x: f64) -> Self;
    /// Exact for both precisions.
    fn to_f64(self) -> f64;
    /// This arithmetic, or the portable one where this precision has no other: `f64` has none.
    fn arithmetic(wanted: Arithmetic) -> Arithmetic;
    /// Has a processor do something.
    ///
    /// # Panics
    /// In a precision that has the portable arithmetic only.
    fn run(processor: Processor, task: Task<Self>);
    /// `e^x`, the same bits natively and in a browser.
    fn exp_stable(self) -> Self;
    /// `ln x`, the same bits natively and in a browser.
    fn ln_stable(self) -> Self;
    /// `ln(1 + x)`.
    fn ln_1p_stable(self) -> Self;
    /// `e^x - 1`.
    fn exp_m1_stable(self) -> Self;
    /// Replaces every entry by its `tanh` (f32: within 6 ulp, never beyond ±1), flushed.
    fn tanh_all(x: &mut [Self]);
    /// Replaces every entry by `1/(1 + e^-x)` (f32: within 4 ulp), flushed.
    fn sigmoid_all(x: &mut [Self]);
    /// Replaces every entry by `e^x` (f32: within 3 ulp), flushed.
    fn exp_all(x: &mut [Self]);
}

/// Vectors that are computed side by side: one alone is a chain of dependent operations that leaves the
/// processor waiting, and wasm engines build every constant anew in each round of a loop.
const CHAINS: usize = 4;

/// Replaces every number by `f` of it.
#[inline(always)]
fn each(x: &mut [f32], f: impl Fn([f32x4; CHAINS]) -> [f32x4; CHAINS]) {
    let (blocks, rest) = x.as_chunks_mut::<{ CHAINS * LANES }>();
    let apply = |x: &mut [f32; CHAINS * LANES]| {
        *x = bytemuck::cast(f(bytemuck::cast(*x)));
    };
    blocks.iter_mut().for_each(apply);
    if !rest.is_empty() {
        let mut last = [0.0; CHAINS * LANES];
        last[..rest.len()].copy_from_slice(rest);
        apply(&mut last);
        rest.copy_from_slice(&last[..rest.len()]);
    }
}

/// `min(max(x, low), high)`; NaN stays NaN.
#[inline(always)]
fn clamp(x: f32x4, low: f32, high: f32) -> f32x4 {
    let (low, high) = (f32x4::splat(low), f32x4::splat(high));
    // With a NaN, wasm's instruction answers its first operand, everybody else's the second.
    if cfg!(target_arch = "wasm32") {
        x.fast_min(high).fast_max(low)
    } else {
        low.fast_max(high.fast_min(x))
    }
}

/// The polynomial with these coefficients, the highest first.
#[inline(always)]
fn polynomial(coefficients: &[f32], x: [f32x4; CHAINS]) -> [f32x4; CHAINS] {
    let (first, rest) = coefficients.split_first().expect("a coefficient");
    let mut y = [f32x4::splat(*first); CHAINS];
    for c in rest {
        y = std::array::from_fn(|i| y[i] * x[i] + f32x4::splat(*c));
    }
    y
}

/// See [`super::tanh`].
#[inline(always)]
fn tanh(x: [f32x4; CHAINS]) -> [f32x4; CHAINS] {
    let mut x = x.map(|x| clamp(x, -LIMIT, LIMIT));
    // Below it the square is nothing beside the last coefficients, and times the first ones no normal number.
    let straight = f32x4::splat(1e-9);
    let [a, b, c, d] = x.map(f32x4::abs);
    let smallest = a.fast_min(b).fast_min(c.fast_min(d));
    let squares = if smallest.simd_lt(straight).any() {
        x = x.map(Lanes::flushed);
        x.map(|x| (x * x).fast_max(straight * straight))
    } else {
        x.map(|x| x * x)
    };
    let p = polynomial(&P, squares);
    let xp: [f32x4; CHAINS] = std::array::from_fn(|i| x[i] * p[i]);
    let q = polynomial(&Q, squares);
    std::array::from_fn(|i| xp[i] / q[i])
}

/// Beyond it `e^x` is no normal number.
const LOWEST_EXPONENT: f32 = -87.0;

/// Cody–Waite reduction by ln 2 and the degree-6 polynomial of Cephes' `expf`; `x` is clamped between
/// [`LOWEST_EXPONENT`] and `highest`.
#[inline(always)]
fn exp(x: [f32x4; CHAINS], highest: f32) -> [f32x4; CHAINS] {
    const P: [f32; 6] = [
        1.987_569_2e-4,
        1.398_199_9e-3,
        8.333_452e-3,
        4.166_579_6e-2,
        1.666_666_5e-1,
        5.000_000_1e-1,
    ];
    // Added to a small number, this rounds it to an integer and leaves that in the low bits.
    const ROUND: f32 = 12_582_912.0;
    let x = x.map(|x| clamp(x, LOWEST_EXPONENT, highest).flushed());
    let rounded = x.map(|x| x * f32x4::splat(std::f32::consts::LOG2_E) + f32x4::splat(ROUND));
    let r: [f32x4; CHAINS] = std::array::from_fn(|i| {
        let n = rounded[i] - f32x4::splat(ROUND);
        x[i] - n * f32x4::splat(0.693_359_4) - n * f32x4::splat(-2.121_944_4e-4)
    });
    let p = polynomial(&P, r);
    std::array::from_fn(|i| {
        let y = p[i] * r[i] * r[i] + r[i] + f32x4::ONE;
        // 2^n as two factors, because neither 2^128 nor 2^-150 is a float.
        let power = |k: i32x4| -> f32x4 { bytemuck::cast((k + i32x4::splat(127)) << 23) };
        let n = bytemuck::cast::<_, i32x4>(rounded[i]) - i32x4::splat(ROUND.to_bits() as i32);
        let half = n >> 1;
        y * power(half) * power(n - half)
    })
}

impl Real for f32 {
    type Lanes = f32x4;
    const NEGLIGIBLE: f32 = 1.0 / (1u64 << 60) as f32;
    const NEGLIGIBLE_SQUARE: f32 = 2.0 * f32::MIN_POSITIVE;
    #[inline(always)]
    fn of(x: f64) -> Self {
        x as f32
    }
    #[inline(always)]
    fn to_f64(self) -> f64 {
        f64::from(self)
    }
    fn arithmetic(wanted: Arithmetic) -> Arithmetic {
        wanted
    }
    fn run(processor: Processor, task: Task<Self>) {
        processor.run(task);
    }
    fn exp_stable(self) -> Self {
        libm::expf(self)
    }
    fn ln_stable(self) -> Self {
        libm::logf(self)
    }
    fn ln_1p_stable(self) -> Self {
        libm::log1pf(self)
    }
    fn exp_m1_stable(self) -> Self {
        libm::expm1f(self)
    }
    fn tanh_all(x: &mut [Self]) {
        each(x, tanh);
    }
    fn sigmoid_all(x: &mut [Self]) {
        each(x, |x| {
            exp(x.map(|x| -x), -LOWEST_EXPONENT).map(|e| (f32x4::ONE / (f32x4::ONE + e)).flushed())
        });
    }
    fn exp_all(x: &mut [Self]) {
        // At the upper end the result is already ∞.
        each(x, |x| exp(x, 89.0).map(Lanes::flushed));
    }
}

impl Real for f64 {
    type Lanes = f64x4;
    const NEGLIGIBLE: f64 = f64::from_bits((1023 - 500) << 52);
    const NEGLIGIBLE_SQUARE: f64 = 2.0 * f64::MIN_POSITIVE;
    fn of(x: f64) -> Self {
        x
    }
    fn to_f64(self) -> f64 {
        self
    }
    fn arithmetic(_: Arithmetic) -> Arithmetic {
        Arithmetic::Portable
    }
    fn run(_: Processor, _: Task<Self>) {
        unreachable!("double precision is portable");
    }
    fn exp_stable(self) -> Self {
        libm::exp(self)
    }
    fn ln_stable(self) -> Self {
        libm::log(self)
    }
    fn ln_1p_stable(self) -> Self {
        libm::log1p(self)
    }
    fn exp_m1_stable(self) -> Self {
        libm::expm1(self)
    }
    fn tanh_all(x: &mut [Self]) {
        x.iter_mut().for_each(|x| *x = libm::tanh(*x).flushed());
    }
    fn sigmoid_all(x: &mut [Self]) {
        x.iter_mut()
            .for_each(|x| *x = (1.0 / (1.0 + libm::exp(-*x))).flushed());
    }
    fn exp_all(x: &mut [Self]) {
        x.iter_mut().for_each(|x| *x = libm::exp(*x).flushed());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Largest distance to the rounded double result, in units in the last place.
    fn worst_ulp(f: impl Fn(&mut [f32]), exact: impl Fn(f64) -> f64, from: f32, to: f32) -> f64 {
        let xs: Vec<f32> = (0..=400_000)
            .map(|i| from + (to - from) * i as f32 / 400_000.0)
            .collect();
        let mut ys = xs.clone();
        f(&mut ys);
        xs.iter().zip(&ys).fold(0.0, |worst: f64, (&x, &y)| {
            let e = exact(f64::from(x));
            let ulp = f64::from((e.abs() as f32).next_up()) - f64::from(e.abs() as f32);
            // What is next to the threshold may be kept or not.
            let negligible = e.abs() < 1.001 * f64::from(f32::NEGLIGIBLE);
            let error = if negligible && y == 0.0 {
                0.0
            } else {
                (f64::from(y) - e).abs() / ulp
            };
            worst.max(error)
        })
    }

    #[test]
    fn vectorised_functions_are_within_a_few_ulp() {
        let tanh = worst_ulp(f32::tanh_all, f64::tanh, -12.0, 12.0);
        let tanh_small = worst_ulp(f32::tanh_all, f64::tanh, -1e-3, 1e-3);
        let tanh_tiny = worst_ulp(f32::tanh_all, f64::tanh, -1e-17, 1e-17);
        let exp = worst_ulp(f32::exp_all, f64::exp, -110.0, 88.0);
        let sigmoid = worst_ulp(f32::sigmoid_all, |x| 1.0 / (1.0 + (-x).exp()), -110.0, 40.0);
        assert!(
            tanh <= 6.0 && tanh_small <= 3.0 && tanh_tiny <= 3.0,
            "tanh {tanh} {tanh_small} {tanh_tiny}"
        );
        assert!(exp <= 3.0, "exp {exp}");
        assert!(sigmoid <= 4.0, "sigmoid {sigmoid}");
    }

    #[test]
    fn what_is_negligible_is_zero_and_nothing_else_is() {
        fn of<T: Real>(t: T) {
            let below = t - t * T::default_epsilon() / T::of(2.0);
            let numbers = [t, below, T::one(), T::zero()];
            let mut lanes = numbers;
            T::Lanes::load(&numbers).flushed().store(&mut lanes);
            let mut negative = numbers.map(|x| -x);
            T::Lanes::load(&negative).flushed().store(&mut negative);
            for ((x, lane), minus) in numbers.into_iter().zip(lanes).zip(negative) {
                let kept = if x == below { T::zero() } else { x };
                assert!(x.flushed() == kept && lane == kept && minus == -kept, "{x}");
            }
            let nan = T::of(f64::NAN);
            T::Lanes::splat(nan).flushed().store(&mut lanes);
            assert!(lanes[0].to_f64().is_nan() && nan.flushed().to_f64().is_nan());
        }
        of(f32::NEGLIGIBLE);
        of(f64::NEGLIGIBLE);
        assert!((f32::NEGLIGIBLE * f32::NEGLIGIBLE / 64.0).is_normal());
        assert!((f64::NEGLIGIBLE * f64::NEGLIGIBLE / 64.0).is_normal());
    }

    #[test]
    fn functions_make_no_subnormal_numbers() {
        // Every exponent, both signs.
        let mut xs = [1.0, 1.37]
            .map(|x| (0..255).map(move |e| f32::from_bits(e << 23) * x))
            .into_iter()
            .flatten()
            .flat_map(|x| [x, -x])
            .collect::<Vec<f32>>();
        xs.extend((-1100..1100).map(|i| i as f32 / 10.0));
        for f in [f32::tanh_all, f32::sigmoid_all, f32::exp_all] {
            let mut ys = xs.clone();
            f(&mut ys);
            for (x, y) in xs.iter().zip(ys) {
                assert!(y == 0.0 || y.abs() > 0.999 * f32::NEGLIGIBLE, "{y} of {x}");
            }
        }
    }

    #[test]
    fn tanh_never_exceeds_one() {
        let mut x: Vec<f32> = (6.0f32.to_bits()..=9.0f32.to_bits())
            .map(f32::from_bits)
            .collect();
        f32::tanh_all(&mut x);
        assert!(x.iter().all(|x| (0.999..=1.0).contains(x)));
    }

    #[test]
    fn the_ends_and_nan_are_right() {
        let mut x = [
            f32::INFINITY,
            f32::NEG_INFINITY,
            f32::NAN,
            200.0,
            -200.0,
            0.0,
            88.7,
            -87.3,
        ];
        let (mut t, mut e) = (x, x);
        f32::tanh_all(&mut t);
        f32::exp_all(&mut e);
        f32::sigmoid_all(&mut x);
        assert!(t[0] >= 0.999_999 && t[1] <= -0.999_999 && t[2].is_nan() && t[5] == 0.0);
        assert!(t.iter().all(|t| t.is_nan() || t.abs() <= 1.0));
        assert!(e[0] == f32::INFINITY && e[1] == 0.0 && e[2].is_nan() && e[3] == f32::INFINITY);
        assert!(e[4] == 0.0 && e[5] == 1.0 && e[6].is_finite());
        assert!(x[0] == 1.0 && x[1] == 0.0 && x[2].is_nan());
    }
}
