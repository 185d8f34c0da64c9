//! The decision boundary: the network's answer as one image, its contour, and the points. Knows fields
//! and scenes, no network.

use super::Drawn;
use super::legend::Swatch;
use super::number::short;
use super::theme::{Marker, Theme};
use crate::frame::{Field, Scene, ScenePoint, contour};
use plotters::style::{Color, RGBColor};
use plotters_backend::{BackendCoord, DrawingBackend};

/// How much of a class's colour the surest answer shows; the points must stand out from it.
const TINT: f64 = 0.45;

/// The field as RGBA bytes, one pixel per cell, the top row first: an image to be scaled up smoothly.
pub fn pixels(field: &Field, scene: &Scene, theme: &Theme) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(field.columns * field.rows * 4);
    for row in (0..field.rows).rev() {
        for column in 0..field.columns {
            let RGBColor(r, g, b) = color(cell(field, column, row), scene, theme);
            bytes.extend([r, g, b, 255]);
        }
    }
    bytes
}

fn cell(field: &Field, column: usize, row: usize) -> &[f32] {
    let at = (row * field.columns + column) * field.channels;
    &field.values[at..at + field.channels]
}

/// The colour of an answer: paler where it is less sure.
fn color(answer: &[f32], scene: &Scene, theme: &Theme) -> RGBColor {
    if answer.iter().any(|v| !v.is_finite()) {
        return theme.grid;
    }
    if scene.classes == 0 {
        let (low, high) = scene.value;
        let share =
            ((f64::from(answer[0]) - low) / (high - low).max(f64::MIN_POSITIVE)).clamp(0.0, 1.0);
        return diverging(share, theme);
    }
    let likely = most_likely(answer);
    let sure = if answer.len() == 1 {
        f64::from((2.0 * answer[0] - 1.0).abs())
    } else {
        let even = 1.0 / answer.len() as f64;
        ((f64::from(answer[likely]) - even) / (1.0 - even)).clamp(0.0, 1.0)
    };
    blend(
        theme.background,
        theme.class(likely),
        TINT * (0.12 + 0.88 * sure),
    )
}

/// From the first class's colour over the background to the second's.
fn diverging(share: f64, theme: &Theme) -> RGBColor {
    let side = theme.class(usize::from(share > 0.5));
    blend(theme.background, side, TINT * (2.0 * share - 1.0).abs())
}

fn blend(from: RGBColor, to: RGBColor, share: f64) -> RGBColor {
    let mix = |a: u8, b: u8| (f64::from(a) + (f64::from(b) - f64::from(a)) * share).round() as u8;
    RGBColor(mix(from.0, to.0), mix(from.1, to.1), mix(from.2, to.2))
}

/// The class of an answer: one channel is the second class's probability, several are all classes'.
pub fn most_likely(answer: &[f32]) -> usize {
    if answer.len() == 1 {
        return usize::from(answer[0] > 0.5);
    }
    (0..answer.len())
        .max_by(|&a, &b| answer[a].total_cmp(&answer[b]))
        .unwrap_or(0)
}

/// The field's answer at a place, interpolated between cells; `None` outside.
pub fn sample(field: &Field, scene: &Scene, at: [f64; 2]) -> Option<Vec<f32>> {
    let place = |v: f64, range: (f64, f64), cells: usize| {
        let share = (v - range.0) / (range.1 - range.0);
        // Cells are answers at their centres.
        (0.0..=1.0)
            .contains(&share)
            .then(|| (share * cells as f64 - 0.5).clamp(0.0, cells as f64 - 1.0))
    };
    let x = place(at[0], scene.x, field.columns)?;
    let y = if field.rows == 1 {
        0.0
    } else {
        place(at[1], scene.y, field.rows)?
    };
    let (column, row) = (x as usize, y as usize);
    let (right, up) = (
        (column + 1).min(field.columns - 1),
        (row + 1).min(field.rows - 1),
    );
    let (fx, fy) = ((x - column as f64) as f32, (y - row as f64) as f32);
    let mix = |a: f32, b: f32, share: f32| a + (b - a) * share;
    Some(
        (0..field.channels)
            .map(|k| {
                let value = |c: usize, r: usize| cell(field, c, r)[k];
                mix(
                    mix(value(column, row), value(right, row), fx),
                    mix(value(column, up), value(right, up), fx),
                    fy,
                )
            })
            .collect(),
    )
}

