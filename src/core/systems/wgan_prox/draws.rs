//! The numbers that games are played with: data points, noise, and what is looked at. Each step's come from streams of its own, so that
//! no method, and no setting of a run, shifts another's. Knows no network.

use std::f64::consts::{PI, TAU};

use crate::data::rng::{Purpose, Stream};

/// The distance of the ring's centres from the origin.
const RADIUS: f64 = 1.0;
/// Centres of the ring.
pub const CENTRES: usize = 8;
/// The standard deviation about them.
pub const SPREAD: f64 = 0.08;
/// Most steps of the discriminator per outer step.
pub const MOST_TURNS: usize = 16;
/// Streams of noise per outer step: the discriminator's, and the generator's first.
const LANES: u64 = 2 * MOST_TURNS as u64;
/// What the streams of the generator's further noise begin with.
const FURTHER: u64 = 1 << 63;

/// A centre of the ring.
pub fn centre(k: usize) -> [f64; 2] {
    let angle = TAU * k as f64 / CENTRES as f64;
    [RADIUS * libm::cos(angle), RADIUS * libm::sin(angle)]
}

/// What the generator is to make points like.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// Eight small clouds on a circle.
    Ring,
    /// Two half circles.
    Moons,
    /// A segment, which has no density.
    Line,
    /// These points, each as often as any other.
    Points(Vec<[f64; 2]>),
}

impl Target {
    /// A point of it.
    pub fn point(&self, stream: &mut Stream) -> [f64; 2] {
        match self {
            Target::Ring => {
                let centre = centre(stream.below(CENTRES as u32) as usize);
                let sd = SPREAD;
                [
                    centre[0] + sd * stream.normal(),
                    centre[1] + sd * stream.normal(),
                ]
            }
            Target::Moons => {
                let (t, upper) = (PI * stream.uniform(), stream.below(2) == 0);
                let at = [libm::cos(t) - 0.5, libm::sin(t) - 0.25];
                let sign = if upper { 0.8 } else { -0.8 };
                at.map(|at| sign * at + 0.05 * stream.normal())
            }
            Target::Line => {
                let t = stream.between(-1.0, 1.0);
                [t, 0.5 * t + 0.5]
            }
            Target::Points(points) => points[stream.below(points.len() as u32) as usize],
        }
    }

    /// Fills places with points of it.
    fn fill(&self, stream: &mut Stream, into: &mut [f64]) {
        let places = into.as_chunks_mut::<2>().0;
        places.iter_mut().for_each(|at| *at = self.point(stream));
    }
}

/// Where a game's numbers come from; a step's are the same whenever they are asked for.
pub trait Numbers {
    /// Data, noise, and the places between them, for a step of the discriminator (from 0) in an outer step (from 0).
    fn discriminator(&self, step: u64, turn: usize, x: &mut [f64], z: &mut [f64], eps: &mut [f64]);
    /// Noise for an inner step (from 0) of the generator; only the first is asked for where all inner steps have the same.
    fn generator(&self, step: u64, inner: usize, z: &mut [f64]);
}

/// Those of a seed.
#[derive(Clone, Debug)]
pub struct Draws {
    /// The seed.
    pub seed: u32,
    /// What data are drawn from.
    pub target: Target,
}

fn normals(mut stream: Stream, into: &mut [f64]) {
    into.iter_mut().for_each(|z| *z = stream.normal());
}

impl Draws {
    /// What the generated points are measured by: points of the target; there are as many such sets as are asked for.
    pub fn looked_at(&self, set: u64, count: usize) -> Vec<f64> {
        let mut points = vec![0.0; 2 * count];
        let mut stream = Stream::new(self.seed, Purpose::Validation, set);
        self.target.fill(&mut stream, &mut points);
        points
    }

    /// The noise whose points are looked at.
    pub fn noise_looked_at(&self, count: usize) -> Vec<f64> {
        let mut z = vec![0.0; 2 * count];
        normals(Stream::new(self.seed, Purpose::Noise, u64::MAX), &mut z);
        z
    }
}

impl Numbers for Draws {
    fn discriminator(&self, step: u64, turn: usize, x: &mut [f64], z: &mut [f64], eps: &mut [f64]) {
        let index = LANES * step + turn as u64;
        self.target
            .fill(&mut Stream::new(self.seed, Purpose::Training, index), x);
        let mut stream = Stream::new(self.seed, Purpose::Noise, index);
        z.iter_mut().for_each(|z| *z = stream.normal());
        eps.iter_mut().for_each(|eps| *eps = stream.uniform());
    }

    fn generator(&self, step: u64, inner: usize, z: &mut [f64]) {
        let index = match inner {
            0 => LANES * step + MOST_TURNS as u64,
            _ => FURTHER + (step << 16) + inner as u64,
        };
        normals(Stream::new(self.seed, Purpose::Noise, index), z);
    }
}
