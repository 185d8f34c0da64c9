//! The first layer's weights, in all runs on one scale of colours.

use super::tiles::{draw_cells, laid_out};
use crate::frame::images::{Images, Seen};
use crate::plot::Drawn;
use crate::plot::theme::{Theme, mixed};
use plotters::style::text_anchor::{HPos, VPos};
use plotters_backend::DrawingBackend;

pub(super) fn draw<B: DrawingBackend>(
    backend: &mut B,
    size: (i32, i32),
    seen: &Seen,
    scale: f32,
    theme: &Theme,
) -> Drawn<B> {
    let below = theme.px(theme.font * 1.5);
    let inside = (size.0, size.1 - below);
    let [rows, columns] = seen.filter;
    let (across, tile) = laid_out(inside, seen.filters.len(), 1.0);
    // One of a few is not blown up to the size of all.
    let tile = tile.min(theme.px(92.0));
    let side = tile * 9 / 10;
    let left = (size.0 - tile * across as i32) / 2;
    for (k, filter) in seen.filters.iter().enumerate() {
        let (row, column) = ((k / across) as i32, (k % across) as i32);
        let (x, y) = (left + column * tile + (tile - side) / 2, row * tile);
        draw_cells(backend, [x, y, side, side], [columns, rows], |at| {
            let weight = filter[at] / scale;
            mixed(
                theme.background,
                theme.class(usize::from(weight > 0.0)),
                weight.abs(),
            )
        })?;
        backend.draw_rect(
            (x, y),
            (x + side, y + side),
            &theme.pen(&theme.muted, 1.0),
            false,
        )?;
    }
    // What the colours stand for.
    let label = theme.px(theme.font);
    let y = size.1 - below / 2;
    let half = label / 2;
    let beyond = if largest(seen) > scale {
        " and beyond"
    } else {
        ""
    };
    let least = format!("−{scale:.2}");
    let most = format!("{scale:.2}{beyond}");
    let steps = 9;
    let gap = theme.px(5.0);
    let words = theme.width(&least) + theme.width(&most) + 2 * gap;
    let bar = theme.px(90.0).min(size.0 - words).max(theme.px(24.0));
    let left = (size.0 - words - bar).max(0) / 2 + theme.width(&least) + gap;
    draw_cells(backend, [left, y - half, bar, label], [steps, 1], |at| {
        let share = at as f32 / (steps - 1) as f32 * 2.0 - 1.0;
        mixed(
            theme.background,
            theme.class(usize::from(share > 0.0)),
            share.abs(),
        )
    })?;
    theme.text(
        backend,
        &least,
        (left - gap, y),
        (HPos::Right, VPos::Center),
        theme.muted,
    )?;
    theme.text(
        backend,
        &most,
        (left + bar + gap, y),
        (HPos::Left, VPos::Center),
        theme.muted,
    )
}

/// The largest weight of a run's filters.
pub(super) fn largest(seen: &Seen) -> f32 {
    let weights = seen.filters.iter().flatten().map(|weight| weight.abs());
    weights.filter(|w| w.is_finite()).fold(0.0, f32::max)
}

/// The weight that the deepest colour stands for in the filters of every run: the largest of the run whose weights are smallest, so that
/// one that has left the ground does not take the colour from the others; or a hundredth of the largest of all, where a run has next to none.
pub(super) fn scale(images: &Images) -> f32 {
    let runs = images.runs.iter().map(largest);
    let (least, most) = runs.fold((f32::MAX, 0.0), |(least, most): (f32, f32), here| {
        (least.min(here), most.max(here))
    });
    least.max(most / 100.0).max(f32::MIN_POSITIVE)
}
