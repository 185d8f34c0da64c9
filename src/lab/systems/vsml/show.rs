//! What is to be seen of the runs. Measures nothing that is not shown.

use super::cells::Trained;
use super::scene::{CELLS, Member, Pairs, Scene, WINDOW, Way, answer};
use super::settings::{Each, Method, OnePoint, Pace, View, Which};
use super::squares::{self, round_up};
use super::way;
use crate::Named;
use crate::frame::stage::{
    Asks, Class, Column, Dot, Ink, Kind, Level, Lines, Number, Picture, Press, Scape, Stroke, Tells,
};
use crate::frame::{Field, contour};
use crate::systems::vsml::{Grid, Kind as Optimizer, Learner, Network, Scratch, cross_entropy};

/// How far from a point it is looked at what that has changed.
const NEAR: [f64; 4] = [0.1, 0.2, 0.4, 0.8];

/// The picture of what one more point would change.
const ONE: &str = "one";

/// What a run is called.
pub(super) fn name(scene: &Scene, each: &Each) -> String {
    let mut name = match (each.method, each.which) {
        (Method::Sgd, _) => "backprop".to_owned(),
        (Method::Adam, _) => "backprop, Adam".to_owned(),
        (Method::Vsml, Which::Constructed) => "constructed cells".to_owned(),
        (Method::Vsml, Which::Clone) => "cloned cells".to_owned(),
        (Method::Vsml, Which::Rule) => ["rule ", each.rule.name()].concat(),
        (Method::Vsml, Which::Own) => "own cells".to_owned(),
    };
    let usual = match scene.shared.view {
        View::Copy => 0.3,
        View::Rule => 0.2,
    };
    let own = scene.shared.own.as_ref().map(Trained::nature);
    let has_eta = Each {
        own,
        ..each.clone()
    }
    .has_eta();
    if has_eta && each.eta != usual {
        name = format!("{name}, η {}", each.eta);
    }
    if let Some(made) = each.snapshot().filter(|_| each.runs_cells()) {
        name = format!("{name} after {made}");
    }
    name
}

fn number(key: &str, label: &str, value: f64) -> Number {
    Number {
        key: key.to_owned(),
        label: label.to_owned(),
        value,
    }
}

/// Numbers and pictures of a run.
pub(super) fn column(scene: &Scene, each: &Each, member: &Member, column: &mut Column) {
    let seen = &member.seen;
    column.numbers = vec![
        number("accuracy", "online accuracy, last 20", seen.accuracy.mean()),
        number("loss", "online loss, last 20", seen.loss.mean()),
        number("first", "mean online loss, first 100", seen.first()),
        number("all", "mean online loss, all", seen.all()),
    ];
    if let (Some(twin), Way::Cells(learner)) = (&member.twin, &member.ways[0]) {
        let apart = seen.apart_sum / seen.samples as f64;
        column.numbers.extend([
            number("apart", "|Δp| from backprop, mean", apart),
            number("corr", "correlation of errors", seen.errors.correlation()),
            number(
                "wrel",
                "difference of updates",
                difference(scene, each, member, learner, twin),
            ),
            number("agree", "same answers as backprop", agreement(member, twin)),
        ]);
    }
    if let (Some(best), Method::Sgd) = (scene.best, each.method) {
        column.numbers.extend([
            number("best_eta", "best η for the first 100", best.eta),
            number("best_gain", "with gain", best.gain),
            number("best_loss", "and mean loss", best.loss),
        ]);
    }
    column.pictures = vec![plane(scene, member)];
    if let Some(one) = scene.shared.one {
        let (picture, near) = association(scene, each, member, one);
        column.pictures.push(picture);
        column.numbers.extend(near);
    }
}

/// `‖Δw − Δw'‖ / ‖Δw'‖` with the way that backpropagation's weights have gone.
fn difference(
    scene: &Scene,
    each: &Each,
    member: &Member,
    learner: &Learner,
    twin: &Network,
) -> f64 {
    let first = scene.first(each.gain);
    let (mut apart, mut way) = (0.0, 0.0);
    for ((w, real), first) in weights(&member.grid, learner).zip(&twin.theta).zip(first) {
        apart += (w - real) * (w - real);
        way += (real - first) * (real - first);
    }
    (apart / way).sqrt()
}

/// The first numbers of all states.
fn weights<'a>(grid: &'a Grid, learner: &'a Learner) -> impl Iterator<Item = f64> + 'a {
    (0..grid.layers()).flat_map(|l| {
        let place = grid.place(l);
        learner.states[place][..grid.cells(l)].iter().copied()
    })
}

