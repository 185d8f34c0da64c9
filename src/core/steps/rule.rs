//! The rules: one function, two answers. The only place where explicit and implicit steps differ. It does not ask what
//! the gradient is of.

use super::cg::{self, CgMemory, CgReport};
use super::cholesky::NotPositiveDefinite;
use super::exact::{self, ExactMemory};
use super::gradient::Arriving;
use super::implicit::Implicit;
use crate::nn::layer::{Linear, Rows};
use crate::nn::mlp::Architecture;
use crate::nn::product::Packing;
use crate::nn::{Layer, Real};
use nalgebra::DMatrix;
use std::fmt;

/// How directions are found. Layer by layer the output layer is always explicit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Explicit: the gradient itself.
    Backprop,
    /// Implicit, the proximal system solved by Cholesky.
    ProxExact,
    /// Implicit, the proximal system solved by at most this many CG iterations: a dense layer's column by column, a
    /// convolution's with one length and one turn for all of Θ, as the published code does.
    ProxCg(u32),
    /// The same column by column in every layer.
    ProxCgColumns(u32),
    /// Implicit in all parameters at once: the proximal point of J itself, in `steps::prox_point`.
    ProxPoint,
}

/// Every rule, in the order in which it is offered; one with iterations has its usual number of them.
pub const RULES: [Rule; 5] = [
    Rule::Backprop,
    Rule::ProxExact,
    Rule::ProxCg(3),
    Rule::ProxCgColumns(3),
    Rule::ProxPoint,
];

/// Most iterations of `prox-cgK` and `prox-cgKb`.
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
            Rule::ProxCgColumns(_) => "prox-cgb",
            Rule::ProxPoint => "prox-point",
        }
    }

    /// What stands before and behind its iterations in the query string.
    pub fn around(self) -> (&'static str, &'static str) {
        match self {
            Rule::ProxCgColumns(_) => ("prox-cg", "b"),
            Rule::Backprop | Rule::ProxExact | Rule::ProxCg(_) | Rule::ProxPoint => {
                (self.key(), "")
            }
        }
    }

    /// What people call it.
    pub fn name(self) -> String {
        match self {
            Rule::Backprop => "BackProp".to_owned(),
            Rule::ProxExact => "ProxProp".to_owned(),
            Rule::ProxCg(iterations) => format!("ProxProp CG {iterations}"),
            Rule::ProxCgColumns(iterations) => format!("ProxProp CG {iterations}b"),
            Rule::ProxPoint => "Proximal point".to_owned(),
        }
    }

    /// Iterations of conjugate gradients at most; `None` for a rule without them, which has no tolerance either.
    pub fn iterations(self) -> Option<u32> {
        match self {
            Rule::ProxCg(iterations) | Rule::ProxCgColumns(iterations) => Some(iterations),
            Rule::Backprop | Rule::ProxExact | Rule::ProxPoint => None,
        }
    }

    /// The same with so many iterations; any other rule as it is.
    pub fn with_iterations(self, iterations: u32) -> Rule {
        match self {
            Rule::ProxCg(_) => Rule::ProxCg(iterations),
            Rule::ProxCgColumns(_) => Rule::ProxCgColumns(iterations),
            Rule::Backprop | Rule::ProxExact | Rule::ProxPoint => self,
        }
    }

    /// Whether it steps with a τ_θ of its own.
    pub fn has_tau_theta(self) -> bool {
        match self {
            Rule::ProxExact | Rule::ProxCg(_) | Rule::ProxCgColumns(_) => true,
            Rule::Backprop | Rule::ProxPoint => false,
        }
    }

    /// Reads what [`fmt::Display`] writes.
    ///
    /// # Errors
    /// [`NotARule`] where it is something else.
    pub fn parse(text: &str) -> Result<Rule, NotARule> {
        for rule in RULES {
            let (before, behind) = rule.around();
            let inside = text.strip_prefix(before);
            let inside = inside.and_then(|rest| rest.strip_suffix(behind));
            match (inside, rule.iterations()) {
                (Some(""), None) => return Ok(rule),
                (Some(count), Some(_))
                    if !count.is_empty() && count.bytes().all(|b| b.is_ascii_digit()) =>
                {
                    return match count.parse() {
                        Ok(iterations @ 1..=MOST_ITERATIONS) => {
                            Ok(rule.with_iterations(iterations))
                        }
                        _ => Err(NotARule::Iterations),
                    };
                }
                _ => {}
            }
        }
        Err(NotARule::Unknown)
    }

    /// Whether the network steps as a whole, not layer by layer.
    pub fn is_whole(self) -> bool {
        match self {
            Rule::ProxPoint => true,
            Rule::Backprop | Rule::ProxExact | Rule::ProxCg(_) | Rule::ProxCgColumns(_) => false,
        }
    }

    /// What is asked of layer `l` (from 0) by a rule that steps layer by layer: the output layer is explicit, and so are the
    /// auxiliary heads, which are counted behind it.
    pub fn of_layer(self, l: usize, architecture: &Architecture) -> Rule {
        match architecture.trunk().get(l).map(|layer| layer.linear) {
            None => Rule::Backprop,
            Some(Linear::Dense { .. }) => self.of_dense_layers(),
            Some(Linear::Convolution(_)) => self,
        }
    }

    /// What it asks of hidden layers that are dense.
    pub fn of_dense_layers(self) -> Rule {
        match self {
            Rule::ProxCg(iterations) => Rule::ProxCgColumns(iterations),
            Rule::Backprop | Rule::ProxExact | Rule::ProxCgColumns(_) | Rule::ProxPoint => self,
        }
    }
}

