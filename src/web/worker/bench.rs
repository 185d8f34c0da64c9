//! The benchmarks' workloads for JavaScript; only in the bench's own build (feature `bench`).

use crate::engine::evaluate::Evaluator;
use crate::engine::gpu::{Gpu, GpuEnsemble};
use crate::engine::workload::{State, ensemble, follow, minibatches, states};
use crate::engine::{Ensemble, Look, Minibatches, Stretch};
use crate::lab::systems::Play;
use crate::lab::systems::workload::{self, GridCheck};
use crate::nn::{Arithmetic, Real};
use crate::steps::Rule;
use std::cell::RefCell;
use wasm_bindgen::prelude::*;

fn named(rule: &str) -> Rule {
    Rule::parse(rule).expect("a rule of the benchmarks")
}

/// Something to be timed.
#[wasm_bindgen]
pub struct Workload {
    ensemble: Ensemble<f32>,
    evaluator: Evaluator<f32>,
    numbers: Vec<f32>,
}

#[wasm_bindgen]
impl Workload {
    /// So many nets 2-width-width-2 under a rule, and `numbers` for the activation.
    ///
    /// # Panics
    /// When there is no rule of that name.
    #[wasm_bindgen(constructor)]
    pub fn new(
        rule: &str,
        members: usize,
        width: usize,
        samples: usize,
        batch: usize,
        numbers: Vec<f32>,
    ) -> Workload {
        let ensemble = ensemble(
            members,
            width,
            samples,
            batch,
            named(rule),
            Arithmetic::Portable,
        );
        let evaluator = Evaluator::new(ensemble.architecture());
        Workload {
            ensemble,
            evaluator,
            numbers,
        }
    }

    /// The beginning of a state under a rule, or of the usual one that it is compared with.
    ///
    /// # Panics
    /// When there is no such state.
    pub fn in_state(name: &str, rule: &str, usual: bool) -> Workload {
        let wanted = |state: &State| state.name == name && state.rule() == named(rule);
        let state = states().into_iter().find(wanted);
        let ensemble = state.expect("a state of the benchmarks").ensemble(usual);
        Workload {
            evaluator: Evaluator::new(ensemble.architecture()),
            ensemble,
            numbers: Vec::new(),
        }
    }

    /// So many times the steps that a state is followed for; the last one's loss.
    pub fn follow(&mut self, count: u32) -> f64 {
        (0..count).fold(f64::NAN, |_, _| follow(&self.ensemble))
    }

    /// So many steps; the last one's loss.
    pub fn steps(&mut self, count: u32) -> f64 {
        for _ in 0..count {
            self.ensemble.step(&[], Look::default());
        }
        self.ensemble.members()[0].loss
    }

    /// So many epochs of 20 minibatches; the last one's loss.
    pub fn epochs(&mut self, count: u32) -> f64 {
        for _ in 0..count {
            minibatches(&mut self.ensemble);
        }
        self.ensemble.members()[0].loss
    }

    /// Class probabilities on a square grid, handed to JavaScript.
    pub fn field(&mut self, side: usize) -> Vec<f32> {
        let thetas = &self.ensemble.members()[0].state.thetas;
        self.evaluator
            .field(thetas, (-1.0, 1.0), (-1.0, 1.0), side, side)
            .values
    }

    /// So many times `tanh` of all numbers; the first result.
    pub fn tanh(&mut self, count: u32) -> f32 {
        let mut results = self.numbers.clone();
        for _ in 0..count {
            results.copy_from_slice(&self.numbers);
            f32::tanh_all(&mut results);
        }
        results[0]
    }
}

/// Runs of a related system, to be timed.
#[wasm_bindgen]
pub struct SystemWorkload {
    system: Box<dyn Play>,
}

#[wasm_bindgen]
impl SystemWorkload {
    /// Those of a query.
    ///
    /// # Panics
    /// When it is none of a related system.
    #[wasm_bindgen(constructor)]
    pub fn new(query: &str) -> SystemWorkload {
        SystemWorkload {
            system: workload::open(query),
        }
    }

    /// The usual ones of all systems, in each of their views: name, query, and the query of as many steps as are allowed, in turn.
    pub fn usual() -> Vec<String> {
        let usual = workload::usual().into_iter();
        usual
            .flat_map(|usual| [usual.name, usual.query, usual.longest])
            .collect()
    }

    /// Each run of a query alone: name and query, in turn.
    ///
    /// # Panics
    /// When it is none of a related system.
    pub fn alone(query: &str) -> Vec<String> {
        let alone = workload::alone(query).into_iter();
        alone.flat_map(|(name, query)| [name, query]).collect()
    }

    /// So many steps; the number of the last one.
    pub fn steps(&mut self, count: u32) -> f64 {
        workload::steps(&mut *self.system, count.into());
        self.system.step() as f64
    }
}

/// Points' boxes to be checked, node by node.
#[wasm_bindgen]
#[derive(Default)]
pub struct GridWorkload {
    check: GridCheck,
}

#[wasm_bindgen]
impl GridWorkload {
    /// On a network that has learned.
    #[wasm_bindgen(constructor)]
    pub fn new() -> GridWorkload {
        GridWorkload::default()
    }

    /// So many checks of all points; how many points stand.
    pub fn check(&self, count: u32) -> f64 {
        (0..count).fold(0, |_, _| self.check.check()) as f64
    }
}

thread_local! {
    static GPU: RefCell<Option<Gpu>> = const { RefCell::new(None) };
}

/// Something to be timed on the graphics device.
#[wasm_bindgen]
pub struct GpuWorkload {
    ensemble: GpuEnsemble,
}

#[wasm_bindgen]
impl GpuWorkload {
    /// So many nets 2-width-width-2 under a rule, full batch.
    ///
    /// # Errors
    /// Why the device cannot train them, in words.
    ///
    /// # Panics
    /// When there is no rule of that name.
    pub async fn put(
        rule: String,
        members: usize,
        width: usize,
        samples: usize,
    ) -> Result<GpuWorkload, String> {
        let known = GPU.with_borrow(Clone::clone);
        let gpu = match known {
            Some(gpu) => gpu,
            None => Gpu::request().await?,
        };
        GPU.set(Some(gpu.clone()));
        let task = ensemble(
            members,
            width,
            samples,
            samples,
            named(&rule),
            Arithmetic::Portable,
        );
        let placed = task.members().iter();
        let placed = placed.map(|m| (m.settings(), m.state.clone(), f64::NAN));
        let ensemble = GpuEnsemble::new(&gpu, &task, placed.collect(), u64::MAX)?;
        Ok(GpuWorkload { ensemble })
    }

    /// So many steps of all; the last one's loss of the first.
    ///
    /// # Errors
    /// Why the device failed, in words.
    pub async fn steps(&mut self, count: u32) -> Result<f64, String> {
        let mut minibatches = Minibatches::default();
        (0..count).for_each(|_| minibatches.push(&[]));
        let stretch = [Stretch {
            steps: u64::from(count),
            read: true,
            recorded: false,
        }];
        let reports = self.ensemble.train(&minibatches, &stretch).await?;
        Ok(reports[0][0].loss)
    }
}
