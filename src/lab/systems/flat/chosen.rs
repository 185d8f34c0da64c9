//! Which of the points held out are looked at closely: the first few, or those that somebody has chosen.

use crate::lab::row::{Fault, Grammar};
use crate::lab::words::integer;

/// The most.
pub(super) const MOST: usize = 100;

/// Which points have boxes.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::lab::systems) enum Chosen {
    /// So many, from the first on.
    First(usize),
    /// These, from 0, in rising order.
    These(Vec<usize>),
}

impl Default for Chosen {
    fn default() -> Chosen {
        Chosen::First(12)
    }
}

/// How they are written.
pub(super) static GRAMMAR: Grammar = Grammar {
    canonical: |text| Chosen::of(text).map(|chosen| chosen.to_string()),
    allowed: || {
        format!(
            "a number from 0 to {MOST}, or the numbers of at most {MOST} points, each with a dot before it, as in .3.17"
        )
    },
};

impl Chosen {
    /// Reads their text.
    pub(super) fn of(text: &str) -> Result<Chosen, Fault> {
        let fail = |piece: &str| match piece {
            // Nothing cannot be named: what has it is.
            "" => Fault::Piece(text.to_owned(), "has a dot without the number of a point"),
            piece => Fault::Piece(piece.to_owned(), "is no number of a point"),
        };
        if !text.contains('.') {
            return match (text.parse::<usize>(), integer(text)) {
                (Ok(count), _) if count <= MOST => Ok(Chosen::First(count)),
                (_, Some(number)) if !(0.0..=MOST as f64).contains(&number) => {
                    Err(Fault::Range(number))
                }
                _ => Err(Fault::Whole),
            };
        }
        // A dot at the end is read, as links have it, and never written: it is lost where a link ends a sentence.
        let list = text.strip_prefix('.').unwrap_or(text);
        let list = list.strip_suffix('.').unwrap_or(list);
        let number = |piece: &str| {
            let number = piece.parse().ok().filter(|&number: &usize| number > 0);
            number.map(|n| n - 1).ok_or_else(|| fail(piece))
        };
        let these: Result<Vec<usize>, Fault> = list.split('.').map(number).collect();
        let mut these = these?;
        these.sort_unstable();
        these.dedup();
        if these.len() > MOST {
            return Err(Fault::Piece(text.to_owned(), "has too many points"));
        }
        Ok(Chosen::These(these))
    }

    /// Those there are among so many points.
    pub(super) fn among(&self, points: usize) -> Vec<usize> {
        match self {
            Chosen::First(count) => (0..points.min(*count)).collect(),
            Chosen::These(these) => {
                let there = these.iter().copied().filter(|&i| i < points);
                there.collect()
            }
        }
    }
}

impl std::fmt::Display for Chosen {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        match self {
            Chosen::First(count) => write!(f, "{count}"),
            Chosen::These(these) => these.iter().try_for_each(|i| write!(f, ".{}", i + 1)),
        }
    }
}
