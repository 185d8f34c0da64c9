//! Which settings of a related system its map may vary, and which it varies where nobody says. Makes no map.

use super::system::System;
use crate::lab::config::MapConfig;
use crate::lab::config::map::{Axes, Axis};
use crate::lab::row::{Control, Parameter};

/// Values on an axis that nobody has asked for.
const USUAL_COUNT: usize = 16;

/// What may be an axis.
pub(super) fn axes<S: System>() -> Axes {
    let shared = S::shared().iter().map(|row| &row.parameter);
    let each = S::each().iter().map(|row| &row.parameter);
    let all = shared.chain(each);
    let all: Vec<&Parameter> = all.filter(|axis| axis.range().is_some()).collect();
    let shared = S::Shared::default();
    let example = usual::<S>(&shared, &S::usual(&shared), 0);
    let example = example.map_or_else(String::new, |map| map.to_string());
    Axes { all, example }
}

/// The map of a run (from 0) for whoever asks for one without saying which: of the first two of its own numbers that do anything,
/// those that span decades before others.
pub(super) fn usual<S: System>(
    shared: &S::Shared,
    each: &[S::Each],
    run: usize,
) -> Option<MapConfig> {
    let mut each = each[run].clone();
    S::fit(shared, &mut each);
    let own = S::each().iter().filter(|row| (row.acts)(&each));
    let own: Vec<&Parameter> = own.map(|row| &row.parameter).collect();
    let (wide, other): (Vec<_>, Vec<_>) = own
        .into_iter()
        .partition(|own| matches!(own.control, Control::LogSlider { .. }));
    let shared = S::shared().iter().filter(|row| (row.acts)(shared));
    let shared = shared.map(|row| &row.parameter);
    // What runs share alone takes their place where they have none.
    let all = wide.into_iter().chain(other).chain(shared);
    let axes = all.filter_map(|parameter| Axis::of(parameter, USUAL_COUNT));
    let axes: Vec<Axis> = axes.take(2).collect();
    let seeds = 1;
    (!axes.is_empty()).then_some(MapConfig { run, axes, seeds })
}
