//! The tables of parameters of a run: every key of its text, what it means and what is allowed.

use super::run::{Config, Init, RunConfig, Task};
use super::stop::{self, Stop};
use super::{features, hidden};
use crate::Named;
use crate::data::DataSource;
use crate::data::digits::Split;
use crate::data::wine::Scaling;
use crate::engine::EngineChoice;
use crate::lab::points;
use crate::lab::row::{CHECKED, Control, Parameter, Row, Value};
use crate::nn::Activation;
use crate::steps::{Optimizer, Shrinkage};

const DATA: &str = "data";
const NETWORK: &str = "network";
const TRAINING: &str = "training";
pub(super) const EACH_RUN: &str = "each run";

/// What all runs share, in the order in which a query string is printed; a change restarts.
pub static SHARED: &[Row<Config>] = &[
    Row {
        parameter: Parameter {
            key: "data",
            section: DATA,
            label: "Data",
            unit: "",
            help: "The set of points to learn; digits: 1797 images of handwritten digits, 8 × 8 pixels (Alpaydin, Kaynak, CC BY 4.0); wine: 13 measurements of 178 wines from three cultivars (Aeberhard, Forina, CC BY 4.0); cifar10: 50000 coloured images of 32 × 32, which the command line reads from files (--images); points: those placed by hand; state: those of a state file or a CSV file.",
            default: "circle",
            control: Control::Choice(DataSource::NAMES),
        },
        quiet: false,
        of_cells: true,
        acts: |_| true,
        get: |c| Value::of(c.data),
        set: |c, v| c.data = v.member(),
    },
    Row {
        parameter: Parameter {
            key: "points",
            section: DATA,
            label: "Drawn points",
            unit: "",
            help: "The points of data=points by class, all of them trained on: n, noise and valid have no say then.",
            default: "",
            control: Control::Elsewhere(&points::GRAMMAR),
        },
        quiet: true,
        of_cells: true,
        acts: |_| true,
        get: |c| Value::Text(points::print(&c.points)),
        set: |c, v| c.points = points::parse(v.text()).expect(CHECKED),
    },
    Row {
        parameter: Parameter {
            key: "task",
            section: DATA,
            label: "Task",
            unit: "",
            help: "Classify by softmax cross-entropy or regress by half the squared error; auto: as the data say.",
            default: "auto",
            control: Control::Choice(Task::NAMES),
        },
        quiet: false,
        of_cells: true,
        acts: |_| true,
        get: |c| Value::of(c.task),
        set: |c, v| c.task = v.member(),
    },
    Row {
        parameter: Parameter {
            key: "n",
            section: DATA,
            label: "Training points",
            unit: "points",
            help: "How many points are trained on; of digits at most 1500, of cifar10 45000, of wine 178, which is what they have where nothing is said. Wines that are not trained on are for validation.",
            default: "200",
            control: Control::Slider {
                min: 10.0,
                max: 2000.0,
                hard_min: 2.0,
                hard_max: 100_000.0,
                whole: true,
            },
        },
        quiet: false,
        of_cells: true,
        acts: |c| c.data != DataSource::Points,
        get: |c| Value::Integer(c.n as u64),
        set: |c, v| c.n = v.integer() as usize,
    },
    Row {
        parameter: Parameter {
            key: "noise",
            section: DATA,
            label: "Noise",
            unit: "",
            help: "Standard deviation of the jitter: of the points, or of the answers in regression; of the pixels of digits (between 0 and 1) and the scaled columns of wine, usually none.",
            default: "0.1",
            control: Control::Slider {
                min: 0.0,
                max: 1.0,
                hard_min: 0.0,
                hard_max: 2.0,
                whole: false,
            },
        },
        quiet: false,
        of_cells: true,
        acts: |c| !matches!(c.data, DataSource::Points | DataSource::Cifar10),
        get: |c| c.noise.into(),
        set: |c, v| c.noise = v.number(),
    },
    Row {
        parameter: Parameter {
            key: "valid",
            section: DATA,
            label: "Validation points",
            unit: "× n",
            help: "Points that are only looked at, drawn afresh from the same distribution, as a share of n.",
            default: "0.5",
            control: Control::Slider {
                min: 0.0,
                max: 1.0,
                hard_min: 0.0,
                hard_max: 2.0,
                whole: false,
            },
        },
        quiet: false,
        of_cells: false,
        acts: |c| c.data != DataSource::Points && c.data.most().is_none(),
        get: |c| c.valid.into(),
        set: |c, v| c.valid = v.number(),
    },
    Row {
        parameter: Parameter {
            key: "split",
            section: DATA,
            label: "Split of the digits",
            unit: "",
            help: "Which 297 of the 1797 digits are held back for validation. writers: the last ones, mostly by people whose hand is not among the others; random: some of everybody's.",
            default: "writers",
            control: Control::Choice(Split::NAMES),
        },
        quiet: true,
        of_cells: true,
        acts: |c| c.data == DataSource::Digits,
        get: |c| Value::of(c.split),
        set: |c, v| c.split = v.member(),
    },
    Row {
        parameter: Parameter {
            key: "columns",
            section: DATA,
            label: "Scale of columns",
            unit: "",
            help: "By what each column of wine is divided before the network sees it. none: it stays in its unit, and proline is a thousand times hue; max: its largest value; standard: its standard deviation, its mean taken away. scale=none, max or standard is read as this, too.",
            default: "max",
            control: Control::Choice(Scaling::NAMES),
        },
        quiet: true,
        of_cells: true,
        acts: |c| c.data.table().is_some(),
        get: |c| Value::of(c.columns),
        set: |c, v| c.columns = v.member(),
    },
    Row {
        parameter: Parameter {
            key: "seed",
            section: DATA,
            label: "Seed",
            unit: "",
            help: "Decides points, initial weights and minibatch order.",
            default: "1",
            control: Control::Integer {
                min: 0,
                max: u32::MAX as u64,
            },
        },
        quiet: false,
        of_cells: true,
        acts: |_| true,
        get: |c| Value::Integer(c.seed.into()),
        set: |c, v| c.seed = v.integer() as u32,
    },
    Row {
        parameter: Parameter {
            key: "features",
            section: NETWORK,
            label: "Inputs",
            unit: "",
            help: "What the first layer is given of a point (x, y): any of x, y, their squares xx and yy, the product xy, and sinx and siny, which are sin πx and sin πy. Points on a line have no y; points of three and more coordinates are taken as they are.",
            default: "x,y",
            control: Control::Written(&features::GRAMMAR),
        },
        quiet: true,
        of_cells: true,
        acts: |_| true,
        get: |c| Value::Text(features::print(c.features)),
        set: |c, v| c.features = features::parse(v.text()).expect(CHECKED),
    },
    Row {
        parameter: Parameter {
            key: "hidden",
            section: NETWORK,
            label: "Hidden layers",
            unit: "neurons",
            help: "Neurons of each hidden layer, separated by commas. Of images also convolutions, as in c3x8p1s2: kernels of 3 × 3 pixels, 8 channels, 1 pixel of zeros around, 2 pixels from place to place (p0 and s1 where nothing is said); and on one of them max-pooling, as in max3s2 (max2: windows side by side).",
            default: "8,8",
            control: Control::Written(&hidden::GRAMMAR),
        },
        quiet: false,
        of_cells: true,
        acts: |_| true,
        get: |c| Value::Text(hidden::print(&c.hidden)),
        set: |c, v| c.hidden = hidden::parse(v.text()).expect(CHECKED),
    },
    Row {
        parameter: Parameter {
            key: "act",
            section: NETWORK,
            label: "Activation",
            unit: "",
            help: "The nonlinearity of the hidden layers.",
            default: "tanh",
            control: Control::Choice(Activation::NAMES),
        },
        quiet: false,
        of_cells: true,
        acts: |_| true,
        get: |c| Value::of(c.act),
        set: |c, v| c.act = v.member(),
    },
    Row {
        parameter: Parameter {
            key: "init",
            section: NETWORK,
            label: "Initial weights",
            unit: "",
            help: "Their distribution: xavier suits tanh and sigmoid, he suits relu; uniform: within ±1/√inputs, biases too, as PyTorch has it, and as digits, wine and cifar10 have it where nothing is said.",
            default: "xavier",
            control: Control::Choice(Init::NAMES),
        },
        quiet: false,
        of_cells: true,
        acts: |_| true,
        get: |c| Value::of(c.init),
        set: |c, v| c.init = v.member(),
    },
    Row {
        parameter: Parameter {
            key: "scale",
            section: NETWORK,
            label: "Weight scale",
            unit: "×",
            help: "Factor on the initial weights.",
            default: "1",
            control: Control::LogSlider {
                min: 0.01,
                max: 10.0,
                hard_min: 1e-3,
                hard_max: 100.0,
            },
        },
        quiet: false,
        of_cells: true,
        acts: |_| true,
        get: |c| c.scale.into(),
        set: |c, v| c.scale = v.number(),
    },
    Row {
        parameter: Parameter {
            key: "batch",
            section: TRAINING,
            label: "Minibatch",
            unit: "points",
            help: "Points per step; n or more is the full batch. The last, partial minibatch of an epoch counts. Where nothing is said, digits have 100, cifar10 500, wine all.",
            default: "200",
            control: Control::Slider {
                min: 1.0,
                max: 2000.0,
                hard_min: 1.0,
                hard_max: 100_000.0,
                whole: true,
            },
        },
        quiet: false,
        of_cells: true,
        acts: |_| true,
        get: |c| Value::Integer(c.batch as u64),
        set: |c, v| c.batch = v.integer() as usize,
    },
    Row {
        parameter: Parameter {
            key: "epochs",
            section: TRAINING,
            label: "Epochs",
            unit: "epochs",
            help: "Passes over the training points until the run is done.",
            default: "300",
            control: Control::Integer {
                min: 1,
                max: 1_000_000,
            },
        },
        quiet: false,
        of_cells: true,
        acts: |_| true,
        get: |c| c.epochs.into(),
        set: |c, v| c.epochs = v.integer(),
    },
    Row {
        parameter: Parameter {
            key: "stop",
            section: TRAINING,
            label: "Stop early",
            unit: "",
            help: "Ends the run before its epochs are over: when the training loss of every run that has not diverged has \
                   once reached a target (loss:0.01), when its lowest value has fallen by less than 1 % in so many steps \
                   (plateau:500), or when any run diverges (divergence). Losses are judged where the curves have a point, \
                   and only from a state file on.",
            default: "epochs",
            control: Control::Written(&stop::GRAMMAR),
        },
        quiet: false,
        of_cells: false,
        acts: |_| true,
        get: |c| Value::Text(c.stop.to_string()),
        set: |c, v| c.stop = Stop::parse(v.text()).expect(CHECKED),
    },
    Row {
        parameter: Parameter {
            key: "engine",
            section: TRAINING,
            label: "Engine",
            unit: "",
            help: "Who computes: cpu, gpu, or auto, which measures both for a moment and takes the faster; what the GPU \
                   cannot do the CPU does, and the lab says why.",
            default: "auto",
            control: Control::Choice(EngineChoice::NAMES),
        },
        quiet: true,
        of_cells: true,
        acts: |_| true,
        get: |c| Value::of(c.engine),
        set: |c, v| c.engine = v.member(),
    },
];

