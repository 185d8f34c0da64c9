//! The functions, with their first and second derivatives in closed form.

use super::{Point, Symmetric};

/// A function of two variables, bounded below.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Function {
    /// `½(x² + κ y²)`, its eigenvectors turned by `angle`.
    Quadratic {
        /// Condition number κ ≥ 1, the larger eigenvalue; the smaller is 1.
        condition: f64,
        /// Radians by which the whole function is turned to the left.
        angle: f64,
    },
    /// Rosenbrock (1960): a curved valley, minimum at (1, 1).
    Rosenbrock,
    /// Beale (1958): a plateau with steep corners, minimum at (3, ½).
    Beale,
    /// Himmelblau (1972): four minima of equal height.
    Himmelblau,
    /// `|x|` rounded off within ε of its kink (pseudo-Huber), on a gentle slope in y.
    Ridge,
    /// A narrow, wavy gorge: fast onto its floor, slowly along it.
    Stiff,
}

/// The angle at which the rotated quadratic is offered: 30°.
pub const ANGLE: f64 = std::f64::consts::PI / 6.0;
/// Where the ridge is rounded off: `√(x² + ε²) − ε` differs from `|x|` by at most ε, and its curvature is at most 1/ε.
pub const ROUNDING: f64 = 0.02;
/// Curvature across the gorge.
const STEEP: f64 = 100.0;
/// Curvature along the gorge and along the ridge.
const GENTLE: f64 = 0.2;

impl Function {
    /// All, in the order in which they are offered; both quadratics of condition number `condition`.
    pub const fn all(condition: f64) -> [Function; 7] {
        [
            Function::Quadratic {
                condition,
                angle: 0.0,
            },
            Function::Quadratic {
                condition,
                angle: ANGLE,
            },
            Function::Rosenbrock,
            Function::Beale,
            Function::Himmelblau,
            Function::Ridge,
            Function::Stiff,
        ]
    }

    /// The names of all in a form or a link.
    pub const KEYS: [&str; 7] = {
        let all = Function::all(1.0);
        let mut keys = [""; 7];
        let mut i = 0;
        while i < keys.len() {
            keys[i] = all[i].key();
            i += 1;
        }
        keys
    };

    /// The function of a name; quadratics have the condition number `condition`.
    pub fn of_key(key: &str, condition: f64) -> Option<Function> {
        let all = Function::all(condition);
        all.into_iter().find(|function| function.key() == key)
    }

