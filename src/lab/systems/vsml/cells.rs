//! Trained cells as texts: as files, which say who has made them, and in an address. Trains none.

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::lab::row::{Fault, Grammar};
use crate::lab::systems::system::Numbers;
use crate::systems::vsml::{Cell, Size};

/// What a file of a cell calls itself.
pub(super) const FORMAT: &str = "proxprop-cell";
const VERSION: u64 = 1;
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

#[derive(Deserialize)]
struct Written<'a> {
    format: String,
    version: u64,
    n: usize,
    k: usize,
    #[serde(rename = "H")]
    units: usize,
    bound: Option<f64>,
    feed: bool,
    #[serde(borrow)]
    numbers: Vec<Raw<'a>>,
    #[serde(borrow, default)]
    snapshots: Vec<Snapshot<'a>>,
}

#[derive(Deserialize)]
struct Snapshot<'a> {
    iterations: u64,
    #[serde(borrow)]
    numbers: Vec<Raw<'a>>,
}

/// Numbers to the last bit.
pub(super) fn numbers(raw: &[Raw<'_>]) -> Result<Vec<f64>, String> {
    let number = |raw: &Raw<'_>| {
        let text = raw.get();
        let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
        number.ok_or_else(|| format!("{text} is not a number"))
    };
    raw.iter().map(number).collect()
}

/// Checks what a cell may be, or says what is wrong with it.
fn checked(
    size: Size,
    bound: Option<f64>,
    feed: bool,
    numbers: Vec<f64>,
) -> Result<Trained, &'static str> {
    let Size { n, k, units } = size;
    let small = |value, most| (1..=most).contains(&value);
    if !small(n, MOST_OF[0]) || !small(k, MOST_OF[1]) || !small(units, MOST_OF[2]) {
        return Err("has a size out of range");
    }
    if size.count() > MOST {
        return Err("has too many numbers");
    }
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
    let ([n, k, units], (low, high)) = (MOST_OF, BOUNDS);
    format!(
        "n,k,H,bound,feed;NUMBERS as a file of proxprop meta-train has them, with n from 1 to {n}, k to {k}, H to {units}, a bound from {low} to {high} or 0 for none, and \
         {MOST} numbers at most, from -{LARGEST} to {LARGEST}"
    )
}

/// The cell of a file that holds these numbers.
pub(super) fn of_numbers(numbers: Numbers) -> Result<Trained, String> {
    let get = |key: &str| numbers(key).ok_or_else(|| missing(key));
    let one = |key: &str| match get(key)?[..] {
        [number] => Ok(number),
        _ => Err(missing(key)),
    };
    if one("version")? != VERSION as f64 {
        return Err(format!(
            "no file of a cell; allowed: {FORMAT}, version {VERSION}"
        ));
    }
    let whole = |key: &str| {
        one(key).map(|number| {
            if number.fract() == 0.0 {
                number as usize
            } else {
                0
            }
        })
    };
    let size = Size {
        n: whole("n")?,
        k: whole("k")?,
        units: whole("H")?,
    };
    let bound = get("bound")?.first().copied();
    let cell = checked(size, bound, one("feed")? == 1.0, get("numbers")?);
    cell.map_err(|what| format!("the cell {what}; allowed: {}", allowed()))
}

fn missing(key: &str) -> String {
    format!("no file of a cell: “{key}” is missing, or not of numbers")
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

/// Reads a file.
pub(super) fn read(text: &str) -> Result<File, String> {
    let written: Written =
        serde_json::from_str(text).map_err(|e| format!("no file of a cell: {e}"))?;
    if written.format != FORMAT || written.version != VERSION {
        return Err(format!(
            "no file of a cell; allowed: {FORMAT}, version {VERSION}"
        ));
    }
    let size = Size {
        n: written.n,
        k: written.k,
        units: written.units,
    };
    let of = |raw: &[Raw<'_>]| {
        let cell = checked(size, written.bound, written.feed, numbers(raw)?);
        cell.map_err(|what| format!("the cell {what}; allowed: {}", allowed()))
    };
    let snapshot = |snapshot: &Snapshot| Ok((snapshot.iterations, of(&snapshot.numbers)?.cell));
    Ok(File {
        trained: of(&written.numbers)?,
        snapshots: written
            .snapshots
            .iter()
            .map(snapshot)
            .collect::<Result<_, String>>()?,
    })
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
