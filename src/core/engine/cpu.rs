//! The CPU engine: members one after the other, one minibatch for all.

use super::evaluate::batch_of;
use super::{Precision, Report};
use crate::data::{Dataset, Targets};
use crate::frame::{Divergence, LayerFrame};
use crate::nn::mlp::{Architecture, Batch};
use crate::nn::{Activation, Loss, Real};
use crate::steps::direction::{Breakdown, all_finite};
use crate::steps::optimizer::StepSize;
use crate::steps::penalty::{Sweep, sweep};
use crate::steps::{Directions, Implicit, Optimizer, OptimizerState, Rule, diagnostics};
use nalgebra::DMatrix;

/// How one member learns.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Explicit or implicit.
    pub rule: Rule,
    /// What is done with the direction.
    pub optimizer: Optimizer,
    /// The step size τ, momentum and decay.
    pub size: StepSize,
    /// τ_θ and CG's tolerance.
    pub implicit: Implicit,
}

/// Which diagnostics a step is to compute besides itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// E after every sub-step.
    pub energy: bool,
    /// Norms, angle, λ_max, CG.
    pub layers: bool,
}

/// The part of a member that a state file keeps.
#[derive(Clone, Debug, PartialEq)]
pub struct MemberState<T: Real> {
    /// Steps made.
    pub step: u64,
    /// `Θ_l`, `(inputs+1) × outputs`.
    pub thetas: Vec<DMatrix<T>>,
    /// What the optimizer remembers.
    pub optimizer: OptimizerState<T>,
    /// Minibatch J of the first step; `None` before it.
    pub first_loss: Option<f64>,
    /// Steps in a row whose minibatch J was beyond [`Ensemble::high_loss`].
    pub high_steps: u64,
    /// Set once the member has diverged; it then stays as it was before the step that failed.
    pub divergence: Option<Divergence>,
}

/// What a member's steps have cost so far.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Cost {
    /// Seconds of compute by the ensemble's clock; diagnostics excluded.
    pub seconds: f64,
    /// Steps in `seconds`.
    pub steps: u64,
    /// Matrix-multiplication work in floating-point operations; see [`crate::steps::work::flops`].
    pub flops: u64,
}

impl Cost {
    /// Mean seconds per step; 0 before the first.
    pub fn seconds_per_step(&self) -> f64 {
        self.seconds / self.steps.max(1) as f64
    }
}

/// One network in training.
#[derive(Clone, Debug)]
pub struct Member<T: Real> {
    /// How it learns from the next step on; change it by [`Member::set`].
    settings: Settings,
    /// Where it stands.
    pub state: MemberState<T>,
    /// Minibatch J of the last step, at the parameters the step started from.
    pub loss: f64,
    /// Smallest and largest minibatch J of the steps it has made at once.
    pub range: [f64; 2],
    /// E after each sub-step of the last step, if looked at.
    pub energy: Vec<f64>,
    /// Diagnostics of the last step, if looked at.
    pub layers: Vec<LayerFrame>,
    /// What its steps have cost.
    pub cost: Cost,
    work: Directions<T>,
    /// Parameters before the last step.
    before: Vec<DMatrix<T>>,
}

/// All members, their data, and the minibatch they are at.
#[derive(Clone, Debug)]
pub struct Ensemble<T: Real> {
    architecture: Architecture,
    members: Vec<Member<T>>,
    training: Batch<T>,
    validation: Batch<T>,
    minibatch: Batch<T>,
    batch_size: usize,
    constant_loss: f64,
    clock: fn() -> f64,
}

/// A loss is called high when it is this many times the larger of a member's first and the best constant answer's.
pub(super) const HIGH: f64 = 10.0;

/// After so many timed steps only every so-many-th is timed, and stands for all of them: the four
/// readings that a step needs take a browser as long as a small step itself.
const TIMED: u64 = 16;

/// The architecture that fits data: sizes from inputs to outputs, the loss of the task.
pub fn architecture_for(data: &Dataset, hidden: &[usize], activation: Activation) -> Architecture {
    let (outputs, loss) = match &data.training.targets {
        Targets::Classes { classes, .. } => (*classes, Loss::CrossEntropy),
        Targets::Values(y) => (y.ncols(), Loss::HalfSquared),
    };
    let mut sizes = vec![data.training.inputs.ncols()];
    sizes.extend(hidden);
    sizes.push(outputs);
    Architecture {
        sizes,
        activation,
        loss,
    }
}

