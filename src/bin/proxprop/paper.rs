//! `proxprop paper`: the paper's own experiments on CIFAR-10, on all cores, from checkpoints where there are any. Knows files, threads
//! and signals, no mathematics.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Sender};
use std::thread;

use clap::Args;
use proxprop::Named;
use proxprop::lab::paper::{
    Advance, Epoch, Experiment, Images, Net, PAPER, Plan, TAUS, Training, curves,
};
use proxprop::nn::Arithmetic;
use proxprop::plot::number::{percent, short};
use proxprop::plot::series::Series;
use proxprop::plot::sheet::{Source, Tile, sheet};
use proxprop::plot::{LineChart, Theme, svg};
use proxprop::steps::Rule;

use crate::clock::seconds;
use crate::cores;
use crate::failure::{Failure, Refusal};
use crate::images::cifar10_with_test;
use crate::outputs::{Outputs, print, replace, say};
use crate::place::is_dash;
use crate::progress::share;
use crate::stop::{listen, stop, stopped};
use crate::table::columns;

#[derive(Args)]
pub(crate) struct Arguments {
    /// Which: the multilayer perceptron (figure 2), the convolutional network (figure 3), or the perceptron at nine step sizes (table 1).
    #[arg(value_parser = Experiment::NAMES.to_vec())]
    experiment: String,
    /// The folder of CIFAR-10's binary files; 'synthetic' are as many images that the program makes up, for measuring speed.
    #[arg(long, value_name = "DIR")]
    images: PathBuf,
    /// Epochs of each training.
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u64).range(1..=100_000))]
    epochs: u64,
    /// Rules to train by, as in 'backprop,prox-cg3'; those of the paper without it.
    #[arg(long, value_name = "RULES", value_delimiter = ',')]
    rules: Vec<String>,
    /// The convolutional network: of the paper's text, or of its published code, which does not pool before the outputs.
    #[arg(long, value_parser = Net::NAMES.to_vec())]
    net: Option<String>,
    /// Adam as PyTorch had it when the paper was written, with its ε added before the correction.
    #[arg(long)]
    adam_2018: bool,
    /// Train on the first N images only, and look at their share of the others: to try things.
    #[arg(long, value_name = "N", default_value_t = Images::MOST as u32, value_parser = clap::value_parser!(u32).range(1..=Images::MOST as i64))]
    n: u32,
    /// Decides the first weights and the order of the images.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u32,
    /// Trainings side by side, which changes no number but takes memory for each; one for each core without it.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// Write curves, figures and tables into this folder. What is interrupted is kept there, and gone on with.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

/// What is known of a training.
#[derive(Clone, Default)]
struct Known {
    epochs: Vec<Epoch>,
    test_accuracy: Option<f64>,
    diverged: Option<u64>,
    /// Seconds of the work that is done.
    done: f64,
    over: bool,
}

/// What threads tell.
enum News {
    Known(usize, Known),
    Trouble(Refusal),
}

/// Trains, and writes what has come of it.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let plan = plan(arguments)?;
    let out = &arguments.out;
    if is_dash(out) {
        return Err(
            "--out: several files cannot go to standard output; name a folder"
                .to_owned()
                .into(),
        );
    }
    let images = images(&arguments.images, arguments.n as usize)?;
    fs::create_dir_all(out)
        .map_err(|e| format!("{}: cannot make this folder: {e}", out.display()))?;
    let mut outputs = Outputs::default();
    let name = plan.experiment.name();
    let csv = outputs.open(&out.join(format!("{name}.csv")))?;
    let (extension, figure) = match plan.experiment {
        Experiment::Mlp | Experiment::Convnet => ("svg", true),
        Experiment::Table1 => ("txt", false),
    };
    let shown = outputs.open(&out.join(format!("{name}.{extension}")))?;
    let checkpoints: Vec<PathBuf> = (plan.trials.iter())
        .map(|trial| out.join(format!("{name}-{}.checkpoint", trial.key())))
        .collect();
    let threads = cores::threads(arguments.threads).min(plan.trials.len());

    listen()?;
    let costs = estimate(&plan, &images);
    let mut known = vec![Known::default(); plan.trials.len()];
    train(&plan, &images, &costs, threads, &checkpoints, &mut known)?;
    let left = known.iter().filter(|known| !known.over).count();
    if left > 0 {
        return Err(Failure::Interrupted(format!(
            "stopped with {left} of {} trainings to end; {} holds them, and the same command goes on from there",
            known.len(),
            out.display()
        )));
    }
    let measured: Vec<_> = (known.iter())
        .map(|known| (known.epochs.clone(), known.test_accuracy))
        .collect();
    outputs.fill(csv, curves(&plan, &measured));
    let of = if arguments.images == Path::new(SYNTHETIC) {
        "images that the program made up"
    } else {
        "CIFAR-10"
    };
    let table = if figure {
        summary(&plan, &known)
    } else {
        table1(&plan, &known)
    };
    outputs.fill(
        shown,
        if figure {
            drawn(&plan, &known, of, arguments)
        } else {
            table.clone()
        },
    );
    outputs.write()?;
    for path in checkpoints.iter().filter(|path| path.exists()) {
        fs::remove_file(path).map_err(|e| format!("{}: cannot be removed: {e}", path.display()))?;
    }
    print(&format!(
        "{} on {of}, {}\n{table}",
        plan.network(),
        counted(plan.epochs, "epoch")
    ))?;
    Ok(())
}

