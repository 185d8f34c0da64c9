//! `proxprop meta-train`: cells that are trained to learn, on all cores, from a checkpoint where there is one. Knows files, threads
//! and signals, no mathematics.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::Args;
use proxprop::Named;
use proxprop::lab::systems::{MetaTraining, What};
use proxprop::plot::number::short;

use crate::cores;
use crate::failure::{Failure, Refusal, cannot};
use crate::input::text_of;
use crate::outputs::{Outputs, remove, replace, say};
use crate::place::{is_dash, is_special};
use crate::progress::bar;
use crate::stop::{listen, stopped};
use crate::whole::whole;

#[derive(Args)]
pub(crate) struct Arguments {
    /// What is trained: a clone of backpropagation (seconds), or a learning rule (minutes).
    #[arg(value_parser = What::NAMES.to_vec())]
    what: String,
    /// Decides where it begins and what it is trained on.
    #[arg(long, default_value_t = 1, allow_negative_numbers = true, value_parser = whole::<u32>(0, u32::MAX.into()))]
    seed: u32,
    /// Write the trained numbers here, as JSON that the page opens, in place of a file of the same training, never of another file. What
    /// is interrupted is kept beside it, in FILE.checkpoint, and gone on with.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Stop after so many iterations; all of them without it.
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = whole::<u64>(1, 1_000_000_000))]
    limit: Option<u64>,
    /// Threads, which change no number; all cores without it.
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = whole::<u16>(1, 1024))]
    threads: Option<u16>,
}

/// Between two checkpoints.
const SAVED_EVERY: Duration = Duration::from_secs(10);

/// Trains, and writes what has come of it.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let what = What::of_name(&arguments.what).expect("clap has checked it");
    let total = arguments.limit.unwrap_or(u64::MAX).min(what.iterations());
    let mut outputs = Outputs::default();
    let out = outputs.open(&arguments.out)?;
    let threads = cores::threads(arguments.threads);
    let mut training = MetaTraining::new(what, arguments.seed, threads);
    leave_others(&training, &arguments.out)?;
    let checkpoint = (!is_dash(&arguments.out)).then(|| beside(&arguments.out));
    let found = checkpoint.as_deref().filter(|path| path.exists());
    if let Some(path) = found {
        let named = |why| format!("{}: {why}", path.display());
        training.go_on(&text_of(path)?).map_err(named)?;
        if training.made() > total {
            let made = training.made();
            return Err(named(format!(
                "{made} iterations are made; allowed: --limit {made} at least"
            ))
            .into());
        }
        say(&format!("going on after {} iterations\n", training.made()));
    }
    listen()?;
    let bar = bar(total, "iterations");
    bar.set_position(training.made());
    bar.reset_eta();
    let mut saved: Option<Instant> = None;
    while training.made() < total && !stopped() {
        training.step();
        bar.set_position(training.made());
        if !bar.is_hidden() {
            bar.set_message(format!(", loss {}", short(training.loss())));
        }
        if let Some(path) = checkpoint
            .as_deref()
            .filter(|_| saved.is_none_or(|saved| saved.elapsed() > SAVED_EVERY))
        {
            // The first one at once: what cannot be written is known before the minutes have gone by.
            replace(path, training.checkpoint().as_bytes())?;
            saved = Some(Instant::now());
        }
    }
    bar.finish_and_clear();
    let (made, loss) = (training.made(), short(training.loss()));
    if made < total {
        let stopped = format!("stopped after {made} of {total} iterations");
        return Err(Failure::Interrupted(match &checkpoint {
            Some(path) => {
                replace(path, training.checkpoint().as_bytes())?;
                let path = path.display();
                format!("{stopped}; {path} holds them, and the same command goes on from there")
            }
            None => format!("{stopped}; with --out FILE they would have been kept"),
        }));
    }
    outputs.fill(out, training.file());
    outputs.write()?;
    if let Some(path) = checkpoint.filter(|path| path.exists()) {
        remove(&path)?;
    }
    say(&format!("{made} iterations, loss {loss}\n"));
    Ok(())
}

/// Refuses to write where a file is that is no earlier one of this training, and holds something.
fn leave_others(training: &MetaTraining, out: &Path) -> Result<(), Refusal> {
    if is_dash(out) || is_special(out) || !out.exists() {
        return Ok(());
    }
    let bytes = fs::read(out).map_err(|e| cannot("be read", out.display(), &e))?;
    if bytes.is_empty() || training.has_made(&String::from_utf8_lossy(&bytes)) {
        return Ok(());
    }
    Err(format!(
        "{}: a file is there that this training has not written; allowed: a new name, or a file of meta-train of the same kind and seed",
        out.display()
    ))
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".checkpoint");
    name.into()
}
