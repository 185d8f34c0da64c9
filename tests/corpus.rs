//! What must never break: links and state files that are in people's hands, and what they mean. The corpus in
//! `tests/golden/corpus` was written by the build of its first commit; here it is only read. A new kind of link or file
//! gets a new entry at the end of its list (with an empty meaning, whose true one the failing test prints); an entry
//! that is there is never changed. The sentences of refusals may be, where what is allowed has grown.

use std::fs;
use std::path::PathBuf;

use proxprop::lab::config::Config;
use proxprop::lab::flow::FlowSettings;
use proxprop::lab::lesson::{Lesson, Part};
use proxprop::lab::map::{MapPlan, csv};
use proxprop::lab::session::{Command, Session};
use proxprop::lab::state::StateFile;
use proxprop::lab::trace::{Precision, trace};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A loss; `None` where it is no finite number.
type Loss = Option<f64>;

/// What a state file means.
#[derive(Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct State {
    /// Its run.
    query: String,
    /// Training points, inputs, validation points.
    points: [usize; 3],
    step: u64,
    stopped: Option<String>,
    /// Per member, where and how it has diverged.
    divergences: Vec<Value>,
    /// Per member, the loss where it stands and after each step from there.
    losses: Vec<Vec<Loss>>,
    /// Per member, the loss after as many steps in double precision.
    exact: Vec<Loss>,
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden/corpus")
}

