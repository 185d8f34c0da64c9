//! Trained cells as texts: as files, which say who has made them, and in an address. Trains none.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::lab::keys::keys;
use crate::lab::row::{Fault, Grammar};
use crate::lab::words::quoted;
use crate::systems::vsml::{Cell, PARTS, Size};

/// What a file of a cell calls itself.
pub(super) const FORMAT: &str = "proxprop-cell";
const VERSION: u64 = 1;
/// What every file of a cell has beside its numbers.
const HEAD: [&str; 5] = ["n", "k", "H", "bound", "feed"];
/// The keys that a file of a cell has and no other: `n` and `k` anything may be called.
pub(super) const KEYS: &[&str] = &[
    "H", "bound", "feed", PARTS[0], PARTS[1], PARTS[2], PARTS[3], PARTS[4], PARTS[5],
];
/// Most numbers of a cell: as many as an address bears.
const MOST: usize = 640;
/// The largest of them.
const LARGEST: f64 = 1e6;
/// Most numbers of a state and of a message, and most units.
const MOST_OF: [usize; 3] = [16, 16, 64];
/// The least and the largest bound.
const BOUNDS: (f64, f64) = (1e-3, 1e6);
/// The digits of numbers in an address.
const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// A cell with what it was trained for.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::lab::systems) struct Trained {
    /// Its numbers.
    pub cell: Cell,
    /// What nothing in it exceeds.
    pub bound: Option<f64>,
    /// Whether it sees the labels.
    pub feed: bool,
}

/// A file: a cell, and what it was along its training.
pub(super) struct File {
    pub(super) trained: Trained,
    pub(super) snapshots: Vec<(u64, Cell)>,
}

/// A number as it is written, so that it is read to the last bit.
type Raw<'a> = &'a RawValue;

/// A file, or a snapshot in it.
type Object<'a> = BTreeMap<String, Raw<'a>>;

/// Numbers to the last bit.
pub(super) fn numbers(raw: &[Raw<'_>]) -> Result<Vec<f64>, String> {
    let number = |raw: &Raw<'_>| {
        let text = raw.get();
        let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
        number.ok_or_else(|| format!("{text} is not a number"))
    };
    raw.iter().map(number).collect()
}

/// What stands under a key.
fn get<'a, T: Deserialize<'a>>(object: &Object<'a>, key: &str) -> Result<T, String> {
    let raw = object.get(key).map(|raw| raw.get());
    let read = raw.and_then(|text| serde_json::from_str(text).ok());
    read.ok_or_else(|| format!("“{key}” is missing, or not what a cell has there"))
}

/// A cell's numbers: one list, or part by part in lists of rows; `None` where there are none.
fn theta(object: &Object<'_>, size: Size) -> Result<Option<Vec<f64>>, String> {
    let named = |key: &str, raw: &[Raw<'_>]| {
        numbers(raw).map_err(|why| format!("“{key}” is not of numbers: {why}"))
    };
    if object.contains_key("numbers") {
        let raw: Vec<Raw> = get(object, "numbers")?;
        return named("numbers", &raw).map(Some);
    }
    if !object.contains_key(PARTS[0]) {
        return Ok(None);
    }
    let mut theta = Vec::new();
    for (part, key) in PARTS.into_iter().enumerate() {
        let (rows, columns) = size.shape(part);
        let is_bias = part % 2 == 1;
        let raw: Vec<Vec<Raw>> = if is_bias {
            vec![get(object, key)?]
        } else {
            get(object, key)?
        };
        if raw.len() != rows || raw.iter().any(|row| row.len() != columns) {
            let shape = if is_bias {
                format!("{columns} numbers")
            } else {
                format!("{rows} rows of {columns}")
            };
            return Err(format!("“{key}” has another shape; allowed: {shape}"));
        }
        for row in raw {
            theta.extend(named(key, &row)?);
        }
    }
    Ok(Some(theta))
}

/// Checks how large a cell may be.
fn sized(size: Size) -> Result<(), &'static str> {
    let Size { n, k, units } = size;
    let small = |value, most| (1..=most).contains(&value);
    if !small(n, MOST_OF[0]) || !small(k, MOST_OF[1]) || !small(units, MOST_OF[2]) {
        return Err("has a size out of range");
    }
    if size.count() > MOST {
        return Err("has too many numbers");
    }
    Ok(())
}

