//! Measurements inside headless Chromium, where our wasm and other libraries take turns in one worker, and natively.
//! What is measured, and how, is in `benches/`; here it is built, started and tabulated.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::process::{cargo, command, output, root, succeeds};
use crate::{site, test};

const OURS: &str = "proxprop";
/// The engine of a row that times the usual step, where another names a state of the network.
const USUAL: &str = "usual";
/// The engine of a row that times steps alone, where another times those that the page plays.
const ALONE: &str = "alone";

/// Which table a row stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Table {
    Steps,
    States,
    Playing,
    Page,
}

/// One median.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Row {
    table: Table,
    /// `browser` or `native`.
    #[serde(rename = "where")]
    place: String,
    engine: String,
    rule: String,
    net: String,
    us_per_step: f64,
}

/// What the browser has measured.
#[derive(Deserialize)]
struct InBrowser {
    /// When and on what, in words.
    measured: String,
    rows: Vec<Row>,
}

/// Measures, prints the part of README that has the figures, and writes the rows to `json` if asked.
pub(crate) fn bench(json: Option<&Path>) -> Result<()> {
    let chromium = test::chromium()?;
    test::npm_ci("benches/browser")?;
    let folder = site::target_directory()?.join("bench-site");
    site::remove(&folder)?;
    site::copy(&site::build()?, &folder.join("site"))?;
    site::package(&folder.join("pkg"), &["bench"])?;
    let mut native = cargo(&["bench", "--quiet", "--bench", "steps", "--", "--quiet"]);
    native.args(["--warm-up-time", "0.5", "--measurement-time", "1.5"]);
    eprintln!("{}", output(&mut native)?);
    let peers = beside_numpy()?;

    let mut node = command("node", &["measure.js"]);
    node.arg(&folder)
        .current_dir(root().join("benches/browser"))
        .env("CHROMIUM", chromium);
    let InBrowser { measured, mut rows } =
        serde_json::from_str(&output(&mut node)?).context("the measurements make no sense")?;
    rows.extend(native_rows()?);

    println!("\n{measured}\n\n{}", tables(&rows));
    if let Some(peers) = peers {
        println!("\n{peers}");
    }
    if let Some(path) = json {
        let text = serde_json::to_string_pretty(&rows)? + "\n";
        fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

/// The table of `benches/peers`, where there is a Python that has NumPy.
fn beside_numpy() -> Result<Option<String>> {
    let python = std::env::var("PYTHON").unwrap_or("python3".to_owned());
    if !succeeds(&mut command(&python, &["-c", "import numpy"]))? {
        eprintln!("{python} has no NumPy to be compared with; PYTHON may name one that has");
        return Ok(None);
    }
    let mut peers = cargo(&["bench", "--quiet", "--bench", "peers"]);
    output(peers.stdin(Stdio::null())).map(Some)
}

/// What criterion has just measured of the workloads that the browser runs too.
fn native_rows() -> Result<Vec<Row>> {
    let criterion = site::target_directory()?.join("criterion");
    let nets = [
        "2-8-8-2/200",
        "2-32-32-2/512",
        "2-128-128-2/512",
        "2-512-512-2/512",
    ];
    let all = ["backprop", "prox-exact", "prox-cg3"];
    let few_rows = ["2-128-128-2/10", "64-512-512-2/100"];
    let steps = nets.map(|net| (net, &all[..])).into_iter();
    let steps = steps.chain(few_rows.map(|net| (net, &all[..2])));
    let steps = steps.flat_map(|(net, rules)| {
        let folder = |rule| format!("step/{rule}/{}", net.replace('/', "_"));
        rules
            .iter()
            .map(move |&rule| (Table::Steps, folder(rule), OURS, rule, net, 1.0))
    });
    let states = [
        ("saturated tanh", "backprop"),
        ("saturated sigmoid", "backprop"),
        ("saturated sigmoid", "prox-exact"),
        ("saturated sigmoid", "prox-cg3"),
        ("dead relu", "backprop"),
        ("decaying weights", "backprop"),
        ("vanishing gradients, Adam", "backprop"),
    ];
    let states = states.into_iter().flat_map(|(state, rule)| {
        [("state", OURS), ("usual", USUAL)].map(|(is, engine)| {
            let folder = format!("state/{state} {is}/{rule}");
            (Table::States, folder, engine, rule, state, 1.0 / 300.0)
        })
    });
    let others = [
        (
            "epoch of 20 minibatches 2-8-8-2",
            "backprop",
            "2-8-8-2/200, epoch of 20 minibatches",
            1.0,
        ),
        (
            "field 100x100 2-8-8-2",
            "forward",
            "2-8-8-2, field 100x100",
            1.0,
        ),
        ("1000 tanh", "tanh", "65536 numbers", 65.536),
        (
            "vsml/clone, 20000 iterations",
            "meta-train clone",
            "cells, iteration of 128 triples",
            1.0 / 20_000.0,
        ),
        (
            "vsml/rule, iteration of 100 samples",
            "meta-train rule",
            "cells, iteration of 16 x 100 samples",
            1.0,
        ),
        (
            "vsml/rule, iteration of 300 samples",
            "meta-train rule",
            "cells, iteration of 8 x 300 samples",
            1.0,
        ),
    ];
    let others = others.map(|(folder, rule, net, times)| {
        (Table::Steps, folder.to_owned(), OURS, rule, net, times)
    });
    steps
        .chain(states)
        .chain(others)
        .map(|(table, folder, engine, rule, net, times)| {
            let path = criterion.join(folder).join("new/estimates.json");
            let text = fs::read_to_string(&path)
                .with_context(|| format!("cannot read {}", path.display()))?;
            let estimates: serde_json::Value = serde_json::from_str(&text)?;
            let nanoseconds = estimates["median"]["point_estimate"]
                .as_f64()
                .context("criterion's estimates have no median")?;
            let us_per_step = nanoseconds / 1000.0 * times;
            Ok(Row {
                table,
                place: "native".into(),
                engine: engine.into(),
                rule: rule.into(),
                net: net.into(),
                us_per_step,
            })
        })
        .collect()
}

/// All tables, in Markdown.
fn tables(rows: &[Row]) -> String {
    let of = |table| rows.iter().filter(move |row| row.table == table);
    let [steps, states, playing, page] = [
        steps(&of(Table::Steps).collect::<Vec<_>>()),
        states(&of(Table::States).collect::<Vec<_>>()),
        playing(&of(Table::Playing).collect::<Vec<_>>()),
        page(&of(Table::Page).collect::<Vec<_>>()),
    ]
    .map(|grid| markdown(&grid));
    [steps, states, playing, page].join("\n")
}

/// `a / b` where both are known.
fn ratio(a: Option<f64>, b: Option<f64>) -> String {
    a.zip(b).map_or("–".to_owned(), |(a, b)| number(a / b))
}

fn header<const N: usize>(titles: [&str; N]) -> Vec<String> {
    titles.map(str::to_owned).to_vec()
}

/// One line per workload: ours, the peers, how many times faster than the fastest of them, and against native.
fn steps(rows: &[&Row]) -> Vec<Vec<String>> {
    let mut engines: Vec<(&str, &str)> = Vec::new();
    let mut lines: Vec<(&str, &str)> = Vec::new();
    let mut cells = BTreeMap::new();
    for row in rows {
        let (engine, line) = (
            (row.place.as_str(), row.engine.as_str()),
            (row.net.as_str(), row.rule.as_str()),
        );
        if !engines.contains(&engine) {
            engines.push(engine);
        }
        if !lines.contains(&line) {
            lines.push(line);
        }
        cells.insert((line, engine), row.us_per_step);
    }
    let ours = ("browser", OURS);
    let mut grid = vec![header(["µs per step, medians", "rule"])];
    grid[0].extend(engines.iter().map(|(place, engine)| {
        if *place == "native" {
            format!("{engine}, native")
        } else {
            (*engine).to_owned()
        }
    }));
    grid[0].extend(header(["× fastest peer", "of native"]));
    for line in lines {
        let cell = |engine| cells.get(&(line, engine)).copied();
        let mut texts = vec![line.0.to_owned(), line.1.to_owned()];
        texts.extend(
            engines
                .iter()
                .map(|&engine| cell(engine).map_or("–".to_owned(), number)),
        );
        let peers = engines
            .iter()
            .filter(|(place, engine)| *place == "browser" && !engine.starts_with(OURS));
        let fastest = peers
            .filter_map(|&engine| cell(engine))
            .min_by(f64::total_cmp);
        texts.push(ratio(fastest, cell(ours)));
        texts.push(ratio(cell(ours), cell(("native", OURS))));
        grid.push(texts);
    }
    grid
}

/// The row of a place that another one is compared with.
fn beside<'a>(rows: &[&'a Row], row: &Row, place: &str, engine: &str) -> Option<&'a Row> {
    rows.iter().copied().find(|other| {
        (other.place.as_str(), other.engine.as_str()) == (place, engine)
            && (&other.rule, &other.net) == (&row.rule, &row.net)
    })
}

