//! Answers of a network on many points: loss, accuracy, the field behind a decision boundary.
//! Works in chunks that stay in the cache and need no memory of the whole set's size.

use super::neurons::Gathering;
use crate::data::{Points, Targets};
use crate::frame::{Field, Network, Peek};
use crate::nn::features::{Feature, Of};
use crate::nn::loss::{BatchTargets, softmax};
use crate::nn::mlp::{Activations, Architecture, Batch};
use crate::nn::product::padded_rows;
use crate::nn::real::LANES;
use crate::nn::{Arithmetic, Real};
use nalgebra::DMatrix;
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;

/// Most samples per chunk, and about the most numbers of patches.
pub(super) const CHUNK: usize = 248;
const PATCHES: usize = 250_000;

/// Samples per chunk of a network; at places where a layer looks at all of a sample there are no patches.
fn chunk(architecture: &Architecture) -> usize {
    let layers = architecture.layers.iter();
    let patched = layers.filter(|layer| layer.places() > 1);
    let most = patched
        .map(|layer| layer.places() * layer.theta_shape().0)
        .max();
    most.map_or(CHUNK, |numbers| {
        (PATCHES / numbers).clamp(LANES, CHUNK) / LANES * LANES
    })
}

/// Converts points to one padded batch, each as the first layer is given it.
///
/// # Panics
/// When the targets are not what the loss is told, or the points have other coordinates.
pub fn batch_of<T: Real>(points: &Points, architecture: &Architecture) -> Batch<T> {
    let (inputs, loss) = (architecture.inputs, architecture.loss);
    let (n, coordinates) = points.inputs.shape();
    assert_eq!(
        coordinates,
        inputs.coordinates(),
        "batch: points of other coordinates"
    );
    let (d, outputs) = (inputs.count(), architecture.outputs());
    let mut batch = Batch::with_capacity(n, d, outputs, loss);
    batch.samples = n;
    for i in 0..n {
        let point = |k| points.inputs[(i, k)];
        inputs.of_point(point, |k, value| {
            batch.inputs[(i, k)] = T::of(value).flushed();
        });
        batch.inputs[(i, d)] = T::one();
        match (&mut batch.targets, &points.targets) {
            (BatchTargets::Labels(to), Targets::Classes { labels, .. }) => to.push(labels[i]),
            (BatchTargets::Values(to), Targets::Values(from)) => {
                for k in 0..outputs {
                    to[(i, k)] = T::of(from[(i, k)]).flushed();
                }
            }
            _ => panic!("batch: {loss:?} is not told such targets"),
        }
    }
    batch
}

/// Memory for evaluating one architecture.
#[derive(Clone, Debug)]
pub struct Evaluator<T: Real> {
    architecture: Architecture,
    /// Samples per chunk.
    most: usize,
    rooms: Rooms<T>,
    order: Vec<u32>,
}

/// Memory for a chunk.
#[derive(Clone, Debug)]
struct Room<T: Real> {
    chunk: Batch<T>,
    activations: Activations<T>,
    answers: DMatrix<T>,
}

impl<T: Real> Room<T> {
    fn new(architecture: &Architecture, samples: usize, arithmetic: Arithmetic) -> Self {
        let (inputs, outputs) = (architecture.inputs.count(), architecture.outputs());
        let activations = Activations::new(architecture, samples, arithmetic);
        Room {
            chunk: Batch::with_capacity(samples, inputs, outputs, architecture.loss),
            answers: activations.output.clone(),
            activations,
        }
    }
}

/// Memory for chunks of each size that there has been: a padded row takes as long as a sample.
#[derive(Clone, Debug)]
struct Rooms<T: Real> {
    arithmetic: Arithmetic,
    known: Vec<Room<T>>,
}

impl<T: Real> Rooms<T> {
    fn new(arithmetic: Arithmetic) -> Self {
        Rooms {
            arithmetic,
            known: Vec::new(),
        }
    }

    /// For so many samples.
    fn of(&mut self, architecture: &Architecture, samples: usize) -> &mut Room<T> {
        let rows = padded_rows(samples);
        let fits = |room: &Room<T>| room.chunk.inputs.nrows() == rows;
        let place = self.known.iter().position(fits).unwrap_or_else(|| {
            let room = Room::new(architecture, samples, self.arithmetic);
            self.known.push(room);
            self.known.len() - 1
        });
        &mut self.known[place]
    }
}

/// The padded rows that evaluators of a network keep memory for while they look at so many samples, and at fields.
pub(super) fn rows_kept(architecture: &Architecture, points: [usize; 2]) -> usize {
    let most = chunk(architecture);
    let whole = padded_rows(most);
    let [training, validation] = points.map(|n| padded_rows(n % most));
    let mut rows = whole;
    if training != whole {
        rows += training;
    }
    if validation != whole && validation != training {
        rows += validation;
    }
    rows
}

