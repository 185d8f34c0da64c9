// Twin of steps::cg: conjugate gradients for the proximal system, all columns at once.

// The first residual is the gradient, D is zero; the sum of this lane's r·r.
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
        let z = row_times(l, own_scratch + plan.search, count, i, j);
        for (var c = 0u; c < min(4u, outputs - j); c++) {
            memory[own_scratch + plan.over_samples + (j + c) * count + i] = z[c];
        }
    }
}

// A quotient of CG; 0 for a column that has arrived, which would divide by 0 without ε.
fn cg_over(square: f32, below: f32) -> f32 {
    if below == 0.0 {
        return 0.0;
    }
    return flushed(square / below);
}

// One iteration from the image `Âᵀ(Â P)`, a lane per column; the largest r·r of its columns.
fn cg_advance(l: u32, shift: f32, epsilon: f32, first: u32, stride: u32) -> f32 {
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
        let alpha = cg_over(square, curvature + epsilon);
        var next = 0.0;
        for (var k = 0u; k < n; k++) {
            memory[d + k] = flushed(memory[d + k] + alpha * memory[p + k]);
            let rest = flushed(memory[r + k] - alpha * memory[image + k]);
            memory[r + k] = rest;
            next += rest * rest;
        }
        let beta = cg_over(next, square + epsilon);
        for (var k = 0u; k < n; k++) {
            memory[p + k] = flushed(memory[r + k] + beta * memory[p + k]);
        }
        memory[own_scratch + plan.squares + c] = next;
        largest = max(largest, next);
    }
    return largest;
}

// Whether all of a layer's Θ is one column. Twin: Rule::of_layer.
fn cg_is_together(l: u32, member: u32) -> bool {
    return settings[member].together == 1u && plan.layer[l].kernel.size > 0u;
}

// The same iteration with all of Θ as one column, by one workgroup; its r·r.
fn cg_advance_together(l: u32, shift: f32, epsilon: f32, lane: u32) -> f32 {
    let size = plan.layer[l].inputs * plan.layer[l].outputs;
    let d = own_scratch + plan.direction + plan.layer[l].theta;
    let r = own_scratch + plan.residual;
    let p = own_scratch + plan.search;
    let image = own_scratch + plan.image;
    var curvature = 0.0;
    for (var e = lane; e < size; e += LANES) {
        let y = memory[image + e] + shift * memory[p + e];
        memory[image + e] = y;
        curvature += memory[p + e] * y;
    }
    let square = memory[own_scratch + plan.squares];
    let alpha = cg_over(square, over_lanes(lane, curvature, 0.0).x + epsilon);
    var next = 0.0;
    for (var e = lane; e < size; e += LANES) {
        memory[d + e] = flushed(memory[d + e] + alpha * memory[p + e]);
        let rest = flushed(memory[r + e] - alpha * memory[image + e]);
        memory[r + e] = rest;
        next += rest * rest;
    }
    next = over_lanes(lane, next, 0.0).x;
    let beta = cg_over(next, square + epsilon);
    for (var e = lane; e < size; e += LANES) {
        memory[p + e] = flushed(memory[r + e] + beta * memory[p + e]);
    }
    if lane == 0u {
        memory[own_scratch + plan.squares] = next;
    }
    return next;
}

// `D ← (ÂᵀÂ + I/τ_θ)⁻¹ D` by one workgroup; it always answers 0. Twin: solve.
fn cg_solve(l: u32, member: u32, count: u32, lane: u32) -> u32 {
    let s = settings[member];
    let initial = over_lanes(lane, cg_begin(l, lane, LANES), 0.0).x / f32(plan.layer[l].outputs);
    for (var k = 0u; k < s.cg_iterations; k++) {
        cg_over_samples(l, count, lane, LANES);
        storageBarrier();
        transposed_times(l, own_scratch + plan.over_samples, own_scratch + plan.image, count, lane, LANES);
        storageBarrier();
        let largest = over_lanes(lane, 0.0, cg_advance(l, s.shift, s.cg_epsilon, lane, LANES)).y;
        if lane == 0u {
            statuses[member].cg[l] += count;
        }
        if largest < s.cg_tolerance * s.cg_tolerance * initial {
            break;
        }
    }
    return 0u;
}
