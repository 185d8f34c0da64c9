//! Seconds of a training step on the paper's networks, with a minibatch of 500 images of CIFAR-10's size: burn's plain layers
//! and these, taking turns with the authors' PyTorch layers where those are there.
//!
//! `cargo bench` (on all cores with vectors: `--features fast`; on a graphics card: `--features wgpu`), and with words behind
//! `--`, as `mlp cg3`, only the rows that have them. `SECONDS` is how long each is measured at least, 5 if it is not said. For
//! the authors' layers set `PROXPROP` to a checkout of <https://github.com/tfrerix/proxprop> and `PYTHON` to a Python that
//! has PyTorch, if `python3` is none.

#[allow(dead_code, reason = "the examples' own needs")]
#[path = "../examples/shared/mod.rs"]
mod shared;

use std::env;
use std::process::Command;
use std::time::Instant;

use burn::module::{Module, Param};
use burn::nn::Linear;
use burn::optim::momentum::MomentumConfig;
use burn::optim::{AdamConfig, GradientsParams, ModuleOptimizer, SgdConfig};
use burn::tensor::activation::relu;
use burn::tensor::module::linear;
use burn::tensor::{Device, Distribution, Int, Tensor};
use proxprop_burn::{Prox, Solver, backward};
use shared::{Net, Shape, cross_entropy};

const SAMPLES: usize = 500;
const PLAIN: &str = "plain";
const SURROGATE: &str = "as a part of the graph, solving left out";

fn main() {
    let seconds =
        env::var("SECONDS").map_or(5.0, |text| text.parse().expect("SECONDS is a number"));
    let device = Device::default().autodiff();
    println!("{device:?}");
    let words: Vec<_> = env::args()
        .skip(1)
        .filter(|word| !word.starts_with('-'))
        .collect();
    let is_wanted = |row: &str| words.iter().all(|word| row.contains(word));
    for (name, shape) in nets() {
        let mut rules = rules(&shape);
        rules.retain(|(rule, ..)| is_wanted(&format!("{name} {rule}")));
        if rules.is_empty() {
            continue;
        }
        // What all others are compared with.
        if rules[0].0 != PLAIN {
            rules.insert(0, (PLAIN, None, Some("plain")));
        }
        println!("\n| {name} | s per step | × plain | PyTorch, s | × plain |");
        println!("|---|--:|--:|--:|--:|");
        let mut first = None;
        for (rule, solver, theirs) in rules {
            let net = shape.init(&device);
            let net = match solver {
                Some(solver) => net.with_prox(Prox::new().with_solver(solver)),
                None => net,
            };
            let ours = time(net, &shape, seconds, &device);
            let theirs = theirs.and_then(|mode| peers(name, mode, seconds));
            let (plain, their_plain) = *first.get_or_insert((ours, theirs));
            let cell = |number: Option<f64>| number.map_or("–".to_owned(), |x| format!("{x:.3}"));
            let ratio = theirs.zip(their_plain).map(|(mine, plain)| mine / plain);
            println!(
                "| {rule} | {ours:.3} | {:.2} | {} | {} |",
                ours / plain,
                cell(theirs),
                cell(ratio)
            );
        }
        if shape.convs.is_empty() && is_wanted(&format!("{name} {SURROGATE}")) {
            let surrogate = time(Surrogate::new(&shape, &device), &shape, seconds, &device);
            let (plain, _) = first.expect("there is a plain row");
            let ratio = surrogate / plain;
            println!("| {SURROGATE} | {surrogate:.3} | {ratio:.2} | | |");
        }
    }
}

