//! The lab on the command line: its commands, and the status that each ends with. Knows no files, no mathematics.
//!
//! Bad input of every kind ends with status 2 and one line on standard error, before anything is written.

mod clock;
mod cores;
mod crew;
mod engine;
mod failure;
mod figure;
mod images;
mod input;
mod link;
mod map;
mod meta_train;
mod outputs;
mod paper;
mod params;
mod place;
mod presets;
mod progress;
mod run;
mod stop;
mod system;
mod table;
mod trace;
mod verify;
mod whole;

use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, Parser, Subcommand};

use failure::{Failure, Refusal};
use outputs::{print, say};

/// Explicit and implicit gradient steps, side by side.
#[derive(Parser)]
#[command(name = "proxprop", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Train a run to its end and print how it went.
    Run(run::Arguments),
    /// Train a run from every cell of a grid of settings.
    Map(map::Arguments),
    /// Train the cells of system=vsml: a clone of backpropagation, or a learning rule.
    MetaTrain(meta_train::Arguments),
    /// Repeat the experiments of Frerix et al. (2018) on CIFAR-10's files.
    Paper(paper::Arguments),
    /// Make steps from a state file and write every number of each as JSON.
    Trace(trace::Arguments),
    /// Replay reference cases and say how far the lab is from what they expect.
    Verify(verify::Arguments),
    /// List every parameter of a run with its default and range.
    Params(params::Arguments),
    /// List the presets: runs with a question for the class, for `preset=NAME` in any query.
    Presets(presets::Arguments),
}

impl Command {
    fn run(&self) -> Result<(), Failure> {
        match self {
            Command::Run(arguments) => run::run(arguments)?,
            Command::Map(arguments) => map::run(arguments)?,
            Command::MetaTrain(arguments) => meta_train::run(arguments)?,
            Command::Paper(arguments) => paper::run(arguments)?,
            Command::Trace(arguments) => trace::run(arguments)?,
            Command::Verify(arguments) => verify::run(arguments)?,
            Command::Params(arguments) => params::run(arguments)?,
            Command::Presets(arguments) => presets::run(arguments)?,
        }
        Ok(())
    }
}

fn main() -> ExitCode {
    let outcome = match Cli::try_parse() {
        Ok(cli) => cli.command.run(),
        Err(e) if matches!(e.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => {
            print(&e.to_string()).map_err(Failure::from)
        }
        Err(e) => Err(one_line(&e).into()),
    };
    let (words, status) = match outcome {
        Ok(()) => return ExitCode::SUCCESS,
        Err(Failure::Refused(words)) => (words, 2),
        Err(Failure::Deviates(words)) => (words, 1),
        // What shells report of a program that Ctrl-C has ended.
        Err(Failure::Interrupted(words)) => (words, 130),
    };
    say(&format!("proxprop: {words}\n"));
    ExitCode::from(status)
}

/// What is wrong with the value of an option, and what is allowed, if that is what is wrong.
fn of_value(error: &clap::Error) -> Option<Refusal> {
    let context = |kind| error.get(kind);
    let Some(ContextValue::String(option)) = context(ContextKind::InvalidArg) else {
        return None;
    };
    // Without the name of what stands there.
    let option = option.split(' ').next()?;
    if error.kind() == ErrorKind::ValueValidation {
        let why = std::error::Error::source(error)?;
        return Some(format!("{option}: {why}"));
    }
    let (Some(ContextValue::String(value)), Some(ContextValue::Strings(known))) = (
        context(ContextKind::InvalidValue),
        context(ContextKind::ValidValue),
    ) else {
        return None;
    };
    let allowed = known.join(", ");
    (!value.is_empty()).then(|| format!("{option}: {value:?} is not a choice; allowed: {allowed}"))
}

/// clap's first paragraph, without the usage that follows.
fn one_line(error: &clap::Error) -> Refusal {
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        let command = Cli::command();
        let names: Vec<&str> = command
            .get_subcommands()
            .map(clap::Command::get_name)
            .collect();
        return format!(
            "a command is missing; allowed: {} (see --help)",
            names.join(", ")
        );
    }
    if let Some(refusal) = of_value(error) {
        return refusal;
    }
    let text = error.to_string();
    let lines: Vec<&str> = text
        .lines()
        .map(str::trim)
        .take_while(|line| !line.is_empty())
        .collect();
    let line = lines.join(" ");
    line.strip_prefix("error: ").unwrap_or(&line).to_owned()
}
