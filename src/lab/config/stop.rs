//! When a run ends before its epochs are over, as text: `loss:0.01,plateau:500,divergence`. Judges no run.

use std::fmt;

use crate::lab::row::{Fault, Grammar};
use crate::lab::words::whole;

/// Range of a target loss.
const LOSS: (f64, f64) = (1e-12, 1e12);
/// Longest window of a plateau, in steps.
const MAX_PLATEAU: u64 = 1_000_000_000;
/// The text where only the epochs count.
const EPOCHS: &str = "epochs";

/// How it is read.
pub(super) static GRAMMAR: Grammar = Grammar {
    canonical: |text| match Stop::parse(text) {
        Ok(stop) => Ok(stop.to_string()),
        Err(what) => Err(Fault::Piece(text.to_owned(), what)),
    },
    allowed: || {
        "epochs, or any of loss:J with J from 1e-12 to 1e12, plateau:STEPS with STEPS from 1 to 1000000000, and \
         divergence, separated by commas, as in loss:0.01,divergence"
            .to_owned()
    },
};

/// What ends a run besides its epochs. Both losses are J over the training set, looked at where the curves have a
/// point, and concern the runs that have not diverged.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Stop {
    /// Every run has once been at or below this loss.
    pub loss: Option<f64>,
    /// In every run the lowest loss of the last so many steps is less than 1 % below the lowest before them.
    pub plateau: Option<u64>,
    /// Any run has diverged.
    pub divergence: bool,
}

impl Stop {
    /// Reads the text; the message says what is wrong with it.
    pub(super) fn parse(text: &str) -> Result<Stop, &'static str> {
        let mut stop = Stop::default();
        if text == EPOCHS {
            return Ok(stop);
        }
        for part in text.split(',') {
            let twice = match part.split_once(':') {
                Some(("loss", value)) => {
                    let value: f64 = value.parse().map_err(|_| "has a loss that is no number")?;
                    if !(LOSS.0..=LOSS.1).contains(&value) {
                        return Err("has a loss out of range");
                    }
                    stop.loss.replace(value).is_some()
                }
                Some(("plateau", value)) => {
                    let value = whole(value).ok_or("has a plateau that is no number of steps")?;
                    if !(1..=MAX_PLATEAU).contains(&value) {
                        return Err("has a plateau out of range");
                    }
                    stop.plateau.replace(value).is_some()
                }
                None if part == "divergence" => std::mem::replace(&mut stop.divergence, true),
                _ => return Err("is not a stop rule"),
            };
            if twice {
                return Err("gives a stop rule twice");
            }
        }
        Ok(stop)
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let loss = self.loss.map(|j| format!("loss:{j}"));
        let plateau = self.plateau.map(|steps| format!("plateau:{steps}"));
        let divergence = self.divergence.then(|| "divergence".to_owned());
        let rules: Vec<String> = [loss, plateau, divergence].into_iter().flatten().collect();
        f.write_str(if rules.is_empty() { EPOCHS } else { "" })?;
        f.write_str(&rules.join(","))
    }
}
