// Twin of steps::rule: what a layer's direction is.

// D_l from the gradient in its place, by one workgroup; 0, or the column (from 1) in which the system has no usable
// pivot. Twin: direction. The rules lie in a list of their own, in engine::gpu::rules, which makes solve.
fn direct(l: u32, member: u32, count: u32, lane: u32) -> u32 {
    // Twin: Rule::of_layer.
    if l + 1u == plan.layers {
        return 0u;
    }
    return solve(l, member, count, lane);
}

// A direction that is none, of a rule without a kernel.
fn poison_direction(l: u32, lane: u32) {
    if lane == 0u {
        memory[own_scratch + plan.direction + plan.layer[l].theta] = poison();
    }
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
