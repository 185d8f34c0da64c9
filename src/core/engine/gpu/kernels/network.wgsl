// A member's forward pass, loss and backward pass. Twins: nn::activation, nn::loss, nn::mlp and steps::direction.
// Matrices as on the CPU: one column after another, a column's samples side by side. A lane does every `stride`-th
// entry from `first` on; who calls sees to it that what is read has been written.

// Twin: nn::real::tanh.
fn tanh_rational(z: f32) -> f32 {
    let x = clamp(z, -8.0, 8.0);
    let s = x * x;
    let p = (((1.9195902e-8 * s + 2.6614622e-5) * s + 4.2355964e-3) * s + 0.15754676) * s + 1.1677359;
    let q = (((1.053801e-6 * s + 4.0887672e-4) * s + 3.0801367e-2) * s + 0.5467922) * s + 1.1677359;
    return x * p / q;
}

// ln(1 + x) for x from 0.
fn ln_1p(x: f32) -> f32 {
    if x < 1e-2 {
        return x * (1.0 - x * (0.5 - x * (1.0 / 3.0 - x * 0.25)));
    }
    return log(1.0 + x);
}

// e^x - 1 for x up to 0.
fn exp_m1(x: f32) -> f32 {
    if x > -0.5 {
        return x * (1.0 + x / 2.0 * (1.0 + x / 3.0 * (1.0 + x / 4.0 * (1.0 + x / 5.0 * (1.0 + x / 6.0 * (1.0 + x / 7.0))))));
    }
    return exp(x) - 1.0;
}

// Twin: Activation::apply.
fn activate(z: f32) -> f32 {
    if !is_finite(z) && (bitcast<u32>(z) & 0x7fffffu) != 0u {
        return z;
    }
    switch plan.activation {
        case TANH: { return tanh_rational(z); }
        case RELU: { return max(z, 0.0); }
        case SIGMOID: { return 1.0 / (1.0 + exp(-clamp(z, -88.0, 88.0))); }
        case LEAKY_RELU: { return select(z, LEAK * z, z < 0.0); }
        default: { return max(z, 0.0) + ln_1p(exp(-abs(z))); }
    }
}

// Twin: Activation::times_slope, from the activation.
fn slope(a: f32) -> f32 {
    switch plan.activation {
        case TANH: { return 1.0 - a * a; }
        case RELU: { return select(1.0, 0.0, a <= 0.0); }
        case SIGMOID: { return a * (1.0 - a); }
        case LEAKY_RELU: { return select(1.0, LEAK, a <= 0.0); }
        default: { return -exp_m1(-a); }
    }
}

// Â_0 of the minibatch. Twin: Batch::gather.
fn gather(start: u32, count: u32, first: u32, stride: u32) {
    let inputs = plan.layer[0].inputs;
    let to = own_scratch + plan.layer[0].activation;
    for (var e = first; e < count * inputs; e += stride) {
        let i = e % count;
        let k = e / count;
        var x = 1.0;
        if k + 1u < inputs {
            x = points[k * plan.points + point_of(start, i)];
        }
        memory[to + k * plan.rows + i] = x;
    }
}

// `out ← Â_l B` with B shaped as Θ_l: `own` and `out` are places in memory. Four neurons at a time share the reading
// of Â. Twin: nn::product::affine.
fn row_times(l: u32, b: u32, i: u32, j: u32) -> vec4<f32> {
    let inputs = plan.layer[l].inputs;
    let a = own_scratch + plan.layer[l].activation + i;
    let last = plan.layer[l].outputs - 1u;
    let b0 = b + j * inputs;
    let b1 = b + min(j + 1u, last) * inputs;
    let b2 = b + min(j + 2u, last) * inputs;
    let b3 = b + min(j + 3u, last) * inputs;
    var sum = vec4<f32>();
    for (var k = 0u; k < inputs; k++) {
        sum += memory[a + k * plan.rows] * vec4(memory[b0 + k], memory[b1 + k], memory[b2 + k], memory[b3 + k]);
    }
    return sum;
}

