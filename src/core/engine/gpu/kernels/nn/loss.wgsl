// Twin of nn::loss: J, and where its gradient begins.

// J's share of the rows of this lane, and `∂J/∂Z` of the output layer in place of `Z`. Twin:
// Loss::value_and_gradient.
fn loss_and_gradient(start: u32, count: u32, first: u32, stride: u32) -> f32 {
    let outputs = plan.layer[plan.layers - 1u].outputs;
    let z = own_scratch + plan.delta;
    let targets = plan.layer[0].numbers * plan.points;
    let weight = 1.0 / f32(count);
    var loss = 0.0;
    for (var i = first; i < count; i += stride) {
        let point = point_of(start, i);
        switch plan.loss {
            case CROSS_ENTROPY: { loss += cross_entropy(z + i, count, u32(points[targets + point]), weight); }
            case HALF_SQUARED: {
                for (var c = 0u; c < outputs; c++) {
                    let at = z + c * count + i;
                    let e = flushed(memory[at] - points[targets + c * plan.points + point]);
                    loss += 0.5 * e * e;
                    memory[at] = flushed(e * weight);
                }
            }
            default: { loss += poison(); }
        }
    }
    return loss;
}

// Of the row whose outputs are at `z` and every `count` words further; their gradients take their places.
fn cross_entropy(z: u32, count: u32, label: u32, weight: f32) -> f32 {
    let outputs = plan.layer[plan.layers - 1u].outputs;
    var top = memory[z];
    var winner = 0u;
    for (var c = 1u; c < outputs; c++) {
        let answer = memory[z + c * count];
        if answer > top {
            top = answer;
            winner = c;
        }
    }
    // The largest term is 1: beside it small numbers would lose their digits.
    var rest = 0.0;
    for (var c = 0u; c < outputs; c++) {
        if c != winner {
            rest += flushed(exp(memory[z + c * count] - top));
        }
    }
    let loss = ln_1p(rest) - (memory[z + label * count] - top);
    // p - 1 of the label is minus the sum of the others, for the same reason.
    var others = 0.0;
    for (var c = 0u; c < outputs; c++) {
        let at = z + c * count;
        let p = flushed(flushed(exp(memory[at] - top)) / (1.0 + rest) * weight);
        others += select(p, 0.0, c == label);
        memory[at] = p;
    }
    memory[z + label * count] = -others;
    return loss;
}
