//! A generator of one parameter, `g_θ(z) = a z` with `a = φ(θ) > 0` and `z ~ N(0, 1)`, for the target `N(0, t²)`: all in closed form. In
//! W₂ two of these are `|a − a'|` apart, whatever φ is. Knows no network.

/// What is minimised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Objective {
    /// Half the squared W₂, `(a − t)²/2`.
    W2,
    /// The divergence of the generated from the target, `(a²/t² − 1)/2 − ln(a/t)`.
    Kl,
}

crate::named!(Objective { W2 = "w2", Kl = "kl" });

/// How `a` is written by a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phi {
    /// θ.
    Id,
    /// c θ.
    Stretch,
    /// e^θ.
    Exp,
    /// θ².
    Square,
    /// 1/θ.
    Inverse,
}

crate::named!(Phi { Id = "id", Stretch = "stretch", Exp = "exp", Square = "square", Inverse = "inverse" });

/// Whose steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Along the gradient by θ.
    Explicit,
    /// Along the gradient in the metric of W₂.
    Natural,
    /// The proximal point in W₂, exactly.
    Prox,
    /// Some gradient steps towards it: what is done in practice.
    ProxInner,
    /// The proximal point in the distance of the parameter.
    Euclid,
}

crate::named!(Method {
    Explicit = "explicit", Natural = "natural", Prox = "prox", ProxInner = "prox-inner", Euclid = "euclid",
});

/// Beyond it a run has left the family.
const MOST: f64 = 1e6;
/// Halvings of an interval.
const HALVINGS: usize = 200;

/// What is minimised, and how it is written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Problem {
    /// What.
    pub objective: Objective,
    /// The target's standard deviation.
    pub t: f64,
    /// How `a` is written.
    pub phi: Phi,
    /// The factor of [`Phi::Stretch`].
    pub c: f64,
}

/// How a step is made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Whose.
    pub method: Method,
    /// How far: the step size, or what the squared distance is divided by, twice.
    pub h: f64,
    /// Gradient steps of [`Method::ProxInner`].
    pub inner: usize,
    /// Their size.
    pub lr: f64,
}

impl Objective {
    /// F.
    pub fn value(self, a: f64, t: f64) -> f64 {
        match self {
            Objective::W2 => (a - t) * (a - t) / 2.0,
            Objective::Kl => (a * a / (t * t) - 1.0) / 2.0 - libm::log(a / t),
        }
    }

    /// F'.
    pub fn slope(self, a: f64, t: f64) -> f64 {
        match self {
            Objective::W2 => a - t,
            Objective::Kl => a / (t * t) - 1.0 / a,
        }
    }

    /// `argmin F(a) + (a − a_k)²/(2h)`.
    pub fn prox(self, from: f64, h: f64, t: f64) -> f64 {
        match self {
            Objective::W2 => (from / h + t) / (1.0 / h + 1.0),
            Objective::Kl => {
                let p = 1.0 / h + 1.0 / (t * t);
                (from / h + (from * from / (h * h) + 4.0 * p).sqrt()) / (2.0 * p)
            }
        }
    }

    /// Where the gradient flow `a' = −F'(a)` is after some time.
    pub fn flow(self, from: f64, time: f64, t: f64) -> f64 {
        match self {
            Objective::W2 => t + (from - t) * libm::exp(-time),
            Objective::Kl => {
                let decay = libm::exp(-2.0 * time / (t * t));
                (t * t + (from * from - t * t) * decay).sqrt()
            }
        }
    }
}

impl Problem {
    /// φ.
    pub fn a(&self, theta: f64) -> f64 {
        match self.phi {
            Phi::Id => theta,
            Phi::Stretch => self.c * theta,
            Phi::Exp => libm::exp(theta),
            Phi::Square => theta * theta,
            Phi::Inverse => 1.0 / theta,
        }
    }

    /// φ'.
    fn speed(&self, theta: f64) -> f64 {
        match self.phi {
            Phi::Id => 1.0,
            Phi::Stretch => self.c,
            Phi::Exp => libm::exp(theta),
            Phi::Square => 2.0 * theta,
            Phi::Inverse => -1.0 / (theta * theta),
        }
    }

    /// φ⁻¹.
    pub fn theta(&self, a: f64) -> f64 {
        match self.phi {
            Phi::Id => a,
            Phi::Stretch => a / self.c,
            Phi::Exp => libm::log(a),
            Phi::Square => a.sqrt(),
            Phi::Inverse => 1.0 / a,
        }
    }

    /// Whether θ is of the family: finite, above 0 (but of [`Phi::Exp`]), and `a` between 0 and a million.
    fn holds(&self, theta: f64) -> bool {
        let a = self.a(theta);
        theta.is_finite() && (self.phi == Phi::Exp || theta > 0.0) && a > 0.0 && a < MOST
    }

    /// F' by θ.
    fn slope(&self, theta: f64) -> f64 {
        self.objective.slope(self.a(theta), self.t) * self.speed(theta)
    }

    /// Where a step from θ leads; NaN once that has left the family.
    pub fn step(&self, theta: f64, how: &Settings) -> f64 {
        if !self.holds(theta) {
            return f64::NAN;
        }
        let (a, h) = (self.a(theta), how.h);
        let next = match how.method {
            Method::Explicit => theta - h * self.slope(theta),
            Method::Natural => theta - h * self.objective.slope(a, self.t) / self.speed(theta),
            Method::Prox => self.theta(self.objective.prox(a, h, self.t)),
            Method::ProxInner => {
                let mut at = theta;
                for _ in 0..how.inner {
                    let b = self.a(at);
                    let slope = self.objective.slope(b, self.t) + (b - a) / h;
                    at -= how.lr * slope * self.speed(at);
                    if !self.holds(at) {
                        return f64::NAN;
                    }
                }
                at
            }
            Method::Euclid => self.stationary(theta, h),
        };
        if self.holds(next) { next } else { f64::NAN }
    }

    /// The stationary point of `F(φ(θ)) + (θ − θ_k)²/(2h)` between θ_k and the minimum, whose slopes have opposite signs.
    fn stationary(&self, from: f64, h: f64) -> f64 {
        let slope = |theta: f64| self.slope(theta) + (theta - from) / h;
        let (mut low, mut high) = (from, self.theta(self.t));
        if low == high {
            return from;
        }
        let rises = slope(low) > 0.0;
        for _ in 0..HALVINGS {
            let middle = f64::midpoint(low, high);
            if (slope(middle) > 0.0) == rises {
                low = middle;
            } else {
                high = middle;
            }
        }
        f64::midpoint(low, high)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_go_as_far_as_it_likes_arrives() {
        for objective in [Objective::W2, Objective::Kl] {
            let a = objective.prox(3.0, f64::INFINITY, 0.8);
            assert!((a - 0.8).abs() < 1e-12, "{objective:?}: {a}");
        }
    }
}
