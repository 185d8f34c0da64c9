//! What runs read from an image that is drawn: how likely each class is, as bars.

use crate::frame::images::Seen;
use crate::plot::Drawn;
use crate::plot::theme::Theme;
use plotters::style::Color;
use plotters::style::text_anchor::{HPos, VPos};
use plotters_backend::DrawingBackend;

pub(super) fn draw<B: DrawingBackend>(
    backend: &mut B,
    (width, height): (i32, i32),
    runs: &[Seen],
    theme: &Theme,
) -> Drawn<B> {
    let classes = runs
        .iter()
        .map(|seen| seen.confusion.len())
        .max()
        .unwrap_or(0)
        .max(1);
    let below = theme.px(theme.font * 1.5);
    let (floor, wide) = (height - below, width / classes as i32);
    let bar = (wide * 4 / 5 / runs.len().max(1) as i32).max(1);
    for class in 0..classes {
        let begin = class as i32 * wide + wide / 10;
        for (run, seen) in runs.iter().enumerate() {
            let likely = seen.reading.get(class).copied().filter(|p| p.is_finite());
            let high = (likely.unwrap_or(0.0) * floor as f32) as i32;
            let x = begin + run as i32 * bar;
            backend.draw_rect(
                (x, floor - high),
                (x + bar, floor),
                &theme.run(run).filled(),
                true,
            )?;
        }
        let at = (begin + wide * 2 / 5, floor + theme.px(3.0));
        theme.text(
            backend,
            &class.to_string(),
            at,
            (HPos::Center, VPos::Top),
            theme.ink,
        )?;
    }
    backend.draw_line((0, floor), (width, floor), &theme.pen(&theme.muted, 1.0))
}
