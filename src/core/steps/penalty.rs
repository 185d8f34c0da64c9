//! The quadratic penalty energy E and the sub-steps of its sweep (MATH.md, table of sub-steps):
//! `BackProp` and `ProxProp` as sequential steps on one energy. Computed on request, with memory of its own.

use super::breakdown::Breakdown;
use super::cholesky::NotPositiveDefinite;
use super::diagnostics::{norm, sum};
use super::gradient::{Arriving, Gradient, all_finite};
use super::implicit::Implicit;
use super::rule::{self, Rule, RuleMemory};
use crate::nn::Real;
use crate::nn::layer::{Pool, Rows, Scratch};
use crate::nn::mlp::{Activations, Architecture, Batch};
use crate::nn::product::{Packing, affine, clear_padding, transposed_times};
use nalgebra::DMatrix;
use std::fmt;

/// A swept network: the parameters after the last sub-step, and what each sub-step did.
#[derive(Clone, Debug)]
pub struct Sweep<T: Real> {
    /// `Θ` after the sweep; for `backprop` the parameters one SGD step of size τ gives (Proposition 1).
    pub thetas: Vec<DMatrix<T>>,
    /// E after each sub-step, in the order of [`moves`].
    pub energy: Vec<f64>,
    /// The terms of which that E is the sum.
    pub terms: Vec<Terms>,
    /// `‖·‖` (Frobenius) of what each sub-step added to the variable it moves; 0 for `forward`.
    pub changes: Vec<f64>,
}

/// The terms of E.
#[derive(Clone, Debug, PartialEq)]
pub struct Terms {
    /// `J(Â_{L-1} Θ_L)`.
    pub loss: f64,
    /// `γ/2 ‖σ(Z_l) − A_l‖²`, hidden layers in order.
    pub activation: Vec<f64>,
    /// `ρ/2 ‖Â_{l-1} Θ_l − Z_l‖²`, hidden layers in order.
    pub affine: Vec<f64>,
}

impl Terms {
    /// E.
    pub fn total(&self) -> f64 {
        let penalties = self.activation.iter().zip(&self.affine).map(|(a, z)| a + z);
        self.loss + penalties.sum::<f64>()
    }
}

/// What a sub-step moves, with the layer (from 1). Printed as `forward`, `theta3`, `a2`, `z2`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// Every `Z_l` and `A_l`, to where the forward pass puts them.
    Forward,
    /// The parameters `Θ_l`.
    Theta(usize),
    /// The activations `A_l`.
    A(usize),
    /// The pre-activations `Z_l`.
    Z(usize),
}

impl fmt::Display for Move {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Move::Forward => f.write_str("forward"),
            Move::Theta(l) => write!(f, "theta{l}"),
            Move::A(l) => write!(f, "a{l}"),
            Move::Z(l) => write!(f, "z{l}"),
        }
    }
}

/// The sub-steps of a sweep over `layers` affine layers, in order.
pub fn moves(layers: usize) -> Vec<Move> {
    let mut moves = vec![Move::Forward, Move::Theta(layers)];
    if layers > 1 {
        moves.push(Move::A(layers - 1));
    }
    for l in (1..layers).rev() {
        moves.extend([Move::Z(l), Move::Theta(l)]);
        if l > 1 {
            moves.push(Move::A(l - 1));
        }
    }
    moves
}

/// The names of [`moves`]: `forward`, `theta3`, `a2`, `z2`, …
pub fn sub_steps(layers: usize) -> Vec<String> {
    moves(layers).iter().map(Move::to_string).collect()
}

/// The state of the sweep: every variable of E, and E with what it is made of. A sub-step moves one variable; only the
/// terms that it stands in are measured again.
struct Variables<'a, T: Real> {
    architecture: &'a Architecture,
    batch: &'a Batch<T>,
    /// `γ = ρ = 1/τ`.
    weight: f64,
    thetas: Vec<DMatrix<T>>,
    /// `A_1 … A_{L-1}` with the ones.
    a: Vec<DMatrix<T>>,
    /// `Z_1 … Z_{L-1}`.
    z: Vec<DMatrix<T>>,
    /// `Â_{l-1} Θ_l` of the hidden layers, zero in the padding.
    affine: Vec<DMatrix<T>>,
    /// `σ(Z_l)`, with ones and padding as in `A_l`.
    activated: Vec<DMatrix<T>>,
    pools: Vec<Pool<T>>,
    patches: Vec<Option<DMatrix<T>>>,
    terms: Terms,
    packing: Packing<T>,
}

