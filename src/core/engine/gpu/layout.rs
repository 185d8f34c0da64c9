//! What the host and the kernels tell each other, number by number, and where a member's numbers lie. Knows no device.
//!
//! Twin of `kernels/structs.wgsl`: `tests/wgsl.rs` compares names and offsets, and [`constants`] writes the names in
//! capitals in front of the kernels.

use crate::engine::cpu::HIGH;
use crate::engine::divergence::{Cause, Divergence};
use crate::engine::{MemberState, Settings};
use crate::nn::activation::LEAK;
use crate::nn::mlp::Architecture;
use crate::nn::{Activation, Loss};
use crate::steps::cg::GUARD;
use crate::steps::optimizer::{BETA, EPSILON};
use crate::steps::{Breakdown, Optimizer, Rule};
use std::fmt::Write as _;

/// Most affine layers.
pub const LAYERS: usize = 9;
/// Most lanes of a workgroup.
pub const MOST_LANES: u32 = 256;
/// A minibatch that begins here is all points in their own order.
pub const ALL: u32 = u32::MAX;

/// A verdict on a direction is its layer (from 1) times this, plus the column (from 1) without a usable pivot.
const COLUMNS: u32 = 2048;
/// A verdict on new weights is this plus the layer (from 1).
const NEW_WEIGHTS: u32 = 1 << 16;
/// The loss has been high for too long.
const HOPELESS: u32 = 1 << 17;
/// The loss is not finite.
const LOSS: u32 = 1 << 18;

/// Something of whole 32-bit words.
trait Words {
    const COUNT: usize;
    fn write(&self, to: &mut Vec<u32>);
    fn read(from: &mut impl Iterator<Item = u32>) -> Self;
}

const WHOLE: &str = "buffers hold whole structs";

impl Words for u32 {
    const COUNT: usize = 1;
    fn write(&self, to: &mut Vec<u32>) {
        to.push(*self);
    }
    fn read(from: &mut impl Iterator<Item = u32>) -> Self {
        from.next().expect(WHOLE)
    }
}

impl Words for f32 {
    const COUNT: usize = 1;
    fn write(&self, to: &mut Vec<u32>) {
        to.push(self.to_bits());
    }
    fn read(from: &mut impl Iterator<Item = u32>) -> Self {
        f32::from_bits(from.next().expect(WHOLE))
    }
}

impl<T: Words, const N: usize> Words for [T; N] {
    const COUNT: usize = N * T::COUNT;
    fn write(&self, to: &mut Vec<u32>) {
        self.iter().for_each(|x| x.write(to));
    }
    fn read(from: &mut impl Iterator<Item = u32>) -> Self {
        std::array::from_fn(|_| T::read(from))
    }
}

/// A struct of words, and where its fields are.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $field:ident: $kind:ty,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq)]
        pub struct $name {
            $($(#[$of])* pub $field: $kind,)*
        }

        impl Words for $name {
            const COUNT: usize = 0 $(+ <$kind as Words>::COUNT)*;
            fn write(&self, to: &mut Vec<u32>) {
                $(self.$field.write(to);)*
            }
            fn read(from: &mut impl Iterator<Item = u32>) -> Self {
                $name { $($field: Words::read(from),)* }
            }
        }

        impl $name {
            /// Words that it takes.
            pub const WORDS: usize = <Self as Words>::COUNT;
            /// Name and words of each field, in order.
            pub const FIELDS: &'static [(&'static str, usize)] =
                &[$((stringify!($field), <$kind as Words>::COUNT)),*];
            /// Puts its words at the end of `to`.
            pub fn append(&self, to: &mut Vec<u32>) {
                self.write(to);
            }
            /// Reads its words.
            ///
            /// # Panics
            /// When there are too few.
            pub fn of_words(words: &[u32]) -> Self {
                Self::read(&mut words.iter().copied())
            }
        }
    };
}

words! {
    /// An affine layer; places are counted in words.
    Layer {
        /// Rows of Θ, the bias included.
        inputs: u32,
        /// Columns of Θ.
        outputs: u32,
        /// Where Θ begins among a member's parameters.
        theta: u32,
        /// Where `Â`, the layer's inputs, begins in a member's scratch.
        activation: u32,
    }
}

