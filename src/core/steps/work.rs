//! The matrix-multiplication work of a step, counted from shapes and not measured: the same on every machine.

use super::reach::Hearing;
use super::rule::Rule;
use crate::nn::Layer;
use crate::nn::layer::Linear;
use crate::nn::mlp::Architecture;

/// Floating-point operations (a multiplication with its addition is two) of one step on so many true samples of minibatches of
/// up to `capacity`; layer `l` (from 0) made `cg_iterations(l)` iterations of conjugate gradients.
///
/// Summed over the layers, with `N` rows (one per sample, of a convolution one per sample and place), `n` inputs (the ones
/// included) and `m` outputs:
///
/// | part | flops |
/// |---|---|
/// | forward `Â Θ` | `2 N n m` |
/// | gradient `Âᵀ G_Z` | `2 N n m` |
/// | backward `G_Z Θᵀ`, weights only, not for the first layer | `2 N (n−1) m` |
/// | `prox-exact`, hidden layers: one triangle of the Gram matrix `ÂᵀÂ` | `N n (n+1)` |
/// | its Cholesky factor | `(n³ − n) / 3` |
/// | the two triangular solves | `2 n (n−1) m` |
/// | by rows, where a minibatch has fewer rows than `n`: the three with `N` and `n` exchanged | `n N (N+1) + (N³ − N) / 3 + 2 N (N−1) m` |
/// | `prox-cgK`, hidden layers, per iteration made: `Â P`, then `Âᵀ(Â P)` | `4 N n m` |
/// | `prox-point`, per inner pass made | forward, gradient and backward again |
/// | a reach: backward, through a hidden layer | as often as [`Hearing::passes`] says |
/// | per auxiliary head, of `n` inputs and `m` outputs | `4 N n m`, and `2 N (n−1) m` where a module hears it |
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
    reach: Option<Hearing>,
    cg_iterations: impl Fn(usize) -> u32,
) -> u64 {
    let hidden = architecture.trunk().len();
    let of_layer = |(l, layer): (usize, &Layer)| {
        let (n, m) = layer.theta_shape();
        let (n, m) = (n as u64, m as u64);
        let [rows, most] = [samples, capacity].map(|samples| (samples * layer.places()) as u64);
        let product = 2 * rows * n * m;
        let passes = match reach {
            Some(hearing) if l < hidden => hearing.passes(l, hidden) as u64,
            _ => u64::from(l > 0),
        };
        let pass = 2 * product + passes * 2 * rows * (n - 1) * m;
        let system = if rule.is_whole() {
            u64::from(cg_iterations(l)) * pass
        } else {
            let rule = rule.of_layer(l, architecture);
            rule.flops(rows, most, (n, m), cg_iterations(l))
        };
        pass + system
    };
    let of_head = |hearing: Hearing| {
        let modules = hearing.modules(hidden);
        let of_head = |(k, head): (usize, Layer)| {
            let (n, m) = head.theta_shape();
            let back = if hearing.leaves_head(k, modules) {
                2 * (n - 1) * m
            } else {
                0
            };
            (samples * (4 * n * m + back)) as u64
        };
        architecture
            .auxiliary_heads(hearing.per_module)
            .enumerate()
            .map(of_head)
            .sum()
    };
    let layers = architecture.layers.iter().enumerate().map(of_layer);
    layers.sum::<u64>() + reach.map_or(0, of_head)
}

/// About how many numbers a member keeps in memory that trains a network on minibatches of so many points: activations, their
/// gradients and CG's images, patches; parameters, gradients, directions, an optimizer's and CG's memory.
pub fn numbers(architecture: &Architecture, minibatch: usize) -> usize {
    let of_layer = |layer: &Layer| {
        let (n, m) = layer.theta_shape();
        let patches = match layer.linear {
            Linear::Dense { .. } => 0,
            Linear::Convolution(_) => layer.places() * n,
        };
        3 * layer.places() * m + patches
    };
    let of_sample = architecture.layers.iter().map(of_layer).sum::<usize>();
    minibatch
        .saturating_mul(of_sample + 3 * architecture.inputs.count())
        .saturating_add(9 * architecture.parameters())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::features::Inputs;
    use crate::nn::{Activation, Loss};

    /// 2-3-1 on 5 samples, by hand: Θ₁ is 3 × 3, Θ₂ is 4 × 1.
    #[test]
    fn a_small_network_by_hand() {
        let (inputs, loss) = (Inputs::plain(2), Loss::HalfSquared);
        let architecture = Architecture::dense(inputs, &[3], Activation::Tanh, 1, loss);
        let count = |rule| flops(&architecture, 5, 5, rule, None, |_| 2);
        // Forward 90 + 40, gradients the same, and 30 back through the output layer's 3 weights.
        let explicit = 2 * (90 + 40) + 30;
        assert_eq!(count(Rule::Backprop), explicit);
        // Gram: 6 entries of 5 products; Cholesky of 3 × 3: 4 multiply-adds; 3 columns through two triangles of 3.
        let exact = explicit + 2 * 6 * 5 + 2 * 4 + 2 * 3 * (3 + 3);
        assert_eq!(count(Rule::ProxExact), exact);
        assert_eq!(count(Rule::ProxCg(9)), explicit + 2 * (90 + 90));
    }
}
