//! `proxprop run`: one run trained to its end, told in a table, files and figures. Knows files, no mathematics.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use proxprop::Named;
use proxprop::frame::{Frame, Network, Peek, Record, Status};
use proxprop::lab;
use proxprop::lab::config::{Config, DataSource, EngineChoice};
use proxprop::lab::csv;
use proxprop::lab::names::{curve_names, run_names};
use proxprop::lab::session::{Command, Event, FIELD_CELLS, Session, Watch};
use proxprop::lab::systems;
use proxprop::nn::Arithmetic;
use proxprop::nn::features::Inputs;
use proxprop::plot::images::View;
use proxprop::plot::neurons::{self, Graph};
use proxprop::plot::number::percent;
use proxprop::plot::{LineChart, Quantity, Run, Theme, XAxis, svg};
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::clock::seconds;
use crate::cores;
use crate::engine::{self, query_of};
use crate::failure::Refusal;
use crate::figure::{Told, figure, query_beside};
use crate::images::{cifar10, cifar10_test};
use crate::input::{read, table};
use crate::link::Link;
use crate::outputs::{Outputs, make_figures_folder, print, say};
use crate::progress::bar;
use crate::system::{self, Places};
use crate::table::columns as aligned;
use crate::whole::whole;

#[derive(Args)]
pub(crate) struct Arguments {
    /// The run, as in the page's address: 'data=circle&run=backprop,tau:10&run=prox-exact,tau:10', or 'preset=circle'; or a related system,
    /// as in 'system=auc&run=prox,l1:0.01'.
    #[arg(required_unless_present = "cells")]
    query: Option<String>,
    /// The cells of a file, as meta-train writes it, for cell:own of system=vsml; without a query they are played beside backprop.
    #[arg(long, value_name = "FILE", conflicts_with = "data")]
    cells: Option<PathBuf>,
    /// Train on the points of a CSV file instead: two columns and a label, or x and y; - is standard input.
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,
    /// The columns of x, y and the label (or of x and y) in that file, by name or number; without it they must be obvious.
    #[arg(long, value_name = "X,Y,LABEL", requires = "data")]
    columns: Option<String>,
    /// The folder of CIFAR-10's binary files, for data=cifar10.
    #[arg(long, value_name = "DIR", conflicts_with = "data")]
    images: Option<PathBuf>,
    /// Write all curves as CSV; - is standard output.
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// Write the charts as SVG files into this folder.
    #[arg(long, value_name = "DIR")]
    svg: Option<PathBuf>,
    /// Write query, final numbers, curves and state as JSON; - is standard output.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Who trains, whatever the query says.
    #[arg(long, value_parser = EngineChoice::NAMES.to_vec())]
    engine: Option<String>,
    /// Compute on the CPU as every machine does, bit for bit, and as the page and maps do. Without it the processor's widest
    /// vectors and fused multiply-adds are used: faster where a network is wide, other roundings.
    #[arg(long)]
    portable: bool,
    /// Threads for the runs; all cores without it. They change no number.
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = whole::<u16>(1, 1024))]
    threads: Option<u16>,
}

