//! Reach: whose losses a layer hears. The trunk is cut depthwise into modules, a linear head with a loss of its own behind each, and the
//! gradient of a loss flows back through so many of them (Gomez et al. 2022). It knows one network and one minibatch, and no rule.
//!
//! Modules, losses and layers count from 0. Head `K − 1` is the output layer; the parameters of the auxiliary heads `0 … K − 2` stand
//! behind its own.

use super::breakdown::Breakdown;
use super::gradient::{Arriving, Gradient};
use crate::Here;
use crate::nn::layer::Scratch;
use crate::nn::mlp::{Activations, Architecture, Batch};
use crate::nn::product::{Packing, add_scaled, affine, padded_rows};
use crate::nn::{Layer, Real};
use nalgebra::DMatrix;
use std::ops::RangeInclusive;

/// What a module makes of the losses that reach it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Combine {
    /// It hears the furthest alone.
    Last,
    /// It hears their sum.
    Sum,
    /// It hears their mean.
    Mean,
}

crate::named!(Combine { Last = "last", Sum = "sum", Mean = "mean" });

/// Who hears whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hearing {
    /// Hidden layers of a module; the last may have fewer.
    pub per_module: usize,
    /// N: so many modules a loss flows back through, the one below its head included.
    pub n: usize,
    /// What is made of several.
    pub combine: Combine,
}

impl Hearing {
    /// `K`, where the trunk has so many layers.
    pub fn modules(self, layers: usize) -> usize {
        layers.div_ceil(self.per_module)
    }

    /// The losses that reach module `k` of so many, and move it: `c_kj ≠ 0`.
    pub fn heard(self, k: usize, modules: usize) -> RangeInclusive<usize> {
        let furthest = (k + self.n - 1).min(modules - 1);
        match self.combine {
            Combine::Last => furthest..=furthest,
            Combine::Sum | Combine::Mean => k..=furthest,
        }
    }

    /// `c_kj`: how much loss `j` counts for module `k` of so many.
    pub fn weight(self, k: usize, j: usize, modules: usize) -> f64 {
        let heard = self.heard(k, modules);
        match self.combine {
            _ if !heard.contains(&j) => 0.0,
            Combine::Last | Combine::Sum => 1.0,
            Combine::Mean => 1.0 / (heard.end() - heard.start() + 1) as f64,
        }
    }

    /// Whether module `k` hears one loss alone.
    pub fn is_single(self, k: usize, modules: usize) -> bool {
        let heard = self.heard(k, modules);
        heard.start() == heard.end()
    }

    /// Whether some module below `k` hears loss `j`.
    pub fn wanted_below(self, k: usize, j: usize, modules: usize) -> bool {
        (0..k).any(|below| self.heard(below, modules).contains(&j))
    }

    /// The losses, in rising order, whose gradients module `k` passes on by themselves: what it hears alone it passes on as it steps.
    pub fn passed_on(self, k: usize, modules: usize) -> impl Iterator<Item = usize> {
        let heard = self.heard(k, modules);
        let own = usize::from(!self.is_single(k, modules));
        (k..heard.end() + own).filter(move |&j| self.wanted_below(k, j, modules))
    }

    /// The losses whose gradients are kept apart in hidden layer `l` of so many: those that pass through by themselves, and all that
    /// are added up there.
    pub fn kept_apart(self, l: usize, layers: usize) -> impl Iterator<Item = usize> {
        let (k, modules) = (l / self.per_module, self.modules(layers));
        let added = is_top(self, l, layers) && !self.is_single(k, modules);
        let losses = k..=*self.heard(k, modules).end();
        losses.filter(move |&j| added || self.passed_on(k, modules).any(|on| on == j))
    }

    /// How often a gradient passes back through the weights of hidden layer `l` of so many.
    pub fn passes(self, l: usize, layers: usize) -> usize {
        let (k, modules) = (l / self.per_module, self.modules(layers));
        let inside = !l.is_multiple_of(self.per_module);
        let heard = *self.heard(k, modules).end();
        let along = self.is_single(k, modules) && self.wanted_below(k, heard, modules);
        self.passed_on(k, modules).count() + usize::from(inside || along)
    }

    /// Whether the gradient of loss `k` leaves its head; that of the last always does.
    pub fn leaves_head(self, k: usize, modules: usize) -> bool {
        self.wanted_below(k + 1, k, modules)
    }
}

/// A hearing that the lab's engines have memory for. In a part of the engine there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reach {
    hearing: Hearing,
    here: Here,
}

