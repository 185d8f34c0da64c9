//! How a layer takes its implicit step: the proximal step size and the solver.
//! Knows no layer and no tensor.

use burn::config::Config;

/// The implicit step of a layer: `D = (ÂᵀÂ + I/τ_θ)⁻¹ G` in place of the gradient `G`.
///
/// ```
/// use proxprop_burn::{Prox, Solver};
///
/// let prox = Prox::new().with_tau_theta(0.05).with_solver(Solver::cg(3));
/// assert_eq!(Prox::new(), Prox { tau_theta: 1.0, solver: Solver::Auto });
/// # assert_ne!(prox, Prox::new());
/// ```
#[derive(Config, Debug, Copy, PartialEq)]
pub struct Prox {
    /// The proximal step size `τ_θ`, above 0. The smaller, the nearer is `D/τ_θ` to the gradient.
    #[config(default = 1.0)]
    pub tau_theta: f64,
    /// How the linear system is solved.
    #[config(default = "Solver::Auto")]
    pub solver: Solver,
}

/// How `(ÂᵀÂ + I/τ_θ) D = G` is solved. `Â` has `R` rows, one for each sample (dense) or each sample and position
/// (convolution), and `f` columns, one for each parameter of an output.
#[derive(Config, Debug, Copy, PartialEq)]
pub enum Solver {
    /// Exactly, by whichever of the next two has the smaller system.
    Auto,
    /// Exactly, by the Cholesky factor of `ÂᵀÂ + I/τ_θ`, `f × f`.
    Exact,
    /// Exactly, by the Cholesky factor of `ÂÂᵀ + I/τ_θ`, `R × R`: `D = Âᵀ (ÂÂᵀ + I/τ_θ)⁻¹ G_Z`. Cheap where a minibatch
    /// has fewer rows than the layer has inputs.
    Rows,
    /// By conjugate gradients from `D = 0`, without forming a matrix.
    Cg {
        /// At most so many iterations, 1 or more.
        iterations: usize,
        /// Ends when every residual's norm is below this share of the gradient's; 0 never ends early.
        tolerance: f64,
        /// Is added to the denominators of both step lengths. It makes directions shorter where gradients are small.
        eps: f64,
        /// A convolution too has step lengths of its own for each output, as dense layers always have; otherwise one for
        /// the whole layer.
        each_output: bool,
    },
}

impl Solver {
    /// Conjugate gradients with the settings of the paper's authors: tolerance 0.01, eps 1e-6, one step length for the whole
    /// of a convolution.
    pub fn cg(iterations: usize) -> Self {
        Self::Cg {
            iterations,
            tolerance: 1e-2,
            eps: 1e-6,
            each_output: false,
        }
    }
}

impl Default for Prox {
    fn default() -> Self {
        Self::new()
    }
}

impl Prox {
    /// # Panics
    ///
    /// Panics with what is allowed if a setting is not.
    pub(crate) fn check(self) {
        let tau_theta = self.tau_theta;
        assert!(
            tau_theta.is_finite() && tau_theta > 0.0,
            "tau_theta is {tau_theta}; it must be a number above 0"
        );
        if let Solver::Cg {
            iterations,
            tolerance,
            eps,
            ..
        } = self.solver
        {
            assert!(
                iterations > 0,
                "iterations is 0; conjugate gradients need 1 or more"
            );
            for (name, value) in [("tolerance", tolerance), ("eps", eps)] {
                assert!(
                    value.is_finite() && value >= 0.0,
                    "{name} is {value}; it must be a number of 0 or more"
                );
            }
        }
    }
}
