//! The quadratic that a hidden layer's parameters step on, cut along its steepest and its flattest direction.
//!
//! After the sub-step `z l` of the sweep, layer `l` faces `q(Θ) = ½‖ÂΘ − Z‖²` with curvature `M = ÂᵀÂ` in every
//! column. In M's eigenbasis `q` falls apart into one parabola per eigenvalue and column, and so do the explicit step
//! `−∇q` and the proximal point `−(M + I/τ_θ)⁻¹ ∇q`: along an eigenvector `v` both move along the fixed row
//! `c = ∇qᵀv / ‖∇qᵀv‖`. The plane through the current `Θ` spanned by `v_max c_maxᵀ` and `v_min c_minᵀ` therefore shows
//! everything that these two do along the extreme eigenvectors, exactly; projecting loses what they do along the
//! others, which neither feels nor disturbs the picture. Conjugate gradients do couple the eigenvectors, and the
//! columns' solves differ: their iterates are projected, and how far off the plane they are is said.

use super::one_step::Snapshot;
use crate::frame::{LayerProblem, PlanePoint};
use crate::nn::product::{Packing, gram};
use crate::steps::cg::{self, CgMemory};
use crate::steps::gradient::Arriving;
use crate::steps::{Breakdown, Directions, Implicit, Rule};
use nalgebra::{DMatrix, DVector, SymmetricEigen};

/// Points on the path of proximal points.
const PATH: usize = 160;
/// Iterates shown where the member's rule names no number of its own, and at most.
const ITERATES: (u32, u32) = (5, 30);

/// Why there is no problem to look at. Layers and neurons count from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoProblem {
    /// There is no such hidden layer.
    Layer {
        /// Asked for.
        layer: usize,
        /// Hidden layers there are.
        most: usize,
    },
    /// The layer has no such neuron.
    Neuron {
        /// Asked for.
        neuron: usize,
        /// Neurons of the layer.
        most: usize,
    },
    /// The step breaks down on the way.
    Step(Breakdown),
}

impl From<Breakdown> for NoProblem {
    fn from(breakdown: Breakdown) -> Self {
        NoProblem::Step(breakdown)
    }
}

/// One extreme eigenvector with the row along which the layer moves there.
struct Direction {
    lambda: f64,
    /// `v`
    vector: DVector<f64>,
    /// `c`, of length 1.
    row: DVector<f64>,
    /// `‖∇qᵀv‖`
    slope: f64,
}

impl Direction {
    fn of(lambda: f64, vector: DVector<f64>, gradient: &DMatrix<f64>) -> Direction {
        let mut row = gradient.tr_mul(&vector);
        let slope = row.norm();
        if slope > 0.0 {
            row /= slope;
        } else {
            row[0] = 1.0;
        }
        Direction {
            lambda,
            vector,
            row,
            slope,
        }
    }

    /// `⟨v cᵀ, Δ⟩`
    fn coordinate(&self, delta: &DMatrix<f64>) -> f64 {
        self.vector.dot(&(delta * &self.row))
    }

    /// The proximal point's coordinate.
    fn proximal(&self, tau_theta: f64) -> f64 {
        -self.slope / (self.lambda + 1.0 / tau_theta)
    }
}

impl Snapshot {
    /// The problem of hidden layer `layer` (from 1), or of its neuron `neuron` (from 1) alone, after the sub-step
    /// `z l`, for the member's `τ_θ`.
    ///
    /// # Errors
    /// When there is no such hidden layer or neuron, or the step breaks down on the way.
    pub fn layer_problem(
        &self,
        layer: usize,
        neuron: Option<usize>,
    ) -> Result<LayerProblem, NoProblem> {
        let missing = |number: usize, most: usize| !(1..=most).contains(&number);
        let most = self.architecture.layers.len() - 1;
        if missing(layer, most) {
            return Err(NoProblem::Layer { layer, most });
        }
        let (_, most) = self.architecture.layers[layer - 1].theta_shape();
        if let Some(neuron) = neuron.filter(|&neuron| missing(neuron, most)) {
            return Err(NoProblem::Neuron { neuron, most });
        }
        let Directions { gradient, .. } = self.directions(Rule::Backprop)?;

        // By Proposition 1 the quadratic's residual ÂΘ − Z is τ ∂J/∂Z, and its gradient τ ∂J/∂Θ.
        let tau = self.settings.size.tau;
        let of_columns = |m: &DMatrix<f64>| {
            let chosen = neuron.map_or(0..m.ncols(), |n| n - 1..n);
            m.columns_range(chosen) * tau
        };
        let gap = of_columns(gradient.delta(layer - 1));
        let slope = of_columns(&gradient.of_layer(layer - 1, &self.batch));
        let own = self.settings.rule.iterations();
        let iterations = own.map_or(ITERATES.0, |k| k.min(ITERATES.1));
        let rule = self.settings.rule.of_layer(layer - 1, &self.architecture);
        // A neuron alone is a column alone.
        let together = neuron.is_none() && matches!(rule, Rule::ProxCg(_));
        let quadratic = Quadratic {
            inputs: gradient
                .activations
                .hidden
                .inputs_of(layer - 1, &self.batch),
            value: 0.5 * gap.norm_squared(),
            gradient: slope,
            tau,
        };
        Ok(LayerProblem {
            layer,
            neuron,
            ..quadratic.in_plane(self.settings.implicit, (iterations, together))
        })
    }
}

