//! How a command fails: in words for standard error. Knows no commands and no exit status.

/// Why a command has not done its work.
pub(crate) enum Failure {
    /// It will not: bad input, or a place that cannot be written to.
    Refused(Refusal),
    /// It has found that what is does not agree with what should be.
    Deviates(String),
    /// It was asked to end before its time, and this is what is left of it.
    Interrupted(String),
}

/// One line for standard error.
pub(crate) type Refusal = String;

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Failure {
        Failure::Refused(refusal)
    }
}
