//! Losses: the mean over a minibatch, and its gradient.

use super::product::clear_padding;
use super::real::{LANES, Lanes, Real};
use nalgebra::DMatrix;
use std::iter;

/// What J measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// Softmax cross-entropy against class labels.
    CrossEntropy,
    /// `½‖z − y‖²`.
    HalfSquared,
}

crate::named!(Loss {
    CrossEntropy = "cross-entropy",
    HalfSquared = "half-squared",
});

/// What a minibatch should be answered with.
#[derive(Clone, Debug, PartialEq)]
pub enum BatchTargets<T: Real> {
    /// One class index per sample.
    Labels(Vec<u32>),
    /// Padded `rows × outputs`.
    Values(DMatrix<T>),
}

impl<T: Real> BatchTargets<T> {
    /// The classes, where classes are learned.
    ///
    /// # Panics
    /// Where values are.
    pub fn labels(&self) -> &[u32] {
        match self {
            BatchTargets::Labels(labels) => labels,
            BatchTargets::Values(_) => panic!("loss: values where classes are learned"),
        }
    }

    fn values(&self) -> &DMatrix<T> {
        match self {
            BatchTargets::Values(values) => values,
            BatchTargets::Labels(_) => panic!("loss: classes where values are learned"),
        }
    }
}

impl Loss {
    /// Whether it is told classes, and its outputs are their logits; otherwise it is told values.
    pub fn classifies(self) -> bool {
        match self {
            Loss::CrossEntropy => true,
            Loss::HalfSquared => false,
        }
    }

    /// J of the best answer that does not look at the inputs: classes are taken as equally frequent, of values the sum of
    /// their `variances` counts (one per output, divided by N).
    pub fn of_constant(self, outputs: usize, variances: impl FnOnce() -> f64) -> f64 {
        match self {
            Loss::CrossEntropy => libm::log(outputs as f64),
            Loss::HalfSquared => 0.5 * variances(),
        }
    }

    /// J over the first `samples` rows of the outputs `z` (padded `rows × outputs`), a mean. Writes `∂J/∂z` to
    /// `gradient` (padding zero).
    ///
    /// # Panics
    /// When the targets are not what this loss is told, labels are out of range or shapes do not fit.
    pub fn value_and_gradient<T: Real>(
        self,
        z: &DMatrix<T>,
        targets: &BatchTargets<T>,
        samples: usize,
        gradient: &mut DMatrix<T>,
    ) -> f64 {
        assert_eq!(
            z.shape(),
            gradient.shape(),
            "loss: gradient of another shape"
        );
        match self {
            Loss::CrossEntropy if z.ncols() == 2 => {
                cross_entropy_of_two(z, &targets.labels()[..samples], gradient)
            }
            Loss::CrossEntropy => cross_entropy(z, targets.labels(), samples, gradient),
            Loss::HalfSquared => half_squared(z, targets.values(), samples, gradient),
        }
    }
}

fn cross_entropy<T: Real>(
    z: &DMatrix<T>,
    labels: &[u32],
    samples: usize,
    gradient: &mut DMatrix<T>,
) -> f64 {
    let rows = z.nrows();
    let weight = T::of(1.0 / samples as f64);
    subtract_max(z, gradient);
    let g = gradient.as_mut_slice();
    let mut picked = 0.0;
    for (i, &label) in labels.iter().enumerate().take(samples) {
        picked += g[i + label as usize * rows].to_f64();
    }
    T::exp_all(g);
    // ln of a product instead of a sum of ln: one logarithm for hundreds of samples.
    let (mut logs, mut product) = (0.0, 1.0f64);
    scale_sums(gradient, weight, &labels[..samples], |first, rests| {
        let factor = |lane: usize| {
            if first + lane < samples {
                1.0 + rests[lane].to_f64()
            } else {
                1.0
            }
        };
        product *= (factor(0) * factor(1)) * (factor(2) * factor(3));
        if product > 1e200 {
            logs += libm::log(product);
            product = 1.0;
        }
    });
    let g = gradient.as_mut_slice();
    g.chunks_exact_mut(rows)
        .for_each(|column| clear_padding(column, samples));
    (logs + libm::log(product) - picked) / samples as f64
}

