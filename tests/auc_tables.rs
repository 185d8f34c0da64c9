//! *Ranking a rare class*: the tables of its specification, on streams of this lab's own: means over seeds, within the spread that the
//! specification gives its own seeds.

#[path = "common/ranking.rs"]
mod ranking;

use nalgebra::DVector;
use proxprop::systems::auc::penalty::Groups;
use proxprop::systems::auc::rank::accuracy;
use proxprop::systems::auc::{
    Decay, Features, Known, Learner, Means, Method, Moments, Penalty, Sample, Schedule, Settings,
    Toy, features,
};
use ranking::how;

const NONE: Penalty = Penalty {
    l1: 0.0,
    lg: 0.0,
    l2: 0.0,
};

fn l1(l1: f64) -> Penalty {
    Penalty { l1, ..NONE }
}

fn sqrt(method: Method, eta0: f64, penalty: Penalty) -> Settings {
    how(method, Decay::Sqrt, eta0, penalty)
}

/// What the runs of one seed learn from, and the points held out.
struct World {
    features: Features,
    groups: Groups,
    stream: Sample,
    held: Sample,
    known: Known,
    moments: Moments,
}

impl World {
    fn new(toy: Toy, t: usize, p: f64, seed: u32) -> World {
        let (features, groups) = match toy {
            Toy::Islands => (Features::grid(6, 2.25, 0.7), features::blocks(6, 2)),
            Toy::Needle => (Features::Linear, Groups::new()),
        };
        let stream = Sample::new(toy.stream(t, p, seed), &features);
        let order: Vec<u32> = (0..t as u32).collect();
        World {
            known: stream.known(&order),
            held: Sample::new(toy.hold_out(seed), &features),
            moments: toy.moments(p),
            groups,
            stream,
            features,
        }
    }

    fn start(&self) -> (Learner, Vec<f64>) {
        let zeros = vec![0.0; self.features.count()];
        (Learner::new(zeros.clone()), zeros)
    }

    fn step(&self, learner: &mut Learner, work: &mut [f64], how: &Settings) {
        let i = learner.t as usize;
        let point = (self.stream.row(i), self.stream.positive[i]);
        learner.step(how, &self.groups, Some(&self.known), point, work);
    }

    fn learn(&self, how: &Settings) -> Seen {
        let (mut learner, mut work) = self.start();
        for _ in 0..self.stream.points.len() {
            self.step(&mut learner, &mut work, how);
        }
        self.look(&learner)
    }

    fn look(&self, learner: &Learner) -> Seen {
        let (w, mean) = (&learner.w, &learner.mean_w);
        let lost = learner.diverged.is_some();
        let scores = self.held.scores(w);
        let report = self.held.report(&scores, 0.1);
        let shifted: Vec<f64> = scores.iter().map(|score| score + learner.b).collect();
        let (found, right) = accuracy(&shifted, &self.held.positive, self.known.p).unwrap();
        let alive = |group: &&Vec<usize>| group.iter().any(|&j| w[j] != 0.0);
        let plane = w.len() == 2;
        Seen {
            lost,
            auc: if lost { f64::NAN } else { report.auc.unwrap() },
            mean_auc: self.held.report(&self.held.scores(mean), 0.1).auc.unwrap(),
            tpr: report.rate.unwrap(),
            risk: if lost {
                f64::INFINITY
            } else {
                report.risk.unwrap()
            },
            nonzeros: Learner::nonzeros(w) as f64,
            mean_nonzeros: Learner::nonzeros(mean) as f64,
            blocks: self.groups.iter().filter(alive).count() as f64,
            found,
            right,
            exact: if plane {
                self.moments.normal_auc(&DVector::from_row_slice(w))
            } else {
                f64::NAN
            },
            angle: if plane {
                w[1].atan2(w[0]).to_degrees()
            } else {
                f64::NAN
            },
        }
    }
}

