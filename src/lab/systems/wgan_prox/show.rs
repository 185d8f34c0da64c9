//! What is to be seen of the runs. Measures nothing that is not shown.

use super::scene::{CELLS, Measured, Member, NAMES, Scene, Way};
use super::settings::{Distance, Each, Method, Source, View};
use crate::Named;
use crate::frame::stage::{
    Class, Column, Dot, Ink, Kind, Level, Lines, Number, Picture, Scape, Stroke, Tells,
};
use crate::frame::{Field, contour};
use crate::systems::wgan_prox::measures::RING_FLOOR;
use crate::systems::wgan_prox::scale::Phi;
use crate::systems::wgan_prox::{Game, Loss, Network};

/// Heights between the lowest and the highest answer of the discriminator that get a line.
const HEIGHTS: usize = 9;
/// Points of a curve that is known in closed form.
const SMOOTH: usize = 100;

/// What a run is called.
pub(super) fn name(scene: &Scene, each: &Each) -> String {
    let mut name = match (scene.shared.view, each.method) {
        (View::Game, Method::Explicit) => "explicit".to_owned(),
        (View::Game, _) if each.penalty == Distance::None => format!("explicit × {}", each.inner),
        (View::Game, _) => format!("proximal × {}", each.inner),
        (View::Scale, method) => return method.name().to_owned(),
    };
    if each.reaches() && each.penalty != Distance::Rwp {
        name = [&name, ", ", each.penalty.name()].concat();
    }
    if each.lr != Each::default().lr {
        name = format!("{name}, step {}", each.lr);
    }
    name
}

/// Numbers and pictures of a run.
pub(super) fn column(scene: &Scene, each: &Each, member: &Member, column: &mut Column) {
    match &member.way {
        Way::Game(game, _) => {
            let points = scene.points(&game.generator);
            let outside = points.iter().filter(|at| !inside(scene, at)).count();
            column.numbers = of_game(game, &scene.measure(&points), outside);
            column.pictures = vec![plane(scene, game, &points, outside)];
        }
        Way::Scale(_, path, reaches) => {
            column.numbers = of_scale(path);
            let flow = flow(scene, reaches, each.h);
            column.pictures = vec![path_of(scene, flow, path), densities(scene, path)];
        }
    }
}

fn number(key: &str, label: &str, value: f64) -> Number {
    Number {
        key: key.to_owned(),
        label: label.to_owned(),
        value,
    }
}

fn of_game(game: &Game, measured: &Measured, outside: usize) -> Vec<Number> {
    let mut numbers = vec![
        number("energy", "energy distance", measured.energy),
        number("sliced", "sliced W₂", measured.sliced),
    ];
    if let Some((covered, good)) = measured.modes {
        numbers.push(number("modes", "clouds covered, of 8", covered as f64));
        numbers.push(number("good", "share of points in a cloud", good));
    }
    numbers.extend([
        number("moved", "points moved, last step", game.moved),
        number("outside", "points outside the picture", outside as f64),
        number("outer", "outer steps", game.outer as f64),
        number("evals", "gradients", game.evaluations as f64),
    ]);
    numbers
}

fn inside(scene: &Scene, at: &[f64; 2]) -> bool {
    let within = |i: usize| (scene.window[i].0..=scene.window[i].1).contains(&at[i]);
    within(0) && within(1)
}

/// Points and where they came from, over what the discriminator answers.
fn plane(scene: &Scene, game: &Game, points: &[[f64; 2]], outside: usize) -> Picture {
    let mut field = scene.field(&game.discriminator);
    if scene.shared.loss == Loss::Wgan {
        // A critic's heights have no zero of their own.
        let mean = field.iter().sum::<f64>() / field.len() as f64;
        field.iter_mut().for_each(|d| *d -= mean);
    }
    let before = Network::new(game.generator.widths().to_vec(), game.before.clone());
    let from = scene.points(&before);
    let dot = |class| {
        move |at: &[f64; 2]| Dot {
            at: *at,
            class,
            large: class == 1,
            ringed: false,
        }
    };
    let target = scene.target.points().iter().map(dot(0));
    let trails = from.iter().zip(points).map(|(from, to)| [*from, *to]);
    let (low, high) = field
        .iter()
        .fold((0.0_f64, 0.0_f64), |(l, h), &d| (l.min(d), h.max(d)));
    let scape = Scape {
        x: scene.window[0],
        y: scene.window[1],
        tells: Tells::number(match scene.shared.loss {
            Loss::Ns => "discriminator",
            Loss::Wgan => "critic, from its mean height:",
        }),
        reach: high.max(-low),
        lines: contour::lines(CELLS, &field)
            .into_iter()
            .map(|line| line.into_iter().map(|cell| scene.place(cell)).collect())
            .collect(),
        lines_are: match scene.shared.loss {
            Loss::Ns => "the discriminator’s 0: as likely data as generated".to_owned(),
            Loss::Wgan => "the critic’s mean height".to_owned(),
        },
        contours: heights(scene, &field, low, high),
        trails: trails.collect(),
        classes: vec![
            Class {
                ink: Ink::Grey,
                ..Class::new(0, "target")
            },
            Class {
                radius: 1.8,
                ..Class::new(0, "generated, with the way of its last outer step")
            },
        ],
        dots: target.chain(points.iter().map(dot(1))).collect(),
        field: Some(Field {
            columns: CELLS,
            rows: CELLS,
            channels: 1,
            values: field.into_iter().map(|d| d as f32).collect(),
        }),
        ..Scape::default()
    };
    let mut words = format!(
        "512 generated points after {} outer steps over the discriminator’s answer, with the way that each went in the last one",
        game.outer
    );
    if outside > 0 {
        words = format!("{words}; {outside} of them are outside");
    }
    Picture {
        key: "plane".to_owned(),
        title: "Points and discriminator".to_owned(),
        words: words + ".",
        kind: Kind::Plane(Box::new(scape)),
    }
}

