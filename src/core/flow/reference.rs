//! The gradient flow `ẋ = −∇f(x)` itself, to a stated tolerance: what all methods approximate.

use super::{Function, Point, moved, norm};

/// A solution of the flow.
#[derive(Clone, Debug, PartialEq)]
pub struct Solution {
    /// Times, rising from 0.
    pub times: Vec<f64>,
    /// The point at each time.
    pub points: Vec<Point>,
    /// Whether the end of the time asked for was reached.
    pub complete: bool,
}

/// Error allowed per step, relative to `1 + ‖x‖`.
pub const TOLERANCE: f64 = 1e-8;
/// Steps at most.
const MOST: usize = 20_000;

/// RODAS3, the L-stable Rosenbrock method of order 3 with an embedded one of order 2 (Sandu et al. 1997, *Benchmarking
/// stiff ODE solvers for atmospheric chemistry problems II*): stages solve `(I/(hγ) + H) k = …` with the exact Hessian,
/// so stiffness costs no small steps and no inner Newton iteration.
const GAMMA: f64 = 0.5;
const A: [[f64; 3]; 4] = [[0.0; 3], [0.0; 3], [2.0, 0.0, 0.0], [2.0, 0.0, 1.0]];
const C: [[f64; 3]; 4] = [
    [0.0; 3],
    [4.0, 0.0, 0.0],
    [1.0, -1.0, 0.0],
    [1.0, -1.0, -8.0 / 3.0],
];
const M: [f64; 4] = [2.0, 0.0, 1.0, 1.0];

/// Follows the flow from `start` until `end` with steps whose estimated error is below [`TOLERANCE`].
pub fn follow(f: Function, start: Point, end: f64) -> Solution {
    let mut solution = Solution {
        times: vec![0.0],
        points: vec![start],
        complete: true,
    };
    let (mut t, mut x) = (0.0, start);
    let mut h = (1e-3 / (1.0 + norm(f.gradient(start)))).min(end);
    let mut tries = 0;
    while t < end {
        tries += 1;
        if tries > MOST {
            solution.complete = false;
            break;
        }
        h = h.min(end - t);
        let (next, error) = step(f, x, h);
        let ratio = error / (TOLERANCE * (1.0 + norm(x).max(norm(next))));
        // A singular stage gives no number; it is treated like a large error.
        let ratio = if ratio.is_finite() { ratio } else { 1e6 };
        if ratio <= 1.0 {
            t = if h >= end - t { end } else { t + h };
            x = next;
            solution.times.push(t);
            solution.points.push(x);
        }
        h *= (0.9 * libm::cbrt(1.0 / ratio.max(1e-9))).clamp(0.2, 5.0);
    }
    solution
}

/// One step of size `h` and the estimate of its error.
fn step(f: Function, x: Point, h: f64) -> (Point, f64) {
    let matrix = f.hessian(x).shifted(1.0 / (h * GAMMA));
    let mut k = [[0.0; 2]; 4];
    for i in 0..4 {
        let mut at = x;
        let mut carried = [0.0; 2];
        for j in 0..i {
            at = moved(at, A[i][j], k[j]);
            carried = moved(carried, C[i][j] / h, k[j]);
        }
        k[i] = matrix.solve(moved(carried, -1.0, f.gradient(at)));
    }
    let next = (0..4).fold(x, |x, i| moved(x, M[i], k[i]));
    // The embedded solution lacks the last stage.
    (next, norm(k[3]))
}
