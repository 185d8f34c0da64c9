//! The multilayer perceptron: its shape, its parameters' first values, its forward pass.

use super::features::Inputs;
use super::loss::BatchTargets;
use super::product::{Packing, affine, clear_padding, padded_rows};
use super::{Activation, Arithmetic, Loss, Real};
use nalgebra::DMatrix;

/// What a network looks like, without its numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Architecture {
    /// How a point becomes the first layer's inputs.
    pub inputs: Inputs,
    /// Neurons per layer, inputs first, outputs last.
    pub sizes: Vec<usize>,
    /// σ of the hidden layers; the output is linear.
    pub activation: Activation,
    /// What the outputs are measured by.
    pub loss: Loss,
}

impl Architecture {
    /// The same behind other inputs.
    #[must_use]
    pub fn with_inputs(mut self, inputs: Inputs) -> Architecture {
        self.sizes[0] = inputs.count();
        Architecture { inputs, ..self }
    }

    /// Number of affine layers `L`.
    pub fn layers(&self) -> usize {
        self.sizes.len() - 1
    }

    /// Shape of `Θ` of layer `l` (from 0): `(inputs + 1) × outputs`.
    pub fn theta_shape(&self, l: usize) -> (usize, usize) {
        (self.sizes[l] + 1, self.sizes[l + 1])
    }

    /// Zero matrices in the shapes of all `Θ`.
    pub fn zeros<T: Real>(&self) -> Vec<DMatrix<T>> {
        (0..self.layers())
            .map(|l| {
                let (rows, columns) = self.theta_shape(l);
                DMatrix::zeros(rows, columns)
            })
            .collect()
    }
}

/// How far from zero the weights begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Init {
    /// Normal with variance `2 / (inputs + outputs)` (Glorot and Bengio 2010).
    Xavier,
    /// Normal with variance `2 / inputs` (He et al. 2015).
    He,
}

crate::named!(Init { Xavier = "xavier", He = "he" });

/// First parameters: weights `scale ×` normal numbers from `normal` (neuron by neuron), biases zero.
pub fn initialise(
    architecture: &Architecture,
    init: Init,
    scale: f64,
    mut normal: impl FnMut() -> f64,
) -> Vec<DMatrix<f64>> {
    let mut thetas = architecture.zeros();
    for theta in &mut thetas {
        let (inputs, outputs) = (theta.nrows() - 1, theta.ncols());
        let variance = match init {
            Init::Xavier => 2.0 / (inputs + outputs) as f64,
            Init::He => 2.0 / inputs as f64,
        };
        for j in 0..outputs {
            for i in 0..inputs {
                theta[(i, j)] = scale * variance.sqrt() * normal();
            }
        }
    }
    thetas
}

/// Samples as a network takes them: padded columns, the ones appended.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch<T: Real> {
    /// True samples; the rows beyond are zero.
    pub samples: usize,
    /// `Â_0`, padded rows × (inputs + 1).
    pub inputs: DMatrix<T>,
    /// What should be answered.
    pub targets: BatchTargets<T>,
}

impl<T: Real> Batch<T> {
    /// An empty batch with room for `capacity` samples.
    pub fn with_capacity(capacity: usize, inputs: usize, outputs: usize, loss: Loss) -> Self {
        let rows = padded_rows(capacity);
        Batch {
            samples: 0,
            inputs: DMatrix::zeros(rows, inputs + 1),
            targets: if loss.classifies() {
                BatchTargets::Labels(Vec::with_capacity(capacity))
            } else {
                BatchTargets::Values(DMatrix::zeros(rows, outputs))
            },
        }
    }

    /// Takes the rows `order` of `from` (as many as there is room for).
    ///
    /// # Panics
    /// When `order` is longer than the batch's room or names a row that is not there.
    pub fn gather(&mut self, from: &Batch<T>, order: &[u32]) {
        let rows = self.inputs.nrows();
        assert!(
            order.len() <= rows,
            "gather: no room for {} samples",
            order.len()
        );
        self.samples = order.len();
        gather_rows(&from.inputs, order, &mut self.inputs);
        match (&from.targets, &mut self.targets) {
            (BatchTargets::Labels(from), BatchTargets::Labels(to)) => {
                to.clear();
                to.extend(order.iter().map(|&i| from[i as usize]));
            }
            (BatchTargets::Values(from), BatchTargets::Values(to)) => gather_rows(from, order, to),
            _ => panic!("gather: classes and values do not mix"),
        }
    }

