// Twin of a sum and a maximum over a slice: over the lanes of a workgroup, in two rounds. In the first each of `ADDERS`
// lanes takes every `ADDERS`-th lane's share, in the second one takes what these have.

var<workgroup> parts: array<vec2<f32>, MOST_LANES>;
var<workgroup> total: vec2<f32>;

// The sum of `sum` and the largest of `largest` (which is not negative) over all lanes. A barrier for all memory.
fn over_lanes(lane: u32, sum: f32, largest: f32) -> vec2<f32> {
    parts[lane] = vec2(sum, largest);
    workgroupBarrier();
    if lane < ADDERS {
        var mine = parts[lane];
        for (var other = lane + ADDERS; other < LANES; other += ADDERS) {
            mine = vec2(mine.x + parts[other].x, max(mine.y, parts[other].y));
        }
        parts[lane] = mine;
    }
    workgroupBarrier();
    if lane == 0u {
        var all = parts[0];
        for (var other = 1u; other < ADDERS; other++) {
            all = vec2(all.x + parts[other].x, max(all.y, parts[other].y));
        }
        total = all;
    }
    storageBarrier();
    return workgroupUniformLoad(&total);
}