/// Where a field has some heights beside 0.
fn heights(scene: &Scene, field: &[f64], low: f64, high: f64) -> Vec<[[f64; 2]; 2]> {
    let mut all = Vec::new();
    for k in 1..=HEIGHTS {
        let height = low + (high - low) * k as f64 / (HEIGHTS + 1) as f64;
        let above: Vec<f64> = field.iter().map(|d| d - height).collect();
        let segments = contour::segments(CELLS, &above).into_iter();
        all.extend(segments.map(|ends| ends.map(|cell| scene.place(cell))));
    }
    all
}

/// F, and what the penalty adds to it, over the inner steps of the last outer one, of all runs.
pub(super) fn together(scene: &Scene, each: &[Each], members: &[Member]) -> Vec<Picture> {
    if scene.shared.view == View::Scale {
        return Vec::new();
    }
    let mut strokes = Vec::new();
    for (run, (member, each)) in members.iter().zip(each).enumerate() {
        let Way::Game(game, reach) = &member.way else {
            continue;
        };
        let [(start, _), _, ..] = game.inner[..] else {
            // One step is no way.
            continue;
        };
        let curve = |value: &dyn Fn(&(f64, f64)) -> f64| {
            let values = game.inner.iter().map(value).enumerate();
            values.map(|(i, value)| [i as f64, value - start]).collect()
        };
        let mut put = |name: &str, dash, points| {
            strokes.push(Stroke {
                name: [&self::name(scene, each), name].concat(),
                ink: Ink::Run(run),
                dash,
                points,
            });
        };
        put(": F", 0, curve(&|(value, _)| *value));
        if let Some(h) = reach {
            let sum = |(value, distance): &(f64, f64)| value + 0.5 * distance / h;
            put(": F + d²/(2h)", 1, curve(&sum));
        }
    }
    let longest = strokes.iter().map(|stroke| stroke.points.len()).max();
    let end = longest.unwrap_or(0).saturating_sub(1).max(1) as f64;
    vec![Picture {
        key: "inner".to_owned(),
        title: "Inside the last outer step".to_owned(),
        words: "How far the generator’s loss F has fallen before each inner step on the discriminator that stands still, and the same with the penalty’s part, a curve per run.".to_owned(),
        kind: Kind::Lines(Box::new(Lines {
            axes: ["inner step".to_owned(), "change of the loss".to_owned()],
            x: (0.0, end),
            y: range_of(&strokes),
            strokes,
            areas: Vec::new(),
        })),
    }]
}

/// A range that holds all points, with some room.
fn range_of(strokes: &[Stroke]) -> (f64, f64) {
    let heights = strokes.iter().flat_map(|stroke| &stroke.points);
    let heights = heights.map(|at| at[1]).filter(|y| y.is_finite());
    let (low, high) = heights.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), y| {
        (l.min(y), h.max(y))
    });
    if low > high {
        return (0.0, 1.0);
    }
    let room = (0.05 * (high - low)).max(1e-3);
    (low - room, high + room)
}

fn of_scale(path: &[[f64; NAMES]]) -> Vec<Number> {
    let last = path[path.len() - 1];
    let mut numbers = vec![
        number("apart", "farthest apart", apart(&last)),
        number("left", "names that have left", left(&last)),
    ];
    let named = Phi::ALL.iter().zip(last);
    numbers.extend(named.map(|(phi, a)| {
        let key = ["a_", phi.name()].concat();
        number(&key, &["a, ", phi.name()].concat(), a)
    }));
    numbers
}

/// How far apart the standard deviations of one generator under its names are.
pub(super) fn apart(a: &[f64; NAMES]) -> f64 {
    let held = || a.iter().copied().filter(|a| !a.is_nan());
    held().fold(f64::NAN, f64::max) - held().fold(f64::NAN, f64::min)
}

/// How many names have left the family.
pub(super) fn left(a: &[f64; NAMES]) -> f64 {
    a.iter().filter(|a| a.is_nan()).count() as f64
}