/// The same to the last bit for two classes, as most networks here have: one exponential per sample.
fn cross_entropy_of_two<T: Real>(z: &DMatrix<T>, labels: &[u32], gradient: &mut DMatrix<T>) -> f64 {
    assert!(
        labels.iter().fold(0, |all, label| all | label) < 2,
        "loss: a label that is none of two"
    );
    let (rows, samples) = (z.nrows(), labels.len());
    let (whole, rest) = labels.as_chunks::<LANES>();
    let mut last = [0; LANES];
    last[..rest.len()].copy_from_slice(rest);
    let labelled = || whole.iter().chain(iter::repeat(&last));
    let (z0, z1) = z.as_slice().split_at(rows);
    let (lower, told) = gradient.as_mut_slice().split_at_mut(rows);
    let logits = z0.as_chunks().0.iter().zip(z1.as_chunks().0);
    let (lows, tolds) = (lower.as_chunks_mut().0, told.as_chunks_mut().0);
    for (((z0, z1), &labels), (low, told)) in logits.zip(labelled()).zip(lows.iter_mut().zip(tolds))
    {
        let (z0, z1) = (T::Lanes::load(z0), T::Lanes::load(z1));
        let largest = z0.max(z1);
        let named = T::Lanes::where_labelled(labels, 0, z0, z1) - largest;
        let other = T::Lanes::where_labelled(labels, 0, z1, z0) - largest;
        // One of them is 0, or NaN where there is no answer.
        (named + other).store(low);
        named.store(told);
    }
    clear_padding(told, samples);
    T::exp_all(lower);
    clear_padding(lower, samples);
    let (zero, one) = (T::Lanes::splat(T::zero()), T::Lanes::splat(T::one()));
    let weight = T::Lanes::splat(T::of(1.0 / samples as f64));
    let (mut logs, mut product, mut picked) = (0.0, 1.0f64, 0.0);
    let (lows, tolds) = (lower.as_chunks_mut().0, told.as_chunks_mut().0);
    for ((low, told), &labels) in lows.iter_mut().zip(tolds).zip(labelled()) {
        let factor = |lane: usize| 1.0 + low[lane].to_f64();
        product *= (factor(0) * factor(1)) * (factor(2) * factor(3));
        if product > 1e200 {
            logs += libm::log(product);
            product = 1.0;
        }
        // One by one: J is the same to the last bit.
        told.iter().for_each(|told| picked += told.to_f64());
        let (least, named) = (T::Lanes::load(low), T::Lanes::load(told));
        let scale = weight / (one + least);
        let of_other = T::Lanes::where_negative(named, scale, least * scale).flushed();
        let of_named = zero - of_other;
        T::Lanes::where_labelled(labels, 0, of_named, of_other).store(low);
        T::Lanes::where_labelled(labels, 0, of_other, of_named).store(told);
    }
    clear_padding(lower, samples);
    clear_padding(told, samples);
    (logs + libm::log(product) - picked) / samples as f64
}

fn half_squared<T: Real>(
    z: &DMatrix<T>,
    y: &DMatrix<T>,
    samples: usize,
    gradient: &mut DMatrix<T>,
) -> f64 {
    let rows = z.nrows();
    let weight = T::of(1.0 / samples as f64);
    assert_eq!(y.shape(), z.shape(), "loss: targets of another shape");
    let mut sum = 0.0;
    let columns = z
        .as_slice()
        .chunks_exact(rows)
        .zip(y.as_slice().chunks_exact(rows));
    for ((z, y), g) in columns.zip(gradient.as_mut_slice().chunks_exact_mut(rows)) {
        for i in 0..samples {
            let e = (z[i] - y[i]).flushed();
            sum += (e * e).to_f64();
            g[i] = (e * weight).flushed();
        }
        clear_padding(g, samples);
    }
    sum / (2.0 * samples as f64)
}

/// `p ← softmax(z)` row by row.
///
/// # Panics
/// When shapes do not fit or the rows are not padded.
pub fn softmax<T: Real>(z: &DMatrix<T>, p: &mut DMatrix<T>) {
    subtract_max(z, p);
    T::exp_all(p.as_mut_slice());
    scale_sums(p, T::one(), &[], |_, _| ());
}

/// `p ← z` less the largest entry of each row.
fn subtract_max<T: Real>(z: &DMatrix<T>, p: &mut DMatrix<T>) {
    assert_eq!(z.shape(), p.shape(), "softmax: results of another shape");
    let stride = z.nrows() / LANES;
    let (z, p) = (
        z.as_slice().as_chunks().0,
        p.as_mut_slice().as_chunks_mut().0,
    );
    for row in 0..stride {
        let column = z.chunks_exact(stride).map(|z| T::Lanes::load(&z[row]));
        let max = column.clone().reduce(Lanes::max).expect("an output");
        for (z, p) in column.zip(p.chunks_exact_mut(stride)) {
            (z - max).store(&mut p[row]);
        }
    }
}

