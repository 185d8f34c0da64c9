//! Derivatives by differences.

/// How far apart points are.
const H: f64 = 1e-4;

/// The slopes at 0 of functions that are smooth, to the fourth order: the second is too coarse where one bends much.
pub(super) fn slopes(f: impl FnMut(f64) -> Vec<f64>) -> Vec<f64> {
    let [a, b, c, d] = [H, -H, 2.0 * H, -2.0 * H].map(f);
    let slope = |j: usize| (8.0 * (a[j] - b[j]) - (c[j] - d[j])) / (12.0 * H);
    (0..a.len()).map(slope).collect()
}
