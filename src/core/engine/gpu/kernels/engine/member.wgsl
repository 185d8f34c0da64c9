// Twin of engine::member: one workgroup trains one member, many steps in a row.

// Lanes of a workgroup, a square, and those that make the first round of a sum, its root.
override LANES: u32 = 64u;
override ADDERS: u32 = 8u;

var<workgroup> ended: u32;

@compute @workgroup_size(LANES)
fn train(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let member = group.x;
    at_member(member);
    if lane == 0u {
        ended = statuses[member].verdict;
        begin_stretch(member);
    }
    for (var k = 0u; k < leg.steps; k++) {
        if workgroupUniformLoad(&ended) != 0u {
            break;
        }
        let start = minibatches[2u * (leg.first + k)];
        let count = minibatches[2u * (leg.first + k) + 1u];
        gather(start, count, lane, LANES);
        storageBarrier();
        for (var l = 0u; l < plan.layers; l++) {
            forward(l, count, lane, LANES);
            storageBarrier();
        }
        let loss = loss_and_gradient(start, count, lane, LANES);
        storageBarrier();
        // The layer whose direction fails first, as a verdict: the largest there is.
        var failed = 0u;
        for (var above = plan.layers; above > 0u; above--) {
            let l = above - 1u;
            if !exact_is_by_rows(l, member) {
                transposed_times(l, delta_of(l), own_scratch + plan.direction + plan.layer[l].theta, count, lane, LANES);
            }
            if l > 0u {
                backward(l, count, lane, LANES);
            }
            storageBarrier();
            let column = direct(l, member, count, lane);
            if column > 0u || !direction_is_finite(l, lane, LANES) {
                failed = max(failed, above * COLUMNS + column);
            }
        }
        let outcome = over_lanes(lane, loss, f32(failed));
        let mean = outcome.x / f32(count);
        var verdict = u32(outcome.y);
        if !is_finite(mean) {
            verdict = LOSS;
        }
        if verdict == 0u {
            let made = statuses[member].optimizer_steps + statuses[member].made + 1u;
            var broken = 0u;
            for (var l = plan.layers; l > 0u; l--) {
                if !apply(l - 1u, member, made, lane, LANES) {
                    broken = LAYERS + 1u - l;
                }
            }
            // The first layer whose weights are not finite.
            broken = u32(over_lanes(lane, 0.0, f32(broken)).y);
            if broken > 0u {
                verdict = NEW_WEIGHTS + LAYERS + 1u - broken;
                for (var l = 0u; l < plan.layers; l++) {
                    restore(l, lane, LANES);
                }
            }
        }
        if lane == 0u {
            conclude(member, verdict, mean);
            ended = statuses[member].verdict;
        }
        storageBarrier();
    }
}
