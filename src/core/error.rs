//! The one public error. It knows what a user can do wrong, not where the code noticed.

use std::fmt;

/// What a user can do wrong; each message names the value and what is allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The query string (a run as text) is not valid.
    Query(String),
    /// A state file is not valid or does not fit.
    State(String),
    /// Data do not fit the network or the task.
    Data(String),
    /// A command that the session cannot carry out now.
    Command(String),
    /// It takes the whole engine, and this is a part of it; see [`crate::WHOLE`].
    Elsewhere,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Query(m) | Error::State(m) | Error::Data(m) | Error::Command(m) => {
                f.write_str(m)
            }
            Error::Elsewhere => f.write_str("this takes the whole engine, which is not here"),
        }
    }
}

impl std::error::Error for Error {}