    /// Takes all samples of `from`, which may have another precision.
    ///
    /// # Panics
    /// When `from` has another shape or other kinds of targets.
    pub fn convert<U: Real>(&mut self, from: &Batch<U>) {
        self.samples = from.samples;
        convert(&from.inputs, &mut self.inputs);
        match (&from.targets, &mut self.targets) {
            (BatchTargets::Labels(from), BatchTargets::Labels(to)) => to.clone_from(from),
            (BatchTargets::Values(from), BatchTargets::Values(to)) => convert(from, to),
            _ => panic!("convert: classes and values do not mix"),
        }
    }
}

/// Copies a matrix into one of another precision.
///
/// # Panics
/// When the shapes differ.
pub fn convert<T: Real, U: Real>(from: &DMatrix<U>, to: &mut DMatrix<T>) {
    assert_eq!(from.shape(), to.shape(), "convert: different shapes");
    to.iter_mut()
        .zip(from.iter())
        .for_each(|(to, from)| *to = T::of(from.to_f64()));
}

fn gather_rows<T: Real>(from: &DMatrix<T>, order: &[u32], to: &mut DMatrix<T>) {
    let (from_rows, rows) = (from.nrows(), to.nrows());
    let columns = from.as_slice().chunks_exact(from_rows);
    for (from, to) in columns.zip(to.as_mut_slice().chunks_exact_mut(rows)) {
        for (to, &i) in to.iter_mut().zip(order) {
            *to = from[i as usize];
        }
        clear_padding(to, order.len());
    }
}

/// Everything a forward pass computes; memory for one batch size.
#[derive(Clone, Debug)]
pub struct Activations<T: Real> {
    /// `Â_1 … Â_{L-1}`, padded rows × (neurons + 1), padding zero.
    pub hidden: Vec<DMatrix<T>>,
    /// `Z_L`, padded rows × outputs; padding undefined.
    pub output: DMatrix<T>,
    /// Scratch of the products.
    pub packing: Packing<T>,
}

impl<T: Real> Activations<T> {
    /// Memory for up to `capacity` samples.
    pub fn new(architecture: &Architecture, capacity: usize, arithmetic: Arithmetic) -> Self {
        let rows = padded_rows(capacity);
        let sizes = &architecture.sizes;
        Activations {
            hidden: sizes[1..sizes.len() - 1]
                .iter()
                .map(|d| DMatrix::zeros(rows, d + 1))
                .collect(),
            output: DMatrix::zeros(rows, sizes[sizes.len() - 1]),
            packing: Packing::new(arithmetic),
        }
    }

    /// `Â_l` (from 0): the inputs of layer `l`.
    pub fn inputs_of<'a>(&'a self, l: usize, batch: &'a Batch<T>) -> &'a DMatrix<T> {
        if l == 0 {
            &batch.inputs
        } else {
            &self.hidden[l - 1]
        }
    }

    /// The forward pass: `A_l = σ(Â_{l-1} Θ_l)`, the output linear.
    pub fn forward(
        &mut self,
        architecture: &Architecture,
        thetas: &[DMatrix<T>],
        batch: &Batch<T>,
    ) {
        let last = thetas.len() - 1;
        for (l, theta) in thetas[..last].iter().enumerate() {
            let (before, here) = self.hidden.split_at_mut(l);
            let inputs = before.last().unwrap_or(&batch.inputs);
            affine(inputs, theta, &mut here[0], &mut self.packing);
            let arithmetic = self.packing.arithmetic();
            let activation = architecture.activation;
            finish_layer(activation, arithmetic, batch.samples, &mut here[0]);
        }
        let inputs = self.hidden.last().unwrap_or(&batch.inputs);
        affine(inputs, &thetas[last], &mut self.output, &mut self.packing);
    }
}

/// Turns `Z` in all but the last column into `A`, zeroes the padding and writes the column of ones.
pub fn finish_layer<T: Real>(
    activation: Activation,
    arithmetic: Arithmetic,
    samples: usize,
    a: &mut DMatrix<T>,
) {
    let (rows, d) = (a.nrows(), a.ncols() - 1);
    let (values, ones) = a.as_mut_slice().split_at_mut(rows * d);
    activation.apply(values, arithmetic);
    ones.fill(T::one());
    if samples < rows {
        a.as_mut_slice()
            .chunks_exact_mut(rows)
            .for_each(|column| clear_padding(column, samples));
    }
}
