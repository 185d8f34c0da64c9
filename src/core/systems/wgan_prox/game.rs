//! The game: a discriminator that learns to tell points from data, a generator that learns to be taken for them, step by step. Knows
//! neither what its numbers are drawn from nor how well it does.

use super::draws::Numbers;
use super::gradient_penalty::{self, Scratch};
use super::loss::Loss;
use super::network::{Network, Pass};
use super::penalty::Penalty;
use crate::systems::optimizer::{Kind, Optimizer, StepSize};

/// A parameter above this has diverged.
const DIVERGED: f64 = 1e12;

/// How a step is made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// What is lost.
    pub loss: Loss,
    /// The weight of the discriminator's gradient penalty; none is computed at 0.
    pub gp: f64,
    /// Steps of the discriminator.
    pub turns: usize,
    /// What makes steps of gradients.
    pub kind: Kind,
    /// The generator's step size.
    pub of_generator: StepSize,
    /// The discriminator's.
    pub of_discriminator: StepSize,
    /// In what distance the generator is held back.
    pub penalty: Option<Penalty>,
    /// How far it may go: `d²/(2h)` is added to its loss.
    pub h: f64,
    /// Its steps on the discriminator that stands still.
    pub inner: usize,
    /// Whether each of them has noise of its own.
    pub fresh: bool,
}

impl Settings {
    /// Gradients of an outer step.
    pub fn evaluations(&self) -> u64 {
        (self.turns + self.inner) as u64
    }
}

/// A game where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Game {
    /// Outer steps made.
    pub outer: u64,
    /// Gradients computed.
    pub evaluations: u64,
    /// The generator.
    pub generator: Network,
    /// The discriminator.
    pub discriminator: Network,
    /// The generator's parameters before the last outer step, θ_k.
    pub before: Vec<f64>,
    of_generator: Optimizer,
    of_discriminator: Optimizer,
    /// The discriminator's loss before its last step.
    pub d_loss: f64,
    /// F and d² before each inner step of the last outer one.
    pub inner: Vec<(f64, f64)>,
    /// How far the points of the last outer step's first noise went: root mean square.
    pub moved: f64,
    /// How far the parameters went.
    pub moved_theta: f64,
}

/// What games of these networks work with, on so many samples.
#[derive(Clone, Debug)]
pub struct Work {
    /// Data.
    pub x: Vec<f64>,
    /// Noise.
    pub z: Vec<f64>,
    /// Generated points.
    pub y: Vec<f64>,
    /// Where the gradient penalty is taken, between data and generated points.
    pub eps: Vec<f64>,
    /// The points that θ_k makes of the noise.
    pub y0: Vec<f64>,
    /// Those of the first inner step.
    first: Vec<f64>,
    through_generator: Pass,
    through_discriminator: Pass,
    scratch: Scratch,
    /// What data or generated points alone add to the discriminator's gradient.
    of_side: Vec<f64>,
    /// By the discriminator's parameters.
    pub d_gradient: Vec<f64>,
    /// By the generator's.
    pub g_gradient: Vec<f64>,
}

impl Work {
    /// Room for it.
    pub fn new(generator: &Network, discriminator: &Network, rows: usize) -> Work {
        let points = vec![0.0; 2 * rows];
        Work {
            x: points.clone(),
            z: points.clone(),
            y: points.clone(),
            eps: vec![0.0; rows],
            y0: points.clone(),
            first: points,
            through_generator: Pass::new(generator, rows),
            through_discriminator: Pass::new(discriminator, rows),
            scratch: Scratch::new(discriminator, rows),
            of_side: vec![0.0; discriminator.theta.len()],
            d_gradient: vec![0.0; discriminator.theta.len()],
            g_gradient: vec![0.0; generator.theta.len()],
        }
    }

    /// Makes the points `y` of the noise `z`.
    pub fn generate(&mut self, generator: &Network) {
        self.through_generator.inputs().copy_from_slice(&self.z);
        generator.forward(&mut self.through_generator);
        self.y.copy_from_slice(self.through_generator.outputs());
    }

    /// The discriminator's loss on `x`, `y` and `eps`, and its gradient.
    pub fn discriminator_loss(&mut self, discriminator: &Network, loss: Loss, gp: f64) -> f64 {
        let (pass, gradient) = (&mut self.through_discriminator, &mut self.d_gradient);
        let rows = self.eps.len() as f64;
        gradient.fill(0.0);
        let mut value = 0.0;
        let sides: [(&[f64], fn(Loss, f64) -> (f64, f64)); 2] =
            [(&self.x, Loss::of_data), (&self.y, Loss::of_generated)];
        for (points, cost) in sides {
            pass.inputs().copy_from_slice(points);
            discriminator.forward(pass);
            value += judge(pass, |d| cost(loss, d)) / rows;
            // By itself, so that what is equal and opposite cancels to the last bit: Adam would make a step of what is left.
            self.of_side.fill(0.0);
            discriminator.backward(pass, &mut self.of_side);
            for (sum, side) in gradient.iter_mut().zip(&self.of_side) {
                *sum += side;
            }
        }
        if gp > 0.0 {
            let between = pass.inputs().as_chunks_mut::<2>().0.iter_mut();
            let ends = self
                .x
                .as_chunks::<2>()
                .0
                .iter()
                .zip(self.y.as_chunks::<2>().0);
            for ((at, (x, y)), eps) in between.zip(ends).zip(&self.eps) {
                *at = std::array::from_fn(|i| eps * x[i] + (1.0 - eps) * y[i]);
            }
            discriminator.forward(pass);
            value +=
                gp * gradient_penalty::add(discriminator, pass, &mut self.scratch, gp, gradient);
        }
        value
    }

