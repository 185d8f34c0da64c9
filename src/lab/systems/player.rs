//! A related system in motion: forward step by step, recording, and to any step of its timeline, bit for bit; other ways from there.
//! Knows no system and no clock; whoever owns it decides when to advance.

use serde::{Deserialize, Serialize};

use super::names::names;
use super::run::Run;
use super::stop;
use super::system::{About, Measures, System};
use crate::Error;
use crate::frame::Status;
use crate::frame::stage::{Column, Point, Stage};
use crate::lab::config::MapConfig;
use crate::lab::query::{run_index, run_key};
use crate::lab::row::Row;
use crate::lab::timeline::{self, Keyframe, Timeline};

/// What the numbers of a run are beside its curves, where it has been said at which step it diverged.
pub const AFTER: &str = "Its numbers are those after that step; its curves end before it.";
/// Most ghosts.
const MOST_GHOSTS: usize = 8;
/// More than a member's keyframe takes besides its numbers.
const OVERHEAD: usize = 1024;

/// A system on the stage, whichever it is.
pub trait Play {
    /// What is said of it.
    fn about(&self) -> &'static About;
    /// What is measured of it.
    fn measures(&self) -> &'static Measures;
    /// The run.
    fn query(&self) -> String;
    /// The same without what is as usual.
    fn short(&self) -> String;
    /// Where it stands: steps made.
    fn step(&self) -> u64;
    /// The furthest step computed.
    fn furthest(&self) -> u64;
    /// Steps after which it is done.
    fn total_steps(&self) -> u64;
    /// Whether no run steps any more: the steps are made, a stop rule has ended them, or all have diverged.
    fn finished(&self) -> bool;
    /// Makes at most this many steps.
    fn advance(&mut self, steps: u64);
    /// Goes to a step: back to how it was, bit for bit, or forward. What lies outside the run is moved to its ends.
    fn seek(&mut self, step: u64);
    /// Sets a parameter. A stop rule moves no run: they may go on from where another one ended them, or end where they have been. A run's
    /// own acts from the next step on; after a look back what was computed beyond becomes a ghost. Of a run that
    /// is over, and for everything that the runs share, they start over with the new value.
    ///
    /// # Errors
    /// [`Error::Query`]; nothing has changed then.
    fn set(&mut self, key: &str, value: &str) -> Result<(), Error>;
    /// Starts over with one run twice, each as it is now. Mid-run changes and ghosts name runs by number, so they go.
    ///
    /// # Errors
    /// [`Error::Query`]; nothing has changed then.
    fn duplicate(&mut self, run: usize) -> Result<(), Error>;
    /// The same without one run.
    ///
    /// # Errors
    /// [`Error::Query`]; nothing has changed then.
    fn remove(&mut self, run: usize) -> Result<(), Error>;
    /// The points of a run's curves up to the furthest step.
    fn points(&self, run: usize) -> &[Point];
    /// What the runs were before they went another way.
    fn ghosts(&self) -> &[Ghost];
    /// The settings where it stands.
    fn settings(&self) -> Settings;
    /// What is to be seen.
    fn stage(&self) -> Stage;
}

/// All settings, in the order of their tables.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// What all runs share.
    pub shared: Vec<Setting>,
    /// Each run's own.
    pub each: Vec<Vec<Setting>>,
    /// How many classes points of one's own may have, on the first plane of each run; 1 where their class is nothing to the runs, 0 where
    /// none are taken.
    pub drawn_classes: usize,
    /// What changes mid-run: the step, the run (from 0), and what becomes of which setting.
    pub changes: Vec<(u64, usize, String)>,
}

/// The value of a parameter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Setting {
    /// As it is written.
    pub value: String,
    /// Whether it does anything beside the others.
    pub acts: bool,
    /// Whether it does that to what maps show.
    pub maps: bool,
    /// Where its slider ends, if that is before the end of what is allowed.
    pub most: Option<f64>,
}

impl Setting {
    fn all<T>(
        rows: &[Row<T>],
        of: &T,
        maps: impl Fn(&str) -> bool,
        most: fn(&T, &str) -> Option<f64>,
    ) -> Vec<Setting> {
        let one = |row: &Row<T>| {
            let acts = (row.acts)(of);
            Setting {
                value: (row.get)(of).to_string(),
                acts,
                maps: acts && maps(row.parameter.key),
                most: most(of, row.parameter.key),
            }
        };
        rows.iter().map(one).collect()
    }
}

/// The curves of runs that went another way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ghost {
    /// What it shows: `before run2.eta0 = 3 at step 40`.
    pub name: String,
    /// Per run, the points that are void now.
    pub points: Vec<Vec<Point>>,
}

