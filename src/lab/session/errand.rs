//! Steps that somebody else makes for a session, an engine that is far away and answers when it can: what it is asked
//! for, and how its answer becomes the session's own. The session does not wait.

use super::Session;
use crate::engine::{Ensemble, Look, MemberState, Minibatches, Report, Settings, Stretch};
use crate::lab::{history, timeline};

/// Steps to be made from where a session stands, cut where it wants to know how they went.
#[derive(Clone, Debug)]
pub struct Errand {
    /// What is learned: data, network and minibatches, by number.
    pub task: u64,
    /// The course that they belong to; no two different ones have the same.
    pub course: u64,
    /// The first step (0-based).
    pub from: u64,
    /// The training points of each step.
    pub minibatches: Minibatches,
    /// Where to look.
    pub stretches: Vec<Stretch>,
}

impl Errand {
    /// How many steps.
    pub fn steps(&self) -> u64 {
        self.stretches.iter().map(|s| s.steps).sum()
    }
}

impl Session {
    /// What is to be done next on the way to step `goal`, at most `most` steps; `None` when nothing is. Settings do
    /// not change on the way.
    pub fn errand(&mut self, goal: u64, most: u64) -> Option<Errand> {
        let from = self.step();
        let mut until = goal.min(self.end()).min(from.saturating_add(most));
        if self.finished() || until <= from {
            return None;
        }
        if self.course.changes_here(&self.config) {
            self.course.adopt_settings(&self.config);
            self.renew();
        }
        let later = self
            .config
            .changes
            .iter()
            .map(|c| c.step)
            .filter(|&step| step > from);
        until = later.fold(until, u64::min);
        let stride = history::stride(self.total_steps());
        let mut stretches = Vec::new();
        let mut at = from;
        while at < until {
            // A recorded step stands alone, and so does the last one: they are looked into.
            let end = if at.is_multiple_of(stride) || at + 1 == until {
                at + 1
            } else {
                let next = |every: u64| (at / every + 1) * every;
                next(stride).min(next(timeline::FINEST)).min(until - 1)
            };
            stretches.push(Stretch {
                steps: end - at,
                read: true,
            });
            at = end;
        }
        Some(Errand {
            task: self.task_number,
            course: self.course_number,
            from,
            minibatches: self.course.minibatches(&self.config, until - from),
            stretches,
        })
    }

    /// The members as somebody else needs them: how they learn, where they stand, their last minibatch loss.
    pub fn members(&self) -> Vec<(Settings, MemberState<f32>, f64)> {
        let members = self.course.ensemble.members().iter();
        members
            .map(|m| (m.settings(), m.state.clone(), m.loss))
            .collect()
    }

    /// What the members learn.
    pub fn ensemble(&self) -> &Ensemble<f32> {
        &self.course.ensemble
    }

    /// Whether the answer to an errand would still be of use.
    pub fn awaits(&self, errand: &Errand) -> bool {
        (errand.course, errand.from) == (self.course_number, self.step()) && !self.finished()
    }

    /// Takes the answer to an errand, made in so many seconds: per stretch, per member where it stands. Whether it was
    /// of use.
    pub fn adopt(&mut self, errand: &Errand, answer: Vec<Vec<Report>>, seconds: f64) -> bool {
        if !self.awaits(errand) {
            return false;
        }
        let until = errand.from + errand.steps();
        for (stretch, reports) in errand.stretches.iter().zip(answer) {
            if self.finished() {
                break;
            }
            let share = seconds * stretch.steps as f64 / errand.steps() as f64;
            let shown = self.step() + 1 == until;
            self.make_steps(shown, |course, config, look| {
                if look != Look::default() {
                    course.look(config, look);
                }
                course.adopt(stretch.steps, reports, share);
            });
        }
        if self.finished() {
            self.finish();
        }
        true
    }

    /// What is learned, by number: another one whenever the run starts over.
    pub fn task(&self) -> u64 {
        self.task_number
    }

    /// From here on it is another course: what is under way for it is of no use.
    pub(super) fn renew(&mut self) {
        self.course_number = super::new_number();
    }
}
