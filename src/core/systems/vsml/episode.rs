//! Backpropagation through time: what the shared numbers should have been, so that a grid would have learned a stream at less cost. The
//! gradient is exact; the softmax inside the error that goes down is differentiated too. Knows one task and no training.

use super::cell::Cell;
use super::grid::{Grid, How, Learner, downwards, first_error, upwards};
use super::pass::{Pass, Rows};
use super::softmax::{cross_entropy, softmax};

/// A stream to learn, and where learning begins.
#[derive(Clone, Debug, PartialEq)]
pub struct Task {
    /// First weights, layer by layer.
    pub weights: Vec<f64>,
    /// Points, in order.
    pub x: Vec<[f64; 2]>,
    /// Their labels.
    pub y: Vec<usize>,
}

/// What the way back needs of a sample.
struct Moment {
    /// The sweeps up and down, by layers.
    passes: [Vec<Pass>; 2],
    up: Vec<Vec<f64>>,
    down: Vec<Vec<f64>>,
}

/// Room for an episode.
pub struct Episode {
    grid: Grid,
    moments: Vec<Moment>,
    rows: Rows,
    /// The slope of the states, layer by layer.
    ds: Vec<Vec<f64>>,
    /// That of the messages that came from below, as far as the sweep down has seen them.
    df: Vec<Vec<f64>>,
    /// That of a message on its way.
    dm: Vec<f64>,
    p: Vec<f64>,
    /// The slope of the summed cost by the shared numbers.
    pub gradient: Vec<f64>,
    /// The logits before learning from each sample.
    pub logits: Vec<Vec<f64>>,
}

/// Through `β tanh(m/β)`, by what came out.
fn through(d: f64, after: f64, bound: Option<f64>) -> f64 {
    bound.map_or(d, |bound| {
        let share = after / bound;
        d * (1.0 - share * share)
    })
}

impl Episode {
    /// Of so many samples at most, on a grid of this kind.
    pub fn new(grid: &Grid, samples: usize) -> Episode {
        let layers = grid.layers();
        let blank = Learner::new(grid, &vec![0.0; grid.weights()]);
        let passes = || {
            let pass = |l| Pass::new(grid.cell, grid.cells(l));
            (0..layers).map(pass).collect::<Vec<Pass>>()
        };
        let moment = |_| Moment {
            passes: [passes(), passes()],
            up: blank.up.clone(),
            down: blank.down.clone(),
        };
        let most = (0..layers).map(|l| grid.cells(l)).max().unwrap_or(0);
        let classes = grid.sizes[layers];
        let (n, k) = (grid.cell.n, grid.cell.k);
        Episode {
            moments: (0..samples).map(moment).collect(),
            rows: Rows::new(grid.cell, most),
            ds: (0..layers).map(|l| vec![0.0; n * grid.cells(l)]).collect(),
            df: (0..layers).map(|l| vec![0.0; k * grid.ends(l).0]).collect(),
            dm: Vec::with_capacity(k * most),
            p: vec![0.0; classes],
            gradient: vec![0.0; grid.cell.count()],
            logits: vec![vec![0.0; classes]; samples],
            grid: grid.clone(),
        }
    }

    /// The summed online cost of a task; leaves logits, and the gradient times `share`.
    pub fn run(&mut self, cell: &Cell, how: &How, task: &Task, share: f64) -> f64 {
        let mut learner = Learner::new(&self.grid, &task.weights);
        let mut cost = 0.0;
        for (t, (x, &y)) in task.x.iter().zip(&task.y).enumerate() {
            cost += self.forwards(cell, how, &mut learner, t, (x, y));
        }
        self.gradient.fill(0.0);
        self.ds.iter_mut().for_each(|ds| ds.fill(0.0));
        let mut after = learner.states;
        for (t, &y) in task.y.iter().enumerate().rev() {
            self.backwards(cell, how, &mut after, t, y, share);
        }
        cost
    }

    fn forwards(
        &mut self,
        cell: &Cell,
        how: &How,
        learner: &mut Learner,
        t: usize,
        (x, label): (&[f64; 2], usize),
    ) -> f64 {
        let (grid, layers) = (&self.grid, self.grid.layers());
        let Moment {
            passes: [rise, fall],
            up,
            down,
        } = &mut self.moments[t];
        up[0][..2].copy_from_slice(x);
        for l in 0..layers {
            let (before, behind) = up.split_at_mut(l + 1);
            let states = &mut learner.states[grid.place(l)];
            let ways = [&mut before[l], &mut behind[0]];
            upwards(
                grid,
                l,
                cell,
                how.bound,
                states,
                ways,
                (&mut rise[l], &mut self.rows),
            );
        }
        let classes = self.p.len();
        let logits = &up[layers][..classes];
        self.logits[t].copy_from_slice(logits);
        first_error(logits, label, how, grid.cell.k, &mut down[layers]);
        for l in (0..layers).rev() {
            let (before, behind) = down.split_at_mut(l + 1);
            let states = &mut learner.states[grid.place(l)];
            let ways = [&mut behind[0], &mut before[l]];
            let rooms = (&mut fall[l], &mut self.rows);
            downwards(grid, l, cell, how.bound, states, &up[l], ways, rooms);
        }
        cross_entropy(&self.logits[t], label)
    }

