// What engine::wide asks of a network without images: every matrix lies in memory.

fn inputs_of(l: u32, count: u32) -> View {
    return View(PLAIN, own_scratch + plan.layer[l].activation, 1u, count);
}

fn inputs_turned(l: u32, count: u32) -> View {
    return View(PLAIN, own_scratch + plan.layer[l].activation, count, 1u);
}

fn adjoint(l: u32, count: u32) -> Factors {
    return dense_adjoint(l, count);
}

fn entry(view: View, l: u32, count: u32, r: u32, c: u32) -> f32 {
    return memory[view.at + r * view.down + c * view.across];
}

// Nothing is pooled.
fn pool(l: u32, count: u32, first: u32, stride: u32) {
    memory[delta_of(l)] = poison();
}

fn unpool(l: u32, count: u32, first: u32, stride: u32) {
    memory[delta_of(l)] = poison();
}
