// Twin of nn::convolution: a convolution is a product whose left side is read out of the images, patch by patch.

// `Â`, a row per place and sample, a column per channel and cell, and the ones.
const PATCHES: u32 = 1u;
// The same turned.
const PATCHES_TURNED: u32 = 2u;
// `∂J/∂Z` as its adjoint reads it, a row per number of a plane and sample, a column per output and cell.
const ANSWERS: u32 = 3u;
// Θ for that, a row per output and cell, a column per channel.
const KERNELS: u32 = 4u;

fn inputs_of(l: u32, count: u32) -> View {
    let kind = select(PLAIN, PATCHES, plan.layer[l].kernel.size > 0u);
    return View(kind, own_scratch + plan.layer[l].activation, 1u, count);
}

fn inputs_turned(l: u32, count: u32) -> View {
    let kind = select(PLAIN, PATCHES_TURNED, plan.layer[l].kernel.size > 0u);
    return View(kind, own_scratch + plan.layer[l].activation, count, 1u);
}

// Twin: Convolution::adjoint, but that every number gathers what the CPU adds to it.
fn adjoint(l: u32, count: u32) -> Factors {
    let layer = plan.layer[l];
    if layer.kernel.size == 0u {
        return dense_adjoint(l, count);
    }
    let answers = View(ANSWERS, delta_of(l), 1u, 0u);
    return Factors(answers, View(KERNELS, own_state + layer.theta, 1u, 0u));
}

// Row r and column c of a matrix.
fn entry(view: View, l: u32, count: u32, r: u32, c: u32) -> f32 {
    switch view.kind {
        case PLAIN: { return memory[view.at + r * view.down + c * view.across]; }
        case PATCHES: { return of_patch(view.at, l, count, r, c); }
        case PATCHES_TURNED: { return of_patch(view.at, l, count, c, r); }
        case ANSWERS: {
            let w = plan.layer[l].kernel;
            let cells = w.size * w.size;
            let place = over(w, r / count, c % cells);
            if place == NOWHERE {
                return 0.0;
            }
            return memory[view.at + (c / cells * w.places + place) * count + r % count];
        }
        case KERNELS: {
            let cells = plan.layer[l].kernel.size * plan.layer[l].kernel.size;
            return memory[view.at + r / cells * plan.layer[l].inputs + c * cells + r % cells];
        }
        default: { return poison(); }
    }
}

// Row r and column c of `Â` of the images at `at`. Twin: Convolution::patches.
fn of_patch(at: u32, l: u32, count: u32, r: u32, c: u32) -> f32 {
    if c + 1u == plan.layer[l].inputs {
        return 1.0;
    }
    let w = plan.layer[l].kernel;
    let cells = w.size * w.size;
    let number = under(w, r / count, c % cells);
    if number == NOWHERE {
        return 0.0;
    }
    return memory[at + (c / cells * w.height * w.width + number) * count + r % count];
}