    /// From the states `after` a sample to those before it, and their slopes with them.
    fn backwards(
        &mut self,
        cell: &Cell,
        how: &How,
        after: &mut [f64],
        t: usize,
        label: usize,
        share: f64,
    ) {
        let (grid, rows) = (&self.grid, &mut self.rows);
        let (size, layers, bound) = (cell.size, grid.layers(), how.bound);
        let (n, k, q) = (size.n, size.k, size.inputs());
        let Moment {
            passes: [rise, fall],
            up,
            down,
        } = &self.moments[t];
        let (ds, df, dm) = (&mut self.ds, &mut self.df, &mut self.dm);
        // The sweep down, from the first layer up.
        dm.clear();
        for l in 0..layers {
            let ((ins, outs), cells) = (grid.ends(l), grid.cells(l));
            let after = &mut after[grid.place(l)];
            states_back(&mut ds[l], after, bound, &mut rows.out);
            rows.out[n * cells..q * cells].fill(0.0);
            if l > 0 {
                // Of the bias unit nothing goes down.
                let units = ins - 1;
                for (i, (dm, message)) in dm.iter().zip(&down[l]).enumerate() {
                    let (row, a) = (n + k + i / units, i % units);
                    let d = through(*dm, *message, bound);
                    rows.out[row * cells + a * outs..][..outs].fill(d);
                }
            }
            let pass = &fall[l];
            pass.back(cell, q, rows, &mut self.gradient);
            add(&mut ds[l], &rows.dz);
            after.copy_from_slice(&pass.z[..n * cells]);
            for (df, dz) in df[l]
                .chunks_exact_mut(ins)
                .zip(rows.dz[n * cells..].chunks_exact(cells))
            {
                for (df, dz) in df.iter_mut().zip(dz.chunks_exact(outs)) {
                    *df = dz.iter().sum();
                }
            }
            dm.clear();
            dm.resize(k * outs, 0.0);
            let down = rows.dz[(n + k) * cells..].chunks_exact(cells);
            for (dm, dz) in dm.chunks_exact_mut(outs).zip(down) {
                dz.chunks_exact(outs).for_each(|row| add(dm, row));
            }
        }
        // The error that went down is made of the logits.
        let classes = self.p.len();
        softmax(&self.logits[t], &mut self.p);
        let (errors, labels) = dm.split_at_mut(classes);
        labels.fill(0.0);
        let mean: f64 = self
            .p
            .iter()
            .zip(&*errors)
            .map(|(p, de)| p * how.scale * de)
            .sum();
        for (c, (de, p)) in errors.iter_mut().zip(&self.p).enumerate() {
            let own = p - f64::from(c == label);
            *de = share * own + p * (how.scale * *de - mean);
        }
        // The sweep up, from the last layer down.
        for l in (0..layers).rev() {
            let ((ins, outs), cells) = (grid.ends(l), grid.cells(l));
            let after = &mut after[grid.place(l)];
            states_back(&mut ds[l], after, bound, &mut rows.out);
            rows.out[n * cells..q * cells].fill(0.0);
            let stride = up[l + 1].len() / k;
            for i in 0..k {
                let place = &mut rows.out[(n + i) * cells..][..cells];
                for b in 0..outs {
                    let d = through(dm[i * outs + b], up[l + 1][i * stride + b], bound);
                    place[b..]
                        .iter_mut()
                        .step_by(outs)
                        .for_each(|place| *place = d);
                }
            }
            let pass = &rise[l];
            pass.back(cell, n + k, rows, &mut self.gradient);
            add(&mut ds[l], &rows.dz);
            after.copy_from_slice(&pass.z[..n * cells]);
            dm.clear();
            let below = rows.dz[n * cells..(n + k) * cells].chunks_exact(cells);
            for (df, dz) in df[l].chunks_exact(ins).zip(below) {
                let units = df.iter().zip(dz.chunks_exact(outs)).take(ins - 1);
                dm.extend(units.map(|(df, dz)| df + dz.iter().sum::<f64>()));
            }
        }
    }
}

/// The slope of states through their bound, which is also that of what was added to them.
fn states_back(ds: &mut [f64], after: &[f64], bound: Option<f64>, out: &mut [f64]) {
    for ((ds, after), out) in ds.iter_mut().zip(after).zip(out) {
        *ds = through(*ds, *after, bound);
        *out = *ds;
    }
}

fn add(to: &mut [f64], more: &[f64]) {
    to.iter_mut().zip(more).for_each(|(to, more)| *to += more);
}
