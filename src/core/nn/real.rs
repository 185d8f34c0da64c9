//! The two precisions the mathematics runs in, and the few vectorised loops that differ between them.
//! Knows nothing about networks.

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
    fn sums(of: [Self; LANES]) -> [T; LANES];
    /// The sum of the lanes, as in [`Lanes::sums`].
    fn sum(self) -> T;
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
    fn sums(of: [Self; LANES]) -> [f32; LANES] {
        let [x0, x1, x2, x3] = f32x4::transpose(of);
        ((x0 + x1) + (x2 + x3)).to_array()
    }
    #[inline(always)]
    fn sum(self) -> f32 {
        let [x0, x1, x2, x3] = self.to_array();
        (x0 + x1) + (x2 + x3)
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
    fn sums(of: [Self; LANES]) -> [f64; LANES] {
        of.map(Lanes::sum)
    }
    #[inline(always)]
    fn sum(self) -> f64 {
        let [x0, x1, x2, x3] = self.to_array();
        (x0 + x1) + (x2 + x3)
    }
}

/// `f32` (engines) or `f64` (laws, the one-step view).
pub trait Real: RealField + Copy + Send + Sync + 'static {
    /// The vector type of this precision.
    type Lanes: Lanes<Self>;
    /// Nearest value to a double.
    fn of(x: f64) -> Self;
    /// Exact for both precisions.
    fn to_f64(self) -> f64;
    /// `e^x`, the same bits natively and in a browser.
    fn exp_stable(self) -> Self;
    /// `ln x`, the same bits natively and in a browser.
    fn ln_stable(self) -> Self;
    /// `ln(1 + x)`.
    fn ln_1p_stable(self) -> Self;
    /// `e^x - 1`.
    fn exp_m1_stable(self) -> Self;
    /// Replaces every entry by its `tanh` (f32: within 6 ulp, never beyond ±1).
    fn tanh_all(x: &mut [Self]);
    /// Replaces every entry by `1/(1 + e^-x)` (f32: within 4 ulp where it is a normal number).
    fn sigmoid_all(x: &mut [Self]);
    /// Replaces every entry by `e^x` (f32: within 3 ulp where it is a normal number).
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

/// Rational minimax approximation `x P(x²)/Q(x²)`, degree 9 over 8 (fitted on ±8.3 for the relative error, then
/// scaled so that no rounding exceeds 1); beyond ±8 tanh is ±1 within the bound.
#[inline(always)]
fn tanh(x: [f32x4; CHAINS]) -> [f32x4; CHAINS] {
    const LIMIT: f32 = 8.0;
    const P: [f32; 5] = [
        1.919_590_2e-8,
        2.661_462_2e-5,
        4.235_596_4e-3,
        0.157_546_76,
        1.167_735_9,
    ];
    const Q: [f32; 5] = [
        1.053_801e-6,
        4.088_767_2e-4,
        3.080_136_7e-2,
        0.546_792_2,
        1.167_735_9,
    ];
    let x = x.map(|x| clamp(x, -LIMIT, LIMIT));
    let squares = x.map(|x| x * x);
    let p = polynomial(&P, squares);
    let xp: [f32x4; CHAINS] = std::array::from_fn(|i| x[i] * p[i]);
    let q = polynomial(&Q, squares);
    std::array::from_fn(|i| xp[i] / q[i])
}

/// Cody–Waite reduction by ln 2 and the degree-6 polynomial of Cephes' `expf`.
#[inline(always)]
fn exp(x: [f32x4; CHAINS]) -> [f32x4; CHAINS] {
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
    // At these ends the result is already 0 and ∞.
    let x = x.map(|x| clamp(x, -104.0, 89.0));
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
    #[inline(always)]
    fn of(x: f64) -> Self {
        x as f32
    }
    #[inline(always)]
    fn to_f64(self) -> f64 {
        f64::from(self)
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
            exp(x.map(|x| -x)).map(|e| f32x4::ONE / (f32x4::ONE + e))
        });
    }
    fn exp_all(x: &mut [Self]) {
        each(x, exp);
    }
}

impl Real for f64 {
    type Lanes = f64x4;
    fn of(x: f64) -> Self {
        x
    }
    fn to_f64(self) -> f64 {
        self
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
        x.iter_mut().for_each(|x| *x = libm::tanh(*x));
    }
    fn sigmoid_all(x: &mut [Self]) {
        x.iter_mut().for_each(|x| *x = 1.0 / (1.0 + libm::exp(-*x)));
    }
    fn exp_all(x: &mut [Self]) {
        x.iter_mut().for_each(|x| *x = libm::exp(*x));
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
            worst.max((f64::from(y) - e).abs() / ulp)
        })
    }

    #[test]
    fn vectorised_functions_are_within_a_few_ulp() {
        let tanh = worst_ulp(f32::tanh_all, f64::tanh, -12.0, 12.0);
        let tanh_small = worst_ulp(f32::tanh_all, f64::tanh, -1e-3, 1e-3);
        let exp = worst_ulp(f32::exp_all, f64::exp, -87.0, 88.0);
        let sigmoid = worst_ulp(f32::sigmoid_all, |x| 1.0 / (1.0 + (-x).exp()), -80.0, 40.0);
        assert!(tanh <= 6.0 && tanh_small <= 3.0, "tanh {tanh} {tanh_small}");
        assert!(exp <= 3.0, "exp {exp}");
        assert!(sigmoid <= 4.0, "sigmoid {sigmoid}");
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
