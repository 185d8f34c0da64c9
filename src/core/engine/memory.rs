//! How much memory runs need on the CPU, from their shapes, before any of it is asked for. Knows no allocator.
//!
//! Not counted is what has a bound of its own: keyframes and records of the past (`lab::timeline`, `lab::history`); a state file
//! while it is written (`lab::state` refuses what no page could open again); members and points a second time where somebody else
//! trains them, and on the way there (`Session::may_be_sent`). Other workers have memory of their own, with no more in it than is
//! counted here. A graphics device has its own too, and refuses what is too large for it (`engine::gpu::ensemble`).

use super::Settings;
use super::evaluate::rows_kept;
use crate::nn::Layer;
use crate::nn::layer::Linear;
use crate::nn::mlp::Architecture;
use crate::nn::product::padded_rows;
use crate::steps::exact::by_rows;
use crate::steps::reach::Hearing;
use crate::steps::{Objective, Optimizer, Rule};

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

/// Numbers that the auxiliary heads of a reach take: parameters, as often as a member keeps them; and what they answer, what comes back,
/// and gradients that are kept apart, row by row.
fn of_reach(architecture: &Architecture, hearing: Hearing, rows: f64, copies: f64) -> f64 {
    let heads = architecture.auxiliary_heads(hearing.per_module);
    let of_head = |head: Layer| {
        let (n, m) = head.theta_shape();
        copies * (n * m) as f64 + 2.0 * rows * m as f64
    };
    let trunk = architecture.trunk();
    let apart = trunk.iter().enumerate().map(|(l, layer)| {
        let values = rows * (layer.places() * layer.theta_shape().1) as f64;
        hearing.kept_apart(l, trunk.len()).count() as f64 * values
    });
    heads.map(of_head).sum::<f64>() + apart.sum::<f64>()
}

/// Numbers that an objective takes besides the loss, with so many parameters, values of `Z` and numbers of its minibatch: what goes down,
/// up and down again for a penalty; a pass forward at the adversarial points; gradients.
fn of_objective(objective: Objective, parameters: f64, values: f64, batch: f64) -> f64 {
    let attacked = if objective.alpha == 0.0 {
        0.0
    } else {
        values + batch
    };
    2.0 * parameters + 5.0 * values + batch + attacked
}

/// About the most bytes that members in single precision need which learn so many `points` (training and validation) side by
/// side by these settings, with their fields and all workspaces, but without their past. A little more than they do.
///
/// A member keeps its parameters three times (they, those before the step, directions) and once more for each moment of its
/// optimizer; what the layers answer, and what comes back; and the memory of its rule. While a step is looked into, its member has
/// the sweep's variables besides; while one is made again, that member is there twice, and so are the points.
pub fn bytes(
    architecture: &Architecture,
    points: [usize; 2],
    minibatch: usize,
    members: &mut dyn Iterator<Item = Settings>,
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
    for settings in members {
        let Settings {
            rule,
            optimizer,
            reach,
            objective,
            ..
        } = settings;
        let moments = match optimizer {
            Optimizer::Sgd => 0.0,
            Optimizer::Momentum | Optimizer::Nesterov => 1.0,
            Optimizer::Adam => 2.0,
        };
        let memory: f64 = hidden.iter().map(|layer| layer.of_rule(rule)).sum();
        let reach = reach.map_or(0.0, |reach| {
            of_reach(architecture, reach.hearing(), rows, 3.0 + moments)
        });
        let batch = rows * (inputs + 2.0 + outputs);
        let objective = objective.map_or(0.0, |(objective, _)| {
            of_objective(objective, parameters, values, batch)
        });
        let member = (3.0 + moments) * parameters
            + 2.0 * values
            + patches
            + memory
            + widest
            + reach
            + objective;
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
        let sweep = if settings.beyond_the_sweep().is_some() {
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