/// A system being played.
pub(super) struct Player<S: System> {
    run: Run<S>,
    /// The runs' settings that act in the next step.
    now: Vec<S::Each>,
    scene: S::Scene,
    members: Vec<S::Member>,
    points: Vec<Vec<Point>>,
    timeline: Timeline<Members<S>>,
    step: u64,
    furthest: u64,
    /// The step at which a stop rule ended the runs, and why.
    ended: Option<(u64, String)>,
    ghosts: Vec<Ghost>,
}

/// All members where they stand.
struct Members<S: System> {
    members: Vec<S::Member>,
    bytes: usize,
}

impl<S: System> Keyframe for Members<S> {
    fn bytes(&self) -> usize {
        self.bytes
    }
}

impl<S: System> Player<S> {
    /// The run of a query string, before its first step.
    ///
    /// # Errors
    /// [`Error::Query`] when it is not valid.
    pub(super) fn open(query: &str) -> Result<Box<dyn Play>, Error> {
        Ok(Box::new(Player::<S>::new(Run::parse(query)?)))
    }

    fn new(run: Run<S>) -> Player<S> {
        let scene = S::scene(&run.shared);
        let mut player = Player {
            now: run.at(0),
            members: run.each.iter().map(|each| S::start(&scene, each)).collect(),
            points: vec![Vec::new(); run.each.len()],
            timeline: Timeline::new(bytes::<S>(&scene, run.each.len()), timeline::FINEST),
            step: 0,
            furthest: 0,
            ended: None,
            ghosts: Vec::new(),
            scene,
            run,
        };
        player.record();
        player
    }

    /// Goes back to the first step.
    fn rewind(&mut self) {
        (self.step, self.now) = (0, self.run.at(0));
        let start = |each| S::start(&self.scene, each);
        self.members = self.run.each.iter().map(start).collect();
    }

    fn one_step(&mut self) {
        let step = self.step;
        for (member, each) in self.members.iter_mut().zip(&self.now) {
            if S::diverged(member).is_none() {
                S::step(&self.scene, each, member, step);
            }
        }
        self.step += 1;
        if self
            .run
            .changes()
            .iter()
            .any(|change| change.step == self.step)
        {
            self.now = self.run.at(self.step);
        }
        if self.step > self.furthest {
            self.furthest = self.step;
            self.record();
        }
        if self.timeline.wants(self.step) {
            let bytes = bytes::<S>(&self.scene, self.members.len());
            let members = &self.members;
            self.timeline.keep(self.step, |spare| {
                let mut spare = spare.map_or(Vec::new(), |spare: Members<S>| spare.members);
                spare.clone_from(members);
                Members {
                    members: spare,
                    bytes,
                }
            });
        }
    }

    /// Every so many steps the curves have a point.
    fn stride(&self) -> u64 {
        self.total_steps().div_ceil(S::MOST_POINTS).max(1)
    }

    /// The last step there is.
    fn end(&self) -> u64 {
        let ended = self.ended.as_ref();
        ended.map_or_else(|| S::steps(&self.run.shared), |(step, _)| *step)
    }

    /// Records where the runs stand, if that is a point of their curves, every so many steps and at the end; and sees whether a stop rule
    /// ends them here.
    fn record(&mut self) {
        if self.run.stop.divergence {
            let mut members = self.members.iter().enumerate();
            let gone = members.find(|(_, member)| S::diverged(member).is_some());
            self.end_here(gone.map(|(run, _)| format!("run {} has diverged", run + 1)));
        }
        if !self.step.is_multiple_of(self.stride()) && !self.finished() {
            return;
        }
        self.measure();
        if self.ended.is_none() {
            self.end_here(self.reason(usize::MAX));
        }
    }

    /// The curves have a point where the runs stand.
    fn measure(&mut self) {
        let step = self.step;
        let runs = self.members.iter().zip(&self.now).zip(&mut self.points);
        for ((member, each), points) in runs {
            // What has diverged has no numbers any more.
            if S::diverged(member).is_none() {
                let values = S::measure(&self.scene, each, member);
                points.push(Point { step, values });
            }
        }
    }

    fn end_here(&mut self, why: Option<String>) {
        let step = self.step;
        self.ended = why.map(|why| (step, format!("Stopped at step {step}: {why}.")));
    }

