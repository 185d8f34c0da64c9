//! What logits say and what that costs. Knows no network.

/// The largest logit, and the sum of the exponentials of all less that.
fn sum(logits: &[f64]) -> (f64, f64) {
    let most = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let sum = logits.iter().map(|z| libm::exp(z - most)).sum();
    (most, sum)
}

/// Writes the probabilities that logits stand for.
pub fn softmax(logits: &[f64], into: &mut [f64]) {
    let (most, sum) = sum(logits);
    for (p, z) in into.iter_mut().zip(logits) {
        *p = libm::exp(z - most) / sum;
    }
}

/// `−ln softmax(z)_y`.
pub fn cross_entropy(logits: &[f64], label: usize) -> f64 {
    let (most, sum) = sum(logits);
    libm::log(sum) - (logits[label] - most)
}
