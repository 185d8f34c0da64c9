//! When the runs of a related system end before their steps are over, as text, `auc:0.9,plateau:500,divergence`, and whether they do. Knows
//! measures by their keys, and no system.

use std::fmt;
use std::marker::PhantomData;

use super::system::{Measures, System};
use crate::Error;
use crate::frame::stage::Point;
use crate::lab::row::{Control, Fault, Grammar, Parameter};
use crate::lab::words::{fail, number, quoted, whole};

/// Its key.
pub const KEY: &str = "stop";
/// The text where only the steps count.
pub const STEPS: &str = "steps";
/// Longest window of a plateau, in steps.
const MAX_PLATEAU: u64 = 1_000_000_000;
/// On a plateau an extreme moves by less than this share of itself.
const PROGRESS: f64 = 0.01;

/// What ends all runs besides their steps. What is measured is looked at where the curves have a point, and concerns the runs that have
/// not diverged.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Stop {
    /// In every run that has this measure it has once come to this value, from whichever side it began on. By the order in which they were
    /// written.
    goals: Vec<(&'static str, f64)>,
    /// In every run neither the lowest nor the highest value of what maps show has moved by 1 % in the last so many steps.
    plateau: Option<u64>,
    /// Any run has diverged.
    pub(super) divergence: bool,
}

/// The setting as a person meets it.
pub(super) const fn parameter<S: System>() -> &'static Parameter {
    Row::<S>::PARAMETER
}

/// What a system's own measures make of it.
struct Row<S>(PhantomData<S>);

impl<S: System> Row<S> {
    const GRAMMAR: &'static Grammar = &Grammar {
        canonical: |text| match Stop::parse::<S>(text) {
            Ok(stop) => Ok(stop.to_string()),
            Err(what) => Err(Fault::Piece(text.to_owned(), what)),
        },
        allowed: allowed::<S>,
    };
    const PARAMETER: &'static Parameter = &Parameter {
        key: KEY,
        section: "end",
        label: "Stop early",
        unit: "",
        help: "Ends all runs before their steps are over: when something that is measured (by its name in the table of curves, auc:0.9) has \
               once come to a value in every run that has it and has not diverged, from above or from below; when neither the lowest nor the \
               highest value of what a map shows has moved by 1 % in so many steps (plateau:500); or when any run diverges (divergence). \
               What is measured is judged where the curves have a point. A change of it moves no run.",
        default: STEPS,
        control: Control::Written(Self::GRAMMAR),
    };
}

fn keys<S: System>() -> Vec<&'static str> {
    let mut keys = Vec::new();
    for measure in S::MEASURES.iter().flat_map(|measures| measures.all) {
        // Views may have some in common.
        if !keys.contains(&measure.key) {
            keys.push(measure.key);
        }
    }
    keys
}

fn allowed<S: System>() -> String {
    let (keys, example) = (keys::<S>(), S::MEASURES[0].all[S::mapped(0)].key);
    format!(
        "{STEPS}, or any of MEASURE:VALUE with one of {}, plateau:STEPS with STEPS from 1 to {MAX_PLATEAU}, and divergence, separated by \
         commas, as in {example}:0.5,divergence",
        keys.join(", ")
    )
}

