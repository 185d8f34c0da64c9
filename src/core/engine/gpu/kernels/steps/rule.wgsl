// Twin of steps::rule: what a layer's direction is.

// D_l from the gradient in its place, by one workgroup; 0, or the column (from 1) in which the system has no usable
// pivot. Twin: direction.
fn direct(l: u32, member: u32, count: u32, lane: u32) -> u32 {
    // Twin: Rule::of_layer.
    if l + 1u == plan.layers {
        return 0u;
    }
    switch settings[member].rule {
        case BACKPROP: { return 0u; }
        case PROX_EXACT: { return exact_solve(l, settings[member].shift, count, lane); }
        case PROX_CG: {
            cg_solve(l, member, count, lane);
            return 0u;
        }
        default: {
            if lane == 0u {
                memory[own_scratch + plan.direction + plan.layer[l].theta] = poison();
            }
            return 0u;
        }
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
