//! `proxprop paper`: the paper's own experiments on CIFAR-10, on all cores, from checkpoints where there are any. Knows files, threads
//! and signals, no mathematics.

mod report;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Sender};
use std::thread;

use clap::Args;
use proxprop::Named;
use proxprop::lab::paper::{
    Advance, Costs, Experiment, Images, Net, Plan, Training, Trial, curves, side_by_side, table,
};
use proxprop::nn::Arithmetic;
use proxprop::plot::number::short;
use proxprop::steps::Rule;

use crate::clock::seconds;
use crate::cores;
use crate::failure::{Failure, Refusal, cannot};
use crate::images::cifar10_with_test;
use crate::outputs::{Outputs, make_folder, print, remove, replace, say};
use crate::place::is_dash;
use crate::progress::share;
use crate::stop::{listen, stop, stopped};
use crate::whole::whole;

use report::{Known, Report};

#[derive(Args)]
pub(crate) struct Arguments {
    /// Which: the multilayer perceptron (figure 2), the convolutional network (figure 3), or the perceptron at nine step sizes (table 1).
    #[arg(value_parser = Experiment::NAMES.to_vec())]
    experiment: String,
    /// The folder of CIFAR-10's binary files; 'synthetic' are as many images that the program makes up, for measuring speed.
    #[arg(long, value_name = "DIR")]
    images: PathBuf,
    /// Epochs of each training.
    #[arg(long, value_name = "N", default_value_t = 50, allow_negative_numbers = true, value_parser = whole::<u64>(1, 100_000))]
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
    #[arg(long, value_name = "N", default_value_t = Images::MOST as u32, allow_negative_numbers = true, value_parser = whole::<u32>(1, Images::MOST as u64))]
    n: u32,
    /// Decides the first weights and the order of the images.
    #[arg(long, value_name = "N", default_value_t = 1, allow_negative_numbers = true, value_parser = whole::<u32>(0, u32::MAX.into()))]
    seed: u32,
    /// Trainings side by side, which changes no number but takes memory for each; one for each core without it.
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = whole::<u16>(1, 1024))]
    threads: Option<u16>,
    /// Write curves, figures and tables into this folder. What is interrupted is kept there, and gone on with.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

/// Where a training stands.
#[derive(Clone, Default)]
struct Standing {
    known: Known,
    /// Seconds of the work that is done.
    done: f64,
    over: bool,
}

/// What threads tell.
enum News {
    Stands(usize, Standing),
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
    make_folder(out)?;
    let mut outputs = Outputs::default();
    let name = plan.experiment.name();
    let command = command(&plan, arguments);
    let places = places(plan.experiment, out);
    leave_others(&places, &command)?;
    let mut opened = Vec::new();
    for path in &places {
        opened.push(outputs.open(path)?);
    }
    let checkpoints: Vec<PathBuf> = (plan.trials.iter())
        .map(|trial| out.join(format!("{name}-{}.checkpoint", trial.key())))
        .collect();
    let threads = cores::threads(arguments.threads).min(plan.trials.len());