/// What one run has come to.
#[derive(Clone, Debug)]
struct Seen {
    lost: bool,
    /// On the hold-out; of the average too.
    auc: f64,
    mean_auc: f64,
    tpr: f64,
    risk: f64,
    nonzeros: f64,
    mean_nonzeros: f64,
    blocks: f64,
    /// The share of the positives that a classifier finds, and of its right answers.
    found: f64,
    right: f64,
    /// On all points that there could be.
    exact: f64,
    angle: f64,
}

/// The same over seeds.
struct Seeds(Vec<Seen>);

impl Seeds {
    fn mean(&self, of: impl Fn(&Seen) -> f64) -> f64 {
        self.0.iter().map(of).sum::<f64>() / self.0.len() as f64
    }

    fn median(&self, of: impl Fn(&Seen) -> f64) -> f64 {
        let mut values: Vec<f64> = self.0.iter().map(of).collect();
        values.sort_by(f64::total_cmp);
        let middle = values.len() / 2;
        f64::midpoint(values[middle - 1], values[middle])
    }

    fn lost(&self) -> usize {
        self.0.iter().filter(|seen| seen.lost).count()
    }

    fn all(&self, which: impl Fn(&Seen) -> bool) -> bool {
        self.0.iter().all(which)
    }
}

/// These runs on the streams of the first seeds.
fn over<const N: usize>(toy: Toy, t: usize, p: f64, seeds: u32, runs: [Settings; N]) -> [Seeds; N] {
    let mut all = runs.map(|_| Seeds(Vec::new()));
    for seed in 1..=seeds {
        let world = World::new(toy, t, p, seed);
        for (all, how) in all.iter_mut().zip(&runs) {
            all.0.push(world.learn(how));
        }
    }
    all
}

fn islands<const N: usize>(runs: [Settings; N]) -> [Seeds; N] {
    over(Toy::Islands, 2000, 0.05, 8, runs)
}

/// That a mean is the specification's, within the spread over its seeds.
fn near(what: &str, got: f64, said: f64, spread: f64) {
    assert!(
        (got - said).abs() <= spread,
        "{what}: {got:.4}, specified {said} ± {spread}"
    );
}

/// More of l1: fewer bumps, then worse ranks; the explicit step ranks alike and never has a zero.
#[test]
fn zeros_are_the_proximal_steps_alone() {
    // l1, AUC of prox and its spread, nonzeros of its weights and their spread, those of their average, AUC of explicit, R of prox.
    for (weight, auc, spread, nonzeros, around, average, explicit, risk) in [
        (0.0, 0.925, 0.010, 36.0, 0.0, 36.0, 0.925, 0.270),
        (0.003, 0.926, 0.009, 23.5, 4.2, 36.0, 0.926, 0.300),
        (0.01, 0.919, 0.010, 9.5, 4.2, 33.8, 0.919, 0.505),
        (0.02, 0.781, 0.172, 3.3, 2.9, 27.0, 0.858, 0.893),
    ] {
        let of = |method| sqrt(method, 2.0, l1(weight));
        let all = islands([Method::Prox, Method::Explicit, Method::Implicit].map(of));
        let what = format!("l1 {weight}");
        for (seen, said) in all.iter().zip([auc, explicit, auc]) {
            near(&what, seen.mean(|s| s.auc), said, spread);
            near(&what, seen.mean(|s| s.risk), risk, 0.04);
        }
        for seen in [&all[0], &all[2]] {
            near(&what, seen.mean(|s| s.nonzeros), nonzeros, around);
            near(&what, seen.mean(|s| s.mean_nonzeros), average, 3.0);
        }
        assert!(all[1].all(|s| s.nonzeros == 36.0), "{what}");
        if weight < 0.02 {
            let gap = all[0].mean(|s| s.auc) - all[1].mean(|s| s.auc);
            assert!(gap.abs() < 0.002, "{what}: {gap}");
        }
    }
    // 24 seeds at the defaults; TPR at one false positive in ten.
    let runs = [Method::Prox, Method::Explicit].map(|method| sqrt(method, 2.0, l1(0.01)));
    let [prox, explicit] = over(Toy::Islands, 2000, 0.05, 24, runs);
    let plain = [sqrt(Method::Logistic, 2.0, NONE)];
    let [logistic] = over(Toy::Islands, 2000, 0.05, 24, plain);
    assert!(prox.all(|s| (1.0..=24.0).contains(&s.nonzeros)));
    assert!((6.0..13.0).contains(&prox.mean(|s| s.nonzeros)));
    assert!((0.90..0.935).contains(&prox.mean(|s| s.auc)));
    assert!(
        prox.0
            .iter()
            .zip(&explicit.0)
            .all(|(a, b)| (a.auc - b.auc).abs() < 0.003)
    );
    near("TPR of prox", prox.mean(|s| s.tpr), 0.70, 0.03);
    near("logistic", logistic.mean(|s| s.auc), 0.903, 0.015);
    near("TPR of logistic", logistic.mean(|s| s.tpr), 0.65, 0.03);
    assert!(logistic.all(|s| s.found == 0.0 && (s.right - 0.95).abs() < 0.015));
    let ahead = prox.0.iter().zip(&logistic.0);
    assert!(ahead.filter(|(a, b)| a.auc > b.auc).count() >= 20);
}

