//! What the page and the module of related systems call by name what they say to each other. Carries it nowhere.

use crate::named;

/// What the page asks the module for; a value may come with it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::web) enum Call {
    /// Draw what is new.
    Draw,
    /// Where it stands.
    Standing,
    /// Somebody looks at it from now on, or nobody.
    Seen,
    /// Draw in the colours that hold now.
    Colours,
    /// Open the run of a query string; a script's promise may wait for it.
    Open,
    /// Another seed.
    NewSeed,
    /// What can be saved as a picture.
    Pictures,
    /// One of them as SVG text.
    Picture,
    /// What is shown, for a title.
    Title,
    /// Its text without what is as usual.
    Short,
    /// Whether its run is that of this query string, as it was opened.
    Same,
    /// The numbers on the screen.
    Frame,
    /// The curves as CSV.
    Table,
    /// What a script asks for.
    Command,
    /// Points that it has asked for, as they are written in a run's text.
    Points,
    /// Its map as far as it is trained.
    Map,
    /// Take the points of a table: its name, its text, the columns that are chosen and what is to be said of how that was read.
    Read,
    /// Save all numbers as a file.
    Save,
    /// Go on.
    Play,
    /// Stay there.
    Pause,
    /// One step.
    Step,
    /// To a step.
    Seek,
}

named!(Call {
    Draw = "draw",
    Standing = "standing",
    Seen = "seen",
    Colours = "colours",
    Open = "open",
    NewSeed = "new-seed",
    Pictures = "pictures",
    Picture = "picture",
    Title = "title",
    Short = "short",
    Same = "same",
    Frame = "frame",
    Table = "table",
    Command = "command",
    Points = "points",
    Map = "map",
    Read = "read",
    Save = "save",
    Play = "play",
    Pause = "pause",
    Step = "step",
    Seek = "seek",
});

/// What the page is told; the first two by `main.js`, which fetches the module.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::web) enum News {
    /// The module is there: the function that it is asked by.
    Here,
    /// It is not: why.
    Lost,
    /// A run has been opened: its text.
    Load,
    /// Its text is another.
    Query,
    /// The first screen is shown again.
    Leave,
    /// A run that a script asked for was refused, and the script has been told.
    Stay,
    /// A person's was: the sentence.
    Refuse,
    /// What was done to the link, a sentence.
    Notice,
    /// What is wrong, a sentence.
    Complain,
    /// A table was read, or why not.
    Table,
    /// Words for who listens.
    Say,
    /// It plays from now on.
    Play,
    /// It stands still from now on.
    Pause,
    /// It would have the points of the page's own run.
    Points,
    /// There is something new to be drawn.
    Draw,
    /// The rest of it is drawn with the next frame.
    More,
    /// The module has met a fault of its own.
    Fault,
}

named!(News {
    Here = "here",
    Lost = "lost",
    Load = "load",
    Query = "query",
    Leave = "leave",
    Stay = "stay",
    Refuse = "refuse",
    Notice = "notice",
    Complain = "complain",
    Table = "table",
    Say = "say",
    Play = "play",
    Pause = "pause",
    Points = "points",
    Draw = "draw",
    More = "more",
    Fault = "fault",
});
