//! The methods: a linear scorer that is given one point after the other. Knows neither points nor how well it ranks.

use super::loss::{Means, dot};
use super::penalty::{Groups, Penalty};
use super::schedule::Schedule;

/// A weight above this has diverged.
const DIVERGED: f64 = 1e12;

/// Who learns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Loss and penalty by their (sub)gradients.
    Explicit,
    /// The loss explicit, the penalty implicit: stochastic proximal AUC maximisation (SPAUC).
    Prox,
    /// The loss implicit, and then the penalty: this lab's.
    Implicit,
    /// SPAM: its predecessor, which knows the classes' means beforehand.
    Spam,
    /// Logistic regression.
    Logistic,
    /// The same, each class weighing one half.
    Balanced,
    /// A linear support vector machine.
    Hinge,
}

crate::named!(Method {
    Explicit = "explicit", Prox = "prox", Implicit = "implicit", Spam = "spam",
    Logistic = "logistic", Balanced = "balanced", Hinge = "hinge",
});

impl Method {
    /// Whether it answers yes or no, and has a bias for that, instead of ranking.
    pub fn classifies(self) -> bool {
        matches!(self, Method::Logistic | Method::Balanced | Method::Hinge)
    }

    /// Whether it has to know the classes' means before the first point.
    pub fn looks_ahead(self) -> bool {
        self == Method::Spam
    }
}

/// How a step is made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// By whom.
    pub method: Method,
    /// How large.
    pub schedule: Schedule,
    /// On what.
    pub penalty: Penalty,
}

/// The share of positives and the classes' means of a whole stream.
#[derive(Clone, Debug, PartialEq)]
pub struct Known {
    /// The share of positives.
    pub p: f64,
    /// The mean of the positives.
    pub u: Vec<f64>,
    /// The mean of the negatives.
    pub v: Vec<f64>,
}

/// A scorer where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Learner {
    /// Points seen.
    pub t: u64,
    /// Its weights.
    pub w: Vec<f64>,
    /// The classifiers' bias, which has no penalty.
    pub b: f64,
    /// The average of the weights before each step.
    pub mean_w: Vec<f64>,
    /// The same of the bias.
    pub mean_b: f64,
    /// What the average is divided by.
    weight: f64,
    /// Positives seen.
    pub positives: u64,
    /// Negatives seen.
    pub negatives: u64,
    /// The mean of the positives seen; 0 before the first.
    pub u: Vec<f64>,
    /// The mean of the negatives seen.
    pub v: Vec<f64>,
    /// The share of positives that the last step was made with.
    pub p: f64,
    /// The size of the last step.
    pub eta: f64,
    /// The step after which a weight was too large or not finite; none is made after it.
    pub diverged: Option<u64>,
}

impl Learner {
    /// Who has seen nothing and starts from these weights.
    pub fn new(w: Vec<f64>) -> Learner {
        let zeros = vec![0.0; w.len()];
        Learner {
            t: 0,
            w,
            b: 0.0,
            mean_w: zeros.clone(),
            mean_b: 0.0,
            weight: 0.0,
            positives: 0,
            negatives: 0,
            u: zeros.clone(),
            v: zeros,
            p: 0.0,
            eta: 0.0,
            diverged: None,
        }
    }

    /// Learns from a point. `known`: what is known of the whole stream, for who looks ahead; `work`: as many numbers as weights.
    ///
    /// # Panics
    /// If the method looks ahead and nothing is known.
    pub fn step(
        &mut self,
        how: &Settings,
        groups: &Groups,
        known: Option<&Known>,
        (x, positive): (&[f64], bool),
        work: &mut [f64],
    ) {
        if self.diverged.is_some() {
            return;
        }
        self.t += 1;
        self.eta = how.schedule.eta(self.t);
        self.average(how.schedule.weight(self.t, self.eta));
        self.count(x, positive);
        self.p = self.positives as f64 / self.t as f64;
        let eta = self.eta;
        let means = Means {
            p: self.p,
            u: &self.u,
            v: &self.v,
        };
        match how.method {
            Method::Explicit => {
                means.gradient(&self.w, x, positive, work);
                how.penalty.add_subgradient(&self.w, groups, work);
                descend(&mut self.w, eta, work);
            }
            Method::Prox => {
                means.gradient(&self.w, x, positive, work);
                descend(&mut self.w, eta, work);
                how.penalty.prox(eta, groups, &mut self.w);
            }
            Method::Implicit => {
                means.implicit(&self.w, x, positive, eta, work);
                self.w.copy_from_slice(work);
                how.penalty.prox(eta, groups, &mut self.w);
            }
            Method::Spam => {
                let Known { p, u, v } = known.expect("this method looks ahead");
                self.p = *p;
                let means = Means { p: *p, u, v };
                means.spam_gradient(&self.w, x, positive, work);
                descend(&mut self.w, eta, work);
                how.penalty.prox(eta, groups, &mut self.w);
            }
            Method::Logistic | Method::Balanced | Method::Hinge => {
                let y = if positive { 1.0 } else { -1.0 };
                let margin = y * (dot(&self.w, x) + self.b);
                let mut push = match how.method {
                    Method::Hinge => f64::from(u8::from(margin < 1.0)),
                    // The exponential would overflow.
                    _ if margin >= 700.0 => 0.0,
                    _ => 1.0 / (1.0 + libm::exp(margin)),
                };
                if how.method == Method::Balanced {
                    push *= 0.5 / if positive { self.p } else { 1.0 - self.p };
                }
                let size = eta * push * y;
                self.b += size;
                self.w.iter_mut().zip(x).for_each(|(w, x)| *w += size * x);
                how.penalty.prox(eta, groups, &mut self.w);
            }
        }
        let lost = |w: &f64| !w.is_finite() || w.abs() > DIVERGED;
        self.diverged = self.w.iter().any(lost).then_some(self.t);
    }

    /// Takes the weights into the average.
    fn average(&mut self, weight: f64) {
        self.weight += weight;
        let share = weight / self.weight;
        for (mean, w) in self.mean_w.iter_mut().zip(&self.w) {
            *mean += share * (w - *mean);
        }
        self.mean_b += share * (self.b - self.mean_b);
    }

    /// Takes a point into its class's mean.
    fn count(&mut self, x: &[f64], positive: bool) {
        let (mean, seen) = if positive {
            (&mut self.u, &mut self.positives)
        } else {
            (&mut self.v, &mut self.negatives)
        };
        *seen += 1;
        for (mean, x) in mean.iter_mut().zip(x) {
            *mean += (x - *mean) / *seen as f64;
        }
    }

    /// The score of a point.
    pub fn score(&self, x: &[f64]) -> f64 {
        dot(&self.w, x)
    }

    /// How many of these weights are not exactly 0.
    pub fn nonzeros(w: &[f64]) -> usize {
        w.iter().filter(|w| **w != 0.0).count()
    }
}

/// `w − η g`.
fn descend(w: &mut [f64], eta: f64, gradient: &[f64]) {
    for (w, g) in w.iter_mut().zip(gradient) {
        *w -= eta * g;
    }
}
