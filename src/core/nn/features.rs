//! What the first layer is given of a point: some of a few functions of its coordinates. Knows no data set and no weight.

use std::f64::consts::PI;

/// A function of a point's coordinates. The toy sets lie within about one unit of the origin, and there every one of these
/// is of order one, as initial weights expect; tables are brought to that size where they are read.
#[derive(Debug)]
pub struct Feature {
    /// Its name in texts.
    pub name: &'static str,
    /// As it is written.
    pub symbol: &'static str,
    /// The coordinates it looks at.
    pub of: Of,
    /// Its value at a point; without a second coordinate `y` is 0.
    pub at: fn(x: f64, y: f64) -> f64,
}

/// Which coordinates a feature looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// The first.
    X,
    /// The second.
    Y,
    /// Both.
    Both,
}

/// All features, in the order of the first layer's inputs. A sine has one period on [−1, 1].
pub static FEATURES: [Feature; 7] = [
    Feature {
        name: "x",
        symbol: "x",
        of: Of::X,
        at: |x, _| x,
    },
    Feature {
        name: "y",
        symbol: "y",
        of: Of::Y,
        at: |_, y| y,
    },
    Feature {
        name: "xx",
        symbol: "x²",
        of: Of::X,
        at: |x, _| x * x,
    },
    Feature {
        name: "yy",
        symbol: "y²",
        of: Of::Y,
        at: |_, y| y * y,
    },
    Feature {
        name: "xy",
        symbol: "xy",
        of: Of::Both,
        at: |x, y| x * y,
    },
    Feature {
        name: "sinx",
        symbol: "sin πx",
        of: Of::X,
        at: |x, _| libm::sin(PI * x),
    },
    Feature {
        name: "siny",
        symbol: "sin πy",
        of: Of::Y,
        at: |_, y| libm::sin(PI * y),
    },
];

/// A set of [`FEATURES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Features(u8);

impl Default for Features {
    /// The coordinates themselves.
    fn default() -> Features {
        ["x", "y"].into_iter().fold(Features::NONE, |set, name| {
            set.with(name).expect("coordinates are features")
        })
    }
}

impl Features {
    /// The empty set.
    pub const NONE: Features = Features(0);

    /// The same and the feature of this name; `None` where none has it.
    #[must_use]
    pub fn with(self, name: &str) -> Option<Features> {
        let i = FEATURES.iter().position(|f| f.name == name)?;
        Some(Features(self.0 | 1 << i))
    }

    /// Its features in their order.
    pub fn iter(self) -> impl Iterator<Item = &'static Feature> {
        let all = FEATURES.iter().enumerate();
        all.filter_map(move |(i, feature)| (self.0 >> i & 1 == 1).then_some(feature))
    }
}

/// How a point becomes the first layer's inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inputs {
    coordinates: usize,
    features: Features,
}

/// Why points cannot be looked at by some features.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// All of them look at a second coordinate, and there is one only.
    NoSecond,
    /// Points of so many coordinates are taken as they are.
    TooMany(usize),
}

impl Inputs {
    /// The coordinates as they are.
    pub fn plain(coordinates: usize) -> Inputs {
        Inputs {
            coordinates,
            features: Features::default(),
        }
    }

    /// These features of points of so many coordinates. On a line those that look at the second one are left out; points
    /// of three and more are taken as they are.
    ///
    /// # Errors
    /// [`Unfit`] where nothing is left, and where other features than the coordinates are asked of three and more.
    pub fn new(coordinates: usize, features: Features) -> Result<Inputs, Unfit> {
        let inputs = Inputs {
            coordinates,
            features,
        };
        if coordinates > 2 && features != Features::default() {
            return Err(Unfit::TooMany(coordinates));
        }
        if inputs.count() == 0 {
            return Err(Unfit::NoSecond);
        }
        Ok(inputs)
    }

    /// Coordinates of a point.
    pub fn coordinates(self) -> usize {
        self.coordinates
    }

    /// Inputs of the first layer.
    pub fn count(self) -> usize {
        match self.coordinates {
            0..=2 => self.features().count(),
            more => more,
        }
    }

    /// The features that a point is looked at by, one per input; of three and more coordinates those of the first two.
    pub fn features(self) -> impl Iterator<Item = &'static Feature> {
        let line = self.coordinates == 1;
        let all = self.features.iter();
        all.filter(move |feature| !line || feature.of == Of::X)
    }

    /// What the inputs are, as it is written; empty where they are the coordinates.
    pub fn names(self) -> Vec<String> {
        if self.features == Features::default() {
            return Vec::new();
        }
        self.features().map(|f| f.symbol.to_owned()).collect()
    }

    /// Hands out a point's inputs in order, with their indices.
    pub fn of_point(self, point: impl Fn(usize) -> f64, mut to: impl FnMut(usize, f64)) {
        if self.coordinates > 2 {
            (0..self.coordinates).for_each(|k| to(k, point(k)));
            return;
        }
        let x = point(0);
        let y = if self.coordinates > 1 { point(1) } else { 0.0 };
        for (k, feature) in self.features().enumerate() {
            to(k, (feature.at)(x, y));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(names: &str) -> Features {
        let mut names = names.split(',');
        names.try_fold(Features::NONE, Features::with).unwrap()
    }

    fn inputs_of(inputs: Inputs, point: &[f64]) -> Vec<f64> {
        let mut all = vec![f64::NAN; inputs.count()];
        inputs.of_point(|k| point[k], |k, value| all[k] = value);
        all
    }

    #[test]
    fn features_are_what_their_names_say_in_the_order_of_the_list() {
        let all = Inputs::new(2, set("siny,sinx,xy,yy,xx,y,x")).unwrap();
        assert_eq!(
            inputs_of(all, &[0.5, -1.5]),
            [0.5, -1.5, 0.25, 2.25, -0.75, 1.0, 1.0]
        );
        assert_eq!(inputs_of(Inputs::plain(2), &[0.5, -1.5]), [0.5, -1.5]);
        assert_eq!(
            Inputs::new(2, set("yy")).map(|i| inputs_of(i, &[0.0, 3.0])),
            Ok(vec![9.0])
        );
    }

    #[test]
    fn a_line_has_those_of_x_and_many_coordinates_are_taken_as_they_are() {
        assert_eq!(inputs_of(Inputs::plain(1), &[0.5]), [0.5]);
        let some = Inputs::new(1, set("x,y,xx,xy,sinx")).unwrap();
        assert_eq!(inputs_of(some, &[0.5]), [0.5, 0.25, 1.0]);
        assert_eq!(Inputs::new(1, set("y,xy")), Err(Unfit::NoSecond));
        assert_eq!(
            inputs_of(Inputs::plain(3), &[1.0, 2.0, 3.0]),
            [1.0, 2.0, 3.0]
        );
        assert_eq!(Inputs::new(3, set("x")), Err(Unfit::TooMany(3)));
    }

    #[test]
    fn every_feature_is_of_order_one_on_the_square_of_the_toy_sets_and_looks_where_it_says() {
        for feature in &FEATURES {
            let grid = (-10..=10).flat_map(|i| (-10..=10).map(move |j| [i, j]));
            for [x, y] in grid.map(|at| at.map(|v| f64::from(v) / 10.0)) {
                let value = (feature.at)(x, y);
                assert!(value.abs() <= 1.0, "{}: {value}", feature.name);
                match feature.of {
                    Of::X => assert_eq!(value, (feature.at)(x, 0.3), "{}", feature.name),
                    Of::Y => assert_eq!(value, (feature.at)(0.3, y), "{}", feature.name),
                    Of::Both => {}
                }
            }
        }
    }
}
