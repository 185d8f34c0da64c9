//! What the view and its worker say to each other. Carries it nowhere.

use crate::frame::map::MapCell;
use crate::frame::stage::{Picture, Point, Stage};
use crate::lab::systems::{Ghost, Settings};
use crate::web::wire::message;
use serde::{Deserialize, Serialize};

/// From the view to the worker; its number comes back with [`Answer::Done`].
pub(super) type Request = message::Request<Ask>;

/// What the view asks for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Ask {
    /// Open the run of a query string, or of a system's file behind its name and a line break, and bring it to a step.
    Load(String, u64),
    /// The same for a link, which may have been damaged on its way; answered with what was repaired, at the first step.
    Arrive(String, u64),
    /// Set a parameter, by key and text.
    Set(String, String),
    /// Take the points of a table: its name, its text, the columns that are chosen and what is to be said of how it was read; answered with
    /// what was made of it.
    Table([String; 4]),
    /// Start over with a run twice; its number, from 1.
    Duplicate(usize),
    /// Start over without a run.
    Remove(usize),
    /// Go on by itself; from the start where it is over.
    Play,
    /// Stay there.
    Pause,
    /// So many steps, or as many as there are.
    Step(u64),
    /// To a step, back or forward.
    Seek(u64),
    /// All numbers as JSON.
    Report,
    /// A picture of the system of this name, for its card, unless something else is asked for meanwhile.
    Sketch(String),
    /// The cells of these numbers of the map of a query string, one after the other.
    Cells(String, Vec<usize>),
    /// Steps per second while playing; infinite for as fast as possible.
    Pace(f64),
    /// Nobody sees the view now (or somebody does again).
    Hidden(bool),
    /// What was sent last is on the screen.
    Drawn,
}

/// From the worker to the view.
#[derive(Serialize, Deserialize)]
pub(super) enum Answer {
    /// The worker listens from now on.
    Started,
    /// Where the runs stand.
    Progress(Box<Progress>),
    /// A picture of a system.
    Sketch {
        /// Its name.
        system: String,
        /// The picture.
        picture: Box<Picture>,
    },
    /// A cell of a map is trained.
    Cell(usize, MapCell),
    /// A request is carried out, with what it asked for, or refused with a sentence.
    Done {
        /// The request's.
        id: u32,
        /// What was asked for, empty where that is nothing; or the sentence.
        result: Result<String, String>,
    },
}

/// Where the runs stand.
#[derive(Serialize, Deserialize)]
pub(super) struct Progress {
    /// Their text.
    pub(super) query: String,
    /// The same without what is as usual.
    pub(super) short: String,
    /// What is to be seen.
    pub(super) stage: Stage,
    /// The furthest step computed.
    pub(super) furthest: u64,
    /// Whether they go on by themselves.
    pub(super) playing: bool,
    /// The settings; `None` where they are what they were.
    pub(super) settings: Option<Settings>,
    /// Per run, how many points of its curves are what they were, and those behind them.
    pub(super) curves: Vec<(usize, Vec<Point>)>,
    /// What went another way; `None` where that is what it was.
    pub(super) ghosts: Option<Vec<Ghost>>,
}
