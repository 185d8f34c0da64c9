// Twin of nn::mlp: the minibatch, and the pass forward.

// Â_0 of the minibatch. Twin: Batch::gather.
fn gather(start: u32, count: u32, first: u32, stride: u32) {
    let numbers = plan.layer[0].numbers;
    let to = own_scratch + plan.layer[0].activation;
    for (var e = first; e < count * (numbers + 1u); e += stride) {
        let k = e / count;
        var x = 1.0;
        if k < numbers {
            x = points[k * plan.points + point_of(start, e % count)];
        }
        memory[to + e] = x;
    }
}

// `Z_l`, and `Â_{l+1}` of a hidden layer. The output layer's go where its loss makes them gradients. Twin:
// Activations::forward.
fn forward(l: u32, count: u32, first: u32, stride: u32) {
    let outputs = plan.layer[l].outputs;
    let hidden = l + 1u < plan.layers;
    let to = own_scratch + plan.layer[l].values;
    let blocks = (outputs + 3u) / 4u;
    for (var e = first; e < count * blocks; e += stride) {
        let i = e % count;
        let j = e / count * 4u;
        let z = row_times(l, own_state + plan.layer[l].theta, count, i, j);
        for (var c = 0u; c < min(4u, outputs - j); c++) {
            memory[to + (j + c) * count + i] = select(z[c], activate(z[c]), hidden);
        }
        // The column of ones.
        if hidden && j == 0u {
            memory[to + outputs * count + i] = 1.0;
        }
    }
}
