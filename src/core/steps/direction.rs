//! A step's directions: of every layer the rule's answer to what arrives there, or one answer for the network as a whole.
//! It knows one network and one minibatch, and no optimizer.

use super::breakdown::{Breakdown, TooLarge};
use super::cg::CgReport;
use super::gradient::{Gradient, all_finite};
use super::implicit::Implicit;
use super::prox_point::ProxPointMemory;
use super::rule::{self, Rule, RuleMemory};
use super::work;
use crate::nn::mlp::{Architecture, Batch};
use crate::nn::{Arithmetic, Layer, Real};
use nalgebra::DMatrix;

/// A step's answer and all memory it needs, for one network and one minibatch size.
#[derive(Clone, Debug)]
pub struct Directions<T: Real> {
    /// Forward and back at the parameters the directions belong to.
    pub gradient: Gradient<T>,
    /// `D_l`, the directions.
    pub directions: Vec<DMatrix<T>>,
    /// How CG went, per layer; for `prox-point` how the one solve for all layers went, in each.
    pub cg: Vec<CgReport>,
    rule: Rule,
    /// Most samples of a minibatch.
    capacity: usize,
    memory: Memory<T>,
}

/// What the rule needs.
#[derive(Clone, Debug)]
enum Memory<T: Real> {
    /// Per layer.
    Layerwise(Vec<RuleMemory<T>>),
    /// For the network as a whole; or why it is too large for that.
    Whole(Result<Box<ProxPointMemory>, TooLarge>),
}

impl<T: Real> Directions<T> {
    /// Memory for minibatches of up to `capacity` samples.
    pub fn new(
        architecture: &Architecture,
        rule: Rule,
        capacity: usize,
        arithmetic: Arithmetic,
    ) -> Self {
        let gradient = Gradient::new(architecture, capacity, arithmetic);
        let layers = architecture.layers.len();
        let memory = if rule.is_whole() {
            Memory::Whole(ProxPointMemory::new(architecture, capacity).map(Box::new))
        } else {
            let of_layer = |l| {
                let layer: &Layer = &architecture.layers[l];
                let rows = layer.rows(capacity);
                RuleMemory::new(rule.of_layer(l, architecture), layer.theta_shape(), rows)
            };
            Memory::Layerwise((0..layers).map(of_layer).collect())
        };
        Directions {
            gradient,
            directions: architecture.zeros(),
            cg: vec![CgReport::default(); layers],
            rule,
            capacity,
            memory,
        }
    }

    /// The arithmetic that they are computed in.
    pub fn arithmetic(&self) -> Arithmetic {
        self.gradient.activations.packing.arithmetic()
    }

    /// The matrix-multiplication work of the last step computed, on `samples` samples; see [`work::flops`].
    pub fn flops(&self, architecture: &Architecture, samples: usize) -> u64 {
        let iterations = |l: usize| self.cg[l].iterations;
        work::flops(architecture, samples, self.capacity, self.rule, iterations)
    }

    /// Fills everything for `thetas` on `batch` and returns J. The batch must have the rows this memory has.
    ///
    /// # Errors
    /// [`Breakdown`] when J or a direction is not finite or a system cannot be solved.
    pub fn compute(
        &mut self,
        architecture: &Architecture,
        thetas: &[DMatrix<T>],
        batch: &Batch<T>,
        implicit: Implicit,
    ) -> Result<f64, Breakdown> {
        let Directions {
            gradient,
            directions,
            cg,
            rule,
            memory,
            ..
        } = self;
        match memory {
            Memory::Layerwise(memory) => {
                gradient.backward(architecture, thetas, batch, |l, arriving, packing| {
                    let rule = rule.of_layer(l, architecture);
                    let d = &mut directions[l];
                    cg[l] = rule::direction(rule, implicit, arriving, &mut memory[l], packing, d)
                        .map_err(|failed| Breakdown::Unsolvable {
                        layer: l,
                        column: failed.column,
                    })?;
                    finite(l, d)
                })
            }
            Memory::Whole(memory) => {
                // What the layers give alone is not kept, but a step that has no gradient is none.
                let loss =
                    gradient.backward(architecture, thetas, batch, |l, arriving, packing| {
                        arriving.gradient(&mut directions[l], packing);
                        finite(l, &directions[l])
                    })?;
                let solver = memory.as_mut().map_err(|why| Breakdown::TooLarge(*why))?;
                cg.fill(solver.solve(architecture, thetas, batch, implicit, directions)?);
                Ok(loss)
            }
        }
    }
}

/// Whether the direction of layer `l` (from 0) can be stepped along.
fn finite<T: Real>(l: usize, d: &DMatrix<T>) -> Result<(), Breakdown> {
    all_finite(d)
        .then_some(())
        .ok_or(Breakdown::Direction { layer: l })
}
