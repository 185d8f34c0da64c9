//! What is to be seen of the runs: probability with boxes, steepness, attacks, accuracy against the radius. Learns nothing.

use super::chosen::{Chosen, MOST};
use super::scene::{BOX, Measured, Member, Scene};
use super::settings::{Each, Method, Steep, Step};
use crate::frame::stage::{
    Arrow, Asks, Class, Column, Dot, Ink, Kind, Lines, Number, Picture, Press, Scape, Stroke, Tells,
};
use crate::frame::{Field, contour};
use crate::named::Named;
use crate::systems::flat::{Attack, Plane, STARTS, nodes};

/// Nodes along a side of a picture.
const CELLS: usize = 72;
/// Where lines of equal probability lie; ½ is the boundary.
const LEVELS: [f64; 4] = [0.05, 0.25, 0.75, 0.95];
/// Below this there is no gradient to climb, and above that it is as steep as colours go.
const FLAT: f64 = 1e-3;
const STEEP: f64 = 1e3;
/// The largest radius of the accuracy's curve, and its points.
const WIDEST: f64 = 0.4;
const RADII: usize = 41;
/// Every so many of these FGSM is tried.
const TRIED: usize = 4;

/// What a run is called.
pub(super) fn name(each: &Each) -> String {
    let usual = Each {
        method: each.method,
        ..Each::default()
    };
    let mut name = each.method.name().to_owned();
    if each.attacks() && each.attack != 1 && each.method != Method::Pgd5 {
        name = format!("{name}, {} attack steps", each.attack);
    }
    if each.method.penalises() && each.lambda != usual.lambda {
        name = format!("{name}, λ {}", each.lambda);
    }
    if each.penalises() && each.target != usual.target {
        name = format!("{name}, flat in {}", each.target.name());
    }
    if each.rule == Step::Implicit {
        name += ", prox-exact";
    }
    if each.tau != usual.tau {
        name = format!("{name}, τ {}", each.tau);
    }
    name
}

/// Numbers and pictures of a run.
pub(super) fn column(scene: &Scene, _: &Each, member: &Member, column: &mut Column) {
    let measured = scene.measure(member);
    column.numbers = numbers(&measured, member);
    column.pictures = vec![
        probability(scene, member, &measured),
        steepness(scene, member),
        attacks(scene, member, &measured),
        accuracy(scene, member, &measured),
    ];
}

fn number(key: &str, label: &str, value: f64) -> Number {
    Number {
        key: key.to_owned(),
        label: label.to_owned(),
        value,
    }
}

fn numbers(measured: &Measured, member: &Member) -> Vec<Number> {
    vec![
        number("clean", "accuracy", measured.clean),
        number("fgsm", "robust to FGSM", measured.fgsm),
        number("pgd", "robust to PGD", measured.pgd),
        number("exact", "robust on the grid", measured.exact),
        number("steep", "mean ‖∇margin‖₁", measured.steep),
        number("linear", "median distance, linearised", measured.linear),
        number("distance", "median distance, true", measured.distance),
        number("j", "J of the last step", member.learner.j),
        // Nobody should call a constant robust.
        number("constant", "points given the same class", measured.largest),
    ]
}

/// Where a node is.
fn place(scene: &Scene, [column, row]: [f64; 2]) -> [f64; 2] {
    let of = |k: f64| scene.reach * (2.0 * k / (CELLS - 1) as f64 - 1.0);
    [of(column), of(row)]
}

fn scape(scene: &Scene) -> Scape {
    Scape {
        x: (-scene.reach, scene.reach),
        y: (-scene.reach, scene.reach),
        classes: vec![Class::new(0, "class 1"), Class::new(1, "class 2")],
        ..Scape::default()
    }
}

fn field(values: impl Iterator<Item = f64>) -> Field {
    Field {
        columns: CELLS,
        rows: CELLS,
        channels: 1,
        values: values.map(|v| v as f32).collect(),
    }
}

fn plane(scene: &Scene, member: &Member) -> Plane {
    let looker = &mut scene.looker.borrow_mut();
    looker.plane(&member.learner.thetas, scene.reach, CELLS)
}