/// Scales the rows of `p`, whose largest entries are 1, to the sum `sum`, and takes `sum` from those that `labels` name, the
/// first row first: that leaves minus the sum of the others, which keeps its digits where p is nearly 1. `look` sees of every
/// [`LANES`] rows the index of the first, and their sums before without that 1: beside it small numbers would lose their digits.
fn scale_sums<T: Real>(
    p: &mut DMatrix<T>,
    sum: T,
    labels: &[u32],
    mut look: impl FnMut(usize, [T; LANES]),
) {
    let stride = p.nrows() / LANES;
    let p = p.as_mut_slice().as_chunks_mut().0;
    let zero = T::Lanes::splat(T::zero());
    for row in 0..stride {
        let (mut largest, mut rests) = (zero, zero);
        for p in p.chunks_exact(stride) {
            let p = T::Lanes::load(&p[row]);
            rests = rests + p.min(largest);
            largest = largest.max(p);
        }
        let scale = T::Lanes::splat(sum) / (largest + rests);
        let named = labels.chunks(LANES).nth(row).unwrap_or(&[]);
        let mut labels = [u32::MAX; LANES];
        labels[..named.len()].copy_from_slice(named);
        let mut others = zero;
        for (c, p) in (0..).zip(p.chunks_exact_mut(stride)) {
            let q = (T::Lanes::load(&p[row]) * scale).flushed();
            others = others + T::Lanes::where_labelled(labels, c, zero, q);
            q.store(&mut p[row]);
        }
        let lowered = zero - others;
        for (c, p) in (0..).zip(p.chunks_exact_mut(stride)) {
            let q = T::Lanes::load(&p[row]);
            T::Lanes::where_labelled(labels, c, lowered, q).store(&mut p[row]);
        }
        let mut seen = [T::zero(); LANES];
        rests.store(&mut seen);
        look(row * LANES, seen);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::product::padded_rows;
    use proptest::prelude::*;

    /// J and its gradient, of logits that start with these two columns.
    fn answer(logits: &[[f64; 2]], labels: &[u32], more: &[f64]) -> (f64, DMatrix<f32>) {
        let rows = padded_rows(logits.len());
        let z = DMatrix::from_fn(rows, 2 + more.len(), |i, c| match logits.get(i) {
            Some(of_row) if c < 2 => of_row[c] as f32,
            Some(_) => more[c - 2] as f32,
            None => 7.0,
        });
        let mut gradient = z.clone();
        let targets = BatchTargets::Labels(labels.to_vec());
        let loss = Loss::CrossEntropy;
        let j = loss.value_and_gradient(&z, &targets, logits.len(), &mut gradient);
        (j, gradient)
    }

    proptest! {
        #[test]
        fn two_classes_are_three_of_which_one_is_out_of_the_question(
            rows in prop::collection::vec(([-90.0..90.0, -1.0..1.0], any::<bool>(), any::<bool>()), 1..1200)
        ) {
            let logits = rows.iter().map(|&([far, near], is_near, _)| {
                if is_near { [near, 0.3] } else { [0.3, far] }
            });
            let labels: Vec<u32> = rows.iter().map(|row| u32::from(row.2)).collect();
            let logits: Vec<[f64; 2]> = logits.collect();
            let (j, two) = answer(&logits, &labels, &[]);
            let (of_three, three) = answer(&logits, &labels, &[-1e9]);
            prop_assert_eq!(j, of_three);
            prop_assert_eq!(two.as_slice(), &three.as_slice()[..two.len()]);
        }
    }

    #[test]
    fn what_has_no_answer_has_no_loss() {
        for wrong in [f64::NAN, f64::INFINITY] {
            for place in 0..2 {
                let mut logits = [[0.5, -0.5]; 9];
                logits[6][place] = wrong;
                for label in 0..2 {
                    let (j, _) = answer(&logits, &[label; 9], &[]);
                    assert!(
                        !j.is_finite(),
                        "{wrong} in column {place}, label {label}: {j}"
                    );
                }
            }
        }
    }

    #[test]
    #[should_panic(expected = "none of two")]
    fn a_third_label_of_two_is_a_bug() {
        answer(&[[0.0; 2]; 5], &[0, 1, 2, 0, 1], &[]);
    }
}