/// Trains the run, and prints and writes what is asked for.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Refusal> {
    let Arguments {
        query,
        cells,
        data,
        columns,
        images,
        csv,
        svg,
        json,
        engine,
        portable,
        threads,
    } = arguments;
    let query = match cells {
        None => query.clone().unwrap_or_default(),
        Some(path) => with_cells(query.as_deref(), path)?,
    };
    let link = Link::read(&query)?;
    if let Some(entry) = systems::asked_for(&link.query).map_err(|e| e.to_string())? {
        if data.is_some() {
            return Err("--data: not for a related system; one that takes points of one's own has them in its query, points=0:-0.5,0/1:0,0.5".to_owned());
        }
        if images.is_some() {
            return Err("--images: not for a related system, which learns points".to_owned());
        }
        let places = Places {
            csv: csv.as_deref(),
            svg: svg.as_deref(),
            json: json.as_deref(),
        };
        link.tell();
        let engine = engine.as_deref().and_then(EngineChoice::of_name);
        return system::run(entry, &link.query, engine, &places);
    }
    if data.is_some() {
        own_points(&link.query)?;
    }
    let query = query_of(&query, engine.as_deref())?;
    let arithmetic = if *portable {
        Arithmetic::Portable
    } else {
        Arithmetic::fastest()
    };
    let mut tested = None;
    let session = match images {
        None => Session::in_arithmetic(&query, arithmetic),
        Some(folder) => {
            let config = Config::parse(&query).map_err(|e| e.to_string())?;
            if config.data != DataSource::Cifar10 {
                let data = config.data.name();
                return Err(format!(
                    "--images: does not go with data={data}; allowed: data=cifar10"
                ));
            }
            let files = cifar10(folder)?;
            tested = Some(cifar10_test(folder)?);
            Session::on_images(&query, files, arithmetic)
        }
    };
    let mut session = session.map_err(|e| e.to_string())?.with_clock(seconds);
    let words = match data {
        Some(path) => Some(load(&mut session, path, columns.as_deref())?),
        None => session.remark(),
    };
    let mut outputs = Outputs::default();
    let csv = csv.as_ref().map(|path| outputs.open(path)).transpose()?;
    let json = json.as_ref().map(|path| outputs.open(path)).transpose()?;
    let charts = svg
        .as_ref()
        .map(|folder| charts(&mut outputs, folder, session.config()))
        .transpose()?;

    let watch = Watch {
        fields: charts.is_some(),
        neurons: charts.is_some().then_some(Peek {
            most: neurons::MOST,
            open: None,
        }),
    };
    session
        .apply(Command::Watch(watch))
        .map_err(|e| e.to_string())?;
    if let Some(words) = words {
        say(&format!("{words}\n"));
    }
    train(&mut session, cores::threads(*threads));

    let frame = session.frame();
    if let Some(output) = csv {
        let records = all_records(&session);
        outputs.fill(
            output,
            csv::curves(&frame, &records, session.config().depth() + 1),
        );
    }
    if let Some(output) = json {
        let state = images.is_none();
        outputs.fill(output, report(&mut session, &frame, state)?);
    }
    if let Some(charts) = charts {
        draw(&mut session, &frame, &charts, &mut outputs);
        if let Some(folder) = svg {
            let path = folder.join("query.txt");
            query_beside(&mut outputs, &path, BOUNDARY, &Told::of(session.config()))?;
        }
    }
    let to_stdout = outputs.on_stdout();
    outputs.write()?;
    let mut table = summary(&frame);
    table += &engine::line(session.config().engine, &frame.engine);
    if let Some(file) = tested {
        for (i, share) in session.accuracy_on(&file).into_iter().enumerate() {
            let share = share.map_or("–".to_owned(), |share| percent(share, 1));
            let _ = writeln!(table, "Run {}: {share} of the test images right.", i + 1);
        }
    }
    if to_stdout {
        say(&table);
        return Ok(());
    }
    print(&table)
}

/// The query with the cells of a file, or one that plays them.
fn with_cells(query: Option<&str>, path: &Path) -> Result<String, Refusal> {
    let (name, text) = read(path)?;
    let plays = systems::of_file(&text).map_err(|e| format!("{name}: {e}"))?;
    let Some(query) = query else { return Ok(plays) };
    let link = Link::read(query)?;
    let system = |query: &str| {
        let entry = systems::asked_for(query).ok().flatten();
        entry.map(|entry| entry.about.name)
    };
    if system(&link.query) != system(&plays) || !link.query.contains("cell:own") {
        return Err("--cells: no run of the query plays them; allowed: with cell:own in a run of system=vsml, or without a query".into());
    }
    // What comes of it is read once more, and then there is nothing left to repair.
    link.tell();
    let mut pairs = plays.split('&');
    let own = pairs.find(|pair| pair.starts_with("own="));
    let others = link
        .query
        .split('&')
        .filter(|pair| !pair.starts_with("own="));
    let all: Vec<&str> = others.chain(own).collect();
    Ok(all.join("&"))
}

/// Refuses a query that names other points than those of a file.
fn own_points(query: &str) -> Result<(), Refusal> {
    let pairs = query
        .split(['?', '&'])
        .filter_map(|pair| pair.split_once('='));
    let named = pairs.map(|(key, value)| match key {
        "data" if value != DataSource::State.name() => Err(key),
        "points" => Err(key),
        _ => Ok(()),
    });
    named.collect::<Result<(), _>>().map_err(|key| {
        format!("--data: the query names points of its own ({key}=…); leave out one of the two")
    })
}

