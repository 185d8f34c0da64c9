//! A run as text: the query string, its parts and its errors. Knows no browser and trains nothing.
//!
//! `v=1&data=circle&…&run=backprop,opt:sgd,tau:10&run=prox-exact,tau_theta:1&change=50,2,tau:3`:
//! keys of [`PARAMETERS`], one `run` per member of the ensemble, one `change` per setting moved mid-run
//! (step, run from 1, setting), at most one `map`. Missing keys have their defaults, or what `preset=NAME` at the
//! beginning says; printing writes every key but `engine=auto`, an empty `map` and empty `points`, and no preset.

pub mod map;
mod parameter;
mod points;
mod short;
mod stop;
mod table;

use std::collections::HashSet;
use std::fmt;

use super::presets::Preset;
use super::sentence::too_large;
pub use crate::data::DataSource;
use crate::data::drawn::Drawn;
pub use crate::engine::EngineChoice;
use crate::engine::Settings;
use crate::nn::Activation;
pub use crate::nn::mlp::Init;
use crate::steps::optimizer::StepSize;
use crate::steps::{Implicit, Optimizer, Rule};
use crate::steps::{prox_point, work};
use crate::{Error, Named};
pub use map::MapConfig;
pub use parameter::{Control, Parameter, Scope, Value};
use parameter::{quoted, whole};
pub use stop::Stop;
pub use table::PARAMETERS;

/// Most runs side by side.
pub const MAX_RUNS: usize = 6;
/// Most changes mid-run.
pub const MAX_CHANGES: usize = 500;
/// Numbers that all runs may keep in memory: a gigabyte in single precision.
const MOST_NUMBERS: usize = 250_000_000;
/// The last step at which a setting may change: the last of the longest run.
const MAX_STEP: u64 = 100_000_000_000;

/// What the network is asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// As the data say.
    Auto,
    /// Softmax cross-entropy.
    Classify,
    /// Half the squared error.
    Regress,
}

crate::named!(Task { Auto = "auto", Classify = "classify", Regress = "regress" });

/// A whole run: data, network, training, and the members side by side. [`PARAMETERS`] says what each is.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// Key `data`.
    pub data: DataSource,
    /// Key `points`; empty but for `data=points`.
    pub points: Drawn,
    /// Key `task`.
    pub task: Task,
    /// Key `n`.
    pub n: usize,
    /// Key `noise`.
    pub noise: f64,
    /// Key `valid`.
    pub valid: f64,
    /// Key `seed`.
    pub seed: u32,
    /// Key `hidden`.
    pub hidden: Vec<usize>,
    /// Key `act`.
    pub act: Activation,
    /// Key `init`.
    pub init: Init,
    /// Key `scale`.
    pub scale: f64,
    /// Key `batch`.
    pub batch: usize,
    /// Key `epochs`.
    pub epochs: u64,
    /// Key `stop`.
    pub stop: Stop,
    /// Key `engine`.
    pub engine: EngineChoice,
    /// Key `run`, once per member.
    pub runs: Vec<RunConfig>,
    /// Key `change`; sorted by step, at most one per step, run and setting.
    pub changes: Vec<Change>,
    /// Key `map`.
    pub map: Option<MapConfig>,
}

/// What members may differ in.
#[derive(Clone, Debug, PartialEq)]
pub struct RunConfig {
    /// Key `rule`.
    pub rule: Rule,
    /// Key `opt`.
    pub opt: Optimizer,
    /// Key `tau`.
    pub tau: f64,
    /// Key `tau_theta`.
    pub tau_theta: f64,
    /// Key `momentum`.
    pub momentum: f64,
    /// Key `cg_tol`.
    pub cg_tol: f64,
    /// Key `decay`.
    pub decay: f64,
}

/// A setting moved mid-run.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The first step (0-based) made with the new value; 1 at least.
    pub step: u64,
    /// Which run, from 0.
    pub run: usize,
    /// Which parameter of the run.
    pub key: &'static str,
    /// The new value.
    pub value: Value,
}

