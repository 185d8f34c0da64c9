//! `proxprop trace`: a few steps from a state file, with every number of each. Knows files, no mathematics.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use proxprop::lab::state::StateFile;
use proxprop::lab::trace::trace;

use crate::failure::Refusal;
use crate::input::read;
use crate::outputs::Outputs;

#[derive(Args)]
pub(crate) struct Arguments {
    /// The state file; - is standard input.
    #[arg(long, value_name = "FILE")]
    state: PathBuf,
    /// How many steps.
    #[arg(long, value_name = "K", value_parser = clap::value_parser!(u64).range(1..=100_000))]
    steps: u64,
    /// The precision to compute in.
    #[arg(long, value_enum, default_value = "f64")]
    precision: Precision,
    /// Where to write; - is standard output.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

#[derive(Clone, Copy, ValueEnum)]
enum Precision {
    F32,
    F64,
}

/// Makes the steps and writes them.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Refusal> {
    let (name, text) = read(&arguments.state)?;
    let file = StateFile::parse(&text).map_err(|e| format!("{name}: {e}"))?;
    let mut outputs = Outputs::default();
    let output = outputs.open(&arguments.out)?;
    let trace = match arguments.precision {
        Precision::F32 => trace::<f32>(&file, arguments.steps),
        Precision::F64 => trace::<f64>(&file, arguments.steps),
    };
    let trace = trace.map_err(|e| format!("{name}: {e}"))?;
    outputs.fill(
        output,
        serde_json::to_string(&trace).map_err(|e| e.to_string())? + "\n",
    );
    outputs.write()
}
