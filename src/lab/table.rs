//! Somebody's own points from a table of text: two columns and a label, or one input and its answer. Its rooms know how
//! cells stand in a text, how numbers are written and which column is which; this knows what becomes of the rows. Knows no
//! file.

mod columns;
mod grid;
mod number;
mod told;

use nalgebra::DMatrix;

use super::words::{self, quoted};
use crate::data::{Points, Targets};
use columns::{Sheet, Used};
pub use grid::MOST_ROWS;
use number::{Style, missing, no_label, number, plain, spreadsheet_error, value, written};

/// Most bytes.
pub const MOST_BYTES: usize = 10_000_000;
/// Most different labels.
pub const MOST_LABELS: usize = 20;
/// Labels that are whole numbers count as classes if no more than so many are different.
const MOST_NUMBERED: usize = 10;
/// Networks begin at inputs of about this size; columns that reach further are scaled.
const WIDEST: f64 = 3.0;
/// So much of a text is looked at for what its columns are called.
const HEAD: usize = 65_536;

/// How the column of labels is to be understood.
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
    /// Rows of each class.
    pub counts: Vec<usize>,
    /// Where the first row names the columns.
    pub header: bool,
    /// The columns of x, y and the label, each as its number and name.
    pub columns: Vec<String>,
    /// Rows that were left out.
    pub left_out: usize,
    /// Per column of numbers, the range that was mapped onto −1 … 1, if any was wider than ±3.
    pub scaled: Option<Vec<(f64, f64)>>,
    /// What else was made of the table, in sentences.
    pub remarks: Vec<String>,
}

/// What the columns of a table are called, for somebody who chooses among them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outline {
    /// The names, or `column 3` where there is none.
    pub names: Vec<String>,
    /// The columns of x, y and the label as far as they can be guessed.
    pub guess: Option<[usize; 3]>,
    /// Whether they are obvious, so that nobody has to choose.
    pub obvious: bool,
}

/// A row whose numbers are there.
struct Kept<'a> {
    line: u64,
    numbers: [f64; 2],
    label: Option<&'a str>,
}

/// A row that is left out, and the column in which something is missing.
struct Gap<'a> {
    line: u64,
    column: usize,
    cell: &'a str,
    label: Option<&'a str>,
}

/// What is remarked of a table all of whose rows have this label.
pub fn one_class(label: &str) -> String {
    format!(
        "There is only one class, {}: there is nothing to learn.",
        quoted(label)
    )
}

/// Checks the size of a table before it is read.
///
/// # Errors
/// One sentence, if it is too large.
pub fn check_size(bytes: f64) -> Result<(), String> {
    if bytes <= MOST_BYTES as f64 {
        return Ok(());
    }
    Err(format!(
        "{:.1} MB are too many; allowed: at most {} MB",
        bytes / 1e6,
        MOST_BYTES / 1_000_000
    ))
}

/// What the columns of a table are called, if there are any to choose among.
pub fn outline(text: &str) -> Option<Outline> {
    let end = text.len().min(HEAD);
    let head = text.as_bytes()[..end].iter().rposition(|b| *b == b'\n');
    let head = if end < text.len() {
        &text[..head?]
    } else {
        text
    };
    let sheet = Sheet::read(head).ok()?;
    let obvious = sheet.obvious();
    let all_there = obvious.is_ok();
    let used = obvious.ok().filter(|used| used.label.is_some());
    let used = used.or_else(|| sheet.suggested());
    let names = sheet.choices();
    let guess = used.and_then(|used| Some([used.x, used.y, used.label?]));
    (names.len() > 2).then_some(Outline {
        names,
        guess,
        obvious: all_there,
    })
}