/// What a step takes in states of the network, of the usual step.
fn states(rows: &[&Row]) -> Vec<Vec<String>> {
    let mut grid = vec![header([
        "of the usual step, 2-8-8-2/200",
        "rule",
        "in the browser",
        "native",
    ])];
    let first = rows.first().map(|row| row.place.as_str());
    let named = rows
        .iter()
        .filter(|row| row.engine != USUAL && Some(row.place.as_str()) == first);
    grid.extend(named.map(|row| {
        let cell = |place| {
            let time = |engine| beside(rows, row, place, engine).map(|row| row.us_per_step);
            ratio(time(OURS), time(USUAL))
        };
        vec![
            row.net.clone(),
            row.rule.clone(),
            cell("browser"),
            cell("native"),
        ]
    }));
    grid
}

/// Steps per second where the page plays as fast as possible, and of those that one worker makes alone.
fn playing(rows: &[&Row]) -> Vec<Vec<String>> {
    let mut grid = vec![header([
        "played as fast as possible",
        "rules",
        "steps/s on the page",
        "of one worker's, in %",
    ])];
    let played = rows.iter().filter(|row| row.engine != ALONE);
    grid.extend(played.map(|row| {
        let alone = beside(rows, row, &row.place, ALONE);
        let share = alone.map_or("–".to_owned(), |alone| {
            format!("{:.0}", 100.0 * alone.us_per_step / row.us_per_step)
        });
        let rate = number(1e6 / row.us_per_step);
        vec![row.net.clone(), row.rule.clone(), rate, share]
    }));
    grid
}

