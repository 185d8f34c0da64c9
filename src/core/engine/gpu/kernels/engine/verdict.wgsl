// Twin of engine::cpu: what is counted of a member's steps, and what becomes of it. engine::gpu::layout reads the
// verdicts.

// Forgets what was counted in the stretch before.
fn begin_stretch(member: u32) {
    if leg.begins == 0u {
        return;
    }
    statuses[member].lowest = MOST;
    statuses[member].highest = -1.0;
    for (var l = 0u; l < plan.layers; l++) {
        statuses[member].cg[l] = 0u;
    }
}

// What becomes of a member whose step ended in `verdict` (0: well) at the mean minibatch loss `loss`.
fn conclude(member: u32, verdict: u32, loss: f32) {
    // A step that found no direction has no loss to note.
    if verdict == 0u || (verdict >= NEW_WEIGHTS && verdict < LOSS) {
        statuses[member].loss = loss;
        if statuses[member].first_loss < 0.0 {
            statuses[member].first_loss = loss;
        }
    }
    let s = statuses[member];
    if s.first_loss >= 0.0 {
        let high = s.loss > plan.high * max(plan.constant_loss, s.first_loss);
        statuses[member].high_steps = select(0u, s.high_steps + 1u, high);
    }
    if verdict == 0u {
        statuses[member].made = s.made + 1u;
        statuses[member].lowest = min(s.lowest, loss);
        statuses[member].highest = max(s.highest, loss);
        if statuses[member].high_steps >= plan.high_steps {
            statuses[member].verdict = HOPELESS;
        }
        return;
    }
    statuses[member].verdict = verdict;
    if verdict == LOSS {
        statuses[member].loss = loss;
    }
}
