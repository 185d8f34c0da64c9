//! How numbers are written in a table: with a decimal point or comma, with or without separators of thousands, or not at
//! all. Knows no table.

/// Which of the two marks is the decimal one; the other may separate thousands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// `1,050.5`
    Point,
    /// `1.050,5`
    Comma,
}

/// What may stand between groups of three digits in either style: Swiss, and blanks of all widths.
const BETWEEN: [char; 6] = ['\'', '’', ' ', '\u{a0}', '\u{202f}', '\u{2009}'];

/// A number of any size, as it is written in a style.
pub(super) fn value(cell: &str, style: Style) -> Option<f64> {
    if style == Style::Point
        && let Ok(value) = cell.parse()
    {
        return Some(value);
    }
    let (decimal, other) = match style {
        Style::Point => ('.', ','),
        Style::Comma => (',', '.'),
    };
    let (sign, rest) = match cell.strip_prefix(['-', '\u{2212}', '\u{2013}', '+']) {
        Some(rest) if cell.starts_with('+') => ("", rest),
        Some(rest) => ("-", rest),
        None => ("", cell),
    };
    let (mantissa, exponent) = match rest.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (rest, 0),
    };
    let (whole, fraction) = mantissa.split_once(decimal).unwrap_or((mantissa, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let mark = whole.chars().find(|c| !c.is_ascii_digit());
    let whole = match mark {
        None => whole.to_owned(),
        Some(mark) if mark == other || BETWEEN.contains(&mark) => {
            let mut groups = whole.split(mark);
            let first = groups.next().unwrap_or_default();
            let begins = (1..=3).contains(&first.len()) && !first.starts_with('0') && digits(first);
            if !begins || !groups.all(|group| group.len() == 3 && digits(group)) {
                return None;
            }
            whole.replace(mark, "")
        }
        Some(_) => return None,
    };
    if !digits(fraction) || whole.len() + fraction.len() == 0 {
        return None;
    }
    format!("{sign}{whole}.{fraction}e{exponent}").parse().ok()
}

/// A number of a size that the networks can be given.
pub(super) fn number(cell: &str, style: Style) -> Option<f64> {
    value(cell, style).filter(|v| v.is_finite() && v.abs() <= f64::from(f32::MAX))
}

/// Whether a cell is a number in either style.
pub(super) fn written(cell: &str) -> bool {
    value(cell, Style::Point).is_some() || value(cell, Style::Comma).is_some()
}

/// Whether a number has no mark in it: neither decimals nor separators of thousands.
pub(super) fn plain(cell: &str) -> bool {
    !cell.contains(['.', ','])
}

/// Whether a cell says that there is no number.
pub(super) fn missing(cell: &str) -> bool {
    let word = cell.to_ascii_lowercase();
    no_label(cell) || ["none", "nil", "-", "--", "?", "."].contains(&word.as_str())
}

/// Whether a cell says that there is no label; fewer words than for numbers, as a class may be called *none*.
pub(super) fn no_label(cell: &str) -> bool {
    let words = ["", "NA", "N/A", "n/a", "na", "<NA>", "NULL", "null"];
    words.contains(&cell)
        || cell
            .trim_start_matches(['-', '+'])
            .eq_ignore_ascii_case("nan")
}

/// Whether a cell holds what spreadsheets show where a formula has failed, in their many languages: `#DIV/0!`,
/// `#NAME?`, `#N/A`, `#NV`, `####`.
pub(super) fn spreadsheet_error(cell: &str) -> bool {
    let Some(rest) = cell.strip_prefix('#') else {
        // LibreOffice has numbers for its own.
        let number = cell.strip_prefix("Err:");
        return number.is_some_and(|n| n.len() == 3 && n.bytes().all(|b| b.is_ascii_digit()));
    };
    let capital = rest
        .chars()
        .all(|c| c.is_uppercase() || c.is_ascii_digit() || "/!?¡¿_".contains(c));
    let known = ["N/A", "NV", "N/D", "NB", "I/T", "ND", "YOK"].contains(&rest);
    let hashes = !rest.is_empty() && rest.bytes().all(|b| b == b'#');
    hashes || (capital && (known || rest.len() > 1 && rest.ends_with(['!', '?'])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_styles_know_their_thousands() {
        let both = |cell| (value(cell, Style::Point), value(cell, Style::Comma));
        for (cell, point, comma) in [
            ("12", Some(12.0), Some(12.0)),
            ("-1.5e3", Some(-1500.0), None),
            ("1,5", None, Some(1.5)),
            ("1,050", Some(1050.0), Some(1.05)),
            ("1.050", Some(1.05), Some(1050.0)),
            ("0,123", None, Some(0.123)),
            ("0.123", Some(0.123), None),
            ("1,234,567.5", Some(1_234_567.5), None),
            ("1.234.567,5", None, Some(1_234_567.5)),
            ("1'050.5", Some(1050.5), None),
            ("1\u{202f}050,5", None, Some(1050.5)),
            ("\u{2212}3", Some(-3.0), Some(-3.0)),
            ("1 2", None, None),
            ("12,34", None, Some(12.34)),
            ("12,3456,789", None, None),
            ("1,", None, Some(1.0)),
            (",", None, None),
            ("", None, None),
            ("3.4.2020", None, None),
        ] {
            assert_eq!(both(cell), (point, comma), "{cell}");
        }
    }

    #[test]
    fn spreadsheets_have_errors_in_many_languages() {
        for cell in [
            "#DIV/0!",
            "#N/A",
            "#WERT!",
            "#¡VALOR!",
            "#NAME?",
            "#NV",
            "#BEZUG!",
            "####",
            "Err:502",
        ] {
            assert!(spreadsheet_error(cell), "{cell}");
        }
        for cell in ["#", "#1", "#x", "# NOTE!", "#ff0000", "NA", "a#N/A", "Err:"] {
            assert!(!spreadsheet_error(cell), "{cell}");
        }
    }
}
