//! The two games: what the discriminator and the generator lose, and the slopes of it. Knows no network.

/// Which game is played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// The usual one: the discriminator's answer is a logit, the generator's loss does not saturate.
    Ns,
    /// The critic's answer is a height, and the mean difference counts.
    Wgan,
}

crate::named!(Loss { Ns = "ns", Wgan = "wgan" });

impl Loss {
    /// What one answer to a data point costs the discriminator, and the slope of that.
    pub(super) fn of_data(self, d: f64) -> (f64, f64) {
        match self {
            Loss::Ns => (softplus(-d), -logistic(-d)),
            Loss::Wgan => (-d, -1.0),
        }
    }

    /// The same for a generated point.
    pub(super) fn of_generated(self, d: f64) -> (f64, f64) {
        match self {
            Loss::Ns => (softplus(d), logistic(d)),
            Loss::Wgan => (d, 1.0),
        }
    }

    /// What it costs the generator.
    pub(super) fn of_generator(self, d: f64) -> (f64, f64) {
        self.of_data(d)
    }
}

/// `ln(1 + e^u)`.
fn softplus(u: f64) -> f64 {
    u.max(0.0) + libm::log1p(libm::exp(-u.abs()))
}

/// `1 / (1 + e^−u)`.
fn logistic(u: f64) -> f64 {
    let e = libm::exp(-u.abs());
    if u >= 0.0 {
        1.0 / (1.0 + e)
    } else {
        e / (1.0 + e)
    }
}
