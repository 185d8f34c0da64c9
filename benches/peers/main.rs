//! µs per step of the CPU engine in both arithmetics and of NumPy on one thread, taking turns in one run.
//!
//! `cargo bench --bench peers`; `PYTHON` names a Python that has NumPy, if `python3` is none. `SECONDS` is how long each
//! is measured, 1 if it is not said.

use proxprop::engine::Look;
use proxprop::engine::workload::{NETS, TIMED, ensemble};
use proxprop::nn::Arithmetic;
use proxprop::steps::Rule;
use std::env;
use std::process::Command;
use std::time::{Duration, Instant};

fn main() {
    let seconds = env::var("SECONDS").map_or(1.0, |s| s.parse().expect("SECONDS is a number"));
    println!("| µs per step | NumPy | portable | fast | fast / NumPy |");
    println!("|---|--:|--:|--:|--:|");
    for rule in TIMED {
        for net in NETS {
            let numpy = numpy(rule, net, seconds);
            let [portable, fast] = [Arithmetic::Portable, Arithmetic::fastest()]
                .map(|arithmetic| ours(rule, net, arithmetic, seconds));
            let (width, samples) = net;
            println!(
                "| `{rule}` 2-{width}-{width}-2/{samples} | {numpy:.1} | {portable:.1} | {fast:.1} | {:.2} |",
                fast / numpy
            );
        }
    }
}

fn numpy(rule: Rule, (width, samples): (usize, usize), seconds: f64) -> f64 {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/peers/numpy_steps.py");
    let python = env::var("PYTHON").unwrap_or("python3".to_owned());
    let mut command = Command::new(python);
    command.args([script, &rule.to_string(), &width.to_string()]);
    command.args([samples.to_string(), seconds.to_string()]);
    let output = command.output().expect("PYTHON can be started");
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "NumPy failed: {words}");
    let text = String::from_utf8_lossy(&output.stdout);
    text.trim().parse().expect("a number of µs")
}

/// As the script measures: the median of rounds of at least 2 ms each.
fn ours(rule: Rule, (width, samples): (usize, usize), arithmetic: Arithmetic, seconds: f64) -> f64 {
    let mut ensemble = ensemble(1, width, samples, samples, rule, arithmetic);
    let mut time = |steps: u32| {
        let begin = Instant::now();
        for _ in 0..steps {
            ensemble.step(&[], Look::default());
        }
        begin.elapsed()
    };
    let begin = Instant::now();
    while begin.elapsed() < Duration::from_millis(100) {
        time(1);
    }
    let mut steps = 1;
    while time(steps) < Duration::from_millis(2) {
        steps *= 2;
    }
    let (begin, mut rounds) = (Instant::now(), Vec::new());
    while begin.elapsed().as_secs_f64() < seconds || rounds.len() < 5 {
        rounds.push(1e6 * time(steps).as_secs_f64() / f64::from(steps));
    }
    rounds.sort_by(f64::total_cmp);
    rounds[rounds.len() / 2]
}
