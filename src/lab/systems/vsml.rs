//! The *learning rule inside a recurrent network* on the stage, and its cells as files. Computes nothing itself.

mod cells;
mod helps;
mod scene;
mod settings;
mod shipped;
mod show;
mod squares;
mod table;
pub(super) mod training;
mod way;

use super::system::{About, Help, Measures, System, Told};
use crate::Error;
use crate::data::drawn::Drawn;
use crate::frame::stage::{Chart, Column, Level, Measure, Picture};
use crate::lab::presets::vsml;
use crate::lab::row::Row;
use crate::lab::words::fail;
use cells::Trained;
use scene::{Member, Scene};
use settings::{Each, Method, Shared, Source, View, Which};

/// The system.
pub(super) struct Vsml;

/// What is said of it.
pub(super) static ABOUT: About = About {
    name: "vsml",
    title: "A learning rule inside a recurrent network",
    presets: &vsml::PRESETS,
};

/// What is told of it where it is looked at.
static TOLD: Told = Told {
    question: "Every weight is a tiny recurrent cell, all cells share the same few numbers, and learning is nothing but running them. Which \
               numbers make them learn?",
    relation: "No gradient is computed while it learns, so there is no step, explicit or implicit: running the cells does what one of backpropagation does.",
    more: "47 numbers do what backpropagation does; 424 others, meta-trained on streams of blobs, learn moons, circle, spiral and arms3 from fewer samples than \
           the best SGD; of xor only one of the four rules here does. That is “gradient-free” for learning, not for meta-training: there the gradient \
           goes through every sample of whole streams.",
    citation: "L. Kirsch, J. Schmidhuber: Meta Learning Backpropagation And Improving It, NeurIPS 2021, arXiv:2012.14905. Known here from \
               abstract, introduction and the published code. The cell is another (gated, of 47 or 424 numbers, not an LSTM), and no number of \
               the paper is reproduced.",
};

