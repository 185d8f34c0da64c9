// Twin of steps::exact: the proximal system is formed and factored.

// `ÂᵀÂ + I/τ_θ`, lower triangle. Twins: GramMemory::form and nn::product::gram.
fn gram(l: u32, shift: f32, count: u32, first: u32, stride: u32) {
    let n = plan.layer[l].inputs;
    let a = own_scratch + plan.layer[l].activation;
    for (var e = first; e < n * n; e += stride) {
        let r = e % n;
        let c = e / n;
        if r < c {
            continue;
        }
        var sum = select(0.0, shift, r == c);
        for (var i = 0u; i < count; i++) {
            sum += memory[a + r * plan.rows + i] * memory[a + c * plan.rows + i];
        }
        memory[own_scratch + plan.system + e] = sum;
    }
}

// `D ← (ÂᵀÂ + I/τ_θ)⁻¹ D` by one workgroup; 0, or the first column (from 1) without a usable pivot. Twin: solve.
fn exact_solve(l: u32, member: u32, count: u32, lane: u32) -> u32 {
    gram(l, settings[member].shift, count, lane, LANES);
    storageBarrier();
    let failed = cholesky_factor(plan.layer[l].inputs, lane);
    cholesky_solve(l, lane, LANES);
    storageBarrier();
    return failed;
}
