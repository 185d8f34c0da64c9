//! *Flat decision functions*: the tables of the specification over its seeds, and the answers of its presets.

use std::sync::LazyLock;

use super::seen::{self, END, Seen};

/// The runs of a query, played to the end with so many seeds.
fn seeds(query: &str, count: u32) -> Vec<Seen> {
    let told = ["clean", "fgsm", "pgd", "exact", "steep", "j"];
    seen::seeds(&format!("system=flat&{query}"), 1..=count, &told)
}

/// Whether a mean is that of the specification, within the spread over its seeds.
fn near(what: &str, got: f64, wanted: f64, spread: f64) {
    let gap = (got - wanted).abs();
    assert!(
        gap <= spread,
        "{what}: {got}, specified {wanted} ± {spread}"
    );
}

/// Whether a steepness is the specified one, as a ratio.
fn as_steep(what: &str, got: f64, wanted: f64) {
    let ratio = got / wanted;
    assert!(
        (0.6..1.6).contains(&ratio),
        "steepness of {what}: {got}, specified {wanted}"
    );
}

/// The scene's five: plain, penalty, fgsm, both, pgd5.
fn table(data: &str) -> Vec<Seen> {
    seeds(&format!("data={data}"), 8)
}

static MOONS: LazyLock<Vec<Seen>> = LazyLock::new(|| table("moons&noise=0.2"));
static CIRCLE: LazyLock<Vec<Seen>> = LazyLock::new(|| table("circle&noise=0.15"));
static XOR: LazyLock<Vec<Seen>> = LazyLock::new(|| table("xor&noise=0.1"));
static GAUSS: LazyLock<Vec<Seen>> = LazyLock::new(|| table("gauss&noise=0.1"));

/// Table 1, run by run: accuracies clean, against FGSM, against PGD and on the grid, and the steepness.
#[test]
fn the_scene_is_as_specified() {
    for (data, runs, spread, rows) in [
        (
            "moons",
            &MOONS,
            0.03,
            [
                [0.907, 0.736, 0.653, 0.652, 48.0],
                [0.870, 0.800, 0.764, 0.750, 2.5],
                [0.912, 0.805, 0.711, 0.708, 26.0],
                [0.877, 0.816, 0.778, 0.762, 2.4],
                [0.922, 0.805, 0.768, 0.767, 18.0],
            ],
        ),
        (
            "circle",
            &CIRCLE,
            0.03,
            [
                [0.966, 0.784, 0.776, 0.776, 47.0],
                [0.953, 0.823, 0.741, 0.736, 8.7],
                [0.958, 0.807, 0.741, 0.740, 38.0],
                [0.940, 0.801, 0.736, 0.727, 5.9],
                [0.968, 0.816, 0.769, 0.769, 33.0],
            ],
        ),
        (
            "xor",
            &XOR,
            0.02,
            [
                [0.988, 0.871, 0.856, 0.856, 25.0],
                [0.987, 0.907, 0.878, 0.877, 4.3],
                [0.984, 0.878, 0.845, 0.845, 28.0],
                [0.988, 0.907, 0.883, 0.882, 3.2],
                [0.989, 0.890, 0.870, 0.870, 23.0],
            ],
        ),
    ] {
        for (run, row) in runs.iter().zip(rows) {
            for (key, wanted) in ["clean", "fgsm", "pgd", "exact"].into_iter().zip(row) {
                near(
                    &format!("{data}, {key}"),
                    run.mean(key, END),
                    wanted,
                    spread,
                );
            }
            as_steep(data, run.mean("steep", END), row[4]);
            let [e, p, f, c] = ["exact", "pgd", "fgsm", "clean"].map(|key| run.mean(key, END));
            assert!(e <= p && p <= f && f <= c);
        }
    }
    // Nearly linear: nobody is any better, and flat all the same.
    for (run, exact) in GAUSS.iter().zip([0.956, 0.960, 0.953, 0.960, 0.957]) {
        near("gauss, exact", run.mean("exact", END), exact, 0.012);
    }
    as_steep("plain", GAUSS[0].mean("steep", END), 8.2);
    as_steep("penalty", GAUSS[1].mean("steep", END), 1.1);
}

