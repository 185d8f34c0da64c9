//! The toy sets: points of the plane (or the line) that small networks learn within seconds.
//! Knows nothing of training.
//!
//! Labels alternate, so classes are balanced to within one point. `noise` is the standard deviation of a
//! normal jitter: of the position in classification (labels stay, so classes begin to overlap), of the
//! answer in regression.

use std::f64::consts::{PI, TAU};

use nalgebra::DMatrix;

use super::rng::{Purpose, Stream};
use super::{DataSource, Dataset, Points, Targets};
use crate::Error;

/// Draws `n` training points and `round(valid · n)` validation points of the same distribution.
/// The same arguments give the same bits on every target.
///
/// # Errors
/// If `source` is none of [`DataSource::TOY`]: its points come from elsewhere.
pub fn generate(
    source: DataSource,
    n: usize,
    noise: f64,
    valid: f64,
    seed: u32,
) -> Result<Dataset, Error> {
    let missing = match source {
        DataSource::State => {
            "data=state: the points are those of a state file or a CSV file, which an address cannot hold; open that file"
        }
        DataSource::Points => "data=points: the points are drawn ones, and none are given",
        DataSource::Digits => "data=digits: the points are images, and none are given",
        DataSource::Wine => "data=wine: the points are wines, and none are given",
        DataSource::Cifar10 => {
            "data=cifar10: the images are in files, and none are given; drop data_batch_1.bin on the page; the command line reads them, by --images"
        }
        _ => "",
    };
    if !missing.is_empty() {
        return Err(Error::Data(missing.to_owned()));
    }
    let drawn = |purpose, count| points(source, count, noise, &mut Stream::new(seed, purpose, 0));
    let validation = libm::round(valid * n as f64) as usize;
    Ok(Dataset {
        training: drawn(Purpose::Training, n),
        validation: drawn(Purpose::Validation, validation),
    })
}

fn points(source: DataSource, n: usize, noise: f64, stream: &mut Stream) -> Points {
    let classes = source.classes().expect("other points are not generated");
    let mut inputs = DMatrix::zeros(n, source.inputs().expect("other points are not generated"));
    if classes == 0 {
        let mut values = DMatrix::zeros(n, 1);
        for i in 0..n {
            for x in inputs.row_mut(i).iter_mut() {
                *x = stream.between(-1.0, 1.0);
            }
            values[(i, 0)] = answer(source, inputs[(i, 0)], inputs[(i, inputs.ncols() - 1)])
                + noise * stream.normal();
        }
        return Points {
            inputs,
            targets: Targets::Values(values),
        };
    }
    let labels: Vec<u32> = (0..n).map(|i| (i % classes) as u32).collect();
    for (i, &label) in labels.iter().enumerate() {
        let (x, y) = position(source, label, stream);
        inputs[(i, 0)] = x + noise * stream.normal();
        inputs[(i, 1)] = y + noise * stream.normal();
    }
    Points {
        inputs,
        targets: Targets::Classes { labels, classes },
    }
}

/// A noiseless point of class `label`.
fn position(source: DataSource, label: u32, stream: &mut Stream) -> (f64, f64) {
    let first = label == 0;
    match source {
        DataSource::Circle => {
            // Uniform in area: class 1 fills the disc, class 0 the ring around it.
            let (inner, outer) = if first { (0.85, 1.1) } else { (0.0, 0.4) };
            let radius = libm::sqrt(stream.between(inner * inner, outer * outer));
            polar(radius, stream.between(0.0, TAU))
        }
        DataSource::Xor => {
            // A quadrant each, kept off the axes; class 1 where the signs differ.
            let x = stream.between(0.15, 1.0);
            let y = stream.between(0.15, 1.0);
            let side = if stream.uniform() < 0.5 { -1.0 } else { 1.0 };
            if first {
                (side * x, side * y)
            } else {
                (side * x, -side * y)
            }
        }
        DataSource::Moons => {
            // Two half circles of radius 0.8 that reach into each other.
            let angle = stream.between(0.0, PI);
            let (x, y) = polar(0.8, angle);
            if first {
                (x - 0.4, y - 0.2)
            } else {
                (0.4 - x, 0.2 - y)
            }
        }
        DataSource::Spiral => spiral_arm(label, 2, 0.75 * TAU, stream),
        DataSource::Arms3 => spiral_arm(label, 3, 0.5 * TAU, stream),
        DataSource::Gauss => {
            let x = 0.25 * stream.normal();
            let y = 0.25 * stream.normal();
            if first {
                (x - 0.5, y - 0.5)
            } else {
                (x + 0.5, y + 0.5)
            }
        }
        DataSource::Checkerboard => {
            // Four by four fields of side 0.5; a field's colour is the parity of row plus column.
            let row = stream.below(4);
            let column = 2 * stream.below(2) + (row + label) % 2;
            let cell = |index: u32, stream: &mut Stream| {
                -1.0 + 0.5 * f64::from(index) + stream.between(0.0, 0.5)
            };
            (cell(column, stream), cell(row, stream))
        }
        DataSource::Sine1d
        | DataSource::Plane
        | DataSource::Digits
        | DataSource::Wine
        | DataSource::Cifar10
        | DataSource::Points
        | DataSource::State => unreachable!("{source:?} has no classes to draw"),
    }
}

