// Twin of steps::l1: what l1 does to a weight after the optimizer's step.

// A weight drawn towards zero by the member's τ·l1. Twin: L1::apply.
fn shrunk(w: f32, member: u32) -> f32 {
    let s = settings[member].l1_size;
    let moved = flushed(w - s * sign(w));
    switch settings[member].shrinkage {
        case IMPLICIT: { return select(moved, 0.0, abs(w) <= s); }
        case EXPLICIT: { return moved; }
        default: { return poison(); }
    }
}