/// Checks what a cell may be, or says what is wrong with it.
fn checked(
    size: Size,
    bound: Option<f64>,
    feed: bool,
    numbers: Vec<f64>,
) -> Result<Trained, &'static str> {
    sized(size)?;
    if bound.is_some_and(|bound| !(BOUNDS.0..=BOUNDS.1).contains(&bound)) {
        return Err("has a bound out of range");
    }
    if numbers.len() != size.count() {
        return Err("has not as many numbers as its size asks for");
    }
    if numbers.iter().any(|w| w.is_nan() || w.abs() > LARGEST) {
        return Err("has a number out of range");
    }
    Ok(Trained {
        cell: Cell::new(size, numbers),
        bound,
        feed,
    })
}

/// What is allowed, in words.
fn allowed() -> String {
    format!(
        "n,k,H,bound,feed;NUMBERS, which a file of proxprop meta-train becomes when it is opened, 0 for no bound, with {}",
        bounds()
    )
}

fn bounds() -> String {
    let ([n, k, units], (low, high)) = (MOST_OF, BOUNDS);
    format!(
        "n from 1 to {n}, k to {k}, H to {units}, a bound from {low} to {high} or none, and {MOST} numbers at most, from -{LARGEST} to {LARGEST}"
    )
}

/// A run that plays a cell beside backpropagation: one that sees the labels has a rule of its own, any other copies.
pub(super) fn query(trained: &Trained) -> String {
    let (scene, eta) = if trained.feed {
        ("rule", 0.2)
    } else {
        ("copy", 0.3)
    };
    let own = print(Some(trained));
    format!("v=1&system=vsml&scene={scene}&own={own}&run=sgd,eta:{eta}&run=vsml,cell:own,eta:{eta}")
}

/// Reads a file: one that this project has written, or one whose numbers lie part by part, as papers write them. Of a file of snapshots
/// alone the last is the cell.
pub(super) fn read(text: &str) -> Result<File, String> {
    let object = serde_json::from_str(text).map_err(|error| {
        let missing = missing(text);
        format!(
            "cut off, or no JSON object ({error}){missing}; allowed: a whole file of a cell, as proxprop meta-train writes it, or with its parts"
        )
    })?;
    let file = of_object(&object);
    file.map_err(|why| format!("no file of a cell: {why}"))
}

/// What a text has not of a whole file, in words; empty where it has every key.
fn missing(text: &str) -> String {
    let there = keys(text);
    let has = |key: &&str| there.contains(key);
    let numbers = if PARTS.iter().any(has) {
        &PARTS[..]
    } else {
        &["numbers"]
    };
    let needed = HEAD.iter().chain(numbers).filter(|key| !has(key));
    let needed: Vec<String> = needed.map(|key| format!("“{key}”")).collect();
    match needed.len() {
        0 => String::new(),
        1 => format!(", without {}", needed[0]),
        more => format!(
            ", without {} and {}",
            needed[..more - 1].join(", "),
            needed[more - 1]
        ),
    }
}

fn of_object(object: &Object<'_>) -> Result<File, String> {
    if object.contains_key("format") {
        let named: (String, u64) = (get(object, "format")?, get(object, "version")?);
        if named != (FORMAT.to_owned(), VERSION) {
            let (format, version) = named;
            return Err(format!(
                "it is {}, version {version}; allowed: {FORMAT}, version {VERSION}",
                quoted(&format)
            ));
        }
    }
    let size = Size {
        n: get(object, "n")?,
        k: get(object, "k")?,
        units: get(object, "H")?,
    };
    let (bound, feed) = (get(object, "bound")?, get(object, "feed")?);
    sized(size).map_err(wrong)?;
    let of = |object: &Object| {
        let theta = theta(object, size)?;
        theta
            .map(|theta| checked(size, bound, feed, theta).map_err(wrong))
            .transpose()
    };
    let mut snapshots = Vec::new();
    if object.contains_key("snapshots") {
        for snapshot in get::<Vec<Object>>(object, "snapshots")? {
            let made = get(&snapshot, "iterations")?;
            let of = of(&snapshot)?.ok_or_else(|| nothing("a snapshot"))?;
            snapshots.push((made, of.cell));
        }
    }
    let last = || {
        let last = snapshots.last().map(|(_, cell)| cell.clone());
        last.map(|cell| Trained { cell, bound, feed })
    };
    Ok(File {
        trained: of(object)?.or_else(last).ok_or_else(|| nothing("it"))?,
        snapshots,
    })
}

/// What is wrong with a cell, with what is allowed.
fn wrong(what: &str) -> String {
    format!("the cell {what}; allowed: {}", bounds())
}

