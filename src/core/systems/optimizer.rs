//! What makes a step of a gradient. Knows no gradient.

/// By what rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Along the gradient.
    Sgd,
    /// Along the first moment, over the root of the second.
    Adam,
}

crate::named!(Kind { Adam = "adam", Sgd = "sgd" });

/// How large its steps are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepSize {
    /// The step size.
    pub lr: f64,
    /// How much of the first moment is kept.
    pub b1: f64,
    /// How much of the second.
    pub b2: f64,
}

/// Beside the root of the second moment.
const EPSILON: f64 = 1e-8;

/// An optimizer where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Optimizer {
    /// Steps made.
    t: u64,
    m: Vec<f64>,
    v: Vec<f64>,
}

impl Optimizer {
    /// One of so many parameters, before its first step.
    pub fn new(parameters: usize) -> Optimizer {
        Optimizer {
            t: 0,
            m: vec![0.0; parameters],
            v: vec![0.0; parameters],
        }
    }

    /// One that has made so many steps, with these moments.
    ///
    /// # Panics
    /// If there are not as many of each.
    pub fn resumed(t: u64, [m, v]: [Vec<f64>; 2]) -> Optimizer {
        assert_eq!(m.len(), v.len(), "moments of an optimizer");
        Optimizer { t, m, v }
    }

    /// The first and second moments.
    pub fn moments(&self) -> [&[f64]; 2] {
        [&self.m, &self.v]
    }

    /// Makes a step.
    pub fn step(&mut self, kind: Kind, size: StepSize, gradient: &[f64], theta: &mut [f64]) {
        let StepSize { lr, b1, b2 } = size;
        self.t += 1;
        if kind == Kind::Sgd {
            for (theta, g) in theta.iter_mut().zip(gradient) {
                *theta -= lr * g;
            }
            return;
        }
        let t = self.t as f64;
        let (first, second) = (1.0 - libm::pow(b1, t), 1.0 - libm::pow(b2, t));
        let moments = self.m.iter_mut().zip(&mut self.v);
        for ((theta, g), (m, v)) in theta.iter_mut().zip(gradient).zip(moments) {
            *m = b1 * *m + (1.0 - b1) * g;
            *v = b2 * *v + (1.0 - b2) * g * g;
            *theta -= lr * (*m / first) / ((*v / second).sqrt() + EPSILON);
        }
    }
}
