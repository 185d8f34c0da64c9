//! A map's cells as CSV: one row per cell, the query that reproduces it in the last column. Knows no file.

use std::fmt::Write as _;

use super::{Cells, MapPlan};
use crate::Error;
use crate::frame::map::{Fate, MapCell, MapFrame};
use crate::lab::config::Config;

/// The known cells in the order of their numbers, with a header. `run` counts from 1 in the cell's query; `loss` (or the
/// map's own number) is empty where it is NaN, the second axis on the strip, `diverged_at` where no seed diverged. Maps of several
/// seeds have `seed_losses`, parted by blanks, where those of all known cells are known.
pub fn write(plan: &dyn Cells, cells: &[Option<MapCell>]) -> String {
    let frame = plan.frame();
    // A table that began without the seeds' own losses goes on without.
    let mut known = cells.iter().flatten();
    let with_seeds = frame.seeds > 1 && known.all(|cell| !cell.losses.is_empty());
    let mut text = header(&frame, with_seeds);
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
                start(plan, &frame, number),
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
pub fn read(plan: &dyn Cells, text: &str) -> Result<Vec<(usize, MapCell)>, Error> {
    let frame = plan.frame();
    let mut lines = text.split_terminator('\n').enumerate();
    // Tables from before there were the seeds' own losses have none.
    let heads = [false, true].map(|with_seeds| header(&frame, with_seeds));
    let known = |line: &str| heads.iter().any(|head| line == head.trim_end());
    if lines.next().is_none_or(|(_, line)| !known(line)) {
        return fail(1, "is not the header of this map's table");
    }
    lines
        .map(|(i, line)| {
            let (number, cell) = row(plan, &frame, line).map_err(|what| bad(i + 1, what))?;
            Ok((number, cell))
        })
        .collect()
}

/// The plan of which the text holds cells.
///
/// # Errors
/// [`Error::State`] if it holds none.
pub fn plan_of(text: &str) -> Result<MapPlan, Error> {
    let config = query_of(text).and_then(|query| Config::parse(query).ok());
    match config.and_then(|config| MapPlan::new(&config).ok()) {
        Some(plan) => Ok(plan),
        None => Err(no_plan()),
    }
}

/// The query of the first cell that the text holds.
pub fn query_of(text: &str) -> Option<&str> {
    let line = text.lines().nth(1)?;
    let (_, query) = line.strip_suffix('"')?.split_once('"')?;
    Some(query)
}

/// Why a text has no plan.
pub fn no_plan() -> Error {
    bad(2, "has no query of a map")
}

fn header(frame: &MapFrame, with_seeds: bool) -> String {
    let axes: Vec<&str> = frame.axes.iter().map(|axis| axis.key.as_str()).collect();
    let number = frame.number.as_ref();
    let (method, loss, losses) = number.map_or(("rule", "loss", "losses"), |number| {
        ("method", &number.key, "values")
    });
    let mut text = ["cell,run,", method, ",", &axes.join(","), ",fate,", loss].concat();
    text += ",seeds_diverged,diverged_at,";
    if with_seeds {
        text.extend(["seed_", losses, ","]);
    }
    text + "query\n"
}

/// The columns that the plan decides, up to the axes.
fn start(plan: &dyn Cells, frame: &MapFrame, number: usize) -> String {
    let (run, method) = (plan.run(number), plan.method(number));
    let mut text = format!("{number},{},{method}", run + 1);
    let values = frame.values(number);
    for axis in 0..frame.axes.len() {
        let value = values.get(axis).map_or(String::new(), f64::to_string);
        text.extend([",", &value]);
    }
    text
}

/// Queries hold commas, but never quotes.
fn query(plan: &dyn Cells, number: usize) -> String {
    ["\"", &plan.query(number), "\""].concat()
}

fn row(plan: &dyn Cells, frame: &MapFrame, line: &str) -> Result<(usize, MapCell), &'static str> {
    let number = line.split(',').next().and_then(|n| n.parse().ok());
    let number: usize = number
        .filter(|&n| n < frame.grid.cells())
        .ok_or("has no number of a cell")?;
    let cell = line
        .strip_prefix(&start(plan, frame, number))
        .and_then(|rest| rest.strip_prefix(','))
        .and_then(|rest| rest.strip_suffix(&query(plan, number)))
        .ok_or("is of another map")?;
    let (fate, loss, diverged, at, losses) = match cell.split(',').collect::<Vec<_>>()[..] {
        [fate, loss, diverged, at, ""] => (fate, loss, diverged, at, ""),
        [fate, loss, diverged, at, losses, ""] if frame.seeds > 1 => {
            (fate, loss, diverged, at, losses)
        }
        _ => return Err("has not all columns"),
    };
    let losses = losses.split_terminator(' ').map(str::parse);
    let losses = losses.collect::<Result<Vec<f64>, _>>();
    let fate = frame.fates().iter().find(|f| f.name() == fate);
    let cell = MapCell {
        fate: *fate.ok_or("has no known fate")?,
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
