//! The benchmarks' workloads for JavaScript; only in the bench's own build (feature `bench`).

use crate::engine::evaluate::Evaluator;
use crate::engine::workload::{RULES, minibatches, workload};
use crate::engine::{Ensemble, Look};
use crate::nn::Real;
use wasm_bindgen::prelude::*;

/// Something to be timed.
#[wasm_bindgen]
pub struct Workload {
    ensemble: Ensemble<f32>,
    evaluator: Evaluator<f32>,
    numbers: Vec<f32>,
}

#[wasm_bindgen]
impl Workload {
    /// The net 2-width-width-2 under a rule, and `numbers` for the activation.
    ///
    /// # Panics
    /// When there is no rule of that name.
    #[wasm_bindgen(constructor)]
    pub fn new(
        rule: &str,
        width: usize,
        samples: usize,
        batch: usize,
        numbers: Vec<f32>,
    ) -> Workload {
        let (rule, _) = RULES
            .into_iter()
            .find(|(_, name)| *name == rule)
            .expect("a rule of the benchmarks");
        let ensemble = workload(width, samples, batch, rule);
        let evaluator = Evaluator::new(ensemble.architecture());
        Workload {
            ensemble,
            evaluator,
            numbers,
        }
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
