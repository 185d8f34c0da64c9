//! Handwritten digits, 8×8, read by a dense and by a convolutional network, trained by BackProp and by ProxProp from the same
//! weights and minibatches.
//!
//! `cargo run --release --example digits` (on a graphics card: `--features wgpu`); `-- --help` says what can be set.
//!
//! Data: E. Alpaydin, C. Kaynak, *Optical Recognition of Handwritten Digits*, UCI Machine Learning Repository, 1998,
//! <https://doi.org/10.24432/C50P49>, CC BY 4.0; its test part of 1797 digits, a byte for the digit and 64 for the pixels
//! each (0 to 16). The first 1500 train; the last 297 validate, most of them by people whose hands the network has not seen.

mod shared;

use std::error::Error;
use std::fs;
use std::path::PathBuf;

use burn::optim::{AdamConfig, SgdConfig};
use burn::tensor::Device;
use clap::Parser;
use proxprop_burn::Prox;
use shared::{Images, Plan, Run, Shape, draw, train};

#[derive(Parser)]
#[command(about = "BackProp and ProxProp on handwritten digits")]
struct Options {
    /// The networks' initial weights and the order of the digits follow from it
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Epochs of the dense network
    #[arg(long, default_value_t = 20)]
    epochs: usize,
    /// Epochs of the convolutional network
    #[arg(long, default_value_t = 6)]
    conv_epochs: usize,
    /// Where digits-dense.svg and digits-conv.svg are written
    #[arg(long, default_value = ".")]
    out: PathBuf,
}

fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::parse();
    let device = Device::default().autodiff();
    let images = digits();
    fs::create_dir_all(&options.out)?;
    let plan = |epochs| Plan {
        epochs,
        minibatch: 100,
        training: 0..1500,
        validation: 1500..1797,
        seed: options.seed,
    };
    let sgd = SgdConfig::new().init();
    let adam = AdamConfig::new().with_epsilon(1e-8).init();
    let dense = Shape {
        image: [1, 8, 8],
        convs: vec![],
        hidden: vec![32],
        classes: 10,
    };
    let conv = Shape {
        convs: vec![(3, 8, true), (3, 16, true)],
        hidden: vec![],
        ..dense
    };
    // Name, whether with implicit steps, step size.
    let rules: [&[(&str, bool, f64)]; 2] = [
        &[
            ("BackProp, τ = 1, its best", false, 1.0),
            ("BackProp, τ = 10", false, 10.0),
            ("ProxProp, τ = 10", true, 10.0),
        ],
        &[
            ("BackProp, τ = 0.03", false, 0.03),
            ("ProxProp, τ = 0.03", true, 0.03),
        ],
    ];
    let experiments = [
        (
            "dense",
            "64-32-10, gradient descent",
            dense,
            options.epochs,
            sgd,
        ),
        (
            "conv",
            "two convolutions, Adam",
            conv,
            options.conv_epochs,
            adam,
        ),
    ];
    for ((name, title, shape, epochs, optimizer), rules) in experiments.into_iter().zip(rules) {
        device.seed(options.seed);
        let net = shape.init(&device);
        let mut curves = Vec::new();
        for &(rule, implicit, tau) in rules {
            let net = net.clone();
            let run = Run {
                name: rule.to_owned(),
                net: if implicit {
                    net.with_prox(Prox::new())
                } else {
                    net
                },
                optimizer: optimizer.clone(),
                tau,
            };
            let (curve, _) = train(run, &images, &plan(epochs), &device)?;
            curves.push(curve);
        }
        println!("{title}:");
        for curve in &curves {
            let [loss, accuracy] = [&curve.loss, &curve.accuracy].map(|all| all[all.len() - 1]);
            println!(
                "  {:<28} loss {loss:.4}, validation {:.1} %",
                curve.name,
                100.0 * accuracy
            );
        }
        let path = options.out.join(format!("digits-{name}.svg"));
        draw(&path, &format!("Handwritten digits, {title}"), &curves)?;
        println!("  curves in {}", path.display());
    }
    Ok(())
}

fn digits() -> Images {
    let records = include_bytes!("data/digits.bin").chunks_exact(65);
    Images {
        shape: [1, 8, 8],
        white: 16.0,
        pixels: records
            .clone()
            .flat_map(|record| record[1..].to_vec())
            .collect(),
        labels: records.map(|record| record[0]).collect(),
    }
}
