//! What page and worker say to each other, and how it is packed.

use crate::engine::Report;
use crate::frame::EngineSeconds;
use crate::frame::map::MapCell;
use crate::lab::crew::Load;
use crate::lab::session::{Command, Event};
use js_sys::Uint8Array;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use wasm_bindgen::{JsCast, JsValue};

/// To a worker.
#[derive(Serialize, Deserialize)]
pub(in crate::web) struct Request<A = Ask> {
    /// Comes back with [`Answer::Done`].
    pub(in crate::web) id: u32,
    /// What to do.
    pub(in crate::web) ask: A,
}

/// What the page asks for.
#[derive(Clone, Serialize, Deserialize)]
pub(in crate::web) enum Ask {
    /// Something for the session.
    Command(Command),
    /// Steps per second while playing; infinite for as fast as possible.
    Pace(f64),
    /// Nobody sees the page now (or somebody does again).
    Hidden(bool),
    /// Whether anything drawn from fields is in sight: of a run that moves, fields are shown only then.
    InSight(bool),
    /// The last progress is on the screen.
    Drawn,
    /// Cells of a step-size map to be trained, after those asked for before; another map's take their place.
    Cells {
        /// The map's number.
        map: u32,
        /// Its query string.
        query: String,
        /// The cells by number.
        cells: Vec<usize>,
        /// By the graphics device, all at once, instead of here, one after the other.
        on_gpu: bool,
    },
    /// Steps of members of a session that another worker has.
    Make(Box<Load>),
    /// What is drawn for the networks to read, a byte per pixel.
    Images(Vec<u8>),
    /// Be where the worker stood that this one takes the place of, by packed commands.
    Succeed(Vec<u8>),
    /// How fast the graphics device trains these cells, and one core of the CPU.
    Race {
        /// The map's query string.
        query: String,
        /// The cells by number.
        cells: Vec<usize>,
    },
}

/// What the page says while a command waits for the whole engine, and takes back once that is answered.
pub(in crate::web) const FETCHING: &str =
    "This takes more than the page begins with: the whole engine is being fetched.";

/// From the worker to the page.
#[derive(Serialize, Deserialize)]
pub(in crate::web) enum Answer {
    /// The worker listens from now on.
    Started,
    /// What the session says.
    Event(Event),
    /// What the runs have made of their images, packed; the page carries it to where it is unpacked.
    Images(Vec<u8>),
    /// The run that a request asks for comes next.
    Entered {
        /// The request's.
        id: u32,
    },
    /// A request is carried out, or refused with a sentence.
    Done {
        /// The request's.
        id: u32,
        /// The sentence.
        result: Result<(), String>,
    },
    /// How cells of a step-size map ended.
    Cells {
        /// The map's number.
        map: u32,
        /// The cells by number.
        cells: Vec<(usize, MapCell)>,
    },
    /// The steps asked for: per stretch, per member where it stands.
    Made(Vec<Vec<Report>>),
    /// The graphics device's name and the seconds of a step of one cell, or why it cannot train them.
    Raced(Result<(String, EngineSeconds), String>),
    /// Why the graphics device cannot train the cells that it was asked for last, or can no longer.
    Refused(String),
}

/// Packs a message into bytes of its own, to be transferred.
pub(in crate::web) fn pack(message: &impl Serialize) -> Uint8Array {
    Uint8Array::from(packed(message).as_slice())
}

/// Packs what goes on as part of a message.
pub(in crate::web) fn packed(message: &impl Serialize) -> Vec<u8> {
    let Ok(bytes) = postcard::to_stdvec(message) else {
        unreachable!("messages are plain data")
    };
    bytes
}

/// Unpacks what [`pack`] made on the other side; both sides are the same build.
pub(in crate::web) fn unpack<T: DeserializeOwned>(data: &JsValue) -> T {
    of_packed(&data.unchecked_ref::<Uint8Array>().to_vec())
}

/// Unpacks what [`packed`] made.
pub(in crate::web) fn of_packed<T: DeserializeOwned>(bytes: &[u8]) -> T {
    // Told without the reason, whose words nobody would read: they are not loaded.
    let Ok(message) = postcard::from_bytes(bytes) else {
        unreachable!("both sides are the same build")
    };
    message
}