/// The presets `flat-means-safe` and `two-half-measures`.
#[test]
fn on_moons_the_penalty_keeps_what_training_destroys() {
    let [plain, penalty, fgsm, both, pgd5] = &MOONS[..] else {
        panic!("five runs")
    };
    let (gain, seeds) = penalty.beside(plain, "exact", END);
    assert!(gain > 0.05 && seeds >= 6, "{gain} on {seeds}");
    let (gain, seeds) = both.beside(fgsm, "exact", END);
    assert!(gain > 0.02 && seeds >= 5, "{gain} on {seeds}");
    let (gain, _) = pgd5.beside(both, "clean", END);
    assert!(gain > 0.01, "{gain}");
    let (gain, _) = pgd5.beside(both, "exact", END);
    assert!(gain.abs() < 0.03, "{gain}");
    // Stopped early, the plain run is as safe as the penalised one ever is.
    let early = plain.mean("exact", 60);
    assert!(early > penalty.mean("exact", END) - 0.02);
    assert!(early - plain.mean("exact", END) > 0.08);
}

/// Table 2: robustness on the grid and against FGSM, after so many steps.
#[test]
fn over_time_robustness_is_as_specified() {
    let steps = [60, 100, 200, 400, 700, 1000];
    let rows = [
        [
            [0.795, 0.795],
            [0.794, 0.796],
            [0.750, 0.753],
            [0.731, 0.749],
            [0.676, 0.746],
            [0.662, 0.749],
        ],
        [
            [0.785, 0.785],
            [0.789, 0.794],
            [0.809, 0.822],
            [0.788, 0.836],
            [0.788, 0.828],
            [0.794, 0.858],
        ],
        [
            [0.809, 0.810],
            [0.814, 0.815],
            [0.810, 0.814],
            [0.802, 0.818],
            [0.780, 0.828],
            [0.743, 0.826],
        ],
        [
            [0.784, 0.784],
            [0.774, 0.774],
            [0.801, 0.807],
            [0.790, 0.820],
            [0.799, 0.841],
            [0.804, 0.844],
        ],
    ];
    for (run, row) in MOONS.iter().zip(rows) {
        let run = run.first(4);
        for (step, [exact, fgsm]) in steps.into_iter().zip(row) {
            near(
                &format!("exact at {step}"),
                run.mean("exact", step),
                exact,
                0.025,
            );
            near(
                &format!("fgsm at {step}"),
                run.mean("fgsm", step),
                fgsm,
                0.025,
            );
        }
    }
}

/// Table 3: against steep nets more steps find more; against a flat one only other starts do, and the grid.
#[test]
fn on_a_plateau_more_steps_find_nothing_and_other_starts_do() {
    let one_start = seeds("starts=1&run=plain&run=penalty&run=fgsm", 8);
    for (run, (pgd, spread)) in [(0.676, 0.042), (0.816, 0.037), (0.736, 0.036)]
        .into_iter()
        .enumerate()
    {
        let (once, five) = (&one_start[run], &MOONS[run]);
        near("20 × 1", once.mean("pgd", END), pgd, spread);
        let by_steps = once.mean("fgsm", END) - once.mean("pgd", END);
        let by_starts = once.mean("pgd", END) - five.mean("pgd", END);
        let flat = run == 1;
        assert!(
            if flat {
                by_steps < 0.01 && by_starts > 0.03
            } else {
                by_steps > 0.04 && by_starts < by_steps
            },
            "run {run}: steps find {by_steps}, starts {by_starts}"
        );
    }
}

/// The preset `who-was-repaired`: what rises is an attack that fails.
#[test]
fn on_the_circle_nobody_is_repaired() {
    for run in &CIRCLE[1..4] {
        let (rises, _) = run.beside(&CIRCLE[0], "fgsm", END);
        let (falls, _) = run.beside(&CIRCLE[0], "exact", END);
        assert!(rises > 0.0 && falls < 0.0, "{rises} {falls}");
        assert!(run.mean("fgsm", END) - run.mean("exact", END) > 0.04);
    }
}

/// Where the classes are far apart the penalty pays a little, on every seed.
#[test]
fn on_xor_the_penalty_pays_a_little() {
    let (gain, seeds) = XOR[1].beside(&XOR[0], "exact", END);
    assert!(gain > 0.005 && seeds >= 6, "{gain} on {seeds}");
}

/// What is said of the penalty holds on the mean over the seeds, whatever the points; on single ones FGSM may find more.
#[test]
fn the_penalty_flattens_and_fgsm_finds_less() {
    for runs in [&MOONS, &CIRCLE, &XOR, &GAUSS] {
        for run in [1, 3] {
            let times = runs[0].mean("steep", END) / runs[run].mean("steep", END);
            assert!((4.5..22.0).contains(&times), "{times}");
            let (rises, _) = runs[run].beside(&runs[0], "fgsm", END);
            assert!(rises > 0.0, "{rises}");
        }
    }
}

