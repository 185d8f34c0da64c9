//! How far generated points are from those of a target, and how many of a ring's clouds they cover. Knows no network.

use std::f64::consts::PI;

use super::draws::{CENTRES, SPREAD, centre};

/// Directions that points are projected to.
const DIRECTIONS: usize = 32;
/// So many standard deviations from a centre a point is still of its cloud.
const NEAR: f64 = 3.0;
/// The energy distance of two independent samples of 512 of the ring, mean over seeds.
pub const RING_FLOOR: f64 = 0.0043;

/// A set of points to be measured against.
#[derive(Clone, Debug)]
pub struct Sample {
    points: Vec<f64>,
    /// The mean distance of two of its points.
    own: f64,
    /// Its projections, sorted, one direction behind the other.
    sorted: Vec<f64>,
}

impl Sample {
    /// That of these points, coordinate pairs one behind the other.
    pub fn new(points: Vec<f64>) -> Sample {
        Sample {
            own: mean_distance(&points, &points),
            sorted: projections(&points),
            points,
        }
    }

    /// Its points.
    pub fn points(&self) -> &[[f64; 2]] {
        self.points.as_chunks().0
    }

    /// `2 E|X−Y| − E|X−X'| − E|Y−Y'|` over all pairs, a point with itself too: never below 0.
    pub fn energy(&self, y: &[f64]) -> f64 {
        2.0 * mean_distance(&self.points, y) - self.own - mean_distance(y, y)
    }

    /// The sliced W₂: the root of the mean over directions of the mean squared difference of sorted projections, of as many points.
    ///
    /// # Panics
    /// If there are more or fewer points than its own.
    pub fn sliced(&self, y: &[f64]) -> f64 {
        let other = projections(y);
        assert_eq!(other.len(), self.sorted.len(), "as many points");
        let squares = self
            .sorted
            .iter()
            .zip(&other)
            .map(|(a, b)| (a - b) * (a - b));
        (squares.sum::<f64>() / other.len() as f64).sqrt()
    }
}

/// The mean distance of a point of one set from one of another.
fn mean_distance(a: &[f64], b: &[f64]) -> f64 {
    let (a, b) = (a.as_chunks::<2>().0, b.as_chunks::<2>().0);
    let mut sum = 0.0;
    for p in a {
        // Four sums side by side.
        let mut sums = [0.0; 4];
        let (quads, rest) = b.as_chunks::<4>();
        for quad in quads {
            for (sum, q) in sums.iter_mut().zip(quad) {
                let (u, v) = (p[0] - q[0], p[1] - q[1]);
                *sum += (u * u + v * v).sqrt();
            }
        }
        for (sum, q) in sums.iter_mut().zip(rest) {
            let (u, v) = (p[0] - q[0], p[1] - q[1]);
            *sum += (u * u + v * v).sqrt();
        }
        sum += (sums[0] + sums[1]) + (sums[2] + sums[3]);
    }
    sum / (a.len() * b.len()) as f64
}

fn projections(points: &[f64]) -> Vec<f64> {
    let points = points.as_chunks::<2>().0;
    let mut all = Vec::with_capacity(DIRECTIONS * points.len());
    for k in 0..DIRECTIONS {
        let angle = PI * k as f64 / DIRECTIONS as f64;
        let (c, s) = (libm::cos(angle), libm::sin(angle));
        let from = all.len();
        all.extend(points.iter().map(|p| p[0] * c + p[1] * s));
        all[from..].sort_unstable_by(f64::total_cmp);
    }
    all
}

/// How many clouds of the ring are covered, and the share of points that are in one: within three standard deviations of the nearest
/// centre; a cloud is covered by a 32nd of all points.
pub fn modes(y: &[f64]) -> (usize, f64) {
    let points = y.as_chunks::<2>().0;
    let mut counts = [0_usize; CENTRES];
    let centres: [[f64; 2]; CENTRES] = std::array::from_fn(centre);
    for p in points {
        let mut nearest = (0, f64::INFINITY);
        for (k, c) in centres.iter().enumerate() {
            let (u, v) = (p[0] - c[0], p[1] - c[1]);
            let distance = (u * u + v * v).sqrt();
            if distance < nearest.1 {
                nearest = (k, distance);
            }
        }
        if nearest.1 < NEAR * SPREAD {
            counts[nearest.0] += 1;
        }
    }
    let enough = |count: &&usize| **count as f64 >= points.len() as f64 / 32.0;
    let good: usize = counts.iter().sum();
    (
        counts.iter().filter(enough).count(),
        good as f64 / points.len() as f64,
    )
}
