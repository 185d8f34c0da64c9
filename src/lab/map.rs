//! The step-size map: which cells a query's map has, which run each of them is, and how each of them ends. Knows no
//! thread or file: any part of the cells can be trained anywhere, in any order, some steps at a time.
//!
//! A cell is an ordinary run (see [`MapPlan::config`]): the same data, initial weights and minibatches as a session
//! gives its query, so that its final J is the session's, bit for bit on the CPU.

mod cells;
pub mod csv;
mod deal;
#[cfg(any(target_arch = "wasm32", feature = "gpu"))]
mod on_gpu;
mod trial;

use std::collections::VecDeque;

use super::config::map::Axis;
use super::config::{Config, EngineChoice, MapConfig};
use crate::Error;
use crate::Named;
use crate::frame::map::{Fate, Grid, MapAxis, MapCell, MapFrame, Place};
use crate::steps::Rule;
pub use cells::Cells;
pub use deal::{AT_ONCE, Dealer};
#[cfg(any(target_arch = "wasm32", feature = "gpu"))]
pub use on_gpu::GpuWork;
use trial::{Outcome, Trial};

/// A seed counts as converged when its final J is below this share of the best constant answer's (`ln C`, or half
/// the targets' variance): what ten times as much is for divergence.
pub const CONVERGED: f64 = 0.1;

/// Steps between two looks whether anybody wants them.
const PIECE: u64 = 16;

/// All cells of a map.
#[derive(Clone, Debug, PartialEq)]
pub struct MapPlan {
    /// The query, with the first value of every axis where the axes have their settings.
    base: Config,
    map: MapConfig,
    /// The run that the strip varies.
    strip: Option<usize>,
    grid: Grid,
    /// Per axis.
    values: Vec<Vec<f64>>,
}

/// What maps have in common that take about the same time.
#[derive(Clone, PartialEq)]
pub struct Kind {
    network: Config,
    rules: Vec<Rule>,
    keys: Vec<&'static str>,
    seeds: u32,
}

impl MapPlan {
    /// The map of a query. Where BackProp is the same in every row (the axes are `tau`, or `tau` and one of
    /// `tau_theta` and `cg`) and the query has a run with `backprop`, that run is varied too: the strip above.
    ///
    /// # Errors
    /// [`Error::Query`] if the query has no map, or an axis is nothing to its run; [`Error::Data`] for `data=state` and images of files.
    pub fn new(config: &Config) -> Result<MapPlan, Error> {
        let Some(map) = config.map.clone() else {
            return Err(Error::Query(
                "map: missing; a map is a run and its axes, as in map=2,tau:0.1..100*32,tau_theta:0.01..100*32"
                    .into(),
            ));
        };
        config.validate()?;
        if config.classes().is_none() {
            return Err(Error::Data(
                "data=state: a map has no points of a state file; allowed: the other sets of data"
                    .into(),
            ));
        }
        if config.data.images().is_some_and(|images| images.in_files) {
            return Err(Error::Data(format!(
                "data={}: a map has no images of files; allowed: the other sets of data",
                config.data.name()
            )));
        }
        let keys: Vec<&str> = map.axes.iter().map(Axis::key).collect();
        let run = &config.runs[map.run];
        for &key in &keys {
            if !Axis::acts_on(key, run) {
                let allowed = match key {
                    "tau_theta" => "a run with prox-exact or prox-cgK",
                    "cg" => "a run with prox-cgK",
                    _ => "a run with opt:momentum or opt:nesterov",
                };
                return Err(Error::Query(format!(
                    "map.{key}: run {} ({}, opt:{}) has none; allowed: {allowed}",
                    map.run + 1,
                    run.rule,
                    run.opt.name()
                )));
            }
        }
        let same = matches!(keys[..], ["tau"] | ["tau", "tau_theta" | "cg"]);
        let explicit = config.runs.iter().position(|r| r.rule == Rule::Backprop);
        let strip = explicit.filter(|_| same && run.rule != Rule::Backprop);
        let values: Vec<Vec<f64>> = map.axes.iter().map(Axis::values).collect();
        let mut plan = MapPlan {
            grid: Grid {
                columns: values[0].len(),
                rows: values.get(1).map_or(1, Vec::len),
                strip: strip.is_some(),
            },
            base: config.clone(),
            values,
            strip,
            map,
        };
        plan.base = plan.config(0);
        Ok(plan)
    }

    /// Which cells there are.
    pub fn grid(&self) -> Grid {
        self.grid
    }

