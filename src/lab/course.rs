//! The course of a run: an ensemble, and the settings and minibatch of every step. The same start gives the same
//! course, bit for bit. It keeps no past.

use super::config::Config;
use crate::data::order;
use crate::engine::{
    Cause, Cost, Divergence, Ensemble, Look, MemberState, Minibatches, Report, Settings,
};
use crate::nn::mlp::Batch;

/// Steps in a row at a high loss after which a member counts as diverged.
pub const HIGH_STEPS: u64 = 100;

/// Most operations of a small step: some 16 of them take a browser about a millisecond.
const SMALL: u64 = 250_000;

/// An ensemble at a step.
pub(super) struct Course {
    pub(super) ensemble: Ensemble<f32>,
    step: u64,
    /// Where the members stood before the last step, if another engine has made it.
    behind: Option<Vec<MemberState<f32>>>,
    orders: Orders,
    /// The step whose minibatch the ensemble has.
    taken: Option<u64>,
}

/// The orders of two epochs: each member in its turn passes from one to the next.
#[derive(Default)]
struct Orders {
    /// By the parity of the epoch, which one it is.
    known: [(Option<u64>, Vec<u32>); 2],
}

impl Orders {
    /// The training points of a step.
    fn minibatch(&mut self, config: &Config, ensemble: &Ensemble<f32>, step: u64) -> &[u32] {
        let per_epoch = ensemble.steps_per_epoch();
        let epoch = step / per_epoch;
        let (n, batch) = (ensemble.training().samples, config.batch);
        let (known, order) = &mut self.known[(epoch % 2) as usize];
        if *known != Some(epoch) {
            order::epoch_order(config.seed, epoch, n, batch, order);
            *known = Some(epoch);
        }
        let first = (step % per_epoch) as usize * batch;
        &order[first..first.saturating_add(batch).min(n)]
    }
}

impl Course {
    /// The course of `members` at `step`; the ensemble has none yet.
    pub(super) fn new(
        mut ensemble: Ensemble<f32>,
        step: u64,
        members: Vec<(Settings, MemberState<f32>)>,
    ) -> Course {
        for (settings, state) in members {
            ensemble.add_at(settings, state);
        }
        Course {
            ensemble,
            step,
            behind: None,
            orders: Orders::default(),
            taken: None,
        }
    }

    /// Steps made.
    pub(super) fn step(&self) -> u64 {
        self.step
    }

    /// Whether the steps of all members are small.
    pub(super) fn steps_are_small(&self) -> bool {
        self.ensemble.flops_per_step() <= SMALL
    }

    /// Puts all members where they were at `step`: settings and state, what its steps had cost, and the minibatch loss of the last.
    pub(super) fn restore(
        &mut self,
        step: u64,
        members: impl Iterator<Item = (Settings, MemberState<f32>, Cost, f64)>,
    ) {
        for (i, (settings, state, cost, loss)) in members.enumerate() {
            self.ensemble.restore(i, settings, state);
            self.ensemble.recall(i, cost, loss);
        }
        self.step = step;
        self.behind = None;
    }

    /// Gives every member the settings in force at this step.
    pub(super) fn adopt_settings(&mut self, config: &Config) {
        for (i, run) in config.runs_at(self.step).iter().enumerate() {
            self.ensemble.set(i, run.settings());
        }
    }

    /// One step of every member that trains.
    pub(super) fn advance(&mut self, config: &Config, look: Look) {
        self.begin(config);
        self.take_minibatch(config, self.step);
        for i in 0..self.ensemble.members().len() {
            self.ensemble.step_member(i, look, look != Look::default());
        }
        self.arrive(config, 1);
    }

    /// What comes before the members' steps: settings.
    pub(super) fn begin(&mut self, config: &Config) {
        if self.changes_here(config) {
            self.adopt_settings(config);
        }
    }

