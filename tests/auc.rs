//! *Ranking a rare class*: its laws, which need no reference. What was measured of it, as means over seeds, is in `auc_tables`.

#[path = "common/ranking.rs"]
mod ranking;

use nalgebra::DVector;
use proptest::prelude::*;
use proxprop::systems::auc::penalty::Groups;
use proxprop::systems::auc::rank::{Ranking, area, rate_at, relative_risk};
use proxprop::systems::auc::{
    Decay, Known, Learner, Means, Method, Moments, Penalty, Settings, Toy,
};
use ranking::how;

const D: usize = 4;
const RANKERS: [Method; 4] = [
    Method::Explicit,
    Method::Prox,
    Method::Implicit,
    Method::Spam,
];

fn vector(d: usize) -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(-2.0..2.0, d)
}

/// Feature vectors of two classes, at least one point of each.
fn points() -> impl Strategy<Value = (Vec<Vec<f64>>, Vec<bool>)> {
    let labelled = prop::collection::vec((vector(D), any::<bool>()), 2..9);
    labelled.prop_map(|points| {
        let (x, mut positive): (Vec<_>, Vec<_>) = points.into_iter().unzip();
        (positive[0], positive[1]) = (true, false);
        (x, positive)
    })
}

fn close(a: f64, b: f64, tolerance: f64) -> bool {
    (a - b).abs() <= tolerance * (1.0 + b.abs())
}

fn all_close(a: &[f64], b: &[f64], tolerance: f64) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| close(*a, *b, tolerance))
}

/// Central differences.
fn differences(f: impl Fn(&[f64]) -> f64, w: &[f64]) -> Vec<f64> {
    let moved = |j: usize, by: f64| {
        let mut w = w.to_vec();
        w[j] += by;
        f(&w)
    };
    (0..w.len())
        .map(|j| (moved(j, 1e-5) - moved(j, -1e-5)) / 2e-5)
        .collect()
}

fn gradient(means: Means, w: &[f64], x: &[f64], positive: bool) -> Vec<f64> {
    let mut g = vec![0.0; w.len()];
    means.gradient(w, x, positive, &mut g);
    g
}

/// The pair risk by its double sum.
fn pair_risk(x: &[Vec<f64>], positive: &[bool], w: &[f64]) -> f64 {
    let score = |x: &Vec<f64>| x.iter().zip(w).map(|(a, b)| a * b).sum::<f64>();
    let of = |class: bool| {
        let own = x.iter().zip(positive).filter(move |(_, p)| **p == class);
        own.map(|(x, _)| score(x)).collect::<Vec<f64>>()
    };
    let (up, down) = (of(true), of(false));
    let p = up.len() as f64 / x.len() as f64;
    let pairs = up
        .iter()
        .flat_map(|a| down.iter().map(move |b| (1.0 - (a - b)).powi(2)));
    p * (1.0 - p) * pairs.sum::<f64>() / (up.len() * down.len()) as f64
}

/// Learns from all points in turn.
fn learn(
    x: &[Vec<f64>],
    positive: &[bool],
    settings: &Settings,
    groups: &Groups,
    w0: Vec<f64>,
) -> Learner {
    let known = known(x, positive);
    let (mut learner, mut work) = (Learner::new(w0), vec![0.0; x[0].len()]);
    for (x, &positive) in x.iter().zip(positive) {
        learner.step(settings, groups, Some(&known), (x, positive), &mut work);
    }
    learner
}

fn known(x: &[Vec<f64>], positive: &[bool]) -> Known {
    let moments = Moments::of(&x.concat(), positive).unwrap();
    Known {
        p: moments.p,
        u: moments.u.as_slice().to_vec(),
        v: moments.v.as_slice().to_vec(),
    }
}