fn boundary(scene: &Scene, plane: &Plane) -> Vec<Vec<[f64; 2]>> {
    let lines = contour::lines(CELLS, &plane.margins).into_iter();
    let placed = |line: Vec<[f64; 2]>| line.into_iter().map(|at| place(scene, at)).collect();
    lines.map(placed).collect()
}

/// Which points held out are looked at closely.
fn chosen(scene: &Scene) -> Vec<usize> {
    scene.shared.chosen.among(scene.held.at.len())
}

/// What a press in a picture does: the point held out that is nearest gets a box, or loses it.
fn press(scene: &Scene) -> Press {
    Press {
        key: "chosen".to_owned(),
        words: "Press in a picture of boxes: the point held out that is nearest gets its box, or loses it."
            .to_owned(),
        asks: Asks::Nearest {
            points: scene.held.at.clone(),
            chosen: chosen(scene),
            none: Chosen::First(0).to_string(),
            most: MOST,
        },
    }
}

/// The points held out that are looked at closely.
fn dots(scene: &Scene) -> Vec<Dot> {
    let dot = |i: usize| Dot {
        at: scene.held.at[i],
        class: scene.held.labels[i] as usize,
        large: true,
        ringed: false,
    };
    chosen(scene).into_iter().map(dot).collect()
}

/// A square that holds some points and so much around each.
fn around(points: &[[f64; 2]], room: f64) -> [(f64, f64); 2] {
    let ends = [0, 1].map(|k| {
        let along = points.iter().map(|at| at[k]);
        along.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| {
            (low.min(x), high.max(x))
        })
    });
    if points.is_empty() {
        return [(-1.0, 1.0); 2];
    }
    let reach = ends.map(|(low, high)| 0.5 * (high - low) + room);
    let reach = reach[0].max(reach[1]);
    ends.map(|(low, high)| {
        let middle = f64::midpoint(low, high);
        (middle - reach, middle + reach)
    })
}

fn outline([x, y]: [f64; 2], eps: f64) -> Vec<[f64; 2]> {
    vec![
        [x - eps, y - eps],
        [x + eps, y - eps],
        [x + eps, y + eps],
        [x - eps, y + eps],
        [x - eps, y - eps],
    ]
}

/// The boxes of the points that are looked at closely; of each kind one has a name.
fn boxes(scene: &Scene, measured: &Measured) -> Vec<Stroke> {
    let mut named = [false; 2];
    let stroke = |i: usize| {
        let stands = measured.boxes[i];
        let first = !std::mem::replace(&mut named[usize::from(stands)], true);
        let (name, ink) = if stands {
            ("box of one class", Ink::Grey)
        } else {
            ("box with another class", Ink::Wrong)
        };
        Stroke {
            name: if first { name } else { "" }.to_owned(),
            ink,
            dash: 0,
            points: outline(scene.held.at[i], scene.shared.eps),
        }
    };
    chosen(scene).into_iter().map(stroke).collect()
}

/// The probability of class 2 with lines of equal probability, the points, and the boxes of some.
fn probability(scene: &Scene, member: &Member, measured: &Measured) -> Picture {
    let plane = plane(scene, member);
    let mut contours = Vec::new();
    for level in LEVELS {
        let height = libm::log(level / (1.0 - level));
        let above: Vec<f64> = plane.margins.iter().map(|m| m - height).collect();
        let segments = contour::segments(CELLS, &above).into_iter();
        contours.extend(segments.map(|ends| ends.map(|at| place(scene, at))));
    }
    let strokes = boxes(scene, measured);
    let wrong = strokes.iter().filter(|s| s.ink == Ink::Wrong).count();
    let training = scene.training.at.iter().zip(&scene.training.labels);
    let small = training.map(|(&at, &label)| Dot {
        at,
        class: label as usize,
        large: false,
        ringed: false,
    });
    let probability = |m: &f64| 2.0 / (1.0 + libm::exp(-m)) - 1.0;
    Picture {
        key: "probability".to_owned(),
        title: "Probability, and boxes".to_owned(),
        words: format!(
            "The probability of class 2 over the plane; of {} points looked at closely {wrong} have another class in their box.",
            chosen(scene).len()
        ),
        kind: Kind::Plane(Box::new(Scape {
            field: Some(field(plane.margins.iter().map(probability))),
            tells: Tells::probability("class 2"),
            reach: 1.0,
            lines: boundary(scene, &plane),
            lines_are: "probability ½".to_owned(),
            contours,
            dots: small.chain(dots(scene)).collect(),
            strokes,
            press: Some(press(scene)),
            ..scape(scene)
        })),
    }
}

