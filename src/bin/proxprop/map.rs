//! `proxprop map`: cells on all cores or the GPU, tables that are cut into shards, gone on with and joined. Knows files,
//! threads and signals, no mathematics.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use clap::Args;
use proxprop::Error;
use proxprop::Named;
use proxprop::frame::map::{Fate, MapCell};
use proxprop::frame::{EngineInfo, Processor};
use proxprop::lab::config::{Config, EngineChoice};
use proxprop::lab::map::{Cells, MapPlan, csv};
use proxprop::lab::systems;
use proxprop::nn::Arithmetic;
use proxprop::plot::{Theme, svg};

use crate::cores;
use crate::engine::{self, query_of};
use crate::failure::{Failure, Refusal};
use crate::figure::{Told, figure, query_beside};
use crate::input::text_of;
use crate::link::Link;
use crate::outputs::{Outputs, print, replace, say};
use crate::place::{is_dash, is_special};
use crate::progress::bar;
use crate::stop::{listen, stop, stopped};
use crate::table::columns;
use crate::whole::whole;

#[derive(Args)]
pub(crate) struct Arguments {
    /// The run and its map: 'run=prox-exact&map=1,tau:0.1..100*32,tau_theta:0.01..100*32'; or those of a related system, as in
    /// 'system=auc&run=prox&map=1,eta0:0.1..100*16'.
    #[arg(required_unless_present = "join")]
    query: Option<String>,
    /// Write the cells as CSV, and first go on from those already there; - is standard output.
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// Draw the map as SVG; - is standard output.
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// Train only the I-th of N parts of the cells, as in 2/8.
    #[arg(long, value_name = "I/N", value_parser = shard)]
    shard: Option<Shard>,
    /// Threads; all cores without it.
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = whole::<u16>(1, 1024))]
    threads: Option<u16>,
    /// Who trains, whatever the query says.
    #[arg(long, value_parser = EngineChoice::NAMES.to_vec())]
    engine: Option<String>,
    /// Train nothing: put the parts of a map together.
    #[arg(long, value_name = "FILE", num_args = 1.., conflicts_with_all = ["shard", "threads", "engine"])]
    join: Vec<PathBuf>,
}

#[derive(Clone, Copy)]
struct Shard {
    index: usize,
    count: usize,
}

fn shard(text: &str) -> Result<Shard, String> {
    let parts = text.split_once('/');
    match parts.map(|(i, n)| (i.parse::<usize>(), n.parse::<usize>())) {
        Some((Ok(index), Ok(count))) if (1..=count).contains(&index) => Ok(Shard { index, count }),
        _ => Err(format!(
            "{text:?} is no part; allowed: I/N with I from 1 to N"
        )),
    }
}

/// Between two writings of a table that grows.
const SAVED_EVERY: Duration = Duration::from_secs(10);

/// A map of the lab's own runs, whose cells a graphics device may train, or of a related system, with the engine that is asked for.
enum Plan {
    Lab(Box<MapPlan>),
    System(Box<dyn Cells>, Option<EngineChoice>),
}

impl Plan {
    fn of(query: &str, engine: Option<EngineChoice>) -> Result<Plan, Error> {
        Ok(match systems::asked_for(query)? {
            Some(entry) => Plan::System((entry.map)(query)?, engine),
            None => Plan::Lab(Box::new(MapPlan::new(&Config::parse(query)?)?)),
        })
    }

    fn cells(&self) -> &dyn Cells {
        match self {
            Plan::Lab(plan) => &**plan,
            Plan::System(plan, _) => &**plan,
        }
    }

    /// Which engine is asked for.
    fn engine(&self) -> EngineChoice {
        match self {
            Plan::Lab(plan) => plan.engine(),
            Plan::System(_, engine) => engine.unwrap_or(EngineChoice::Cpu),
        }
    }

    /// A query as figures tell it.
    fn told(&self, query: &str) -> Told {
        let config = match self {
            Plan::Lab(_) => Config::parse(query).ok(),
            Plan::System(..) => None,
        };
        config.map_or_else(|| Told::whole(query.to_owned()), |config| Told::of(&config))
    }
}