/// Its gradient is a multiple of a point itself, not of a difference.
#[test]
fn spam_counts_constants() {
    let positive = [true, false, true, false];
    let points = |shift: f64| -> Vec<Vec<f64>> {
        let x = [[0.5, -1.0], [-1.5, 0.3], [1.2, 0.8], [0.1, -0.4]];
        x.iter().map(|x| vec![x[0] + shift, x[1], 0.7]).collect()
    };
    let settings = how(Method::Spam, Decay::Sqrt, 0.3, Penalty::default());
    let run = |shift| {
        learn(
            &points(shift),
            &positive,
            &settings,
            &Vec::new(),
            vec![0.0; 3],
        )
        .w
    };
    assert!(run(0.0)[2].abs() > 1e-3, "{:?}", run(0.0));
    assert!(!all_close(&run(0.0)[..2], &run(1.0)[..2], 1e-3));
}

proptest! {
    #[test]
    fn a_gradient_is_that_of_its_loss(w in vector(D), x in vector(D), u in vector(D), v in vector(D), p in 0.0..1.0, positive: bool) {
        let means = Means { p, u: &u, v: &v };
        let loss = |w: &[f64]| means.loss(w, &x, positive);
        prop_assert!(all_close(&gradient(means, &w, &x, positive), &differences(loss, &w), 1e-6));
    }

    /// Both gradients are unbiased.
    #[test]
    fn the_mean_gradient_is_that_of_the_double_sum((x, positive) in points(), w in vector(D)) {
        let Known { p, u, v } = known(&x, &positive);
        let means = Means { p, u: &u, v: &v };
        let want = differences(|w| pair_risk(&x, &positive, w), &w);
        let mean = |one: &dyn Fn(&[f64], bool, &mut [f64])| {
            let mut sum = [0.0; D];
            for (x, &positive) in x.iter().zip(&positive) {
                let mut g = vec![0.0; D];
                one(x, positive, &mut g);
                sum.iter_mut().zip(g).for_each(|(s, g)| *s += g);
            }
            sum.iter().map(|s| s / x.len() as f64).collect::<Vec<f64>>()
        };
        prop_assert!(all_close(&mean(&|x, y, g| means.gradient(&w, x, y, g)), &want, 1e-6));
        prop_assert!(all_close(&mean(&|x, y, g| means.spam_gradient(&w, x, y, g)), &want, 1e-6));
        let moments = Moments::of(&x.concat(), &positive).unwrap();
        let at = DVector::from_row_slice(&w);
        prop_assert!(close(moments.risk(&at), pair_risk(&x, &positive, &w), 1e-12));
        prop_assert!(all_close(moments.gradient(&at).as_slice(), &want, 1e-6));
    }

    /// What running means cost: with p, u and v of the points so far, the mean gradient over all streams is 1 − 1/t of the true one.
    #[test]
    fn running_means_shorten_the_gradient_and_do_not_turn_it(w in vector(D), world in prop::collection::vec(vector(D), 3)) {
        let positive = [true, false, false];
        let t = 3_u32;
        let mut mean = vec![0.0; D];
        for stream in 0..3_usize.pow(t) {
            let drawn = (0..t).map(|k| stream / 3_usize.pow(k) % 3);
            let drawn: Vec<usize> = drawn.collect();
            let class = |wanted: bool| {
                let own: Vec<usize> = drawn.iter().copied().filter(|&i| positive[i] == wanted).collect();
                let mean = |j: usize| own.iter().map(|&i| world[i][j]).sum::<f64>() / own.len().max(1) as f64;
                ((0..D).map(mean).collect::<Vec<f64>>(), own.len() as f64 / f64::from(t))
            };
            let ((u, p), (v, _)) = (class(true), class(false));
            let last = drawn[2];
            let g = gradient(Means { p, u: &u, v: &v }, &w, &world[last], positive[last]);
            mean.iter_mut().zip(g).for_each(|(m, g)| *m += g / 27.0);
        }
        let want = differences(|w| pair_risk(&world, &positive, w), &w);
        let want: Vec<f64> = want.iter().map(|g| g * (1.0 - 1.0 / f64::from(t))).collect();
        prop_assert!(all_close(&mean, &want, 1e-6), "{:?} {:?}", mean, want);
    }

    #[test]
    fn nothing_moves_before_both_classes_were_seen(x in prop::collection::vec(vector(D), 5), class: bool, eta in 0.01..10.0) {
        for method in [Method::Explicit, Method::Prox, Method::Implicit] {
            let penalty = Penalty { l1: 0.1, lg: 0.1, l2: 0.1 };
            let settings = how(method, Decay::Const, eta, penalty);
            let (mut learner, mut work) = (Learner::new(vec![0.0; D]), vec![0.0; D]);
            for x in &x {
                learner.step(&settings, &vec![vec![0, 1]], None, (x, class), &mut work);
            }
            prop_assert!(learner.w.iter().all(|w| *w == 0.0), "{:?}", learner.w);
        }
    }

    /// A rank knows no constants: a constant feature keeps the weight 0, and shifting all points changes nothing. SPAM is another matter: see above.
    #[test]
    fn only_differences_count((mut x, positive) in points(), shift in vector(D)) {
        x.iter_mut().for_each(|x| x[2] = 0.7);
        let shifted: Vec<Vec<f64>> = x.iter().map(|x| x.iter().zip(&shift).map(|(a, b)| a + b).collect()).collect();
        for method in RANKERS.into_iter().filter(|method| *method != Method::Spam) {
            let settings = how(method, Decay::Sqrt, 0.3, Penalty { l1: 0.001, lg: 0.0, l2: 0.01 });
            let run = |x: &[Vec<f64>]| learn(x, &positive, &settings, &Vec::new(), vec![0.0; D]).w;
            let (w, moved) = (run(&x), run(&shifted));
            prop_assert!(w[2] == 0.0, "{}", w[2]);
            prop_assert!(all_close(&w, &moved, 1e-10), "{:?} {:?}", w, moved);
        }
    }

    #[test]
    fn swapped_labels_negate_and_rotated_points_rotate((x, positive) in points(), angle in 0.0..6.0_f64) {
        let swapped: Vec<bool> = positive.iter().map(|p| !p).collect();
        let turn = |x: &[f64]| {
            let mut turned = x.to_vec();
            (turned[0], turned[1]) = (angle.cos() * x[0] - angle.sin() * x[1], angle.sin() * x[0] + angle.cos() * x[1]);
            turned
        };
        let turned: Vec<Vec<f64>> = x.iter().map(|x| turn(x)).collect();
        for method in RANKERS {
            let settings = |l1| how(method, Decay::Sqrt, 0.2, Penalty { l1, lg: 0.0, l2: 0.1 });
            let run = |x: &[Vec<f64>], positive: &[bool], l1| learn(x, positive, &settings(l1), &Vec::new(), vec![0.0; D]).w;
            let negated: Vec<f64> = run(&x, &swapped, 0.01).iter().map(|w| -w).collect();
            prop_assert!(all_close(&negated, &run(&x, &positive, 0.01), 1e-9));
            prop_assert!(all_close(&run(&turned, &positive, 0.0), &turn(&run(&x, &positive, 0.0)), 1e-9));
        }
    }

    /// 0 is a subgradient of η Ω(w) + ‖w − z‖²/2 at the proximal point; and two proximal points are no further apart than what they are of.
    #[test]
    fn a_proximal_point_is_one(z in vector(D), other in vector(D), eta in 0.01..3.0, l1 in 0.0..1.0, lg in 0.0..1.0, l2 in 0.0..3.0) {
        let groups = vec![vec![0, 1], vec![2, 3]];
        let penalty = Penalty { l1, lg, l2 };
        let prox = |z: &[f64]| {
            let mut w = z.to_vec();
            penalty.prox(eta, &groups, &mut w);
            w
        };
        let w = prox(&z);
        let worth = |w: &[f64]| eta * penalty.value(w, &groups) + w.iter().zip(&z).map(|(w, z)| (w - z).powi(2)).sum::<f64>() / 2.0;
        for j in 0..D {
            for by in [-1e-4, 1e-4] {
                let mut near = w.clone();
                near[j] += by;
                prop_assert!(worth(&near) > worth(&w));
            }
        }
        let mut slope = vec![0.0; D];
        penalty.add_subgradient(&w, &groups, &mut slope);
        for group in &groups {
            for &j in group.iter().filter(|&&j| w[j] != 0.0) {
                prop_assert!(close(eta * slope[j] + w[j] - z[j], 0.0, 1e-12));
            }
        }
        let apart = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>();
        prop_assert!(apart(&w, &prox(&other)) <= apart(&z, &other) + 1e-12);
    }

    /// With l1 alone a weight is exactly 0 after ⌈w / (η l1)⌉ steps, and not before.
    #[test]
    fn soft_thresholds_reach_zero(steps in 1..20_usize, share in 0.1..0.9_f64, eta in 0.1..2.0_f64, l1 in 0.01..1.0_f64) {
        let penalty = Penalty { l1, ..Penalty::default() };
        let mut z = [-eta * l1 * (steps as f64 - share)];
        for step in 1..=steps {
            prop_assert!(z[0] < 0.0, "before step {}", step);
            penalty.prox(eta, &Vec::new(), &mut z);
        }
        prop_assert!(z[0] == 0.0);
    }

    /// On a stream of one class only the penalty acts: the explicit step multiplies, the implicit one divides.
    #[test]
    fn shrinkage_alone_is_a_power(w0 in vector(D), eta in 0.1..1.0, l2 in 0.1..3.0, x in prop::collection::vec(vector(D), 6)) {
        let run = |method| {
            let settings = how(method, Decay::Const, eta, Penalty { l2, ..Penalty::default() });
            let (mut learner, mut work) = (Learner::new(w0.clone()), vec![0.0; D]);
            x.iter().for_each(|x| learner.step(&settings, &Vec::new(), None, (x, false), &mut work));
            learner.w
        };
        let by = |factor: f64| w0.iter().map(|w| w * factor.powi(6)).collect::<Vec<f64>>();
        prop_assert!(all_close(&run(Method::Explicit), &by(1.0 - eta * l2), 1e-12));
        prop_assert!(all_close(&run(Method::Prox), &by(1.0 / (1.0 + eta * l2)), 1e-12));
    }

    #[test]
    fn without_a_penalty_explicit_is_prox((x, positive) in points(), w0 in vector(D)) {
        let run = |method| learn(&x, &positive, &how(method, Decay::Sqrt, 0.1, Penalty::default()), &Vec::new(), w0.clone()).w;
        prop_assert!(all_close(&run(Method::Explicit), &run(Method::Prox), 1e-14));
    }

    /// z = w − η ∇f̃(z), however large η is; and the loss of the point does not rise.
    #[test]
    fn the_implicit_step_is_implicit(w in vector(D), x in vector(D), u in vector(D), v in vector(D), p in 0.0..1.0, power in -3.0..4.0, positive: bool) {
        let eta = 10.0_f64.powf(power);
        let means = Means { p, u: &u, v: &v };
        let mut z = vec![0.0; D];
        means.implicit(&w, &x, positive, eta, &mut z);
        let g = gradient(means, &z, &x, positive);
        let moved: Vec<f64> = w.iter().zip(&g).map(|(w, g)| w - eta * g).collect();
        prop_assert!(all_close(&z, &moved, 1e-9 * (1.0 + eta)), "{:?} {:?}", z, moved);
        prop_assert!(means.loss(&z, &x, positive) <= means.loss(&w, &x, positive) * (1.0 + 1e-12));
    }

    /// Small steps are alike: halving them divides the differences by 4.
    #[test]
    fn methods_differ_in_second_order(w in vector(D), x in vector(D), u in vector(D), v in vector(D), p in 0.1..0.9, positive: bool) {
        let means = Means { p, u: &u, v: &v };
        let penalty = Penalty { l2: 1.0, ..Penalty::default() };
        let step = |eta: f64| {
            let g = gradient(means, &w, &x, positive);
            let explicit: Vec<f64> = w.iter().zip(&g).map(|(w, g)| w - eta * (g + penalty.l2 * w)).collect();
            let mut prox: Vec<f64> = w.iter().zip(&g).map(|(w, g)| w - eta * g).collect();
            penalty.prox(eta, &Vec::new(), &mut prox);
            let mut implicit = vec![0.0; D];
            means.implicit(&w, &x, positive, eta, &mut implicit);
            penalty.prox(eta, &Vec::new(), &mut implicit);
            let apart = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt();
            [apart(&explicit, &prox), apart(&prox, &implicit)]
        };
        let (whole, half) = (step(1e-3), step(5e-4));
        for (whole, half) in whole.into_iter().zip(half).filter(|(whole, _)| *whole > 1e-9) {
            prop_assert!((whole / half - 4.0).abs() < 0.2, "{} {}", whole, half);
        }
    }

    #[test]
    fn the_area_counts_pairs(scores in prop::collection::vec(-3..3_i32, 2..40), labels in prop::collection::vec(any::<bool>(), 40)) {
        let scores: Vec<f64> = scores.into_iter().map(f64::from).collect();
        let positive = &labels[..scores.len()];
        let mut ranking = Ranking::default();
        let auc = ranking.auc(&scores, positive);
        let of = |class: bool| scores.iter().zip(positive).filter(move |(_, p)| **p == class).map(|(s, _)| *s);
        let pairs = of(true).count() * of(false).count();
        prop_assert_eq!(auc.is_some(), pairs > 0);
        prop_assume!(pairs > 0);
        let won = of(true).flat_map(|a| of(false).map(move |b| if a > b { 1.0 } else if a == b { 0.5 } else { 0.0 }));
        let auc = auc.unwrap();
        prop_assert!(close(auc, won.sum::<f64>() / pairs as f64, 1e-14));
        let roc = ranking.roc(&scores, positive).unwrap();
        prop_assert!(close(area(&roc), auc, 1e-12));
        prop_assert!(close(rate_at(&roc, 1.0), 1.0, 1e-15));
        let grown: Vec<f64> = scores.iter().map(|s| s.exp()).collect();
        prop_assert_eq!(ranking.auc(&grown, positive), Some(auc));
        let reversed: Vec<f64> = scores.iter().map(|s| -s).collect();
        prop_assert!(close(ranking.auc(&reversed, positive).unwrap(), 1.0 - auc, 1e-14));
        let tied = vec![0.0; scores.len()];
        prop_assert_eq!(ranking.auc(&tied, positive), Some(0.5));
        prop_assert_eq!(relative_risk(&tied, positive), Some(1.0));
    }

    /// No direction ranks two normal classes better than Fisher's, to which the risk's minimiser is parallel.
    #[test]
    fn the_minimiser_ranks_best(angle in 0.0..6.3_f64) {
        let moments = Toy::Needle.moments(0.05);
        let best = moments.best_direction().unwrap();
        let w = DVector::from_row_slice(&[angle.cos(), angle.sin()]);
        prop_assert!(moments.normal_auc(&w) <= moments.normal_auc(&best));
        let minimiser = &best / (1.0 + moments.difference().dot(&best));
        prop_assert!(moments.gradient(&minimiser).norm() < 1e-14);
    }
}