impl Default for RunConfig {
    fn default() -> RunConfig {
        RunConfig {
            rule: Rule::Backprop,
            opt: Optimizer::Sgd,
            tau: 10.0,
            tau_theta: 1.0,
            momentum: 0.95,
            cg_tol: 0.01,
            decay: 0.0,
        }
    }
}

impl Default for Config {
    /// The first screen: explicit and implicit steps of size 10 on the circle.
    fn default() -> Config {
        Config {
            data: DataSource::Circle,
            points: Drawn::default(),
            task: Task::Auto,
            n: 200,
            noise: 0.1,
            valid: 0.5,
            seed: 1,
            hidden: vec![8, 8],
            act: Activation::Tanh,
            init: Init::Xavier,
            scale: 1.0,
            batch: 200,
            epochs: 300,
            stop: Stop::default(),
            engine: EngineChoice::default(),
            runs: vec![
                RunConfig::default(),
                RunConfig {
                    rule: Rule::ProxExact,
                    ..RunConfig::default()
                },
            ],
            changes: Vec::new(),
            map: None,
        }
    }
}

impl Config {
    /// Reads a query string, with or without its `?`. Missing keys have their defaults.
    ///
    /// # Errors
    /// [`Error::Query`] naming key, value and what is allowed.
    pub fn parse(query: &str) -> Result<Config, Error> {
        let mut config = Config::default();
        let mut runs = Vec::new();
        let mut changes = Vec::new();
        let mut seen = HashSet::new();
        let query = query.strip_prefix('?').unwrap_or(query);
        let parts = if query.is_empty() {
            Vec::new()
        } else {
            query.split('&').collect()
        };
        for part in parts {
            let Some((key, value)) = part.split_once('=') else {
                return fail(format!("{}: expected key=value", quoted(part)));
            };
            let (key, value) = (decode(key)?, decode(value)?);
            if key != "run" && key != "change" && !seen.insert(key.clone()) {
                return fail(format!("{}: given twice", quoted(&key)));
            }
            match key.as_str() {
                "v" if value == "1" => {}
                "v" => {
                    return fail(format!(
                        "v: {} is not a known version; allowed: 1",
                        quoted(&value)
                    ));
                }
                "preset" => {
                    let first = seen.iter().all(|key| key == "v" || key == "preset");
                    if !(first && runs.is_empty() && changes.is_empty()) {
                        return fail("preset: comes first, before what differs from it".into());
                    }
                    config = Preset::named(&value)?.config();
                }
                "run" if runs.len() == MAX_RUNS => {
                    return fail(format!("run: too many runs; allowed: 1 to {MAX_RUNS}"));
                }
                "run" => runs.push(RunConfig::parse(&value, runs.len() + 1)?),
                "change" => changes.push(value),
                _ => config.write(&key, &value)?,
            }
        }
        if !runs.is_empty() {
            config.runs = runs;
        }
        for text in changes {
            config.parse_change(&text)?;
        }
        config.validate()?;
        Ok(config)
    }

    /// Sets one parameter from text; `run2.tau` is that of the second run. Points come with `data=points`, and other
    /// data without them.
    ///
    /// # Errors
    /// [`Error::Query`] naming key, value and what is allowed; nothing has changed then.
    pub fn set(&mut self, key: &str, value: &str) -> Result<(), Error> {
        let mut next = self.clone();
        match run_key(key) {
            Some((number, key)) => {
                let run = next.run_index(number)?;
                next.runs[run]
                    .write(key, value)
                    .map_err(|e| named(&format!("run{number}"), &e))?;
            }
            None => next.write(key, value)?,
        }
        match key {
            "points" if !next.points.dots.is_empty() => next.data = DataSource::Points,
            "data" if next.data != DataSource::Points => next.points = Drawn::default(),
            _ => {}
        }
        next.validate()?;
        *self = next;
        Ok(())
    }

