//! What a session shows of a run on images, or on a table of too many columns to be drawn in a plane. Changes nothing.

use super::Session;
use crate::data::{DataSource, Points, Targets, cifar};
use crate::engine::evaluate::batch_of;
use crate::frame::images::{Answered, Images, Judged, Kernel, Looked, MOST_WRONG, Seen, Wrong};
use crate::lab::names::run_names;
use crate::lab::pieces::{Due, NEVER, at_once, piece};
use crate::nn::layer::Linear;
use crate::nn::loss::BatchTargets;
use crate::nn::mlp::Batch;
use nalgebra::DMatrix;

/// Images that are evaluated at once.
const TOGETHER: usize = 500;
/// Most of a minibatch whose kernel is shown.
const KERNEL: usize = 100;

impl Session {
    /// The share of the images of a file of CIFAR-10, which has been checked, that each run classifies rightly where it stands; `None` of
    /// one that has diverged.
    pub fn accuracy_on(&mut self, file: &[u8]) -> Vec<Option<f64>> {
        let ensemble = &self.course.ensemble;
        let (mut images, mut right) = (0.0, vec![0.0; ensemble.members().len()]);
        for part in cifar::parts(file, TOGETHER) {
            let batch = batch_of::<f32>(&part, ensemble.architecture());
            let count = batch.samples as f64;
            images += count;
            for (right, member) in right.iter_mut().zip(ensemble.members()) {
                let found = self.evaluator.evaluate(&member.state.thetas, &batch);
                *right += count * found.and_then(|found| found.accuracy).unwrap_or(0.0);
            }
        }
        let members = ensemble.members().iter().zip(right);
        let shares = members
            .map(|(member, right)| member.state.divergence.is_none().then_some(right / images));
        shares.collect()
    }

    /// What the runs have made of their images or rows, and of an image that is drawn (its numbers, between 0 and 1); `None` where they are
    /// points of a plane.
    pub fn images(&mut self, drawn: &[f32]) -> Option<Images> {
        at_once(self.images_in_pieces(drawn, NEVER))
    }

    /// The same, left off whenever that is `due`.
    pub async fn images_in_pieces(&mut self, drawn: &[f32], due: Due<'_>) -> Option<Images> {
        let data = self.config.data;
        let shape = match data.images() {
            Some(images) => images.shape,
            None => [1, 1, data.inputs().filter(|_| data.is_beyond_a_plane())?],
        };
        if !self.watch.fields {
            return None;
        }
        let kernel = kernel(&self.course.next_minibatch(&self.config));
        let architecture = self.course.ensemble.architecture().clone();
        let classes = architecture.outputs();
        let names: &[&str] = match self.config.data {
            DataSource::Cifar10 => &cifar::CLASSES,
            _ => &[],
        };
        let named = |class: usize| {
            names
                .get(class)
                .map_or_else(|| class.to_string(), |&name| name.to_owned())
        };
        let class_names = (0..classes).map(named).collect();
        let drawn = (drawn.len() == shape.iter().product::<usize>()).then(|| {
            let inputs = drawn.iter().map(|&x| f64::from(x));
            let point = Points {
                inputs: DMatrix::from_row_iterator(1, drawn.len(), inputs),
                targets: Targets::Classes {
                    labels: vec![0],
                    classes,
                },
            };
            batch_of::<f32>(&point, &architecture)
        });
        let ensemble = &self.course.ensemble;
        let (judged, points) = match (data.images(), ensemble.validation()) {
            (Some(_), held_back) => (Judged::Images, held_back),
            (None, held_back) if held_back.samples > 0 => (Judged::Rows, held_back),
            (None, _) => (Judged::Trained, ensemble.training()),
        };
        let BatchTargets::Labels(labels) = &points.targets else {
            return None;
        };
        let numbers = shape.iter().product::<usize>();
        let mut first = Batch::with_capacity(1, numbers, classes, architecture.loss);
        first.gather(points, &[0]);
        let looked_at = drawn.as_ref().unwrap_or(&first);
        let looked = Looked {
            pixels: (0..numbers).map(|k| looked_at.inputs[(0, k)]).collect(),
            class: drawn.is_none().then(|| labels[0] as usize),
        };
        let names = run_names(&self.config.runs_at(self.course.step()));
        let mut runs = Vec::with_capacity(names.len());
        for (name, member) in names.into_iter().zip(self.course.ensemble.members()) {
            let thetas = &member.state.thetas;
            let mut answers = Vec::with_capacity(points.samples * classes);
            while self.evaluator.answer_more(thetas, points, &mut answers) {
                piece(due).await;
            }
            let mut answer = Vec::new();
            self.evaluator.answer_more(thetas, looked_at, &mut answer);
            let reading = drawn.as_ref().map_or_else(Vec::new, |_| answer.clone());
            let layers = architecture.layers.iter();
            let through = self.evaluator.look_through(thetas, looked_at);
            let answered = layers.zip(through).map(|(layer, numbers)| {
                let shape = layer.planes().map_or([1, 1], |p| [p.height, p.width]);
                let planes = numbers.chunks(shape[0] * shape[1]);
                Answered {
                    planes: planes.map(<[f32]>::to_vec).collect(),
                    shape,
                }
            });
            let answered = answered.collect();
            let (wrong, confusion) = sorted_out(&answers, labels, points, shape);
            let (filters, filter) = filters(&thetas[0], &architecture.layers[0].linear, shape);
            runs.push(Seen {
                name,
                wrong,
                confusion,
                filters,
                filter,
                answered,
                answer,
                reading,
            });
            piece(due).await;
        }
        Some(Images {
            step: self.course.step(),
            shape,
            classes: class_names,
            judged,
            count: points.samples,
            kernel,
            looked,
            runs,
        })
    }
}

