//! µs per step, natively, on the workloads that the browser bench runs too, and on images; with the feature `gpu` on a graphics device, too.

use std::thread;

use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group, criterion_main};
use proxprop::engine::Look;
use proxprop::engine::evaluate::Evaluator;
#[cfg(feature = "gpu")]
use proxprop::engine::gpu::{Gpu, GpuEnsemble};
use proxprop::engine::workload::{
    FEW_ROWS, IMAGES, NETS, TIMED, ensemble, few_rows, follow, minibatches, on_images, states,
};
#[cfg(feature = "gpu")]
use proxprop::engine::{Minibatches, Stretch};
use proxprop::lab::systems::workload::{self, GridCheck};
use proxprop::lab::systems::{MetaTraining, What};
use proxprop::nn::{Arithmetic, Real};
use proxprop::steps::Rule;
use proxprop::systems::vsml::{Episode, Learner, META, PHASES, Scratch, gradient};

fn steps(c: &mut Criterion) {
    let mut group = c.benchmark_group("step");
    group.sample_size(20);
    for rule in TIMED {
        for (width, samples) in NETS {
            let mut ensemble = ensemble(1, width, samples, samples, rule, Arithmetic::Portable);
            let id = BenchmarkId::new(rule.to_string(), format!("2-{width}-{width}-2/{samples}"));
            group.bench_function(id, |b| b.iter(|| ensemble.step(&[], Look::default())));
        }
    }
    for rule in [Rule::Backprop, Rule::ProxExact] {
        for (inputs, width, rows) in FEW_ROWS {
            let mut ensemble = few_rows(inputs, width, rows, rule);
            let id = BenchmarkId::new(
                rule.to_string(),
                format!("{inputs}-{width}-{width}-2/{rows}"),
            );
            group.bench_function(id, |b| b.iter(|| ensemble.step(&[], Look::default())));
        }
    }
    for rule in TIMED {
        for (layers, pieces) in IMAGES {
            let mut ensemble = on_images(pieces, rule);
            let id = BenchmarkId::new(rule.to_string(), format!("digits/100, {layers}"));
            group.bench_function(id, |b| b.iter(|| ensemble.step(&[], Look::default())));
        }
    }
    group.finish();
    // So many steps from the beginning of a state, and of the usual one.
    let mut group = c.benchmark_group("state");
    group.sample_size(20);
    for state in states() {
        for (is, usual) in [("state", false), ("usual", true)] {
            let start = state.ensemble(usual);
            let id = BenchmarkId::new(format!("{} {is}", state.name), state.rule());
            group.bench_function(id, |b| b.iter(|| follow(&start)));
        }
    }
    group.finish();
    let mut ensemble = ensemble(1, 8, 200, 10, TIMED[0], Arithmetic::Portable);
    c.bench_function("epoch of 20 minibatches 2-8-8-2", |b| {
        b.iter(|| minibatches(&mut ensemble));
    });
    let mut evaluator = Evaluator::new(ensemble.architecture());
    let thetas = &ensemble.members()[0].state.thetas;
    c.bench_function("field 100x100 2-8-8-2", |b| {
        b.iter(|| evaluator.field(thetas, (-1.0, 1.0), (-1.0, 1.0), 100, 100));
    });
    let mut x: Vec<f32> = (0..1000).map(|i| i as f32 / 200.0 - 2.5).collect();
    c.bench_function("1000 tanh", |b| b.iter(|| f32::tanh_all(&mut x)));
}

/// Steps of related systems' usual runs: of all together, with what is measured for their curves, and of each alone, without.
fn systems(c: &mut Criterion) {
    let mut group = c.benchmark_group("systems");
    group.sample_size(10);
    for usual in workload::usual() {
        group.bench_function(BenchmarkId::new("together", &usual.name), |b| {
            b.iter_batched(
                || workload::open(&usual.query),
                |mut system| system.advance(workload::STEPS),
                BatchSize::PerIteration,
            );
        });
        for (name, query) in workload::alone(&usual.query) {
            let id = BenchmarkId::new(&usual.name, name);
            let mut system = workload::open(&query);
            group.bench_function(id, |b| b.iter(|| workload::steps(&mut *system, 1)));
        }
    }
    let grid = GridCheck::default();
    group.bench_function("grid check", |b| b.iter(|| grid.check()));
    group.finish();
}

/// Cells that learn, and what it takes to train them: a whole cloning, an iteration of each phase of a meta-training on all cores.
fn cells(c: &mut Criterion) {
    let mut group = c.benchmark_group("vsml");
    group.sample_size(10);
    group.bench_function("clone, 20000 iterations", |b| {
        b.iter(|| {
            let mut training = MetaTraining::new(What::Clone, 2, 1);
            (0..What::Clone.iterations()).for_each(|_| training.step());
            training.loss()
        });
    });
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let rule = META.start(1);
    for phase in PHASES {
        let tasks: Vec<_> = (0..phase.tasks as u64)
            .map(|b| META.task(1, b, phase.samples))
            .collect();
        let room = |_| Episode::new(&META.grid(), phase.samples);
        let mut rooms: Vec<_> = (0..cores.min(phase.tasks)).map(room).collect();
        let id = format!("rule, iteration of {} samples", phase.samples);
        group.bench_function(id, |b| {
            b.iter(|| gradient(&META, &rule, &tasks, &mut rooms));
        });
    }
    let (grid, task) = (META.grid(), META.task(1, 0, 1));
    let mut learner = Learner::new(&grid, &task.weights);
    let mut scratch = Scratch::new(&grid);
    group.bench_function("rule, a sample of 2-8-2", |b| {
        b.iter(|| learner.learn(&grid, &rule, &META.how(), (&task.x[0], 0), &mut scratch));
    });
    group.finish();
}

/// The same on images, on the graphics device that there is, ten steps in one go; its name is in the group's, since many are emulated.
#[cfg(feature = "gpu")]
fn on_gpu(c: &mut Criterion) {
    const STEPS: u32 = 10;
    let gpu = match pollster::block_on(Gpu::request()) {
        Ok(gpu) => gpu,
        Err(why) => return eprintln!("nothing is timed on a graphics device: {why}"),
    };
    let mut group = c.benchmark_group(format!("{STEPS} steps on {}", gpu.adapter()));
    group.sample_size(10);
    for rule in TIMED {
        for (layers, pieces) in IMAGES {
            let task = on_images(pieces, rule);
            let placed = task.members().iter();
            let placed = placed.map(|m| (m.settings(), m.state.clone(), f64::NAN));
            let ensemble = GpuEnsemble::new(&gpu, &task, placed.collect(), u64::MAX);
            let mut ensemble = ensemble.expect("it has room for a small network");
            let mut minibatches = Minibatches::default();
            (0..STEPS).for_each(|_| minibatches.push(&[]));
            let stretch = [Stretch {
                steps: u64::from(STEPS),
                read: true,
                recorded: false,
            }];
            let id = BenchmarkId::new(rule.to_string(), format!("digits/100, {layers}"));
            group.bench_function(id, |b| {
                b.iter(|| pollster::block_on(ensemble.train(&minibatches, &stretch)));
            });
        }
    }
    group.finish();
}

#[cfg(not(feature = "gpu"))]
fn on_gpu(_: &mut Criterion) {}

criterion_group!(benches, steps, systems, cells, on_gpu);
criterion_main!(benches);
