//! The staircase of E over the sub-steps of one step, explicit and implicit side by side. Knows one step's frame.

use super::axes::Axes;
use super::legend::Swatch;
use super::number::short;
use super::theme::{Line, Marker, Theme};
use super::{Drawn, legend};
use crate::frame::{Formula, OneStep, SubStep, SweepFrame, lowered};
use plotters::style::text_anchor::{HPos, VPos};
use plotters::style::{Color, RGBColor};
use plotters_backend::{BackendCoord, DrawingBackend};

/// How strongly sub-steps that are still to come are drawn.
const TO_COME: f64 = 0.28;

/// E jumps where it rises to more than this many times what it was.
const JUMP: f64 = 1.05;

/// Draws both staircases. Marks of sub-steps that both sides make by the same explicit formula are hollow. Sub-steps beyond `now` (an index into the sub-steps) are pale: they are still to come.
///
/// # Errors
/// What the backend answers.
pub fn draw<B: DrawingBackend>(
    backend: &mut B,
    size: (u32, u32),
    step: &OneStep,
    now: usize,
    theme: &Theme,
) -> Drawn<B> {
    let sides = [&step.explicit, &step.implicit];
    let names = ["BackProp, explicit", "ProxProp, implicit"];
    let mut entries: Vec<(Swatch, String)> = (0..2)
        .map(|side| (swatch(side, theme), names[side].to_owned()))
        .collect();
    let alike = Swatch {
        color: theme.muted,
        line: None,
        marker: Some(Marker::Circle),
        hollow: true,
    };
    entries.push((alike, "hollow: explicit in both".to_owned()));
    let title = "Energy E after each sub-step";
    legend::draw(backend, title, &entries, size.0, theme)?;
    let top = legend::height(title, &entries, size.0, theme);

    let slots = step.explicit.sub_steps.len();
    let energies = sides
        .iter()
        .flat_map(|s| &s.sub_steps)
        .map(|s| s.energy.total);
    let (low, high) = energies
        .filter(|e| e.is_finite() && *e > 0.0)
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), e| {
            (l.min(e), h.max(e))
        });
    let y = if low <= high {
        // Room for the labels below the lowest and above the highest step.
        let label = f64::from(theme.px(1.9 * theme.font));
        let inner = f64::from(size.1.cast_signed() - top - theme.px(3.2 * theme.font));
        let share = label / (inner - 2.0 * label).max(label);
        let room = libm::pow((high / low).max(1.5), share.max(0.16));
        (low / room, high * room)
    } else {
        (0.1, 1.0)
    };
    let mut axes = Axes::new(size, (0.0, slots as f64), y, true, theme);
    axes.top = (top + theme.px(0.4 * theme.font)).min(axes.bottom - 1);

    // Bands behind the sub-steps in which the methods differ.
    for (i, sub_step) in step.explicit.sub_steps.iter().enumerate() {
        if sub_step.formula == Formula::ThetaExplicit {
            let (left, right) = (axes.x_at(i as f64), axes.x_at(i as f64 + 1.0));
            let band = theme.grid.mix(0.55).filled();
            backend.draw_rect((left, axes.top), (right, axes.bottom), &band, true)?;
        }
    }
    axes.draw_rows(backend, theme)?;
    // A staircase that is told to its end frames none.
    if now < slots {
        let (left, right) = (axes.x_at(now as f64), axes.x_at(now as f64 + 1.0));
        let edge = theme.pen(&theme.ink, 1.2);
        let bottom = axes.bottom + theme.px(1.9 * theme.font);
        let outline = [
            (left, axes.top),
            (right, axes.top),
            (right, bottom),
            (left, bottom),
            (left, axes.top),
        ];
        backend.draw_path(outline, &edge)?;
    }

    let subs = &step.explicit.sub_steps;
    let differ = (0..subs.len()).filter(|&i| subs[i].formula == Formula::ThetaExplicit);
    let here = (0..subs.len()).filter(|&i| i == now);
    let order = here.chain(differ).chain((0..subs.len()).rev());
    let named = seated(order, subs.len(), |i| {
        span(&axes, i, &symbol(&subs[i]), theme)
    });
    for (i, sub_step) in subs.iter().enumerate().filter(|(i, _)| named[*i]) {
        let middle = i32::midpoint(axes.x_at(i as f64), axes.x_at(i as f64 + 1.0));
        let color = if i == now { theme.ink } else { theme.muted };
        let place = (middle, axes.bottom + theme.px(0.5 * theme.font));
        theme.text(
            backend,
            &symbol(sub_step),
            place,
            (HPos::Center, VPos::Top),
            color,
        )?;
    }
    let floor = theme.crisp(axes.bottom);
    backend.draw_path(
        [(axes.left, floor), (axes.right, floor)],
        &theme.pen(&theme.muted, 1.0),
    )?;

    // Side by side where they are equal.
    let beside = theme.px(theme.stroke * 0.55);
    for (side, sweep) in sides.into_iter().enumerate() {
        let shift = if side == 0 { -beside } else { beside };
        draw_side(backend, &axes, sweep, side, shift, now, theme)?;
    }
    Ok(())
}

/// Which of so many labels are seen, so that none lies on another; those first in order go first.
fn seated(
    order: impl Iterator<Item = usize>,
    count: usize,
    span: impl Fn(usize) -> (i32, i32),
) -> Vec<bool> {
    let mut seen = vec![false; count];
    let mut taken: Vec<(i32, i32)> = Vec::new();
    for i in order {
        let (left, right) = span(i);
        if !seen[i] && taken.iter().all(|&(a, b)| right <= a || b <= left) {
            seen[i] = true;
            taken.push((left, right));
        }
    }
    seen
}

