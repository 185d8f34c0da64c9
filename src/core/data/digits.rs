//! Handwritten digits: 1797 images of 8 × 8 pixels, whose values are 0 to 16. Knows no network.
//!
//! The test part of *Optical Recognition of Handwritten Digits*, E. Alpaydin and C. Kaynak, UCI Machine Learning Repository
//! (1998), doi [10.24432/C50P49](https://doi.org/10.24432/C50P49), licensed under CC BY 4.0
//! (<https://creativecommons.org/licenses/by/4.0/>). `digits.bin` has it laid out anew: all labels, then the first pixel of
//! every image, then the second, and so on.

use nalgebra::DMatrix;

use super::rng::{Purpose, Stream};
use super::{DataSource, Dataset, Images, Points, Targets};
use crate::Error;

/// All images.
const IMAGES: usize = 1797;

/// Which images are trained on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Split {
    /// The first ones: those for validation are mostly of other people.
    #[default]
    Writers,
    /// So many at random: everybody's hand has been seen.
    Random,
}

crate::named!(Split { Writers = "writers", Random = "random" });

/// The file; a part of the engine has none.
#[cfg(any(not(target_arch = "wasm32"), feature = "whole"))]
const FILE: Option<&[u8]> = Some(include_bytes!("digits.bin"));
#[cfg(not(any(not(target_arch = "wasm32"), feature = "whole")))]
const FILE: Option<&[u8]> = None;

/// The first `n` images for training and all that are held back for validation, pixels between 0 and 1, with so much normal jitter in each.
///
/// # Errors
/// If there is no file.
///
/// # Panics
/// Never.
pub fn digits(n: usize, noise: f64, split: Split, seed: u32) -> Result<Dataset, Error> {
    let Some(file) = FILE else {
        return Err(Error::Elsewhere);
    };
    let mut order: Vec<usize> = (0..IMAGES).collect();
    match split {
        Split::Writers => {}
        Split::Random => {
            let mut stream = Stream::new(seed, Purpose::Split, 0);
            stream.shuffle(&mut order);
        }
    }
    let images = DataSource::Digits.images().expect("digits are images");
    let Images { most, classes, .. } = images;
    let (training, validation) = order.split_at(most);
    let points = |which: &[usize], purpose| {
        let mut stream = Stream::new(seed, purpose, 0);
        let mut inputs = DMatrix::zeros(which.len(), images.numbers());
        for (i, &image) in which.iter().enumerate() {
            for (pixel, x) in inputs.row_mut(i).iter_mut().enumerate() {
                *x = f64::from(file[(pixel + 1) * IMAGES + image]) / 16.0;
                if noise > 0.0 {
                    *x += noise * stream.normal();
                }
            }
        }
        let labels = which.iter().map(|&image| u32::from(file[image]));
        Points {
            inputs,
            targets: Targets::Classes {
                labels: labels.collect(),
                classes,
            },
        }
    };
    Ok(Dataset {
        training: points(&training[..n.min(most)], Purpose::Training),
        validation: points(validation, Purpose::Validation),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(points: &Points) -> &[u32] {
        match &points.targets {
            Targets::Classes { labels, .. } => labels,
            Targets::Values(_) => unreachable!(),
        }
    }

    #[test]
    fn the_file_is_the_one_that_is_cited() {
        let file = FILE.unwrap();
        assert_eq!(file.len(), 65 * IMAGES);
        assert!(file[..IMAGES].iter().all(|&label| label < 10));
        assert!(file[IMAGES..].iter().all(|&pixel| pixel <= 16));
        let data = digits(1500, 0.0, Split::Writers, 1).unwrap();
        assert_eq!(data.training.inputs.shape(), (1500, 64));
        let count = |class| {
            labels(&data.validation)
                .iter()
                .filter(|&&l| l == class)
                .count()
        };
        let counts: Vec<usize> = (0..10).map(count).collect();
        assert_eq!(counts, [27, 31, 27, 30, 33, 30, 30, 30, 28, 31]);
        // The first image, a nought: white around, and white inside.
        assert_eq!(labels(&data.training)[..3], [0, 1, 2]);
        let row: Vec<f64> = data
            .training
            .inputs
            .row(0)
            .iter()
            .map(|x| x * 16.0)
            .collect();
        assert_eq!(row[..8], [0.0, 0.0, 5.0, 13.0, 9.0, 1.0, 0.0, 0.0]);
    }

    #[test]
    fn images_are_split_jittered_and_taken_from_the_front() {
        let plain = digits(100, 0.0, Split::Writers, 1).unwrap();
        let all = digits(1500, 0.0, Split::Writers, 2).unwrap();
        assert_eq!(plain.training.inputs, all.training.inputs.rows(0, 100));
        assert_eq!(plain.validation, all.validation);
        let random = digits(1500, 0.0, Split::Random, 1).unwrap();
        assert_eq!(random.validation.inputs.nrows(), 297);
        assert_ne!(random.validation, all.validation);
        let sum = |data: &Dataset| data.training.inputs.sum() + data.validation.inputs.sum();
        assert!((sum(&random) - sum(&all)).abs() < 1e-6, "the same images");
        let jittered = digits(100, 0.1, Split::Writers, 1).unwrap();
        let apart = (&jittered.training.inputs - &plain.training.inputs)
            .map(|x| x * x)
            .mean();
        assert!((apart.sqrt() - 0.1).abs() < 0.01, "{apart}");
        assert_eq!(jittered, digits(100, 0.1, Split::Writers, 1).unwrap());
    }
}
