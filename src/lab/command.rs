//! The language of a session: commands in, events out. Plain data, fit to be sent to a worker.

use crate::data::bytes::Encoding;
use crate::frame::{Field, Frame, Ghost, LayerProblem, Network, OneStep, Peek, Record, Scene};
use crate::packed::Bytes;
use serde::{Deserialize, Serialize};

/// What can be asked of a session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Command {
    /// Starts the run of a query string.
    Load {
        /// The query string.
        query: String,
    },
    /// Goes on from a state file.
    LoadState {
        /// What the file is called in messages; empty where it has no name.
        name: String,
        /// The file's text.
        json: String,
    },
    /// Trains the same runs on the points of a table, from fresh weights; see [`crate::lab::table`].
    LoadCsv {
        /// What the table is called in messages.
        name: String,
        /// The table.
        text: String,
        /// How it was written as bytes.
        encoding: Encoding,
        /// The columns of x, y and the label by name or number, as in `x,y,label`; those that are obvious if it is
        /// empty.
        columns: String,
    },
    /// Trains the same rules on the images of a file of CIFAR-10, from fresh weights.
    LoadImages {
        /// What the file is called in messages.
        name: String,
        /// All of it.
        bytes: Bytes,
        /// The run that is to be trained on them, where it is not the one that is there.
        query: Option<String>,
    },
    /// Lets the owner advance the run; a finished run is played again from its start.
    Play,
    /// Holds the run.
    Pause,
    /// Makes this many steps at once (fewer at the end) and holds.
    Step {
        /// How many.
        steps: u64,
    },
    /// Steps to the start of the next epoch and holds.
    Epoch,
    /// Goes to a step and holds: back to how it was, bit for bit, or forward; beyond what has been computed the run
    /// is trained on. What lies outside the run is moved to its ends.
    Seek {
        /// Where to.
        step: u64,
    },
    /// Back to the start of the same run, mid-run changes included, and holds.
    Reset,
    /// The same run on other data, weights and minibatches.
    NewSeed,
    /// Sets a parameter: `noise`, or `run2.tau`.
    ///
    /// A run's own parameters act from the next step on and become a `change=`. After a seek back they branch: what
    /// had been computed beyond becomes a ghost, and the changes there are dropped. Once that run is over, and for
    /// everything else, the run starts over with the new value, and its curves so far become a ghost. Changes that are
    /// dropped are named in a notice.
    Set {
        /// Parameter key.
        key: String,
        /// New value as text.
        value: String,
    },
    /// The same with several settings at once, all of them or none: keys and new values.
    SetAll {
        /// As in `run2.tau` and `3.2`.
        settings: Vec<(String, String)>,
    },
    /// Adds a run like the last one and starts over.
    AddRun,
    /// Adds a copy of a run (from 0) behind it and starts over.
    DuplicateRun {
        /// Which.
        run: usize,
    },
    /// Removes a run (from 0) and starts over.
    RemoveRun {
        /// Which.
        run: usize,
    },
    /// Forgets all mid-run changes and starts over.
    ClearChanges,
    /// Goes back to `steps` steps before a diverged run (from 0) left the ground ([`crate::frame::Departure`]; where
    /// that is not known, its loss for the last time), halves its τ from there and plays.
    BackAndHalve {
        /// Which.
        run: usize,
        /// How many steps.
        steps: u64,
    },
    /// Goes back to where [`Command::BackAndHalve`] with 20 steps goes, switches the run (from 0) to `prox-exact` and
    /// plays.
    SwitchToProx {
        /// Which.
        run: usize,
    },
    /// Lets a run (from 0) that is over go on with other settings of runs: from where it left the ground if it has diverged,
    /// else from its end, for as long again and without its stop rule; and plays. One that is not over is changed.
    GoOn {
        /// Which.
        run: usize,
        /// As in `run2.tau` and `3.2`.
        settings: Vec<(String, String)>,
    },
    /// Forgets all ghosts.
    ForgetGhosts,
    /// Says what is looked at; the rest is computed only where it is recorded.
    Watch(Watch),
    /// Asks for the state file.
    State,
    /// Asks for what the run starts from besides its query string.
    Origin,
    /// Starts a run as it was when its [`Command::Origin`] was asked for, under its query string of later, and goes to a
    /// step of it.
    Resume {
        /// What [`Event::Origin`] gave.
        origin: String,
        /// The query string.
        query: String,
        /// Where to.
        step: u64,
    },
    /// Takes the next step of a run apart; nothing moves.
    Dissect(Cut),
}

/// Which step is taken apart, and which layer's own problem is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cut {
    /// The run (from 0).
    pub run: usize,
    /// The hidden layer (from 1).
    pub layer: usize,
    /// One neuron of it (from 1), or the whole layer.
    pub neuron: Option<usize>,
    /// Another τ_θ than the run's.
    pub tau_theta: Option<f64>,
}

/// What somebody looks at besides the numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watch {
    /// The fields behind the decision boundaries.
    pub fields: bool,
    /// The neurons, which come with the fields.
    pub neurons: Option<Peek>,
}

/// What a session says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Event {
    /// A run starts: its curves are empty again.
    Loaded {
        /// Its query string.
        query: String,
        /// Its data as drawn.
        scene: Scene,
    },
    /// The same run goes on under another query string.
    Query {
        /// The new query string.
        query: String,
    },
    /// The same run goes another way from a step on: its records there are void and will be made again.
    Branched {
        /// The new query string.
        query: String,
        /// The first step whose record is void.
        step: u64,
    },
    /// There are other ghosts now.
    Ghosts {
        /// A new one.
        added: Option<Box<Ghost>>,
        /// The numbers of those still there, the new one's included.
        kept: Vec<u32>,
    },
    /// Something worth knowing, in one sentence.
    Notice(String),
    /// Whether the run wants to be advanced.
    Playing(bool),
    /// New numbers.
    Progress(Box<Progress>),
    /// The state file asked for.
    State(String),
    /// What the run starts from besides its query string.
    Origin(Origin),
    /// The step taken apart.
    Dissected(Box<Dissection>),
}

/// What a run starts from besides its query string.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Origin {
    /// Nothing: its query string is the whole run.
    Query,
    /// Points, and weights unless they are fresh ones, as text.
    File(String),
    /// More than is written into a text.
    TooLarge,
}

/// A step taken apart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dissection {
    /// As it was asked for.
    pub cut: Cut,
    /// The step (0-based) that comes next.
    pub step: u64,
    /// Its sub-steps, explicit and implicit.
    pub one_step: OneStep,
    /// The layer's own quadratic.
    pub problem: LayerProblem,
}

/// The numbers now, and what was recorded since the last time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// The numbers now.
    pub frame: Frame,
    /// The first step of the timeline.
    pub first: u64,
    /// The furthest step computed; up to there the timeline can be scrubbed without training.
    pub furthest: u64,
    /// Per member, the records since the last progress.
    pub records: Vec<Vec<Record>>,
    /// Per member, the field; empty unless watched and in sight.
    pub fields: Vec<Field>,
    /// Per member, its neurons; empty unless watched, and without fields.
    pub networks: Vec<Network>,
}
