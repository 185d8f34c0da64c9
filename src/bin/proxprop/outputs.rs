//! Texts to write: standard output, and files that stand there whole or not at all. Does not know what is in them.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::failure::{Refusal, cannot, words};
use crate::place::{is_dash, is_special};

/// Prints; a reader that has seen enough is no error.
pub(crate) fn print(text: &str) -> Result<(), Refusal> {
    match io::stdout()
        .lock()
        .write_all(text.as_bytes())
        .and_then(|()| io::stdout().flush())
    {
        Err(e) if e.kind() != io::ErrorKind::BrokenPipe => {
            Err(format!("standard output: {}", words(&e)))
        }
        _ => Ok(()),
    }
}

/// Says on standard error; where nobody listens nothing is lost.
pub(crate) fn say(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// Files to come: found writable before the work, written whole or not at all after it.
#[derive(Default)]
pub(crate) struct Outputs {
    files: Vec<(PathBuf, String)>,
}

impl Outputs {
    /// Takes a place to write to if it is one.
    pub(crate) fn open(&mut self, path: &Path) -> Result<usize, Refusal> {
        // A link keeps pointing where it points.
        let path = if is_dash(path) {
            path.to_owned()
        } else {
            path.canonicalize().unwrap_or(path.to_owned())
        };
        if self.files.iter().any(|(other, _)| *other == path) {
            return Err(format!(
                "{}: two outputs cannot go to the same place",
                path.display()
            ));
        }
        check_writable(&path).map_err(|e| cannot("be written", path.display(), &e))?;
        self.files.push((path, String::new()));
        Ok(self.files.len() - 1)
    }

    pub(crate) fn fill(&mut self, output: usize, text: String) {
        self.files[output].1 = text;
    }

    pub(crate) fn on_stdout(&self) -> bool {
        self.files.iter().any(|(path, _)| is_dash(path))
    }

    /// Writes every file beside its place, and only then moves them there; standard output comes last.
    pub(crate) fn write(self) -> Result<(), Refusal> {
        let mut staged = Vec::new();
        for (path, text) in &self.files {
            let fail = |e: io::Error| cannot("be written", path.display(), &e);
            if is_special(path) {
                fs::write(path, text).map_err(fail)?;
            } else if !is_dash(path) {
                let mut file = beside(path).map_err(fail)?;
                file.write_all(text.as_bytes()).map_err(fail)?;
                staged.push((file, path));
            }
        }
        for (file, path) in staged {
            file.persist(path)
                .map_err(|e| cannot("be written", path.display(), &e.error))?;
        }
        self.files
            .iter()
            .filter(|(path, _)| is_dash(path))
            .try_for_each(|(_, text)| print(text))
    }
}

/// Makes a folder and what it lies in, where they are not there yet.
pub(crate) fn make_folder(folder: &Path) -> Result<(), Refusal> {
    fs::create_dir_all(folder).map_err(|e| cannot("make this folder", folder.display(), &e))
}

/// The same for the figures of `--svg`.
pub(crate) fn make_figures_folder(folder: &Path) -> Result<(), Refusal> {
    if is_dash(folder) {
        return Err("--svg: several files cannot go to standard output; name a folder".to_owned());
    }
    make_folder(folder)
}

/// Removes a file.
pub(crate) fn remove(path: &Path) -> Result<(), Refusal> {
    fs::remove_file(path).map_err(|e| cannot("be removed", path.display(), &e))
}

/// Replaces a file at once; a link keeps pointing where it points.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<(), Refusal> {
    let path = path.canonicalize().unwrap_or(path.to_owned());
    let fail = |e: io::Error| cannot("be written", path.display(), &e);
    let mut file = beside(&path).map_err(fail)?;
    file.write_all(bytes).map_err(fail)?;
    file.persist(&path).map_err(|e| fail(e.error))?;
    Ok(())
}

fn check_writable(path: &Path) -> io::Result<()> {
    if is_dash(path) || is_special(path) {
        return Ok(());
    }
    match fs::metadata(path) {
        Ok(m) if m.is_dir() => Err(io::Error::other("it is a folder")),
        Ok(m) if m.permissions().readonly() => Err(io::Error::other("it is read-only")),
        _ => beside(path).map(drop),
    }
}

/// A file in the same folder, with the permissions of a new file.
fn beside(path: &Path) -> io::Result<tempfile::NamedTempFile> {
    let folder = path
        .parent()
        .filter(|p| !p.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    if !folder.is_dir() {
        return Err(io::Error::other("its folder does not exist"));
    }
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(<fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o666));
    // The name of a file that nobody asked for is no part of the message.
    builder
        .tempfile_in(folder)
        .map_err(|e| io::Error::from(e.kind()))
}
