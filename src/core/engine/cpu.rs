//! The CPU engine: members one after the other, one minibatch for all.

use super::cost::Cost;
use super::divergence::Divergence;
use super::evaluate::batch_of;
use super::member::{Look, Member, MemberState, Settings};
use super::stretch::{Expense, Report};
use crate::data::{Dataset, Targets};
use crate::nn::features::Inputs;
use crate::nn::mlp::{Architecture, Batch};
use crate::nn::{Activation, Arithmetic, Loss, Real};
use nalgebra::DMatrix;

/// All members, their data, and the minibatch they are at.
#[derive(Clone, Debug)]
pub struct Ensemble<T: Real> {
    architecture: Architecture,
    members: Vec<Member<T>>,
    training: Batch<T>,
    validation: Batch<T>,
    minibatch: Batch<T>,
    batch_size: usize,
    arithmetic: Arithmetic,
    constant_loss: f64,
    clock: fn() -> f64,
}

/// A loss is called high when it is this many times the larger of a member's first and the best constant answer's.
pub(super) const HIGH: f64 = 10.0;

/// The multilayer perceptron with these hidden layers that learns `data`, by its coordinates, by `loss`.
pub fn architecture_for(
    data: &Dataset,
    hidden: &[usize],
    activation: Activation,
    loss: Loss,
) -> Architecture {
    let outputs = data.training.targets.outputs();
    let inputs = Inputs::plain(data.training.inputs.ncols());
    Architecture::dense(inputs, hidden, activation, outputs, loss)
}

fn high_loss(constant: f64, first: f64) -> f64 {
    HIGH * constant.max(first)
}

/// The sum of the outputs' variances, divided by N; classes have none.
fn variances(targets: &Targets) -> f64 {
    match targets {
        Targets::Classes { .. } => f64::NAN,
        Targets::Values(y) => y.row_variance().sum(),
    }
}

impl<T: Real> Ensemble<T> {
    /// An ensemble without members, in the portable arithmetic. `batch_size` is cut to the size of the training set.
    pub fn new(architecture: Architecture, data: &Dataset, batch_size: usize) -> Self {
        let (outputs, loss) = (architecture.outputs(), architecture.loss);
        let batch = |points| batch_of(points, &architecture);
        let training: Batch<T> = batch(&data.training);
        let batch_size = batch_size.min(training.samples);
        // The full batch is the training set itself, in its order.
        let minibatch = if batch_size == training.samples {
            training.clone()
        } else {
            Batch::with_capacity(batch_size, architecture.inputs.count(), outputs, loss)
        };
        Ensemble {
            members: Vec::new(),
            constant_loss: loss.of_constant(outputs, || variances(&data.training.targets)),
            clock: || 0.0,
            validation: batch(&data.validation),
            training,
            minibatch,
            batch_size,
            arithmetic: Arithmetic::Portable,
            architecture,
        }
    }

    /// An ensemble without members and without points, which is handed its minibatches, of up to so many samples with classes
    /// ([`Ensemble::hand`]).
    ///
    /// # Panics
    /// When the loss is not one of classes.
    pub fn of_minibatches(architecture: Architecture, batch_size: usize) -> Self {
        let (outputs, loss) = (architecture.outputs(), architecture.loss);
        assert!(loss.classifies(), "minibatches: {loss:?} is not of classes");
        let inputs = architecture.inputs.count();
        let batch = |samples| Batch::with_capacity(samples, inputs, outputs, loss);
        Ensemble {
            members: Vec::new(),
            constant_loss: loss.of_constant(outputs, || f64::NAN),
            clock: || 0.0,
            training: batch(0),
            validation: batch(0),
            minibatch: batch(batch_size),
            batch_size,
            arithmetic: Arithmetic::Portable,
            architecture,
        }
    }

    /// The minibatch of the next step, for who has an ensemble [of minibatches](Ensemble::of_minibatches) to fill it.
    pub fn hand(&mut self) -> &mut Batch<T> {
        &mut self.minibatch
    }

    /// Has the members that are added from here on train in this arithmetic.
    #[must_use]
    pub fn with_arithmetic(mut self, arithmetic: Arithmetic) -> Self {
        self.arithmetic = arithmetic;
        self
    }

    /// Adds a member at `thetas`, before its first step.
    pub fn add(&mut self, settings: Settings, thetas: Vec<DMatrix<T>>) {
        let state = MemberState::new(settings.optimizer, thetas);
        self.add_at(settings, state);
    }

    /// Adds a member that goes on from `state`.
    pub fn add_at(&mut self, settings: Settings, state: MemberState<T>) {
        self.members.push(Member::new(
            &self.architecture,
            self.batch_size,
            self.arithmetic,
            settings,
            state,
        ));
    }

    /// Changes how member `i` learns from the next step on. A new optimizer starts with empty memory.
    pub fn set(&mut self, i: usize, settings: Settings) {
        self.members[i].set(&self.architecture, self.batch_size, settings);
    }

