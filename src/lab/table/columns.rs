//! What the columns of a table are: whether the first row names them, which is an index or empty, which hold x, y and the
//! label. Knows no points.

use std::collections::HashSet;

use super::grid::{Grid, MOST_ROWS, Row};
use super::number::{missing, plain, spreadsheet_error, written};
use crate::lab::words::{cut, quoted};

/// What people call a column of labels.
const LABELS: [&str; 11] = [
    "label", "labels", "class", "target", "kind", "type", "species", "category", "group", "k",
    "cluster",
];
/// What tools and people call a column that numbers the rows.
const INDICES: [&str; 8] = ["index", "id", "#", "nr", "nr.", "no", "no.", "row"];
/// Most columns that a sentence lists.
const LISTED: usize = 12;

/// The columns that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Used {
    pub(super) x: usize,
    pub(super) y: usize,
    pub(super) label: Option<usize>,
}

impl Used {
    pub(super) fn all(self) -> impl Iterator<Item = usize> {
        [self.x, self.y].into_iter().chain(self.label)
    }
}

/// A table whose columns are known.
pub(super) struct Sheet {
    /// The rows below the names.
    pub(super) body: Vec<Row>,
    pub(super) separator: u8,
    /// Whether the first row names the columns.
    pub(super) header: bool,
    /// What was passed over or left out, in sentences.
    pub(super) remarks: Vec<String>,
    names: Vec<String>,
    /// The columns that are neither empty nor an index.
    kept: Vec<usize>,
    first_line: u64,
}

impl Sheet {
    /// Reads a text.
    ///
    /// # Errors
    /// One sentence that names the line.
    pub(super) fn read(text: &str) -> Result<Sheet, String> {
        let grid = Grid::read(text)?;
        let (mut body, separator) = (grid.rows, grid.separator);
        let mut remarks = Vec::new();
        let Some(first) = body.first() else {
            return Err(
                "there is no row of numbers; allowed: two columns and a label, or x and y"
                    .to_owned(),
            );
        };
        let (first_line, width) = (first.line, first.cells.len());
        // R leaves out the name of the column that names the rows.
        let longer = |row: &Row| row.cells.len() == width + 1 && !row.cell(width).is_empty();
        let shifted = body.len() > 1
            && body[1..].iter().all(longer)
            && !first.cells.iter().any(written)
            && !(separator == b',' && is_cut_in_two(&body[1..]));
        let mut width = width + usize::from(shifted);
        // Spreadsheets have the rows end where they are empty, and the names not.
        let ends = |at: usize| first.cell(at).is_empty() && is_shorter(&body[1..], at);
        while width > 1 && ends(width - 1) {
            width -= 1;
        }
        let header = shifted || has_names(&body, width)?;
        let mut names = vec![String::new(); width];
        if header {
            let row = body.remove(0);
            let given = row.cells.iter().map(|name| {
                let name = name.strip_prefix('#').unwrap_or(name);
                name.split_whitespace().collect::<Vec<_>>().join(" ")
            });
            let from = usize::from(shifted);
            names[from..]
                .iter_mut()
                .zip(given)
                .for_each(|(name, given)| *name = given);
        }
        if header && is_second_line_of_names(&body, width) {
            let row = body.remove(0);
            let line = row.line.to_string();
            remarks.push(["Line ", &line, " has more of the columns’ names, or units."].concat());
            for (name, more) in names.iter_mut().zip(&row.cells) {
                let both = [name.as_str(), more].join(" ");
                both.trim().clone_into(name);
            }
        }
        let name = |cell: &str| !written(cell) && !missing(cell);
        let noted = !header && grid.above.len() == width && grid.above.iter().all(name);
        if noted {
            names = grid.above.iter().map(str::to_owned).collect();
            remarks.push("A note names the columns.".to_owned());
        }
        match grid.notes - usize::from(noted) {
            0 => {}
            1 => remarks.push("One line is a note and was passed over.".to_owned()),
            notes => remarks.push(format!("{notes} lines are notes and were passed over.")),
        }
        for row in &body {
            let beyond = row.cells.iter().skip(width).all(str::is_empty);
            // One column alone is refused as such.
            if width > 1 && (row.cells.len() < width || !beyond) {
                return Err(format!(
                    "line {}: {} columns where the first row has {width}",
                    row.line,
                    row.cells.len()
                ));
            }
        }
        if let Some(row) = body.get(MOST_ROWS) {
            return Err(format!(
                "line {}: too many rows; allowed: at most {MOST_ROWS}",
                row.line
            ));
        }
        let mut sheet = Sheet {
            body,
            separator,
            header,
            remarks,
            names,
            kept: (0..width).collect(),
            first_line,
        };
        sheet.leave_out();
        Ok(sheet)
    }

