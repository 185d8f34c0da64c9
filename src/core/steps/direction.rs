//! One step's directions: forward, loss, and back through the layers, asking the rule in each.

use super::cg::CgReport;
use super::cholesky::NotPositiveDefinite;
use super::prox_point::ProxPointMemory;
use super::rule::{self, Implicit, Rule, RuleMemory};
use super::work;
use crate::nn::Real;
use crate::nn::loss::loss_and_gradient;
use crate::nn::mlp::{Activations, Architecture, Batch};
use crate::nn::product::{times_weights_transposed, transposed_times};
use nalgebra::DMatrix;

/// Where a step could not be completed.
#[derive(Clone, Debug, PartialEq)]
pub struct Breakdown {
    /// Layer from 0; `None` for the loss.
    pub layer: Option<usize>,
    /// What happened, in words.
    pub reason: String,
}

impl Breakdown {
    /// The proximal system of layer `l` (from 0) could not be factored.
    pub fn unsolvable(l: usize, failed: NotPositiveDefinite) -> Breakdown {
        let column = failed.column + 1;
        Breakdown {
            layer: Some(l),
            reason: format!("the proximal system has no usable pivot in column {column}"),
        }
    }

    /// J is no finite number.
    pub fn loss(loss: f64) -> Breakdown {
        Breakdown {
            layer: None,
            reason: format!("the loss is {loss}"),
        }
    }

    /// `D` of layer `l` (from 0) has an entry that is not finite.
    pub fn direction(l: usize) -> Breakdown {
        Breakdown {
            layer: Some(l),
            reason: "the direction is not finite".into(),
        }
    }

    /// The step made an entry of Θ of layer `l` (from 0) that is not finite.
    pub fn weights(l: usize) -> Breakdown {
        Breakdown {
            layer: Some(l),
            reason: "the new weights are not finite".into(),
        }
    }
}

/// A step's answer and all memory it needs, for one network and one minibatch size.
#[derive(Clone, Debug)]
pub struct Directions<T: Real> {
    /// The forward pass at the parameters the directions belong to.
    pub activations: Activations<T>,
    /// `G_l`, the gradients.
    pub gradients: Vec<DMatrix<T>>,
    /// `D_l`, the directions.
    pub directions: Vec<DMatrix<T>>,
    /// How CG went, per layer; for `prox-point` how the one solve for all layers went, in each.
    pub cg: Vec<CgReport>,
    rule: Rule,
    memory: Vec<RuleMemory<T>>,
    /// For `prox-point`; or why the network is too large for it.
    prox_point: Option<Result<ProxPointMemory, String>>,
    deltas: Vec<DMatrix<T>>,
}

impl<T: Real> Directions<T> {
    /// Memory for minibatches of up to `capacity` samples.
    pub fn new(architecture: &Architecture, rule: Rule, capacity: usize) -> Self {
        let activations = Activations::new(architecture, capacity);
        let rows = activations.output.nrows();
        let layers = architecture.layers();
        let memory = (0..layers)
            .map(|l| RuleMemory::new(rule.of_layer(l, layers), architecture.theta_shape(l), rows));
        Directions {
            memory: memory.collect(),
            gradients: architecture.zeros(),
            directions: architecture.zeros(),
            cg: vec![CgReport::default(); layers],
            prox_point: (rule == Rule::ProxPoint)
                .then(|| ProxPointMemory::new(architecture, capacity)),
            rule,
            deltas: architecture.sizes[1..]
                .iter()
                .map(|&d| DMatrix::zeros(rows, d))
                .collect(),
            activations,
        }
    }

    /// `G_Z = ∂J/∂Z` of layer `l` (from 0), padded rows × neurons; valid once computed.
    pub fn z_gradient(&self, l: usize) -> &DMatrix<T> {
        &self.deltas[l]
    }

    /// The matrix-multiplication work of the last step computed, on `samples` samples; see [`work::flops`].
    pub fn flops(&self, architecture: &Architecture, samples: usize) -> u64 {
        work::flops(architecture, samples, self.rule, |l| self.cg[l].iterations)
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
        let last = thetas.len() - 1;
        self.activations.forward(architecture, thetas, batch);
        let loss = loss_and_gradient(
            &self.activations.output,
            &batch.targets,
            batch.samples,
            &mut self.deltas[last],
        );
        if !loss.is_finite() {
            return Err(Breakdown::loss(loss));
        }
        for l in (0..=last).rev() {
            let (below, here) = self.deltas.split_at_mut(l);
            let delta = &here[0];
            let inputs = if l == 0 {
                &batch.inputs
            } else {
                &self.activations.hidden[l - 1]
            };
            transposed_times(inputs, delta, &mut self.gradients[l]);
            self.cg[l] = rule::direction(
                self.rule.of_layer(l, last + 1),
                implicit,
                inputs,
                &self.gradients[l],
                &mut self.memory[l],
                &mut self.activations.packing,
                &mut self.directions[l],
            )
            .map_err(|e| Breakdown::unsolvable(l, e))?;
            if !all_finite(&self.directions[l]) {
                return Err(Breakdown::direction(l));
            }
            if let Some(below) = below.last_mut() {
                times_weights_transposed(delta, &thetas[l], below, &mut self.activations.packing);
                let a = &inputs.as_slice()[..below.len()];
                architecture.activation.times_slope(a, below.as_mut_slice());
            }
        }
        if let Some(memory) = &mut self.prox_point {
            let report = match memory {
                Ok(memory) => {
                    memory.solve(architecture, thetas, batch, implicit, &mut self.directions)?
                }
                Err(reason) => {
                    return Err(Breakdown {
                        layer: None,
                        reason: reason.clone(),
                    });
                }
            };
            self.cg.fill(report);
        }
        Ok(loss)
    }
}

/// Whether no entry is NaN or infinite.
pub fn all_finite<T: Real>(m: &DMatrix<T>) -> bool {
    // No early end: then it is a loop over vectors.
    m.as_slice()
        .iter()
        .fold(true, |finite, x| finite & x.is_finite())
}
