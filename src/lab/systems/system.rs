//! What a related system is to the stage: its tables, its data, its members and how they step, what is measured and shown of them.
//! Knows no system.

use std::fmt::Debug;

use crate::Error;
use crate::frame::stage::{Chart, Column, Level, Measure, Picture};
use crate::lab::history::MOST_RECORDS;
use crate::lab::presets::Preset;
use crate::lab::row::Row;

/// What is said of a system before anything is run.
#[derive(Debug)]
pub struct About {
    /// Its name in queries: `system=NAME`.
    pub name: &'static str,
    /// What it is called.
    pub title: &'static str,
    /// Runs worth a question.
    pub presets: &'static [Preset],
}

/// What is told of a system where it is looked at.
#[derive(Debug)]
pub struct Told {
    /// What it asks.
    pub question: &'static str,
    /// What it has to do with explicit and implicit steps, in a sentence.
    pub relation: &'static str,
    /// Where that holds and where it does not; empty where there is no more to say.
    pub more: &'static str,
    /// Whose it is.
    pub citation: &'static str,
}

impl Told {
    /// What it has to do with explicit and implicit steps, and where that holds.
    pub fn at_length(&self) -> String {
        let all = [self.relation, self.more].join(" ");
        all.trim_end().to_owned()
    }
}

/// What a picture, a chart or a number shows, for whoever asks.
#[derive(Debug)]
pub struct Help {
    /// The key of all that it explains.
    pub key: &'static str,
    /// The words.
    pub text: &'static str,
}

/// What is recorded along a run, and the charts of it.
#[derive(Debug)]
pub struct Measures {
    /// All measures.
    pub all: &'static [Measure],
    /// The charts.
    pub charts: &'static [Chart],
}

/// A related system.
pub(super) trait System: Sized + 'static {
    /// What all runs share; a change of it restarts.
    type Shared: Clone + Debug + Default + PartialEq + Send + Sync;
    /// What each run has of its own; most of it may change mid-run.
    type Each: Clone + Debug + Default + PartialEq + Send + Sync;
    /// Data, and whatever follows from the shared settings.
    type Scene;
    /// A run where it stands. What it takes of memory beside its numbers is of no account.
    type Member: Clone;

    /// What is said of it.
    const ABOUT: &'static About;
    /// What is told of it where it is looked at.
    const TOLD: &'static Told;
    /// What is measured of it, in each of its views.
    const MEASURES: &'static [&'static Measures];
    /// A curve has about so many points at most.
    const MOST_POINTS: u64 = MOST_RECORDS;
    /// By what a run is known to have diverged, and what to try then, in words.
    const DIVERGED: [&'static str; 2];
    /// What its pictures, charts and numbers show, each by its key.
    const HELPS: &'static [Help] = &[];
    /// The keys, one of which each JSON file of its own has, and none of any other kind; empty where it has no files.
    const FILE: &'static [&'static str] = &[];

    /// The table of the shared settings, in the order in which they are printed.
    fn shared() -> &'static [Row<Self::Shared>];
    /// The table of a run's own settings; the first is the word that a run begins with.
    fn each() -> &'static [Row<Self::Each>];
    /// The runs where a query names none.
    fn usual(shared: &Self::Shared) -> Vec<Self::Each>;
    /// Which of its views the runs are seen in.
    fn view(_: &Self::Shared) -> usize {
        0
    }
    /// The measure that maps of a view show, by its place there.
    fn mapped(_view: usize) -> usize {
        0
    }
    /// Whether a measure of the view that is seen has numbers in one of these runs at least.
    fn has(_: &Self::Shared, _: &[Self::Each], _measure: &str) -> bool {
        true
    }
    /// Why a shared setting that does something does nothing to what maps show, if that is so.
    fn unmapped(_: &Self::Shared, key: &str) -> Option<&'static str> {
        Self::only_looks(key).then_some("it says only what is looked at")
    }
    /// Tells a run's settings what their table has to know of what is shared, to say what does anything.
    fn fit(_: &Self::Shared, _: &mut Self::Each) {}
    /// Where a slider of a run's own number ends, if that is before the end of what is allowed: what is beyond is the same.
    fn most(_: &Self::Each, _key: &str) -> Option<f64> {
        None
    }
    /// Writes in one way what means the same in a run's settings, once all of them are known: their order says nothing.
    fn settle_each(_: &mut Self::Each) {}
    /// After one setting was changed by hand: what is of no use any more goes, as points of one's own do with other data, and what it
    /// needs comes.
    fn settle(_: &mut Self::Shared, _key: &str) {}
    /// How many classes points of one's own may have, which are drawn on the first plane of each run; 1 where their class is nothing to the
    /// runs, 0 where there are none of one's own.
    fn drawn_classes(_: &Self::Shared) -> usize {
        0
    }
    /// Whether a shared setting says only what is looked at: the runs go on then.
    fn only_looks(_key: &str) -> bool {
        false
    }
    /// The query string of the run that a JSON file with one of [`System::FILE`] opens, which may be cut off, or what is wrong with it.
    fn read_file(_text: &str) -> Result<String, String> {
        Err("this system has no files".to_owned())
    }
    /// What one value alone cannot show: whether settings go together, the runs' as they are at some step.
    fn check(shared: &Self::Shared, each: &[Self::Each]) -> Result<(), Error>;
    /// Steps of a run.
    fn steps(shared: &Self::Shared) -> u64;
    /// What the runs are made on.
    fn scene(shared: &Self::Shared) -> Self::Scene;
    /// A run before its first step.
    fn start(scene: &Self::Scene, each: &Self::Each) -> Self::Member;
    /// Makes the step with the number `step`, from 0, and allocates nothing.
    fn step(scene: &Self::Scene, each: &Self::Each, member: &mut Self::Member, step: u64);
    /// The step after which it has diverged; no step is made after it.
    fn diverged(member: &Self::Member) -> Option<u64>;
    /// Numbers that it keeps, for the bound of the timeline.
    fn numbers(scene: &Self::Scene) -> usize;
    /// What is measured where it stands, in the order of its view's [`System::MEASURES`].
    fn measure(scene: &Self::Scene, each: &Self::Each, member: &Self::Member) -> Vec<f64>;
    /// What a run is called beside runs of other methods; what it is told apart by from its like is put behind that.
    fn name(scene: &Self::Scene, each: &Self::Each) -> String;
    /// What is to be seen of a run: all but its name and status.
    fn show(scene: &Self::Scene, each: &Self::Each, member: &Self::Member, column: &mut Column);
    /// Gives the pictures of runs what they are to share: one scale, where their colours are compared.
    fn compare(_: &mut [Column]) {}
    /// What is to be seen of all runs together.
    fn together(scene: &Self::Scene, each: &[Self::Each], members: &[Self::Member])
    -> Vec<Picture>;
    /// The lines across its charts.
    fn levels(scene: &Self::Scene) -> Vec<Level>;
}
