//! Methods walking down a function of two variables: the map with their ways, f against the iteration, and what a
//! step does to the error of a quadratic. Knows its frame.

use super::axes::Axes;
use super::curves::Curve;
use super::layer_problem::cross;
use super::legend::Swatch;
use super::number::{round_above, round_below, short};
use super::plane::Plane;
use super::theme::{Line, Marker, Theme};
use super::{Drawn, LineChart, legend};
use crate::frame::{Field, Flow, Landscape, contour};
use plotters::style::Color;
use plotters::style::text_anchor::{HPos, VPos};
use plotters_backend::DrawingBackend;

/// Ways with more points carry no markers.
const MARKED: usize = 120;

/// The run whose colour the gradient flow takes: one that no method has. A method takes the colour and the marker of the run in
/// its place: the explicit step `BackProp`'s, the implicit one `ProxProp`'s.
const REFERENCE: usize = 5;

/// Where the map goes; for pointers too.
pub fn plane(size: (u32, u32), flow: &Flow, theme: &Theme) -> Plane {
    let landscape = &flow.landscape;
    let top = legend::height(&title(landscape), &entries(flow, theme), size.0, theme);
    Plane::new(size, top, landscape.x, landscape.y, true, theme)
}

fn title(landscape: &Landscape) -> String {
    format!("{}: {}", landscape.name, landscape.formula)
}

/// The function's contours, the methods' ways and the gradient flow.
///
/// # Errors
/// What the backend answers.
pub fn draw_map<B: DrawingBackend>(
    backend: &mut B,
    size: (u32, u32),
    flow: &Flow,
    theme: &Theme,
) -> Drawn<B> {
    let plane = plane(size, flow, theme);
    let title = title(&flow.landscape);
    legend::draw(backend, &title, &entries(flow, theme), size.0, theme)?;
    draw_contours(backend, &plane, &flow.landscape, theme)?;
    plane.draw_axes(backend, ["x", "y"], theme)?;
    for &minimum in &flow.landscape.minima {
        cross(backend, &plane, minimum, theme)?;
    }
    let pen = theme.pen(&theme.run(REFERENCE), 0.8 * theme.stroke);
    let reference = &flow.reference.points[..flow.followed()];
    plane.stroke(backend, theme, Line::Dashed, reference, pen)?;
    for trajectory in &flow.trajectories {
        let points = flow.shown(&trajectory.points);
        draw_way(backend, &plane, trajectory.place, points, theme)?;
    }
    let (ring, radius) = (theme.pen(&theme.ink, 2.0), f64::from(theme.px(5.5)));
    let paper = Some(theme.background.to_rgba());
    Marker::Circle.draw(backend, plane.at(flow.start), radius, paper, Some(ring))
}

fn draw_contours<B: DrawingBackend>(
    backend: &mut B,
    plane: &Plane,
    landscape: &Landscape,
    theme: &Theme,
) -> Drawn<B> {
    let Field {
        columns,
        rows,
        ref values,
        ..
    } = landscape.values;
    let node =
        |range: (f64, f64), i: f64, n: usize| range.0 + (range.1 - range.0) * i / (n - 1) as f64;
    let count = landscape.levels.len() as f64;
    for (i, level) in landscape.levels.iter().enumerate() {
        // Stronger towards the minimum.
        let strength = 0.75 - 0.5 * i as f64 / count;
        let pen = theme.pen(&theme.muted.mix(strength), 1.0);
        let heights: Vec<f64> = values.iter().map(|&f| f64::from(f) - level).collect();
        for line in contour::lines(columns, &heights) {
            let points: Vec<[f64; 2]> = line
                .iter()
                .map(|p| {
                    [
                        node(landscape.x, p[0], columns),
                        node(landscape.y, p[1], rows),
                    ]
                })
                .collect();
            plane.stroke(backend, theme, Line::Solid, &points, pen)?;
        }
    }
    Ok(())
}

fn draw_way<B: DrawingBackend>(
    backend: &mut B,
    plane: &Plane,
    run: usize,
    points: &[[f64; 2]],
    theme: &Theme,
) -> Drawn<B> {
    let color = theme.run(run);
    let pen = theme.pen(&color.mix(0.9), 0.8 * theme.stroke);
    plane.stroke(backend, theme, Line::Solid, points, pen)?;
    if points.len() > MARKED {
        return Ok(());
    }
    let edge = theme.pen(&theme.background, 0.8);
    let radius = f64::from(theme.px(3.2));
    let inside = points.iter().skip(1).filter(|p| plane.holds(**p));
    for &point in inside {
        Marker::of(run).draw(
            backend,
            plane.at(point),
            radius,
            Some(color.to_rgba()),
            Some(edge),
        )?;
    }
    Ok(())
}

fn entries(flow: &Flow, theme: &Theme) -> Vec<(Swatch, String)> {
    let mut entries: Vec<(Swatch, String)> = flow
        .trajectories
        .iter()
        .map(|t| {
            let run = t.place;
            let swatch = Swatch {
                color: theme.run(run),
                line: Some(Line::Solid),
                marker: Some(Marker::of(run)),
                hollow: false,
            };
            let end = match t.diverged_at.filter(|&step| step <= flow.at) {
                Some(step) => format!(", diverged at step {step}"),
                None if t.unsolved.is_empty() => String::new(),
                None => format!(", {} steps not solved", t.unsolved.len()),
            };
            (swatch, format!("{}{end}", t.label))
        })
        .collect();
    let reference = Swatch::stroke(theme.run(REFERENCE), Line::Dashed);
    entries.push((reference, "gradient flow".to_owned()));
    entries
}

