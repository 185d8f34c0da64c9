//! Data as they are drawn: ranges and points.

use crate::data::drawn::{Dot, Drawn, MOST_DRAWN, MOST_DRAWN_CLASSES};
use crate::data::{Dataset, Points, Targets};
use crate::frame::{Scene, ScenePoint};

/// Half the side of the square in which points are drawn by hand, in units; it grows when points lie outside.
const SQUARES: [f64; 10] = [1.5, 2.0, 3.0, 5.0, 7.5, 10.0, 20.0, 30.0, 50.0, 75.0];

/// Half the side of the square about the origin that drawn points are seen in; it stays as it is while points come and go within it.
pub fn square_of_drawn(drawn: &Drawn) -> f64 {
    let places = drawn.dots.iter().flat_map(|dot| dot.place());
    let far = places.map(f64::abs).fold(0.0, f64::max);
    let fits = SQUARES.into_iter().find(|&half| far <= half * 0.97);
    // The largest coordinate there may be is 100.
    fits.unwrap_or(105.0)
}

/// Drawn points in their square.
pub fn scene_of_drawn(drawn: &Drawn) -> Scene {
    let half = square_of_drawn(drawn);
    Scene {
        x: (-half, half),
        y: (-half, half),
        ..scene_of(&drawn.dataset())
    }
}

/// The training points of a scene as drawn ones, each at the nearest place of their grid.
///
/// # Errors
/// One sentence, if they cannot be drawn: too many points or classes, or values over two inputs.
pub fn drawn_of(scene: &Scene) -> Result<Drawn, String> {
    let (points, classes) = (&scene.training, scene.classes);
    let curve = scene.inputs == 1;
    if curve != (classes == 0) || scene.inputs > 2 {
        return Err(
            "these points have no place in the plane; allowed: two inputs with a class, or one input with its answer"
                .to_owned(),
        );
    }
    if points.len() > MOST_DRAWN {
        return Err(format!(
            "{} points are too many to draw; allowed: at most {MOST_DRAWN}",
            points.len()
        ));
    }
    if classes > MOST_DRAWN_CLASSES {
        return Err(format!(
            "{classes} classes are too many to draw; allowed: at most {MOST_DRAWN_CLASSES}"
        ));
    }
    let class = |point: &ScenePoint| if curve { 0 } else { point.target as u8 };
    let dots = points.iter().map(|point| Dot::near(class(point), point.at));
    Ok(Drawn {
        curve,
        dots: dots.collect(),
    })
}

/// All points of a scene as drawn ones, those held back for validation among them; see [`drawn_of`].
///
/// # Errors
/// One sentence, if they cannot be drawn.
pub fn drawn_of_all(scene: &Scene) -> Result<Drawn, String> {
    let mut all = scene.clone();
    all.training.append(&mut all.validation);
    drawn_of(&all)
}

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
