//! A step's directions: of every layer the rule's answer to what arrives there, or one answer for the network as a whole.
//! It knows one network and one minibatch, and no optimizer.

use super::breakdown::{Breakdown, TooLarge};
use super::cg::CgReport;
use super::gradient::{Arriving, Gradient, Visit, all_finite};
use super::implicit::Implicit;
use super::objective::pass::Pass;
use super::prox_point::ProxPointMemory;
use super::reach::{Heard, Reach};
use super::rule::{self, Rule, RuleMemory};
use super::work;
use crate::Here;
use crate::nn::mlp::{Architecture, Batch};
use crate::nn::product::Packing;
use crate::nn::{Arithmetic, Real};
use nalgebra::DMatrix;

/// A step's answer and all memory it needs, for one network and one minibatch size.
#[derive(Clone, Debug)]
pub struct Directions<T: Real> {
    /// Forward and back at the parameters the directions belong to.
    pub gradient: Gradient<T>,
    /// `D_l`, the directions; those of auxiliary heads behind the layers'.
    pub directions: Vec<DMatrix<T>>,
    /// How CG went, per layer; for `prox-point` how the one solve for all layers went, in each.
    pub cg: Vec<CgReport>,
    rule: Rule,
    /// Where layers hear other losses than the last, and what that takes.
    reach: Option<(Reach, Heard<T>)>,
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
    Whole(Result<Box<ProxPointMemory>, TooLarge>, Here),
}

impl<T: Real> Directions<T> {
    /// Memory for minibatches of up to `capacity` samples.
    ///
    /// # Panics
    /// When the network steps as a whole and has a reach.
    pub fn new(
        architecture: &Architecture,
        rule: Rule,
        reach: Option<Reach>,
        capacity: usize,
        arithmetic: Arithmetic,
    ) -> Self {
        let gradient = Gradient::new(architecture, capacity, arithmetic);
        // Without a hidden layer nobody hears anything.
        let reach = reach.filter(|_| !architecture.trunk().is_empty());
        let mut directions = architecture.zeros();
        Reach::fit(reach, architecture, &mut directions);
        let memory = if let Some(here) = Here::get().filter(|_| rule.is_whole()) {
            assert!(reach.is_none(), "reach: the network steps as a whole");
            let memory = ProxPointMemory::new(architecture, capacity).map(Box::new);
            Memory::Whole(memory, here)
        } else {
            let mut memory = rule::memory(rule, architecture, capacity);
            memory.resize(directions.len(), RuleMemory::Explicit);
            Memory::Layerwise(memory)
        };
        Directions {
            gradient,
            cg: vec![CgReport::default(); directions.len()],
            directions,
            reach: reach.map(|reach| (reach, Heard::new(architecture, reach.hearing(), capacity))),
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
        let hearing = self.reach.as_ref().map(|(reach, _)| reach.hearing());
        work::flops(
            architecture,
            samples,
            self.capacity,
            self.rule,
            hearing,
            iterations,
        )
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
            reach,
            memory,
            ..
        } = self;
        match memory {
            Memory::Layerwise(memory) => {
                let visit = |l: usize, arriving: &Arriving<T>, packing: &mut Packing<T>| {
                    let rule = rule.of_layer(l, architecture);
                    let (memory, d) = (&mut memory[l], &mut directions[l]);
                    cg[l] = answer(l, rule, implicit, arriving, memory, packing, d)?;
                    Ok(())
                };
                match reach {
                    None => gradient.backward(architecture, thetas, batch, visit),
                    Some((_, heard)) => {
                        heard.backward(gradient, architecture, thetas, batch, visit)
                    }
                }
            }
            Memory::Whole(memory, _) => {
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

    /// The same for an objective that is not the loss alone.
    ///
    /// # Errors
    /// As [`Directions::compute`].
    ///
    /// # Panics
    /// When the rule steps the network as a whole.
    pub fn compute_of(
        &mut self,
        objective: &mut Pass<T>,
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
        let Memory::Layerwise(memory) = memory else {
            panic!("directions: {rule} is of the loss alone")
        };
        let visit: Visit<T> = &mut |l, arriving, packing| {
            let rule = rule.of_layer(l, architecture);
            let (memory, d) = (&mut memory[l], &mut directions[l]);
            cg[l] = answer(l, rule, implicit, arriving, memory, packing, d)?;
            Ok(())
        };
        gradient.backward_of(objective, architecture, thetas, batch, visit)
    }
}

/// The direction of layer `l` (from 0) by a rule, with CG's report, if it can be stepped along.
///
/// # Errors
/// [`Breakdown`] when it is not finite or a system cannot be solved.
///
/// # Panics
/// When `memory` was made for another rule; see [`rule::direction`].
pub fn answer<T: Real>(
    l: usize,
    rule: Rule,
    implicit: Implicit,
    arriving: &Arriving<T>,
    memory: &mut RuleMemory<T>,
    packing: &mut Packing<T>,
    d: &mut DMatrix<T>,
) -> Result<CgReport, Breakdown> {
    let report = rule::direction(rule, implicit, arriving, memory, packing, d);
    let report = report.map_err(|failed| Breakdown::Unsolvable {
        layer: l,
        column: failed.column,
    })?;
    finite(l, d)?;
    Ok(report)
}

/// Whether the direction of layer `l` (from 0) can be stepped along.
fn finite<T: Real>(l: usize, d: &DMatrix<T>) -> Result<(), Breakdown> {
    all_finite(d)
        .then_some(())
        .ok_or(Breakdown::Direction { layer: l })
}
