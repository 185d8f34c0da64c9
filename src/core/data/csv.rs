//! Somebody's own points from a table of text: two columns and a label, or one input and its answer. The `csv` crate
//! knows quotes and line ends; this knows what the columns mean. Knows no file.

use std::borrow::Cow;
use std::collections::BTreeSet;

use csv::{Position, ReaderBuilder, StringRecord, Trim};
use nalgebra::DMatrix;

use super::{Points, Targets};

/// Most rows.
pub const MOST_ROWS: usize = 100_000;
/// Most bytes.
pub const MOST_BYTES: usize = 10_000_000;
/// Most different labels.
pub const MOST_LABELS: usize = 20;
/// Labels that are whole numbers count as classes if no more than so many are different.
const MOST_NUMBERED: usize = 10;
/// Networks begin at inputs of about this size; columns that reach further are scaled.
const WIDEST: f64 = 3.0;

/// How the last column is to be understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answers {
    /// As it looks: numbers with a fraction, or more than ten different ones, are values; all else names classes.
    AsTheyLook,
    /// It names classes.
    Classes,
    /// It holds values.
    Values,
}

/// A table that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// Its rows in order.
    pub points: Points,
    /// The labels in the order of their classes (numbers by size, else words by alphabet); empty for values.
    pub labels: Vec<String>,
    /// Where the first row names the columns.
    pub header: bool,
    /// Per column of numbers, the range that was mapped onto −1 … 1, if any was wider than ±3.
    pub scaled: Option<Vec<(f64, f64)>>,
}

/// A row as it was read.
struct Row {
    line: u64,
    numbers: [f64; 2],
    label: Option<String>,
}

/// Reads a table: columns separated by commas, semicolons or tabs (the last two allow decimal commas), with or without
/// a first row of names; empty lines and lines that begin with `#` are passed over.
///
/// # Errors
/// One sentence that names the line.
pub fn read(text: &str, answers: Answers) -> Result<Table, String> {
    if text.len() > MOST_BYTES {
        return Err(format!(
            "{:.1} MB are too many; allowed: at most {} MB",
            text.len() as f64 / 1e6,
            MOST_BYTES / 1_000_000
        ));
    }
    let text = text.trim_start_matches('\u{feff}');
    let separator = separator(text);
    let (rows, header) = rows(text, separator)?;
    let Some(first) = rows.first() else {
        return Err(
            "there is no row of numbers; allowed: two columns and a label, or x and y".to_owned(),
        );
    };
    if rows.len() < 2 {
        return Err(format!(
            "line {}: a single point is too few; allowed: at least 2",
            first.line
        ));
    }
    let mut columns: Vec<Vec<f64>> = (0..2)
        .map(|j| rows.iter().map(|row| row.numbers[j]).collect())
        .collect();
    let mut labels = Vec::new();
    let mut classes = Vec::new();
    if first.label.is_some() {
        if let Some(values) = values(&rows, separator, answers)? {
            columns.push(values);
        } else {
            (labels, classes) = classify(&rows, separator)?;
        }
    } else if answers == Answers::Classes {
        return Err(format!(
            "line {}: two columns have no label; allowed: two columns and a label",
            first.line
        ));
    }
    let scaled = scale(&mut columns);
    let count = rows.len();
    let answer = labels.is_empty().then(|| columns.pop()).flatten();
    let targets = match answer {
        Some(values) => Targets::Values(DMatrix::from_vec(count, 1, values)),
        None => Targets::Classes {
            labels: classes,
            classes: labels.len().max(2),
        },
    };
    let inputs = columns.len();
    Ok(Table {
        points: Points {
            inputs: DMatrix::from_iterator(count, inputs, columns.into_iter().flatten()),
            targets,
        },
        labels,
        header,
        scaled,
    })
}

/// Tabs and semicolons separate wherever they are; commas may be decimal ones there.
fn separator(text: &str) -> u8 {
    let mut lines = text.lines().map(str::trim);
    let first = lines
        .find(|line| !line.is_empty() && !line.starts_with('#'))
        .unwrap_or_default();
    let found = [b'\t', b';']
        .into_iter()
        .find(|&s| first.contains(char::from(s)));
    found.unwrap_or(b',')
}

fn rows(text: &str, separator: u8) -> Result<(Vec<Row>, bool), String> {
    let mut reader = ReaderBuilder::new()
        .delimiter(separator)
        .has_headers(false)
        .flexible(true)
        .comment(Some(b'#'))
        .trim(Trim::All)
        .from_reader(text.as_bytes());
    let mut rows = Vec::new();
    let mut record = StringRecord::new();
    let mut width = 0;
    let mut header = false;
    let mut first = true;
    while reader.read_record(&mut record).map_err(|e| e.to_string())? {
        let line = record
            .position()
            .map_or(0, |position| line_of(text, position));
        let fields: Vec<&str> = record.iter().collect();
        if fields.iter().all(|field| field.is_empty()) {
            continue;
        }
        if std::mem::take(&mut first) {
            width = fields.len();
            if !(2..=3).contains(&width) {
                let noun = if width == 1 { "column" } else { "columns" };
                return Err(format!(
                    "line {line}: {width} {noun}; allowed: two columns and a label, or x and y, separated by commas, \
                     semicolons or tabs"
                ));
            }
            // A name among the numbers makes it a row of names; numbers out of range are not names.
            header = fields[..2]
                .iter()
                .any(|field| written(field, separator).is_none());
            if header {
                continue;
            }
        }
        if fields.len() != width {
            return Err(format!(
                "line {line}: {} columns where the first row has {width}",
                fields.len()
            ));
        }
        if rows.len() == MOST_ROWS {
            return Err(format!(
                "line {line}: too many rows; allowed: at most {MOST_ROWS}"
            ));
        }
        let mut numbers = [0.0; 2];
        for (value, field) in numbers.iter_mut().zip(&fields) {
            *value = number(field, separator)
                .ok_or_else(|| format!("line {line}: {} is not a number", quoted(field)))?;
        }
        let label = fields.get(2).map(|label| (*label).to_owned());
        if label.as_deref() == Some("") {
            return Err(format!("line {line}: the label is missing"));
        }
        rows.push(Row {
            line,
            numbers,
            label,
        });
    }
    Ok((rows, header))
}

