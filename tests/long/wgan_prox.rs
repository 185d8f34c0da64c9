//! *Generators in Wasserstein space*: what was measured of the game, over eight seeds, and the answers of its presets.

use proxprop::frame::stage::Point;
use proxprop::lab::systems::asked_for;

/// What was seen of a run over seeds.
struct Seen {
    /// Per seed, its points.
    seeds: Vec<Vec<Point>>,
    /// Where in a point a measure stands.
    keys: Vec<&'static str>,
}

impl Seen {
    fn place(&self, key: &str) -> usize {
        self.keys.iter().position(|k| *k == key).expect("a measure")
    }

    /// A measure at the end, per seed.
    fn last(&self, key: &str) -> Vec<f64> {
        let k = self.place(key);
        let last = |points: &Vec<Point>| points[points.len() - 1].values[k];
        self.seeds.iter().map(last).collect()
    }

    fn median(&self, key: &str) -> f64 {
        median(self.last(key))
    }

    fn mean(&self, key: &str) -> f64 {
        mean(&self.last(key))
    }

    /// A measure in the second half, made one number per seed, and the mean of these.
    fn late(&self, key: &str, one: fn(&[f64]) -> f64) -> f64 {
        let k = self.place(key);
        let late = |points: &Vec<Point>| {
            let end = points[points.len() - 1].step;
            let late = points.iter().filter(|point| 2 * point.step >= end);
            one(&late.map(|point| point.values[k]).collect::<Vec<f64>>())
        };
        mean(&self.seeds.iter().map(late).collect::<Vec<f64>>())
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn worst(values: &[f64]) -> f64 {
    values.iter().copied().fold(0.0, f64::max)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    f64::midpoint(values[middle - 1], values[middle])
}

/// The runs of a query, played to the end with the seeds 0 to 7.
fn seeds(query: &str) -> Vec<Seen> {
    let mut runs: Vec<Seen> = Vec::new();
    for seed in 0..8 {
        let query = format!("system=wgan-prox&{query}&seed={seed}");
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
    runs
}

/// The preset `five-steps`: the table's main rows, and the specification's own thresholds.
#[test]
fn five_steps_ruin_the_game_and_the_term_mends_it() {
    let runs = seeds("preset=five-steps");
    let [explicit, five, prox] = &runs[..] else {
        panic!("three runs")
    };
    let [e, f, p] = [explicit, five, prox].map(|run| run.median("energy"));
    assert!(p < 0.025 && f > 0.3 && e > 1.5 * p, "{e} {f} {p}");
    assert!(prox.mean("modes") >= 6.8 && five.mean("modes") <= 3.0);
    let [e, f, p] = [explicit, five, prox].map(|run| run.late("moved", mean));
    assert!(p < e / 2.0 && f > 1.5 * e, "{e} {f} {p}");
    assert!((0.01..0.03).contains(&p), "{p}");
    // Steadier, and no sharper than what is said.
    let [e, p] = [explicit, prox].map(|run| run.late("sliced", worst));
    assert!(p < 0.6 * e, "{e} {p}");
}

/// The preset `small-generator-steps`: the term is no gain there.
#[test]
fn small_explicit_steps_need_no_help() {
    let runs = seeds("preset=small-generator-steps");
    let [e, f, p] = [0, 1, 2].map(|run| runs[run].median("energy"));
    assert!(e < 1.1 * p && f > 2.0 * p, "{e} {f} {p}");
    assert!(runs[0].mean("modes") > runs[2].mean("modes") - 0.5);
    assert!(runs[1].mean("modes") < 5.0);
}

/// The preset `same-budget`.
#[test]
fn two_looks_at_a_discriminator_are_worth_the_gradients_and_five_are_not() {
    let runs = seeds("preset=same-budget");
    assert!(runs.iter().all(|run| run.mean("evals") == 1800.0));
    let energy = |run: usize| runs[run].median("energy");
    let all = [0, 1, 2, 3].map(energy);
    assert!(all[0] < all[1] / 1.3 && all[0] < all[2] / 1.3, "{all:?}");
    assert!(all[3] > all[0] && all[3] > 0.8 * all[2], "{all:?}");
    let steady = |run: usize| runs[run].late("sliced", worst);
    assert!(steady(0) < steady(1) && steady(0) < steady(2));
    let way = |run: usize| runs[run].late("moved", mean);
    assert!(
        way(0) < way(1) / 2.0,
        "the second step pulls back what the first overdid"
    );
}

/// The preset `which-distance`: the more of the motion a distance sees, the better it holds.
#[test]
fn a_distance_that_sees_more_holds_better() {
    let runs = seeds("preset=which-distance");
    let all = [0, 1, 2, 3].map(|run| runs[run].median("energy"));
    assert!(
        all[0] < all[1] && all[1] < all[2] && all[1] < all[3],
        "{all:?}"
    );
    assert!(runs[0].mean("modes") > runs[2].mean("modes") + 2.0);
}
