//! The network: its shape, its parameters' first values, its forward pass.

use super::features::Inputs;
use super::layer::{Layer, Linear, Pool};
use super::loss::BatchTargets;
use super::product::{Packing, affine, clear_padding, padded_rows};
use super::{Activation, Arithmetic, Loss, Real};
use nalgebra::DMatrix;

/// What a network looks like, without its numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Architecture {
    /// How a point becomes the first layer's inputs.
    pub inputs: Inputs,
    /// The layers, the outputs' last: it is dense, and its σ the identity.
    pub layers: Vec<Layer>,
    /// What the outputs are measured by.
    pub loss: Loss,
}

impl Architecture {
    /// A multilayer perceptron with these hidden layers.
    pub fn dense(
        inputs: Inputs,
        hidden: &[usize],
        activation: Activation,
        outputs: usize,
        loss: Loss,
    ) -> Architecture {
        let mut layers = Vec::with_capacity(hidden.len() + 1);
        let mut numbers = inputs.count();
        for &neurons in hidden {
            layers.push(Layer::dense(numbers, neurons, Some(activation)));
            numbers = neurons;
        }
        layers.push(Layer::dense(numbers, outputs, None));
        Architecture {
            inputs,
            layers,
            loss,
        }
    }

    /// The same multilayer perceptron behind other inputs.
    #[must_use]
    pub fn with_inputs(mut self, inputs: Inputs) -> Architecture {
        self.layers[0].linear = Linear::Dense {
            inputs: inputs.count(),
            outputs: self.layers[0].outputs(),
        };
        Architecture { inputs, ..self }
    }

    /// Numbers of a sample in front of the first layer and behind every one.
    pub fn sizes(&self) -> Vec<usize> {
        let behind = self.layers.iter().map(Layer::outputs);
        [self.inputs.count()].into_iter().chain(behind).collect()
    }

    /// Outputs of the network.
    ///
    /// # Panics
    /// When it has no layer.
    pub fn outputs(&self) -> usize {
        self.layers.last().expect("a layer").outputs()
    }

    /// The hidden layers; the output layer, behind them, is the last head.
    pub fn trunk(&self) -> &[Layer] {
        self.layers.split_last().map_or(&[], |(_, trunk)| trunk)
    }

    /// The auxiliary heads of a trunk that is cut into modules of so many layers: one behind each module but the last, linear, with as
    /// many outputs as the network. Their parameters stand behind those of the output layer.
    pub fn auxiliary_heads(&self, per_module: usize) -> impl Iterator<Item = Layer> {
        let trunk = self.trunk();
        let tops = (per_module..trunk.len()).step_by(per_module);
        tops.map(|top| Layer::dense(trunk[top - 1].outputs(), self.outputs(), None))
    }

    /// Parameters, the biases included.
    pub fn parameters(&self) -> usize {
        let shapes = self.layers.iter().map(Layer::theta_shape);
        shapes.map(|(rows, columns)| rows * columns).sum()
    }

    /// Zero matrices in the shapes of all `Θ`.
    pub fn zeros<T: Real>(&self) -> Vec<DMatrix<T>> {
        let shapes = self.layers.iter().map(Layer::theta_shape);
        shapes
            .map(|(rows, columns)| DMatrix::zeros(rows, columns))
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
    /// Uniform within `±1 / √inputs`, the biases too (PyTorch's).
    Uniform,
}

crate::named!(Init { Xavier = "xavier", He = "he", Uniform = "uniform" });

/// Numbers that weights are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Law {
    /// Standard normal.
    Normal,
    /// Uniform in [−1, 1).
    Uniform,
}

/// First parameters: `scale ×` what `init` says, neuron by neuron, from `numbers`; biases are zero where they are not drawn. A
/// convolution's inputs are those of a patch, and its outputs those that a pixel has a share in.
pub fn initialise(
    architecture: &Architecture,
    init: Init,
    scale: f64,
    mut numbers: impl FnMut(Law) -> f64,
) -> Vec<DMatrix<f64>> {
    let layers = architecture.layers.iter();
    layers
        .map(|layer| initial(layer, init, scale, &mut numbers))
        .collect()
}

