//! The rules that have kernels: a kernel is its file and its entry here. Numbers, texts and the switch between them are made
//! from this list. Knows no memory and no device.

use super::text::{constant, kernels};
use crate::steps::Rule;
use std::fmt::Write as _;
use std::mem::discriminant;

/// What one workgroup makes a rule's direction with: the text of its file, and its function there of `(l, member, count, lane)`,
/// which makes `D_l` from the gradient in its place and answers 0, or the column (from 1) in which the system has no usable
/// pivot.
type Kernel = (&'static str, &'static str);

/// The rules, whatever their iterations, with their kernels, or `None` where the gradient is the direction; every other rule is
/// the CPU's.
const KERNELS: [(Rule, Option<Kernel>); 3] = [
    (Rule::Backprop, None),
    (
        Rule::ProxExact,
        Some((kernels!["steps/exact"], "exact_solve")),
    ),
    (
        Rule::ProxCgColumns(0),
        Some((kernels!["steps/cg"], "cg_solve")),
    ),
];

/// The rules with kernels, by their numbers.
pub fn rules() -> impl Iterator<Item = Rule> {
    KERNELS.iter().map(|&(rule, _)| rule)
}

/// The number of a rule for dense layers, which are all that kernels know; `None` where it has none.
pub fn number(rule: Rule) -> Option<u32> {
    let same = |of: Rule| discriminant(&of) == discriminant(&rule.of_dense_layers());
    rules().position(same).map(|place| place as u32)
}

/// The rule of this number.
///
/// # Panics
/// When it is no rule's.
pub fn of(number: u32) -> Rule {
    KERNELS[number as usize].0
}

/// The kernels and `solve`, which asks the one of a member's rule.
pub fn kernels() -> String {
    let (mut texts, mut cases) = (String::new(), String::new());
    for (rule, kernel) in KERNELS {
        let answer = kernel.map_or("0u".to_owned(), |(text, function)| {
            texts += text;
            format!("{function}(l, member, count, lane)")
        });
        let _ = writeln!(
            cases,
            "case {}: {{ return {answer}; }}",
            constant(rule.key())
        );
    }
    texts
        + "fn solve(l: u32, member: u32, count: u32, lane: u32) -> u32 {\nswitch settings[member].rule {\n"
        + &cases
        + "default: { poison_direction(l, lane); return 0u; }\n}\n}\n"
}
