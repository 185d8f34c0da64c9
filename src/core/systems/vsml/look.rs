//! What a grid answers anywhere, with its states as they are. Learns nothing.

use super::cell::{Cell, Size};
use super::grid::Grid;
use super::pass::{affine, bounded};
use crate::systems::product::add_rows;
use crate::systems::tanh::tanh_all;

/// A grid that is looked at: what no point changes is computed once.
pub struct Look<'a> {
    grid: &'a Grid,
    cell: &'a Cell,
    bound: Option<f64>,
    /// `s W1 + b1` and `s W3 + b3`, layer by layer.
    base: Vec<[Vec<f64>; 2]>,
    z: Vec<f64>,
    t: Vec<f64>,
    r: Vec<f64>,
    f: [Vec<f64>; 2],
}

impl<'a> Look<'a> {
    /// Takes in states.
    pub fn new(grid: &'a Grid, cell: &'a Cell, bound: Option<f64>, states: &[f64]) -> Look<'a> {
        let parts = cell.parts();
        let Size { k, units, .. } = cell.size;
        let base = |l: usize| {
            let (states, cells) = (&states[grid.place(l)], grid.cells(l));
            [(parts.w1, parts.b1), (parts.w3, parts.b3)].map(|(w, b)| {
                let mut base = vec![0.0; units * cells];
                affine(w, b, states, cells, &mut base);
                base
            })
        };
        let base = (0..grid.layers()).map(base).collect();
        let most = (0..grid.layers()).map(|l| grid.cells(l)).max().unwrap_or(0);
        let widest = grid.sizes.iter().max().map_or(0, |most| most + 1);
        let (inner, f) = (vec![0.0; units * most], vec![0.0; k * widest]);
        Look {
            grid,
            cell,
            bound,
            base,
            z: vec![0.0; k * most],
            t: inner.clone(),
            r: inner,
            f: [f.clone(), f],
        }
    }

    /// The logits at a point.
    pub fn at(&mut self, x: &[f64]) -> &[f64] {
        let (parts, Size { n, k, units }) = (self.cell.parts(), self.cell.size);
        let q = self.cell.size.inputs();
        self.f[0].fill(0.0);
        self.f[0][..x.len()].copy_from_slice(x);
        self.f[0][x.len()] = 1.0;
        for (l, base) in self.base.iter().enumerate() {
            let ((ins, outs), cells) = (self.grid.ends(l), self.grid.cells(l));
            // Points have one number, and so has all that comes into the first layer.
            let channels = if l == 0 { 1 } else { k };
            let z = &mut self.z[..channels * cells];
            let [from, to] = &mut self.f;
            for (from, z) in from.chunks_exact(ins).zip(z.chunks_exact_mut(cells)) {
                for (from, z) in from.iter().zip(z.chunks_exact_mut(outs)) {
                    z.fill(*from);
                }
            }
            let (t, r) = (&mut self.t[..units * cells], &mut self.r[..units * cells]);
            for ((into, base), w) in [&mut *t, &mut *r]
                .into_iter()
                .zip(base)
                .zip([parts.w1, parts.w3])
            {
                into.copy_from_slice(base);
                for (j, row) in into.chunks_exact_mut(cells).enumerate() {
                    add_rows(row, z, |i| w[(n + i) * units + j]);
                }
            }
            tanh_all(t);
            t.iter_mut().zip(r).for_each(|(t, r)| *t *= *r);
            let last = l + 1 == self.base.len();
            let stride = if last { outs } else { outs + 1 };
            to.fill(0.0);
            for i in 0..k {
                let row = &mut self.z[..cells];
                row.fill(parts.b2[n + i]);
                add_rows(row, t, |j| parts.w2[j * q + n + i]);
                let sums = &mut to[i * stride..][..outs];
                for row in row.chunks_exact(outs) {
                    sums.iter_mut()
                        .zip(row)
                        .for_each(|(sum, message)| *sum += message);
                }
                bounded(sums, self.bound);
            }
            if !last {
                to[outs] = 1.0;
            }
            self.f.swap(0, 1);
        }
        &self.f[0][..self.grid.sizes[self.grid.layers()]]
    }
}
