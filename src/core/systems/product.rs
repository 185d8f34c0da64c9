//! Products of small matrices that lie row by row, made of sums of rows. Knows no network.

/// `out ← out + Σ_s weights(s) rows_s`, term after term, whatever is computed side by side.
#[inline(always)]
pub(super) fn add_rows(out: &mut [f64], rows: &[f64], weights: impl Fn(usize) -> f64) {
    let m = out.len();
    let mut quads = rows.chunks_exact(4 * m);
    let mut s = 0;
    for quad in &mut quads {
        let (r0, rest) = quad.split_at(m);
        let (r1, rest) = rest.split_at(m);
        let (r2, r3) = rest.split_at(m);
        let w = [weights(s), weights(s + 1), weights(s + 2), weights(s + 3)];
        for ((((out, r0), r1), r2), r3) in out.iter_mut().zip(r0).zip(r1).zip(r2).zip(r3) {
            *out = *out + w[0] * r0 + w[1] * r1 + w[2] * r2 + w[3] * r3;
        }
        s += 4;
    }
    for row in quads.remainder().chunks_exact(m) {
        let w = weights(s);
        out.iter_mut().zip(row).for_each(|(out, r)| *out += w * r);
        s += 1;
    }
}

/// `out ← [x, 1] θ`, with `x` of `n` columns and `θ` of `n + 1` rows.
pub(super) fn affine(x: &[f64], n: usize, theta: &[f64], out: &mut [f64]) {
    let m = theta.len() / (n + 1);
    let (weights, bias) = theta.split_at(n * m);
    for (out, x) in out.chunks_exact_mut(m).zip(x.chunks_exact(n)) {
        out.copy_from_slice(bias);
        add_rows(out, weights, |s| x[s]);
    }
}

/// `out ← x w`, with `w` of `n` rows, as many as `x` has columns.
pub(super) fn times(x: &[f64], n: usize, w: &[f64], out: &mut [f64]) {
    let m = w.len() / n;
    for (out, x) in out.chunks_exact_mut(m).zip(x.chunks_exact(n)) {
        out.fill(0.0);
        add_rows(out, w, |s| x[s]);
    }
}

/// `out ← out + xᵀ y`, with `x` of `n` columns.
pub(super) fn add_transposed(x: &[f64], n: usize, y: &[f64], out: &mut [f64]) {
    let m = out.len() / n;
    for (k, out) in out.chunks_exact_mut(m).enumerate() {
        add_rows(out, y, |i| x[i * n + k]);
    }
}

/// `out ← out + Σ` of the rows of `y`.
pub(super) fn add_sum(y: &[f64], out: &mut [f64]) {
    add_rows(out, y, |_| 1.0);
}

/// Writes `wᵀ` of a matrix of `n` rows.
pub(super) fn transpose(w: &[f64], n: usize, into: &mut Vec<f64>) {
    let m = w.len() / n;
    into.clear();
    into.extend((0..m).flat_map(|j| (0..n).map(move |i| w[i * m + j])));
}
