//! How alike the images of a minibatch are, sorted by class.

use super::tiles::{draw_cells, draw_names};
use crate::frame::images::Kernel;
use crate::plot::Drawn;
use crate::plot::theme::{Theme, mixed};
use plotters_backend::DrawingBackend;

/// Most rows and columns that are drawn: each is the mean of neighbours where there are more.
const FINE: usize = 50;

pub(super) fn draw<B: DrawingBackend>(
    backend: &mut B,
    (width, height): (i32, i32),
    kernel: &Kernel,
    theme: &Theme,
) -> Drawn<B> {
    let n = kernel.labels.len();
    if n == 0 {
        return Ok(());
    }
    let margin = theme.px(theme.font * 1.6);
    let side = (width - margin).min(height - margin).max(1);
    let (left, top) = (margin.max((width - side) / 2), margin);
    let cells = n.min(FINE);
    let edge = |i: usize| i * n / cells;
    let mean = |at: usize| {
        let (row, column) = (at / cells, at % cells);
        let (rows, columns) = (edge(row)..edge(row + 1), edge(column)..edge(column + 1));
        let count = (rows.len() * columns.len()) as f32;
        let values = rows.flat_map(|i| columns.clone().map(move |j| kernel.values[i * n + j]));
        values.sum::<f32>() / count
    };
    draw_cells(backend, [left, top, side, side], [cells; 2], |at| {
        mixed(theme.background, theme.ink, mean(at))
    })?;
    let pen = theme.pen(&theme.run(0), 1.0);
    let place = |i: usize| side * i as i32 / n as i32;
    let mut first = 0;
    for class in kernel.labels.chunk_by(|a, b| a == b) {
        let last = first + class.len();
        let (from, to) = (place(first), place(last));
        backend.draw_rect(
            (left + from, top + from),
            (left + to, top + to),
            &pen,
            false,
        )?;
        let (middle, name) = ((from + to) / 2, class[0].to_string());
        draw_names(backend, (left, top), middle, [&name, &name], theme)?;
        first = last;
    }
    Ok(())
}

/// The mean of a kernel's entries within a class, and between classes.
pub(super) fn likeness(kernel: &Kernel) -> (f32, f32) {
    let n = kernel.labels.len();
    let mut sums = [[0.0; 2]; 2];
    for (at, value) in kernel.values.iter().enumerate() {
        let (i, j) = (at / n, at % n);
        if i != j {
            let sum = &mut sums[usize::from(kernel.labels[i] == kernel.labels[j])];
            *sum = [sum[0] + value, sum[1] + 1.0];
        }
    }
    let mean = |[sum, count]: [f32; 2]| sum / count.max(1.0);
    (mean(sums[1]), mean(sums[0]))
}
