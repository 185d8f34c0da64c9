//! Members on the device: put there, trained for so many steps, read back. Twin: [`engine::cpu`](crate::engine::cpu).

use super::buffers::{ALIGNMENT, Buffers, fill, read_back, write};
use super::device::Gpu;
use super::layout::Needs;
use super::numbers::{ALL, number};
use super::structs::{LAYERS, Leg, MemberSettings, Plan, Status};
use super::wide::{self, Phase};
use crate::engine::{Ensemble, Expense, MemberState, Minibatches, Report, Settings, Stretch};
use crate::nn::layer::{Layer, Linear};
use crate::nn::loss::BatchTargets;
use crate::nn::mlp::Architecture;
use crate::steps::{OptimizerState, work};
use nalgebra::DMatrix;
use wgpu::{
    BindGroup, BufferDescriptor, BufferUsages, CommandEncoderDescriptor, ComputePassDescriptor,
    ComputePipeline,
};

/// Rounds of loops in a step of a member's lanes, above which a member is worth many workgroups.
const WIDE: u64 = 1 << 14;
/// Most members that are.
const FEW_WIDE: usize = 16;

/// What the host knows of a member on the device.
#[derive(Clone, Debug)]
struct Known {
    settings: Settings,
    /// As it was put there; its numbers are no longer those on the device.
    state: MemberState<f32>,
    /// Steps made since, as far as read.
    made: u64,
}

/// How a member learns, where it stands, and its last minibatch loss (NaN before the first step).
pub type Placed = (Settings, MemberState<f32>, f64);

/// Members that train on a device.
#[derive(Debug)]
pub struct GpuEnsemble {
    gpu: Gpu,
    architecture: Architecture,
    plan: Plan,
    needs: Needs,
    /// A layer is a convolution.
    convolves: bool,
    /// The minibatch is all points.
    full: bool,
    /// Steps in one go.
    at_once: u64,
    /// The phases of a step where many workgroups train a member; empty where one does.
    phases: Vec<Phase>,
    members: Vec<Known>,
    /// How many points each step since the members were last read has learned from.
    unread: Vec<usize>,
    buffers: Buffers,
}

impl GpuEnsemble {
    /// Puts `members` on the device, to learn what `task` learns, whose own members stay where they are. A member is given up after `high_steps` steps in a
    /// row at a high loss.
    ///
    /// # Errors
    /// Why they cannot train there, in words.
    pub fn new(
        gpu: &Gpu,
        task: &Ensemble<f32>,
        members: Vec<Placed>,
        high_steps: u64,
    ) -> Result<GpuEnsemble, String> {
        if let Some(why) = gpu.failure() {
            return Err(why);
        }
        let learn = learn(&members)?;
        let architecture = task.architecture().clone();
        if architecture.layers.len() > LAYERS {
            return Err(format!(
                "{} layers are more than the graphics kernels take; allowed: {LAYERS}",
                architecture.layers.len()
            ));
        }
        let needs = Needs::of(members.iter().map(|(s, ..)| s));
        let (points, rows) = (task.training().samples, task.batch_size());
        let count = members.len();
        let plan = Plan::new(
            &architecture,
            points,
            rows,
            count,
            needs,
            task.constant_loss(),
            high_steps,
        );
        let limits = gpu.device.limits();
        let most = limits
            .max_buffer_size
            .min(limits.max_storage_buffer_binding_size);
        let fits = |words: usize| 4 * words as u64 <= most;
        let too_large = |what: &str| {
            format!(
                "{what} need more memory in one piece than the graphics device gives ({} MiB)",
                most >> 20
            )
        };
        let plan = plan.filter(|plan| fits(plan.memory(count)));
        let plan = plan.ok_or_else(|| too_large("the networks"))?;
        let points = points_of(task);
        if !fits(points.len()) {
            return Err(too_large("the training points"));
        }
        if count > limits.max_compute_workgroups_per_dimension as usize {
            return Err(format!(
                "{count} members are more than the graphics device trains at once"
            ));
        }
        let convolution = |layer: &Layer| matches!(layer.linear, Linear::Convolution(_));
        let mut ensemble = GpuEnsemble {
            gpu: gpu.clone(),
            convolves: architecture.layers.iter().any(convolution),
            full: rows == task.training().samples,
            members: Vec::new(),
            architecture,
            buffers: Buffers::new(gpu, &plan, &points, count),
            needs,
            plan,
            at_once: 1,
            phases: Vec::new(),
            unread: Vec::new(),
        };
        ensemble.write(members, &learn)?;
        Ok(ensemble)
    }