fn nothing(what: &str) -> String {
    let parts = PARTS.join(", ");
    format!(
        "{what} holds no numbers; allowed: “numbers”, as proxprop meta-train writes them, or {parts}: matrices in rows, biases as lists"
    )
}

/// In single precision, and in as few digits: a snapshot is looked at, never trained on.
fn shortened(w: f64) -> f64 {
    (w as f32).to_string().parse().unwrap_or(w)
}

/// What a file says of a cell; whoever writes it adds where that comes from. Snapshots are rounded to single precision.
pub(super) fn file(trained: &Trained, snapshots: &[(u64, Cell)]) -> Value {
    let Size { n, k, units } = trained.cell.size;
    let snapshots: Vec<Value> = snapshots
        .iter()
        .map(|(made, cell)| {
            let numbers = cell.theta.iter().map(|w| shortened(*w));
            json!({"iterations": made, "numbers": numbers.collect::<Vec<f64>>()})
        })
        .collect();
    json!({
        "format": FORMAT,
        "version": VERSION,
        "n": n,
        "k": k,
        "H": units,
        "bound": trained.bound,
        "feed": trained.feed,
        "order": "W1 (n+2k × H), b1, W3, b3, W2 (H × n+2k), b2, row by row",
        "numbers": trained.cell.theta,
        "snapshots": snapshots,
    })
}

/// How a cell is written in an address: `n,k,H,bound,feed;` and its numbers, eight bytes each; a bound of 0 is none.
pub(super) static GRAMMAR: Grammar = Grammar {
    canonical: |text| parse(text).map(|trained| print(trained.as_ref())),
    allowed,
};

/// Reads it; empty where there is none.
pub(super) fn parse(text: &str) -> Result<Option<Trained>, Fault> {
    if text.is_empty() {
        return Ok(None);
    }
    let fail = || Fault::Piece(text.to_owned(), "is not a cell");
    let (head, digits) = text.split_once(';').ok_or_else(fail)?;
    let head: Vec<&str> = head.split(',').collect();
    let &[n, k, units, bound, feed] = &head[..] else {
        return Err(fail());
    };
    let whole = |text: &str| text.parse::<usize>().map_err(|_| fail());
    let size = Size {
        n: whole(n)?,
        k: whole(k)?,
        units: whole(units)?,
    };
    let bound = bound.parse::<f64>().map_err(|_| fail())?;
    let numbers = decoded(digits).ok_or_else(fail)?;
    let trained = checked(
        size,
        Some(bound).filter(|b| *b != 0.0),
        feed == "1",
        numbers,
    );
    trained
        .map(Some)
        .map_err(|what| Fault::Piece(text.to_owned(), what))
}

/// Writes it.
pub(super) fn print(trained: Option<&Trained>) -> String {
    let Some(trained) = trained else {
        return String::new();
    };
    let Size { n, k, units } = trained.cell.size;
    let (bound, feed) = (trained.bound.unwrap_or(0.0), u8::from(trained.feed));
    let mut text = format!("{n},{k},{units},{bound},{feed};");
    let bytes = trained.cell.theta.iter().flat_map(|w| w.to_be_bytes());
    let bytes: Vec<u8> = bytes.collect();
    for three in bytes.chunks(3) {
        let mut bits = 0_u32;
        for i in 0..3 {
            bits = bits << 8 | u32::from(three.get(i).copied().unwrap_or(0));
        }
        for i in 0..=three.len() {
            let digit = bits >> (18 - 6 * i) & 63;
            text.push(char::from(DIGITS[digit as usize]));
        }
    }
    text
}

fn decoded(digits: &str) -> Option<Vec<f64>> {
    if digits.len() > (8 * MOST).div_ceil(3) * 4 {
        return None;
    }
    let mut bytes = Vec::with_capacity(digits.len() * 3 / 4);
    for four in digits.as_bytes().chunks(4) {
        let mut bits = 0_u32;
        for i in 0..4 {
            let digit = four
                .get(i)
                .map_or(Some(0), |c| DIGITS.iter().position(|d| d == c));
            bits = bits << 6 | digit? as u32;
        }
        bytes.extend_from_slice(&bits.to_be_bytes()[1..four.len()]);
    }
    let (numbers, []) = bytes.as_chunks::<8>() else {
        return None;
    };
    Some(
        numbers
            .iter()
            .map(|bytes| f64::from_be_bytes(*bytes))
            .collect(),
    )
}
