//! Data as they are drawn: ranges and points.

use crate::data::{Dataset, Points, Targets};
use crate::frame::{Scene, ScenePoint};

/// The points of a data set and the ranges in which they are drawn.
pub fn scene_of(data: &Dataset) -> Scene {
    let inputs = data.training.inputs.ncols();
    let training = points(&data.training);
    let validation = points(&data.validation);
    let all = || training.iter().chain(&validation);
    let range = |value: &dyn Fn(&ScenePoint) -> f64| {
        all()
            .map(value)
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), x| {
                (a.min(x), b.max(x))
            })
    };
    let widened = |(a, b): (f64, f64), by: f64| {
        let margin = ((b - a) * by).max(1e-3);
        (a - margin, b + margin)
    };
    let (x, y) = (range(&|p| p.at[0]), range(&|p| p.at[1]));
    let (x, y) = if inputs == 1 {
        (widened(x, 0.05), widened(y, 0.25))
    } else {
        // One unit is as long upwards as sideways, so that a circle is drawn as one.
        let half = ((x.1 - x.0).max(y.1 - y.0) / 2.0).max(1e-3) * 1.12;
        let (cx, cy) = (f64::midpoint(x.0, x.1), f64::midpoint(y.0, y.1));
        ((cx - half, cx + half), (cy - half, cy + half))
    };
    Scene {
        inputs,
        classes: match data.training.targets {
            Targets::Classes { classes, .. } => classes,
            Targets::Values(_) => 0,
        },
        value: range(&|p| p.target),
        x,
        y,
        training,
        validation,
    }
}

fn points(points: &Points) -> Vec<ScenePoint> {
    let target = |i: usize| match &points.targets {
        Targets::Classes { labels, .. } => f64::from(labels[i]),
        Targets::Values(y) => y[(i, 0)],
    };
    (0..points.inputs.nrows())
        .map(|i| {
            let second = if points.inputs.ncols() > 1 {
                points.inputs[(i, 1)]
            } else {
                target(i)
            };
            ScenePoint {
                at: [points.inputs[(i, 0)], second],
                target: target(i),
            }
        })
        .collect()
}
