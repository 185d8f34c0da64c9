//! Single kernels on a device, in the modules that train, against their twins on the CPU. Knows no ensemble.
//!
//! Without a device a test says so and passes; with `REQUIRE_GPU=1` it fails.

use super::buffers::{ALIGNMENT, Buffers, fill, read_back, write};
use super::device::{Gpu, kernels, of_lanes};
use super::layout::Needs;
use super::numbers::number;
use super::rules;
use super::source;
use super::structs::{Leg, MemberSettings, Plan};
use crate::Named;
use crate::nn::features::Inputs;
use crate::nn::layer::{Layer, Rows, Scratch};
use crate::nn::mlp::Architecture;
use crate::nn::product::{Packing, padded_rows};
use crate::nn::stack::{Piece, stack};
use crate::nn::window::Planes;
use crate::nn::{Activation, Arithmetic, Loss};
use crate::steps::cholesky::{self, NotPositiveDefinite, SideBySide};
use crate::steps::gradient::Arriving;
use crate::steps::implicit::CG_EPSILON;
use crate::steps::rule::{self, RuleMemory};
use crate::steps::{Implicit, L1, Shrinkage};
use nalgebra::DMatrix;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use wgpu::{BufferDescriptor, BufferUsages, CommandEncoderDescriptor, ComputePassDescriptor};

/// Lanes of the workgroup that runs a kernel of the module for one workgroup per member.
const LANES: u32 = 64;

/// What a kernel finds: a network, one with 11 × 5 parameters in its only hidden layer if it matters, and its memory, zero where nothing
/// is put.
struct Bench {
    gpu: Gpu,
    plan: Plan,
    settings: MemberSettings,
    memory: Vec<f32>,
}

impl Bench {
    fn new() -> Option<Bench> {
        Bench::of(40)
    }

    /// With minibatches of up to so many samples.
    fn of(rows: usize) -> Option<Bench> {
        let (inputs, loss) = (Inputs::plain(10), Loss::HalfSquared);
        let architecture = Architecture::dense(inputs, &[5], Activation::Tanh, 3, loss);
        Bench::with(&architecture, rows)
    }

    fn with(architecture: &Architecture, rows: usize) -> Option<Bench> {
        let gpu = wait(Gpu::request());
        let required = std::env::var_os("REQUIRE_GPU").is_some_and(|v| v == "1");
        let gpu = gpu
            .inspect_err(|why| {
                assert!(!required, "REQUIRE_GPU=1: {why}");
                eprintln!("no kernel runs: {why}");
            })
            .ok()?;
        let needs = Needs {
            system: true,
            cg: true,
        };
        let plan = Plan::new(architecture, 40, rows, 1, needs, 1.0, 100).unwrap();
        Some(Bench {
            gpu,
            memory: vec![0.0; plan.memory(1)],
            plan,
            settings: MemberSettings::default(),
        })
    }

    /// The memory after one workgroup of the module with one per member, whose lanes know themselves as `lane`.
    fn member(&self, body: &str) -> Vec<f32> {
        self.run(&source::member(), &of_lanes(LANES), body)
    }

    /// The same in the module with many workgroups per member.
    fn wide(&self, body: &str) -> Vec<f32> {
        self.run(&source::wide(), &[], body)
    }

    /// The same in that for convolutions.
    fn images(&self, body: &str) -> Vec<f32> {
        self.run(&source::images().unwrap(), &[], body)
    }

