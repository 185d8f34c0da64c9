// Twin of engine::member: many workgroups train one member, a phase of a step at a time. Products are made in tiles, what
// is done number by number is spread over all of them, and what needs all numbers at once one workgroup does alone.
// engine::gpu::wide asks for the phases.

const LANES: u32 = 256u;
// One lane makes all sums over the others.
const ADDERS: u32 = LANES;
// A workgroup makes TILE × TILE entries of a product, DEPTH terms at a time; a lane 4 × 4 of them.
const TILE: u32 = 64u;
const DEPTH: u32 = 16u;
const SIDE: u32 = 16u;

var<workgroup> left: array<f32, 1024>;
var<workgroup> right: array<f32, 1024>;
var<workgroup> goes_on: u32;

// Whether the member takes part in this phase; the same for all lanes.
fn takes_part(member: u32, lane: u32) -> bool {
    let s = settings[member];
    if lane == 0u {
        let status = statuses[member];
        var part = status.verdict == 0u;
        switch s.rule {
            case BACKPROP, PROX_EXACT, PROX_CGB: {}
            default: { poison_member(member); part = false; }
        }
        switch leg.operation {
            case GRAM, FACTOR, SOLVE: { part = part && s.rule == PROX_EXACT; }
            case CG_BEGIN: { part = part && s.rule == PROX_CGB; }
            case OVER_SAMPLES, IMAGE, CG_ADVANCE: { part = part && s.rule == PROX_CGB && status.searches == 1u; }
            case APPLY: { part = part && (status.pending == 0u || is_of_weights(status.pending)); }
            case RESTORE: { part = part && is_of_weights(status.pending); }
            case GATHER, FORWARD, POOL, MEASURE, GRADIENT, BACKWARD, UNPOOL, CHECK, CONCLUDE: {}
            default: { poison_member(member); part = false; }
        }
        goes_on = select(0u, 1u, part);
    }
    return workgroupUniformLoad(&goes_on) == 1u;
}

// Ends a member with a loss that is none.
fn poison_member(member: u32) {
    statuses[member].verdict = LOSS;
    statuses[member].loss = poison();
}

fn is_of_weights(verdict: u32) -> bool {
    return verdict >= NEW_WEIGHTS && verdict < LOSS;
}

// A matrix: where it begins, and how far it is to the next row and column (0: nobody knows). What is read there its kind says,
// which there is one of without images.
struct View {
    kind: u32,
    at: u32,
    down: u32,
    across: u32,
}
const PLAIN: u32 = 0u;

// `out ← A B`.
struct Factors {
    a: View,
    b: View,
}

// A has `rows` rows and `terms` columns, B has `columns`. Apart from where they lie: what a private variable has a part in is
// not uniform to a browser, and it refuses barriers in a loop over that.
struct Extent {
    rows: u32,
    terms: u32,
    columns: u32,
}

// `∂J/∂Z_l` as a matrix.
fn delta_view(l: u32, count: u32) -> View {
    return View(PLAIN, delta_of(l), 1u, rows_of(l, count));
}

// `∂J/∂A` of a dense layer's inputs.
fn dense_adjoint(l: u32, count: u32) -> Factors {
    let layer = plan.layer[l];
    return Factors(delta_view(l, count), View(PLAIN, own_state + layer.theta, layer.inputs, 1u));
}

// The same of any layer's: how large it is.
fn adjoint_extent(l: u32, count: u32) -> Extent {
    let layer = plan.layer[l];
    let w = layer.kernel;
    if w.size == 0u {
        return Extent(count, layer.outputs, layer.numbers);
    }
    let area = w.height * w.width;
    return Extent(area * count, layer.outputs * w.size * w.size, layer.numbers / area);
}

