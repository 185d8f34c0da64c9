//! Activations, elementwise and in place.

use super::fast::Task;
use super::{Arithmetic, Real};

/// The nonlinearity σ of the hidden layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// `tanh z`.
    Tanh,
    /// `max(z, 0)`.
    Relu,
    /// `1 / (1 + e^{-z})`.
    Sigmoid,
    /// `z` above zero, `0.01 z` below.
    LeakyRelu,
    /// `ln(1 + e^z)`.
    Softplus,
}

crate::named!(Activation {
    Tanh = "tanh", Relu = "relu", Sigmoid = "sigmoid", LeakyRelu = "leaky-relu", Softplus = "softplus",
});

/// Slope of `leaky-relu` below zero.
pub const LEAK: f64 = 0.01;

impl Activation {
    /// Between which values `σ` lies; `None` where it is not bounded.
    pub fn bounds(self) -> Option<(f32, f32)> {
        match self {
            Activation::Tanh => Some((-1.0, 1.0)),
            Activation::Sigmoid => Some((0.0, 1.0)),
            Activation::Relu | Activation::LeakyRelu | Activation::Softplus => None,
        }
    }

    /// `z ← σ(z)`. NaN stays NaN.
    pub fn apply<T: Real>(self, z: &mut [T], arithmetic: Arithmetic) {
        match self {
            Activation::Tanh => match arithmetic {
                Arithmetic::Portable => T::tanh_all(z),
                Arithmetic::Fast(processor) => T::run(processor, Task::Tanh(z)),
            },
            Activation::Sigmoid => T::sigmoid_all(z),
            Activation::Relu => {
                for z in z.iter_mut().filter(|z| **z < T::NEGLIGIBLE) {
                    *z = T::zero();
                }
            }
            Activation::LeakyRelu => {
                let leak = T::of(LEAK);
                z.iter_mut().for_each(|z| {
                    if *z < T::zero() {
                        *z *= leak;
                    }
                    *z = z.flushed();
                });
            }
            Activation::Softplus => {
                let far = T::NEGLIGIBLE.ln_stable();
                z.iter_mut().for_each(|z| {
                    let above = if *z > T::zero() { *z } else { T::zero() };
                    let below = -z.abs();
                    *z = if below < far {
                        above
                    } else {
                        above + below.exp_stable().ln_1p_stable()
                    };
                });
            }
        }
    }

    /// `g ← σ'(z) ⊙ g`, from the activations `a = σ(z)`: every σ here is strictly monotone where its slope is not zero.
    pub fn times_slope<T: Real>(self, a: &[T], g: &mut [T], arithmetic: Arithmetic) {
        arithmetic.vectorised(
            #[inline(always)]
            || self.scale_by_slope(a, g),
        );
    }

    #[inline(always)]
    fn scale_by_slope<T: Real>(self, a: &[T], g: &mut [T]) {
        let one = T::one();
        let pairs = g.iter_mut().zip(a);
        match self {
            Activation::Tanh => pairs.for_each(|(g, &a)| *g = (*g * (one - a * a)).flushed()),
            Activation::Sigmoid => pairs.for_each(|(g, &a)| *g = (*g * (a * (one - a))).flushed()),
            Activation::Relu => pairs.for_each(|(g, &a)| {
                if a <= T::zero() {
                    *g = T::zero();
                }
                *g = g.flushed();
            }),
            Activation::LeakyRelu => {
                let leak = T::of(LEAK);
                pairs.for_each(|(g, &a)| {
                    if a <= T::zero() {
                        *g *= leak;
                    }
                    *g = g.flushed();
                });
            }
            Activation::Softplus => {
                pairs.for_each(|(g, &a)| *g = (*g * -(-a).exp_m1_stable()).flushed());
            }
        }
    }

    /// `g ← σ''(z) ⊙ g`, from the activations `a = σ(z)`; 0 where a slope jumps.
    pub fn times_curvature<T: Real>(self, a: &[T], g: &mut [T], arithmetic: Arithmetic) {
        let (one, two) = (T::one(), T::of(2.0));
        match self {
            Activation::Tanh => arithmetic.vectorised(
                #[inline(always)]
                || {
                    let pairs = g.iter_mut().zip(a);
                    pairs.for_each(|(g, &a)| {
                        *g = (*g * (-two * a * (one - a * a)).flushed()).flushed();
                    });
                },
            ),
            Activation::Sigmoid => g.iter_mut().zip(a).for_each(|(g, &a)| {
                *g = (*g * (a * (one - a) * (one - two * a)).flushed()).flushed();
            }),
            Activation::Softplus => g.iter_mut().zip(a).for_each(|(g, &a)| {
                let rest = (-a).exp_stable();
                *g = (*g * (rest * -(-a).exp_m1_stable()).flushed()).flushed();
            }),
            Activation::Relu | Activation::LeakyRelu => g.fill(T::zero()),
        }
    }
}