/// The query of a link, of either kind, and its plan.
fn asked(link: &str, engine: Option<&str>) -> Result<(String, Plan), Refusal> {
    let read = Link::read(link)?;
    let query = if systems::is_system(&read.query) {
        read.tell();
        read.query
    } else {
        query_of(link, engine)?
    };
    let engine = engine.and_then(EngineChoice::of_name);
    let plan = Plan::of(&query, engine).map_err(|e| e.to_string())?;
    Ok((query, plan))
}

/// Trains the cells that are asked for, or joins what has been trained, and prints and writes the map.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let query = arguments.query.as_deref();
    let asked = query.map(|query| asked(query, arguments.engine.as_deref()));
    let (query, plan) = asked.transpose()?.unzip();
    let mut outputs = Outputs::default();
    let csv = arguments.csv.as_deref().map(|path| outputs.open(path));
    let csv = csv.transpose()?;
    let svg = arguments.svg.as_deref().map(|path| outputs.open(path));
    let svg = svg.transpose()?;
    let mut trained_by = None;
    let (plan, cells) = match plan {
        Some(plan) if arguments.join.is_empty() => match train(arguments, &plan)? {
            Training::Ended(cells, engine) => {
                trained_by = engine;
                (plan, cells)
            }
            Training::Interrupted(words) => return Err(Failure::Interrupted(words)),
        },
        plan => join(plan, &arguments.join)?,
    };
    if let Some(output) = csv {
        outputs.fill(output, csv::write(plan.cells(), &cells));
    }
    if let Some(output) = svg {
        let frame = proxprop::frame::map::MapFrame {
            cells: cells.clone(),
            ..plan.cells().frame()
        };
        let high = if frame.grid.rows > 1 { 620 } else { 340 };
        let here = query.as_ref().and_then(|query| plan.cells().here(query));
        let draw = |size, theme: &Theme| svg::map(&frame, here.as_deref(), size, theme);
        let told = plan.told(&query.unwrap_or_else(|| plan.cells().query(0)));
        let made = made_in(&plan, trained_by.as_ref());
        let title = match &frame.number {
            None => format!("Step-size map of {}", frame.rule),
            Some(number) => format!("Map of {}: {}", frame.rule, number.label),
        };
        let size = (640, high);
        outputs.fill(output, figure(&title, size, draw, &told, made));
        if let Some(path) = &arguments.svg {
            query_beside(&mut outputs, &path.with_extension("txt"), size, &told)?;
        }
    }
    let to_stdout = outputs.on_stdout();
    outputs.write()?;
    let mut table = summary(plan.cells(), &cells);
    table += &trained_by.map_or(String::new(), |by| engine::line(plan.engine(), &by));
    if to_stdout {
        say(&table);
    } else {
        print(&table)?;
    }
    Ok(())
}

/// The arithmetic of a map's cells; those of parts that are joined are known by the engine that was asked for.
fn made_in(plan: &Plan, trained_by: Option<&EngineInfo>) -> &'static str {
    match (trained_by.map(|by| by.processor), plan.engine()) {
        (Some(Processor::Gpu), _) | (None, EngineChoice::Gpu) => Processor::Gpu.name(),
        (Some(Processor::Cpu), _) | (None, EngineChoice::Cpu) => Arithmetic::Portable.name(),
        (None, EngineChoice::Auto) => "portable or gpu",
    }
}

enum Training {
    /// The cells, and which engine has trained them where that was a choice.
    Ended(Vec<Option<MapCell>>, Option<EngineInfo>),
    /// What to say about it.
    Interrupted(String),
}

