//! Where a member's numbers lie in the device's memory, how it is described to the kernels, and how long they take.
//! Knows no device.

use super::numbers::{COLUMNS, HOPELESS, LOSS, NEW_WEIGHTS, number};
use super::rules;
use super::structs::{LAYERS, Layer, MemberSettings, Plan, Status, Windows};
use crate::engine::cpu::HIGH;
use crate::engine::divergence::{Cause, Divergence};
use crate::engine::{MemberState, Settings};
use crate::nn::layer::Linear;
use crate::nn::mlp::Architecture;
use crate::nn::{Activation, layer as network, window};
use crate::steps::exact::by_rows;
use crate::steps::optimizer::{Epsilon, StepSize};
use crate::steps::{Breakdown, Implicit, Rule};

/// Which memory the rules of an ensemble need.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// A system per member.
    pub system: bool,
    /// CG's vectors.
    pub cg: bool,
}

impl Needs {
    /// What these settings need.
    pub fn of<'a>(settings: impl IntoIterator<Item = &'a Settings>) -> Needs {
        let mut needs = Needs::default();
        for settings in settings {
            needs.system |= settings.rule == Rule::ProxExact;
            needs.cg |= settings.rule.iterations().is_some();
        }
        needs
    }

    /// Whether this is enough for `other`.
    pub fn cover(self, other: Needs) -> bool {
        self.system >= other.system && self.cg >= other.cg
    }
}

impl Plan {
    /// The plan for `members` networks on `points` points in minibatches of at most `rows`; `None` where places are
    /// beyond 32 bits.
    ///
    /// # Panics
    /// When there are more than [`LAYERS`] layers.
    pub fn new(
        architecture: &Architecture,
        points: usize,
        rows: usize,
        members: usize,
        needs: Needs,
        constant_loss: f64,
        high_steps: u64,
    ) -> Option<Plan> {
        let all = &architecture.layers;
        assert!(all.len() <= LAYERS, "gpu: too many layers");
        let shapes: Vec<(usize, usize)> = all.iter().map(network::Layer::theta_shape).collect();
        // Without a hidden layer nobody asks.
        let activation = all.first()?.activation.unwrap_or(Activation::Tanh);
        let (hidden, _) = shapes.split_at(shapes.len() - 1);
        let mut scratch = Places(0);
        let mut parameters = Places(0);
        let mut plan = Plan {
            layers: shapes.len() as u32,
            points: u32::try_from(points).ok()?,
            rows: u32::try_from(rows).ok()?,
            activation: number(activation),
            loss: number(architecture.loss),
            high_steps: high_steps as u32,
            constant_loss: constant_loss as f32,
            high: HIGH as f32,
            ..Plan::default()
        };
        let of_samples = |numbers: usize| rows.checked_mul(numbers);
        // Of `Z`, per sample.
        let answers = |layer: &network::Layer| layer.places() * layer.theta_shape().1;
        let width = all.iter().map(answers).max().unwrap_or(0);
        plan.delta_size = u32::try_from(of_samples(width)?).ok()?;
        plan.delta = scratch.take(of_samples(width)?)?;
        scratch.take(of_samples(width)?)?;
        let pooled = all.iter().filter(|layer| layer.pooling.is_some());
        let pooled = pooled.map(network::Layer::outputs).max().unwrap_or(0);
        let pooled = scratch.take(of_samples(pooled)?)?;
        let mut above = plan.delta;
        let layers = plan
            .layer
            .iter_mut()
            .zip(all.iter().zip(&shapes))
            .enumerate();
        for (l, (layer, (of, &(n, m)))) in layers.rev() {
            let turn = (all.len() - 1 - l) as u32 % 2;
            *layer = Layer {
                inputs: n as u32,
                outputs: m as u32,
                numbers: u32::try_from(of.inputs()).ok()?,
                activation: scratch.take(of_samples(of.inputs() + 1)?)?,
                values: above,
                arriving: plan.delta + turn * plan.delta_size,
                kernel: match &of.linear {
                    Linear::Dense { .. } => Windows::NONE,
                    Linear::Convolution(convolution) => Windows::of(&convolution.windows)?,
                },
                pooling: Windows::NONE,
                ..Layer::default()
            };
            if let Some(pooling) = &of.pooling {
                layer.values = scratch.take(of_samples(answers(of))?)?;
                layer.arriving = pooled;
                layer.winners = scratch.take(of_samples(of.outputs())?)?;
                layer.pooling = Windows::of(pooling.windows())?;
            }
            above = layer.activation;
        }
        for (layer, &(n, m)) in plan.layer.iter_mut().zip(&shapes) {
            layer.theta = parameters.take(n * m)?;
        }
        plan.parameters = parameters.take(0)?;
        let largest =
            |size: fn(&(usize, usize)) -> usize| hidden.iter().map(size).max().unwrap_or(0);
        plan.direction = scratch.take(plan.parameters as usize)?;
        if needs.system {
            let order = |(of, &(n, _)): (&network::Layer, &(usize, usize))| {
                n.min(of.places().saturating_mul(rows))
            };
            let order = all.iter().zip(hidden).map(order).max();
            plan.system = scratch.take(order.unwrap_or(0).pow(2))?;
        }
        if needs.cg {
            plan.residual = scratch.take(largest(|&(n, m)| n * m))?;
            plan.search = scratch.take(largest(|&(n, m)| n * m))?;
            plan.image = scratch.take(largest(|&(n, m)| n * m))?;
            let hidden = &all[..hidden.len()];
            let width = hidden.iter().map(answers).max().unwrap_or(0);
            plan.over_samples = scratch.take(of_samples(width)?)?;
            plan.squares = scratch.take(largest(|&(_, m)| m))?;
        }
        plan.scratch_size = scratch.take(0)?;
        let mut memory = Places(0);
        memory.take(3 * plan.parameters as usize * members)?;
        plan.scratch = memory.take(plan.scratch_size as usize * members)?;
        memory.take(0)?;
        Some(plan)
    }