impl Stop {
    /// Reads the text; the message says what is wrong with it.
    pub(super) fn parse<S: System>(text: &str) -> Result<Stop, &'static str> {
        let mut stop = Stop::default();
        if text == STEPS {
            return Ok(stop);
        }
        let keys = keys::<S>();
        for part in text.split(',') {
            let twice = match part.split_once(':') {
                Some(("plateau", value)) => {
                    let value = whole(value).ok_or("has a plateau that is no number of steps")?;
                    if !(1..=MAX_PLATEAU).contains(&value) {
                        return Err("has a plateau out of range");
                    }
                    stop.plateau.replace(value).is_some()
                }
                Some((key, value)) => {
                    let key = keys.iter().find(|&&known| known == key);
                    let key = key.ok_or("is of something that is not measured")?;
                    let value = value.parse().ok().filter(|value: &f64| value.is_finite());
                    let value = value.ok_or("has a value that is no number")?;
                    let twice = stop.goals.iter().any(|(known, _)| known == key);
                    stop.goals.push((key, value + 0.0));
                    twice
                }
                None if part == "divergence" => std::mem::replace(&mut stop.divergence, true),
                None => return Err("is not a stop rule"),
            };
            if twice {
                return Err("gives a stop rule twice");
            }
        }
        Ok(stop)
    }

    /// Whether all of it is among the measures of these keys, which the view that is seen has of these runs.
    pub(super) fn check(&self, measured: &[&str]) -> Result<(), Error> {
        match self.goals.iter().find(|(key, _)| !measured.contains(key)) {
            Some((key, _)) => fail(format!(
                "{KEY}: {} is not measured in this view of these runs; allowed: {}",
                quoted(key),
                measured.join(", ")
            )),
            None => Ok(()),
        }
    }

    /// Forgets what is not among the measures of these keys.
    pub(super) fn settle(&mut self, measured: &[&str]) {
        self.goals.retain(|(key, _)| measured.contains(key));
    }

    /// Why the runs end at the newest of these points (per run; none of a run that has diverged), if that is so. `mapped` is what maps
    /// show; `has` says whether a run has a measure.
    pub(super) fn reason(
        &self,
        measures: &Measures,
        mapped: usize,
        runs: &[Option<&[Point]>],
        has: impl Fn(usize, &str) -> bool,
    ) -> Option<String> {
        let runs = || {
            let runs = runs.iter().enumerate();
            runs.filter_map(|(run, points)| Some((run, (*points)?)))
        };
        let now = runs().next()?.1.last()?.step;
        for &(key, goal) in &self.goals {
            let at = measures.all.iter().position(|measure| measure.key == key)?;
            let having = runs().filter(|(run, _)| has(*run, key));
            let each = having.map(|(run, points)| {
                reached(points, at, goal).map(|step| format!("run {} at step {step}", run + 1))
            });
            let each = each.collect::<Option<Vec<String>>>();
            // Where all that have it have diverged none has come to it.
            if let Some(each) = each.filter(|each| !each.is_empty()) {
                let measure = &measures.all[at];
                let (have, it) = if measure.plural {
                    ("have", "them")
                } else {
                    ("has", "it")
                };
                return Some(format!(
                    "{} {have} come to {} in every run that has {it} and has not diverged: {}",
                    measure.label,
                    number(goal),
                    each.join(", ")
                ));
            }
        }
        let window = self.plateau?;
        let then = now.checked_sub(window)?;
        let stand = runs().all(|(_, points)| stands_still(points, mapped, then));
        stand.then(|| {
            format!(
                "in the last {window} steps neither the lowest nor the highest {} of any run that has not diverged has moved by 1 %",
                measures.all[mapped].label
            )
        })
    }
}

/// The step at which a measure has first come to a goal from the side on which it began.
fn reached(points: &[Point], at: usize, goal: f64) -> Option<u64> {
    let mut values = points.iter().map(|point| (point.step, point.values[at]));
    let first = values.find(|(_, value)| !value.is_nan())?;
    let there = |&(_, value): &(u64, f64)| value == goal || (value > goal) != (first.1 > goal);
    let mut values = std::iter::once(first).chain(values.filter(|(_, value)| !value.is_nan()));
    values.find(there).map(|(step, _)| step)
}

/// Whether neither extreme of a measure has moved since a step.
fn stands_still(points: &[Point], at: usize, then: u64) -> bool {
    let until = |last: u64| {
        let values = points.iter().take_while(|point| point.step <= last);
        let values = values.map(|point| point.values[at]).filter(|v| !v.is_nan());
        values.fold(None, |reach: Option<(f64, f64)>, value| {
            let (low, high) = reach.unwrap_or((value, value));
            Some((low.min(value), high.max(value)))
        })
    };
    let (Some(before), Some(after)) = (until(then), until(u64::MAX)) else {
        return false;
    };
    let still = |before: f64, after: f64| (after - before).abs() <= PROGRESS * before.abs();
    still(before.0, after.0) && still(before.1, after.1)
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let goals = self.goals.iter();
        let goals = goals.map(|(key, value)| format!("{key}:{}", number(*value)));
        let plateau = self.plateau.map(|steps| format!("plateau:{steps}"));
        let divergence = self.divergence.then(|| "divergence".to_owned());
        let rules: Vec<String> = goals.chain(plateau).chain(divergence).collect();
        f.write_str(if rules.is_empty() { STEPS } else { "" })?;
        f.write_str(&rules.join(","))
    }
}
