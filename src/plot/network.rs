//! The network as a graph of E's variables: Θ as edges, Z as squares, A as circles; what a sub-step moves is lit.
//! Knows a sub-step's frame.

use super::Drawn;
use super::theme::{Marker, Theme};
use crate::frame::{Formula, OneStep, SubStep, lowered};
use plotters::style::text_anchor::{HPos, VPos};
use plotters::style::{Color, RGBColor};
use plotters_backend::{BackendCoord, DrawingBackend};

/// Neurons of a layer drawn at most; of larger layers the first and last, with dots between.
const MOST: usize = 10;
/// Rows of names are so many ems apart.
const ROW: f64 = 1.2;

/// A column of the graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    /// The inputs, `A_0`.
    Input,
    /// The pre-activations of a layer (from 1).
    Z(usize),
    /// The activations of a hidden layer (from 1).
    A(usize),
}

/// Draws the network of a step and lights what a sub-step moves. The neurons of a convolution see those nearby alone.
///
/// # Errors
/// What the backend answers.
pub fn draw<B: DrawingBackend>(
    backend: &mut B,
    size: (u32, u32),
    step: &OneStep,
    sub_step: &SubStep,
    theme: &Theme,
) -> Drawn<B> {
    let (sizes, inputs) = (&step.sizes, &step.inputs);
    let lit = theme.run(2);
    let layers = sizes.len() - 1;
    let mut columns = vec![(Column::Input, sizes[0])];
    for (l, &neurons) in sizes.iter().enumerate().skip(1) {
        columns.push((Column::Z(l), neurons));
        if l < layers {
            columns.push((Column::A(l), neurons));
        }
    }
    // A and Z of a layer stand closer together than layers do.
    let mut across = vec![0.0];
    for (column, _) in &columns[1..] {
        let step = if matches!(column, Column::A(_)) {
            0.55
        } else {
            1.0
        };
        across.push(across[across.len() - 1] + step);
    }
    let names = inputs.iter().map(|name| theme.width(name)).max();
    let names = names.map_or(0, |widest| widest + theme.px(12.0));
    let (left, right) = (
        theme.px(26.0).max(names),
        size.0.cast_signed() - theme.px(26.0),
    );
    let whole = across[across.len() - 1];
    // From one layer to the next, and from a name to the one beside it.
    let apart = f64::from(right - left) / whole;
    let widest = f64::from(theme.width("Z₁") + theme.px(3.0));
    // Names of many layers stand in rows of their own: Θ, Z and A.
    let rows = if 0.5 * apart < widest { 2.0 } else { 0.0 };
    let crowded = 1.55 * apart < widest;
    let (top, bottom) = (
        theme.px(10.0),
        size.1.cast_signed() - theme.px((2.3 + ROW * rows) * theme.font),
    );
    let x =
        |column: usize| left + (f64::from(right - left) * across[column] / whole).round() as i32;
    let tallest = columns
        .iter()
        .map(|(_, n)| (*n).min(MOST))
        .max()
        .unwrap_or(1);
    let gap = f64::from(bottom - top) / tallest as f64;
    let radius = (0.3 * gap)
        .min(0.22 * apart)
        .clamp(2.0 * theme.unit, 7.0 * theme.unit);
    let places: Vec<Vec<BackendCoord>> = (0..columns.len())
        .map(|i| {
            let shown = columns[i].1.min(MOST);
            let middle = f64::from(top + bottom) / 2.0;
            let y = |k: usize| middle + gap * (k as f64 - (shown as f64 - 1.0) / 2.0);
            (0..shown).map(|k| (x(i), y(k).round() as i32)).collect()
        })
        .collect();

    for i in 1..columns.len() {
        let moved = match columns[i].0 {
            Column::Z(l) => touches_theta(sub_step, l),
            _ => false,
        };
        let pen = if moved {
            theme.pen(&lit.mix(0.85), 1.3)
        } else {
            theme.pen(&theme.muted.mix(0.35), 0.8)
        };
        let drawn = |column: usize| {
            let neurons = columns[column].1;
            let all = places[column].iter().copied().enumerate();
            all.filter(move |(k, _)| !dots(neurons, *k))
        };
        for (k, to) in drawn(i) {
            for (j, from) in drawn(i - 1) {
                let joined = match columns[i].0 {
                    // σ acts neuron by neuron.
                    Column::A(_) => j == k,
                    Column::Z(l) if step.convolutions.contains(&l) => j.abs_diff(k) <= 1,
                    _ => true,
                };
                if joined {
                    backend.draw_path([from, to], &pen)?;
                }
            }
        }
    }
    for (i, (column, neurons)) in columns.iter().enumerate() {
        let moved = touches(sub_step, *column);
        let (fill, edge) = if moved {
            (lit, theme.pen(&theme.ink, 1.4))
        } else {
            (theme.background, theme.pen(&theme.muted, 1.2))
        };
        let marker = if matches!(column, Column::Z(_)) {
            Marker::Square
        } else {
            Marker::Circle
        };
        for (k, &place) in places[i].iter().enumerate() {
            if dots(*neurons, k) {
                theme.text(
                    backend,
                    "⋮",
                    place,
                    (HPos::Center, VPos::Center),
                    theme.muted,
                )?;
                continue;
            }
            marker.draw(backend, place, radius, Some(fill.to_rgba()), Some(edge))?;
            if let (Column::Input, Some(name)) = (column, inputs.get(k)) {
                let beside = (place.0 - radius.round() as i32 - theme.px(4.0), place.1);
                theme.text(
                    backend,
                    name,
                    beside,
                    (HPos::Right, VPos::Center),
                    theme.muted,
                )?;
            }
        }
        let name = match column {
            Column::Input => "X".to_owned(),
            Column::Z(l) => format!("Z{}", lowered(*l)),
            Column::A(l) => format!("A{}", lowered(*l)),
        };
        let row = match column {
            Column::Z(_) => 0.5 * rows,
            Column::A(_) | Column::Input => 0.0,
        };
        if moved || !crowded {
            name_below(backend, x(i), row, &name, moved, size, theme)?;
        }
        if let Column::Z(l) = column {
            let between = i32::midpoint(x(i - 1), x(i));
            let name = format!("Θ{}", lowered(*l));
            let moved = touches_theta(sub_step, *l);
            if moved || !crowded {
                name_below(backend, between, rows, &name, moved, size, theme)?;
            }
        }
    }
    Ok(())
}