/// The share of a grid of places where both answer the same.
fn agreement(member: &Member, twin: &Network) -> f64 {
    let all = || (0..CELLS * CELLS).map(|i| Scene::place([(i % CELLS) as f64, (i / CELLS) as f64]));
    let own = member.ways[0].answers(&member.grid, &member.trained, all());
    let mut twin = twin.clone();
    let same = all()
        .zip(own)
        .filter(|(x, p)| answer(twin.answer(x)) == answer(p));
    same.count() as f64 / (CELLS * CELLS) as f64
}

/// What a member answers on a grid over the window, row by row from below.
fn answers(member: &Member) -> Vec<Vec<f64>> {
    let places = (0..CELLS * CELLS).map(|i| Scene::place([(i % CELLS) as f64, (i / CELLS) as f64]));
    member.ways[0].answers(&member.grid, &member.trained, places)
}

fn field(values: impl Iterator<Item = f64>, columns: usize, rows: usize) -> Field {
    Field {
        columns,
        rows,
        channels: 1,
        values: values.map(|v| v as f32).collect(),
    }
}

/// Samples made so far, and whether one is under way.
fn made(scene: &Scene, member: &Member) -> (usize, bool) {
    let samples = member.seen.samples as usize;
    (samples, scene.shared.pace == Pace::Layer)
}

/// What a press in a picture does: a place is one more point; there again, of another class, and in the end of none.
fn press(scene: &Scene) -> Press {
    let one = scene.shared.one;
    let next = one.map(|OnePoint { at, label }| {
        let text = if label + 1 < scene.shared.classes() {
            format!("{},{},{}", at[0], at[1], label + 1)
        } else {
            String::new()
        };
        (at, text)
    });
    Press {
        key: "one".to_owned(),
        words: "Press a place in a picture: what if each run learned a point there, once? Press it again for another class, and once more for none."
            .to_owned(),
        asks: Asks::Place {
            behind: format!(",{}", one.map_or(0, |one| one.label)),
            again: next,
        },
    }
}

fn plane(scene: &Scene, member: &Member) -> Picture {
    let answers = answers(member);
    let classes = scene.shared.classes();
    let mut lines = Vec::new();
    for c in 0..classes.max(2) - usize::from(classes == 2) {
        let ahead = |p: &Vec<f64>| {
            let others = p.iter().enumerate().filter(|(other, _)| *other != c);
            p[c] - others.map(|(_, p)| *p).fold(0.0, f64::max)
        };
        let heights: Vec<f64> = answers.iter().map(ahead).collect();
        let around = contour::lines(CELLS, &heights).into_iter();
        lines.extend(around.map(|line| line.into_iter().map(Scene::place).collect()));
    }
    let course = &scene.courses[0];
    let (samples, under_way) = made(scene, member);
    let now = if under_way {
        samples
    } else {
        samples.wrapping_sub(1)
    };
    let dot = |(at, class): &([f64; 2], usize), large, ringed| Dot {
        at: *at,
        class: *class,
        large,
        ringed,
    };
    let small = scene.points.iter().map(|point| dot(point, false, false));
    let known = course.samples[..samples.min(course.samples.len())].iter();
    let recent = known.skip(samples.saturating_sub(scene.points.len()));
    let seen = recent.map(|point| dot(point, true, false));
    let current = course.samples.get(now).map(|point| dot(point, true, true));
    let scape = Scape {
        x: WINDOW,
        y: WINDOW,
        reach: 1.0,
        field: Some(if classes > 2 {
            Field {
                channels: classes,
                ..field(answers.into_iter().flatten(), CELLS, CELLS)
            }
        } else {
            field(answers.iter().map(|p| p[1] - p[0]), CELLS, CELLS)
        }),
        lines,
        lines_are: "where the answer changes".to_owned(),
        tells: if classes > 2 {
            Tells::Answer
        } else {
            Tells::probability("class 2")
        },
        classes: (0..classes)
            .map(|c| Class {
                radius: 2.4,
                ..Class::new(c, &format!("class {}", c + 1))
            })
            .collect(),
        dots: small.chain(seen).chain(current).collect(),
        press: (scene.shared.view == View::Rule).then(|| press(scene)),
        ..Scape::default()
    };
    Picture {
        key: "plane".to_owned(),
        title: "Answers".to_owned(),
        words: format!(
            "The answers over the plane after {samples} samples; the points that have come are large, the last one has a ring."
        ),
        kind: Kind::Plane(Box::new(scape)),
    }
}

