//! The paper's own networks on CIFAR-10, trained by BackProp and by ProxProp from the same weights and minibatches.
//!
//! `cargo run --release --example cifar10 -- --cifar FOLDER` (on a graphics card: `--features wgpu`), where the folder has
//! the files of CIFAR-10's *binary version*: `data_batch_1.bin` to `data_batch_5.bin` and `test_batch.bin`.

mod shared;

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use burn::optim::momentum::MomentumConfig;
use burn::optim::{AdamConfig, ModuleOptimizer, SgdConfig};
use burn::tensor::Device;
use clap::builder::RangedU64ValueParser;
use clap::{Parser, ValueEnum};
use proxprop_burn::{Prox, Solver};
use shared::{Images, Plan, Run, Shape, draw, evaluate, train};

/// Images in each of the files, and bytes of each image: its class, then 32×32 of red, of green and of blue.
const IMAGES: usize = 10_000;
const RECORD: usize = 1 + 3 * 32 * 32;

#[derive(Parser)]
#[command(about = "BackProp and ProxProp on CIFAR-10, with the networks of the paper")]
struct Options {
    /// The folder with CIFAR-10's binary version
    #[arg(long)]
    cifar: PathBuf,
    /// 3072-4000-1000-4000-10 with Nesterov's momentum, or three convolutions with Adam
    #[arg(long, value_enum, default_value = "conv")]
    net: Kind,
    /// Iterations of conjugate gradients; without, the systems are solved exactly
    #[arg(long, value_parser = RangedU64ValueParser::<usize>::new().range(1..))]
    cg: Option<usize>,
    /// Epochs
    #[arg(long, default_value_t = 50)]
    epochs: usize,
    /// Images that train
    #[arg(long, default_value_t = 45_000, value_parser = RangedU64ValueParser::<usize>::new().range(500..=45_000))]
    images: usize,
    /// The networks' initial weights and the order of the images follow from it
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where cifar10.svg is written
    #[arg(long, default_value = ".")]
    out: PathBuf,
}

#[derive(Clone, Copy, ValueEnum)]
enum Kind {
    Mlp,
    Conv,
}

fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::parse();
    let device = Device::default().autodiff();
    let images = read(&options.cifar)?;
    fs::create_dir_all(&options.out)?;
    let plan = Plan {
        epochs: options.epochs,
        minibatch: 500,
        training: 0..options.images,
        validation: 45_000..50_000,
        seed: options.seed,
    };
    let nesterov = MomentumConfig::new()
        .with_momentum(0.95)
        .with_dampening(0.0)
        .with_nesterov(true);
    let (shape, optimizer, tau_theta, taus) = match options.net {
        Kind::Mlp => (
            Shape {
                image: [3, 32, 32],
                convs: vec![],
                hidden: vec![4000, 1000, 4000],
                classes: 10,
            },
            SgdConfig::new().with_momentum(Some(nesterov)).init(),
            0.05,
            [0.05, 1.0],
        ),
        Kind::Conv => (
            Shape {
                image: [3, 32, 32],
                convs: vec![(5, 16, true), (5, 20, true), (5, 20, true)],
                hidden: vec![],
                classes: 10,
            },
            AdamConfig::new().with_epsilon(1e-8).init(),
            1.0,
            [1e-3, 1e-3],
        ),
    };
    let prox = Prox {
        tau_theta,
        solver: options.cg.map_or(Solver::Auto, Solver::cg),
    };
    device.seed(options.seed);
    let net = shape.init(&device);
    let run = |name: &str, net, tau| Run {
        name: format!("{name}, τ = {tau}"),
        net,
        optimizer: ModuleOptimizer::clone(&optimizer),
        tau,
    };
    let runs = [
        run("BackProp", net.clone(), taus[0]),
        run("ProxProp", net.with_prox(prox), taus[1]),
    ];
    let path = options.out.join("cifar10.svg");
    let mut curves = Vec::new();
    for run in runs {
        let (curve, net) = train(run, &images, &plan, &device)?;
        let (_, accuracy) = evaluate(&net, &images, 50_000..60_000, &device);
        println!("{}: test accuracy {:.1} %", curve.name, 100.0 * accuracy);
        curves.push(curve);
        draw(&path, "CIFAR-10", &curves)?;
    }
    println!("curves in {}", path.display());
    Ok(())
}

/// All 60000, the test images last.
fn read(folder: &Path) -> Result<Images, String> {
    let mut images = Images {
        shape: [3, 32, 32],
        white: 255.0,
        pixels: Vec::new(),
        labels: Vec::new(),
    };
    let training = (1..=5).map(|part| format!("data_batch_{part}.bin"));
    for name in training.chain(["test_batch.bin".to_owned()]) {
        let path = folder.join(name);
        let name = path.display();
        let bytes = fs::read(&path).map_err(|error| format!("{name}: {error}"))?;
        let (found, expected) = (bytes.len(), IMAGES * RECORD);
        if found != expected {
            return Err(format!(
                "{name} has {found} bytes; a file of CIFAR-10's binary version has {expected}"
            ));
        }
        for record in bytes.chunks_exact(RECORD) {
            let label = record[0];
            if label > 9 {
                return Err(format!(
                    "{name} has an image of class {label}; CIFAR-10 has 0 to 9"
                ));
            }
            images.labels.push(label);
            images.pixels.extend_from_slice(&record[1..]);
        }
    }
    Ok(images)
}
