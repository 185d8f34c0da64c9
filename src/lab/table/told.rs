//! What was made of a table, in a few sentences. Reads none.

use super::Table;
use crate::lab::words::{cut, number, short};

impl Table {
    /// The sentences; `points` says what its rows have become, as in "200 points", and `unlabelled` what they are where there are no classes.
    pub fn told(&self, name: &str, points: &str, unlabelled: &str) -> String {
        let rows = self.points.inputs.nrows();
        let answers = if self.labels.is_empty() {
            unlabelled.to_owned()
        } else {
            let named = self.labels.iter().enumerate();
            let names: Vec<String> = named
                .map(|(i, label)| format!("{} = {}", i + 1, cut(label)))
                .collect();
            let counts: Vec<String> = self.counts.iter().map(usize::to_string).collect();
            format!(
                "; classes {}, of {} rows",
                names.join(", "),
                counts.join(", ")
            )
        };
        let left_out = match self.left_out {
            0 => "none left out".to_owned(),
            some => format!("{some} left out"),
        };
        let roles = match (self.columns.len(), self.labels.is_empty()) {
            (2, _) => "x and y",
            (_, true) => "x, y and the value",
            (_, false) => "x, y and the label",
        };
        let columns = self.columns.join(", ");
        let scaled = self.scaled.as_ref();
        let scaled = scaled.map_or("Nothing is scaled.".to_owned(), |ranges| {
            let written = |v: f64| if v.abs() < 1e15 { number(v) } else { short(v) };
            let range = |&(low, high): &(f64, f64)| written(low) + " … " + &written(high);
            let ranges: Vec<String> = ranges.iter().map(range).collect();
            format!(
                "Its columns are scaled to −1 … 1, from {}.",
                ranges.join(", ")
            )
        });
        let remarks = [String::new()].into_iter().chain(self.remarks.clone());
        let remarks = remarks.collect::<Vec<_>>().join(" ");
        format!(
            "{name}: {points}{answers}. {rows} rows were read, {left_out}; {roles} are {columns}. {scaled}{remarks}"
        )
    }
}