// `Z_l`, and `Â_{l+1}` of a hidden layer. The output layer's go where its loss makes them gradients.
fn forward(l: u32, count: u32, first: u32, stride: u32) {
    let outputs = plan.layer[l].outputs;
    let hidden = l + 1u < plan.layers;
    let to = own_scratch + select(plan.delta, plan.layer[l + 1u].activation, hidden);
    let blocks = (outputs + 3u) / 4u;
    for (var e = first; e < count * blocks; e += stride) {
        let i = e % count;
        let j = e / count * 4u;
        let z = row_times(l, own_state + plan.layer[l].theta, i, j);
        for (var c = 0u; c < min(4u, outputs - j); c++) {
            memory[to + (j + c) * plan.rows + i] = select(z[c], activate(z[c]), hidden);
        }
        // The column of ones.
        if hidden && j == 0u {
            memory[to + outputs * plan.rows + i] = 1.0;
        }
    }
}

// J's share of the rows of this lane, and `∂J/∂Z` of the output layer in place of `Z`. Twin: loss_and_gradient.
fn loss_and_gradient(start: u32, count: u32, first: u32, stride: u32) -> f32 {
    let outputs = plan.layer[plan.layers - 1u].outputs;
    let z = own_scratch + plan.delta;
    let targets = (plan.layer[0].inputs - 1u) * plan.points;
    let weight = 1.0 / f32(count);
    var loss = 0.0;
    for (var i = first; i < count; i += stride) {
        let point = point_of(start, i);
        if plan.classes == 0u {
            for (var c = 0u; c < outputs; c++) {
                let at = z + c * plan.rows + i;
                let e = memory[at] - points[targets + c * plan.points + point];
                loss += 0.5 * e * e;
                memory[at] = e * weight;
            }
            continue;
        }
        let label = u32(points[targets + point]);
        var top = memory[z + i];
        var winner = 0u;
        for (var c = 1u; c < outputs; c++) {
            let answer = memory[z + c * plan.rows + i];
            if answer > top {
                top = answer;
                winner = c;
            }
        }
        // The largest term is 1: beside it small numbers would lose their digits.
        var rest = 0.0;
        for (var c = 0u; c < outputs; c++) {
            if c != winner {
                rest += exp(memory[z + c * plan.rows + i] - top);
            }
        }
        loss += ln_1p(rest) - (memory[z + label * plan.rows + i] - top);
        // p - 1 of the label is minus the sum of the others, for the same reason.
        var others = 0.0;
        for (var c = 0u; c < outputs; c++) {
            let at = z + c * plan.rows + i;
            let p = exp(memory[at] - top) / (1.0 + rest) * weight;
            others += select(p, 0.0, c == label);
            memory[at] = p;
        }
        memory[z + label * plan.rows + i] = -others;
    }
    return loss;
}

// Where `∂J/∂Z_l` is: two places take turns.
fn delta_of(l: u32) -> u32 {
    return own_scratch + plan.delta + (plan.layers - 1u - l) % 2u * plan.delta_size;
}

// `to ← Â_lᵀ B` for B of `count` rows and the layer's outputs. Twin: nn::product::transposed_times.
fn transposed_times(l: u32, b: u32, to: u32, count: u32, first: u32, stride: u32) {
    let inputs = plan.layer[l].inputs;
    let a = own_scratch + plan.layer[l].activation;
    for (var e = first; e < inputs * plan.layer[l].outputs; e += stride) {
        let left = a + e % inputs * plan.rows;
        let right = b + e / inputs * plan.rows;
        var sum = 0.0;
        for (var i = 0u; i < count; i++) {
            sum += memory[left + i] * memory[right + i];
        }
        memory[to + e] = sum;
    }
}

// `∂J/∂Z_{l-1}` from `∂J/∂Z_l`. Twin: times_weights_transposed and times_slope.
fn backward(l: u32, count: u32, first: u32, stride: u32) {
    let inputs = plan.layer[l].inputs;
    let outputs = plan.layer[l].outputs;
    let a = own_scratch + plan.layer[l].activation;
    let theta = own_state + plan.layer[l].theta;
    let above = delta_of(l);
    let to = delta_of(l - 1u);
    for (var e = first; e < count * (inputs - 1u); e += stride) {
        let i = e % count;
        let k = e / count;
        var sum = 0.0;
        for (var j = 0u; j < outputs; j++) {
            sum += memory[above + j * plan.rows + i] * memory[theta + j * inputs + k];
        }
        let at = k * plan.rows + i;
        memory[to + at] = sum * slope(memory[a + at]);
    }
}
