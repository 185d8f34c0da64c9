//! Marching squares: where a function on the nodes of a grid is zero.

use std::collections::HashMap;

/// A place in units of columns and rows.
pub type Place = [f64; 2];

/// The zero set as segments, one or two per cell of the grid of nodes: `heights` row by row, `columns` in each. Cells
/// with a corner that is not finite have none.
///
/// # Panics
/// When there are no columns.
pub fn segments(columns: usize, heights: &[f64]) -> Vec<[Place; 2]> {
    let rows = heights.len() / columns;
    let mut segments = Vec::new();
    for row in 0..rows.saturating_sub(1) {
        for column in 0..columns.saturating_sub(1) {
            let corners = [
                (column, row),
                (column + 1, row),
                (column + 1, row + 1),
                (column, row + 1),
            ];
            let heights = corners.map(|(c, r)| heights[r * columns + c]);
            let above = heights.map(|h| h > 0.0);
            if above == [above[0]; 4] || heights.iter().any(|h| !h.is_finite()) {
                continue;
            }
            let mut crossings = Vec::with_capacity(4);
            for side in 0..4 {
                let (mut from, mut to) = (side, (side + 1) % 4);
                if above[from] == above[to] {
                    continue;
                }
                // Neighbouring cells compute a crossing from the same end, so that it is the same number.
                if corners[to] < corners[from] {
                    std::mem::swap(&mut from, &mut to);
                }
                let share = heights[from] / (heights[from] - heights[to]);
                let mix = |a: usize, b: usize| a as f64 + (b as f64 - a as f64) * share;
                let (from, to) = (corners[from], corners[to]);
                crossings.push([mix(from.0, to.0), mix(from.1, to.1)]);
            }
            segments.extend(crossings.chunks_exact(2).map(|pair| [pair[0], pair[1]]));
        }
    }
    segments
}

/// The zero set as lines, the [`segments`] joined where they meet; a closed line ends where it begins.
///
/// # Panics
/// When there are no columns.
pub fn lines(columns: usize, heights: &[f64]) -> Vec<Vec<Place>> {
    let segments = segments(columns, heights);
    let key = |p: Place| p.map(f64::to_bits);
    let mut meeting: HashMap<[u64; 2], Vec<usize>> = HashMap::new();
    for (i, segment) in segments.iter().enumerate() {
        segment
            .iter()
            .for_each(|&p| meeting.entry(key(p)).or_default().push(i));
    }
    let mut used = vec![false; segments.len()];
    // Follows unused segments from a place on.
    let follow = |used: &mut [bool], mut at: Place| {
        let mut path = Vec::new();
        while let Some(&next) = meeting[&key(at)].iter().find(|&&i| !used[i]) {
            used[next] = true;
            let [a, b] = segments[next];
            at = if key(a) == key(at) { b } else { a };
            path.push(at);
        }
        path
    };
    let mut lines = Vec::new();
    for (i, &[from, to]) in segments.iter().enumerate() {
        if !std::mem::replace(&mut used[i], true) {
            let mut line = follow(&mut used, from);
            line.reverse();
            line.extend([from, to]);
            line.extend(follow(&mut used, to));
            lines.push(line);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `f(column, row)` row by row.
    fn heights(columns: usize, rows: usize, f: impl Fn(usize, usize) -> f64) -> Vec<f64> {
        (0..rows * columns)
            .map(|i| f(i % columns, i / columns))
            .collect()
    }

    #[test]
    fn a_circle_is_one_closed_line() {
        let radius = |p: Place| (p[0] - 10.3).hypot(p[1] - 9.7);
        let found = lines(
            21,
            &heights(21, 21, |c, r| radius([c as f64, r as f64]) - 6.0),
        );
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].first(), found[0].last());
        assert!(found[0].iter().all(|&p| (radius(p) - 6.0).abs() < 0.03));
    }

    #[test]
    fn open_lines_end_at_the_border_and_gaps_stay_open() {
        let slope = |c: usize| c as f64 - 1.5;
        let found = lines(5, &heights(5, 5, |c, _| slope(c)));
        assert_eq!(
            found,
            [[0.0, 1.0, 2.0, 3.0, 4.0].map(|r| [1.5, r]).to_vec()]
        );
        let gap = |c, r| if r == 2 { f64::NAN } else { slope(c) };
        assert_eq!(lines(5, &heights(5, 5, gap)).len(), 2);
    }
}
