//! *Flat decision functions*: the table of the scene over eight seeds, and the answers of its presets.

use proxprop::lab::systems::asked_for;

/// What a run ended as, and what it was after 60 steps, seed by seed.
#[derive(Default)]
struct Seen {
    last: Vec<Vec<f64>>,
    early: Vec<Vec<f64>>,
}

const MEASURES: [&str; 6] = ["clean", "fgsm", "pgd", "exact", "steep", "j"];

impl Seen {
    fn of(&self, key: &str) -> Vec<f64> {
        column(&self.last, key)
    }

    fn mean(&self, key: &str) -> f64 {
        mean(&self.of(key))
    }

    fn early(&self, key: &str) -> f64 {
        mean(&column(&self.early, key))
    }

    /// The mean difference to another run, and on how many seeds it is above 0.
    fn beside(&self, other: &Seen, key: &str) -> (f64, usize) {
        let pairs = self.of(key).into_iter().zip(other.of(key));
        let gaps: Vec<f64> = pairs.map(|(a, b)| a - b).collect();
        (mean(&gaps), gaps.iter().filter(|gap| **gap > 0.0).count())
    }
}

fn column(of: &[Vec<f64>], key: &str) -> Vec<f64> {
    let place = MEASURES.iter().position(|k| *k == key).expect("a measure");
    of.iter().map(|values| values[place]).collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The runs of a query, played to the end with the seeds 1 to 8.
fn seeds(query: &str) -> Vec<Seen> {
    let mut runs: Vec<Seen> = Vec::new();
    for seed in 1..=8 {
        let query = format!("system=flat&{query}&seed={seed}");
        let entry = asked_for(&query).unwrap().expect("a system");
        let mut system = (entry.open)(&query).unwrap();
        system.advance(u64::MAX);
        let places = MEASURES.map(|key| {
            let all = system.measures().all;
            all.iter().position(|m| m.key == key).expect("a measure")
        });
        for run in 0..system.stage().columns.len() {
            runs.resize_with(runs.len().max(run + 1), Seen::default);
            let points = system.points(run);
            let of = |at: usize| places.map(|place| points[at].values[place]).to_vec();
            let early = points.iter().position(|point| point.step >= 60);
            runs[run].last.push(of(points.len() - 1));
            runs[run].early.push(of(early.unwrap_or(points.len() - 1)));
        }
    }
    for (run, seen) in runs.iter().enumerate() {
        let means = MEASURES.map(|key| format!("{key} {:.3}", seen.mean(key)));
        println!(
            "{query}, run {}: {}; on the grid after 60 steps {:.3}",
            run + 1,
            means.join(", "),
            seen.early("exact")
        );
    }
    runs
}

/// Whether a mean is that of the specification, within the spread over its seeds.
fn near(what: &str, got: f64, wanted: f64, spread: f64) {
    let gap = (got - wanted).abs();
    assert!(
        gap <= spread,
        "{what}: {got}, specified {wanted} ± {spread}"
    );
}

/// The table of the scene on moons, and the presets `flat-means-safe` and `two-half-measures`.
#[test]
fn on_moons_the_penalty_keeps_what_training_destroys() {
    let runs = seeds("steps=1000");
    let exact = [0.652, 0.750, 0.708, 0.762, 0.767];
    let spread = [0.046, 0.044, 0.044, 0.041, 0.036];
    let steep = [48.0, 2.5, 26.0, 2.4, 18.0];
    for run in 0..5 {
        near("exact", runs[run].mean("exact"), exact[run], spread[run]);
        let ratio = runs[run].mean("steep") / steep[run];
        assert!((0.6..1.6).contains(&ratio), "steepness of {run}: {ratio}");
        let [e, p, f, c] = ["exact", "pgd", "fgsm", "clean"].map(|key| runs[run].mean(key));
        assert!(e <= p && p <= f && f <= c);
    }
    let [plain, penalty, fgsm, both, pgd5] = &runs[..] else {
        panic!("five runs")
    };
    let (gain, seeds) = penalty.beside(plain, "exact");
    assert!(gain > 0.05 && seeds >= 6, "{gain} on {seeds}");
    let (gain, seeds) = both.beside(fgsm, "exact");
    assert!(gain > 0.02 && seeds >= 5, "{gain} on {seeds}");
    let (gain, _) = pgd5.beside(both, "clean");
    assert!(gain > 0.01, "{gain}");
    assert!((pgd5.mean("exact") - both.mean("exact")).abs() < 0.03);
    // Stopped early, the plain run is as safe as the penalised one ever is.
    assert!(plain.early("exact") > penalty.mean("exact") - 0.02);
    assert!(plain.early("exact") - plain.mean("exact") > 0.08);
}

/// The preset `who-was-repaired`: what rises is an attack that fails.
#[test]
fn on_the_circle_nobody_is_repaired() {
    let runs = seeds("data=circle&noise=0.15&run=plain&run=penalty&run=fgsm&run=both");
    for (run, exact) in [0.776, 0.736, 0.740, 0.727].into_iter().enumerate() {
        near("exact", runs[run].mean("exact"), exact, 0.033);
    }
    for run in &runs[1..] {
        let (rises, _) = run.beside(&runs[0], "fgsm");
        let (falls, _) = run.beside(&runs[0], "exact");
        assert!(rises > 0.0 && falls < 0.0, "{rises} {falls}");
        assert!(run.mean("fgsm") - run.mean("exact") > 0.04);
    }
}

/// Where the classes are far apart the penalty pays a little, on every seed.
#[test]
fn on_xor_the_penalty_pays_a_little() {
    let runs = seeds("data=xor&noise=0.1");
    for (run, exact) in [0.856, 0.877, 0.845, 0.882, 0.870].into_iter().enumerate() {
        near("exact", runs[run].mean("exact"), exact, 0.037);
    }
    let (gain, seeds) = runs[1].beside(&runs[0], "exact");
    assert!(gain > 0.005 && seeds >= 6, "{gain} on {seeds}");
}

/// What is said of the penalty holds on the mean over the seeds, whatever the points; on single ones FGSM may find more.
#[test]
fn the_penalty_flattens_and_fgsm_finds_less() {
    for data in [
        "moons&noise=0.2",
        "circle&noise=0.15",
        "xor&noise=0.1",
        "gauss&noise=0.1",
    ] {
        let runs = seeds(&format!("data={data}&run=plain&run=penalty&run=both"));
        for run in &runs[1..] {
            let times = runs[0].mean("steep") / run.mean("steep");
            assert!((4.5..22.0).contains(&times), "{data}: {times}");
            let (rises, _) = run.beside(&runs[0], "fgsm");
            assert!(rises > 0.0, "{data}: {rises}");
        }
    }
}

/// The preset `curvature-twice`.
#[test]
fn the_implicit_step_bears_the_penalty_where_the_explicit_one_ends_at_chance() {
    let runs = seeds("preset=curvature-twice");
    assert!(runs[0].of("clean").iter().all(|clean| *clean < 0.55));
    near("clean", runs[1].mean("clean"), 0.886, 0.033);
    near("exact", runs[1].mean("exact"), 0.791, 0.047);
}

/// The preset `which-output`.
#[test]
fn flat_in_the_probability_is_steep_in_the_margin() {
    let runs = seeds("preset=which-output");
    let steep = [0, 1, 2].map(|run: usize| runs[run].mean("steep"));
    assert!(steep[1] > 5.0 * steep[0], "{steep:?}");
}
