//! What may be looked at: the numbers of a run at one step, and the curves behind them.
//! It knows nothing about how they came about; engines and the lab fill it, charts and pages read it.

pub mod contour;
mod flow;
pub mod images;
mod layer_problem;
pub mod map;
mod network;
mod one_step;
pub mod stage;

pub use flow::{Amplification, Flow, FlowSolution, Landscape, Trajectory};
pub use layer_problem::{LayerProblem, PlanePoint};
pub use network::{Network, NeuronLayer, Peek};
pub use one_step::{EnergyTerms, Formula, L1Step, OneStep, Shrunk, SubStep, SweepFrame};

use serde::{Deserialize, Serialize};

/// A number as an index, as in Θ₂.
pub fn lowered(number: usize) -> String {
    let digit = |d: char| d.to_digit(10).and_then(|d| char::from_u32(0x2080 + d));
    number.to_string().chars().filter_map(digit).collect()
}

/// The numbers now on screen. `window.proxprop.frame()` returns this object (without the fields).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Frame {
    /// Parameter updates made so far by the members that still train.
    pub step: u64,
    /// `step` in passes over the training set (fractional inside an epoch).
    pub epoch: f64,
    /// Steps after which the run is done.
    pub total_steps: u64,
    /// Minibatches per epoch, the last, possibly smaller one included.
    pub steps_per_epoch: u64,
    /// Who computes, and why.
    pub engine: EngineInfo,
    /// In which arithmetic: `portable`, `fast`, or `gpu` where a GPU computes.
    pub arithmetic: String,
    /// The version of the program that computes.
    pub build: String,
    /// Why the run is over at this step, one sentence; `None` while it goes on.
    pub stopped: Option<String>,
    /// One entry per run, in the order of the query string.
    pub members: Vec<MemberFrame>,
}

/// Who computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Processor {
    /// The CPU.
    Cpu,
    /// The GPU.
    Gpu,
}

crate::named!(Processor {
    Cpu = "cpu",
    Gpu = "gpu",
});

/// Which engine computed a frame.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EngineInfo {
    /// The CPU's or the GPU's.
    #[serde(rename = "name")]
    pub processor: Processor,
    /// The GPU's name, if one computes.
    pub adapter: Option<String>,
    /// Why this engine, in words.
    pub reason: String,
    /// Where both were measured, seconds per step of all runs.
    pub seconds_per_step: Option<EngineSeconds>,
}

impl EngineInfo {
    /// Whether the GPU is asked for and has not been given yet.
    pub fn is_awaited(&self) -> bool {
        self.processor == Processor::Gpu && self.adapter.is_none()
    }
}

/// How long a step of all runs takes each engine; of a map, a step of one cell when all cores, or the GPU, train many.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct EngineSeconds {
    /// The CPU.
    pub cpu: f64,
    /// The GPU, the way there and back included.
    pub gpu: f64,
}

/// Where a member stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Steps are being made.
    Training,
    /// All epochs are over.
    Done,
    /// Frozen where its numbers left the ground; see [`Divergence`].
    Diverged,
}

/// When, where and how a member diverged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Divergence {
    /// The step (0-based) that could not be completed, or after which the loss was out of bounds.
    pub step: u64,
    /// The layer (1-based) in which it was noticed; `None` when it is the loss.
    pub layer: Option<usize>,
    /// What happened, one sentence without the step.
    pub reason: String,
}

/// Where the penalty energy E of a member that later diverged rose above its ground, ten times the larger of the loss
/// it started from and that of the best constant answer: in the first of the steps up to the divergence whose sweeps
/// all did, or, if those are many, in the last one that began at a loss that was not high.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Departure {
    /// The step (1-based) in whose sweep it happened.
    pub step: u64,
    /// The sub-step, as in [`EnergyAt::at`]; `forward` where the sweep before it stayed on the ground.
    pub at: String,
    /// The layer (1-based) that the sub-step moves; `None` for `forward`.
    pub layer: Option<usize>,
    /// E before the sub-step.
    pub before: f64,
    /// E after it; `None` where it is no number.
    pub after: Option<f64>,
}

