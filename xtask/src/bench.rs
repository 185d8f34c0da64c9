//! Measurements inside headless Chromium, where our wasm and other libraries take turns in one worker, and natively.
//! What is measured, and how, is in `benches/`; here it is built, started and tabulated.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result, ensure};
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
    Members,
    Training,
    Systems,
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
    /// Of a row that is no time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    megabytes: Option<f64>,
}

/// What the browser has measured.
#[derive(Deserialize)]
struct InBrowser {
    /// When and on what, in words.
    measured: String,
    rows: Vec<Row>,
}

/// Measures, prints the part of README that has the figures, and writes the rows to `json` if asked; only what has one of the words in
/// its name, if there are any.
pub(crate) fn bench(only: &[String], json: Option<&Path>) -> Result<()> {
    let chromium = test::chromium()?;
    test::npm_ci("benches/browser")?;
    let folder = site::target_directory()?.join("bench-site");
    site::remove(&folder)?;
    site::copy(&site::build()?, &folder.join("site"))?;
    site::package(&folder.join("pkg"), &["bench"])?;
    let mut native = cargo(&["bench", "--quiet", "--bench", "steps", "--", "--quiet"]);
    native.args(["--warm-up-time", "0.5", "--measurement-time", "1.5"]);
    if !only.is_empty() {
        native.arg(only.join("|"));
    }
    // What was measured another time is no row.
    let criterion = site::target_directory()?.join("criterion");
    site::remove(&criterion)?;
    eprintln!("{}", output(&mut native)?);
    let peers = if only.is_empty() {
        beside_numpy()?
    } else {
        None
    };

    let mut node = command("node", &["measure.js"]);
    node.arg(&folder)
        .args(only)
        .current_dir(root().join("benches/browser"))
        .env("CHROMIUM", chromium);
    let InBrowser { measured, mut rows } =
        serde_json::from_str(&output(&mut node)?).context("the measurements make no sense")?;
    rows.extend(native_rows(&criterion)?);
    ensure!(
        !rows.is_empty(),
        "no measurement has one of these words in its name: {}; --help lists them",
        only.join(", ")
    );

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

/// What criterion has just measured of the workloads that the browser runs too, and of meta-training.
fn native_rows(criterion: &Path) -> Result<Vec<Row>> {
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
    ];
    let others = others.map(|(folder, rule, net, times)| {
        (Table::Steps, folder.to_owned(), OURS, rule, net, times)
    });
    let training = [
        (CLONE, "clone", 1.0),
        (RULE[0].0, "rule", RULE[0].1),
        (RULE[1].0, "rule", RULE[1].1),
    ];
    let training = training.map(|(name, rule, times)| {
        (
            Table::Training,
            format!("vsml/{name}"),
            OURS,
            rule,
            name,
            times,
        )
    });
    let mut rows = Vec::new();
    for (table, folder, engine, rule, net, times) in
        steps.chain(states).chain(others).chain(training)
    {
        if let Some(us) = median(&criterion.join(folder))? {
            rows.push(native(table, (engine, rule, net), us * times));
        }
    }
    for (net, rule, us) in systems_timed(criterion)? {
        let (table, rule, net, times) = match net.as_str() {
            "together" => (Table::Systems, "step", rule, 0.01),
            "grid check" => (Table::Members, "grid check", "flat".to_owned(), 1.0),
            _ => (Table::Members, rule.as_str(), net, 1.0),
        };
        rows.push(native(table, (OURS, rule, &net), us * times));
    }
    Ok(rows)
}

/// A whole cloning; and an iteration of each phase of a rule's meta-training, with how many of them there are.
const CLONE: &str = "clone, 20000 iterations";
const RULE: [(&str, f64); 2] = [
    ("rule, iteration of 100 samples", 1000.0),
    ("rule, iteration of 300 samples", 400.0),
];

