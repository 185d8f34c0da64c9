//! A step as many workgroups make it: phase after phase, each over all of them. Twin of `kernels/engine/wide.wgsl`.

use super::structs::{Layer, MemberSettings, Plan};
use crate::steps::Rule;
use std::iter;

/// Entries of a product that a workgroup makes, per side.
const TILE: u32 = 64;
/// Lanes of a workgroup.
const LANES: u32 = 256;
/// Most workgroups over which numbers are spread.
const MOST_GROUPS: u32 = 1024;

/// Which kernel a phase is made by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kernel {
    /// Products in tiles.
    Product,
    /// Number by number.
    Spread,
    /// One workgroup.
    Alone,
}

impl Kernel {
    /// All, with the names of their entry points.
    pub const ALL: [(Kernel, &'static str); 3] = [
        (Kernel::Product, "product"),
        (Kernel::Spread, "spread"),
        (Kernel::Alone, "alone"),
    ];
}

/// What a phase of a step makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// `Â_0` and all columns of ones.
    Gather,
    /// `Z_l`, and `Â_{l+1}` from it.
    Forward,
    /// `Â_{l+1}` of pooled `σ(Z_l)`.
    Pool,
    /// J and `∂J/∂Z` of the output layer.
    Measure,
    /// `G_l`.
    Gradient,
    /// `∂J/∂Z_{l-1}`, or what arrives behind its pooling.
    Backward,
    /// `∂J/∂Z_l` from what arrives behind its pooling.
    Unpool,
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

crate::named!(Operation {
    Gather = "gather",
    Forward = "forward",
    Pool = "pool",
    Measure = "measure",
    Gradient = "gradient",
    Backward = "backward",
    Unpool = "unpool",
    Gram = "gram",
    Factor = "factor",
    Solve = "solve",
    CgBegin = "cg-begin",
    OverSamples = "over-samples",
    Image = "image",
    CgAdvance = "cg-advance",
    Check = "check",
    Apply = "apply",
    Restore = "restore",
    Conclude = "conclude",
});

/// Part of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Phase {
    /// Who makes it.
    pub kernel: Kernel,
    /// What is made.
    pub operation: Operation,
    /// Of which layer (from 0).
    pub layer: u32,
    /// In which iteration of CG (from 0).
    pub iteration: u32,
    /// By how many workgroups.
    pub groups: (u32, u32),
}

/// Whether a system is solved by Cholesky.
fn any_is_exact(settings: &[MemberSettings]) -> bool {
    settings.iter().any(|of| of.rule() == Rule::ProxExact)
}

