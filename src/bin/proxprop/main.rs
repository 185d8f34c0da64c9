//! The lab on the command line: `proxprop run | map | trace | params | presets`. Knows files and terminals, no mathematics.
//!
//! Bad input of every kind ends with status 2 and one line on standard error, before anything is written.

mod engine;
mod map;

use std::fmt::Write as _;
use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::OnceLock;
use std::time::Instant;

use clap::error::ErrorKind;
use clap::{Parser, Subcommand, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use proxprop::Named;
use proxprop::frame::{Frame, Record, Status};
use proxprop::lab::config::{Clause, Config, EngineChoice, GRAMMAR, Setting};
use proxprop::lab::csv;
use proxprop::lab::names::run_names;
use proxprop::lab::presets::PRESETS;
use proxprop::lab::session::{Command, Event, Session, Watch};
use proxprop::lab::state::StateFile;
use proxprop::lab::trace::trace;
use proxprop::plot::{LineChart, Quantity, Run, Theme, XAxis, svg};
use serde_json::json;

/// Explicit and implicit gradient steps, side by side.
#[derive(Parser)]
#[command(name = "proxprop", version)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Train a run to its end and print how it went.
    Run {
        /// The run, as in the page's address: 'data=circle&run=backprop,tau:10&run=prox-exact,tau:10', or 'preset=circle'.
        query: String,
        /// Train on the points of a CSV file instead: two columns and a label, or x and y; - is standard input.
        #[arg(long, value_name = "FILE")]
        data: Option<PathBuf>,
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
    },
    /// Train a run from every cell of a grid of settings.
    Map(map::Arguments),
    /// Make steps from a state file and write every number of each as JSON.
    Trace {
        /// The state file; - is standard input.
        #[arg(long, value_name = "FILE")]
        state: PathBuf,
        /// How many steps.
        #[arg(long, value_name = "K", value_parser = clap::value_parser!(u64).range(1..=100_000))]
        steps: u64,
        /// The precision to compute in.
        #[arg(long, value_enum, default_value = "f64")]
        precision: Precision,
        /// Where to write; - is standard output.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// List every parameter of a run with its default and range.
    Params,
    /// List the presets: runs with a question for the class, for `preset=NAME` in any query.
    Presets {
        /// With their answers and queries.
        #[arg(long)]
        answers: bool,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum Precision {
    F32,
    F64,
}

/// One line for standard error.
type Refusal = String;

fn main() -> ExitCode {
    let task = match Cli::try_parse() {
        Ok(cli) => cli.task,
        Err(e) if matches!(e.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => {
            return finish(print(&e.to_string()));
        }
        Err(e) => return finish(Err(one_line(&e))),
    };
    finish(match task {
        Task::Run {
            query,
            data,
            csv,
            svg,
            json,
            engine,
        } => with_engine(query, engine.as_deref()).and_then(|query| {
            run(
                &query,
                data.as_deref(),
                csv.as_deref(),
                svg.as_deref(),
                json.as_deref(),
            )
        }),
        Task::Map(arguments) => match map::map(&arguments) {
            Ok(code) => return code,
            Err(refusal) => Err(refusal),
        },
        Task::Trace {
            state,
            steps,
            precision,
            out,
        } => write_trace(&state, steps, precision, &out),
        Task::Params => print(&parameters()),
        Task::Presets { answers } => print(&presets(answers)),
    })
}

fn finish(outcome: Result<(), Refusal>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(refusal) => {
            eprintln!("proxprop: {refusal}");
            ExitCode::from(2)
        }
    }
}

/// clap's first paragraph, without the usage that follows.
fn one_line(error: &clap::Error) -> Refusal {
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        return "a command is missing; allowed: run, map, trace, params, presets (see --help)"
            .to_owned();
    }
    let text = error.to_string();
    let lines: Vec<&str> = text
        .lines()
        .map(str::trim)
        .take_while(|line| !line.is_empty())
        .collect();
    let line = lines.join(" ");
    line.strip_prefix("error: ").unwrap_or(&line).to_owned()
}

/// The query with another engine.
fn with_engine(query: String, engine: Option<&str>) -> Result<String, Refusal> {
    let Some(engine) = engine else {
        return Ok(query);
    };
    if engine == EngineChoice::Gpu.name() && !cfg!(feature = "gpu") {
        return Err(
            "--engine gpu: this build has no GPU engine; cargo build --release --features gpu makes one that has"
                .to_owned(),
        );
    }
    let mut config = Config::parse(&query).map_err(|e| e.to_string())?;
    config.set("engine", engine).map_err(|e| e.to_string())?;
    Ok(config.to_string())
}

fn run(
    query: &str,
    data: Option<&Path>,
    csv: Option<&Path>,
    svg: Option<&Path>,
    json: Option<&Path>,
) -> Result<(), Refusal> {
    let mut session = Session::new(query)
        .map_err(|e| e.to_string())?
        .with_clock(seconds);
    let words = data.map(|path| load(&mut session, path)).transpose()?;
    let mut outputs = Outputs::default();
    let csv = csv.map(|path| outputs.open(path)).transpose()?;
    let json = json.map(|path| outputs.open(path)).transpose()?;
    let charts = svg
        .map(|folder| charts(&mut outputs, folder, session.config().runs.len()))
        .transpose()?;

    let looked = csv.is_some() || json.is_some() || charts.is_some();
    let watch = Watch {
        energy: looked,
        layers: looked,
        fields: charts.is_some(),
    };
    session
        .apply(Command::Watch(watch))
        .map_err(|e| e.to_string())?;
    if let Some(words) = words {
        eprintln!("{words}");
    }
    train(&mut session);

    let frame = session.frame();
    if let Some(output) = csv {
        let records = all_records(&session);
        outputs.fill(
            output,
            csv::curves(&frame, &records, session.config().hidden.len() + 1),
        );
    }
    if let Some(output) = json {
        outputs.fill(output, report(&mut session, &frame)?);
    }
    if let Some(charts) = charts {
        draw(&mut session, &frame, &charts, &mut outputs);
    }
    let to_stdout = outputs.on_stdout();
    outputs.write()?;
    let mut table = summary(&frame);
    table += &engine::line(session.config().engine, &frame.engine);
    if to_stdout {
        eprint!("{table}");
        return Ok(());
    }
    print(&table)
}

/// Puts the points of a CSV file under the runs; what was made of it, in words.
fn load(session: &mut Session, path: &Path) -> Result<String, Refusal> {
    let (name, text) = read(path)?;
    let events = session
        .apply(Command::LoadCsv { name, text })
        .map_err(|e| e.to_string())?;
    let words = events.into_iter().filter_map(|event| match event {
        Event::Notice(words) => Some(words),
        _ => None,
    });
    Ok(words.collect())
}

/// A file's name in messages, and its text.
fn read(path: &Path) -> Result<(String, String), Refusal> {
    let piped = is_dash(path);
    let name = if piped {
        "standard input".to_owned()
    } else {
        path.display().to_string()
    };
    let text = if piped {
        io::read_to_string(io::stdin())
    } else {
        fs::read_to_string(path)
    };
    let text = text.map_err(|e| format!("{name}: cannot be read: {e}"))?;
    Ok((name, text))
}

/// Trains to the end, under a bar if somebody sees it.
fn train(session: &mut Session) {
    let total = session.total_steps();
    let bar = bar(total, "steps");
    let pace = if bar.is_hidden() {
        total
    } else {
        total.div_ceil(200)
    };
    engine::train(session, pace, |step| bar.set_position(step));
    bar.finish_and_clear();
}

/// A bar if somebody sees it.
fn bar(length: u64, unit: &str) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let template = format!("{{bar:40}} {{pos}}/{{len}} {unit}, {{eta}} left");
    let style = ProgressStyle::with_template(&template).expect("a valid template");
    ProgressBar::new(length).with_style(style)
}

/// Seconds since the first call.
fn seconds() -> f64 {
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed().as_secs_f64()
}

fn all_records(session: &Session) -> Vec<&[Record]> {
    (0..session.config().runs.len())
        .map(|i| session.records(i))
        .collect()
}

fn report(session: &mut Session, frame: &Frame) -> Result<String, Refusal> {
    let state = session
        .apply(Command::State)
        .map_err(|e| e.to_string())?
        .into_iter()
        .find_map(|event| match event {
            Event::State(json) => Some(json),
            _ => None,
        });
    let state: Option<serde_json::Value> = state.and_then(|json| serde_json::from_str(&json).ok());
    let query = session.config().to_string();
    let report =
        json!({"query": query, "frame": frame, "records": all_records(session), "state": state});
    Ok(format!("{report}\n"))
}

/// What is drawn, and where it goes.
enum Chart {
    Loss,
    StepSizes(Quantity),
    Boundary(usize),
}

fn charts(
    outputs: &mut Outputs,
    folder: &Path,
    runs: usize,
) -> Result<Vec<(Chart, usize)>, Refusal> {
    if is_dash(folder) {
        return Err("--svg: several files cannot go to standard output; name a folder".to_owned());
    }
    fs::create_dir_all(folder)
        .map_err(|e| format!("{}: cannot make this folder: {e}", folder.display()))?;
    let mut charts = vec![(Chart::Loss, outputs.open(&folder.join("loss.svg"))?)];
    for &quantity in Quantity::ALL {
        let name = format!("{}.svg", quantity.name());
        charts.push((
            Chart::StepSizes(quantity),
            outputs.open(&folder.join(name))?,
        ));
    }
    for run in 0..runs {
        let name = format!("boundary-{}.svg", run + 1);
        charts.push((Chart::Boundary(run), outputs.open(&folder.join(name))?));
    }
    Ok(charts)
}

fn draw(session: &mut Session, frame: &Frame, charts: &[(Chart, usize)], outputs: &mut Outputs) {
    let fields = session.fields();
    let theme = Theme::light();
    let names = run_names(&session.config().runs_at(frame.step));
    let runs: Vec<Run> = names
        .iter()
        .zip(&frame.members)
        .zip(all_records(session))
        .map(|((name, member), records)| Run {
            name,
            records,
            divergence: member.divergence.as_ref(),
        })
        .collect();
    let lines = |chart: &LineChart| svg::lines(chart, (720, 480), frame.total_steps as f64, &theme);
    for (chart, output) in charts {
        let text = match *chart {
            Chart::Loss => lines(&LineChart::loss_and_energy(&runs, XAxis::Steps, true)),
            Chart::StepSizes(quantity) => {
                lines(&LineChart::step_sizes(&runs, XAxis::Steps, quantity))
            }
            Chart::Boundary(run) => {
                svg::boundary(&fields[run], session.scene(), (480, 480), &theme)
            }
        };
        outputs.fill(*output, described(&text, session.config()));
    }
}

/// The figure carries the run it shows.
fn described(svg: &str, config: &Config) -> String {
    let source = config.to_string().replace('&', "&amp;");
    svg.replacen('>', &format!("><desc>{source}</desc>"), 1)
}

fn write_trace(state: &Path, steps: u64, precision: Precision, out: &Path) -> Result<(), Refusal> {
    let (name, text) = read(state)?;
    let file = StateFile::parse(&text).map_err(|e| format!("{name}: {e}"))?;
    let mut outputs = Outputs::default();
    let output = outputs.open(out)?;
    let trace = match precision {
        Precision::F32 => trace::<f32>(&file, steps),
        Precision::F64 => trace::<f64>(&file, steps),
    };
    let trace = trace.map_err(|e| format!("{name}: {e}"))?;
    outputs.fill(
        output,
        serde_json::to_string(&trace).map_err(|e| e.to_string())? + "\n",
    );
    outputs.write()
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
    let optional = |value: Option<f64>, decimals: usize| {
        value.map_or("-".to_owned(), |v| format!("{v:.decimals$}"))
    };
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
            member
                .validation_loss
                .map_or("-".to_owned(), |v| format!("{v:.4e}")),
            optional(member.accuracy, 3),
            steps.to_string(),
            format!("{:.1}", 1e6 * member.seconds_per_step),
        ]);
    }
    let mut text = columns(&rows);
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