impl Reach {
    /// The engines' own; none in a part of the engine.
    pub fn new(hearing: Hearing) -> Option<Reach> {
        let here = Here::get()?;
        Some(Reach { hearing, here })
    }

    /// Who hears whom.
    pub fn hearing(self) -> Hearing {
        self.hearing
    }

    /// Brings parameters to as many heads as there are to be: of new ones all are zero.
    pub fn fit<T: Real>(
        reach: Option<Reach>,
        architecture: &Architecture,
        thetas: &mut Vec<DMatrix<T>>,
    ) {
        let layers = architecture.layers.len();
        let Some(reach) = reach else {
            thetas.truncate(layers);
            return;
        };
        let heads = architecture.auxiliary_heads(reach.hearing.per_module);
        let shapes = heads.map(|head| head.theta_shape());
        let zeros = shapes.map(|(rows, columns)| DMatrix::zeros(rows, columns));
        let there = thetas.len() - layers;
        thetas.extend(zeros.skip(there));
    }
}

/// The losses of all heads and the way back of each as far as it is heard, and all memory that takes beside a [`Gradient`]'s.
#[derive(Clone, Debug)]
pub struct Heard<T: Real> {
    hearing: Hearing,
    /// `L_k` of the last pass, one per module.
    pub losses: Vec<f64>,
    heads: Vec<Head<T>>,
    /// Per hidden layer the losses that pass through, or are added up there, each with its `∂L_j/∂Z`.
    passing: Vec<Vec<Passing<T>>>,
}

/// An auxiliary head.
#[derive(Clone, Debug)]
struct Head<T: Real> {
    layer: Layer,
    /// Its outputs.
    z: DMatrix<T>,
    /// `∂L/∂z`.
    delta: DMatrix<T>,
}

/// A loss on its way through a layer.
#[derive(Clone, Debug)]
struct Passing<T: Real> {
    loss: usize,
    /// `c_kj` where it is added up.
    weight: Option<f64>,
    delta: DMatrix<T>,
}

/// Where a gradient comes from: what arrived at the layer above, and that layer with its parameters.
struct Above<'a, T: Real> {
    delta: &'a DMatrix<T>,
    layer: &'a Layer,
    theta: &'a DMatrix<T>,
}

impl<T: Real> Heard<T> {
    /// Memory for minibatches of up to `capacity` samples.
    ///
    /// # Panics
    /// When the network has no hidden layer.
    pub fn new(architecture: &Architecture, hearing: Hearing, capacity: usize) -> Self {
        let trunk = architecture.trunk();
        assert!(!trunk.is_empty(), "reach: no hidden layer");
        let modules = hearing.modules(trunk.len());
        let rows = padded_rows(capacity);
        let head = |layer: Layer| Head {
            layer,
            z: DMatrix::zeros(rows, layer.outputs()),
            delta: DMatrix::zeros(rows, layer.outputs()),
        };
        let passing = |(l, layer): (usize, &Layer)| {
            let k = l / hearing.per_module;
            let added = is_top(hearing, l, trunk.len()) && !hearing.is_single(k, modules);
            let of_loss = |loss| Passing {
                loss,
                weight: added.then(|| hearing.weight(k, loss, modules)),
                delta: DMatrix::zeros(layer.rows(capacity).padded, layer.theta_shape().1),
            };
            hearing.kept_apart(l, trunk.len()).map(of_loss).collect()
        };
        Heard {
            hearing,
            losses: vec![f64::NAN; modules],
            heads: architecture
                .auxiliary_heads(hearing.per_module)
                .map(head)
                .collect(),
            passing: trunk.iter().enumerate().map(passing).collect(),
        }
    }

