// Twin of nn::mlp: the minibatch, and the pass forward.

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

// `Z_l`, and `Â_{l+1}` of a hidden layer. The output layer's go where its loss makes them gradients. Twin:
// Activations::forward.
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
