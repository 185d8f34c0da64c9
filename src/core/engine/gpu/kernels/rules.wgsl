// The direction of a hidden layer, and what the optimizer does with it. Twins: steps::rule, steps::cholesky, steps::cg
// and steps::optimizer.

// `ÂᵀÂ + I/τ_θ`, lower triangle. Twin: nn::product::gram and rule::direction.
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

// Divides column j of the factor by its pivot's root; 0, or j + 1 where the pivot is no positive finite number.
// Twin: cholesky::factor.
fn scale_column(n: u32, j: u32, pivot: f32, first: u32, stride: u32) -> u32 {
    let column = own_scratch + plan.system + j * n;
    let scale = 1.0 / sqrt(pivot);
    for (var r = j + first; r < n; r += stride) {
        memory[column + r] *= scale;
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

// `D ← (L Lᵀ)⁻¹ D`, a lane per column. Twin: cholesky::solve.
fn solve(l: u32, first: u32, stride: u32) {
    let n = plan.layer[l].inputs;
    let system = own_scratch + plan.system;
    for (var c = first; c < plan.layer[l].outputs; c += stride) {
        let b = own_scratch + plan.direction + plan.layer[l].theta + c * n;
        for (var j = 0u; j < n; j++) {
            let head = memory[b + j] / memory[system + j * n + j];
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
            memory[b + j] = (memory[b + j] - below) / memory[system + j * n + j];
        }
    }
}

// The first residual is the gradient, D is zero; the sum of this lane's r·r. Twin: cg::solve.
fn cg_begin(l: u32, first: u32, stride: u32) -> f32 {
    let n = plan.layer[l].inputs;
    var sum = 0.0;
    for (var c = first; c < plan.layer[l].outputs; c += stride) {
        let d = own_scratch + plan.direction + plan.layer[l].theta + c * n;
        var square = 0.0;
        for (var k = 0u; k < n; k++) {
            let g = memory[d + k];
            memory[d + k] = 0.0;
            memory[own_scratch + plan.residual + c * n + k] = g;
            memory[own_scratch + plan.search + c * n + k] = g;
            square += g * g;
        }
        memory[own_scratch + plan.squares + c] = square;
        sum += square;
    }
    return sum;
}

// `Â P` of the search directions.
fn cg_over_samples(l: u32, count: u32, first: u32, stride: u32) {
    let outputs = plan.layer[l].outputs;
    for (var e = first; e < count * ((outputs + 3u) / 4u); e += stride) {
        let i = e % count;
        let j = e / count * 4u;
        let z = row_times(l, own_scratch + plan.search, i, j);
        for (var c = 0u; c < min(4u, outputs - j); c++) {
            memory[own_scratch + plan.over_samples + (j + c) * plan.rows + i] = z[c];
        }
    }
}

// One iteration from the image `Âᵀ(Â P)`, a lane per column; the largest r·r of its columns.
fn cg_advance(l: u32, shift: f32, first: u32, stride: u32) -> f32 {
    let n = plan.layer[l].inputs;
    var largest = 0.0;
    for (var c = first; c < plan.layer[l].outputs; c += stride) {
        let d = own_scratch + plan.direction + plan.layer[l].theta + c * n;
        let r = own_scratch + plan.residual + c * n;
        let p = own_scratch + plan.search + c * n;
        let image = own_scratch + plan.image + c * n;
        var curvature = 0.0;
        for (var k = 0u; k < n; k++) {
            let y = memory[image + k] + shift * memory[p + k];
            memory[image + k] = y;
            curvature += memory[p + k] * y;
        }
        let square = memory[own_scratch + plan.squares + c];
        let alpha = square / (curvature + GUARD);
        var next = 0.0;
        for (var k = 0u; k < n; k++) {
            memory[d + k] += alpha * memory[p + k];
            let rest = memory[r + k] - alpha * memory[image + k];
            memory[r + k] = rest;
            next += rest * rest;
        }
        let beta = next / (square + GUARD);
        for (var k = 0u; k < n; k++) {
            memory[p + k] = memory[r + k] + beta * memory[p + k];
        }
        memory[own_scratch + plan.squares + c] = next;
        largest = max(largest, next);
    }
    return largest;
}

// Whether all of this lane's entries of D_l are finite.
fn direction_is_finite(l: u32, first: u32, stride: u32) -> bool {
    let d = own_scratch + plan.direction + plan.layer[l].theta;
    var finite = true;
    for (var e = first; e < plan.layer[l].inputs * plan.layer[l].outputs; e += stride) {
        finite = finite && is_finite(memory[d + e]);
    }
    return finite;
}

// Steps Θ_l along D_l and leaves the old Θ_l in place of D_l; whether the new one is finite. `made` counts the
// optimizer's steps, this one included. Twin: OptimizerState::apply.
fn apply(l: u32, member: u32, made: u32, first: u32, stride: u32) -> bool {
    let s = settings[member];
    let theta = own_state + plan.layer[l].theta;
    let direction = own_scratch + plan.direction + plan.layer[l].theta;
    // 1 - β^t without the rounding of β^t.
    let t = f32(made);
    let rate = s.tau / -exp_m1(t * LN_BETA1);
    let root = 1.0 / sqrt(-exp_m1(t * LN_BETA2));
    var finite = true;
    for (var e = first; e < plan.layer[l].inputs * plan.layer[l].outputs; e += stride) {
        let before = memory[theta + e];
        let d = memory[direction + e] + s.decay * before;
        let m = theta + plan.parameters + e;
        let v = m + plan.parameters;
        var step = s.tau * d;
        switch s.optimizer {
            case MOMENTUM: {
                let mean = s.momentum * memory[m] + d;
                memory[m] = mean;
                step = s.tau * mean;
            }
            case NESTEROV: {
                let mean = s.momentum * memory[m] + d;
                memory[m] = mean;
                step = s.tau * (d + s.momentum * mean);
            }
            case ADAM: {
                let mean = BETA1 * memory[m] + (1.0 - BETA1) * d;
                let square = BETA2 * memory[v] + (1.0 - BETA2) * d * d;
                memory[m] = mean;
                memory[v] = square;
                step = rate * mean / (sqrt(square) * root + EPSILON);
            }
            default: {}
        }
        let after = before - step;
        memory[theta + e] = after;
        memory[direction + e] = before;
        finite = finite && is_finite(after);
    }
    return finite;
}

// Puts the old Θ_l back.
fn restore(l: u32, first: u32, stride: u32) {
    let theta = own_state + plan.layer[l].theta;
    let direction = own_scratch + plan.direction + plan.layer[l].theta;
    for (var e = first; e < plan.layer[l].inputs * plan.layer[l].outputs; e += stride) {
        memory[theta + e] = memory[direction + e];
    }
}

// Forgets what was counted in the stretch before.
fn begin_stretch(member: u32) {
    if leg.begins == 0u {
        return;
    }
    statuses[member].lowest = MOST;
    statuses[member].highest = -1.0;
    for (var l = 0u; l < plan.layers; l++) {
        statuses[member].cg[l] = 0u;
    }
}

// What becomes of a member whose step ended in `verdict` (0: well), with the mean minibatch loss `loss`. Twins:
// Ensemble::step and lab::course.
fn conclude(member: u32, verdict: u32, loss: f32) {
    // A step that found no direction has no loss to note.
    if verdict == 0u || (verdict >= NEW_WEIGHTS && verdict < LOSS) {
        statuses[member].loss = loss;
        if statuses[member].first_loss < 0.0 {
            statuses[member].first_loss = loss;
        }
    }
    let s = statuses[member];
    if s.first_loss >= 0.0 {
        let high = s.loss > plan.high * max(plan.constant_loss, s.first_loss);
        statuses[member].high_steps = select(0u, s.high_steps + 1u, high);
    }
    if verdict == 0u {
        statuses[member].made = s.made + 1u;
        statuses[member].lowest = min(s.lowest, loss);
        statuses[member].highest = max(s.highest, loss);
        if statuses[member].high_steps >= plan.high_steps {
            statuses[member].verdict = HOPELESS;
        }
        return;
    }
    statuses[member].verdict = verdict;
    if verdict == LOSS {
        statuses[member].loss = loss;
    }
}
