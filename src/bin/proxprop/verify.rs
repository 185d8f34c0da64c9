//! `proxprop verify`: reference cases replayed, a row each. Knows files, no case.

use std::path::PathBuf;

use clap::Args;
use proxprop::Named;
use proxprop::lab::trace::Precision;
use proxprop::lab::verify::{Verdict, verify};

use crate::failure::Failure;
use crate::input::read;
use crate::outputs::print;
use crate::table::columns as aligned;

#[derive(Args)]
pub(crate) struct Arguments {
    /// The reference cases: JSON files of any kind that the lab knows; - is standard input.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The precision to compute in.
    #[arg(long, value_parser = Precision::NAMES.to_vec(), default_value = "f64")]
    precision: String,
}

/// Replays all files, and prints a row per file once all of them are done; what is no case has its sentence on standard error.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let precision = Precision::of_name(&arguments.precision).expect("clap has checked it");
    let mut rows = vec![
        [
            "file",
            "case",
            "compared",
            "deviation",
            "where",
            "allowed",
            "verdict",
        ]
        .map(str::to_owned),
    ];
    let (mut deviating, mut refusals) = (0, Vec::new());
    for path in &arguments.files {
        let verdict = read(path).and_then(|(name, text)| {
            let verdict = verify(&text, precision).map_err(|why| format!("{name}: {why}"))?;
            Ok((name, verdict))
        });
        match verdict {
            Ok((name, verdict)) => {
                deviating += usize::from(!verdict.agrees());
                rows.push(row(name, &verdict));
            }
            Err(why) => {
                let name = path.display().to_string();
                rows.push([&name, "-", "-", "-", "-", "-", "no case"].map(str::to_owned));
                refusals.push(why);
            }
        }
    }
    // Where no file is a case, there is nothing to tabulate.
    if refusals.len() < arguments.files.len() {
        print(&aligned(&rows))?;
    }
    if !refusals.is_empty() {
        return Err(Failure::Refused(refusals.join("\nproxprop: ")));
    }
    if deviating == 0 {
        return Ok(());
    }
    let files = arguments.files.len();
    Err(Failure::Deviates(format!("{deviating} of {files} deviate")))
}

fn row(name: String, verdict: &Verdict) -> [String; 7] {
    let (size, place) = match &verdict.worst {
        Some(worst) => (worst.size, worst.place.as_str()),
        None => (0.0, "-"),
    };
    [
        name,
        verdict.kind.to_owned(),
        verdict.compared.to_string(),
        format!("{size:.1e}"),
        place.to_owned(),
        format!("{:e}", verdict.tolerance),
        if verdict.agrees() { "ok" } else { "deviates" }.to_owned(),
    ]
}