    /// Words of all memory for so many members.
    pub fn memory(&self, members: usize) -> usize {
        self.scratch as usize + self.scratch_size as usize * members
    }

    /// At most so many rounds of loops does each of `lanes` lanes make in a step of a member that needs these.
    pub fn rounds(&self, lanes: u32, settings: &[MemberSettings]) -> u64 {
        let (rows, lanes) = (u64::from(self.rows), u64::from(lanes));
        let share = |entries: u64| entries.div_ceil(lanes);
        // A loop's last round finds that it has ended.
        let each = |times: u64, inside: u64| times * (1 + inside) + 1;
        let all = |times: u64| each(times, 0);
        let over_lanes = 2 * lanes.isqrt();
        let layers = &self.layer[..self.layers as usize];
        let of_layer = |(l, layer): (usize, &Layer)| {
            let (n, m) = (u64::from(layer.inputs), u64::from(layer.outputs));
            let forward = each(share(rows * m.div_ceil(4)), all(n) + all(4));
            let gradient = each(share(n * m), all(rows));
            let backward = each(share(rows * (n - 1)), all(m));
            // Whether D is finite, the optimizer's step, and the way back.
            let explicit = forward + gradient + backward + 3 * all(share(n * m));
            if l + 1 == layers.len() {
                return explicit + each(share(rows), 3 * all(m));
            }
            let beyond = |settings: &MemberSettings| match settings.rule() {
                Rule::ProxExact => {
                    let (order, terms) = (n.min(rows), n.max(rows));
                    let system = each(share(order * order), all(terms));
                    let factor = each(order, all(share(order)) + all(share(order * order)));
                    system + factor + each(share(m), order * order + 3 * order + 2)
                }
                Rule::ProxCgColumns(most) => {
                    let begin = each(share(m), all(n)) + over_lanes;
                    let advance = each(share(m), 3 * all(n)) + over_lanes;
                    begin + each(u64::from(most), forward + gradient + advance)
                }
                rule => share(rule.flops(rows, rows, (n, m), settings.cg_iterations)),
            };
            explicit + settings.iter().map(beyond).max().unwrap_or(0)
        };
        let sum: u64 = layers.iter().enumerate().map(of_layer).sum();
        let loops = 4 * layers.len() as u64;
        sum + loops + all(share(rows * u64::from(self.layer[0].inputs))) + 2 * over_lanes
    }

    /// Words of a member's state: Θ and two moments.
    pub fn state(&self) -> usize {
        3 * self.parameters as usize
    }
}

impl Layer {
    /// Whether its system is over the samples of minibatches of up to `rows`, not over its inputs.
    pub fn is_by_rows(&self, rows: u32) -> bool {
        let rows = rows.saturating_mul(self.kernel.places);
        by_rows(rows as usize, self.inputs as usize)
    }
}