    /// The map with no cell known.
    pub fn frame(&self) -> MapFrame {
        let axes = self.map.axes.iter().zip(&self.values);
        // How far values lie apart, only their points can tell.
        let loss = self.base.loss().filter(|loss| loss.classifies());
        let constant = loss
            .zip(self.base.classes())
            .map(|(loss, classes)| loss.of_constant(classes, || f64::NAN));
        MapFrame {
            rule: self.base.runs[self.map.run].rule.to_string(),
            grid: self.grid,
            axes: axes
                .map(|(axis, values)| MapAxis {
                    key: axis.key().to_owned(),
                    label: axis.label().to_owned(),
                    log: axis.log(),
                    values: values.clone(),
                })
                .collect(),
            seeds: self.map.seeds,
            converged_below: constant.map(|loss| CONVERGED * loss),
            engine: None,
            number: None,
            cells: vec![None; self.grid.cells()],
        }
    }

    /// Which engine is wanted.
    pub fn engine(&self) -> EngineChoice {
        self.base.engine
    }

    /// Maps of the same kind want the same engine, and a step of one of their cells takes about the same time.
    pub fn kind(&self) -> Kind {
        let c = &self.base;
        let runs = [Some(self.map.run), self.strip].into_iter().flatten();
        let rules: Vec<Rule> = runs.map(|run| c.runs[run].rule).collect();
        let keys: Vec<&str> = self.map.axes.iter().map(Axis::key).collect();
        let network = Config {
            engine: c.engine,
            features: c.features,
            hidden: c.hidden.clone(),
            act: c.act,
            data: c.data,
            n: c.n,
            batch: c.batch,
            ..Config::default()
        };
        Kind {
            network,
            rules,
            keys,
            seeds: self.map.seeds,
        }
    }

    /// The whole query with a cell's settings: those of the run that it is ([`MapPlan::run`]), and on the strip's
    /// axis those of both. Every cell of a map has the same map, and maps of the same cells have the same queries.
    ///
    /// # Panics
    /// When there is no such cell.
    pub fn config(&self, cell: usize) -> Config {
        let Place { column, row, .. } = self.grid.place(cell);
        let mut config = self.base.clone();
        for ((axis, values), i) in self.map.axes.iter().zip(&self.values).zip([column, row]) {
            axis.apply(values[i], &mut config, self.map.run);
        }
        if let Some(strip) = self.strip {
            self.map.axes[0].apply(self.values[0][column], &mut config, strip);
        }
        config
    }

    /// Whether both maps train the same cells, whatever the queries say of runs that are in neither.
    pub fn trains_as(&self, other: &MapPlan) -> bool {
        let alike = |cell| self.alone(cell, 0) == other.alone(cell, 0);
        // Shared settings and axes are in every cell, the two runs in the first and in the last.
        self.map == other.map && self.grid == other.grid && alike(0) && alike(self.grid.cells() - 1)
    }

    /// Which run of its query a cell is, from 0.
    pub fn run(&self, cell: usize) -> usize {
        match self.strip {
            Some(strip) if self.grid.place(cell).strip => strip,
            _ => self.map.run,
        }
    }

    /// The steps of a cell's run, about: an axis may change how many a network of another size makes.
    pub fn steps(&self) -> u64 {
        let c = &self.base;
        c.epochs * c.count().div_ceil(c.batch.max(1)) as u64
    }

    /// For a map of one axis: up to which of its values the run converges (the strip's, or the one that is varied), in a
    /// sentence's second half. `None` while cells are missing, and for two axes.
    pub fn reach(&self, cells: &[Option<MapCell>], strip: bool) -> Option<String> {
        let (1, Some(axis)) = (self.map.axes.len(), self.map.axes.first()) else {
            return None;
        };
        let fate = |column| {
            let place = Place {
                strip,
                column,
                row: 0,
            };
            Some(cells.get(self.grid.cell(place))?.as_ref()?.fate)
        };
        let fates: Vec<Fate> = (0..self.grid.columns).map(fate).collect::<Option<_>>()?;
        let converges = |fate: &Fate| *fate == Fate::Converged;
        let Some(last) = fates.iter().rposition(converges) else {
            return Some("converges nowhere here".to_owned());
        };
        let first = fates.iter().position(converges).unwrap_or(last);
        let value = |column: usize| self.values[0][column].to_string();
        let label = axis.label();
        let symbol = label.rsplit(' ').next().filter(|word| !word.is_ascii());
        let symbol = symbol.unwrap_or(label).replace('_', "");
        let words = match (first, last) {
            (first, last) if first == last => format!("at {symbol} = {} only", value(last)),
            (0, last) => format!("up to {symbol} = {}", value(last)),
            (first, last) => format!("from {symbol} = {} up to {}", value(first), value(last)),
        };
        let missed = fates[first..=last].iter().filter(|f| !converges(f)).count();
        let but = match missed {
            0 => String::new(),
            missed => format!(" (except at {missed} of the values between)"),
        };
        let end = if last + 1 == fates.len() {
            ", where the axis ends"
        } else {
            ""
        };
        Some(format!("converges {words}{but}{end}"))
    }

