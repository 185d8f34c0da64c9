//! How a session moves along its run: forward step by step, recording, and to any step of its timeline.

use super::Session;
use crate::engine::evaluate::Evaluation;
use crate::engine::{Cost, Look};
use crate::frame::Record;
use crate::lab::config::Config;
use crate::lab::course::Course;
use crate::lab::timeline::Seen;
use crate::lab::{history, stop};
use crate::steps::l1::zeros;

/// J and accuracy on the training and on the validation points.
type Evaluations = (Option<Evaluation>, Option<Evaluation>);

impl Session {
    /// Makes at most this many steps; stops at the end of the run and then no longer plays.
    pub fn advance(&mut self, steps: u64) {
        self.pursue(self.step().saturating_add(steps), steps);
    }

    /// The step that the last commands ask for; nothing is left to do for them beyond it or once the run is over.
    pub fn goal(&self) -> u64 {
        self.goal
    }

    /// Makes at most so many steps on the way to a step; only the one that arrives there is sure to be looked at.
    pub fn pursue(&mut self, goal: u64, steps: u64) {
        let goal = goal.min(self.end());
        let until = self.step().saturating_add(steps).min(goal);
        while self.step() < until && !self.finished() {
            self.one_step(self.step() + 1 == goal);
        }
        if self.finished() {
            self.finish();
        }
    }

    /// Whether the steps being made are known already.
    pub fn replaying(&self) -> bool {
        self.step() < self.furthest
    }

    pub(super) fn finish(&mut self) {
        self.playing = false;
        for i in 0..self.histories.len() {
            self.record_end(i);
        }
    }

    /// Records where member `i` ends, once.
    fn record_end(&mut self, i: usize) {
        let end = self.course.ensemble.members()[i].state.step;
        let records = self.histories[i].records();
        if records.last().is_none_or(|r| r.step < end) {
            let mut record = self.record(i, None);
            record.batch_loss = self.seen[i].range.unwrap_or([f64::NAN; 2]);
            self.histories[i].push(record);
        }
    }

    fn one_step(&mut self, shown: bool) {
        self.make_steps(shown, &[], Course::advance);
    }

    /// Steps that `make` makes and nobody looks into: one of them if it is recorded or `shown`. What is recorded does
    /// not depend on who looks. Who has not been evaluated is evaluated here. Nothing is made where a stop rule ends the run.
    pub(super) fn make_steps(
        &mut self,
        shown: bool,
        evaluated: &[Option<Evaluations>],
        make: impl FnOnce(&mut Course, &Config, Look),
    ) {
        let step = self.step();
        let recorded = step.is_multiple_of(history::stride(self.total_steps()));
        let new = recorded && step >= self.furthest;
        let mut records: Vec<Option<Record>> = Vec::new();
        if new {
            let trains = |i: usize| self.course.ensemble.members()[i].state.divergence.is_none();
            let training: Vec<bool> = (0..self.histories.len()).map(trains).collect();
            records.extend(training.into_iter().enumerate().map(|(i, trains)| {
                let known = evaluated.get(i).copied().flatten();
                trains.then(|| self.record(i, known))
            }));
            if let Some(why) = stop::reason(self.config.stop, &self.histories, &records) {
                self.ended = Some((step, format!("Stopped at step {step}: {why}.")));
                return;
            }
        }
        let look = if new || shown {
            Look::ALL
        } else {
            Look::default()
        };
        make(&mut self.course, &self.config, look);
        self.furthest = self.furthest.max(self.step());
        for (i, member) in self.course.ensemble.members().iter().enumerate() {
            let seen = &mut self.seen[i];
            let made = member.state.step > step;
            if made {
                seen.note(member.range);
                if new || shown {
                    seen.looked = member.state.step;
                    seen.energy.clone_from(&member.energy);
                    seen.layers.clone_from(&member.layers);
                }
            }
            // What had stopped before has nothing to record.
            if recorded && !seen.explained {
                let range = seen.range.take().unwrap_or([f64::NAN; 2]);
                if let Some(mut record) = records.get_mut(i).and_then(Option::take) {
                    record.batch_loss = range;
                    if made {
                        record.energy = member.energy.iter().map(|&e| e as f32).collect();
                        record.layers.clone_from(&member.layers);
                    }
                    self.histories[i].push(record);
                }
            }
        }
        self.explain_divergences();
        for i in 0..self.seen.len() {
            if self.seen[i].explained {
                self.record_end(i);
            }
        }
        if self.timeline.wants(self.step()) {
            let members = self.course.ensemble.members();
            self.timeline.keep(self.course.step(), members, &self.seen);
        }
    }