    for (i, path) in checkpoints.iter().enumerate() {
        if path.exists() {
            Training::check(&plan, i, &images, &read(path)?).map_err(|why| refused(path, &why))?;
        }
    }
    listen()?;
    let costs = estimate(&plan, &images, threads, &checkpoints)?;
    let mut standings = vec![Standing::default(); plan.trials.len()];
    if !stopped() {
        train(
            &plan,
            &images,
            &costs,
            threads,
            &checkpoints,
            &mut standings,
        )?;
    }
    let left = standings.iter().filter(|now| !now.over).count();
    if left > 0 {
        return Err(Failure::Interrupted(format!(
            "stopped with {left} of {} trainings to end; {} holds them, and the same command goes on from there",
            standings.len(),
            out.display()
        )));
    }
    let known: Vec<Known> = standings.into_iter().map(|now| now.known).collect();
    let measured: Vec<_> = (known.iter())
        .map(|known| (known.epochs.clone(), known.test_accuracy))
        .collect();
    let of = if arguments.images == Path::new(SYNTHETIC) {
        "images that the program made up"
    } else {
        "CIFAR-10"
    };
    outputs.fill(opened[CSV], curves(&plan, &measured, of));
    let heading = format!(
        "{} on {of}, {}\n",
        plan.network(),
        counted(plan.epochs, "epoch")
    );
    let report = Report {
        plan: &plan,
        known: &known,
        of,
        command: &command,
    };
    let told = if let [_, _, text, losses] = opened[..] {
        let told = report.table1();
        outputs.fill(text, [heading.as_str(), &told].concat());
        outputs.fill(losses, table(&report.rows(), of));
        told
    } else {
        report.summary()
    };
    outputs.fill(opened[FIGURE], report.figure());
    outputs.write()?;
    for path in checkpoints.iter().filter(|path| path.exists()) {
        remove(path)?;
    }
    print(&[heading, told].concat())?;
    Ok(())
}

/// The curves and the figure among an experiment's files.
const CSV: usize = 0;
const FIGURE: usize = 1;

/// Where its files go: curves, figure, and of *Table 1* the table and its losses.
fn places(experiment: Experiment, out: &Path) -> Vec<PathBuf> {
    let name = experiment.name();
    let more: &[&str] = match experiment {
        Experiment::Mlp | Experiment::Convnet => &[],
        Experiment::Table1 => &["table1.txt", "table1-losses.csv"],
    };
    let names = [format!("{name}.csv"), format!("{name}.svg")].into_iter();
    let names = names.chain(more.iter().map(|&name| name.to_owned()));
    names.map(|name| out.join(name)).collect()
}

