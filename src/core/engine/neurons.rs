//! What the neurons of a network answer over the plane, taken from the forward pass of its field. Knows no member.

use crate::frame::{Field, Network, NeuronLayer, Peek};
use crate::nn::layer::Linear;
use crate::nn::mlp::{Activations, Architecture, Batch};
use crate::nn::{Activation, Real};
use nalgebra::DMatrix;

/// Of the field's cells every so manyth, across and up, is one of a neuron's picture.
const EVERY: usize = 5;

/// Pictures being gathered.
pub(super) struct Gathering {
    peek: Peek,
    /// Of the field: cells per row, and rows.
    grid: [usize; 2],
    /// Of the field's cells so many are passed over for one.
    every: usize,
    /// Per layer, the answers of every neuron, one after the other.
    layers: Vec<Vec<Vec<f32>>>,
    /// The answers of the neuron that is looked at closely.
    open: Vec<f32>,
}

impl Gathering {
    /// Of a network of this architecture, over a field of so many cells per row, and rows.
    pub(super) fn new(architecture: &Architecture, grid: [usize; 2], peek: Peek) -> Gathering {
        let sizes = architecture.sizes().into_iter();
        let empty = |neurons: usize| vec![Vec::new(); neurons.min(peek.most)];
        Gathering {
            peek,
            grid,
            every: if grid[1] == 1 { 1 } else { EVERY },
            layers: sizes.map(empty).collect(),
            open: Vec::new(),
        }
    }

    /// Takes the cells from `first` on, as many as there are samples.
    pub(super) fn take<T: Real>(
        &mut self,
        first: usize,
        chunk: &Batch<T>,
        activations: &Activations<T>,
        answers: &DMatrix<T>,
    ) {
        let (middle, every) = (self.every / 2, self.every);
        let mut picked = Vec::with_capacity(chunk.samples);
        for i in 0..chunk.samples {
            let (row, column) = ((first + i) / self.grid[0], (first + i) % self.grid[0]);
            if row % every == middle && column % every == middle {
                picked.push(i);
            }
        }
        let last = self.layers.len() - 1;
        self.take_layer(0, &chunk.inputs, chunk.samples, &picked);
        for (l, matrix) in activations.hidden.values.iter().enumerate() {
            self.take_layer(l + 1, matrix, chunk.samples, &picked);
        }
        self.take_layer(last, answers, chunk.samples, &picked);
    }

    #[inline(never)]
    fn take_layer<T: Real>(
        &mut self,
        layer: usize,
        matrix: &DMatrix<T>,
        samples: usize,
        picked: &[usize],
    ) {
        let rows = matrix.nrows();
        for (k, values) in self.layers[layer].iter_mut().enumerate() {
            let column = &matrix.as_slice()[k * rows..][..samples];
            for &i in picked {
                values.push(column[i].to_f64() as f32);
            }
            if self.peek.open == Some([layer, k]) {
                for value in column {
                    self.open.push(value.to_f64() as f32);
                }
            }
        }
    }

    /// The pictures, and what connects them.
    #[inline(never)]
    pub(super) fn network<T: Real>(
        self,
        architecture: &Architecture,
        thetas: &[DMatrix<T>],
    ) -> Network {
        let [columns, rows] = self.grid;
        let picked = |cells: usize| (cells + self.every - 1 - self.every / 2) / self.every;
        let (last, sizes) = (architecture.layers.len(), architecture.sizes());
        let mut layers: Vec<NeuronLayer> = Vec::with_capacity(last + 1);
        for (l, values) in self.layers.iter().enumerate() {
            let bounds = match l {
                0 => None,
                _ if l < last => architecture.layers[l - 1]
                    .activation
                    .and_then(Activation::bounds),
                _ => architecture.loss.classifies().then_some((0.0, 1.0)),
            };
            let range = bounds.unwrap_or_else(|| reach(values));
            let mut pictures = Vec::new();
            for &value in values.iter().flatten() {
                pictures.push(NeuronLayer::shade_in(range, value));
            }
            let mut weights = Vec::new();
            if let Some(before) = layers.last() {
                let (theta, layer) = (&thetas[l - 1], &architecture.layers[l - 1]);
                let bias = theta.nrows() - 1;
                for k in 0..values.len() {
                    for i in (0..before.told).chain([bias]) {
                        weights.push(match layer.linear {
                            Linear::Dense { .. } => theta[(i, k)].to_f64() as f32,
                            // Its weights are of patches, not of neurons.
                            Linear::Convolution(_) => 0.0,
                        });
                    }
                }
            }
            layers.push(NeuronLayer {
                neurons: sizes[l],
                told: values.len(),
                range,
                pictures,
                weights,
            });
        }
        Network {
            columns: picked(columns),
            rows: picked(rows),
            layers,
            open: (!self.open.is_empty()).then_some(Field {
                columns,
                rows,
                channels: 1,
                values: self.open,
            }),
        }
    }
}

/// A range about zero that holds all that are numbers.
fn reach(values: &[Vec<f32>]) -> (f32, f32) {
    let mut far = 0.0_f32;
    for value in values.iter().flatten() {
        if value.is_finite() {
            far = far.max(value.abs());
        }
    }
    let far = if far > 0.0 { far } else { 1.0 };
    (-far, far)
}
