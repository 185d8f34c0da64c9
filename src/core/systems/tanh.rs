//! The hyperbolic tangent of many numbers in double precision, from nothing but additions, products and quotients, so that it is the
//! same to the last bit on every machine and computed side by side. Knows no network.

/// Beyond it tanh is ±1 to the last bit.
const LIMIT: f64 = 20.0;
/// `1/k!`, from the highest down to `k = 1`.
const TERMS: [f64; 13] = [
    1.0 / 6_227_020_800.0,
    1.0 / 479_001_600.0,
    1.0 / 39_916_800.0,
    1.0 / 3_628_800.0,
    1.0 / 362_880.0,
    1.0 / 40320.0,
    1.0 / 5040.0,
    1.0 / 720.0,
    1.0 / 120.0,
    1.0 / 24.0,
    1.0 / 6.0,
    0.5,
    1.0,
];
/// Added to a small number, this rounds it to a whole one and leaves that in the low bits.
const ROUND: f64 = 6_755_399_441_055_744.0;
/// ln 2 in two parts, the first of which has zeros enough that its multiples are exact.
const LN_2: [f64; 2] = [
    f64::from_bits(0x3fe6_2e42_fee0_0000),
    f64::from_bits(0x3dea_39ef_3579_3c76),
];

/// Replaces every number by its tanh: `m / (m + 2)` with `m = e^2x − 1`, within 1e-15. NaN stays NaN.
pub(super) fn tanh_all(x: &mut [f64]) {
    for x in x {
        // NaN passes both comparisons.
        let low = if *x < -LIMIT { -LIMIT } else { *x };
        let y = 2.0 * if low > LIMIT { LIMIT } else { low };
        let rounded = y * std::f64::consts::LOG2_E + ROUND;
        let n = rounded - ROUND;
        let r = (y - n * LN_2[0]) - n * LN_2[1];
        // e^r − 1.
        let p = r * TERMS.iter().fold(0.0, |p, term| p * r + term);
        let power = f64::from_bits(rounded.to_bits().wrapping_add(1023) << 52);
        let m = power * p + (power - 1.0);
        *x = m / (m + 2.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_hyperbolic_tangent() {
        let mut worst = 0.0_f64;
        for i in -250_000..=250_000 {
            let x = f64::from(i) * 1e-4;
            let mut y = [x];
            tanh_all(&mut y);
            assert!(y[0].abs() <= 1.0, "{x}");
            worst = worst.max((y[0] - libm::tanh(x)).abs() / libm::tanh(x).abs().max(1e-6));
        }
        assert!(worst < 2e-15, "{worst}");
    }

    #[test]
    fn the_ends_are_right() {
        let mut x = [
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::NAN,
            0.0,
            1e-300,
            1e300,
        ];
        tanh_all(&mut x);
        assert_eq!((x[0], x[1], x[3], x[5]), (1.0, -1.0, 0.0, 1.0));
        assert!(x[2].is_nan() && (x[4] - 1e-300).abs() < 1e-315);
    }
}
