//! The gradient of the objective: forward through the network, the loss, and back to what arrives at each layer.
//! It knows one network and one minibatch, and nothing of rules: what is made of a gradient is asked elsewhere.

use super::breakdown::Breakdown;
use super::objective::pass::Pass;
use crate::nn::layer::Scratch;
use crate::nn::mlp::{Activations, Architecture, Batch};
use crate::nn::product::{Packing, add_scaled, gram, transposed_times};
use crate::nn::{Arithmetic, Real};
use nalgebra::DMatrix;
use std::slice;

/// A layer's padded inputs `Â`, and how much they count in the layer's own quadratic.
#[derive(Clone, Copy, Debug)]
pub struct Block<'a, T: Real> {
    /// `Â`, padded rows × (inputs + 1), padding zero.
    pub inputs: &'a DMatrix<T>,
    /// `w` in `Σ w ÂᵀÂ`, the curvature that a proximal step meets.
    pub weight: f64,
}

impl<'a, T: Real> From<&'a DMatrix<T>> for Block<'a, T> {
    fn from(inputs: &'a DMatrix<T>) -> Self {
        Block {
            inputs,
            weight: 1.0,
        }
    }
}

/// `system ← Σ w ÂᵀÂ`, square of the inputs; `further` becomes scratch memory where there is more than one block.
///
/// # Panics
/// When `system` has another shape.
pub fn curvature<T: Real>(
    blocks: &[Block<T>],
    system: &mut DMatrix<T>,
    further: &mut DMatrix<T>,
    packing: &mut Packing<T>,
) {
    let (first, others) = blocks.split_first().expect("a layer has inputs");
    gram(first.inputs, system, packing);
    if first.weight != 1.0 {
        *system *= T::of(first.weight);
    }
    if !others.is_empty() && further.shape() != system.shape() {
        further.clone_from(system);
    }
    for block in others {
        gram(block.inputs, further, packing);
        let (system, further) = (system.as_mut_slice(), further.as_slice());
        add_scaled(system, T::of(block.weight), further);
    }
}

/// What arrives at a layer.
#[derive(Clone, Copy, Debug)]
pub enum Arriving<'a, T: Real> {
    /// `G_Z = ∂J/∂Z`, padded rows × outputs, padding zero; the gradient is `G = Âᵀ G_Z`.
    Delta {
        /// `Â`.
        inputs: Block<'a, T>,
        /// `G_Z`.
        delta: &'a DMatrix<T>,
    },
    /// The gradient `G` itself, where it is no `Âᵀ G_Z`, and the inputs it is of: one block, or several of as many rows.
    Whole {
        /// The blocks.
        inputs: &'a [Block<'a, T>],
        /// `G`, shaped as Θ.
        gradient: &'a DMatrix<T>,
    },
}

impl<'a, T: Real> Arriving<'a, T> {
    /// `Â`, block by block.
    pub fn blocks(&'a self) -> &'a [Block<'a, T>] {
        match self {
            Arriving::Delta { inputs, .. } => slice::from_ref(inputs),
            Arriving::Whole { inputs, .. } => inputs,
        }
    }

    /// `g ← G`.
    ///
    /// # Panics
    /// When `g` is not shaped as Θ.
    pub fn gradient(&self, g: &mut DMatrix<T>, packing: &mut Packing<T>) {
        match self {
            Arriving::Delta { inputs, delta } => {
                transposed_times(inputs.inputs, delta, g, packing);
            }
            Arriving::Whole { gradient, .. } => {
                assert_eq!(g.shape(), gradient.shape(), "gradient: another shape");
                g.as_mut_slice().copy_from_slice(gradient.as_slice());
            }
        }
    }
}

/// Who is shown what arrives at a layer (from 0).
pub type Visit<'a, T> =
    &'a mut dyn FnMut(usize, &Arriving<T>, &mut Packing<T>) -> Result<(), Breakdown>;

/// The forward and the backward pass, and all memory they need, for one network and one minibatch size.
#[derive(Clone, Debug)]
pub struct Gradient<T: Real> {
    /// The forward pass.
    pub activations: Activations<T>,
    pub(super) deltas: Vec<DMatrix<T>>,
    pub(super) scratch: Scratch<T>,
}

impl<T: Real> Gradient<T> {
    /// Memory for minibatches of up to `capacity` samples.
    pub fn new(architecture: &Architecture, capacity: usize, arithmetic: Arithmetic) -> Self {
        let layers = architecture.layers.iter();
        Gradient {
            deltas: layers
                .map(|layer| DMatrix::zeros(layer.rows(capacity).padded, layer.theta_shape().1))
                .collect(),
            activations: Activations::new(architecture, capacity, arithmetic),
            scratch: Scratch::default(),
        }
    }

