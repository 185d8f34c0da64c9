//! What is to be seen of the runs. Measures nothing that is not shown.

use nalgebra::DVector;

use super::scene::{CELLS, Member, RATE, Scene};
use super::settings::Each;
use crate::Named;
use crate::frame::stage::{
    Arrow, Class, Column, Disc, Dot, Kind, Level, Number, Picture, Scape, Tells,
};
use crate::frame::{Field, contour};
use crate::systems::auc::{Features, Learner, Method, Toy};

/// How long an arrow is, as a share of the window.
const ARROW: f64 = 0.35;

/// What a run is called.
pub(super) fn name(each: &Each) -> String {
    let name = each.method.name();
    let penalised = each.l1 > 0.0 || each.lg > 0.0 || each.l2 > 0.0;
    match each.method {
        Method::Explicit | Method::Prox | Method::Implicit | Method::Spam => name.to_owned(),
        _ if penalised => format!("{name}, penalised"),
        _ => name.to_owned(),
    }
}

/// Numbers and pictures of a run.
pub(super) fn column(scene: &Scene, each: &Each, member: &Member, column: &mut Column) {
    let learner = &member.learner;
    column.numbers = numbers(scene, each, learner);
    column.pictures = vec![plane(scene, each, learner)];
}

fn numbers(scene: &Scene, each: &Each, learner: &Learner) -> Vec<Number> {
    let mut numbers = Vec::new();
    let mut put = |key: &str, label: &str, value: Option<f64>| {
        numbers.push(Number {
            key: key.to_owned(),
            label: label.to_owned(),
            value: value.unwrap_or(f64::NAN),
        });
    };
    let w = scene.shown(learner);
    let held = scene.held.scores(w);
    let report = scene.held.report(&held, RATE);
    put("auc", "AUC", report.auc);
    put("risk", "R", report.risk);
    put("tpr10", "TPR at 10 % FPR", report.rate);
    put(
        "nonzeros",
        "nonzeros of w",
        Some(Learner::nonzeros(&learner.w) as f64),
    );
    put(
        "mean_nonzeros",
        "of the average",
        Some(Learner::nonzeros(&learner.mean_w) as f64),
    );
    if let Some((found, right)) = scene.verdicts(each, learner, &held) {
        put("accuracy", "accuracy", Some(right));
        put("always_no", "“always no”", Some(1.0 - scene.share()));
        put("found", "positives found", Some(found));
    }
    if scene.features == Features::Linear {
        if scene.toy == Some(Toy::Needle) {
            // Normal classes, whose moments do not depend on the share of positives.
            let auc = Toy::Needle
                .moments(0.5)
                .normal_auc(&DVector::from_row_slice(w));
            put("exact_auc", "exact AUC", Some(auc));
        }
        let angle = libm::atan2(w[1], w[0]).to_degrees();
        put(
            "angle",
            "angle of w (°)",
            (w != [0.0, 0.0]).then_some(angle),
        );
    }
    numbers
}

fn plane(scene: &Scene, each: &Each, learner: &Learner) -> Picture {
    let w = scene.shown(learner);
    let middle = learner.u.iter().zip(&learner.v).zip(w);
    let middle: f64 = middle.map(|((u, v), w)| w * (u + v) / 2.0).sum();
    let values = scene.field(w, -middle);
    let reach = values.iter().fold(0.0_f64, |most, v| most.max(v.abs()));
    let lines = if each.method.classifies() {
        boundary(scene, w, scene.bias(learner))
    } else {
        Vec::new()
    };
    let scape = Scape {
        x: scene.x,
        y: scene.y,
        field: Some(Field {
            columns: CELLS,
            rows: CELLS,
            channels: 1,
            values: values.iter().map(|&v| v as f32).collect(),
        }),
        tells: Tells::number("score"),
        reach,
        lines,
        classes: vec![Class::new(0, "negative"), Class::new(1, "positive")],
        dots: dots(scene, learner),
        discs: discs(scene, w),
        arrows: arrows(scene, w),
        ..Scape::default()
    };
    let nonzeros = Learner::nonzeros(w);
    let words = format!(
        "The score over the plane after {} points; {nonzeros} of {} weights are not 0.",
        learner.t,
        w.len()
    );
    Picture {
        key: "plane".to_owned(),
        title: "Score over the plane".to_owned(),
        words,
        kind: Kind::Plane(Box::new(scape)),
    }
}