/// Reads a table: columns separated by commas, semicolons, tabs or blanks, with or without a first row of names.
/// `columns` names those of x, y and the label, by name or number; without it they must be obvious. What is passed over
/// is told; what has two readings is refused.
///
/// # Errors
/// One sentence that names the line.
pub fn read(text: &str, answers: Answers, columns: Option<&str>) -> Result<Table, String> {
    check_size(text.len() as f64)?;
    let sheet = Sheet::read(text)?;
    let used = match columns {
        Some(choice) => sheet.chosen(choice)?,
        None => sheet.obvious()?,
    };
    if sheet.body.is_empty() {
        return Err(
            "there is no row of numbers; allowed: two columns and a label, or x and y".to_owned(),
        );
    }
    let mut remarks = sheet.remarks.clone();
    let style = style(&sheet, used, answers, &mut remarks)?;
    let (rows, gaps) = rows(&sheet, used, style)?;
    if rows.len() < 2 {
        return Err(too_few(&rows, &gaps, used));
    }
    if used.label.is_none() && answers == Answers::Classes {
        return Err(format!(
            "line {}: two columns have no label; allowed: two columns and a label",
            rows[0].line
        ));
    }
    let has_values = answer_is_value(&sheet, used, &rows, &gaps, style, answers)?;
    let mut numbers: Vec<Vec<f64>> = (0..2)
        .map(|j| rows.iter().map(|row| row.numbers[j]).collect())
        .collect();
    let mut labels = Vec::new();
    let mut classes = Vec::new();
    if has_values && used.label.is_some() {
        numbers.push(values(&rows, style)?);
    } else if !has_values {
        (labels, classes) = classify(&rows, style, &mut remarks)?;
        if let Some(gap) = gaps.iter().find(|gap| {
            let class = |label| class_of(label, &labels, style).is_some();
            gap.label.is_some_and(|label| !class(label))
        }) {
            let label = quoted(gap.label.unwrap_or_default());
            return Err(format!(
                "{}, and without that row no row has the label {label}",
                gap.words(&sheet)
            ));
        }
    }
    if let Some(first) = gaps.first() {
        let (rows_are, where_else) = match gaps.len() {
            1 => ("row is", ""),
            _ => ("rows are", ", the first on this"),
        };
        remarks.push(format!(
            "{} {rows_are} left out{where_else}: {}.",
            gaps.len(),
            first.words(&sheet)
        ));
    }
    let scaled = scale(&mut numbers);
    let count = rows.len();
    let answer = has_values.then(|| numbers.pop()).flatten();
    let mut counts = vec![0; labels.len()];
    classes
        .iter()
        .for_each(|class| counts[*class as usize] += 1);
    let targets = match answer {
        Some(values) => Targets::Values(DMatrix::from_vec(count, 1, values)),
        None => Targets::Classes {
            labels: classes,
            classes: labels.len().max(2),
        },
    };
    let inputs = numbers.len();
    Ok(Table {
        points: Points {
            inputs: DMatrix::from_iterator(count, inputs, numbers.into_iter().flatten()),
            targets,
        },
        labels,
        counts,
        header: sheet.header,
        columns: used.all().map(|j| sheet.title(j)).collect(),
        left_out: gaps.len(),
        scaled,
        remarks,
    })
}

impl Gap<'_> {
    fn words(&self, sheet: &Sheet) -> String {
        let (line, column) = (self.line, sheet.title(self.column));
        match self.cell {
            "" => format!("line {line}: a cell is empty in {column}"),
            cell => format!("line {line}: {} is no value in {column}", quoted(cell)),
        }
    }
}

/// How the numbers of the table are written.
fn style(
    sheet: &Sheet,
    used: Used,
    answers: Answers,
    remarks: &mut Vec<String>,
) -> Result<Style, String> {
    let numbers = |j: usize| {
        let cells = sheet.body.iter().map(move |row| (row.line, row.cell(j)));
        cells.filter(|(_, cell)| written(cell) && !missing(cell))
    };
    let label = used.label.filter(|&j| {
        let labels = sheet
            .body
            .iter()
            .filter(|row| !no_label(row.cell(j)))
            .count();
        answers != Answers::Classes && 2 * numbers(j).count() > labels
    });
    let columns: Vec<usize> = [used.x, used.y].into_iter().chain(label).collect();
    let reads = |cell: &str| [Style::Point, Style::Comma].map(|style| value(cell, style));
    let all = || columns.iter().flat_map(|&j| numbers(j));
    let point = all().find(|(_, cell)| matches!(reads(cell), [Some(_), None]));
    let comma = all().find(|(_, cell)| matches!(reads(cell), [None, Some(_)]));
    let both = |cell: &str| matches!(reads(cell), [Some(a), Some(b)] if a.to_bits() != b.to_bits());
    let style = match (point, comma) {
        (Some(point), Some(comma)) => {
            let (point, comma) = ((point, "point"), (comma, "comma"));
            let [((before, one), mark), ((line, other), its_mark)] = if comma.0.0 < point.0.0 {
                [comma, point]
            } else {
                [point, comma]
            };
            return Err(format!(
                "line {line}: {} has a decimal {its_mark} where {} on line {before} has a decimal {mark}",
                quoted(other),
                quoted(one)
            ));
        }
        (None, Some(_)) => Style::Comma,
        (Some(_), None) => Style::Point,
        (None, None) => {
            // Where commas separate columns they separate thousands, if they are within a number at all. A column whose
            // numbers all have three decimals has decimals.
            let ambiguous = |j: usize| {
                let mixed = || numbers(j).any(|(_, cell)| plain(cell));
                let mut doubtful = numbers(j).filter(|(_, cell)| both(cell));
                doubtful.find(|(_, cell)| cell.contains(',') || mixed())
            };
            let found = columns.iter().find_map(|&j| ambiguous(j));
            let doubt = all().find(|(_, cell)| sheet.separator != b',' && both(cell));
            if let Some((line, cell)) = found.filter(|_| sheet.separator != b',') {
                let [point, comma] = reads(cell).map(Option::unwrap_or_default);
                return Err(format!(
                    "line {line}: {} may be {point} or {comma}; allowed: numbers without separators of thousands, or one \
                     with a decimal mark that tells",
                    quoted(cell)
                ));
            }
            remarks.extend(doubt.map(|(_, cell)| {
                format!(
                    "A point within a number, as in {}, is a decimal one.",
                    quoted(cell)
                )
            }));
            Style::Point
        }
    };
    let mut thousands = all().filter(|(_, cell)| both(cell) || cell.split([',', '.']).count() > 2);
    let (mark, name) = match style {
        Style::Point => (',', "comma"),
        Style::Comma => ('.', "point"),
    };
    if let Some((_, cell)) = thousands.find(|(_, cell)| cell.contains(mark)) {
        remarks.push(format!(
            "A {name} within a number, as in {}, separates thousands.",
            quoted(cell)
        ));
    }
    Ok(style)
}

