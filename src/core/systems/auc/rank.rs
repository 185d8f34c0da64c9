//! How well scores rank: AUC, the ROC curve, and what is read off it. Knows no scorer.

/// A ranking of scores, kept so that looking again allocates nothing.
#[derive(Clone, Debug, Default)]
pub struct Ranking {
    /// From the highest score to the lowest.
    order: Vec<u32>,
}

impl Ranking {
    /// Sorts the scores.
    fn sort(&mut self, scores: &[f64]) {
        self.order.clear();
        self.order.extend(0..scores.len() as u32);
        let score = |&i: &u32| scores[i as usize];
        self.order
            .sort_unstable_by(|a, b| score(b).total_cmp(&score(a)));
    }

    /// Calls back with the positives and negatives of each different score, from the highest; −0 ties with 0.
    fn ties(&mut self, scores: &[f64], positive: &[bool], mut each: impl FnMut(u64, u64)) {
        self.sort(scores);
        let same = |a: &u32, b: &u32| scores[*a as usize] == scores[*b as usize];
        for tied in self.order.chunk_by(same) {
            let hits = tied.iter().filter(|&&i| positive[i as usize]).count();
            each(hits as u64, (tied.len() - hits) as u64);
        }
    }

    /// The share of pairs that are ranked rightly, ties counting half: the area under the ROC curve; `None` where a class is
    /// missing.
    pub fn auc(&mut self, scores: &[f64], positive: &[bool]) -> Option<f64> {
        // Twice the pairs, so that halves are whole.
        let (mut above, mut right, mut all) = (0, 0, 0);
        self.ties(scores, positive, |hits, misses| {
            right += misses * (2 * above + hits);
            above += hits;
            all += misses;
        });
        let pairs = 2 * above * all;
        (pairs > 0).then(|| right as f64 / pairs as f64)
    }

    /// The corners of the ROC curve, (false, true) positive rate from (0, 0) to (1, 1), one per different score; `None` where a class
    /// is missing.
    pub fn roc(&mut self, scores: &[f64], positive: &[bool]) -> Option<Vec<[f64; 2]>> {
        let (mut hits, mut misses) = (0, 0);
        let mut counts = vec![[0, 0]];
        self.ties(scores, positive, |h, m| {
            hits += h;
            misses += m;
            counts.push([misses, hits]);
        });
        if hits == 0 || misses == 0 {
            return None;
        }
        let rate = |[m, h]: [u64; 2]| [m as f64 / misses as f64, h as f64 / hits as f64];
        Some(counts.into_iter().map(rate).collect())
    }
}

/// The area under a ROC curve.
pub fn area(roc: &[[f64; 2]]) -> f64 {
    let slice = |two: &[[f64; 2]]| (two[1][0] - two[0][0]) * 0.5 * (two[0][1] + two[1][1]);
    roc.windows(2).map(slice).sum()
}

/// The height of a ROC curve at a false positive rate; at a vertical piece its top.
pub fn rate_at(roc: &[[f64; 2]], false_rate: f64) -> f64 {
    let mut best = 0.0_f64;
    for two in roc.windows(2) {
        let ([a, b], [c, e]) = (two[0], two[1]);
        if c <= false_rate {
            best = best.max(e);
        } else if a <= false_rate {
            best = best.max(b + (e - b) * (false_rate - a) / (c - a));
        }
    }
    best
}

/// The share of positives found, and of right answers in a population with a share `p` of positives, where scores above 0 are
/// answered with yes; `None` where a class is missing.
pub fn accuracy(scores: &[f64], positive: &[bool], p: f64) -> Option<(f64, f64)> {
    let share = |class: bool| {
        let own = scores.iter().zip(positive).filter(|(_, is)| **is == class);
        let (mut right, mut all) = (0, 0);
        for (&score, _) in own {
            right += u32::from((score > 0.0) == class);
            all += 1;
        }
        (all > 0).then(|| f64::from(right) / f64::from(all))
    };
    let (found, spared) = (share(true)?, share(false)?);
    Some((found, p * found + (1.0 - p) * spared))
}

/// `R(w) = f(w)/q` of the scores `w·x` of a set: both classes' variances and the squared miss of the means' distance from 1. Above 1 is
/// worse than saying nothing; `None` where a class is missing.
pub fn relative_risk(scores: &[f64], positive: &[bool]) -> Option<f64> {
    let moments = |class: bool| {
        let own = || {
            let scores = scores.iter().zip(positive);
            scores.filter(move |(_, is)| **is == class).map(|(s, _)| *s)
        };
        let count = own().count() as f64;
        let mean = own().sum::<f64>() / count;
        let variance = own().map(|s| (s - mean) * (s - mean)).sum::<f64>() / count;
        (count > 0.0).then_some((mean, variance))
    };
    let ((u, up), (v, down)) = (moments(true)?, moments(false)?);
    let miss = 1.0 - (u - v);
    Some(up + down + miss * miss)
}
