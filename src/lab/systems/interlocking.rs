//! *Interlocking backpropagation* on the stage. Computes nothing itself.

mod helps;
mod scene;
mod settings;
mod show;
mod table;

use super::system::{About, Help, Measures, System, Told};
use crate::Error;
use crate::frame::stage::{Chart, Column, Level, Measure, Picture};
use crate::lab::presets::interlocking;
use crate::lab::row::Row;
use crate::lab::words::fail;
use scene::{Member, Scene};
use settings::{Each, Pace, Shared};

/// The system.
pub(super) struct Interlocking;

/// What is said of it.
pub(super) static ABOUT: About = About {
    name: "interlocking",
    title: "Between local and end-to-end",
    presets: &interlocking::PRESETS,
};

/// What is told of it where it is looked at.
static TOLD: Told = Told {
    question: "A deep network lies on several devices, and each must wait for the loss at the far end. What if it heard a nearer one?",
    relation: "The proximal step of a layer needs its own inputs and what arrives, nothing from another device: an implicit direction costs no message \
               and no waiting.",
    more: "With implicit directions the order at equal steps is local, 2-wise, 3-wise about as end to end, on the mean over twelve seeds: single ones differ. \
           With explicit ones 2-wise does not beat local. In idealised time local leads at first; afterwards it depends on the seed.",
    citation: "A. N. Gomez, O. Key, K. Perlin, S. Gou, N. Frosst, J. Dean, Y. Gal: Interlocking Backpropagation, JMLR 23(171), 2022. Known here from its \
               abstract and its published code: costs and pipeline are this lab’s choice, and a toy stands for no residual network.",
};

const STEPS: usize = 0;
const TIME: usize = 1;
const FLOPS: usize = 2;
const LOSS: usize = 3;
const ACCURACY: usize = 4;
/// Modules that are measured, as many as there may be.
const MOST_MODULES: usize = 8;
const COSINES: usize = ACCURACY + 1 + MOST_MODULES;

static MEASURES: Measures = Measures {
    all: &[
        Measure::many("steps", "steps"),
        Measure::one("time", "idealised time"),
        Measure::many("flops", "flops"),
        Measure::one("loss", "training loss, last head"),
        Measure::one("accuracy", "held-out accuracy, last head"),
        Measure::one("head_1", "held-out accuracy, head 1"),
        Measure::one("head_2", "held-out accuracy, head 2"),
        Measure::one("head_3", "held-out accuracy, head 3"),
        Measure::one("head_4", "held-out accuracy, head 4"),
        Measure::one("head_5", "held-out accuracy, head 5"),
        Measure::one("head_6", "held-out accuracy, head 6"),
        Measure::one("head_7", "held-out accuracy, head 7"),
        Measure::one("head_8", "held-out accuracy, head 8"),
        Measure::one("cosine_1", "cosine, module 1"),
        Measure::one("cosine_2", "cosine, module 2"),
        Measure::one("cosine_3", "cosine, module 3"),
        Measure::one("cosine_4", "cosine, module 4"),
        Measure::one("cosine_5", "cosine, module 5"),
        Measure::one("cosine_6", "cosine, module 6"),
        Measure::one("cosine_7", "cosine, module 7"),
        Measure::one("cosine_8", "cosine, module 8"),
    ],
    charts: &[
        Chart {
            key: "accuracy",
            title: "Held-out accuracy of the last head",
            x_label: "steps",
            log: false,
            x: Some(STEPS),
            range: None,
            measures: &[ACCURACY],
        },
        Chart {
            key: "accuracy_time",
            title: "The same over time",
            x_label: "idealised time",
            log: false,
            x: Some(TIME),
            range: None,
            measures: &[ACCURACY],
        },
        Chart {
            key: "accuracy_flops",
            title: "The same over the work done",
            x_label: "flops",
            log: false,
            x: Some(FLOPS),
            range: None,
            measures: &[ACCURACY],
        },
        Chart {
            key: "loss",
            title: "Training loss of the last head",
            x_label: "steps",
            log: true,
            x: Some(STEPS),
            range: None,
            measures: &[LOSS],
        },
        Chart {
            key: "cosines",
            title: "Cosine with the end-to-end gradient",
            x_label: "steps",
            log: false,
            x: Some(STEPS),
            range: Some((-1.0, 1.0)),
            measures: &[COSINES, COSINES + 1],
        },
    ],
};