    fn run(&self, module: &str, constants: &[(&str, f64)], body: &str) -> Vec<f32> {
        let Bench { gpu, plan, .. } = self;
        let entry = "@compute @workgroup_size(LANES) fn by_itself(@builtin(local_invocation_index) lane: u32)";
        let source = format!("{module}{entry} {{ at_member(0u); {body} }}");
        let (device, names) = (&gpu.device, ["by_itself"]);
        let [pipeline] = kernels(device, &gpu.bindings, source, names, constants);
        let mut buffers = Buffers::new(gpu, plan, &[], 1);
        let (mut settings, mut leg) = (Vec::new(), Vec::new());
        self.settings.append(&mut settings);
        Leg::default().append(&mut leg);
        leg.resize(ALIGNMENT / 4, 0);
        write(gpu, &buffers.settings, settings);
        write(
            gpu,
            &buffers.memory,
            self.memory.iter().map(|x| x.to_bits()),
        );
        fill(gpu, &mut buffers.legs, leg);
        let answer = device.create_buffer(&BufferDescriptor {
            label: None,
            size: buffers.memory.size(),
            usage: BufferUsages::COPY_DST | BufferUsages::MAP_READ,
            mapped_at_creation: false,
        });
        let mut encoder = device.create_command_encoder(&CommandEncoderDescriptor::default());
        {
            let mut pass = encoder.begin_compute_pass(&ComputePassDescriptor::default());
            pass.set_pipeline(&pipeline);
            pass.set_bind_group(0, &buffers.bind(gpu), &[0]);
            pass.dispatch_workgroups(1, 1, 1);
        }
        encoder.copy_buffer_to_buffer(&buffers.memory, 0, &answer, 0, answer.size());
        gpu.queue.submit([encoder.finish()]);
        let words = wait(read_back(gpu, &answer)).unwrap();
        words.into_iter().map(f32::from_bits).collect()
    }
}

/// Natively every answer is there when it is first asked for, or soon.
fn wait<T>(answer: impl Future<Output = T>) -> T {
    let mut answer = pin!(answer);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(answer) = answer.as_mut().poll(&mut context) {
            return answer;
        }
    }
}

/// The sum that so many lanes begin, each with every so-many-th number.
fn sum(numbers: &[f32], adders: usize) -> f32 {
    let add = |sum: f32, x: f32| sum + x;
    let shares = (0..adders).map(|first| {
        let share = numbers.iter().copied().skip(first).step_by(adders);
        share.reduce(add).unwrap()
    });
    shares.reduce(add).unwrap()
}

#[test]
fn a_reduction_adds_in_its_order_and_finds_the_largest() {
    let Some(mut bench) = Bench::new() else {
        return;
    };
    let body = "let all = over_lanes(lane, memory[lane], memory[LANES + lane]);
        if lane == 0u { memory[0] = all.x; memory[1] = all.y; }";
    let numbers: Vec<f32> = (0..512)
        .map(|i| (i * 37 % 101) as f32 / 7.0 + 1e4 / (i + 1) as f32)
        .collect();
    bench.memory[..512].copy_from_slice(&numbers);
    for (lanes, adders, got) in [(64, 8, bench.member(body)), (256, 256, bench.wide(body))] {
        let (sums, others) = (&numbers[..lanes], &numbers[lanes..2 * lanes]);
        let largest = others.iter().copied().fold(0.0, f32::max);
        assert_eq!(got[..2], [sum(sums, adders), largest], "{lanes} lanes");
    }
}

#[test]
fn activations_and_their_slopes_are_the_cpus() {
    let Some(mut bench) = Bench::new() else {
        return;
    };
    let lanes = LANES as usize;
    let z: Vec<f32> = (0..lanes)
        .map(|i| (i as f32 - 32.0) * (i as f32 - 32.0).abs() / 40.0)
        .collect();
    bench.memory[..lanes].copy_from_slice(&z);
    for &activation in Activation::ALL {
        bench.plan.activation = number(activation);
        let got = bench.member(
            "let a = activate(memory[lane]); memory[LANES + lane] = a; memory[2u * LANES + lane] = slope(a);",
        );
        let (mut a, mut slope) = (z.clone(), vec![1.0; lanes]);
        activation.apply(&mut a, Arithmetic::Portable);
        activation.times_slope(&a, &mut slope, Arithmetic::Portable);
        for (i, want) in a.iter().chain(&slope).enumerate() {
            let got = got[lanes + i];
            let z = z[i % lanes];
            assert!(
                (got - want).abs() <= 2e-6 * want.abs().max(1.0),
                "{activation:?} at {z}: {got}, not {want}"
            );
        }
    }
}

