//! One network in training, and one step of it. It knows its minibatch, but no other member and no engine.

use super::cost::Cost;
use super::divergence::{Cause, Divergence};
use crate::Here;
use crate::frame::LayerFrame;
use crate::nn::mlp::{Architecture, Batch};
use crate::nn::product::Packing;
use crate::nn::{Arithmetic, Real};
use crate::packed;
use crate::steps::gradient::all_finite;
use crate::steps::objective::Objective;
use crate::steps::objective::pass::Pass;
use crate::steps::objective::steepness::is_for;
use crate::steps::optimizer::StepSize;
use crate::steps::penalty::energies;
use crate::steps::{
    Breakdown, Directions, Implicit, L1, Optimizer, OptimizerState, Reach, Rule, Shrinkage,
    diagnostics,
};
use nalgebra::DMatrix;
use serde::{Deserialize, Serialize};
use wide::bytemuck::Pod;

/// How one member learns.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Explicit or implicit.
    pub rule: Rule,
    /// What is done with the direction.
    pub optimizer: Optimizer,
    /// The step size τ, momentum and decay.
    pub size: StepSize,
    /// What draws weights towards zero after the optimizer's step.
    pub l1: L1,
    /// τ_θ and CG's tolerance.
    pub implicit: Implicit,
    /// Whose losses a layer hears, where that is not the last head's alone.
    pub reach: Option<Reach>,
    /// What is differentiated, where that is not the loss alone.
    pub objective: Option<(Objective, Here)>,
}

/// Which diagnostics a step is to compute besides itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// E after every sub-step.
    pub energy: bool,
    /// Norms, angle, λ_max, CG.
    pub layers: bool,
}

impl Look {
    /// All of them.
    pub const ALL: Look = Look {
        energy: true,
        layers: true,
    };
}

/// The part of a member that a state file keeps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound = "T: Pod")]
pub struct MemberState<T: Real> {
    /// Steps made.
    pub step: u64,
    /// `Θ_l`, `(inputs+1) × outputs`; behind them those of auxiliary heads.
    #[serde(with = "packed")]
    pub thetas: Vec<DMatrix<T>>,
    /// What the optimizer remembers.
    pub optimizer: OptimizerState<T>,
    /// Minibatch J of the first step; `None` before it.
    pub first_loss: Option<f64>,
    /// Steps in a row whose minibatch J was beyond [`super::Ensemble::high_loss`].
    pub high_steps: u64,
    /// Set once the member has diverged; it then stays as it was before the step that failed.
    pub divergence: Option<Divergence>,
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
    objective: Option<(Box<Pass<T>>, Here)>,
    /// Parameters before the last step.
    before: Vec<DMatrix<T>>,
    /// `work` and `before` are still those of the last step made, and `settings` too: it can be looked into.
    fresh: bool,
}

/// What a step does that is no part of the energy's sweep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beyond {
    /// It moves all layers at once.
    Whole,
    /// Its layers hear the losses of other heads than the last.
    Reach,
    /// It differentiates more than the loss.
    Objective {
        /// Whether how steep the network is counts.
        penalty: bool,
        /// Whether losses at adversarial points do.
        adversarial: bool,
    },
    /// It hands its directions to an optimizer with memory, adds weight decay to them, or makes l1's step after it.
    Update {
        /// The optimizer.
        optimizer: Optimizer,
        /// Whether weights decay.
        decay: bool,
        /// How l1's step is made, if it is.
        l1: Option<Shrinkage>,
    },
}

impl Settings {
    /// What makes a step other than the sweep (Proposition 1), which is plain and layer by layer; `None` where it is the
    /// sweep. Of any other the sweep's E would be that of a step nobody makes.
    pub fn beyond_the_sweep(self) -> Option<Beyond> {
        // Named one by one: what is not told here would be no part of the answer.
        let Settings {
            rule,
            optimizer,
            size:
                StepSize {
                    tau: _,
                    momentum: _,
                    decay,
                    epsilon: _,
                },
            l1,
            implicit: _,
            reach,
            objective,
        } = self;
        if rule.is_whole() {
            return Some(Beyond::Whole);
        }
        if reach.is_some() {
            return Some(Beyond::Reach);
        }
        if let Some((objective, _)) = objective {
            return Some(Beyond::Objective {
                penalty: objective.lambda != 0.0,
                adversarial: objective.alpha != 0.0,
            });
        }
        let decay = decay != 0.0;
        let l1 = (l1.factor != 0.0).then_some(l1.shrinkage);
        let update = Beyond::Update {
            optimizer,
            decay,
            l1,
        };
        (optimizer != Optimizer::Sgd || decay || l1.is_some()).then_some(update)
    }
}

impl<T: Real> MemberState<T> {
    /// Before the first step of an optimizer.
    pub fn new(optimizer: Optimizer, thetas: Vec<DMatrix<T>>) -> Self {
        MemberState {
            step: 0,
            optimizer: OptimizerState::new(optimizer, &thetas),
            thetas,
            first_loss: None,
            high_steps: 0,
            divergence: None,
        }
    }

