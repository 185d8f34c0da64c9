//! The system `(ÂᵀÂ + I/τ_θ) D = G` of one layer and its solvers.
//! Knows no layer and no graph.

use burn::tensor::{Tensor, TensorData};

use crate::input::Input;
use crate::{Prox, Solver};

/// Factors of this size and below are made on the host, in double precision.
const BLOCK: usize = 128;

/// `Â = [A, 1]` and `G_Z`, in parts one below the other.
pub(crate) struct System {
    parts: Vec<Part>,
    /// Whether the column of ones is there: a bias that learns.
    ones: bool,
    /// `f`.
    size: usize,
    tau_theta: f64,
}

struct Part {
    input: Input,
    /// `A`, where it is not made anew each time: where it is the only one.
    matrix: Option<Tensor<2>>,
    /// `G_Z`.
    signal: Tensor<2>,
}

impl Part {
    fn matrix(&self) -> Tensor<2> {
        match &self.matrix {
            Some(matrix) => matrix.clone(),
            None => self.input.matrix(),
        }
    }
}

impl System {
    /// # Panics
    ///
    /// Panics if there is no part.
    pub(crate) fn new(parts: Vec<(Input, Tensor<2>)>, ones: bool, tau_theta: f64) -> Self {
        let size = parts[0].0.columns() + usize::from(ones);
        let only = parts.len() == 1;
        let part = |(input, signal): (Input, Tensor<2>)| Part {
            matrix: only.then(|| input.matrix()),
            input,
            signal,
        };
        Self {
            parts: parts.into_iter().map(part).collect(),
            ones,
            size,
            tau_theta,
        }
    }

    /// `D`, inputs × outputs, the bias in the last row. `dense` says which of the authors' two ways of conjugate gradients.
    pub(crate) fn solve(&self, prox: Prox, dense: bool) -> Tensor<2> {
        let rows: usize = self.parts.iter().map(|part| part.input.rows()).sum();
        match prox.solver {
            Solver::Auto if rows < self.size => self.by_rows(),
            Solver::Auto | Solver::Exact => self.by_columns(),
            Solver::Rows => self.by_rows(),
            Solver::Cg {
                iterations,
                tolerance,
                eps,
                each_output,
            } => self.by_conjugate_gradients(iterations, tolerance, eps, dense || each_output),
        }
    }

    /// `G = Âᵀ G_Z`.
    fn gradient(&self) -> Tensor<2> {
        self.sum(|part| self.adjoint(part.matrix(), part.signal.clone()))
    }

    fn by_columns(&self) -> Tensor<2> {
        // One pass over the parts, for patches are dear.
        let both = |part: &Part| {
            let a = part.matrix();
            let gradient = self.adjoint(a.clone(), part.signal.clone());
            Tensor::cat(vec![self.gram(a), gradient], 1)
        };
        let both = self.sum(both);
        let outputs = both.dims()[1] - self.size;
        let gram = both.clone().narrow(1, 0, self.size);
        let gradient = both.narrow(1, self.size, outputs);
        let factor = self.inverse_factor(gram);
        factor.clone().transpose().matmul(factor.matmul(gradient))
    }

    fn by_rows(&self) -> Tensor<2> {
        let all = |column: fn(&Part) -> Tensor<2>| {
            Tensor::cat(self.parts.iter().map(column).collect(), 0)
        };
        let (a, signal) = (all(Part::matrix), all(|part| part.signal.clone()));
        let kernel = a.clone().matmul(a.clone().transpose());
        let kernel = if self.ones { kernel + 1.0 } else { kernel };
        let factor = self.inverse_factor(kernel);
        let solved = factor.clone().transpose().matmul(factor.matmul(signal));
        self.adjoint(a, solved)
    }

