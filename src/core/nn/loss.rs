//! Losses: the mean over a minibatch, and its gradient.

use super::product::clear_padding;
use super::real::{LANES, Lanes, Real};
use nalgebra::DMatrix;

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
