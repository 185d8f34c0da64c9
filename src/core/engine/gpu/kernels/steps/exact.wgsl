// Twin of steps::exact: the proximal system, over a layer's inputs or over the samples, is formed and factored.

// Whether it is over the samples: known of the layer, not of a minibatch, which may be a partial one. Twin: by_rows.
fn is_by_rows(l: u32) -> bool {
    return plan.rows * plan.layer[l].kernel.places < plan.layer[l].inputs;
}

// Whether a member's direction needs no gradient first.
fn exact_is_by_rows(l: u32, member: u32) -> bool {
    return settings[member].rule == PROX_EXACT && l + 1u < plan.layers && is_by_rows(l);
}

// The order of a layer's system.
fn order_of(l: u32, count: u32) -> u32 {
    return select(plan.layer[l].inputs, rows_of(l, count), is_by_rows(l));
}

// `ÂᵀÂ + I/τ_θ`, or `ÂÂᵀ + I/τ_θ`, lower triangle. Twins: ExactMemory::form, nn::product::gram and gram_of_rows.
fn gram(l: u32, shift: f32, count: u32, first: u32, stride: u32) {
    let n = order_of(l, count);
    let a = own_scratch + plan.layer[l].activation;
    let across = select(count, 1u, is_by_rows(l));
    let down = select(1u, count, is_by_rows(l));
    let terms = select(count, plan.layer[l].inputs, is_by_rows(l));
    for (var e = first; e < n * n; e += stride) {
        let r = e % n;
        let c = e / n;
        if r < c {
            continue;
        }
        var sum = select(0.0, shift, r == c);
        for (var i = 0u; i < terms; i++) {
            sum += memory[a + r * across + i * down] * memory[a + c * across + i * down];
        }
        memory[own_scratch + plan.system + e] = flushed(sum);
    }
}

// The factored system is solved for D, or by rows for `∂J/∂Z`, in its place, of which D is made then.
fn exact_solve_factored(l: u32, count: u32, first: u32, stride: u32) {
    let direction = own_scratch + plan.direction + plan.layer[l].theta;
    if is_by_rows(l) {
        cholesky_solve(rows_of(l, count), delta_of(l), rows_of(l, count), plan.layer[l].outputs, first, stride);
    } else {
        let n = plan.layer[l].inputs;
        cholesky_solve(n, direction, n, plan.layer[l].outputs, first, stride);
    }
}

// `D ← (ÂᵀÂ + I/τ_θ)⁻¹ D` by one workgroup, or `D ← Âᵀ (ÂÂᵀ + I/τ_θ)⁻¹ ∂J/∂Z`, after which `∂J/∂Z` is no more; 0, or the first
// column (from 1) without a usable pivot. Twin: solve.
fn exact_solve(l: u32, member: u32, count: u32, lane: u32) -> u32 {
    gram(l, settings[member].shift, count, lane, LANES);
    storageBarrier();
    let failed = cholesky_factor(order_of(l, count), lane);
    exact_solve_factored(l, count, lane, LANES);
    storageBarrier();
    if is_by_rows(l) {
        transposed_times(l, delta_of(l), own_scratch + plan.direction + plan.layer[l].theta, count, lane, LANES);
        storageBarrier();
    }
    return failed;
}