// Twin of nn::product.
@compute @workgroup_size(256)
fn product(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let member = group.z;
    at_member(member);
    if !takes_part(member, lane) {
        return;
    }
    let l = leg.layer;
    let layer = plan.layer[l];
    let count = minibatches[2u * leg.first + 1u];
    let n = layer.inputs;
    let m = layer.outputs;
    let all = rows_of(l, count);
    let inputs = inputs_of(l, count);
    let turned = inputs_turned(l, count);
    var factors = Factors(inputs, View(PLAIN, own_state + layer.theta, 1u, n));
    var extent = Extent(all, n, m);
    switch leg.operation {
        case FORWARD: {}
        case GRADIENT: { factors = Factors(turned, delta_view(l, count)); extent = Extent(n, all, m); }
        case BACKWARD: { factors = adjoint(l, count); extent = adjoint_extent(l, count); }
        case GRAM: {
            if is_by_rows(l) {
                factors = Factors(inputs, turned);
                extent = Extent(all, n, all);
            } else {
                factors = Factors(turned, inputs);
                extent = Extent(n, all, n);
            }
        }
        case OVER_SAMPLES: { factors.b.at = own_scratch + plan.search; }
        case IMAGE: {
            factors = Factors(turned, View(PLAIN, own_scratch + plan.over_samples, 1u, all));
            extent = Extent(n, all, m);
        }
        default: { poison_member(member); return; }
    }
    let a = factors.a;
    let b = factors.b;
    let rows = extent.rows;
    let terms = extent.terms;
    let columns = extent.columns;
    let row = group.x * TILE;
    let column = group.y * TILE;
    if row >= rows || column >= columns {
        return;
    }
    let i = lane % SIDE;
    let j = lane / SIDE;
    var sums = mat4x4<f32>();
    for (var k = 0u; k < terms; k += DEPTH) {
        for (var e = lane; e < TILE * DEPTH; e += LANES) {
            // Neighbours in memory are read by neighbours.
            let r = select(e / DEPTH, e % TILE, a.down == 1u);
            let t = select(e % DEPTH, e / TILE, a.down == 1u);
            var x = 0.0;
            if row + r < rows && k + t < terms {
                x = entry(a, l, count, row + r, k + t);
            }
            left[t * TILE + r] = x;
            let c = select(e % TILE, e / DEPTH, b.down == 1u);
            let u = select(e / TILE, e % DEPTH, b.down == 1u);
            var y = 0.0;
            if column + c < columns && k + u < terms {
                y = entry(b, l, count, k + u, column + c);
            }
            right[u * TILE + c] = y;
        }
        workgroupBarrier();
        for (var t = 0u; t < DEPTH; t++) {
            let p = t * TILE + i;
            let q = t * TILE + j;
            let x = vec4(left[p], left[p + SIDE], left[p + 2u * SIDE], left[p + 3u * SIDE]);
            let y = vec4(right[q], right[q + SIDE], right[q + 2u * SIDE], right[q + 3u * SIDE]);
            sums[0] += x * y.x;
            sums[1] += x * y.y;
            sums[2] += x * y.z;
            sums[3] += x * y.w;
        }
        workgroupBarrier();
    }
    for (var q = 0u; q < 4u; q++) {
        for (var p = 0u; p < 4u; p++) {
            let r = row + i + p * SIDE;
            let c = column + j + q * SIDE;
            if r < rows && c < columns {
                put(l, r, c, rows, sums[q][p], member);
            }
        }
    }
}

// Where an entry of a product goes, and what becomes of it on the way.
fn put(l: u32, r: u32, c: u32, rows: u32, sum: f32, member: u32) {
    let layer = plan.layer[l];
    let e = c * rows + r;
    switch leg.operation {
        case FORWARD: {
            if l + 1u < plan.layers {
                memory[own_scratch + layer.values + e] = activate(sum);
            } else {
                memory[own_scratch + layer.values + e] = sum;
            }
        }
        case GRADIENT: { memory[own_scratch + plan.direction + layer.theta + e] = flushed(sum); }
        case BACKWARD: {
            let a = memory[own_scratch + layer.activation + e];
            memory[own_scratch + plan.layer[l - 1u].arriving + e] = flushed(sum * slope(a));
        }
        case GRAM: { memory[own_scratch + plan.system + e] = flushed(sum + select(0.0, settings[member].shift, r == c)); }
        case OVER_SAMPLES: { memory[own_scratch + plan.over_samples + e] = sum; }
        case IMAGE: { memory[own_scratch + plan.image + e] = flushed(sum); }
        default: { poison_member(member); }
    }
}

