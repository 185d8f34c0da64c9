//! What is to be walked in a flow, and how. Knows no text.

use crate::flow::{Function, Method, Point};

/// Most steps of a walk.
pub const MOST_STEPS: u64 = 1000;
/// The condition number of a quadratic that names none.
pub(super) const CONDITION: f64 = 20.0;

/// What is to be walked, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct FlowSettings {
    /// On what.
    pub function: Function,
    /// From where.
    pub start: Point,
    /// Step size τ of every method.
    pub tau: f64,
    /// μ of heavy ball and Nesterov.
    pub momentum: f64,
    /// Steps of every method.
    pub steps: u64,
    /// Who walks.
    pub methods: Vec<Method>,
}

impl FlowSettings {
    /// Explicit and implicit steps from the function's own start, too large for the explicit one where that is the point.
    pub fn new(function: Function) -> FlowSettings {
        FlowSettings {
            start: function.start(),
            tau: match function {
                Function::Quadratic { condition, .. } => 21.0 / (10.0 * condition),
                Function::Rosenbrock | Function::Beale => 0.05,
                Function::Himmelblau => 0.03,
                Function::Ridge => 0.25,
                Function::Stiff => 0.2,
            },
            function,
            momentum: 0.9,
            steps: 60,
            methods: vec![Method::Explicit, Method::Implicit],
        }
    }

    /// The quadratics' condition number; of the others the one that a quadratic would start with.
    pub fn condition(&self) -> f64 {
        match self.function {
            Function::Quadratic { condition, .. } => condition,
            _ => CONDITION,
        }
    }
}