/// One member's numbers at a frame's step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MemberFrame {
    /// The rule as in the query string: `backprop`, `prox-exact`, `prox-cg3`, `prox-point`.
    pub rule: String,
    /// The optimizer as in the query string.
    pub optimizer: String,
    /// Step size now in force.
    pub tau: f64,
    /// Proximal step size now in force.
    pub tau_theta: f64,
    /// Training, done or diverged.
    pub status: Status,
    /// The step at which it diverged.
    pub diverged_at: Option<u64>,
    /// Where and how it diverged.
    pub divergence: Option<Divergence>,
    /// Where E left the ground before the divergence; only for plain SGD, whose steps the
    /// sweep is (and not for `prox-point`).
    pub departure: Option<Departure>,
    /// The divergence in words: step, layer, reason and where E left the ground. One or two sentences. Also where a run has
    /// ended at a high loss, too short to tell whether it diverges, or has bounced to its end.
    pub explanation: Option<String>,
    /// J over the whole training set at the current weights.
    pub loss: f64,
    /// J over the validation points; `None` without any.
    pub validation_loss: Option<f64>,
    /// Share of training points classified rightly; `None` for regression.
    pub accuracy: Option<f64>,
    /// Share of validation points classified rightly.
    pub validation_accuracy: Option<f64>,
    /// The penalty energy E after each sub-step of the last step made (empty before the first); while a run plays, of
    /// the last one that was looked into.
    pub energy: Vec<EnergyAt>,
    /// Diagnostics of that step, one entry per layer (empty before the first).
    pub layers: Vec<LayerFrame>,
    /// Weights, biases not counted.
    pub weights: usize,
    /// How many of them are exactly zero.
    pub zero_weights: usize,
    /// Seconds of compute per step (a running mean, diagnostics and drawing excluded).
    pub seconds_per_step: f64,
    /// How far seconds may be off because the clock is coarse: a standard deviation, as a share of them.
    pub seconds_error: f64,
    /// Matrix-multiplication work so far, in floating-point operations.
    pub flops: u64,
}

/// The penalty energy after a sub-step of the sweep.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EnergyAt {
    /// `forward`, `theta3`, `a2`, `z2`, `theta2`, …
    pub at: String,
    /// E there, in the loss's units.
    pub value: f64,
}

/// What one layer did in one step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LayerFrame {
    /// ‖G‖ (Frobenius), weights and bias together.
    pub grad_norm: f64,
    /// ‖D‖ of the rule's direction.
    pub direction_norm: f64,
    /// ‖ΔΘ‖ / ‖Θ‖ of the update the optimizer made.
    pub update_ratio: f64,
    /// Angle between D and G in degrees; 0 for `backprop`.
    pub angle_deg: f64,
    /// Largest eigenvalue of the layer's own quadratic, `λ_max(ÂᵀÂ)`.
    pub lambda_max: f64,
    /// The explicit limit `2/λ_max` for a unit of that quadratic.
    pub explicit_limit: f64,
    /// Conjugate-gradient iterations used; for `prox-point` the passes forward and backward of its inner solve, the
    /// same in every layer.
    pub cg_iterations: u32,
    /// Largest column's `‖r‖` relative to the root of the mean initial `r·r`; for `prox-point` the inner solve's final
    /// gradient relative to its first; 0 for the other rules.
    pub cg_residual: f64,
}

impl LayerFrame {
    /// The names of its [numbers](LayerFrame::numbers), as the columns of a table.
    pub const COLUMNS: [&str; 7] = [
        "grad_norm",
        "direction_norm",
        "update_ratio",
        "angle_deg",
        "lambda_max",
        "cg_iterations",
        "cg_residual",
    ];

