//! *Ranking a rare class* on the stage. Computes nothing itself.

mod helps;
mod scene;
mod settings;
mod show;
mod table;

use super::system::{About, Help, Measures, System, Told};
use crate::Error;
use crate::data::drawn::{Dot, Drawn, MOST_DRAWN_CLASSES};
use crate::frame::stage::{Chart, Column, Level, Measure, Picture};
use crate::lab::presets::auc;
use crate::lab::row::Row;
use crate::lab::words::fail;
use crate::systems::auc::{Learner, Method};
use scene::{Member, Scene};
use settings::{Each, Kind, Shared, Source};

/// Most numbers of all points' features in memory.
const MOST_NUMBERS: u64 = 4_000_000;

/// The system.
pub(super) struct Auc;

/// What is said of it.
pub(super) static ABOUT: About = About {
    name: "auc",
    title: "Ranking a rare class",
    presets: &auc::PRESETS,
};

/// What is told of it where it is looked at.
static TOLD: Told = Told {
    question: "One point in twenty is what you are looking for. Does a scorer that learns point by point rank those above the others, and which of its \
               numbers does it need?",
    relation: "The penalty’s step is explicit in one method and implicit (proximal) in another; in a third the loss is implicit as well, and only that one bears any \
               step size.",
    more: "",
    citation: "Y. Lei, Y. Ying: Stochastic Proximal AUC Maximization, Journal of Machine Learning Research 22 (2021) 1–45, arXiv:1906.06053. Known \
               here from its abstract: the algorithm was derived anew and agrees with public code, but which averages the theorems weigh, \
               their constants, and whether the point in hand counts in the means are not verified. The method “implicit” is this lab’s own, \
               and no number of the paper is reproduced.",
};

static MEASURES: Measures = Measures {
    all: &[
        Measure::one("auc", "AUC on the hold-out"),
        Measure::one("auc_seen", "AUC on the points seen"),
        Measure::one("risk", "R on the hold-out"),
        Measure::many("nonzeros", "weights that are not 0"),
        Measure::many("mean_nonzeros", "weights of the average that are not 0"),
        Measure::many("tpr10", "true positives at 10 % false ones"),
        Measure::many("found", "positives found"),
        Measure::one("accuracy", "accuracy"),
    ],
    charts: &[
        Chart {
            key: "auc",
            title: "AUC",
            x_label: "points seen",
            x: None,
            log: false,
            range: Some((0.4, 1.0)),
            measures: &[0, 1],
        },
        Chart {
            key: "risk",
            title: "Pair risk R",
            x_label: "points seen",
            x: None,
            log: true,
            range: None,
            measures: &[2],
        },
        Chart {
            key: "nonzeros",
            title: "Weights that are not exactly 0",
            x_label: "points seen",
            x: None,
            log: false,
            range: None,
            measures: &[3, 4],
        },
    ],
};

impl System for Auc {
    type Shared = Shared;
    type Each = Each;
    type Scene = Scene;
    type Member = Member;

