//! The shortest query string of a run, for links to be scanned and read out: what has its default is left out.

use super::run::{Config, RunConfig};

/// What the run of the bare address is.
const USUAL: &str = " (the first example: BackProp and ProxProp at step size τ = 10 on the circle)";

impl Config {
    /// As [`std::fmt::Display`], without what [`Config::parse`] puts in by itself. The run of the bare address, which
    /// plays at once, keeps its version and so waits.
    pub fn short(&self) -> String {
        let usual = Config {
            data: Config::default().data,
            ..Config::usual(self.data)
        };
        let (text, usual_text) = (self.to_string(), usual.to_string());
        let defaults: Vec<&str> = usual_text.split('&').collect();
        let run_usual = RunConfig::default().to_string();
        let same_runs = self.runs == usual.runs;
        let parts = text.split('&').filter_map(|part| {
            if let Some(run) = part.strip_prefix("run=") {
                return (!same_runs).then(|| format!("run={}", short_run(run, &run_usual)));
            }
            (part.starts_with("v=") || !defaults.contains(&part)).then(|| part.to_owned())
        });
        parts.collect::<Vec<_>>().join("&")
    }

    /// The same for people to read below a picture: where everything is as usual it says so.
    pub fn caption(&self) -> String {
        let text = self.short();
        if *self == Config::default() {
            return text + USUAL;
        }
        text
    }
}

/// The rule, and what of the run is unusual.
fn short_run(run: &str, usual: &str) -> String {
    let usual: Vec<&str> = usual.split(',').collect();
    let mut settings = run.split(',');
    let rule = settings.next().unwrap_or_default();
    let others = settings.filter(|setting| !usual.contains(setting));
    std::iter::once(rule)
        .chain(others)
        .collect::<Vec<_>>()
        .join(",")
}
