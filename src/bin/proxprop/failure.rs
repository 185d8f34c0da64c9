//! How a command fails: in words for standard error. Knows no commands and no exit status.

use std::fmt::Display;
use std::io;

/// Why a command has not done its work.
pub(crate) enum Failure {
    /// It will not: bad input, or a place that cannot be written to.
    Refused(Refusal),
    /// It has found that what is does not agree with what should be.
    Deviates(String),
    /// It was asked to end before its time, and this is what is left of it.
    Interrupted(String),
}

/// What the system says of a file or stream, without its number for that.
pub(crate) fn words(error: &io::Error) -> String {
    let words = error.to_string();
    let plain = words.split(" (os error ").next().unwrap_or_default();
    plain.to_owned()
}

/// What cannot be done with a file or stream of this name, and why.
pub(crate) fn cannot(what: &str, name: impl Display, error: &io::Error) -> Refusal {
    format!("{name}: cannot {what}: {}", words(error))
}

/// One line for standard error.
pub(crate) type Refusal = String;

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Failure {
        Failure::Refused(refusal)
    }
}
