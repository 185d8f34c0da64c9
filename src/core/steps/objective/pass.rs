//! The gradient of an [`Objective`]: forward and back at the points of a minibatch and at adversarial ones, with double backpropagation
//! for the penalty. Knows no rule.

use super::steepness::Steepness;
use super::{Objective, Target, attack, cotangent};
use crate::nn::loss::BatchTargets;
use crate::nn::mlp::{Activations, Architecture, Batch};
use crate::nn::product::{Packing, times_weights_transposed, transposed_times};
use crate::nn::{Arithmetic, Real};
use nalgebra::DMatrix;

/// What an objective is made of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parts {
    /// Mean loss at the points.
    pub loss: f64,
    /// Mean loss at the adversarial ones; NaN without them.
    pub adversarial: f64,
    /// Ω; 0 where it does not count.
    pub penalty: f64,
}

/// All memory it needs, for one network and one minibatch size.
#[derive(Clone, Debug)]
pub struct Pass<T: Real> {
    objective: Objective,
    steepness: Steepness<T>,
    /// The adversarial points, and the pass forward there.
    adversarial: Option<(Batch<T>, Activations<T>)>,
    /// `∂J/∂Z_l` at one half.
    deltas: Vec<DMatrix<T>>,
    /// `G_l`, and scratch memory shaped as it.
    gradients: Vec<DMatrix<T>>,
    products: Vec<DMatrix<T>>,
    /// What the last J was made of.
    pub parts: Parts,
}

impl<T: Real> Pass<T> {
    /// Memory for minibatches of up to `capacity` samples.
    ///
    /// # Panics
    /// When the network is none that classifies by layers of neurons.
    pub fn new(
        architecture: &Architecture,
        objective: Objective,
        capacity: usize,
        arithmetic: Arithmetic,
    ) -> Self {
        assert!(architecture.loss.classifies(), "objective: of values");
        let (inputs, outputs) = (architecture.inputs.count(), architecture.outputs());
        let attacked = (objective.alpha != 0.0).then(|| {
            let batch = Batch::with_capacity(capacity, inputs, outputs, architecture.loss);
            let pass = Activations::new(architecture, capacity, arithmetic);
            (batch, pass)
        });
        let steepness = Steepness::new(architecture, capacity);
        Pass {
            objective,
            deltas: steepness.down.clone(),
            steepness,
            adversarial: attacked,
            gradients: architecture.zeros(),
            products: architecture.zeros(),
            parts: Parts {
                loss: f64::NAN,
                adversarial: f64::NAN,
                penalty: 0.0,
            },
        }
    }

    /// What is differentiated.
    pub fn objective(&self) -> Objective {
        self.objective
    }

    /// `G_l` (from 0), shaped as `Θ_l`; valid after [`Pass::differentiate`].
    pub fn gradient(&self, l: usize) -> &DMatrix<T> {
        &self.gradients[l]
    }

    /// The adversarial points, `Â_0`, where there are any.
    pub fn attacked(&self) -> Option<&DMatrix<T>> {
        self.adversarial.as_ref().map(|(batch, _)| &batch.inputs)
    }

    /// `Â` of layer `l` (from 0) at the adversarial points.
    pub fn inputs_of(&self, l: usize) -> Option<&DMatrix<T>> {
        let (batch, pass) = self.adversarial.as_ref()?;
        Some(pass.hidden.inputs_of(l, batch))
    }

    /// J of `thetas` on `batch`, and its gradient; `clean` is left as the pass forward at the points. The batch must have the rows
    /// this memory has.
    pub fn differentiate(
        &mut self,
        architecture: &Architecture,
        thetas: &[DMatrix<T>],
        batch: &Batch<T>,
        clean: &mut Activations<T>,
    ) -> f64 {
        let objective = self.objective;
        clean.forward(architecture, thetas, batch);
        let mut adversarial = self.adversarial.take();
        if let Some((points, pass)) = &mut adversarial {
            self.attack(architecture, thetas, batch, clean, (points, pass));
        }
        self.gradients.iter_mut().for_each(|g| g.fill(T::zero()));
        let mut half = |half: usize, pass: &mut Activations<T>, points: &Batch<T>| {
            let weight = objective.loss_weights()[half];
            let penalty = objective.lambda * objective.penalty_weights()[half];
            let told = (points, &batch.targets);
            self.half(architecture, thetas, pass, told, (weight, penalty))
        };
        let at_points = half(0, clean, batch);
        let at_others = adversarial
            .as_mut()
            .map(|(points, pass)| half(1, pass, points));
        self.adversarial = adversarial;
        let [own, other] = objective.penalty_weights();
        let others = at_others.unwrap_or((f64::NAN, 0.0));
        self.parts = Parts {
            loss: at_points.0,
            adversarial: others.0,
            penalty: own * at_points.1 + other * others.1,
        };
        let [own, other] = objective.loss_weights();
        let mut j = objective.lambda * self.parts.penalty + own * at_points.0;
        if at_others.is_some() {
            j += other * others.0;
        }
        j
    }

