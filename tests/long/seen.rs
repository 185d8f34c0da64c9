//! Runs of a related system over seeds, played to their ends, and what was measured of them on the way.

use proxprop::frame::stage::Point;
use proxprop::lab::systems::asked_for;

/// The last step, whichever it is.
pub(crate) const END: u64 = u64::MAX;

/// What was seen of a run.
#[derive(Clone)]
pub(crate) struct Seen {
    /// Per seed, its points.
    seeds: Vec<Vec<Point>>,
    /// Where in a point a measure stands.
    keys: Vec<&'static str>,
}

impl Seen {
    fn place(&self, key: &str) -> usize {
        self.keys.iter().position(|k| *k == key).expect("a measure")
    }

    /// A measure at the last point for which something holds, per seed.
    fn last(&self, key: &str, holds: impl Fn(&Point) -> bool) -> Vec<f64> {
        let place = self.place(key);
        let of = |points: &Vec<Point>| {
            let point = points.iter().rfind(|point| holds(point));
            point.expect("a point of the curve").values[place]
        };
        self.seeds.iter().map(of).collect()
    }

    /// A measure after so many steps of the run, per seed.
    pub(crate) fn at(&self, key: &str, step: u64) -> Vec<f64> {
        self.last(key, |point| point.step <= step)
    }

    /// Its mean over the seeds.
    pub(crate) fn mean(&self, key: &str, step: u64) -> f64 {
        mean(&self.at(key, step))
    }

    /// The mean of a measure as far as another one has not grown beyond something.
    pub(crate) fn until(&self, along: &str, most: f64, key: &str) -> f64 {
        let along = self.place(along);
        mean(&self.last(key, |point| point.values[along] <= most))
    }

    /// The mean of a measure over the seeds and all points from a step on.
    pub(crate) fn throughout(&self, key: &str, from: u64) -> f64 {
        let place = self.place(key);
        let points = self.seeds.iter().flatten();
        let values = points.filter(|point| point.step >= from);
        mean(&values.map(|point| point.values[place]).collect::<Vec<_>>())
    }

    /// A measure in the second half, made one number per seed, and the mean of these.
    pub(crate) fn late(&self, key: &str, one: fn(&[f64]) -> f64) -> f64 {
        let place = self.place(key);
        let late = |points: &Vec<Point>| {
            let end = points[points.len() - 1].step;
            let late = points.iter().filter(|point| 2 * point.step >= end);
            one(&late.map(|point| point.values[place]).collect::<Vec<f64>>())
        };
        mean(&self.seeds.iter().map(late).collect::<Vec<f64>>())
    }

    /// The mean difference to another run, and on how many seeds it is above 0.
    pub(crate) fn beside(&self, other: &Seen, key: &str, step: u64) -> (f64, usize) {
        let pairs = self.at(key, step).into_iter().zip(other.at(key, step));
        let gaps: Vec<f64> = pairs.map(|(a, b)| a - b).collect();
        (mean(&gaps), gaps.iter().filter(|gap| **gap > 0.0).count())
    }

    /// The same run on fewer seeds.
    pub(crate) fn first(&self, seeds: usize) -> Seen {
        Seen {
            seeds: self.seeds[..seeds].to_vec(),
            keys: self.keys.clone(),
        }
    }
}

pub(crate) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The runs of a query, played to the end with these seeds. What is said of them is for who looks into a failure.
pub(crate) fn seeds(query: &str, seeds: impl IntoIterator<Item = u32>, told: &[&str]) -> Vec<Seen> {
    let mut runs: Vec<Seen> = Vec::new();
    for seed in seeds {
        let query = format!("{query}&seed={seed}");
        let entry = asked_for(&query).unwrap().expect("a system");
        let mut system = (entry.open)(&query).unwrap();
        system.advance(END);
        for run in 0..system.stage().columns.len() {
            if runs.len() == run {
                let keys = system.measures().all.iter().map(|measure| measure.key);
                runs.push(Seen {
                    seeds: Vec::new(),
                    keys: keys.collect(),
                });
            }
            runs[run].seeds.push(system.points(run).to_vec());
        }
    }
    for (run, seen) in runs.iter().enumerate() {
        let mark = |&key: &&str| format!("{key} {:.3}", seen.mean(key, END));
        let marks: Vec<String> = told.iter().map(mark).collect();
        println!("{query}, run {}: {}", run + 1, marks.join(", "));
    }
    runs
}
