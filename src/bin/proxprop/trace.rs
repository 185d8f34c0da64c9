//! `proxprop trace`: a few steps from a state file, with every number of each. Knows files, no mathematics.

use std::path::PathBuf;

use clap::Args;
use proxprop::Named;
use proxprop::lab::state::StateFile;
use proxprop::lab::systems;
use proxprop::lab::trace::{Precision, trace};

use crate::failure::Refusal;
use crate::input::read;
use crate::outputs::Outputs;
use crate::whole::whole;

#[derive(Args)]
pub(crate) struct Arguments {
    /// The state file; - is standard input.
    #[arg(long, value_name = "FILE")]
    state: PathBuf,
    /// How many steps.
    #[arg(long, value_name = "K", allow_negative_numbers = true, value_parser = whole::<u64>(1, 100_000))]
    steps: u64,
    /// The precision to compute in.
    #[arg(long, value_parser = Precision::NAMES.to_vec(), default_value = "f64")]
    precision: String,
    /// Where to write; - is standard output.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// Makes the steps and writes them.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Refusal> {
    let (name, text) = read(&arguments.state)?;
    if systems::is_file(&text) {
        return Err(format!(
            "{name}: a file of a cell, which holds no state; allowed: a state file here, or this one in proxprop run --cells"
        ));
    }
    let file = StateFile::of_file(&name, &text).map_err(|e| e.to_string())?;
    let mut outputs = Outputs::default();
    let output = outputs.open(&arguments.out)?;
    let precision = Precision::of_name(&arguments.precision).expect("clap has checked it");
    let trace = trace(&file, arguments.steps, precision).map_err(|e| format!("{name}: {e}"))?;
    outputs.fill(
        output,
        serde_json::to_string(&trace).map_err(|e| e.to_string())? + "\n",
    );
    outputs.write()
}