words! {
    /// What all members share; places are counted in words.
    Plan {
        /// How many affine layers there are.
        layers: u32,
        /// How many training points there are.
        points: u32,
        /// Most samples in a minibatch: the length of a column.
        rows: u32,
        /// Numbers in all Θ.
        parameters: u32,
        /// Where the first member's scratch begins in memory.
        scratch: u32,
        /// Words of a member's scratch.
        scratch_size: u32,
        /// σ by number.
        activation: u32,
        /// How many classes there are; 0 for regression.
        classes: u32,
        /// High losses in a row after which a member is given up.
        high_steps: u32,
        /// The loss of the best constant answer.
        constant_loss: f32,
        /// A loss is high when it is so many times the larger of this and the first.
        high: f32,
        /// Where `∂J/∂Z` is in a member's scratch, the output layer's first.
        delta: u32,
        /// How far it is to the other place for `∂J/∂Z`.
        delta_size: u32,
        /// All `D`, laid out as Θ.
        direction: u32,
        /// `ÂᵀÂ + I/τ_θ`.
        system: u32,
        /// CG's residuals.
        residual: u32,
        /// CG's search directions.
        search: u32,
        /// CG's images.
        image: u32,
        /// CG's `Â P`.
        over_samples: u32,
        /// CG's squares, one per column.
        squares: u32,
        /// The layers.
        layer: [Layer; LAYERS],
    }
}

words! {
    /// How a member learns.
    MemberSettings {
        /// Its rule by number.
        rule: u32,
        /// Its optimizer by number.
        optimizer: u32,
        /// Most iterations of CG.
        cg_iterations: u32,
        /// CG's tolerance.
        cg_tolerance: f32,
        /// 1/τ_θ.
        shift: f32,
        /// τ.
        tau: f32,
        /// μ.
        momentum: f32,
        /// Weight decay.
        decay: f32,
    }
}

words! {
    /// Where a member stands, besides its numbers.
    Status {
        /// Why it has stopped, or 0.
        verdict: u32,
        /// Steps made since it was put there.
        made: u32,
        /// Steps that its optimizer had made before.
        optimizer_steps: u32,
        /// Steps in a row at a high loss.
        high_steps: u32,
        /// Its first minibatch loss; negative before it.
        first_loss: f32,
        /// Its last minibatch loss; negative before it.
        loss: f32,
        /// Least minibatch loss of the steps made at once.
        lowest: f32,
        /// Largest minibatch loss of the steps made at once.
        highest: f32,
        /// Between phases: the verdict on the step so far.
        pending: u32,
        /// Between phases: the minibatch loss.
        mean: f32,
        /// Between phases: CG's mean initial `r·r`.
        initial: f32,
        /// Between phases: 1 while CG goes on.
        searches: u32,
        /// Per layer, CG's iterations times samples.
        cg: [u32; LAYERS],
    }
}

words! {
    /// Which minibatches are learned from at once.
    Leg {
        /// The first.
        first: u32,
        /// How many.
        steps: u32,
        /// 1 after a reading: losses and CG's iterations are counted from here on.
        begins: u32,
        /// Of a phase: the layer (from 0).
        layer: u32,
        /// Of a phase: the [`Operation`] by number.
        operation: u32,
        /// Of a phase: CG's iteration (from 0).
        iteration: u32,
    }
}

/// A name and a number for it in the kernels.
type Numbered<T> = &'static [(&'static str, T)];

const ACTIVATIONS: Numbered<Activation> = &[
    ("TANH", Activation::Tanh),
    ("RELU", Activation::Relu),
    ("SIGMOID", Activation::Sigmoid),
    ("LEAKY_RELU", Activation::LeakyRelu),
    ("SOFTPLUS", Activation::Softplus),
];

const OPTIMIZERS: Numbered<Optimizer> = &[
    ("SGD", Optimizer::Sgd),
    ("MOMENTUM", Optimizer::Momentum),
    ("NESTEROV", Optimizer::Nesterov),
    ("ADAM", Optimizer::Adam),
];

