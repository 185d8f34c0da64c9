//! A layer's own quadratic in the plane of its two extreme eigenvectors: contours, the explicit step, the proximal
//! point with its path, conjugate gradients. Knows its frame.

use super::legend::Swatch;
use super::number::short;
use super::plane::Plane;
use super::theme::{Line, Marker, Theme};
use super::{Drawn, legend};
use crate::frame::LayerProblem;
use plotters::style::text_anchor::{HPos, VPos};
use plotters::style::{Color, RGBColor};
use plotters_backend::DrawingBackend;

/// How much of the plane is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// As near, and nothing has moved yet.
    Posed,
    /// From where the layer stands to the minimum; the explicit step mostly leaves it.
    Near,
    /// As far as the explicit step goes.
    Far,
}

/// Contours on each side of the one through the current parameters.
const CONTOURS: i32 = 6;
/// Points per half of a contour.
const ARC: usize = 64;

/// Where everything of a drawing goes; for pointers too.
pub fn plane(size: (u32, u32), problem: &LayerProblem, view: View, theme: &Theme) -> Plane {
    let entries = entries(problem, view, theme);
    let top = legend::height(&title(problem), &entries, size.0, theme);
    let far = match view {
        View::Posed | View::Near => [0.0; 2],
        View::Far => problem.explicit.at,
    };
    // Along the flattest direction the minimum may be a thousand proximal steps away. The picture reaches as far as
    // τ_θ at the next power of ten, so that it holds still while the point moves.
    let reach = libm::exp10(libm::floor(libm::log10(problem.tau_theta)) + 1.0);
    let ends = [
        problem.minimum[0].unwrap_or(0.0),
        -problem.slope[1] / (problem.lambda_min + 1.0 / reach),
    ];
    let range = |i: usize, margin: f64| {
        let (low, high) = (ends[i].min(far[i]).min(0.0), far[i].max(0.0));
        let room = (margin * (high - low)).max(1e-9);
        (low - room, high + room)
    };
    let x = range(0, if view == View::Far { 0.06 } else { 0.7 });
    let mut plane = Plane::new(size, top, x, range(1, 0.25), false, theme);
    let stretch = stretch_for(problem, plane.stretch());
    plane.widen_to(stretch);
    plane
}

/// How many times as long a unit is drawn along u as along w: as often as `fits`, cut to a round number, but no more than
/// leaves the contours twice as long along w as along u. What is steepest must not look flattest.
fn stretch_for(problem: &LayerProblem, fits: f64) -> f64 {
    let most = 0.5 * libm::sqrt(problem.lambda_max / problem.lambda_min);
    let round = (0..=12).map(|k| [1.0, 2.0, 5.0][k % 3] * libm::exp10((k / 3) as f64));
    round
        .take_while(|&s| s <= fits.min(most))
        .last()
        .unwrap_or(1.0)
}

/// Draws the problem.
///
/// # Errors
/// What the backend answers.
pub fn draw<B: DrawingBackend>(
    backend: &mut B,
    size: (u32, u32),
    problem: &LayerProblem,
    view: View,
    theme: &Theme,
) -> Drawn<B> {
    let plane = plane(size, problem, view, theme);
    legend::draw(
        backend,
        &title(problem),
        &entries(problem, view, theme),
        size.0,
        theme,
    )?;
    // From afar the contours around the minimum are one line.
    let first = if view == View::Far { 0 } else { -CONTOURS };
    for k in first..=4 * CONTOURS {
        draw_contour(backend, &plane, problem, k, theme)?;
    }
    // What is seen of a stretch says how long it is.
    let stretch = plane.stretch().round();
    let across = if stretch > 1.0 {
        format!("u, steepest, stretched {stretch} × against w")
    } else {
        "u, steepest direction".to_owned()
    };
    plane.draw_axes(backend, [&across, "w, flattest direction"], theme)?;

    if view == View::Posed {
        draw_minimum(backend, &plane, problem, theme)?;
    } else {
        draw_steps(backend, &plane, problem, theme)?;
    }
    let ring = theme.pen(&theme.ink, 2.0);
    Marker::Circle.draw(
        backend,
        plane.at(NOW),
        f64::from(theme.px(LARGE)),
        Some(theme.background.to_rgba()),
        Some(ring),
    )
}

/// Where the layer stands, in its own plane.
const NOW: [f64; 2] = [0.0, 0.0];
/// Radius of a mark.
const LARGE: f64 = 5.5;

