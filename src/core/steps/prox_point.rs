//! The true implicit step of a whole network: `argmin_Θ J(Θ) + ‖Θ − Θ_k‖²/(2τ)` over all parameters at once, which
//! `ProxProp` approximates layer by layer. Solved by L-BFGS in double precision, whatever the engine runs in: the
//! differences of J that its line search looks at vanish in single precision. Knows one network and one minibatch.

use super::breakdown::{Breakdown, TooLarge};
use super::cg::CgReport;
use super::gradient::{Arriving, Gradient, all_finite};
use super::implicit::Implicit;
use crate::nn::mlp::{Architecture, Batch, convert};
use crate::nn::product::{Packing, add_scaled, dot};
use crate::nn::{Arithmetic, Real};
use nalgebra::DMatrix;

/// Most parameters: the memory of L-BFGS is twenty times as large.
pub const MOST_PARAMETERS: usize = 2_000;
/// Most parameters × samples of a minibatch: a step passes forward and backward tens to hundreds of times.
pub const MOST_WORK: usize = 1_000_000;
/// The step is solved where `‖∇J(Θ) + (Θ − Θ_k)/τ‖` has fallen to this share of `‖∇J(Θ_k)‖`.
pub const TOLERANCE: f64 = 1e-6;
/// Passes forward and backward at most.
const MOST_PASSES: u32 = 2_000;
/// Pairs of steps and gradient changes that L-BFGS remembers.
const PAIRS: usize = 10;
/// Sufficient decrease and curvature of the line search (weak Wolfe conditions).
const WOLFE: (f64, f64) = (1e-4, 0.9);
/// What rounding may add to the objective, relative to it.
const NOISE: f64 = 1e-14;
/// Trial lengths along one direction at most.
const TRIALS: u32 = 40;

/// Whether a network can be stepped this way on so many points.
///
/// # Errors
/// [`TooLarge`] where it cannot.
pub fn fits(architecture: &Architecture, minibatch: usize) -> Result<(), TooLarge> {
    let parameters = architecture.parameters();
    if parameters > MOST_PARAMETERS {
        return Err(TooLarge::Parameters(parameters));
    }
    if parameters * minibatch > MOST_WORK {
        return Err(TooLarge::Work {
            parameters,
            minibatch,
        });
    }
    Ok(())
}

/// Memory of the solve.
#[derive(Clone, Debug)]
pub struct ProxPointMemory {
    gradient: Gradient<f64>,
    /// `∂J/∂Θ_l`.
    gradients: Vec<DMatrix<f64>>,
    batch: Batch<f64>,
    thetas: Vec<DMatrix<f64>>,
    start: Vec<f64>,
    here: Iterate,
    next: Iterate,
    direction: Vec<f64>,
    pairs: Vec<Pair>,
}

/// A point with the objective and its gradient there.
#[derive(Clone, Debug)]
struct Iterate {
    x: Vec<f64>,
    value: f64,
    gradient: Vec<f64>,
}

/// How the objective curved along one step.
#[derive(Clone, Debug)]
struct Pair {
    step: Vec<f64>,
    change: Vec<f64>,
    /// `1 / (step · change)`
    inverse: f64,
    /// Of the two-loop recursion.
    share: f64,
}

impl Iterate {
    fn new(n: usize) -> Iterate {
        Iterate {
            x: vec![0.0; n],
            value: f64::NAN,
            gradient: vec![0.0; n],
        }
    }
}

fn norm(x: &[f64]) -> f64 {
    dot(x, x).sqrt()
}

impl ProxPointMemory {
    /// Memory for minibatches of up to `capacity` samples.
    ///
    /// # Errors
    /// When the network is [`TooLarge`].
    pub fn new(architecture: &Architecture, capacity: usize) -> Result<Self, TooLarge> {
        fits(architecture, capacity)?;
        let thetas = architecture.zeros();
        let n = thetas.iter().map(DMatrix::len).sum();
        let pair = Pair {
            step: vec![0.0; n],
            change: vec![0.0; n],
            inverse: 0.0,
            share: 0.0,
        };
        Ok(ProxPointMemory {
            gradient: Gradient::new(architecture, capacity, Arithmetic::Portable),
            gradients: thetas.clone(),
            batch: Batch::with_capacity(
                capacity,
                architecture.inputs.count(),
                architecture.outputs(),
                architecture.loss,
            ),
            thetas,
            start: vec![0.0; n],
            here: Iterate::new(n),
            next: Iterate::new(n),
            direction: vec![0.0; n],
            pairs: vec![pair; PAIRS],
        })
    }

