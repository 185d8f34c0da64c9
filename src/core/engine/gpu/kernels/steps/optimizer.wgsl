// Twin of steps::optimizer: the step along the direction, and l1's step after it, which can be taken back together.

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
        var step: f32;
        switch s.optimizer {
            case SGD: { step = s.tau * d; }
            case MOMENTUM: {
                let mean = flushed(s.momentum * memory[m] + d);
                memory[m] = mean;
                step = s.tau * mean;
            }
            case NESTEROV: {
                let mean = flushed(s.momentum * memory[m] + d);
                memory[m] = mean;
                step = s.tau * (d + s.momentum * mean);
            }
            case ADAM: {
                let mean = flushed(BETA1 * memory[m] + (1.0 - BETA1) * d);
                let heard = select(d, 0.0, abs(d) < QUIET);
                let square = flushed_square(BETA2 * memory[v] + (1.0 - BETA2) * heard * heard);
                memory[m] = mean;
                memory[v] = square;
                step = rate * mean / (sqrt(square) * root + EPSILON);
            }
            default: { step = poison(); }
        }
        var after = flushed(before - step);
        finite = finite && is_finite(after);
        let bias = (e + 1u) % plan.layer[l].inputs == 0u;
        if s.l1_size != 0.0 && !bias {
            after = shrunk(after, member);
        }
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
