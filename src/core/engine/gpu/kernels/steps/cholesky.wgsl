// Twin of steps::cholesky: the system in its place is factored, and solved.

// Divides column j of the factor by its pivot's root; 0, or j + 1 where the pivot is no positive finite number.
fn scale_column(n: u32, j: u32, pivot: f32, first: u32, stride: u32) -> u32 {
    let column = own_scratch + plan.system + j * n;
    let scale = 1.0 / sqrt(pivot);
    for (var r = j + first; r < n; r += stride) {
        memory[column + r] = flushed(memory[column + r] * scale);
    }
    return select(j + 1u, 0u, pivot > 0.0 && is_finite(pivot));
}

// Takes column j's part out of all later columns.
fn eliminate_column(n: u32, j: u32, first: u32, stride: u32) {
    let system = own_scratch + plan.system;
    let rest = n - j - 1u;
    for (var e = first; e < rest * rest; e += stride) {
        let r = j + 1u + e % rest;
        let c = j + 1u + e / rest;
        if r >= c {
            memory[system + c * n + r] -= memory[system + j * n + r] * memory[system + j * n + c];
        }
    }
}

// `ÂᵀÂ + I/τ_θ = L Lᵀ`, by one workgroup; 0, or the first column (from 1) without a usable pivot. Twin: factor.
fn cholesky_factor(n: u32, lane: u32) -> u32 {
    var failed = 0u;
    for (var j = 0u; j < n; j++) {
        let pivot = memory[own_scratch + plan.system + j * n + j];
        storageBarrier();
        let column = scale_column(n, j, pivot, lane, LANES);
        failed = select(failed, column, failed == 0u);
        storageBarrier();
        eliminate_column(n, j, lane, LANES);
        storageBarrier();
    }
    return failed;
}

// `B ← (L Lᵀ)⁻¹ B` for the columns of n numbers that begin at `at` and every `across` words further, a lane per column.
// Twins: solve and SideBySide::solve.
fn cholesky_solve(n: u32, at: u32, across: u32, columns: u32, first: u32, stride: u32) {
    let system = own_scratch + plan.system;
    for (var c = first; c < columns; c += stride) {
        let b = at + c * across;
        for (var j = 0u; j < n; j++) {
            let head = flushed(memory[b + j] / memory[system + j * n + j]);
            memory[b + j] = head;
            for (var r = j + 1u; r < n; r++) {
                memory[b + r] -= head * memory[system + j * n + r];
            }
        }
        for (var back = n; back > 0u; back--) {
            let j = back - 1u;
            var below = 0.0;
            for (var r = j + 1u; r < n; r++) {
                below += memory[system + j * n + r] * memory[b + r];
            }
            memory[b + j] = flushed((memory[b + j] - below) / memory[system + j * n + j]);
        }
    }
}
