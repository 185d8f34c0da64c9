//! The implicit step on any function of two variables: the proximal point.

use super::{Function, Point, Symmetric, dot, moved, norm};

/// An implicit step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Proximal {
    /// Where it ends.
    pub point: Point,
    /// Newton iterations made.
    pub iterations: u32,
    /// Whether the optimality condition holds to [`TOLERANCE`].
    pub solved: bool,
}

/// The proximal point is accepted where `‖τ∇f(y) + y − x‖ ≤ 1e-10 (1 + ‖x‖ + τ‖∇f(x)‖)`.
pub const TOLERANCE: f64 = 1e-10;
/// Newton iterations at most.
const MOST: u32 = 200;
/// Sufficient decrease (Armijo). Large, so that Newton steps far across the ridge's kink are cut short and do not
/// bounce from side to side.
const DECREASE: f64 = 0.25;
/// The smallest curvature believed, relative to the largest.
const FLAT: f64 = 1e-11;
/// What rounding may add to the objective, relative to its terms.
const NOISE: f64 = 1e-14;

/// The implicit (Euler) step `y = argmin f(y) + ‖y − x‖²/(2τ)` from `x`, found by descent from `x` itself.
///
/// Newton's method on the scaled objective `φ(y) = τ f(y) + ½‖y − x‖²`. Where its Hessian is not safely positive,
/// the eigenvalues are replaced by their magnitudes, so that every direction descends; backtracking makes every step
/// lower φ. As φ is coercive for `f` bounded below, this ends at a stationary point, and one not above the start:
/// `f(y) + ‖y − x‖²/(2τ) ≤ f(x)`. For functions that are not convex and large τ there may be others; this is the one
/// downhill from `x`. Where rounding or two hundred iterations end the search before [`TOLERANCE`], `solved` says so.
pub fn proximal(f: Function, x: Point, tau: f64) -> Proximal {
    let from = |y: Point| [y[0] - x[0], y[1] - x[1]];
    let objective = |y: Point| {
        let d = from(y);
        tau * f.value(y) + 0.5 * dot(d, d)
    };
    let residual = |y: Point| moved(from(y), tau, f.gradient(y));
    let enough = TOLERANCE * (1.0 + norm(x) + tau * norm(f.gradient(x)));

    let (mut y, mut value, mut r) = (x, objective(x), residual(x));
    let mut iterations = 0;
    while norm(r) > enough && iterations < MOST {
        iterations += 1;
        let h = f.hessian(y);
        let curvature = Symmetric {
            xx: tau * h.xx,
            xy: tau * h.xy,
            yy: tau * h.yy,
        }
        .shifted(1.0);
        let direction = descent(curvature, r);
        let slope = dot(r, direction);
        let noise = NOISE * (value.abs() + 1.0);
        let mut length = 1.0;
        let accepted = loop {
            let next = moved(y, length, direction);
            let (lower, left) = (objective(next), residual(next));
            let falls = lower <= value + DECREASE * length * slope;
            // At the bottom values differ by rounding only; there the residual decides.
            if falls || (lower <= value + noise && norm(left) <= 0.9 * norm(r)) {
                break Some((next, lower, left));
            }
            length *= 0.5;
            if length < 1e-12 {
                break None;
            }
        };
        let Some(next) = accepted else { break };
        (y, value, r) = next;
    }
    Proximal {
        point: y,
        iterations,
        solved: norm(r) <= enough,
    }
}

/// `−|C|⁻¹ r`, `|C|` with the magnitudes of C's eigenvalues, none below [`FLAT`] of the largest.
fn descent(c: Symmetric, r: Point) -> Point {
    let [low, high] = c.eigenvalues();
    let back = |d: Point| [-d[0], -d[1]];
    if low > FLAT * high {
        return back(c.solve(r));
    }
    let floor = FLAT * high.abs().max(low.abs());
    // The eigenvector of the larger eigenvalue, from the row of C − low I that is farther from zero.
    let (a, b) = ([c.xx - low, c.xy], [c.xy, c.yy - low]);
    let v = if norm(a) >= norm(b) { a } else { b };
    let length = norm(v);
    let v = if length > 0.0 {
        [v[0] / length, v[1] / length]
    } else {
        [1.0, 0.0]
    };
    let w = [-v[1], v[0]];
    let along = dot(v, r) / high.abs().max(floor);
    let across = dot(w, r) / low.abs().max(floor);
    back([along * v[0] + across * w[0], along * v[1] + across * w[1]])
}