    /// Why a rule about what is measured ends the runs at the newest of so many of their first points, if one does.
    fn reason(&self, first: usize) -> Option<String> {
        let all = self.points.iter().map(Vec::len).max()?.min(first);
        let of_run = |points: &Vec<Point>| points.len() >= all;
        let points = self.points.iter();
        let runs: Vec<Option<&[Point]>> = points
            .map(|points| of_run(points).then(|| &points[..all]))
            .collect();
        let newest = runs.iter().flatten().next()?.last()?;
        let (shared, each) = (&self.run.shared, self.run.at(newest.step));
        let has = |run: usize, key: &str| S::has(shared, &each[run..=run], key);
        let (measures, mapped) = (self.run.measures(), S::mapped(S::view(shared)));
        self.run.stop.reason(measures, mapped, &runs, has)
    }

    /// Another stop rule holds, also for what is known already: the runs go on beyond where the one before ended them, or end earlier.
    fn stop_by(&mut self, run: Run<S>, name: &str) {
        let here = self.step;
        self.run = run;
        if self.ended.take().is_some() && self.furthest < self.total_steps() {
            // A run that nothing ends has no point there.
            let stride = self.stride();
            for points in &mut self.points {
                points.retain(|point| point.step.is_multiple_of(stride));
            }
        }
        self.seek(self.furthest);
        let gone = self.members.iter().enumerate();
        let gone = gone.filter_map(|(run, member)| Some((S::diverged(member)?, run)));
        let gone = gone.min().filter(|_| self.run.stop.divergence);
        let longest = self.points.iter().max_by_key(|points| points.len());
        let steps: Vec<u64> = longest.map_or(Vec::new(), |points| {
            points.iter().map(|point| point.step).collect()
        });
        let measured = (1..=steps.len()).find_map(|k| Some((steps[k - 1], self.reason(k)?)));
        let ended = match (gone, measured) {
            (Some((step, run)), measured) if measured.as_ref().is_none_or(|m| step <= m.0) => {
                Some((step, format!("run {} has diverged", run + 1)))
            }
            (_, measured) => measured,
        };
        let Some((step, why)) = ended else {
            return self.seek(here);
        };
        self.seek(step);
        self.cut(name);
        self.end_here(Some(why));
        let last = |points: &Vec<Point>| points.last().map(|point| point.step);
        // The last step of all has its point already, wherever it lies.
        if !self.points.iter().any(|points| last(points) == Some(step)) {
            self.measure();
        }
        self.seek(here);
    }

    /// Starts over with another run; what was computed stays as a ghost, where it was measured by the same measures.
    fn start_over(&mut self, run: Run<S>, name: String) {
        let view = S::view(&self.run.shared);
        let mut ghosts = std::mem::take(&mut self.ghosts);
        let points = std::mem::take(&mut self.points);
        *self = Player::new(run);
        if S::view(&self.run.shared) == view {
            keep(&mut ghosts, Ghost { name, points });
            self.ghosts = ghosts;
        }
    }

    /// The place of the run with this number, from 1.
    fn known(&self, number: usize) -> Result<usize, Error> {
        run_index(number, self.members.len())
    }

    /// Lets a setting of a run act from here on.
    fn branch(&mut self, run: Run<S>, name: &str) {
        self.cut(name);
        self.run = run;
        self.now = self.run.at(self.step);
        if self.step == 0 {
            self.rewind();
        }
    }

    /// Forgets what was computed beyond where the runs stand; it becomes a ghost.
    fn cut(&mut self, name: &str) {
        let step = self.step;
        self.ended = None;
        if self.furthest == step {
            return;
        }
        let beyond = |points: &Vec<Point>| {
            let kept = points.partition_point(|point| point.step <= step);
            points[kept.saturating_sub(1)..].to_vec()
        };
        let points = self.points.iter().map(beyond).collect();
        let name = format!("{name} at step {step}");
        keep(&mut self.ghosts, Ghost { name, points });
        for points in &mut self.points {
            points.retain(|point| point.step <= step);
        }
        self.timeline.truncate(step);
        self.furthest = step;
    }
}

/// Bytes of a keyframe.
fn bytes<S: System>(scene: &S::Scene, members: usize) -> usize {
    members * (S::numbers(scene) * size_of::<f64>() + OVERHEAD)
}

fn keep(ghosts: &mut Vec<Ghost>, ghost: Ghost) {
    // A single point is no curve.
    if ghost.points.iter().any(|points| points.len() > 1) {
        ghosts.push(ghost);
        let many = ghosts.len().saturating_sub(MOST_GHOSTS);
        ghosts.drain(..many);
    }
}