    fn by_conjugate_gradients(
        &self,
        iterations: usize,
        tolerance: f64,
        eps: f64,
        each_output: bool,
    ) -> Tensor<2> {
        // Of each column, or the same of all.
        let dot = |u: &Tensor<2>, v: &Tensor<2>| {
            let products = (u.clone() * v.clone()).sum_dim(0);
            if each_output {
                products
            } else {
                products.sum_dim(1)
            }
        };
        // 0 where both are: what is solved already stays so.
        let ratio = |over: &Tensor<2>, under: Tensor<2>| {
            let under = under + eps;
            let nothing = under.clone().equal_elem(0.0);
            (over.clone() / under).mask_fill(nothing, 0.0)
        };
        let mut residual = self.gradient();
        let mut direction = residual.clone();
        let mut solution = residual.zeros_like();
        let mut squares = dot(&residual, &residual);
        let enough = squares.clone().mean().reshape([1, 1]) * (tolerance * tolerance);
        for iteration in 1..=iterations {
            let image = self.apply(&direction);
            let step = ratio(&squares, dot(&direction, &image));
            solution = solution + direction.clone() * step.clone();
            if iteration == iterations {
                break;
            }
            residual = residual - image * step;
            let following = dot(&residual, &residual);
            // Reading waits for the device, so it is left out where nothing hangs on it.
            if tolerance > 0.0 && is_below(following.clone().max().reshape([1, 1]), enough.clone())
            {
                break;
            }
            direction = residual.clone() + direction * ratio(&following, squares);
            squares = following;
        }
        solution
    }

    /// `(ÂᵀÂ + I/τ_θ) p`.
    fn apply(&self, p: &Tensor<2>) -> Tensor<2> {
        let image = self.sum(|part| {
            let a = part.matrix();
            let forward = if self.ones {
                let last = self.size - 1;
                a.clone().matmul(p.clone().narrow(0, 0, last)) + p.clone().narrow(0, last, 1)
            } else {
                a.clone().matmul(p.clone())
            };
            self.adjoint(a, forward)
        });
        image + p.clone() / self.tau_theta
    }

    /// `Âᵀ u`.
    fn adjoint(&self, a: Tensor<2>, u: Tensor<2>) -> Tensor<2> {
        let weights = a.transpose().matmul(u.clone());
        if self.ones {
            Tensor::cat(vec![weights, u.sum_dim(0)], 0)
        } else {
            weights
        }
    }

    /// `ÂᵀÂ`.
    fn gram(&self, a: Tensor<2>) -> Tensor<2> {
        let gram = a.clone().transpose().matmul(a.clone());
        if !self.ones {
            return gram;
        }
        let [rows, _] = a.dims();
        let sums = a.sum_dim(0);
        let rows = Tensor::full([1, 1], rows as f64, (&sums.device(), sums.dtype()));
        let right = Tensor::cat(vec![gram, sums.clone()], 0);
        let last = Tensor::cat(vec![sums, rows], 1).transpose();
        Tensor::cat(vec![right, last], 1)
    }

    fn sum(&self, term: impl Fn(&Part) -> Tensor<2>) -> Tensor<2> {
        let terms = self.parts.iter().map(term);
        terms
            .reduce(|sum, term| sum + term)
            .expect("a system has a part")
    }

    /// `W` with `WᵀW = (m + I/τ_θ)⁻¹`: the inverse of the Cholesky factor.
    fn inverse_factor(&self, m: Tensor<2>) -> Tensor<2> {
        let damping = 1.0 / self.tau_theta;
        let [size, _] = m.dims();
        let identity = Tensor::<2>::eye(size, &m.device()).cast(m.dtype());
        inverse_factor(m + identity * damping, damping)
    }
}

/// By blocks, so that all large work is the device's matrix products. `floor` is a lower bound of the eigenvalues.
fn inverse_factor(m: Tensor<2>, floor: f64) -> Tensor<2> {
    let [size, _] = m.dims();
    if size <= BLOCK {
        let (device, dtype) = (m.device(), m.dtype());
        let mut block = m
            .into_data()
            .try_into_vec_as::<f64>()
            .expect("numbers can be converted");
        invert(&mut block, size, floor);
        return Tensor::from_data(TensorData::new(block, [size, size]), (&device, dtype));
    }
    let half = size / 2;
    let rest = size - half;
    let upper = m.clone().narrow(0, 0, half);
    let first = inverse_factor(upper.clone().narrow(1, 0, half), floor);
    let across = first.clone().matmul(upper.narrow(1, half, rest));
    let lower = m.narrow(0, half, rest).narrow(1, half, rest);
    let second = lower - across.clone().transpose().matmul(across.clone());
    let second = inverse_factor(second, floor);
    let corner = -second
        .clone()
        .matmul(across.transpose().matmul(first.clone()));
    let above = Tensor::cat(vec![first, corner.zeros_like().transpose()], 1);
    Tensor::cat(vec![above, Tensor::cat(vec![corner, second], 1)], 0)
}

