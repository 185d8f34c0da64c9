//! The distances that hold the generator back: how far its points have moved, as seen by a coupling or by potentials. Knows no network.

/// A squared distance between generators, `d²(θ, θ_k)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Penalty {
    /// Relaxed Wasserstein proximal: the mean square of how far each point has moved.
    Rwp,
    /// Semi-backward Euler with potentials that are linear: the square of how far the mean has moved.
    Sbe1,
    /// The same with quadratic ones: mean and second moments.
    Sbe2,
    /// Between parameters: the ordinary proximal point.
    Euclid,
}

crate::named!(Penalty { Rwp = "rwp", Sbe1 = "sbe1", Sbe2 = "sbe2", Euclid = "euclid" });

/// Added to the diagonal of the quadratic potentials' system.
const RIDGE: f64 = 1e-9;

impl Penalty {
    /// `d²` of the points `y` from `y0`, and `scale` times its derivative by `y`, added to `slope`; nothing where it is between
    /// parameters.
    pub fn add(self, y: &[f64], y0: &[f64], scale: f64, slope: &mut [f64]) -> f64 {
        let rows = (y.len() / 2) as f64;
        match self {
            Penalty::Rwp => {
                let mut sum = 0.0;
                let factor = 2.0 * scale / rows;
                for ((slope, y), y0) in slope.iter_mut().zip(y).zip(y0) {
                    let r = y - y0;
                    sum += r * r;
                    *slope += factor * r;
                }
                sum / rows
            }
            Penalty::Sbe1 => add_potentials::<2>(y, y0, scale, slope),
            Penalty::Sbe2 => add_potentials::<5>(y, y0, scale, slope),
            Penalty::Euclid => 0.0,
        }
    }

    /// The same between parameters; nothing where it is between points.
    pub fn add_of_parameters(
        self,
        theta: &[f64],
        before: &[f64],
        scale: f64,
        slope: &mut [f64],
    ) -> f64 {
        if self != Penalty::Euclid {
            return 0.0;
        }
        let mut sum = 0.0;
        for ((slope, a), b) in slope.iter_mut().zip(theta).zip(before) {
            sum += (a - b) * (a - b);
            *slope += 2.0 * scale * (a - b);
        }
        sum
    }
}

/// `ψ_j(y)`: x, y, x²/2, y²/2, xy, as many as are asked for.
fn potentials([x, y]: [f64; 2]) -> [f64; 5] {
    [x, y, x * x / 2.0, y * y / 2.0, x * y]
}

/// Their gradients.
fn slopes([x, y]: [f64; 2]) -> [[f64; 2]; 5] {
    [[1.0, 0.0], [0.0, 1.0], [x, 0.0], [0.0, y], [y, x]]
}

/// `δᵀ C⁻¹ δ` with `δ_j = mean ψ_j(y) − mean ψ_j(y0)`, `C_ij = mean ∇ψ_i·∇ψ_j` at `y0`, of the first `M` potentials.
fn add_potentials<const M: usize>(y: &[f64], y0: &[f64], scale: f64, slope: &mut [f64]) -> f64 {
    let (y, y0) = (y.as_chunks::<2>().0, y0.as_chunks::<2>().0);
    let rows = y.len() as f64;
    let (mut delta, mut c) = ([0.0; M], [[0.0; M]; M]);
    for (at, from) in y.iter().zip(y0) {
        let (now, before, g) = (potentials(*at), potentials(*from), slopes(*from));
        for i in 0..M {
            delta[i] += (now[i] - before[i]) / rows;
            for j in 0..M {
                c[i][j] += (g[i][0] * g[j][0] + g[i][1] * g[j][1]) / rows;
            }
        }
    }
    if M > 2 {
        (0..M).for_each(|i| c[i][i] += RIDGE);
    }
    let w = solve(c, delta);
    for (slope, at) in slope.as_chunks_mut::<2>().0.iter_mut().zip(y) {
        let g = slopes(*at);
        for (w, g) in w.iter().zip(g) {
            slope[0] += scale * 2.0 / rows * w * g[0];
            slope[1] += scale * 2.0 / rows * w * g[1];
        }
    }
    delta.iter().zip(w).map(|(d, w)| d * w).sum()
}

/// Solves a system by elimination with pivots: it is nearly singular where points lie on a line, or are far away. Nothing to be moved is moved nowhere.
fn solve<const M: usize>(mut c: [[f64; M]; M], mut b: [f64; M]) -> [f64; M] {
    if b == [0.0; M] {
        return b;
    }
    for k in 0..M {
        let size = |i: &usize| c[*i][k].abs();
        let pivot = (k..M).max_by(|i, j| size(i).total_cmp(&size(j)));
        let pivot = pivot.unwrap_or(k);
        c.swap(k, pivot);
        b.swap(k, pivot);
        let row = c[k];
        for i in k + 1..M {
            let factor = c[i][k] / row[k];
            for (to, from) in c[i].iter_mut().zip(row).skip(k) {
                *to -= factor * from;
            }
            b[i] -= factor * b[k];
        }
    }
    for i in (0..M).rev() {
        let rest = (i + 1..M).map(|k| c[i][k] * b[k]).sum::<f64>();
        b[i] = (b[i] - rest) / c[i][i];
    }
    b
}