/// In place of a folder of images.
const SYNTHETIC: &str = "synthetic";

fn images(folder: &Path, n: usize) -> Result<Images, Refusal> {
    if folder == Path::new(SYNTHETIC) {
        return Ok(Images::synthetic(n));
    }
    cifar10_with_test(folder, n)
}

fn plan(arguments: &Arguments) -> Result<Plan, Refusal> {
    let experiment = Experiment::of_name(&arguments.experiment).expect("clap has checked it");
    if arguments.net.is_some() && experiment != Experiment::Convnet {
        return Err(format!(
            "--net: does not go with {}; allowed: convnet",
            experiment.name()
        ));
    }
    if arguments.adam_2018 && experiment != Experiment::Convnet {
        return Err(format!(
            "--adam-2018: does not go with {}, which Nesterov's momentum trains; allowed: convnet",
            experiment.name()
        ));
    }
    let net = arguments.net.as_deref().and_then(Net::of_name);
    let mut rules = Vec::new();
    for text in &arguments.rules {
        let rule = Rule::parse(text).ok().filter(|rule| !rule.is_whole());
        let rule = rule.ok_or_else(|| {
            format!("--rules: \"{text}\" is none; allowed: backprop, prox-exact, prox-cgK and prox-cgKb with K from 1 to 1000")
        })?;
        if rules.contains(&rule) {
            return Err(format!("--rules: {rule} is there twice"));
        }
        rules.push(rule);
    }
    if rules.is_empty() {
        rules = experiment.rules();
    }
    let arithmetic = Arithmetic::fastest();
    let plan = Plan::new(
        experiment,
        net.unwrap_or(Net::Paper),
        &rules,
        arguments.epochs,
        arguments.seed,
        arithmetic,
    );
    Ok(if arguments.adam_2018 {
        plan.in_2018()
    } else {
        plan
    })
}

/// Seconds of a step and of a look at all images, per training, measured once for each rule; what that comes to is not said yet.
fn estimate(plan: &Plan, images: &Images) -> Vec<[f64; 2]> {
    let mut measured: Vec<(Rule, [f64; 2])> = Vec::new();
    let trials = plan.trials.iter().enumerate();
    trials
        .map(|(i, trial)| {
            let known = measured.iter().find(|(rule, _)| *rule == trial.rule);
            if let Some((_, costs)) = known {
                return *costs;
            }
            let costs = Training::new(plan, i, images, seconds).measure();
            measured.push((trial.rule, costs));
            costs
        })
        .collect()
}