    /// Puts member `i` where it was before, or where it would go on from: settings and state that belong together.
    /// What it should [`Ensemble::recall`] is another question.
    pub fn restore(&mut self, i: usize, settings: Settings, state: MemberState<T>) {
        self.set(i, settings);
        let member = &mut self.members[i];
        member.forget_step();
        member.state = state;
    }

    /// Tells member `i` what its steps have cost so far, and the minibatch loss of the last: the next one may fail before it has
    /// one of its own.
    pub fn recall(&mut self, i: usize, cost: Cost, loss: f64) {
        let member = &mut self.members[i];
        (member.cost, member.loss) = (cost, loss);
    }

    pub(super) fn look_generic(&mut self, order: &[u32], look: Look) {
        self.take_minibatch_generic(order);
        for member in &mut self.members {
            if member.state.divergence.is_none() {
                let mut probe = member.clone();
                probe.step(&self.architecture, &self.minibatch, look, true, || 0.0);
                (member.energy, member.layers) = (probe.energy, probe.layers);
            }
        }
    }

    pub(super) fn look_back_generic(&mut self, i: usize, look: Look) {
        self.members[i].look_back(&self.architecture, &self.minibatch, look);
    }

    /// Times the members' steps by this clock (seconds).
    pub fn set_clock(&mut self, clock: fn() -> f64) {
        self.clock = clock;
    }

    /// The loss of the best answer that does not look at the inputs: `ln C`, or half the targets' variance.
    pub fn constant_loss(&self) -> f64 {
        self.constant_loss
    }

    /// The loss above which a member in this state is counted as high: ten times the larger of its first loss and
    /// that of the best constant answer (`ln C`, or half the targets' variance). A member that lingers there has
    /// been thrown out, not merely started badly.
    pub fn high_loss(&self, state: &MemberState<T>) -> f64 {
        high_loss(self.constant_loss, state.first_loss.unwrap_or(0.0))
    }

    /// Freezes member `i` for a reason that somebody else found.
    pub fn freeze(&mut self, i: usize, divergence: Divergence) {
        let member = &mut self.members[i];
        member.forget_step();
        member.state.divergence = Some(divergence);
    }

    /// The network all members share.
    pub fn architecture(&self) -> &Architecture {
        &self.architecture
    }

    /// All members in order.
    pub fn members(&self) -> &[Member<T>] {
        &self.members
    }

    /// The training set.
    pub fn training(&self) -> &Batch<T> {
        &self.training
    }

    /// The validation set, possibly empty.
    pub fn validation(&self) -> &Batch<T> {
        &self.validation
    }

    /// Most training points in a minibatch.
    pub fn batch_size(&self) -> usize {
        self.batch_size
    }

    /// Matrix-multiplication work of a step like its last one, of the member that has most; see [`crate::steps::work::flops`].
    pub fn flops_per_step(&self) -> u64 {
        let members = self.members.iter();
        let flops = members.map(|m| m.flops_per_step(&self.architecture, self.batch_size));
        flops.max().unwrap_or(0)
    }

    /// Steps per epoch: the last, possibly smaller minibatch included.
    pub fn steps_per_epoch(&self) -> u64 {
        self.training.samples.div_ceil(self.batch_size) as u64
    }

    /// The training points `order` (all of them, in their own order, for the full batch) as a step sees them.
    pub fn minibatch(&self, order: &[u32]) -> Batch<T> {
        let mut batch = self.minibatch.clone();
        if self.batch_size < self.training.samples {
            batch.gather(&self.training, order);
        }
        batch
    }

    pub(super) fn take_minibatch_generic(&mut self, order: &[u32]) {
        if self.batch_size < self.training.samples {
            self.minibatch.gather(&self.training, order);
        }
    }

    pub(super) fn step_member_generic(&mut self, i: usize, look: Look, looked: bool) {
        let member = &mut self.members[i];
        if member.state.divergence.is_none() {
            member.step(
                &self.architecture,
                &self.minibatch,
                look,
                looked,
                self.clock,
            );
            let first = *member.state.first_loss.get_or_insert(member.loss);
            let high = member.loss > high_loss(self.constant_loss, first);
            member.state.high_steps = if high { member.state.high_steps + 1 } else { 0 };
        }
    }
}

impl Ensemble<f32> {
    /// Puts member `i` where another engine has brought it; where it stood before.
    pub fn adopt(&mut self, i: usize, report: Report) -> MemberState<f32> {
        let member = &mut self.members[i];
        member.forget_step();
        match report.expense {
            Expense::Shared {
                steps,
                seconds,
                flops,
            } => member.cost.add_stretch(steps, seconds, flops),
            Expense::Own(cost) => member.cost = cost,
        }
        member.loss = report.loss;
        member.range = report.range.unwrap_or([f64::NAN; 2]);
        if let Some(sight) = report.sight {
            (member.energy, member.layers) = (sight.energy, sight.layers);
        }
        std::mem::replace(&mut member.state, report.state)
    }
}
