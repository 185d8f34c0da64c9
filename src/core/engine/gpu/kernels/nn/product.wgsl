// Twin of nn::product: products entry by entry.

// Row i and columns j to j + 3 of `Â_l B`, B at `b` and shaped as Θ_l: four neurons share the reading of Â. Twin:
// affine.
fn row_times(l: u32, b: u32, count: u32, i: u32, j: u32) -> vec4<f32> {
    let inputs = plan.layer[l].inputs;
    let a = own_scratch + plan.layer[l].activation + i;
    let last = plan.layer[l].outputs - 1u;
    let b0 = b + j * inputs;
    let b1 = b + min(j + 1u, last) * inputs;
    let b2 = b + min(j + 2u, last) * inputs;
    let b3 = b + min(j + 3u, last) * inputs;
    var sum = vec4<f32>();
    for (var k = 0u; k < inputs; k++) {
        sum += memory[a + k * count] * vec4(memory[b0 + k], memory[b1 + k], memory[b2 + k], memory[b3 + k]);
    }
    return sum;
}

// `to ← Â_lᵀ B` for B of `count` rows and the layer's outputs. Twin: transposed_times.
fn transposed_times(l: u32, b: u32, to: u32, count: u32, first: u32, stride: u32) {
    let inputs = plan.layer[l].inputs;
    let a = own_scratch + plan.layer[l].activation;
    for (var e = first; e < inputs * plan.layer[l].outputs; e += stride) {
        let left = a + e % inputs * count;
        let right = b + e / inputs * count;
        var sum = 0.0;
        for (var i = 0u; i < count; i++) {
            sum += memory[left + i] * memory[right + i];
        }
        memory[to + e] = flushed(sum);
    }
}
