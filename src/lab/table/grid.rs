//! A text as rows of cells: what separates the cells, which lines are notes, which quotes never end. The `csv` crate reads
//! the bytes. Knows nothing of what the cells mean.

use csv::{Position, ReaderBuilder, StringRecord, Trim};

use super::number::{spreadsheet_error, written};

/// Most rows.
pub const MOST_ROWS: usize = 100_000;
/// Rows enough to see that there are too many, with one of names.
const ENOUGH: usize = MOST_ROWS + 2;
/// Lines that are looked at for the separator.
const SAMPLE: usize = 50;
/// What takes up no room, and so parts names that look the same.
const INVISIBLE: [char; 6] = [
    '\u{feff}', '\u{ad}', '\u{200b}', '\u{200e}', '\u{200f}', '\u{2060}',
];

/// A row and the line on which it begins.
pub(super) struct Row {
    pub(super) line: u64,
    pub(super) cells: StringRecord,
}

impl Row {
    /// A cell; empty beyond the row's end.
    pub(super) fn cell(&self, column: usize) -> &str {
        self.cells.get(column).unwrap_or_default()
    }
}

/// The rows that hold anything, and how many lines were notes.
pub(super) struct Grid {
    pub(super) rows: Vec<Row>,
    pub(super) notes: usize,
    /// The cells of the last note above the first row: numpy writes the names of columns so.
    pub(super) above: StringRecord,
    pub(super) separator: u8,
}

impl Grid {
    /// Reads a text.
    ///
    /// # Errors
    /// One sentence that names the line.
    pub(super) fn read(text: &str) -> Result<Grid, String> {
        // Old programs end a text with ^Z.
        let text = text.trim_end_matches('\u{1a}').chars();
        let text: String = text.filter(|c| !INVISIBLE.contains(c)).collect();
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let mut lines: Vec<&str> = text.split('\n').collect();
        let named = lines.first_mut().and_then(|first| {
            let separator = named_separator(first)?;
            *first = "";
            Some(separator)
        });
        let (mut notes, mut above, mut begun) = (0, "", false);
        for line in &mut lines {
            if is_note(line) {
                notes += 1;
                let words = std::mem::take(line).trim_start_matches(['#', '%', ' ']);
                if !begun {
                    above = words;
                }
            }
            begun |= !line.trim().is_empty();
        }
        let separator = named.unwrap_or_else(|| separator(&lines));
        let rows = records(&without_loose_blanks(&lines, separator)?, separator);
        let cells = records(above, separator).pop();
        let mut grid = Grid {
            rows,
            notes,
            above: cells.map(|row| row.cells).unwrap_or_default(),
            separator,
        };
        grid.part_notes();
        Ok(grid)
    }

    /// What begins with `#` is a row if it has as many cells as the others, else a note.
    fn part_notes(&mut self) {
        let begins = |row: &Row| row.cell(0).starts_with('#');
        let width = self.rows.iter().find(|row| !begins(row));
        let width = width.map_or(0, |row| row.cells.len());
        let before = self.rows.len();
        self.rows.retain(|row| {
            let alone = row.cells.iter().skip(1).all(str::is_empty);
            let rest = alone && !spreadsheet_error(row.cell(0));
            !begins(row) || (row.cells.len() == width && !rest)
        });
        self.notes += before - self.rows.len();
    }
}

/// A line that is a note whatever the table is: a mark and a blank, nothing but marks, a line that is drawn below names,
/// or what ARFF files say of their columns.
fn is_note(line: &str) -> bool {
    let words = line.trim_start().strip_prefix('@').unwrap_or_default();
    let word = words.split_whitespace().next().unwrap_or_default();
    let is_arff = ["relation", "attribute", "data"]
        .into_iter()
        .any(|known| word.eq_ignore_ascii_case(known));
    let drawn = line.contains("--") && line.chars().all(|c| "-+|: ".contains(c));
    is_arff
        || drawn
        || ["#", "%", "//"].into_iter().any(|mark| {
            let rest = line.trim_start().strip_prefix(mark);
            rest.is_some_and(|rest| {
                let rest = rest.trim_start_matches(mark);
                rest.is_empty() || rest.starts_with(char::is_whitespace)
            })
        })
}

/// The separator that a spreadsheet names in a first line of its own, as in `sep=;`.
fn named_separator(line: &str) -> Option<u8> {
    let line = line.trim_start().trim_start_matches('"');
    let (key, rest) = line.split_once('=')?;
    let first = rest.bytes().next().filter(u8::is_ascii)?;
    let alone = rest[1..]
        .chars()
        .all(|c| ['"', ' ', char::from(first)].contains(&c));
    let names = key.eq_ignore_ascii_case("sep") && alone;
    (names && first != b'"').then_some(first)
}