/// How far above and below its start f is followed: what diverges must not press the others flat.
const FOLLOWED: (f64, f64) = (1e3, 1e-10);

/// `f` against the iteration, that of the gradient flow at the same times.
///
/// # Errors
/// What the backend answers.
pub fn draw_descent<B: DrawingBackend>(
    backend: &mut B,
    size: (u32, u32),
    flow: &Flow,
    theme: &Theme,
) -> Drawn<B> {
    let start = flow.reference.values[0].max(f64::MIN_POSITIVE);
    let (highest, lowest) = (FOLLOWED.0 * start, FOLLOWED.1 * start);
    let reference = flow.reference.times.iter().zip(&flow.reference.values);
    let reference = reference.map(|(t, f)| [t / flow.tau, *f]).collect();
    let mut curves = vec![curve(REFERENCE, Line::Dashed, reference, false)];
    for t in &flow.trajectories {
        let points = (0..).zip(&t.values).map(|(k, f)| [f64::from(k), *f]);
        curves.push(curve(t.place, Line::Solid, points.collect(), true));
    }
    let values = curves.iter().flat_map(|c| &c.points).map(|p| p[1]);
    let (low, high) = values
        .filter(|f| *f > 0.0)
        .fold((start, start), |(l, h), f| (l.min(f), h.max(f)));
    let y = (round_below(low.max(lowest)), round_above(high.min(highest)));
    curves[0].points.truncate(flow.followed());
    for curve in &mut curves[1..] {
        curve.points.truncate(flow.at as usize + 1);
    }
    let chart = LineChart::of_curves("f", "iteration", true, curves);
    let entries = entries(flow, theme);
    let title = "f against the iteration";
    legend::draw(backend, title, &entries, size.0, theme)?;
    let mut axes = Axes::new(size, (0.0, flow.steps as f64), y, true, theme);
    lower(&mut axes, title, &entries, theme);
    chart.draw_axes(backend, &axes, theme)?;
    chart.draw_series(backend, &axes, theme)
}

/// Moves the top of a chart below its legend.
fn lower(axes: &mut Axes, title: &str, entries: &[(Swatch, String)], theme: &Theme) {
    let top = legend::height(title, entries, axes.size.0, theme) + theme.px(0.4 * theme.font);
    axes.top = top.min(axes.bottom - 1);
}

fn curve(run: usize, line: Line, points: Vec<[f64; 2]>, markers: bool) -> Curve {
    Curve {
        run,
        line,
        name: String::new(),
        label: String::new(),
        points,
        markers,
        ghost: None,
        now: None,
        diverged: None,
    }
}

/// What a step multiplies the error along an eigenvector by, over `τλ`; the quadratic's eigenvalues as markers.
///
/// # Errors
/// What the backend answers.
pub fn draw_amplification<B: DrawingBackend>(
    backend: &mut B,
    size: (u32, u32),
    flow: &Flow,
    theme: &Theme,
) -> Drawn<B> {
    let Some(limit) = flow.explicit_limit else {
        return Ok(());
    };
    let over = |value: fn(&crate::frame::Amplification) -> f64| {
        let rows = flow.amplification_curves.iter();
        rows.map(|a| [flow.tau * a.lambda, value(a)]).collect()
    };
    let curves = vec![
        curve(0, Line::Solid, over(|a| a.explicit), false),
        curve(1, Line::Solid, over(|a| a.implicit), false),
    ];
    let chart = LineChart::of_curves("", "τλ", false, curves);
    let swatch = |run: usize| Swatch {
        color: theme.run(run),
        line: Some(Line::Solid),
        marker: Some(Marker::of(run)),
        hollow: false,
    };
    let entries = [
        (swatch(0), "explicit |1 − τλ|".to_owned()),
        (swatch(1), "implicit 1/(1 + τλ)".to_owned()),
    ];
    let title = format!(
        "Error after a step; τ = {}, limit 2/L = {}",
        short(flow.tau),
        short(limit)
    );
    legend::draw(backend, &title, &entries, size.0, theme)?;
    let end = chart.curves[0].points.last().map_or(1.0, |p| p[0]);
    let mut axes = chart.axes(size, end, theme);
    lower(&mut axes, &title, &entries, theme);
    // Where errors grow.
    let (one, ceiling) = (axes.y_at(1.0), axes.top);
    let band = theme.run(0).mix(0.09).filled();
    backend.draw_rect((axes.left, ceiling), (axes.right, one), &band, true)?;
    chart.draw_axes(backend, &axes, theme)?;
    let pen = theme.pen(&theme.muted, 1.2);
    Line::Dashed.stroke(backend, theme, &[(axes.left, one), (axes.right, one)], pen)?;
    let place = (axes.left + theme.px(6.0), one - theme.px(3.0));
    theme.text(
        backend,
        "grows",
        place,
        (HPos::Left, VPos::Bottom),
        theme.muted,
    )?;
    chart.draw_series(backend, &axes, theme)?;
    let edge = theme.pen(&theme.background, 1.0);
    for a in &flow.amplification {
        let x = axes.x_at(flow.tau * a.lambda);
        for (run, y) in [(0, a.explicit), (1, a.implicit)] {
            let fill = Some(theme.run(run).to_rgba());
            let radius = f64::from(theme.px(5.0));
            Marker::of(run).draw(backend, (x, axes.y_at(y)), radius, fill, Some(edge))?;
        }
    }
    Ok(())
}
