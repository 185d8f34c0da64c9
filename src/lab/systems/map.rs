//! The map of a related system: one of its runs from every cell of a grid of settings, and what is measured at its end. Knows no system,
//! no thread and no file.

use super::axes::{all, axes, moves, own, shared};
use super::run::Run;
use super::system::System;
use crate::Error;
use crate::frame::map::{Fate, Grid, MapAxis, MapCell, MapFrame, MapNumber};
use crate::lab::config::MapConfig;
use crate::lab::config::map::Axis;
use crate::lab::map::Cells;
use crate::lab::row::Row;
use crate::lab::words::fail;

/// Steps between two looks whether anybody wants them.
const PIECE: u64 = 16;

/// All cells of a map.
pub(super) struct Plan<S: System> {
    run: Run<S>,
    map: MapConfig,
    frame: MapFrame,
}

impl<S: System> Plan<S> {
    /// The map of a query string.
    ///
    /// # Errors
    /// [`Error::Query`] if it has none, or an axis does nothing to its run.
    pub(super) fn open(query: &str) -> Result<Box<dyn Cells>, Error> {
        Ok(Box::new(Plan::<S>::new(Run::parse(query)?)?))
    }

    /// The map of this text of a query string.
    ///
    /// # Errors
    /// [`Error::Query`] if it is none, or an axis does nothing to its run.
    pub(super) fn of(query: &str, map: &str) -> Result<Box<dyn Cells>, Error> {
        let mut run = Run::<S>::parse(query)?;
        run.set(MapConfig::KEY, map)?;
        Ok(Box::new(Plan::<S>::new(run)?))
    }

    fn new(run: Run<S>) -> Result<Plan<S>, Error> {
        let Some(map) = run.map.clone() else {
            let example = axes::<S>().example;
            return fail(format!(
                "map: missing; a map is a run and its axes, as in map={example}"
            ));
        };
        let mut each = run.each[map.run].clone();
        S::fit(&run.shared, &mut each);
        let method = (S::each()[0].get)(&each).to_string();
        for axis in &map.axes {
            let key = axis.key();
            let moves = |key: &str| moves::<S>(&run.shared, &each, key);
            if let Err(why) = moves(key) {
                let why = why.map_or("beside the other settings".to_owned(), |why| {
                    ["to what the map shows: ", why].concat()
                });
                let all = all::<S>().into_iter().map(|(_, axis)| axis.key);
                let allowed: Vec<&str> = all.filter(|key| moves(key).is_ok()).collect();
                let (number, allowed) = (map.run + 1, allowed.join(", "));
                return fail(format!(
                    "map.{key}: does nothing in run {number} ({method}) {why}; allowed: {allowed}"
                ));
            }
        }
        let drawn = Row::find(S::shared(), "seed").is_some_and(|row| (row.acts)(&run.shared));
        if map.seeds > 1 && !drawn {
            let seeds = map.seeds;
            return fail(format!(
                "map.seeds: \"{seeds}\" is too many where nothing is drawn by lot; allowed: 1"
            ));
        }
        let view = S::view(&run.shared);
        let (measures, mapped) = (S::MEASURES[view], S::mapped(view));
        let mut charts = measures.charts.iter();
        let chart = charts.find(|chart| chart.measures.contains(&mapped));
        let values: Vec<Vec<f64>> = map.axes.iter().map(Axis::values).collect();
        let grid = Grid {
            columns: values[0].len(),
            rows: values.get(1).map_or(1, Vec::len),
            strip: false,
        };
        let axes = map.axes.iter().zip(values);
        let frame = MapFrame {
            rule: method,
            grid,
            axes: axes
                .map(|(axis, values)| MapAxis {
                    key: axis.key().to_owned(),
                    label: axis.label().to_owned(),
                    log: axis.log(),
                    values,
                })
                .collect(),
            seeds: map.seeds,
            converged_below: None,
            engine: None,
            number: Some(MapNumber {
                key: measures.all[mapped].key.to_owned(),
                label: measures.all[mapped].label.to_owned(),
                log: chart.is_some_and(|chart| chart.log),
            }),
            cells: vec![None; grid.cells()],
        };
        let plan = Plan { run, map, frame };
        // What goes together at the corners does so between them.
        let (last, across) = (grid.cells() - 1, grid.columns - 1);
        for cell in [0, across, last - across, last] {
            plan.cell(cell).check()?;
        }
        Ok(plan)
    }