/// Where two classes are equally likely, as segments in units of the drawing's width and height, from the top left
/// (marching squares between cell centres). Empty for regression.
pub fn contour(field: &Field, classes: usize) -> Vec<[[f64; 2]; 2]> {
    let mut segments = Vec::new();
    if classes == 0 || field.rows < 2 {
        return segments;
    }
    let surfaces = if field.channels == 1 {
        1
    } else {
        field.channels
    };
    for class in 0..surfaces {
        let height = |answer: &[f32]| {
            if answer.len() == 1 {
                return f64::from(answer[0]) - 0.5;
            }
            let rival = answer
                .iter()
                .enumerate()
                .filter(|(k, _)| *k != class)
                .map(|(_, &p)| p)
                .fold(f32::NEG_INFINITY, f32::max);
            f64::from(answer[class] - rival)
        };
        // Nodes are the cells' centres.
        let place = |[column, row]: [f64; 2]| {
            [
                (column + 0.5) / field.columns as f64,
                1.0 - (row + 0.5) / field.rows as f64,
            ]
        };
        let heights: Vec<f64> = field.values.chunks(field.channels).map(height).collect();
        let found = contour::segments(field.columns, &heights);
        segments.extend(found.into_iter().map(|pair| pair.map(place)));
    }
    segments
}

/// The boundary and, if asked for, the training points in a square of a drawing: left, top, side.
///
/// # Errors
/// What the backend answers.
pub(super) fn draw_inset<B: DrawingBackend>(
    backend: &mut B,
    [left, top, side]: [i32; 3],
    field: &Field,
    scene: &Scene,
    points: bool,
    theme: &Theme,
) -> Drawn<B> {
    let at = |[x, y]: [f64; 2]| {
        let along = |share: f64| (share * f64::from(side)).round() as i32;
        (left + along(x), top + along(y))
    };
    let pen = theme.pen(&theme.ink, 1.4);
    for [from, to] in contour(field, scene.classes) {
        backend.draw_path([at(from), at(to)], &pen)?;
    }
    let radius = (f64::from(side) / 110.0).max(1.2 * theme.unit);
    for point in scene.training.iter().filter(|_| points) {
        let share = |v: f64, (low, high): (f64, f64)| (v - low) / (high - low);
        let place = [
            share(point.at[0], scene.x),
            1.0 - share(point.at[1], scene.y),
        ];
        if place.iter().all(|share| (0.0..=1.0).contains(share)) {
            let class = point.target as usize;
            let color = theme.class(class).to_rgba();
            Marker::of(class).draw(backend, at(place), radius, Some(color), None)?;
        }
    }
    let frame = theme.pen(&theme.grid, 1.0);
    backend.draw_rect((left, top), (left + side, top + side), &frame, false)
}

/// Strokes the boundary, or for one input the answer itself as a curve over the points.
///
/// # Errors
/// What the backend answers.
pub fn draw_contour<B: DrawingBackend>(
    backend: &mut B,
    size: (u32, u32),
    field: &Field,
    scene: &Scene,
    theme: &Theme,
) -> Drawn<B> {
    let pen = theme.pen(&theme.ink, 1.6);
    let at = |p: [f64; 2]| {
        (
            (p[0] * f64::from(size.0)).round() as i32,
            (p[1] * f64::from(size.1)).round() as i32,
        )
    };
    if scene.inputs == 1 {
        return draw_answer(backend, size, field, scene, theme);
    }
    for [from, to] in contour(field, scene.classes) {
        backend.draw_path([at(from), at(to)], &pen)?;
    }
    Ok(())
}