    /// Leaves out what holds nothing, and what only numbers the rows.
    fn leave_out(&mut self) {
        let width = self.kept.len();
        let (body, names) = (&self.body, &self.names);
        self.kept
            .retain(|&j| !names[j].is_empty() || body.iter().any(|row| !row.cell(j).is_empty()));
        match width - self.kept.len() {
            0 => {}
            1 => self.remarks.push("An empty column is left out.".to_owned()),
            empty => self
                .remarks
                .push(format!("{empty} empty columns are left out.")),
        }
        while let Some(what) = self.index() {
            let column = self.title(self.kept[0]);
            self.remarks.push(format!(
                "C{} only {what} the rows and is left out.",
                &column[1..]
            ));
            self.kept.remove(0);
        }
    }

    /// What the first column does if it is an index: it numbers the rows, or names them.
    fn index(&self) -> Option<&'static str> {
        let (&first, rest) = self.kept.split_first()?;
        let cells = || self.body.iter().map(|row| row.cell(first));
        if rest.len() < 2 || self.body.len() < 2 || cells().any(str::is_empty) {
            return None;
        }
        let (mut counts, mut whole, mut next) = (true, true, None);
        for cell in cells() {
            // pandas has whole numbers with a point where there was a hole.
            let number: f64 = cell.parse().unwrap_or(0.5);
            whole &= number.fract() == 0.0;
            counts &= next.map_or(number == 0.0 || number == 1.0, |next| number == next);
            next = Some(number + 1.0);
        }
        let distinct = || {
            let mut seen = HashSet::new();
            cells().all(|cell| seen.insert(cell))
        };
        let name = self.names[first].to_ascii_lowercase();
        // pandas calls a column without a name so.
        let nameless = name.is_empty() || name.starts_with("unnamed: 0");
        let others = rest.len() > 2;
        let is_index = if !self.header {
            counts && rest.len() == 3
        } else if nameless {
            let named = rest.iter().all(|&j| !self.names[j].is_empty());
            let words = others && !cells().any(written);
            named && (counts || ((whole || words) && distinct()))
        } else {
            INDICES.contains(&name.as_str()) && (counts || (others && whole && distinct()))
        };
        is_index.then_some(if whole { "numbers" } else { "names" })
    }

    /// A column in words: its number and, where it has one, its name.
    pub(super) fn title(&self, column: usize) -> String {
        match self.names[column].as_str() {
            "" => format!("column {}", column + 1),
            name => format!("column {} ({})", column + 1, cut(name)),
        }
    }

    /// What a person chooses a column by.
    pub(super) fn choices(&self) -> Vec<String> {
        let name = |(j, name): (usize, &String)| match name.as_str() {
            "" => format!("column {}", j + 1),
            name => cut(name),
        };
        self.names.iter().enumerate().map(name).collect()
    }

    /// The columns that were chosen by name or number, as in `petal length,petal width,5`.
    ///
    /// # Errors
    /// One sentence that names what cannot be chosen.
    pub(super) fn chosen(&self, choice: &str) -> Result<Used, String> {
        let mut reader = csv::ReaderBuilder::new();
        let reader = reader.has_headers(false).trim(csv::Trim::All);
        let mut records = reader.from_reader(choice.as_bytes()).into_records();
        let record = records.next().and_then(Result::ok).unwrap_or_default();
        let columns = record.iter().map(|name| self.column(name));
        let columns = columns.collect::<Result<Vec<usize>, String>>()?;
        let used = match columns[..] {
            [x, y] => Used { x, y, label: None },
            [x, y, label] => Used {
                x,
                y,
                label: Some(label),
            },
            _ => {
                return Err(format!(
                    "columns: {} names {} columns; allowed: x,y,label or x,y",
                    quoted(choice),
                    columns.len()
                ));
            }
        };
        let twice = used.x == used.y || used.label.is_some_and(|j| j == used.x || j == used.y);
        if twice {
            return Err(format!(
                "columns: {} names one column twice",
                quoted(choice)
            ));
        }
        Ok(used)
    }

    /// A column by its name, else by its number; `#3` is always a number.
    fn column(&self, name: &str) -> Result<usize, String> {
        let named = |is: fn(&str, &str) -> bool| -> Vec<usize> {
            let columns = 0..self.names.len();
            columns
                .filter(|&j| !name.is_empty() && is(&self.names[j], name))
                .collect()
        };
        let mut found = named(|known, name| known == name);
        if found.is_empty() {
            found = named(str::eq_ignore_ascii_case);
        }
        if found.is_empty() {
            let number = name.trim_start_matches('#').parse::<usize>().ok();
            let column = number.and_then(|number| number.checked_sub(1));
            found.extend(column.filter(|j| *j < self.names.len()));
        }
        if let [column] = found[..] {
            return Ok(column);
        }
        let what = if found.is_empty() {
            "there is no column"
        } else {
            "several are called"
        };
        Err(format!(
            "columns: {what} {}; allowed: {}",
            quoted(name),
            self.list(0..self.names.len())
        ))
    }

    fn list(&self, columns: impl ExactSizeIterator<Item = usize>) -> String {
        let count = columns.len();
        let mut words: Vec<String> = columns
            .take(LISTED)
            .map(|j| self.title(j).trim_start_matches("column ").to_owned())
            .collect();
        if count > LISTED {
            words.push(format!("… and {} more", count - LISTED));
        }
        words.join(", ")
    }

    /// The columns as they look, if there are two or three.
    ///
    /// # Errors
    /// One sentence, if somebody has to choose.
    pub(super) fn obvious(&self) -> Result<Used, String> {
        let by_name = |wanted: &[&str]| {
            let mut found = self
                .kept
                .iter()
                .filter(|&&j| wanted.contains(&self.names[j].to_ascii_lowercase().as_str()));
            found.next().copied().filter(|_| found.next().is_none())
        };
        let (x, y) = (by_name(&["x"]), by_name(&["y"]));
        match self.kept[..] {
            [first, second] => Ok(match (x, y) {
                (Some(x), Some(y)) => Used { x, y, label: None },
                _ => Used {
                    x: first,
                    y: second,
                    label: None,
                },
            }),
            [first, second, third] => {
                let mut words = self.kept.iter().copied().filter(|&j| self.is_words(j));
                let word = words.next().filter(|_| words.next().is_none());
                let rest = |label: usize| {
                    self.kept
                        .iter()
                        .copied()
                        .find(|&j| j != label && Some(j) != x && Some(j) != y)
                };
                let label = match (word, x, y) {
                    (Some(word), ..) => word,
                    (None, Some(_), Some(_)) => rest(usize::MAX).unwrap_or(third),
                    (None, ..) => by_name(&LABELS).unwrap_or(third),
                };
                let [one, other] = match label {
                    _ if label == first => [second, third],
                    _ if label == second => [first, third],
                    _ => [first, second],
                };
                let swapped = x == Some(other) && y == Some(one);
                let (x, y) = if swapped { (other, one) } else { (one, other) };
                Ok(Used {
                    x,
                    y,
                    label: Some(label),
                })
            }
            _ => {
                let count = self.kept.len();
                let noun = if count == 1 { "column" } else { "columns" };
                let choose = match count {
                    0 | 1 => String::new(),
                    _ => format!("; choose three of {}", self.list(self.kept.iter().copied())),
                };
                Err(format!(
                    "line {}: {count} {noun}; allowed: two columns and a label, or x and y, separated by commas, \
                     semicolons or tabs{choose}",
                    self.first_line
                ))
            }
        }
    }

    /// What may be meant where nothing is obvious: the first two columns of numbers, and that of words or the last.
    pub(super) fn suggested(&self) -> Option<Used> {
        let mut numbers = self
            .kept
            .iter()
            .copied()
            .filter(|&j| mostly_numbers(&self.body, j));
        let (x, y) = (numbers.next()?, numbers.next()?);
        let words = self.kept.iter().copied().find(|&j| self.is_words(j));
        let label = words.or_else(|| numbers.next_back());
        Some(Used { x, y, label })
    }

    /// Whether there is a word in a column and no number.
    fn is_words(&self, column: usize) -> bool {
        let mut cells = self.body.iter().map(|row| row.cell(column)).peekable();
        let words = |cell: &str| !written(cell) || missing(cell);
        cells.clone().all(words) && cells.any(|cell| !nothing(cell))
    }
}

