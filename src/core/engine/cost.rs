//! What a member's steps have cost: seconds by a clock that may be coarse, and work. Knows no step.
//!
//! Few steps are timed, and a browser's clock may stand still for ten of them. What the clock has said is spread over the
//! steps by their mean, so that the seconds rise with every step and never in lumps.

use serde::{Deserialize, Serialize};

/// Of steps that nobody looks into, every so-many-th is timed: reading a browser's clock takes as long as a small step.
const TIMED: u64 = 16;
/// What the clock has said beyond the mean is made up for in about so many steps, or more where it seldom moves.
const SPREAD: f64 = 32.0;
/// So many grains of the clock the seconds may be ahead of what it has said, which is by chance late itself.
const AHEAD: f64 = 4.0;
/// The least that a step adds, as a share of the mean: no step is for nothing.
const LEAST: f64 = 0.1;
/// Readings nearer to each other than this (seconds) are the same: they are sums of rounded numbers.
const SAME: f64 = 1e-9;

/// What a member's steps have cost so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Cost {
    /// Seconds of compute, diagnostics excluded; smooth.
    pub seconds: f64,
    /// Matrix-multiplication work in floating-point operations; see [`crate::steps::work::flops`].
    pub flops: u64,
    /// What the clock has said of `steps` steps, each reading as often as it stands for a step.
    measured: f64,
    steps: u64,
    /// The sum of the squares of how many steps each reading stands for.
    squares: f64,
    /// Steps since the last reading that stands for them.
    untimed: u64,
    /// The last reading, and the least that readings differ by.
    last: f64,
    grain: Option<f64>,
}

impl Cost {
    /// Mean seconds per step; 0 before the first reading.
    pub fn seconds_per_step(&self) -> f64 {
        self.measured / self.steps.max(1) as f64
    }

    /// Whether a step has been timed; one that is short against the clock's grain reads as 0 seconds.
    pub fn is_known(&self) -> bool {
        self.steps > 0
    }

    /// How far the seconds may be off, as a share of them, because the clock is coarse: one standard deviation of the sum
    /// of readings, each of which is cut to the clock's grain. 0 before the first reading.
    pub fn uncertainty(&self) -> f64 {
        let (Some(grain), true) = (self.grain, self.measured > 0.0) else {
            return 0.0;
        };
        // A step shorter than the grain reads as one grain with the probability of their ratio, or as nothing.
        let variance = grain * self.seconds_per_step().min(grain / 4.0);
        libm::sqrt(variance * self.squares) / self.measured
    }

    /// Whether the next step is to be timed. The first is none to judge by: memory and code are cold.
    pub(super) fn times_next(&self, looked: bool) -> bool {
        let begun = self.steps + self.untimed > 0;
        begun && (looked || self.steps < TIMED || self.untimed + 1 >= TIMED)
    }

    /// A step was made, in so many seconds if it was timed. One that is looked into stands for itself, for it is made on
    /// colder memory.
    pub(super) fn add(&mut self, reading: Option<f64>, looked: bool) {
        match reading {
            Some(seconds) => {
                let stands_for = if looked && self.steps > 0 {
                    1
                } else {
                    1 + std::mem::take(&mut self.untimed)
                };
                self.read(seconds.max(0.0), stands_for);
            }
            None => self.untimed += 1,
        }
        let mean = self.seconds_per_step();
        if mean > 0.0 {
            // By so much a tick of the clock moves what it has said.
            let grain = self.grain.unwrap_or(0.0) * self.squares / self.steps as f64;
            let gap = self.measured + mean * self.untimed as f64 - self.seconds;
            let spread = SPREAD.max(8.0 * grain / mean);
            let rise = (mean + (gap - mean) / spread).min(gap + AHEAD * grain);
            self.seconds += rise.max(LEAST * mean);
        }
    }

    /// Steps that another engine has made in so many seconds.
    pub(super) fn add_stretch(&mut self, steps: u64, seconds: f64, flops: u64) {
        self.seconds += seconds;
        self.measured += seconds;
        self.steps += steps;
        self.flops += flops;
    }

