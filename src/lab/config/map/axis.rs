//! What may be an axis, and the values of its cells. Reads no text.

use super::Axis;
use crate::lab::config::hidden::MAX_WIDTH;
use crate::lab::config::run::{Config, RunConfig};
use crate::lab::config::table::Setting;
use crate::lab::row::{Control, Parameter, Row, Value};
use crate::nn::stack::Piece;
use crate::steps::Rule;
use crate::steps::rule::MOST_ITERATIONS;

/// Values on an axis that nobody has asked for.
pub(super) const USUAL_COUNT: usize = 32;

/// Every axis: its key, and the ends and the number of values where nobody has said more.
const AXES: [(&str, f64, f64, usize); 12] = [
    ("tau", 0.1, 1000.0, USUAL_COUNT),
    ("tau_theta", 0.01, 100.0, USUAL_COUNT),
    ("momentum", 0.0, 0.99, USUAL_COUNT),
    ("l1", 0.0, 0.02, USUAL_COUNT),
    ("reach", 1.0, 4.0, 4),
    ("flat", 0.0, 0.5, USUAL_COUNT),
    ("adv", 0.0, 0.4, USUAL_COUNT),
    (ITERATIONS.parameter.key, 1.0, 16.0, 16),
    ("scale", 0.1, 10.0, USUAL_COUNT),
    ("noise", 0.0, 0.5, USUAL_COUNT),
    ("seed", 1.0, 32.0, USUAL_COUNT),
    (WIDTH.parameter.key, 1.0, 32.0, USUAL_COUNT),
];

/// The K of `prox-cgK`, a part of another setting.
static ITERATIONS: Row<RunConfig> = Row {
    parameter: Parameter {
        key: "cg",
        section: "",
        label: "CG iterations",
        unit: "",
        help: "The K of prox-cgK.",
        default: "3",
        control: Control::Integer {
            min: 1,
            max: MOST_ITERATIONS as u64,
        },
    },
    quiet: false,
    of_cells: true,
    acts: |r| r.rule.iterations().is_some(),
    get: |r| u64::from(r.rule.iterations().unwrap_or(0)).into(),
    set: |r, v| {
        let rule = match r.rule.iterations() {
            Some(_) => r.rule,
            None => Rule::ProxCg(1),
        };
        r.rule = rule.with_iterations(v.integer() as u32);
    },
};

/// The width of all hidden layers, which are a setting together.
static WIDTH: Row<Config> = Row {
    parameter: Parameter {
        key: "width",
        section: "",
        label: "Width of the hidden layers",
        unit: "neurons",
        help: "Neurons of every hidden layer.",
        default: "8",
        control: Control::Integer {
            min: 1,
            max: MAX_WIDTH as u64,
        },
    },
    quiet: false,
    of_cells: true,
    acts: |_| true,
    get: |c| {
        let mut widths = c.hidden.iter().filter_map(|piece| match piece {
            Piece::Dense(width) => Some(*width as u64),
            _ => None,
        });
        widths.next().unwrap_or(0).into()
    },
    set: |c, v| {
        for piece in &mut c.hidden {
            if let Piece::Dense(width) = piece {
                *width = v.integer() as usize;
            }
        }
    },
};

/// The setting of a key: a row of the tables, or a part of one.
fn find(key: &str) -> Option<Setting> {
    let parts = [Setting::Each(&ITERATIONS), Setting::Shared(&WIDTH)];
    let found = parts.into_iter().find(|part| part.parameter().key == key);
    found.or_else(|| Setting::find(key))
}

/// The setting of an axis.
pub(super) fn setting(key: &str) -> Setting {
    find(key).expect("an axis is a setting")
}

impl Axis {
    /// The keys of all axes there are.
    pub const KEYS: [&str; AXES.len()] = {
        let mut keys = [""; AXES.len()];
        let mut i = 0;
        while i < keys.len() {
            keys[i] = AXES[i].0;
            i += 1;
        }
        keys
    };