/// The same for the auxiliary heads of modules of so many layers.
pub fn initialise_heads(
    architecture: &Architecture,
    per_module: usize,
    init: Init,
    scale: f64,
    mut numbers: impl FnMut(Law) -> f64,
) -> Vec<DMatrix<f64>> {
    let heads = architecture.auxiliary_heads(per_module);
    heads
        .map(|head| initial(&head, init, scale, &mut numbers))
        .collect()
}

fn initial(
    layer: &Layer,
    init: Init,
    scale: f64,
    numbers: &mut impl FnMut(Law) -> f64,
) -> DMatrix<f64> {
    let (rows, columns) = layer.theta_shape();
    let mut theta = DMatrix::zeros(rows, columns);
    let (inputs, outputs) = layer.fans();
    let variance = match init {
        Init::Xavier => 2.0 / (inputs + outputs) as f64,
        Init::He => 2.0 / inputs as f64,
        Init::Uniform => 1.0 / inputs as f64,
    };
    let (law, drawn) = match init {
        Init::Xavier | Init::He => (Law::Normal, inputs),
        Init::Uniform => (Law::Uniform, inputs + 1),
    };
    for j in 0..theta.ncols() {
        for i in 0..drawn {
            theta[(i, j)] = scale * variance.sqrt() * numbers(law);
        }
    }
    theta
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

/// What a forward pass leaves at the layers.
#[derive(Clone, Debug)]
pub struct Hidden<T: Real> {
    /// `A_1 … A_{L-1}` with the ones, padded rows × (numbers of a sample + 1), padding zero.
    pub values: Vec<DMatrix<T>>,
    /// What pooling keeps, per hidden layer.
    pub pools: Vec<Pool<T>>,
    /// Per layer its patches, where they are its `Â`.
    patches: Vec<Option<DMatrix<T>>>,
}

impl<T: Real> Hidden<T> {
    /// `Â` of layer `l` (from 0).
    pub fn inputs_of<'a>(&'a self, l: usize, batch: &'a Batch<T>) -> &'a DMatrix<T> {
        let below = l.checked_sub(1).map(|l| &self.values[l]);
        self.patches[l].as_ref().or(below).unwrap_or(&batch.inputs)
    }
}

/// Everything a forward pass computes; memory for one batch size.
#[derive(Clone, Debug)]
pub struct Activations<T: Real> {
    /// What it leaves at the layers.
    pub hidden: Hidden<T>,
    /// `Z_L`, padded rows × outputs; padding undefined.
    pub output: DMatrix<T>,
    /// Scratch of the products.
    pub packing: Packing<T>,
}

impl<T: Real> Activations<T> {
    /// Memory for up to `capacity` samples; that of convolutions is taken by the first pass.
    ///
    /// # Panics
    /// When the network has no layer.
    pub fn new(architecture: &Architecture, capacity: usize, arithmetic: Arithmetic) -> Self {
        let rows = padded_rows(capacity);
        let (output, hidden) = architecture.layers.split_last().expect("a layer");
        let values = hidden
            .iter()
            .map(|layer| DMatrix::zeros(rows, layer.outputs() + 1));
        Activations {
            hidden: Hidden {
                values: values.collect(),
                pools: vec![Pool::default(); hidden.len()],
                patches: vec![None; hidden.len() + 1],
            },
            output: DMatrix::zeros(rows, output.outputs()),
            packing: Packing::new(arithmetic),
        }
    }

    /// The forward pass: `A_l = σ_l(Â_{l-1} Θ_l)`, the output linear.
    pub fn forward(
        &mut self,
        architecture: &Architecture,
        thetas: &[DMatrix<T>],
        batch: &Batch<T>,
    ) {
        let (samples, arithmetic) = (batch.samples, self.packing.arithmetic());
        let Activations {
            hidden:
                Hidden {
                    values,
                    pools,
                    patches,
                },
            output,
            packing,
        } = self;
        for (l, layer) in architecture.layers.iter().enumerate() {
            let (before, here) = values.split_at_mut(l);
            let a = before.last().unwrap_or(&batch.inputs);
            let inputs = layer.augment(a, samples, &mut patches[l]);
            if let Some(here) = here.first_mut() {
                let write = |z: &mut [T]| affine(inputs, &thetas[l], z, packing);
                layer.activate(samples, arithmetic, here, &mut pools[l], write);
            } else {
                affine(inputs, &thetas[l], output.as_mut_slice(), packing);
            }
        }
    }
}