/// What stands for each name, the thinnest dash last.
fn stroke(k: usize, points: Vec<[f64; 2]>) -> Stroke {
    Stroke {
        name: Phi::ALL[k].name().to_owned(),
        ink: Ink::Class(k),
        dash: k,
        points,
    }
}

/// How high pictures of one parameter go: what leaps beyond is cut off there.
fn ceiling(scene: &Scene) -> f64 {
    1.25 * scene.shared.a0.max(scene.shared.t)
}

fn path_of(scene: &Scene, flow: Stroke, path: &[[f64; NAMES]]) -> Picture {
    let shared = &scene.shared;
    let (end, top) = (shared.moves as f64, ceiling(scene));
    let of = |k: usize| {
        let values = path.iter().map(|a| a[k]).take_while(|a| !a.is_nan());
        let points: Vec<[f64; 2]> = values.enumerate().map(|(i, a)| [i as f64, a]).collect();
        let left = points.len() < path.len();
        let mut stroke = stroke(k, points);
        if left {
            stroke.name.push_str(" (left)");
        }
        stroke
    };
    let mut strokes: Vec<Stroke> = (0..NAMES).map(of).collect();
    strokes.insert(0, flow);
    Picture {
        key: "path".to_owned(),
        title: "a over the steps".to_owned(),
        words: told(path),
        kind: Kind::Lines(Box::new(Lines {
            axes: ["step".to_owned(), "a".to_owned()],
            x: (0.0, end),
            y: (0.0, top),
            strokes,
            areas: Vec::new(),
        })),
    }
}

/// The flow that all methods become where h is small, in the time that these steps have taken, and those to come will with this h.
fn flow(scene: &Scene, reaches: &[f64], h: f64) -> Stroke {
    let shared = &scene.shared;
    let end = shared.moves as f64;
    let time = |step: f64| {
        let whole = (step as usize).min(reaches.len());
        let made: f64 = reaches[..whole].iter().sum();
        made + (step - whole as f64) * reaches.get(whole).unwrap_or(&h)
    };
    let at = |i: usize| {
        let step = end * i as f64 / SMOOTH as f64;
        [step, shared.objective.flow(shared.a0, time(step), shared.t)]
    };
    Stroke {
        name: "flow".to_owned(),
        ink: Ink::Grey,
        dash: 1,
        points: (0..=SMOOTH).map(at).collect(),
    }
}

fn aim(name: &str, points: Vec<[f64; 2]>) -> Stroke {
    Stroke {
        name: name.to_owned(),
        ink: Ink::Grey,
        dash: 2,
        points,
    }
}

fn told(path: &[[f64; NAMES]]) -> String {
    let last = path[path.len() - 1];
    let each = Phi::ALL.iter().zip(last).map(|(phi, a)| {
        if a.is_nan() {
            format!("{} has left the family", phi.name())
        } else {
            format!("{} at {a:.3}", phi.name())
        }
    });
    let each: Vec<String> = each.collect();
    format!("After step {}: {}.", path.len() - 1, each.join(", "))
}

/// The densities of the generated points under all names, and the target's.
fn densities(scene: &Scene, path: &[[f64; NAMES]]) -> Picture {
    let last = path[path.len() - 1];
    let reach = 2.5 * ceiling(scene);
    let curve = |sd: f64| {
        let at = |i: usize| {
            let x = reach * (2.0 * i as f64 / SMOOTH as f64 - 1.0);
            let u = x / sd;
            let density = libm::exp(-0.5 * u * u) / (sd * std::f64::consts::TAU.sqrt());
            [x, density]
        };
        (0..=SMOOTH).map(at).collect::<Vec<_>>()
    };
    // The names stand beside it, over the steps.
    let of = |k: usize| Stroke {
        name: String::new(),
        ..stroke(
            k,
            if last[k].is_nan() {
                Vec::new()
            } else {
                curve(last[k])
            },
        )
    };
    let mut strokes: Vec<Stroke> = (0..NAMES).map(of).collect();
    strokes.insert(0, aim("target", curve(scene.shared.t)));
    let top = 1.5 * 0.4 / scene.shared.t.min(scene.shared.a0);
    Picture {
        key: "density".to_owned(),
        title: "The generated density".to_owned(),
        words: told(path),
        kind: Kind::Lines(Box::new(Lines {
            axes: ["x".to_owned(), "density".to_owned()],
            x: (-reach, reach),
            y: (0.0, top),
            strokes,
            areas: Vec::new(),
        })),
    }
}

/// How near independent samples of the target itself come.
pub(super) fn levels(scene: &Scene) -> Vec<Level> {
    if scene.shared.view == View::Scale || scene.shared.target != Source::Ring {
        return Vec::new();
    }
    let level = |chart: &str| Level {
        chart: chart.to_owned(),
        at: RING_FLOOR,
        label: "the ring against itself".to_owned(),
    };
    vec![level("energy"), level("energy_evals")]
}