    /// Where the run of the query itself stands among the values of each axis.
    pub fn here(&self, config: &Config) -> Option<Vec<f64>> {
        let run = config.runs.get(self.map.run)?;
        let axes = self.map.axes.iter();
        Some(axes.map(|a| a.value_in(config, run)).collect())
    }

    /// One seed of a cell, as a run of its own.
    fn alone(&self, cell: usize, seed: u32) -> Config {
        let mut config = self.config(cell);
        let run = self.run(cell);
        config.seed = config.seed.wrapping_add(seed);
        config.runs = vec![config.runs[run].clone()];
        config.changes.retain(|c| c.run == run);
        config.changes.iter_mut().for_each(|c| c.run = 0);
        config
    }
}

impl Cells for MapPlan {
    fn map(&self) -> &MapConfig {
        &self.map
    }

    fn frame(&self) -> MapFrame {
        MapPlan::frame(self)
    }

    fn query(&self, cell: usize) -> String {
        self.config(cell).to_string()
    }

    fn alone(&self, cell: usize) -> String {
        MapPlan::alone(self, cell, 0).to_string()
    }

    fn run(&self, cell: usize) -> usize {
        MapPlan::run(self, cell)
    }

    fn method(&self, cell: usize) -> String {
        self.base.runs[MapPlan::run(self, cell)].rule.to_string()
    }

    fn here(&self, query: &str) -> Option<Vec<f64>> {
        MapPlan::here(self, &Config::parse(query).ok()?)
    }

    fn train(&self, cell: usize, stopped: &dyn Fn() -> bool) -> Option<MapCell> {
        let mut work = Work::new(self.clone(), [cell]);
        while !stopped() {
            if let Some((_, cell)) = work.advance(PIECE).pop() {
                return Some(cell);
            }
        }
        None
    }
}

/// Cells in training, one after the other.
pub struct Work {
    plan: MapPlan,
    cells: VecDeque<usize>,
    /// The seeds of the first cell that have ended, and the one in training.
    ended: Vec<Outcome>,
    trial: Option<Trial>,
}

impl Work {
    /// These cells of a plan, in this order.
    pub fn new(plan: MapPlan, cells: impl IntoIterator<Item = usize>) -> Work {
        Work {
            plan,
            cells: cells.into_iter().collect(),
            ended: Vec::new(),
            trial: None,
        }
    }

    /// More cells, after those there are.
    pub fn extend(&mut self, cells: impl IntoIterator<Item = usize>) {
        self.cells.extend(cells);
    }

    /// Whether all cells are trained.
    pub fn is_done(&self) -> bool {
        self.cells.is_empty()
    }

    /// Makes about so many steps and hands out the cells that ended on the way.
    pub fn advance(&mut self, mut steps: u64) -> Vec<(usize, MapCell)> {
        let mut done = Vec::new();
        while steps > 0
            && let Some(&cell) = self.cells.front()
        {
            let seed = self.ended.len() as u32;
            let trial = self
                .trial
                .get_or_insert_with(|| Trial::new(self.plan.alone(cell, seed)));
            // A seed costs something even if it makes no step.
            steps = steps.saturating_sub(trial.advance(steps).max(1));
            if let Some(outcome) = trial.outcome() {
                self.ended.push(outcome);
                self.trial = None;
            }
            if self.ended.len() as u32 == self.plan.map.seeds {
                done.push((cell, summary(&self.ended)));
                self.ended.clear();
                self.cells.pop_front();
            }
        }
        done
    }
}

/// A cell from its seeds.
fn summary(seeds: &[Outcome]) -> MapCell {
    let fate = if seeds.iter().any(|s| s.diverged_at.is_some()) {
        Fate::Diverged
    } else if seeds.iter().all(|s| s.loss < CONVERGED * s.constant_loss) {
        Fate::Converged
    } else {
        Fate::NotYet
    };
    let losses: Vec<f64> = seeds.iter().map(|s| s.loss).collect();
    let sum: f64 = losses.iter().sum();
    let diverged = seeds.iter().filter_map(|s| s.diverged_at);
    MapCell {
        fate,
        loss: sum / seeds.len() as f64,
        diverged: diverged.clone().count() as u32,
        diverged_at: diverged.min(),
        losses: if losses.len() > 1 { losses } else { Vec::new() },
    }
}
