//! What is to be seen of the runs. Measures nothing that is not shown.

use super::scene::{Member, Scene};
use super::settings::Each;
use crate::Named;
use crate::frame::stage::{Bar, Bars, Column, Group, Kind, Maps, Number, Picture};
use crate::steps::Optimizer;
use crate::steps::Rule;
use crate::steps::reach::Combine;
use crate::systems::interlocking::{Event, Op, Pipeline};

/// Periods of the slowest run that are drawn.
const PERIODS: f64 = 3.0;
/// Most batches of a run that are drawn.
const MOST_BATCHES: usize = 60;

/// What a run is called.
pub(super) fn name(scene: &Scene, each: &Each) -> String {
    let modules = scene.shared.modules;
    let mut name = match each.n {
        1 => "local".to_owned(),
        n if n < modules => format!("{n}-wise"),
        _ if each.combine == Combine::Last => "end-to-end".to_owned(),
        _ => format!("{modules}-wise"),
    };
    if each.n > 1 && each.combine != Combine::Last {
        name = [&name, " ", each.combine.name()].concat();
    }
    if each.rule != Rule::ProxExact {
        name = format!("{name}, {}", each.rule);
    }
    if each.opt != Optimizer::Adam {
        name = [&name, ", ", each.opt.name()].concat();
    }
    name
}

/// Numbers and pictures of a run.
pub(super) fn column(scene: &Scene, each: &Each, member: &Member, column: &mut Column) {
    let measured = scene.measure(each, member);
    let period = scene.period(each.hearing(&scene.shared));
    let last = measured.right[measured.right.len() - 1];
    let mut numbers = vec![
        number("accuracy", "right, last head", last),
        number("loss", "loss, last head", measured.loss),
        number("steps", "steps complete", member.steps as f64),
        number("time", "idealised time", member.time()),
        number("flops", "flops", member.flops),
        number("period", "period", period.period),
        number("utilisation", "utilisation", period.utilisation),
    ];
    for (k, &right) in measured.right.iter().enumerate() {
        let (key, label) = (format!("head_{}", k + 1), format!("right, head {}", k + 1));
        numbers.push(number(&key, &label, right));
    }
    for (k, &cosine) in measured.cosines.iter().enumerate() {
        let (key, label) = (
            format!("cosine_{}", k + 1),
            format!("cosine, module {}", k + 1),
        );
        numbers.push(number(&key, &label, cosine));
    }
    column.numbers = numbers;
    column.pictures = vec![heads(scene, member, &measured.right)];
}

fn number(key: &str, label: &str, value: f64) -> Number {
    Number {
        key: key.to_owned(),
        label: label.to_owned(),
        value,
    }
}

/// What all heads answer.
fn heads(scene: &Scene, member: &Member, right: &[f64]) -> Picture {
    let fields = scene.fields(member).into_iter();
    let maps = fields
        .zip(right)
        .enumerate()
        .map(|(k, (field, right))| (format!("{}: {right:.2}", k + 1), field));
    let told = right.iter().enumerate().map(|(k, right)| {
        format!(
            "head {} answers {right:.2} of the held-out points right",
            k + 1
        )
    });
    Picture {
        key: "heads".to_owned(),
        title: "What each head answers".to_owned(),
        words: [&told.collect::<Vec<String>>().join(", "), "."].concat(),
        kind: Kind::Maps(Box::new(Maps {
            scene: scene.plane.clone(),
            maps: maps.collect(),
        })),
    }
}

