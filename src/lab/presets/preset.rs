//! What a preset is.

/// How the run of a related system is looked at.
pub(super) const RELATED: &str = "view=related";

/// A run worth a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preset {
    /// The name in addresses: `preset=NAME`.
    pub name: &'static str,
    /// What it is called.
    pub title: &'static str,
    /// The run as a query string.
    pub query: &'static str,
    /// How it is looked at, as behind the `#` of the page's address.
    pub hash: &'static str,
    /// One line for the class.
    pub question: &'static str,
    /// What the run shows.
    pub answer: &'static str,
}