/// Refuses to write over results of another command, which may have taken days: the figure says whose they are.
fn leave_others(places: &[PathBuf], command: &str) -> Result<(), Refusal> {
    let holds =
        |path: &&PathBuf| fs::metadata(path).is_ok_and(|file| file.is_file() && file.len() > 0);
    let Some(first) = places.iter().find(holds) else {
        return Ok(());
    };
    let figure = fs::read(&places[FIGURE]).unwrap_or_default();
    let own = format!("<desc>{command}</desc>");
    if String::from_utf8_lossy(&figure).contains(&own) {
        return Ok(());
    }
    Err(refused(
        first,
        "a file is there that this command has not written",
    ))
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

/// What each training costs: every rule's is measured, on as many threads as will train, since those share a memory.
fn estimate(
    plan: &Plan,
    images: &Images,
    threads: usize,
    checkpoints: &[PathBuf],
) -> Result<Vec<Costs>, Refusal> {
    let rules = plan.rules();
    // All threads have something to do.
    let count = rules.len().max(threads);
    let next = AtomicUsize::new(0);
    let measure = || {
        let mut found = Vec::new();
        while let k = next.fetch_add(1, Ordering::Relaxed)
            && k < count
            && !stopped()
        {
            let rule = k % rules.len();
            let of_rule = |trial: &Trial| trial.rule == rules[rule];
            let first = plan.trials.iter().position(of_rule);
            let trial = first.expect("rules are those of trials");
            let (training, mut costs) = Training::measured(plan, trial, images, seconds);
            let beside = checkpoints[trial].with_extension(format!("measured-{k}"));
            let begin = seconds();
            replace(&beside, &training.checkpoint())?;
            costs.keep = seconds() - begin;
            remove(&beside)?;
            found.push((rule, costs));
        }
        Ok(found)
    };
    let found: Result<Vec<_>, Refusal> = thread::scope(|scope| {
        let hands: Vec<_> = (0..threads).map(|_| scope.spawn(measure)).collect();
        let found = hands.into_iter().map(|hand| hand.join().expect("it ends"));
        found.collect()
    });
    let found = found?.concat();
    let costs = plan.trials.iter().map(|trial| {
        let of_rule = |(rule, _): &&(usize, Costs)| rules[*rule] == trial.rule;
        let (_, costs) = found.iter().find(of_rule).copied().unwrap_or_default();
        costs
    });
    Ok(costs.collect())
}

/// Trains on threads until all has ended or it is time to stop, under a bar if somebody sees it.
fn train(
    plan: &Plan,
    images: &Images,
    costs: &[Costs],
    threads: usize,
    checkpoints: &[PathBuf],
    standings: &mut [Standing],
) -> Result<(), Refusal> {
    let per_epoch = Training::steps_in(images);
    let work: Vec<f64> = (costs.iter())
        .map(|costs| costs.whole(plan.epochs, per_epoch))
        .collect();
    // What has begun is gone on with first, one by one: each is read where it will be trained.
    let begun = checkpoints.iter().filter(|path| path.exists()).count();
    let total: f64 = work.iter().sum();
    let going_on = match begun {
        0 => String::new(),
        1 => "; one of them has begun, and less is left".to_owned(),
        n => format!("; {n} of them have begun, and less is left"),
    };
    say(&format!(
        "{} of {} for {}: about {} on {threads} thread{}, by measured steps of each rule and looks at images{going_on}\n",
        counted(plan.trials.len() as u64, "training"),
        plan.network(),
        counted(plan.epochs, "epoch"),
        duration(side_by_side(&work, threads)),
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
                    if let Err(why) = one(training, i, &costs[i], &checkpoints[i], &sender) {
                        stop();
                        let _ = sender.send(News::Trouble(why));
                    }
                }
            });
        }
        drop(sender);
        for news in receiver {
            match news {
                News::Stands(i, now) => {
                    if let Some(epoch) = now.known.epochs.last().filter(|_| !bar.is_hidden()) {
                        let (rule, loss) = (plan.trials[i].rule, short(epoch.loss));
                        bar.set_message(format!(
                            "; {rule} after epoch {}: loss {loss}",
                            epoch.epoch
                        ));
                    }
                    standings[i] = now;
                    let done = standings.iter().zip(&work);
                    let done: f64 = done
                        .map(|(now, &all)| if now.over { all } else { now.done })
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
    costs: &Costs,
    checkpoint: &Path,
    sender: &Sender<News>,
) -> Result<(), Refusal> {
    if checkpoint.exists() {
        let bytes = read(checkpoint)?;
        training
            .go_on(&bytes)
            .map_err(|why| refused(checkpoint, &why))?;
    }
    let tell = |training: &Training| {
        let epochs = training.epochs().to_vec();
        let standing = Standing {
            done: costs.so_far(training.steps(), epochs.len() as u64),
            known: Known {
                epochs,
                test_accuracy: training.test_accuracy(),
                diverged: training.diverged(),
            },
            over: training.is_over(),
        };
        sender
            .send(News::Stands(i, standing))
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

fn read(checkpoint: &Path) -> Result<Vec<u8>, String> {
    fs::read(checkpoint).map_err(|e| cannot("be read", checkpoint.display(), &e))
}

fn refused(checkpoint: &Path, why: &str) -> String {
    let path = checkpoint.display();
    format!("{path}: {why}; name another folder, or remove this file")
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

/// What makes the same again, but for where images of CIFAR-10 are.
fn command(plan: &Plan, arguments: &Arguments) -> String {
    let rules: Vec<String> = plan.rules().iter().map(Rule::to_string).collect();
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
    let images = if arguments.images == Path::new(SYNTHETIC) {
        " --images synthetic"
    } else {
        ""
    };
    format!(
        "proxprop paper {}{images}{net} --epochs {} --rules {} --n {} --seed {}",
        plan.experiment.name(),
        plan.epochs,
        rules.join(","),
        arguments.n,
        plan.seed
    )
}
