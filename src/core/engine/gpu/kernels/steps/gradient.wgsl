// Twin of steps::gradient: the way back through the layers.

// Where `∂J/∂Z_l` is: two places take turns.
fn delta_of(l: u32) -> u32 {
    return own_scratch + plan.delta + (plan.layers - 1u - l) % 2u * plan.delta_size;
}

// `∂J/∂Z_{l-1}` from `∂J/∂Z_l`. Twins: times_weights_transposed and times_slope.
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
            sum += memory[above + j * count + i] * memory[theta + j * inputs + k];
        }
        let at = k * count + i;
        memory[to + at] = flushed(sum * slope(memory[a + at]));
    }
}