/// Has the runs' changes by one more point the same colours: the largest of all has the full one, and the title says how large that is.
pub(super) fn compare(columns: &mut [Column]) {
    let pictures = columns.iter_mut().flat_map(|column| &mut column.pictures);
    let mut ones: Vec<(&mut String, &mut Scape)> = pictures
        .filter_map(|picture| match &mut picture.kind {
            Kind::Plane(scape) if picture.key == ONE => Some((&mut picture.title, &mut **scape)),
            _ => None,
        })
        .collect();
    let fields = ones.iter().filter_map(|(_, scape)| scape.field.as_ref());
    let sizes = fields.flat_map(|field| &field.values);
    let sizes = sizes.map(|v| f64::from(v.abs()));
    let reach = round_up(sizes.filter(|v| v.is_finite()).fold(1e-3, f64::max));
    for (title, scape) in &mut ones {
        scape.reach = reach;
        **title = format!("{title}, ±{reach}");
    }
}

/// How all answers change where a point is learned once; and how much so at some distances from it.
fn association(
    scene: &Scene,
    each: &Each,
    member: &Member,
    one: OnePoint,
) -> (Picture, Vec<Number>) {
    let label = one.label.min(scene.shared.classes() - 1);
    let mut after = member.clone();
    match &mut after.ways[0] {
        Way::Real(network) => {
            let kind = if each.method == Method::Adam {
                Optimizer::Adam
            } else {
                Optimizer::Sgd
            };
            network.learn((&one.at, label), kind, each.eta);
        }
        Way::Cells(learner) => {
            let (grid, cell) = (&member.grid, &member.trained.cell);
            let how = each.how(&member.trained);
            learner.learn(grid, cell, &how, (&one.at, label), &mut Scratch::new(grid));
        }
    }
    let before = answers(member);
    let change = answers(&after);
    let change = before.iter().zip(change).map(|(p, q)| q[label] - p[label]);
    let around = |distance: f64| {
        let place = |i: usize| {
            let turn = std::f64::consts::TAU * i as f64 / 8.0;
            [
                one.at[0] + distance * libm::cos(turn),
                one.at[1] + distance * libm::sin(turn),
            ]
        };
        let mean = |member: &Member| {
            let p = member.ways[0].answers(&member.grid, &member.trained, (0..8).map(place));
            p.iter().map(|p| p[label]).sum::<f64>() / 8.0
        };
        mean(&after) - mean(member)
    };
    let near = [
        ("near_1", "p of its class, 0.1 away"),
        ("near_2", "0.2 away"),
        ("near_4", "0.4 away"),
        ("near_8", "0.8 away"),
    ];
    let numbers = near
        .iter()
        .zip(NEAR)
        .map(|((key, label), distance)| number(key, label, around(distance)));
    let numbers: Vec<Number> = numbers.collect();
    let classes = scene.shared.classes();
    // Its class’s colour is where its class gains.
    let sign = if classes < 3 && label == 0 { -1.0 } else { 1.0 };
    let scape = Scape {
        x: WINDOW,
        y: WINDOW,
        field: Some(field(change.map(|d| sign * d), CELLS, CELLS)),
        tells: Tells::Number {
            name: format!("class {}’s probability changes by", label + 1),
            times: sign,
            plus: 0.0,
        },
        gains: (classes > 2).then_some(label),
        classes: (0..classes)
            .map(|c| Class::new(c, &format!("one more point of class {}", c + 1)))
            .collect(),
        dots: vec![Dot {
            at: one.at,
            class: label,
            large: true,
            ringed: true,
        }],
        press: Some(press(scene)),
        ..Scape::default()
    };
    let picture = Picture {
        key: ONE.to_owned(),
        title: "One more point".to_owned(),
        words: format!(
            "By how much the probability of class {} would change if this point were learned now: {:.3} at a distance of 0.1, {:.3} at 0.8.",
            label + 1,
            numbers[0].value,
            numbers[3].value
        ),
        kind: Kind::Plane(Box::new(scape)),
    };
    (picture, numbers)
}

fn stroke(name: &str, ink: Ink, dash: usize, points: Vec<[f64; 2]>) -> Stroke {
    Stroke {
        name: name.to_owned(),
        ink,
        dash,
        points,
    }
}

