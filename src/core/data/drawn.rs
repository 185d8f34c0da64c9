//! A small set of points placed by hand, on a fine grid so that it travels in a link exactly. Knows no pointer and no
//! text.

use nalgebra::DMatrix;

use super::{Dataset, Points, Targets};

/// Most points; with them the address stays well below what web servers take.
pub const MOST_DRAWN: usize = 500;
/// Most classes of drawn points; each has a colour and a shape of its own.
pub const MOST_DRAWN_CLASSES: usize = 6;
/// Coordinates are whole multiples of one over this.
pub const GRID: i32 = 1000;
/// The largest coordinate, in units.
pub const REACH: i32 = 100;

/// A point placed by hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dot {
    /// Its class, below [`MOST_DRAWN_CLASSES`]; 0 on a curve.
    pub class: u8,
    /// Its place in multiples of 1/[`GRID`], each at most [`REACH`] · [`GRID`] in size. On a curve the second is the
    /// answer.
    pub at: [i32; 2],
}

impl Dot {
    /// The nearest place of the grid.
    pub fn near(class: u8, at: [f64; 2]) -> Dot {
        let most = f64::from(REACH * GRID);
        let on_grid = |v: f64| (v * f64::from(GRID)).round().clamp(-most, most) as i32;
        Dot {
            class,
            at: at.map(on_grid),
        }
    }

    /// Its place in units.
    pub fn place(self) -> [f64; 2] {
        self.at.map(|v| f64::from(v) / f64::from(GRID))
    }
}

/// Points placed by hand, in the order in which they were placed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drawn {
    /// One input and its answer (regression) instead of two inputs and a class.
    pub curve: bool,
    /// At most [`MOST_DRAWN`].
    pub dots: Vec<Dot>,
}

impl Drawn {
    /// Classes, at least 2; 0 for a curve.
    pub fn classes(&self) -> usize {
        let most = self.dots.iter().map(|dot| usize::from(dot.class) + 1).max();
        if self.curve {
            0
        } else {
            most.unwrap_or(0).max(2)
        }
    }

    /// Inputs: 1 for a curve, else 2.
    pub fn inputs(&self) -> usize {
        if self.curve { 1 } else { 2 }
    }

    /// As training points, in order; there are no validation points.
    pub fn dataset(&self) -> Dataset {
        Dataset {
            training: self.points(&self.dots),
            validation: self.points(&[]),
        }
    }

    fn points(&self, dots: &[Dot]) -> Points {
        let inputs = self.inputs();
        let column = |dots: &[Dot], j: usize| -> Vec<f64> {
            dots.iter().map(|dot| dot.place()[j]).collect()
        };
        let places = (0..inputs).flat_map(|j| column(dots, j));
        let targets = if self.curve {
            Targets::Values(DMatrix::from_vec(dots.len(), 1, column(dots, 1)))
        } else {
            Targets::Classes {
                labels: dots.iter().map(|dot| u32::from(dot.class)).collect(),
                classes: self.classes(),
            }
        };
        Points {
            inputs: DMatrix::from_iterator(dots.len(), inputs, places),
            targets,
        }
    }

    /// The index of the point nearest to a place, if one lies within `reach` (both in units). The later of two.
    pub fn nearest(&self, at: [f64; 2], reach: f64) -> Option<usize> {
        let distance = |dot: &Dot| {
            let [x, y] = dot.place();
            (x - at[0]).hypot(y - at[1])
        };
        let dots = self.dots.iter().enumerate().rev();
        let within = dots
            .map(|(i, dot)| (i, distance(dot)))
            .filter(|(_, d)| *d <= reach);
        within.min_by(|a, b| a.1.total_cmp(&b.1)).map(|(i, _)| i)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two() -> Drawn {
        Drawn {
            curve: false,
            dots: vec![Dot::near(0, [-0.5, 0.25]), Dot::near(2, [0.5, -1.0])],
        }
    }

    #[test]
    fn drawn_points_are_a_data_set() {
        let data = two().dataset();
        assert_eq!(
            data.training
                .inputs
                .row(1)
                .iter()
                .copied()
                .collect::<Vec<_>>(),
            [0.5, -1.0]
        );
        assert_eq!(
            data.training.targets,
            Targets::Classes {
                labels: vec![0, 2],
                classes: 3
            }
        );
        assert_eq!(data.validation.inputs.shape(), (0, 2));
    }

    #[test]
    fn the_nearest_point_within_reach_is_found() {
        assert_eq!(two().nearest([-0.4, 0.25], 0.2), Some(0));
        assert_eq!(two().nearest([-0.4, 0.25], 0.05), None);
        let mut twins = two();
        twins.dots.push(twins.dots[0]);
        assert_eq!(twins.nearest([-0.5, 0.25], 0.1), Some(2), "the one on top");
    }
}
