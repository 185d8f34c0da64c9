//! `proxprop paper` as a user runs it, on images in CIFAR-10's format and on those that the program makes up.

mod common;
#[path = "common/interrupt.rs"]
mod interrupt;

use std::fs::{self, File};
use std::path::Path;

use common::{refused, succeeds};
#[cfg(unix)]
use interrupt::interrupted;
use interrupt::started;
use nalgebra::DMatrix;
use proxprop::Named;
use proxprop::data::cifar::{BYTES, Records, TEST, TRAINING};
use proxprop::data::rng::{Purpose, Stream};
use proxprop::lab::paper::{
    Advance, Experiment, Images, Net, PAPER, Plan, TAUS, Training, rows, table,
};
use proxprop::nn::Arithmetic;
use proxprop::steps::optimizer::{Epsilon, StepSize};
use proxprop::steps::{Optimizer, OptimizerState, Rule};
use tempfile::TempDir;

const NEVER: &dyn Fn() -> bool = &|| false;

/// So many images in CIFAR-10's format: noise, brighter from class to class.
fn records(seed: u32, images: usize) -> Records {
    let mut stream = Stream::new(seed, Purpose::Noise, 0);
    let mut file = Vec::new();
    for i in 0..images {
        let class = (i % 10) as u8;
        file.push(class);
        file.extend((0..3072).map(|_| (20 * class) + stream.below(70) as u8));
    }
    let mut records = Records::default();
    records.add_file(&file);
    records
}

/// 20 to train on, 2 to validate and 4 to test.
fn images() -> Images {
    Images::of_records(records(1, 30), records(2, 10), 20)
}

fn plan(experiment: Experiment, net: Net, rules: &[Rule], epochs: u64) -> Plan {
    Plan::new(experiment, net, rules, epochs, 1, Arithmetic::Portable)
}

#[test]
fn the_networks_and_settings_are_the_papers() {
    let of = |experiment: Experiment, net| plan(experiment, net, &experiment.rules(), 50);
    let mlp = of(Experiment::Mlp, Net::Paper);
    assert_eq!(mlp.architecture().sizes(), [3072, 4000, 1000, 4000, 10]);
    assert_eq!(mlp.network(), "3072-4000-1000-4000-10");
    let [paper, code] = [Net::Paper, Net::Code].map(|net| of(Experiment::Convnet, net));
    let sizes = |plan: &Plan| plan.architecture().sizes();
    assert_eq!(sizes(&paper), [3072, 16 * 256, 20 * 64, 320, 10]);
    assert_eq!(sizes(&code), [3072, 16 * 256, 20 * 64, 1280, 10]);

    let trial = |plan: &Plan, rule| {
        let trial = plan.trials.iter().find(|trial| trial.rule == rule).unwrap();
        (trial.optimizer, trial.tau, trial.tau_theta)
    };
    assert_eq!(trial(&mlp, Rule::Backprop).1, 0.05);
    assert_eq!(
        trial(&mlp, Rule::ProxExact),
        (Optimizer::Nesterov, 1.0, 0.05)
    );
    assert_eq!(
        trial(&paper, Rule::ProxCg(10)),
        (Optimizer::Adam, 1e-3, 1.0)
    );
    let table = of(Experiment::Table1, Net::Paper);
    assert_eq!(table.trials.len(), 36);
    assert_eq!(PAPER.len() * TAUS.len(), 36);
    // BackProp lives from 0.1 down, and ProxProp at every step size.
    let alive = PAPER.map(|(_, losses)| losses.iter().flatten().count());
    assert_eq!(alive, [4, 9, 9, 9]);
}

/// For a gradient at ε's size, PyTorch's old Adam moves less: by `τ g / (g + ε / √(1 − β₂))` at the first step.
#[test]
fn adam_of_2018_has_its_epsilon_before_the_correction() {
    let d = 1e-8;
    let moved = |epsilon| {
        let mut thetas = [DMatrix::from_element(1, 1, 1.0_f64)];
        let size = StepSize {
            epsilon,
            ..StepSize::plain(0.1)
        };
        let mut state = OptimizerState::new(Optimizer::Adam, &thetas);
        state.apply(
            Optimizer::Adam,
            size,
            &mut thetas,
            &[DMatrix::from_element(1, 1, d)],
        );
        1.0 - thetas[0][0]
    };
    assert!((moved(Epsilon::Corrected) - 0.1 / 2.0).abs() < 1e-9);
    let less = 0.1 * d / (d + 1e-8 / 0.001_f64.sqrt());
    assert!((moved(Epsilon::Uncorrected) - less).abs() < 1e-9);
    let convnet = plan(Experiment::Convnet, Net::Paper, &[Rule::Backprop], 1);
    assert_eq!(convnet.trials[0].optimizer(), "adam");
    assert_eq!(convnet.in_2018().trials[0].optimizer(), "adam-2018");
}

