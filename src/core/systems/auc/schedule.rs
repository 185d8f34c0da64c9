//! How the step size falls with the number of points seen. Knows no step.

/// By what law.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decay {
    /// Not at all: η₀.
    Const,
    /// η₀ / √t.
    Sqrt,
    /// 2 / (μ t + 2/η₀).
    Inv,
}

crate::named!(Decay { Const = "const", Sqrt = "sqrt", Inv = "inv" });

/// A step size for each step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Schedule {
    /// By what law it falls.
    pub decay: Decay,
    /// Where it begins.
    pub eta0: f64,
    /// How fast [`Decay::Inv`] falls.
    pub mu: f64,
}

impl Schedule {
    /// η of step `t`, from 1.
    pub fn eta(&self, t: u64) -> f64 {
        let t = t as f64;
        match self.decay {
            Decay::Const => self.eta0,
            Decay::Sqrt => self.eta0 / t.sqrt(),
            Decay::Inv => 2.0 / (self.mu * t + 2.0 / self.eta0),
        }
    }

    /// What the weights before step `t`, made with `eta`, count for in the average.
    pub(super) fn weight(&self, t: u64, eta: f64) -> f64 {
        match self.decay {
            Decay::Inv => t as f64,
            Decay::Const | Decay::Sqrt => eta,
        }
    }
}
