//! What the bytes of a file are: text in one of a few encodings, or something else that has a name. Decodes nothing, and
//! knows no table.

use serde::{Deserialize, Serialize};

/// How a text is written as bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Encoding {
    /// With or without a mark.
    Utf8,
    /// Two bytes each, the lower first.
    Utf16Le,
    /// Two bytes each, the higher first.
    Utf16Be,
    /// One byte each, of Western Europe: what is taken for granted where nothing else fits.
    Windows1252,
}

impl Encoding {
    /// Its name as the web's standard has it.
    pub fn label(self) -> &'static str {
        match self {
            Encoding::Utf8 => "utf-8",
            Encoding::Utf16Le => "utf-16le",
            Encoding::Utf16Be => "utf-16be",
            Encoding::Windows1252 => "windows-1252",
        }
    }

    /// What is to be said about a text that was read so; nothing where it needs no word.
    pub fn remark(self) -> Option<&'static str> {
        match self {
            Encoding::Utf8 => None,
            Encoding::Utf16Le | Encoding::Utf16Be => Some("It was read as UTF-16."),
            Encoding::Windows1252 => {
                Some("It is not UTF-8 and was read as Windows-1252: look whether names are right.")
            }
        }
    }
}

const WORKBOOK: &str =
    "a workbook (or another packed document); save the sheet as CSV and open that";
const PICTURE: &str = "a picture; allowed: tables of text, as CSV";
const PACKED: &str = "a packed file; unpack it and open the table in it";
const JSON: &str = "JSON; save the table in it as CSV and open that";
const PAGE: &str = "a web page (or XML); save the table in it as CSV and open that";
const NUMBERS: &str = "a file of binary numbers; save them as CSV and open that";

/// What other files begin with, and what they are.
const MAGIC: [(&[u8], &str); 31] = [
    (b"PK\x03\x04", WORKBOOK),
    (b"PK\x05\x06", WORKBOOK),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", WORKBOOK),
    (
        b"%PDF-",
        "a PDF; copy the table into a spreadsheet, save it as CSV and open that",
    ),
    (
        b"{\\rtf",
        "a formatted text (RTF); save it as plain text and open that",
    ),
    (b"\x89PNG", PICTURE),
    (b"\xff\xd8\xff", PICTURE),
    (b"GIF8", PICTURE),
    (b"BM\x00\x00\x00\x00", PICTURE),
    (b"II*\x00", PICTURE),
    (b"MM\x00*", PICTURE),
    (b"\x00\x00\x01\x00", PICTURE),
    (b"<svg", PICTURE),
    (b"\x1f\x8b", PACKED),
    (b"BZh", PACKED),
    (b"7z\xbc\xaf\x27\x1c", PACKED),
    (b"Rar!\x1a", PACKED),
    (b"\xfd7zXZ", PACKED),
    (b"\x28\xb5\x2f\xfd", PACKED),
    (b"[{", JSON),
    (b"[[", JSON),
    (b"\x93NUMPY", NUMBERS),
    (b"\x89HDF", NUMBERS),
    (b"PAR1", NUMBERS),
    (b"ARROW1", NUMBERS),
    (b"MATLAB 5.0", NUMBERS),
    (
        b"SQLite format 3",
        "a database; save the table as CSV and open that",
    ),
    (b"<!DOCTYPE", PAGE),
    (b"<html", PAGE),
    (b"<?xml", PAGE),
    (b"<table", PAGE),
];