/// The inverse of the Cholesky factor of a symmetric matrix, row by row, in its place; zeros above the diagonal.
fn invert(m: &mut [f64], size: usize, floor: f64) {
    for i in 0..size {
        for j in 0..=i {
            let (above, row) = m.split_at_mut(i * size);
            let product: f64 = if j < i {
                let other = &above[j * size..];
                row[..j].iter().zip(other).map(|(a, b)| a * b).sum()
            } else {
                row[..j].iter().map(|a| a * a).sum()
            };
            row[j] = if j < i {
                (row[j] - product) / above[j * size + j]
            } else {
                // Without rounding a pivot is never below the smallest eigenvalue. NaN stays.
                let pivot = row[j] - product;
                if pivot < floor { floor } else { pivot }.sqrt()
            };
        }
    }
    // W from L, its rows from above.
    for i in 0..size {
        let (above, row) = m.split_at_mut(i * size);
        let scale = 1.0 / row[i];
        let factors: Vec<f64> = row[..i].to_vec();
        row[..size].fill(0.0);
        row[i] = scale;
        for (j, factor) in factors.into_iter().enumerate() {
            let other = &above[j * size..][..=j];
            for (w, o) in row.iter_mut().zip(other) {
                *w -= scale * factor * o;
            }
        }
    }
}

/// Whether a number is below another.
fn is_below(number: Tensor<2>, other: Tensor<2>) -> bool {
    number.lower(other).into_scalar::<bool>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::Window;
    use burn::tensor::{Device, Distribution};

    fn random<const D: usize>(shape: [usize; D]) -> Tensor<D> {
        Tensor::random(shape, Distribution::Uniform(-1.0, 1.0), &Device::flex())
    }

    fn apart(a: &Tensor<2>, b: &Tensor<2>) -> f32 {
        let size = b.clone().abs().max().into_scalar::<f32>();
        (a.clone() - b.clone()).abs().max().into_scalar::<f32>() / size
    }

    #[test]
    fn parts_of_images_give_the_step_of_all() {
        let window = Window {
            kernel: [3, 2],
            stride: [1, 2],
            dilation: [1, 1],
            padding: [(1, 0), (0, 1)],
        };
        let input = Input::Images {
            images: random([7, 2, 5, 6]),
            window,
            positions: 4 * 3,
        };
        let signal = random([7 * 12, 3]);
        let solvers = [Solver::Exact, Solver::Rows, Solver::cg(3)];
        for solver in solvers {
            let prox = Prox::new().with_solver(solver);
            let step = |most: usize, parts: usize| {
                let all = input.clone().parts(signal.clone(), most);
                assert_eq!(all.len(), parts);
                System::new(all, true, prox.tau_theta).solve(prox, false)
            };
            // An image has 12 × 12 entries.
            let whole = step(usize::MAX, 1);
            for (most, parts) in [(3 * 144, 3), (144, 7), (1, 7)] {
                assert!(apart(&step(most, parts), &whole) < 1e-4, "{solver}, {most}");
            }
        }
    }

    #[test]
    fn factors_in_blocks_are_factors() {
        for size in [1, BLOCK, BLOCK + 1, 3 * BLOCK + 7] {
            let a = random([2 * size, size]);
            let m = a.clone().transpose().matmul(a) + Tensor::eye(size, &Device::flex());
            let w = inverse_factor(m.clone(), 1.0);
            let identity = w.clone().matmul(m).matmul(w.transpose());
            assert!(
                apart(&identity, &Tensor::eye(size, &Device::flex())) < 1e-3,
                "{size}"
            );
        }
    }

    /// Far beyond single precision a pivot comes out below what it can be.
    #[test]
    fn a_matrix_that_rounding_made_indefinite_is_held_at_its_floor() {
        let mut m = vec![1.0, 1.0, 1.0, 1.0 - 1e-9];
        invert(&mut m, 2, 1e-6);
        assert!(m.iter().all(|w| w.is_finite()));
        assert_eq!(m[3], 1e3);
        let mut m = vec![f64::NAN, 1.0, 1.0, 1.0];
        invert(&mut m, 2, 1e-6);
        assert!(m[0].is_nan());
    }
}
