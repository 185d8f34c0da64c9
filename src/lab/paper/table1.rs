//! Table 1 of the paper. Data only.

use crate::steps::Rule;

/// Its step sizes.
pub const TAUS: [f64; 9] = [50.0, 10.0, 5.0, 1.0, 0.5, 0.1, 0.05, 5e-3, 5e-4];

/// Its rules, and J over all training images after 50 epochs at each step size; none where it was NaN.
pub const PAPER: [(Rule, [Option<f64>; 9]); 4] = [
    (
        Rule::Backprop,
        [
            None,
            None,
            None,
            None,
            None,
            Some(0.524),
            Some(0.091),
            Some(0.637),
            Some(1.531),
        ],
    ),
    (
        Rule::ProxCg(1),
        all([77.9, 0.079, 0.145, 0.667, 0.991, 1.481, 1.593, 1.881, 2.184]),
    ),
    (
        Rule::ProxCg(3),
        all([94.7, 0.644, 0.031, 2e-3, 0.012, 1.029, 1.334, 1.814, 2.175]),
    ),
    (
        Rule::ProxCg(5),
        all([66.5, 0.190, 0.027, 3e-4, 2e-3, 0.399, 1.049, 1.765, 2.175]),
    ),
];

const fn all(numbers: [f64; 9]) -> [Option<f64>; 9] {
    let mut some = [None; 9];
    let mut i = 0;
    while i < 9 {
        some[i] = Some(numbers[i]);
        i += 1;
    }
    some
}