/// Where the proximal step has lost all weights, all is tied, and explicit's jumps still rank.
#[test]
fn with_too_much_of_l1_explicit_leads_by_its_jumps() {
    let runs = [Method::Prox, Method::Explicit].map(|method| sqrt(method, 2.0, l1(0.02)));
    let [prox, explicit] = over(Toy::Islands, 2000, 0.05, 24, runs);
    let tied = prox.0.iter().filter(|s| s.nonzeros == 0.0);
    assert!(tied.clone().count() >= 1 && tied.clone().all(|s| s.auc == 0.5));
    let lead = explicit.mean(|s| s.auc) - prox.mean(|s| s.auc);
    assert!((0.01..0.15).contains(&lead), "{lead}");
}

/// What the answer of the preset `zeros` says of the explicit weights where the proximal ones are 0.
#[test]
fn explicit_weights_jump_over_zero() {
    let (mut zeros, mut all, mut size, mut turns) = (0.0, 0.0, 0.0, 0.0);
    for seed in 1..=8 {
        let world = World::new(Toy::Islands, 2000, 0.05, seed);
        let runs = [Method::Prox, Method::Explicit].map(|method| sqrt(method, 2.0, l1(0.01)));
        let (mut prox, mut work) = world.start();
        let (mut explicit, _) = world.start();
        for _ in 0..2000 {
            let before = explicit.w.clone();
            world.step(&mut prox, &mut work, &runs[0]);
            world.step(&mut explicit, &mut work, &runs[1]);
            if prox.positives == 0 || prox.negatives == 0 {
                assert_eq!(Learner::nonzeros(&explicit.w), 0);
                continue;
            }
            assert_eq!(Learner::nonzeros(&explicit.w), 36, "step {}", explicit.t);
            all += 36.0;
            for j in (0..36).filter(|&j| prox.w[j] == 0.0) {
                zeros += 1.0;
                size += explicit.w[j].abs() / (explicit.eta * 0.01);
                turns += f64::from(u8::from(explicit.w[j] * before[j] < 0.0));
            }
        }
    }
    near("share of zeros", zeros / all, 0.76, 0.06);
    near("size in η l1", size / zeros, 0.6, 0.1);
    near("turns of sign", turns / zeros, 0.70, 0.06);
}

