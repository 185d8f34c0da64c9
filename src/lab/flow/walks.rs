//! The walks of a flow, ready to be looked at. Reads no text.

use super::settings::FlowSettings;
use crate::flow::{self, Function, Method, Walk, reference, stability};
use crate::frame::{Amplification, Field, Flow, FlowSolution, Landscape, Trajectory};
use crate::{Error, Named};
use std::collections::BinaryHeap;

/// Nodes per side of the grid behind the contours.
const NODES: usize = 161;
/// Contours drawn.
const LEVELS: usize = 14;
/// Parts of the amplification curves.
const CURVE: usize = 120;

impl FlowSettings {
    /// Walks.
    ///
    /// # Errors
    /// [`Error::Command`] naming what is out of range.
    pub fn flow(&self) -> Result<Flow, Error> {
        self.check()?;
        let f = self.function;
        let followed = reference::follow(f, self.start, self.tau * self.steps as f64);
        // The quadratics' Hessian is the same everywhere.
        let eigenvalues = match f {
            Function::Quadratic { .. } => f.hessian(self.start).eigenvalues().to_vec(),
            _ => Vec::new(),
        };
        let amplification = |lambda: f64| Amplification {
            lambda,
            explicit: stability::explicit(self.tau, lambda),
            implicit: stability::implicit(self.tau, lambda),
        };
        Ok(Flow {
            landscape: landscape(f),
            start: self.start,
            tau: self.tau,
            steps: self.steps,
            at: self.steps,
            trajectories: self.methods.iter().map(|&m| self.trajectory(m)).collect(),
            reference: FlowSolution {
                values: followed.points.iter().map(|&p| f.value(p)).collect(),
                points: followed.points,
                times: followed.times,
                complete: followed.complete,
            },
            amplification: eigenvalues.iter().copied().map(amplification).collect(),
            amplification_curves: match eigenvalues.last() {
                Some(&largest) => curve(self.tau, largest).map(amplification).collect(),
                None => Vec::new(),
            },
            explicit_limit: eigenvalues.last().map(|&l| stability::explicit_limit(l)),
        })
    }

    fn trajectory(&self, method: Method) -> Trajectory {
        let Walk {
            points,
            diverged_at,
            unsolved,
            inner_iterations,
        } = flow::walk(
            self.function,
            method,
            self.start,
            self.tau,
            self.momentum,
            self.steps,
        );
        Trajectory {
            method: method.name().to_owned(),
            label: method.label().to_owned(),
            place: method as usize,
            values: points.iter().map(|&p| self.function.value(p)).collect(),
            points,
            diverged_at,
            unsolved,
            inner_iterations,
        }
    }
}

/// Imagined eigenvalues for which `τλ` runs from 0 to a little beyond the limit 2 and the largest one there is.
fn curve(tau: f64, largest: f64) -> impl Iterator<Item = f64> {
    let end = (3.0 / tau).max(1.1 * largest);
    (0..=CURVE).map(move |i| end * i as f64 / CURVE as f64)
}

/// A whole number in whose order values are by `f64::total_cmp`: a heap of those is sorted by a tenth of the code.
fn rank(value: f64) -> i64 {
    let bits = value.to_bits().cast_signed();
    bits ^ (bits >> 63 & i64::MAX)
}

/// The value of a rank.
fn value(rank: i64) -> f64 {
    f64::from_bits((rank ^ (rank >> 63 & i64::MAX)).cast_unsigned())
}

/// A function over its window, with contours that enclose equal shares of it.
fn landscape(f: Function) -> Landscape {
    let (x, y) = f.window();
    let node =
        |range: (f64, f64), i: usize| range.0 + (range.1 - range.0) * i as f64 / (NODES - 1) as f64;
    let values: Vec<f64> = (0..NODES * NODES)
        .map(|i| f.value([node(x, i % NODES), node(y, i / NODES)]))
        .collect();
    let sorted: BinaryHeap<i64> = values.iter().copied().map(rank).collect();
    let sorted = sorted.into_sorted_vec();
    // Squared shares: closer together around the minimum.
    let share = |k: usize| ((k as f64 + 1.5) / (LEVELS as f64 + 1.0)).powi(2);
    let last = (sorted.len() - 1) as f64;
    Landscape {
        name: f.name().to_owned(),
        formula: f.formula().to_owned(),
        x,
        y,
        levels: (0..LEVELS)
            .map(|k| value(sorted[(share(k) * last) as usize]))
            .collect(),
        values: Field {
            columns: NODES,
            rows: NODES,
            channels: 1,
            values: values.iter().map(|&v| v as f32).collect(),
        },
        minima: f.minima().to_vec(),
    }
}