/// The phases of a step of members that learn like this, in order; `None` where a rule has none and is left to one workgroup.
pub fn phases(plan: &Plan, settings: &[MemberSettings]) -> Option<Vec<Phase>> {
    let layers = plan.layers;
    let has_phases = |of: &MemberSettings| {
        matches!(
            of.rule(),
            Rule::Backprop | Rule::ProxExact | Rule::ProxCgColumns(_)
        )
    };
    if !settings.iter().all(has_phases) {
        return None;
    }
    let exact = any_is_exact(settings);
    let cg = settings.iter().map(|s| s.cg_iterations).max().unwrap_or(0);
    let mut all = Vec::new();
    let mut add = |kernel, operation, layer, iteration, groups| {
        all.push(Phase {
            kernel,
            operation,
            layer,
            iteration,
            groups,
        });
    };
    let tiles = |rows: u32, columns: u32| (rows.div_ceil(TILE), columns.div_ceil(TILE));
    let over = |entries: u32| (entries.div_ceil(LANES).clamp(1, MOST_GROUPS), 1);
    let alone = (1, 1);
    let of = |l: u32| plan.layer[l as usize];
    let shape = |l: u32| (of(l).inputs, of(l).outputs);
    // Of a layer's `Â` and `Z`.
    let rows_of = |l: u32| plan.rows * of(l).kernel.places;
    let gathered = plan.rows * (of(0).numbers + 1);
    add(Kernel::Spread, Operation::Gather, 0, 0, over(gathered));
    for l in 0..layers {
        let tiles = tiles(rows_of(l), shape(l).1);
        add(Kernel::Product, Operation::Forward, l, 0, tiles);
        if of(l).pooling.size > 0 {
            let pooled = over(plan.rows * of(l + 1).numbers);
            add(Kernel::Spread, Operation::Pool, l, 0, pooled);
        }
    }
    add(Kernel::Alone, Operation::Measure, 0, 0, alone);
    for l in (0..layers).rev() {
        let (n, m) = shape(l);
        let hidden = l + 1 < layers;
        let rows = rows_of(l);
        let by_rows = of(l).is_by_rows(plan.rows);
        let gradient = (Kernel::Product, Operation::Gradient, tiles(n, m));
        let area = of(l).area();
        let back = tiles(plan.rows * area, of(l).numbers / area);
        let backward = (Kernel::Product, Operation::Backward, back);
        let order = n.min(rows);
        let system = [
            (Kernel::Product, Operation::Gram, tiles(order, order)),
            (Kernel::Alone, Operation::Factor, alone),
            (Kernel::Spread, Operation::Solve, over(m)),
        ];
        let system = system.into_iter().filter(|_| hidden && exact);
        let backward = iter::once(backward).filter(|_| l > 0);
        // By rows the solution takes the place of what goes back, and the gradient's product makes D of it.
        let phases: Vec<_> = if by_rows {
            backward.chain(system).chain([gradient]).collect()
        } else {
            iter::once(gradient).chain(backward).chain(system).collect()
        };
        for (kernel, operation, groups) in phases {
            add(kernel, operation, l, 0, groups);
        }
        if hidden && cg > 0 {
            add(Kernel::Alone, Operation::CgBegin, l, 0, alone);
            for k in 0..cg {
                add(
                    Kernel::Product,
                    Operation::OverSamples,
                    l,
                    k,
                    tiles(rows, m),
                );
                add(Kernel::Product, Operation::Image, l, k, tiles(n, m));
                add(Kernel::Alone, Operation::CgAdvance, l, k, alone);
            }
        }
        add(Kernel::Spread, Operation::Check, l, 0, over(n * m));
        if l > 0 && of(l - 1).pooling.size > 0 {
            let numbers = over(rows_of(l - 1) * shape(l - 1).1);
            add(Kernel::Spread, Operation::Unpool, l - 1, 0, numbers);
        }
    }
    // The first layer last: its verdict is the one that stays.
    for operation in [Operation::Apply, Operation::Restore] {
        for l in (0..layers).rev() {
            let (n, m) = shape(l);
            add(Kernel::Spread, operation, l, 0, over(n * m));
        }
    }
    add(Kernel::Alone, Operation::Conclude, 0, 0, alone);
    Some(all)
}

/// At most so many rounds of loops does a lane make in any one phase.
pub fn rounds(plan: &Plan, settings: &[MemberSettings]) -> u64 {
    let share = |entries: u64| entries.div_ceil(u64::from(LANES));
    let spread = |entries: u64| share(entries).div_ceil(u64::from(MOST_GROUPS));
    let exact = any_is_exact(settings);
    let of_layer = |layer: &Layer| {
        let (n, m) = (u64::from(layer.inputs), u64::from(layer.outputs));
        let rows = u64::from(plan.rows) * u64::from(layer.kernel.places);
        let [kernel, pooling] = [layer.kernel, layer.pooling].map(|w| u64::from(w.size).pow(2));
        let product = 2 * rows.max(n).max(m * kernel.max(1)) + 64;
        let pooled = spread(rows * m) * (pooling + 2);
        let vectors = share(m) * (3 * n + 1) + u64::from(LANES);
        let order = n.min(rows);
        let factor = order * (1 + share(order) + share(order * order));
        let system = factor.max(order * order + 3 * order);
        let most = product.max(vectors).max(pooled);
        most.max(if exact { system } else { 0 })
    };
    let layers = &plan.layer[..plan.layers as usize];
    layers.iter().map(of_layer).max().unwrap_or(0)
}
