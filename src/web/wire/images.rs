//! What the page and the view of images, in the module of the whole engine, call by name what they say to each other. Carries it nowhere.

use crate::named;

/// What the page asks the view for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::web) enum Call {
    /// Show what a worker has packed.
    Show,
    /// Draw in the colours that hold now.
    Colours,
    /// What can be saved as a picture.
    Pictures,
    /// One of them as SVG text.
    Picture,
    /// The numbers of one of them as CSV.
    Numbers,
}

named!(Call { Show = "show", Colours = "colours", Pictures = "pictures", Picture = "picture", Numbers = "numbers" });

/// What the page is told; the first two by `main.js`, which fetches the module.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::web) enum News {
    /// The view is there: the function that it is asked by.
    Here,
    /// It is not: why.
    Lost,
    /// What is drawn on the field: a byte per pixel, 0 to 16.
    Drawn,
    /// The view has met a fault of its own.
    Fault,
}

named!(News { Here = "here", Lost = "lost", Drawn = "drawn", Fault = "fault" });