impl<'a, T: Real> Variables<'a, T> {
    /// Where `forward` has put them: every penalty is zero there, or no number.
    fn of(
        architecture: &'a Architecture,
        thetas: &[DMatrix<T>],
        batch: &'a Batch<T>,
        forward: &Gradient<T>,
        tau: f64,
    ) -> Variables<'a, T> {
        let last = thetas.len() - 1;
        let Activations { hidden, output, .. } = &forward.activations;
        let mut v = Variables {
            architecture,
            batch,
            weight: 1.0 / tau,
            thetas: thetas.to_vec(),
            a: hidden.values.clone(),
            z: Vec::with_capacity(last),
            affine: Vec::new(),
            activated: hidden.values.clone(),
            pools: hidden.pools.clone(),
            patches: vec![None; thetas.len()],
            terms: Terms {
                loss: loss_of(architecture, batch, output),
                activation: Vec::with_capacity(last),
                affine: Vec::with_capacity(last),
            },
            packing: Packing::new(forward.activations.packing.arithmetic()),
        };
        let unmoved = |m: &DMatrix<T>| if all_finite(m) { 0.0 } else { f64::NAN };
        for l in 0..last {
            let z = v.affine(l);
            v.terms.activation.push(unmoved(&v.a[l]));
            v.terms.affine.push(unmoved(&z));
            v.z.push(z);
        }
        v.affine.clone_from(&v.z);
        v
    }

    /// `Â_{l-1} Θ_l` (l from 0) with zero padding.
    fn affine(&mut self, l: usize) -> DMatrix<T> {
        let (theta, samples) = (&self.thetas[l], self.batch.samples);
        let a = l.checked_sub(1).map_or(&self.batch.inputs, |l| &self.a[l]);
        let inputs = self.architecture.layers[l].augment(a, samples, &mut self.patches[l]);
        let mut z = DMatrix::zeros(inputs.nrows(), theta.ncols());
        affine(inputs, theta, z.as_mut_slice(), &mut self.packing);
        for column in z.as_mut_slice().chunks_exact_mut(a.nrows()) {
            clear_padding(column, samples);
        }
        z
    }

    /// The output layer's inputs or parameters, or a hidden layer's (l from 0), have moved.
    fn measure_layer(&mut self, l: usize) {
        let affine = self.affine(l);
        if l == self.z.len() {
            self.terms.loss = loss_of(self.architecture, self.batch, &affine);
        } else {
            self.affine[l] = affine;
            self.measure_affine(l);
        }
    }

    fn measure_affine(&mut self, l: usize) {
        self.terms.affine[l] = self.penalty(&self.affine[l], &self.z[l]);
    }

    fn measure_activation(&mut self, l: usize) {
        self.terms.activation[l] = self.penalty(&self.activated[l], &self.a[l]);
    }

    /// Half the weight times `‖p − q‖²`; the padding of both is zero.
    fn penalty(&self, p: &DMatrix<T>, q: &DMatrix<T>) -> f64 {
        let squares = sum(p, q, |p, q| {
            let e = (p - q).to_f64();
            e * e
        });
        0.5 * self.weight * squares
    }

    /// `A_l ← A_l − change` (l from 0).
    fn move_a(&mut self, l: usize, change: &DMatrix<T>) {
        self.a[l] -= change;
        self.measure_layer(l + 1);
        self.measure_activation(l);
    }

    /// `Z_l ← Z_l − change` (l from 0).
    fn move_z(&mut self, l: usize, change: &DMatrix<T>) {
        self.z[l] -= change;
        let (layer, arithmetic) = (self.architecture.layers[l], self.packing.arithmetic());
        let (samples, z) = (self.batch.samples, self.z[l].as_slice());
        let (a, pool) = (&mut self.activated[l], &mut self.pools[l]);
        layer.activate(samples, arithmetic, a, pool, |to| {
            to[..z.len()].copy_from_slice(z);
        });
        self.measure_activation(l);
        self.measure_affine(l);
    }

    /// `Θ_l ← Θ_l − change` (l from 0).
    fn move_theta(&mut self, l: usize, change: &DMatrix<T>) {
        self.thetas[l] -= change;
        self.measure_layer(l);
    }
}

/// J of outputs.
fn loss_of<T: Real>(architecture: &Architecture, batch: &Batch<T>, output: &DMatrix<T>) -> f64 {
    let mut unused = output.clone();
    let Batch {
        samples, targets, ..
    } = batch;
    architecture
        .loss
        .value_and_gradient(output, targets, *samples, &mut unused)
}

/// One whole sweep from `thetas` on `batch`, `γ = ρ = 1/τ`: the explicit one for `backprop`, the implicit one for
/// the other rules. `forward` has passed `thetas` forward and back (right-hand sides use it).
///
/// # Errors
/// [`Breakdown`] when an implicit sub-step's system cannot be solved.
pub fn sweep<T: Real>(
    architecture: &Architecture,
    thetas: &[DMatrix<T>],
    batch: &Batch<T>,
    forward: &Gradient<T>,
    rule: Rule,
    tau: f64,
    implicit: Implicit,
) -> Result<Sweep<T>, Breakdown> {
    let (mut terms, mut changes) = (Vec::new(), Vec::new());
    let thetas = walk(
        architecture,
        thetas,
        batch,
        forward,
        rule,
        tau,
        implicit,
        |all, change| {
            terms.push(all.clone());
            changes.push(change.map_or(0.0, norm));
        },
    )?;
    Ok(Sweep {
        thetas,
        energy: terms.iter().map(Terms::total).collect(),
        terms,
        changes,
    })
}