/// Trains the cells of the shard that are not in the table yet.
fn train(arguments: &Arguments, asked: &Plan) -> Result<Training, Refusal> {
    let plan = asked.cells();
    let grid = plan.frame().grid;
    let mut cells = vec![None; grid.cells()];
    let table = arguments.csv.as_deref();
    let table = table.filter(|path| !is_dash(path) && !is_special(path));
    if let Some(path) = table.filter(|path| path.exists()) {
        for (number, cell) in
            read(plan, path).map_err(|e| format!("{e}; name another file, or remove this one"))?
        {
            cells[number] = Some(cell);
        }
    }
    let Shard { index, count } = arguments.shard.unwrap_or(Shard { index: 1, count: 1 });
    let order = grid.order();
    let mine: Vec<usize> = order.into_iter().skip(index - 1).step_by(count).collect();
    let pending = mine.iter().copied().filter(|&cell| cells[cell].is_none());
    let pending: Vec<usize> = pending.collect();
    let threads = cores::threads(arguments.threads);
    listen()?;

    let bar = bar(mine.len() as u64, "cells");
    let known = (mine.len() - pending.len()) as u64;
    bar.set_position(known);
    bar.reset_eta();
    let mut saved: Option<Instant> = None;
    let mut trouble = Ok(());
    let mut done = |number: usize, cell| {
        cells[number] = Some(cell);
        bar.inc(1);
        if let Some(path) = table
            && saved.is_none_or(|at| at.elapsed() > SAVED_EVERY)
        {
            trouble = replace(path, csv::write(plan, &cells).as_bytes());
            if trouble.is_err() {
                stop();
            }
            saved = Some(Instant::now());
        }
    };
    let (engine, left) = match asked {
        Plan::Lab(plan) => {
            let (engine, left) = engine::train_cells(plan, pending, threads, stopped, &mut done);
            (Some(engine), left)
        }
        Plan::System(_, engine) => (engine.map(engine::of_system), pending),
    };
    on_threads(plan, &left, threads, done);
    trouble?;
    bar.finish_and_clear();
    let left = mine.iter().filter(|&&cell| cells[cell].is_none()).count();
    if left == 0 {
        return Ok(Training::Ended(cells, engine));
    }
    let done = mine.len() - left;
    let stopped = format!("stopped after {done} of {} cells", mine.len());
    Ok(Training::Interrupted(match table {
        Some(path) => {
            replace(path, csv::write(plan, &cells).as_bytes())?;
            let path = path.display();
            format!("{stopped}; {path} holds them, and the same command goes on from there")
        }
        None => format!("{stopped}; with --csv FILE they would have been kept"),
    }))
}

/// Trains cells on threads until all are done or it is time to stop, and hands each over as it ends.
fn on_threads(
    plan: &dyn Cells,
    pending: &[usize],
    threads: usize,
    mut done: impl FnMut(usize, MapCell),
) {
    let next = AtomicUsize::new(0);
    let (sender, receiver) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..threads.min(pending.len()) {
            let (sender, next) = (sender.clone(), &next);
            scope.spawn(move || {
                while !stopped()
                    && let Some(&cell) = pending.get(next.fetch_add(1, Ordering::Relaxed))
                {
                    if let Some(ended) = plan.train(cell, &stopped) {
                        let ended = (cell, ended);
                        sender.send(ended).expect("somebody listens to the end");
                    }
                }
            });
        }
        drop(sender);
        for (number, cell) in receiver {
            done(number, cell);
        }
    });
}