/// A point of one of `arms` Archimedean arms that turn by `turn` radians on their way out.
fn spiral_arm(arm: u32, arms: u32, turn: f64, stream: &mut Stream) -> (f64, f64) {
    let way = stream.uniform();
    polar(
        0.1 + 0.9 * way,
        turn * way + TAU * f64::from(arm) / f64::from(arms),
    )
}

fn polar(radius: f64, angle: f64) -> (f64, f64) {
    (radius * libm::cos(angle), radius * libm::sin(angle))
}

/// The noiseless answer at a point (`x = y` for one input).
fn answer(source: DataSource, x: f64, y: f64) -> f64 {
    if source == DataSource::Plane {
        0.6 * x - 0.4 * y + 0.1
    } else {
        libm::sin(PI * x)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FNV-1a over the bits of every number, in order.
    fn fingerprint(data: &Dataset) -> u64 {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        let mut eat = |bits: u64| {
            for byte in bits.to_le_bytes() {
                hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
            }
        };
        for points in [&data.training, &data.validation] {
            points.inputs.iter().for_each(|v| eat(v.to_bits()));
            match &points.targets {
                Targets::Classes { labels, .. } => labels.iter().for_each(|&l| eat(u64::from(l))),
                Targets::Values(values) => values.iter().for_each(|v| eat(v.to_bits())),
            }
        }
        hash
    }

    #[test]
    fn every_bit_is_stable_across_versions_and_targets() {
        let golden: [(DataSource, u64); 9] = [
            (DataSource::Circle, 0x6d60_08a8_24fe_5e95),
            (DataSource::Xor, 0x2855_987e_168e_fd31),
            (DataSource::Moons, 0x5667_0542_051a_826a),
            (DataSource::Spiral, 0x6b40_f0a6_45e3_050b),
            (DataSource::Gauss, 0xbd9d_03d9_1de7_b8de),
            (DataSource::Checkerboard, 0x6e42_aaf9_7c1d_18c9),
            (DataSource::Arms3, 0xf6dd_7585_3aac_73f1),
            (DataSource::Sine1d, 0x76c9_f536_c446_a638),
            (DataSource::Plane, 0x9956_cc70_df2f_7685),
        ];
        let now = golden.map(|(source, _)| {
            (
                source,
                fingerprint(&generate(source, 50, 0.1, 0.5, 1).unwrap()),
            )
        });
        assert_eq!(now, golden, "{now:#x?}");
        let first = generate(DataSource::Circle, 2, 0.1, 0.0, 1)
            .unwrap()
            .training
            .inputs;
        assert_eq!(
            [first[(0, 0)].to_bits(), first[(0, 1)].to_bits()],
            [4604602572820598553, 4602141231197186903]
        );
    }

    #[test]
    fn points_are_balanced_bounded_and_as_many_as_asked() {
        for &source in DataSource::TOY {
            let data = generate(source, 101, 0.0, 0.5, 4).unwrap();
            assert_eq!(data.training.inputs.nrows(), 101);
            assert_eq!(data.validation.inputs.nrows(), 51);
            assert_eq!(data.training.inputs.ncols(), source.inputs().unwrap());
            assert!(
                data.training.inputs.iter().all(|v| v.abs() <= 2.0),
                "{source:?}"
            );
            match &data.training.targets {
                Targets::Classes { labels, classes } => {
                    assert_eq!(Some(*classes), source.classes());
                    let count = |class| labels.iter().filter(|&&l| l as usize == class).count();
                    let counts: Vec<usize> = (0..*classes).map(count).collect();
                    assert!(counts.iter().max().unwrap() - counts.iter().min().unwrap() <= 1);
                }
                Targets::Values(values) => {
                    assert_eq!(source.classes(), Some(0));
                    assert!(values.iter().all(|v| v.abs() <= 1.2));
                }
            }
        }
    }

    #[test]
    fn validation_points_leave_the_training_points_alone() {
        let with = generate(DataSource::Moons, 30, 0.1, 1.0, 2).unwrap();
        let without = generate(DataSource::Moons, 30, 0.1, 0.0, 2).unwrap();
        assert_eq!(with.training, without.training);
        assert_ne!(with.training, with.validation);
        assert_eq!(without.validation.inputs.nrows(), 0);
    }

    #[test]
    fn the_circle_has_a_gap_and_the_checkerboard_its_colours() {
        let circle = generate(DataSource::Circle, 300, 0.0, 0.0, 1)
            .unwrap()
            .training;
        let board = generate(DataSource::Checkerboard, 300, 0.0, 0.0, 1)
            .unwrap()
            .training;
        let Targets::Classes { labels, .. } = &circle.targets else {
            unreachable!()
        };
        for (i, &label) in labels.iter().enumerate() {
            let radius = circle.inputs.row(i).norm();
            assert!(if label == 1 {
                radius <= 0.4
            } else {
                radius >= 0.85 - 1e-12
            });
            let cell = |j| ((board.inputs[(i, j)] + 1.0) / 0.5) as u32;
            assert_eq!(
                (cell(0) + cell(1)) % 2,
                label,
                "labels alternate in every set"
            );
        }
    }
}