/// All that a training has come to.
fn to_the_end(training: &mut Training) -> Vec<[u64; 3]> {
    while training.advance(NEVER) != Advance::Over {}
    assert!(training.test_accuracy().is_some());
    let epochs = training.epochs().iter();
    epochs
        .map(|e| [e.loss, e.validation_loss, e.validation_accuracy].map(f64::to_bits))
        .collect()
}

/// Adam keeps two moments, and its steps depend on how many there were.
#[test]
fn what_is_gone_on_with_comes_to_the_same_numbers() {
    let (images, rules) = (images(), [Rule::ProxExact]);
    let plan = plan(Experiment::Convnet, Net::Paper, &rules, 3);
    let new = || Training::new(&plan, 0, &images, || 0.0);
    let mut whole = new();
    let numbers = to_the_end(&mut whole);
    assert_eq!(numbers.len(), 4);
    let losses: Vec<f64> = whole.epochs().iter().map(|e| e.loss).collect();
    assert!(
        losses[3] < losses[0] && losses[0] < 2.5,
        "it learns: {losses:?}"
    );
    // Before anything, between a look and a step, and after all.
    for advances in [0, 1, 2, 5, 100] {
        let mut first = new();
        for _ in 0..advances {
            first.advance(NEVER);
        }
        let checkpoint = first.checkpoint();
        let mut second = new();
        second.go_on(&checkpoint).unwrap();
        assert_eq!(second.steps(), first.steps());
        assert_eq!(
            to_the_end(&mut second),
            numbers,
            "after {advances} advances"
        );
        assert_eq!(second.test_accuracy(), whole.test_accuracy());
    }
    // A look that is stopped has changed nothing.
    let mut stopped = new();
    assert_eq!(stopped.advance(&|| true), Advance::Stopped);
    assert_eq!(to_the_end(&mut stopped), numbers);

    let mut checkpoint = new().checkpoint();
    let mut other = Training::new(&plan, 0, &images, || 0.0);
    let words = other
        .go_on(&checkpoint[..checkpoint.len() / 2])
        .unwrap_err();
    let not_whole = "a checkpoint that is cut off, or not as it was written";
    assert_eq!(words, not_whole);
    // One bit of a weight.
    let mut other_weight = checkpoint.clone();
    let last = checkpoint.len() - 20;
    other_weight[last] ^= 1;
    assert_eq!(other.go_on(&other_weight).unwrap_err(), not_whole);
    assert_eq!(
        other.go_on(b"{}").unwrap_err(),
        "no checkpoint of this version of the program"
    );
    checkpoint[30] ^= 1;
    assert!(
        other
            .go_on(&checkpoint)
            .unwrap_err()
            .starts_with("this is a checkpoint of ")
    );
    assert_eq!(
        to_the_end(&mut other),
        numbers,
        "what is refused is no harm"
    );
}

#[test]
fn the_losses_are_means_over_all_images_and_over_minibatches() {
    // 70 images held back: a minibatch of 64 and one of 6 count alike.
    let images = Images::of_records(records(1, 700), records(2, 140), 630);
    let plan = plan(Experiment::Convnet, Net::Paper, &[Rule::Backprop], 1);
    let mut training = Training::new(&plan, 0, &images, || 0.0);
    let Advance::Looked(before) = training.advance(NEVER) else {
        panic!("a look comes first")
    };
    assert_eq!(Training::steps_in(&images), 2);
    assert!((before.loss - 10_f64.ln()).abs() < 0.1, "{before:?}");
    assert_ne!(before.loss, before.validation_loss);
    let steps = (0..2).map(|_| training.advance(NEVER));
    assert!(steps.eq([Advance::Step, Advance::Step]));
    assert!(matches!(training.advance(NEVER), Advance::Looked(_)));
}

