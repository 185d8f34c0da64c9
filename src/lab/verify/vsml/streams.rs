//! The random numbers that cells, tasks and streams are made of.

use serde_json::{Map, Value, json};

use super::{Rows, layers, written};
use crate::data::rng::{Purpose, Stream};
use crate::data::{DataSource, Targets, generate};
use crate::lab::trace::Precision;
use crate::lab::verify::kind::{Kind, Mark, Replayed, usual};
use crate::systems::vsml::{CLONE, META, Meta, Task, Teaching, first_weights, stream};

pub(in crate::lab::verify) static STREAMS: Kind = Kind {
    name: "vsml streams",
    mark: Mark::Case("vsml", "streams"),
    tolerance: usual,
    single: None,
    replay,
};

/// Which draws these are is said in words: what else could be asked for is not known.
fn replay(case: &Value, _: Precision) -> Result<Vec<Replayed>, String> {
    let of = |at: (&str, Value)| (format!("/{}", at.0), at.1);
    let purposes = [
        Purpose::Triples,
        Purpose::CloneInit,
        Purpose::Tasks,
        Purpose::MetaInit,
    ];
    let draws = purposes.map(|purpose| {
        let mut stream = Stream::new(3, purpose, 5);
        let uniforms: Vec<f64> = (0..4).map(|_| stream.uniform()).collect();
        let normals: Vec<f64> = (0..4).map(|_| stream.normal()).collect();
        let numbers = json!({"uniforms": uniforms, "normals": normals});
        ((purpose as u64).to_string(), numbers)
    });
    let tasks = [META.task(1, 4, 5), META.task(1, 5, 5)];
    let sizes = META.grid().sizes;
    let layered = tasks.each_ref().map(|task| layers(&sizes, &task.weights));
    let layer = |l: usize| layered.each_ref().map(|layers| layers[l].clone());
    let x = tasks.each_ref().map(|task: &Task| task.x.clone());
    let y = tasks.each_ref().map(|task: &Task| task.y.clone());
    let random = Meta {
        jitter: None,
        ..META
    };
    let few = Teaching { batch: 4, ..CLONE };
    let triples = few.triples(2, 1).0;
    let triples: Rows = (0..4)
        .map(|i| triples.iter().skip(i).step_by(4).copied().collect())
        .collect();
    let small = [2, 3, 2];
    let weights = first_weights(&small, &mut Stream::weights(1));
    let replayed = [
        ("streams", Value::Object(Map::from_iter(draws))),
        ("weights", json!([layer(0), layer(1)])),
        ("X", json!(x)),
        ("Y", json!(y)),
        ("meta_start", written(META.size, &META.start(1).theta)),
        (
            "meta_start_random",
            written(META.size, &random.start(1).theta),
        ),
        ("clone_start", written(CLONE.size(), &CLONE.start(2).theta)),
        ("triples", json!(triples)),
        ("stream", points()?),
        ("first_weights", json!(layers(&small, &weights))),
    ];
    let asked = replayed
        .into_iter()
        .filter(|(key, _)| case.get(key).is_some());
    Ok(asked.map(of).collect())
}

/// The first samples of a stream: points, and labels.
fn points() -> Result<Value, String> {
    let data = generate(DataSource::Xor, 50, 0.1, 0.0, 1).map_err(|e| e.to_string())?;
    let (inputs, targets) = (data.training.inputs, data.training.targets);
    let Targets::Classes { labels, .. } = targets else {
        return Err("xor has classes".to_owned());
    };
    let order = stream(1, 50, 8);
    let x: Vec<[f64; 2]> = order
        .iter()
        .map(|&i| [inputs[(i, 0)], inputs[(i, 1)]])
        .collect();
    let y: Vec<u32> = order.iter().map(|&i| labels[i]).collect();
    Ok(json!([x, y]))
}