    /// Whether these members can take the places of those that are there: as many, and with room for their rules.
    pub fn has_room_for(&self, members: &[Placed]) -> bool {
        members.len() == self.members.len()
            && self.needs.cover(Needs::of(members.iter().map(|(s, ..)| s)))
    }

    /// Puts members in the places of those that are there.
    ///
    /// # Errors
    /// Why they cannot train there, in words.
    ///
    /// # Panics
    /// When there is no room for them.
    pub fn put(&mut self, members: Vec<Placed>) -> Result<(), String> {
        assert!(self.has_room_for(&members), "gpu: no room");
        let learn = learn(&members)?;
        self.write(members, &learn)
    }

    fn write(&mut self, members: Vec<Placed>, learn: &[MemberSettings]) -> Result<(), String> {
        let lanes = self.gpu.lanes(members.len());
        // Decided without the settings, so that the way of computing stays the same when they move.
        let wide =
            self.convolves || members.len() <= FEW_WIDE && self.plan.rounds(lanes, &[]) > WIDE;
        let phases = wide.then(|| wide::phases(&self.plan, learn)).flatten();
        self.phases = phases.unwrap_or_default();
        let most = self
            .gpu
            .device
            .limits()
            .max_compute_workgroups_per_dimension;
        let groups = self
            .phases
            .iter()
            .map(|phase| phase.groups.0.max(phase.groups.1));
        if groups.max() > Some(most) {
            return Err(
                "a minibatch has more rows than the graphics device takes at once".to_owned(),
            );
        }
        if self.is_wide() {
            self.gpu.steps_at_once(wide::rounds(&self.plan, learn))?;
            self.at_once = 1;
        } else {
            self.at_once = self.gpu.steps_at_once(self.plan.rounds(lanes, learn))?;
        }
        let (mut settings, mut statuses) = (Vec::new(), Vec::new());
        let mut numbers: Vec<u32> = Vec::with_capacity(self.plan.state() * members.len());
        learn.iter().for_each(|of| of.append(&mut settings));
        for (_, state, loss) in &members {
            Status::of(state, *loss).append(&mut statuses);
            for matrices in [
                &state.thetas,
                &state.optimizer.first,
                &state.optimizer.second,
            ] {
                let end = numbers.len() + self.plan.parameters as usize;
                numbers.extend(
                    matrices
                        .iter()
                        .flat_map(DMatrix::as_slice)
                        .map(|x| x.to_bits()),
                );
                numbers.resize(end, 0);
            }
        }
        write(&self.gpu, &self.buffers.settings, settings);
        write(&self.gpu, &self.buffers.statuses, statuses);
        write(&self.gpu, &self.buffers.memory, numbers);
        let known = |(settings, state, _)| Known {
            settings,
            state,
            made: 0,
        };
        self.members = members.into_iter().map(known).collect();
        self.unread.clear();
        Ok(())
    }

    /// Whether many workgroups train a member, or one.
    pub fn is_wide(&self) -> bool {
        !self.phases.is_empty()
    }