/// The cells of all parts; every cell of the map must be there.
fn join(plan: Option<Plan>, parts: &[PathBuf]) -> Result<(Plan, Vec<Option<MapCell>>), Refusal> {
    let plan = if let Some(plan) = plan {
        plan
    } else {
        let text = text_of(&parts[0])?;
        let plan = csv::query_of(&text).and_then(|query| Plan::of(query, None).ok());
        plan.ok_or_else(|| format!("{}: {}", parts[0].display(), csv::no_plan()))?
    };
    let mut cells: Vec<Option<MapCell>> = vec![None; plan.cells().frame().grid.cells()];
    for part in parts {
        for (number, cell) in read(plan.cells(), part)? {
            let same = |old: &MapCell| {
                (old.loss.to_bits(), old.fate, old.diverged_at, old.diverged)
                    == (
                        cell.loss.to_bits(),
                        cell.fate,
                        cell.diverged_at,
                        cell.diverged,
                    )
            };
            if cells[number].as_ref().is_some_and(|old| !same(old)) {
                return Err(format!(
                    "{}: cell {number} is not as in a part before it",
                    part.display()
                ));
            }
            cells[number] = Some(cell);
        }
    }
    let missing = (0..cells.len()).filter(|&i| cells[i].is_none());
    let missing: Vec<usize> = missing.collect();
    if missing.is_empty() {
        return Ok((plan, cells));
    }
    let runs = missing.chunk_by(|a, b| a + 1 == *b);
    let runs: Vec<String> = runs
        .map(|run| match run {
            [one] => one.to_string(),
            [first, .., last] => format!("{first} to {last}"),
            [] => unreachable!("chunks are not empty"),
        })
        .collect();
    let more = if runs.len() > 10 { ", …" } else { "" };
    Err(format!(
        "{} of {} cells are missing: {}{more}",
        missing.len(),
        cells.len(),
        runs[..runs.len().min(10)].join(", ")
    ))
}

/// The cells of a table; an empty file has none.
fn read(plan: &dyn Cells, path: &Path) -> Result<Vec<(usize, MapCell)>, Refusal> {
    let text = text_of(path)?;
    if text.is_empty() {
        return Ok(Vec::new());
    }
    csv::read(plan, &text).map_err(|e| format!("{}: {e}", path.display()))
}

/// One row per method: how many cells ended how, and where J is lowest, or where another number is lowest and highest.
fn summary(plan: &dyn Cells, cells: &[Option<MapCell>]) -> String {
    let frame = plan.frame();
    let mut heads = vec![
        if frame.number.is_some() {
            "method"
        } else {
            "rule"
        }
        .to_owned(),
    ];
    heads.push("cells".to_owned());
    heads.extend(frame.fates().iter().map(|fate| fate.name().to_owned()));
    let (what, both) = match &frame.number {
        None => ("J", false),
        Some(number) => (number.key.as_str(), true),
    };
    let ends = if both {
        &["lowest", "highest"][..]
    } else {
        &["lowest"]
    };
    for end in ends {
        heads.extend([format!("{end} {what}"), "at".to_owned()]);
    }
    let mut rows = vec![heads];
    for strip in [true, false] {
        let of_rule = |i: &usize| frame.grid.place(*i).strip == strip;
        let numbers = (0..cells.len()).filter(of_rule);
        let known: Vec<(usize, MapCell)> = numbers
            .filter_map(|i| Some((i, cells[i].clone()?)))
            .collect();
        let Some((first, _)) = known.first() else {
            continue;
        };
        let mut row = vec![plan.method(*first), known.len().to_string()];
        let count = |fate: &Fate| known.iter().filter(|(_, c)| c.fate == *fate).count();
        row.extend(frame.fates().iter().map(|fate| count(fate).to_string()));
        let ended = known.iter().filter(|(_, c)| c.fate != Fate::Diverged);
        // What has no value is neither lowest nor highest.
        let valued = ended.filter(|(_, c)| !(both && c.loss.is_nan()));
        let order = |a: &&(usize, MapCell), b: &&(usize, MapCell)| a.1.loss.total_cmp(&b.1.loss);
        let lowest = valued.clone().min_by(order);
        let highest = valued.max_by(order).filter(|_| both);
        for extreme in [lowest, highest].into_iter().take(ends.len()) {
            let at = extreme.map_or("-".to_owned(), |(number, _)| {
                let values = frame.axes.iter().zip(frame.values(*number));
                let texts: Vec<String> = values.map(|(a, v)| format!("{}:{v}", a.key)).collect();
                texts.join(",")
            });
            let value = extreme.map_or("-".to_owned(), |(_, c)| format!("{:.4e}", c.loss));
            row.extend([value, at]);
        }
        rows.push(row);
    }
    columns(&rows)
}
