// Twin of engine::gpu::structs, which says what each number is: what the host and the kernels tell each other. A test
// compares names and offsets. `LAYERS` and all other names in capitals are written in front of this file by
// engine::gpu::source.
//
// A matrix is one column after another, as on the CPU, but without padding: over a minibatch's samples a column is as long as
// there are. What takes `first` and `stride` makes every `stride`-th of its
// entries from `first` on; who calls sees to it that what is read has been written.

struct Windows {
    size: u32,
    stride: u32,
    padding: u32,
    height: u32,
    width: u32,
    columns: u32,
    places: u32,
}

struct Layer {
    inputs: u32,
    outputs: u32,
    theta: u32,
    numbers: u32,
    activation: u32,
    values: u32,
    arriving: u32,
    winners: u32,
    kernel: Windows,
    pooling: Windows,
}

struct Plan {
    layers: u32,
    points: u32,
    rows: u32,
    parameters: u32,
    scratch: u32,
    scratch_size: u32,
    activation: u32,
    loss: u32,
    high_steps: u32,
    constant_loss: f32,
    high: f32,
    delta: u32,
    delta_size: u32,
    direction: u32,
    system: u32,
    residual: u32,
    search: u32,
    image: u32,
    over_samples: u32,
    squares: u32,
    layer: array<Layer, LAYERS>,
}

struct Settings {
    rule: u32,
    optimizer: u32,
    cg_iterations: u32,
    cg_tolerance: f32,
    cg_epsilon: f32,
    shift: f32,
    tau: f32,
    momentum: f32,
    decay: f32,
    l1_size: f32,
    shrinkage: u32,
    together: u32,
}

struct Status {
    verdict: u32,
    made: u32,
    optimizer_steps: u32,
    high_steps: u32,
    first_loss: f32,
    loss: f32,
    lowest: f32,
    highest: f32,
    pending: u32,
    mean: f32,
    initial: f32,
    searches: u32,
    cg: array<u32, LAYERS>,
}

struct Leg {
    first: u32,
    steps: u32,
    begins: u32,
    layer: u32,
    operation: u32,
    iteration: u32,
}

@group(0) @binding(0) var<storage, read> plan: Plan;
// Inputs, then targets: column after column; a class is its index.
@group(0) @binding(1) var<storage, read> points: array<f32>;
// Per step where its training points begin and how many there are, then their indices.
@group(0) @binding(2) var<storage, read> minibatches: array<u32>;
@group(0) @binding(3) var<storage, read> settings: array<Settings>;
// Per member Θ and two moments; then per member what a step needs besides.
@group(0) @binding(4) var<storage, read_write> memory: array<f32>;
@group(0) @binding(5) var<storage, read_write> statuses: array<Status>;
@group(0) @binding(6) var<uniform> leg: Leg;

// Where the member's own numbers begin.
var<private> own_state: u32;
var<private> own_scratch: u32;

fn at_member(member: u32) {
    own_state = member * 3u * plan.parameters;
    own_scratch = plan.scratch + member * plan.scratch_size;
}

// Rows of a layer's `Â` and `Z`. Twin: nn::layer::Layer::rows.
fn rows_of(l: u32, count: u32) -> u32 {
    return count * plan.layer[l].kernel.places;
}

// Where in `points` row i of a minibatch is.
fn point_of(start: u32, i: u32) -> u32 {
    if start == ALL {
        return i;
    }
    return minibatches[start + i];
}
