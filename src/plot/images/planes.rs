//! What each layer answers to one image, plane by plane, and how likely each class is in the end.

use super::tiles::{draw_cells, laid_out, shade};
use crate::frame::images::{Answered, Images, Seen};
use crate::plot::Drawn;
use crate::plot::theme::{Theme, mixed};
use plotters::style::text_anchor::{HPos, VPos};
use plotters::style::{Color, RGBColor};
use plotters_backend::DrawingBackend;

/// Most channels or neurons of a layer that are drawn.
const MOST_PLANES: usize = 64;

/// The image on the left, then what each layer answers to it, plane by plane, and on the right how likely each class is.
pub(super) fn draw<B: DrawingBackend>(
    backend: &mut B,
    (width, height): (i32, i32),
    seen: &Seen,
    images: &Images,
    color: RGBColor,
    theme: &Theme,
) -> Drawn<B> {
    let below = theme.px(theme.font * 1.6);
    let gap = theme.px(14.0);
    // Planes take more room than the image and than what is answered.
    let parts: Vec<i32> = std::iter::once(2)
        .chain(seen.answered.iter().map(|_| 3))
        .chain([3])
        .collect();
    let all: i32 = parts.iter().sum();
    let room = width - gap * (parts.len() as i32 - 1);
    let high = height - below;
    let mut left = 0;
    let pen = theme.pen(&theme.muted, 1.0);
    for (column, part) in parts.iter().enumerate() {
        let wide = room * part / all;
        let name = if column == 0 {
            let [_, rows, columns] = images.shape;
            let side = wide.min(high);
            let tall = side * rows as i32 / columns as i32;
            let place = [left + (wide - side) / 2, (high - tall) / 2, side, tall];
            draw_cells(backend, place, [columns, rows], |at| {
                shade(&images.looked.pixels, images.shape, at, theme)
            })?;
            let corner = (place[0] + side, place[1] + tall);
            backend.draw_rect((place[0], place[1]), corner, &pen, false)?;
            "image".to_owned()
        } else if let Some(layer) = seen.answered.get(column - 1) {
            draw_layer(backend, [left, 0, wide, high], layer, theme)?;
            shaped(layer)
        } else {
            draw_classes(
                backend,
                [left, 0, wide, high],
                &seen.answer,
                images,
                color,
                theme,
            )?;
            "answer".to_owned()
        };
        let at = (left + wide / 2, height - theme.px(3.0));
        theme.text(
            backend,
            &name,
            at,
            (HPos::Center, VPos::Bottom),
            theme.muted,
        )?;
        left += wide + gap;
    }
    Ok(())
}

/// The shape of a layer's answer.
pub(super) fn shaped(layer: &Answered) -> String {
    match (layer.planes.len(), layer.shape) {
        (neurons, [1, 1]) => neurons.to_string(),
        (planes, [rows, columns]) => format!("{planes} × {rows} × {columns}"),
    }
}

/// A layer's planes, on a colour scale of its own.
fn draw_layer<B: DrawingBackend>(
    backend: &mut B,
    [left, top, width, height]: [i32; 4],
    layer: &Answered,
    theme: &Theme,
) -> Drawn<B> {
    let planes = &layer.planes[..layer.planes.len().min(MOST_PLANES)];
    let numbers = planes.iter().flatten().map(|x| x.abs());
    let most = numbers
        .filter(|x| x.is_finite())
        .fold(f32::MIN_POSITIVE, f32::max);
    let [rows, columns] = layer.shape;
    let (across, tile) = laid_out((width, height), planes.len(), 1.0);
    let tile = tile.min(theme.px(72.0)).max(2);
    let side = (tile * 9 / 10).max(1);
    let down = planes.len().div_ceil(across) as i32;
    let (left, top) = (
        left + (width - tile * across as i32) / 2,
        top + (height - tile * down) / 2,
    );
    for (k, plane) in planes.iter().enumerate() {
        let (row, column) = ((k / across) as i32, (k % across) as i32);
        let (x, y) = (left + column * tile, top + row * tile);
        draw_cells(backend, [x, y, side, side], [columns, rows], |at| {
            let value = plane[at] / most;
            mixed(
                theme.background,
                theme.class(usize::from(value > 0.0)),
                value.abs(),
            )
        })?;
        let frame = theme.pen(&theme.grid, 1.0);
        backend.draw_rect((x, y), (x + side, y + side), &frame, false)?;
    }
    Ok(())
}

/// How likely each class is, as bars from left to right.
fn draw_classes<B: DrawingBackend>(
    backend: &mut B,
    [left, top, width, height]: [i32; 4],
    answer: &[f32],
    images: &Images,
    color: RGBColor,
    theme: &Theme,
) -> Drawn<B> {
    let names = (0..answer.len()).map(|class| theme.width(images.class(class)));
    let beside = names.max().unwrap_or(0) + theme.px(6.0);
    let line = height / answer.len().max(1) as i32;
    for (class, likely) in answer.iter().enumerate() {
        let middle = top + line * class as i32 + line / 2;
        let share = if likely.is_finite() { *likely } else { 0.0 };
        let long = (share * (width - beside) as f32) as i32;
        let half = (line * 2 / 5).max(1);
        let from = (left + beside, middle - half);
        backend.draw_rect(from, (from.0 + long, middle + half), &color.filled(), true)?;
        let right = images.looked.class == Some(class);
        let ink = if right { theme.ink } else { theme.muted };
        let at = (left + beside - theme.px(4.0), middle);
        theme.text(
            backend,
            images.class(class),
            at,
            (HPos::Right, VPos::Center),
            ink,
        )?;
    }
    backend.draw_line(
        (left + beside, top),
        (left + beside, top + line * answer.len() as i32),
        &theme.pen(&theme.muted, 1.0),
    )
}