    /// `G_Z = ∂J/∂Z` of layer `l` (from 0), shaped as its `Z`; valid after [`Gradient::backward`].
    pub fn delta(&self, l: usize) -> &DMatrix<T> {
        &self.deltas[l]
    }

    /// What has arrived at layer `l` (from 0) of the minibatch `batch`; valid after [`Gradient::backward`].
    pub fn arriving<'a>(&'a self, l: usize, batch: &'a Batch<T>) -> Arriving<'a, T> {
        Arriving::Delta {
            inputs: self.activations.hidden.inputs_of(l, batch).into(),
            delta: &self.deltas[l],
        }
    }

    /// `G_l` (from 0), shaped as `Θ_l`; valid after [`Gradient::backward`]. Made anew: for who looks at it.
    pub fn of_layer(&self, l: usize, batch: &Batch<T>) -> DMatrix<T> {
        let inputs = self.activations.hidden.inputs_of(l, batch);
        let mut g = DMatrix::zeros(inputs.ncols(), self.deltas[l].ncols());
        let packing = &mut Packing::new(self.activations.packing.arithmetic());
        self.arriving(l, batch).gradient(&mut g, packing);
        g
    }

    /// Differentiates an objective that is not the loss alone at `thetas` on `batch` and returns it; as [`Gradient::backward`]
    /// otherwise, but there is no [`Gradient::delta`] of it: what arrives at a layer is the whole gradient.
    ///
    /// # Errors
    /// As [`Gradient::backward`].
    pub fn backward_of(
        &mut self,
        objective: &mut Pass<T>,
        architecture: &Architecture,
        thetas: &[DMatrix<T>],
        batch: &Batch<T>,
        visit: Visit<T>,
    ) -> Result<f64, Breakdown> {
        let j = objective.differentiate(architecture, thetas, batch, &mut self.activations);
        if !j.is_finite() {
            return Err(Breakdown::of_loss(j));
        }
        let Activations {
            hidden, packing, ..
        } = &mut self.activations;
        let weights = objective.objective().loss_weights();
        for l in (0..thetas.len()).rev() {
            let own = hidden.inputs_of(l, batch);
            let other = objective.inputs_of(l);
            let blocks = [own, other.unwrap_or(own)];
            let blocks: [Block<T>; 2] = std::array::from_fn(|i| Block {
                inputs: blocks[i],
                weight: weights[i],
            });
            let arriving = Arriving::Whole {
                inputs: &blocks[..if other.is_some() { 2 } else { 1 }],
                gradient: objective.gradient(l),
            };
            visit(l, &arriving, packing)?;
        }
        Ok(j)
    }

    /// Passes `thetas` forward and back on `batch` and returns J. `visit` is shown what arrives at each layer (from 0),
    /// the last layer first, while it is in the cache; it may use the scratch of the products. The batch must have the
    /// rows this memory has.
    ///
    /// # Errors
    /// [`Breakdown`] when J is not finite, and what `visit` says, which ends the walk.
    pub fn backward(
        &mut self,
        architecture: &Architecture,
        thetas: &[DMatrix<T>],
        batch: &Batch<T>,
        mut visit: impl FnMut(usize, &Arriving<T>, &mut Packing<T>) -> Result<(), Breakdown>,
    ) -> Result<f64, Breakdown> {
        let last = architecture.layers.len() - 1;
        self.activations.forward(architecture, thetas, batch);
        let Activations {
            hidden,
            output,
            packing,
        } = &mut self.activations;
        let loss = architecture.loss.value_and_gradient(
            output,
            &batch.targets,
            batch.samples,
            &mut self.deltas[last],
        );
        if !loss.is_finite() {
            return Err(Breakdown::of_loss(loss));
        }
        for l in (0..=last).rev() {
            let (below, here) = self.deltas.split_at_mut(l);
            let delta = &here[0];
            let arriving = Arriving::Delta {
                inputs: hidden.inputs_of(l, batch).into(),
                delta,
            };
            visit(l, &arriving, packing)?;
            if let (Some(g_z), [.., below, layer]) = (below.last_mut(), &architecture.layers[..=l])
            {
                let arithmetic = packing.arithmetic();
                let write = |g_a: &mut [T], scratch: &mut Scratch<T>| {
                    layer.adjoint(delta, &thetas[l], g_a, scratch, packing);
                };
                let (a, pool) = (&hidden.values[l - 1], &hidden.pools[l - 1]);
                below.activate_adjoint(arithmetic, a, pool, g_z, &mut self.scratch, write);
            }
        }
        Ok(loss)
    }
}

/// Whether no entry is NaN or infinite.
#[inline(always)]
pub fn all_finite<T: Real>(m: &DMatrix<T>) -> bool {
    // No early end: then it is a loop over vectors.
    m.as_slice()
        .iter()
        .fold(true, |finite, x| finite & x.is_finite())
}
