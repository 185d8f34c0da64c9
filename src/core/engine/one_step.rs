//! One step of one member, taken apart in double precision: the sub-steps of MATH's sweep, explicit and implicit
//! side by side. Whoever owns a member hands over where it stands.

use crate::engine::Settings;
use crate::frame::{EnergyTerms, Formula, L1Step, OneStep, Shrunk, SubStep, SweepFrame};
use crate::nn::mlp::{Architecture, Batch, convert};
use crate::nn::{Arithmetic, Real};
use crate::steps::l1::zeros;
use crate::steps::penalty::{Move, Sweep, Terms, moves, sweep};
use crate::steps::{Breakdown, Directions, Gradient, Rule, Shrinkage};
use nalgebra::DMatrix;

/// Where a member stands before a step, widened to double precision.
#[derive(Clone, Debug)]
pub struct Snapshot {
    pub(super) architecture: Architecture,
    pub(super) thetas: Vec<DMatrix<f64>>,
    pub(super) batch: Batch<f64>,
    pub(super) settings: Settings,
}

impl Snapshot {
    /// A member's parameters, the minibatch of its next step, and how it learns.
    pub fn new<T: Real>(
        architecture: &Architecture,
        thetas: &[DMatrix<T>],
        minibatch: &Batch<T>,
        settings: Settings,
    ) -> Snapshot {
        let mut wide = architecture.zeros();
        for (wide, theta) in wide.iter_mut().zip(thetas) {
            convert(theta, wide);
        }
        let outputs = architecture.outputs();
        let (rows, inputs) = minibatch.inputs.shape();
        let mut batch = Batch::with_capacity(rows, inputs - 1, outputs, architecture.loss);
        batch.convert(minibatch);
        Snapshot {
            architecture: architecture.clone(),
            thetas: wide,
            batch,
            settings,
        }
    }

    /// The rule of the implicit side: the member's own where it steps layer by layer, else the exact one.
    pub(super) fn implicit_rule(&self) -> Rule {
        let rule = self.settings.rule;
        if rule.has_tau_theta() {
            rule
        } else {
            Rule::ProxExact
        }
    }

    /// Forward pass, gradients and directions of a rule.
    pub(super) fn directions(&self, rule: Rule) -> Result<Directions<f64>, Breakdown> {
        let mut work = Directions::new(
            &self.architecture,
            rule,
            None,
            self.batch.inputs.nrows(),
            Arithmetic::Portable,
        );
        work.compute(
            &self.architecture,
            &self.thetas,
            &self.batch,
            self.settings.implicit,
        )?;
        Ok(work)
    }

    fn sweep(&self, forward: &Gradient<f64>, rule: Rule) -> Result<Sweep<f64>, Breakdown> {
        sweep(
            &self.architecture,
            &self.thetas,
            &self.batch,
            forward,
            rule,
            self.settings.size.tau,
            self.settings.implicit,
        )
    }

    /// The step of plain gradient descent of size τ, sub-step by sub-step, and what the run's l1 makes of it: the optimizer,
    /// its memory, weight decay and l1 are no part of the energy's sweep.
    ///
    /// # Errors
    /// [`Breakdown`] when J or a direction is not finite or a proximal system cannot be solved.
    pub fn one_step(&self) -> Result<OneStep, Breakdown> {
        Ok(self.both(self.explicit()?, self.implicit()?))
    }

    /// Its explicit side.
    ///
    /// # Errors
    /// As [`Snapshot::one_step`].
    pub fn explicit(&self) -> Result<SweepFrame, Breakdown> {
        self.side(Rule::Backprop)
    }

    /// Its implicit side.
    ///
    /// # Errors
    /// As [`Snapshot::one_step`].
    pub fn implicit(&self) -> Result<SweepFrame, Breakdown> {
        self.side(self.implicit_rule())
    }

    /// Both sides.
    pub fn both(&self, explicit: SweepFrame, implicit: SweepFrame) -> OneStep {
        OneStep {
            tau: self.settings.size.tau,
            tau_theta: self.settings.implicit.tau_theta,
            sizes: self.architecture.sizes(),
            convolutions: (1..)
                .zip(&self.architecture.layers)
                .filter_map(|(l, layer)| layer.planes().map(|_| l))
                .collect(),
            inputs: self.architecture.inputs.names(),
            l1: (self.settings.l1.factor != 0.0).then(|| L1Step {
                size: self.settings.l1.size(self.settings.size.tau),
                implicit: self.settings.l1.shrinkage == Shrinkage::Implicit,
            }),
            explicit,
            implicit,
        }
    }

    /// What the run's l1 makes of parameters.
    fn shrunk(&self, mut thetas: Vec<DMatrix<f64>>) -> Option<Shrunk> {
        let Settings { l1, size, .. } = self.settings;
        if l1.factor == 0.0 {
            return None;
        }
        let before = thetas.clone();
        l1.apply(size.tau, &mut thetas);
        let pairs = thetas.iter().zip(&before);
        let change = pairs.map(|(after, before)| (after - before).norm_squared());
        let change = change.sum::<f64>().sqrt();
        let (zeros, weights) = zeros(&thetas);
        Some(Shrunk {
            change,
            weights,
            zeros,
        })
    }

    fn side(&self, rule: Rule) -> Result<SweepFrame, Breakdown> {
        let work = self.directions(rule)?;
        let swept = self.sweep(&work.gradient, rule)?;
        let tau = self.settings.size.tau;
        let layers = self.thetas.iter().zip(&work.directions);
        let (mut gap, mut largest) = (0.0f64, 1.0f64);
        for ((theta, d), swept) in layers.zip(&swept.thetas) {
            let stepped = theta - d * tau;
            gap = gap.max((swept - &stepped).amax());
            largest = largest.max(stepped.amax());
        }
        let layers = self.architecture.layers.len();
        let mut before = swept.energy[0];
        let rows = moves(layers)
            .into_iter()
            .zip(swept.terms)
            .zip(swept.changes);
        let sub_steps = rows
            .map(|((moved, terms), change)| {
                let (formula, layer) = formula(moved, layers, rule);
                let energy = energy_terms(terms);
                SubStep {
                    at: moved.to_string(),
                    formula,
                    layer,
                    change,
                    before: std::mem::replace(&mut before, energy.total),
                    energy,
                }
            })
            .collect();
        Ok(SweepFrame {
            rule: rule.to_string(),
            sub_steps,
            mismatch: gap / largest,
            shrunk: self.shrunk(swept.thetas),
        })
    }
}

fn formula(moved: Move, layers: usize, rule: Rule) -> (Formula, usize) {
    match moved {
        Move::Forward => (Formula::Forward, 0),
        Move::Theta(l) if l == layers => (Formula::OutputTheta, l),
        Move::Theta(l) if rule == Rule::Backprop => (Formula::ThetaExplicit, l),
        Move::Theta(l) => (Formula::ThetaImplicit, l),
        Move::A(l) if l + 1 == layers => (Formula::OutputA, l),
        Move::A(l) => (Formula::A, l),
        Move::Z(l) => (Formula::Z, l),
    }
}

fn energy_terms(terms: Terms) -> EnergyTerms {
    EnergyTerms {
        total: terms.total(),
        loss: terms.loss,
        activation: terms.activation,
        affine: terms.affine,
    }
}
