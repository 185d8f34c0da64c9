//! The pair risk of a set of points, or of a distribution of which the moments are known. Makes no step.

use nalgebra::{DMatrix, DVector};

/// Share, means and covariances of two classes.
#[derive(Clone, Debug, PartialEq)]
pub struct Moments {
    /// The share of positives, p.
    pub p: f64,
    /// The mean of the positives.
    pub u: DVector<f64>,
    /// The mean of the negatives.
    pub v: DVector<f64>,
    /// The sum of the two covariances, each divided by its own count.
    pub s: DMatrix<f64>,
}

impl Moments {
    /// Those of feature vectors, one behind the other; `None` where a class is missing.
    pub fn of(features: &[f64], positive: &[bool]) -> Option<Moments> {
        let n = positive.len();
        let all = DMatrix::from_row_slice(n, features.len() / n.max(1), features);
        let class = |wanted: bool| {
            let rows: Vec<usize> = (0..n).filter(|&i| positive[i] == wanted).collect();
            (!rows.is_empty()).then(|| all.select_rows(&rows))
        };
        let (positives, negatives) = (class(true)?, class(false)?);
        let mean = |rows: &DMatrix<f64>| rows.row_mean().transpose();
        let (u, v) = (mean(&positives), mean(&negatives));
        let covariance = |rows: &DMatrix<f64>, mean: &DVector<f64>| {
            let mut centred = rows.clone();
            centred
                .row_iter_mut()
                .for_each(|mut row| row -= mean.transpose());
            centred.tr_mul(&centred) / rows.nrows() as f64
        };
        Some(Moments {
            p: positives.nrows() as f64 / n as f64,
            s: covariance(&positives, &u) + covariance(&negatives, &v),
            u,
            v,
        })
    }

    /// `D = u − v`.
    pub fn difference(&self) -> DVector<f64> {
        &self.u - &self.v
    }

    fn q(&self) -> f64 {
        self.p * (1.0 - self.p)
    }

    /// The pair risk `f(w)`.
    pub fn risk(&self, w: &DVector<f64>) -> f64 {
        let miss = 1.0 - w.dot(&self.difference());
        self.q() * (w.dot(&(&self.s * w)) + miss * miss)
    }

    /// Its gradient `2q [S w − (1 − w·D) D]`.
    pub fn gradient(&self, w: &DVector<f64>) -> DVector<f64> {
        let difference = self.difference();
        let miss = 1.0 - w.dot(&difference);
        (&self.s * w - difference * miss) * (2.0 * self.q())
    }

    /// Fisher's direction `S⁻¹ D`, to which the minimiser is parallel; `None` where S is singular.
    pub fn best_direction(&self) -> Option<DVector<f64>> {
        self.s
            .clone()
            .cholesky()
            .map(|s| s.solve(&self.difference()))
    }

    /// The AUC of the score `w·x` of two normal classes with these moments: `Φ(w·D / √(w·S w))`.
    pub fn normal_auc(&self, w: &DVector<f64>) -> f64 {
        let spread = w.dot(&(&self.s * w)).sqrt();
        if spread == 0.0 {
            return 0.5;
        }
        let gap = w.dot(&self.difference()) / spread;
        0.5 * (1.0 + libm::erf(gap / std::f64::consts::SQRT_2))
    }
}