/// The explicit step, the proximal point with its path, and conjugate gradients.
fn draw_steps<B: DrawingBackend>(
    backend: &mut B,
    plane: &Plane,
    problem: &LayerProblem,
    theme: &Theme,
) -> Drawn<B> {
    let (explicit, implicit) = (theme.run(0), theme.run(1));
    let pen = theme.pen(&implicit.mix(0.75), theme.stroke);
    let mut path = vec![NOW];
    path.extend(&problem.path);
    if let [Some(u), Some(w)] = problem.minimum {
        path.push([u, w]);
    }
    plane.stroke(backend, theme, Line::Solid, &path, pen)?;

    let cg = theme.run(3);
    let mut iterates = vec![NOW];
    iterates.extend(problem.iterates.iter().map(|p| p.at));
    let pen = theme.pen(&cg, 0.8 * theme.stroke);
    plane.stroke(backend, theme, Line::Dotted, &iterates, pen)?;

    draw_explicit(backend, plane, problem, explicit, theme)?;

    let edge = theme.pen(&theme.background, 1.0);
    let small = f64::from(theme.px(3.2));
    let mut labelled = plane.at(NOW);
    for (k, &at) in iterates.iter().enumerate().skip(1) {
        if plane.holds(at) {
            let place = plane.at(at);
            Marker::Triangle.draw(backend, place, small, Some(cg.to_rgba()), Some(edge))?;
            let apart = (place.0 - labelled.0)
                .abs()
                .max((place.1 - labelled.1).abs());
            if apart > theme.px(theme.font) {
                labelled = place;
                let beside = (place.0 + theme.px(6.0), place.1 + theme.px(2.0));
                theme.text(backend, &k.to_string(), beside, (HPos::Left, VPos::Top), cg)?;
            }
        }
    }
    draw_minimum(backend, plane, problem, theme)?;
    Marker::of(1).draw(
        backend,
        plane.at(problem.proximal.at),
        f64::from(theme.px(LARGE)),
        Some(implicit.to_rgba()),
        Some(edge),
    )
}

fn draw_minimum<B: DrawingBackend>(
    backend: &mut B,
    plane: &Plane,
    problem: &LayerProblem,
    theme: &Theme,
) -> Drawn<B> {
    match problem.minimum {
        [Some(u), Some(w)] => cross(backend, plane, [u, w], theme),
        _ => Ok(()),
    }
}

/// The contour on which q is `2ᵏ` times as far above its minimum in the plane as at the current parameters. An
/// ellipse, of which only the arcs between the lower and the upper edge are sampled: it may be long and thin.
fn draw_contour<B: DrawingBackend>(
    backend: &mut B,
    plane: &Plane,
    problem: &LayerProblem,
    k: i32,
    theme: &Theme,
) -> Drawn<B> {
    let minimum = problem.minimum.map(|m| m.unwrap_or(0.0));
    let height = 0.5
        * (problem.lambda_max * minimum[0] * minimum[0]
            + problem.lambda_min * minimum[1] * minimum[1]);
    let level = height * f64::from(k).exp2();
    // Where the layer stands at its minimum there is nothing to compare heights with.
    if level <= 0.0 {
        return Ok(());
    }
    let half = |lambda: f64| (2.0 * level / lambda).sqrt();
    let (across, along) = (half(problem.lambda_max), half(problem.lambda_min));
    // w = w* + along sin φ; without curvature the contour is a pair of parallel lines.
    let sine = |w: f64| ((w - minimum[1]) / along).clamp(-1.0, 1.0);
    let (from, to) = (libm::asin(sine(plane.y.0)), libm::asin(sine(plane.y.1)));
    let pen = if k == 0 {
        theme.pen(&theme.ink.mix(0.55), 1.4)
    } else {
        theme.pen(&theme.muted.mix(0.45), 1.0)
    };
    for side in [-1.0, 1.0] {
        let point = |i: usize| {
            let share = i as f64 / ARC as f64;
            let angle = from + (to - from) * share;
            let w = if along.is_finite() {
                minimum[1] + along * libm::sin(angle)
            } else {
                plane.y.0 + (plane.y.1 - plane.y.0) * share
            };
            [minimum[0] + side * across * libm::cos(angle), w]
        };
        let arc: Vec<[f64; 2]> = (0..=ARC).map(point).collect();
        plane.stroke(backend, theme, Line::Solid, &arc, pen)?;
    }
    Ok(())
}