/// A row that was measured natively, in microseconds.
fn native(table: Table, (engine, rule, net): (&str, &str, &str), us_per_step: f64) -> Row {
    Row {
        table,
        place: "native".into(),
        engine: engine.into(),
        rule: rule.into(),
        net: net.into(),
        us_per_step,
        megabytes: None,
    }
}

/// Criterion's median of a folder, in microseconds; `None` of what was not measured.
fn median(folder: &Path) -> Result<Option<f64>> {
    let path = folder.join("new/estimates.json");
    if !path.exists() {
        return Ok(None);
    }
    let nanoseconds = json(&path)?["median"]["point_estimate"].as_f64();
    let nanoseconds = nanoseconds.context("criterion's estimates have no median")?;
    Ok(Some(nanoseconds / 1000.0))
}

fn json(path: &Path) -> Result<serde_json::Value> {
    let text =
        fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(serde_json::from_str(&text)?)
}

/// What criterion has just measured of related systems: system, run and microseconds.
fn systems_timed(criterion: &Path) -> Result<Vec<(String, String, f64)>> {
    let mut found = Vec::new();
    let mut folders = vec![criterion.join("systems")];
    while let Some(folder) = folders.pop() {
        if let Some(us) = median(&folder)? {
            let told = json(&folder.join("new/benchmark.json"))?;
            let text = |key: &str| told[key].as_str().unwrap_or_default().to_owned();
            found.push((text("function_id"), text("value_str"), us));
        } else if folder.is_dir() {
            for entry in fs::read_dir(&folder)? {
                folders.push(entry?.path());
            }
        }
    }
    found.sort_by(|a, b| (&a.0, &a.1).cmp(&(&b.0, &b.1)));
    Ok(found)
}