/// Rows under each other, every column as wide as its widest text.
fn columns<const N: usize>(rows: &[[String; N]]) -> String {
    let width = |c: usize| rows.iter().map(|row| row[c].chars().count()).max();
    let widths: [usize; N] = std::array::from_fn(|c| width(c).unwrap_or(0));
    let mut text = String::new();
    for row in rows {
        let cells: Vec<String> = row
            .iter()
            .zip(&widths)
            .map(|(cell, &width)| format!("{cell:<width$}"))
            .collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
    text
}

/// The table of parameters.
fn parameters() -> String {
    let mut text = String::from(
        "A run is KEY=VALUE joined by &; a run's own settings follow its rule: run=RULE,KEY:VALUE,…\n",
    );
    let mut section = "";
    for setting in Setting::all() {
        let parameter = setting.parameter();
        if section != parameter.section {
            section = parameter.section;
            let clause = GRAMMAR.iter().find(|clause| clause.section == section);
            let title = clause.map_or_else(
                || section.to_owned(),
                |clause| format!("{section} ({}; {})", clause.help, (clause.allowed)()),
            );
            let _ = writeln!(text, "\n{title}");
        }
        let usual = match parameter.default {
            "" => "none",
            usual => usual,
        };
        let (key, label) = (parameter.key, parameter.label);
        let _ = writeln!(text, "  {key:<10} {label} (default {usual})");
        let _ = writeln!(text, "  {:<10} {}", "", parameter.help);
        let _ = writeln!(text, "  {:<10} allowed: {}", "", parameter.allowed());
    }
    for clause in GRAMMAR.iter().filter(|clause| clause.section != section) {
        let Clause {
            key,
            section,
            label,
            help,
            allowed,
        } = clause;
        let _ = match *label {
            "" => writeln!(text, "\n{section}\n  {help} ({})", allowed()),
            label => writeln!(
                text,
                "\n{section}\n  {key:<10} {label} (default none)\n  {:<10} {help}\n  {:<10} allowed: {}",
                "",
                "",
                allowed()
            ),
        };
    }
    text
}

/// The presets, one to three lines each.
fn presets(answers: bool) -> String {
    let mut text = String::new();
    for preset in &PRESETS {
        let _ = writeln!(text, "{:<24}{}", preset.name, preset.title);
        let _ = writeln!(text, "{:<24}{}", "", preset.question);
        if answers {
            let _ = writeln!(text, "{:<24}{}", "", preset.answer);
            let _ = writeln!(text, "{:<24}?{}#{}", "", preset.query, preset.hash);
        }
    }
    text
}

/// Prints; a reader that has seen enough is no error.
fn print(text: &str) -> Result<(), Refusal> {
    match io::stdout()
        .lock()
        .write_all(text.as_bytes())
        .and_then(|()| io::stdout().flush())
    {
        Err(e) if e.kind() != io::ErrorKind::BrokenPipe => Err(format!("standard output: {e}")),
        _ => Ok(()),
    }
}

fn is_dash(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Files to come: found writable before the work, written whole or not at all after it.
#[derive(Default)]
struct Outputs {
    files: Vec<(PathBuf, String)>,
}

impl Outputs {
    /// Takes a place to write to if it is one.
    fn open(&mut self, path: &Path) -> Result<usize, Refusal> {
        // A link keeps pointing where it points.
        let path = if is_dash(path) {
            path.to_owned()
        } else {
            path.canonicalize().unwrap_or(path.to_owned())
        };
        if self.files.iter().any(|(other, _)| *other == path) {
            return Err(format!(
                "{}: two outputs cannot go to the same place",
                path.display()
            ));
        }
        check_writable(&path).map_err(|e| format!("{}: cannot be written: {e}", path.display()))?;
        self.files.push((path, String::new()));
        Ok(self.files.len() - 1)
    }

    fn fill(&mut self, output: usize, text: String) {
        self.files[output].1 = text;
    }

    fn on_stdout(&self) -> bool {
        self.files.iter().any(|(path, _)| is_dash(path))
    }

    /// Writes every file beside its place, and only then moves them there; standard output comes last.
    fn write(self) -> Result<(), Refusal> {
        let mut staged = Vec::new();
        for (path, text) in &self.files {
            let fail = |e: io::Error| format!("{}: cannot be written: {e}", path.display());
            if is_special(path) {
                fs::write(path, text).map_err(fail)?;
            } else if !is_dash(path) {
                let mut file = beside(path).map_err(fail)?;
                file.write_all(text.as_bytes()).map_err(fail)?;
                staged.push((file, path));
            }
        }
        for (file, path) in staged {
            file.persist(path)
                .map_err(|e| format!("{}: cannot be written: {}", path.display(), e.error))?;
        }
        self.files
            .iter()
            .filter(|(path, _)| is_dash(path))
            .try_for_each(|(_, text)| print(text))
    }
}

/// A device or pipe, which is written to and never replaced.
fn is_special(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|m| !m.is_file() && !m.is_dir())
}

fn check_writable(path: &Path) -> io::Result<()> {
    if is_dash(path) || is_special(path) {
        return Ok(());
    }
    match fs::metadata(path) {
        Ok(m) if m.is_dir() => Err(io::Error::other("it is a folder")),
        Ok(m) if m.permissions().readonly() => Err(io::Error::other("it is read-only")),
        _ => beside(path).map(drop),
    }
}

/// A file in the same folder, with the permissions of a new file.
fn beside(path: &Path) -> io::Result<tempfile::NamedTempFile> {
    let folder = path
        .parent()
        .filter(|p| !p.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    if !folder.is_dir() {
        return Err(io::Error::other("its folder does not exist"));
    }
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(<fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o666));
    // The name of a file that nobody asked for is no part of the message.
    builder
        .tempfile_in(folder)
        .map_err(|e| io::Error::from(e.kind()))
}
