//! The confusion matrix: how often each class was answered how.

use super::tiles::{draw_cells, draw_names, short};
use crate::frame::images::{Images, Seen};
use crate::plot::Drawn;
use crate::plot::theme::{Theme, mixed};
use plotters::style::RGBColor;
use plotters::style::text_anchor::{HPos, VPos};
use plotters_backend::DrawingBackend;

pub(super) fn draw<B: DrawingBackend>(
    backend: &mut B,
    (width, height): (i32, i32),
    Seen { confusion, .. }: &Seen,
    images: &Images,
    color: RGBColor,
    theme: &Theme,
) -> Drawn<B> {
    let classes = confusion.len().max(1);
    let margin = theme.px(theme.font * 1.6);
    // Names stand beside the rows, and above the columns what they begin with.
    let names = (0..classes).map(|class| theme.width(images.class(class)));
    let beside = margin.max(names.max().unwrap_or(0) + theme.px(8.0));
    let cell = (width - beside).min(height - 2 * margin) / classes as i32;
    let side = cell * classes as i32;
    let (left, top) = (beside.max((width - side) / 2), margin);
    let of: Vec<u32> = confusion
        .iter()
        .map(|row| row.iter().sum::<u32>().max(1))
        .collect();
    let share = |at: usize| confusion[at / classes][at % classes] as f32 / of[at / classes] as f32;
    // Where a class goes astray is seen as well as where it does not.
    let shade = |at: usize| mixed(theme.background, color, share(at).sqrt());
    draw_cells(backend, [left, top, side, side], [classes; 2], shade)?;
    let whole = ((left, top), (left + side, top + side));
    backend.draw_rect(whole.0, whole.1, &theme.pen(&theme.muted, 1.0), false)?;
    for k in 0..classes {
        let at = k as i32 * cell + cell / 2;
        let name = images.class(k);
        let names = [name, &short(name, 2)];
        draw_names(backend, (left, top), at, names, theme)?;
    }
    let below = (left + side / 2, top + side + theme.px(3.0));
    let all = "rows: right, columns: given";
    let fits = theme.width(all) <= 2 * (below.0.min(width - below.0));
    theme.text(
        backend,
        if fits { all } else { "↓ right, → given" },
        below,
        (HPos::Center, VPos::Top),
        theme.muted,
    )?;
    // Only where every number has room.
    let most = confusion.iter().flatten().max().map(u32::to_string);
    let widest = most.map_or(0, |most| theme.width(&most));
    if cell < theme.px(theme.font * 1.5).max(widest + theme.px(2.0)) {
        return Ok(());
    }
    for at in 0..classes * classes {
        let (row, column) = (at / classes, at % classes);
        let count = confusion[row][column];
        if count == 0 {
            continue;
        }
        let ink = if share(at).sqrt() > 0.55 {
            theme.background
        } else {
            theme.ink
        };
        let middle = (
            left + column as i32 * cell + cell / 2,
            top + row as i32 * cell + cell / 2,
        );
        theme.text(
            backend,
            &count.to_string(),
            middle,
            (HPos::Center, VPos::Center),
            ink,
        )?;
    }
    Ok(())
}