    /// Moves a setting of `run` (from 0) at `step`; the same setting at the same step is replaced. Step 0
    /// edits the run itself.
    ///
    /// # Errors
    /// [`Error::Query`] as for [`Config::set`], or if there are too many changes; nothing has changed then.
    pub fn change(&mut self, step: u64, run: usize, key: &str, value: &str) -> Result<(), Error> {
        if step == 0 {
            return self.set(&format!("run{}.{key}", run.saturating_add(1)), value);
        }
        let change = self.read_change(step, run, key, value)?;
        // What a file's points decide is left to the engine.
        if let (Value::Rule(Rule::ProxPoint), Some(inputs), Some(classes)) =
            (&change.value, self.inputs(), self.classes())
        {
            self.fits_prox_point(change.run, inputs, classes.max(1), self.count())?;
        }
        let same = |c: &Change| (c.step, c.run, c.key) == (step, run, change.key);
        if let Some(old) = self.changes.iter_mut().find(|c| same(c)) {
            *old = change;
        } else if self.changes.len() == MAX_CHANGES {
            return fail(format!(
                "change: too many changes; allowed: at most {MAX_CHANGES}, until they are cleared"
            ));
        } else {
            let at = self.changes.partition_point(|c| c.order() < change.order());
            self.changes.insert(at, change);
        }
        Ok(())
    }

    /// The runs as they are at `step`: with all changes up to it.
    pub fn runs_at(&self, step: u64) -> Vec<RunConfig> {
        let mut runs = self.runs.clone();
        for change in self.changes.iter().take_while(|c| c.step <= step) {
            change
                .parameter()
                .write_run(&mut runs[change.run], change.value.clone());
        }
        runs
    }

    /// The same with run `run` (from 0) alone, and its changes.
    pub fn only(&self, run: usize) -> Config {
        let changes = self.changes.iter().filter(|c| c.run == run);
        Config {
            runs: vec![self.runs[run].clone()],
            changes: changes
                .map(|c| Change {
                    run: 0,
                    ..c.clone()
                })
                .collect(),
            ..self.clone()
        }
    }

    /// Checks what one value alone cannot show.
    ///
    /// # Errors
    /// [`Error::Query`] if task and data contradict each other, the number of runs is not allowed, or a change or the
    /// map names a run that is missing.
    pub fn validate(&self) -> Result<(), Error> {
        let (task, data) = (self.task.name(), self.data.name());
        match (self.data, self.points.dots.is_empty()) {
            (DataSource::Points, true) => {
                return fail(
                    "data: \"points\" needs points, as in points=0:-0.5,0;0.5,0/1:0,0.5".to_owned(),
                );
            }
            (DataSource::Points, false) | (_, true) => {}
            (_, false) => {
                return fail(format!(
                    "points: given with data={data}; allowed: only with data=points"
                ));
            }
        }
        match (self.task, self.classes()) {
            (Task::Classify, Some(0)) => {
                return fail(format!(
                    "task: \"{task}\" does not fit data={data}, which has no classes; allowed: auto, regress"
                ));
            }
            (Task::Regress, Some(1..)) => {
                return fail(format!(
                    "task: \"{task}\" does not fit data={data}, which has classes; allowed: auto, classify"
                ));
            }
            _ => {}
        }
        if self.runs.is_empty() || self.runs.len() > MAX_RUNS {
            return fail(format!(
                "run: {} runs; allowed: 1 to {MAX_RUNS}",
                self.runs.len()
            ));
        }
        if let Some(change) = self.changes.iter().find(|c| c.run >= self.runs.len()) {
            self.run_index(change.run + 1)?;
        }
        if let Some(map) = &self.map {
            self.run_index(map.run + 1).map_err(|e| named("map", &e))?;
        }
        match (self.inputs(), self.classes()) {
            (Some(inputs), Some(classes)) => self.fits(inputs, classes.max(1), self.count()),
            _ => Ok(()),
        }
    }

