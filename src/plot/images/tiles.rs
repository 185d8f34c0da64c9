//! What all pictures of images are laid out of: cells of a colour, tiles as large as they fit, the colour of a pixel. Knows no network.

use crate::plot::Drawn;
use crate::plot::theme::{LATTICE, Theme, mixed};
use plotters::style::text_anchor::{HPos, VPos};
use plotters::style::{Color, RGBColor};
use plotters_backend::DrawingBackend;

/// Cells of a grid with so many columns, each in the colour of its number, into a square or what of it there is.
pub(super) fn draw_cells<B: DrawingBackend>(
    backend: &mut B,
    [left, top, width, height]: [i32; 4],
    [columns, rows]: [usize; 2],
    color: impl Fn(usize) -> RGBColor,
) -> Drawn<B> {
    // Edges lie on the pixels of a canvas: between them there would be seams.
    let edge = |from: i32, length: i32, i: usize, of: usize| {
        let at = from + length * i as i32 / of as i32;
        at - at.rem_euclid(LATTICE)
    };
    for i in 0..rows {
        for j in 0..columns {
            let from = (edge(left, width, j, columns), edge(top, height, i, rows));
            let to = (
                edge(left, width, j + 1, columns),
                edge(top, height, i + 1, rows),
            );
            backend.draw_rect(from, to, &color(i * columns + j).filled(), true)?;
        }
    }
    Ok(())
}

/// What a class is called, beside its row and above its column in a matrix with its corner there; they are `middle` away from it.
pub(super) fn draw_names<B: DrawingBackend>(
    backend: &mut B,
    (left, top): (i32, i32),
    middle: i32,
    [beside, above]: [&str; 2],
    theme: &Theme,
) -> Drawn<B> {
    let row = (left - theme.px(4.0), top + middle);
    let anchor = (HPos::Right, VPos::Center);
    theme.text(backend, beside, row, anchor, theme.muted)?;
    let column = (left + middle, top - theme.px(3.0));
    let anchor = (HPos::Center, VPos::Bottom);
    theme.text(backend, above, column, anchor, theme.muted)
}

/// How many columns lay so many tiles, `high` times as high as wide, out largest; and how wide a tile is.
pub(super) fn laid_out((width, height): (i32, i32), tiles: usize, high: f64) -> (usize, i32) {
    let fits = |columns: usize| {
        let rows = tiles.div_ceil(columns);
        let wide = f64::from(width) / columns as f64;
        wide.min(f64::from(height) / rows as f64 / high) as i32
    };
    let columns = (1..=tiles.max(1)).map(|columns| (columns, fits(columns)));
    columns.fold(
        (1, 0),
        |best, other| if other.1 > best.1 { other } else { best },
    )
}

/// The colour of an image's pixel: as much ink as it is, or its red, green and blue.
pub(super) fn shade(pixels: &[f32], shape: [usize; 3], at: usize, theme: &Theme) -> RGBColor {
    let [planes, rows, columns] = shape;
    let plane = |k: usize| pixels[k * rows * columns + at].clamp(0.0, 1.0);
    if planes < 3 {
        return mixed(theme.background, theme.ink, plane(0));
    }
    let [red, green, blue] = [0, 1, 2].map(|k| (plane(k) * 255.0) as u8);
    RGBColor(red, green, blue)
}

/// What a name begins with.
pub(super) fn short(name: &str, letters: usize) -> String {
    name.chars().take(letters).collect()
}

/// A name of at most five characters: itself, or what it begins with and a point.
pub(super) fn abbreviated(name: &str) -> String {
    if name.chars().count() <= 5 {
        return name.to_owned();
    }
    short(name, 4) + "."
}