// What each number needs alone.
@compute @workgroup_size(256)
fn spread(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let member = group.z;
    at_member(member);
    if !takes_part(member, lane) {
        return;
    }
    let l = leg.layer;
    let first = group.x * LANES + lane;
    let stride = groups.x * LANES;
    switch leg.operation {
        case GATHER: {
            let count = minibatches[2u * leg.first + 1u];
            gather(minibatches[2u * leg.first], count, first, stride);
            for (var h = 1u; h < plan.layers; h++) {
                let ones = own_scratch + plan.layer[h].activation + plan.layer[h].numbers * count;
                for (var i = first; i < count; i += stride) {
                    memory[ones + i] = 1.0;
                }
            }
        }
        case POOL: { pool(l, minibatches[2u * leg.first + 1u], first, stride); }
        case UNPOOL: { unpool(l, minibatches[2u * leg.first + 1u], first, stride); }
        case SOLVE: { exact_solve_factored(l, minibatches[2u * leg.first + 1u], first, stride); }
        case CHECK: {
            if !direction_is_finite(l, first, stride) {
                // Whoever finds one says the same.
                statuses[member].pending = max(statuses[member].pending, (l + 1u) * COLUMNS);
            }
        }
        case APPLY: {
            let made = statuses[member].optimizer_steps + statuses[member].made + 1u;
            if !apply(l, member, made, first, stride) {
                statuses[member].pending = NEW_WEIGHTS + l + 1u;
            }
        }
        case RESTORE: { restore(l, first, stride); }
        default: { poison_member(member); }
    }
}

// What needs all numbers at once.
@compute @workgroup_size(256)
fn alone(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let member = group.z;
    at_member(member);
    if !takes_part(member, lane) {
        return;
    }
    let l = leg.layer;
    let s = settings[member];
    let start = minibatches[2u * leg.first];
    let count = minibatches[2u * leg.first + 1u];
    switch leg.operation {
        case MEASURE: {
            let loss = over_lanes(lane, loss_and_gradient(start, count, lane, LANES), 0.0).x / f32(count);
            if lane == 0u {
                statuses[member].mean = loss;
                statuses[member].pending = select(LOSS, 0u, is_finite(loss));
                begin_stretch(member);
            }
        }
        case FACTOR: {
            let column = cholesky_factor(order_of(l, count), lane);
            if column > 0u && lane == 0u {
                // What failed further up comes first.
                if statuses[member].pending / COLUMNS < l + 1u {
                    statuses[member].pending = (l + 1u) * COLUMNS + column;
                }
            }
        }
        case CG_BEGIN: {
            let sum = over_lanes(lane, cg_begin(l, lane, LANES), 0.0).x;
            if lane == 0u {
                if cg_is_together(l, member) {
                    memory[own_scratch + plan.squares] = sum;
                    statuses[member].initial = sum;
                } else {
                    statuses[member].initial = sum / f32(plan.layer[l].outputs);
                }
                statuses[member].searches = select(0u, 1u, s.cg_iterations > 0u);
            }
        }
        case CG_ADVANCE: {
            var largest = 0.0;
            if cg_is_together(l, member) {
                largest = cg_advance_together(l, s.shift, s.cg_epsilon, lane);
            } else {
                largest = over_lanes(lane, 0.0, cg_advance(l, s.shift, s.cg_epsilon, lane, LANES)).y;
            }
            if lane == 0u {
                statuses[member].cg[l] += count;
                let near = largest < s.cg_tolerance * s.cg_tolerance * statuses[member].initial;
                if near || leg.iteration + 1u >= s.cg_iterations {
                    statuses[member].searches = 0u;
                }
            }
        }
        case CONCLUDE: {
            if lane == 0u {
                conclude(member, statuses[member].pending, statuses[member].mean);
            }
        }
        default: { poison_member(member); }
    }
}
