//! The document of a state file: its shape as JSON. Knows no run: what stands in it need not fit together.
//!
//! ```json
//! {"format":"proxprop-state","version":1,"config":QUERY,
//!  "data":{"x":[[x1,x2],…],"y":[class,…] or [[…],…],"outputs":C,"validation":{"x":…,"y":…}},
//!  "members":[{"step":k,"layers":[{"weight":[out×in],"bias":[out]},…],
//!    "optimizer":null or {"kind":"adam","t":k,"m":[layer,…],"v":[layer,…]},"first_loss":J,"high_steps":k,"divergence":null or {…}},…],
//!  "stopped":SENTENCE, if a stop rule has ended the run}
//! ```
//! Numbers are doubles; single precision is widened exactly.

use nalgebra::DMatrix;
use serde::de::{Deserializer, Error};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::data::{Dataset, Points, Targets};
use crate::frame::Divergence;
use crate::lab::keys::keys;

const FORMAT: &str = "proxprop-state";
const VERSION: u64 = 1;

/// The whole file as JSON.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    format: String,
    version: u64,
    pub(super) config: String,
    pub(super) data: Data,
    pub(super) members: Vec<Member>,
    /// Why a stop rule has ended the run here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) stopped: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Data {
    pub(super) x: Vec<Vec<Number>>,
    pub(super) y: Vec<Answer>,
    pub(super) outputs: usize,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) validation: Option<Validation>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Validation {
    pub(super) x: Vec<Vec<Number>>,
    pub(super) y: Vec<Answer>,
}

/// A number, read to the last bit: by the standard library, which the JSON parser's own conversion is not.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(super) struct Number(pub(super) f64);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Number, D::Error> {
        let text = <&RawValue>::deserialize(deserializer)?.get();
        let number = text.parse().ok().filter(|n: &f64| n.is_finite());
        number.map(Number).ok_or_else(|| {
            // In the words for any number, without their place in this text.
            let why = serde_json::from_str::<f64>(text).err();
            let why = why.map_or_else(|| OUT_OF_RANGE.to_owned(), |e| e.to_string());
            D::Error::custom(why.split(" at line ").next().unwrap_or_default())
        })
    }
}

const OUT_OF_RANGE: &str = "number out of range";

/// What is wrong with a text that is no document, and where.
fn refusal(json: &str, error: &serde_json::Error) -> String {
    let words = error.to_string();
    // Cut off in the middle of a number it is no number, but that is not what is wrong.
    if json.ends_with(['-', '.', 'e', '+']) {
        return format!("EOF: {words}");
    }
    let (what, _) = words.split_once(" at line ").unwrap_or((&words, ""));
    let of_number = what.ends_with(", expected f64") || what == OUT_OF_RANGE;
    let line = json.lines().nth(error.line().saturating_sub(1));
    let last = line.and_then(|line| line.as_bytes().get(error.column().wrapping_sub(1)));
    // The parser has gone past what parts a number from the next.
    if of_number && last.is_some_and(|last| b",]}".contains(last)) {
        let (line, column) = (error.line(), error.column() - 1);
        return format!("{what} at line {line} column {column}");
    }
    words
}

/// Says of a text that is no document what it seems to be; `error` is what was met when it was read as one, and it
/// is `cut` off where it ends before it should.
fn no_document(json: &str, error: &serde_json::Error, cut: bool) -> String {
    let there = keys(json);
    let has = |key: &str| there.contains(&key);
    let words = refusal(json, error);
    let cut = cut || words.starts_with("EOF");
    let of_run = has("frame") || has("query");
    let what = match cut {
        false if has("format") => return format!("not a state file: {words}"),
        true if has("format") || has("config") => "it is only the beginning of one",
        true if of_run => "it is a report of a run, cut off",
        _ if of_run && has("measures") => "it is the report of a related system, without a state",
        _ if of_run && !has("state") => "it is the report of a run without its state",
        _ if of_run => "the state in this report of a run is none, or damaged",
        _ if json.trim().is_empty() => "it is empty",
        _ if cut => "it is cut off",
        _ => "it is neither that nor a report of a run",
    };
    format!(
        "not a state file: {what}; allowed: a whole file that was saved as a state, or a report of proxprop run --json that has one"
    )
}

/// What should be answered at one point.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Answer {
    Class(u64),
    Values(Vec<Number>),
}

