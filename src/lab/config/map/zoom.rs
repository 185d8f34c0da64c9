//! Which part of the settings a map shows: the usual part, a part of a part, a wider one. Knows ranges, no cells.

use super::axis::{USUAL_COUNT, digits, rounded};
use super::{Axis, MAX_COUNT, MapConfig};
use crate::Error;
use crate::lab::config::run::Config;
use crate::lab::row::Control;

/// Cells that lie closer, as a share of their value, are the same to an engine of single precision.
const CLOSEST: f64 = f32::EPSILON as f64;

/// A part of an axis as shares of what it shows now, from edge to edge of its outer cells; below 0 or beyond 1 lies
/// what it does not show.
pub type Part = (f64, f64);

impl MapConfig {
    /// The map for whoever asks for one without saying which: τ × τ_θ of the first run whose layers make implicit
    /// steps, or else τ of the first run.
    pub fn usual(config: &Config) -> MapConfig {
        let mut runs = config.runs.iter();
        let implicit = runs.position(|r| r.rule.has_tau_theta());
        let keys: &[&str] = match implicit {
            Some(_) => &["tau", "tau_theta"],
            None => &["tau"],
        };
        MapConfig {
            run: implicit.unwrap_or(0),
            axes: keys.iter().filter_map(|key| Axis::usual(key)).collect(),
            seeds: 1,
        }
    }

    /// The map of a part of what this one shows, in as many cells; axes without a part stay.
    ///
    /// # Errors
    /// [`Error::Query`] if cells would lie closer than single precision can tell apart.
    pub fn zoomed(&self, parts: &[Part]) -> Result<MapConfig, Error> {
        let mut map = self.clone();
        for (axis, &part) in map.axes.iter_mut().zip(parts) {
            *axis = axis.zoomed(part)?;
        }
        Ok(map)
    }
}

impl Axis {
    /// The ends and how many values there are, as in the text of a map.
    pub fn range(&self) -> (f64, f64, usize) {
        (self.from, self.to, self.count)
    }

    fn zoomed(&self, (low, high): Part) -> Result<Axis, Error> {
        let scale = |v: f64| if self.log() { libm::log(v) } else { v };
        let (from, to) = (scale(self.from), scale(self.to));
        let half = (to - from) / (self.count - 1) as f64 / 2.0;
        let edge = |share: f64| from - half + share * (to - from + 2.0 * half);
        let (low, high) = (edge(low.min(high)), edge(low.max(high)));
        match self.control() {
            Control::Integer { min, max } => Ok(self.whole((low, high), (min as f64, max as f64))),
            Control::LogSlider {
                hard_min, hard_max, ..
            } => self.fine((low, high), (hard_min, hard_max)),
            Control::Slider {
                hard_min,
                hard_max,
                whole: true,
                ..
            } => Ok(self.whole((low, high), (hard_min, hard_max))),
            Control::Number { min, max }
            | Control::Slider {
                hard_min: min,
                hard_max: max,
                ..
            } => self.fine((low, high), (min, max)),
            _ => unreachable!("an axis is a number"),
        }
    }

    /// Values between two edges on the axis' scale. Where an edge lies beyond what is allowed, they begin at its end.
    fn fine(&self, (low, high): Part, (min, max): (f64, f64)) -> Result<Axis, Error> {
        let scale = |v: f64| if self.log() { libm::log(v) } else { v };
        let (first, last) = (low.max(scale(min)), high.min(scale(max)));
        let half = (last - first) / self.count as f64 / 2.0;
        let from = if first > low { first } else { low + half };
        let to = if last < high { last } else { high - half };
        let cell = (to - from) / (self.count - 1) as f64;
        let closest = if self.log() {
            CLOSEST
        } else {
            CLOSEST * from.abs().max(to.abs())
        };
        if cell.is_nan() || cell < closest {
            return Err(Error::Query(format!(
                "map.{}: {} cells there lie closer than single precision can tell apart; allowed: a larger part",
                self.key(),
                self.count
            )));
        }
        let digits = digits(if self.log() { libm::expm1(cell) } else { cell });
        // Rounding may lead beyond the ends.
        let value = |v: f64| {
            let text = if self.log() {
                format!("{:.digits$e}", libm::exp(v))
            } else {
                format!("{v:.digits$}")
            };
            rounded(&text).clamp(min, max)
        };
        Ok(Axis {
            from: value(from),
            to: value(to),
            ..self.clone()
        })
    }

    /// Whole numbers between two edges: at least two, each of them if there are few.
    fn whole(&self, (low, high): Part, (min, max): Part) -> Axis {
        let from = low.ceil().clamp(min, max - 1.0);
        let to = high.floor().clamp(from + 1.0, max);
        let most = self.count.clamp(USUAL_COUNT, MAX_COUNT);
        Axis {
            from,
            to,
            count: most.min((to - from) as usize + 1),
            ..self.clone()
        }
    }
}
