//! The *Wasserstein proximal of GANs* on the stage. Computes nothing itself.

mod helps;
mod scene;
mod settings;
mod show;
mod table;

use super::system::{About, Help, Measures, System, Told};
use crate::Error;
use crate::Named;
use crate::data::drawn::Drawn;
use crate::frame::stage::{Chart, Column, Level, Measure, Picture};
use crate::lab::presets::wgan_prox;
use crate::lab::row::Row;
use crate::lab::words::fail;
use scene::{Member, Scene, Way};
use settings::{Distance, Each, Method, Shared, Source, View};

/// The system.
pub(super) struct WganProx;

/// What is said of it.
pub(super) static ABOUT: About = About {
    name: "wgan-prox",
    title: "Generators in Wasserstein space",
    presets: &wgan_prox::PRESETS,
};

/// What is told of it where it is looked at.
static TOLD: Told = Told {
    question: "A generator chases a discriminator that stands still while it is chased. How far may it go before it should look again?",
    relation: "The generator’s step is explicit, or implicit (proximal) in a distance between the points that it makes, which holds what as many \
               steps without it lose.",
    more: "Five inner steps with that term hold what five without it lose, at step sizes of 0.003 and more. It does not always pay: on the ring at 0.001, and \
           with the Wasserstein loss, one explicit step is as good or better, and cheaper.",
    citation: "A. T. Lin, W. Li, S. Osher, G. Montúfar: Wasserstein Proximal of GANs, arXiv:2102.06862 (2021). Known here from its abstract and a \
               slide: the inner loop, its noise and Adam’s settings are this lab’s choice, and no number of the paper is reproduced.",
};

const OUTER: usize = 0;
const EVALS: usize = 1;
const ENERGY: usize = 2;
/// In the other view.
const APART: usize = 5;

static GAME: Measures = Measures {
    all: &[
        Measure::many("outer", "outer steps"),
        Measure::many("evals", "gradients"),
        Measure::one("energy", "energy distance"),
        Measure::one("sliced", "sliced W₂"),
        Measure::many("modes", "clouds covered"),
        Measure::one("good", "share of points in a cloud"),
        Measure::one("moved", "root mean square of the points’ ways"),
        Measure::one("moved_theta", "the parameters’ way"),
        Measure::one("d_loss", "the discriminator’s loss"),
    ],
    charts: &[
        Chart {
            key: "energy",
            title: "Energy distance to the target",
            x_label: "outer steps",
            log: true,
            x: Some(OUTER),
            range: None,
            measures: &[ENERGY],
        },
        Chart {
            key: "energy_evals",
            title: "The same over its price",
            x_label: "gradients computed",
            log: true,
            x: Some(EVALS),
            range: None,
            measures: &[ENERGY],
        },
        Chart {
            key: "modes",
            title: "Clouds covered, of 8",
            x_label: "outer steps",
            log: false,
            x: Some(OUTER),
            range: Some((0.0, 8.0)),
            measures: &[4],
        },
        Chart {
            key: "moved",
            title: "How far an outer step moves the points",
            x_label: "outer steps",
            log: true,
            x: Some(OUTER),
            range: None,
            measures: &[6],
        },
    ],
};

static SCALE: Measures = Measures {
    all: &[
        Measure::one("a_id", "a, id"),
        Measure::one("a_stretch", "a, stretch"),
        Measure::one("a_exp", "a, exp"),
        Measure::one("a_square", "a, square"),
        Measure::one("a_inverse", "a, inverse"),
        Measure::one("apart", "largest a − smallest a"),
        Measure::many("left", "names that have left"),
    ],
    charts: &[
        Chart {
            key: "apart",
            title: "How far apart the five names are",
            x_label: "steps",
            log: false,
            x: None,
            range: None,
            measures: &[APART],
        },
        Chart {
            key: "left",
            title: "Names that have left the family",
            x_label: "steps",
            log: false,
            x: None,
            range: Some((0.0, 5.0)),
            measures: &[6],
        },
    ],
};

impl System for WganProx {
    type Shared = Shared;
    type Each = Each;
    type Scene = Scene;
    type Member = Member;

