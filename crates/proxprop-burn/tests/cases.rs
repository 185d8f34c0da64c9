//! The reference cases: small image networks whose directions and steps were computed in double precision from the paper's
//! equations, outside of this crate (the files in `golden`).

mod common;

use std::fs;

use burn::module::{Module, Param};
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{Linear, PaddingConfig2d};
use burn::optim::momentum::MomentumConfig;
use burn::optim::{AdamConfig, GradientsParams, ModuleOptimizer, SgdConfig};
use burn::tensor::activation::{log_softmax, relu};
use burn::tensor::module::max_pool2d;
use burn::tensor::ops::MaxPoolOptions;
use burn::tensor::{Device, Int, Tensor};
use common::{Place, assert_near, numbers, places};
use proxprop_burn::{Prox, ProxConv2d, ProxLinear, Solver, backward};
use serde::Deserialize;

#[derive(Deserialize)]
struct Case {
    shape: [usize; 3],
    net: Vec<Stage>,
    rule: String,
    tau: f64,
    tau_theta: f64,
    opt: String,
    momentum: f64,
    tol: f64,
    eps: f64,
    x: Vec<Vec<f64>>,
    y: Vec<i64>,
    batches: Vec<Vec<usize>>,
    thetas: Vec<Matrix>,
    expected: Expected,
}

type Matrix = Vec<Vec<f64>>;

#[derive(Deserialize, Clone, Debug)]
struct Stage {
    kind: String,
    out: usize,
    #[serde(default)]
    k: usize,
    #[serde(default)]
    stride: usize,
    #[serde(default)]
    pad: usize,
    act: Option<String>,
    #[serde(default)]
    pool: usize,
    #[serde(default)]
    pool_stride: usize,
}

#[derive(Deserialize)]
struct Expected {
    trace: Vec<Moment>,
    first: First,
    final_loss: f64,
    final_thetas: Vec<Matrix>,
}

#[derive(Deserialize)]
struct Moment {
    loss: f64,
}

#[derive(Deserialize)]
struct First {
    directions: Vec<Matrix>,
    logits: Matrix,
}

#[derive(Module, Debug)]
enum Layer {
    Conv(Conv2d),
    ProxConv(ProxConv2d),
    Dense(Linear),
    ProxDense(ProxLinear),
}

#[derive(Module, Debug)]
struct Net {
    layers: Vec<Layer>,
    #[module(skip)]
    stages: Vec<Stage>,
}

impl Net {
    fn new(case: &Case, prox: Option<Prox>, place: &Place) -> Self {
        let mut channels = case.shape[0];
        let last = case.net.len() - 1;
        let layer = |(at, (stage, theta)): (usize, (&Stage, &Matrix))| {
            let (weights, bias) = theta.split_at(theta.len() - 1);
            let inputs = weights.len();
            let bias = Some(parameter(place.tensor(bias[0].clone(), [stage.out])));
            if stage.kind == "conv" {
                let Stage { k, out, pad, .. } = *stage;
                let config = Conv2dConfig::new([channels, out], [k, k])
                    .with_stride([stage.stride; 2])
                    .with_padding(PaddingConfig2d::Explicit(pad, pad, pad, pad));
                let columns = (0..out).flat_map(|o| weights.iter().map(move |row| row[o]));
                let weight = place.tensor(columns.collect(), [out, channels, k, k]);
                channels = out;
                let conv = Conv2d {
                    weight: parameter(weight),
                    bias,
                    ..config.init(&place.device)
                };
                match prox {
                    Some(prox) => Layer::ProxConv(ProxConv2d::new(conv, prox)),
                    None => Layer::Conv(conv),
                }
            } else {
                let dense = Linear {
                    weight: parameter(place.tensor(weights.concat(), [inputs, stage.out])),
                    bias,
                };
                match prox {
                    Some(prox) if at < last => Layer::ProxDense(ProxLinear::new(dense, prox)),
                    _ => Layer::Dense(dense),
                }
            }
        };
        let stages = case.net.iter().zip(&case.thetas).enumerate();
        Self {
            layers: stages.map(layer).collect(),
            stages: case.net.clone(),
        }
    }

