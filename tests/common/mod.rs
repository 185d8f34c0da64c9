//! The binary as a user runs it.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

pub(crate) fn proxprop(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_proxprop"))
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

pub(crate) fn succeeds(folder: &Path, arguments: &[&str]) -> String {
    let output = proxprop(folder, arguments);
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{arguments:?}: {error}");
    String::from_utf8(output.stdout).unwrap()
}

/// The one line of a refusal, after which the folder is as it was.
pub(crate) fn refused(folder: &Path, arguments: &[&str], part: &str) {
    let names = || {
        let mut names: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        names.sort();
        names
    };
    let before = names();
    let output = proxprop(folder, arguments);
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {error}");
    assert!(output.stdout.is_empty(), "{arguments:?} printed something");
    assert_eq!(error.lines().count(), 1, "{error}");
    assert!(
        error.contains(part),
        "{arguments:?}: {error:?} should say {part:?}"
    );
    assert_eq!(names(), before, "{arguments:?} left something behind");
}