/// Other penalties: the elastic net, and groups, which go as groups.
#[test]
fn groups_and_the_elastic_net_have_zeros_too() {
    let elastic = Penalty {
        l1: 0.008,
        l2: 0.02,
        lg: 0.0,
    };
    let groups = |lg| Penalty { lg, ..NONE };
    for (penalty, auc, spread, nonzeros, blocks) in [
        (elastic, 0.920, 0.010, Some((12.1, 4.3)), None),
        (groups(0.003), 0.921, 0.010, None, Some((7.3, 0.7))),
        (groups(0.01), 0.858, 0.059, None, Some((4.1, 1.6))),
    ] {
        let [prox, explicit] =
            islands([Method::Prox, Method::Explicit].map(|m| sqrt(m, 2.0, penalty)));
        near("AUC", prox.mean(|s| s.auc), auc, spread);
        near(
            "AUC of explicit",
            explicit.mean(|s| s.auc),
            prox.mean(|s| s.auc),
            0.01,
        );
        assert!(explicit.all(|s| s.nonzeros == 36.0 && s.blocks == 9.0));
        if let Some((count, around)) = nonzeros {
            near("nonzeros", prox.mean(|s| s.nonzeros), count, around);
        }
        if let Some((count, around)) = blocks {
            near("blocks", prox.mean(|s| s.blocks), count, around);
        }
    }
}

/// The explicit penalty step breaks at η l2 = 2, whatever the points; the implicit one does not.
#[test]
fn shrinkage_breaks_the_explicit_step_at_two() {
    for (l2, eta, breaks) in [
        (1.0, 1.0, false),
        (1.0, 2.0, true),
        (3.0, 0.6, false),
        (3.0, 0.7, true),
        (3.0, 2.0, true),
        (3.0, 10.0, true),
    ] {
        let runs = [Method::Explicit, Method::Prox]
            .map(|method| how(method, Decay::Const, eta, Penalty { l2, ..NONE }));
        let [explicit, prox] = over(Toy::Islands, 1000, 0.05, 8, runs);
        assert!(explicit.all(|s| s.lost == breaks), "l2 {l2}, η {eta}");
        assert_eq!(prox.lost(), 0, "l2 {l2}, η {eta}");
        near("AUC of prox", prox.mean(|s| s.auc), 0.891, 0.035);
        if !breaks {
            near("AUC of explicit", explicit.mean(|s| s.auc), 0.890, 0.035);
        }
    }
}

/// The table *How implicit?*: the loss step is explicit in the proximal method too, and only the implicit one bears any step.
#[test]
fn how_implicit_it_is_decides_how_large_steps_may_be() {
    const METHODS: [Method; 3] = [Method::Spam, Method::Prox, Method::Implicit];
    // η; then of each method the AUC of the last weights and of their average, and how many of 8 seeds diverge.
    let gone = (f64::NAN, f64::NAN, 8);
    for (eta, table) in [
        (
            0.1,
            [(0.925, 0.921, 0), (0.927, 0.920, 0), (0.927, 0.919, 0)],
        ),
        (
            0.3,
            [(0.917, 0.924, 0), (0.925, 0.925, 0), (0.926, 0.923, 0)],
        ),
        (
            1.0,
            [(0.710, 0.896, 0), (0.887, 0.924, 0), (0.922, 0.925, 0)],
        ),
        (
            2.0,
            [(0.383, 0.368, 1), (0.502, 0.538, 0), (0.919, 0.924, 0)],
        ),
        (5.0, [gone, (0.583, 0.439, 6), (0.913, 0.924, 0)]),
        (10.0, [gone, gone, (0.905, 0.923, 0)]),
        (30.0, [gone, gone, (0.884, 0.922, 0)]),
    ] {
        let all = islands(METHODS.map(|method| how(method, Decay::Const, eta, NONE)));
        for ((method, seen), (last, average, lost)) in METHODS.iter().zip(&all).zip(table) {
            let what = format!("{method:?} at η {eta}");
            assert!(
                seen.lost().abs_diff(lost) <= usize::from(lost % 8 > 0),
                "{what}: {}",
                seen.lost()
            );
            if seen.lost() > 0 {
                continue;
            }
            let (auc, mean) = (seen.mean(|s| s.auc), seen.mean(|s| s.mean_auc));
            if last < 0.6 {
                // As good as a coin: what it is exactly says nothing.
                assert!(auc < 0.65 && mean < 0.65, "{what}: {auc} {mean}");
            } else {
                near(&what, auc, last, if last < 0.9 { 0.06 } else { 0.015 });
                near(&what, mean, average, 0.02);
            }
        }
        // R notices first: at a coin's AUC it is far above saying nothing, with implicit steps never.
        let [spam, prox, implicit] = all.map(|seen| seen.median(|s| s.risk));
        assert!(implicit < 0.6, "η {eta}: {implicit}");
        assert_eq!(spam > 1.0, eta >= 1.0, "η {eta}: {spam}");
        assert_eq!(prox > 1.0, eta >= 2.0, "η {eta}: {prox}");
    }
    assert_eq!(
        islands([how(Method::Spam, Decay::Const, 3.0, NONE)])[0].lost(),
        8
    );
    // Falling steps hide it, up to a point.
    let of = |eta| islands([Method::Prox, Method::Implicit].map(|method| sqrt(method, eta, NONE)));
    let (five, ten, fifty) = (of(5.0), of(10.0), of(50.0));
    near("prox, sqrt 5", five[0].mean(|s| s.auc), 0.927, 0.010);
    near("prox, sqrt 10", ten[0].mean(|s| s.auc), 0.892, 0.097);
    let ranks = |s: &Seen| if s.lost { 0.5 } else { s.auc };
    near("prox, sqrt 50", fifty[0].mean(ranks), 0.538, 0.1);
    near("implicit, sqrt 50", fifty[1].mean(|s| s.auc), 0.921, 0.012);
}