/// Puts the points of a CSV file under the runs; what was made of it, in words.
fn load(session: &mut Session, path: &Path, columns: Option<&str>) -> Result<String, Refusal> {
    let (name, text, encoding) = table(path)?;
    let chosen = columns.is_some();
    let columns = columns.unwrap_or_default().to_owned();
    let events = session
        .apply(Command::LoadCsv {
            name,
            text: text.clone(),
            encoding,
            columns,
        })
        .map_err(|e| match lab::table::outline(&text) {
            Some(outline) if !chosen && !outline.obvious => {
                format!("{e} (--columns x,y,label, by name or number)")
            }
            _ => e.to_string(),
        })?;
    let words = events.into_iter().filter_map(|event| match event {
        Event::Notice(words) => Some(words),
        _ => None,
    });
    Ok(words.collect())
}

/// Trains to the end on so many threads, under a bar if somebody sees it.
fn train(session: &mut Session, threads: usize) {
    let total = session.total_steps();
    let bar = bar(total, "steps");
    let pace = if bar.is_hidden() {
        total
    } else {
        total.div_ceil(200)
    };
    engine::train(session, threads, pace, |step| bar.set_position(step));
    bar.finish_and_clear();
}

fn all_records(session: &Session) -> Vec<&[Record]> {
    (0..session.config().runs.len())
        .map(|i| session.records(i))
        .collect()
}

/// What `--json` writes.
#[derive(Serialize)]
struct Report {
    frame: Value,
    query: String,
    records: Value,
    state: Option<Box<RawValue>>,
}

/// With a state only where that has its points: images of files would be hundreds of megabytes.
fn report(session: &mut Session, frame: &Frame, state: bool) -> Result<String, Refusal> {
    // As it stands: its numbers are exact.
    let state = state.then(|| RawValue::from_string(session.state()).ok());
    let state = state.flatten();
    let report = Report {
        frame: json!(frame),
        query: session.config().to_string(),
        records: json!(all_records(session)),
        state,
    };
    let report = serde_json::to_string(&report).map_err(|e| e.to_string())?;
    Ok(format!("{report}\n"))
}

/// Sizes of pictures in CSS pixels; a boundary's is the one with the least room for words.
const LINES: (u32, u32) = (720, 540);
const BOUNDARY: (u32, u32) = (480, 560);
const IMAGES: (u32, u32) = (480, 480);
/// Width of a network, and height of all.
const NETWORK: (u32, u32) = (420, 480);

const NETWORK_TITLE: &str =
    "Networks: weights as lines (dashed below zero), what the last step moved as bars";

/// What is drawn, and where it goes.
enum Chart {
    Loss,
    StepSizes(Quantity),
    Network,
    Boundary(usize),
    Images(View),
}

fn charts(
    outputs: &mut Outputs,
    folder: &Path,
    config: &Config,
) -> Result<Vec<(Chart, usize)>, Refusal> {
    make_figures_folder(folder)?;
    let mut charts = vec![(Chart::Loss, outputs.open(&folder.join("loss.svg"))?)];
    for &quantity in Quantity::ALL {
        let name = format!("{}.svg", quantity.name());
        charts.push((
            Chart::StepSizes(quantity),
            outputs.open(&folder.join(name))?,
        ));
    }
    let runs = config.runs.len();
    // Images and tables lie in no plane.
    if config.data.is_beyond_a_plane() {
        for view in View::of_runs(runs, config.data.images().is_some()) {
            let name = format!("{}.svg", view.key());
            charts.push((Chart::Images(view), outputs.open(&folder.join(name))?));
        }
        return Ok(charts);
    }
    charts.push((Chart::Network, outputs.open(&folder.join("network.svg"))?));
    for run in 0..runs {
        let name = format!("boundary-{}.svg", run + 1);
        charts.push((Chart::Boundary(run), outputs.open(&folder.join(name))?));
    }
    Ok(charts)
}