/// How steep the margin or the probability is, by the logarithm, hatched where there is nothing to climb.
fn steepness(scene: &Scene, member: &Member) -> Picture {
    let at = nodes(scene.reach, CELLS);
    let mut places = at.clone().flat_map(|y| at.clone().map(move |x| [x, y]));
    let mut labels = std::iter::repeat_n(1, CELLS * CELLS);
    let steep = scene.shared.steep;
    let gradients = {
        let looker = &mut scene.looker.borrow_mut();
        let thetas = &member.learner.thetas;
        looker.gradients(thetas, &mut places, &mut labels, steep.target())
    };
    let sizes: Vec<f64> = gradients.iter().map(|g| g[0].abs() + g[1].abs()).collect();
    let decades = libm::log10(STEEP / FLAT);
    let shade = |g: &f64| (libm::log10(g.max(FLAT) / FLAT) / decades).min(1.0);
    let half = scene.reach / (CELLS - 1) as f64;
    let mut hatching = Vec::new();
    for (i, &size) in sizes.iter().enumerate() {
        let (column, row) = (i % CELLS, i / CELLS);
        if size < FLAT && (column + row).is_multiple_of(2) {
            let [x, y] = place(scene, [column as f64, row as f64]);
            hatching.push([[x - half, y - half], [x + half, y + half]]);
        }
    }
    let flat = sizes.iter().filter(|size| **size < FLAT).count() as f64 / sizes.len() as f64;
    let what = match steep {
        Steep::Margin => "margin",
        Steep::Prob => "probability",
    };
    Picture {
        key: "steepness".to_owned(),
        title: format!("Steepness of the {what}"),
        words: format!(
            "The size of the {what}’s gradient by the inputs over the plane; in {:.0} % of it there is none to climb.",
            100.0 * flat
        ),
        kind: Kind::Plane(Box::new(Scape {
            field: Some(field(sizes.iter().map(shade))),
            tells: Tells::Size {
                name: ["the ", what, "’s steepness"].concat(),
                ends: (FLAT, STEEP),
            },
            reach: 1.0,
            lines: boundary(scene, &plane(scene, member)),
            lines_are: "probability ½".to_owned(),
            contours: hatching,
            ..scape(scene)
        })),
    }
}