impl Windows {
    /// Of what has none: one place.
    const NONE: Windows = Windows {
        size: 0,
        stride: 0,
        padding: 0,
        height: 0,
        width: 0,
        columns: 0,
        places: 1,
    };

    /// These; `None` beyond 32 bits.
    fn of(windows: &window::Windows) -> Option<Windows> {
        let planes = windows.planes(1);
        Some(Windows {
            size: u32::try_from(windows.size()).ok()?,
            stride: u32::try_from(windows.stride()).ok()?,
            padding: u32::try_from(windows.padding()).ok()?,
            height: u32::try_from(windows.over().height).ok()?,
            width: u32::try_from(windows.over().width).ok()?,
            columns: u32::try_from(planes.width).ok()?,
            places: u32::try_from(planes.area()).ok()?,
        })
    }
}

/// Hands out places one after the other.
struct Places(usize);

impl Places {
    fn take(&mut self, words: usize) -> Option<u32> {
        let place = u32::try_from(self.0).ok();
        self.0 = self.0.checked_add(words)?;
        place
    }
}

impl MemberSettings {
    /// Its rule.
    pub fn rule(&self) -> Rule {
        rules::of(self.rule).with_iterations(self.cg_iterations)
    }

    /// As the kernels take it.
    ///
    /// # Errors
    /// What there is no kernel for, in words.
    pub fn of(settings: &Settings) -> Result<MemberSettings, String> {
        // Named one by one: what is not told here would be ignored in silence.
        let Settings {
            rule: learns,
            optimizer,
            size:
                StepSize {
                    tau,
                    momentum,
                    decay,
                    epsilon,
                },
            l1,
            implicit:
                Implicit {
                    tau_theta,
                    cg_tolerance,
                    cg_epsilon,
                },
            reach,
            objective,
        } = *settings;
        let on_cpu = |what: &str| format!("{what} is computed on the CPU only");
        if reach.is_some() {
            return Err(on_cpu("a reach"));
        }
        if objective.is_some() {
            return Err(on_cpu("what flat and adv ask for"));
        }
        if epsilon != Epsilon::Corrected {
            return Err(on_cpu("an ε of Adam’s that is not corrected"));
        }
        let rule = rules::number(learns).ok_or_else(|| on_cpu(&learns.to_string()))?;
        Ok(MemberSettings {
            rule,
            optimizer: number(optimizer),
            cg_iterations: learns.iterations().unwrap_or(0),
            cg_tolerance: cg_tolerance as f32,
            cg_epsilon: cg_epsilon as f32,
            shift: (1.0 / tau_theta) as f32,
            tau: tau as f32,
            momentum: momentum as f32,
            decay: decay as f32,
            l1_size: l1.size(tau) as f32,
            shrinkage: number(l1.shrinkage),
            together: u32::from(matches!(learns, Rule::ProxCg(_))),
        })
    }
}

impl Status {
    /// A member that begins in this state, after a step at `loss` (NaN before the first).
    pub fn of(state: &MemberState<f32>, loss: f64) -> Status {
        Status {
            // What is frozen stays so, for whatever reason.
            verdict: if state.divergence.is_some() {
                HOPELESS
            } else {
                0
            },
            optimizer_steps: u32::try_from(state.optimizer.steps).unwrap_or(u32::MAX / 2),
            high_steps: u32::try_from(state.high_steps).unwrap_or(u32::MAX / 2),
            first_loss: state.first_loss.map_or(-1.0, |loss| loss as f32),
            loss: if loss.is_finite() { loss as f32 } else { -1.0 },
            lowest: f32::MAX,
            highest: -1.0,
            ..Status::default()
        }
    }

    /// Why and where the member stopped at `step`; `None` while it trains, and where the reason lies in `high_steps`.
    pub fn divergence(&self, step: u64) -> Option<Divergence> {
        let breakdown = match self.verdict {
            0 | HOPELESS => return None,
            LOSS => Breakdown::of_loss(f64::from(self.loss)),
            weights if weights > NEW_WEIGHTS => Breakdown::Weights {
                layer: (weights - NEW_WEIGHTS) as usize - 1,
            },
            direction => {
                let layer = (direction / COLUMNS) as usize - 1;
                match direction % COLUMNS {
                    0 => Breakdown::Direction { layer },
                    column => Breakdown::Unsolvable {
                        layer,
                        column: column as usize - 1,
                    },
                }
            }
        };
        Some(Divergence {
            step,
            cause: Cause::Breakdown(breakdown),
        })
    }
}
