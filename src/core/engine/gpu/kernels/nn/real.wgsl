// Twin of nn::real: functions of one number, and a number that is none.

// What a switch makes of a number that none of its cases names: it spreads until a check ends the member's step.
fn poison() -> f32 {
    // As a constant it would not compile.
    var bits = 0x7fc00000u;
    return bitcast<f32>(bits);
}

// Whether x is neither NaN nor infinite; a comparison would not do, because a shader may assume that they do not occur.
fn is_finite(x: f32) -> bool {
    return (bitcast<u32>(x) & 0x7f800000u) != 0x7f800000u;
}

// Whether x is NaN; no comparison, for the same reason.
fn is_nan(x: f32) -> bool {
    return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u;
}

// 0 where x is too small to matter. Twin: Real::flushed.
fn flushed(x: f32) -> f32 {
    return select(x, 0.0, abs(x) < NEGLIGIBLE);
}

// Twin: Real::flushed_square.
fn flushed_square(x: f32) -> f32 {
    return select(x, 0.0, x < NEGLIGIBLE_SQUARE);
}

// Twin: Real::tanh_all.
fn tanh_rational(z: f32) -> f32 {
    let x = clamp(z, -8.0, 8.0);
    let s = x * x;
    let p = (((1.9195902e-8 * s + 2.6614622e-5) * s + 4.2355964e-3) * s + 0.15754676) * s + 1.1677359;
    let q = (((1.053801e-6 * s + 4.0887672e-4) * s + 3.0801367e-2) * s + 0.5467922) * s + 1.1677359;
    return x * p / q;
}

// ln(1 + x) for x from 0. Twin: Real::ln_1p_stable.
fn ln_1p(x: f32) -> f32 {
    if x < 1e-2 {
        return x * (1.0 - x * (0.5 - x * (1.0 / 3.0 - x * 0.25)));
    }
    return log(1.0 + x);
}

// e^x - 1 for x up to 0. Twin: Real::exp_m1_stable.
fn exp_m1(x: f32) -> f32 {
    if x > -0.5 {
        return x * (1.0 + x / 2.0 * (1.0 + x / 3.0 * (1.0 + x / 4.0 * (1.0 + x / 5.0 * (1.0 + x / 6.0 * (1.0 + x / 7.0))))));
    }
    return exp(x) - 1.0;
}