/// All tables, in Markdown.
fn tables(rows: &[Row]) -> String {
    let of = |table| rows.iter().filter(move |row| row.table == table);
    let all = [
        steps(&of(Table::Steps).collect::<Vec<_>>()),
        states(&of(Table::States).collect::<Vec<_>>()),
        playing(&of(Table::Playing).collect::<Vec<_>>()),
        members(&of(Table::Members).collect::<Vec<_>>()),
        systems(&of(Table::Systems).collect::<Vec<_>>()),
        training(&of(Table::Training).collect::<Vec<_>>()),
        page(&of(Table::Page).collect::<Vec<_>>()),
    ];
    // Where nothing was measured there is no table.
    let all = all.iter().filter(|grid| grid.len() > 1);
    all.map(|grid| markdown(grid))
        .collect::<Vec<_>>()
        .join("\n")
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

/// What a step of each run of the related systems takes, alone.
fn members(rows: &[&Row]) -> Vec<Vec<String>> {
    let mut grid = vec![header([
        "µs per step, alone",
        "run",
        "in the browser",
        "native",
        "of native",
        "a second in the browser",
    ])];
    let mut lines: Vec<(&str, &str)> = Vec::new();
    for row in rows {
        if !lines.contains(&(&row.net, &row.rule)) {
            lines.push((&row.net, &row.rule));
        }
    }
    grid.extend(lines.into_iter().map(|(net, rule)| {
        let of = |place| {
            let mut rows = rows.iter();
            let row = rows.find(|row| row.place == place && row.net == net && row.rule == rule);
            row.map(|row| row.us_per_step)
        };
        let (browser, native) = (of("browser"), of("native"));
        let shown = |us: Option<f64>| us.map_or("–".to_owned(), number);
        vec![
            net.to_owned(),
            rule.to_owned(),
            shown(browser),
            shown(native),
            ratio(browser, native),
            shown(browser.map(|us| 1e6 / us)),
        ]
    }));
    grid
}

/// Steps per second of all usual runs of a system, natively and played as fast as possible; what a frame costs; what it keeps.
fn systems(rows: &[&Row]) -> Vec<Vec<String>> {
    let mut grid = vec![header([
        "all usual runs together",
        "steps/s on the page",
        "native",
        "ms of a frame's script, and 95 %",
        "of its whole task, and 95 %",
        "MB of the tab",
    ])];
    let mut names: Vec<&str> = Vec::new();
    for row in rows {
        if !names.contains(&row.net.as_str()) {
            names.push(&row.net);
        }
    }
    grid.extend(names.into_iter().map(|net| {
        let of = |place: &str, rule: &str| {
            let mut rows = rows.iter();
            let row = rows.find(|row| row.net == net && row.place == place && row.rule == rule);
            row.map(|row| row.us_per_step)
        };
        let rate = |place| of(place, "step").map_or("–".to_owned(), |us| number(1e6 / us));
        let frame = |what: &str| {
            let late = [what, ", 95 %"].concat();
            let both = of("browser", what).zip(of("browser", &late));
            both.map_or("–".to_owned(), |(median, late)| {
                [number(median / 1000.0), number(late / 1000.0)].join(", ")
            })
        };
        let memory = rows.iter().filter(|row| row.net == net);
        let memory = memory.filter_map(|row| Some(format!("{} {:.0}", row.rule, row.megabytes?)));
        let memory = memory.collect::<Vec<_>>().join(", ");
        vec![
            net.to_owned(),
            rate("browser"),
            rate("native"),
            frame("script"),
            frame("whole task"),
            if memory.is_empty() {
                "–".to_owned()
            } else {
                memory
            },
        ]
    }));
    grid
}

/// What meta-training takes on all cores.
fn training(rows: &[&Row]) -> Vec<Vec<String>> {
    let mut grid = vec![header(["meta-train, on all cores", "s in all"])];
    let kinds = ["clone", "rule"].map(|kind| {
        let of_kind: Vec<f64> = rows
            .iter()
            .filter(|row| row.rule == kind)
            .map(|row| row.us_per_step / 1e6)
            .collect();
        let all = if kind == "clone" { 1 } else { RULE.len() };
        (of_kind.len() == all).then(|| vec![kind.to_owned(), number(of_kind.iter().sum())])
    });
    grid.extend(kinds.into_iter().flatten());
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
            megabytes: None,
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
    fn a_related_system_is_told_in_one_line_and_a_rule_is_of_two_phases() {
        let of = |table, place, rule: &str, net: &str, us, megabytes| Row {
            rule: rule.into(),
            megabytes,
            ..row(table, place, OURS, net, us)
        };
        let on = |place, rule, us| of(Table::Systems, place, rule, "auc", us, None);
        let memory = of(
            Table::Systems,
            "browser",
            "after 9 steps",
            "auc",
            0.0,
            Some(130.4),
        );
        let trained = |net, us| of(Table::Training, "native", "rule", net, us, None);
        let rows = [
            on("browser", "step", 10.0),
            on("browser", "script", 1200.0),
            on("browser", "script, 95 %", 2000.0),
            memory,
            on("native", "step", 5.0),
            of(
                Table::Members,
                "browser",
                "prox",
                "member of auc",
                2.0,
                None,
            ),
            of(Table::Members, "native", "prox", "member of auc", 1.0, None),
            trained(RULE[0].0, 60e6),
            trained(RULE[1].0, 40e6),
        ];
        assert_eq!(
            cells(&rows, "| auc")[2..7],
            ["100000", "200000", "1.20, 2.00", "–", "after 9 steps 130"]
        );
        assert_eq!(
            cells(&rows, "| member of auc")[2..7],
            ["prox", "2.00", "1.00", "2.00", "500000"]
        );
        assert_eq!(cells(&rows, "| rule")[2], "100");
        let clone = tables(&rows)
            .lines()
            .any(|line| line.starts_with("| clone"));
        assert!(!clone, "half a measurement is none");
    }

    #[test]
    fn numbers_have_three_digits() {
        assert_eq!(
            [1234.5, 12.345, 0.12345, 0.0012345].map(number),
            ["1234", "12.3", "0.123", "0.001"]
        );
    }
}
