//! Numbers and pieces of text, read strictly and printed short. Knows no key and no run.

use crate::Error;

/// Decimal digits only: neither sign nor blanks.
pub(super) fn whole(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    // More digits than fit are a large number, not a word.
    digits.then(|| text.parse().unwrap_or(u64::MAX))
}

/// A whole number however it is written, and whatever its sign: -5, 1e9.
pub(super) fn integer(text: &str) -> Option<f64> {
    text.parse()
        .ok()
        .filter(|number: &f64| number.is_infinite() || number.fract() == 0.0)
}

/// The user's text, short.
pub(super) fn cut(text: &str) -> String {
    let mut start: String = text.chars().take(40).collect();
    if start.len() < text.len() {
        start.push('…');
    }
    start
}

/// The user's text, short and on one line.
pub(super) fn quoted(text: &str) -> String {
    format!("{:?}", cut(text))
}

/// The shortest text that reads back as the same number.
pub(super) fn number(value: f64) -> String {
    if value != 0.0 && value.abs() < 1e-5 {
        format!("{value:e}")
    } else {
        value.to_string()
    }
}

/// Bounds: large and small powers of ten as such.
pub(super) fn short(value: f64) -> String {
    if value != 0.0 && !(1e-3..1e5).contains(&value.abs()) {
        format!("{value:e}")
    } else {
        value.to_string()
    }
}

/// Undoes percent-encoding strictly.
pub(super) fn decode(text: &str) -> Result<String, Error> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        rest = tail;
        if first != b'%' {
            bytes.push(first);
            continue;
        }
        let digit = |i: usize| tail.get(i).and_then(|&b| char::from(b).to_digit(16));
        let (Some(high), Some(low)) = (digit(0), digit(1)) else {
            return fail(format!(
                "{}: % must be followed by two hexadecimal digits",
                quoted(text)
            ));
        };
        bytes.push((16 * high + low) as u8);
        rest = &tail[2..];
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text),
        Err(_) => fail(format!(
            "{}: the percent-encoding is not UTF-8",
            quoted(text)
        )),
    }
}

/// Refuses a query string.
pub(super) fn fail<T>(message: String) -> Result<T, Error> {
    Err(Error::Query(message))
}

/// Prefixes a message with where it happened: `run2.tau: …`, or `run2: "x": …` where no key is known.
pub(super) fn named(place: &str, error: &Error) -> Error {
    let message = error.to_string();
    let joint = if message.starts_with('"') { ": " } else { "." };
    Error::Query(format!("{place}{joint}{message}"))
}
