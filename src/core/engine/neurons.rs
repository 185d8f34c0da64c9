//! What the neurons of a network answer over the plane, taken from the forward pass of its field. Knows no member.

use crate::frame::{Field, Network, NeuronLayer, Peek};
use crate::nn::Real;
use crate::nn::mlp::{Activations, Architecture, Batch};
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
    /// Per layer, the answers, cell after cell and in each neuron after neuron.
    layers: Vec<(usize, Vec<f32>)>,
    /// The answers of the neuron that is looked at closely.
    open: Vec<f32>,
}

impl Gathering {
    /// Of a network of this architecture, over a field of so many cells per row, and rows.
    pub(super) fn new(architecture: &Architecture, grid: [usize; 2], peek: Peek) -> Gathering {
        let sizes = architecture.sizes.iter();
        Gathering {
            peek,
            grid,
            every: if grid[1] == 1 { 1 } else { EVERY },
            layers: sizes
                .map(|&neurons| (neurons.min(peek.most), Vec::new()))
                .collect(),
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
        let inputs = std::iter::once(&chunk.inputs);
        let all = inputs.chain(&activations.hidden).chain([answers]);
        let middle = self.every / 2;
        let picked = |at: usize| at % self.every == middle;
        let picked = |i: &usize| {
            let at = first + i;
            picked(at % self.grid[0]) && picked(at / self.grid[0])
        };
        for (layer, matrix) in all.enumerate() {
            let (told, values) = &mut self.layers[layer];
            for i in (0..chunk.samples).filter(picked) {
                values.extend((0..*told).map(|k| matrix[(i, k)].to_f64() as f32));
            }
            match self.peek.open {
                Some([of, neuron]) if of == layer && neuron < *told => {
                    let values = (0..chunk.samples).map(|i| matrix[(i, neuron)].to_f64() as f32);
                    self.open.extend(values);
                }
                _ => {}
            }
        }
    }

    /// The pictures, and what connects them.
    pub(super) fn network<T: Real>(
        self,
        architecture: &Architecture,
        thetas: &[DMatrix<T>],
    ) -> Network {
        let [columns, rows] = self.grid;
        let picked = |cells: usize| (cells + self.every - 1 - self.every / 2) / self.every;
        let told: Vec<usize> = self.layers.iter().map(|(told, _)| *told).collect();
        let last = architecture.layers();
        let layers = self.layers.into_iter().enumerate();
        let layers = layers.map(|(l, (told_here, values))| {
            let bounds = if l == 0 {
                None
            } else if l < last {
                architecture.activation.bounds()
            } else {
                architecture.loss.classifies().then_some((0.0, 1.0))
            };
            let range = bounds.unwrap_or_else(|| reach(&values));
            let cells = values.len() / told_here;
            let value = |i: usize| values[i % cells * told_here + i / cells];
            let shade = |i: usize| NeuronLayer::shade_in(range, value(i));
            NeuronLayer {
                neurons: architecture.sizes[l],
                told: told_here,
                range,
                pictures: (0..values.len()).map(shade).collect(),
                weights: if l == 0 {
                    Vec::new()
                } else {
                    weights(&thetas[l - 1], told[l - 1], told_here)
                },
            }
        });
        Network {
            columns: picked(columns),
            rows: picked(rows),
            layers: layers.collect(),
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
fn reach(values: &[f32]) -> (f32, f32) {
    let finite = values.iter().filter(|value| value.is_finite());
    let far = finite.fold(0.0_f32, |far, value| far.max(value.abs()));
    let far = if far > 0.0 { far } else { 1.0 };
    (-far, far)
}

/// The weights between those told of, and the biases.
fn weights<T: Real>(theta: &DMatrix<T>, before: usize, told: usize) -> Vec<f32> {
    let bias = theta.nrows() - 1;
    let of = |k: usize| (0..before).chain([bias]).map(move |i| (i, k));
    let all = (0..told).flat_map(of);
    all.map(|at| theta[at].to_f64() as f32).collect()
}