    /// Looks into the last step made, if it was not looked into then.
    pub fn look_back(&mut self) {
        self.course.ensemble.look_back(Look::ALL);
        for i in 0..self.seen.len() {
            let member = &self.course.ensemble.members()[i];
            let looked = member.state.step;
            let known = if member.knows_its_step() {
                Some((member.energy.clone(), member.layers.clone()))
            } else if self.seen[i].looked == looked {
                None
            } else {
                self.last_step_again(i)
            };
            if let Some((energy, layers)) = known {
                let seen = &mut self.seen[i];
                (seen.energy, seen.layers, seen.looked) = (energy, layers, looked);
            }
        }
    }

    /// Makes `step` (within the run) the goal, from the nearest state before it that is known.
    pub(super) fn seek(&mut self, step: u64) {
        let first = self.start.step();
        self.goal = step.clamp(first, self.end().max(first));
        let here = self.step();
        if self.goal == here {
            return;
        }
        // The last step before the goal is always made, for it is looked at.
        let keyframe = match self.goal {
            goal if goal == first => None,
            goal => self.timeline.at_or_before(goal - 1),
        };
        match keyframe {
            Some((step, _)) if here < self.goal && here >= step => {}
            None if here < self.goal => {}
            Some((step, points)) => {
                let runs = self.config.runs_at(step - 1);
                let members = runs.iter().zip(points);
                self.course.restore(
                    step,
                    members.map(|(run, p)| (run.settings(), p.state.clone(), p.cost, p.loss)),
                );
                self.seen = points.iter().map(|p| p.seen.clone()).collect();
            }
            None => self.rewind(),
        }
    }

    /// Back to the first step, with the settings in force there.
    pub(super) fn rewind(&mut self) {
        let members = self
            .start
            .members(&self.config, self.course.ensemble.architecture());
        self.seen = members.iter().map(|(_, state)| Seen::of(state)).collect();
        let unpaid = |(settings, state)| (settings, state, Cost::default(), f64::NAN);
        self.course
            .restore(self.start.step(), members.into_iter().map(unpaid));
    }

    /// A record of member `i` where it stands, without a step's diagnostics.
    fn record(&mut self, i: usize, evaluated: Option<Evaluations>) -> Record {
        let (training, validation) = evaluated.unwrap_or_else(|| self.evaluate(i));
        let member = &self.course.ensemble.members()[i];
        Record {
            step: member.state.step,
            seconds: member.cost.seconds,
            flops: member.cost.flops,
            loss: training.map_or(f64::NAN, |e| e.loss),
            batch_loss: [f64::NAN; 2],
            validation_loss: validation.map_or(f64::NAN, |e| e.loss),
            accuracy: training.and_then(|e| e.accuracy).unwrap_or(f64::NAN),
            zero_weights: zeros(&member.state.thetas).0,
            energy: Vec::new(),
            layers: Vec::new(),
        }
    }

    /// J and accuracy of member `i` where it stands: training, validation.
    pub(super) fn evaluate(&mut self, i: usize) -> Evaluations {
        let ensemble = &self.course.ensemble;
        let thetas = &ensemble.members()[i].state.thetas;
        let training = self.evaluator.evaluate(thetas, ensemble.training());
        let validation = self.evaluator.evaluate(thetas, ensemble.validation());
        (training, validation)
    }
}
