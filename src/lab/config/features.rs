//! What the first layer is given as text: names of features, as in `x,y,xx`.

use crate::lab::row::{Fault, Grammar};
use crate::nn::features::{FEATURES, Features};

/// How it is read.
pub(super) static GRAMMAR: Grammar = Grammar {
    canonical: |text| parse(text).map(print),
    allowed: || {
        format!(
            "one or more of {}, as in x,y,xx,yy",
            names(FEATURES.iter().map(|f| f.name))
        )
    },
};

/// Reads the text; in which order names stand in it says nothing.
pub(super) fn parse(text: &str) -> Result<Features, Fault> {
    let fail = |name: &str, what| Fault::Piece(name.to_owned(), what);
    text.split(',').try_fold(Features::NONE, |set, name| {
        let more = set.with(name).ok_or(fail(name, "is not a feature"))?;
        if more == set {
            return Err(fail(name, "is named twice"));
        }
        Ok(more)
    })
}

/// The text that [`parse`] reads back.
pub(super) fn print(features: Features) -> String {
    names(features.iter().map(|feature| feature.name))
}

fn names(names: impl Iterator<Item = &'static str>) -> String {
    names.collect::<Vec<_>>().join(",")
}