    /// The values of an axis that nobody has said more about; `None` if there is none of this key.
    pub fn usual(key: &str) -> Option<Axis> {
        let found = AXES.into_iter().find(|axis| axis.0 == key);
        found.map(|(key, from, to, count)| Axis {
            parameter: setting(key).parameter(),
            from,
            to,
            count,
        })
    }

    /// So many values of a setting from one end of its slider to the other, or the first ones there are; `None` if it is no number.
    pub fn of(parameter: &'static Parameter, most: usize) -> Option<Axis> {
        let (from, to) = match parameter.control {
            Control::LogSlider { min, max, .. }
            | Control::Slider { min, max, .. }
            | Control::Number { min, max } => (min, max),
            Control::Integer { min, max } => (min as f64, max.min(min + most as u64 - 1) as f64),
            _ => return None,
        };
        let whole = parameter.control.is_whole();
        let values = (to - from) as usize + 1;
        let count = if whole { most.min(values) } else { most };
        Some(Axis {
            parameter,
            from,
            to,
            count,
        })
    }

    /// The same, which ends there at the latest.
    pub fn until(self, most: f64) -> Axis {
        Axis {
            to: self.to.min(most),
            ..self
        }
    }

    /// The key of the setting.
    pub fn key(&self) -> &'static str {
        self.parameter.key
    }

    /// Whether a run has the setting of this key; what is no setting of a run belongs to all.
    pub fn acts_on(key: &str, run: &RunConfig) -> bool {
        match find(key) {
            Some(Setting::Each(row)) => (row.acts)(run),
            Some(Setting::Shared(_)) | None => true,
        }
    }

    /// Whether it varies the setting of this key, or a part of it.
    pub fn varies(&self, key: &str) -> bool {
        let whole = if self.key() == WIDTH.parameter.key {
            "hidden"
        } else {
            self.key()
        };
        whole == key
    }

    /// What a person calls it.
    pub fn label(&self) -> &'static str {
        self.parameter.label
    }

    pub(super) fn control(&self) -> Control {
        self.parameter.control
    }

    /// Whether its values are spaced evenly in the logarithm: where the table has a logarithmic slider, and none of them is zero.
    pub fn log(&self) -> bool {
        matches!(self.control(), Control::LogSlider { .. }) && self.from > 0.0
    }

    /// The values of its cells, rising. Those between the ends are rounded to a thousandth of their distance, so
    /// that links and tables stay short; settings that are whole numbers to whole numbers.
    pub fn values(&self) -> Vec<f64> {
        let last = self.count - 1;
        let whole = self.control().is_whole();
        let value = |i: usize| match i {
            0 => self.from,
            _ if i == last => self.to,
            _ if self.log() => {
                let (low, high) = (libm::log(self.from), libm::log(self.to));
                let step = (high - low) / last as f64;
                let digits = digits(libm::expm1(step));
                rounded(&format!("{:.digits$e}", libm::exp(low + step * i as f64)))
            }
            _ => {
                let step = (self.to - self.from) / last as f64;
                let value = self.from + step * i as f64;
                let digits = if whole { 0 } else { digits(step) };
                rounded(&format!("{value:.digits$}"))
            }
        };
        (0..self.count).map(value).collect()
    }

    /// One of its values, as the setting takes it.
    pub(in crate::lab) fn value(&self, value: f64) -> Value {
        if self.control().is_whole() {
            Value::Integer(value as u64)
        } else {
            Value::Number(value)
        }
    }

    /// Gives a run (from 0), or all of them, the setting.
    pub fn apply(&self, value: f64, config: &mut Config, run: usize) {
        setting(self.key()).put(config, run, self.value(value));
    }

    /// The value that a run has now.
    pub fn value_in(&self, config: &Config, run: &RunConfig) -> f64 {
        let value = match setting(self.key()) {
            Setting::Shared(row) => (row.get)(config),
            Setting::Each(row) => (row.get)(run),
        };
        value.as_number()
    }
}

/// Decimals that tell steps of this size apart a thousand times over.
pub(super) fn digits(step: f64) -> usize {
    (libm::ceil(-libm::log10(step)) + 2.0).clamp(0.0, 17.0) as usize
}

pub(super) fn rounded(text: &str) -> f64 {
    text.parse().expect("a number that was just printed")
}