fn black_images(folder: &Path) {
    fs::create_dir(folder).unwrap();
    // Files of zeros take no room.
    for name in TRAINING.into_iter().chain([TEST]) {
        let file = File::create(folder.join(name)).unwrap();
        file.set_len(BYTES as u64).unwrap();
    }
}

#[test]
fn an_experiment_is_a_table_curves_and_a_figure() {
    let folder = TempDir::new().unwrap();
    let here = folder.path();
    black_images(&here.join("images"));
    let of = |images, out| {
        let all = "paper convnet --n 20 --epochs 2 --rules backprop,prox-cg3 --images";
        (all.split(' ').chain([images, "--out", out])).collect::<Vec<_>>()
    };
    let told = succeeds(here, &of("images", "out"));
    assert!(told.starts_with("three convolutions of 5 × 5, dense 320-10 on CIFAR-10, 2 epochs\n"));
    assert!(told.contains("prox-cg3"), "{told}");
    let csv = fs::read_to_string(here.join("out/convnet.csv")).unwrap();
    assert_eq!(csv.lines().count(), 1 + 2 * 3, "{csv}");
    assert!(csv.contains("\nprox-cg3,adam,0.001,1,2,"), "{csv}");
    let figure = fs::read_to_string(here.join("out/convnet.svg")).unwrap();
    // Two of four charts go over time.
    assert_eq!(figure.matches("seconds of training").count(), 2);
    assert_eq!(figure.matches("\nepochs\n").count(), 2);
    assert!(figure.contains("proxprop paper convnet --net paper --epochs 2"));
    let left: Vec<_> = fs::read_dir(here.join("out")).unwrap().collect();
    assert_eq!(left.len(), 2, "no checkpoint is left: {left:?}");

    // Another command may not write over it.
    refused(
        here,
        &of("synthetic", "out"),
        "convnet.csv: a file is there that this command has not written; name another folder, or remove this file",
    );
    assert_eq!(
        fs::read_to_string(here.join("out/convnet.csv")).unwrap(),
        csv
    );

    // The same one may.
    succeeds(here, &of("synthetic", "made"));
    let told = succeeds(here, &of("synthetic", "made"));
    assert!(
        told.contains("on images that the program made up"),
        "{told}"
    );
    // Whoever finds a file alone reads that too.
    let read = |name: &str| fs::read_to_string(here.join("made").join(name)).unwrap();
    assert!(read("convnet.csv").contains(",images that the program made up,"));
    assert!(read("convnet.svg").contains("--images synthetic"));
    let table1 = "paper table1 --n 20 --epochs 1 --rules prox-cg1 --images synthetic --out made";
    succeeds(here, &table1.split(' ').collect::<Vec<_>>());
    let [text, csv, figure] = ["table1.txt", "table1-losses.csv", "table1.svg"].map(read);
    for file in [&text, &csv, &figure] {
        assert!(file.contains("images that the program made up"), "{file}");
    }
    assert!(text.ends_with("those here after 1.\n"), "{text}");
    assert!(figure.contains("those here after 1."), "{figure}");

    let refusals: [(&[&str], &str); 4] = [
        (&["--images", "none"], "data_batch_1.bin: cannot be read"),
        (
            &["--images", "synthetic", "--net", "code"],
            "--net: does not go with mlp; allowed: convnet",
        ),
        (
            &["--images", "synthetic", "--rules", "prox-point"],
            "--rules: \"prox-point\" is none; allowed: backprop",
        ),
        (
            &["--images", "synthetic", "--rules", "backprop,backprop"],
            "--rules: backprop is there twice",
        ),
    ];
    for (arguments, words) in refusals {
        refused(
            here,
            &[&["paper", "mlp", "--out", "other"], arguments].concat(),
            words,
        );
    }
    File::options()
        .write(true)
        .open(here.join("images").join(TEST))
        .unwrap()
        .set_len(10)
        .unwrap();
    let convnet = ["paper", "convnet", "--out", "other", "--images", "images"];
    refused(
        here,
        &convnet,
        "test_batch.bin: 10 bytes; allowed: 30730000",
    );
}