    /// Brings it to as many heads as there are to be; new ones and what the optimizer remembers of them are zero.
    pub fn fit(&mut self, architecture: &Architecture, reach: Option<Reach>) {
        let OptimizerState { first, second, .. } = &mut self.optimizer;
        for thetas in [&mut self.thetas, first, second] {
            if !thetas.is_empty() {
                Reach::fit(reach, architecture, thetas);
            }
        }
    }

    /// How many numbers it is: weights, and what the optimizer remembers.
    pub fn numbers(&self) -> usize {
        let OptimizerState { first, second, .. } = &self.optimizer;
        let all = self.thetas.iter().chain(first).chain(second);
        all.map(DMatrix::len).sum()
    }

    /// Becomes `other`, in the memory that it has where that fits.
    pub fn copy_from(&mut self, other: &Self) {
        let MemberState {
            step,
            thetas,
            optimizer,
            first_loss,
            high_steps,
            divergence,
        } = other;
        (self.step, self.first_loss) = (*step, *first_loss);
        self.high_steps = *high_steps;
        self.divergence.clone_from(divergence);
        copy(&mut self.thetas, thetas);
        self.optimizer.steps = optimizer.steps;
        copy(&mut self.optimizer.first, &optimizer.first);
        copy(&mut self.optimizer.second, &optimizer.second);
    }
}

/// Memory for what is differentiated, where that is not the loss alone.
fn pass_of<T: Real>(
    architecture: &Architecture,
    settings: Settings,
    capacity: usize,
    arithmetic: Arithmetic,
) -> Option<(Box<Pass<T>>, Here)> {
    let (objective, here) = settings.objective?;
    // Whoever sets it asks first; on what it is not for, the loss alone is left.
    if !architecture.loss.classifies() || architecture.outputs() < 2 || !is_for(architecture) {
        return None;
    }
    let pass = Pass::new(architecture, objective, capacity, arithmetic);
    Some((Box::new(pass), here))
}

fn copy<T: Real>(to: &mut Vec<DMatrix<T>>, from: &[DMatrix<T>]) {
    to.resize_with(from.len(), || DMatrix::zeros(0, 0));
    for (to, from) in to.iter_mut().zip(from) {
        if to.shape() == from.shape() {
            to.as_mut_slice().copy_from_slice(from.as_slice());
        } else {
            to.clone_from(from);
        }
    }
}

impl<T: Real> Member<T> {
    /// A member that goes on from `state`, on minibatches of up to `capacity` samples.
    pub(super) fn new(
        architecture: &Architecture,
        capacity: usize,
        arithmetic: Arithmetic,
        settings: Settings,
        state: MemberState<T>,
    ) -> Self {
        Member {
            objective: pass_of(architecture, settings, capacity, arithmetic),
            work: Directions::new(
                architecture,
                settings.rule,
                settings.reach,
                capacity,
                arithmetic,
            ),
            before: state.thetas.clone(),
            settings,
            state,
            loss: f64::NAN,
            range: [f64::NAN; 2],
            energy: Vec::new(),
            cost: Cost::default(),
            layers: Vec::new(),
            fresh: false,
        }
    }

    /// How it learns.
    pub fn settings(&self) -> Settings {
        self.settings
    }

    /// Changes how it learns from the next step on. A new optimizer starts with empty memory.
    pub(super) fn set(&mut self, architecture: &Architecture, capacity: usize, settings: Settings) {
        let (rule, reach) = (settings.rule, settings.reach);
        if (rule, reach) != (self.settings.rule, self.settings.reach) {
            let arithmetic = self.work.arithmetic();
            self.work = Directions::new(architecture, rule, reach, capacity, arithmetic);
        }
        if reach != self.settings.reach {
            self.state.fit(architecture, reach);
            self.before.clone_from(&self.state.thetas);
        }
        if settings.objective != self.settings.objective {
            let arithmetic = self.work.arithmetic();
            self.objective = pass_of(architecture, settings, capacity, arithmetic);
        }
        if settings.optimizer != self.settings.optimizer {
            self.state.optimizer = OptimizerState::new(settings.optimizer, &self.state.thetas);
        }
        self.fresh &= settings == self.settings;
        self.settings = settings;
    }

    /// Somebody else has brought it where it stands.
    pub(super) fn forget_step(&mut self) {
        self.fresh = false;
    }

    /// Whether [`Member::energy`] and [`Member::layers`] can be those of the last step made: [`super::Ensemble::look_back`]
    /// sees to it that they are.
    pub fn knows_its_step(&self) -> bool {
        self.fresh
    }

    /// Matrix-multiplication work of a step like the last one, on so many samples.
    pub(super) fn flops_per_step(&self, architecture: &Architecture, samples: usize) -> u64 {
        let objective = self.settings.objective;
        let more = objective.map_or(0, |(objective, _)| objective.flops(architecture, samples));
        self.work.flops(architecture, samples) + more
    }