#[test]
fn a_system_is_factored_and_solved_as_on_the_cpu() {
    let Some(mut bench) = Bench::new() else {
        return;
    };
    let (n, m) = (11, 5);
    let a = DMatrix::from_fn(20, n, |i, j| ((i * 31 + j * 17) % 23) as f32 / 7.0 - 1.5);
    let mut system = a.transpose() * &a + DMatrix::identity(n, n);
    let mut solution = DMatrix::from_fn(n, m, |i, j| (i as f32 - 2.0 * j as f32) / 4.0);
    let scratch = bench.plan.scratch as usize;
    let direction = scratch + bench.plan.direction as usize;
    let place = scratch + bench.plan.system as usize;
    let body = "let failed = cholesky_factor(plan.layer[0].inputs, lane);
        let n = plan.layer[0].inputs;
        cholesky_solve(n, own_scratch + plan.direction + plan.layer[0].theta, n, plan.layer[0].outputs, lane, LANES);
        if lane == 0u { memory[0] = f32(failed); }";
    bench.memory[direction..][..n * m].copy_from_slice(solution.as_slice());
    bench.memory[place..][..n * n].copy_from_slice(system.as_slice());
    let got = bench.member(body);
    let mut indefinite = system.clone();
    let packing = &mut Packing::default();
    cholesky::factor(&mut system, packing).unwrap();
    cholesky::solve(&system, &mut solution, &mut SideBySide::default(), packing);
    let its = DMatrix::from_column_slice(n, m, &got[direction..][..n * m]);
    let apart = (its - &solution).norm() / solution.norm();
    assert!(got[0] == 0.0 && apart < 1e-5, "{apart} apart");

    indefinite[(6, 6)] = -1.0;
    bench.memory[place..][..n * n].copy_from_slice(indefinite.as_slice());
    let failed = NotPositiveDefinite { column: 6 };
    assert_eq!(cholesky::factor(&mut indefinite, packing), Err(failed));
    assert_eq!(bench.member(body)[0], 7.0);
}

#[test]
fn directions_are_the_cpus() {
    // More samples in a minibatch than the layer has inputs, and fewer.
    for (most, count) in [(40, 20), (8, 6)] {
        let Some(mut bench) = Bench::of(most) else {
            return;
        };
        let (n, m) = (11, 5);
        let samples = |columns: usize, entry: fn(usize, usize) -> f32| {
            DMatrix::from_fn(
                most,
                columns,
                |i, j| if i < count { entry(i, j) } else { 0.0 },
            )
        };
        let mut a = samples(n, |i, j| ((i * 31 + j * 17) % 23) as f32 / 7.0 - 1.5);
        a.view_mut((0, n - 1), (count, 1)).fill(1.0);
        let delta = samples(m, |i, j| (i as f32 - 2.0 * j as f32) / 4.0);
        let g = a.transpose() * &delta;
        let scratch = bench.plan.scratch as usize;
        let direction = scratch + bench.plan.direction as usize;
        // That of a hidden layer below the last one is in the second place.
        let back = scratch + (bench.plan.delta + bench.plan.delta_size) as usize;
        let inputs = scratch + bench.plan.layer[0].activation as usize;
        let [its_a, its_delta] = [&a, &delta].map(|m| m.rows(0, count).into_owned());
        for (at, matrix) in [(inputs, &its_a), (back, &its_delta), (direction, &g)] {
            bench.memory[at..][..matrix.len()].copy_from_slice(matrix.as_slice());
        }
        let implicit = Implicit {
            tau_theta: 0.5,
            cg_tolerance: 0.0,
            cg_epsilon: CG_EPSILON,
        };
        for rule in rules::rules().map(|rule| rule.with_iterations(4)) {
            bench.settings = MemberSettings {
                rule: rules::number(rule).unwrap(),
                cg_iterations: rule.iterations().unwrap_or(0),
                cg_epsilon: implicit.cg_epsilon as f32,
                shift: 1.0 / implicit.tau_theta as f32,
                ..MemberSettings::default()
            };
            let got = bench.member(&format!("_ = direct(0u, 0u, {count}u, lane);"));
            let arriving = Arriving::Delta {
                inputs: (&a).into(),
                delta: &delta,
            };
            let rows = Rows {
                most,
                padded: padded_rows(most),
            };
            let mut memory = RuleMemory::new(rule, (n, m), rows);
            let (mut packing, mut d) = (Packing::default(), g.clone());
            rule::direction(rule, implicit, &arriving, &mut memory, &mut packing, &mut d).unwrap();
            let its = DMatrix::from_column_slice(n, m, &got[direction..][..n * m]);
            let apart = (its - &d).norm() / d.norm();
            assert!(apart < 1e-5, "{rule}, {count} samples: {apart} apart");
        }
    }
}