/// The explicit step as an arrow; where it leaves the picture the arrow says how far it goes.
fn draw_explicit<B: DrawingBackend>(
    backend: &mut B,
    plane: &Plane,
    problem: &LayerProblem,
    color: RGBColor,
    theme: &Theme,
) -> Drawn<B> {
    let Some([from, to]) = plane.cut([0.0, 0.0], problem.explicit.at) else {
        return Ok(());
    };
    let whole = |p: [f64; 2]| (p[0].round() as i32, p[1].round() as i32);
    let (start, tip) = (whole(from), whole(to));
    backend.draw_path([start, tip], &theme.pen(&color, 1.2 * theme.stroke))?;
    if plane.holds(problem.explicit.at) {
        let edge = theme.pen(&theme.background, 1.0);
        let radius = f64::from(theme.px(5.5));
        return Marker::of(0).draw(backend, tip, radius, Some(color.to_rgba()), Some(edge));
    }
    let length = (to[0] - from[0]).hypot(to[1] - from[1]).max(1.0);
    let (along, arm) = (
        [(to[0] - from[0]) / length, (to[1] - from[1]) / length],
        f64::from(theme.px(9.0)),
    );
    let back = |side: f64| {
        let x = to[0] - arm * (along[0] - side * 0.45 * along[1]);
        let y = to[1] - arm * (along[1] + side * 0.45 * along[0]);
        whole([x, y])
    };
    backend.fill_polygon([tip, back(1.0), back(-1.0)], &color.filled())?;
    // A unit step along an eigenvector goes λ times as far as the minimum.
    let words = format!(
        "to {}× the distance of the minimum",
        short(problem.lambda_max)
    );
    let (width, row) = (theme.width(&words), theme.px(1.4 * theme.font));
    let left = (tip.0 + theme.px(10.0)).min(plane.right - width - theme.px(4.0));
    let pad = theme.px(3.0);
    // Above the tip, or where it hides no point.
    let marks = [[0.0, 0.0], problem.proximal.at].map(|at| plane.at(at));
    let room = pad + theme.px(5.5);
    let hides = |middle: &i32| {
        let beside = |x: i32| (left - room..=left + width + room).contains(&x);
        let over = |y: i32| (y - middle).abs() <= row / 2 + room;
        marks.iter().any(|&(x, y)| beside(x) && over(y))
    };
    let places = [-1, 1, -2, 2, -3, 3, -4].map(|rows| tip.1 + rows * row);
    let mut inside = places
        .into_iter()
        .filter(|middle| (plane.top + row / 2..=plane.bottom - row / 2).contains(middle));
    let middle = inside.find(|middle| !hides(middle));
    let middle = middle.unwrap_or(tip.1 - row);
    let paper = theme.background.mix(0.85).filled();
    backend.draw_rect(
        (left - pad, middle - row / 2),
        (left + width + pad, middle + row / 2),
        &paper,
        true,
    )?;
    theme.text(
        backend,
        &words,
        (left, middle),
        (HPos::Left, VPos::Center),
        color,
    )
}

/// A minimum.
pub(super) fn cross<B: DrawingBackend>(
    backend: &mut B,
    plane: &Plane,
    at: [f64; 2],
    theme: &Theme,
) -> Drawn<B> {
    if !plane.holds(at) {
        return Ok(());
    }
    let ((x, y), arm, pen) = (plane.at(at), theme.px(5.0), theme.pen(&theme.ink, 1.8));
    backend.draw_path([(x - arm, y), (x + arm, y)], &pen)?;
    backend.draw_path([(x, y - arm), (x, y + arm)], &pen)
}

fn title(problem: &LayerProblem) -> String {
    let which = match problem.neuron {
        Some(n) => format!("Layer {}, neuron {n}", problem.layer),
        None => format!("Layer {}", problem.layer),
    };
    format!(
        "{which}: λₘₐₓ {}, λₘᵢₙ {}, limit 2/λₘₐₓ {}",
        short(problem.lambda_max),
        short(problem.lambda_min),
        short(problem.explicit_limit)
    )
}

fn entries(problem: &LayerProblem, view: View, theme: &Theme) -> Vec<(Swatch, String)> {
    let entry = |color, line, marker, hollow, words: String| {
        let swatch = Swatch {
            color,
            line,
            marker,
            hollow,
        };
        (swatch, words)
    };
    let tau = format!("proximal point, τθ = {}", short(problem.tau_theta));
    let iterates = format!("CG 1…{}", problem.iterates.len());
    let now = "now".to_owned();
    let now = entry(theme.ink, None, Some(Marker::Circle), true, now);
    if view == View::Posed {
        return vec![now];
    }
    vec![
        now,
        entry(
            theme.run(0),
            Some(Line::Solid),
            Some(Marker::of(0)),
            false,
            "explicit step".to_owned(),
        ),
        entry(theme.run(1), None, Some(Marker::of(1)), false, tau),
        entry(
            theme.run(1),
            Some(Line::Solid),
            None,
            false,
            "τθ from 0 to ∞".to_owned(),
        ),
        entry(
            theme.run(3),
            Some(Line::Dotted),
            Some(Marker::Triangle),
            false,
            iterates,
        ),
    ]
}