/// What a phase of a step makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// `Â_0` and all columns of ones.
    Gather,
    /// `Z_l`, and `Â_{l+1}` from it.
    Forward,
    /// J and `∂J/∂Z` of the output layer.
    Measure,
    /// `G_l`.
    Gradient,
    /// `∂J/∂Z_{l-1}`.
    Backward,
    /// `ÂᵀÂ + I/τ_θ`.
    Gram,
    /// Its Cholesky factor.
    Factor,
    /// `D_l` from it.
    Solve,
    /// CG's first residual.
    CgBegin,
    /// CG's `Â P`.
    OverSamples,
    /// CG's `Âᵀ(Â P)`.
    Image,
    /// The rest of an iteration.
    CgAdvance,
    /// Whether `D_l` is finite.
    Check,
    /// The optimizer's step.
    Apply,
    /// Takes it back.
    Restore,
    /// What becomes of the member.
    Conclude,
}

const OPERATIONS: Numbered<Operation> = &[
    ("GATHER", Operation::Gather),
    ("FORWARD", Operation::Forward),
    ("MEASURE", Operation::Measure),
    ("GRADIENT", Operation::Gradient),
    ("BACKWARD", Operation::Backward),
    ("GRAM", Operation::Gram),
    ("FACTOR", Operation::Factor),
    ("SOLVE", Operation::Solve),
    ("CG_BEGIN", Operation::CgBegin),
    ("OVER_SAMPLES", Operation::OverSamples),
    ("IMAGE", Operation::Image),
    ("CG_ADVANCE", Operation::CgAdvance),
    ("CHECK", Operation::Check),
    ("APPLY", Operation::Apply),
    ("RESTORE", Operation::Restore),
    ("CONCLUDE", Operation::Conclude),
];

impl Operation {
    /// Its number in the kernels.
    pub fn number(self) -> u32 {
        number_of(OPERATIONS, &self)
    }
}

const RULES: [&str; 3] = ["BACKPROP", "PROX_EXACT", "PROX_CG"];

fn number_of<T: PartialEq>(table: Numbered<T>, member: &T) -> u32 {
    let place = table.iter().position(|(_, of)| of == member);
    place.expect("tables are complete") as u32
}

/// The constants of the kernels, as WGSL.
pub fn constants() -> String {
    let mut text = String::new();
    let tables = [
        ACTIVATIONS
            .iter()
            .map(|(name, _)| *name)
            .collect::<Vec<_>>(),
        OPTIMIZERS.iter().map(|(name, _)| *name).collect(),
        RULES.to_vec(),
        OPERATIONS.iter().map(|(name, _)| *name).collect(),
    ];
    let numbered = tables.iter().flat_map(|names| (0u32..).zip(names));
    let whole = numbered.map(|(number, name)| (*name, number)).chain([
        ("LAYERS", LAYERS as u32),
        ("MOST_LANES", MOST_LANES),
        ("ALL", ALL),
        ("COLUMNS", COLUMNS),
        ("NEW_WEIGHTS", NEW_WEIGHTS),
        ("HOPELESS", HOPELESS),
        ("LOSS", LOSS),
    ]);
    for (name, number) in whole {
        let _ = writeln!(text, "const {name}: u32 = {number}u;");
    }
    let real = [
        ("LEAK", LEAK),
        ("GUARD", GUARD),
        ("BETA1", BETA.0),
        ("BETA2", BETA.1),
        ("LN_BETA1", BETA.0.ln()),
        ("LN_BETA2", BETA.1.ln()),
        ("EPSILON", EPSILON),
        ("MOST", f64::from(f32::MAX)),
    ];
    for (name, number) in real {
        let _ = writeln!(text, "const {name}: f32 = {number:e};");
    }
    text
}

/// Which memory the rules of an ensemble need.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// A system per member.
    pub system: bool,
    /// CG's vectors.
    pub cg: bool,
}

