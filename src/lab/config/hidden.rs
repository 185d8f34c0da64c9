//! The hidden layers as text: their widths, as in `8,8`.

use crate::lab::row::{Fault, Grammar};
use crate::lab::words::whole;

/// Most hidden layers, and most neurons in one.
const MAX_LAYERS: usize = 8;
pub(super) const MAX_WIDTH: usize = 1024;

/// How it is read.
pub(super) static GRAMMAR: Grammar = Grammar {
    canonical: |text| parse(text).map(|widths| print(&widths)),
    allowed: || format!("1 to {MAX_LAYERS} widths from 1 to {MAX_WIDTH}, as in 8,8"),
};

/// Reads the text.
pub(super) fn parse(text: &str) -> Result<Vec<usize>, Fault> {
    let fail = |what| Err(Fault::Piece(text.to_owned(), what));
    let widths: Option<Vec<u64>> = text.split(',').map(whole).collect();
    match widths {
        None => fail("is not a list of whole numbers"),
        Some(widths) if widths.len() > MAX_LAYERS => fail("has too many layers"),
        Some(widths) if widths.iter().any(|&w| w == 0 || w > MAX_WIDTH as u64) => {
            fail("is out of range")
        }
        Some(widths) => Ok(widths.into_iter().map(|w| w as usize).collect()),
    }
}

/// The text that [`parse`] reads back.
pub(super) fn print(widths: &[usize]) -> String {
    let texts: Vec<String> = widths.iter().map(ToString::to_string).collect();
    texts.join(",")
}