/// With a good model: a third of the points, and the same end. What helps is that both classes weigh the same.
#[test]
fn ranking_is_sooner_there_and_not_further() {
    const MARKS: [usize; 4] = [100, 200, 500, 2000];
    let curve = |method, eta0| {
        let run = sqrt(method, eta0, NONE);
        MARKS.map(|t| over(Toy::Islands, t, 0.05, 8, [run])[0].mean(|s| s.auc))
    };
    let table = [
        (Method::Prox, 2.0, [0.793, 0.865, 0.910, 0.925]),
        (Method::Prox, 5.0, [0.811, 0.882, 0.914, 0.927]),
        (Method::Balanced, 2.0, [0.775, 0.867, 0.896, 0.921]),
        (Method::Logistic, 2.0, [0.750, 0.782, 0.859, 0.905]),
        (Method::Logistic, 10.0, [0.765, 0.781, 0.886, 0.923]),
        (Method::Implicit, 5.0, [0.804, 0.873, 0.913, 0.927]),
        (Method::Spam, 2.0, [0.791, f64::NAN, 0.890, 0.920]),
    ];
    let found = table.map(|(method, eta0, said)| {
        let found = curve(method, eta0);
        for ((t, found), said) in MARKS
            .iter()
            .zip(found)
            .zip(said)
            .filter(|(_, said)| !said.is_nan())
        {
            let within =
                [0.06, 0.06, 0.025, 0.012][MARKS.iter().position(|mark| mark == t).unwrap()];
            near(
                &format!("{method:?} {eta0}, {t} points"),
                found,
                said,
                within,
            );
        }
        found
    });
    let [prox, _, _, logistic, best, ..] = found;
    assert!(
        prox[1] > logistic[1] + 0.03 && prox[2] > best[2] + 0.01,
        "{found:?}"
    );
    assert!(
        prox[2] > best[3] - 0.02 && (prox[3] - best[3]).abs() < 0.012,
        "{found:?}"
    );
    // The hinge loss, at the best of its step sizes.
    let hinge = [0.5, 1.0, 2.0, 5.0, 10.0].map(|eta0| curve(Method::Hinge, eta0));
    let hinge =
        [0, 1, 2, 3].map(|mark: usize| hinge.iter().map(|all| all[mark]).fold(0.0, f64::max));
    near("hinge at its end", hinge[3], 0.906, 0.02);
    assert!(
        (0..4).all(|mark| hinge[mark] < prox[mark] - 0.01),
        "{hinge:?} {prox:?}"
    );
}