/// Whether place `k` of a layer stands for all that are not drawn.
fn dots(neurons: usize, k: usize) -> bool {
    neurons > MOST && k == MOST / 2
}

/// A name below a column, in a row from below.
fn name_below<B: DrawingBackend>(
    backend: &mut B,
    x: i32,
    row: f64,
    name: &str,
    moved: bool,
    size: (u32, u32),
    theme: &Theme,
) -> Drawn<B> {
    let up = theme.px((0.5 + ROW * row) * theme.font);
    let place = (x, size.1.cast_signed() - up);
    if moved {
        // Colour alone says nothing to some: the name is underlined too.
        let (half, y) = (
            theme.width(name) / 2 + theme.px(2.0),
            place.1 + theme.px(2.0),
        );
        backend.draw_path(
            [(x - half, y), (x + half, y)],
            &theme.pen(&theme.run(2), 2.5),
        )?;
    }
    let color: RGBColor = if moved { theme.ink } else { theme.muted };
    theme.text(backend, name, place, (HPos::Center, VPos::Bottom), color)
}

fn touches(sub_step: &SubStep, column: Column) -> bool {
    match (sub_step.formula, column) {
        (Formula::Forward, Column::Z(_) | Column::A(_)) => true,
        (Formula::OutputA | Formula::A, Column::A(l)) | (Formula::Z, Column::Z(l)) => {
            l == sub_step.layer
        }
        _ => false,
    }
}

fn touches_theta(sub_step: &SubStep, layer: usize) -> bool {
    let theta = matches!(
        sub_step.formula,
        Formula::OutputTheta | Formula::ThetaExplicit | Formula::ThetaImplicit
    );
    theta && sub_step.layer == layer
}
