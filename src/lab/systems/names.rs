//! What the runs of a system are called, so that they can be told apart. Knows settings by their rows, and no system.

use super::system::System;
use crate::lab::row::{Parameter, Row};

/// A name for each run: as the system calls it; runs that it calls the same have what differs between them behind that, and runs that
/// are the same their numbers.
pub(super) fn names<S: System>(
    shared: &S::Shared,
    scene: &S::Scene,
    each: &[S::Each],
) -> Vec<String> {
    let plain: Vec<String> = each.iter().map(|each| S::name(scene, each)).collect();
    let mut each = each.to_vec();
    each.iter_mut().for_each(|each| S::fit(shared, each));
    let told = each.iter().zip(&plain).map(|(own, name)| {
        let alike = each.iter().zip(&plain);
        let alike = alike.filter_map(|(each, other)| (other == name).then_some(each));
        let alike: Vec<&S::Each> = alike.collect();
        let acting = S::each().iter().filter(|row| (row.acts)(own));
        let differing = acting.filter(|row| differs(row, &alike));
        differing.fold(name.clone(), |name, row| {
            format!("{name}, {} {}", called(&row.parameter), (row.get)(own))
        })
    });
    let told: Vec<String> = told.collect();
    let numbered = |(i, name): (usize, &String)| {
        if told.iter().filter(|other| *other == name).count() > 1 {
            format!("{name} no. {}", i + 1)
        } else {
            name.clone()
        }
    };
    told.iter().enumerate().map(numbered).collect()
}

/// Whether a setting has several values among the runs to which it does anything.
fn differs<T>(row: &Row<T>, runs: &[&T]) -> bool {
    let mut values = runs.iter().filter(|run| (row.acts)(run));
    let first = values.next().map(|run| (row.get)(run));
    values.any(|run| Some((row.get)(run)) != first)
}

/// A setting within a name: by the letter that ends what a person calls it, as in *Rounding δ*, or in words, with a colon where a number
/// ends those.
fn called(parameter: &Parameter) -> String {
    let label = parameter.label;
    let (_, last) = label.rsplit_once(' ').unwrap_or(("", label));
    let single = last.len() == 1 && last.starts_with(char::is_alphabetic);
    if single || !last.is_ascii() {
        // As it is read, without the sign of an index.
        return last.replace('_', "");
    }
    let mut letters = label.chars();
    let first = letters.next().into_iter().flat_map(char::to_lowercase);
    let colon = last.ends_with(char::is_numeric).then_some(':');
    first.chain(letters).chain(colon).collect()
}
