//! Numbers of cells as pictures of squares, group by group. Measures nothing.

use super::scene::Member;
use crate::frame::Field;
use crate::frame::stage::{Band, Kind, Picture, Scape};
use crate::systems::vsml::{Cell, Learner, Size};

/// Numbers that belong together: what they are, what their rows and columns are, and the numbers row by row.
struct Numbers {
    name: String,
    rows: Vec<(String, usize)>,
    columns: Vec<(String, usize)>,
    values: Vec<f64>,
}

impl Numbers {
    /// Without the rows and columns that there are none of.
    fn new(
        name: &str,
        rows: &[(&str, usize)],
        columns: &[(&str, usize)],
        values: Vec<f64>,
    ) -> Numbers {
        let those = |all: &[(&str, usize)]| {
            let all = all.iter().filter(|(_, count)| *count > 0);
            all.map(|(name, count)| ((*name).to_owned(), *count))
                .collect()
        };
        Numbers {
            name: name.to_owned(),
            rows: those(rows),
            columns: those(columns),
            values,
        }
    }

    /// What is not exceeded by nine in ten of those that are not 0, or little more: a few that are large leave the others their colours.
    fn reach(&self) -> f64 {
        let sizes = self.values.iter().map(|v| v.abs());
        let mut sizes: Vec<f64> = sizes.filter(|v| v.is_finite() && *v > 0.0).collect();
        sizes.sort_by(f64::total_cmp);
        let most = sizes.len().saturating_sub(1) as f64;
        let found = sizes.get((0.9 * most).ceil() as usize);
        found.map_or(1.0, |v| round_up(*v))
    }
}

/// In two digits, and not less.
pub(super) fn round_up(v: f64) -> f64 {
    let unit = libm::exp10(libm::log10(v).floor() - 1.0);
    let rounded = unit * (v / unit - 1e-9).ceil();
    format!("{rounded:.1e}").parse().unwrap_or(rounded)
}

/// The height of a picture of squares, and of what is written in it, in pixels or so.
const HIGH: usize = 290;
const LETTERS: usize = 14;
/// How much of the width what rows are takes, as a share of the squares'.
const BESIDE: f64 = 0.22;

/// Groups of numbers below each other, as a picture of squares.
fn mosaic(key: &str, title: &str, words: String, groups: Vec<Numbers>) -> Picture {
    let width = |group: &Numbers| group.columns.iter().map(|(_, count)| count).sum::<usize>();
    let widest = groups.iter().map(width).max().unwrap_or(1).max(1);
    let left = (BESIDE * widest as f64).ceil() as usize;
    // A square's room at the right, and a row's below: no frame lies on the picture's edge.
    let columns = left + widest + 1;
    let rows: usize = groups
        .iter()
        .map(|group| group.values.len() / width(group))
        .sum();
    // So many rows above each group that its name has room.
    let room = HIGH.saturating_sub(LETTERS * groups.len()).max(HIGH / 5);
    let gap = (LETTERS * rows).div_ceil(room);
    let rows = rows + gap * groups.len();
    let mut values = Vec::with_capacity(columns * rows);
    let mut bands = Vec::new();
    for group in groups {
        values.resize(values.len() + gap * columns, 0.0);
        let (above, reach, width) = (values.len() / columns, group.reach(), width(&group));
        for row in group.values.chunks(width) {
            values.resize(values.len() + left, 0.0);
            values.extend_from_slice(row);
            values.resize(values.len() + widest - width + 1, 0.0);
        }
        bands.push(Band {
            name: group.name,
            above,
            rows: group.rows,
            columns: group.columns,
            reach,
        });
    }
    values.resize(values.len() + columns, 0.0);
    // Row 0 of a field is the lowest.
    let cells = values.chunks(columns).rev().flatten().copied();
    Picture {
        key: key.to_owned(),
        title: title.to_owned(),
        words,
        kind: Kind::Plane(Box::new(Scape {
            x: (-(left as f64), (widest + 1) as f64),
            y: (-1.0, rows as f64),
            reach: 1.0,
            field: Some(Field {
                columns,
                rows: rows + 1,
                channels: 1,
                values: cells.map(|v| v as f32).collect(),
            }),
            bands,
            ..Scape::default()
        })),
    }
}

/// What all cells share.
pub(super) fn shared_numbers(member: &Member) -> Picture {
    let Cell { size, theta } = &member.trained.cell;
    let Size { n, k, units } = *size;
    let part = |part: usize| &theta[size.place(part)];
    let takes = [("state", n), ("below", k), ("above", k), ("bias", 1)];
    let into = |name: &str, w: usize| {
        let values = [part(w), part(w + 1)].concat();
        Numbers::new(name, &takes, &[("unit", units)], values)
    };
    let (w2, b2) = (part(4), part(5));
    let put_out = b2.iter().enumerate().flat_map(|(i, b)| {
        let row = w2.iter().skip(i).step_by(size.inputs());
        row.chain([b]).copied()
    });
    let puts = [("state", n), ("up", k), ("down", k)];
    let groups = vec![
        into("Into tanh: W1, b1", 0),
        into("Multiplied with it: W3, b3", 2),
        Numbers::new(
            "Put out: W2, b2",
            &puts,
            &[("unit", units), ("bias", 1)],
            put_out.collect(),
        ),
    ];
    let count = theta.len();
    let title = format!("The {count} numbers do not change");
    let words = format!(
        "The {count} numbers that all cells share, a column per unit: what goes into tanh (W1, b1), what that is multiplied with (W3, b3), what is put out (W2, and b2 in \
         the last column). They do not change while the network learns."
    );
    mosaic("cell", &title, words, groups)
}

/// What cells have learned.
pub(super) fn states(member: &Member, learner: &Learner) -> Picture {
    let grid = &member.grid;
    let (n, layers) = (grid.cell.n, grid.layers());
    let mut groups = Vec::new();
    for i in 0..n {
        for l in 0..layers {
            let ((ins, outs), cells) = (grid.ends(l), grid.cells(l));
            let own = &learner.states[grid.place(l)][i * cells..][..cells];
            let layer = l + 1;
            let name = if n > 1 {
                format!("State {}, layer {layer}", i + 1)
            } else {
                format!("Layer {layer}")
            };
            let from = if l == 0 { "input" } else { "unit" };
            let takes = [(from, ins - 1), ("bias", 1)];
            groups.push(if layer < layers {
                Numbers::new(&name, &takes, &[("unit", outs)], own.to_vec())
            } else {
                // The last layer lies down: a row per class.
                let lying = (0..outs).flat_map(|b| own.iter().skip(b).step_by(outs).copied());
                Numbers::new(&name, &[("class", outs)], &takes, lying.collect())
            });
        }
    }
    mosaic(
        "states",
        "The states: what is learned",
        "The states of all cells, number by number and layer by layer; the last layer has a row per class. They are all that changes.".to_owned(),
        groups,
    )
}