/// Whether a cell has nothing to say of its column.
fn nothing(cell: &str) -> bool {
    missing(cell) || spreadsheet_error(cell)
}

/// The columns of numbers, and the others.
fn parted(rows: &[Row], width: usize) -> (Vec<usize>, Vec<usize>) {
    (0..width).partition(|&j| mostly_numbers(rows, j))
}

/// Whether most of what a column holds are numbers, if it holds anything.
fn mostly_numbers(rows: &[Row], column: usize) -> bool {
    let cells = || {
        rows.iter()
            .map(|row| row.cell(column))
            .filter(|cell| !missing(cell))
    };
    let numbers = cells().filter(|cell| written(cell)).count();
    numbers > 0 && 2 * numbers > cells().count()
}

/// Whether the first row names the columns: a word stands there above numbers.
///
/// # Errors
/// One sentence with the two readings, if a number stands there above numbers as well.
fn has_names(rows: &[Row], width: usize) -> Result<bool, String> {
    let Some((first, body)) = rows.split_first() else {
        return Ok(false);
    };
    if body.is_empty() {
        return Ok(!first.cells.iter().any(written));
    }
    let (numbers, words) = parted(body, width);
    let named = numbers
        .iter()
        .find(|&&j| !written(first.cell(j)) && !nothing(first.cell(j)));
    let counted = numbers
        .iter()
        .find(|&&j| written(first.cell(j)) && !missing(first.cell(j)));
    let Some(&counted) = counted else {
        // Without any number below, names are as good as what is below.
        return Ok(named.is_some() || (numbers.is_empty() && !first.cells.iter().any(nothing)));
    };
    let counts =
        |cell: (usize, &str)| cell.1.parse() == Ok(cell.0) || cell.1.parse() == Ok(cell.0 + 1);
    let unnamed_first = first.cell(0).is_empty() && numbers.first() == Some(&0);
    // Years may be names, too.
    let named = named.or_else(|| {
        let is_name = |cell: &str| LABELS.contains(&cell.to_ascii_lowercase().as_str());
        let again = |j: usize| body.iter().any(|row| row.cell(j) == first.cell(j));
        words.iter().find(|&&j| is_name(first.cell(j)) && !again(j))
    });
    let rest = first.cells.iter().skip(1).enumerate();
    if unnamed_first && { rest }.all(&counts) {
        // A data frame whose columns have only numbers.
        return Ok(true);
    }
    if let Some(&named) = named {
        let (name, number) = (first.cell(named), first.cell(counted));
        let below = if numbers.contains(&named) {
            "numbers"
        } else {
            "labels"
        };
        return Err(format!(
            "line {}: it may name the columns ({} stands above {below}) or be a row ({number:?} is a number like those \
             below); allowed: names only, or numbers",
            first.line,
            quoted(name)
        ));
    }
    let numbered = first.cells.iter().enumerate().all(counts);
    let above_words = words
        .iter()
        .find(|&&j| written(first.cell(j)) && !body.iter().any(|row| written(row.cell(j))));
    // Or whole numbers above others.
    let broken = |j: &usize| body.iter().any(|row| !plain(row.cell(*j)));
    let above = above_words.or(numbers
        .last()
        .filter(|_| numbers.iter().take(2).all(broken)));
    if let (true, Some(&j)) = (numbered, above) {
        return Err(format!(
            "line {}: it may number the columns or be a row with the label {:?}; allowed: names in place of numbers, or \
             no such row",
            first.line,
            first.cell(j)
        ));
    }
    Ok(false)
}