impl<S: System> Play for Player<S> {
    fn about(&self) -> &'static About {
        S::ABOUT
    }

    fn measures(&self) -> &'static Measures {
        self.run.measures()
    }

    fn query(&self) -> String {
        self.run.to_string()
    }

    fn short(&self) -> String {
        self.run.short()
    }

    fn step(&self) -> u64 {
        self.step
    }

    fn furthest(&self) -> u64 {
        self.furthest
    }

    fn total_steps(&self) -> u64 {
        S::steps(&self.run.shared)
    }

    fn finished(&self) -> bool {
        let mut members = self.members.iter();
        self.step >= self.end() || members.all(|member| S::diverged(member).is_some())
    }

    fn advance(&mut self, steps: u64) {
        for _ in 0..steps {
            if self.finished() {
                return;
            }
            self.one_step();
        }
    }

    fn seek(&mut self, step: u64) {
        let goal = step.min(self.end());
        match self.timeline.at_or_before(goal) {
            Some((step, keyframe)) if step > self.step || self.step > goal => {
                self.members.clone_from(&keyframe.members);
                (self.step, self.now) = (step, self.run.at(step));
            }
            None if self.step > goal => self.rewind(),
            _ => {}
        }
        self.advance(goal - self.step);
    }

    fn set(&mut self, key: &str, value: &str) -> Result<(), Error> {
        let mut run = self.run.clone();
        let name = format!("before {key} = {value}");
        let Some((number, own)) = run_key(key) else {
            run.set(key, value)?;
            if run == self.run {
                return Ok(());
            }
            if key == MapConfig::KEY {
                // It changes no step.
                self.run = run;
            } else if key == stop::KEY {
                self.stop_by(run, &name);
            } else if S::only_looks(key) {
                self.scene = S::scene(&run.shared);
                self.run = run;
            } else {
                self.start_over(run, name);
            }
            return Ok(());
        };
        let index = self.known(number)?;
        if self.finished() || S::diverged(&self.members[index]).is_some() {
            // What its card shows is what starts over.
            run.each = run.at(self.step);
            run.forget_changes(0);
            run.set(key, value)?;
            if run != self.run {
                self.start_over(run, name);
            }
            return Ok(());
        }
        run.forget_changes(self.step);
        run.change(self.step, index, own, value)?;
        if run.at(self.step) != self.now {
            self.branch(run, &name);
        }
        Ok(())
    }

    fn duplicate(&mut self, run: usize) -> Result<(), Error> {
        let index = self.known(run)?;
        let next = self.run.with_runs(self.step, |each| {
            each.insert(index + 1, each[index].clone());
        })?;
        *self = Player::new(next);
        Ok(())
    }

    fn remove(&mut self, run: usize) -> Result<(), Error> {
        let index = self.known(run)?;
        let next = self
            .run
            .with_runs(self.step, |each| drop(each.remove(index)))?;
        *self = Player::new(next);
        Ok(())
    }

    fn points(&self, run: usize) -> &[Point] {
        &self.points[run]
    }

    fn ghosts(&self) -> &[Ghost] {
        &self.ghosts
    }

    fn settings(&self) -> Settings {
        let shared = &self.run.shared;
        let each = |each: &S::Each| {
            let mut each = each.clone();
            S::fit(shared, &mut each);
            Setting::all(S::each(), &each, |_| true, S::most)
        };
        let stop = Setting {
            value: self.run.stop.to_string(),
            acts: true,
            maps: false,
            most: None,
        };
        let of_all = Setting::all(
            S::shared(),
            shared,
            |key| S::unmapped(shared, key).is_none(),
            |_, _| None,
        );
        Settings {
            shared: [of_all, vec![stop]].concat(),
            each: self.now.iter().map(each).collect(),
            drawn_classes: S::drawn_classes(shared),
            changes: self.run.changes().iter().map(Run::<S>::told).collect(),
        }
    }

    fn stage(&self) -> Stage {
        let done = self.step >= self.end();
        let names = names::<S>(&self.run.shared, &self.scene, &self.now);
        let members = self.members.iter().zip(&self.now).zip(names);
        let column = |((member, each), name)| {
            let diverged_at = S::diverged(member);
            let status = match diverged_at {
                Some(_) => Status::Diverged,
                None if done => Status::Done,
                None => Status::Training,
            };
            let mut column = Column {
                name,
                status,
                diverged_at,
                numbers: Vec::new(),
                pictures: Vec::new(),
            };
            S::show(&self.scene, each, member, &mut column);
            column
        };
        let mut columns: Vec<Column> = members.map(column).collect();
        S::compare(&mut columns);
        Stage {
            system: S::ABOUT.name.to_owned(),
            view: S::view(&self.run.shared),
            step: self.step,
            total_steps: self.total_steps(),
            stopped: self.ended.clone().filter(|_| done).map(|(_, why)| why),
            build: env!("CARGO_PKG_VERSION").to_owned(),
            columns,
            pictures: S::together(&self.scene, &self.now, &self.members),
            levels: S::levels(&self.scene),
        }
    }
}
