//! Images that a program makes up, as many and as large as CIFAR-10's, for measuring speed and memory. They look like nothing, and
//! no accuracy on them says anything about photographs.

use super::cifar::{CLASSES, NUMBERS, Records};
use super::rng::{Purpose, Stream};
use std::ops::Range;

/// Rows and columns of an image.
const SIDE: usize = 32;
/// Fields that images are mixed of, besides one for each class.
const FIELDS: usize = 24;
/// Of those, so many are in an image.
const MIXED: usize = 3;

/// Those images of an endless row, as [`super::cifar::images`] would find them in a file: of each class a smooth pattern of its own, under
/// others that have nothing to do with it, and noise.
///
/// # Panics
/// Never.
pub fn records(seed: u32, images: Range<usize>) -> Records {
    let mut stream = Stream::new(seed, Purpose::Noise, 0);
    let patterns: Vec<Vec<f32>> = (0..CLASSES.len() + FIELDS)
        .map(|_| field(&mut stream))
        .collect();
    let (classes, others) = patterns.split_at(CLASSES.len());
    let mut records = Records::with_capacity(images.len());
    let mut pixels = vec![0.0_f32; NUMBERS];
    for i in images {
        let mut stream = Stream::new(seed, Purpose::Noise, 1 + i as u64);
        let class = stream.below(CLASSES.len() as u32) as u8;
        let base = 128.0 + 25.0 * stream.normal() as f32;
        let own = classes[usize::from(class)].iter();
        pixels
            .iter_mut()
            .zip(own)
            .for_each(|(pixel, own)| *pixel = base + 14.0 * own);
        for _ in 0..MIXED {
            let other = &others[stream.below(FIELDS as u32) as usize];
            let strength = 22.0 * stream.normal() as f32;
            let pairs = pixels.iter_mut().zip(other);
            pairs.for_each(|(pixel, x)| *pixel += strength * x);
        }
        let noise = |pixel: &f32| {
            let noise = stream.below(32) as f32 - 16.0;
            (pixel + noise).round().clamp(0.0, 255.0) as u8
        };
        records.add(class, pixels.iter().map(noise));
    }
    records
}

/// A smooth field of each colour: a few numbers, and what lies evenly between them.
fn field(stream: &mut Stream) -> Vec<f32> {
    const KNOTS: usize = 5;
    let mut field = Vec::with_capacity(NUMBERS);
    for _ in 0..NUMBERS / (SIDE * SIDE) {
        let knots: [[f64; KNOTS]; KNOTS] =
            std::array::from_fn(|_| std::array::from_fn(|_| stream.normal()));
        for at in 0..SIDE * SIDE {
            let along = |i: usize| {
                let place = i as f64 / SIDE as f64 * (KNOTS - 1) as f64;
                (place as usize, place.fract())
            };
            let ((row, down), (column, across)) = (along(at / SIDE), along(at % SIDE));
            let between =
                |row: usize| knots[row][column] * (1.0 - across) + knots[row][column + 1] * across;
            field.push((between(row) * (1.0 - down) + between(row + 1) * down) as f32);
        }
    }
    field
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_decided_by_seed_and_place() {
        let (few, rest, more) = (records(1, 0..20), records(1, 20..30), records(1, 0..30));
        assert_eq!([few.as_bytes(), rest.as_bytes()].concat(), more.as_bytes());
        assert_ne!(few, records(2, 0..20));
        let seen: std::collections::BTreeSet<u8> = (0..30).map(|i| more.image(i).0).collect();
        assert!(seen.len() > 5 && seen.iter().all(|&class| class < 10));
        let (_, pixels) = more.image(3);
        let dark = pixels.iter().filter(|&&pixel| pixel < 64).count();
        assert!(pixels.len() == 3072 && dark < 3000, "{dark}");
    }
}