    fn forward(&self, images: Tensor<4>) -> Tensor<2> {
        let mut images = Some(images);
        let mut rows: Option<Tensor<2>> = None;
        for (layer, stage) in self.layers.iter().zip(&self.stages) {
            match layer {
                Layer::Conv(_) | Layer::ProxConv(_) => {
                    let image = images.take().expect("convolutions come first");
                    let image = match layer {
                        Layer::Conv(layer) => layer.forward(image),
                        Layer::ProxConv(layer) => layer.forward(image),
                        _ => unreachable!("matched above"),
                    };
                    let image = activate(stage, image);
                    let Stage {
                        pool, pool_stride, ..
                    } = *stage;
                    images = Some(if pool == 0 {
                        image
                    } else {
                        let stride = if pool_stride == 0 { pool } else { pool_stride };
                        let options = MaxPoolOptions::new([pool; 2]).with_stride([stride; 2]);
                        max_pool2d(image, options)
                    });
                }
                Layer::Dense(_) | Layer::ProxDense(_) => {
                    let flat = images.take().map(|images| images.flatten(1, 3));
                    let row = flat.or(rows.take()).expect("there is one or the other");
                    let row = match layer {
                        Layer::Dense(layer) => layer.forward(row),
                        Layer::ProxDense(layer) => layer.forward(row),
                        _ => unreachable!("matched above"),
                    };
                    rows = Some(activate(stage, row));
                }
            }
        }
        rows.expect("the last layer is dense")
    }

    /// Inputs × outputs, the bias in the last row, of parameters or of their gradients.
    fn thetas(&self, gradients: Option<&GradientsParams>) -> Vec<Vec<f64>> {
        let theta = |layer: &Layer| {
            let (weight, bias) = match layer {
                Layer::Conv(layer) | Layer::ProxConv(ProxConv2d { inner: layer, .. }) => {
                    let columns = value(&layer.weight, gradients).flatten::<2>(1, 3);
                    (columns.transpose(), &layer.bias)
                }
                Layer::Dense(layer) | Layer::ProxDense(ProxLinear { inner: layer, .. }) => {
                    (value(&layer.weight, gradients), &layer.bias)
                }
            };
            let bias = value(bias.as_ref().expect("all have one"), gradients);
            let mut theta = numbers(&weight);
            theta.extend(numbers(&bias));
            theta
        };
        self.layers.iter().map(theta).collect()
    }
}

fn parameter<const D: usize>(value: Tensor<D>) -> Param<Tensor<D>> {
    Param::from_tensor(value)
}

fn value<const D: usize>(
    parameter: &Param<Tensor<D>>,
    gradients: Option<&GradientsParams>,
) -> Tensor<D> {
    match gradients {
        None => parameter.val(),
        Some(gradients) => gradients.get(parameter.id).expect("every parameter learns"),
    }
}

fn activate<const D: usize>(stage: &Stage, x: Tensor<D>) -> Tensor<D> {
    match stage.act.as_deref() {
        None => x,
        Some("relu") => relu(x),
        Some("tanh") => x.tanh(),
        Some(other) => panic!("{other}"),
    }
}

fn cross_entropy(logits: Tensor<2>, labels: &[i64], device: &Device) -> Tensor<1> {
    let labels = Tensor::<1, Int>::from_data(labels, device).unsqueeze_dim(1);
    -log_softmax(logits, 1).gather(1, labels).mean()
}

fn read(name: &str) -> Case {
    let path = format!(
        "{}/tests/golden/images-{name}.json",
        env!("CARGO_MANIFEST_DIR")
    );
    let text = fs::read_to_string(&path).expect("a case that is there");
    serde_json::from_str(&text).expect("a case")
}

fn solver(case: &Case) -> Option<Solver> {
    match case.rule.as_str() {
        "backprop" => None,
        "prox-exact" => Some(Solver::Exact),
        rule => {
            let iterations = rule.strip_prefix("prox-cg").expect("a rule");
            Some(Solver::Cg {
                iterations: iterations.trim_end_matches('b').parse().expect("a number"),
                tolerance: case.tol,
                eps: case.eps,
                each_output: iterations.ends_with('b'),
            })
        }
    }
}

