//! *One step* as it may be looked at: the sub-steps of the explicit and of the implicit sweep side by side.

use serde::{Deserialize, Serialize};

/// One step of a member, taken apart in double precision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OneStep {
    /// The step size τ; `γ = ρ = 1/τ`.
    pub tau: f64,
    /// The proximal step size `τ_θ` of the implicit side.
    pub tau_theta: f64,
    /// Neurons per layer, inputs first.
    pub sizes: Vec<usize>,
    /// The layers that are convolutions, from 1.
    pub convolutions: Vec<usize>,
    /// What the inputs are, where they are other features than the coordinates.
    pub inputs: Vec<String>,
    /// The step of l1 that the run makes after the optimizer's.
    pub l1: Option<L1Step>,
    /// `BackProp`'s sweep.
    pub explicit: SweepFrame,
    /// `ProxProp`'s sweep.
    pub implicit: SweepFrame,
}

impl OneStep {
    /// The hidden layer whose own quadratic is looked at beside a sub-step: the one whose Θ moves in it, or as the next.
    pub fn hidden_layer(&self, sub_step: usize) -> usize {
        let last = self.sizes.len() - 2;
        match self.explicit.sub_steps[sub_step].layer {
            0 => last,
            layer => layer.min(last),
        }
    }

    /// The sub-step in which a hidden layer's Θ moves.
    pub fn moves(&self, layer: usize) -> Option<usize> {
        let sub_steps = &self.explicit.sub_steps;
        sub_steps
            .iter()
            .position(|s| s.formula == Formula::ThetaExplicit && s.layer == layer)
    }
}

/// One sweep over the variables of E.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SweepFrame {
    /// The rule as in the query string.
    pub rule: String,
    /// In the order in which they are made; the first is the forward pass.
    pub sub_steps: Vec<SubStep>,
    /// Proposition 1 as a number: the largest `|swept − stepped|` over all entries of all `Θ`, relative to the largest
    /// `|stepped|` where that is above 1; stepped is `Θ − τ D` with the rule's directions (`D = G` on the explicit side).
    pub mismatch: f64,
    /// What the run's step of l1 makes of the swept Θ.
    pub shrunk: Option<Shrunk>,
}

/// How l1 draws weights towards zero.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct L1Step {
    /// By how much, `s = τ · l1`.
    pub size: f64,
    /// Whether by `w ← sign(w) max(|w| − s, 0)`, its implicit step, or by `w ← w − s sign(w)`.
    pub implicit: bool,
}

/// What a step of l1 has done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shrunk {
    /// `‖·‖` of what is added to the weights of all layers.
    pub change: f64,
    /// Weights, biases not counted.
    pub weights: usize,
    /// How many of them are exactly zero after it.
    pub zeros: usize,
}

/// One sub-step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SubStep {
    /// `forward`, `theta3`, `a2`, `z2`, `theta2`, …
    pub at: String,
    /// Which formula moves the variable.
    pub formula: Formula,
    /// The layer (from 1) whose variable moves; 0 for the forward pass, which sets them all.
    pub layer: usize,
    /// `‖·‖` (Frobenius) of what is added to the variable.
    pub change: f64,
    /// E before the sub-step; for the forward pass that after it.
    pub before: f64,
    /// E after the sub-step, and its terms.
    pub energy: EnergyTerms,
}

/// The formulas of the sub-steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Formula {
    /// `Z_l ← Â_{l-1} Θ_l`, `A_l ← σ(Z_l)` for every hidden layer.
    Forward,
    /// `Θ_L ← Θ_L − τ ∂J/∂Θ_L`.
    OutputTheta,
    /// `A_{L-1} ← A_{L-1} − τ ∂J/∂A_{L-1}`.
    OutputA,
    /// `Z_l ← Z_l − σ'(Z_l) ⊙ (σ(Z_l) − A_l)`.
    Z,
    /// `Θ_l ← Θ_l − Â_{l-1}ᵀ(Â_{l-1} Θ_l − Z_l)`.
    ThetaExplicit,
    /// `Θ_l ← argmin_Θ ½‖Â_{l-1} Θ − Z_l‖² + 1/(2τ_θ) ‖Θ − Θ_l‖²`.
    ThetaImplicit,
    /// `A_{l-1} ← A_{l-1} − (Â_{l-1} Θ_l − Z_l) Θ_lᵀ`; the layer of the sub-step is `l − 1`.
    A,
}

/// E and its terms.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EnergyTerms {
    /// E.
    pub total: f64,
    /// J.
    pub loss: f64,
    /// `γ/2 ‖σ(Z_l) − A_l‖²` per hidden layer.
    pub activation: Vec<f64>,
    /// `ρ/2 ‖Â_{l-1} Θ_l − Z_l‖²` per hidden layer.
    pub affine: Vec<f64>,
}