/// What runs may differ in, in the order in which a run is printed; the rule comes first and has no key there. What is
/// changed on the way acts from that step on.
pub static EACH: &[Row<RunConfig>] = &[
    Row {
        parameter: Parameter {
            key: "rule",
            section: EACH_RUN,
            label: "Rule",
            unit: "",
            help: "Explicit steps (backprop), or implicit ones by Cholesky (prox-exact) or at most K conjugate-gradient iterations (prox-cgK; a convolution's channels one by one: prox-cgKb), layer by layer; or one implicit step of size τ of all parameters at once (prox-point), for networks of at most 2000 parameters, and at most a million of parameters × points per minibatch.",
            default: "backprop",
            control: Control::Rule,
        },
        quiet: false,
        of_cells: true,
        acts: |_| true,
        get: |r| Value::Rule(r.rule),
        set: |r, v| r.rule = v.rule(),
    },
    Row {
        parameter: Parameter {
            key: "opt",
            section: EACH_RUN,
            label: "Optimizer",
            unit: "",
            help: "What is done with the rule's direction.",
            default: "sgd",
            control: Control::Choice(Optimizer::NAMES),
        },
        quiet: false,
        of_cells: true,
        acts: |_| true,
        get: |r| Value::of(r.opt),
        set: |r, v| r.opt = v.member(),
    },
    Row {
        parameter: Parameter {
            key: "tau",
            section: EACH_RUN,
            label: "Step size τ",
            unit: "",
            help: "The optimizer's step along the direction.",
            default: "10",
            control: Control::LogSlider {
                min: 1e-3,
                max: 1e3,
                hard_min: 1e-6,
                hard_max: 1e6,
            },
        },
        quiet: false,
        of_cells: true,
        acts: |_| true,
        get: |r| r.tau.into(),
        set: |r, v| r.tau = v.number(),
    },
    Row {
        parameter: Parameter {
            key: "tau_theta",
            section: EACH_RUN,
            label: "Prox step τ_θ",
            unit: "",
            help: "How far an implicit step may go: small values approach the gradient; backprop and prox-point have none.",
            default: "1",
            control: Control::LogSlider {
                min: 1e-3,
                max: 1e3,
                hard_min: 1e-6,
                hard_max: 1e6,
            },
        },
        quiet: false,
        of_cells: true,
        acts: |r| r.rule.has_tau_theta(),
        get: |r| r.tau_theta.into(),
        set: |r, v| r.tau_theta = v.number(),
    },
    Row {
        parameter: Parameter {
            key: "momentum",
            section: EACH_RUN,
            label: "Momentum",
            unit: "",
            help: "Of momentum and nesterov; the other optimizers ignore it.",
            default: "0.95",
            control: Control::Number {
                min: 0.0,
                max: 0.999,
            },
        },
        quiet: false,
        of_cells: true,
        acts: |r| r.opt.has_momentum(),
        get: |r| r.momentum.into(),
        set: |r, v| r.momentum = v.number(),
    },
    Row {
        parameter: Parameter {
            key: "cg_tol",
            section: EACH_RUN,
            label: "CG tolerance",
            unit: "",
            help: "prox-cgK stops early where the relative residual is below this.",
            default: "0.01",
            control: Control::Number { min: 0.0, max: 1.0 },
        },
        quiet: false,
        of_cells: true,
        acts: |r| r.rule.iterations().is_some(),
        get: |r| r.cg_tol.into(),
        set: |r, v| r.cg_tol = v.number(),
    },
    Row {
        parameter: Parameter {
            key: "cg_eps",
            section: EACH_RUN,
            label: "CG ε",
            unit: "",
            help: "Added to the denominators of prox-cgK, as in the published code: where |r|² is smaller, CG forgets its directions; 0 is textbook CG.",
            default: "1e-6",
            control: Control::Number { min: 0.0, max: 1.0 },
        },
        quiet: true,
        of_cells: true,
        acts: |r| r.rule.iterations().is_some(),
        get: |r| r.cg_eps.into(),
        set: |r, v| r.cg_eps = v.number(),
    },
    Row {
        parameter: Parameter {
            key: "decay",
            section: EACH_RUN,
            label: "Weight decay",
            unit: "",
            help: "Factor of the parameters that is added to the direction.",
            default: "0",
            control: Control::Number { min: 0.0, max: 1.0 },
        },
        quiet: false,
        of_cells: true,
        acts: |_| true,
        get: |r| r.decay.into(),
        set: |r, v| r.decay = v.number(),
    },
    Row {
        parameter: Parameter {
            key: "l1",
            section: EACH_RUN,
            label: "Sparsity l1",
            unit: "",
            help: "After the optimizer's step every weight (no bias) goes towards zero by τ times this, and what is nearer becomes exactly 0: the proximal step of l1·|w|, an implicit step itself. J and E leave the penalty out; prox-point has none.",
            default: "0",
            control: Control::Number { min: 0.0, max: 1.0 },
        },
        quiet: true,
        of_cells: true,
        acts: |r| !r.rule.is_whole(),
        get: |r| r.l1.into(),
        set: |r, v| r.l1 = v.number(),
    },
    Row {
        parameter: Parameter {
            key: "l1_step",
            section: EACH_RUN,
            label: "Step of l1",
            unit: "",
            help: "implicit: that proximal step, soft thresholding, which leaves exact zeros; explicit: w − τ·l1·sign(w), which jumps about zero and never rests there.",
            default: "implicit",
            control: Control::Choice(Shrinkage::NAMES),
        },
        quiet: true,
        of_cells: true,
        acts: |r| r.l1 > 0.0,
        get: |r| Value::of(r.l1_step),
        set: |r, v| r.l1_step = v.member(),
    },
    Row {
        parameter: Parameter {
            key: "reach",
            section: EACH_RUN,
            label: "Reach",
            unit: "layers",
            help: "How many hidden layers a loss flows back through: 1 is local learning, each layer with a linear head and a loss of its own; as many as there are is end to end. 0: there is one head and one loss, as usual.",
            default: "0",
            control: Control::Integer { min: 0, max: 8 },
        },
        quiet: true,
        of_cells: true,
        acts: |r| !r.rule.is_whole(),
        get: |r| r.reach.into(),
        set: |r, v| r.reach = v.integer(),
    },
    Row {
        parameter: Parameter {
            key: "flat",
            section: EACH_RUN,
            label: "Flatness λ",
            unit: "",
            help: "λ of a penalty on how steep the margin is in a point's coordinates, in l1, by double backpropagation: J is the loss and λ times its mean. For classes and layers of neurons.",
            default: "0",
            control: Control::Number {
                min: 0.0,
                max: 1000.0,
            },
        },
        quiet: true,
        of_cells: true,
        acts: |r| !r.rule.is_whole(),
        get: |r| r.flat.into(),
        set: |r, v| r.flat = v.number(),
    },
    Row {
        parameter: Parameter {
            key: "adv",
            section: EACH_RUN,
            label: "Adversarial ε",
            unit: "",
            help: "Half of the loss is that of adversarial points, made anew at every step: each coordinate goes ε where the margin falls (FGSM).",
            default: "0",
            control: Control::Number {
                min: 0.0,
                max: 1000.0,
            },
        },
        quiet: true,
        of_cells: true,
        acts: |r| !r.rule.is_whole(),
        get: |r| r.adv.into(),
        set: |r, v| r.adv = v.number(),
    },
];