    /// Its name in a form or a link.
    pub const fn key(self) -> &'static str {
        match self {
            Function::Quadratic { angle: 0.0, .. } => "quadratic",
            Function::Quadratic { .. } => "rotated",
            Function::Rosenbrock => "rosenbrock",
            Function::Beale => "beale",
            Function::Himmelblau => "himmelblau",
            Function::Ridge => "ridge",
            Function::Stiff => "stiff",
        }
    }

    /// Its name in words.
    pub fn name(self) -> &'static str {
        match self {
            Function::Quadratic { angle: 0.0, .. } => "Quadratic",
            Function::Quadratic { .. } => "Rotated quadratic",
            Function::Rosenbrock => "Rosenbrock",
            Function::Beale => "Beale",
            Function::Himmelblau => "Himmelblau",
            Function::Ridge => "Ridge, |x| rounded off",
            Function::Stiff => "Stiff valley",
        }
    }

    /// Its formula in one line of text.
    pub fn formula(self) -> &'static str {
        match self {
            Function::Quadratic { angle: 0.0, .. } => "½(x² + κy²)",
            Function::Quadratic { .. } => "½(s² + κt²), axes turned by 30°",
            Function::Rosenbrock => "(1 − x)² + 100(y − x²)²",
            Function::Beale => "(1.5 − x + xy)² + (2.25 − x + xy²)² + (2.625 − x + xy³)²",
            Function::Himmelblau => "(x² + y − 11)² + (x + y² − 7)²",
            Function::Ridge => "√(x² + ε²) − ε + 0.1y², ε = 0.02",
            Function::Stiff => "50(y − sin x)² + 0.1x²",
        }
    }

    /// `f(p)`
    pub fn value(self, [x, y]: Point) -> f64 {
        match self {
            Function::Quadratic { condition, angle } => {
                let (s, t) = turned(x, y, angle);
                0.5 * (s * s + condition * t * t)
            }
            Function::Rosenbrock => {
                let (a, b) = (1.0 - x, y - x * x);
                a * a + 100.0 * b * b
            }
            Function::Beale => beale(x, y).iter().map(|t| t.r * t.r).sum(),
            Function::Himmelblau => {
                let (a, b) = (x * x + y - 11.0, x + y * y - 7.0);
                a * a + b * b
            }
            Function::Ridge => libm::hypot(x, ROUNDING) - ROUNDING + 0.5 * GENTLE * y * y,
            Function::Stiff => {
                let t = y - libm::sin(x);
                0.5 * (STEEP * t * t + GENTLE * x * x)
            }
        }
    }

    /// `∇f(p)`
    pub fn gradient(self, [x, y]: Point) -> Point {
        match self {
            Function::Quadratic { .. } => self.hessian([x, y]).times([x, y]),
            Function::Rosenbrock => {
                let b = y - x * x;
                [-2.0 * (1.0 - x) - 400.0 * x * b, 200.0 * b]
            }
            Function::Beale => beale(x, y).iter().fold([0.0; 2], |g, t| {
                [g[0] + 2.0 * t.r * t.x, g[1] + 2.0 * t.r * t.y]
            }),
            Function::Himmelblau => {
                let (a, b) = (x * x + y - 11.0, x + y * y - 7.0);
                [4.0 * x * a + 2.0 * b, 2.0 * a + 4.0 * y * b]
            }
            Function::Ridge => [x / libm::hypot(x, ROUNDING), GENTLE * y],
            Function::Stiff => {
                let t = STEEP * (y - libm::sin(x));
                [GENTLE * x - t * libm::cos(x), t]
            }
        }
    }

    /// `∇²f(p)`
    pub fn hessian(self, [x, y]: Point) -> Symmetric {
        match self {
            Function::Quadratic { condition, angle } => {
                let (sin, cos) = libm::sincos(angle);
                Symmetric {
                    xx: cos * cos + condition * sin * sin,
                    xy: (1.0 - condition) * sin * cos,
                    yy: sin * sin + condition * cos * cos,
                }
            }
            Function::Rosenbrock => Symmetric {
                xx: 2.0 - 400.0 * (y - 3.0 * x * x),
                xy: -400.0 * x,
                yy: 200.0,
            },
            Function::Beale => {
                let zero = Symmetric {
                    xx: 0.0,
                    xy: 0.0,
                    yy: 0.0,
                };
                beale(x, y).iter().fold(zero, |h, t| Symmetric {
                    xx: h.xx + 2.0 * t.x * t.x,
                    xy: h.xy + 2.0 * (t.x * t.y + t.r * t.xy),
                    yy: h.yy + 2.0 * (t.y * t.y + t.r * t.yy),
                })
            }
            Function::Himmelblau => Symmetric {
                xx: 12.0 * x * x + 4.0 * y - 42.0,
                xy: 4.0 * (x + y),
                yy: 12.0 * y * y + 4.0 * x - 26.0,
            },
            Function::Ridge => {
                let r = libm::hypot(x, ROUNDING);
                Symmetric {
                    xx: ROUNDING * ROUNDING / (r * r * r),
                    xy: 0.0,
                    yy: GENTLE,
                }
            }
            Function::Stiff => {
                let (sin, cos) = libm::sincos(x);
                Symmetric {
                    xx: GENTLE + STEEP * (cos * cos + (y - sin) * sin),
                    xy: -STEEP * cos,
                    yy: STEEP,
                }
            }
        }
    }

    /// Its minima.
    pub fn minima(self) -> &'static [Point] {
        match self {
            Function::Quadratic { .. } | Function::Ridge | Function::Stiff => &[[0.0, 0.0]],
            Function::Rosenbrock => &[[1.0, 1.0]],
            Function::Beale => &[[3.0, 0.5]],
            Function::Himmelblau => &[
                [3.0, 2.0],
                [-2.805_118_086_952_745, 3.131_312_518_250_573],
                [-3.779_310_253_377_747, -3.283_185_991_286_170],
                [3.584_428_340_330_492, -1.848_126_526_964_404],
            ],
        }
    }

    /// The rectangle worth looking at, `(x, y)` ranges.
    pub fn window(self) -> ((f64, f64), (f64, f64)) {
        match self {
            Function::Quadratic { .. } => ((-4.0, 4.0), (-3.0, 3.0)),
            Function::Rosenbrock => ((-2.0, 2.0), (-1.0, 3.0)),
            Function::Beale => ((-1.0, 4.2), (-1.5, 1.8)),
            Function::Himmelblau => ((-5.5, 5.5), (-5.0, 5.0)),
            Function::Ridge => ((-2.0, 2.0), (-2.0, 2.0)),
            Function::Stiff => ((-4.5, 4.5), (-2.2, 2.2)),
        }
    }

    /// A start that shows what the function is about.
    pub fn start(self) -> Point {
        match self {
            Function::Quadratic { .. } => [-3.5, 1.5],
            Function::Rosenbrock => [-1.2, 1.0],
            Function::Beale => [1.0, 1.4],
            Function::Himmelblau => [0.0, -0.5],
            Function::Ridge => [1.7, 1.6],
            Function::Stiff => [-4.0, 1.6],
        }
    }
}

/// Coordinates along axes turned to the left by `angle`.
fn turned(x: f64, y: f64, angle: f64) -> (f64, f64) {
    let (sin, cos) = libm::sincos(angle);
    (cos * x + sin * y, cos * y - sin * x)
}

/// One of Beale's residuals `c − x + x yᵏ` and its derivatives (`∂²/∂x²` is zero).
struct Term {
    r: f64,
    x: f64,
    y: f64,
    xy: f64,
    yy: f64,
}

fn beale(x: f64, y: f64) -> [Term; 3] {
    let term = |c: f64, power: f64, slope: f64, bend: f64| Term {
        r: c - x + x * power,
        x: power - 1.0,
        y: x * slope,
        xy: slope,
        yy: x * bend,
    };
    [
        term(1.5, y, 1.0, 0.0),
        term(2.25, y * y, 2.0 * y, 2.0),
        term(2.625, y * y * y, 3.0 * y * y, 6.0 * y),
    ]
}
