//! *Flat decision functions* on the stage. Computes nothing itself.

mod chosen;
mod helps;
mod scene;
mod settings;
mod show;
mod table;

use super::system::{About, Help, Measures, System, Told};
use crate::Error;
use crate::data::drawn::Drawn;
use crate::frame::stage::{Chart, Column, Level, Measure, Picture};
use crate::lab::presets::flat;
use crate::lab::row::Row;
use crate::lab::words::fail;
pub use scene::GridCheck;
use scene::{Member, Scene};
use settings::{Each, Method, Shared, Source};

/// The system.
pub(super) struct Flat;

/// What is said of it.
pub(super) static ABOUT: About = About {
    name: "flat",
    title: "Flat decision functions",
    presets: &flat::PRESETS,
};

/// What is told of it where it is looked at.
static TOLD: Told = Told {
    question: "A small change of its input fools a classifier where its output changes fast. Does a penalty on how fast make it safe, or only hard to attack?",
    relation: "The penalty is curvature too: it takes a factor of about 3 from the largest stable step of explicit and implicit steps alike, and the penalised \
               gradient goes through the implicit direction, which keeps its larger steps.",
    more: "What holds, on the mean over eight seeds of each kind of points: the gradient gets 5 to 20 times as small and FGSM accuracy rises; on a single seed the \
           one may be 4 times or 38, the other may fall. What does not: on the circle the true robust accuracy falls, and on moons five steps of PGD \
           in training do as well without a penalty.",
    citation: "I. Seck, G. Loosli, S. Canu: L1-norm double backpropagation adversarial defense, ESANN 2019, arXiv:1903.01715. Known here from its \
               abstract and introduction: which output is flat, λ, ε, the mixture and all experiments are this lab’s choice, and no number of the \
               paper is reproduced.",
};

/// The true robust accuracy, as far as the grid sees it, among [`MEASURES`].
const EXACT: usize = 3;

static MEASURES: Measures = Measures {
    all: &[
        Measure::one("clean", "accuracy"),
        Measure::one("fgsm", "robust accuracy against FGSM"),
        Measure::one("pgd", "robust accuracy against PGD"),
        Measure::one("exact", "robust accuracy on the grid"),
        Measure::one("steep", "‖∇margin‖₁"),
        Measure::one("steep_prob", "‖∇p‖₁"),
        Measure::one("j", "J"),
        Measure::one("loss", "validation loss"),
    ],
    charts: &[
        Chart {
            key: "robust",
            title: "Robust accuracy, on the grid and against FGSM",
            x_label: "steps",
            log: false,
            x: None,
            range: Some((0.0, 1.0)),
            measures: &[3, 1],
        },
        Chart {
            key: "accuracy",
            title: "Accuracy, clean and against PGD",
            x_label: "steps",
            log: false,
            x: None,
            range: Some((0.0, 1.0)),
            measures: &[0, 2],
        },
        Chart {
            key: "steep",
            title: "Mean steepness, of margin and probability",
            x_label: "steps",
            log: true,
            x: None,
            range: None,
            measures: &[4, 5],
        },
        Chart {
            key: "objective",
            title: "J, and the validation loss",
            x_label: "steps",
            log: true,
            x: None,
            range: None,
            measures: &[6, 7],
        },
    ],
};

impl System for Flat {
    type Shared = Shared;
    type Each = Each;
    type Scene = Scene;
    type Member = Member;

    const ABOUT: &'static About = &ABOUT;
    const TOLD: &'static Told = &TOLD;
    const DIVERGED: [&'static str; 2] = [
        "its loss has grown beyond 1e6",
        "Try a smaller step size τ, or the implicit rule prox-exact",
    ];
    const MEASURES: &'static [&'static Measures] = &[&MEASURES];
    const HELPS: &'static [Help] = &helps::HELPS;
    // Attacks and grids take as long as dozens of steps.
    const MOST_POINTS: u64 = 50;

    fn mapped(_: usize) -> usize {
        EXACT
    }

    fn shared() -> &'static [Row<Shared>] {
        table::SHARED
    }

    fn each() -> &'static [Row<Each>] {
        table::EACH
    }

    fn usual(_: &Shared) -> Vec<Each> {
        let methods = [
            Method::Plain,
            Method::Penalty,
            Method::Fgsm,
            Method::Both,
            Method::Pgd5,
        ];
        let of = |method| Each {
            method,
            ..Each::default()
        };
        methods.map(of).to_vec()
    }

    fn settle(shared: &mut Shared, key: &str) {
        match key {
            "data" if shared.data != Source::Points => shared.points = Drawn::default(),
            "points" if !shared.points.dots.is_empty() => shared.data = Source::Points,
            _ => {}
        }
    }

    fn drawn_classes(_: &Shared) -> usize {
        2
    }

    fn only_looks(key: &str) -> bool {
        matches!(key, "steep" | "chosen")
    }

    fn check(shared: &Shared, _: &[Each]) -> Result<(), Error> {
        let drawn = &shared.points;
        let has = |class| drawn.dots.iter().any(|dot| dot.class == class);
        match (shared.data, drawn.dots.is_empty()) {
            (Source::Points, true) => {
                return fail(
                    "data: \"points\" needs points, as in points=0:-0.5,0;0.5,0/1:0,0.5".to_owned(),
                );
            }
            (Source::Points, false)
                if drawn.curve || !(has(0) && has(1)) || drawn.classes() != 2 =>
            {
                return fail(
                    "points: not of exactly two classes; allowed: points of class 1 (0:) and of class 2 (1:), as in 0:-0.5,0/1:0,0.5"
                        .to_owned(),
                );
            }
            (Source::Points, false) | (_, true) => {}
            (_, false) => {
                return fail(
                    "points: given with other data; allowed: only with data=points".to_owned(),
                );
            }
        }
        Ok(())
    }

    fn steps(shared: &Shared) -> u64 {
        shared.steps
    }

    fn scene(shared: &Shared) -> Scene {
        Scene::new(shared)
    }

    fn start(scene: &Scene, each: &Each) -> Member {
        Member::new(scene, each)
    }

    fn step(scene: &Scene, each: &Each, member: &mut Member, step: u64) {
        member.step(scene, each, step);
    }

    fn diverged(member: &Member) -> Option<u64> {
        member.diverged
    }

    fn numbers(scene: &Scene) -> usize {
        scene.numbers()
    }

    fn measure(scene: &Scene, _: &Each, member: &Member) -> Vec<f64> {
        let measured = scene.measure(member);
        vec![
            measured.clean,
            measured.fgsm,
            measured.pgd,
            measured.exact,
            measured.steep,
            measured.steep_prob,
            member.learner.j,
            measured.loss,
        ]
    }

    fn name(_: &Scene, each: &Each) -> String {
        show::name(each)
    }

    fn show(scene: &Scene, each: &Each, member: &Member, column: &mut Column) {
        show::column(scene, each, member, column);
    }

    fn together(_: &Scene, _: &[Each], _: &[Member]) -> Vec<Picture> {
        Vec::new()
    }

    fn levels(_: &Scene) -> Vec<Level> {
        Vec::new()
    }
}