/// `q` around the current parameters.
struct Quadratic<'a> {
    /// `Â`
    inputs: &'a DMatrix<f64>,
    /// `q` at the current parameters.
    value: f64,
    /// `∇q` there.
    gradient: DMatrix<f64>,
    /// τ, by which `gradient` is larger than ∂J/∂Θ.
    tau: f64,
}

impl Quadratic<'_> {
    fn in_plane(&self, implicit: Implicit, iterations: (u32, bool)) -> LayerProblem {
        let (n, tau_theta) = (self.inputs.ncols(), implicit.tau_theta);
        let mut curvature = DMatrix::zeros(n, n);
        gram(self.inputs, &mut curvature, &mut Packing::default());
        let eigen = SymmetricEigen::new(curvature.clone());
        let direction = |i: usize, lambda: f64| {
            Direction::of(
                lambda,
                eigen.eigenvectors.column(i).into_owned(),
                &self.gradient,
            )
        };
        let (steepest, lambda_max) = eigen.eigenvalues.argmax();
        let (flattest, lambda_min) = eigen.eigenvalues.argmin();
        // Eigenvalues are known to about ε λ_max: below that there is no curvature, and q is constant there.
        let flat = lambda_min <= 8.0 * n as f64 * f64::EPSILON * lambda_max;
        let steep = direction(steepest, lambda_max);
        let mut shallow = direction(flattest, if flat { 0.0 } else { lambda_min });
        if flat {
            shallow.slope = 0.0;
        }

        let project = |delta: &DMatrix<f64>| {
            let at = [steep.coordinate(delta), shallow.coordinate(delta)];
            let inside = at[0] * at[0] + at[1] * at[1];
            PlanePoint {
                at,
                value: self.value
                    + self.gradient.dot(delta)
                    + 0.5 * delta.dot(&(&curvature * delta)),
                off_plane: (delta.norm_squared() - inside).max(0.0).sqrt(),
            }
        };
        let proximal = || {
            let mut delta = eigen.eigenvectors.tr_mul(&self.gradient);
            for (mut row, &lambda) in delta.row_iter_mut().zip(&eigen.eigenvalues) {
                row /= -(lambda.max(0.0) + 1.0 / tau_theta);
            }
            &eigen.eigenvectors * delta
        };
        let path_tau_theta = path(lambda_max, shallow.lambda);
        let at = |tau: f64| [steep.proximal(tau), shallow.proximal(tau)];
        let minimum = |d: &Direction| (d.lambda > 0.0).then(|| -d.slope / d.lambda);
        let force = self.gradient.norm_squared();
        LayerProblem {
            layer: 0,
            neuron: None,
            dimension: self.gradient.len(),
            lambda_max,
            lambda_min: shallow.lambda,
            explicit_limit: 2.0 / lambda_max,
            value: self.value,
            slope: [steep.slope, shallow.slope],
            minimum: [minimum(&steep), minimum(&shallow)],
            tau_theta,
            explicit: project(&-&self.gradient),
            proximal: project(&proximal()),
            path: path_tau_theta.iter().map(|&tau| at(tau)).collect(),
            path_tau_theta,
            iterates: self
                .iterates(implicit, iterations)
                .iter()
                .map(project)
                .collect(),
            seen: if force > 0.0 {
                (steep.slope * steep.slope + shallow.slope * shallow.slope) / force
            } else {
                1.0
            },
        }
    }

    /// Where 1, 2, …, `most` conjugate-gradient iterations on the proximal system end.
    fn iterates(&self, implicit: Implicit, (most, together): (u32, bool)) -> Vec<DMatrix<f64>> {
        let mut memory = CgMemory::new(self.gradient.shape(), self.inputs.nrows());
        let mut packing = Packing::default();
        // As a step solves it: CG's ε is absolute.
        let implicit = Implicit {
            cg_tolerance: 0.0,
            ..implicit
        };
        let gradient = &self.gradient / self.tau;
        let arriving = Arriving::Whole {
            inputs: &[self.inputs.into()],
            gradient: &gradient,
        };
        let mut solve = |iterations| {
            let mut d = gradient.clone();
            cg::solve(
                &arriving,
                implicit,
                (iterations, together),
                &mut memory,
                &mut packing,
                &mut d,
            );
            d * -self.tau
        };
        (1..=most).map(&mut solve).collect()
    }
}

/// Proximal step sizes from one that hardly moves along the steepest direction to one that has all but arrived along
/// the flattest, evenly spaced in their logarithm.
fn path(lambda_max: f64, lambda_min: f64) -> Vec<f64> {
    let from = 0.01 / lambda_max;
    let to = 100.0 / lambda_min.max(1e-6 * lambda_max);
    (0..PATH)
        .map(|i| from * libm::pow(to / from, i as f64 / (PATH - 1) as f64))
        .collect()
}