/// Whose losses move which module, of all runs.
fn hears(scene: &Scene, each: &[Each]) -> Picture {
    let modules = scene.shared.modules;
    let mut told = Vec::new();
    let mut groups = Vec::new();
    for (run, each) in each.iter().enumerate() {
        let (name, hearing) = (name(scene, each), each.hearing(&scene.shared));
        let mut bars = Vec::new();
        let mut words = Vec::new();
        for row in 0..modules {
            let heard = hearing.heard(row, modules);
            let (first, last) = (heard.start() + 1, heard.end() + 1);
            words.push(if first == last {
                format!("module {} hears loss {last}", row + 1)
            } else {
                format!("module {} hears losses {first} to {last}", row + 1)
            });
            for loss in heard {
                let (at, weight) = ((loss + 1) as f64, hearing.weight(row, loss, modules));
                bars.push(Bar {
                    row,
                    from: at - 0.4,
                    to: at + 0.4,
                    kind: 3,
                    label: short(weight),
                });
            }
        }
        told.push([&name, ": ", &words.join(", ")].concat());
        groups.push(Group {
            name,
            run,
            rows: (1..=modules).map(|k| k.to_string()).collect(),
            mark: None,
            bars,
        });
    }
    Picture {
        key: "hears".to_owned(),
        title: "Which module (row) hears the loss of which head".to_owned(),
        words: [&told.join("; "), "."].concat(),
        kind: Kind::Bars(Box::new(Bars {
            axis: "head".to_owned(),
            x: (0.5, modules as f64 + 0.5),
            kinds: Vec::new(),
            mark_is: String::new(),
            beside: true,
            groups,
        })),
    }
}

/// A weight, as short as fits into a square.
fn short(weight: f64) -> String {
    match 1.0 / weight {
        1.0 => "1".to_owned(),
        parts => format!("1/{parts:.0}"),
    }
}

/// What the devices of all runs do, over one axis.
pub(super) fn together(scene: &Scene, each: &[Each], members: &[Member]) -> Vec<Picture> {
    let shared = &scene.shared;
    let periods: Vec<_> = each
        .iter()
        .map(|each| scene.period(each.hearing(shared)))
        .collect();
    let slowest = periods
        .iter()
        .map(|period| period.period)
        .fold(0.0, f64::max);
    let span = PERIODS * slowest;
    // A page on, when the first of them is.
    let running = members.iter().filter(|member| member.diverged.is_none());
    let first = running.map(Member::time).reduce(f64::min).unwrap_or(0.0);
    let from = (first / span).floor() * span;
    let window = (from, from + span);
    let mut told = Vec::new();
    let mut groups = Vec::new();
    for (run, (each, member)) in each.iter().zip(members).enumerate() {
        let name = name(scene, each);
        let period = &periods[run];
        let (length, busy) = (period.period, 100.0 * period.utilisation);
        let facts = format!("{name}: period {length}, {busy:.0} % busy");
        told.push(facts.clone());
        groups.push(Group {
            name: facts,
            run,
            rows: (1..=shared.modules).map(|k| format!("{k}")).collect(),
            mark: Some(member.time()),
            bars: bars(scene, each, window),
        });
    }
    let kinds = [
        "forward",
        "auxiliary head",
        "gradient passed on",
        "backward and update",
    ];
    let schedule = Picture {
        key: "schedule".to_owned(),
        title: "What the devices do".to_owned(),
        words: [&told.join("; "), "."].concat(),
        kind: Kind::Bars(Box::new(Bars {
            axis: "idealised time".to_owned(),
            x: window,
            kinds: kinds.map(str::to_owned).to_vec(),
            mark_is: "last step made".to_owned(),
            beside: false,
            groups,
        })),
    };
    vec![schedule, hears(scene, each)]
}

/// The ops of a run that lie in a window of time.
fn bars(scene: &Scene, each: &Each, (from, to): (f64, f64)) -> Vec<Bar> {
    let shared = &scene.shared;
    let (hearing, costs) = (each.hearing(shared), shared.costs());
    let mut pipeline = Pipeline::default();
    let mut bars = Vec::new();
    let (mut batch, mut drawn) = (0_u64, 0);
    // A batch begins on the first device, and not before that is free.
    let mut begun = 0.0;
    while begun < to && drawn < MOST_BATCHES {
        batch += 1;
        let mut seen = false;
        pipeline.batch(shared.modules, hearing, &costs, |event: Event| {
            let Event {
                device,
                op,
                start,
                end,
            } = event;
            if device == 0 && op == Op::F {
                begun = start;
            }
            if end <= from || start >= to || start == end {
                return;
            }
            seen = true;
            let kind = match op {
                Op::F => 0,
                Op::A => 1,
                Op::X(_) => 2,
                Op::B(_) => 3,
            };
            bars.push(Bar {
                row: device,
                from: start.max(from),
                to: end.min(to),
                kind,
                label: batch.to_string(),
            });
        });
        drawn += usize::from(seen);
        // Costs of nothing would never come to an end.
        if pipeline.complete <= 0.0 {
            break;
        }
    }
    bars
}