    /// Its numbers; the explicit limit is none of them, as it follows from `lambda_max`.
    pub fn numbers(&self) -> [f64; LayerFrame::COLUMNS.len()] {
        // Whole, so that a new number does not compile before somebody has decided about its column.
        let LayerFrame {
            grad_norm,
            direction_norm,
            update_ratio,
            angle_deg,
            lambda_max,
            explicit_limit: _,
            cg_iterations,
            cg_residual,
        } = *self;
        [
            grad_norm,
            direction_norm,
            update_ratio,
            angle_deg,
            lambda_max,
            cg_iterations.into(),
            cg_residual,
        ]
    }
}

/// One point of every curve of one member. Bounded in number by `lab::history`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The step whose starting weights `loss` belongs to.
    pub step: u64,
    /// Seconds of compute up to here: this member's steps alone, diagnostics, evaluation and drawing excluded.
    pub seconds: f64,
    /// Matrix-multiplication work up to here in floating-point operations, counted from shapes.
    pub flops: u64,
    /// J over the training set.
    pub loss: f64,
    /// Smallest and largest minibatch J since the record before (this step's included).
    pub batch_loss: [f64; 2],
    /// J over the validation points; NaN without any.
    pub validation_loss: f64,
    /// Training accuracy; NaN for regression.
    pub accuracy: f64,
    /// How many weights (no biases) are exactly zero.
    pub zero_weights: usize,
    /// E after each sub-step of the step made from here; empty where that step is not the sweep, and at the end of the run.
    pub energy: Vec<f32>,
    /// Per layer diagnostics of the step made from here; empty at the end of the run.
    pub layers: Vec<LayerFrame>,
}

/// The curves of a run as it would have gone on, or went before it was started over with other settings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ghost {
    /// Its number; none is given twice.
    pub id: u32,
    /// What it shows: `run 1 before step size τ 10 → 5 at step 40`.
    pub name: String,
    /// The step at which the run went another way; its first step where it was started over.
    pub from: u64,
    /// Minibatches per epoch.
    pub steps_per_epoch: u64,
    /// The runs that went another way.
    pub curves: Vec<GhostCurve>,
}

impl Ghost {
    /// Its number for people, from 1.
    pub fn number(&self) -> u32 {
        self.id + 1
    }
}

/// One run of a [`Ghost`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GhostCurve {
    /// Which run (from 0).
    pub run: usize,
    /// Its records from [`Ghost::from`] on, and the one before, where it leaves the live curve.
    pub records: Vec<Record>,
    /// Where it diverged.
    pub divergence: Option<Divergence>,
}

/// What a decision boundary is drawn from: the network's answer on a grid.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Field {
    /// Cells per row; for one-dimensional inputs the number of points.
    pub columns: usize,
    /// Rows, 1 for one-dimensional inputs. Row 0 is at `y.0`.
    pub rows: usize,
    /// Numbers per cell: class probabilities (all but the first class's for two classes), or the value.
    pub channels: usize,
    /// `rows × columns × channels`, channels fastest.
    #[serde(with = "crate::packed::numbers")]
    pub values: Vec<f32>,
}

/// What the points and fields are drawn in; changes only when the data do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scene {
    /// Number of inputs, 1 or 2.
    pub inputs: usize,
    /// Classes, or 0 for regression.
    pub classes: usize,
    /// Horizontal range shown.
    pub x: (f64, f64),
    /// Vertical range shown (of the second input, or of the value for one input).
    pub y: (f64, f64),
    /// Range of the value in regression (for the colour scale).
    pub value: (f64, f64),
    /// Training points.
    pub training: Vec<ScenePoint>,
    /// Validation points, drawn hollow.
    pub validation: Vec<ScenePoint>,
}

/// A data point as drawn.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScenePoint {
    /// Position; for one input the second coordinate is the target value.
    pub at: [f64; 2],
    /// Class index, or the target value.
    pub target: f64,
}