impl<'de> Deserialize<'de> for Answer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Answer, D::Error> {
        let text = <&RawValue>::deserialize(deserializer)?.get();
        let answer = match text.parse() {
            Ok(class) => Some(Answer::Class(class)),
            Err(_) => serde_json::from_str(text).ok().map(Answer::Values),
        };
        answer.ok_or_else(|| {
            D::Error::custom("data.y: expected a class (0, 1, …) or a list of numbers")
        })
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Member {
    pub(super) step: u64,
    pub(super) layers: Vec<Layer<Number>>,
    #[serde(default)]
    pub(super) optimizer: Option<Memory>,
    /// See [`crate::engine::MemberState::first_loss`].
    #[serde(default)]
    pub(super) first_loss: Option<Number>,
    /// See [`crate::engine::MemberState::high_steps`].
    #[serde(default)]
    pub(super) high_steps: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) divergence: Option<Divergence>,
}

/// `Θ` as `out × in` rows and a bias.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::lab) struct Layer<N> {
    pub(super) weight: Vec<Vec<N>>,
    pub(super) bias: Vec<N>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Memory {
    pub(super) kind: String,
    pub(super) t: u64,
    #[serde(default)]
    pub(super) m: Vec<Layer<Number>>,
    /// `null` stands for a second moment that has overflowed, which JSON cannot write.
    #[serde(default)]
    pub(super) v: Vec<Layer<Option<Number>>>,
}

impl Document {
    /// A document of this version.
    pub(super) fn new(
        config: String,
        data: Data,
        members: Vec<Member>,
        stopped: Option<String>,
    ) -> Document {
        Document {
            format: FORMAT.to_owned(),
            version: VERSION,
            config,
            data,
            members,
            stopped,
        }
    }

    /// Reads the document of a state file, or the one in a report of `proxprop run --json`.
    pub(super) fn parse(json: &str) -> Result<Document, String> {
        /// What `proxprop run --json` writes: the state among other things.
        #[derive(Deserialize)]
        struct Report {
            state: Document,
        }
        let document: Document = serde_json::from_str(json).or_else(|e| {
            let report = serde_json::from_str::<Report>(json).map(|report| report.state);
            report.map_err(|of_report| no_document(json, &e, of_report.is_eof()))
        })?;
        let Document {
            format, version, ..
        } = &document;
        if format != FORMAT {
            return Err(format!(
                "format: {format:?} is not known; allowed: {FORMAT:?}"
            ));
        }
        if *version != VERSION {
            return Err(format!(
                "version: {version} is not known; allowed: {VERSION}"
            ));
        }
        Ok(document)
    }

    /// The document on one line.
    pub(super) fn to_json(&self) -> String {
        let Ok(text) = serde_json::to_string(self) else {
            unreachable!("text keys only")
        };
        text
    }
}

impl Data {
    /// A run's points.
    pub(super) fn of(data: &Dataset) -> Data {
        let (x, y) = table(&data.training);
        let (validation_x, validation_y) = table(&data.validation);
        Data {
            x,
            y,
            outputs: outputs(&data.training.targets),
            validation: (!validation_x.is_empty()).then_some(Validation {
                x: validation_x,
                y: validation_y,
            }),
        }
    }
}

impl<N: nalgebra::Scalar> Layer<N> {
    /// `out × in` rows and a bias, from `Θ` = `(in + 1) × out`.
    pub(in crate::lab) fn of(theta: &DMatrix<N>) -> Layer<N> {
        let inputs = theta.nrows() - 1;
        Layer {
            weight: theta
                .column_iter()
                .map(|c| c.iter().take(inputs).cloned().collect())
                .collect(),
            bias: theta.row(inputs).iter().cloned().collect(),
        }
    }
}

fn outputs(targets: &Targets) -> usize {
    match targets {
        Targets::Classes { classes, .. } => *classes,
        Targets::Values(values) => values.ncols(),
    }
}

fn table(points: &Points) -> (Vec<Vec<Number>>, Vec<Answer>) {
    let rows = |m: &DMatrix<f64>| {
        m.row_iter()
            .map(|r| r.iter().copied().map(Number).collect())
            .collect::<Vec<Vec<Number>>>()
    };
    let y = match &points.targets {
        Targets::Classes { labels, .. } => {
            labels.iter().map(|&l| Answer::Class(l.into())).collect()
        }
        Targets::Values(values) => rows(values).into_iter().map(Answer::Values).collect(),
    };
    (rows(&points.inputs), y)
}