    /// The runs with a cell's settings.
    fn cell(&self, cell: usize) -> Run<S> {
        let mut run = self.run.clone();
        for (axis, value) in self.map.axes.iter().zip(self.frame.values(cell)) {
            let value = axis.value(value);
            if let Some(row) = shared::<S>(axis.key()) {
                (row.set)(&mut run.shared, value);
            } else if let Some(row) = own::<S>(axis.key()) {
                (row.set)(&mut run.each[self.map.run], value);
            }
        }
        run
    }

    /// One seed of a cell, as a run of its own.
    fn alone(&self, cell: usize, seed: u32) -> Run<S> {
        let mut run = self.cell(cell).alone(self.map.run);
        if let Some(row) = Row::find(S::shared(), "seed") {
            let first = (row.get)(&run.shared).integer() as u32;
            (row.set)(&mut run.shared, u64::from(first.wrapping_add(seed)).into());
        }
        run
    }
}

impl<S: System> Cells for Plan<S> {
    fn map(&self) -> &MapConfig {
        &self.map
    }

    fn frame(&self) -> MapFrame {
        self.frame.clone()
    }

    fn query(&self, cell: usize) -> String {
        self.cell(cell).to_string()
    }

    fn alone(&self, cell: usize) -> String {
        Plan::alone(self, cell, 0).to_string()
    }

    fn run(&self, _: usize) -> usize {
        self.map.run
    }

    fn method(&self, _: usize) -> String {
        self.frame.rule.clone()
    }

    fn here(&self, query: &str) -> Option<Vec<f64>> {
        let run = Run::<S>::parse(query).ok()?;
        let mut each = run.each.get(self.map.run)?.clone();
        S::fit(&run.shared, &mut each);
        let value = |axis: &Axis| {
            let shared = shared::<S>(axis.key()).map(|row| (row.get)(&run.shared));
            let own = || own::<S>(axis.key()).map(|row| (row.get)(&each));
            shared.or_else(own).map(|value| value.as_number())
        };
        self.map.axes.iter().map(value).collect()
    }

    fn train(&self, cell: usize, stopped: &dyn Fn() -> bool) -> Option<MapCell> {
        let seeds = 0..self.map.seeds;
        let ended: Option<Vec<Ended>> = seeds
            .map(|seed| trial(&Plan::alone(self, cell, seed), stopped))
            .collect();
        Some(summary(&ended?))
    }
}

/// How a run ended.
struct Ended {
    /// What was measured there; NaN where it diverged.
    value: f64,
    diverged_at: Option<u64>,
}

/// A run of one member to its end, looked at only there; `None` if it was stopped.
fn trial<S: System>(run: &Run<S>, stopped: &dyn Fn() -> bool) -> Option<Ended> {
    let scene = S::scene(&run.shared);
    let mut each = run.at(0);
    let mut member = S::start(&scene, &each[0]);
    let mut step = 0;
    while step < S::steps(&run.shared) && S::diverged(&member).is_none() {
        if step.is_multiple_of(PIECE) && stopped() {
            return None;
        }
        S::step(&scene, &each[0], &mut member, step);
        step += 1;
        if run.changes().iter().any(|change| change.step == step) {
            each = run.at(step);
        }
    }
    let diverged_at = S::diverged(&member);
    let value = if diverged_at.is_some() {
        f64::NAN
    } else {
        S::measure(&scene, &each[0], &member)[S::mapped(S::view(&run.shared))]
    };
    Some(Ended { value, diverged_at })
}

/// A cell from its seeds.
fn summary(seeds: &[Ended]) -> MapCell {
    let values: Vec<f64> = seeds.iter().map(|seed| seed.value).collect();
    let diverged = seeds.iter().filter_map(|seed| seed.diverged_at);
    let count = diverged.clone().count();
    MapCell {
        fate: if count > 0 {
            Fate::Diverged
        } else {
            Fate::Ended
        },
        loss: values.iter().sum::<f64>() / values.len() as f64,
        diverged: count as u32,
        diverged_at: diverged.min(),
        losses: if values.len() > 1 { values } else { Vec::new() },
    }
}