/// The rarer the class, the more it pays, with a good model too, and balanced classification does as well.
#[test]
fn the_rarer_the_class_the_more_both_weighing_the_same_pays() {
    for (p, said, spreads) in [
        (0.2, [0.929, 0.925, 0.927, 0.927], [0.012; 4]),
        (
            0.02,
            [0.917, 0.861, 0.892, 0.914],
            [0.012, 0.03, 0.029, 0.012],
        ),
        (
            0.01,
            [0.901, 0.782, 0.803, 0.914],
            [0.02, 0.052, 0.125, 0.03],
        ),
    ] {
        let runs = [
            (Method::Prox, 2.0),
            (Method::Logistic, 2.0),
            (Method::Logistic, 10.0),
            (Method::Balanced, 2.0),
        ];
        let all = over(
            Toy::Islands,
            2000,
            p,
            8,
            runs.map(|(method, eta0)| sqrt(method, eta0, NONE)),
        );
        for ((seen, said), spread) in all.iter().zip(said).zip(spreads) {
            near(&format!("p {p}"), seen.mean(|s| s.auc), said, spread);
        }
        if p < 0.1 {
            let lead = all[0].mean(|s| s.auc) - all[1].mean(|s| s.auc);
            assert!(lead > 0.04, "p {p}: {lead}");
        }
    }
}

/// With a model that is too small, plain classification turns away from the best direction as the class gets rare.
#[test]
fn with_a_model_too_small_ranking_pays() {
    let moments = Toy::Needle.moments(0.05);
    let (best, means) = (moments.best_direction().unwrap(), moments.difference());
    let angle = |w: &DVector<f64>| w[1].atan2(w[0]).to_degrees();
    near("the best", moments.normal_auc(&best), 0.8479, 5e-5);
    near("its angle", angle(&best), 81.4, 0.06);
    near("along the means", moments.normal_auc(&means), 0.7557, 5e-5);
    near("their angle", angle(&means), 45.0, 1e-9);
    // p; exact AUC of prox, logistic, balanced, hinge; angles of prox and logistic.
    for (p, said, angles) in [
        (0.5, [0.846, 0.847, 0.847, 0.843], [82.0, 81.0]),
        (0.2, [0.845, 0.827, 0.845, 0.762], [82.0, 69.0]),
        (0.1, [0.843, 0.799, 0.843, 0.746], [81.0, 60.0]),
        (0.05, [0.845, 0.780, 0.840, 0.758], [81.0, 53.0]),
        (0.02, [0.845, 0.777, 0.839, 0.774], [79.0, 52.0]),
        (0.01, [0.832, 0.802, 0.832, 0.773], [78.0, 61.0]),
    ] {
        let methods = [
            Method::Prox,
            Method::Logistic,
            Method::Balanced,
            Method::Hinge,
        ];
        let all = over(
            Toy::Needle,
            2000,
            p,
            24,
            methods.map(|method| sqrt(method, 0.3, NONE)),
        );
        // A stream of few positives decides much: over many seeds the spread is wider there than over the specification's eight.
        let spreads = match p {
            0.01 => [0.04, 0.07, 0.04, 0.05],
            0.02 => [0.012, 0.03, 0.025, 0.035],
            _ => [0.006, 0.023, 0.010, 0.035],
        };
        let exact = [0, 1, 2, 3].map(|run: usize| all[run].mean(|s| s.exact));
        for k in 0..4 {
            near(
                &format!("p {p}, {:?}", methods[k]),
                exact[k],
                said[k],
                spreads[k],
            );
        }
        for (k, angle) in angles.into_iter().enumerate() {
            let within = if p > 0.01 { 5.0 } else { 10.0 };
            near(
                &format!("p {p}, angle"),
                all[k].mean(|s| s.angle),
                angle,
                within,
            );
        }
        if p < 0.5 {
            let plain = exact[1].max(exact[3]);
            assert!(
                exact[0] > plain + 0.01 && exact[2] > plain + 0.01,
                "p {p}: {exact:?}"
            );
        }
    }
    let run = |method, eta0| over(Toy::Needle, 2000, 0.05, 24, [sqrt(method, eta0, NONE)]);
    near(
        "logistic, larger steps",
        run(Method::Logistic, 1.0)[0].mean(|s| s.exact),
        0.798,
        0.025,
    );
    let spoilt = run(Method::Prox, 3.0)[0].mean(|s| s.exact);
    assert!((0.79..0.835).contains(&spoilt), "{spoilt}");
}

