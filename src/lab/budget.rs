//! What looking at a run may cost while it trains: a fixed share of the time, so that dear looks are coarser and rarer.
//! Knows times (in milliseconds), no run and no clock.

use super::session::FIELD_CELLS;

/// The share of the time that looks may take.
pub const SHARE: f64 = 0.05;
/// What is shown of a run that trains is never older, but for the step or slice of training just under way.
pub const OLDEST: f64 = 250.0;
/// Looks at a run whose steps never wait are this far apart at least: more often nobody sees single ones.
const FLUENT: f64 = 40.0;
/// Fields are as fine as lets looks come this often.
const WISHED: f64 = 96.0;
/// Cells per side of fields, the finest first.
const SIDES: [usize; 5] = [FIELD_CELLS, 70, 50, 35, 25];
/// How much of what a look has taken goes into what the next one is expected to take.
const NEW: f64 = 0.25;
/// Fields become finer again only if they then take this much of what they may.
const SURE: f64 = 0.8;

/// What looks have taken, and when the next one is due.
#[derive(Debug)]
pub struct Budget {
    /// What a look without its fields takes.
    numbers: f64,
    /// What a cell of the fields takes, of all runs together.
    cell: f64,
    side: usize,
    due: f64,
}

/// What a look has taken.
#[derive(Clone, Copy, Debug)]
pub struct Bill {
    /// All of it.
    pub whole: f64,
    /// Its fields.
    pub fields: f64,
    /// What is done at every look and is no field.
    pub numbers: f64,
    /// Cells per side of the fields; 0 without any.
    pub side: usize,
}

impl Default for Budget {
    fn default() -> Budget {
        Budget {
            numbers: 0.0,
            cell: 0.0,
            side: FIELD_CELLS,
            due: 0.0,
        }
    }
}

impl Budget {
    fn cost(&self, side: usize) -> f64 {
        self.numbers + self.cell * (side * side) as f64
    }

    /// Whether it is time to look; for `slack` from now on nothing is to be trained.
    pub fn is_due(&self, now: f64, slack: f64) -> bool {
        now >= self.due || self.cost(self.side) <= slack
    }

    /// Whether a look may be as fine as there is, with all that takes time.
    pub fn spares_nothing(&self, slack: f64) -> bool {
        self.cost(FIELD_CELLS) <= slack
    }

    /// How many cells per side the fields of a look have now.
    pub fn side(&mut self, slack: f64) -> usize {
        let most = slack.max(SHARE * WISHED);
        let fits = |&side: &usize| {
            let sure = if side > self.side { SURE } else { 1.0 };
            self.cost(side) <= sure * most
        };
        self.side = SIDES
            .into_iter()
            .find(fits)
            .unwrap_or(SIDES[SIDES.len() - 1]);
        self.side
    }

    /// A look was made until `now`, in a time that had so much slack.
    pub fn pay(&mut self, bill: Bill, now: f64, slack: f64) {
        let learn = |known: &mut f64, new: f64| {
            let weight = if *known == 0.0 { 1.0 } else { NEW };
            *known += weight * (new - *known);
        };
        learn(&mut self.numbers, bill.numbers);
        if bill.side > 0 {
            learn(&mut self.cell, bill.fields / (bill.side * bill.side) as f64);
        }
        let taken = (bill.whole - slack).max(0.0);
        let pause = if taken > 0.0 {
            (taken / SHARE).clamp(FLUENT, OLDEST) - bill.whole
        } else {
            0.0
        };
        self.due = now + pause;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Looks at a run for ten seconds while training takes the rest of the time in slices: the looks, and what they took.
    fn watch(numbers: f64, cell: f64, slice: f64) -> (Vec<(f64, usize)>, f64) {
        let (mut budget, mut now, mut spent) = (Budget::default(), 0.0, 0.0);
        let mut looks = Vec::new();
        while now < 10_000.0 {
            now += slice;
            if !budget.is_due(now, 0.0) {
                continue;
            }
            let side = budget.side(0.0);
            let fields = cell * (side * side) as f64;
            let whole = numbers + fields;
            now += whole;
            spent += whole;
            looks.push((now, side));
            let bill = Bill {
                whole,
                fields,
                numbers,
                side,
            };
            budget.pay(bill, now, 0.0);
        }
        (looks, spent / now)
    }

    #[test]
    fn looks_take_their_share_and_are_coarser_where_they_are_dear() {
        // A millisecond of numbers, 10 000 cells in a tenth, 1, 10 and 100 of them.
        for (cell, side) in [(1e-5, 100), (1e-4, 100), (1e-3, 50), (1e-2, 25)] {
            let (looks, share) = watch(1.0, cell, 12.0);
            assert_eq!(looks.last().unwrap().1, side, "{cell}");
            assert!(share < 1.2 * SHARE, "{cell}: {share}");
            let looks = looks.len();
            assert!(looks > 65, "{cell}: {looks} in ten seconds");
        }
    }

    #[test]
    fn however_dear_a_look_is_the_next_one_comes_in_time() {
        let (looks, share) = watch(80.0, 1e-2, 12.0);
        let apart = looks.windows(2).map(|pair| pair[1].0 - pair[0].0);
        assert!(apart.fold(0.0, f64::max) < OLDEST + 12.0 + 90.0);
        assert!(share > SHARE);
    }

    #[test]
    fn where_nothing_is_to_be_trained_looks_are_free() {
        let mut budget = Budget::default();
        let bill = Bill {
            whole: 40.0,
            fields: 30.0,
            numbers: 10.0,
            side: FIELD_CELLS,
        };
        budget.pay(bill, 0.0, 0.0);
        assert!(!budget.is_due(20.0, 0.0) && budget.side(0.0) < FIELD_CELLS);
        assert!(budget.is_due(20.0, 50.0) && budget.spares_nothing(50.0));
        assert_eq!(budget.side(50.0), FIELD_CELLS);
        budget.pay(bill, 60.0, 50.0);
        assert!(budget.is_due(60.0, 0.0));
    }
}
