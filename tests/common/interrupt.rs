//! Ctrl-C on a command.

use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A command that runs until this file is there, and on.
pub(crate) fn started(folder: &Path, arguments: &[&str], file: &str) -> Child {
    let mut child = Command::new(env!("CARGO_BIN_EXE_proxprop"))
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    while !folder.join(file).exists() {
        let ended = child.try_wait().unwrap();
        assert_eq!(ended, None, "{arguments:?} ended without {file}");
        std::thread::yield_now();
    }
    child
}

/// Starts a command and interrupts it as Ctrl-C does once this file is there. It ends as interrupted, prints nothing, and says at last
/// one line that ends with these words; the answer is what it has said before.
#[cfg(unix)]
pub(crate) fn interrupted(folder: &Path, arguments: &[&str], file: &str, end: &str) -> String {
    let child = started(folder, arguments, file);
    let kill = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(kill.unwrap().success());
    let output = child.wait_with_output().unwrap();
    let words = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(130), "{arguments:?}: {words}");
    assert!(output.stdout.is_empty());
    let lines: Vec<&str> = words.split_inclusive('\n').collect();
    let (last, before) = lines.split_last().expect("it says something");
    assert!(
        last.starts_with("proxprop: stopped ") && last.ends_with(&[end, "\n"].concat()),
        "{words}"
    );
    before.concat()
}
