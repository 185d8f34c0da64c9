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

/// Every rule, in the order in which it is offered; one with iterations has its usual number of them.
pub const RULES: [Rule; 4] = [
    Rule::Backprop,
    Rule::ProxExact,
    Rule::ProxCg(3),
    Rule::ProxPoint,
];

/// Most iterations of `prox-cgK`.
pub const MOST_ITERATIONS: u32 = 1000;

/// Why a text is no rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotARule {
    /// No rule is called so.
    Unknown,
    /// It has no iteration, or more than [`MOST_ITERATIONS`].
    Iterations,
}

impl Rule {
    /// The name in the query string, without its iterations.
    pub fn key(self) -> &'static str {
        match self {
            Rule::Backprop => "backprop",
            Rule::ProxExact => "prox-exact",
            Rule::ProxCg(_) => "prox-cg",
            Rule::ProxPoint => "prox-point",
        }
    }

    /// What people call it.
    pub fn name(self) -> String {
        match self {
            Rule::Backprop => "BackProp".to_owned(),
            Rule::ProxExact => "ProxProp".to_owned(),
            Rule::ProxCg(iterations) => format!("ProxProp CG {iterations}"),
            Rule::ProxPoint => "Proximal point".to_owned(),
        }
    }

    /// Iterations of conjugate gradients at most; `None` for a rule without them, which has no tolerance either.
    pub fn iterations(self) -> Option<u32> {
        match self {
            Rule::ProxCg(iterations) => Some(iterations),
            Rule::Backprop | Rule::ProxExact | Rule::ProxPoint => None,
        }
    }

    /// The same with so many iterations; any other rule as it is.
    pub fn with_iterations(self, iterations: u32) -> Rule {
        match self {
            Rule::ProxCg(_) => Rule::ProxCg(iterations),
            Rule::Backprop | Rule::ProxExact | Rule::ProxPoint => self,
        }
    }

    /// Whether it steps with a τ_θ of its own.
    pub fn has_tau_theta(self) -> bool {
        match self {
            Rule::ProxExact | Rule::ProxCg(_) => true,
            Rule::Backprop | Rule::ProxPoint => false,
        }
    }

    /// Reads what [`fmt::Display`] writes.
    ///
    /// # Errors
    /// [`NotARule`] where it is something else.
    pub fn parse(text: &str) -> Result<Rule, NotARule> {
        let (rule, rest) = RULES
            .into_iter()
            .find_map(|rule| Some((rule, text.strip_prefix(rule.key())?)))
            .ok_or(NotARule::Unknown)?;
        if rule.iterations().is_none() {
            return rest.is_empty().then_some(rule).ok_or(NotARule::Unknown);
        }
        if rest.is_empty() || !rest.bytes().all(|b| b.is_ascii_digit()) {
            return Err(NotARule::Unknown);
        }
        match rest.parse() {
            Ok(iterations @ 1..=MOST_ITERATIONS) => Ok(rule.with_iterations(iterations)),
            _ => Err(NotARule::Iterations),
        }
    }

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
        f.write_str(self.key())?;
        self.iterations().map_or(Ok(()), |k| write!(f, "{k}"))
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