/// The rows whose numbers and label are there, and the others.
fn rows(sheet: &Sheet, used: Used, style: Style) -> Result<(Vec<Kept<'_>>, Vec<Gap<'_>>), String> {
    let (mut kept, mut gaps) = (Vec::new(), Vec::new());
    for row in &sheet.body {
        let line = row.line;
        for j in used.all() {
            let cell = row.cell(j);
            if spreadsheet_error(cell) {
                let what = if Some(j) == used.label {
                    "no label"
                } else {
                    "not a number"
                };
                return Err(format!(
                    "line {line}: {} is {what} but an error of the spreadsheet, in {}",
                    quoted(cell),
                    sheet.title(j)
                ));
            }
            if cell.contains('\n') {
                return Err(format!(
                    "line {line}: a quote is opened in {} and not closed on the same line",
                    sheet.title(j)
                ));
            }
        }
        let label = used.label.map(|j| row.cell(j));
        let mut gap = None;
        let mut numbers = [0.0; 2];
        for (number_at, j) in numbers.iter_mut().zip([used.x, used.y]) {
            let cell = row.cell(j);
            match number(cell, style) {
                Some(value) => *number_at = value,
                None if missing(cell) => gap = gap.or(Some(j)),
                None if cell.starts_with('#') => {
                    return Err(format!(
                        "line {line}: {} is not a number; a note has a blank behind its #",
                        quoted(cell)
                    ));
                }
                None => return Err(format!("line {line}: {} is not a number", quoted(cell))),
            }
        }
        let unlabelled = label.is_some_and(no_label);
        let gap = gap.or(used.label.filter(|_| unlabelled));
        let label = label.filter(|_| !unlabelled);
        match gap {
            None => kept.push(Kept {
                line,
                numbers,
                label,
            }),
            Some(column) => gaps.push(Gap {
                line,
                column,
                cell: row.cell(column),
                label,
            }),
        }
    }
    Ok((kept, gaps))
}

/// Why there are not enough rows.
fn too_few(rows: &[Kept], gaps: &[Gap], used: Used) -> String {
    match (gaps.first(), rows.first()) {
        (Some(gap), _) if Some(gap.column) == used.label => {
            format!("line {}: the label is missing", gap.line)
        }
        (Some(gap), _) => format!("line {}: {} is not a number", gap.line, quoted(gap.cell)),
        (None, row) => format!(
            "line {}: a single point is too few; allowed: at least 2",
            row.map_or(0, |row| row.line)
        ),
    }
}

/// Whether the answers are values. What is left out must not decide it.
fn answer_is_value(
    sheet: &Sheet,
    used: Used,
    rows: &[Kept],
    gaps: &[Gap],
    style: Style,
    answers: Answers,
) -> Result<bool, String> {
    let Some(column) = used.label else {
        return Ok(true);
    };
    if answers != Answers::AsTheyLook {
        return Ok(answers == Answers::Values);
    }
    let values = |labels: &mut dyn Iterator<Item = &str>| {
        let (mut numbers, mut words) = (Vec::new(), 0);
        for label in labels {
            match number(label, style) {
                Some(number) => numbers.push(number),
                None => words += 1,
            }
        }
        numbers.len() > words && continuous(&numbers)
    };
    let kept = || rows.iter().filter_map(|row| Some((row.line, row.label?)));
    let is_value = values(&mut kept().map(|(_, label)| label));
    let left_out = gaps.iter().filter_map(|gap| gap.label);
    if let Some(gap) = gaps.first()
        && values(&mut kept().map(|(_, label)| label).chain(left_out)) != is_value
    {
        let [now, then] = if is_value {
            ["classes", "values"]
        } else {
            ["values", "classes"]
        };
        return Err(format!(
            "{}, and without that row the labels would be {then}, with it {now}",
            gap.words(sheet)
        ));
    }
    if is_value {
        let no_value = kept().find(|(_, label)| number(label, style).is_none());
        let unlabelled = gaps.iter().find(|gap| gap.column == column);
        let hole = no_value
            .into_iter()
            .chain(unlabelled.map(|gap| (gap.line, gap.cell)));
        if let Some((line, cell)) = hole.min_by_key(|(line, _)| *line) {
            return Err(format!(
                "line {line}: {} is not a number in {}, whose other rows hold values; allowed: task=regress, which leaves out \
                 rows without a value, or task=classify",
                quoted(cell),
                sheet.title(column)
            ));
        }
    }
    Ok(is_value)
}

