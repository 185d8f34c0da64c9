//! What a session shows: the numbers where it stands. Changes nothing.

use super::play::Evaluations;
use super::{FIELD_CELLS, HIGH_STEPS, Session};
use crate::Named;
use crate::engine::MemberState;
use crate::frame::{EnergyAt, Field, Frame, MemberFrame, Network, Processor, Status};
use crate::lab::command::Progress;
use crate::lab::config::RunConfig;
use crate::lab::history::History;
use crate::lab::pieces::{Due, NEVER, at_once, piece};
use crate::lab::sentence;
use crate::steps::l1::zeros;
use crate::steps::penalty::sub_steps;

impl Session {
    /// The numbers now.
    pub fn frame(&mut self) -> Frame {
        at_once(async {
            self.look_back(NEVER).await;
            self.numbers(NEVER).await
        })
    }

    /// The numbers now, but E and the layers of the last step that was looked into.
    async fn numbers(&mut self, due: Due<'_>) -> Frame {
        let runs = self.config.runs_at(self.step());
        let mut members = Vec::with_capacity(runs.len());
        for (i, run) in runs.iter().enumerate() {
            let evaluations = self.evaluate(i, due).await;
            members.push(self.member_frame(i, run, evaluations));
        }
        let steps_per_epoch = self.course.ensemble.steps_per_epoch();
        Frame {
            step: self.step(),
            epoch: self.step() as f64 / steps_per_epoch as f64,
            total_steps: self.total_steps(),
            steps_per_epoch,
            engine: self.engine.clone(),
            arithmetic: match self.engine.processor {
                Processor::Cpu => self.arithmetic.name(),
                Processor::Gpu => Processor::Gpu.name(),
            }
            .to_owned(),
            build: env!("CARGO_PKG_VERSION").to_owned(),
            stopped: self.stopped(),
            members,
        }
    }

    fn member_frame(
        &self,
        i: usize,
        run: &RunConfig,
        (training, validation): Evaluations,
    ) -> MemberFrame {
        let end = self.end();
        let member = &self.course.ensemble.members()[i];
        let MemberState {
            step, divergence, ..
        } = &member.state;
        let (zero_weights, weights) = zeros(&member.state.thetas);
        let status = match divergence {
            Some(_) => Status::Diverged,
            None if *step >= end => Status::Done,
            None => Status::Training,
        };
        let divergence = divergence.as_ref().map(sentence::divergence);
        let high_loss = self.course.ensemble.high_loss(&member.state);
        let ended_high = status == Status::Done && training.is_some_and(|e| e.loss > high_loss);
        let seen = &self.seen[i];
        let names = sub_steps(member.state.thetas.len());
        let energy = names.into_iter().zip(&seen.energy);
        MemberFrame {
            rule: run.rule.to_string(),
            optimizer: run.opt.name().to_owned(),
            tau: run.tau,
            tau_theta: run.tau_theta,
            status,
            diverged_at: divergence.as_ref().map(|d| d.step),
            explanation: divergence
                .as_ref()
                .map(|d| sentence::diverged(d, seen.departure.as_ref(), member.state.thetas.len()))
                .or_else(|| {
                    let short = || sentence::too_short(HIGH_STEPS, high_loss);
                    ended_high.then(|| self.unsettled(i, high_loss).unwrap_or_else(short))
                })
                .map(|told| format!("Run {} {told}", i + 1)),
            divergence,
            departure: seen.departure.clone(),
            loss: training.map_or(f64::NAN, |e| e.loss),
            validation_loss: validation.map(|e| e.loss),
            accuracy: training.and_then(|e| e.accuracy),
            validation_accuracy: validation.and_then(|e| e.accuracy),
            energy: energy.map(|(at, &value)| EnergyAt { at, value }).collect(),
            layers: seen.layers.clone(),
            weights,
            zero_weights,
            seconds_per_step: member.cost.seconds_per_step(),
            seconds_error: member.cost.uncertainty(),
            flops: member.cost.flops,
        }
    }

    /// What is to be said of a run that has ended above the level, if it had bounced there and back to its end.
    fn unsettled(&self, i: usize, level: f64) -> Option<String> {
        let steps = self.end() - self.start.step();
        let last = steps / 4;
        if steps < HIGH_STEPS {
            return None;
        }
        let records = self.histories[i].records().iter();
        let windows = records
            .filter(|record| record.step >= self.end() - last)
            .map(|record| {
                let [least, most] = record.batch_loss;
                // What another engine has not told is no number, and the smaller of a number and none is the number.
                (
                    least.min(record.loss) <= level,
                    most.max(record.loss) > level,
                )
            });
        let (mut was_low, mut was_high, mut rose, mut fell) = (false, false, false, false);
        for (low, high) in windows {
            rose |= high && was_low;
            fell |= low && was_high;
            was_low |= low;
            was_high |= high;
        }
        (rose && fell).then(|| sentence::does_not_settle(last, level, HIGH_STEPS))
    }

    /// Why the run is over here.
    fn stopped(&self) -> Option<String> {
        match &self.ended {
            _ if !self.finished() => None,
            Some((step, why)) if self.step() >= *step => Some(why.clone()),
            _ if self.step() >= self.total_steps() => {
                Some(format!("All {} epochs are done.", self.config.epochs))
            }
            _ => Some(format!(
                "Stopped at step {}: every run has diverged.",
                self.step()
            )),
        }
    }

    /// The fields of all members with so many cells per side, if they are watched, and their neurons, if those are.
    pub fn fields(&mut self, cells: usize) -> (Vec<Field>, Vec<Network>) {
        at_once(self.fields_in_pieces(cells, NEVER))
    }

    /// The same, left off whenever that is `due`.
    pub async fn fields_in_pieces(
        &mut self,
        cells: usize,
        due: Due<'_>,
    ) -> (Vec<Field>, Vec<Network>) {
        if !self.watch.fields || self.config.data.is_beyond_a_plane() {
            return (Vec::new(), Vec::new());
        }
        let ranges = [self.scene.x, self.scene.y];
        let (mut fields, mut networks) = (Vec::new(), Vec::new());
        for member in self.course.ensemble.members() {
            let (thetas, peek) = (&member.state.thetas, self.watch.neurons);
            let mut painting = self.evaluator.painting(ranges, [cells; 2], peek);
            while self.evaluator.paint(thetas, &mut painting) {
                piece(due).await;
            }
            let (field, network) = self.evaluator.painted(thetas, painting);
            fields.push(field);
            networks.extend(network);
        }
        (fields, networks)
    }

    /// The numbers now, and what was recorded since the last call.
    pub fn progress(&mut self) -> Progress {
        at_once(self.look_back(NEVER));
        let (fields, networks) = self.fields(FIELD_CELLS);
        Progress {
            fields,
            networks,
            ..self.glance()
        }
    }

    /// The same of a run that moves: without fields, E and the layers of the last step that was looked into.
    pub fn glance(&mut self) -> Progress {
        at_once(self.glance_in_pieces(NEVER))
    }

    /// The same, left off whenever that is `due`; nothing counts as handed out before it is done.
    pub async fn glance_in_pieces(&mut self, due: Due<'_>) -> Progress {
        Progress {
            frame: self.numbers(due).await,
            first: self.start.step(),
            furthest: self.furthest,
            records: self.histories.iter_mut().map(History::take_new).collect(),
            fields: Vec::new(),
            networks: Vec::new(),
        }
    }
}