    const ABOUT: &'static About = &ABOUT;
    const TOLD: &'static Told = &TOLD;
    const DIVERGED: [&'static str; 2] = [
        "a weight has grown beyond 1e12",
        "Try a smaller step size η₀, or what is more implicit: the penalty’s step in prox, the loss’s as well in implicit",
    ];
    const MEASURES: &'static [&'static Measures] = &[&MEASURES];
    const HELPS: &'static [Help] = &helps::HELPS;

    fn shared() -> &'static [Row<Shared>] {
        table::SHARED
    }

    fn each() -> &'static [Row<Each>] {
        table::EACH
    }

    fn usual(_: &Shared) -> Vec<Each> {
        let sparse = |method| Each {
            method,
            l1: 0.01,
            ..Each::default()
        };
        let plain = Each {
            method: Method::Logistic,
            ..Each::default()
        };
        vec![sparse(Method::Explicit), sparse(Method::Prox), plain]
    }

    fn settle(shared: &mut Shared, key: &str) {
        match key {
            "data" if shared.data != Source::Points => shared.points = Drawn::default(),
            "points" if !shared.points.dots.is_empty() => shared.data = Source::Points,
            _ => {}
        }
    }

    fn has(_: &Shared, each: &[Each], measure: &str) -> bool {
        !matches!(measure, "found" | "accuracy") || each.iter().any(|e| e.method.classifies())
    }

    fn drawn_classes(_: &Shared) -> usize {
        MOST_DRAWN_CLASSES
    }

    fn check(shared: &Shared, _: &[Each]) -> Result<(), Error> {
        let drawn = &shared.points;
        let rare = |dot: &Dot| dot.class == shared.rare;
        match (shared.data, drawn.dots.is_empty()) {
            (Source::Points, true) => {
                return fail(
                    "data: \"points\" needs points, as in points=0:-0.5,0;0.5,0/1:0,0.5".to_owned(),
                );
            }
            (Source::Points, false) if drawn.curve => {
                return fail("points: a curve has no classes; allowed: points of classes, as in 0:-0.5,0/1:0,0.5".to_owned());
            }
            (Source::Points, false)
                if !drawn.dots.iter().any(rare) || drawn.dots.iter().all(rare) =>
            {
                let (written, class) = (shared.rare, shared.rare + 1);
                return fail(format!(
                    "points: all are of the rare class, or none is; allowed: some points of class {class} (rare={written}, {written}:) and some of others"
                ));
            }
            (Source::Points, false) | (_, true) => {}
            (_, false) => {
                return fail(
                    "points: given with other data; allowed: only with data=points".to_owned(),
                );
            }
        }
        if shared.features == Kind::Rbf && !shared.side.count().is_multiple_of(shared.block.count())
        {
            let (side, block) = (shared.side.count(), shared.block.count());
            return fail(format!(
                "block: {block} × {block} bumps do not fill a grid of {side} × {side}; allowed: 2, or side=4 or 8"
            ));
        }
        let numbers = shared.steps * scene::features(shared).count() as u64;
        if numbers > MOST_NUMBERS {
            return fail(format!(
                "steps: {} points of {} features each are too many; allowed: {MOST_NUMBERS} numbers",
                shared.steps,
                scene::features(shared).count()
            ));
        }
        Ok(())
    }

    fn steps(shared: &Shared) -> u64 {
        shared.steps
    }

    fn scene(shared: &Shared) -> Scene {
        Scene::new(shared)
    }

    fn start(scene: &Scene, _: &Each) -> Member {
        Member::new(scene)
    }

    fn step(scene: &Scene, each: &Each, member: &mut Member, step: u64) {
        member.step(scene, each, step as usize);
    }

    fn diverged(member: &Member) -> Option<u64> {
        member.learner.diverged
    }

    fn numbers(scene: &Scene) -> usize {
        // Weights, their average, two means and what a step works with.
        5 * scene.features.count()
    }

    fn measure(scene: &Scene, each: &Each, member: &Member) -> Vec<f64> {
        let learner = &member.learner;
        let held = scene.held.scores(scene.shown(learner));
        let report = scene.held.report(&held, scene::RATE);
        let verdicts = scene.verdicts(each, learner, &held);
        let none = f64::NAN;
        vec![
            report.auc.unwrap_or(none),
            scene.auc_seen(learner).unwrap_or(none),
            report.risk.unwrap_or(none),
            Learner::nonzeros(&learner.w) as f64,
            Learner::nonzeros(&learner.mean_w) as f64,
            report.rate.unwrap_or(none),
            verdicts.map_or(none, |(found, _)| found),
            verdicts.map_or(none, |(_, right)| right),
        ]
    }

    fn name(_: &Scene, each: &Each) -> String {
        show::name(each)
    }

    fn show(scene: &Scene, each: &Each, member: &Member, column: &mut Column) {
        show::column(scene, each, member, column);
    }

    fn together(scene: &Scene, _: &[Each], members: &[Member]) -> Vec<Picture> {
        vec![show::roc(scene, members)]
    }

    fn levels(scene: &Scene) -> Vec<Level> {
        show::levels(scene)
    }
}