/// A row of either table.
#[derive(Clone, Copy, Debug)]
pub enum Setting {
    /// Of all runs.
    Shared(&'static Row<Config>),
    /// Of one.
    Each(&'static Row<RunConfig>),
}

impl Setting {
    /// Every row, those of all runs first.
    pub fn all() -> impl Iterator<Item = Setting> {
        let shared = SHARED.iter().map(Setting::Shared);
        shared.chain(EACH.iter().map(Setting::Each))
    }

    /// The row of a key.
    pub fn find(key: &str) -> Option<Setting> {
        Setting::all().find(|setting| setting.parameter().key == key)
    }

    /// What a person meets.
    pub fn parameter(self) -> &'static Parameter {
        match self {
            Setting::Shared(row) => &row.parameter,
            Setting::Each(row) => &row.parameter,
        }
    }

    /// The value that a run (from 0) has.
    ///
    /// # Panics
    /// When there is no such run.
    pub fn value(self, config: &Config, run: usize) -> Value {
        match self {
            Setting::Shared(row) => (row.get)(config),
            Setting::Each(row) => (row.get)(&config.runs[run]),
        }
    }

    /// Gives a run (from 0), or all, a value that the parameter has checked.
    pub(in crate::lab) fn put(self, config: &mut Config, run: usize, value: Value) {
        match self {
            Setting::Shared(row) => (row.set)(config, value),
            Setting::Each(row) => (row.set)(&mut config.runs[run], value),
        }
    }
}
