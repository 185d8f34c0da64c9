//! Seconds of a training step on the paper's networks, with a minibatch of 500 images of CIFAR-10's size: burn's plain layers
//! and these, taking turns with the authors' PyTorch layers where those are there.
//!
//! `cargo bench` (on all cores with vectors: `--features fast`; on a graphics card: `--features wgpu`), and with words behind
//! `--`, as `conv "mlp cg3"`, only the rows that have one of them, beside the plain layers. Every row takes `ROUNDS` steps, 5
//! if it is not said, in turns; shown are the medians. For the authors' layers set `PROXPROP` to a checkout of
//! <https://github.com/tfrerix/proxprop> and `PYTHON` to a Python that has PyTorch, if `python3` is none.

#[allow(dead_code, reason = "the examples' own needs")]
#[path = "../examples/shared/mod.rs"]
mod shared;

use std::env;
use std::io::{BufRead, BufReader, Lines, Write};
use std::process::{Child, ChildStdout, Command, Stdio};
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

fn main() {
    let rounds = env::var("ROUNDS").map_or(5, |text| text.parse().expect("ROUNDS is a number"));
    let device = Device::default().autodiff();
    println!("{device:?}");
    let words = env::args().skip(1).filter(|word| !word.starts_with('-'));
    let words: Vec<_> = words.collect();
    for (name, shape) in nets() {
        let mut rules = rules(&shape);
        let plain = rules.remove(0);
        rules.retain(|rule| {
            let row = format!("{name} {}", rule.name);
            words.is_empty() || words.iter().any(|word| row.contains(word))
        });
        if rules.is_empty() {
            continue;
        }
        rules.insert(0, plain);
        let mut rows: Vec<_> = rules
            .iter()
            .map(|rule| Row::new(rule, name, &shape, &device))
            .collect();
        for _ in 0..rounds {
            for row in &mut rows {
                row.ours.take();
                row.theirs.iter_mut().for_each(Steps::take);
            }
        }
        println!("\n| {name} | s per step | × plain | PyTorch, s | × plain |");
        println!("|---|--:|--:|--:|--:|");
        for row in &rows {
            let cells = |steps: Option<&Steps>, plain: Option<&Steps>| {
                steps
                    .zip(plain)
                    .map_or("– | –".to_owned(), |(steps, plain)| {
                        let (seconds, plain) = (steps.median(), plain.median());
                        format!("{seconds:.3} | {:.2}", seconds / plain)
                    })
            };
            let ours = cells(Some(&row.ours), Some(&rows[0].ours));
            let theirs = cells(row.theirs.as_ref(), rows[0].theirs.as_ref());
            println!("| {} | {ours} | {theirs} |", row.name);
        }
    }
}

/// A line of the table.
struct Row {
    name: &'static str,
    ours: Steps,
    theirs: Option<Steps>,
}

impl Row {
    fn new(rule: &Rule, net: &str, shape: &Shape, device: &Device) -> Self {
        let ours = match rule.way {
            Way::Plain => ours(shape.init(device), shape, device),
            Way::Prox(solver) => {
                let prox = Prox::new().with_solver(solver);
                ours(shape.init(device).with_prox(prox), shape, device)
            }
            Way::Graph => ours(Surrogate::new(shape, device), shape, device),
        };
        Self {
            name: rule.name,
            ours,
            theirs: rule.theirs.and_then(|mode| theirs(net, mode)),
        }
    }
}

/// Steps that somebody takes, and the seconds of those taken.
struct Steps {
    step: Box<dyn FnMut() -> f64>,
    seconds: Vec<f64>,
}

impl Steps {
    /// The first step makes what is made once, and does not count.
    fn new(mut step: impl FnMut() -> f64 + 'static) -> Self {
        step();
        Self {
            step: Box::new(step),
            seconds: Vec::new(),
        }
    }

    fn take(&mut self) {
        self.seconds.push((self.step)());
    }

    fn median(&self) -> f64 {
        let mut sorted = self.seconds.clone();
        sorted.sort_by(f64::total_cmp);
        sorted[sorted.len() / 2]
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

/// How a row takes its steps.
struct Rule {
    name: &'static str,
    way: Way,
    /// Its name among the authors' modes.
    theirs: Option<&'static str>,
}

enum Way {
    Plain,
    Prox(Solver),
    Graph,
}

/// The plain layers first.
fn rules(shape: &Shape) -> Vec<Rule> {
    let rule = |name, way, theirs| Rule { name, way, theirs };
    let mut rules = vec![rule("plain", Way::Plain, Some("plain"))];
    let columns = Way::Prox(Solver::Exact);
    if shape.convs.is_empty() {
        rules.extend([
            rule("exact, by rows", Way::Prox(Solver::Rows), None),
            rule("exact, by columns", columns, Some("prox_exact")),
            rule("in the graph, solving left out", Way::Graph, None),
        ]);
    } else {
        // Theirs has no exact step for convolutions.
        rules.push(rule("exact, by columns", columns, None));
    }
    rules.push(rule("cg3", Way::Prox(Solver::cg(3)), Some("prox_cg3")));
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

fn ours(mut net: impl Network + 'static, shape: &Shape, device: &Device) -> Steps {
    let [channels, height, width] = shape.image;
    let size = [SAMPLES, channels, height, width];
    let images = Tensor::<4>::random(size, Distribution::Uniform(0.0, 1.0), device);
    let labels: Vec<i32> = (0..SAMPLES as i32).map(|sample| sample % 10).collect();
    let labels = Tensor::<1, Int>::from_data(labels.as_slice(), device).unsqueeze_dim::<2>(1);
    let mut optimizer = optimizer(shape);
    let device = device.clone();
    Steps::new(move || {
        let begin = Instant::now();
        let loss = cross_entropy(net.answer(images.clone()), labels.clone()).mean();
        let gradients = GradientsParams::from_grads(backward(&loss), &net);
        net = optimizer.step(1e-4, net.clone(), gradients);
        device.sync().expect("the device goes on");
        begin.elapsed().as_secs_f64()
    })
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

/// The same steps by the authors' layers; none where they are not there.
fn theirs(net: &str, mode: &str) -> Option<Steps> {
    let checkout = env::var_os("PROXPROP")?;
    let python = env::var("PYTHON").unwrap_or("python3".to_owned());
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/peers/torch_steps.py");
    let mut command = Command::new(python);
    command.arg(script).arg(checkout).args([net, mode]);
    let mut peer = Peer::new(&mut command);
    Some(Steps::new(move || peer.step()))
}

/// A process that takes a step for every line that it is sent, and answers with its seconds.
struct Peer {
    process: Child,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Peer {
    fn new(command: &mut Command) -> Self {
        let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = piped.spawn().expect("PYTHON can be started");
        let answers = BufReader::new(process.stdout.take().expect("a pipe")).lines();
        Self { process, answers }
    }

    fn step(&mut self) -> f64 {
        let ask = self.process.stdin.as_mut().expect("a pipe");
        writeln!(ask, "step").expect("PyTorch listens");
        let seconds = self.answers.next().expect("PyTorch answers");
        let seconds = seconds.expect("PyTorch answers in words");
        seconds.parse().expect("a number of seconds")
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // What has ended by itself cannot be killed.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
