//! Cases of the *learning rule inside a recurrent network*: what they have in common. Replays none.

pub(super) mod cloning;
pub(super) mod meta;
pub(super) mod run;
pub(super) mod streams;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::kind::{some, within};
use crate::systems::vsml::{Cell, PARTS, Size};

/// Rows of numbers.
type Rows = Vec<Vec<f64>>;

/// A cell as it is written: each part in rows, biases in one.
#[derive(Deserialize)]
struct Written(Map<String, Value>);

impl Written {
    fn cell(&self, size: Size) -> Result<Cell, String> {
        let mut theta = Vec::with_capacity(size.count());
        for (part, name) in PARTS.iter().enumerate() {
            let (rows, columns) = size.shape(part);
            let value = self
                .0
                .get(*name)
                .ok_or_else(|| format!("{name}: missing"))?;
            let read =
                |value: &Value| Vec::<f64>::deserialize(value).map_err(|e| format!("{name}: {e}"));
            let written = match value.as_array() {
                Some(lines) if lines.iter().all(Value::is_array) => {
                    lines.iter().map(read).collect::<Result<Rows, String>>()?
                }
                _ => vec![read(value)?],
            };
            if written.len() != rows || written.iter().any(|row| row.len() != columns) {
                return Err(format!("{name}: these are not {rows} × {columns} numbers"));
            }
            theta.extend(written.into_iter().flatten());
        }
        Ok(Cell::new(size, theta))
    }
}

/// Numbers of a cell, or its slopes, as they are written.
fn written(size: Size, theta: &[f64]) -> Value {
    let part = |(part, name): (usize, &&str)| {
        let (rows, columns) = size.shape(part);
        let own = &theta[size.place(part)];
        let value = if rows == 1 && part % 2 == 1 {
            json!(own)
        } else {
            json!(own.chunks(columns).collect::<Vec<_>>())
        };
        ((*name).to_owned(), value)
    };
    Value::Object(PARTS.iter().enumerate().map(part).collect())
}

/// Weights of layers as one row of numbers.
fn weights(layers: &[Rows], sizes: &[usize]) -> Result<Vec<f64>, String> {
    let fits = |(layer, two): (&Rows, &[usize])| {
        layer.len() == two[0] + 1 && layer.iter().all(|row| row.len() == two[1])
    };
    if layers.len() + 1 != sizes.len() || !layers.iter().zip(sizes.windows(2)).all(fits) {
        return Err("weights: these layers do not fit the sizes".to_owned());
    }
    Ok(layers.iter().flatten().flatten().copied().collect())
}

/// Numbers of cells, so many of each, as they are written: layer, row, column.
fn layers(sizes: &[usize], theta: &[f64]) -> Vec<Rows> {
    let mut rest = theta;
    let layer = |two: &[usize]| {
        let own = rest.split_off(..(two[0] + 1) * two[1]).unwrap_or_default();
        own.chunks(two[1]).map(<[f64]>::to_vec).collect()
    };
    sizes.windows(2).map(layer).collect()
}

/// A cell's size, of which none is too much to make room for.
fn size(n: usize, k: usize, units: usize) -> Result<Size, String> {
    for (what, number) in [("n", n), ("k", k), ("H", units)] {
        within(what, number, 256)?;
    }
    Ok(Size { n, k, units })
}

/// Checks the sizes of a network, and that labels are of its classes.
fn fits(sizes: &[usize], labels: &[usize], points: usize) -> Result<(), String> {
    some("Y", labels)?;
    let classes = sizes.last().copied().unwrap_or(0);
    if sizes.len() < 2 || sizes[0] != 2 || sizes.contains(&0) {
        return Err("sizes: not those of a network of two inputs".to_owned());
    }
    if labels.len() != points || labels.iter().any(|y| *y >= classes) {
        return Err(format!("Y: these are not {points} labels below {classes}"));
    }
    Ok(())
}
