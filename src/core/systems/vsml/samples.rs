//! In which order points are learned from: one a step, epoch after epoch. Knows no learner.

use crate::data::order::epoch_order;

/// The places in so many points of the first samples of a seed.
pub fn stream(seed: u32, points: usize, samples: usize) -> Vec<usize> {
    let (mut all, mut order) = (Vec::with_capacity(samples), Vec::new());
    for epoch in 0.. {
        if all.len() >= samples || points == 0 {
            break;
        }
        epoch_order(seed, epoch, points, 1, &mut order);
        let rest = samples - all.len();
        all.extend(order.iter().take(rest).map(|i| *i as usize));
    }
    all
}
