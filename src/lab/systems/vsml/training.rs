//! The training of cells as a piece of work: iteration by iteration, from a checkpoint if there is one, to a file. Knows no clock and
//! writes nothing.

use std::collections::VecDeque;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::cells::{self, Trained, numbers};
use crate::Named;
use crate::systems::vsml::{
    CLONE, Cell, Cloning, Episode, META, Optimizer, PHASES, Training, gradient,
};

/// What is trained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// A cell that does what backpropagation does.
    Clone,
    /// One that learns in its own way.
    Rule,
}

crate::named!(What { Clone = "clone", Rule = "rule" });

/// Iterations of whose losses the mean is told.
const TOLD: usize = 50;

impl What {
    /// Iterations in all.
    pub fn iterations(self) -> u64 {
        match self {
            What::Clone => CLONE.iterations,
            What::Rule => META.iterations,
        }
    }

    /// Iterations before which a snapshot is kept.
    pub(super) fn kept(self) -> &'static [u64] {
        match self {
            What::Clone => &[0, 100, 300, 1000, 3000, 10_000],
            What::Rule => &[0, 20, 50, 100, 200, 650, 1000],
        }
    }
}

/// A training where it stands.
pub struct MetaTraining {
    what: What,
    seed: u32,
    way: Way,
    losses: VecDeque<f64>,
    snapshots: Vec<(u64, Cell)>,
}

enum Way {
    Clone(Box<Cloning>),
    Rule(Training, Vec<Episode>),
}