#[test]
fn minus_zero_ties_with_zero() {
    let mut ranking = Ranking::default();
    assert_eq!(ranking.auc(&[0.0, -0.0], &[true, false]), Some(0.5));
    assert_eq!(ranking.auc(&[-0.0, 0.0], &[true, false]), Some(0.5));
}

#[test]
fn toys_have_the_moments_that_are_said_and_a_longer_stream_begins_as_a_shorter_one() {
    for toy in [Toy::Islands, Toy::Needle] {
        let stream = toy.stream(40_000, 0.3, 5);
        assert_eq!(toy.stream(100, 0.3, 5), stream[..100]);
        assert_ne!(toy.stream(100, 0.3, 6), stream[..100]);
        let moved = toy.stream(100, 0.31, 5);
        let same = moved.iter().zip(&stream).filter(|(a, b)| a == b).count();
        assert!(
            same >= 95,
            "other shares leave other points where they were: {same}"
        );
        let positive: Vec<bool> = stream.iter().map(|point| point.positive).collect();
        let x: Vec<f64> = stream.iter().flat_map(|point| point.at).collect();
        let (found, said) = (Moments::of(&x, &positive).unwrap(), toy.moments(0.3));
        assert!((found.p - said.p).abs() < 0.01);
        assert!((found.u - said.u).norm() < 0.06 && (found.v - said.v).norm() < 0.03);
        assert!((found.s - said.s).norm() < 0.2);
        let held = toy.hold_out(5);
        assert_eq!(held.iter().filter(|point| point.positive).count(), 400);
        assert_eq!(held.len(), 800);
    }
}