/// Where attacks go from some points, and where the grid finds another class.
fn attacks(scene: &Scene, member: &Member, measured: &Measured) -> Picture {
    let (thetas, shared) = (&member.learner.thetas, &scene.shared);
    let lines = boundary(scene, &plane(scene, member));
    let chosen = chosen(scene);
    let points: Vec<[f64; 2]> = chosen.iter().map(|&i| scene.held.at[i]).collect();
    let labels: Vec<u32> = chosen.iter().map(|&i| scene.held.labels[i]).collect();
    let mut looker = scene.looker.borrow_mut();
    let mut of = |steps, stop| {
        let mut ways: Vec<Vec<[f64; 2]>> = points.iter().map(|&at| vec![at]).collect();
        let attack = Attack {
            eps: shared.eps,
            steps,
            start: STARTS[0],
            stop,
        };
        looker.attack(thetas, &points, &labels, attack, &mut |i, at| {
            if ways[i].last() != Some(&at) {
                ways[i].push(at);
            }
        });
        ways
    };
    let (one, many) = (of(1, false), of(shared.attack, true));
    let [x, y] = around(&points, 1.4 * shared.eps);
    let mut scape = Scape {
        x,
        y,
        dots: dots(scene),
        strokes: boxes(scene, measured),
        lines,
        ..scape(scene)
    };
    let mut fooled = 0;
    for (i, (one, many)) in one.into_iter().zip(many).enumerate() {
        let name = |name: &str| if i == 0 { name } else { "" }.to_owned();
        scape.strokes.push(Stroke {
            name: name("FGSM’s step"),
            ink: Ink::Grey,
            dash: 1,
            points: one,
        });
        let dot = |at: &[f64; 2]| Dot {
            at: *at,
            class: labels[i] as usize,
            large: false,
            ringed: false,
        };
        scape.dots.extend(many.iter().map(dot));
        let found = looker.nearest_wrong(thetas, points[i], labels[i], shared.eps, BOX);
        if let Some(to) = found.filter(|to| *to != points[i]) {
            let missed = measured.stands[chosen[i]];
            fooled += usize::from(missed);
            scape.dots[i].ringed = missed;
            scape.arrows.push(Arrow {
                from: points[i],
                to,
                label: String::new(),
                pale: !missed,
            });
        }
        scape.strokes.push(Stroke {
            name: name("PGD’s way"),
            ink: Ink::Class(labels[i] as usize),
            dash: 0,
            points: many,
        });
    }
    drop(looker);
    scape.dots.sort_by_key(|dot| dot.large);
    "probability ½".clone_into(&mut scape.lines_are);
    Picture {
        key: "attacks".to_owned(),
        title: "Attacks, and the grid’s answer".to_owned(),
        words: format!(
            "Where attacks go from {} points; at {fooled} of them the attack was fooled, not the net repaired.",
            points.len()
        ),
        kind: Kind::Plane(Box::new(scape)),
    }
}

/// The share of points that stand, over the radius: by the grid, and by what FGSM finds.
fn accuracy(scene: &Scene, member: &Member, measured: &Measured) -> Picture {
    let radius = |k: usize| WIDEST * k as f64 / (RADII - 1) as f64;
    let points = measured.distances.len() as f64;
    let stands = |eps: f64| {
        let far = measured.distances.iter().filter(|d| **d > eps).count();
        far as f64 / points
    };
    let grid: Vec<[f64; 2]> = (0..RADII).map(|k| [radius(k), stands(radius(k))]).collect();
    let radii: Vec<f64> = (0..RADII).step_by(TRIED).map(radius).collect();
    let found = scene.against_fgsm(&member.learner.thetas, &radii);
    let fgsm: Vec<[f64; 2]> = radii.iter().zip(found).map(|(&e, s)| [e, s]).collect();
    // Only where the attack promises more than the grid holds.
    let upper = fgsm
        .iter()
        .map(|&[eps, share]| [eps, share.max(stands(eps))]);
    let lower = fgsm.iter().rev().map(|&[eps, _]| [eps, stands(eps)]);
    let illusion: Vec<[f64; 2]> = upper.chain(lower).collect();
    let eps = scene.shared.eps;
    let stroke = |name: &str, ink, dash, points| Stroke {
        name: name.to_owned(),
        ink,
        dash,
        points,
    };
    Picture {
        key: "radius".to_owned(),
        title: "Accuracy over the radius".to_owned(),
        words: format!(
            "At a radius of {eps}: {:.3} by the grid, {:.3} by PGD, {:.3} by FGSM.",
            measured.exact, measured.pgd, measured.fgsm
        ),
        kind: Kind::Lines(Box::new(Lines {
            axes: ["radius ε".to_owned(), "accuracy".to_owned()],
            x: (0.0, WIDEST),
            y: (0.0, 1.0),
            areas: vec![illusion],
            strokes: vec![
                stroke("grid", Ink::Class(1), 0, grid),
                stroke("FGSM", Ink::Wrong, 1, fgsm),
                stroke("PGD", Ink::Grey, 2, vec![[eps, measured.pgd]]),
            ],
        })),
    }
}
