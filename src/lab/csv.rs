//! All curves as CSV: of a run, of a related system, of a step taken apart, of a flow. Knows only what may be looked at.

pub mod images;

use crate::frame::stage::{Measure, Point, Stage};
use crate::frame::{Flow, Frame, LayerFrame, OneStep, Record};

/// Columns of every row; those of each layer come after them.
const COLUMNS: &str = "run,rule,step,epoch,loss,validation_loss,accuracy,energy,seconds,flops,zero_weights,arithmetic,build";

/// The curves, with a header; what a record lacks is empty. `records` has one entry per member of `frame`,
/// `layers` is the number of layers. `energy` is E at the end of the sweep of the step made
/// from the row's, step `step + 1`, whose layers stand there too; `seconds` and `flops` are what the run's steps up to there have cost
/// (see [`Record`]), `zero_weights` counts the weights that are exactly zero, `arithmetic` and `build` say what has made all of them.
pub fn curves(frame: &Frame, records: &[&[Record]], layers: usize) -> String {
    let mut text = COLUMNS.to_owned();
    for l in 1..=layers {
        for column in LayerFrame::COLUMNS {
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
                record.zero_weights.to_string(),
                frame.arithmetic.clone(),
                frame.build.clone(),
            ];
            let layers = (0..layers).flat_map(|l| {
                let layer = record.layers.get(l).map(LayerFrame::numbers);
                layer.unwrap_or([f64::NAN; LayerFrame::COLUMNS.len()])
            });
            let cells = start.into_iter().chain(numbers);
            push_row(&mut text, cells.chain(layers.map(number)));
        }
    }
    text
}

/// What was measured of a related system, one row per run and point, with a header; what has no value is empty. `points` has one
/// entry per column of `stage`.
pub fn stage(stage: &Stage, measures: &[Measure], points: &[&[Point]]) -> String {
    let mut text = "run,name,step".to_owned();
    for measure in measures {
        text.extend([",", measure.key]);
    }
    text.push_str(",build\n");
    for (i, (column, points)) in stage.columns.iter().zip(points).enumerate() {
        for point in *points {
            let start = [
                (i + 1).to_string(),
                format!("\"{}\"", column.name),
                point.step.to_string(),
            ];
            let values = point.values.iter().copied().map(number);
            let cells = start.into_iter().chain(values);
            push_row(&mut text, cells.chain([stage.build.clone()]));
        }
    }
    text
}

/// The sub-steps of both sweeps, one row each, with a header: which rule, which sub-step, by how much its variable moved,
/// and E before and after with its terms summed over the layers.
pub fn one_step(step: &OneStep) -> String {
    let mut text =
        "rule,at,change,energy_before,energy,loss,activation_penalty,affine_penalty\n".to_owned();
    for sweep in [&step.explicit, &step.implicit] {
        for sub_step in &sweep.sub_steps {
            let terms = &sub_step.energy;
            let numbers = [
                sub_step.change,
                sub_step.before,
                terms.total,
                terms.loss,
                terms.activation.iter().sum(),
                terms.affine.iter().sum(),
            ];
            let words = [sweep.rule.clone(), sub_step.at.clone()];
            push_row(&mut text, words.into_iter().chain(numbers.map(number)));
        }
    }
    text
}

/// Every method's way, one row per method and point, with a header.
pub fn flow(flow: &Flow) -> String {
    let mut text = "method,step,x,y,f\n".to_owned();
    for way in &flow.trajectories {
        for (step, (point, value)) in way.points.iter().zip(&way.values).enumerate() {
            let words = [way.method.clone(), step.to_string()];
            let numbers = [point[0], point[1], *value].map(number);
            push_row(&mut text, words.into_iter().chain(numbers));
        }
    }
    text
}

pub(super) fn push_row(text: &mut String, cells: impl Iterator<Item = String>) {
    text.push_str(&cells.collect::<Vec<_>>().join(","));
    text.push('\n');
}

/// Empty where there is no number.
pub(super) fn number(value: f64) -> String {
    if value.is_nan() {
        String::new()
    } else {
        value.to_string()
    }
}