fn optimizer(case: &Case) -> ModuleOptimizer {
    match case.opt.as_str() {
        "sgd" => SgdConfig::new().init(),
        "nesterov" => {
            let momentum = MomentumConfig::new()
                .with_momentum(case.momentum)
                .with_dampening(0.0)
                .with_nesterov(true);
            SgdConfig::new().with_momentum(Some(momentum)).init()
        }
        "adam" => AdamConfig::new().with_epsilon(1e-8).init(),
        other => panic!("{other}"),
    }
}

/// Directions at the first step, then losses and parameters through all of them.
fn replay(name: &str, solver: Option<Solver>, place: &Place) {
    let case = read(name);
    let what = |part: &str| format!("{name} on {}, {solver:?}: {part}", place.name);
    let prox = solver.map(|solver| Prox {
        tau_theta: case.tau_theta,
        solver,
    });
    let mut net = Net::new(&case, prox, place);
    let mut optimizer = optimizer(&case);
    // burn keeps the optimizers' own factors in single precision; Adam's 1 − β₂ loses most by it.
    let later = match case.opt.as_str() {
        "sgd" => place.near * 10.0,
        "nesterov" => (place.near * 10.0).max(1e-6),
        _ => (place.near * 10.0).max(1e-5),
    };
    let batch = |rows: &[usize]| {
        let [channels, height, width] = case.shape;
        let x = rows.iter().flat_map(|&row| case.x[row].clone()).collect();
        let labels: Vec<i64> = rows.iter().map(|&row| case.y[row]).collect();
        (
            place.tensor(x, [rows.len(), channels, height, width]),
            labels,
        )
    };
    for (step, (rows, expected)) in case.batches.iter().zip(&case.expected.trace).enumerate() {
        let (x, labels) = batch(rows);
        let logits = net.forward(x);
        if step == 0 {
            let expected = case.expected.first.logits.concat();
            assert_near(&what("logits"), &numbers(&logits), &expected, place.near);
        }
        let loss = cross_entropy(logits, &labels, &place.device);
        assert_near(&what("loss"), &numbers(&loss), &[expected.loss], later);
        let gradients = GradientsParams::from_grads(backward(&loss), &net);
        if step == 0 {
            let found = net.thetas(Some(&gradients));
            for (layer, (found, expected)) in found
                .iter()
                .zip(&case.expected.first.directions)
                .enumerate()
            {
                let what = what(&format!("direction of layer {layer}"));
                assert_near(&what, found, &expected.concat(), place.near);
            }
        }
        net = optimizer.step(case.tau, net, gradients);
    }
    for (found, expected) in net.thetas(None).iter().zip(&case.expected.final_thetas) {
        assert_near(
            &what("parameters at the end"),
            found,
            &expected.concat(),
            later,
        );
    }
    let all: Vec<usize> = (0..case.x.len()).collect();
    let (x, labels) = batch(&all);
    let loss = cross_entropy(net.valid().forward(x), &labels, &place.device);
    let expected = [case.expected.final_loss];
    assert_near(&what("loss at the end"), &numbers(&loss), &expected, later);
}

fn replay_everywhere(name: &str) {
    for place in places() {
        replay(name, solver(&read(name)), &place);
    }
}

/// The plain layers: burn's own backpropagation is the cases'.
#[test]
fn plain_layers() {
    replay_everywhere("backprop-sgd");
    replay_everywhere("ties");
}

#[test]
fn exact_by_columns_with_strides() {
    replay_everywhere("prox-exact-sgd-strided");
}

#[test]
fn exact_on_digits() {
    replay_everywhere("digits-prox-exact");
}

#[test]
fn exact_by_rows_is_the_same() {
    for place in places() {
        for name in ["prox-exact-sgd-strided", "digits-prox-exact"] {
            for solver in [Solver::Rows, Solver::Auto] {
                replay(name, Some(solver), &place);
            }
        }
    }
}

#[test]
fn conjugate_gradients_as_the_authors_have_them() {
    replay_everywhere("prox-cg3-adam");
}

#[test]
fn conjugate_gradients_for_each_output() {
    replay_everywhere("prox-cg3b-nesterov");
}

#[test]
fn conjugate_gradients_end_at_their_tolerance() {
    replay_everywhere("cg-tolerance");
}
