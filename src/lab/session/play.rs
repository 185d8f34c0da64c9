//! How a session moves along its run: forward step by step, recording, and to any step of its timeline.

use super::Session;
use super::point::{Seen, keyframe};
use crate::engine::evaluate::{Evaluation, Tally};
use crate::engine::{Cost, Look};
use crate::frame::Record;
use crate::lab::pieces::{Due, NEVER, at_once, piece};
use crate::lab::{history, stop};
use crate::steps::l1::zeros;

/// J and accuracy on the training and on the validation points.
pub(super) type Evaluations = (Option<Evaluation>, Option<Evaluation>);

/// Steps that are being made.
pub(super) struct Opened {
    /// The first.
    step: u64,
    /// The curves may have a point there.
    recorded: bool,
    /// Whether it is looked into.
    pub(super) looked: bool,
    /// Per member that trains, the point where the curves have one.
    records: Vec<Option<Record>>,
}

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
        at_once(self.pursue_in_pieces(goal, steps, NEVER));
    }

    /// The same, left off between two members, two looks and two parts of a look whenever that is `due`.
    pub async fn pursue_in_pieces(&mut self, goal: u64, steps: u64, due: Due<'_>) {
        let goal = goal.min(self.end());
        let until = self.step().saturating_add(steps).min(goal);
        while self.step() < until && !self.finished() {
            self.make_stretch(until, goal, due).await;
        }
        if self.finished() {
            self.finish(due).await;
        }
    }

    /// Whether the steps being made are known already.
    pub fn replaying(&self) -> bool {
        self.step() < self.furthest
    }

    pub(super) async fn finish(&mut self, due: Due<'_>) {
        self.playing = false;
        for i in 0..self.histories.len() {
            self.record_end(i, due).await;
        }
    }

    /// Records where member `i` ends, once.
    async fn record_end(&mut self, i: usize, due: Due<'_>) {
        let end = self.course.ensemble.members()[i].state.step;
        let records = self.histories[i].records();
        if records.last().is_none_or(|r| r.step < end) {
            let mut record = self.record(i, None, due).await;
            record.batch_loss = self.seen[i].range.unwrap_or([f64::NAN; 2]);
            self.histories[i].push(record);
        }
    }

    /// One step, or steps in a row that nobody looks into, on the way to `until`; the last one before `goal` is looked into.
    async fn make_stretch(&mut self, until: u64, goal: u64, due: Due<'_>) {
        let shown = self.step() + 1 == goal;
        let Some(opened) = self.open_steps(shown, &[], due).await else {
            return;
        };
        let alone = opened.looked || opened.recorded;
        let steps = if alone {
            1
        } else {
            self.steps_in_a_row(until.min(goal - 1))
        };
        self.course.begin(&self.config);
        let mut made = 0;
        for i in 0..self.seen.len() {
            let seen = &mut self.seen[i];
            let course = &mut self.course;
            let note = |range| seen.note(range);
            let own = course.step_member(&self.config, i, steps, opened.looked, note);
            made = own.max(made);
            piece(due).await;
            if opened.looked {
                self.look_into(i, due).await;
            }
        }
        self.course.arrive(&self.config, made);
        self.close_steps(opened, due).await;
    }

    /// How many steps a member makes before the next one has its turn: where they are small, all before `until` that nothing
    /// comes between. A member that another one's step comes between finds caches and branches as that has left them.
    fn steps_in_a_row(&self, until: u64) -> u64 {
        let ensemble = &self.course.ensemble;
        // That rule ends the run at once.
        if !self.course.steps_are_small() || self.config.stop.divergence {
            return 1;
        }
        let step = self.step();
        let per_epoch = ensemble.steps_per_epoch();
        // The orders of two epochs are known.
        let known = (per_epoch > 1).then(|| (step / per_epoch + 2) * per_epoch);
        let next = [self.timeline.finest(), history::stride(self.total_steps())]
            .map(|every| (step / every + 1) * every);
        let changes = self.config.changes.iter().map(|c| c.step);
        let later = changes.filter(|&change| change > step);
        let cuts = next.into_iter().chain(known).chain(later);
        cuts.fold(until, u64::min) - step
    }

    /// Looks into the last step of a member that knows it.
    async fn look_into(&mut self, i: usize, due: Due<'_>) {
        for energy in [true, false] {
            let layers = !energy;
            self.course.ensemble.look_back(i, Look { energy, layers });
            piece(due).await;
        }
    }

    /// What comes before steps that are made here or elsewhere and that nobody looks into but one, if it is recorded or `shown`.
    /// What is recorded does not depend on who looks. Who has not been evaluated is evaluated here. `None` where a stop rule
    /// ends the run.
    pub(super) async fn open_steps(
        &mut self,
        shown: bool,
        evaluated: &[Option<Evaluations>],
        due: Due<'_>,
    ) -> Option<Opened> {
        let step = self.step();
        let recorded = step.is_multiple_of(history::stride(self.total_steps()));
        let new = recorded && step >= self.furthest;
        let mut records: Vec<Option<Record>> = Vec::new();
        if new {
            for i in 0..self.histories.len() {
                let trains = self.course.ensemble.members()[i].state.divergence.is_none();
                let known = evaluated.get(i).copied().flatten();
                let record = if trains {
                    Some(self.record(i, known, due).await)
                } else {
                    None
                };
                records.push(record);
            }
            if let Some(why) = stop::reason(self.config.stop, &self.histories, &records) {
                self.ended = Some((step, format!("Stopped at step {step}: {why}.")));
                return None;
            }
        }
        Some(Opened {
            step,
            recorded,
            looked: new || shown,
            records,
        })
    }

    /// What comes after them.
    pub(super) async fn close_steps(&mut self, opened: Opened, due: Due<'_>) {
        let Opened {
            step,
            recorded,
            looked,
            mut records,
            ..
        } = opened;
        self.furthest = self.furthest.max(self.step());
        for (i, member) in self.course.ensemble.members().iter().enumerate() {
            let seen = &mut self.seen[i];
            let made = member.state.step > step;
            if made {
                seen.note(member.range);
                if looked {
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
        self.explain_divergences(due).await;
        for i in 0..self.seen.len() {
            if self.seen[i].explained {
                self.record_end(i, due).await;
            }
        }
        if self.timeline.wants(self.step()) {
            let (members, seen) = (self.course.ensemble.members(), &self.seen);
            let step = self.course.step();
            self.timeline
                .keep(step, |spare| keyframe(spare, members, seen));
        }
    }

    /// Looks into the last step made, if it was not looked into then.
    pub async fn look_back(&mut self, due: Due<'_>) {
        for i in 0..self.seen.len() {
            self.look_into(i, due).await;
            let member = &self.course.ensemble.members()[i];
            let looked = member.state.step;
            let known = if member.knows_its_step() {
                Some((member.energy.clone(), member.layers.clone()))
            } else if self.seen[i].looked == looked {
                None
            } else {
                self.last_step_again(i, due).await
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
    async fn record(&mut self, i: usize, evaluated: Option<Evaluations>, due: Due<'_>) -> Record {
        let (training, validation) = match evaluated {
            Some(known) => known,
            None => self.evaluate(i, due).await,
        };
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
    pub(super) async fn evaluate(&mut self, i: usize, due: Due<'_>) -> Evaluations {
        let ensemble = &self.course.ensemble;
        let thetas = &ensemble.members()[i].state.thetas;
        let mut found = [None; 2];
        for (found, points) in found
            .iter_mut()
            .zip([ensemble.training(), ensemble.validation()])
        {
            let mut tally = Tally::default();
            while self.evaluator.evaluate_more(thetas, points, &mut tally) {
                piece(due).await;
            }
            *found = self.evaluator.evaluation(points, tally);
        }
        (found[0], found[1])
    }
}
