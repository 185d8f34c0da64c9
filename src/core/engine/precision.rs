//! The precisions that the engine trains in.
//!
//! A generic function is compiled by the crate that calls it, and whoever calls the engine may be compiled for size.
//! What takes the time is therefore no longer generic here: it is compiled in this crate, once for each precision.

use super::cpu::Ensemble;
use super::evaluate::{Evaluation, Evaluator, Painting, Tally};
use super::member::Look;
use crate::frame::{Field, Network, Peek};
use crate::nn::Real;
use crate::nn::mlp::Batch;
use nalgebra::DMatrix;

/// `f32` or `f64`, with the engine's inner loops.
pub trait Precision: Real {
    /// See [`Ensemble::take_minibatch`].
    fn take_minibatch(ensemble: &mut Ensemble<Self>, order: &[u32]);
    /// See [`Ensemble::step_member`].
    fn step_member(ensemble: &mut Ensemble<Self>, i: usize, look: Look, looked: bool);
    /// See [`Ensemble::look`].
    fn look(ensemble: &mut Ensemble<Self>, order: &[u32], look: Look);
    /// See [`Ensemble::look_back`].
    fn look_back(ensemble: &mut Ensemble<Self>, i: usize, look: Look);
    /// See [`Evaluator::evaluate_more`].
    fn evaluate_more(
        evaluator: &mut Evaluator<Self>,
        thetas: &[DMatrix<Self>],
        points: &Batch<Self>,
        tally: &mut Tally,
    );
    /// See [`Evaluator::answer_more`].
    fn answer(
        evaluator: &mut Evaluator<Self>,
        thetas: &[DMatrix<Self>],
        points: &Batch<Self>,
        first: usize,
        to: &mut Vec<f32>,
    );
    /// See [`Evaluator::look_through`].
    fn look_through(
        evaluator: &mut Evaluator<Self>,
        thetas: &[DMatrix<Self>],
        points: &Batch<Self>,
    ) -> Vec<Vec<f32>>;
    /// See [`Evaluator::paint`].
    fn paint(evaluator: &mut Evaluator<Self>, thetas: &[DMatrix<Self>], painting: &mut Painting);
}

impl<T: Precision> Ensemble<T> {
    /// One step of every member that trains, on the training points `order` (ignored for the full batch).
    pub fn step(&mut self, order: &[u32], look: Look) {
        self.take_minibatch(order);
        for i in 0..self.members().len() {
            self.step_member(i, look, look != Look::default());
        }
    }

    /// The next step is made on the training points `order` (ignored for the full batch).
    pub fn take_minibatch(&mut self, order: &[u32]) {
        T::take_minibatch(self, order);
    }

    /// One step of member `i`, if it trains, on the minibatch taken; `looked` says that it is looked into, now or by
    /// [`Ensemble::look_back`].
    pub fn step_member(&mut self, i: usize, look: Look, looked: bool) {
        T::step_member(self, i, look, looked);
    }

    /// What a step of every member that trains would show, on the training points `order`; nobody moves.
    pub fn look(&mut self, order: &[u32], look: Look) {
        T::look(self, order, look);
    }

    /// What was not looked at when member `i` made its last step, if it [knows it](super::Member::knows_its_step); nobody moves.
    pub fn look_back(&mut self, i: usize, look: Look) {
        T::look_back(self, i, look);
    }
}

impl<T: Precision> Evaluator<T> {
    /// J and accuracy of `thetas` on all samples of `points`; `None` without any.
    pub fn evaluate(&mut self, thetas: &[DMatrix<T>], points: &Batch<T>) -> Option<Evaluation> {
        let mut tally = Tally::default();
        while self.evaluate_more(thetas, points, &mut tally) {}
        self.evaluation(points, tally)
    }

    /// Takes a few samples more into an evaluation; whether there are others.
    pub fn evaluate_more(
        &mut self,
        thetas: &[DMatrix<T>],
        points: &Batch<T>,
        tally: &mut Tally,
    ) -> bool {
        if tally.lacks(points) {
            T::evaluate_more(self, thetas, points, tally);
        }
        tally.lacks(points)
    }

    /// Appends what the network answers to a few samples more, class by class as probabilities; whether there are others. `to` holds the
    /// answers to those before them.
    pub fn answer_more(
        &mut self,
        thetas: &[DMatrix<T>],
        points: &Batch<T>,
        to: &mut Vec<f32>,
    ) -> bool {
        let outputs = thetas.last().map_or(1, DMatrix::ncols);
        let known = to.len() / outputs;
        if known < points.samples {
            T::answer(self, thetas, points, known, to);
        }
        to.len() / outputs < points.samples
    }

    /// What each hidden layer answers to the first of some samples: its numbers as they go to the next layer.
    pub fn look_through(&mut self, thetas: &[DMatrix<T>], points: &Batch<T>) -> Vec<Vec<f32>> {
        T::look_through(self, thetas, points)
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
        let mut painting = self.painting(ranges, cells, peek);
        while self.paint(thetas, &mut painting) {}
        self.painted(thetas, painting)
    }

    /// Takes a few cells more into a field; whether there are others.
    pub fn paint(&mut self, thetas: &[DMatrix<T>], painting: &mut Painting) -> bool {
        T::paint(self, thetas, painting);
        painting.lacks()
    }
}

macro_rules! compile_for {
    ($precision:ty) => {
        impl Precision for $precision {
            #[inline(never)]
            fn take_minibatch(ensemble: &mut Ensemble<Self>, order: &[u32]) {
                ensemble.take_minibatch_generic(order);
            }

            #[inline(never)]
            fn step_member(ensemble: &mut Ensemble<Self>, i: usize, look: Look, looked: bool) {
                ensemble.step_member_generic(i, look, looked);
            }

            #[inline(never)]
            fn look(ensemble: &mut Ensemble<Self>, order: &[u32], look: Look) {
                ensemble.look_generic(order, look);
            }

            #[inline(never)]
            fn look_back(ensemble: &mut Ensemble<Self>, i: usize, look: Look) {
                ensemble.look_back_generic(i, look);
            }

            #[inline(never)]
            fn evaluate_more(
                evaluator: &mut Evaluator<Self>,
                thetas: &[DMatrix<Self>],
                points: &Batch<Self>,
                tally: &mut Tally,
            ) {
                evaluator.evaluate_more_generic(thetas, points, tally);
            }

            #[inline(never)]
            fn answer(
                evaluator: &mut Evaluator<Self>,
                thetas: &[DMatrix<Self>],
                points: &Batch<Self>,
                first: usize,
                to: &mut Vec<f32>,
            ) {
                evaluator.answer_generic(thetas, points, first, to);
            }

            #[inline(never)]
            fn look_through(
                evaluator: &mut Evaluator<Self>,
                thetas: &[DMatrix<Self>],
                points: &Batch<Self>,
            ) -> Vec<Vec<f32>> {
                evaluator.look_through_generic(thetas, points)
            }

            #[inline(never)]
            fn paint(
                evaluator: &mut Evaluator<Self>,
                thetas: &[DMatrix<Self>],
                painting: &mut Painting,
            ) {
                evaluator.paint_generic(thetas, painting);
            }
        }
    };
}

compile_for!(f32);
compile_for!(f64);