    /// Trains all members, stretch after stretch, and answers where they stand after each that is read.
    ///
    /// # Errors
    /// Why the device failed, in words; nothing is known of its members then.
    ///
    /// # Panics
    /// When there are fewer minibatches than steps.
    pub async fn train(
        &mut self,
        minibatches: &Minibatches,
        stretches: &[Stretch],
    ) -> Result<Vec<Vec<Report>>, String> {
        let total: u64 = stretches.iter().map(|s| s.steps).sum();
        assert!(
            total as usize <= minibatches.orders().len(),
            "gpu: more steps than minibatches"
        );
        let bindings = self.describe(minibatches, stretches);
        let (device, queue) = (&self.gpu.device, &self.gpu.queue);
        let state = 4 * (self.plan.state() * self.members.len()) as u64;
        let status = 4 * (Status::WORDS * self.members.len()) as u64;
        let read = stretches.iter().filter(|s| s.read).count() as u64;
        // Without anything to read there is still an end to wait for.
        let answer = device.create_buffer(&BufferDescriptor {
            label: None,
            size: (read * (state + status)).max(4),
            usage: BufferUsages::COPY_DST | BufferUsages::MAP_READ,
            mapped_at_creation: false,
        });
        let mut encoder = device.create_command_encoder(&CommandEncoderDescriptor::default());
        let (mut at, mut leg) = (0, 0);
        for stretch in stretches {
            {
                let members = self.members.len() as u32;
                let mut pass = encoder.begin_compute_pass(&ComputePassDescriptor::default());
                let mut dispatch = |pipeline: &ComputePipeline, (x, y, z)| {
                    pass.set_pipeline(pipeline);
                    pass.set_bind_group(0, &bindings, &[leg * ALIGNMENT as u32]);
                    pass.dispatch_workgroups(x, y, z);
                    leg += 1;
                };
                for _ in 0..stretch.steps.div_ceil(self.at_once) {
                    for phase in &self.phases {
                        let (x, y) = phase.groups;
                        dispatch(self.gpu.wide(phase.kernel, self.convolves), (x, y, members));
                    }
                    if self.phases.is_empty() {
                        dispatch(self.gpu.train(self.members.len()), (members, 1, 1));
                    }
                }
            }
            if stretch.read {
                encoder.copy_buffer_to_buffer(&self.buffers.memory, 0, &answer, at, state);
                encoder.copy_buffer_to_buffer(
                    &self.buffers.statuses,
                    0,
                    &answer,
                    at + state,
                    status,
                );
                at += state + status;
            }
        }
        queue.submit([encoder.finish()]);
        let words = read_back(&self.gpu, &answer).await?;
        let mut orders = minibatches.orders().iter();
        let mut reports = Vec::new();
        for stretch in stretches {
            let orders = orders.by_ref().take(stretch.steps as usize);
            let all = self.full.then_some(self.plan.points as usize);
            self.unread
                .extend(orders.map(|order| all.unwrap_or(order.len())));
            if stretch.read {
                let from = at_words(&reports, state + status);
                reports.push(self.reports(&words[from..]));
            }
        }
        Ok(reports)
    }

    /// Writes down what the kernels are to do.
    fn describe(&mut self, minibatches: &Minibatches, stretches: &[Stretch]) -> BindGroup {
        let mut words = Vec::new();
        let mut next = 2 * minibatches.orders().len() as u32;
        for order in minibatches.orders() {
            let (start, count) = if self.full {
                (ALL, self.plan.points)
            } else {
                (next, order.len() as u32)
            };
            words.extend([start, count]);
            next += order.len() as u32;
        }
        if !self.full {
            words.extend(minibatches.orders().iter().flatten());
        }
        let mut legs = Vec::new();
        let mut first = 0;
        let mut begins = u32::from(self.unread.is_empty());
        for stretch in stretches {
            let end = first + stretch.steps as u32;
            while first < end {
                let steps = (end - first).min(self.at_once as u32);
                let leg = Leg {
                    first,
                    steps,
                    begins,
                    ..Leg::default()
                };
                let of_phase = |phase: &Phase| Leg {
                    layer: phase.layer,
                    operation: number(phase.operation),
                    iteration: phase.iteration,
                    ..leg
                };
                let one = self.phases.is_empty().then_some(leg);
                for leg in self.phases.iter().map(of_phase).chain(one) {
                    leg.append(&mut legs);
                    legs.resize(legs.len().next_multiple_of(ALIGNMENT / 4), 0);
                }
                (first, begins) = (end.min(first + steps), 0);
            }
            begins |= u32::from(stretch.read);
        }
        fill(&self.gpu, &mut self.buffers.minibatches, words);
        fill(&self.gpu, &mut self.buffers.legs, legs);
        self.buffers.bind(&self.gpu)
    }