    /// At most so many steps in a row of member `i`, on the way to where all [`Course::arrive`]; how many, the one that failed
    /// included. Settings do not change on the way. The smallest and the largest minibatch J of each is noted.
    pub(super) fn step_member(
        &mut self,
        config: &Config,
        i: usize,
        steps: u64,
        looked: bool,
        mut note: impl FnMut([f64; 2]),
    ) -> u64 {
        for made in 0..steps {
            let before = &self.ensemble.members()[i].state;
            if before.divergence.is_some() || given_up(before, &self.ensemble).is_some() {
                return made;
            }
            self.take_minibatch(config, self.step + made);
            self.ensemble.step_member(i, Look::default(), looked);
            let member = &self.ensemble.members()[i];
            if member.state.divergence.is_some() {
                return made + 1;
            }
            note(member.range);
        }
        steps
    }

    /// What comes after the members' steps, so many of the one that made most: its last minibatch is the one that is looked back at.
    pub(super) fn arrive(&mut self, config: &Config, steps: u64) {
        self.take_minibatch(config, self.step + steps.saturating_sub(1));
        self.step += steps;
        self.behind = None;
        self.freeze_hopeless();
    }

    fn take_minibatch(&mut self, config: &Config, step: u64) {
        if self.taken != Some(step) {
            let order = self.orders.minibatch(config, &self.ensemble, step);
            self.ensemble.take_minibatch(order);
            self.taken = Some(step);
        }
    }

    /// What the next step would show; nobody moves.
    pub(super) fn look(&mut self, config: &Config, look: Look) {
        let order = self.orders.minibatch(config, &self.ensemble, self.step);
        self.ensemble.look(order, look);
        self.taken = Some(self.step);
    }

    /// So many steps that another engine has made.
    pub(super) fn adopt(&mut self, steps: u64, reports: Vec<Report>) {
        let reports = reports.into_iter().enumerate();
        let before: Vec<_> = reports
            .map(|(i, report)| self.ensemble.adopt(i, report))
            .collect();
        self.behind = (steps == 1).then_some(before);
        self.step += steps;
        self.freeze_hopeless();
    }

    /// Where member `i` stood at `step`, if that is known because another engine has made the step from there.
    pub(super) fn behind(&self, i: usize, step: u64) -> Option<&MemberState<f32>> {
        let known = self.behind.as_ref().filter(|_| step + 1 == self.step);
        known.map(|members| &members[i])
    }

    /// The minibatches of so many steps from here on.
    pub(super) fn minibatches(&mut self, config: &Config, steps: u64) -> Minibatches {
        let mut minibatches = Minibatches::default();
        for step in self.step..self.step + steps {
            minibatches.push(self.orders.minibatch(config, &self.ensemble, step));
        }
        minibatches
    }

    /// Whether settings change at this step.
    pub(super) fn changes_here(&self, config: &Config) -> bool {
        config.changes.iter().any(|c| c.step == self.step)
    }

    /// The training points of the next step.
    pub(super) fn next_minibatch(&mut self, config: &Config) -> Batch<f32> {
        let order = self.orders.minibatch(config, &self.ensemble, self.step);
        self.ensemble.minibatch(order)
    }

    /// Divergence need not end in infinities: bounded activations let a run bounce at a high loss for ever. Freezes
    /// what has done so for [`HIGH_STEPS`] steps in a row; shorter excursions are known to come back.
    fn freeze_hopeless(&mut self) {
        for i in 0..self.ensemble.members().len() {
            let member = &self.ensemble.members()[i];
            if let Some(divergence) = given_up(&member.state, &self.ensemble) {
                self.ensemble.freeze(i, divergence);
            }
        }
    }
}

/// The divergence of a member of `task` that trains on and has been at a high loss for too long.
pub(super) fn given_up(state: &MemberState<f32>, task: &Ensemble<f32>) -> Option<Divergence> {
    let hopeless = state.divergence.is_none() && state.high_steps >= HIGH_STEPS;
    hopeless.then(|| Divergence {
        step: state.step,
        cause: Cause::HighLoss {
            steps: HIGH_STEPS,
            level: task.high_loss(state),
        },
    })
}