    /// Moves adversarial points from those of `batch`, where `clean` has gone forward, and goes forward there.
    fn attack(
        &mut self,
        architecture: &Architecture,
        thetas: &[DMatrix<T>],
        batch: &Batch<T>,
        clean: &mut Activations<T>,
        (points, pass): (&mut Batch<T>, &mut Activations<T>),
    ) {
        let Objective {
            eps, attack_steps, ..
        } = self.objective;
        let labels = batch.targets.labels();
        points.samples = batch.samples;
        let inputs = points.inputs.as_mut_slice();
        inputs.copy_from_slice(batch.inputs.as_slice());
        let stride = attack::stride(eps, attack_steps);
        for k in 0..attack_steps {
            let here = if k == 0 { &mut *clean } else { &mut *pass };
            let of = (Target::Margin, 0);
            self.steepness
                .descend(architecture, thetas, here, labels, of);
            let g = self.steepness.gradient();
            attack::step(&batch.inputs, g, eps, stride, &mut points.inputs);
            pass.forward(architecture, thetas, points);
        }
    }

    /// Adds to the gradients what the loss and the penalty at some points give, of these weights; answers their means.
    fn half(
        &mut self,
        architecture: &Architecture,
        thetas: &[DMatrix<T>],
        pass: &mut Activations<T>,
        (points, targets): (&Batch<T>, &BatchTargets<T>),
        (weight, penalty): (f64, f64),
    ) -> (f64, f64) {
        let (objective, last, labels) = (self.objective, thetas.len() - 1, targets.labels());
        let mut steep = 0.0;
        if penalty != 0.0 {
            let scale = penalty / points.samples as f64;
            for k in 0..cotangent::scalars(objective.target, architecture.outputs()) {
                let steepness = &mut self.steepness;
                let of = (objective.target, k);
                steepness.descend(architecture, thetas, pass, labels, of);
                steep += steepness.measure(objective.norm, objective.delta, scale);
                let target = objective.target;
                steepness.ascend(architecture, thetas, pass, labels, target, k > 0);
                for l in 0..=last {
                    let (t, b) = (&self.steepness.up[l], &self.steepness.down[l]);
                    let (g, product) = (&mut self.gradients[l], &mut self.products[l]);
                    add_product(t, b, g, product, &mut pass.packing);
                }
            }
        }
        let Activations {
            hidden,
            output,
            packing,
        } = pass;
        let (samples, arithmetic) = (points.samples, packing.arithmetic());
        let delta = &mut self.deltas[last];
        let loss = architecture
            .loss
            .value_and_gradient(output, targets, samples, delta);
        if weight != 1.0 {
            let weight = T::of(weight);
            delta.iter_mut().for_each(|d| *d = (*d * weight).flushed());
        }
        if penalty != 0.0 && !cotangent::is_linear(objective.target) {
            *delta += &self.steepness.injected[last];
        }
        for l in (0..=last).rev() {
            let (below, here) = self.deltas.split_at_mut(l);
            let inputs = hidden.inputs_of(l, points);
            let (g, product) = (&mut self.gradients[l], &mut self.products[l]);
            add_product(inputs, &here[0], g, product, packing);
            if let (Some(below), Some(l)) = (below.last_mut(), l.checked_sub(1)) {
                let numbers = 0..below.ncols();
                let g_z = below.as_mut_slice();
                times_weights_transposed(&here[0], &thetas[l + 1], numbers, g_z, packing);
                let a = &hidden.values[l];
                if let Some(activation) = architecture.layers[l].activation {
                    let values = &a.as_slice()[..a.len() - a.nrows()];
                    activation.times_slope(values, g_z, arithmetic);
                }
                if penalty != 0.0 {
                    *below += &self.steepness.injected[l];
                }
            }
        }
        (loss, steep / samples as f64)
    }
}

/// `g ← g + xᵀ y`.
fn add_product<T: Real>(
    x: &DMatrix<T>,
    y: &DMatrix<T>,
    g: &mut DMatrix<T>,
    product: &mut DMatrix<T>,
    packing: &mut Packing<T>,
) {
    transposed_times(x, y, product, packing);
    *g += &*product;
}