/// O(1/t) with steps that fall like 1/t and with averages of constant ones, with a penalty and without; the last point of constant
/// steps stays at a floor, and an average by η spoils what steps like 1/t gain.
#[test]
fn rates_are_those_of_a_strongly_convex_risk() {
    let moments = Toy::Needle.moments(0.05);
    let worth = |w: &[f64], penalty: &Penalty| {
        moments.risk(&DVector::from_row_slice(w)) + penalty.value(w, &Groups::new())
    };
    // Proximal gradient steps, to the end.
    let least = |penalty: &Penalty| {
        let mut w = vec![0.0; 2];
        for _ in 0..3000 {
            let slope = moments.gradient(&DVector::from_row_slice(&w));
            w.iter_mut().zip(slope.iter()).for_each(|(w, g)| *w -= g);
            penalty.prox(1.0, &Groups::new(), &mut w);
        }
        worth(&w, penalty)
    };
    let l2 = Penalty { l2: 0.05, ..NONE };
    let inv = |mu| Schedule {
        decay: Decay::Inv,
        eta0: 0.5,
        mu,
    };
    let other = |decay, eta0| Schedule {
        decay,
        eta0,
        mu: 0.1,
    };
    for (schedule, penalty, last, average) in [
        (inv(0.1), NONE, -1.19, -1.21),
        (inv(0.1), l2, -1.16, -1.20),
        (inv(0.1), l1(0.01), -1.19, -1.18),
        (inv(0.5), NONE, -1.09, -1.05),
        (inv(0.5), l2, -1.13, -1.10),
        (inv(0.5), l1(0.01), -1.05, -1.00),
        (other(Decay::Sqrt, 0.5), NONE, -0.97, -0.83),
        (other(Decay::Sqrt, 0.5), l2, -0.94, -0.80),
        (other(Decay::Sqrt, 0.5), l1(0.01), -1.01, -0.80),
        (other(Decay::Const, 0.1), NONE, -0.13, -1.02),
    ] {
        let how = Settings {
            method: Method::Prox,
            schedule,
            penalty,
        };
        let least = least(&penalty);
        // Of the last weights, of their average, and of one by η, after 200 points and after 20,000.
        let mut above = [0, 1].map(|_| Vec::new());
        for seed in 1..=8 {
            let stream = Toy::Needle.stream(20_000, 0.05, seed);
            let (mut learner, mut work) = (Learner::new(vec![0.0; 2]), vec![0.0; 2]);
            let (mut by_eta, mut weight) = ([0.0; 2], 0.0);
            for point in &stream {
                let eta = schedule.eta(learner.t + 1);
                weight += eta;
                for (mean, w) in by_eta.iter_mut().zip(&learner.w) {
                    *mean += eta / weight * (w - *mean);
                }
                learner.step(
                    &how,
                    &Groups::new(),
                    None,
                    (&point.at, point.positive),
                    &mut work,
                );
                if let Some(mark) = [200, 20_000].iter().position(|t| *t == learner.t) {
                    let gaps = [&learner.w[..], &learner.mean_w, &by_eta]
                        .map(|w| worth(w, &penalty) - least);
                    above[mark].push(gaps);
                }
            }
        }
        let mean = |mark: usize, k: usize| {
            let gaps = above[mark].iter().map(|gaps: &[f64; 3]| gaps[k]);
            gaps.sum::<f64>() / 8.0
        };
        let slope = |k: usize| (mean(1, k) / mean(0, k)).log10() / 2.0;
        let what = format!("{schedule:?}, {penalty:?}");
        near(&what, slope(1), average, 0.35);
        if schedule.decay == Decay::Const {
            assert!(slope(0) > -0.5 && slope(1) < slope(0) - 0.5, "{what}");
            // Of few points a far one throws it away: a mean over eight seeds is that of the one with such a point.
            let mut floor: Vec<f64> = above[1].iter().map(|gaps| gaps[0]).collect();
            floor.sort_by(f64::total_cmp);
            assert!((3e-4..1e-2).contains(&floor[4]), "{what}: {floor:?}");
        } else {
            near(&what, slope(0), last, 0.35);
        }
        if schedule.decay == Decay::Inv {
            assert!(slope(2) > slope(1) + 0.4, "{what}: {}", slope(2));
        }
    }
}