    /// `D = (Θ_k − Θ⁺)/τ` with the proximal point `Θ⁺` of `thetas` for `τ = implicit.tau_theta`, so that a plain step
    /// `Θ − τD` lands on `Θ⁺`; `D` is the gradient of the Moreau envelope of J, which any optimizer may use instead.
    /// The report counts the passes forward and backward and has `‖∇J(Θ⁺) − D‖ / ‖∇J(Θ_k)‖`, which is above
    /// [`TOLERANCE`] where the search ended early: at a kink, in the noise of rounding, or after two thousand passes.
    /// The objective at `Θ⁺` is never above that at `Θ_k` (but for rounding).
    ///
    /// # Errors
    /// When J is not finite at `thetas`.
    pub fn solve<T: Real>(
        &mut self,
        architecture: &Architecture,
        thetas: &[DMatrix<T>],
        batch: &Batch<T>,
        implicit: Implicit,
        directions: &mut [DMatrix<T>],
    ) -> Result<CgReport, Breakdown> {
        self.batch.convert(batch);
        for (wide, theta) in self.thetas.iter_mut().zip(thetas) {
            convert(theta, wide);
        }
        gather(&self.thetas, &mut self.start);
        self.here.x.copy_from_slice(&self.start);
        let mut objective = Objective {
            architecture,
            batch: &self.batch,
            start: &self.start,
            tau: implicit.tau_theta,
            gradient: &mut self.gradient,
            gradients: &mut self.gradients,
            thetas: &mut self.thetas,
            passes: 0,
        };
        objective.evaluate(&mut self.here)?;
        let initial = norm(&self.here.gradient);
        let (mut remembered, mut newest) = (0, 0);
        while norm(&self.here.gradient) > TOLERANCE * initial && objective.passes < MOST_PASSES {
            quasi_newton(
                &self.here.gradient,
                &mut self.pairs,
                (remembered, newest),
                &mut self.direction,
            );
            if remembered == 0 {
                // Nothing is known yet but the curvature of the proximal term; the parameters move by 1 at most.
                let length = implicit.tau_theta.min(1.0 / norm(&self.here.gradient));
                self.direction.iter_mut().for_each(|d| *d *= length);
            }
            if !objective.search(&self.here, &self.direction, &mut self.next) {
                break;
            }
            newest = if remembered == 0 {
                0
            } else {
                (newest + 1) % PAIRS
            };
            if self.pairs[newest].learn(&self.here, &self.next) {
                remembered = (remembered + 1).min(PAIRS);
            } else {
                // Without curvature the old pairs are no guide either.
                remembered = 0;
            }
            std::mem::swap(&mut self.here, &mut self.next);
        }
        let report = CgReport {
            iterations: objective.passes,
            residual: if initial > 0.0 {
                norm(&self.here.gradient) / initial
            } else {
                0.0
            },
        };
        let mut at = 0;
        for d in directions {
            for d in d.as_mut_slice() {
                *d = T::of((self.start[at] - self.here.x[at]) / implicit.tau_theta).flushed();
                at += 1;
            }
        }
        Ok(report)
    }
}

/// All parameters in a row.
fn gather(thetas: &[DMatrix<f64>], x: &mut [f64]) {
    let entries = thetas.iter().flat_map(DMatrix::as_slice);
    x.iter_mut().zip(entries).for_each(|(x, theta)| *x = *theta);
}

/// `φ(Θ) = J(Θ) + ‖Θ − Θ_k‖²/(2τ)`
struct Objective<'a> {
    architecture: &'a Architecture,
    batch: &'a Batch<f64>,
    start: &'a [f64],
    tau: f64,
    gradient: &'a mut Gradient<f64>,
    gradients: &'a mut [DMatrix<f64>],
    thetas: &'a mut [DMatrix<f64>],
    passes: u32,
}