/// One that looks at images by these pieces; where the first layer's scratch ends, and so many numbers after it.
fn looking(pieces: &[Piece], results: usize) -> Option<(Bench, Layer, usize)> {
    let planes = Planes {
        channels: 2,
        height: 6,
        width: 5,
    };
    let layers = stack(planes.count(), Some(planes), pieces, Activation::Tanh, 3).unwrap();
    let layer = layers[0];
    let architecture = Architecture {
        inputs: Inputs::plain(planes.count()),
        layers,
        loss: Loss::HalfSquared,
    };
    let mut bench = Bench::with(&architecture, SAMPLES + 2)?;
    let end = bench.plan.memory(1);
    bench.plan.scratch_size += results as u32;
    bench.memory.resize(end + results, 0.0);
    Some((bench, layer, end))
}

/// Samples of a minibatch of images, which may have more.
const SAMPLES: usize = 8;

/// Numbers among which many are the same.
fn whole(rows: usize, columns: usize) -> DMatrix<f32> {
    DMatrix::from_fn(rows, columns, |i, j| ((i * 31 + j * 17) % 7) as f32 - 2.0)
}

#[test]
fn patches_and_what_goes_back_to_them_are_the_cpus() {
    for (size, padding, stride) in [(3, 1, 1), (3, 2, 2), (2, 0, 3), (5, 0, 1)] {
        let piece = Piece::Convolution {
            size,
            channels: 4,
            padding,
            stride,
        };
        let Some((mut bench, layer, end)) = looking(&[piece], 20_000) else {
            return;
        };
        let (n, m) = layer.theta_shape();
        let (places, numbers) = (layer.places(), layer.inputs());
        let [a, g_a] = [1, 0].map(|more| whole(SAMPLES, numbers + more));
        let (delta, theta) = (whole(SAMPLES * places, m), whole(n, m));
        let scratch = bench.plan.scratch as usize;
        let back = scratch + (bench.plan.delta + bench.plan.delta_size) as usize;
        let inputs = scratch + bench.plan.layer[0].activation as usize;
        for (at, matrix) in [(inputs, &a), (back, &delta), (0, &theta)] {
            bench.memory[at..][..matrix.len()].copy_from_slice(matrix.as_slice());
        }
        let mut patches = None;
        let want = layer.augment(&a, SAMPLES, &mut patches);
        let (rows, entries) = (want.nrows(), want.len());
        let got = bench.images(&format!(
            "let patches = inputs_of(0u, {SAMPLES}u);
            let turned = inputs_turned(0u, {SAMPLES}u);
            for (var e = lane; e < {entries}u; e += LANES) {{
                let x = entry(patches, 0u, {SAMPLES}u, e % {rows}u, e / {rows}u);
                let same = x == entry(turned, 0u, {SAMPLES}u, e / {rows}u, e % {rows}u);
                memory[{end}u + e] = select(poison(), x, same);
            }}"
        ));
        assert_eq!(got[end..][..entries], *want.as_slice(), "{piece}");

        let mut g_a = g_a;
        let (scratch, packing) = (&mut Scratch::default(), &mut Packing::default());
        layer.adjoint(&delta, &theta, g_a.as_mut_slice(), scratch, packing);
        let got = bench.images(&format!(
            "let its = adjoint(0u, {SAMPLES}u);
            for (var e = lane; e < its.rows * its.columns; e += LANES) {{
                var sum = 0.0;
                for (var t = 0u; t < its.terms; t++) {{
                    let x = entry(its.a, 0u, {SAMPLES}u, e % its.rows, t);
                    sum += x * entry(its.b, 0u, {SAMPLES}u, t, e / its.rows);
                }}
                memory[{end}u + e] = sum;
            }}"
        ));
        // Whole numbers: however they are added.
        assert_eq!(got[end..][..g_a.len()], *g_a.as_slice(), "{piece}");
    }
}