fn draw(session: &mut Session, frame: &Frame, charts: &[(Chart, usize)], outputs: &mut Outputs) {
    let (fields, networks) = session.fields(FIELD_CELLS);
    let images = session.images(&[]);
    let names = run_names(&session.config().runs_at(frame.step));
    let whole = curve_names(session.config(), frame.step);
    let runs: Vec<Run> = whole
        .iter()
        .zip(&frame.members)
        .zip(all_records(session))
        .map(|((name, member), records)| Run {
            name,
            records,
            divergence: member.divergence.as_ref(),
        })
        .collect();
    let all = format!("ProxProp Lab: {}", names.join(", "));
    let end = frame.total_steps as f64;
    let (told, arithmetic) = (Told::of(session.config()), &frame.arithmetic);
    let lines = |chart: &LineChart| {
        let draw = |size, theme: &Theme| svg::lines(chart, size, end, theme);
        figure(&all, LINES, draw, &told, arithmetic)
    };
    for (chart, output) in charts {
        let text = match *chart {
            Chart::Loss => lines(&LineChart::loss_and_energy(&runs, XAxis::Steps, true)),
            Chart::StepSizes(quantity) => {
                lines(&LineChart::step_sizes(&runs, XAxis::Steps, quantity))
            }
            Chart::Network => {
                let graphs = graphs(session, frame, &names, &networks);
                let size = (NETWORK.0 * graphs.len().max(1) as u32, NETWORK.1);
                let draw = |size, theme: &Theme| svg::neurons(&graphs, size, theme);
                figure(NETWORK_TITLE, size, draw, &told, arithmetic)
            }
            Chart::Boundary(run) => {
                let title = format!("Decision boundary of {}", names[run]);
                let draw = |size, theme: &Theme| {
                    svg::boundary_figure(&fields[run], session.scene(), size, theme)
                };
                figure(&title, BOUNDARY, draw, &told, arithmetic)
            }
            Chart::Images(view) => {
                let Some(images) = &images else { continue };
                let draw = |size, theme: &Theme| view.svg(images, size, theme);
                figure(&view.title(images), IMAGES, draw, &told, arithmetic)
            }
        };
        outputs.fill(*output, text);
    }
}

/// The networks of all runs, to be drawn beside each other.
fn graphs<'a>(
    session: &Session,
    frame: &'a Frame,
    names: &'a [String],
    networks: &'a [Network],
) -> Vec<Graph<'a>> {
    let scene = session.scene();
    let inputs = Inputs::new(scene.inputs, session.config().features);
    let inputs = inputs.map_or(Vec::new(), |inputs| {
        inputs.features().map(|feature| feature.symbol).collect()
    });
    let members = frame.members.iter().zip(names).zip(networks).enumerate();
    members
        .map(|(run, ((member, name), network))| Graph {
            run,
            name,
            network,
            layers: &member.layers,
            inputs: inputs.clone(),
            classes: scene.classes,
        })
        .collect()
}

/// One row per run.
fn summary(frame: &Frame) -> String {
    let heads = [
        "run",
        "rule",
        "optimizer",
        "tau",
        "status",
        "loss",
        "validation",
        "accuracy",
        "steps",
        "µs/step",
    ];
    let mut rows = vec![heads.map(str::to_owned)];
    let optional =
        |value: Option<f64>, words: fn(f64) -> String| value.map_or("-".to_owned(), words);
    for (i, member) in frame.members.iter().enumerate() {
        let (status, steps) = match (member.status, member.diverged_at) {
            (Status::Training, _) => ("training", frame.step),
            (Status::Done, _) => ("done", frame.step),
            (Status::Diverged, at) => ("diverged", at.unwrap_or(frame.step)),
        };
        rows.push([
            (i + 1).to_string(),
            member.rule.clone(),
            member.optimizer.clone(),
            member.tau.to_string(),
            status.to_owned(),
            format!("{:.4e}", member.loss),
            optional(member.validation_loss, |v| format!("{v:.4e}")),
            // One word, as all columns.
            optional(member.accuracy, |share| percent(share, 1).replace(' ', "")),
            steps.to_string(),
            format!("{:.1}", 1e6 * member.seconds_per_step),
        ]);
    }
    let mut text = aligned(&rows);
    for (i, member) in frame.members.iter().enumerate() {
        let (zeros, all) = (member.zero_weights, member.weights);
        if zeros > 0 {
            let _ = writeln!(text, "Run {}: {zeros} of {all} weights are 0.", i + 1);
        }
    }
    let explanations = frame.members.iter().filter_map(|m| m.explanation.as_ref());
    // The end of all epochs needs no word.
    let stopped = frame
        .stopped
        .iter()
        .filter(|_| frame.step < frame.total_steps);
    for line in explanations.chain(stopped) {
        let _ = writeln!(text, "{line}");
    }
    text
}
