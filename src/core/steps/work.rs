//! The matrix-multiplication work of a step, counted from shapes and not measured: the same on every machine.

use super::rule::Rule;
use crate::nn::mlp::Architecture;

/// Floating-point operations (a multiplication with its addition is two) of one step on `N = samples` true samples of
/// minibatches of up to `capacity`; layer `l` (from 0) made `cg_iterations(l)` iterations of conjugate gradients.
///
/// Summed over the layers, with `n = d_{l-1} + 1` inputs (the ones included) and `m = d_l` outputs:
///
/// | part | flops |
/// |---|---|
/// | forward `Â Θ` | `2 N n m` |
/// | gradient `Âᵀ G_Z` | `2 N n m` |
/// | backward `G_Z Θᵀ`, weights only, not for the first layer | `2 N (n−1) m` |
/// | `prox-exact`, hidden layers: one triangle of the Gram matrix `ÂᵀÂ` | `N n (n+1)` |
/// | its Cholesky factor | `(n³ − n) / 3` |
/// | the two triangular solves | `2 n (n−1) m` |
/// | by rows, where `capacity < n`: the three with `N` and `n` exchanged | `n N (N+1) + (N³ − N) / 3 + 2 N (N−1) m` |
/// | `prox-cgK`, hidden layers, per iteration made: `Â P`, then `Âᵀ(Â P)` | `4 N n m` |
/// | `prox-point`, per inner pass made | forward, gradient and backward again |
///
/// In the fast arithmetic CG makes fewer where it forms `ÂᵀÂ`; it is counted as if it did not.
///
/// Not counted: activations, the loss, everything that is done number by number (optimizer, CG's inner products and
/// updates, divisions, roots), the padding of the matrices in memory, diagnostics, evaluation and drawing.
pub fn flops(
    architecture: &Architecture,
    samples: usize,
    capacity: usize,
    rule: Rule,
    cg_iterations: impl Fn(usize) -> u32,
) -> u64 {
    let (layers, samples, capacity) = (architecture.layers(), samples as u64, capacity as u64);
    let of_layer = |l: usize| {
        let (n, m) = architecture.theta_shape(l);
        let (n, m) = (n as u64, m as u64);
        let product = 2 * samples * n * m;
        let backward = if l > 0 { 2 * samples * (n - 1) * m } else { 0 };
        let pass = 2 * product + backward;
        let system = if rule.is_whole() {
            u64::from(cg_iterations(l)) * pass
        } else {
            let rule = rule.of_layer(l, layers);
            rule.flops(samples, capacity, (n, m), cg_iterations(l))
        };
        pass + system
    };
    (0..layers).map(of_layer).sum()
}

/// About how many numbers a member keeps in memory that trains a network of these sizes on minibatches of so many points:
/// activations, their gradients and CG's images; parameters, gradients, directions, an optimizer's and CG's memory.
pub fn numbers(sizes: &[usize], minibatch: usize) -> usize {
    let neurons: usize = sizes.iter().sum();
    let parameters: usize = sizes.windows(2).map(|pair| (pair[0] + 1) * pair[1]).sum();
    minibatch
        .saturating_mul(3 * neurons)
        .saturating_add(9 * parameters)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::features::Inputs;
    use crate::nn::{Activation, Loss};

    /// 2-3-1 on 5 samples, by hand: Θ₁ is 3 × 3, Θ₂ is 4 × 1.
    #[test]
    fn a_small_network_by_hand() {
        let architecture = Architecture {
            inputs: Inputs::plain(2),
            sizes: vec![2, 3, 1],
            activation: Activation::Tanh,
            loss: Loss::HalfSquared,
        };
        let count = |rule| flops(&architecture, 5, 5, rule, |_| 2);
        // Forward 90 + 40, gradients the same, and 30 back through the output layer's 3 weights.
        let explicit = 2 * (90 + 40) + 30;
        assert_eq!(count(Rule::Backprop), explicit);
        // Gram: 6 entries of 5 products; Cholesky of 3 × 3: 4 multiply-adds; 3 columns through two triangles of 3.
        let exact = explicit + 2 * 6 * 5 + 2 * 4 + 2 * 3 * (3 + 3);
        assert_eq!(count(Rule::ProxExact), exact);
        assert_eq!(count(Rule::ProxCg(9)), explicit + 2 * (90 + 90));
    }
}