/// How bytes are to be read.
///
/// # Errors
/// One sentence, if they are no text.
pub fn encoding(bytes: &[u8]) -> Result<Encoding, String> {
    let unmarked = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let is_black = |b: &&u8| !b.is_ascii_whitespace();
    let start: Vec<u8> = unmarked.iter().take(64).filter(is_black).copied().collect();
    // Text may have blanks within, and names of elements in any case; a column may be called par1, or PAR 1.
    let begins = |magic: &[u8]| match magic[0] {
        b'<' => start
            .get(..magic.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(magic)),
        b'[' => start.starts_with(magic),
        _ => unmarked.trim_ascii_start().starts_with(magic),
    };
    // These two have their name behind a number, whose bytes are no text.
    let boxed = [(&b"WEBP"[..], 8), (b"ftyp", 4)];
    let boxed = boxed
        .iter()
        .any(|(name, at)| bytes.get(*at..*at + 4) == Some(name) && bytes[at - 4..*at].contains(&0));
    let known = MAGIC.iter().find(|(magic, _)| begins(magic));
    if let Some(what) = known.map(|(_, what)| *what).or(boxed.then_some(PICTURE)) {
        return Err(format!("this is {what}"));
    }
    if bytes.starts_with(b"\xff\xfe\0\0") {
        return Err("this is UTF-32; save it as UTF-8 and open that".to_owned());
    }
    if begins(b"\xff\xfe") {
        return Ok(Encoding::Utf16Le);
    }
    if begins(b"\xfe\xff") {
        return Ok(Encoding::Utf16Be);
    }
    let head = &bytes[..bytes.len().min(4096)];
    // Latin letters, digits and marks have one byte that is zero in UTF-16.
    let zeros = |parity: usize| {
        head.iter()
            .skip(parity)
            .step_by(2)
            .filter(|b| **b == 0)
            .count()
    };
    let half = head.len() / 2;
    match [zeros(0), zeros(1)] {
        [low, high] if 2 * high > half && low == 0 => return Ok(Encoding::Utf16Le),
        [low, high] if 2 * low > half && high == 0 => return Ok(Encoding::Utf16Be),
        _ => {}
    }
    let control = |b: &&u8| **b < b' ' && !b"\t\n\r\x0c\x1a\x1b".contains(b);
    if 10 * head.iter().filter(control).count() > head.len() {
        return Err("this is no text; allowed: tables of text, as CSV".to_owned());
    }
    if std::str::from_utf8(bytes).is_ok() {
        return Ok(Encoding::Utf8);
    }
    Ok(Encoding::Windows1252)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_told_from_what_is_none() {
        let utf16 = |text: &str, bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
            text.encode_utf16().flat_map(bytes).collect()
        };
        let table = "x,y,k\n1,2,é\n";
        for (bytes, expected) in [
            (table.as_bytes().to_vec(), Encoding::Utf8),
            (Vec::new(), Encoding::Utf8),
            (
                utf16(&format!("\u{feff}{table}"), u16::to_le_bytes),
                Encoding::Utf16Le,
            ),
            (
                utf16(&format!("\u{feff}{table}"), u16::to_be_bytes),
                Encoding::Utf16Be,
            ),
            (utf16(table, u16::to_le_bytes), Encoding::Utf16Le),
            (utf16(table, u16::to_be_bytes), Encoding::Utf16Be),
            (b"x;y;k\n1;2;r\xe9al\n".to_vec(), Encoding::Windows1252),
            (b"BMI,y,k\n1,2,a\n".to_vec(), Encoding::Utf8),
            (b"par1,par2,k\n1,2,a\n".to_vec(), Encoding::Utf8),
            (b"PAR 1,PAR 2,k\n1,2,a\n".to_vec(), Encoding::Utf8),
            (b"x,y,ftyp\n1,2,a\n".to_vec(), Encoding::Utf8),
        ] {
            assert_eq!(encoding(&bytes), Ok(expected), "{bytes:?}");
        }
        for (bytes, words) in [
            (&b"PK\x03\x04rest"[..], "this is a workbook"),
            (b"\x89PNG\r\n\x1a\n", "this is a picture"),
            (b"RIFF\x10\x00\x00\x00WEBPVP8 ", "this is a picture"),
            (b"%PDF-1.7", "this is a PDF"),
            (b"<!doctype html>", "this is a web page"),
            (b"\n  <html>", "this is a web page"),
            (
                b"\xef\xbb\xbf<?xml version=\"1.0\"?>",
                "this is a web page (or XML)",
            ),
            (b"[{\"x\":1}]", "this is JSON"),
            (b"[\n {\"x\":1}]", "this is JSON"),
            (b"SQLite format 3\0", "this is a database"),
            (b"\xff\xfe\0\0x\0\0\0", "this is UTF-32"),
            (b"\x01\x02\x03\x04", "this is no text"),
        ] {
            let error = encoding(bytes).unwrap_err();
            assert!(error.starts_with(words), "{error}");
        }
    }
}
