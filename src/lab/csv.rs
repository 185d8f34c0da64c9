//! All curves of a run as CSV, one row per run and record. Knows only what may be looked at.

use crate::frame::{Frame, LayerFrame, Record};

/// Columns of every row, then those of each layer.
const COLUMNS: &str = "run,rule,step,epoch,loss,validation_loss,accuracy,energy,seconds,flops";
const LAYER_COLUMNS: [&str; 6] = [
    "grad_norm",
    "direction_norm",
    "update_ratio",
    "angle_deg",
    "lambda_max",
    "cg_iterations",
];

/// The curves, with a header; what a record lacks is empty. `records` has one entry per member of `frame`,
/// `layers` is the number of layers. `energy` is E at the end of the sweep, `seconds` and `flops` what the run's
/// steps up to there have cost (see [`Record`]).
pub fn curves(frame: &Frame, records: &[&[Record]], layers: usize) -> String {
    let mut text = COLUMNS.to_owned();
    for l in 1..=layers {
        for column in LAYER_COLUMNS {
            text.extend([",", column, "_", &l.to_string()]);
        }
    }
    text.push('\n');
    for (i, (member, records)) in frame.members.iter().zip(records).enumerate() {
        for record in *records {
            let start = [
                (i + 1).to_string(),
                member.rule.clone(),
                record.step.to_string(),
            ];
            let numbers = [
                number(record.step as f64 / frame.steps_per_epoch as f64),
                number(record.loss),
                number(record.validation_loss),
                number(record.accuracy),
                record
                    .energy
                    .last()
                    .map_or_else(String::new, |&e| number(f64::from(e))),
                number(record.seconds),
                record.flops.to_string(),
            ];
            let layers =
                (0..layers).flat_map(|l| record.layers.get(l).map_or_else(Default::default, layer));
            let row: Vec<String> = start.into_iter().chain(numbers).chain(layers).collect();
            text.push_str(&row.join(","));
            text.push('\n');
        }
    }
    text
}

fn layer(layer: &LayerFrame) -> [String; LAYER_COLUMNS.len()] {
    [
        number(layer.grad_norm),
        number(layer.direction_norm),
        number(layer.update_ratio),
        number(layer.angle_deg),
        number(layer.lambda_max),
        layer.cg_iterations.to_string(),
    ]
}

/// Empty where there is no number.
fn number(value: f64) -> String {
    if value.is_nan() {
        String::new()
    } else {
        value.to_string()
    }
}