/// As published: the convolutional one without the paper's last pooling.
fn nets() -> [(&'static str, Shape); 2] {
    let mlp = Shape {
        image: [3, 32, 32],
        convs: vec![],
        hidden: vec![4000, 1000, 4000],
        classes: 10,
    };
    let conv = Shape {
        image: [3, 32, 32],
        convs: vec![(5, 16, true), (5, 20, true), (5, 20, false)],
        hidden: vec![],
        classes: 10,
    };
    [("mlp", mlp), ("conv", conv)]
}

/// What it is called here, its solver, and its name among the authors' modes.
fn rules(shape: &Shape) -> Vec<(&'static str, Option<Solver>, Option<&'static str>)> {
    let dense = shape.convs.is_empty();
    let mut rules = vec![(PLAIN, None, Some("plain"))];
    if dense {
        // Theirs has no exact step for convolutions.
        rules.push(("exact, by rows", Some(Solver::Rows), None));
        rules.push(("exact, by columns", Some(Solver::Exact), Some("prox_exact")));
    } else {
        rules.push(("exact, by columns", Some(Solver::Exact), None));
    }
    rules.push(("cg3", Some(Solver::cg(3)), Some("prox_cg3")));
    rules
}

trait Network: Module {
    fn answer(&self, images: Tensor<4>) -> Tensor<2>;
}

impl Network for Net {
    fn answer(&self, images: Tensor<4>) -> Tensor<2> {
        self.forward(images)
    }
}

/// The other way to have exact steps: as a part of the graph, `z + (s − s.detach())` with `s = K⁻¹ÂΘ`. Here `K` stands for its
/// inverse, so this is a lower bound.
#[derive(Module, Debug)]
struct Surrogate {
    layers: Vec<Linear>,
}

impl Surrogate {
    fn new(shape: &Shape, device: &Device) -> Self {
        let widths = [&[3072][..], &shape.hidden, &[shape.classes]].concat();
        let parameter = |shape| {
            Param::from_tensor(Tensor::<2>::random(
                shape,
                Distribution::Uniform(-0.02, 0.02),
                device,
            ))
        };
        let layer = |pair: &[usize]| Linear {
            weight: parameter([pair[0], pair[1]]),
            bias: Some(Param::from_tensor(Tensor::zeros([pair[1]], device))),
        };
        Self {
            layers: widths.windows(2).map(layer).collect(),
        }
    }
}

impl Network for Surrogate {
    fn answer(&self, images: Tensor<4>) -> Tensor<2> {
        let (output, hidden) = self.layers.split_last().expect("layers");
        let mut x: Tensor<2> = images.flatten(1, 3);
        for layer in hidden {
            let a = x.clone().without_autodiff();
            let k = a.clone().matmul(a.clone().transpose()) + 1.0;
            let bias = layer.bias.as_ref().map(Param::val);
            let s = k.matmul(linear(a, layer.weight.val(), bias));
            let z = layer.valid().forward(x);
            x = relu(z + (s.clone() - s.without_autodiff()));
        }
        output.forward(x)
    }
}

/// The median of at least three steps.
fn time(mut net: impl Network, shape: &Shape, seconds: f64, device: &Device) -> f64 {
    let [channels, height, width] = shape.image;
    let size = [SAMPLES, channels, height, width];
    let images = Tensor::<4>::random(size, Distribution::Uniform(0.0, 1.0), device);
    let labels: Vec<i32> = (0..SAMPLES as i32).map(|sample| sample % 10).collect();
    let labels = Tensor::<1, Int>::from_data(labels.as_slice(), device).unsqueeze_dim::<2>(1);
    let mut optimizer = optimizer(shape);
    let mut step = || {
        let begin = Instant::now();
        let loss = cross_entropy(net.answer(images.clone()), labels.clone()).mean();
        let gradients = GradientsParams::from_grads(backward(&loss), &net);
        net = optimizer.step(1e-4, net.clone(), gradients);
        device.sync().expect("the device goes on");
        begin.elapsed().as_secs_f64()
    };
    step();
    let (begin, mut all) = (Instant::now(), Vec::new());
    while all.len() < 3 || begin.elapsed().as_secs_f64() < seconds {
        all.push(step());
    }
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}

fn optimizer(shape: &Shape) -> ModuleOptimizer {
    if shape.convs.is_empty() {
        let nesterov = MomentumConfig::new()
            .with_momentum(0.95)
            .with_dampening(0.0)
            .with_nesterov(true);
        SgdConfig::new().with_momentum(Some(nesterov)).init()
    } else {
        AdamConfig::new().with_epsilon(1e-8).init()
    }
}

/// Seconds of the same step of the authors' layers; none where they are not there.
fn peers(net: &str, mode: &str, seconds: f64) -> Option<f64> {
    let checkout = env::var_os("PROXPROP")?;
    let python = env::var("PYTHON").unwrap_or("python3".to_owned());
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/peers/torch_steps.py");
    let mut command = Command::new(python);
    command.arg(script).arg(checkout).args([net, mode]);
    let output = command
        .arg(seconds.to_string())
        .output()
        .expect("PYTHON can be started");
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "PyTorch failed: {words}");
    let text = String::from_utf8_lossy(&output.stdout);
    Some(text.trim().parse().expect("a number of seconds"))
}