    /// Where the members stand, from the words read back.
    fn reports(&mut self, words: &[u32]) -> Vec<Report> {
        let (size, parameters) = (self.plan.state(), self.plan.parameters as usize);
        let (states, statuses) = words.split_at(size * self.members.len());
        let samples = std::mem::take(&mut self.unread);
        let architecture = &self.architecture;
        let each = self
            .members
            .iter_mut()
            .zip(states.chunks_exact(size))
            .zip(statuses.chunks_exact(Status::WORDS));
        each.map(|((known, numbers), words)| {
            let status = Status::of_words(words);
            let (thetas, moments) = numbers.split_at(parameters);
            let (first, second) = moments.split_at(parameters);
            let matrices = |numbers: &[u32], wanted: bool| {
                if wanted {
                    matrices(architecture, numbers)
                } else {
                    Vec::new()
                }
            };
            let steps = u64::from(status.made) - known.made;
            known.made = u64::from(status.made);
            let begin = &known.state;
            let step = begin.step + known.made;
            let rule = known.settings.rule;
            let made = samples.iter().take(steps as usize);
            let capacity = self.plan.rows as usize;
            let plain =
                made.map(|&points| work::flops(architecture, points, capacity, rule, None, |_| 0));
            let iterations = status.cg.iter().zip(&architecture.layers);
            let cg = iterations.map(|(&count, layer)| {
                let (n, m) = layer.theta_shape();
                u64::from(count) * 4 * (layer.places() * n * m) as u64
            });
            Report {
                expense: Expense::Shared {
                    // Known only of all members together.
                    seconds: 0.0,
                    steps,
                    // A step that failed at once has cost nothing that counts.
                    flops: if steps > 0 {
                        plain.sum::<u64>() + cg.sum::<u64>()
                    } else {
                        0
                    },
                },
                sight: None,
                loss: if status.loss < 0.0 {
                    f64::NAN
                } else {
                    f64::from(status.loss)
                },
                range: (steps > 0).then(|| [status.lowest, status.highest].map(f64::from)),
                state: MemberState {
                    step,
                    thetas: matrices(thetas, true),
                    optimizer: OptimizerState {
                        steps: begin.optimizer.steps + known.made,
                        first: matrices(first, !begin.optimizer.first.is_empty()),
                        second: matrices(second, !begin.optimizer.second.is_empty()),
                    },
                    first_loss: (status.first_loss >= 0.0).then_some(f64::from(status.first_loss)),
                    high_steps: u64::from(status.high_steps),
                    divergence: begin.divergence.clone().or_else(|| status.divergence(step)),
                },
            }
        })
        .collect()
    }
}

/// How members learn, as the kernels take it.
fn learn(members: &[Placed]) -> Result<Vec<MemberSettings>, String> {
    let settings = members.iter().map(|(settings, ..)| settings);
    settings.map(MemberSettings::of).collect()
}

/// Where the next answer begins, when so many have been taken of so many bytes each.
fn at_words(taken: &[Vec<Report>], bytes: u64) -> usize {
    taken.len() * bytes as usize / 4
}

/// The training points as the kernels take them: inputs, then targets, column after column.
fn points_of(task: &Ensemble<f32>) -> Vec<f32> {
    let batch = task.training();
    let columns = |m: &DMatrix<f32>, count: usize| -> Vec<f32> {
        let columns = m.as_slice().chunks_exact(m.nrows()).take(count);
        columns
            .flat_map(|column| &column[..batch.samples])
            .copied()
            .collect()
    };
    let mut numbers = columns(&batch.inputs, batch.inputs.ncols() - 1);
    match &batch.targets {
        BatchTargets::Labels(labels) => numbers.extend(labels.iter().map(|&label| label as f32)),
        BatchTargets::Values(y) => numbers.extend(columns(y, y.ncols())),
    }
    numbers
}

fn matrices(architecture: &Architecture, numbers: &[u32]) -> Vec<DMatrix<f32>> {
    let mut rest = numbers;
    let shapes = architecture.layers.iter().map(Layer::theta_shape);
    shapes
        .map(|(n, m)| {
            let (these, others) = rest.split_at(n * m);
            rest = others;
            DMatrix::from_iterator(n, m, these.iter().map(|&bits| f32::from_bits(bits)))
        })
        .collect()
}
