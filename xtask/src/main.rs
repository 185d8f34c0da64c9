//! `cargo xtask …`: builds, serves, tests and measures the lab.
//! It knows the house from outside only: its folders, its commands and its two build targets.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod bench;
mod bundle;
mod glue;
mod licences;
mod names;
mod order;
mod process;
mod serve;
mod site;
mod test;

#[derive(Parser)]
#[command(
    name = "cargo xtask",
    about = "Builds, serves, tests and measures ProxProp Lab"
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build the site and serve it on this machine
    Serve(serve::Options),
    /// Leave the finished site in dist/
    Build,
    /// Build the site and put all of it into one file, dist/proxprop.html, that opens from disk
    Bundle,
    /// Run every check and every quick test, the last of them in a browser
    Test {
        /// Run the long tests, and only those: tables over seeds, sweeps, random walks, the crate for burn on more backends
        #[arg(long)]
        long: bool,
        /// Run the checks of crates/proxprop-burn, and only those: burn takes minutes to build
        #[arg(long, conflicts_with = "long")]
        burn: bool,
    },
    /// Measure the site's code inside headless Chromium, beside other libraries
    Bench {
        /// Only what has one of these words in its name: step, state, played, map, the page; systems, or of these member, grid, frames, length, a system's
        #[arg(value_name = "WORD")]
        only: Vec<String>,
        /// Also write the rows as JSON to this file
        #[arg(long, value_name = "FILE")]
        json: Option<PathBuf>,
    },
}

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Serve(options) => serve::serve(&options),
        Command::Build => site::build().map(|_| ()),
        Command::Bundle => bundle::bundle().map(|_| ()),
        Command::Test { long, burn } => test::test(long, burn),
        Command::Bench { only, json } => bench::bench(&only, json.as_deref()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