/// What is waited for on the page.
fn page(rows: &[&Row]) -> Vec<Vec<String>> {
    let mut grid = vec![header(["on the page", "what", "ms"])];
    grid.extend(rows.iter().map(|row| {
        let time = number(row.us_per_step / 1000.0);
        vec![row.net.clone(), row.rule.clone(), time]
    }));
    grid
}

/// A table that reads well as text and as Markdown.
fn markdown(grid: &[Vec<String>]) -> String {
    let widths: Vec<usize> = (0..grid[0].len())
        .map(|i| {
            grid.iter()
                .map(|row| row[i].chars().count())
                .max()
                .unwrap_or(0)
        })
        .collect();
    let line = |row: &[String]| {
        let cells: Vec<String> = row
            .iter()
            .zip(&widths)
            .map(|(cell, &width)| format!("{cell:<width$}"))
            .collect();
        format!("| {} |\n", cells.join(" | "))
    };
    let dashes: Vec<String> = widths.iter().map(|&width| "-".repeat(width + 2)).collect();
    let rest: String = grid[1..].iter().map(|row| line(row)).collect();
    format!("{}|{}|\n{rest}", line(&grid[0]), dashes.join("|"))
}

/// Three significant digits.
fn number(value: f64) -> String {
    let decimals = (2 - value.abs().log10().floor() as i32).clamp(0, 3) as usize;
    format!("{value:.decimals$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(table: Table, place: &str, engine: &str, net: &str, us_per_step: f64) -> Row {
        Row {
            table,
            place: place.into(),
            engine: engine.into(),
            rule: "backprop".into(),
            net: net.into(),
            us_per_step,
        }
    }

    /// The cells of a line of the tables.
    fn cells(rows: &[Row], begins: &str) -> Vec<String> {
        let tables = tables(rows);
        let line = tables.lines().find(|line| line.starts_with(begins));
        let cells = line.expect("a line").split('|').map(str::trim);
        cells.map(str::to_owned).collect()
    }

    #[test]
    fn steps_are_compared_with_the_fastest_peer_and_with_native() {
        let net = "2-8-8-2/200";
        let row = |place, engine, us| row(Table::Steps, place, engine, net, us);
        let rows = [
            row("browser", OURS, 20.0),
            row("browser", "a", 500.0),
            row("browser", "b", 400.0),
            row("browser", "proxprop on a GPU", 10.0),
            row("native", OURS, 8.0),
        ];
        assert_eq!(
            cells(&rows, "| 2-8-8-2/200")[2..10],
            [
                "backprop", "20.0", "500", "400", "10.0", "8.00", "20.0", "2.50"
            ]
        );
    }

    #[test]
    fn states_are_compared_with_the_usual_step_and_play_with_steps_alone() {
        let rows = [
            row(Table::States, "browser", OURS, "dead relu", 12.0),
            row(Table::States, "browser", USUAL, "dead relu", 10.0),
            row(Table::States, "native", OURS, "dead relu", 9.0),
            row(Table::States, "native", USUAL, "dead relu", 10.0),
            row(Table::Playing, "browser", ALONE, "2-8-8-2/200", 18.0),
            row(Table::Playing, "browser", OURS, "2-8-8-2/200", 20.0),
            row(Table::Page, "browser", OURS, "first visit", 612_345.0),
        ];
        let dead = cells(&rows, "| dead relu");
        assert_eq!(dead[2..5], ["backprop", "1.20", "0.900"]);
        let played = cells(&rows, "| 2-8-8-2/200");
        assert_eq!(played[2..5], ["backprop", "50000", "90"]);
        assert_eq!(cells(&rows, "| first visit")[3], "612");
    }

    #[test]
    fn numbers_have_three_digits() {
        assert_eq!(
            [1234.5, 12.345, 0.12345, 0.0012345].map(number),
            ["1234", "12.3", "0.123", "0.001"]
        );
    }
}
