//! An axis of a map: where its values lie, and which of them have labels. Knows no place on the lattice.

use crate::frame::map::MapAxis;
use crate::plot::number::{nice_step, round_ticks, steps, tick};

/// Where a value lies between the outer edges of an axis' cells: values are at the middle of theirs.
pub(super) fn position(axis: &MapAxis, value: f64) -> f64 {
    let scale = |v: f64| if axis.log { libm::log(v) } else { v };
    let count = axis.values.len();
    let (low, high) = (scale(axis.values[0]), scale(axis.values[count - 1]));
    let share = (scale(value) - low) / (high - low);
    (0.5 + share * (count - 1) as f64) / count as f64
}

/// Labelled values of an axis, at most about so many.
pub(super) fn ticks(axis: &MapAxis, labels: f64) -> Vec<(f64, String)> {
    let (low, high) = (axis.values[0], axis.values[axis.values.len() - 1]);
    if axis.log {
        let ticks = round_ticks((low, high), labels);
        let labelled = ticks.into_iter().filter(|(_, labelled)| *labelled);
        let labelled: Vec<_> = labelled.map(|(v, _)| (v, tick(v))).collect();
        if labelled.len() > 1 {
            return labelled;
        }
    }
    // Zoomed in so far that a logarithm is a line: as many decimals as tell the labels apart.
    let whole = axis.values.iter().all(|v| v.fract() == 0.0);
    let step = nice_step(high - low, labels.min(6.0)).max(if whole { 1.0 } else { 0.0 });
    let decimals = (-libm::log10(step).floor()).clamp(0.0, 17.0) as usize;
    let values = steps((low, high), step).into_iter();
    values.map(|v| (v, format!("{v:.decimals$}"))).collect()
}

/// An axis in words.
pub(super) fn words(axis: &MapAxis) -> String {
    axis.label.replace('_', "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(values: &[f64], log: bool) -> MapAxis {
        MapAxis {
            key: "tau".into(),
            label: "Step size τ".into(),
            log,
            values: values.to_vec(),
        }
    }

    #[test]
    fn axes_are_labelled_at_every_zoom() {
        let labels = |axis: &MapAxis| -> Vec<String> {
            ticks(axis, 6.0)
                .into_iter()
                .map(|(_, label)| label)
                .collect()
        };
        let wide = axis(&[0.01, 1.0, 100.0], true);
        assert_eq!(labels(&wide), ["0.01", "0.1", "1", "10", "100"]);
        let deep = axis(&[1.23456, 1.234565, 1.23457], true);
        assert_eq!(
            labels(&deep),
            [
                "1.234560", "1.234562", "1.234564", "1.234566", "1.234568", "1.234570"
            ]
        );
        assert_eq!(labels(&axis(&[2.0, 3.0, 4.0], false)), ["2", "3", "4"]);
        assert!((position(&wide, 1.0) - 0.5).abs() < 1e-12);
        assert!((position(&wide, 0.01) - 1.0 / 6.0).abs() < 1e-12);
    }
}
