//! What the charts show over what: the quantities of a step, of its layers or as a whole, and the x axes. Draws nothing.

use crate::frame::{Frame, MemberFrame, Record};

/// From this share of the seconds on, a coarse clock's doubt about them is told.
const DOUBT: f64 = 0.05;

/// What is on the x axis.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum XAxis {
    /// Steps.
    #[default]
    Steps,
    /// Passes over the training set, of so many steps each.
    Epochs(u64),
    /// Seconds of compute, each run's own.
    Seconds,
    /// Matrix-multiplication work in flops, each run's own.
    Work,
}

impl XAxis {
    /// The axis of a form's or a link's key: `step`, `epoch`, `seconds` or `work`.
    pub fn of(key: &str, steps_per_epoch: u64) -> Option<XAxis> {
        match key {
            "step" => Some(XAxis::Steps),
            "epoch" => Some(XAxis::Epochs(steps_per_epoch.max(1))),
            "seconds" => Some(XAxis::Seconds),
            "work" => Some(XAxis::Work),
            _ => None,
        }
    }

    /// Its name on a chart.
    pub fn label(self) -> &'static str {
        match self {
            XAxis::Steps => "step",
            XAxis::Epochs(_) => "epoch",
            XAxis::Seconds => "seconds of compute",
            XAxis::Work => "matrix work (flops)",
        }
    }

    /// What its label adds where a coarse clock leaves the seconds unsure; empty where it does not.
    pub fn doubt(self, frame: &Frame) -> String {
        let errors = frame.members.iter().map(|m| m.seconds_error);
        let error = errors.fold(0.0, f64::max);
        if self != XAxis::Seconds || error < DOUBT {
            return String::new();
        }
        // To a tenth of its size: it is an estimate itself.
        let percent = 5.0 * (20.0 * error.min(1.0)).round();
        format!(", ± {percent} % by this clock")
    }

    /// Where a record is.
    pub fn at(self, record: &Record) -> f64 {
        match self {
            XAxis::Steps => record.step as f64,
            XAxis::Epochs(steps) => record.step as f64 / steps as f64,
            XAxis::Seconds => record.seconds,
            XAxis::Work => record.flops as f64,
        }
    }

    /// Where the run would end, for the slowest member if they differ; judged by its steps so far.
    pub fn end(self, frame: &Frame) -> f64 {
        let total = frame.total_steps as f64;
        let longest = |per_step: &dyn Fn(&MemberFrame) -> f64| {
            total * frame.members.iter().map(per_step).fold(0.0, f64::max)
        };
        match self {
            XAxis::Steps => total,
            XAxis::Epochs(steps) => total / steps as f64,
            XAxis::Seconds => longest(&|m| m.seconds_per_step),
            XAxis::Work => longest(&|m| m.flops as f64 / frame.step.max(1) as f64),
        }
    }
}

/// What the chart of step sizes shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Quantity {
    /// ‖ΔΘ‖/‖Θ‖ per layer.
    #[default]
    UpdateRatio,
    /// The angle between direction and gradient per layer.
    Angle,
    /// The explicit limit `2/λ_max` of each hidden layer's own quadratic.
    ExplicitLimit,
    /// The norm of the gradient per layer.
    GradientNorm,
    /// The norm of the rule's direction per layer.
    DirectionNorm,
    /// What an implicit step cost: CG iterations per layer, or the passes of `prox-point`.
    Iterations,
    /// How well it was solved: the relative residual per layer.
    Residual,
    /// How many weights are exactly zero, of all layers.
    Zeros,
}

// As in a form or a link, in the order in which they are offered.
crate::named!(Quantity {
    UpdateRatio = "update",
    Angle = "angle",
    ExplicitLimit = "limit",
    GradientNorm = "gradient",
    DirectionNorm = "direction",
    Iterations = "iterations",
    Residual = "residual",
    Zeros = "zeros",
});

impl Quantity {
    /// Its name on a chart.
    pub fn label(self) -> &'static str {
        match self {
            Quantity::UpdateRatio => "Relative update ‖ΔΘ‖ / ‖Θ‖",
            Quantity::Angle => "Angle between D and G (degrees)",
            Quantity::ExplicitLimit => "Explicit limit 2/λₘₐₓ",
            Quantity::GradientNorm => "Gradient norm ‖G‖",
            Quantity::DirectionNorm => "Direction norm ‖D‖",
            Quantity::Iterations => "CG iterations, or passes of prox-point",
            Quantity::Residual => "Residual of the implicit solve",
            Quantity::Zeros => "Weights that are exactly 0",
        }
    }

    /// How many curves a run of so many layers has.
    pub(super) fn curves(self, layers: usize) -> usize {
        match self {
            Quantity::Zeros => layers.min(1),
            // The output layer's step is on J, and has no quadratic of its own.
            Quantity::ExplicitLimit => layers.saturating_sub(1),
            _ => layers,
        }
    }

    /// What a curve is of.
    pub(super) fn part(self, layer: usize) -> String {
        match self {
            Quantity::Zeros => "all layers".to_owned(),
            _ => format!("layer {}", layer + 1),
        }
    }

    /// Its value in a layer; no number where the record has none.
    pub(super) fn of(self, record: &Record, layer: usize) -> f64 {
        let zeros = record.zero_weights as f64;
        let Some(layer) = record.layers.get(layer) else {
            // At the end of a run no step is made.
            return if self == Quantity::Zeros {
                zeros
            } else {
                f64::NAN
            };
        };
        match self {
            Quantity::Zeros => zeros,
            Quantity::UpdateRatio => layer.update_ratio,
            Quantity::Angle => layer.angle_deg,
            Quantity::ExplicitLimit => layer.explicit_limit,
            Quantity::GradientNorm => layer.grad_norm,
            Quantity::DirectionNorm => layer.direction_norm,
            Quantity::Iterations => layer.cg_iterations.into(),
            Quantity::Residual => layer.cg_residual,
        }
    }

    /// Whether there is anything of it in a record: an explicit step solves nothing, and says 0.
    pub(super) fn is_in(self, record: &Record, layer: usize) -> bool {
        match self {
            Quantity::Iterations | Quantity::Residual => {
                let layer = record.layers.get(layer);
                layer.is_some_and(|layer| layer.cg_iterations > 0)
            }
            Quantity::Zeros => record.zero_weights > 0,
            _ => true,
        }
    }

    /// What is said where no run has any of it.
    pub(super) fn none(self) -> Option<&'static str> {
        match self {
            Quantity::Iterations | Quantity::Residual => {
                Some("No run here solves by CG, or is prox-point.")
            }
            Quantity::Zeros => Some("No weight is exactly 0: that takes l1."),
            _ => None,
        }
    }

    /// Whether its axis is logarithmic.
    pub(super) fn is_logarithmic(self) -> bool {
        match self {
            Quantity::Angle | Quantity::Iterations | Quantity::Zeros => false,
            Quantity::UpdateRatio
            | Quantity::ExplicitLimit
            | Quantity::GradientNorm
            | Quantity::DirectionNorm
            | Quantity::Residual => true,
        }
    }
}