/// The preset `curvature-twice`.
#[test]
fn the_implicit_step_bears_the_penalty_where_the_explicit_one_ends_at_chance() {
    let runs = seeds("preset=curvature-twice", 8);
    assert!(runs[0].at("clean", END).iter().all(|clean| *clean < 0.55));
    near("clean", runs[1].mean("clean", END), 0.886, 0.033);
    near("exact", runs[1].mean("exact", END), 0.791, 0.047);
}

/// Table 4: the penalty takes a factor of about 3 from the largest step that both rules bear.
#[test]
fn the_penalty_takes_a_factor_from_the_largest_step_of_both_rules() {
    let run =
        |method: &str, rule: &str, tau: u32| format!("run={method},rule:{rule},opt:sgd,tau:{tau}");
    let cases = [
        ("plain", "backprop", 3, true),
        ("plain", "backprop", 10, false),
        ("penalty", "backprop", 1, true),
        ("penalty", "backprop", 3, false),
        ("plain", "prox-exact", 30, true),
        ("penalty", "prox-exact", 30, false),
    ];
    let query = cases.map(|(method, rule, tau, _)| run(method, rule, tau));
    let runs = seeds(&format!("steps=600&valid=100&{}", query.join("&")), 3);
    for (seen, case) in runs.iter().zip(cases) {
        let j = seen.mean("j", END);
        assert!(if case.3 { j < 0.6 } else { j > 1.0 }, "{case:?}: J {j}");
    }
    // Penalty and adversarial points together are too much for it on the circle.
    let runs = ["fgsm", "both"].map(|method| run(method, "prox-exact", 3));
    let query = format!("data=circle&noise=0.15&valid=100&{}", runs.join("&"));
    let runs = seeds(&query, 4);
    let (gap, seeds) = runs[1].beside(&runs[0], "exact", END);
    assert!(gap < -0.1 && seeds == 0, "{gap}");
}

/// Table 5: what is flat, in which norm, how round, how much, and where; accuracies clean and on the grid, and the steepness.
#[test]
fn options_do_what_is_specified_of_them() {
    let cases = [
        ("penalty,lambda:0.03", 0.916, 0.745, 8.7),
        ("penalty,lambda:0.05,target:logits", 0.926, 0.760, 5.3),
        ("penalty,lambda:1,target:prob", 0.854, 0.760, 2.8),
        ("penalty,lambda:0.5,target:loss", 0.847, 0.756, 4.8),
        ("penalty,lambda:0.2", 0.838, 0.740, 1.1),
        ("both,penalty_at:both", 0.870, 0.770, 1.8),
        ("penalty,norm:l2,lambda:0.07", 0.925, 0.759, 6.8),
        ("penalty,norm:l2,lambda:0.14", 0.902, 0.774, 1.9),
        ("penalty,norm:sq,lambda:0.03", 0.925, 0.780, 9.2),
        ("penalty,delta:0.1", 0.910, 0.781, 3.1),
        ("penalty,delta:1", 0.910, 0.781, 6.8),
        ("penalty", 0.904, 0.790, 2.5),
    ];
    let mut runs = Vec::new();
    for half in cases.chunks(6) {
        let query: Vec<String> = half.iter().map(|case| format!("run={}", case.0)).collect();
        runs.extend(seeds(&format!("valid=200&{}", query.join("&")), 4));
    }
    for (seen, (case, clean, exact, steep)) in runs.iter().zip(cases) {
        near(case, seen.mean("clean", END), clean, 0.03);
        near(case, seen.mean("exact", END), exact, 0.03);
        as_steep(case, seen.mean("steep", END), steep);
    }
    let exact = |run: usize| runs[run].mean("exact", END);
    // In two dimensions l1 has no advantage over l2 to be seen.
    assert!((exact(11) - exact(7)).abs() < 0.03);
    // δ makes no difference to accuracy, and a weaker penalty.
    assert!((exact(11) - exact(9)).abs() < 0.03 && (exact(11) - exact(10)).abs() < 0.03);
    assert!(runs[10].mean("steep", END) > 1.5 * runs[11].mean("steep", END));
    // At the adversarial points too is no better than at the others alone.
    let (gain, _) = runs[5].beside(&MOONS[3].first(4), "exact", END);
    assert!(gain < 0.01, "{gain}");
}

/// The preset `which-output`.
#[test]
fn flat_in_the_probability_is_steep_in_the_margin() {
    let runs = seeds("preset=which-output", 8);
    let steep = [0, 1, 2].map(|run: usize| runs[run].mean("steep", END));
    assert!(steep[1] > 5.0 * steep[0], "{steep:?}");
}
