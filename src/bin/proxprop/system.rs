//! `proxprop run 'system=…'`: a related system played to its end, told in a table, files and figures. Knows files, no system.

use std::fmt::Write as _;
use std::path::Path;

use proxprop::frame::Status;
use proxprop::frame::stage::{Chart, Picture, Point, Stage};
use proxprop::lab::config::EngineChoice;
use proxprop::lab::csv;
use proxprop::lab::systems::{AFTER, Entry, Measures, Play, report};
use proxprop::plot::{LineChart, Theme, number::short, stage::end, svg};

use crate::engine;
use crate::failure::Refusal;
use crate::figure::{Told, figure};
use crate::outputs::{Outputs, make_figures_folder, print, say};
use crate::progress::bar;
use crate::table::columns as aligned;

/// Where the results go.
pub(crate) struct Places<'a> {
    pub(crate) csv: Option<&'a Path>,
    pub(crate) svg: Option<&'a Path>,
    pub(crate) json: Option<&'a Path>,
}

/// Plays the run of a query, whatever engine is asked for, and prints and writes what is asked for.
pub(crate) fn run(
    entry: &Entry,
    query: &str,
    engine: Option<EngineChoice>,
    places: &Places,
) -> Result<(), Refusal> {
    let mut system = (entry.open)(query).map_err(|e| e.to_string())?;
    let mut outputs = Outputs::default();
    let csv = places.csv.map(|path| outputs.open(path)).transpose()?;
    let json = places.json.map(|path| outputs.open(path)).transpose()?;
    let figures = places
        .svg
        .map(|folder| figures(&mut outputs, folder, &*system))
        .transpose()?;
    play(&mut *system);
    let stage = system.stage();
    let points: Vec<&[Point]> = (0..stage.columns.len())
        .map(|run| system.points(run))
        .collect();
    if let Some(output) = csv {
        outputs.fill(output, csv::stage(&stage, system.measures().all, &points));
    }
    if let Some(output) = json {
        outputs.fill(output, report(&*system));
    }
    for (what, output) in figures.unwrap_or_default() {
        outputs.fill(output, drawn(what, &*system, &stage, &points));
    }
    let to_stdout = outputs.on_stdout();
    outputs.write()?;
    let mut table = summary(&stage);
    if let Some(choice) = engine {
        table += &engine::line(choice, &engine::of_system(choice));
    }
    if to_stdout {
        say(&table);
        return Ok(());
    }
    print(&table)
}

/// Plays to the end, under a bar if somebody sees it.
fn play(system: &mut dyn Play) {
    let total = system.total_steps();
    let bar = bar(total, "steps");
    let pace = if bar.is_hidden() {
        total
    } else {
        total.div_ceil(200)
    };
    while !system.finished() {
        system.advance(pace);
        bar.set_position(system.step());
    }
    bar.finish_and_clear();
}

/// What is drawn.
#[derive(Clone, Copy)]
enum Drawn {
    Chart(&'static Chart),
    /// Of a run.
    Own(usize, usize),
    /// Of all.
    Shared(usize),
}

fn figures(
    outputs: &mut Outputs,
    folder: &Path,
    system: &dyn Play,
) -> Result<Vec<(Drawn, usize)>, Refusal> {
    make_figures_folder(folder)?;
    let mut figures = Vec::new();
    let mut open = |what, name: &str| -> Result<(), Refusal> {
        figures.push((what, outputs.open(&folder.join(format!("{name}.svg")))?));
        Ok(())
    };
    for chart in system.measures().charts {
        open(Drawn::Chart(chart), chart.key)?;
    }
    let stage = system.stage();
    for (run, column) in stage.columns.iter().enumerate() {
        for (k, picture) in column.pictures.iter().enumerate() {
            open(Drawn::Own(run, k), &format!("{}-{}", picture.key, run + 1))?;
        }
    }
    for (k, picture) in stage.pictures.iter().enumerate() {
        open(Drawn::Shared(k), &picture.key)?;
    }
    Ok(figures)
}

fn drawn(what: Drawn, system: &dyn Play, stage: &Stage, points: &[&[Point]]) -> String {
    let names: Vec<&str> = stage
        .columns
        .iter()
        .map(|column| column.name.as_str())
        .collect();
    let told = Told::system(system.query(), system.short());
    let title = system.about().title;
    let pictured = |picture: &Picture, of: &str| {
        let draw = |size, theme: &Theme| svg::picture(picture, &names, size, theme);
        let title = format!("{title}: {}{of}", picture.title);
        figure(&title, (480, 560), draw, &told, "portable")
    };
    match what {
        Drawn::Chart(chart) => {
            let labels = labels(system.measures());
            let lines = LineChart::of_stage(chart, &labels, stage, points);
            let end = end(chart, stage, points);
            let draw = |size, theme: &Theme| svg::lines(&lines, size, end, theme);
            let all = format!("{title}: {}", names.join(", "));
            figure(&all, (720, 540), draw, &told, "portable")
        }
        Drawn::Own(run, k) => pictured(
            &stage.columns[run].pictures[k],
            &format!(", {}", names[run]),
        ),
        Drawn::Shared(k) => pictured(&stage.pictures[k], ""),
    }
}

fn labels(measures: &'static Measures) -> Vec<&'static str> {
    measures.all.iter().map(|measure| measure.label).collect()
}

/// One row per run; a number that one of them lacks is a dash.
fn summary(stage: &Stage) -> String {
    let mut heads: Vec<&str> = Vec::new();
    for number in stage.columns.iter().flat_map(|column| &column.numbers) {
        if !heads.contains(&number.label.as_str()) {
            heads.push(&number.label);
        }
    }
    let first = ["run", "method", "status", "steps"].map(str::to_owned);
    let mut rows = vec![
        first
            .into_iter()
            .chain(heads.iter().map(|head| (*head).to_owned()))
            .collect::<Vec<String>>(),
    ];
    for (run, column) in stage.columns.iter().enumerate() {
        let (status, steps) = match (column.status, column.diverged_at) {
            (Status::Training, _) => ("training", stage.step),
            (Status::Done, _) => ("done", stage.step),
            (Status::Diverged, at) => ("diverged", at.unwrap_or(stage.step)),
        };
        let mut row = vec![
            (run + 1).to_string(),
            column.name.clone(),
            status.to_owned(),
            steps.to_string(),
        ];
        row.extend(heads.iter().map(|head| {
            let number = column.numbers.iter().find(|number| number.label == *head);
            let value = number.map_or(f64::NAN, |number| number.value);
            if value.is_nan() {
                "-".to_owned()
            } else {
                short(value)
            }
        }));
        rows.push(row);
    }
    let mut text = aligned(&rows);
    for (run, column) in stage.columns.iter().enumerate() {
        if let Some(step) = column.diverged_at {
            let _ = writeln!(text, "Run {} diverged at step {step}. {AFTER}", run + 1);
        }
    }
    if let Some(why) = &stage.stopped {
        let _ = writeln!(text, "{why}");
    }
    for level in &stage.levels {
        let _ = writeln!(
            text,
            "{} ({}): {}",
            level.label,
            level.chart,
            short(level.at)
        );
    }
    text
}