/// The line of the record that was looked for from a position on: empty lines and notes in between were passed over.
fn line_of(text: &str, position: &Position) -> u64 {
    let rest = text.get(position.byte() as usize..).unwrap_or_default();
    let passed_over = |line: &&str| line.trim_end_matches('\r').is_empty() || line.starts_with('#');
    position.line() + rest.split('\n').take_while(passed_over).count() as u64
}

/// A number, of any size; where commas do not separate, one may stand for the decimal point.
fn written(field: &str, separator: u8) -> Option<f64> {
    let plain = if separator != b',' && field.matches(',').count() == 1 && !field.contains('.') {
        Cow::Owned(field.replace(',', "."))
    } else {
        Cow::Borrowed(field)
    };
    plain.parse().ok()
}

/// A number of a size that the networks can be given.
fn number(field: &str, separator: u8) -> Option<f64> {
    written(field, separator).filter(|v| v.is_finite() && v.abs() <= f64::from(f32::MAX))
}

/// The last column as values, if that is what it holds.
fn values(rows: &[Row], separator: u8, answers: Answers) -> Result<Option<Vec<f64>>, String> {
    let value = |row: &Row| {
        row.label
            .as_deref()
            .and_then(|label| number(label, separator))
    };
    let values: Vec<Option<f64>> = rows.iter().map(value).collect();
    if answers == Answers::Classes {
        return Ok(None);
    }
    let all: Option<Vec<f64>> = values.iter().copied().collect();
    match all {
        Some(all) if answers == Answers::Values || continuous(&all) => Ok(Some(all)),
        None if answers == Answers::Values => {
            let row = &rows[values.iter().position(Option::is_none).unwrap_or(0)];
            let label = row.label.as_deref().unwrap_or_default();
            Err(format!(
                "line {}: {} is not a number, which task=regress needs",
                row.line,
                quoted(label)
            ))
        }
        _ => Ok(None),
    }
}

fn continuous(values: &[f64]) -> bool {
    let different: BTreeSet<u64> = values.iter().map(|v| v.to_bits()).collect();
    values.iter().any(|v| v.fract() != 0.0) || different.len() > MOST_NUMBERED
}

/// The different labels in order, and the class of every row.
fn classify(rows: &[Row], separator: u8) -> Result<(Vec<String>, Vec<u32>), String> {
    let mut labels: Vec<String> = Vec::new();
    for row in rows {
        let label = row.label.clone().unwrap_or_default();
        if !labels.contains(&label) {
            if labels.len() == MOST_LABELS {
                return Err(format!(
                    "line {}: {} is one label too many; allowed: at most {MOST_LABELS} different ones",
                    row.line,
                    quoted(&label)
                ));
            }
            labels.push(label);
        }
    }
    let numbers: Option<Vec<f64>> = labels
        .iter()
        .map(|label| number(label, separator))
        .collect();
    // Numbers in their order, other words in that of the alphabet.
    let numbers = numbers.unwrap_or_else(|| vec![0.0; labels.len()]);
    let mut numbered: Vec<(f64, String)> = numbers.into_iter().zip(labels).collect();
    numbered.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.cmp(&b.1)));
    let labels: Vec<String> = numbered.into_iter().map(|(_, label)| label).collect();
    let class = |row: &Row| {
        labels
            .iter()
            .position(|label| Some(label) == row.label.as_ref())
    };
    let classes = rows
        .iter()
        .map(|row| class(row).unwrap_or(0) as u32)
        .collect();
    Ok((labels, classes))
}

/// Maps every column of numbers onto −1 … 1 if one of them reaches beyond ±3; the ranges that were mapped.
fn scale(columns: &mut [Vec<f64>]) -> Option<Vec<(f64, f64)>> {
    if columns.iter().flatten().all(|v| v.abs() <= WIDEST) {
        return None;
    }
    let mut ranges = Vec::new();
    for column in columns {
        let low = column.iter().copied().fold(f64::INFINITY, f64::min);
        let high = column.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let (middle, half) = (f64::midpoint(low, high), (high / 2.0 - low / 2.0));
        for v in column.iter_mut() {
            *v = if half > 0.0 {
                (*v - middle) / half
            } else {
                0.0
            };
        }
        ranges.push((low, high));
    }
    Some(ranges)
}

/// Somebody's text, short and on one line.
fn quoted(text: &str) -> String {
    let mut start: String = text.chars().take(40).collect();
    if start.len() < text.len() {
        start.push('…');
    }
    format!("{start:?}")
}
