//! A sample's way through a network as a picture: what goes up through it, then what comes down. Measures nothing.

use super::scene::{Member, Scene, Way};
use super::settings::{Each, Pace};
use crate::frame::stage::{Class, Dot, Ink, Kind, Picture, Scape, Stroke};

/// What goes up: blue.
const UP: Ink = Ink::Class(3);
/// What comes down: red, and dashed.
const DOWN: (Ink, usize) = (Ink::Wrong, 1);
/// More lines between two layers than these are not told apart.
const MOST_LINES: usize = 400;
/// How high the largest of the bars is, where layers are 1 apart.
const HIGH: f64 = 0.42;
/// From a unit to the middle of each of its two bars, as a share of the width.
const GAP: f64 = 0.012;
/// From the top of the picture to the last layer, and from the first to the bottom.
const MARGIN: f64 = 0.55;

/// What came up to the units of each layer, from the inputs on, and what came down to those from layer 1 on.
struct Messages {
    up: Vec<Vec<f64>>,
    down: Vec<Vec<f64>>,
}

impl Messages {
    fn of(each: &Each, member: &Member) -> Messages {
        let sizes = &member.grid.sizes;
        let (up, down, scale) = match &member.ways[0] {
            Way::Real(network) => (&network.up, &network.down, 1.0),
            Way::Cells(learner) => (&learner.up, &learner.down, each.unit(&member.trained)),
        };
        let first = |l: usize, from: &[Vec<f64>], scale: f64| {
            let own = from[l].iter().take(sizes[l]);
            own.map(|v| v / scale).collect::<Vec<f64>>()
        };
        let layers = member.grid.layers();
        Messages {
            up: (0..=layers).map(|l| first(l, up, 1.0)).collect(),
            down: (1..=layers).map(|l| first(l, down, scale)).collect(),
        }
    }
}

fn largest(all: &[Vec<f64>]) -> f64 {
    let sizes = all.iter().flatten().map(|v| v.abs());
    sizes.filter(|v| v.is_finite()).fold(1e-9, f64::max)
}

/// The way of the sample at hand through a run's network.
pub(super) fn picture(scene: &Scene, each: &Each, member: &Member, name: &str) -> Picture {
    let (grid, part) = (&member.grid, member.part);
    let (sizes, layers) = (&grid.sizes, grid.layers());
    let Messages { up, down } = Messages::of(each, member);
    let most = [&up, &down].map(|all| largest(all));
    let by_layers = scene.shared.pace == Pace::Layer;
    let many = |l: usize| sizes[l] + usize::from(l < layers);
    // As wide as high, whatever is drawn of it.
    let side = layers as f64 + 2.0 * MARGIN;
    // Where a unit is; the bias unit is the last of those that a layer takes from.
    let place = |l: usize, unit: usize| [side * (unit as f64 + 0.5) / many(l) as f64, l as f64];
    // Of the part that was made last, the lines have its colour.
    let made = part.checked_sub(1).filter(|_| by_layers);
    let (mut strokes, mut others) = (Vec::new(), Vec::new());
    let mut stroke = |name: &str, (ink, dash): (Ink, usize), points: Vec<[f64; 2]>| {
        strokes.push(Stroke {
            name: name.to_owned(),
            ink,
            dash,
            points,
        });
    };
    for l in 0..layers {
        if grid.cells(l) > MOST_LINES {
            continue;
        }
        let ink = match made {
            Some(part) if part == l => Some((UP, 0)),
            Some(part) if part == 2 * layers - 1 - l => Some(DOWN),
            _ => None,
        };
        for a in 0..many(l) {
            for b in 0..sizes[l + 1] {
                let ends = [place(l, a), place(l + 1, b)];
                match ink {
                    Some(ink) => stroke("", ink, ends.to_vec()),
                    None => others.push(ends),
                }
            }
        }
    }
    let kinds = [("up", (UP, 0), -GAP * side), ("down", DOWN, GAP * side)];
    let mut told = [false; 2];
    for (l, up) in up.iter().enumerate() {
        // What has not come yet is the last sample's.
        let current = [part >= l.max(1), part >= 2 * layers - l].map(|made| made || !by_layers);
        let values = [Some(up), l.checked_sub(1).map(|below| &down[below])];
        for (k, values) in values.into_iter().enumerate() {
            let (words, (ink, dash), aside) = kinds[k];
            let ink = if current[k] { ink } else { Ink::Grey };
            for (unit, v) in values.into_iter().flatten().enumerate() {
                let [x, y] = place(l, unit);
                let (near, far, top) = (x + 0.4 * aside, x + 1.6 * aside, y + HIGH * v / most[k]);
                let name = if current[k] && !told[k] { words } else { "" };
                told[k] |= current[k];
                let bar = vec![[near, y], [near, top], [far, top], [far, y]];
                stroke(name, (ink, dash), bar);
            }
        }
    }
    let dots = (0..=layers).flat_map(|l| {
        let unit = move |unit| Dot {
            at: place(l, unit),
            class: usize::from(l < layers && unit == sizes[l]),
            large: true,
            ringed: false,
        };
        (0..many(l)).map(unit)
    });
    let class = |name: &str| Class {
        name: name.to_owned(),
        ink: Ink::Grey,
        radius: 3.0,
    };
    let scape = Scape {
        x: (0.0, side),
        y: (-MARGIN, layers as f64 + MARGIN),
        reach: 1.0,
        classes: vec![class("unit"), class("bias")],
        dots: dots.collect(),
        contours: others,
        strokes,
        ..Scape::default()
    };
    Picture {
        key: "sweep".to_owned(),
        title: "A sample’s way up and down".to_owned(),
        words: format!(
            "The sample’s way through {name}, inputs at the bottom, logits at the top: what came up to each unit (left), {:.3} at most, and the message that \
             came down to it (right), {:.3} at most.",
            most[0], most[1]
        ),
        kind: Kind::Plane(Box::new(scape)),
    }
}