/// The answer that is most likely; a network whose numbers have left the ground gives none.
fn best(answers: &[f32]) -> Option<(usize, f32)> {
    let answers = answers.iter().copied().enumerate();
    let best = answers.reduce(|best, other| if other.1 > best.1 { other } else { best });
    best.filter(|(_, confidence)| confidence.is_finite())
}

/// The wrong answers, the most confident first, and how often each class got which.
fn sorted_out(
    answers: &[f32],
    labels: &[u32],
    images: &Batch<f32>,
    shape: [usize; 3],
) -> (Vec<Wrong>, Vec<Vec<u32>>) {
    let classes = answers.len() / labels.len().max(1);
    let mut confusion = vec![vec![0; classes]; classes];
    let mut wrong = Vec::new();
    for (i, (answers, &label)) in answers.chunks(classes.max(1)).zip(labels).enumerate() {
        let right = label as usize;
        let Some((given, confidence)) = best(answers) else {
            continue;
        };
        confusion[right][given] += 1;
        if given != right {
            wrong.push((i, given, right, confidence));
        }
    }
    wrong.sort_by(|a, b| b.3.total_cmp(&a.3));
    wrong.truncate(MOST_WRONG);
    let numbers = shape.iter().product();
    let wrong = wrong
        .into_iter()
        .map(|(i, given, right, confidence)| Wrong {
            pixels: (0..numbers).map(|k| images.inputs[(i, k)]).collect(),
            given,
            right,
            confidence,
        });
    (wrong.collect(), confusion)
}

/// What each neuron or channel of the first layer looks for, and its rows and columns.
fn filters(
    theta: &DMatrix<f32>,
    linear: &Linear,
    [planes, height, width]: [usize; 3],
) -> (Vec<Vec<f32>>, [usize; 2]) {
    let filter = match linear {
        Linear::Dense { .. } => [height, width],
        Linear::Convolution(convolution) => {
            let side = (convolution.windows.cells() as f64).sqrt() as usize;
            [side; 2]
        }
    };
    let area = filter[0] * filter[1];
    let mean = |column: usize, at: usize| {
        let weights = (0..planes).map(|plane| theta[(plane * area + at, column)]);
        weights.sum::<f32>() / planes as f32
    };
    let filters = (0..theta.ncols()).map(|column| (0..area).map(|at| mean(column, at)).collect());
    (filters.collect(), filter)
}

/// `ÂÂᵀ` of a minibatch, sorted by class; of so many evenly from all of it where there are more: tables may be in an order.
fn kernel(minibatch: &Batch<f32>) -> Kernel {
    let BatchTargets::Labels(labels) = &minibatch.targets else {
        return Kernel {
            labels: Vec::new(),
            values: Vec::new(),
        };
    };
    let count = minibatch.samples.min(KERNEL);
    let evenly = |i: usize| i * minibatch.samples / count;
    let mut order: Vec<usize> = (0..count).map(evenly).collect();
    order.sort_by_key(|&i| labels[i]);
    let rows = minibatch.inputs.select_rows(&order);
    let products = &rows * rows.transpose();
    let most = products.max().max(f32::MIN_POSITIVE);
    Kernel {
        labels: order.iter().map(|&i| labels[i]).collect(),
        values: products.iter().map(|product| product / most).collect(),
    }
}
