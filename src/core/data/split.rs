//! Which of somebody's own points are trained on and which are only looked at. Knows no file.

use nalgebra::DMatrix;

use super::rng::{Purpose, Stream};
use super::{Dataset, Points, Targets};

/// Holds back a share of the points as validation points, so that there are `valid` of them per training point
/// (rounded), chosen by `seed`; at least two points are trained on. Both keep the order of the rows.
///
/// # Panics
/// If there are more than `u32::MAX` points.
pub fn split(points: &Points, valid: f64, seed: u32) -> Dataset {
    let count = points.inputs.nrows();
    let held_back = (count as f64 * valid / (1.0 + valid)).round() as usize;
    let held_back = held_back.min(count.saturating_sub(2));
    let mut order: Vec<u32> = (0..u32::try_from(count).expect("indices fit 32 bits")).collect();
    let mut stream = Stream::new(seed, Purpose::Split, 0);
    stream.shuffle(&mut order);
    let mut is_held_back = vec![false; count];
    for &row in &order[..held_back] {
        is_held_back[row as usize] = true;
    }
    let (validation, training): (Vec<usize>, Vec<usize>) =
        (0..count).partition(|&row| is_held_back[row]);
    Dataset {
        training: rows(points, &training),
        validation: rows(points, &validation),
    }
}

fn rows(points: &Points, which: &[usize]) -> Points {
    let pick = |matrix: &DMatrix<f64>| {
        DMatrix::from_fn(which.len(), matrix.ncols(), |i, j| matrix[(which[i], j)])
    };
    Points {
        inputs: pick(&points.inputs),
        targets: match &points.targets {
            Targets::Classes { labels, classes } => Targets::Classes {
                labels: which.iter().map(|&i| labels[i]).collect(),
                classes: *classes,
            },
            Targets::Values(values) => Targets::Values(pick(values)),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbered(count: usize) -> Points {
        Points {
            inputs: DMatrix::from_fn(count, 2, |i, j| (i * 2 + j) as f64),
            targets: Targets::Classes {
                labels: (0..count as u32).collect(),
                classes: count,
            },
        }
    }

    #[test]
    fn every_point_is_in_one_of_the_two() {
        let data = split(&numbered(90), 0.5, 3);
        assert_eq!(
            (data.training.inputs.nrows(), data.validation.inputs.nrows()),
            (60, 30)
        );
        let labels = |points: &Points| match &points.targets {
            Targets::Classes { labels, .. } => labels.clone(),
            Targets::Values(_) => unreachable!(),
        };
        let (training, validation) = (labels(&data.training), labels(&data.validation));
        assert!(training.is_sorted() && validation.is_sorted());
        let mut all = [training.clone(), validation].concat();
        all.sort_unstable();
        assert_eq!(all, (0..90).collect::<Vec<u32>>());
        assert_eq!(data.training.inputs[(0, 0)], f64::from(training[0] * 2));
        assert_eq!(data, split(&numbered(90), 0.5, 3));
        assert_ne!(data, split(&numbered(90), 0.5, 4));
    }

    #[test]
    fn two_points_at_least_are_trained_on() {
        assert_eq!(split(&numbered(3), 2.0, 1).training.inputs.nrows(), 2);
        assert_eq!(split(&numbered(2), 2.0, 1).validation.inputs.nrows(), 0);
        assert_eq!(split(&numbered(9), 0.0, 1).validation.inputs.nrows(), 0);
    }
}