    /// Whether the runs can be trained on `n` points: they fit into memory, and networks are small enough for their
    /// rules.
    pub(super) fn fits(&self, inputs: usize, outputs: usize, n: usize) -> Result<(), Error> {
        self.fits_memory(inputs, outputs, n)?;
        let begins = (0..self.runs.len()).filter(|&i| self.runs[i].rule == Rule::ProxPoint);
        let changes = self.changes.iter();
        let becomes = changes.filter(|c| c.value == Value::Rule(Rule::ProxPoint));
        begins
            .chain(becomes.map(|c| c.run))
            .try_for_each(|run| self.fits_prox_point(run, inputs, outputs, n))
    }

    /// Whether all runs together fit into the memory of a browser's tab, trained on `n` points.
    fn fits_memory(&self, inputs: usize, outputs: usize, n: usize) -> Result<(), Error> {
        let (sizes, minibatch) = (self.sizes(inputs, outputs), self.batch.min(n));
        let numbers = work::numbers(&sizes, minibatch).saturating_mul(self.runs.len());
        if numbers <= MOST_NUMBERS {
            return Ok(());
        }
        fail(format!(
            "batch: {minibatch} points per step through these {} hidden layers, in {} runs, take about {numbers} numbers \
             of memory; allowed: at most {MOST_NUMBERS}",
            self.hidden.len(),
            self.runs.len()
        ))
    }

    fn sizes(&self, inputs: usize, outputs: usize) -> Vec<usize> {
        let ends = (std::iter::once(inputs), [outputs]);
        ends.0
            .chain(self.hidden.iter().copied())
            .chain(ends.1)
            .collect()
    }

    /// Classes of the points, 0 for regression; `None` where a file decides.
    pub fn classes(&self) -> Option<usize> {
        match self.data {
            DataSource::Points => Some(self.points.classes()),
            other => other.classes(),
        }
    }

    fn inputs(&self) -> Option<usize> {
        match self.data {
            DataSource::Points => Some(self.points.inputs()),
            other => other.inputs(),
        }
    }

    /// How many points are trained on.
    pub fn count(&self) -> usize {
        match self.data {
            DataSource::Points => self.points.dots.len(),
            _ => self.n,
        }
    }

    /// Whether the network is small enough for `prox-point` in this run.
    fn fits_prox_point(
        &self,
        run: usize,
        inputs: usize,
        outputs: usize,
        n: usize,
    ) -> Result<(), Error> {
        let sizes = self.sizes(inputs, outputs);
        prox_point::fits(&sizes, self.batch.min(n)).or_else(|why| {
            let reason = too_large(why);
            fail(format!("run{}.rule: prox-point: {reason}", run + 1))
        })
    }

    /// Writes a parameter of the whole configuration.
    fn write(&mut self, key: &str, text: &str) -> Result<(), Error> {
        let Some(parameter) = Parameter::find(key) else {
            let known: Vec<&str> = ["v", "preset"]
                .into_iter()
                .chain(keys(false))
                .chain(["run", "change"])
                .collect();
            return fail(unknown_key(key, &known));
        };
        if parameter.scope == Scope::Run {
            return fail(format!(
                "{key}: belongs to a run, as in run=backprop,{key}:… or run1.{key}"
            ));
        }
        parameter.write_config(self, parameter.parse(text).map_err(Error::Query)?);
        Ok(())
    }

    /// From a number (from 1) to an index.
    fn run_index(&self, number: usize) -> Result<usize, Error> {
        if (1..=self.runs.len()).contains(&number) {
            return Ok(number - 1);
        }
        fail(format!(
            "run: {number} is out of range; allowed: 1 to {}",
            self.runs.len()
        ))
    }

