//! Cells side by side: what they compute of states and messages, and the way back through that. Knows no grid and no time.
//!
//! Everything lies row by row, a number of all cells behind a number of all cells, so that whatever the sizes are, cells are computed
//! side by side.

use super::cell::{Cell, Size};
use crate::systems::product::add_rows;
use crate::systems::tanh::tanh_all;

/// Some cells with what they have taken in and what their units are.
#[derive(Clone, Debug)]
pub(super) struct Pass {
    size: Size,
    cells: usize,
    /// State, message from below, message from above: `q` rows.
    pub(super) z: Vec<f64>,
    /// What goes through tanh in each unit, after it: `H` rows.
    t: Vec<f64>,
    /// What it is multiplied with.
    r: Vec<f64>,
}

/// What passes work with.
#[derive(Clone, Debug)]
pub(super) struct Rows {
    h: Vec<f64>,
    /// What passes put out, or its slope: `q` rows.
    pub(super) out: Vec<f64>,
    dh: Vec<f64>,
    d: [Vec<f64>; 2],
    /// The slope of what passes take in.
    pub(super) dz: Vec<f64>,
}

impl Rows {
    /// Room for so many cells at most.
    pub(super) fn new(size: Size, cells: usize) -> Rows {
        let (outer, inner) = (
            vec![0.0; size.inputs() * cells],
            vec![0.0; size.units * cells],
        );
        Rows {
            h: inner.clone(),
            out: outer.clone(),
            dh: inner.clone(),
            d: [inner.clone(), inner],
            dz: outer,
        }
    }
}

/// `Σ x y`, four sums side by side.
fn dot(x: &[f64], y: &[f64]) -> f64 {
    let mut sums = [0.0; 4];
    let ((x, x_rest), (y, y_rest)) = (x.as_chunks::<4>(), y.as_chunks::<4>());
    for (x, y) in x.iter().zip(y) {
        for ((sum, x), y) in sums.iter_mut().zip(x).zip(y) {
            *sum += x * y;
        }
    }
    let rest: f64 = x_rest.iter().zip(y_rest).map(|(x, y)| x * y).sum();
    (sums[0] + sums[1]) + (sums[2] + sums[3]) + rest
}

/// The slope through tanh units: `1 − t²`.
fn through(t: f64) -> f64 {
    1.0 - t * t
}

impl Pass {
    pub(super) fn new(size: Size, cells: usize) -> Pass {
        let inner = vec![0.0; size.units * cells];
        Pass {
            size,
            cells,
            z: vec![0.0; size.inputs() * cells],
            t: inner.clone(),
            r: inner,
        }
    }

    /// Computes the units from the first `taken` rows of what is taken in; the others are 0.
    pub(super) fn units(&mut self, cell: &Cell, taken: usize) {
        let parts = cell.parts();
        let z = &self.z[..taken * self.cells];
        affine(parts.w1, parts.b1, z, self.cells, &mut self.t);
        tanh_all(&mut self.t);
        affine(parts.w3, parts.b3, z, self.cells, &mut self.r);
    }

    /// Puts out rows of `[ds, f', g']`, each in its place in `rows.out`.
    pub(super) fn put(&self, cell: &Cell, which: impl Iterator<Item = usize>, rows: &mut Rows) {
        let (parts, q, cells) = (cell.parts(), self.size.inputs(), self.cells);
        let h = &mut rows.h[..self.t.len()];
        for ((h, t), r) in h.iter_mut().zip(&self.t).zip(&self.r) {
            *h = t * r;
        }
        for i in which {
            let out = &mut rows.out[i * cells..][..cells];
            out.fill(parts.b2[i]);
            add_rows(out, h, |j| parts.w2[j * q + i]);
        }
    }

    /// The way back: from the slope of all that was put out, in `rows.out`, to that of the first `taken` rows of what was taken in, in
    /// `rows.dz`. Adds the slope of the shared numbers.
    pub(super) fn back(&self, cell: &Cell, taken: usize, rows: &mut Rows, gradient: &mut [f64]) {
        let (parts, size, cells) = (cell.parts(), self.size, self.cells);
        let (q, units) = (size.inputs(), size.units);
        let length = units * cells;
        let (h, dh) = (&mut rows.h[..length], &mut rows.dh[..length]);
        let out = &rows.out[..q * cells];
        let [d1, d3] = &mut rows.d;
        let (d1, d3) = (&mut d1[..length], &mut d3[..length]);
        dh.fill(0.0);
        for (j, dh) in dh.chunks_exact_mut(cells).enumerate() {
            add_rows(dh, out, |i| parts.w2[j * q + i]);
        }
        for (c, dh) in dh.iter().enumerate() {
            let (t, r) = (self.t[c], self.r[c]);
            h[c] = t * r;
            d1[c] = dh * r * through(t);
            d3[c] = dh * t;
        }
        let mut add = |part: usize, x: &[f64], y: &[f64]| {
            let columns = size.shape(part).1;
            let place = &mut gradient[size.place(part)];
            let places = place.chunks_exact_mut(columns);
            for (to, x) in places.zip(x.chunks_exact(cells)) {
                for (to, y) in to.iter_mut().zip(y.chunks_exact(cells)) {
                    *to += dot(x, y);
                }
            }
        };
        let z = &self.z[..taken * cells];
        add(0, z, d1);
        add(2, z, d3);
        add(4, h, out);
        for (part, d) in [(1, &*d1), (3, &*d3), (5, out)] {
            let place = &mut gradient[size.place(part)];
            for (to, d) in place.iter_mut().zip(d.chunks_exact(cells)) {
                *to += d.iter().sum::<f64>();
            }
        }
        for (i, dz) in rows.dz.chunks_exact_mut(cells).take(taken).enumerate() {
            dz.fill(0.0);
            add_rows(dz, d1, |j| parts.w1[i * units + j]);
            add_rows(dz, d3, |j| parts.w3[i * units + j]);
        }
    }
}

/// `out_j ← b_j + Σ_i W_ij z_i`, each a row of all cells.
pub(super) fn affine(w: &[f64], b: &[f64], z: &[f64], cells: usize, out: &mut [f64]) {
    let units = b.len();
    for (j, (out, b)) in out.chunks_exact_mut(cells).zip(b).enumerate() {
        out.fill(*b);
        add_rows(out, z, |i| w[i * units + j]);
    }
}

/// `β tanh(m / β)`, element by element; nothing without a bound.
pub(super) fn bounded(m: &mut [f64], bound: Option<f64>) {
    if let Some(bound) = bound {
        m.iter_mut().for_each(|m| *m /= bound);
        tanh_all(m);
        m.iter_mut().for_each(|m| *m *= bound);
    }
}