    const ABOUT: &'static About = &ABOUT;
    const TOLD: &'static Told = &TOLD;
    const DIVERGED: [&'static str; 2] = [
        "a parameter has grown beyond 1e12",
        "Try a smaller step size, or a smaller reach h, which keeps the points nearer to where they were",
    ];
    const MEASURES: &'static [&'static Measures] = &[&GAME, &SCALE];
    const HELPS: &'static [Help] = &helps::HELPS;
    // An energy distance costs as much as a step.
    const MOST_POINTS: u64 = 120;

    fn shared() -> &'static [Row<Shared>] {
        table::SHARED
    }

    fn each() -> &'static [Row<Each>] {
        table::EACH
    }

    fn usual(shared: &Shared) -> Vec<Each> {
        let of = |method| Each {
            method,
            ..Each::default()
        };
        match shared.view {
            View::Game => vec![
                of(Method::Explicit),
                Each {
                    penalty: Distance::None,
                    ..Each::default()
                },
                of(Method::Prox),
            ],
            View::Scale => {
                let methods = [
                    Method::Explicit,
                    Method::Natural,
                    Method::Prox,
                    Method::ProxInner,
                    Method::Euclid,
                ];
                let of = |method| Each {
                    h: 0.5,
                    lr: 0.1,
                    ..of(method)
                };
                methods.map(of).to_vec()
            }
        }
    }

    fn view(shared: &Shared) -> usize {
        shared.view as usize
    }

    fn mapped(view: usize) -> usize {
        [ENERGY, APART][view]
    }

    fn has(shared: &Shared, _: &[Each], measure: &str) -> bool {
        !matches!(measure, "modes" | "good") || shared.target == Source::Ring
    }

    fn fit(shared: &Shared, each: &mut Each) {
        each.view = shared.view;
    }

    fn settle(shared: &mut Shared, key: &str) {
        match key {
            "target" if shared.target != Source::Points => shared.points = Drawn::default(),
            "points" if !shared.points.dots.is_empty() => shared.target = Source::Points,
            _ => {}
        }
    }

    fn drawn_classes(shared: &Shared) -> usize {
        usize::from(shared.view == View::Game)
    }

    fn check(shared: &Shared, each: &[Each]) -> Result<(), Error> {
        let drawn = &shared.points;
        match (shared.target, drawn.dots.is_empty()) {
            (Source::Points, true) => {
                return fail(
                    "target: \"points\" needs points, as in points=0:-0.5,0;0.5,0".to_owned(),
                );
            }
            (Source::Points, false) if drawn.curve => {
                return fail("points: a curve is no set of points of the plane; allowed: points of classes, as in 0:-0.5,0;0.5,0".to_owned());
            }
            (Source::Points, false) | (_, true) => {}
            (_, false) => {
                return fail(
                    "points: given with another target; allowed: only with target=points"
                        .to_owned(),
                );
            }
        }
        let other = each.iter().position(|each| !each.method.is_of(shared.view));
        if let Some(run) = other {
            let (number, method) = (run + 1, each[run].method.name());
            return fail(format!(
                "run{number}.method: \"{method}\" is of scene=scale; allowed in the game: explicit, prox"
            ));
        }
        Ok(())
    }

    fn steps(shared: &Shared) -> u64 {
        match shared.view {
            View::Game => shared.steps,
            View::Scale => shared.moves,
        }
    }

    fn scene(shared: &Shared) -> Scene {
        Scene::new(shared)
    }

    fn start(scene: &Scene, _: &Each) -> Member {
        Member::new(scene)
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
        match &member.way {
            Way::Game(game, _) => {
                let measured = scene.measure(&scene.points(&game.generator));
                let (covered, good) = measured
                    .modes
                    .map_or((f64::NAN, f64::NAN), |(n, good)| (n as f64, good));
                vec![
                    game.outer as f64,
                    game.evaluations as f64,
                    measured.energy,
                    measured.sliced,
                    covered,
                    good,
                    game.moved,
                    game.moved_theta,
                    game.d_loss,
                ]
            }
            Way::Scale(_, path, _) => {
                let last = path[path.len() - 1];
                let more = [show::apart(&last), show::left(&last)];
                last.into_iter().chain(more).collect()
            }
        }
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

    fn levels(scene: &Scene) -> Vec<Level> {
        show::levels(scene)
    }
}
