// One workgroup trains one member, many steps in a row. Twin: engine::cpu::Ensemble::step.

// Lanes of a workgroup: SIDE², so that sums over lanes are made in two rounds.
override SIDE: u32 = 8u;
override LANES: u32 = 64u;

var<workgroup> parts: array<vec2<f32>, MOST_LANES>;
var<workgroup> total: vec2<f32>;
var<workgroup> ended: u32;

// The sum of `sum` and the largest of `largest` (which is not negative) over all lanes. A barrier for all memory.
fn over_lanes(lane: u32, sum: f32, largest: f32) -> vec2<f32> {
    parts[lane] = vec2(sum, largest);
    workgroupBarrier();
    if lane < SIDE {
        var mine = parts[lane];
        for (var other = lane + SIDE; other < LANES; other += SIDE) {
            mine = vec2(mine.x + parts[other].x, max(mine.y, parts[other].y));
        }
        parts[lane] = mine;
    }
    workgroupBarrier();
    if lane == 0u {
        var all = parts[0];
        for (var other = 1u; other < SIDE; other++) {
            all = vec2(all.x + parts[other].x, max(all.y, parts[other].y));
        }
        total = all;
    }
    storageBarrier();
    return workgroupUniformLoad(&total);
}

// D_l from the gradient in its place; 0, or the column (from 1) in which the system has no usable pivot.
fn direct(l: u32, member: u32, count: u32, lane: u32) -> u32 {
    let s = settings[member];
    if s.rule == BACKPROP || l + 1u == plan.layers {
        return 0u;
    }
    var failed = 0u;
    if s.rule == PROX_EXACT {
        gram(l, s.shift, count, lane, LANES);
        storageBarrier();
        let n = plan.layer[l].inputs;
        for (var j = 0u; j < n; j++) {
            let pivot = memory[own_scratch + plan.system + j * n + j];
            storageBarrier();
            let column = scale_column(n, j, pivot, lane, LANES);
            failed = select(failed, column, failed == 0u);
            storageBarrier();
            eliminate_column(n, j, lane, LANES);
            storageBarrier();
        }
        solve(l, lane, LANES);
        storageBarrier();
        return failed;
    }
    let initial = over_lanes(lane, cg_begin(l, lane, LANES), 0.0).x / f32(plan.layer[l].outputs);
    for (var k = 0u; k < s.cg_iterations; k++) {
        cg_over_samples(l, count, lane, LANES);
        storageBarrier();
        transposed_times(l, own_scratch + plan.over_samples, own_scratch + plan.image, count, lane, LANES);
        storageBarrier();
        let largest = over_lanes(lane, 0.0, cg_advance(l, s.shift, lane, LANES)).y;
        if lane == 0u {
            statuses[member].cg[l] += count;
        }
        if largest < s.cg_tolerance * s.cg_tolerance * initial {
            break;
        }
    }
    return failed;
}

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
            transposed_times(l, delta_of(l), own_scratch + plan.direction + plan.layer[l].theta, count, lane, LANES);
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