/// [`Sweep::energy`] alone.
///
/// # Errors
/// As [`sweep`].
pub fn energies<T: Real>(
    architecture: &Architecture,
    thetas: &[DMatrix<T>],
    batch: &Batch<T>,
    forward: &Gradient<T>,
    rule: Rule,
    tau: f64,
    implicit: Implicit,
) -> Result<Vec<f64>, Breakdown> {
    let mut energy = Vec::with_capacity(1 + 3 * thetas.len());
    walk(
        architecture,
        thetas,
        batch,
        forward,
        rule,
        tau,
        implicit,
        |terms, _| energy.push(terms.total()),
    )?;
    Ok(energy)
}

/// Makes the sweep: its terms of E and what was added, sub-step by sub-step, and the parameters after it.
fn walk<T: Real>(
    architecture: &Architecture,
    thetas: &[DMatrix<T>],
    batch: &Batch<T>,
    forward: &Gradient<T>,
    rule: Rule,
    tau: f64,
    implicit: Implicit,
    mut visit: impl FnMut(&Terms, Option<&DMatrix<T>>),
) -> Result<Vec<DMatrix<T>>, Breakdown> {
    let last = thetas.len() - 1;
    let step = T::of(tau);
    let mut v = Variables::of(architecture, thetas, batch, forward, tau);
    let (fixed, scratch) = (&forward.activations.hidden, &mut Scratch::default());
    visit(&v.terms, None);
    // ∂⟨g, ÂΘ⟩/∂A of layer `l` (from 0), which moves the A below it.
    let back = |v: &mut Variables<'_, T>, l: usize, g: &DMatrix<T>, scratch: &mut Scratch<T>| {
        let mut g_a = DMatrix::zeros(v.a[l - 1].nrows(), v.a[l - 1].ncols());
        let (layer, room) = (&architecture.layers[l], g_a.as_mut_slice());
        layer.adjoint(g, &thetas[l], room, scratch, &mut v.packing);
        g_a
    };

    let change = forward.of_layer(last, batch) * step;
    v.move_theta(last, &change);
    visit(&v.terms, Some(&change));
    if last > 0 {
        let mut g_a = back(&mut v, last, forward.delta(last), scratch);
        g_a *= step;
        v.move_a(last - 1, &g_a);
        visit(&v.terms, Some(&g_a));
    }
    for l in (0..last).rev() {
        // z: Z ← Z − J_σᵀ(σ(Z) − A), then its distance from ÂΘ is the sub-problem's right-hand side.
        let layer = &architecture.layers[l];
        let mut gap = DMatrix::zeros(v.z[l].nrows(), v.z[l].ncols());
        let (a, pool) = (&fixed.values[l], &fixed.pools[l]);
        let arithmetic = v.packing.arithmetic();
        layer.activate_adjoint(arithmetic, a, pool, &mut gap, scratch, |to, _| {
            let pairs = a.iter().zip(&v.a[l]);
            to.iter_mut()
                .zip(pairs)
                .for_each(|(to, (&fixed, &moved))| *to = fixed - moved);
        });
        v.move_z(l, &gap);
        visit(&v.terms, Some(&gap));
        // theta: the quadratic's gradient is Âᵀ(ÂΘ − Z) = Âᵀ gap, its prox direction the rule's answer to it.
        let inputs = fixed.inputs_of(l, batch);
        let mut g = DMatrix::zeros(inputs.ncols(), gap.ncols());
        transposed_times(inputs, &gap, &mut g, &mut v.packing);
        // Asked at the scale of J's gradient, as a step asks it: CG's ε is absolute.
        g /= step;
        let mut direction = g.clone();
        let (rule, rows) = (rule.of_layer(l, architecture), Rows::full(inputs.nrows()));
        let mut memory = RuleMemory::new(rule, g.shape(), rows);
        let arriving = Arriving::Whole {
            inputs: &[inputs.into()],
            gradient: &g,
        };
        let packing = &mut v.packing;
        let answer = rule::direction(
            rule,
            implicit,
            &arriving,
            &mut memory,
            packing,
            &mut direction,
        );
        if let Err(NotPositiveDefinite { column }) = answer {
            return Err(Breakdown::Unsolvable { layer: l, column });
        }
        direction *= step;
        v.move_theta(l, &direction);
        visit(&v.terms, Some(&direction));
        if l > 0 {
            let g_a = back(&mut v, l, &gap, scratch);
            v.move_a(l - 1, &g_a);
            visit(&v.terms, Some(&g_a));
        }
    }
    Ok(v.thetas)
}