/// Trains on threads until all has ended or it is time to stop, under a bar if somebody sees it.
fn train(
    plan: &Plan,
    images: &Images,
    costs: &[[f64; 2]],
    threads: usize,
    checkpoints: &[PathBuf],
    known: &mut [Known],
) -> Result<(), Refusal> {
    let mut work = Vec::with_capacity(costs.len());
    // What has begun is gone on with first, one by one: each is read where it will be trained.
    let (per_epoch, epochs) = (Training::steps_in(images), plan.epochs as f64);
    for [step, look] in costs {
        work.push(per_epoch as f64 * step * epochs + look * (epochs + 1.0));
    }
    let begun = checkpoints.iter().filter(|path| path.exists()).count();
    let total: f64 = work.iter().sum();
    let longest = work.iter().copied().fold(0.0, f64::max);
    let going_on = match begun {
        0 => String::new(),
        n => format!("; {n} of them have begun, and less is left"),
    };
    say(&format!(
        "{} of {} for {}: about {} on {threads} thread{}, by a measured step of each rule{going_on}\n",
        counted(plan.trials.len() as u64, "training"),
        plan.network(),
        counted(plan.epochs, "epoch"),
        duration((total / threads as f64).max(longest)),
        if threads == 1 { "" } else { "s" },
    ));
    let bar = share((1e3 * total) as u64);
    let next = AtomicUsize::new(0);
    let (sender, receiver) = mpsc::channel();
    let mut trouble = Ok(());
    thread::scope(|scope| {
        for _ in 0..threads {
            let (sender, next) = (sender.clone(), &next);
            scope.spawn(move || {
                while let i = next.fetch_add(1, Ordering::Relaxed)
                    && i < checkpoints.len()
                    && !stopped()
                {
                    let training = Training::new(plan, i, images, seconds);
                    if let Err(why) = one(training, i, costs[i], &checkpoints[i], &sender) {
                        stop();
                        let _ = sender.send(News::Trouble(why));
                    }
                }
            });
        }
        drop(sender);
        for news in receiver {
            match news {
                News::Known(i, now) => {
                    if let Some(epoch) = now.epochs.last().filter(|_| !bar.is_hidden()) {
                        let (rule, loss) = (plan.trials[i].rule, short(epoch.loss));
                        bar.set_message(format!(
                            "; {rule} after epoch {}: loss {loss}",
                            epoch.epoch
                        ));
                    }
                    known[i] = now;
                    let done = known.iter().zip(&work);
                    let done: f64 = done
                        .map(|(k, &all)| if k.over { all } else { k.done })
                        .sum();
                    bar.set_position((1e3 * done) as u64);
                }
                News::Trouble(why) => trouble = Err(why),
            }
        }
    });
    bar.finish_and_clear();
    trouble
}

/// One training from where it stands to its end, or until it is time to stop.
fn one(
    mut training: Training,
    i: usize,
    [step, look]: [f64; 2],
    checkpoint: &Path,
    sender: &Sender<News>,
) -> Result<(), Refusal> {
    if checkpoint.exists() {
        let named = |why: String| format!("{}: {why}", checkpoint.display());
        let bytes = fs::read(checkpoint).map_err(|e| named(format!("cannot be read: {e}")))?;
        let hint = |why| format!("{}; name another folder, or remove this file", named(why));
        training.go_on(&bytes).map_err(hint)?;
    }
    let tell = |training: &Training| {
        let epochs = training.epochs().to_vec();
        let known = Known {
            done: step * training.steps() as f64 + look * epochs.len() as f64,
            epochs,
            test_accuracy: training.test_accuracy(),
            diverged: training.diverged(),
            over: training.is_over(),
        };
        sender
            .send(News::Known(i, known))
            .expect("somebody listens to the end");
    };
    tell(&training);
    while !training.is_over() {
        if stopped() {
            return replace(checkpoint, &training.checkpoint());
        }
        match training.advance(&stopped) {
            Advance::Step => tell(&training),
            Advance::Looked(_) => {
                tell(&training);
                replace(checkpoint, &training.checkpoint())?;
            }
            Advance::Over | Advance::Stopped => {}
        }
    }
    replace(checkpoint, &training.checkpoint())
}

