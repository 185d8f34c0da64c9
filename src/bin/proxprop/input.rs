//! Texts to read: files and standard input. Does not know what is in them.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use proxprop::data::bytes::{Encoding, encoding};
use proxprop::lab::table::{MOST_BYTES, check_size};
use unicode_normalization::UnicodeNormalization;

use crate::failure::{Refusal, cannot};
use crate::place::is_dash;

/// What some editors begin a text with.
const MARK: char = '\u{feff}';

/// A name for messages, and the text of a file or of standard input.
pub(crate) fn read(path: &Path) -> Result<(String, String), Refusal> {
    if !is_dash(path) {
        return Ok((path.display().to_string(), text_of(path)?));
    }
    let name = "standard input".to_owned();
    let text = io::read_to_string(io::stdin());
    let text = text.map_err(|e| cannot("be read", &name, &e))?;
    Ok((name, unmarked(text)))
}

/// The text of a file, whatever its name.
pub(crate) fn text_of(path: &Path) -> Result<String, Refusal> {
    let text = fs::read_to_string(path);
    text.map(unmarked)
        .map_err(|e| cannot("be read", path.display(), &e))
}

/// Without its mark, which browsers do not hand on either, and no reader of JSON takes.
fn unmarked(mut text: String) -> String {
    if text.starts_with(MARK) {
        text.remove(0);
    }
    text
}

/// A table of text in whatever encoding: a name for messages, the text with a letter and its accent as one character, and how
/// it was written. What is too large is not
/// read to its end.
pub(crate) fn table(path: &Path) -> Result<(String, String, Encoding), Refusal> {
    let (name, source): (String, Box<dyn Read>) = if is_dash(path) {
        ("standard input".to_owned(), Box::new(io::stdin()))
    } else {
        let name = path.display().to_string();
        let file = File::open(path).map_err(|e| cannot("be read", &name, &e))?;
        let size = file.metadata().map_or(0, |about| about.len());
        check_size(size as f64).map_err(|e| format!("{name}: {e}"))?;
        (name, Box::new(file))
    };
    let mut bytes = Vec::new();
    let read = source.take(MOST_BYTES as u64 + 1).read_to_end(&mut bytes);
    read.map_err(|e| cannot("be read", &name, &e))?;
    let encoding = check_size(bytes.len() as f64).and_then(|()| encoding(&bytes));
    let encoding = encoding.map_err(|e| format!("{name}: {e}"))?;
    let decoder = encoding_rs::Encoding::for_label(encoding.label().as_bytes());
    let decoder = decoder.expect("encodings have their standard names");
    let text: String = decoder.decode(&bytes).0.nfc().collect();
    if text.trim_start().starts_with('{') {
        let error = "this is JSON; save the table in it as CSV and open that";
        return Err(format!("{name}: {error}"));
    }
    Ok((name, text, encoding))
}