#[derive(Deserialize)]
struct Checkpoint<'a> {
    what: String,
    seed: u32,
    made: u64,
    #[serde(borrow)]
    numbers: Vec<&'a RawValue>,
    #[serde(borrow)]
    moments: [Vec<&'a RawValue>; 2],
    #[serde(borrow)]
    losses: Vec<&'a RawValue>,
    #[serde(borrow)]
    snapshots: Vec<(u64, Vec<&'a RawValue>)>,
}

impl MetaTraining {
    /// Before the first iteration; `threads` work, and change no number.
    pub fn new(what: What, seed: u32, threads: usize) -> MetaTraining {
        let way = match what {
            What::Clone => Way::Clone(Box::new(Cloning::new(CLONE, CLONE.start(seed)))),
            What::Rule => {
                let longest = PHASES.iter().map(|phase| phase.samples).max();
                let most = PHASES.iter().map(|phase| phase.tasks).max().unwrap_or(1);
                let room = |_| Episode::new(&META.grid(), longest.unwrap_or(0));
                let rooms = (0..threads.clamp(1, most)).map(room).collect();
                Way::Rule(Training::new(META.start(seed)), rooms)
            }
        };
        MetaTraining {
            what,
            seed,
            way,
            losses: VecDeque::new(),
            snapshots: Vec::new(),
        }
    }

    /// The numbers as they are run.
    fn cell(&self) -> Cell {
        match &self.way {
            Way::Clone(cloning) => cloning.folded(),
            Way::Rule(training, _) => training.cell.clone(),
        }
    }

    fn optimizer(&self) -> &Optimizer {
        match &self.way {
            Way::Clone(cloning) => &cloning.optimizer,
            Way::Rule(training, _) => &training.optimizer,
        }
    }

    fn theta(&self) -> &[f64] {
        match &self.way {
            Way::Clone(cloning) => &cloning.cell.theta,
            Way::Rule(training, _) => &training.cell.theta,
        }
    }

    /// Iterations made.
    pub fn made(&self) -> u64 {
        match &self.way {
            Way::Clone(cloning) => cloning.made,
            Way::Rule(training, _) => training.made,
        }
    }

    /// The mean loss of the last iterations.
    pub fn loss(&self) -> f64 {
        self.losses.iter().sum::<f64>() / self.losses.len() as f64
    }

    /// Makes an iteration; nothing after the last.
    pub fn step(&mut self) {
        let made = self.made();
        if self.what.kept().contains(&made) {
            let cell = self.cell();
            self.snapshots.push((made, cell));
        }
        let seed = self.seed;
        let loss = match &mut self.way {
            Way::Clone(cloning) => {
                if made == CLONE.iterations {
                    return;
                }
                cloning.step(&CLONE.triples(seed, made))
            }
            Way::Rule(training, rooms) => {
                let Some((phase, i)) = training.phase() else {
                    return;
                };
                let task = |b: usize| {
                    let index = i * phase.tasks as u64 + b as u64;
                    META.task(seed.wrapping_add(phase.seed), index, phase.samples)
                };
                let tasks: Vec<_> = (0..phase.tasks).map(task).collect();
                let (loss, mut gradient) = gradient(&META, &training.cell, &tasks, rooms);
                training.step(&META, &mut gradient);
                loss
            }
        };
        if self.losses.len() == TOLD {
            self.losses.pop_front();
        }
        self.losses.push_back(loss);
    }

    /// All that it takes to go on from here, to the last bit.
    pub fn checkpoint(&self) -> String {
        let snapshots: Vec<(u64, &[f64])> = self
            .snapshots
            .iter()
            .map(|(made, cell)| (*made, &cell.theta[..]))
            .collect();
        let checkpoint = json!({
            "what": self.what.name(),
            "seed": self.seed,
            "made": self.made(),
            "numbers": self.theta(),
            "moments": self.optimizer().moments(),
            "losses": self.losses,
            "snapshots": snapshots,
        });
        checkpoint.to_string()
    }

    /// Goes on from a checkpoint of the same training.
    ///
    /// # Errors
    /// What is wrong with it; nothing has changed then.
    pub fn go_on(&mut self, checkpoint: &str) -> Result<(), String> {
        let read: Checkpoint =
            serde_json::from_str(checkpoint).map_err(|e| format!("no checkpoint: {e}"))?;
        if (read.what.as_str(), read.seed) != (self.what.name(), self.seed) {
            let (what, seed) = (read.what, read.seed);
            return Err(format!("this is a checkpoint of {what} with seed {seed}"));
        }
        let size = self.cell().size;
        let fit = |raw: &[&RawValue]| {
            let numbers = numbers(raw)?;
            if numbers.len() == size.count() {
                Ok(numbers)
            } else {
                Err(format!(
                    "{} numbers; allowed: {}",
                    numbers.len(),
                    size.count()
                ))
            }
        };
        let theta = fit(&read.numbers)?;
        let moments = [fit(&read.moments[0])?, fit(&read.moments[1])?];
        let optimizer = Optimizer::resumed(read.made, moments);
        let losses = numbers(&read.losses)?;
        let snapshot =
            |(made, raw): &(u64, Vec<&RawValue>)| Ok((*made, Cell::new(size, fit(raw)?)));
        let snapshots: Result<_, String> = read.snapshots.iter().map(snapshot).collect();
        self.snapshots = snapshots?;
        self.losses = losses.into();
        let cell = Cell::new(size, theta);
        match &mut self.way {
            Way::Clone(cloning) => {
                (cloning.cell, cloning.optimizer, cloning.made) = (cell, optimizer, read.made);
            }
            Way::Rule(training, _) => {
                (training.cell, training.optimizer, training.made) = (cell, optimizer, read.made);
            }
        }
        Ok(())
    }

    /// The command that makes it.
    fn command(&self) -> String {
        format!(
            "proxprop meta-train {} --seed {}",
            self.what.name(),
            self.seed
        )
    }

    /// Whether a text is a file of this training, however far that came.
    pub fn has_made(&self, text: &str) -> bool {
        let file = serde_json::from_str::<Value>(text).unwrap_or_default();
        let command = file["command"].as_str();
        let behind = command.and_then(|command| command.strip_prefix(&self.command()));
        let ours = |behind: &str| behind.is_empty() || behind.starts_with(" --limit ");
        file["format"] == cells::FORMAT && behind.is_some_and(ours)
    }

    /// The file of what has come of it, with the command that makes it again.
    pub fn file(&self) -> String {
        let made = self.made();
        let trained = Trained {
            cell: self.cell(),
            bound: META.bound.filter(|_| self.what == What::Rule),
            feed: self.what == What::Rule && META.feed,
        };
        let limit = if made < self.what.iterations() {
            format!(" --limit {made}")
        } else {
            String::new()
        };
        let mut file = cells::file(&trained, &self.snapshots);
        file["command"] = json!(self.command() + &limit);
        file["program"] = json!(env!("CARGO_PKG_VERSION"));
        file["seed"] = json!(self.seed);
        file["iterations"] = json!(made);
        file["loss"] = json!(self.loss());
        lines(&file)
    }
}

/// A line per key.
fn lines(file: &Value) -> String {
    let entries = file.as_object().into_iter().flatten();
    let entries: Vec<String> = entries
        .map(|(key, value)| format!("{}: {value}", json!(key)))
        .collect();
    format!("{{\n{}\n}}\n", entries.join(",\n"))
}