/// The answer over one input: a curve in regression, the probability of the second class otherwise.
fn draw_answer<B: DrawingBackend>(
    backend: &mut B,
    size: (u32, u32),
    field: &Field,
    scene: &Scene,
    theme: &Theme,
) -> Drawn<B> {
    let pen = theme.pen(&theme.ink, 2.0);
    let mut path: Vec<BackendCoord> = Vec::with_capacity(field.columns);
    for column in 0..field.columns {
        let y = f64::from(cell(field, column, 0)[0]);
        if y.is_finite() {
            let x =
                scene.x.0 + (scene.x.1 - scene.x.0) * (column as f64 + 0.5) / field.columns as f64;
            path.push(place(
                [x, y.clamp(2.0 * scene.y.0, 2.0 * scene.y.1)],
                scene,
                size,
            ));
        } else if path.len() > 1 {
            backend.draw_path(std::mem::take(&mut path), &pen)?;
        }
    }
    if path.len() > 1 {
        backend.draw_path(path, &pen)
    } else {
        Ok(())
    }
}

/// What stands for what: classes by colour and shape, or the ends of the values; hollow what is held out.
pub(super) fn entries(scene: &Scene, theme: &Theme) -> Vec<(Swatch, String)> {
    let dot = |color, marker, hollow, words: String| {
        let swatch = Swatch {
            color,
            line: None,
            marker: Some(marker),
            hollow,
        };
        (swatch, words)
    };
    let circle = Marker::Circle;
    let mut entries: Vec<(Swatch, String)> = if scene.classes > 0 {
        let class = |k| {
            dot(
                theme.class(k),
                Marker::of(k),
                false,
                format!("class {}", k + 1),
            )
        };
        (0..scene.classes).map(class).collect()
    } else if scene.inputs == 1 {
        vec![dot(theme.class(0), circle, false, "trained on".to_owned())]
    } else {
        let (low, high) = scene.value;
        let end = |k, value| {
            dot(
                theme.class(k),
                circle,
                false,
                format!("value {}", short(value)),
            )
        };
        vec![end(0, low), end(1, high)]
    };
    if !scene.validation.is_empty() {
        entries.push(dot(theme.muted, circle, true, "held out".to_owned()));
    }
    entries
}

/// The points: training points filled, validation points hollow, a shape per class.
///
/// # Errors
/// What the backend answers.
pub fn draw_points<B: DrawingBackend>(
    backend: &mut B,
    size: (u32, u32),
    scene: &Scene,
    theme: &Theme,
) -> Drawn<B> {
    let crowd = scene.training.len() + scene.validation.len();
    // Many points or a small panel: smaller marks.
    let width = f64::from(size.0) / theme.unit;
    let radius = (width / 90.0).clamp(2.0, 4.5) * if crowd > 1500 { 0.6 } else { 1.0 };
    let look = |point: &ScenePoint| {
        if scene.classes > 0 {
            let class = point.target as usize;
            return (theme.class(class), Marker::of(class));
        }
        if scene.inputs == 1 {
            return (theme.class(0), Marker::Circle);
        }
        let (low, high) = scene.value;
        let share = ((point.target - low) / (high - low).max(f64::MIN_POSITIVE)).clamp(0.0, 1.0);
        let side = theme.class(usize::from(share > 0.5));
        (
            blend(theme.muted, side, (2.0 * share - 1.0).abs()),
            Marker::Circle,
        )
    };
    for point in &scene.validation {
        let (color, marker) = look(point);
        let pen = theme.pen(&color, 1.3);
        marker.draw(
            backend,
            place(point.at, scene, size),
            radius * theme.unit,
            Some(theme.background.mix(0.75)),
            Some(pen),
        )?;
    }
    for point in &scene.training {
        let (color, marker) = look(point);
        let edge = theme.pen(&theme.background, 0.8);
        marker.draw(
            backend,
            place(point.at, scene, size),
            radius * theme.unit,
            Some(color.to_rgba()),
            Some(edge),
        )?;
    }
    Ok(())
}

fn place(at: [f64; 2], scene: &Scene, size: (u32, u32)) -> BackendCoord {
    let x = (at[0] - scene.x.0) / (scene.x.1 - scene.x.0);
    let y = (at[1] - scene.y.0) / (scene.y.1 - scene.y.0);
    (
        (x * f64::from(size.0)).round() as i32,
        ((1.0 - y) * f64::from(size.1)).round() as i32,
    )
}

