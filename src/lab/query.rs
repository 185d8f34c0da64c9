//! What the texts of all kinds of runs have in common: pairs joined by `&`, a run's own settings behind its first word, changes
//! mid-run. Knows no table and no key of one.

use std::collections::HashSet;
use std::str::Split;

use super::row::{Parameter, Row, Value};
use super::words::{decode, fail, named, quoted, whole};
use crate::Error;

/// The last step at which a setting may change: the last of the longest run.
pub(super) const MAX_STEP: u64 = 100_000_000_000;

/// The pairs of a query string, decoded, without its version; each key but `run` and `change` comes once, and a preset before what
/// differs from it.
pub(super) struct Pairs<'a> {
    parts: Option<Split<'a, char>>,
    seen: HashSet<String>,
    /// Whether a setting has come.
    begun: bool,
}

impl<'a> Pairs<'a> {
    /// Those of a text with or without its `?`.
    pub(super) fn of(query: &'a str) -> Pairs<'a> {
        let query = query.strip_prefix('?').unwrap_or(query);
        Pairs {
            parts: (!query.is_empty()).then(|| query.split('&')),
            seen: HashSet::new(),
            begun: false,
        }
    }

    fn pair(&mut self, part: &str) -> Result<Option<(String, String)>, Error> {
        let Some((key, value)) = part.split_once('=') else {
            return fail(format!("{}: expected key=value", quoted(part)));
        };
        let (key, value) = (decode(key)?, decode(value)?);
        if key != "run" && key != "change" && !self.seen.insert(key.clone()) {
            return fail(format!("{}: given twice", quoted(&key)));
        }
        match key.as_str() {
            "v" if value == "1" => return Ok(None),
            "v" => {
                return fail(format!(
                    "v: {} is not a known version; allowed: 1",
                    quoted(&value)
                ));
            }
            "preset" if self.begun => {
                return fail("preset: comes first, before what differs from it".into());
            }
            "preset" | "system" => {}
            _ => self.begun = true,
        }
        Ok(Some((key, value)))
    }
}

impl Iterator for Pairs<'_> {
    type Item = Result<(String, String), Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let part = self.parts.as_mut()?.next()?;
            if let Some(pair) = self.pair(part).transpose() {
                return Some(pair);
            }
        }
    }
}

/// Reads `word,key:value,…`: the word is the value of the key `first`; `number` (from 1) is for the messages.
pub(super) fn read_run(
    text: &str,
    number: usize,
    first: &'static str,
    mut write: impl FnMut(&str, &str) -> Result<(), Error>,
) -> Result<(), Error> {
    let named = |e| named(&format!("run{number}"), &e);
    let mut parts = text.split(',');
    write(first, parts.next().unwrap_or_default()).map_err(named)?;
    let mut seen = HashSet::from([first]);
    for part in parts {
        let Some((key, value)) = part.split_once(':') else {
            return fail(format!("run{number}: {}: expected key:value", quoted(part)));
        };
        if !seen.insert(key) {
            return fail(format!("run{number}: {}: given twice", quoted(key)));
        }
        write(key, value).map_err(named)?;
    }
    Ok(())
}

/// A change as it is written, run from 1.
pub(super) struct Written<'a> {
    pub(super) step: u64,
    pub(super) run: usize,
    pub(super) key: &'a str,
    pub(super) value: &'a str,
}

/// Reads `STEP,RUN,key:value`.
pub(super) fn read_change(text: &str) -> Result<Written<'_>, Error> {
    let mut parts = text.splitn(3, ',');
    let step = parts.next().and_then(whole);
    let run = parts.next().and_then(whole);
    let (Some(step), Some(run), Some((key, value))) =
        (step, run, parts.next().and_then(|s| s.split_once(':')))
    else {
        return fail(format!(
            "change: {} is not STEP,RUN,key:value, as in 50,1,tau:3",
            quoted(text)
        ));
    };
    if !(1..=MAX_STEP).contains(&step) {
        return fail(format!(
            "change: step {step} is out of range; allowed: 1 to {MAX_STEP}"
        ));
    }
    Ok(Written {
        step,
        run: usize::try_from(run).unwrap_or(usize::MAX),
        key,
        value,
    })
}

/// The index of a run by its number (from 1).
pub(super) fn run_index(number: usize, runs: usize) -> Result<usize, Error> {
    if (1..=runs).contains(&number) {
        return Ok(number - 1);
    }
    fail(format!(
        "run: {number} is out of range; allowed: 1 to {runs}"
    ))
}

/// `run2.tau` as (2, "tau").
pub(super) fn run_key(key: &str) -> Option<(usize, &str)> {
    let (number, key) = key.strip_prefix("run")?.split_once('.')?;
    Some((usize::try_from(whole(number)?).unwrap_or(usize::MAX), key))
}

/// Writes a value that is given as text.
pub(super) fn write<T>(row: &Row<T>, of: &mut T, text: &str) -> Result<(), Error> {
    (row.set)(of, parse(&row.parameter, text)?);
    Ok(())
}

/// Reads a value.
pub(super) fn parse(parameter: &Parameter, text: &str) -> Result<Value, Error> {
    let refuse = |fault| Error::Query(parameter.refuse(text, &fault));
    parameter
        .parse(text)
        .map(Value::unsigned_zero)
        .map_err(refuse)
}

/// Says of a key that stands in the text of a whole run, and is no setting of it, that it cannot be set by itself; `settings` are those
/// that all runs share.
pub(super) fn of_whole<'a>(key: &str, settings: impl Iterator<Item = &'a str>) -> Option<String> {
    const KEYS: [&str; 5] = ["v", "system", "preset", "run", "change"];
    let known = || settings.collect::<Vec<&str>>().join(", ");
    KEYS.contains(&key).then(|| {
        format!(
            "{key}: belongs to the text of a whole run and cannot be set by itself; allowed: {}, and what a run has of its own, as in run1.KEY",
            known()
        )
    })
}

/// Says that a key is none of these.
pub(super) fn unknown_key(key: &str, known: &[&str]) -> String {
    format!("{}: unknown key; known: {}", quoted(key), known.join(", "))
}
