//! The precisions that the engine trains in.
//!
//! A generic function is compiled by the crate that calls it, and whoever calls the engine may be compiled for size.
//! What takes the time is therefore no longer generic here: it is compiled in this crate, once for each precision.

use super::cpu::Ensemble;
use super::evaluate::{Evaluation, Evaluator};
use super::member::Look;
use crate::frame::{Field, Network, Peek};
use crate::nn::Real;
use crate::nn::mlp::Batch;
use nalgebra::DMatrix;

/// `f32` or `f64`, with the engine's inner loops.
pub trait Precision: Real {
    /// See [`Ensemble::step`].
    fn step(ensemble: &mut Ensemble<Self>, order: &[u32], look: Look);
    /// See [`Ensemble::look`].
    fn look(ensemble: &mut Ensemble<Self>, order: &[u32], look: Look);
    /// See [`Ensemble::look_back`].
    fn look_back(ensemble: &mut Ensemble<Self>, look: Look);
    /// See [`Evaluator::evaluate`].
    fn evaluate(
        evaluator: &mut Evaluator<Self>,
        thetas: &[DMatrix<Self>],
        points: &Batch<Self>,
    ) -> Option<Evaluation>;
    /// See [`Evaluator::field_and_neurons`].
    fn field(
        evaluator: &mut Evaluator<Self>,
        thetas: &[DMatrix<Self>],
        ranges: [(f64, f64); 2],
        cells: [usize; 2],
        peek: Option<Peek>,
    ) -> (Field, Option<Network>);
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

    /// What was not looked at when the last step was made, of the members that [know it](super::Member::knows_its_step);
    /// nobody moves.
    pub fn look_back(&mut self, look: Look) {
        T::look_back(self, look);
    }
}

impl<T: Precision> Evaluator<T> {
    /// J and accuracy of `thetas` on all samples of `points`; `None` without any.
    pub fn evaluate(&mut self, thetas: &[DMatrix<T>], points: &Batch<T>) -> Option<Evaluation> {
        T::evaluate(self, thetas, points)
    }

    /// The network's answers on a grid over `x × y` (`columns × rows` cell centres; one row for one input).
    pub fn field(
        &mut self,
        thetas: &[DMatrix<T>],
        x: (f64, f64),
        y: (f64, f64),
        columns: usize,
        rows: usize,
    ) -> Field {
        self.field_and_neurons(thetas, [x, y], [columns, rows], None)
            .0
    }

    /// The same over these ranges, with so many cells per row and column; and from the same forward pass what the neurons
    /// answer, if somebody looks at them.
    pub fn field_and_neurons(
        &mut self,
        thetas: &[DMatrix<T>],
        ranges: [(f64, f64); 2],
        cells: [usize; 2],
        peek: Option<Peek>,
    ) -> (Field, Option<Network>) {
        T::field(self, thetas, ranges, cells, peek)
    }
}

macro_rules! compile_for {
    ($precision:ty) => {
        impl Precision for $precision {
            #[inline(never)]
            fn step(ensemble: &mut Ensemble<Self>, order: &[u32], look: Look) {
                ensemble.step_generic(order, look);
            }

            #[inline(never)]
            fn look(ensemble: &mut Ensemble<Self>, order: &[u32], look: Look) {
                ensemble.look_generic(order, look);
            }

            #[inline(never)]
            fn look_back(ensemble: &mut Ensemble<Self>, look: Look) {
                ensemble.look_back_generic(look);
            }

            #[inline(never)]
            fn evaluate(
                evaluator: &mut Evaluator<Self>,
                thetas: &[DMatrix<Self>],
                points: &Batch<Self>,
            ) -> Option<Evaluation> {
                evaluator.evaluate_generic(thetas, points)
            }

            #[inline(never)]
            fn field(
                evaluator: &mut Evaluator<Self>,
                thetas: &[DMatrix<Self>],
                ranges: [(f64, f64); 2],
                cells: [usize; 2],
                peek: Option<Peek>,
            ) -> (Field, Option<Network>) {
                evaluator.field_generic(thetas, ranges, cells, peek)
            }
        }
    };
}

compile_for!(f32);
compile_for!(f64);