fn continuous(values: &[f64]) -> bool {
    let mut different: Vec<f64> = Vec::new();
    for value in values {
        if different.len() <= MOST_NUMBERED && !different.contains(value) {
            different.push(*value);
        }
    }
    values.iter().any(|v| v.fract() != 0.0) || different.len() > MOST_NUMBERED
}

/// The labels as values.
fn values(rows: &[Kept], style: Style) -> Result<Vec<f64>, String> {
    let value = |row: &Kept| {
        let label = row.label.unwrap_or_default();
        number(label, style).ok_or_else(|| {
            format!(
                "line {}: {} is not a number, which task=regress needs",
                row.line,
                quoted(label)
            )
        })
    };
    rows.iter().map(value).collect()
}

/// The class of a label: numbers are the same however they are written.
fn class_of(label: &str, labels: &[String], style: Style) -> Option<usize> {
    let as_number = number(label, style);
    labels.iter().position(|known| {
        let same = || as_number.is_some() && number(known, style) == as_number;
        known == label || same()
    })
}

/// The different labels in order, and the class of every row.
fn classify(
    rows: &[Kept],
    style: Style,
    remarks: &mut Vec<String>,
) -> Result<(Vec<String>, Vec<u32>), String> {
    let mut labels: Vec<String> = Vec::new();
    // The first of those that are the same number, by alphabet.
    let mut same: Option<(String, String)> = None;
    for row in rows {
        let label = row.label.unwrap_or_default();
        match class_of(label, &labels, style) {
            Some(class) if labels[class] != label => {
                let pair = (labels[class].clone(), label.to_owned());
                if same.as_ref().is_none_or(|first| pair < *first) {
                    same = Some(pair);
                }
            }
            Some(_) => {}
            None if labels.len() == MOST_LABELS => {
                return Err(format!(
                    "line {}: {} is one label too many; allowed: at most {MOST_LABELS} different ones",
                    row.line,
                    quoted(label)
                ));
            }
            None => labels.push(label.to_owned()),
        }
    }
    for label in &mut labels {
        // numpy writes 1 as 1.000000000000000000e+00.
        if label.contains(['e', 'E'])
            && let Some(value) = number(label, style)
        {
            *label = words::number(value);
        }
    }
    if let Some((one, other)) = &same {
        remarks.push(format!(
            "Labels that are the same number are the same class, as {} and {}.",
            quoted(one),
            quoted(other)
        ));
    }
    let numbers: Option<Vec<f64>> = labels.iter().map(|label| number(label, style)).collect();
    // Numbers in their order, other words in that of the alphabet.
    let numbers = numbers.unwrap_or_else(|| vec![0.0; labels.len()]);
    let mut sorted: Vec<(f64, String)> = Vec::new();
    for (number, label) in numbers.into_iter().zip(labels) {
        let order =
            |other: &(f64, String)| other.0.total_cmp(&number).then_with(|| other.1.cmp(&label));
        let at = sorted.partition_point(|other| order(other).is_lt());
        sorted.insert(at, (number, label));
    }
    let labels: Vec<String> = sorted.into_iter().map(|(_, label)| label).collect();
    let alike = |(i, one): (usize, &String)| {
        let mut others = labels[i + 1..].iter();
        let other = others.find(|other| one.to_lowercase() == other.to_lowercase())?;
        Some((one.clone(), other.clone()))
    };
    if let Some((one, other)) = labels.iter().enumerate().find_map(alike) {
        remarks.push(format!(
            "{} and {} are two classes: they differ in capital letters only.",
            quoted(&one),
            quoted(&other)
        ));
    }
    if let [only] = &labels[..] {
        remarks.push(one_class(only));
    }
    let class = |row: &Kept| class_of(row.label.unwrap_or_default(), &labels, style);
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
