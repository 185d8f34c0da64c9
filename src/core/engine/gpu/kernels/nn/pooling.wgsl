// Twin of nn::pooling: the largest number of every window, and the way back to where it came from.

// `A_l` of σ's first part, and which cell each number came from. Twin: Pooling::forward.
fn pool(l: u32, count: u32, first: u32, stride: u32) {
    let layer = plan.layer[l];
    let w = layer.pooling;
    let to = own_scratch + plan.layer[l + 1u].activation;
    for (var e = first; e < layer.outputs * w.places * count; e += stride) {
        let place = e / count % w.places;
        let plane = e / count / w.places * w.height * w.width;
        let begin = own_scratch + layer.values + plane * count + e % count;
        var top = 0.0;
        var winner = 0u;
        for (var cell = 0u; cell < w.size * w.size; cell++) {
            let x = memory[begin + under(w, place, cell) * count];
            if cell == 0u || x > top || is_nan(x) {
                top = x;
                winner = cell;
            }
        }
        memory[to + e] = top;
        memory[own_scratch + layer.winners + e] = f32(winner);
    }
}

// `∂J/∂Z_l` from what arrives behind the pooling. Twin: Pooling::backward, but that every number gathers what the CPU adds to it.
fn unpool(l: u32, count: u32, first: u32, stride: u32) {
    let layer = plan.layer[l];
    let w = layer.pooling;
    let area = w.height * w.width;
    for (var e = first; e < layer.outputs * area * count; e += stride) {
        let at = e / count % area;
        let plane = own_scratch + e / count / area * w.places * count + e % count;
        var sum = 0.0;
        for (var cell = 0u; cell < w.size * w.size; cell++) {
            let place = over(w, at, cell);
            if place != NOWHERE {
                let behind = plane + place * count;
                if u32(memory[layer.winners + behind]) == cell {
                    sum += memory[layer.arriving + behind];
                }
            }
        }
        memory[delta_of(l) + e] = sum;
    }
}
