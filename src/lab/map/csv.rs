//! A map's cells as CSV: one row per cell, the query that reproduces it in the last column. Knows no file.

use std::fmt::Write as _;

use super::MapPlan;
use crate::Error;
use crate::frame::map::{Fate, MapCell};
use crate::lab::config::Config;
use crate::lab::config::map::Axis;

/// Columns before and after those of the axes.
const FIRST: &str = "cell,run,rule";
const LAST: &str = "fate,loss,seeds_diverged,diverged_at";
/// The column that maps of several seeds have.
const SEEDS: &str = ",seed_losses";

/// The known cells in the order of their numbers, with a header. `run` counts from 1 in the cell's query; `loss` is
/// empty where it is NaN, the second axis on the strip, `diverged_at` where no seed diverged. Maps of several seeds have
/// `seed_losses`, parted by blanks, where those of all known cells are known.
pub fn write(plan: &MapPlan, cells: &[Option<MapCell>]) -> String {
    // A table that began without the seeds' own losses goes on without.
    let mut known = cells.iter().flatten();
    let with_seeds = plan.map.seeds > 1 && known.all(|cell| !cell.losses.is_empty());
    let mut text = header(plan, with_seeds);
    for (number, cell) in cells.iter().enumerate() {
        if let Some(cell) = cell {
            let loss = if cell.loss.is_nan() {
                String::new()
            } else {
                cell.loss.to_string()
            };
            let at = cell.diverged_at.map_or(String::new(), |at| at.to_string());
            let losses: Vec<String> = cell.losses.iter().map(f64::to_string).collect();
            let losses = if with_seeds {
                format!(",{}", losses.join(" "))
            } else {
                String::new()
            };
            let fate = cell.fate.name();
            let _ = writeln!(
                text,
                "{},{fate},{loss},{},{at}{losses},{}",
                start(plan, number),
                cell.diverged,
                query(plan, number)
            );
        }
    }
    text
}

/// Reads rows of the plan's cells, those of a shard or an interrupted map too.
///
/// # Errors
/// [`Error::State`] naming the line, if the text is no such table or has cells of another map.
pub fn read(plan: &MapPlan, text: &str) -> Result<Vec<(usize, MapCell)>, Error> {
    let mut lines = text.split_terminator('\n').enumerate();
    // Tables from before there were the seeds' own losses have none.
    let heads = [false, true].map(|with_seeds| header(plan, with_seeds));
    let known = |line: &str| heads.iter().any(|head| line == head.trim_end());
    if lines.next().is_none_or(|(_, line)| !known(line)) {
        return fail(1, "is not the header of this map's table");
    }
    lines
        .map(|(i, line)| {
            let (number, cell) = row(plan, line).map_err(|what| bad(i + 1, what))?;
            Ok((number, cell))
        })
        .collect()
}

/// The plan of which the text holds cells.
///
/// # Errors
/// [`Error::State`] if it holds none.
pub fn plan_of(text: &str) -> Result<MapPlan, Error> {
    let quoted = text.lines().nth(1).and_then(|line| {
        let (_, query) = line.strip_suffix('"')?.split_once('"')?;
        Config::parse(query).ok()
    });
    match quoted.and_then(|config| MapPlan::new(&config).ok()) {
        Some(plan) => Ok(plan),
        None => fail(2, "has no query of a map"),
    }
}

fn header(plan: &MapPlan, with_seeds: bool) -> String {
    let axes: Vec<&str> = plan.map.axes.iter().map(Axis::key).collect();
    let seeds = if with_seeds { SEEDS } else { "" };
    format!("{FIRST},{},{LAST}{seeds},query\n", axes.join(","))
}

/// The columns that the plan decides, up to the axes.
fn start(plan: &MapPlan, number: usize) -> String {
    let run = plan.run(number);
    let rule = plan.base.runs[run].rule;
    let mut text = format!("{number},{},{rule}", run + 1);
    let values = plan.values(number);
    for axis in 0..plan.map.axes.len() {
        let value = values.get(axis).map_or(String::new(), f64::to_string);
        text.extend([",", &value]);
    }
    text
}

/// Queries hold commas, but never quotes.
fn query(plan: &MapPlan, number: usize) -> String {
    format!("\"{}\"", plan.config(number))
}

fn row(plan: &MapPlan, line: &str) -> Result<(usize, MapCell), &'static str> {
    let number = line.split(',').next().and_then(|n| n.parse().ok());
    let number: usize = number
        .filter(|&n| n < plan.grid.cells())
        .ok_or("has no number of a cell")?;
    let cell = line
        .strip_prefix(&start(plan, number))
        .and_then(|rest| rest.strip_prefix(','))
        .and_then(|rest| rest.strip_suffix(&query(plan, number)))
        .ok_or("is of another map")?;
    let (fate, loss, diverged, at, losses) = match cell.split(',').collect::<Vec<_>>()[..] {
        [fate, loss, diverged, at, ""] => (fate, loss, diverged, at, ""),
        [fate, loss, diverged, at, losses, ""] if plan.map.seeds > 1 => {
            (fate, loss, diverged, at, losses)
        }
        _ => return Err("has not all columns"),
    };
    let losses = losses.split_terminator(' ').map(str::parse);
    let losses = losses.collect::<Result<Vec<f64>, _>>();
    let fate = Fate::ALL.into_iter().find(|f| f.name() == fate);
    let cell = MapCell {
        fate: fate.ok_or("has no known fate")?,
        loss: match loss {
            "" => f64::NAN,
            _ => loss.parse().map_err(|_| "has a loss that is no number")?,
        },
        diverged: diverged
            .parse()
            .map_err(|_| "has no number of diverged seeds")?,
        diverged_at: match at {
            "" => None,
            _ => Some(at.parse().map_err(|_| "has no step of divergence")?),
        },
        losses: losses.map_err(|_| "has a seed's loss that is no number")?,
    };
    if (cell.fate == Fate::Diverged) != cell.diverged_at.is_some() {
        return Err("contradicts itself about divergence");
    }
    Ok((number, cell))
}

fn bad(line: usize, what: &str) -> Error {
    Error::State(format!("line {line} {what}"))
}

fn fail<T>(line: usize, what: &str) -> Result<T, Error> {
    Err(bad(line, what))
}
