//! The pipeline's times.

use serde::Deserialize;
use serde_json::{Value, json};

use super::hearing;
use crate::lab::trace::Precision;
use crate::lab::verify::kind::{Kind, Mark, Replayed, usual, within};
use crate::systems::interlocking::{Costs, Event, Op, Pipeline};

pub(in crate::lab::verify) static SCHEDULE: Kind = Kind {
    name: "interlocking schedule",
    mark: Mark::Case("interlocking", "schedule"),
    tolerance: usual,
    single: None,
    replay,
};

/// Most batches of a run.
const MOST_BATCHES: usize = 10_000;

/// Batches after which period and utilisation are read off.
const SETTLED: usize = 60;

#[derive(Deserialize)]
struct Case {
    runs: Vec<Run>,
}

#[derive(Deserialize)]
struct Run {
    settings: Settings,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    modules: usize,
    n_wise: usize,
    batches: usize,
    combine: String,
    f: f64,
    x: f64,
    w: f64,
    aux: f64,
    comm: f64,
    split: bool,
}

fn replay(case: &Value, _: Precision) -> Result<Vec<Replayed>, String> {
    let case = Case::deserialize(case).map_err(|e| e.to_string())?;
    let mut replayed = Vec::new();
    for (i, run) in case.runs.iter().enumerate() {
        let outcome = outcome(&run.settings).map_err(|e| format!("runs[{i}]: {e}"))?;
        for (key, got) in outcome {
            replayed.push((format!("/runs/{i}/{key}"), got));
        }
    }
    Ok(replayed)
}

fn outcome(asked: &Settings) -> Result<[(&'static str, Value); 5], String> {
    let &Settings {
        modules,
        n_wise,
        batches,
        f,
        x,
        w,
        aux,
        comm,
        split,
        ..
    } = asked;
    within("batches", batches, MOST_BATCHES)?;
    let hearing = hearing(1, n_wise, modules, &asked.combine)?;
    let costs = Costs {
        f,
        x,
        w,
        aux,
        comm,
        split,
    };
    let mut pipeline = Pipeline::default();
    let (mut all, mut complete) = (Vec::new(), Vec::new());
    let (mut busy, mut period) = (0.0, 0.0);
    for batch in 0..batches.max(SETTLED) {
        let before = pipeline.complete;
        let mut events = Vec::new();
        pipeline.batch(modules, hearing, &costs, |event| events.push(event));
        if batch < batches {
            // A stable sort: each device's own order stays.
            events.sort_by_key(|event| event.device);
            all.extend(events.iter().map(|event| told(event, batch)));
            complete.push(pipeline.complete);
        }
        if batch + 1 == SETTLED {
            busy = events.iter().map(|event| event.end - event.start).sum();
            period = pipeline.complete - before;
        }
    }
    let utilisation = busy / (modules as f64 * period);
    Ok([
        ("events", Value::Array(all)),
        ("complete", json!(complete)),
        ("period", json!(period)),
        ("busy_per_batch", json!(busy)),
        ("utilisation", json!(utilisation)),
    ])
}

fn told(event: &Event, batch: usize) -> Value {
    let (op, loss) = match event.op {
        Op::F => ("F", None),
        Op::A => ("A", None),
        Op::X(loss) => ("X", Some(loss + 1)),
        Op::B(loss) => ("B", Some(loss + 1)),
    };
    json!({
        "device": event.device + 1, "batch": batch + 1, "op": op, "loss": loss, "start": event.start, "end": event.end
    })
}