fn high_loss(constant: f64, first: f64) -> f64 {
    HIGH * constant.max(first)
}

/// The loss of the best answer that does not look at the inputs, classes taken as equally frequent.
fn constant_loss(targets: &Targets) -> f64 {
    match targets {
        Targets::Classes { classes, .. } => libm::log(*classes as f64),
        Targets::Values(y) => 0.5 * y.row_variance().sum(),
    }
}

impl<T: Real> Ensemble<T> {
    /// An ensemble without members. `batch_size` is cut to the size of the training set.
    pub fn new(architecture: Architecture, data: &Dataset, batch_size: usize) -> Self {
        let outputs = architecture.sizes[architecture.layers()];
        let training: Batch<T> = batch_of(&data.training, outputs);
        let batch_size = batch_size.min(training.samples);
        // The full batch is the training set itself, in its order.
        let minibatch = if batch_size == training.samples {
            training.clone()
        } else {
            Batch::with_capacity(
                batch_size,
                architecture.sizes[0],
                outputs,
                architecture.loss,
            )
        };
        Ensemble {
            members: Vec::new(),
            constant_loss: constant_loss(&data.training.targets),
            clock: || 0.0,
            validation: batch_of(&data.validation, outputs),
            training,
            minibatch,
            batch_size,
            architecture,
        }
    }

    /// Adds a member at `thetas`, before its first step.
    pub fn add(&mut self, settings: Settings, thetas: Vec<DMatrix<T>>) {
        let optimizer = OptimizerState::new(settings.optimizer, &self.architecture);
        self.add_at(
            settings,
            MemberState {
                step: 0,
                thetas,
                optimizer,
                first_loss: None,
                high_steps: 0,
                divergence: None,
            },
        );
    }

    /// Adds a member that goes on from `state`.
    pub fn add_at(&mut self, settings: Settings, state: MemberState<T>) {
        self.members.push(Member {
            work: Directions::new(&self.architecture, settings.rule, self.batch_size),
            before: state.thetas.clone(),
            settings,
            state,
            loss: f64::NAN,
            range: [f64::NAN; 2],
            energy: Vec::new(),
            cost: Cost::default(),
            layers: Vec::new(),
        });
    }

    /// Changes how member `i` learns from the next step on. A new optimizer starts with empty memory.
    pub fn set(&mut self, i: usize, settings: Settings) {
        let member = &mut self.members[i];
        if settings.rule != member.settings.rule {
            member.work = Directions::new(&self.architecture, settings.rule, self.batch_size);
        }
        if settings.optimizer != member.settings.optimizer {
            member.state.optimizer = OptimizerState::new(settings.optimizer, &self.architecture);
        }
        member.settings = settings;
    }

    /// Puts member `i` where it was before, or where it would go on from: settings and state that belong together,
    /// and what its steps had cost.
    pub fn restore(&mut self, i: usize, settings: Settings, state: MemberState<T>, cost: Cost) {
        self.set(i, settings);
        let member = &mut self.members[i];
        (member.state, member.cost) = (state, cost);
    }

    pub(super) fn look_generic(&mut self, order: &[u32], look: Look) {
        if self.batch_size < self.training.samples {
            self.minibatch.gather(&self.training, order);
        }
        for member in &mut self.members {
            if member.state.divergence.is_none() {
                let mut probe = member.clone();
                probe.step(&self.architecture, &self.minibatch, look, || 0.0);
                (member.energy, member.layers) = (probe.energy, probe.layers);
            }
        }
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
        self.members[i].state.divergence = Some(divergence);
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

    pub(super) fn step_generic(&mut self, order: &[u32], look: Look) {
        if self.batch_size < self.training.samples {
            self.minibatch.gather(&self.training, order);
        }
        for member in &mut self.members {
            if member.state.divergence.is_none() {
                member.step(&self.architecture, &self.minibatch, look, self.clock);
                let first = *member.state.first_loss.get_or_insert(member.loss);
                let high = member.loss > high_loss(self.constant_loss, first);
                member.state.high_steps = if high { member.state.high_steps + 1 } else { 0 };
            }
        }
    }
}

impl<T: Precision> Ensemble<T> {
    /// One step of every member that trains, on the training points `order` (ignored for the full batch).
    pub fn step(&mut self, order: &[u32], look: Look) {
        T::step(self, order, look);
    }