impl Needs {
    /// What these settings need.
    pub fn of<'a>(settings: impl IntoIterator<Item = &'a Settings>) -> Needs {
        let mut needs = Needs::default();
        for settings in settings {
            needs.system |= settings.rule == Rule::ProxExact;
            needs.cg |= matches!(settings.rule, Rule::ProxCg(_));
        }
        needs
    }

    /// Whether this is enough for `other`.
    pub fn cover(self, other: Needs) -> bool {
        self.system >= other.system && self.cg >= other.cg
    }
}

impl Plan {
    /// The plan for `members` networks on `points` points in minibatches of at most `rows`; `None` where places are
    /// beyond 32 bits.
    ///
    /// # Panics
    /// When there are more than [`LAYERS`] layers.
    pub fn new(
        architecture: &Architecture,
        points: usize,
        rows: usize,
        members: usize,
        needs: Needs,
        constant_loss: f64,
        high_steps: u64,
    ) -> Option<Plan> {
        assert!(architecture.layers() <= LAYERS, "gpu: too many layers");
        let outputs = *architecture.sizes.last()?;
        let shapes: Vec<(usize, usize)> = (0..architecture.layers())
            .map(|l| architecture.theta_shape(l))
            .collect();
        let (hidden, _) = shapes.split_at(shapes.len() - 1);
        let mut scratch = Places(0);
        let mut parameters = Places(0);
        let mut plan = Plan {
            layers: shapes.len() as u32,
            points: u32::try_from(points).ok()?,
            rows: u32::try_from(rows).ok()?,
            activation: number_of(ACTIVATIONS, &architecture.activation),
            classes: match architecture.loss {
                Loss::CrossEntropy => outputs as u32,
                Loss::HalfSquared => 0,
            },
            high_steps: high_steps as u32,
            constant_loss: constant_loss as f32,
            high: HIGH as f32,
            ..Plan::default()
        };
        for (layer, &(n, m)) in plan.layer.iter_mut().zip(&shapes) {
            *layer = Layer {
                inputs: n as u32,
                outputs: m as u32,
                theta: parameters.take(n * m)?,
                activation: scratch.take(rows * n)?,
            };
        }
        plan.parameters = parameters.take(0)?;
        let largest =
            |size: fn(&(usize, usize)) -> usize| hidden.iter().map(size).max().unwrap_or(0);
        let width = largest(|&(_, m)| m).max(outputs);
        plan.delta_size = u32::try_from(rows * width).ok()?;
        plan.delta = scratch.take(2 * rows * width)?;
        plan.direction = scratch.take(plan.parameters as usize)?;
        if needs.system {
            plan.system = scratch.take(largest(|&(n, _)| n * n))?;
        }
        if needs.cg {
            plan.residual = scratch.take(largest(|&(n, m)| n * m))?;
            plan.search = scratch.take(largest(|&(n, m)| n * m))?;
            plan.image = scratch.take(largest(|&(n, m)| n * m))?;
            plan.over_samples = scratch.take(rows * largest(|&(_, m)| m))?;
            plan.squares = scratch.take(largest(|&(_, m)| m))?;
        }
        plan.scratch_size = scratch.take(0)?;
        let mut memory = Places(0);
        memory.take(3 * plan.parameters as usize * members)?;
        plan.scratch = memory.take(plan.scratch_size as usize * members)?;
        memory.take(0)?;
        Some(plan)
    }

    /// Words of all memory for so many members.
    pub fn memory(&self, members: usize) -> usize {
        self.scratch as usize + self.scratch_size as usize * members
    }

