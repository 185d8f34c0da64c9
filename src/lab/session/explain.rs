//! What explains a divergence: the sub-step at which E left the ground. What was not looked at when it happened is computed
//! again from the timeline.

use super::Session;
use crate::engine::{Ensemble, Look};
use crate::frame::{Departure, LayerFrame};
use crate::lab::architecture;
use crate::lab::config::Config;
use crate::lab::course::Course;
use crate::lab::pieces::{Due, piece};
use crate::lab::sentence;
use crate::steps::penalty::sub_steps;

/// Most steps that are made again to explain one divergence.
const MOST_AGAIN: u64 = 64;
/// Most steps before the last one on the ground whose sweeps are looked into.
const MOST_SWEPT: u64 = 16;

impl Session {
    /// Looks into the members that have diverged in the last step.
    pub(super) async fn explain_divergences(&mut self, due: Due<'_>) {
        for i in 0..self.seen.len() {
            let state = &self.course.ensemble.members()[i].state;
            if state.divergence.is_none() || self.seen[i].explained {
                continue;
            }
            let looked = state.step;
            let departure = self.departure(i, due).await;
            // What is shown of a frozen member is its last whole step, however the run was cut into pieces.
            let (energy, layers) = self.last_step_again(i, due).await.unwrap_or_default();
            let seen = &mut self.seen[i];
            (seen.energy, seen.layers, seen.looked) = (energy, layers, looked);
            (seen.departure, seen.explained) = (departure, true);
            let state = &self.course.ensemble.members()[i].state;
            self.histories[i].divergence = state.divergence.as_ref().map(sentence::divergence);
            if self.config.stop.divergence && self.ended.is_none() {
                let step = self.course.step();
                let why = format!("Stopped at step {step}: run {} has diverged.", i + 1);
                self.ended = Some((step, why));
            }
        }
    }

    /// The last step of member `i` that began on the ground: at a minibatch loss that was not high.
    pub(super) fn last_on_ground(&self, i: usize) -> u64 {
        let state = &self.course.ensemble.members()[i].state;
        let high = state.high_steps + 1;
        state.step.saturating_sub(high).max(self.start.step())
    }

    /// Where E of member `i` left the ground: in the first of the steps up to its divergence whose sweeps all did; if
    /// they are too many to be made again, in the last one that began at a loss that was not high, or in the next.
    async fn departure(&self, i: usize, due: Due<'_>) -> Option<Departure> {
        let last = self.last_on_ground(i);
        let run = &self.config.runs_at(last)[i];
        if run.settings().beyond_the_sweep().is_some() {
            return None;
        }
        let start = self.start.step();
        let from = last.saturating_sub(MOST_SWEPT).max(start);
        let (mut course, config) = self.again(i, from, due).await?;
        let look = Look {
            energy: true,
            layers: false,
        };
        let mut before = f64::NAN;
        let (mut unbroken, mut latest) = (None, None);
        for step in from..=last + 1 {
            course.advance(&config, look);
            piece(due).await;
            let found = off_ground(&course, before);
            let failed = course.ensemble.members()[0].state.divergence.is_some();
            if failed && found.is_none() {
                break;
            }
            unbroken = found.clone().map(|found| unbroken.unwrap_or(found));
            if step >= last {
                latest = latest.or(found);
            }
            if failed {
                break;
            }
            let energy = &course.ensemble.members()[0].energy;
            before = energy.last().copied().unwrap_or(f64::NAN);
        }
        let begins_here = |d: &Departure| from == 0 || d.step > from + 1;
        // A state file may have been saved off the ground.
        let seen = |d: &Departure| start == 0 || d.before.is_finite();
        unbroken.filter(begins_here).or(latest).filter(seen)
    }

    /// E and the layers of member `i`'s last whole step, made again; `None` without one, and if that takes too many steps.
    pub(super) async fn last_step_again(
        &self,
        i: usize,
        due: Due<'_>,
    ) -> Option<(Vec<f64>, Vec<LayerFrame>)> {
        let steps = self.course.ensemble.members()[i].state.step;
        let before = steps.checked_sub(1).filter(|&s| s >= self.start.step())?;
        let (mut course, config) = self.again(i, before, due).await?;
        course.advance(&config, Look::ALL);
        piece(due).await;
        let member = &course.ensemble.members()[0];
        Some((member.energy.clone(), member.layers.clone()))
    }

    /// Member `i` alone at `step`, computed again; `None` if that takes too many steps.
    async fn again(&self, i: usize, step: u64, due: Due<'_>) -> Option<(Course, Config)> {
        let architecture = self.course.ensemble.architecture();
        let (from, settings, state) = if let Some(state) = self.course.behind(i, step) {
            let run = &self.config.runs_at(step)[i];
            (step, run.settings(), state.clone())
        } else if let Some((from, points)) = self.timeline.at_or_before(step) {
            let run = &self.config.runs_at(from - 1)[i];
            (from, run.settings(), points[i].state.clone())
        } else {
            let mut members = self.start.members(&self.config, architecture);
            let (settings, state) = members.swap_remove(i);
            (self.start.step(), settings, state)
        };
        if step < from || step - from > MOST_AGAIN {
            return None;
        }
        let architecture = architecture::of_run(&self.config, &self.dataset);
        let ensemble = Ensemble::new(architecture, &self.dataset, self.config.batch)
            .with_arithmetic(self.arithmetic);
        let mut course = Course::new(ensemble, from, vec![(settings, state)]);
        let config = self.config.only(i);
        while course.step() < step {
            course.advance(&config, Look::default());
            piece(due).await;
        }
        Some((course, config))
    }
}

/// Where the sweep of a lone member's last step left the ground; `before` is E at its beginning.
fn off_ground(course: &Course, before: f64) -> Option<Departure> {
    let member = &course.ensemble.members()[0];
    let ground = course.ensemble.high_loss(&member.state);
    let departure = |at: String, before: f64, after: Option<f64>| Departure {
        step: course.step(),
        layer: at.trim_start_matches(char::is_alphabetic).parse().ok(),
        at,
        before,
        after,
    };
    let high = member.energy.iter().position(|e| e.is_nan() || *e > ground);
    if let Some(k) = high {
        let at = sub_steps(member.state.thetas.len()).swap_remove(k);
        let before = k.checked_sub(1).map_or(before, |k| member.energy[k]);
        let after = Some(member.energy[k]).filter(|e| e.is_finite());
        return Some(departure(at, before, after));
    }
    // Without an E the forward pass itself has failed, unless a layer's direction did.
    let failed = member.state.divergence.as_ref()?;
    let forward = member.energy.is_empty() && failed.layer().is_none();
    forward.then(|| departure("forward".to_owned(), before, None))
}
