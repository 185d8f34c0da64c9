//! What a path on the command line stands for: a file, a standard stream, a device. Reads and writes nothing.

use std::fs;
use std::path::Path;

/// Standard input or output.
pub(crate) fn is_dash(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// A device or pipe, which is written to and never replaced.
pub(crate) fn is_special(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|m| !m.is_file() && !m.is_dir())
}