    /// At most so many rounds of loops does each of `lanes` lanes make in a step of a member that needs these.
    pub fn rounds(&self, lanes: u32, settings: &[MemberSettings]) -> u64 {
        let (rows, lanes) = (u64::from(self.rows), u64::from(lanes));
        let share = |entries: u64| entries.div_ceil(lanes);
        let exact = u64::from(settings.iter().any(MemberSettings::is_exact));
        let cg = settings
            .iter()
            .map(|s| u64::from(s.cg_iterations))
            .max()
            .unwrap_or(0);
        let layers = &self.layer[..self.layers as usize];
        let of_layer = |(l, layer): (usize, &Layer)| {
            let (n, m) = (u64::from(layer.inputs), u64::from(layer.outputs));
            let forward = share(rows * m.div_ceil(4)) * (n + 5);
            let gradient = share(n * m) * (rows + 1);
            let backward = share(rows * n) * (m + 1);
            let explicit = forward + gradient + backward + 4 * share(n * m);
            if l + 1 == layers.len() {
                return explicit + share(rows) * (3 * m + 1);
            }
            let solve = share(m) * (n * n + 3 * n);
            let factor = n * (1 + share(n) + share(n * n));
            let system = share(n * n) * (rows + 1) + factor + solve;
            let iteration = forward + gradient + share(m) * (3 * n + 1) + 2 * lanes.isqrt();
            explicit + exact * system + cg * iteration + u64::from(cg > 0) * share(m) * (n + 1)
        };
        let sum: u64 = layers.iter().enumerate().map(of_layer).sum();
        sum + share(rows * u64::from(self.layer[0].inputs)) + 8 * lanes.isqrt()
    }

    /// Words of a member's state: Θ and two moments.
    pub fn state(&self) -> usize {
        3 * self.parameters as usize
    }
}

/// Hands out places one after the other.
struct Places(usize);

impl Places {
    fn take(&mut self, words: usize) -> Option<u32> {
        let place = u32::try_from(self.0).ok();
        self.0 = self.0.checked_add(words)?;
        place
    }
}

impl MemberSettings {
    /// Whether its systems are solved by Cholesky.
    pub fn is_exact(&self) -> bool {
        self.rule == 1
    }

    /// As the kernels take it.
    ///
    /// # Panics
    /// For [`Rule::ProxPoint`], which has no kernel.
    pub fn of(settings: &Settings) -> MemberSettings {
        let (rule, cg_iterations) = match settings.rule {
            Rule::Backprop => (0, 0),
            Rule::ProxExact => (1, 0),
            Rule::ProxCg(k) => (2, k),
            Rule::ProxPoint => panic!("gpu: prox-point has no kernel"),
        };
        MemberSettings {
            rule,
            optimizer: number_of(OPTIMIZERS, &settings.optimizer),
            cg_iterations,
            cg_tolerance: settings.implicit.cg_tolerance as f32,
            shift: (1.0 / settings.implicit.tau_theta) as f32,
            tau: settings.size.tau as f32,
            momentum: settings.size.momentum as f32,
            decay: settings.size.decay as f32,
        }
    }
}

impl Status {
    /// A member that begins in this state, after a step at `loss` (NaN before the first).
    pub fn of(state: &MemberState<f32>, loss: f64) -> Status {
        Status {
            // What is frozen stays so, for whatever reason.
            verdict: if state.divergence.is_some() {
                HOPELESS
            } else {
                0
            },
            optimizer_steps: u32::try_from(state.optimizer.steps).unwrap_or(u32::MAX / 2),
            high_steps: u32::try_from(state.high_steps).unwrap_or(u32::MAX / 2),
            first_loss: state.first_loss.map_or(-1.0, |loss| loss as f32),
            loss: if loss.is_finite() { loss as f32 } else { -1.0 },
            lowest: f32::MAX,
            highest: -1.0,
            ..Status::default()
        }
    }

    /// Why and where the member stopped at `step`; `None` while it trains, and where the reason lies in `high_steps`.
    pub fn divergence(&self, step: u64) -> Option<Divergence> {
        let breakdown = match self.verdict {
            0 | HOPELESS => return None,
            LOSS => Breakdown::of_loss(f64::from(self.loss)),
            weights if weights > NEW_WEIGHTS => Breakdown::Weights {
                layer: (weights - NEW_WEIGHTS) as usize - 1,
            },
            direction => {
                let layer = (direction / COLUMNS) as usize - 1;
                match direction % COLUMNS {
                    0 => Breakdown::Direction { layer },
                    column => Breakdown::Unsolvable {
                        layer,
                        column: column as usize - 1,
                    },
                }
            }
        };
        Some(Divergence {
            step,
            cause: Cause::Breakdown(breakdown),
        })
    }
}