    /// `STEP,RUN,key:value`
    fn parse_change(&mut self, text: &str) -> Result<(), Error> {
        let mut parts = text.splitn(3, ',');
        let step = parts.next().and_then(whole);
        let run = parts.next().and_then(whole);
        let (Some(step), Some(run), Some((key, value))) =
            (step, run, parts.next().and_then(|s| s.split_once(':')))
        else {
            return fail(format!(
                "change: {} is not STEP,RUN,key:value, as in 50,1,tau:3",
                quoted(text)
            ));
        };
        if !(1..=MAX_STEP).contains(&step) {
            return fail(format!(
                "change: step {step} is out of range; allowed: 1 to {MAX_STEP}"
            ));
        }
        let run = self
            .run_index(usize::try_from(run).unwrap_or(usize::MAX))
            .map_err(|e| named("change", &e))?;
        if self
            .changes
            .iter()
            .any(|c| (c.step, c.run, c.key) == (step, run, key))
        {
            return fail(format!(
                "change: {key} of run {} is given twice at step {step}",
                run + 1
            ));
        }
        self.change(step, run, key, value)
    }

    fn read_change(&self, step: u64, run: usize, key: &str, value: &str) -> Result<Change, Error> {
        let named = |e| named("change", &e);
        self.run_index(run.saturating_add(1)).map_err(named)?;
        if step > MAX_STEP {
            return fail(format!(
                "change: step {step} is out of range; allowed: 1 to {MAX_STEP}"
            ));
        }
        let parameter = run_parameter(key).map_err(named)?;
        let value = parameter.parse(value).map_err(|e| named(Error::Query(e)))?;
        Ok(Change {
            step,
            run,
            key: parameter.key,
            value,
        })
    }
}

impl RunConfig {
    /// What a step of the run is other than a sweep of sub-steps (Proposition 1), in words; `None` where it is one.
    pub fn beyond_the_sweep(&self) -> Option<String> {
        if self.rule == Rule::ProxPoint {
            let words = "The run itself moves all layers at once, by one implicit step (prox-point), which is no sweep. \
                         Shown are the layer-wise steps from where it stands.";
            return Some(words.to_owned());
        }
        let decay = if self.decay == 0.0 {
            ""
        } else {
            ", with weight decay"
        };
        (self.opt != Optimizer::Sgd || self.decay != 0.0).then(|| {
            format!(
                "The run itself hands its direction to {}{decay}. Shown are the plain steps of size τ from where it stands.",
                self.opt.name()
            )
        })
    }

    /// As an engine takes it.
    pub fn settings(&self) -> Settings {
        Settings {
            rule: self.rule,
            optimizer: self.opt,
            size: StepSize {
                tau: self.tau,
                momentum: self.momentum,
                decay: self.decay,
            },
            implicit: Implicit {
                tau_theta: if self.rule == Rule::ProxPoint {
                    self.tau
                } else {
                    self.tau_theta
                },
                cg_tolerance: self.cg_tol,
            },
        }
    }

    /// `rule,key:value,…`; `number` (from 1) is for the messages.
    fn parse(text: &str, number: usize) -> Result<RunConfig, Error> {
        let named = |e| named(&format!("run{number}"), &e);
        let mut run = RunConfig::default();
        let mut parts = text.split(',');
        run.write("rule", parts.next().unwrap_or_default())
            .map_err(named)?;
        let mut seen = HashSet::from(["rule"]);
        for part in parts {
            let Some((key, value)) = part.split_once(':') else {
                return fail(format!("run{number}: {}: expected key:value", quoted(part)));
            };
            if !seen.insert(key) {
                return fail(format!("run{number}: {}: given twice", quoted(key)));
            }
            run.write(key, value).map_err(named)?;
        }
        Ok(run)
    }

    fn write(&mut self, key: &str, text: &str) -> Result<(), Error> {
        let parameter = run_parameter(key)?;
        parameter.write_run(self, parameter.parse(text).map_err(Error::Query)?);
        Ok(())
    }
}