    /// F and d² of a generator that has made `y` of `z`, with what θ_k made of it in `y0`, and the gradient of `F + d²/(2h)`.
    pub fn generator_loss(
        &mut self,
        generator: &Network,
        discriminator: &Network,
        before: &[f64],
        how: &Settings,
    ) -> (f64, f64) {
        let pass = &mut self.through_discriminator;
        pass.inputs().copy_from_slice(&self.y);
        discriminator.forward(pass);
        let value = judge(pass, |d| how.loss.of_generator(d)) / self.eps.len() as f64;
        discriminator.backward_to_inputs(pass);
        let (_, slope) = self.through_generator.ends();
        slope.copy_from_slice(pass.slope());
        let scale = 0.5 / how.h;
        let mut distance = 0.0;
        if let Some(penalty) = how.penalty {
            distance = penalty.add(&self.y, &self.y0, scale, slope);
        }
        self.g_gradient.fill(0.0);
        generator.backward(&mut self.through_generator, &mut self.g_gradient);
        if let Some(penalty) = how.penalty {
            let theta = &generator.theta;
            distance += penalty.add_of_parameters(theta, before, scale, &mut self.g_gradient);
        }
        (value, distance)
    }
}

/// The sum of what a pass's answers cost; leaves the slope of their mean.
fn judge(pass: &mut Pass, cost: impl Fn(f64) -> (f64, f64)) -> f64 {
    let (answers, slope) = pass.ends();
    let rows = answers.len() as f64;
    let mut sum = 0.0;
    for (slope, &d) in slope.iter_mut().zip(answers) {
        let (value, of) = cost(d);
        sum += value;
        *slope = of / rows;
    }
    sum
}

impl Game {
    /// One before its first step; `most_inner` is how many inner steps a step may have.
    pub fn new(generator: Network, discriminator: Network, most_inner: usize) -> Game {
        Game {
            outer: 0,
            evaluations: 0,
            before: generator.theta.clone(),
            of_generator: Optimizer::new(generator.theta.len()),
            of_discriminator: Optimizer::new(discriminator.theta.len()),
            generator,
            discriminator,
            d_loss: f64::NAN,
            inner: Vec::with_capacity(most_inner),
            moved: f64::NAN,
            moved_theta: f64::NAN,
        }
    }

    /// Makes an outer step.
    pub fn step(&mut self, how: &Settings, numbers: &impl Numbers, work: &mut Work) {
        for turn in 0..how.turns {
            let Work { x, z, eps, .. } = work;
            numbers.discriminator(self.outer, turn, x, z, eps);
            work.generate(&self.generator);
            self.d_loss = work.discriminator_loss(&self.discriminator, how.loss, how.gp);
            let theta = &mut self.discriminator.theta;
            let size = how.of_discriminator;
            self.of_discriminator
                .step(how.kind, size, &work.d_gradient, theta);
        }
        self.generator_steps(how, numbers, work);
        self.outer += 1;
        self.evaluations += how.evaluations();
    }

    /// Whether a parameter is too large or not finite.
    pub fn is_lost(&self) -> bool {
        let thetas = [&self.generator.theta, &self.discriminator.theta];
        let lost = |w: &f64| !w.is_finite() || w.abs() > DIVERGED;
        thetas.into_iter().flatten().any(lost)
    }

    fn generator_steps(&mut self, how: &Settings, numbers: &impl Numbers, work: &mut Work) {
        self.before.copy_from_slice(&self.generator.theta);
        self.inner.clear();
        numbers.generator(self.outer, 0, &mut work.z);
        for inner in 0..how.inner {
            if inner > 0 && how.fresh {
                numbers.generator(self.outer, inner, &mut work.z);
                std::mem::swap(&mut self.before, &mut self.generator.theta);
                work.generate(&self.generator);
                std::mem::swap(&mut self.before, &mut self.generator.theta);
                work.y0.copy_from_slice(&work.y);
            }
            work.generate(&self.generator);
            if inner == 0 {
                work.y0.copy_from_slice(&work.y);
                work.first.copy_from_slice(&work.y);
            }
            let values =
                work.generator_loss(&self.generator, &self.discriminator, &self.before, how);
            self.inner.push(values);
            let theta = &mut self.generator.theta;
            let size = how.of_generator;
            self.of_generator
                .step(how.kind, size, &work.g_gradient, theta);
        }
        if how.fresh && how.inner > 1 {
            numbers.generator(self.outer, 0, &mut work.z);
        }
        work.generate(&self.generator);
        let square =
            |a: &[f64], b: &[f64]| -> f64 { a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum() };
        self.moved = (square(&work.y, &work.first) / work.eps.len() as f64).sqrt();
        self.moved_theta = square(&self.generator.theta, &self.before).sqrt();
    }
}