impl Objective<'_> {
    fn evaluate(&mut self, at: &mut Iterate) -> Result<(), Breakdown> {
        self.passes += 1;
        at.value = f64::INFINITY;
        let mut rest = at.x.as_slice();
        for theta in self.thetas.iter_mut() {
            let (these, others) = rest.split_at(theta.len());
            theta.as_mut_slice().copy_from_slice(these);
            rest = others;
        }
        let gradients = &mut *self.gradients;
        let visit = |l: usize, arriving: &Arriving<f64>, packing: &mut Packing<f64>| {
            let g = &mut gradients[l];
            arriving.gradient(g, packing);
            let finite = all_finite(g).then_some(());
            finite.ok_or(Breakdown::Direction { layer: l })
        };
        let (architecture, batch) = (self.architecture, self.batch);
        let loss = self
            .gradient
            .backward(architecture, self.thetas, batch, visit)?;
        gather(self.gradients, &mut at.gradient);
        let mut squares = 0.0;
        for ((g, x), start) in at.gradient.iter_mut().zip(&at.x).zip(self.start) {
            let moved = x - start;
            squares += moved * moved;
            *g += moved / self.tau;
        }
        at.value = loss + squares / (2.0 * self.tau);
        Ok(())
    }

    /// Finds a length that satisfies the weak Wolfe conditions along a direction, by doubling and halving (Lewis and
    /// Overton 2013): it also works at kinks. Where rounding hides the decrease, the slope decides (Hager and Zhang
    /// 2005). Leaves the point reached in `next`; `false` where there is none.
    fn search(&mut self, here: &Iterate, direction: &[f64], next: &mut Iterate) -> bool {
        let slope = dot(&here.gradient, direction);
        let noise = NOISE * here.value.abs();
        let (mut low, mut high, mut length) = (0.0, f64::INFINITY, 1.0);
        for _ in 0..TRIALS {
            next.x.copy_from_slice(&here.x);
            add_scaled(&mut next.x, length, direction);
            // Too far out, where J overflows, is simply too high.
            let finite = self.evaluate(next).is_ok();
            let reached = dot(&next.gradient, direction);
            let falls = next.value <= here.value + WOLFE.0 * length * slope
                || (next.value <= here.value + noise && reached <= WOLFE.1 * slope.abs());
            if !finite || !falls {
                high = length;
            } else if reached < WOLFE.1 * slope {
                low = length;
            } else {
                return true;
            }
            length = if high.is_finite() {
                f64::midpoint(low, high)
            } else {
                2.0 * low
            };
        }
        // At a kink the slope may jump from steep to rising; any decrease will do then.
        next.value < here.value
    }
}

impl Pair {
    /// Remembers how the gradient changed between two points; `false` where the objective did not curve upwards.
    fn learn(&mut self, here: &Iterate, next: &Iterate) -> bool {
        let subtract = |to: &mut [f64], a: &[f64], b: &[f64]| {
            to.iter_mut()
                .zip(a)
                .zip(b)
                .for_each(|((to, a), b)| *to = a - b);
        };
        subtract(&mut self.step, &next.x, &here.x);
        subtract(&mut self.change, &next.gradient, &here.gradient);
        let curvature = dot(&self.step, &self.change);
        self.inverse = 1.0 / curvature;
        curvature > f64::EPSILON * norm(&self.step) * norm(&self.change)
    }
}

/// `d ← −H g` by the two-loop recursion (Nocedal and Wright 2006, algorithm 7.4) over the newest `remembered` pairs.
fn quasi_newton(
    gradient: &[f64],
    pairs: &mut [Pair],
    (remembered, newest): (usize, usize),
    d: &mut [f64],
) {
    let index = |age: usize| (newest + PAIRS - age) % PAIRS;
    d.iter_mut().zip(gradient).for_each(|(d, g)| *d = -g);
    for age in 0..remembered {
        let pair = &mut pairs[index(age)];
        pair.share = pair.inverse * dot(&pair.step, d);
        add_scaled(d, -pair.share, &pair.change);
    }
    if remembered > 0 {
        let pair = &pairs[newest];
        let scale = 1.0 / (pair.inverse * dot(&pair.change, &pair.change));
        d.iter_mut().for_each(|d| *d *= scale);
    }
    for age in (0..remembered).rev() {
        let pair = &pairs[index(age)];
        let share = pair.inverse * dot(&pair.change, d);
        add_scaled(d, pair.share - share, &pair.step);
    }
}
