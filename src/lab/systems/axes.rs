//! Which settings of a related system its map may vary, and which it varies where nobody says. Makes no map.

use super::system::System;
use crate::lab::config::MapConfig;
use crate::lab::config::map::{Axes, Axis};
use crate::lab::row::{Control, Parameter, Row};

/// Values on an axis that nobody has asked for.
const USUAL_COUNT: usize = 16;

/// What may be an axis, and whether it is of each run; what runs share under a name of their own is none.
pub(super) fn all<S: System>() -> Vec<(bool, &'static Parameter)> {
    let shared = S::shared().iter().map(|row| &row.parameter);
    let shared = shared.filter(|axis| own::<S>(axis.key).is_none());
    let each = S::each().iter().map(|row| (true, &row.parameter));
    let all = shared.map(|axis| (false, axis)).chain(each);
    // In a map so many seeds are asked for, which are no axis.
    let all = all.filter(|(_, axis)| axis.range().is_some() && axis.key != "seeds");
    all.collect()
}

/// The axes of a map's text.
pub(super) fn axes<S: System>() -> Axes {
    let all = all::<S>().into_iter().map(|(_, axis)| axis).collect();
    let shared = S::Shared::default();
    let example = usual::<S>(&shared, &S::usual(&shared), 0);
    let example = example.map_or_else(String::new, |map| map.to_string());
    Axes { all, example }
}

/// Whether an axis moves what a map shows of a run, whose settings know what is shared; or why it does not.
pub(super) fn moves<S: System>(
    shared: &S::Shared,
    each: &S::Each,
    key: &str,
) -> Result<(), Option<&'static str>> {
    let acts = match self::shared::<S>(key) {
        Some(row) => (row.acts)(shared),
        None => own::<S>(key).is_some_and(|row| (row.acts)(each)),
    };
    let unmapped = || self::shared::<S>(key).and_then(|_| S::unmapped(shared, key));
    match (acts, unmapped()) {
        (true, None) => Ok(()),
        (false, _) => Err(None),
        (true, why) => Err(why),
    }
}

/// A run's own setting of this key: where runs share one of the same name, an axis is their own.
pub(super) fn own<S: System>(key: &str) -> Option<&'static Row<S::Each>> {
    Row::find(S::each(), key)
}

/// The setting that all runs share of this key, where they have none of their own.
pub(super) fn shared<S: System>(key: &str) -> Option<&'static Row<S::Shared>> {
    Row::find(S::shared(), key).filter(|_| own::<S>(key).is_none())
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
    let maps = |row: &&Row<S::Shared>| {
        (row.acts)(shared) && S::unmapped(shared, row.parameter.key).is_none()
    };
    let shared = S::shared().iter().filter(maps).map(|row| &row.parameter);
    // What runs share alone takes their place where they have none.
    let all = wide.into_iter().chain(other).chain(shared);
    let axes = all.filter_map(|parameter| {
        let axis = Axis::of(parameter, USUAL_COUNT)?;
        Some(match S::most(&each, parameter.key) {
            Some(most) => axis.until(most),
            None => axis,
        })
    });
    let axes: Vec<Axis> = axes.take(2).collect();
    let seeds = 1;
    (!axes.is_empty()).then_some(MapConfig { run, axes, seeds })
}