#[test]
fn the_first_of_the_largest_is_pooled_and_takes_what_comes_back() {
    let convolution = Piece::Convolution {
        size: 1,
        channels: 3,
        padding: 0,
        stride: 1,
    };
    for (size, stride) in [(2, 2), (3, 1), (2, 3)] {
        let pieces = [convolution, Piece::Pooling { size, stride }];
        let Some((mut bench, layer, _)) = looking(&pieces, 0) else {
            return;
        };
        let mut z = whole(SAMPLES, layer.places() * 3);
        z[(1, 7)] = f32::NAN;
        let g = whole(SAMPLES, layer.outputs());
        let own = |place: u32| (bench.plan.scratch + place) as usize;
        let [below, above] = [0, 1].map(|l| bench.plan.layer[l]);
        let (from, behind) = (own(below.values), own(below.arriving));
        let (to, back) = (
            own(above.activation),
            own(bench.plan.delta + bench.plan.delta_size),
        );
        for (at, matrix) in [(from, &z), (behind, &g)] {
            bench.memory[at..][..matrix.len()].copy_from_slice(matrix.as_slice());
        }
        let got = bench.images(&format!(
            "pool(0u, {SAMPLES}u, lane, LANES);
            storageBarrier();
            unpool(0u, {SAMPLES}u, lane, LANES);"
        ));
        let (mut winners, mut pooled) = (vec![0; g.len()], vec![0.0; g.len()]);
        let pooling = layer.pooling.unwrap();
        pooling.forward(z.as_slice(), SAMPLES, &mut winners, &mut pooled);
        let bits = |x: &[f32]| x.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        assert_eq!(
            bits(&got[to..][..g.len()]),
            bits(&pooled),
            "{size}, {stride}"
        );
        let mut delta = vec![0.0; z.len()];
        pooling.backward(g.as_slice(), SAMPLES, &winners, &mut delta);
        assert_eq!(got[back..][..z.len()], delta, "{size}, {stride}");
    }
}

#[test]
fn weights_are_shrunk_as_on_the_cpu() {
    let Some(mut bench) = Bench::new() else {
        return;
    };
    let weights: Vec<f32> = (-32..32).map(|i| i as f32 / 20.0).collect();
    bench.memory[..weights.len()].copy_from_slice(&weights);
    for &shrinkage in Shrinkage::ALL {
        let l1 = L1 {
            factor: 0.1,
            shrinkage,
        };
        bench.settings.l1_size = l1.size(3.0) as f32;
        bench.settings.shrinkage = number(shrinkage);
        let got = bench.member("memory[lane] = shrunk(memory[lane], 0u);");
        // The last row of a column is a bias.
        let column = [&weights[..], &[0.0]].concat();
        let mut thetas = [DMatrix::from_vec(column.len(), 1, column)];
        l1.apply(3.0, &mut thetas);
        assert_eq!(
            got[..weights.len()],
            thetas[0].as_slice()[..weights.len()],
            "{shrinkage:?}"
        );
    }
}

#[test]
fn a_number_that_no_case_names_cannot_pass_unnoticed() {
    let Some(mut bench) = Bench::new() else {
        return;
    };
    let none = 99;
    (bench.plan.activation, bench.plan.loss) = (none, none);
    (bench.settings.rule, bench.settings.optimizer) = (none, none);
    bench.settings.shrinkage = none;
    let got = bench.member(
        "let loss = loss_and_gradient(ALL, 1u, lane, LANES);
        let weights = apply(0u, 0u, 1u, lane, LANES);
        storageBarrier();
        restore(0u, lane, LANES);
        storageBarrier();
        let column = direct(0u, 0u, 1u, lane);
        let direction = direction_is_finite(0u, lane, LANES);
        if lane == 0u {
            memory[0] = activate(0.5);
            memory[1] = slope(0.5);
            memory[2] = loss;
            memory[3] = f32(weights || direction);
            memory[4] = shrunk(0.5, 0u);
        }",
    );
    assert!(got[..3].iter().all(|x| x.is_nan()), "{:?}", &got[..3]);
    assert_eq!(got[3], 0.0);
    assert!(got[4].is_nan());
    let got = bench.wide(
        "let part = takes_part(0u, lane);
        if lane == 0u {
            memory[0] = f32(part);
            memory[1] = f32(statuses[0].verdict == LOSS);
            memory[2] = statuses[0].loss;
        }",
    );
    assert_eq!(got[..2], [0.0, 1.0]);
    assert!(got[2].is_nan());
}