impl Change {
    fn parameter(&self) -> &'static Parameter {
        Parameter::find(self.key).expect("changes name parameters of the table")
    }

    /// By step, then run, then the order of the table.
    fn order(&self) -> (u64, usize, usize) {
        let row = PARAMETERS.iter().position(|p| p.key == self.key);
        (self.step, self.run, row.unwrap_or(PARAMETERS.len()))
    }
}

impl fmt::Display for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v=1")?;
        // The map comes last; a run without one, on whichever engine is faster, has the text it always had.
        for parameter in PARAMETERS.iter().filter(|p| p.scope != Scope::Map) {
            let Some(value) = parameter.of_config(self) else {
                continue;
            };
            // A run without drawn points, on whichever engine is faster, has the text it always had.
            let drawn = value != Value::Points(Drawn::default());
            if drawn && (parameter.key != "engine" || self.engine != EngineChoice::Auto) {
                write!(f, "&{}={value}", parameter.key)?;
            }
        }
        for run in &self.runs {
            write!(f, "&run={run}")?;
        }
        for change in &self.changes {
            write!(
                f,
                "&change={},{},{}:{}",
                change.step,
                change.run + 1,
                change.key,
                change.value
            )?;
        }
        if let Some(map) = &self.map {
            write!(f, "&map={map}")?;
        }
        Ok(())
    }
}

impl fmt::Display for RunConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.rule)?;
        for parameter in PARAMETERS.iter().filter(|p| p.key != "rule") {
            if let Some(value) = parameter.of_run(self) {
                write!(f, ",{}:{value}", parameter.key)?;
            }
        }
        Ok(())
    }
}

/// `run2.tau` as (2, "tau").
fn run_key(key: &str) -> Option<(usize, &str)> {
    let (number, key) = key.strip_prefix("run")?.split_once('.')?;
    Some((usize::try_from(whole(number)?).unwrap_or(usize::MAX), key))
}

fn run_parameter(key: &str) -> Result<&'static Parameter, Error> {
    match Parameter::find(key) {
        Some(parameter) if parameter.scope == Scope::Run => Ok(parameter),
        Some(_) => fail(format!("{key}: belongs to all runs, as in {key}=…")),
        None => fail(unknown_key(key, &keys(true).collect::<Vec<_>>())),
    }
}

fn unknown_key(key: &str, known: &[&str]) -> String {
    format!("{}: unknown key; known: {}", quoted(key), known.join(", "))
}

/// The keys of runs, or those of everything else.
fn keys(of_runs: bool) -> impl Iterator<Item = &'static str> {
    PARAMETERS
        .iter()
        .filter(move |p| (p.scope == Scope::Run) == of_runs)
        .map(|p| p.key)
}

/// Prefixes a message with where it happened: `run2.tau: …`, or `run2: "x": …` where no key is known.
fn named(place: &str, error: &Error) -> Error {
    let message = error.to_string();
    let joint = if message.starts_with('"') { ": " } else { "." };
    Error::Query(format!("{place}{joint}{message}"))
}

/// Undoes percent-encoding strictly.
fn decode(text: &str) -> Result<String, Error> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        rest = tail;
        if first != b'%' {
            bytes.push(first);
            continue;
        }
        let digit = |i: usize| tail.get(i).and_then(|&b| char::from(b).to_digit(16));
        let (Some(high), Some(low)) = (digit(0), digit(1)) else {
            return fail(format!(
                "{}: % must be followed by two hexadecimal digits",
                quoted(text)
            ));
        };
        bytes.push((16 * high + low) as u8);
        rest = &tail[2..];
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text),
        Err(_) => fail(format!(
            "{}: the percent-encoding is not UTF-8",
            quoted(text)
        )),
    }
}

fn fail<T>(message: String) -> Result<T, Error> {
    Err(Error::Query(message))
}
