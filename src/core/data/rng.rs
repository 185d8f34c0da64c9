//! Seeded streams of numbers, one per purpose, bit-equal on every target. Knows nothing of points.

use rand_core::Rng;
use rand_pcg::Pcg32;

/// What a stream is drawn for. Streams of different purposes are independent, so that changing, say,
/// the number of validation points leaves the training points and the weights as they were.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The training points.
    Training = 1,
    /// The validation points.
    Validation = 2,
    /// The initial weights.
    Weights = 3,
    /// The minibatch order.
    Order = 4,
    /// Which of somebody's own points are held back for validation.
    Split = 5,
    /// What a generator makes points of.
    Noise = 6,
    /// What a cell is taught to compute.
    Triples = 20,
    /// The numbers of a cell before it is taught.
    CloneInit = 21,
    /// What a learning rule is taught on.
    Tasks = 22,
    /// The numbers of a learning rule before it is taught.
    MetaInit = 23,
}

/// A seeded stream of numbers (PCG-XSH-RR 64/32).
#[derive(Clone, Debug)]
pub struct Stream {
    rng: Pcg32,
}

impl Stream {
    /// The stream of `purpose` for a run's `seed`; `index` tells apart several of one purpose (an epoch).
    pub fn new(seed: u32, purpose: Purpose, index: u64) -> Stream {
        let state = scramble(u64::from(seed) ^ scramble(index));
        Stream {
            rng: Pcg32::new(state, purpose as u64),
        }
    }

    /// The stream of the initial weights.
    pub fn weights(seed: u32) -> Stream {
        Stream::new(seed, Purpose::Weights, 0)
    }

    /// Uniform in `[0, 1)`, a multiple of `2⁻⁵³`.
    pub fn uniform(&mut self) -> f64 {
        (self.rng.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Uniform in `[low, high)`.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.uniform()
    }

    /// Standard normal, by Box and Muller. Every call draws two uniform numbers and keeps no spare.
    pub fn normal(&mut self) -> f64 {
        // 1 − u lies in (0, 1], where the logarithm is finite.
        let radius = libm::sqrt(-2.0 * libm::log(1.0 - self.uniform()));
        radius * libm::cos(std::f64::consts::TAU * self.uniform())
    }

    /// Uniform in `0..bound`, without bias (Lemire's multiplication with rejection).
    ///
    /// # Panics
    /// If `bound` is 0.
    pub fn below(&mut self, bound: u32) -> u32 {
        assert!(bound > 0, "nothing lies below 0");
        let rejected = bound.wrapping_neg() % bound;
        loop {
            let product = u64::from(self.rng.next_u32()) * u64::from(bound);
            if product as u32 >= rejected {
                return (product >> 32) as u32;
            }
        }
    }

    /// Puts them into a random order, each as likely as any other (Fisher and Yates).
    ///
    /// # Panics
    /// If there are more than `u32::MAX`.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        let count = u32::try_from(items.len()).expect("so many can be drawn from");
        for last in (1..count).rev() {
            items.swap(last as usize, self.below(last + 1) as usize);
        }
    }
}

/// The finaliser of `SplitMix64`: neighbouring seeds start far apart.
fn scramble(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_its_seed_purpose_and_index() {
        let first = |seed, purpose, index| Stream::new(seed, purpose, index).uniform();
        let reference = first(1, Purpose::Training, 0);
        assert_eq!(reference, first(1, Purpose::Training, 0));
        assert_ne!(reference, first(2, Purpose::Training, 0));
        assert_ne!(reference, first(1, Purpose::Validation, 0));
        assert_ne!(reference, first(1, Purpose::Training, 1));
    }

    #[test]
    fn moments_are_those_of_the_distributions() {
        let mut stream = Stream::new(7, Purpose::Weights, 0);
        let n = 100_000;
        let (mut mean, mut square, mut low, mut high) = (0.0, 0.0, 1.0_f64, 0.0_f64);
        for _ in 0..n {
            let z = stream.normal();
            mean += z / f64::from(n);
            square += z * z / f64::from(n);
            let u = stream.uniform();
            (low, high) = (low.min(u), high.max(u));
        }
        assert!(mean.abs() < 0.02, "{mean}");
        assert!((square - 1.0).abs() < 0.02, "{square}");
        assert!(
            (0.0..0.001).contains(&low) && (0.999..1.0).contains(&high),
            "{low} {high}"
        );
    }

    #[test]
    fn below_is_fair() {
        let mut stream = Stream::new(3, Purpose::Order, 0);
        let mut counts = [0_u32; 6];
        for _ in 0..60_000 {
            counts[stream.below(6) as usize] += 1;
        }
        assert!(
            counts.iter().all(|c| c.abs_diff(10_000) < 400),
            "{counts:?}"
        );
    }
}
