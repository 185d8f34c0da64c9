//! Wrong answers, the most confident first: each image with what it is, what it was taken for, and how sure.

use super::tiles::{abbreviated, draw_cells, laid_out, shade};
use crate::frame::images::{Images, Seen, Wrong};
use crate::plot::Drawn;
use crate::plot::number::percent;
use crate::plot::theme::Theme;
use plotters::style::text_anchor::{HPos, VPos};
use plotters_backend::DrawingBackend;

pub(super) fn draw<B: DrawingBackend>(
    backend: &mut B,
    size: (i32, i32),
    seen: &Seen,
    images: &Images,
    theme: &Theme,
) -> Drawn<B> {
    let [_, rows, columns] = images.shape;
    if seen.wrong.is_empty() {
        let words = if seen.errors() == 0 && seen.confusion.iter().flatten().any(|&n| n > 0) {
            "every answer is right"
        } else {
            "no answers: the numbers left the ground"
        };
        let middle = (size.0 / 2, size.1 / 2);
        return theme.text(
            backend,
            words,
            middle,
            (HPos::Center, VPos::Center),
            theme.muted,
        );
    }
    // Below an image: what was right and what was given, and how sure.
    let line = theme.px(theme.font * 1.15);
    let gap = theme.px(3.0);
    let text = 2 * line + 3 * gap;
    // As many as keep their letters apart, the most confident.
    let labels = |wrong: &Wrong| {
        let [right, given] =
            [wrong.right, wrong.given].map(|class| abbreviated(images.class(class)));
        let answer = [right, given].join(" → ");
        [answer, percent(f64::from(wrong.confidence), 0)]
    };
    let widths = seen
        .wrong
        .iter()
        .flat_map(labels)
        .map(|label| theme.width(&label));
    let least = widths.max().unwrap_or(0) + 3 * gap;
    let high = f64::from(least + text) / f64::from(least);
    let most = [size.0 / least, size.1 / (theme.px(26.0) + text)].map(|n| n.max(1) as usize);
    let count = seen.wrong.len().min(most[0] * most[1]);
    let (across, _) = laid_out(size, count, high);
    // As large as they can be, but all of them there.
    let across = across.clamp(count.div_ceil(most[1]), most[0]);
    let down = count.div_ceil(across);
    let (wide, tall) = (size.0 / across as i32, size.1 / down as i32);
    let side = (wide - 2 * gap).min(tall - text).clamp(1, theme.px(96.0));
    for (k, wrong) in seen.wrong.iter().take(count).enumerate() {
        let (row, column) = ((k / across) as i32, (k % across) as i32);
        let (middle, top) = (column * wide + wide / 2, row * tall + gap);
        let place = [middle - side / 2, top, side, side];
        draw_cells(backend, place, [columns, rows], |at| {
            shade(&wrong.pixels, images.shape, at, theme)
        })?;
        let corner = (place[0] + side, top + side);
        let frame = theme.pen(&theme.grid, 1.0);
        backend.draw_rect((place[0], top), corner, &frame, false)?;
        let below = (HPos::Center, VPos::Top);
        let [answer, sure] = labels(wrong);
        let y = top + side + gap;
        theme.text(backend, &answer, (middle, y), below, theme.ink)?;
        theme.text(backend, &sure, (middle, y + line), below, theme.muted)?;
    }
    Ok(())
}

/// A wrong answer in words.
pub(super) fn told(wrong: &Wrong, images: &Images) -> String {
    let sure = percent(f64::from(wrong.confidence), 0);
    let [right, given] = [wrong.right, wrong.given].map(|class| images.class(class));
    format!("{right} taken for {given} ({sure})")
}
