//! The images of an experiment, as the paper divides them, and minibatches of them. Opens no file.

use crate::data::cifar::{NUMBERS, Records};
use crate::data::synthetic;
use crate::nn::loss::BatchTargets;
use crate::nn::mlp::Batch;
use std::ops::Range;

/// Images trained on, held back for validation, and of the test, in the paper.
const ALL: [usize; 3] = [45_000, 5000, 10_000];
/// Images that are written side by side: a line of the cache.
const SIDE: usize = 16;

/// Images, a byte a number; the networks see a 255th of each.
pub struct Images {
    records: Records,
    training: usize,
    validation: Range<usize>,
    test: Records,
    tested: usize,
}

/// How many there are of each kind where `n` are trained on: in the paper's proportion, one at least.
fn counts(n: usize) -> [usize; 3] {
    let [all, ..] = ALL;
    ALL.map(|of| (of * n / all).max(1))
}

impl Images {
    /// Those of CIFAR-10: of the 50000 for training the first `n`, and of the last tenth and of the test's as many as keep the
    /// proportion.
    ///
    /// # Panics
    /// When there are fewer.
    pub fn of_records(records: Records, test: Records, n: usize) -> Images {
        let [training, validation, tested] = counts(n);
        let first = records.len() / 10 * 9;
        let images = Images {
            training,
            validation: first..first + validation,
            tested,
            records,
            test,
        };
        assert!(
            training <= first
                && images.validation.end <= images.records.len()
                && tested <= images.test.len(),
            "images: fewer than {n} and their share"
        );
        images
    }

    /// As many that the program makes up.
    pub fn synthetic(n: usize) -> Images {
        let [training, validation, tested] = counts(n);
        let first = training + validation;
        Images {
            records: synthetic::records(1, 0..first),
            training,
            validation: training..first,
            // Of the same patterns: the row goes on.
            test: synthetic::records(1, first..first + tested),
            tested,
        }
    }

    /// The most that can be trained on.
    pub const MOST: usize = ALL[0];

    /// Images trained on.
    pub fn training(&self) -> usize {
        self.training
    }

    /// A number that other images do not have.
    pub(super) fn fingerprint(&self) -> u64 {
        let mut sum = (self.training as u64) << 32 | self.tested as u64;
        for records in [&self.records, &self.test] {
            let (words, rest) = records.as_bytes().as_chunks::<8>();
            for word in words.iter().copied().chain(rest.iter().map(|&b| [b; 8])) {
                sum = (sum ^ u64::from_le_bytes(word)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
                sum ^= sum >> 29;
            }
        }
        sum
    }

    /// The training images of an order, as a minibatch.
    pub(super) fn take(&self, order: &[u32], to: &mut Batch<f32>) {
        fill(&self.records, order.iter().map(|&i| i as usize), to);
    }

    /// All of a kind, by so many at a time.
    pub(super) fn parts(&self, kind: Kind, most: usize) -> impl Iterator<Item = Part<'_>> {
        let (records, all) = match kind {
            Kind::Training => (&self.records, 0..self.training),
            Kind::Validation => (&self.records, self.validation.clone()),
            Kind::Test => (&self.test, 0..self.tested),
        };
        let end = all.end;
        all.step_by(most).map(move |first| Part {
            records,
            images: first..(first + most).min(end),
        })
    }
}

/// What images are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Training,
    Validation,
    Test,
}

/// Some images in a row.
pub(super) struct Part<'a> {
    records: &'a Records,
    images: Range<usize>,
}

impl Part<'_> {
    pub(super) fn len(&self) -> usize {
        self.images.len()
    }

    pub(super) fn take(&self, to: &mut Batch<f32>) {
        fill(self.records, self.images.clone(), to);
    }
}