/// Both gradients are unbiased; SPAM's scatters more, and by as much more as the points are far from 0, which a ranking never hears of.
#[test]
fn the_papers_gradient_scatters_less_than_its_predecessors() {
    // Where the points are; the trace of the variance of both gradients at the risk's minimiser, and of SPAM's at 0. On the needle the
    // specification's own stream had 0.078 for the first; for normal classes it is 0.120 in closed form.
    for (toy, shift, own, spam, at_zero) in [
        (Toy::Islands, 0.0, 0.0156, 0.0488, Some(0.39)),
        (Toy::Islands, 3.0, 0.0156, 9.0, None),
        (Toy::Needle, 0.0, 0.120, 0.39, Some(1.6)),
        (Toy::Needle, 3.0, 0.120, 1.75, None),
    ] {
        let features = match toy {
            Toy::Islands => Features::grid(6, 2.25, 0.7),
            Toy::Needle => Features::Linear,
        };
        let stream = toy.stream(60_000, 0.05, 3);
        let positive: Vec<bool> = stream.iter().map(|point| point.positive).collect();
        let mut x = features.of(stream.iter().map(|point| point.at));
        x.iter_mut().for_each(|x| *x += shift);
        let moments = Moments::of(&x, &positive).unwrap();
        let best = moments.best_direction().unwrap();
        let minimiser = &best / (1.0 + moments.difference().dot(&best));
        let (u, v) = (moments.u.as_slice(), moments.v.as_slice());
        let means = Means { p: moments.p, u, v };
        let d = features.count();
        let variance = |w: &[f64], one: &dyn Fn(&[f64], &[f64], bool, &mut [f64])| {
            let (mut g, mut mean, mut square) = (vec![0.0; d], vec![0.0; d], 0.0);
            for (x, &positive) in x.chunks(d).zip(&positive) {
                one(w, x, positive, &mut g);
                square += g.iter().map(|g| g * g).sum::<f64>() / stream.len() as f64;
                mean.iter_mut()
                    .zip(&g)
                    .for_each(|(m, g)| *m += g / stream.len() as f64);
            }
            square - mean.iter().map(|m| m * m).sum::<f64>()
        };
        let gradient = |w: &[f64], x: &[f64], y, g: &mut [f64]| means.gradient(w, x, y, g);
        let predecessor = |w: &[f64], x: &[f64], y, g: &mut [f64]| means.spam_gradient(w, x, y, g);
        let (w, zero) = (minimiser.as_slice(), vec![0.0; d]);
        let found = [
            variance(w, &gradient),
            variance(w, &predecessor),
            variance(&zero, &gradient),
            variance(&zero, &predecessor),
        ];
        let what = format!("{toy:?} + {shift}");
        near(&what, found[0], own, 0.2 * own);
        near(&what, found[1], spam, 0.2 * spam);
        assert!(
            found[2].abs() < 1e-12,
            "{what}: at 0 all points pull alike, {}",
            found[2]
        );
        if let Some(said) = at_zero {
            near(&what, found[3], said, 0.2 * said);
        }
    }
}