    /// As [`Gradient::backward`], but what arrives at a layer is the gradient of the losses that it hears, `Σ_j c_kj ∂L_j/∂Z`, and at a
    /// head that of its own. `visit` is shown the heads first; returns J, the loss of the last.
    ///
    /// # Errors
    /// [`Breakdown`] when a loss is not finite, and what `visit` says, which ends the walk.
    ///
    /// # Panics
    /// When it was made for another architecture.
    pub fn backward(
        &mut self,
        gradient: &mut Gradient<T>,
        architecture: &Architecture,
        thetas: &[DMatrix<T>],
        batch: &Batch<T>,
        mut visit: impl FnMut(usize, &Arriving<T>, &mut Packing<T>) -> Result<(), Breakdown>,
    ) -> Result<f64, Breakdown> {
        let Gradient {
            activations,
            deltas,
            scratch,
        } = gradient;
        activations.forward(architecture, thetas, batch);
        let Activations {
            hidden,
            output,
            packing,
        } = activations;
        let trunk = architecture.trunk();
        let (loss, targets, samples) = (architecture.loss, &batch.targets, batch.samples);
        let outputs = trunk.len();
        let (losses, own) = self.losses.split_at_mut(self.heads.len());
        own[0] = loss.value_and_gradient(output, targets, samples, &mut deltas[outputs]);
        for (k, (head, loss_of)) in self.heads.iter_mut().zip(losses).enumerate() {
            let h = &hidden.values[top(self.hearing, k, outputs)];
            affine(h, &thetas[outputs + 1 + k], head.z.as_mut_slice(), packing);
            *loss_of = loss.value_and_gradient(&head.z, targets, samples, &mut head.delta);
        }
        if let Some(&broken) = self.losses.iter().rev().find(|loss| !loss.is_finite()) {
            return Err(Breakdown::of_loss(broken));
        }
        let arriving = Arriving::Delta {
            inputs: hidden.inputs_of(outputs, batch).into(),
            delta: &deltas[outputs],
        };
        visit(outputs, &arriving, packing)?;
        for (k, head) in self.heads.iter().enumerate() {
            let inputs = &hidden.values[top(self.hearing, k, outputs)];
            let arriving = Arriving::Delta {
                inputs: inputs.into(),
                delta: &head.delta,
            };
            visit(outputs + 1 + k, &arriving, packing)?;
        }
        for (l, layer) in trunk.iter().enumerate().rev() {
            let k = l / self.hearing.per_module;
            let (a, pool, arithmetic) = (&hidden.values[l], &hidden.pools[l], packing.arithmetic());
            let (here, above) = deltas.split_at_mut(l + 1);
            let (passing, passing_above) = self.passing.split_at_mut(l + 1);
            let (own, passing) = (&mut here[l], &mut passing[l]);
            let top = is_top(self.hearing, l, outputs);
            // Of a loss that starts here, or has come through the layer above; `None`: of all that is added up there.
            let above_of = |loss: Option<usize>| match loss {
                Some(j) if top && j == k => match self.heads.get(j) {
                    Some(Head { layer, delta, .. }) => Above {
                        delta,
                        layer,
                        theta: &thetas[outputs + 1 + j],
                    },
                    None => Above {
                        delta: &above[0],
                        layer: &architecture.layers[outputs],
                        theta: &thetas[outputs],
                    },
                },
                _ => {
                    let passing = passing_above.first().into_iter().flatten();
                    let apart = passing.clone().find(|passing| Some(passing.loss) == loss);
                    let delta = apart.map_or(&above[0], |passing| &passing.delta);
                    Above {
                        delta,
                        layer: &architecture.layers[l + 1],
                        theta: &thetas[l + 1],
                    }
                }
            };
            let mut pass = |from: &Above<T>, g_z: &mut DMatrix<T>| {
                let write = |g_a: &mut [T], scratch: &mut Scratch<T>| {
                    from.layer
                        .adjoint(from.delta, from.theta, g_a, scratch, packing);
                };
                layer.activate_adjoint(arithmetic, a, pool, g_z, scratch, write);
            };
            for Passing { loss, delta, .. } in passing.iter_mut() {
                pass(&above_of(Some(*loss)), delta);
            }
            let heard = self.hearing.heard(k, self.losses.len());
            if top && heard.start() < heard.end() {
                own.fill(T::zero());
                for Passing { weight, delta, .. } in passing.iter() {
                    let weight = T::of(weight.unwrap_or(0.0));
                    add_scaled(own.as_mut_slice(), weight, delta.as_slice());
                }
                own.iter_mut().for_each(|g| *g = g.flushed());
            } else {
                pass(&above_of(top.then_some(*heard.end())), own);
            }
            let arriving = Arriving::Delta {
                inputs: hidden.inputs_of(l, batch).into(),
                delta: own,
            };
            visit(l, &arriving, packing)?;
        }
        Ok(self.losses[self.losses.len() - 1])
    }

    /// Who hears whom.
    pub fn hearing(&self) -> Hearing {
        self.hearing
    }

    /// The outputs of auxiliary head `k` in the last pass, padded rows × outputs.
    pub fn outputs(&self, k: usize) -> &DMatrix<T> {
        &self.heads[k].z
    }
}

/// The highest layer of module `k` of a trunk of so many layers.
fn top(hearing: Hearing, k: usize, layers: usize) -> usize {
    ((k + 1) * hearing.per_module).min(layers) - 1
}

/// Whether layer `l` is the highest of its module.
fn is_top(hearing: Hearing, l: usize, layers: usize) -> bool {
    l == top(hearing, l / hearing.per_module, layers)
}