    fn read(&mut self, seconds: f64, stands_for: u64) {
        let apart = [seconds, (seconds - self.last).abs()];
        let apart = apart.into_iter().filter(|&apart| apart > SAME);
        self.grain = apart.chain(self.grain).reduce(f64::min);
        self.last = seconds;
        let weight = stands_for as f64;
        self.measured += weight * seconds;
        self.squares += weight * weight;
        self.steps += stands_for;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The seconds after every one of `steps` steps that take `takes` by a clock of this grain; every `looks`-th is looked
    /// into.
    fn course(takes: impl Fn(u64) -> f64, grain: f64, steps: u64, looks: u64) -> (Vec<f64>, Cost) {
        let (mut cost, mut now, mut seconds) = (Cost::default(), 0.0, Vec::new());
        let clock = |now: f64| (now / grain).floor() * grain;
        for step in 0..steps {
            let looked = step.is_multiple_of(looks);
            let timed = cost.times_next(looked);
            let begin = now;
            now += takes(step);
            cost.add(timed.then(|| clock(now) - clock(begin)), looked);
            seconds.push(cost.seconds);
            // What is no step goes on meanwhile.
            now += 0.37 * takes(1) + 1.1e-6;
        }
        (seconds, cost)
    }

    fn rises(seconds: &[f64]) -> Vec<f64> {
        seconds.windows(2).map(|two| two[1] - two[0]).collect()
    }

    #[test]
    fn seconds_rise_with_every_step_and_in_no_lumps() {
        // A fine clock, a clock of a tenth of a millisecond, and one of a millisecond; looked into always or seldom.
        for (grain, looks, most, off) in [
            (1e-8, 1, 1.2, 0.01),
            (1e-8, 1000, 1.2, 0.01),
            (1e-4, 1, 2.5, 0.25),
            (1e-4, 7, 2.5, 0.25),
            (1e-3, 1, 3.5, 0.6),
        ] {
            let (seconds, cost) = course(|_| 1e-5, grain, 3000, looks);
            let rises = rises(&seconds[600..]);
            assert!(
                rises.iter().all(|&rise| rise > 0.0),
                "{grain}: stands still"
            );
            let (least, greatest) = rises.iter().fold((f64::MAX, 0.0_f64), |(l, g), &rise| {
                (l.min(rise), g.max(rise))
            });
            assert!(
                greatest < most * 1e-5 && least > 1e-5 / (2.0 * most),
                "{grain}: {least} to {greatest}"
            );
            let error = (seconds[2999] / 3e-2 - 1.0).abs();
            assert!(error < off, "{grain}: {error}");
            assert!(
                error < 3.0 * cost.uncertainty() + 0.01,
                "{grain}: {error}, ± {}",
                cost.uncertainty()
            );
        }
    }

    #[test]
    fn the_clock_says_how_sure_it_is() {
        assert!(course(|_| 1e-5, 1e-8, 300, 1).1.uncertainty() < 0.01);
        let coarse = course(|_| 1e-5, 1e-4, 300, 1).1.uncertainty();
        assert!((0.1..0.4).contains(&coarse), "{coarse}");
        // Steps that are long against the grain.
        assert!(
            course(|step| 1e-2 + 1.3e-5 * (step % 7) as f64, 1e-4, 300, 1)
                .1
                .uncertainty()
                < 0.01
        );
        assert_eq!(Cost::default().uncertainty(), 0.0);
    }

    #[test]
    fn a_cold_start_and_a_pause_bend_nothing() {
        // The first step takes a thousand times as long, and so does one in the middle, when the computer was elsewhere.
        let takes = |step| {
            if step == 0 || step == 1500 {
                1e-2
            } else {
                1e-5
            }
        };
        let (seconds, _) = course(takes, 1e-8, 3000, 1);
        assert!(seconds[1499] < 1.6e-2 && seconds[0] == 0.0);
        let rises = rises(&seconds);
        assert!(rises.iter().all(|&rise| (0.0..1e-3).contains(&rise)));
        // Where steps become dearer the curve follows.
        let (seconds, _) = course(|step| if step < 1000 { 1e-5 } else { 1e-4 }, 1e-8, 2000, 1);
        assert!(
            (seconds[1999] / 0.11 - 1.0).abs() < 0.05,
            "{}",
            seconds[1999]
        );
    }
}
