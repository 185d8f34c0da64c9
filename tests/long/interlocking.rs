//! *Between local and end-to-end*: what was measured of the scene, over twelve seeds, and the answers of its presets.

use proxprop::frame::stage::Point;
use proxprop::lab::systems::asked_for;

const SEEDS: u32 = 12;

/// What was seen of a run over seeds.
struct Seen {
    /// Per seed, its points.
    seeds: Vec<Vec<Point>>,
    /// Where in a point a measure stands.
    keys: Vec<&'static str>,
}

impl Seen {
    /// A measure after so many steps of the run, per seed.
    fn at(&self, key: &str, step: u64) -> Vec<f64> {
        let k = self.keys.iter().position(|k| *k == key).expect("a measure");
        let of = |points: &Vec<Point>| {
            let point = points.iter().find(|point| point.step == step);
            point.expect("a point of the curve").values[k]
        };
        self.seeds.iter().map(of).collect()
    }

    fn mean(&self, key: &str, step: u64) -> f64 {
        let values = self.at(key, step);
        values.iter().sum::<f64>() / values.len() as f64
    }

    fn right(&self, step: u64) -> f64 {
        self.mean("accuracy", step)
    }

    /// In how many seeds its last head is better than another's.
    fn beats(&self, other: &Seen, step: u64) -> usize {
        let (own, others) = (self.at("accuracy", step), other.at("accuracy", step));
        own.iter().zip(others).filter(|(a, b)| **a > *b).count()
    }
}

/// The runs of a query, played to the end with the seeds 1 to 12.
fn seeds(query: &str) -> Vec<Seen> {
    let mut runs: Vec<Seen> = Vec::new();
    for seed in 1..=SEEDS {
        let query = format!("system=interlocking&{query}&seed={seed}");
        let entry = asked_for(&query).unwrap().expect("a system");
        let mut system = (entry.open)(&query).unwrap();
        system.advance(u64::MAX);
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
        let measured = |mark: &u64| seen.seeds[0].iter().any(|point| point.step == *mark);
        let marks = [100, 200, 400, 500, 600, 1000, 2000]
            .into_iter()
            .filter(measured);
        let told = marks.map(|mark| {
            let loss = seen.mean("loss", mark);
            let heads: Vec<f64> = (1..=4)
                .map(|k| seen.mean(&format!("head_{k}"), mark))
                .collect();
            let better = seen.beats(&runs[0], mark);
            format!(
                "{mark}: J {loss:.3} right {:.3} ({better}) heads {heads:.3?}",
                seen.right(mark)
            )
        });
        println!(
            "{query} run {}: {}",
            run + 1,
            told.collect::<Vec<_>>().join(" | ")
        );
    }
    runs
}

/// The preset `same-steps`, and `whose-loss` with it.
#[test]
fn at_equal_steps_the_further_a_module_hears_the_better() {
    let runs = seeds(
        "run=prox-exact&run=prox-exact,n:2&run=prox-exact,n:3&run=prox-exact,n:4&run=prox-exact,n:2,combine:mean&run=prox-exact,n:3,combine:mean",
    );
    let [local, two, three, end, mean, _] = &runs[..] else {
        panic!("six runs")
    };
    let all = [local, two, three, end].map(|run| run.right(500));
    assert!(
        all[1] >= all[0] + 0.04 && all[2] >= all[1] - 0.005 && (all[2] - all[3]).abs() <= 0.04,
        "{all:?}"
    );
    let head = |run: &Seen, k: u32| run.mean(&format!("head_{k}"), 500);
    // The specification's streams had the first head within 0.1, too; these have not.
    assert!((head(local, 2) - head(local, 4)).abs() < 0.05);
    assert!(head(end, 4) > head(end, 1) + 0.25);
    for step in [400, 500, 1000] {
        assert!(mean.right(step) > two.right(step), "{step}");
    }
}

/// The preset `same-clock`.
#[test]
fn at_equal_time_local_leads_at_first_and_is_last_in_the_end() {
    let runs = seeds("pace=time");
    let at = |time: u64| [0, 1, 2, 3].map(|run: usize| runs[run].right(time / 3));
    let early = at(600);
    assert!(
        early[1..].iter().all(|right| early[0] > *right),
        "{early:?}"
    );
    let late = at(3000);
    assert!(
        late[1..].iter().all(|right| *right >= late[0] + 0.03),
        "{late:?}"
    );
}

/// The preset `explicit-or-implicit`.
#[test]
fn pairwise_gains_by_implicit_directions() {
    let runs = seeds(
        "steps=500&run=prox-exact&run=prox-exact,n:2&run=backprop&run=backprop,n:2&run=backprop,n:2,combine:mean",
    );
    let all = [0, 1, 2, 3, 4].map(|run: usize| runs[run].right(500));
    assert!(all[1] - all[0] > all[3] - all[2] + 0.04, "{all:?}");
    assert!(
        all[4] > all[2],
        "the mean of the losses beats local with explicit directions too: {all:?}"
    );
}

/// The preset `interlocking-momentum`.
#[test]
fn pairwise_loses_its_lead_with_momentum() {
    let runs = seeds("preset=interlocking-momentum");
    let lead = |step: u64| runs[1].right(step) - runs[0].right(step);
    let all = [500, 1000, 2000].map(lead);
    assert!(all[0] > 0.0 && all[2] < 0.0, "{all:?}");
    assert!(runs[3].right(2000) > runs[0].right(2000) + 0.05);
}
