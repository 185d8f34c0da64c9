//! How long trainings will take, from how long their parts take. Measures nothing.

/// Seconds of what a training is made of.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Costs {
    /// Until it can make its first step.
    pub begin: f64,
    /// A step.
    pub step: f64,
    /// A look at all images trained on and held back.
    pub look: f64,
    /// The test.
    pub test: f64,
    /// A checkpoint.
    pub keep: f64,
}

impl Costs {
    /// A training of so many epochs of so many steps: a look and a checkpoint before and after each, and at its end the test and one
    /// checkpoint more.
    pub fn whole(&self, epochs: u64, per_epoch: u64) -> f64 {
        self.so_far(epochs * per_epoch, epochs + 1) + self.test + self.keep
    }

    /// What has come to so many steps and looks.
    pub fn so_far(&self, steps: u64, looks: u64) -> f64 {
        self.begin + self.step * steps as f64 + (self.look + self.keep) * looks as f64
    }
}

/// How long work of such lengths takes where each of so many hands takes the next when it is free.
///
/// # Panics
/// Never.
pub fn side_by_side(work: &[f64], hands: usize) -> f64 {
    let mut free = vec![0.0_f64; hands.clamp(1, work.len().max(1))];
    for length in work {
        let next = free.iter_mut().min_by(|a, b| a.total_cmp(b));
        *next.expect("there is one") += length;
    }
    free.into_iter().fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_counts_as_often_as_it_is_done() {
        let costs = Costs {
            begin: 1.0,
            step: 10.0,
            look: 100.0,
            test: 1000.0,
            keep: 10_000.0,
        };
        assert_eq!(costs.whole(3, 2), 1.0 + 60.0 + 400.0 + 1000.0 + 50_000.0);
        assert_eq!(costs.so_far(0, 0), 1.0);
    }

    #[test]
    fn hands_take_what_is_next() {
        let work = [3.0, 1.0, 1.0, 1.0, 4.0];
        assert_eq!(side_by_side(&work, 1), 10.0);
        // 3 beside 1, 1, 1; then 4.
        assert_eq!(side_by_side(&work, 2), 7.0);
        assert_eq!(side_by_side(&work, 9), 4.0);
        assert_eq!(side_by_side(&[], 2), 0.0);
    }
}