/// J and accuracy over a set of points.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// Mean loss.
    pub loss: f64,
    /// Share classified rightly, where a label that shares the top with k − 1 others counts 1/k; `None` for regression.
    pub accuracy: Option<f64>,
}

/// An evaluation under way.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    /// How many samples are in it.
    samples: usize,
    loss: f64,
    right: f64,
}

impl Tally {
    /// Whether some of the points are not in it yet.
    pub(super) fn lacks<T: Real>(&self, points: &Batch<T>) -> bool {
        self.samples < points.samples
    }
}

/// A field under way.
pub struct Painting {
    /// Per feature that looks at x alone, what it is across.
    of_x: Vec<Vec<f64>>,
    across: Vec<f64>,
    /// The range upwards.
    up: (f64, f64),
    /// The first cell that is not known yet.
    first: usize,
    neurons: Option<Gathering>,
    field: Field,
}

impl Painting {
    /// Whether some of its cells are not known yet.
    pub(super) fn lacks(&self) -> bool {
        self.first < self.field.columns * self.field.rows
    }
}

/// The middle of the `i`-th of `n` equal parts of a range.
fn centre(range: (f64, f64), i: usize, n: usize) -> f64 {
    range.0 + (range.1 - range.0) * (i as f64 + 0.5) / n as f64
}

/// How right the answer of sample `i` is: what a guess among the classes on top would come to.
fn rightness<T: Real>(output: &DMatrix<T>, i: usize, label: usize) -> f64 {
    let answer = output[(i, label)];
    let mut tied = 0_u32;
    for class in 0..output.ncols() {
        match output[(i, class)].partial_cmp(&answer) {
            Some(Ordering::Less) => {}
            Some(Ordering::Equal) => tied += 1,
            // Also where one of both is no number.
            Some(Ordering::Greater) | None => return 0.0,
        }
    }
    1.0 / f64::from(tied)
}

impl<T: Real> Evaluator<T> {
    /// Memory for `architecture`, in the portable arithmetic.
    pub fn new(architecture: &Architecture) -> Self {
        Evaluator {
            architecture: architecture.clone(),
            most: chunk(architecture),
            rooms: Rooms::new(Arithmetic::Portable),
            order: Vec::new(),
        }
    }

    /// The same in this arithmetic.
    #[must_use]
    pub fn with_arithmetic(mut self, arithmetic: Arithmetic) -> Self {
        self.rooms = Rooms::new(arithmetic);
        self
    }

    pub(super) fn evaluate_more_generic(
        &mut self,
        thetas: &[DMatrix<T>],
        points: &Batch<T>,
        tally: &mut Tally,
    ) {
        let first = tally.samples;
        tally.samples = (first + self.most).min(points.samples);
        let taken = tally.samples - first;
        let Room {
            chunk,
            activations,
            answers,
        } = self.rooms.of(&self.architecture, taken);
        // What is one chunk is not copied.
        let chunk = if taken == points.samples && chunk.inputs.shape() == points.inputs.shape() {
            points
        } else {
            self.order.clear();
            self.order.extend(first as u32..tally.samples as u32);
            chunk.gather(points, &self.order);
            chunk
        };
        activations.forward(&self.architecture, thetas, chunk);
        let (output, targets) = (&activations.output, &chunk.targets);
        let samples = chunk.samples;
        let loss_of = self.architecture.loss;
        let mean = loss_of.value_and_gradient(output, targets, samples, answers);
        tally.loss += mean * samples as f64;
        if let BatchTargets::Labels(labels) = targets {
            let labels = labels.iter().enumerate();
            tally.right += labels
                .map(|(i, &label)| rightness(output, i, label as usize))
                .sum::<f64>();
        }
    }

    pub(super) fn answer_generic(
        &mut self,
        thetas: &[DMatrix<T>],
        points: &Batch<T>,
        first: usize,
        to: &mut Vec<f32>,
    ) {
        let last = (first + self.most).min(points.samples);
        self.order.clear();
        self.order.extend(first as u32..last as u32);
        let Room {
            chunk,
            activations,
            answers,
        } = self.rooms.of(&self.architecture, self.order.len());
        chunk.gather(points, &self.order);
        activations.forward(&self.architecture, thetas, chunk);
        let answers = if self.architecture.loss.classifies() {
            softmax(&activations.output, answers);
            answers
        } else {
            &activations.output
        };
        for i in 0..last - first {
            to.extend(answers.row(i).iter().map(|a| a.to_f64() as f32));
        }
    }

    pub(super) fn look_through_generic(
        &mut self,
        thetas: &[DMatrix<T>],
        points: &Batch<T>,
    ) -> Vec<Vec<f32>> {
        let Room {
            chunk, activations, ..
        } = self.rooms.of(&self.architecture, 1);
        chunk.gather(points, &[0]);
        activations.forward(&self.architecture, thetas, chunk);
        let numbers = |a: &DMatrix<T>, count| {
            let numbers = a.row(0).into_iter().take(count).map(|x| x.to_f64() as f32);
            numbers.collect()
        };
        let layers = self.architecture.layers.iter();
        let values = layers.zip(&activations.hidden.values);
        values
            .map(|(layer, a)| numbers(a, layer.outputs()))
            .collect()
    }

