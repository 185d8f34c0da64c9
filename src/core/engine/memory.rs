//! How much memory runs need on the CPU, from their shapes, before any of it is asked for. Knows no allocator.
//!
//! Not counted is what has a bound of its own: keyframes and records of the past (`lab::timeline`, `lab::history`); a state file
//! while it is written (`lab::state` refuses what no page could open again); members and points a second time where somebody else
//! trains them, and on the way there (`Session::may_be_sent`). Other workers have memory of their own, with no more in it than is
//! counted here. A graphics device has its own too, and refuses what is too large for it (`engine::gpu::ensemble`).

use super::evaluate::rows_kept;
use crate::nn::layer::Linear;
use crate::nn::mlp::Architecture;
use crate::nn::product::padded_rows;
use crate::steps::exact::by_rows;
use crate::steps::{Optimizer, Rule};

/// Cells of the finest field.
const CELLS: f64 = 10_000.0;

/// A layer in numbers: its parameters' rows and columns, rows of `Z`, and numbers of its patches.
struct Shape {
    n: usize,
    m: usize,
    rows: f64,
    by_rows: bool,
    patches: f64,
}

impl Shape {
    fn parameters(&self) -> f64 {
        (self.n * self.m) as f64
    }

    /// Numbers of `Z`.
    fn values(&self) -> f64 {
        self.rows * self.m as f64
    }

    /// Numbers that a rule keeps for it as a hidden layer.
    fn of_rule(&self, rule: Rule) -> f64 {
        match rule {
            Rule::Backprop => 0.0,
            Rule::ProxExact if self.by_rows => self.rows * self.rows + self.values(),
            Rule::ProxExact => (self.n * self.n) as f64,
            Rule::ProxCg(_) | Rule::ProxCgColumns(_) => 3.0 * self.parameters() + self.values(),
            // In double precision: pairs of steps and changes, and a pass of its own.
            Rule::ProxPoint => 60.0 * self.parameters() + 5.0 * self.values(),
        }
    }
}

/// About the most bytes that members in single precision need which learn so many `points` (training and validation) side by
/// side by these rules and optimizers, with their fields and all workspaces, but without their past. A little more than they do.
///
/// A member keeps its parameters three times (they, those before the step, directions) and once more for each moment of its
/// optimizer; what the layers answer, and what comes back; and the memory of its rule. While a step is looked into, its member has
/// the sweep's variables besides; while one is made again, that member is there twice, and so are the points.
pub fn bytes(
    architecture: &Architecture,
    points: [usize; 2],
    minibatch: usize,
    members: &mut dyn Iterator<Item = (Rule, Optimizer)>,
) -> f64 {
    let (inputs, outputs) = (
        architecture.inputs.count() as f64,
        architecture.outputs() as f64,
    );
    let rows = padded_rows(minibatch) as f64;
    let layers = architecture.layers.iter().map(|layer| {
        let ((n, m), places) = (layer.theta_shape(), layer.places());
        let rows = rows * places as f64;
        let patches = match layer.linear {
            Linear::Dense { .. } => 0.0,
            // And what is pooled.
            Linear::Convolution(_) => rows * (n + m) as f64,
        };
        let by_rows = by_rows(minibatch * places, n);
        Shape {
            n,
            m,
            rows,
            by_rows,
            patches,
        }
    });
    let layers: Vec<Shape> = layers.collect();
    let hidden = &layers[..layers.len() - 1];
    let parameters: f64 = layers.iter().map(Shape::parameters).sum();
    let widest = layers.iter().map(Shape::parameters).fold(0.0, f64::max);
    let values: f64 = layers.iter().map(Shape::values).sum();
    let patches: f64 = layers.iter().map(|layer| layer.patches).sum();
    // Whose largest eigenvalue is looked for, in single and in double precision.
    let gram = |layer: &Shape| {
        let side = layer.rows.min(layer.n as f64);
        3.0 * side * side
    };
    let gram = layers.iter().map(gram).fold(0.0, f64::max);

    let (mut steady, mut looked_into, mut fields) = (0.0, 0.0_f64, 0.0);
    for (rule, optimizer) in members {
        let moments = match optimizer {
            Optimizer::Sgd => 0.0,
            Optimizer::Momentum | Optimizer::Nesterov => 1.0,
            Optimizer::Adam => 2.0,
        };
        let memory: f64 = hidden.iter().map(|layer| layer.of_rule(rule)).sum();
        let member = (3.0 + moments) * parameters + 2.0 * values + patches + memory + widest;
        let again = |layer: &Shape| {
            let square = if rule == Rule::ProxExact {
                layer.n * layer.n
            } else {
                0
            };
            layer.of_rule(rule) + square as f64
        };
        let again = hidden.iter().map(again).fold(0.0, f64::max);
        // A step that is none of the sweep is not compared with it.
        let sweep = if rule.is_whole() || optimizer != Optimizer::Sgd {
            0.0
        } else {
            parameters + 4.0 * values + patches + 5.0 * widest + again
        };
        steady += member;
        looked_into = looked_into.max(member + f64::max(sweep, gram));
        // As numbers, and as a message.
        fields += 2.0 * CELLS * outputs;
    }
    let [training, validation] = points.map(|n| n as f64);
    let batches = (2.0 * (training + validation) + 2.0 * rows) * (inputs + 2.0 + outputs);
    let kept = rows_kept(architecture, points) as f64;
    let chunk = kept * inputs + (2.0 * values + patches) * kept / rows + widest;
    let words = steady + looked_into + batches + chunk + fields;
    // The points as they came are in double precision.
    4.0 * words + 8.0 * (training + validation) * (inputs + 1.0)
}
