//! The one table of parameters: every key of a run's text, what it means and what is allowed.

use super::parameter::{Control, Parameter, Place, Scope, Value};
use super::{Init, Task};
use crate::Named;
use crate::data::DataSource;
use crate::engine::EngineChoice;
use crate::nn::Activation;
use crate::steps::Optimizer;

/// Every parameter, in the order in which a query string is printed.
pub static PARAMETERS: &[Parameter] = &[
    Parameter {
        key: "data",
        scope: Scope::Data,
        label: "Data",
        unit: "",
        help: "The set of points to learn; points: those placed by hand; state: those of a state file or a CSV file.",
        default: "circle",
        control: Control::Choice(DataSource::NAMES),
        place: Place::Config(|c| Value::of(c.data), |c, v| c.data = v.member()),
    },
    Parameter {
        key: "points",
        scope: Scope::Data,
        label: "Drawn points",
        unit: "",
        help: "The points of data=points by class, all of them trained on: n, noise and valid have no say then.",
        default: "",
        control: Control::Points,
        place: Place::Config(
            |c| Value::Points(c.points.clone()),
            |c, v| {
                let Value::Points(points) = v else {
                    panic!("{v:?} are not points")
                };
                c.points = points;
            },
        ),
    },
    Parameter {
        key: "task",
        scope: Scope::Data,
        label: "Task",
        unit: "",
        help: "Classify by softmax cross-entropy or regress by half the squared error; auto: as the data say.",
        default: "auto",
        control: Control::Choice(Task::NAMES),
        place: Place::Config(|c| Value::of(c.task), |c, v| c.task = v.member()),
    },
    Parameter {
        key: "n",
        scope: Scope::Data,
        label: "Training points",
        unit: "points",
        help: "How many points are trained on.",
        default: "200",
        control: Control::Integer {
            min: 2,
            max: 100_000,
        },
        place: Place::Config(
            |c| Value::Integer(c.n as u64),
            |c, v| c.n = v.integer() as usize,
        ),
    },
    Parameter {
        key: "noise",
        scope: Scope::Data,
        label: "Noise",
        unit: "",
        help: "Standard deviation of the jitter: of the points, or of the answers in regression.",
        default: "0.1",
        control: Control::Number { min: 0.0, max: 2.0 },
        place: Place::Config(|c| c.noise.into(), |c, v| c.noise = v.number()),
    },
    Parameter {
        key: "valid",
        scope: Scope::Data,
        label: "Validation points",
        unit: "× n",
        help: "Points that are only looked at, drawn afresh from the same distribution, as a share of n.",
        default: "0.5",
        control: Control::Number { min: 0.0, max: 2.0 },
        place: Place::Config(|c| c.valid.into(), |c, v| c.valid = v.number()),
    },
    Parameter {
        key: "seed",
        scope: Scope::Data,
        label: "Seed",
        unit: "",
        help: "Decides points, initial weights and minibatch order.",
        default: "1",
        control: Control::Integer {
            min: 0,
            max: u32::MAX as u64,
        },
        place: Place::Config(
            |c| Value::Integer(c.seed.into()),
            |c, v| c.seed = v.integer() as u32,
        ),
    },
    Parameter {
        key: "hidden",
        scope: Scope::Network,
        label: "Hidden layers",
        unit: "neurons",
        help: "Neurons of each hidden layer, separated by commas.",
        default: "8,8",
        control: Control::Text,
        place: Place::Config(
            |c| Value::Widths(c.hidden.clone()),
            |c, v| {
                let Value::Widths(widths) = v else {
                    panic!("{v:?} is not a list")
                };
                c.hidden = widths;
            },
        ),
    },
    Parameter {
        key: "act",
        scope: Scope::Network,
        label: "Activation",
        unit: "",
        help: "The nonlinearity of the hidden layers.",
        default: "tanh",
        control: Control::Choice(Activation::NAMES),
        place: Place::Config(|c| Value::of(c.act), |c, v| c.act = v.member()),
    },
    Parameter {
        key: "init",
        scope: Scope::Network,
        label: "Initial weights",
        unit: "",
        help: "Their distribution: xavier suits tanh and sigmoid, he suits relu.",
        default: "xavier",
        control: Control::Choice(Init::NAMES),
        place: Place::Config(|c| Value::of(c.init), |c, v| c.init = v.member()),
    },
    Parameter {
        key: "scale",
        scope: Scope::Network,
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
        place: Place::Config(|c| c.scale.into(), |c, v| c.scale = v.number()),
    },
    Parameter {
        key: "batch",
        scope: Scope::Training,
        label: "Minibatch",
        unit: "points",
        help: "Points per step; n or more is the full batch. The last, partial minibatch of an epoch counts.",
        default: "200",
        control: Control::Integer {
            min: 1,
            max: 100_000,
        },
        place: Place::Config(
            |c| Value::Integer(c.batch as u64),
            |c, v| c.batch = v.integer() as usize,
        ),
    },
    Parameter {
        key: "epochs",
        scope: Scope::Training,
        label: "Epochs",
        unit: "epochs",
        help: "Passes over the training points until the run is done.",
        default: "300",
        control: Control::Integer {
            min: 1,
            max: 1_000_000,
        },
        place: Place::Config(|c| c.epochs.into(), |c, v| c.epochs = v.integer()),
    },
    Parameter {
        key: "stop",
        scope: Scope::Training,
        label: "Stop early",
        unit: "",
        help: "Ends the run before its epochs are over: when the training loss of every run that has not diverged has \
               once reached a target (loss:0.01), when its lowest value has fallen by less than 1 % in so many steps \
               (plateau:500), or when any run diverges (divergence). Losses are judged where the curves have a point, \
               and only from a state file on.",
        default: "epochs",
        control: Control::Stop,
        place: Place::Config(
            |c| Value::Stop(c.stop),
            |c, v| {
                let Value::Stop(stop) = v else {
                    panic!("{v:?} is not a stop rule")
                };
                c.stop = stop;
            },
        ),
    },
    Parameter {
        key: "engine",
        scope: Scope::Training,
        label: "Engine",
        unit: "",
        help: "Who computes: cpu, gpu, or auto, which measures both for a moment and takes the faster; what the GPU \
               cannot do the CPU does, and the lab says why.",
        default: "auto",
        control: Control::Choice(EngineChoice::NAMES),
        place: Place::Config(|c| Value::of(c.engine), |c, v| c.engine = v.member()),
    },
    Parameter {
        key: "rule",
        scope: Scope::Run,
        label: "Rule",
        unit: "",
        help: "Explicit steps (backprop), or implicit ones by Cholesky (prox-exact) or at most K conjugate-gradient iterations (prox-cgK), layer by layer; or one implicit step of size τ of all parameters at once (prox-point), for networks of at most 2000 parameters, and at most a million of parameters × points per minibatch.",
        default: "backprop",
        control: Control::Rule,
        place: Place::Run(
            |r| Value::Rule(r.rule),
            |r, v| {
                let Value::Rule(rule) = v else {
                    panic!("{v:?} is not a rule")
                };
                r.rule = rule;
            },
        ),
    },
    Parameter {
        key: "opt",
        scope: Scope::Run,
        label: "Optimizer",
        unit: "",
        help: "What is done with the rule's direction.",
        default: "sgd",
        control: Control::Choice(Optimizer::NAMES),
        place: Place::Run(|r| Value::of(r.opt), |r, v| r.opt = v.member()),
    },
    Parameter {
        key: "tau",
        scope: Scope::Run,
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
        place: Place::Run(|r| r.tau.into(), |r, v| r.tau = v.number()),
    },
    Parameter {
        key: "tau_theta",
        scope: Scope::Run,
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
        place: Place::Run(|r| r.tau_theta.into(), |r, v| r.tau_theta = v.number()),
    },
    Parameter {
        key: "momentum",
        scope: Scope::Run,
        label: "Momentum",
        unit: "",
        help: "Of momentum and nesterov; the other optimizers ignore it.",
        default: "0.95",
        control: Control::Number {
            min: 0.0,
            max: 0.999,
        },
        place: Place::Run(|r| r.momentum.into(), |r, v| r.momentum = v.number()),
    },
    Parameter {
        key: "cg_tol",
        scope: Scope::Run,
        label: "CG tolerance",
        unit: "",
        help: "prox-cgK stops early where the relative residual is below this.",
        default: "0.01",
        control: Control::Number { min: 0.0, max: 1.0 },
        place: Place::Run(|r| r.cg_tol.into(), |r, v| r.cg_tol = v.number()),
    },
    Parameter {
        key: "decay",
        scope: Scope::Run,
        label: "Weight decay",
        unit: "",
        help: "Factor of the parameters that is added to the direction.",
        default: "0",
        control: Control::Number { min: 0.0, max: 1.0 },
        place: Place::Run(|r| r.decay.into(), |r, v| r.decay = v.number()),
    },
    Parameter {
        key: "map",
        scope: Scope::Map,
        label: "Step-size map",
        unit: "",
        help: "Trains one run (from 1) from every cell of a grid of settings; the other settings are those of the run. \
               The first axis goes across, the second upwards; each cell is the mean over K seeds.",
        default: "",
        control: Control::Map,
        place: Place::Config(
            |c| Value::Map(c.map.clone()),
            |c, v| {
                let Value::Map(map) = v else {
                    panic!("{v:?} is not a map")
                };
                c.map = map;
            },
        ),
    },
];