    /// What an evaluation has come to, all samples taken; `None` without any.
    pub fn evaluation(&self, points: &Batch<T>, tally: Tally) -> Option<Evaluation> {
        let n = points.samples as f64;
        let classifies = self.architecture.loss.classifies();
        (points.samples > 0).then(|| Evaluation {
            loss: tally.loss / n,
            accuracy: classifies.then(|| tally.right / n),
        })
    }

    /// A field of which no cell is known yet; see [`Evaluator::field_and_neurons`].
    pub fn painting(
        &mut self,
        [x, y]: [(f64, f64); 2],
        [columns, rows]: [usize; 2],
        peek: Option<Peek>,
    ) -> Painting {
        let inputs = self.architecture.inputs;
        let line = inputs.coordinates() == 1;
        let rows = if line { 1 } else { rows };
        let room = self.rooms.of(&self.architecture, self.most);
        let outputs = room.activations.output.ncols();
        // Two probabilities say the same thing twice.
        let skip = usize::from(self.architecture.loss.classifies() && outputs == 2);
        let channels = outputs - skip;
        let across: Vec<f64> = (0..columns).map(|i| centre(x, i, columns)).collect();
        // What looks at x alone is the same in every row.
        let of_x = |feature: &Feature| match feature.of {
            Of::X => across.iter().map(|&x| (feature.at)(x, 0.0)).collect(),
            Of::Y | Of::Both => Vec::new(),
        };
        let neurons = peek.map(|peek| Gathering::new(&self.architecture, [columns, rows], peek));
        room.chunk.inputs.fill(T::zero());
        Painting {
            of_x: inputs.features().map(of_x).collect(),
            across,
            up: y,
            first: 0,
            neurons,
            field: Field {
                columns,
                rows,
                channels,
                values: Vec::with_capacity(rows * columns * channels),
            },
        }
    }

    pub(super) fn paint_generic(&mut self, thetas: &[DMatrix<T>], painting: &mut Painting) {
        let inputs = self.architecture.inputs;
        let line = inputs.coordinates() == 1;
        let classifies = self.architecture.loss.classifies();
        let Painting {
            of_x,
            across,
            up,
            first,
            neurons,
            field,
        } = painting;
        let (columns, rows, channels) = (field.columns, field.rows, field.channels);
        let Room {
            chunk,
            activations,
            answers,
        } = self.rooms.of(&self.architecture, self.most);
        let skip = activations.output.ncols() - channels;
        let stride = chunk.inputs.nrows();
        let samples = self.most.min(rows * columns - *first);
        chunk.samples = samples;
        let (position, ones) = chunk
            .inputs
            .as_mut_slice()
            .split_at_mut(inputs.count() * stride);
        ones[..samples].fill(T::one());
        let mut i = 0;
        while i < samples {
            let (row, column) = ((*first + i) / columns, (*first + i) % columns);
            let run = (columns - column).min(samples - i);
            let y = if line { 0.0 } else { centre(*up, row, rows) };
            for (k, feature) in inputs.features().enumerate() {
                let at = k * stride + i;
                let to = &mut position[at..at + run];
                match feature.of {
                    Of::X => to
                        .iter_mut()
                        .zip(&of_x[k][column..])
                        .for_each(|(to, &value)| *to = T::of(value).flushed()),
                    Of::Y => to.fill(T::of((feature.at)(0.0, y)).flushed()),
                    Of::Both => to
                        .iter_mut()
                        .zip(&across[column..])
                        .for_each(|(to, &x)| *to = T::of((feature.at)(x, y)).flushed()),
                }
            }
            i += run;
        }
        activations.forward(&self.architecture, thetas, chunk);
        let answers = if classifies {
            softmax(&activations.output, answers);
            answers
        } else {
            &activations.output
        };
        if let Some(neurons) = neurons {
            neurons.take(*first, chunk, activations, answers);
        }
        let answers = &answers.as_slice()[skip * stride..];
        if channels == 1 {
            let values = answers[..samples].iter().map(|a| a.to_f64() as f32);
            field.values.extend(values);
        } else {
            field.values.extend(
                (0..samples * channels)
                    .map(|j| answers[j / channels + j % channels * stride].to_f64() as f32),
            );
        }
        *first += samples;
    }

    /// The field, all cells taken, and its neurons.
    pub fn painted(&self, thetas: &[DMatrix<T>], painting: Painting) -> (Field, Option<Network>) {
        let Painting { neurons, field, .. } = painting;
        let neurons = neurons.map(|neurons| neurons.network(&self.architecture, thetas));
        (field, neurons)
    }
}
