//! Texts to read: files and standard input. Does not know what is in them.

use std::fs;
use std::io;
use std::path::Path;

use crate::failure::Refusal;
use crate::place::is_dash;

/// A name for messages, and the text of a file or of standard input.
pub(crate) fn read(path: &Path) -> Result<(String, String), Refusal> {
    if !is_dash(path) {
        return Ok((path.display().to_string(), text_of(path)?));
    }
    let name = "standard input".to_owned();
    let text = io::read_to_string(io::stdin());
    let text = text.map_err(|e| format!("{name}: cannot be read: {e}"))?;
    Ok((name, text))
}

/// The text of a file, whatever its name.
pub(crate) fn text_of(path: &Path) -> Result<String, Refusal> {
    fs::read_to_string(path).map_err(|e| format!("{}: cannot be read: {e}", path.display()))
}