/// Pairs over the diagonal, backpropagation's numbers across.
fn scatter(key: &str, title: &str, pairs: &[(usize, String, Vec<[f64; 2]>)]) -> Picture {
    let all = pairs.iter().flat_map(|(_, _, pairs)| pairs.as_flattened());
    let reach = all.fold(1e-3, |most: f64, v| {
        if v.is_finite() {
            most.max(v.abs())
        } else {
            most
        }
    });
    let reach = 1.1 * reach;
    let mut strokes = vec![stroke(
        "the same",
        Ink::Grey,
        2,
        vec![[-reach, -reach], [reach, reach]],
    )];
    let mut told = Vec::new();
    for (run, name, pairs) in pairs {
        let mut all = Pairs::default();
        pairs.iter().for_each(|[x, y]| all.add(*x, *y));
        let r = all.correlation();
        let name = if r.is_nan() {
            format!("{name}: no correlation yet")
        } else {
            format!("{name}: correlation {r:.4}")
        };
        for (i, at) in pairs.iter().enumerate() {
            let name = if i == 0 { &name } else { "" };
            strokes.push(stroke(name, Ink::Run(*run), 0, vec![*at]));
        }
        told.push(name);
    }
    Picture {
        key: key.to_owned(),
        title: title.to_owned(),
        words: format!(
            "{title}: those of the cells over those of backpropagation; on the diagonal they are the same. {}.",
            told.join("; ")
        ),
        kind: Kind::Lines(Box::new(Lines {
            areas: Vec::new(),
            axes: ["backprop".to_owned(), "cells".to_owned()],
            x: (-reach, reach),
            y: (-reach, reach),
            strokes,
        })),
    }
}

/// What all runs show together: how cells and backpropagation agree, a sample on its way, one cell's numbers and the states.
pub(super) fn together(scene: &Scene, each: &[Each], members: &[Member]) -> Vec<Picture> {
    let cells = members
        .iter()
        .zip(each)
        .enumerate()
        .filter_map(|(run, (member, each))| {
            let Way::Cells(learner) = &member.ways[0] else {
                return None;
            };
            Some((run, member, each, learner))
        });
    let cells: Vec<_> = cells.collect();
    let mut pictures = Vec::new();
    if scene.shared.view == View::Copy {
        let [mut activations, mut errors, mut implied] = [(); 3].map(|()| Vec::new());
        for &(run, member, each, learner) in &cells {
            let Some(twin) = &member.twin else { continue };
            let (name, grid) = (name(scene, each), &member.grid);
            let layers = grid.layers();
            let mut pairs = Vec::new();
            for l in 1..=layers {
                let own = &learner.up[l][..grid.sizes[l]];
                let real = twin.up[l][..grid.sizes[l]].iter();
                // A hidden unit's message is what tanh is taken of in the next layer.
                pairs.extend(real.zip(own).map(|(real, own)| {
                    let own = if l < layers { libm::tanh(*own) } else { *own };
                    [*real, own]
                }));
            }
            activations.push((run, name.clone(), pairs));
            let scale = each.unit(&member.trained);
            let pairs = twin.down[1].iter().zip(learner.errors());
            errors.push((
                run,
                name.clone(),
                pairs.map(|(real, e)| [*real, e / scale]).collect(),
            ));
            let pairs = twin.theta.iter().zip(weights(grid, learner));
            implied.push((run, name, pairs.map(|(real, w)| [*real, w]).collect()));
        }
        pictures.extend([
            scatter("activations", "Activations of this sample", &activations),
            scatter("errors", "Its errors entering layer 1", &errors),
            scatter("weights", "Weights and states", &implied),
        ]);
    }
    // Cells are what it is about; without any, what a network of weights does.
    let shown = cells.first().map_or(0, |(run, ..)| *run);
    let (way, each) = (&members[shown], &each[shown]);
    pictures.push(way::picture(scene, each, way, &name(scene, each)));
    if let Some((_, member, _, learner)) = cells.first() {
        pictures.push(squares::shared_numbers(member));
        pictures.push(squares::states(member, learner));
    }
    pictures
}

/// What chance costs, and what backpropagation would have with the best of step sizes.
pub(super) fn levels(scene: &Scene) -> Vec<Level> {
    let level = |at: f64, label: &str| Level {
        chart: "loss".to_owned(),
        at,
        label: label.to_owned(),
    };
    let classes = scene.shared.classes();
    let mut levels = vec![level(cross_entropy(&vec![0.0; classes], 0), "chance")];
    if let Some(best) = scene.best {
        levels.push(level(best.loss, "best backprop, first 100"));
    }
    levels
}