impl fmt::Display for Rule {
    /// As in the query string: `backprop`, `prox-exact`, `prox-cg3`, `prox-cg3b`, `prox-point`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (before, behind) = self.around();
        f.write_str(before)?;
        self.iterations().map_or(Ok(()), |k| write!(f, "{k}"))?;
        f.write_str(behind)
    }
}

/// Memory of one hidden layer's system.
#[derive(Clone, Debug)]
pub enum RuleMemory<T: Real> {
    /// Explicit steps need none.
    Explicit,
    /// Of the exact solve.
    Exact(ExactMemory<T>),
    /// CG's vectors.
    Cg(CgMemory<T>),
}

impl<T: Real> RuleMemory<T> {
    /// Memory for `rule` on a layer with parameters `(inputs+1) × outputs` and so many rows of `Â`.
    pub fn new(rule: Rule, parameters: (usize, usize), rows: Rows) -> Self {
        match rule {
            Rule::Backprop | Rule::ProxPoint => RuleMemory::Explicit,
            Rule::ProxExact => RuleMemory::Exact(ExactMemory::new(parameters, rows)),
            Rule::ProxCg(_) | Rule::ProxCgColumns(_) => {
                RuleMemory::Cg(CgMemory::new(parameters, rows.padded))
            }
        }
    }
}

/// Memory of every layer, for minibatches of up to `capacity` samples.
pub fn memory<T: Real>(
    rule: Rule,
    architecture: &Architecture,
    capacity: usize,
) -> Vec<RuleMemory<T>> {
    let of_layer = |(l, layer): (usize, &Layer)| {
        let rows = layer.rows(capacity);
        RuleMemory::new(rule.of_layer(l, architecture), layer.theta_shape(), rows)
    };
    architecture
        .layers
        .iter()
        .enumerate()
        .map(of_layer)
        .collect()
}

/// The direction `D` of one hidden layer from what arrives there:
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
    arriving: &Arriving<T>,
    memory: &mut RuleMemory<T>,
    packing: &mut Packing<T>,
    d: &mut DMatrix<T>,
) -> Result<CgReport, NotPositiveDefinite> {
    let other = "rule: memory of another rule";
    match rule {
        Rule::Backprop => {
            arriving.gradient(d, packing);
            Ok(CgReport::default())
        }
        Rule::ProxExact => {
            let RuleMemory::Exact(memory) = memory else {
                panic!("{other}")
            };
            exact::solve(arriving, implicit.tau_theta, memory, packing, d)?;
            Ok(CgReport::default())
        }
        Rule::ProxCg(most) | Rule::ProxCgColumns(most) => {
            let RuleMemory::Cg(memory) = memory else {
                panic!("{other}")
            };
            let together = matches!(rule, Rule::ProxCg(_));
            let report = cg::solve(arriving, implicit, (most, together), memory, packing, d);
            Ok(report)
        }
        Rule::ProxPoint => panic!("rule: {rule} is none for a single layer"),
    }
}

impl Rule {
    /// Floating-point operations on a hidden layer of `n` inputs, the ones included, and `m` outputs, beyond its gradient's,
    /// on so many rows of a minibatch of up to `most`, in so many iterations; see [`work`](super::work).
    pub fn flops(self, rows: u64, most: u64, shape: (u64, u64), iterations: u32) -> u64 {
        match self {
            Rule::Backprop | Rule::ProxPoint => 0,
            Rule::ProxExact => exact::flops(rows, most, shape),
            Rule::ProxCg(_) | Rule::ProxCgColumns(_) => {
                u64::from(iterations) * cg::flops(rows, shape)
            }
        }
    }
}