    /// One step, timed and looked at; what could not be completed leaves the parameters as they were. `looked` says that it is
    /// looked into, now or afterwards.
    pub(super) fn step(
        &mut self,
        architecture: &Architecture,
        batch: &Batch<T>,
        look: Look,
        looked: bool,
        clock: fn() -> f64,
    ) {
        self.energy.clear();
        self.layers.clear();
        self.fresh = false;
        for (before, theta) in self.before.iter_mut().zip(&self.state.thetas) {
            before.as_mut_slice().copy_from_slice(theta.as_slice());
        }
        let begin = self.cost.times_next(looked).then(clock);
        let made = self.make_step(architecture, batch);
        let whole = matches!(made, Ok(()) | Err(Breakdown::Weights { .. }));
        if whole {
            self.cost.add(begin.map(|begin| clock() - begin), looked);
        }
        // The directions are there.
        let seen = if whole && look.energy {
            self.look_at_energy(architecture, batch)
        } else {
            Ok(())
        };
        if let Err(breakdown) = seen.and(made) {
            // Auxiliary heads are told as what they are: outputs.
            let breakdown = breakdown.within(architecture.layers.len());
            std::mem::swap(&mut self.before, &mut self.state.thetas);
            self.state.divergence = Some(Divergence {
                step: self.state.step,
                cause: Cause::Breakdown(breakdown),
            });
            return;
        }
        if look.layers {
            self.look_at_layers(architecture, batch);
        }
        self.fresh = true;
        self.state.step += 1;
        self.range = [self.loss; 2];
        self.cost.flops += self.flops_per_step(architecture, batch.samples);
    }

    /// Gradient and directions, optimizer, l1, check.
    fn make_step(
        &mut self,
        architecture: &Architecture,
        batch: &Batch<T>,
    ) -> Result<(), Breakdown> {
        let Settings {
            optimizer,
            size,
            l1,
            implicit,
            ..
        } = self.settings;
        let thetas = &mut self.state.thetas;
        self.loss = match &mut self.objective {
            None => self.work.compute(architecture, thetas, batch, implicit)?,
            Some((objective, _)) => {
                let work = &mut self.work;
                work.compute_of(objective, architecture, thetas, batch, implicit)?
            }
        };
        let directions = &self.work.directions;
        let state = &mut self.state.optimizer;
        let broken = self.work.arithmetic().vectorised(
            #[inline(always)]
            || {
                state.apply(optimizer, size, thetas, directions);
                l1.apply(size.tau, thetas);
                thetas.iter().position(|theta| !all_finite(theta))
            },
        );
        broken.map_or(Ok(()), |layer| Err(Breakdown::Weights { layer }))
    }

    /// Looks into the last step, which was made on `batch`, for what was not looked at then.
    pub(super) fn look_back(&mut self, architecture: &Architecture, batch: &Batch<T>, look: Look) {
        if !self.fresh {
            return;
        }
        if look.energy && self.energy.is_empty() {
            // The step's own systems were solved, and these are the same.
            let _ = self.look_at_energy(architecture, batch);
        }
        if look.layers && self.layers.is_empty() {
            self.look_at_layers(architecture, batch);
        }
    }

    /// E along the sweep from where the step began.
    fn look_at_energy(
        &mut self,
        architecture: &Architecture,
        batch: &Batch<T>,
    ) -> Result<(), Breakdown> {
        let settings = self.settings;
        if settings.beyond_the_sweep().is_none() {
            self.energy = energies(
                architecture,
                &self.before,
                batch,
                &self.work.gradient,
                settings.rule,
                settings.size.tau,
                settings.implicit,
            )?;
        }
        Ok(())
    }

    fn look_at_layers(&mut self, architecture: &Architecture, batch: &Batch<T>) {
        let Directions {
            gradient,
            directions,
            cg,
            ..
        } = &self.work;
        let packing = &mut Packing::new(self.work.arithmetic());
        self.layers.extend((0..architecture.layers.len()).map(|l| {
            let g = match &self.objective {
                None => gradient.of_layer(l, batch),
                Some((objective, _)) => objective.gradient(l).clone(),
            };
            let d = &directions[l];
            let inputs = gradient.activations.hidden.inputs_of(l, batch);
            let lambda_max = diagnostics::lambda_max(inputs, packing);
            let update = diagnostics::norm(&(&self.state.thetas[l] - &self.before[l]));
            LayerFrame {
                grad_norm: diagnostics::norm(&g),
                direction_norm: diagnostics::norm(d),
                update_ratio: update / diagnostics::norm(&self.before[l]),
                angle_deg: libm::acos(diagnostics::cosine(&g, d).clamp(-1.0, 1.0)).to_degrees(),
                lambda_max,
                explicit_limit: 2.0 / lambda_max,
                cg_iterations: cg[l].iterations,
                cg_residual: cg[l].residual,
            }
        }));
    }
}
