//! In which order an epoch visits the training points. Knows only how many there are.

use super::rng::{Purpose, Stream};

/// Parameter updates per epoch, `⌈n / batch⌉`: the last, partial minibatch is included.
///
/// # Panics
/// If `batch` is 0.
pub fn steps_per_epoch(n: usize, batch: usize) -> u64 {
    n.div_ceil(batch) as u64
}

/// Writes the order of `epoch` (from 0) into `out`: minibatch `b` is `out[b·batch .. min((b+1)·batch, n)]`.
///
/// A Fisher–Yates shuffle that starts from the identity in every epoch, so that any epoch can be had
/// without those before it. A full batch (`batch ≥ n`) keeps the identity: its sum has no order to choose.
///
/// # Panics
/// If `n` exceeds `u32::MAX`.
pub fn epoch_order(seed: u32, epoch: u64, n: usize, batch: usize, out: &mut Vec<u32>) {
    let count = u32::try_from(n).expect("sample indices fit 32 bits");
    out.clear();
    out.extend(0..count);
    if batch >= n {
        return;
    }
    let mut stream = Stream::new(seed, Purpose::Order, epoch);
    stream.shuffle(out);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(seed: u32, epoch: u64, n: usize, batch: usize) -> Vec<u32> {
        let mut out = vec![9; 3];
        epoch_order(seed, epoch, n, batch, &mut out);
        out
    }

    #[test]
    fn every_epoch_is_a_permutation_of_its_own() {
        let first = order(1, 0, 50, 10);
        let mut sorted = first.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, (0..50).collect::<Vec<u32>>());
        assert_eq!(
            first,
            order(1, 0, 50, 7),
            "the minibatch size does not change the order"
        );
        assert_ne!(first, order(1, 1, 50, 10));
        assert_ne!(first, order(2, 0, 50, 10));
    }

    #[test]
    fn a_full_batch_keeps_the_order() {
        assert_eq!(order(1, 3, 4, 4), [0, 1, 2, 3]);
        assert_eq!(order(1, 3, 4, 100), [0, 1, 2, 3]);
    }

    #[test]
    fn the_partial_minibatch_counts() {
        assert_eq!(steps_per_epoch(200, 200), 1);
        assert_eq!(steps_per_epoch(200, 300), 1);
        assert_eq!(steps_per_epoch(201, 200), 2);
        assert_eq!(steps_per_epoch(200, 10), 20);
    }

    #[test]
    fn the_order_is_stable_across_versions_and_targets() {
        assert_eq!(order(1, 0, 10, 3), [7, 2, 3, 6, 9, 0, 5, 8, 1, 4]);
    }
}
