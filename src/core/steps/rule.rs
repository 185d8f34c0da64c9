//! The rules: one function, two answers. The only place where explicit and implicit steps differ.

use super::cg::{self, CgMemory, CgReport};
use super::cholesky::{self, NotPositiveDefinite};
use crate::nn::Real;
use crate::nn::product::{Packing, gram};
use nalgebra::DMatrix;
use std::fmt;

/// How directions are found. Layer by layer the output layer is always explicit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Explicit: the gradient itself.
    Backprop,
    /// Implicit, the proximal system solved by Cholesky.
    ProxExact,
    /// Implicit, the proximal system solved by at most this many CG iterations.
    ProxCg(u32),
    /// Implicit in all parameters at once: the proximal point of J itself, in `steps::prox_point`.
    ProxPoint,
}

impl Rule {
    /// What is asked of layer `l` (from 0) of `layers`: the output layer is explicit, and where the network steps as
    /// a whole its layers only give their gradients.
    pub fn of_layer(self, l: usize, layers: usize) -> Rule {
        if l + 1 == layers || self == Rule::ProxPoint {
            Rule::Backprop
        } else {
            self
        }
    }
}

impl fmt::Display for Rule {
    /// As in the query string: `backprop`, `prox-exact`, `prox-cg3`, `prox-point`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Rule::Backprop => f.write_str("backprop"),
            Rule::ProxExact => f.write_str("prox-exact"),
            Rule::ProxCg(iterations) => write!(f, "prox-cg{iterations}"),
            Rule::ProxPoint => f.write_str("prox-point"),
        }
    }
}

/// What an implicit step needs to know besides its layer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Implicit {
    /// Proximal step size τ_θ > 0; for `prox-point`, which has but one, the step size τ.
    pub tau_theta: f64,
    /// CG stops at this residual relative to the start.
    pub cg_tolerance: f64,
}

/// Memory of one hidden layer's system.
#[derive(Clone, Debug)]
pub enum RuleMemory<T: Real> {
    /// Explicit steps need none.
    Explicit,
    /// `ÂᵀÂ + I/τ_θ` and its factor.
    System(DMatrix<T>),
    /// CG's vectors.
    Cg(CgMemory<T>),
}

impl<T: Real> RuleMemory<T> {
    /// Memory for `rule` on a layer with parameters `(inputs+1) × outputs` and `rows` padded samples.
    pub fn new(rule: Rule, parameters: (usize, usize), rows: usize) -> Self {
        match rule {
            Rule::Backprop | Rule::ProxPoint => RuleMemory::Explicit,
            Rule::ProxExact => RuleMemory::System(DMatrix::zeros(parameters.0, parameters.0)),
            Rule::ProxCg(_) => RuleMemory::Cg(CgMemory::new(parameters, rows)),
        }
    }
}

/// The direction `D` of one hidden layer from its inputs `Â` (padded) and gradient `G`:
/// `G`, or `(ÂᵀÂ + I/τ_θ)⁻¹ G` (Frerix et al. 2018, eq. 12 and section 4.2).
///
/// # Errors
/// When the system cannot be factored.
///
/// # Panics
/// When `memory` was made for another rule, or the rule is none for a single layer.
pub fn direction<T: Real>(
    rule: Rule,
    implicit: Implicit,
    a: &DMatrix<T>,
    g: &DMatrix<T>,
    memory: &mut RuleMemory<T>,
    packing: &mut Packing<T>,
    d: &mut DMatrix<T>,
) -> Result<CgReport, NotPositiveDefinite> {
    match (rule, memory) {
        (Rule::Backprop, RuleMemory::Explicit) => {
            d.as_mut_slice().copy_from_slice(g.as_slice());
            Ok(CgReport::default())
        }
        (Rule::ProxExact, RuleMemory::System(system)) => {
            gram(a, system);
            let shift = T::of(1.0 / implicit.tau_theta);
            for i in 0..system.nrows() {
                system[(i, i)] += shift;
            }
            cholesky::factor(system)?;
            d.copy_from(g);
            cholesky::solve(system, d);
            Ok(CgReport::default())
        }
        (Rule::ProxCg(k), RuleMemory::Cg(memory)) => {
            let Implicit {
                tau_theta,
                cg_tolerance,
            } = implicit;
            Ok(cg::solve(
                a,
                g,
                tau_theta,
                k,
                cg_tolerance,
                memory,
                packing,
                d,
            ))
        }
        _ => panic!("rule: memory of another rule"),
    }
}
