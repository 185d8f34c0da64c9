//! Steps on functions of two variables that one can see: explicit, implicit, with momentum, and the flow they follow.
//! It knows functions, not networks; of the rest of the lab only the optimizers.

pub mod function;
pub mod method;
pub mod prox;
pub mod reference;
pub mod stability;

pub use function::Function;
pub use method::{Method, Walk, walk};

/// A point or a gradient.
pub type Point = [f64; 2];

/// A symmetric 2 × 2 matrix `[[xx, xy], [xy, yy]]`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Symmetric {
    /// Upper left.
    pub xx: f64,
    /// Off the diagonal.
    pub xy: f64,
    /// Lower right.
    pub yy: f64,
}

impl Symmetric {
    /// `self + s I`
    pub fn shifted(self, s: f64) -> Symmetric {
        Symmetric {
            xx: self.xx + s,
            yy: self.yy + s,
            ..self
        }
    }

    /// The matrix times a vector.
    pub fn times(self, v: Point) -> Point {
        [
            self.xx * v[0] + self.xy * v[1],
            self.xy * v[0] + self.yy * v[1],
        ]
    }

    /// The vector that times the matrix is `b`; not finite where the matrix is singular.
    pub fn solve(self, b: Point) -> Point {
        let determinant = self.xx * self.yy - self.xy * self.xy;
        [
            (self.yy * b[0] - self.xy * b[1]) / determinant,
            (self.xx * b[1] - self.xy * b[0]) / determinant,
        ]
    }

    /// Eigenvalues, the smaller first.
    pub fn eigenvalues(self) -> [f64; 2] {
        let (middle, radius) = (
            f64::midpoint(self.xx, self.yy),
            libm::hypot((self.xx - self.yy) / 2.0, self.xy),
        );
        [middle - radius, middle + radius]
    }
}

/// `p + s d`
pub(crate) fn moved(p: Point, s: f64, d: Point) -> Point {
    [p[0] + s * d[0], p[1] + s * d[1]]
}

pub(crate) fn dot(a: Point, b: Point) -> f64 {
    a[0] * b[0] + a[1] * b[1]
}

pub(crate) fn norm(a: Point) -> f64 {
    libm::hypot(a[0], a[1])
}