/// Lays images side by side in padded columns.
fn fill(records: &Records, which: impl ExactSizeIterator<Item = usize>, to: &mut Batch<f32>) {
    let shades: [f32; 256] = std::array::from_fn(|byte| byte as f32 / 255.0);
    let (samples, rows) = (which.len(), to.inputs.nrows());
    assert!(samples <= rows, "images: no room for {samples}");
    to.samples = samples;
    let BatchTargets::Labels(labels) = &mut to.targets else {
        panic!("images: values have no classes")
    };
    labels.clear();
    let columns = to.inputs.as_mut_slice();
    let mut side: [&[u8]; SIDE] = [&[]; SIDE];
    let (mut first, mut beside) = (0, 0);
    for i in which {
        let (class, pixels) = records.image(i);
        labels.push(u32::from(class));
        side[beside] = pixels;
        beside += 1;
        if beside == SIDE || first + beside == samples {
            let side = &side[..beside];
            for (column, at) in columns.chunks_exact_mut(rows).zip(0..NUMBERS) {
                let here = column[first..].iter_mut().zip(side);
                here.for_each(|(to, pixels)| *to = shades[usize::from(pixels[at])]);
            }
            (first, beside) = (first + beside, 0);
        }
    }
    for column in columns.chunks_exact_mut(rows) {
        column[samples..].fill(0.0);
    }
    columns[NUMBERS * rows..][..samples].fill(1.0);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::Loss;

    #[test]
    fn a_minibatch_has_its_images_in_columns() {
        let images = Images::synthetic(90);
        assert_eq!((images.training(), images.validation.len()), (90, 10));
        let mut batch = Batch::with_capacity(40, NUMBERS, 10, Loss::CrossEntropy);
        // A larger one before it leaves nothing behind.
        images.take(&(0..40).collect::<Vec<_>>(), &mut batch);
        images.take(&[7, 80, 3], &mut batch);
        assert_eq!(batch.samples, 3);
        let BatchTargets::Labels(labels) = &batch.targets else {
            unreachable!()
        };
        for (row, i) in [7, 80, 3].into_iter().enumerate() {
            let (class, pixels) = images.records.image(i);
            assert_eq!(labels[row], u32::from(class));
            for at in [0, 1, 1024, 3071] {
                assert_eq!(batch.inputs[(row, at)], f32::from(pixels[at]) / 255.0);
            }
            assert_eq!(batch.inputs[(row, NUMBERS)], 1.0);
        }
        assert!(batch.inputs.rows_range(3..).iter().all(|&x| x == 0.0));
        let parts: Vec<usize> = images.parts(Kind::Test, 8).map(|part| part.len()).collect();
        assert_eq!(parts, [8, 8, 4]);
    }

    /// What is learned from the made-up images holds for those held back and for the test's: their classes have the same mean images.
    #[test]
    fn made_up_images_are_of_the_same_patterns_everywhere() {
        let images = Images::synthetic(900);
        let means = |kind| {
            let mut sums = vec![[0.0; 64]; 10];
            for part in images.parts(kind, 1000) {
                for (class, pixels) in part.images.map(|i| part.records.image(i)) {
                    let coarse = sums[usize::from(class)].iter_mut();
                    let patches = pixels.chunks_exact(NUMBERS / 64);
                    let level: f64 = pixels.iter().map(|&x| f64::from(x)).sum::<f64>() / 64.0;
                    for (sum, patch) in coarse.zip(patches) {
                        *sum += patch.iter().map(|&x| f64::from(x)).sum::<f64>() - level;
                    }
                }
            }
            sums
        };
        let [training, test] = [means(Kind::Training), means(Kind::Test)];
        let cosine = |a: &[f64; 64], b: &[f64; 64]| {
            let product =
                |a: &[f64; 64], b: &[f64; 64]| -> f64 { a.iter().zip(b).map(|(x, y)| x * y).sum() };
            product(a, b) / (product(a, a) * product(b, b)).sqrt()
        };
        for (class, mean) in training.iter().enumerate() {
            let likeness = test.iter().map(|other| cosine(mean, other));
            let nearest = likeness
                .enumerate()
                .max_by(|a, b| a.1.total_cmp(&b.1))
                .unwrap();
            assert_eq!(nearest.0, class, "{nearest:?}");
        }
    }

    #[test]
    fn fingerprints_tell_images_apart() {
        let of = |n| Images::synthetic(n).fingerprint();
        assert_eq!(of(18), of(18));
        assert_ne!(of(18), of(19));
    }
}
