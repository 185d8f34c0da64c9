//! The loss of one point, whose mean over all points is the pair risk, and what steps make of it. Knows no penalty.
//!
//! With `r = x − u`, `k = 1 − p` for a positive point and `r = x − v`, `k = p` for a negative one,
//! `f̃(w) = k (w·r)² + q (1 − w·D)²`.

/// What is known of the classes at a step.
#[derive(Clone, Copy, Debug)]
pub struct Means<'a> {
    /// The share of positives, p.
    pub p: f64,
    /// The mean of the positives.
    pub u: &'a [f64],
    /// The mean of the negatives.
    pub v: &'a [f64],
}

impl Means<'_> {
    /// `q = p (1 − p)`.
    fn q(&self) -> f64 {
        self.p * (1.0 - self.p)
    }

    /// The mean of a point's class, and `k`.
    fn own(&self, positive: bool) -> (&[f64], f64) {
        if positive {
            (self.u, 1.0 - self.p)
        } else {
            (self.v, self.p)
        }
    }

    /// `w·r` and `1 − w·D`.
    fn misses(&self, w: &[f64], x: &[f64], own: &[f64]) -> (f64, f64) {
        (
            dot_difference(w, x, own),
            1.0 - dot_difference(w, self.u, self.v),
        )
    }

    /// `f̃(w)`.
    pub fn loss(&self, w: &[f64], x: &[f64], positive: bool) -> f64 {
        let (own, k) = self.own(positive);
        let (s, e) = self.misses(w, x, own);
        k * s * s + self.q() * e * e
    }

    /// Writes `∇f̃(w) = 2 k (w·r) r − 2 q (1 − w·D) D`.
    pub fn gradient(&self, w: &[f64], x: &[f64], positive: bool, into: &mut [f64]) {
        let (own, k) = self.own(positive);
        let (s, e) = self.misses(w, x, own);
        let (along, across) = (2.0 * k * s, 2.0 * self.q() * e);
        for (j, into) in into.iter_mut().enumerate() {
            *into = along * (x[j] - own[j]) - across * (self.u[j] - self.v[j]);
        }
    }

    /// Writes the other unbiased gradient, of Natole, Ying and Lyu's saddle point problem (SPAM, ICML 2018).
    pub fn spam_gradient(&self, w: &[f64], x: &[f64], positive: bool, into: &mut [f64]) {
        let (a, b, score) = (dot(w, self.u), dot(w, self.v), dot(w, x));
        let gap = 1.0 + b - a;
        let factor = if positive {
            2.0 * (1.0 - self.p) * ((score - a) - gap)
        } else {
            2.0 * self.p * ((score - b) + gap)
        };
        for (into, x) in into.iter_mut().zip(x) {
            *into = factor * x;
        }
    }

    /// Writes `argmin_z f̃(z) + ‖z − w‖² / (2η)`: a system of two unknowns, `s = z·r` and `e = 1 − z·D`, for the Hessian has rank two.
    pub fn implicit(&self, w: &[f64], x: &[f64], positive: bool, eta: f64, into: &mut [f64]) {
        let (own, k) = self.own(positive);
        let (s0, e0) = self.misses(w, x, own);
        let (mut rr, mut rd, mut dd) = (0.0, 0.0, 0.0);
        for j in 0..w.len() {
            let (r, d) = (x[j] - own[j], self.u[j] - self.v[j]);
            rr += r * r;
            rd += r * d;
            dd += d * d;
        }
        let (a, b) = (2.0 * eta * k, 2.0 * eta * self.q());
        let matrix = [[1.0 + a * rr, -b * rd], [-a * rd, 1.0 + b * dd]];
        let determinant = matrix[0][0] * matrix[1][1] - matrix[0][1] * matrix[1][0];
        let s = (s0 * matrix[1][1] - matrix[0][1] * e0) / determinant;
        let e = (matrix[0][0] * e0 - matrix[1][0] * s0) / determinant;
        for (j, into) in into.iter_mut().enumerate() {
            *into = w[j] - a * s * (x[j] - own[j]) + b * e * (self.u[j] - self.v[j]);
        }
    }
}

pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// `w·(a − b)`.
fn dot_difference(w: &[f64], a: &[f64], b: &[f64]) -> f64 {
    w.iter()
        .zip(a.iter().zip(b))
        .map(|(w, (a, b))| w * (a - b))
        .sum()
}
