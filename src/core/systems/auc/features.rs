//! What the scorer is given of a point of the plane, and which of these numbers belong together. Knows no weights.

/// A map from the plane to feature vectors.
#[derive(Clone, Debug, PartialEq)]
pub enum Features {
    /// The coordinates themselves.
    Linear,
    /// All monomials `x₁ᵃ x₂ᵇ` with `1 ≤ a + b ≤ degree`: by degree, then falling `a`; no constant.
    Monomials {
        /// The largest `a + b`.
        degree: usize,
    },
    /// `exp(−|x − c|² / (2 width²))` for each centre `c`, not normalised.
    Bumps {
        /// The centres.
        centres: Vec<[f64; 2]>,
        /// Their common width.
        width: f64,
    },
}

impl Features {
    /// Bumps on a grid of `side × side` centres over `[−reach, reach]²`: row by row, from the smallest second coordinate; in a row from
    /// the smallest first one.
    ///
    /// # Panics
    /// If `side` is below 2.
    pub fn grid(side: usize, reach: f64, width: f64) -> Features {
        assert!(side > 1, "a grid has two centres a side at least");
        let place = |i: usize| -reach + 2.0 * reach * i as f64 / (side - 1) as f64;
        let centre = |i: usize| [place(i % side), place(i / side)];
        let centres = (0..side * side).map(centre).collect();
        Features::Bumps { centres, width }
    }

    /// How many numbers there are of a point.
    pub fn count(&self) -> usize {
        match self {
            Features::Linear => 2,
            Features::Monomials { degree } => degree * (degree + 3) / 2,
            Features::Bumps { centres, .. } => centres.len(),
        }
    }

    /// Writes the numbers of a point.
    ///
    /// # Panics
    /// If `into` does not have [`Features::count`] places.
    pub fn write(&self, [x, y]: [f64; 2], into: &mut [f64]) {
        assert_eq!(into.len(), self.count(), "places for features");
        match self {
            Features::Linear => into.copy_from_slice(&[x, y]),
            Features::Monomials { degree } => {
                let powers = (1..=*degree).flat_map(|k| (0..=k).map(move |b| (k - b, b)));
                for (value, (a, b)) in into.iter_mut().zip(powers) {
                    *value = power(x, a) * power(y, b);
                }
            }
            Features::Bumps { centres, width } => {
                for (value, [a, b]) in into.iter_mut().zip(centres) {
                    let square = (x - a) * (x - a) + (y - b) * (y - b);
                    *value = libm::exp(-square / (2.0 * width * width));
                }
            }
        }
    }

    /// The vectors of many points, one behind the other.
    pub fn of(&self, points: impl Iterator<Item = [f64; 2]>) -> Vec<f64> {
        let mut row = vec![0.0; self.count()];
        let mut all = Vec::with_capacity(self.count() * points.size_hint().0);
        for point in points {
            self.write(point, &mut row);
            all.extend_from_slice(&row);
        }
        all
    }
}

/// `x` to a whole power, in the same way everywhere.
fn power(x: f64, exponent: usize) -> f64 {
    (0..exponent).fold(1.0, |product, _| product * x)
}

/// The monomials of each degree.
pub fn degrees(degree: usize) -> Vec<Vec<usize>> {
    let first = |k: usize| (k - 1) * (k + 2) / 2;
    (1..=degree)
        .map(|k| (first(k)..=first(k) + k).collect())
        .collect()
}

/// Blocks of `block × block` neighbouring centres of a grid, row by row of blocks; in a block row by row.
///
/// # Panics
/// If `side` is no multiple of `block`.
pub fn blocks(side: usize, block: usize) -> Vec<Vec<usize>> {
    assert!(side.is_multiple_of(block), "blocks fill the grid");
    let across = side / block;
    let of = |k: usize| {
        let (row, column) = (k / across * block, k % across * block);
        let inside = |i: usize| (row + i / block) * side + column + i % block;
        (0..block * block).map(inside).collect()
    };
    (0..across * across).map(of).collect()
}