/// Tabs, semicolons, commas and upright bars separate, in this order, if they are as many on every line; else blanks.
fn separator(lines: &[&str]) -> u8 {
    let sample = || {
        let lines = lines.iter().filter(|line| !line.trim().is_empty());
        lines.take(SAMPLE)
    };
    let steady = |separator: u8| {
        let mut counts = sample().map(|line| count(line, separator));
        let first = counts.next().unwrap_or(0);
        first > 0 && counts.all(|count| count == first)
    };
    let marks = [b'\t', b';', b',', b'|'];
    let found = marks.into_iter().find(|&mark| steady(mark));
    let first = || sample().take(1);
    let named = |mark: &u8| first().any(|line| count(line, *mark) > 0);
    if found == Some(b',') && steady(b' ') || found.is_none() && !marks.iter().any(named) {
        // Commas may be decimal ones between blanks, below names without any.
        let mut body = sample().skip(1).peekable();
        if body.peek().is_some() && body.all(|line| is_blank_between_numbers(line)) {
            return b' ';
        }
    }
    let anywhere = |s: &u8| sample().any(|line| count(line, *s) > 0);
    let found = found.or_else(|| marks.into_iter().find(named));
    found
        .or_else(|| marks.into_iter().find(anywhere))
        .unwrap_or(b' ')
}

/// Whether blanks separate at least two numbers on a line, and commas do not.
fn is_blank_between_numbers(line: &str) -> bool {
    let is_number = |cell: &str| written(cell) && !cell.ends_with([',', ';']);
    let by_blanks = line.split_whitespace().filter(|cell| is_number(cell));
    // Two numbers in a cell are none.
    let is_one = |cell: &str| written(cell) || !cell.split_whitespace().any(is_number);
    let mut by_commas = line.split(',').map(str::trim);
    by_blanks.count() >= 2 && !by_commas.all(is_one)
}

/// How often a separator stands on a line outside of quotes.
fn count(line: &str, separator: u8) -> usize {
    let mut quoted = false;
    let mut count = 0;
    for byte in line.trim().bytes() {
        quoted ^= byte == b'"';
        count += usize::from(byte == separator && !quoted);
    }
    count
}

/// The text without the blanks around quoted cells, which the crate would take for a part of the cell.
///
/// # Errors
/// If a quote is opened and never closed, or something follows where it is closed.
fn without_loose_blanks(lines: &[&str], separator: u8) -> Result<String, String> {
    /// Where a byte stands.
    #[derive(PartialEq)]
    enum At {
        Begin,
        Cell,
        Quote,
        End,
    }
    let mut clean = String::new();
    let mut at = At::Begin;
    let mut opened = 0;
    for (i, line) in lines.iter().enumerate() {
        let mut blanks = 0;
        let mut from = 0;
        for (j, byte) in line.bytes().enumerate() {
            let blank = byte == b' ' && separator != b' ';
            at = match at {
                _ if byte == separator && at != At::Quote => At::Begin,
                At::Begin if blank => {
                    blanks += 1;
                    At::Begin
                }
                At::Begin if byte == b'"' => {
                    clean.push_str(&line[from..j - blanks]);
                    (from, opened) = (j, i + 1);
                    At::Quote
                }
                At::Begin | At::Cell => At::Cell,
                At::Quote if byte == b'"' => At::End,
                At::Quote => At::Quote,
                At::End if byte == b'"' => At::Quote,
                At::End if byte.is_ascii_whitespace() => {
                    clean.push_str(&line[from..j]);
                    from = j + 1;
                    At::End
                }
                At::End => {
                    return Err(format!(
                        "line {opened}: a quote is opened that is closed only in the middle of a cell, on line {}; \
                         a quote within quotes is written twice",
                        i + 1
                    ));
                }
            };
            if at != At::Begin || !blank {
                blanks = 0;
            }
        }
        clean.push_str(&line[from..]);
        clean.push('\n');
        if at != At::Quote {
            at = At::Begin;
        }
    }
    if at == At::Quote {
        return Err(format!(
            "line {opened}: a quote is opened that is never closed"
        ));
    }
    Ok(clean)
}

fn records(text: &str, separator: u8) -> Vec<Row> {
    let mut reader = ReaderBuilder::new()
        .delimiter(separator)
        .has_headers(false)
        .flexible(true)
        .trim(Trim::All)
        .from_reader(text.as_bytes());
    let mut rows = Vec::new();
    let mut record = StringRecord::new();
    // Text that is in memory is read, and a record may be of any length.
    while rows.len() < ENOUGH && reader.read_record(&mut record).unwrap_or(false) {
        let position = record.position();
        let line = position.map_or(0, |position| line_of(text, position));
        let mut cells = record.clone();
        if separator == b' ' {
            // Any number of blanks is one.
            cells = record.iter().filter(|cell| !cell.is_empty()).collect();
        }
        if !cells.iter().all(str::is_empty) {
            rows.push(Row { line, cells });
        }
    }
    rows
}

/// The line of the record that was looked for from a position on: empty lines in between were passed over.
fn line_of(text: &str, position: &Position) -> u64 {
    let rest = text.get(position.byte() as usize..).unwrap_or_default();
    position.line() + rest.bytes().take_while(|b| *b == b'\n').count() as u64
}
