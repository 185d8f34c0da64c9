//! Points as a scorer is given them, and what is measured of its scores of them. Knows no learner.

use super::features::Features;
use super::learner::Known;
use super::loss::dot;
use super::rank::{Ranking, rate_at, relative_risk};
use super::toy::Labelled;

/// Labelled points and their features.
#[derive(Clone, Debug)]
pub struct Sample {
    /// The points.
    pub points: Vec<Labelled>,
    /// Which of them are positive.
    pub positive: Vec<bool>,
    /// Their features, one row behind the other.
    rows: Vec<f64>,
    /// Features of each.
    count: usize,
}

/// What is measured of scores; nothing where a class is missing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// The AUC.
    pub auc: Option<f64>,
    /// The relative pair risk R.
    pub risk: Option<f64>,
    /// The true positive rate at the false one that was asked for.
    pub rate: Option<f64>,
    /// The ROC curve's corners.
    pub roc: Vec<[f64; 2]>,
}

impl Sample {
    /// Those of these features.
    pub fn new(points: Vec<Labelled>, features: &Features) -> Sample {
        Sample {
            positive: points.iter().map(|point| point.positive).collect(),
            rows: features.of(points.iter().map(|point| point.at)),
            count: features.count(),
            points,
        }
    }

    /// The features of a point.
    pub fn row(&self, i: usize) -> &[f64] {
        &self.rows[i * self.count..(i + 1) * self.count]
    }

    /// All scores.
    pub fn scores(&self, w: &[f64]) -> Vec<f64> {
        self.rows.chunks(self.count).map(|x| dot(x, w)).collect()
    }

    /// How some of the points are ranked.
    pub fn auc_of(&self, some: &[u32], w: &[f64]) -> Option<f64> {
        let scores: Vec<f64> = some.iter().map(|&i| dot(self.row(i as usize), w)).collect();
        let positive: Vec<bool> = some.iter().map(|&i| self.positive[i as usize]).collect();
        Ranking::default().auc(&scores, &positive)
    }

    /// What is measured of scores of all points, and the true positive rate at a false one.
    pub fn report(&self, scores: &[f64], false_rate: f64) -> Report {
        let mut ranking = Ranking::default();
        let roc = ranking.roc(scores, &self.positive).unwrap_or_default();
        Report {
            auc: ranking.auc(scores, &self.positive),
            risk: relative_risk(scores, &self.positive),
            rate: (!roc.is_empty()).then(|| rate_at(&roc, false_rate)),
            roc,
        }
    }

    /// The share of positives and the classes' means of points that come in this order.
    pub fn known(&self, order: &[u32]) -> Known {
        let mean = |class: bool| {
            let mut mean = vec![0.0; self.count];
            let own = order.iter().map(|&i| i as usize);
            let own: Vec<usize> = own.filter(|&i| self.positive[i] == class).collect();
            for &i in &own {
                mean.iter_mut().zip(self.row(i)).for_each(|(m, x)| *m += x);
            }
            let n = own.len().max(1) as f64;
            mean.iter_mut().for_each(|m| *m /= n);
            (mean, own.len())
        };
        let ((u, positives), (v, _)) = (mean(true), mean(false));
        let p = positives as f64 / order.len().max(1) as f64;
        Known { p, u, v }
    }
}