/// The rows of a folder's curves, without the seconds that they took.
fn curves(folder: &Path) -> Vec<Vec<String>> {
    let csv = fs::read_to_string(folder.join("convnet.csv")).unwrap();
    let without_seconds = |line: &str| {
        let cells = line.split(',').enumerate();
        let kept = cells.filter(|&(i, _)| i != 5);
        kept.map(|(_, cell)| cell.to_owned()).collect()
    };
    csv.lines().map(without_seconds).collect()
}

/// The paper's table with what was found here under its rows: in letters, as CSV and as a picture.
#[test]
fn table_1_is_laid_out_as_the_papers() {
    let all = plan(
        Experiment::Table1,
        Net::Paper,
        &Experiment::Table1.rules(),
        50,
    );
    let ends = (0..36).map(|i| (i % 9 > 4).then_some(f64::from(i)));
    let mut ends: Vec<Option<f64>> = ends.collect();
    ends[35] = Some(f64::NAN);
    let found = rows(&all, &ends);
    assert_eq!(found.len(), 8);
    let (paper, here) = (&found[6], &found[7]);
    assert_eq!(
        (paper.rule, paper.paper, here.paper),
        (Rule::ProxCg(5), true, false)
    );
    assert_eq!(paper.losses[3], Some(3e-4));
    let (none, some) = (None, |loss: u8| Some(f64::from(loss)));
    assert_eq!(
        here.losses,
        [
            none,
            none,
            none,
            none,
            none,
            some(32),
            some(33),
            some(34),
            none
        ]
    );
    let csv = table(&found, "images");
    assert!(csv.starts_with(
        "method,from,images,50,10,5,1,0.5,0.1,0.05,0.005,0.0005\nbackprop,paper,CIFAR-10,,,,,,0.524,"
    ));
    assert!(
        csv.ends_with("\nprox-cg5,here,images,,,,,,32,33,34,\n"),
        "{csv}"
    );
}

/// Ctrl-C while two train side by side; the same command goes on with one after the other, and comes to what one thread makes of it that
/// nobody has interrupted.
#[cfg(unix)]
#[test]
fn an_interrupted_experiment_says_how_to_go_on_and_does_on_any_number_of_threads() {
    let folder = TempDir::new().unwrap();
    let here = folder.path();
    let of = |out, threads| {
        let all = "paper convnet --n 20 --epochs 12 --rules backprop,prox-exact --images synthetic --out OUT --threads N";
        let named = |word| match word {
            "OUT" => out,
            "N" => threads,
            word => word,
        };
        all.split(' ').map(named).collect::<Vec<_>>()
    };
    let before = interrupted(
        here,
        &of("out", "2"),
        "out/convnet-prox-exact-0.001.checkpoint",
        "of 2 trainings to end; out holds them, and the same command goes on from there",
    );
    assert!(before.starts_with("2 trainings of ") && before.lines().count() == 1);
    assert!(!here.join("out/convnet.csv").exists());
    for (out, threads) in [("out", "1"), ("whole", "1"), ("two", "2")] {
        succeeds(here, &of(out, threads));
    }
    let whole = curves(&here.join("whole"));
    assert_eq!(whole.len(), 1 + 2 * 13);
    for out in ["out", "two"] {
        assert_eq!(curves(&here.join(out)), whole, "{out}");
    }
}

/// Killed without a word while it trains.
#[test]
fn what_was_killed_goes_on_and_ends_with_the_same_curves() {
    let folder = TempDir::new().unwrap();
    let here = folder.path();
    let of = |out| {
        let all = "paper convnet --n 40 --epochs 6 --rules prox-exact --images synthetic --out";
        all.split(' ').chain([out]).collect::<Vec<_>>()
    };
    succeeds(here, &of("whole"));
    let checkpoint = "killed/convnet-prox-exact-0.001.checkpoint";
    let mut killed = started(here, &of("killed"), checkpoint);
    killed.kill().unwrap();
    killed.wait().unwrap();
    assert!(here.join(checkpoint).exists() && !here.join("killed/convnet.csv").exists());
    succeeds(here, &of("killed"));
    let curves = |out: &str| curves(&here.join(out));
    assert_eq!(curves("killed"), curves("whole"));
    assert_eq!(curves("whole").len(), 1 + 7);
    assert!(Experiment::NAMES.contains(&"table1"));
}
