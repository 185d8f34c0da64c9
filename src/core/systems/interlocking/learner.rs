//! A network with a head behind each of its modules, and one step of it: trunk and heads are two groups of parameters, each with an
//! optimizer's memory and a step size of its own. It knows one network, and not when its devices do their part.

use crate::nn::mlp::{Architecture, Batch};
use crate::nn::{Arithmetic, Real};
use crate::steps::cg::CgReport;
use crate::steps::direction::answer;
use crate::steps::gradient::all_finite;
use crate::steps::optimizer::StepSize;
use crate::steps::reach::{Heard, Hearing};
use crate::steps::rule::{self, RuleMemory};
use crate::steps::{Breakdown, Gradient, Implicit, Optimizer, OptimizerState, Rule, work};
use nalgebra::DMatrix;

/// How a network learns.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// The trunk's; heads are explicit.
    pub rule: Rule,
    /// τ_θ, and what CG is told.
    pub implicit: Implicit,
    /// What is done with directions.
    pub optimizer: Optimizer,
    /// How far the trunk steps.
    pub trunk: StepSize,
    /// How far the heads step.
    pub heads: StepSize,
}

/// A network in training.
#[derive(Clone, Debug, PartialEq)]
pub struct Learner<T: Real> {
    /// `Θ` of the trunk's layers, then of the heads: the last one's, the output layer, and behind it the auxiliary ones, from below.
    pub thetas: Vec<DMatrix<T>>,
    trunk: OptimizerState<T>,
    heads: OptimizerState<T>,
    optimizer: Optimizer,
}

/// What steps work with that hear alike, by one rule; whoever steps.
#[derive(Clone, Debug)]
pub struct Work<T: Real> {
    /// Forward and back.
    pub gradient: Gradient<T>,
    /// The losses, and whom they reach.
    pub heard: Heard<T>,
    /// The directions of the last step, as parameters lie.
    pub directions: Vec<DMatrix<T>>,
    rule: Rule,
    cg: Vec<CgReport>,
    hidden: Vec<RuleMemory<T>>,
    explicit: RuleMemory<T>,
}

impl<T: Real> Work<T> {
    /// Memory for minibatches of up to `capacity` samples.
    pub fn new(architecture: &Architecture, hearing: Hearing, rule: Rule, capacity: usize) -> Self {
        let mut directions = architecture.zeros();
        for head in architecture.auxiliary_heads(hearing.per_module) {
            let (rows, columns) = head.theta_shape();
            directions.push(DMatrix::zeros(rows, columns));
        }
        Work {
            gradient: Gradient::new(architecture, capacity, Arithmetic::Portable),
            heard: Heard::new(architecture, hearing, capacity),
            cg: vec![CgReport::default(); directions.len()],
            directions,
            rule,
            hidden: rule::memory(rule, architecture, capacity),
            explicit: RuleMemory::Explicit,
        }
    }

    /// The matrix-multiplication work of the last step computed, on `samples` samples; see [`work::flops`].
    pub fn flops(&self, architecture: &Architecture, samples: usize) -> u64 {
        let hearing = Some(self.heard.hearing());
        let iterations = |l: usize| self.cg[l].iterations;
        work::flops(
            architecture,
            samples,
            samples,
            self.rule,
            hearing,
            iterations,
        )
    }

    /// All directions at `thetas`; returns the loss of the last head.
    ///
    /// # Errors
    /// [`Breakdown`] when a loss or a direction is not finite, or a system cannot be solved.
    pub fn compute(
        &mut self,
        architecture: &Architecture,
        thetas: &[DMatrix<T>],
        batch: &Batch<T>,
        implicit: Implicit,
    ) -> Result<f64, Breakdown> {
        let Work {
            gradient,
            heard,
            directions,
            rule,
            cg,
            hidden,
            explicit,
        } = self;
        heard.backward(
            gradient,
            architecture,
            thetas,
            batch,
            |l, arriving, packing| {
                let memory = hidden.get_mut(l).unwrap_or(explicit);
                let rule = rule.of_layer(l, architecture);
                answer(
                    l,
                    rule,
                    implicit,
                    arriving,
                    memory,
                    packing,
                    &mut directions[l],
                )
                .map(|report| cg[l] = report)
            },
        )
    }
}

impl<T: Real> Learner<T> {
    /// Before the first step of an optimizer; `hidden` layers are the trunk.
    pub fn new(optimizer: Optimizer, hidden: usize, thetas: Vec<DMatrix<T>>) -> Self {
        let (trunk, heads) = thetas.split_at(hidden);
        Learner {
            trunk: OptimizerState::new(optimizer, trunk),
            heads: OptimizerState::new(optimizer, heads),
            optimizer,
            thetas,
        }
    }

    /// One step: all directions at the same parameters, then all updates. A new optimizer begins with an empty memory.
    ///
    /// # Errors
    /// [`Breakdown`]; of one in the directions the parameters are as they were.
    pub fn step(
        &mut self,
        architecture: &Architecture,
        batch: &Batch<T>,
        how: &Settings,
        work: &mut Work<T>,
    ) -> Result<(), Breakdown> {
        let hidden = architecture.trunk().len();
        if how.optimizer != self.optimizer {
            let thetas = std::mem::take(&mut self.thetas);
            *self = Learner::new(how.optimizer, hidden, thetas);
        }
        work.compute(architecture, &self.thetas, batch, how.implicit)?;
        let (trunk, heads) = self.thetas.split_at_mut(hidden);
        let (of_trunk, of_heads) = work.directions.split_at(hidden);
        self.trunk.apply(how.optimizer, how.trunk, trunk, of_trunk);
        self.heads.apply(how.optimizer, how.heads, heads, of_heads);
        let broken = self.thetas.iter().position(|theta| !all_finite(theta));
        broken.map_or(Ok(()), |layer| Err(Breakdown::Weights { layer }))
    }

    /// How many numbers it is, for so many parameters.
    pub fn numbers(parameters: usize) -> usize {
        3 * parameters
    }
}
