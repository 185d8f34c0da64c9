//! Measurements inside headless Chromium: our wasm and other libraries take turns in one worker.
//! What is measured, and how, is in `benches/browser/`; here it is built, started and tabulated.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::process::{cargo, command, root, run};
use crate::{site, test};

const OURS: &str = "proxprop";
/// Before the name of a state: the usual one that it is compared with.
const USUAL: &str = "usual beside ";
/// How rows end that time the steps of two runs on the page, and the same steps alone.
const PLAYED: &str = ", played on the page";
const ALONE: &str = ", steps alone";

/// One median.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Row {
    /// `browser` or `native`.
    #[serde(rename = "where")]
    place: String,
    engine: String,
    rule: String,
    net: String,
    us_per_step: f64,
}

/// Measures, prints the table, and writes the rows to `json` if asked.
pub(crate) fn bench(json: Option<&Path>) -> Result<()> {
    let chromium = test::chromium()?;
    test::npm_ci("benches/browser")?;
    let folder = site::target_directory()?.join("bench-site");
    site::remove(&folder)?;
    site::copy(&site::build()?, &folder.join("site"))?;
    site::package(&folder.join("pkg"), &["bench"])?;
    run(&mut cargo(&[
        "bench", "--quiet", "--bench", "steps", "--", "--quiet",
    ]))?;
    let mut rows = native_rows()?;

    let mut node = command("node", &["measure.js"]);
    node.arg(&folder)
        .current_dir(root().join("benches/browser"))
        .env("CHROMIUM", chromium);
    let output = node
        .stderr(Stdio::inherit())
        .output()
        .context("cannot start node")?;
    anyhow::ensure!(
        output.status.success(),
        "the measurements in the browser failed ({})",
        output.status
    );
    let browser: Vec<Row> =
        serde_json::from_slice(&output.stdout).context("the measurements make no sense")?;
    rows.splice(0..0, browser);

    print!("{}", table(&rows));
    if let Some(path) = json {
        let text = serde_json::to_string_pretty(&rows)? + "\n";
        fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
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
    let steps = nets.into_iter().flat_map(|net| {
        ["backprop", "prox-exact", "prox-cg3"].map(|rule| {
            (
                format!("step/{rule}/{}", net.replace('/', "_")),
                rule,
                net.to_owned(),
                1.0,
            )
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
    ];
    let others =
        others.map(|(folder, rule, net, times)| (folder.to_owned(), rule, net.to_owned(), times));
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
        [("state", ""), ("usual", USUAL)].map(|(is, usual)| {
            let net = format!("2-8-8-2/200, {usual}{state}");
            (format!("state/{state} {is}/{rule}"), rule, net, 1.0 / 300.0)
        })
    });
    steps
        .chain(states)
        .chain(others)
        .map(|(folder, rule, net, times)| {
            let path = criterion.join(folder).join("new/estimates.json");
            let text = fs::read_to_string(&path)
                .with_context(|| format!("cannot read {}", path.display()))?;
            let estimates: serde_json::Value = serde_json::from_str(&text)?;
            let nanoseconds = estimates["median"]["point_estimate"]
                .as_f64()
                .context("criterion's estimates have no median")?;
            let us_per_step = nanoseconds / 1000.0 * times;
            Ok(Row {
                place: "native".into(),
                engine: OURS.into(),
                rule: rule.into(),
                net,
                us_per_step,
            })
        })
        .collect()
}

/// One line per workload: ours, the peers, how many times faster than the fastest of them, and against native.
fn table(rows: &[Row]) -> String {
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
    let mut grid = vec![vec!["µs per step, medians".to_owned(), "rule".to_owned()]];
    grid[0].extend(engines.iter().map(|(place, engine)| {
        if *place == "native" {
            format!("{engine}, native")
        } else {
            (*engine).to_owned()
        }
    }));
    grid[0].extend(["× fastest peer", "of native"].map(str::to_owned));
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
        let ratio = |a: Option<f64>, b: Option<f64>| {
            a.zip(b).map_or("–".to_owned(), |(a, b)| number(a / b))
        };
        texts.push(ratio(fastest, cell(ours)));
        texts.push(ratio(cell(ours), cell(("native", OURS))));
        grid.push(texts);
    }
    let nanoseconds = rows.iter().filter(|row| row.rule == "tanh").map(|row| {
        format!(
            "{} ({}): {} ns",
            row.engine,
            row.place,
            number(row.us_per_step * 1000.0 / 65536.0)
        )
    });
    let many = rows.iter().filter(|row| row.net.contains("one of"));
    let rates = many.map(|row| {
        format!(
            "{} ({}), {}: {:.0}",
            row.engine,
            row.place,
            row.rule,
            1e6 / row.us_per_step
        )
    });
    let states = rows.iter().filter_map(|row| {
        let usual = rows.iter().find(|usual| {
            let same =
                (&usual.place, &usual.engine, &usual.rule) == (&row.place, &row.engine, &row.rule);
            same && usual.net.contains(USUAL) && usual.net.replacen(USUAL, "", 1) == row.net
        })?;
        let times = number(row.us_per_step / usual.us_per_step);
        Some(format!(
            "{} ({}, {}): {times}",
            row.net, row.rule, row.place
        ))
    });
    format!(
        "{}\nper tanh: {}\nmember-steps per second: {}\nof the usual step: {}\nsteps per second on the page over those of the \
         engine: {}\n",
        markdown(&grid),
        nanoseconds.collect::<Vec<_>>().join(", "),
        rates.collect::<Vec<_>>().join(", "),
        states.collect::<Vec<_>>().join("; "),
        played(rows).join(", ")
    )
}

/// What share of its engine's speed is left where the page plays as fast as possible, all panels open.
fn played(rows: &[Row]) -> Vec<String> {
    let alone = |net: &str| rows.iter().find(|row| row.net == format!("{net}{ALONE}"));
    let shares = rows.iter().filter_map(|live| {
        let net = live.net.strip_suffix(PLAYED)?;
        let share = alone(net)?.us_per_step / live.us_per_step;
        Some(format!("{net}: {:.0} %", 100.0 * share))
    });
    shares.collect()
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

    #[test]
    fn the_table_compares_with_the_fastest_peer_and_with_native() {
        let row = |place: &str, engine: &str, us_per_step| Row {
            place: place.into(),
            engine: engine.into(),
            rule: "backprop".into(),
            net: "2-8-8-2/200".into(),
            us_per_step,
        };
        let rows = [
            row("browser", OURS, 20.0),
            row("browser", "a", 500.0),
            row("browser", "b", 400.0),
            row("browser", "proxprop on a GPU", 10.0),
            row("native", OURS, 8.0),
        ];
        let table = table(&rows);
        let line = table.lines().nth(2).unwrap();
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        assert_eq!(
            cells[1..10],
            [
                "2-8-8-2/200",
                "backprop",
                "20.0",
                "500",
                "400",
                "10.0",
                "8.00",
                "20.0",
                "2.50"
            ]
        );
    }

    #[test]
    fn what_is_played_is_compared_with_the_same_steps_alone() {
        let row = |what: &str, us_per_step| Row {
            place: "browser".into(),
            engine: OURS.into(),
            rule: "backprop + prox-exact".into(),
            net: format!("2-8-8-2/200{what}"),
            us_per_step,
        };
        let table = table(&[row(ALONE, 18.0), row(PLAYED, 20.0)]);
        let last = table.lines().last().unwrap();
        assert!(last.ends_with("of the engine: 2-8-8-2/200: 90 %"), "{last}");
    }

    #[test]
    fn numbers_have_three_digits() {
        assert_eq!(
            [1234.5, 12.345, 0.12345, 0.0012345].map(number),
            ["1234", "12.3", "0.123", "0.001"]
        );
    }
}