/// Whether all rows end before a column.
fn is_shorter(rows: &[Row], column: usize) -> bool {
    !rows.is_empty() && rows.iter().all(|row| row.cells.len() <= column)
}

/// Whether commas that separate columns may have been decimal ones in the first: whole numbers stand on both sides, and do
/// not count the rows.
fn is_cut_in_two(rows: &[Row]) -> bool {
    let whole = |row: &Row, j: usize| row.cell(j).parse::<i64>().ok();
    let sides = |row: &Row| whole(row, 0).and(whole(row, 1)).is_some();
    let follows = |two: &[Row]| whole(&two[0], 0).map(|n| n + 1) == whole(&two[1], 0);
    let begins = matches!(whole(&rows[0], 0), Some(0 | 1));
    rows.iter().all(sides) && !(begins && rows.windows(2).all(follows))
}

/// Whether the row below the names holds more of them: words above numbers that are no label of any other row.
fn is_second_line_of_names(rows: &[Row], width: usize) -> bool {
    let Some((first, body)) = rows.split_first() else {
        return false;
    };
    let (numbers, words) = parted(body, width);
    let names = numbers.iter().filter(|&&j| !nothing(first.cell(j)));
    let label = |&j: &usize| {
        let cell = first.cell(j);
        !cell.is_empty() && body.iter().any(|row| row.cell(j) == cell)
    };
    first.cells.len() <= width
        && names.clone().count() > 1
        && !names.clone().any(|&j| written(first.cell(j)))
        && !words.iter().any(label)
}
