//! A rational minimax approximation of tanh for single precision: `x P(x²)/Q(x²)`, degree 9 over 8 (fitted on ±8.3 for the
//! relative error, then scaled so that no rounding exceeds 1). Knows no vectors.

/// Beyond this tanh is ±1 within the bound.
pub(super) const LIMIT: f32 = 8.0;
/// The coefficients above, the highest first.
pub(super) const P: [f32; 5] = [
    1.919_590_2e-8,
    2.661_462_2e-5,
    4.235_596_4e-3,
    0.157_546_76,
    1.167_735_9,
];
/// The coefficients below, the highest first.
pub(super) const Q: [f32; 5] = [
    1.053_801e-6,
    4.088_767_2e-4,
    3.080_136_7e-2,
    0.546_792_2,
    1.167_735_9,
];
