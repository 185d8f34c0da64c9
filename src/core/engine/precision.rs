//! The precisions that the engine trains in.
//!
//! A generic function is compiled by the crate that calls it, and whoever calls the engine may be compiled for size.
//! What takes the time is therefore no longer generic here: it is compiled in this crate, once for each precision.

use super::cpu::Ensemble;
use super::evaluate::{Evaluation, Evaluator};
use super::member::Look;
use crate::frame::Field;
use crate::nn::Real;
use crate::nn::mlp::Batch;
use nalgebra::DMatrix;

/// `f32` or `f64`, with the engine's inner loops.
pub trait Precision: Real {
    /// See [`Ensemble::step`].
    fn step(ensemble: &mut Ensemble<Self>, order: &[u32], look: Look);
    /// See [`Ensemble::look`].
    fn look(ensemble: &mut Ensemble<Self>, order: &[u32], look: Look);
    /// See [`Evaluator::evaluate`].
    fn evaluate(
        evaluator: &mut Evaluator<Self>,
        thetas: &[DMatrix<Self>],
        points: &Batch<Self>,
    ) -> Option<Evaluation>;
    /// See [`Evaluator::field`].
    fn field(
        evaluator: &mut Evaluator<Self>,
        thetas: &[DMatrix<Self>],
        x: (f64, f64),
        y: (f64, f64),
        columns: usize,
        rows: usize,
    ) -> Field;
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
                x: (f64, f64),
                y: (f64, f64),
                columns: usize,
                rows: usize,
            ) -> Field {
                evaluator.field_generic(thetas, x, y, columns, rows)
            }
        }
    };
}

compile_for!(f32);
compile_for!(f64);