/// Where a classifier's answer turns from no to yes.
fn boundary(scene: &Scene, w: &[f64], b: f64) -> Vec<Vec<[f64; 2]>> {
    let lines = contour::lines(CELLS, &scene.field(w, b));
    let place =
        |range: (f64, f64), cell: f64| range.0 + (range.1 - range.0) * (cell + 0.5) / CELLS as f64;
    let of = |[column, row]: [f64; 2]| [place(scene.x, column), place(scene.y, row)];
    lines
        .into_iter()
        .map(|line| line.into_iter().map(of).collect())
        .collect()
}

/// The points seen, each once, the rare ones on top and the last one with its ring.
fn dots(scene: &Scene, learner: &Learner) -> Vec<Dot> {
    let seen = scene.seen(learner);
    let last = seen.last().copied();
    let first_round = &seen[..seen.len().min(scene.stream.points.len())];
    let dot = |&i: &u32| {
        let point = scene.stream.points[i as usize];
        Dot {
            at: point.at,
            class: usize::from(point.positive),
            large: point.positive,
            ringed: Some(i) == last,
        }
    };
    let mut dots: Vec<Dot> = first_round.iter().map(dot).collect();
    dots.sort_by_key(|dot| (dot.ringed, dot.large));
    dots
}

fn discs(scene: &Scene, w: &[f64]) -> Vec<Disc> {
    let Features::Bumps { centres, .. } = &scene.features else {
        return Vec::new();
    };
    let most = w
        .iter()
        .fold(f64::MIN_POSITIVE, |most, w| most.max(w.abs()));
    let disc = |(&at, w): (&[f64; 2], &f64)| Disc { at, size: w / most };
    centres.iter().zip(w).map(disc).collect()
}

/// The direction of a linear score beside the best one.
fn arrows(scene: &Scene, w: &[f64]) -> Vec<Arrow> {
    let (Some(toy), Features::Linear) = (scene.toy, &scene.features) else {
        return Vec::new();
    };
    let from = [0.5 * (scene.x.0 + scene.x.1), 0.5 * (scene.y.0 + scene.y.1)];
    let length = ARROW * (scene.x.1 - scene.x.0);
    let arrow = |direction: &[f64], label: &str, pale| {
        let size = (direction[0] * direction[0] + direction[1] * direction[1]).sqrt();
        let along = |i: usize| from[i] + length * direction[i] / size;
        (size > 0.0).then(|| Arrow {
            from,
            to: [along(0), along(1)],
            label: label.to_owned(),
            pale,
        })
    };
    let best = toy.moments(0.5).best_direction();
    let best = best.and_then(|best| arrow(best.as_slice(), "best", true));
    best.into_iter().chain(arrow(w, "w", false)).collect()
}

/// The ROC curves of all runs on the hold-out.
pub(super) fn roc(scene: &Scene, members: &[Member]) -> Picture {
    let curve = |member: &Member| {
        let scores = scene.held.scores(scene.shown(&member.learner));
        scene.held.report(&scores, RATE).roc
    };
    Picture {
        key: "roc".to_owned(),
        title: "ROC on the hold-out".to_owned(),
        words: "True against false positive rate on the hold-out, a curve per run; the area below it is the AUC.".to_owned(),
        kind: Kind::Square {
            axes: ["false positive rate".to_owned(), "true positive rate".to_owned()],
            curves: members.iter().map(curve).collect(),
            mark: RATE,
        },
    }
}

/// The best ranking there is, and the risk of saying nothing.
pub(super) fn levels(scene: &Scene) -> Vec<Level> {
    let level = |chart: &str, at: f64, label: &str| Level {
        chart: chart.to_owned(),
        at,
        label: label.to_owned(),
    };
    let ceiling = scene
        .ceiling
        .map(|at| level("auc", at, "best possible on the hold-out"));
    ceiling
        .into_iter()
        .chain([level("risk", 1.0, "saying nothing")])
        .collect()
}
