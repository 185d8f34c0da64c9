//! Reference cases, replayed by the lab's own code: what kind of case a text is, and how far from what it expects the lab
//! comes. Knows no files, only text.

mod auc;
mod compare;
mod flat;
mod images;
mod interlocking;
mod kind;
mod state;
mod vsml;
mod wgan_prox;

use serde_json::Value;

use super::trace::Precision;
use compare::Comparison;
pub use compare::Deviation;
use kind::{Kind, Mark};

/// What is common to the cases that name their system and kind.
const FORMAT: &str = "proxprop-case";
const VERSION: u64 = 1;

/// Every kind of case.
static KINDS: &[&Kind] = &[
    &state::STATE,
    &images::TRAINING,
    &auc::stream::STREAM,
    &auc::metrics::METRICS,
    &auc::operators::OPERATORS,
    &vsml::run::RUN,
    &vsml::cloning::CLONING,
    &vsml::meta::META,
    &vsml::streams::STREAMS,
    &interlocking::training::TRAINING,
    &interlocking::schedule::SCHEDULE,
    &wgan_prox::gradients::GRADIENTS,
    &wgan_prox::steps::STEPS,
    &wgan_prox::measures::MEASURES,
    &wgan_prox::scale::SCALE,
    &flat::TRAINING,
];

/// How a case has come out.
#[derive(Debug)]
pub struct Verdict {
    /// The kind of case.
    pub kind: &'static str,
    /// How many numbers, words and answers were compared.
    pub compared: usize,
    /// The largest deviation; `None` where all agrees to the last bit.
    pub worst: Option<Deviation>,
    /// The largest that is allowed.
    pub tolerance: f64,
}

impl Verdict {
    /// Whether nothing deviates by more than is allowed.
    pub fn agrees(&self) -> bool {
        let within = |worst: &Deviation| worst.size <= self.tolerance;
        self.worst.as_ref().is_none_or(within)
    }
}

/// Replays a case.
///
/// # Errors
/// One sentence, if the text is no case, a case of no known kind, one that is not whole, or one whose kind is not computed
/// in this precision.
pub fn verify(text: &str, precision: Precision) -> Result<Verdict, String> {
    let case: Value =
        serde_json::from_str(text).map_err(|e| format!("not a reference case: {e}"))?;
    let kind = kind_of(&case)?;
    let tolerance = match (precision, kind.single) {
        (Precision::F64, _) => (kind.tolerance)(&case),
        (Precision::F32, Some(tolerance)) => tolerance,
        (Precision::F32, None) => {
            return Err(format!(
                "{} is computed in double precision only; allowed: f64",
                kind.name
            ));
        }
    };
    let mut comparison = Comparison::default();
    for (place, got) in (kind.replay)(&case, precision)? {
        let missing = |place: &str| format!("not a whole reference case: {place} is missing");
        let want = case.pointer(&place).ok_or_else(|| missing(&place))?;
        // What comes of a kind of case is what it is about, so all of it is to be expected.
        if let Some(place) = compare::lacking(&place, &got, want) {
            return Err(missing(&place));
        }
        comparison.compare(&place, &got, want);
    }
    if comparison.compared == 0 {
        return Err("not a whole reference case: nothing is expected".to_owned());
    }
    Ok(Verdict {
        kind: kind.name,
        compared: comparison.compared,
        worst: comparison.worst,
        tolerance,
    })
}

fn kind_of(case: &Value) -> Result<&'static Kind, String> {
    let is = |kind: &Kind| match kind.mark {
        Mark::State => case.get("state").is_some() && case.get("expected").is_some(),
        Mark::Case(system, kind) => case["system"] == system && case["kind"] == kind,
    };
    let found = KINDS.iter().find(|kind| is(kind));
    let named = case.get("format").is_some();
    if named && (case["format"] != FORMAT || case["version"] != VERSION) {
        let (format, version) = (&case["format"], &case["version"]);
        return Err(format!(
            "format {format}, version {version} is not known; allowed: {FORMAT:?}, version {VERSION}"
        ));
    }
    found.copied().ok_or_else(|| {
        let names: Vec<&str> = KINDS.iter().map(|kind| kind.name).collect();
        let names = names.join(", ");
        if named {
            let (system, kind) = (&case["system"], &case["kind"]);
            format!("a case of system {system}, kind {kind} is not known; known: {names}")
        } else {
            format!("not a reference case; known: {names}")
        }
    })
}
