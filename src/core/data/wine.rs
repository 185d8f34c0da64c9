//! Wines: 13 chemical measurements, whose units differ by a thousand, of 178 wines from three cultivars. Knows no network.
//!
//! S. Aeberhard and M. Forina, *Wine*, UCI Machine Learning Repository (1992), doi
//! [10.24432/C5PC7J](https://doi.org/10.24432/C5PC7J), licensed under CC BY 4.0
//! (<https://creativecommons.org/licenses/by/4.0/>), in the copy of scikit-learn.

use nalgebra::{DMatrix, DVector};

use super::rng::{Purpose, Stream};
use super::{DataSource, Dataset, Points, Targets};
use crate::Error;

/// By what the columns of a table are divided before a network sees them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scaling {
    /// Nothing: they stay in their units.
    None,
    /// Their largest size.
    #[default]
    Max,
    /// Their standard deviation, their mean taken away first.
    Standard,
}

crate::named!(Scaling { None = "none", Max = "max", Standard = "standard" });

/// The table; a part of the engine has none.
#[cfg(any(not(target_arch = "wasm32"), feature = "whole"))]
const TABLE: Option<&str> = Some(include_str!("wine.csv"));
#[cfg(not(any(not(target_arch = "wasm32"), feature = "whole")))]
const TABLE: Option<&str> = None;

/// `n` wines for training, drawn by the seed where they are not all, and the others for validation: columns scaled by what they are in
/// training, with so much normal jitter on top.
///
/// # Errors
/// If there is no table.
///
/// # Panics
/// Never.
pub fn wine(n: usize, noise: f64, scaling: Scaling, seed: u32) -> Result<Dataset, Error> {
    let Some(table) = TABLE else {
        return Err(Error::Elsewhere);
    };
    let lines = table.lines().filter(|line| !line.starts_with('#')).skip(1);
    let numbers = |line: &'static str| line.split(',').map(str::parse::<f64>);
    let rows: Vec<Vec<f64>> = lines
        .map(|line| numbers(line).collect::<Result<_, _>>())
        .collect::<Result<_, _>>()
        .expect("the table is of numbers");
    let mut order: Vec<usize> = (0..rows.len()).collect();
    if n < rows.len() {
        let mut stream = Stream::new(seed, Purpose::Split, 0);
        stream.shuffle(&mut order);
    }
    let columns = DataSource::Wine.inputs().expect("wine has columns");
    let classes = DataSource::Wine.classes().expect("wine has classes");
    let points = |which: &[usize]| Points {
        inputs: DMatrix::from_fn(which.len(), columns, |i, j| rows[which[i]][j]),
        targets: Targets::Classes {
            labels: which.iter().map(|&row| rows[row][columns] as u32).collect(),
            classes,
        },
    };
    let (training, validation) = order.split_at(n.min(rows.len()));
    let (mut training, mut validation) = (points(training), points(validation));
    for j in 0..columns {
        let (shift, factor) = scale(scaling, &training.inputs.column(j).into_owned());
        for points in [&mut training, &mut validation] {
            let mut column = points.inputs.column_mut(j);
            column.apply(|x| *x = (*x - shift) / factor);
        }
    }
    if noise > 0.0 {
        for (points, purpose) in [
            (&mut training, Purpose::Training),
            (&mut validation, Purpose::Validation),
        ] {
            let mut stream = Stream::new(seed, purpose, 0);
            points.inputs.apply(|x| *x += noise * stream.normal());
        }
    }
    Ok(Dataset {
        training,
        validation,
    })
}

/// What is taken from a column, and by what it is divided then; 1 where all of it is the same.
fn scale(scaling: Scaling, column: &DVector<f64>) -> (f64, f64) {
    let (shift, factor) = match scaling {
        Scaling::None => (0.0, 1.0),
        Scaling::Max => (0.0, column.amax()),
        Scaling::Standard => (column.mean(), column.variance().sqrt()),
    };
    (shift, if factor > 0.0 { factor } else { 1.0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(scaling: Scaling) -> Points {
        let data = wine(178, 0.0, scaling, 1).unwrap();
        assert_eq!(data.validation.inputs.nrows(), 0);
        data.training
    }

    fn counts(points: &Points) -> [usize; 3] {
        let Targets::Classes { labels, .. } = &points.targets else {
            unreachable!()
        };
        [0, 1, 2].map(|class| labels.iter().filter(|&&l| l == class).count())
    }

    #[test]
    fn the_table_is_the_one_that_is_cited() {
        let raw = all(Scaling::None);
        assert_eq!(raw.inputs.shape(), (178, 13));
        assert_eq!(counts(&raw), [59, 71, 48]);
        let row = |i: usize| raw.inputs.row(i).iter().copied().collect::<Vec<f64>>();
        let first = [
            14.23, 1.71, 2.43, 15.6, 127.0, 2.8, 3.06, 0.28, 2.29, 5.64, 1.04, 3.92, 1065.0,
        ];
        assert_eq!(row(0), first);
        assert_eq!(raw.inputs.max(), 1680.0, "proline");
        // What its description says of the columns, to its digits (its deviation is that of a sample).
        for (column, mean, deviation) in [(3, 19.5, 3.3), (6, 2.03, 1.0), (12, 746.0, 315.0)] {
            let column = raw.inputs.column(column);
            let near = |a: f64, b: f64| (a - b).abs() < 0.02 * b;
            assert!(near(column.mean(), mean) && near(column.variance().sqrt(), deviation));
        }
    }

    #[test]
    fn columns_are_scaled_by_what_is_trained_on() {
        for column in all(Scaling::Max).inputs.column_iter() {
            assert!((column.amax() - 1.0).abs() < 1e-12 && column.min() > 0.0);
        }
        for column in all(Scaling::Standard).inputs.column_iter() {
            assert!(column.mean().abs() < 1e-12 && (column.variance() - 1.0).abs() < 1e-12);
        }
        let some = wine(100, 0.0, Scaling::Max, 1).unwrap();
        assert_eq!(some.validation.inputs.shape(), (78, 13));
        assert!(
            counts(&some.training).iter().all(|&count| count > 20),
            "of every cultivar"
        );
        for column in some.training.inputs.column_iter() {
            assert!((column.amax() - 1.0).abs() < 1e-12);
        }
        assert!(some.validation.inputs.max() > 1.0, "measured by the others");
        assert_ne!(some, wine(100, 0.0, Scaling::Max, 2).unwrap());
        // Two of one kind and value: nothing to divide by.
        let two = wine(2, 0.0, Scaling::Standard, 1).unwrap();
        assert!(two.training.inputs.iter().all(|x| x.is_finite()));
        let jittered = wine(178, 0.1, Scaling::Standard, 1).unwrap().training;
        let apart = (jittered.inputs - all(Scaling::Standard).inputs).map(|x| x * x);
        assert!((apart.mean().sqrt() - 0.1).abs() < 0.01);
    }
}