    /// What a step of every member that trains would show, on the training points `order`; nobody moves.
    pub fn look(&mut self, order: &[u32], look: Look) {
        T::look(self, order, look);
    }
}

impl Ensemble<f32> {
    /// Puts member `i` where another engine has brought it, in so many seconds.
    pub fn adopt(&mut self, i: usize, report: Report, seconds: f64) {
        let member = &mut self.members[i];
        member.cost.seconds += seconds;
        member.cost.steps += report.steps;
        member.cost.flops += report.flops;
        (member.state, member.loss) = (report.state, report.loss);
        member.range = report.range.unwrap_or([f64::NAN; 2]);
    }
}

impl<T: Real> Member<T> {
    /// How it learns.
    pub fn settings(&self) -> Settings {
        self.settings
    }

    fn step(
        &mut self,
        architecture: &Architecture,
        batch: &Batch<T>,
        look: Look,
        clock: fn() -> f64,
    ) {
        self.energy.clear();
        self.layers.clear();
        if let Err(breakdown) = self.try_step(architecture, batch, look, clock) {
            self.state.divergence = Some(Divergence {
                step: self.state.step,
                layer: breakdown.layer.map(|l| l + 1),
                reason: breakdown.reason,
            });
        }
    }

    fn try_step(
        &mut self,
        architecture: &Architecture,
        batch: &Batch<T>,
        look: Look,
        clock: fn() -> f64,
    ) -> Result<(), Breakdown> {
        let Settings {
            rule,
            optimizer,
            size,
            implicit,
        } = self.settings;
        let stands_for = if self.cost.steps < TIMED {
            1
        } else if self.state.step.is_multiple_of(TIMED) {
            TIMED
        } else {
            0
        };
        let seconds = || {
            if stands_for > 0 {
                clock() * stands_for as f64
            } else {
                0.0
            }
        };
        let begin = seconds();
        self.loss = self
            .work
            .compute(architecture, &self.state.thetas, batch, implicit)?;
        self.cost.seconds += seconds() - begin;
        // The sweep is a plain step, layer by layer; with any other update its E would be that of a step nobody makes.
        let swept = optimizer == Optimizer::Sgd && size.decay == 0.0 && rule != Rule::ProxPoint;
        if look.energy && swept {
            let Sweep { energy, .. } = sweep(
                architecture,
                &self.state.thetas,
                batch,
                &self.work,
                rule,
                size.tau,
                implicit,
            )?;
            self.energy = energy;
        }
        for (before, theta) in self.before.iter_mut().zip(&self.state.thetas) {
            before.as_mut_slice().copy_from_slice(theta.as_slice());
        }
        let begin = seconds();
        self.state.optimizer.apply(
            optimizer,
            size,
            &mut self.state.thetas,
            &self.work.directions,
        );
        self.cost.seconds += seconds() - begin;
        self.cost.steps += stands_for;
        if let Some(l) = self
            .state
            .thetas
            .iter()
            .position(|theta| !all_finite(theta))
        {
            std::mem::swap(&mut self.before, &mut self.state.thetas);
            return Err(Breakdown::weights(l));
        }
        if look.layers {
            let work = &self.work;
            let update = |l: usize| diagnostics::norm(&(&self.state.thetas[l] - &self.before[l]));
            self.layers.extend((0..architecture.layers()).map(|l| {
                let lambda_max = diagnostics::lambda_max(work.activations.inputs_of(l, batch));
                let cosine = diagnostics::cosine(&work.gradients[l], &work.directions[l]);
                LayerFrame {
                    grad_norm: diagnostics::norm(&work.gradients[l]),
                    direction_norm: diagnostics::norm(&work.directions[l]),
                    update_ratio: update(l) / diagnostics::norm(&self.before[l]),
                    angle_deg: libm::acos(cosine.clamp(-1.0, 1.0)).to_degrees(),
                    lambda_max,
                    explicit_limit: 2.0 / lambda_max,
                    cg_iterations: work.cg[l].iterations,
                    cg_residual: work.cg[l].residual,
                }
            }));
        }
        self.state.step += 1;
        self.range = [self.loss; 2];
        self.cost.flops += self.work.flops(architecture, batch.samples);
        Ok(())
    }
}