impl System for Interlocking {
    type Shared = Shared;
    type Each = Each;
    type Scene = Scene;
    type Member = Member;

    const ABOUT: &'static About = &ABOUT;
    const TOLD: &'static Told = &TOLD;
    const DIVERGED: [&'static str; 2] = [
        "a parameter is no finite number any more",
        "Try a smaller step size τ, or the implicit rule prox-exact",
    ];
    const MEASURES: &'static [&'static Measures] = &[&MEASURES];
    const HELPS: &'static [Help] = &helps::HELPS;
    // A point takes three passes.
    const MOST_POINTS: u64 = 200;

    fn mapped(_: usize) -> usize {
        ACCURACY
    }

    fn has(shared: &Shared, _: &[Each], measure: &str) -> bool {
        let of_module = measure
            .rsplit_once('_')
            .and_then(|(_, number)| number.parse().ok());
        of_module.is_none_or(|module: usize| module <= shared.modules)
    }

    fn unmapped(shared: &Shared, key: &str) -> Option<&'static str> {
        let of_pipeline = matches!(key, "f" | "x" | "w" | "aux" | "comm");
        (of_pipeline && shared.pace == Pace::Steps).then_some(
            "at pace=steps the pipeline decides how long steps take, not what they come to; at pace=time it decides both",
        )
    }

    fn shared() -> &'static [Row<Shared>] {
        table::SHARED
    }

    fn each() -> &'static [Row<Each>] {
        table::EACH
    }

    fn usual(shared: &Shared) -> Vec<Each> {
        let reaches = [1, 2, 3, shared.modules];
        let mut all: Vec<usize> = reaches
            .into_iter()
            .filter(|&n| n <= shared.modules)
            .collect();
        all.dedup();
        let of = |n| Each {
            n,
            ..Each::default()
        };
        all.into_iter().map(of).collect()
    }

    fn check(shared: &Shared, each: &[Each]) -> Result<(), Error> {
        if shared.modules * shared.per_module > MOST_MODULES {
            let (modules, layers) = (shared.modules, shared.per_module);
            return fail(format!(
                "modules × layers: {modules} × {layers} are more than {MOST_MODULES} layers; allowed: at most {MOST_MODULES}"
            ));
        }
        if shared.tick() <= 0.0 {
            return fail(
                "f, x, w: nothing takes any time; allowed: one of them above 0".to_owned(),
            );
        }
        if let Some(run) = each.iter().position(|each| each.rule.is_whole()) {
            let (number, rule) = (run + 1, each[run].rule);
            return fail(format!(
                "run{number}.rule: \"{rule}\" steps the network as a whole and hears no head alone; allowed: rules that step layer by layer"
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

    fn measure(scene: &Scene, each: &Each, member: &Member) -> Vec<f64> {
        let measured = scene.measure(each, member);
        let last = measured.right[measured.right.len() - 1];
        let mut values = vec![
            member.steps as f64,
            member.time(),
            member.flops,
            measured.loss,
            last,
        ];
        for of_modules in [measured.right, measured.cosines] {
            let missing = MOST_MODULES - of_modules.len();
            values.extend(of_modules);
            values.extend(std::iter::repeat_n(f64::NAN, missing));
        }
        values
    }

    fn name(scene: &Scene, each: &Each) -> String {
        show::name(scene, each)
    }

    fn show(scene: &Scene, each: &Each, member: &Member, column: &mut Column) {
        show::column(scene, each, member, column);
    }

    fn together(scene: &Scene, each: &[Each], members: &[Member]) -> Vec<Picture> {
        show::together(scene, each, members)
    }

    fn levels(_: &Scene) -> Vec<Level> {
        Vec::new()
    }
}