/// From where to where the words of a sub-step reach.
fn span(axes: &Axes, sub_step: usize, words: &str, theme: &Theme) -> (i32, i32) {
    let at = sub_step as f64;
    let middle = i32::midpoint(axes.x_at(at), axes.x_at(at + 1.0));
    let half = theme.width(words) / 2;
    (middle - half, middle + half)
}

fn swatch(side: usize, theme: &Theme) -> Swatch {
    Swatch {
        color: theme.run(side),
        line: Some(Line::Solid),
        marker: Some(Marker::of(side)),
        hollow: false,
    }
}

fn draw_side<B: DrawingBackend>(
    backend: &mut B,
    axes: &Axes,
    sweep: &SweepFrame,
    side: usize,
    shift: i32,
    now: usize,
    theme: &Theme,
) -> Drawn<B> {
    let color = theme.run(side);
    let level = |e: f64| axes.y_at(if e.is_finite() { e } else { f64::MAX }) + shift;
    let mut path: Vec<BackendCoord> = Vec::new();
    let mut pale: Vec<BackendCoord> = Vec::new();
    for (i, sub_step) in sweep.sub_steps.iter().enumerate() {
        let y = level(sub_step.energy.total);
        let ends = [(axes.x_at(i as f64), y), (axes.x_at(i as f64 + 1.0), y)];
        if i <= now {
            path.extend(ends);
        } else {
            if pale.is_empty() {
                pale.extend(path.last());
            }
            pale.extend(ends);
        }
    }
    backend.draw_path(pale, &theme.pen(&color.mix(TO_COME), theme.stroke * 1.3))?;
    backend.draw_path(path, &theme.pen(&color, theme.stroke * 1.3))?;
    // What is said of sub-steps, the last of them first.
    let told = |i: usize| i <= now && (compared(&sweep.sub_steps[i]) || rises(&sweep.sub_steps[i]));
    let order = (0..sweep.sub_steps.len()).rev().filter(|&i| told(i));
    let told = seated(order, sweep.sub_steps.len(), |i| {
        span(axes, i, &change(&sweep.sub_steps[i]), theme)
    });
    for (i, sub_step) in sweep.sub_steps.iter().enumerate() {
        let strength = if i <= now { 1.0 } else { TO_COME };
        let place = (
            i32::midpoint(axes.x_at(i as f64), axes.x_at(i as f64 + 1.0)),
            level(sub_step.energy.total),
        );
        let compared = compared(sub_step);
        let (fill, edge) = if compared {
            (color.mix(strength), theme.pen(&theme.background, 1.0))
        } else {
            (
                theme.background.to_rgba(),
                theme.pen(&color.mix(strength), 1.4),
            )
        };
        let radius = f64::from(theme.px(3.6));
        Marker::of(side).draw(backend, place, radius, Some(fill), Some(edge))?;
        if told[i] {
            // The explicit side is labelled above its step, the implicit one below.
            let away = theme.px(theme.font * 0.75);
            let (at, anchor) = if side == 0 {
                (place.1 - away, VPos::Bottom)
            } else {
                (place.1 + away, VPos::Top)
            };
            let words = change(sub_step);
            let ink = if compared {
                strong(color, theme)
            } else {
                theme.muted
            };
            theme.text(backend, &words, (place.0, at), (HPos::Center, anchor), ink)?;
        }
    }
    Ok(())
}

/// Whether the methods differ in it.
fn compared(sub_step: &SubStep) -> bool {
    matches!(
        sub_step.formula,
        Formula::ThetaExplicit | Formula::ThetaImplicit
    )
}

/// What both sides do by one formula has a number where it throws E up.
fn rises(sub_step: &SubStep) -> bool {
    sub_step.energy.total > JUMP * sub_step.before
}

/// A run's colour for words, which need more contrast than lines.
fn strong(color: RGBColor, theme: &Theme) -> RGBColor {
    let mix = |a: u8, b: u8| ((3 * u16::from(a) + u16::from(b)) / 4) as u8;
    let RGBColor(r, g, b) = theme.ink;
    RGBColor(mix(color.0, r), mix(color.1, g), mix(color.2, b))
}

/// What a sub-step did to E: as a factor where it multiplies it, in percent where it changes it a little.
fn change(sub_step: &SubStep) -> String {
    let factor = sub_step.energy.total / sub_step.before;
    if !factor.is_finite() {
        return "→ ∞".to_owned();
    }
    if factor >= 2.0 {
        return format!("×{}", short((factor * 100.0).round() / 100.0));
    }
    let percent = 100.0 * (factor - 1.0);
    if percent.abs() < 0.005 {
        return "0 %".to_owned();
    }
    let digits = if percent.abs() < 0.095 { 2 } else { 1 };
    let sign = if percent > 0.0 { "+" } else { "−" };
    format!("{sign}{:.digits$} %", percent.abs())
}

/// The variable that moves: `Θ₂`, `A₁`, `Z₁`.
fn symbol(sub_step: &SubStep) -> String {
    let letter = match sub_step.formula {
        Formula::Forward => return "start".to_owned(),
        Formula::OutputTheta | Formula::ThetaExplicit | Formula::ThetaImplicit => 'Θ',
        Formula::OutputA | Formula::A => 'A',
        Formula::Z => 'Z',
    };
    format!("{letter}{}", lowered(sub_step.layer))
}