fn counted(count: u64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// A time in its largest unit.
fn duration(seconds: f64) -> String {
    let units = [(86_400.0, "days"), (3600.0, "hours"), (60.0, "minutes")];
    let unit = units.into_iter().find(|(unit, _)| seconds >= 1.5 * unit);
    let (unit, name) = unit.unwrap_or((1.0, "seconds"));
    format!("{:.1} {name}", seconds / unit)
}

/// One row per training.
fn summary(plan: &Plan, known: &[Known]) -> String {
    let heads = [
        "rule",
        "optimizer",
        "tau",
        "loss",
        "validation",
        "best",
        "test",
        "s/epoch",
    ];
    let mut rows = vec![heads.map(str::to_owned)];
    let share = |share: f64| percent(share, 1).replace(' ', "");
    for (trial, known) in plan.trials.iter().zip(known) {
        let last = known.epochs.last();
        let number = |of: fn(&Epoch) -> f64| last.map_or(f64::NAN, of);
        let best = known
            .epochs
            .iter()
            .map(|e| e.validation_accuracy)
            .fold(0.0, f64::max);
        rows.push([
            trial.rule.to_string(),
            trial.optimizer().to_owned(),
            trial.tau.to_string(),
            match known.diverged {
                Some(step) => format!("diverged at step {step}"),
                None => short(number(|e| e.loss)),
            },
            share(number(|e| e.validation_accuracy)),
            share(best),
            known.test_accuracy.map_or("-".to_owned(), share),
            format!("{:.1}", number(|e| e.seconds) / number(|e| e.epoch as f64)),
        ]);
    }
    columns(&rows)
}

/// The paper's Table 1 and what came of it here, under each other.
fn table1(plan: &Plan, known: &[Known]) -> String {
    let mut rows = vec![["method".to_owned(), "from".to_owned()].to_vec()];
    rows[0].extend(TAUS.iter().map(f64::to_string));
    let cell = |loss: Option<f64>| loss.map_or("-".to_owned(), short);
    let mut rules: Vec<Rule> = plan.trials.iter().map(|trial| trial.rule).collect();
    rules.dedup();
    for rule in rules {
        if let Some((_, paper)) = PAPER.iter().find(|(of, _)| *of == rule) {
            let start = [rule.to_string(), "paper".to_owned()].into_iter();
            rows.push(start.chain(paper.map(cell)).collect());
        }
        let start = [rule.to_string(), "here".to_owned()].into_iter();
        let here = plan
            .trials
            .iter()
            .zip(known)
            .filter(|(trial, _)| trial.rule == rule);
        let ended = here.map(|(_, known)| {
            let last = known.epochs.last().filter(|_| known.diverged.is_none());
            cell(last.map(|epoch| epoch.loss))
        });
        rows.push(start.chain(ended).collect());
    }
    let note = match plan.epochs {
        50 => String::new(),
        epochs => format!("The paper's numbers are after 50 epochs, those here after {epochs}.\n"),
    };
    columns(&rows) + &note
}

/// The figure, its charts where the paper has them.
fn drawn(plan: &Plan, known: &[Known], of: &str, arguments: &Arguments) -> String {
    let chart = |title, x_label, x: fn(&Epoch) -> f64, y: fn(&Epoch) -> f64| {
        let series = plan.trials.iter().zip(known).map(|(trial, known)| Series {
            name: trial.rule.name(),
            diverged: known.diverged,
            points: known.epochs.iter().map(|e| [x(e), y(e)]).collect(),
        });
        let end = known
            .iter()
            .filter_map(|known| known.epochs.last())
            .map(x)
            .fold(0.0, f64::max);
        (
            LineChart::of_series(title, x_label, false, series.collect()),
            end,
        )
    };
    let (loss, accuracy) = ("Full batch loss", "Validation accuracy");
    let (epochs, time) = ("epochs", "seconds of training");
    let epoch: fn(&Epoch) -> f64 = |e| e.epoch as f64;
    let of_loss = [
        chart(loss, epochs, epoch, |e| e.loss),
        chart(loss, time, |e| e.seconds, |e| e.loss),
    ];
    let over_time = chart(accuracy, time, |e| e.seconds, |e| e.validation_accuracy);
    let (charts, across, size) = match plan.experiment {
        Experiment::Convnet => {
            let over_epochs = chart(accuracy, epochs, epoch, |e| e.validation_accuracy);
            let [first, second] = of_loss;
            (vec![first, second, over_epochs, over_time], 2, (960, 820))
        }
        Experiment::Mlp | Experiment::Table1 => {
            let [first, second] = of_loss;
            (vec![first, second, over_time], 3, (1260, 460))
        }
    };
    let rows = charts.len().div_ceil(across);
    let tiles: Vec<Tile> = (charts.iter().enumerate())
        .map(|(i, (chart, end))| {
            let (wide, high) = (1.0 / across as f64, 1.0 / rows as f64);
            Tile {
                title: String::new(),
                place: [
                    wide * (i % across) as f64,
                    high * (i / across) as f64,
                    wide,
                    high,
                ],
                draw: Box::new(move |size, theme: &Theme| svg::lines(chart, size, *end, theme)),
            }
        })
        .collect();
    let rules: Vec<String> = plan
        .trials
        .iter()
        .map(|trial| trial.rule.to_string())
        .collect();
    let net = match plan.experiment {
        Experiment::Convnet => {
            let adam = if arguments.adam_2018 {
                " --adam-2018"
            } else {
                ""
            };
            format!(" --net {}{adam}", plan.net.name())
        }
        Experiment::Mlp | Experiment::Table1 => String::new(),
    };
    let command = format!(
        "proxprop paper {}{net} --epochs {} --rules {} --n {} --seed {}",
        plan.experiment.name(),
        plan.epochs,
        rules.join(","),
        arguments.n,
        plan.seed
    );
    let source = Source {
        whole: &command,
        short: &command,
        code: None,
        arithmetic: Some(plan.arithmetic.name()),
    };
    let title = format!("{} on {of}", plan.network());
    sheet(size, &title, &source, &tiles, &Theme::light())
}
