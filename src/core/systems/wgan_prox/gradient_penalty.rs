//! The gradient penalty `mean (|∇ₓ D(x)| − 1)²` and its own gradient, a derivative of a derivative by hand. Knows no other loss.
//!
//! Going down, `g_L = 1`, `c_l = g_{l+1} W_{l+1}ᵀ`, `g_l = c_l ∘ (1 − A_l²)`, `v = g_1 W_1ᵀ`; then up with what `v` counts for, and once
//! more down through the pass forward, for the `A_l` in between depend on the parameters too.

use super::network::{Network, Pass};
use crate::systems::product::{add_sum, add_transposed, times, transpose};

/// Under the root of `|v|`.
const SOFT: f64 = 1e-12;

/// What it works with.
#[derive(Clone, Debug)]
pub(super) struct Scratch {
    /// Per layer, `∂D/∂U_l`; the first place is `∂D/∂x`.
    g: Vec<Vec<f64>>,
    /// The same before the activation's slope.
    c: Vec<Vec<f64>>,
    /// What `A_l` counts for.
    sources: Vec<Vec<f64>>,
    one: Vec<f64>,
    other: Vec<f64>,
    turned: Vec<f64>,
}

impl Scratch {
    pub(super) fn new(network: &Network, rows: usize) -> Scratch {
        let widths = network.widths();
        let room = || -> Vec<Vec<f64>> { widths.iter().map(|w| vec![0.0; rows * w]).collect() };
        let widest = rows * widths.iter().max().copied().unwrap_or(0);
        let mut g = room();
        g.last_mut().expect("a network has layers").fill(1.0);
        Scratch {
            g,
            c: room(),
            sources: room(),
            one: Vec::with_capacity(widest),
            other: Vec::with_capacity(widest),
            turned: Vec::new(),
        }
    }
}

/// The penalty at the inputs of `pass`, which has gone forward; `weight` times its gradient is added to `gradient`.
pub(super) fn add(
    network: &Network,
    pass: &Pass,
    scratch: &mut Scratch,
    weight: f64,
    gradient: &mut [f64],
) -> f64 {
    let (widths, layers, rows) = (network.widths(), network.layers(), pass.rows);
    let Scratch {
        g,
        c,
        sources,
        one,
        other,
        turned,
    } = scratch;
    for l in (0..layers).rev() {
        transpose(network.weights(l), widths[l], turned);
        let (lower, upper) = g.split_at_mut(l + 1);
        times(&upper[0], widths[l + 1], turned, &mut c[l]);
        lower[l].copy_from_slice(&c[l]);
        if l > 0 {
            for (g, a) in lower[l].iter_mut().zip(&pass.a[l]) {
                *g *= 1.0 - a * a;
            }
        }
    }
    let mut value = 0.0;
    let inputs = widths[0];
    one.clear();
    for v in g[0].chunks_exact(inputs) {
        let size = (v.iter().map(|v| v * v).sum::<f64>() + SOFT).sqrt();
        value += (size - 1.0) * (size - 1.0);
        let factor = weight * 2.0 / rows as f64 * (size - 1.0) / size;
        one.extend(v.iter().map(|v| factor * v));
    }
    // Up: `one` is what the derivative by the inputs of layer l counts for.
    for l in 0..layers {
        let own = weights_of(network, l, gradient);
        add_transposed(one, widths[l], &g[l + 1], own);
        if l + 1 == layers {
            break;
        }
        other.resize(rows * widths[l + 1], 0.0);
        times(one, widths[l], network.weights(l), other);
        let parts = other.iter_mut().zip(&c[l + 1]).zip(&pass.a[l + 1]);
        for (source, ((g, c), a)) in sources[l + 1].iter_mut().zip(parts) {
            *source = -2.0 * a * (*g * c);
            *g *= 1.0 - a * a;
        }
        std::mem::swap(one, other);
    }
    // Down through the pass forward.
    for l in (1..layers).rev() {
        let u = &mut sources[l];
        if l + 1 < layers {
            transpose(network.weights(l), widths[l], turned);
            other.resize(rows * widths[l], 0.0);
            times(one, widths[l + 1], turned, other);
            u.iter_mut().zip(&*other).for_each(|(u, more)| *u += more);
        }
        for (u, a) in u.iter_mut().zip(&pass.a[l]) {
            *u *= 1.0 - a * a;
        }
        one.clone_from(u);
        let own = &mut gradient[network.place(l - 1)];
        let (weights, bias) = own.split_at_mut(widths[l - 1] * widths[l]);
        add_transposed(&pass.a[l - 1], widths[l - 1], one, weights);
        add_sum(one, bias);
    }
    value / rows as f64
}

fn weights_of<'a>(network: &Network, l: usize, gradient: &'a mut [f64]) -> &'a mut [f64] {
    let place = network.place(l);
    &mut gradient[place.start..place.end - network.widths()[l + 1]]
}