fn text(name: &str) -> String {
    fs::read_to_string(folder().join(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

fn entries<T: DeserializeOwned>(name: &str) -> Vec<T> {
    serde_json::from_str(&text(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// Says of all entries at once which have another meaning.
fn same<T: PartialEq + Serialize>(entries: impl Iterator<Item = (String, T, T)>) {
    let mut count = 0;
    let counted = entries.inspect(|_| count += 1);
    let others: Vec<String> = counted
        .filter(|(_, recorded, read)| recorded != read)
        .map(|(entry, recorded, read)| {
            let [recorded, read] = [recorded, read].map(|m| serde_json::to_string(&m).unwrap());
            format!("{entry}\n  recorded {recorded}\n  read     {read}\n")
        })
        .collect();
    assert!(count > 0);
    assert!(
        others.is_empty(),
        "another meaning than recorded:\n{}",
        others.concat()
    );
}

fn outcome<T>(result: Result<T, proxprop::Error>) -> Result<T, String> {
    result.map_err(|e| e.to_string())
}

/// Per member, the loss now and after each of some steps.
fn losses(session: &mut Session, steps: u64) -> Vec<Vec<Loss>> {
    let now = |session: &mut Session| -> Vec<Loss> {
        let members = session.frame().members;
        let finite = |loss: f64| Some(loss).filter(|l| l.is_finite());
        members.iter().map(|m| finite(m.loss)).collect()
    };
    let mut rows = vec![now(session)];
    for _ in 0..steps {
        session.advance(1);
        rows.push(now(session));
    }
    (0..rows[0].len())
        .map(|member| rows.iter().map(|row| row[member]).collect())
        .collect()
}

/// Steps made from a link.
const STEPS: u64 = 8;
/// Steps made from a state file.
const FURTHER: u64 = 6;

fn run_of(link: &str) -> Vec<Vec<Loss>> {
    losses(&mut Session::new(link).unwrap(), STEPS)
}

/// The axes with their values, and the query of the last cell.
type Map = (Vec<(String, Vec<f64>)>, String);

fn map_of(link: &str) -> Result<Map, String> {
    let plan = outcome(Config::parse(link).and_then(|config| MapPlan::new(&config)))?;
    let axes = plan.frame().axes.into_iter();
    let last = plan.grid().cells() - 1;
    Ok((
        axes.map(|axis| (axis.key, axis.values)).collect(),
        plan.config(last).to_string(),
    ))
}

/// The text as it is printed, and the run of each item with how it is looked at.
type Items = (String, Vec<(String, String)>);

fn lesson_of(text: &str) -> Result<Items, String> {
    let lesson = outcome(Lesson::parse(text))?;
    let items = lesson.items.iter();
    let items = items.map(|item| (item.query(), item.hash().to_owned()));
    Ok((lesson.to_string(), items.collect()))
}

/// The text as it is printed, and where each method ends.
type Walks = (String, Vec<f64>);

fn flow_of(text: &str) -> Result<Walks, String> {
    let settings = outcome(FlowSettings::parse(text))?;
    let flow = outcome(settings.flow())?;
    let ends = flow.trajectories.iter().filter_map(|t| t.values.last());
    Ok((settings.to_string(), ends.copied().collect()))
}

fn parts_of(key: &str, text: &str) -> Result<Vec<String>, String> {
    let of: &[Part] = if key == "lock" {
        &Part::LOCKED
    } else {
        &Part::ALL
    };
    let parts = outcome(Part::list(key, text, of))?;
    Ok(parts.into_iter().map(|p| p.key().to_owned()).collect())
}

fn state_of(json: &str) -> Result<State, String> {
    let file = outcome(StateFile::parse(json))?;
    assert_eq!(StateFile::parse(&file.to_json()).as_ref(), Ok(&file));
    let mut session = outcome(Session::new(""))?;
    outcome(session.apply(Command::LoadState {
        name: String::new(),
        json: json.into(),
    }))?;
    let written: Value = serde_json::from_str(&file.to_json()).unwrap();
    let members = written["members"].as_array().unwrap();
    let divergences = members.iter().map(|m| m["divergence"].clone()).collect();
    let data = file.dataset();
    let points = [
        data.training.inputs.nrows(),
        data.training.inputs.ncols(),
        data.validation.inputs.nrows(),
    ];
    let traced = outcome(trace(&file, FURTHER, Precision::F64))?;
    let traced = serde_json::to_value(traced).unwrap();
    let members = traced["members"].as_array().unwrap();
    Ok(State {
        query: file.config().to_string(),
        points,
        step: session.step(),
        stopped: file.stopped().map(str::to_owned),
        divergences,
        losses: losses(&mut session, FURTHER),
        exact: members.iter().map(|m| m["final_loss"].as_f64()).collect(),
    })
}

/// The printed text is what a link means: a key that is new prints nothing where it has its default.
#[test]
fn links_are_read_to_the_same_run() {
    let links = entries::<(String, String)>("links.json").into_iter();
    same(links.map(|(link, recorded)| {
        let read = Config::parse(&link).unwrap_or_else(|e| panic!("{link}: {e}"));
        for other in [read.to_string(), read.short()] {
            assert_eq!(Config::parse(&other).as_ref(), Ok(&read), "{link}");
        }
        (link, recorded, read.to_string())
    }));
}

/// A link names a run, not only settings: the numbers stay, bit for bit.
#[test]
fn runs_of_links_have_the_same_losses() {
    let runs = entries::<(String, Vec<Vec<Loss>>)>("runs.json").into_iter();
    same(runs.map(|(link, recorded)| {
        let read = run_of(&link);
        (link, recorded, read)
    }));
}

#[test]
fn maps_have_the_same_cells() {
    let maps = entries::<(String, Map)>("maps.json").into_iter();
    same(maps.map(|(link, recorded)| {
        let read = map_of(&link).unwrap_or_else(|e| panic!("{link}: {e}"));
        (link, recorded, read)
    }));
}

#[test]
fn a_maps_table_goes_on_where_it_was_left() {
    let table = text("map.csv");
    let plan = csv::plan_of(&table).unwrap();
    let cells = csv::read(&plan, &table).unwrap();
    let mut all = vec![None; plan.grid().cells()];
    cells
        .iter()
        .for_each(|(i, cell)| all[*i] = Some(cell.clone()));
    assert!(all.contains(&None) && cells.len() > 1);
    assert_eq!(csv::write(&plan, &all), table);
}

#[test]
fn lessons_are_read_to_the_same_items() {
    let lessons = entries::<(String, Items)>("lessons.json").into_iter();
    same(lessons.map(|(text, recorded)| {
        let read = lesson_of(&text).unwrap_or_else(|e| panic!("{text}: {e}"));
        (text, recorded, read)
    }));
}

#[test]
fn flows_are_read_to_the_same_walks() {
    let flows = entries::<(String, Walks)>("flows.json").into_iter();
    same(flows.map(|(text, recorded)| {
        let read = flow_of(&text).unwrap_or_else(|e| panic!("{text}: {e}"));
        (text, recorded, read)
    }));
}

#[test]
fn parts_of_the_page_are_read_to_the_same_ones() {
    let parts = entries::<(String, String, Vec<String>)>("parts.json").into_iter();
    same(parts.map(|(key, text, recorded)| {
        let read = parts_of(&key, &text).unwrap_or_else(|e| panic!("{text}: {e}"));
        (format!("{key}={text}"), recorded, read)
    }));
}

#[test]
fn state_files_go_on_with_the_same_losses() {
    let states = entries::<(String, State)>("states.json");
    let listed = states.len();
    same(states.into_iter().map(|(name, recorded)| {
        let read =
            state_of(&text(&format!("states/{name}"))).unwrap_or_else(|e| panic!("{name}: {e}"));
        (name, recorded, read)
    }));
    let there = fs::read_dir(folder().join("states")).unwrap().count();
    assert_eq!(there, listed, "every file is in the list");
}

/// What is refused, and in which words.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Refusals {
    link: Vec<(String, String)>,
    map: Vec<(String, String)>,
    lesson: Vec<(String, String)>,
    flow: Vec<(String, String)>,
    lock: Vec<(String, String)>,
    /// The first state file with a value put somewhere (a JSON pointer), or taken away by `null`.
    state: Vec<(String, Value, String)>,
}

fn state_with(pointer: &str, value: &Value) -> String {
    let states = entries::<(String, State)>("states.json");
    let mut state: Value = serde_json::from_str(&text(&format!("states/{}", states[0].0))).unwrap();
    if value.is_null() {
        let (place, key) = pointer.rsplit_once('/').unwrap();
        let fields = state.pointer_mut(place).unwrap().as_object_mut().unwrap();
        fields.remove(key).unwrap();
    } else if let Some(old) = state.pointer_mut(pointer) {
        *old = value.clone();
    } else {
        let (place, key) = pointer.rsplit_once('/').unwrap();
        state.pointer_mut(place).unwrap()[key] = value.clone();
    }
    state.to_string()
}

#[test]
fn refusals_have_the_same_words() {
    let all: Refusals = serde_json::from_str(&text("refusals.json")).unwrap();
    let said = |entry: String, recorded: String, read: Result<(), String>| {
        (entry, recorded, read.err().unwrap_or_default())
    };
    let of = |list: Vec<(String, String)>, read: fn(&str) -> Result<(), String>| {
        same(list.into_iter().map(|(entry, recorded)| {
            let read = read(&entry);
            said(entry, recorded, read)
        }));
    };
    of(all.link, |text| outcome(Config::parse(text)).map(drop));
    of(all.map, |text| map_of(text).map(drop));
    of(all.lesson, |text| lesson_of(text).map(drop));
    of(all.flow, |text| flow_of(text).map(drop));
    of(all.lock, |text| parts_of("lock", text).map(drop));
    same(all.state.into_iter().map(|(pointer, value, recorded)| {
        let read = outcome(StateFile::parse(&state_with(&pointer, &value)));
        said(format!("{pointer} {value}"), recorded, read.map(drop))
    }));
}