const fn chart(
    [key, title]: [&'static str; 2],
    x: Option<usize>,
    log: bool,
    range: Option<(f64, f64)>,
    measures: &'static [usize],
) -> Chart {
    Chart {
        key,
        title,
        x_label: "steps",
        log,
        x,
        range,
        measures,
    }
}

static COPY: Measures = Measures {
    all: &[
        Measure::one("loss", "online loss, last 20"),
        Measure::one("accuracy", "online accuracy, last 20"),
        Measure::one("apart", "|Δp| from backprop, last 20"),
    ],
    charts: &[
        chart(["loss", "Online loss"], None, false, None, &[0]),
        chart(
            ["apart", "How far from backprop: |Δp|"],
            None,
            true,
            None,
            &[2],
        ),
    ],
};

static RULE: Measures = Measures {
    all: &[
        Measure::one("loss", "online loss, last 20"),
        Measure::one("accuracy", "online accuracy, last 20"),
        Measure::one("mean_loss", "mean loss over streams"),
        Measure::one("mean_accuracy", "mean accuracy over streams"),
    ],
    charts: &[
        chart(
            ["loss", "Online loss"],
            Some(Chart::LOG_STEPS),
            false,
            Some((0.0, 1.2)),
            &[0, 2],
        ),
        chart(
            ["accuracy", "Online accuracy"],
            Some(Chart::LOG_STEPS),
            false,
            Some((0.0, 1.0)),
            &[1, 3],
        ),
    ],
};

impl System for Vsml {
    type Shared = Shared;
    type Each = Each;
    type Scene = Scene;
    type Member = Member;

    const ABOUT: &'static About = &ABOUT;
    const TOLD: &'static Told = &TOLD;
    const DIVERGED: [&'static str; 2] = [
        "a weight or state has grown beyond 1e6",
        "Try a smaller step size η or gain",
    ];
    const MEASURES: &'static [&'static Measures] = &[&COPY, &RULE];
    const HELPS: &'static [Help] = &helps::HELPS;
    const FILE: &'static [&'static str] = cells::KEYS;

    fn shared() -> &'static [Row<Shared>] {
        table::SHARED
    }

    fn each() -> &'static [Row<Each>] {
        table::EACH
    }

    fn usual(shared: &Shared) -> Vec<Each> {
        let (which, eta) = match shared.view {
            View::Copy => (Which::Clone, 0.3),
            View::Rule => (Which::Rule, 0.2),
        };
        let of = |method| Each {
            method,
            which,
            eta,
            ..Each::default()
        };
        vec![of(Method::Sgd), of(Method::Vsml)]
    }

    fn view(shared: &Shared) -> usize {
        shared.view as usize
    }

    fn settle(shared: &mut Shared, key: &str) {
        match key {
            "data" if shared.data != Source::Points => shared.points = Drawn::default(),
            "points" if !shared.points.dots.is_empty() => shared.data = Source::Points,
            _ => {}
        }
    }

    fn fit(shared: &Shared, each: &mut Each) {
        each.own = shared.own.as_ref().map(Trained::nature);
        // The end of its own training is all that there is.
        if each.is_trained() {
            each.checkpoint = each.trained_for();
        }
    }

    fn settle_each(each: &mut Each) {
        each.settle();
    }

    fn most(each: &Each, key: &str) -> Option<f64> {
        (key == "checkpoint").then(|| each.trained_for() as f64)
    }

    // Backpropagation is not apart from itself.
    fn has(_: &Shared, each: &[Each], measure: &str) -> bool {
        measure != "apart" || each.iter().any(Each::runs_cells)
    }

    fn only_looks(key: &str) -> bool {
        key == "one"
    }

    fn drawn_classes(_: &Shared) -> usize {
        3
    }

    fn read_file(text: &str) -> Result<String, String> {
        Ok(cells::query(&cells::read(text)?.trained))
    }

    fn check(shared: &Shared, each: &[Each]) -> Result<(), Error> {
        let drawn = &shared.points;
        match (shared.data, drawn.dots.is_empty()) {
            (Source::Points, true) => {
                return fail(
                    "data: \"points\" needs points, as in points=0:-0.5,0;0.5,0/1:0,0.5".to_owned(),
                );
            }
            (Source::Points, false) if drawn.curve || drawn.classes() > 3 => {
                return fail(
                    "points: a curve, or more than three classes; allowed: points of classes 1 to 3 (0: to 2:), as in 0:-0.5,0/1:0,0.5"
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
        let classes = shared.classes();
        if let Some(one) = shared.one.filter(|one| one.label >= classes) {
            let (label, most) = (one.label, classes - 1);
            return fail(format!(
                "one: {label} is no class of these points; allowed: 0 to {most}, which are classes 1 to {classes}"
            ));
        }
        let own = each.iter().position(|each| each.is(Which::Own));
        if let (Some(run), None) = (own, &shared.own) {
            let number = run + 1;
            return fail(format!(
                "run{number}.cell: \"own\" needs a cell; allowed: with a file of proxprop meta-train, opened or dropped on the page, or named by --cells on the command line"
            ));
        }
        Ok(())
    }

    fn steps(shared: &Shared) -> u64 {
        shared.samples * shared.parts()
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
        let seen = &member.seen;
        let (loss, accuracy) = (seen.loss.mean(), seen.accuracy.mean());
        match scene.shared.view {
            View::Copy => vec![loss, accuracy, seen.apart.mean()],
            View::Rule => vec![
                loss,
                accuracy,
                seen.mean_loss.mean(),
                seen.mean_accuracy.mean(),
            ],
        }
    }

    fn name(scene: &Scene, each: &Each) -> String {
        show::name(scene, each)
    }

    fn show(scene: &Scene, each: &Each, member: &Member, column: &mut Column) {
        show::column(scene, each, member, column);
    }

    fn compare(columns: &mut [Column]) {
        show::compare(columns);
    }

    fn together(scene: &Scene, each: &[Each], members: &[Member]) -> Vec<Picture> {
        show::together(scene, each, members)
    }

    fn levels(scene: &Scene) -> Vec<Level> {
        show::levels(scene)
    }
}
