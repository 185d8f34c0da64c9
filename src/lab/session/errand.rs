//! Steps that somebody else makes for a session, an engine that is far away and answers when it can: what it is asked
//! for, and how its answer becomes the session's own. The session does not wait.

use super::Session;
use crate::data::Dataset;
use crate::engine::{Ensemble, Expense, Look, MemberState, Minibatches, Report, Settings, Stretch};
use crate::lab::config::Stop;
use crate::lab::history;
use crate::lab::pieces::{Due, NEVER, at_once};

/// Steps to be made from where a session stands, cut where it wants to know how they went.
#[derive(Clone, Debug)]
pub struct Errand {
    /// What is learned: data, network and minibatches, by number.
    pub task: u64,
    /// The course that they belong to; no two different ones have the same.
    pub course: u64,
    /// The first step (0-based).
    pub from: u64,
    /// Where to look.
    pub stretches: Vec<Stretch>,
}

impl Errand {
    /// How many steps.
    pub fn steps(&self) -> u64 {
        self.stretches.iter().map(|s| s.steps).sum()
    }

    /// The first of its steps alone.
    #[must_use]
    pub fn first_step(&self) -> Errand {
        let mut stretches = self.stretches[..self.stretches.len().min(1)].to_vec();
        stretches.iter_mut().for_each(|stretch| stretch.steps = 1);
        Errand {
            stretches,
            ..self.clone()
        }
    }

    /// Spreads the seconds that an answer has taken over its steps. Members that are trained together have equal shares.
    pub fn charge(&self, answer: &mut [Vec<Report>], seconds: f64) {
        for (stretch, reports) in self.stretches.iter().zip(answer) {
            let share = seconds * stretch.steps as f64 / self.steps() as f64;
            let mut shares: Vec<&mut f64> = reports
                .iter_mut()
                .filter_map(|report| match &mut report.expense {
                    Expense::Shared { steps, seconds, .. } if *steps > 0 => Some(seconds),
                    _ => None,
                })
                .collect();
            let own = share / shares.len() as f64;
            shares.iter_mut().for_each(|seconds| **seconds = own);
        }
    }
}

impl Session {
    /// What is to be done next on the way to step `goal`, at most `most` steps; `None` when nothing is. Settings do
    /// not change on the way.
    pub fn errand(&mut self, goal: u64, most: u64) -> Option<Errand> {
        if self.finished() || goal.min(self.end()) <= self.step() {
            return None;
        }
        if self.course.changes_here(&self.config) {
            self.course.adopt_settings(&self.config);
            self.renew();
        }
        Some(self.errand_from(self.step(), goal, most))
    }

    /// What is to be done after an errand that is under way, for who need not hear how that has gone; `None` where settings
    /// change first.
    pub fn errand_after(&self, errand: &Errand, goal: u64, most: u64) -> Option<Errand> {
        let from = errand.from + errand.steps();
        let changes = self.config.changes.iter().any(|c| c.step == from);
        let left = from < goal.min(self.end());
        (left && !changes && self.expects(errand)).then(|| self.errand_from(from, goal, most))
    }

    /// At least one step from there on, the goal being beyond.
    fn errand_from(&self, from: u64, goal: u64, most: u64) -> Errand {
        let mut until = goal.min(self.end()).min(from.saturating_add(most.max(1)));
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
            let recorded = at.is_multiple_of(stride);
            // A recorded step stands alone, and so does one that may be the last: where it began is known.
            let end = if recorded || self.may_be_last(at, until) {
                at + 1
            } else {
                let next = |every: u64| (at / every + 1) * every;
                let record = next(stride);
                let last = if self.may_be_last(record - 1, until) {
                    record - 1
                } else {
                    record
                };
                last.min(next(self.timeline.finest())).min(until - 1)
            };
            stretches.push(Stretch {
                steps: end - at,
                read: true,
                recorded: recorded && at >= self.furthest,
            });
            at = end;
        }
        Errand {
            task: self.task_number,
            course: self.course_number,
            from,
            stretches,
        }
    }

    /// Whether a step on the way to `until` may be the last one: where the way ends, or before a record at which a stop rule
    /// may end the run.
    fn may_be_last(&self, step: u64, until: u64) -> bool {
        let ends = self.config.stop != Stop::default();
        step + 1 == until || ends && (step + 1).is_multiple_of(history::stride(self.total_steps()))
    }

    /// The members as somebody else needs them: how they learn, where they stand, their last minibatch loss.
    pub fn members(&self) -> Vec<(Settings, MemberState<f32>, f64)> {
        let members = self.course.ensemble.members().iter();
        members
            .map(|m| (m.settings(), m.state.clone(), m.loss))
            .collect()
    }

    /// The data that the members learn from.
    pub fn dataset(&self) -> &Dataset {
        &self.dataset
    }

    /// What the members learn.
    pub fn ensemble(&self) -> &Ensemble<f32> {
        &self.course.ensemble
    }

    /// Whether the answer to an errand would still be of use.
    pub fn awaits(&self, errand: &Errand) -> bool {
        (errand.course, errand.from) == (self.course_number, self.step()) && !self.finished()
    }

    /// The training points of each of an errand's steps, where the session stands.
    pub fn minibatches(&mut self, errand: &Errand) -> Minibatches {
        self.course.minibatches(&self.config, errand.steps())
    }

    /// Whether it will be of use once the session has come to its beginning.
    pub fn expects(&self, errand: &Errand) -> bool {
        let comes = errand.course == self.course_number && errand.from >= self.step();
        comes && !self.finished()
    }

    /// Takes the answer to an errand: per stretch, per member where it stands. Whether it was of use.
    pub fn adopt(&mut self, errand: &Errand, answer: Vec<Vec<Report>>) -> bool {
        at_once(self.adopt_in_pieces(errand, answer, NEVER))
    }

    /// The same, left off whenever that is `due`.
    pub async fn adopt_in_pieces(
        &mut self,
        errand: &Errand,
        answer: Vec<Vec<Report>>,
        due: Due<'_>,
    ) -> bool {
        if !self.awaits(errand) {
            return false;
        }
        for (stretch, reports) in errand.stretches.iter().zip(answer) {
            if self.finished() {
                break;
            }
            let evaluated = |report: &Report| {
                let sight = report.sight.as_ref()?;
                Some((sight.training, sight.validation))
            };
            let evaluations: Vec<_> = reports.iter().map(evaluated).collect();
            let looked = reports.iter().any(|report| report.sight.is_some());
            // The last one is looked into once somebody is to see it.
            let Some(opened) = self.open_steps(false, &evaluations, due).await else {
                break;
            };
            if opened.looked && !looked {
                self.course.look(&self.config, Look::ALL);
            }
            self.course.adopt(stretch.steps, reports);
            self.close_steps(opened, due).await;
        }
        if self.finished() {
            self.finish(due).await;
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