/// Draws the image with its corner there as rectangles, cells of nearly one colour in a row merged: for vector output. Each reaches a
/// pixel under the next, so that no seams show where viewers blend edges.
pub(super) fn draw_cells<B: DrawingBackend>(
    backend: &mut B,
    (left, top): (i32, i32),
    size: (u32, u32),
    field: &Field,
    scene: &Scene,
    theme: &Theme,
) -> Drawn<B> {
    let edge = |index: usize, cells: usize, length: u32| {
        (index as f64 / cells as f64 * f64::from(length)).round() as i32
    };
    // Steps of colour that the eye does not see.
    let coarse = |RGBColor(r, g, b): RGBColor| RGBColor(r & !3, g & !3, b & !3);
    let under = theme.px(1.0);
    let (width, height) = (size.0.cast_signed(), size.1.cast_signed());
    for row in 0..field.rows {
        let (above, below) = (
            edge(field.rows - 1 - row, field.rows, size.1),
            edge(field.rows - row, field.rows, size.1),
        );
        let colors: Vec<RGBColor> = (0..field.columns)
            .map(|c| coarse(color(cell(field, c, row), scene, theme)))
            .collect();
        let mut column = 0;
        for run in colors.chunk_by(|a, b| a == b) {
            let (from, to) = (
                edge(column, field.columns, size.0),
                edge(column + run.len(), field.columns, size.0),
            );
            let end = ((to + under).min(width), (below + under).min(height));
            let ends = [(from, above), end].map(|(x, y)| (left + x, top + y));
            backend.draw_rect(ends[0], ends[1], &run[0].filled(), true)?;
            column += run.len();
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scene(classes: usize) -> Scene {
        Scene {
            inputs: 2,
            classes,
            x: (-1.0, 1.0),
            y: (-1.0, 1.0),
            value: (0.0, 1.0),
            training: vec![],
            validation: vec![],
        }
    }

    /// p = share of the way to the right.
    fn ramp() -> Field {
        let values = (0..100).map(|i| (i % 10) as f32 / 9.0).collect();
        Field {
            columns: 10,
            rows: 10,
            channels: 1,
            values,
        }
    }

    #[test]
    fn the_boundary_of_a_ramp_is_its_middle() {
        let segments = contour(&ramp(), 2);
        assert_eq!(segments.len(), 9);
        assert!(segments.iter().flatten().all(|p| (p[0] - 0.5).abs() < 1e-6));
    }

    #[test]
    fn the_image_is_upside_down_from_the_field() {
        let mut field = ramp();
        field.values.iter_mut().take(10).for_each(|v| *v = 1.0);
        let bytes = pixels(&field, &scene(2), &Theme::light());
        assert_eq!(bytes.len(), 400);
        let sure = &bytes[4 * 99..];
        assert_eq!(
            &bytes[4 * 90..4 * 91],
            sure,
            "the bottom row is all the second class"
        );
        assert_ne!(&bytes[..4], sure);
    }

    #[test]
    fn three_classes_meet() {
        let values = (0..100)
            .flat_map(|i| {
                if i % 10 < 5 {
                    [0.8, 0.1, 0.1]
                } else {
                    [0.1, 0.1, 0.8]
                }
            })
            .collect();
        let field = Field {
            columns: 10,
            rows: 10,
            channels: 3,
            values,
        };
        // The line between class 0 and 2 belongs to both.
        assert_eq!(contour(&field, 3).len(), 18);
        assert_eq!(most_likely(&[0.1, 0.1, 0.8]), 2);
    }

    #[test]
    fn sampling_interpolates_and_knows_its_edges() {
        let field = ramp();
        let middle = sample(&field, &scene(2), [0.0, 0.3]).unwrap()[0];
        assert!((middle - 0.5).abs() < 1e-6);
        assert_eq!(sample(&field, &scene(2), [1.1, 0.0]), None);
    }

    #[test]
    fn what_is_no_number_has_a_colour_of_its_own() {
        let mut field = ramp();
        field.values[0] = f32::NAN;
        let bytes = pixels(&field, &scene(2), &Theme::light());
        assert_eq!(bytes[4 * 90..4 * 90 + 3], [0xe4, 0xe7, 0xeb]);
        assert!(!contour(&field, 2).is_empty());
    }
}
