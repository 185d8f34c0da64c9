//! CIFAR-10's binary files: records of one byte for the class and 3072 for an image of 32 × 32 pixels, all of red, of green and
//! of blue, row by row (A. Krizhevsky, *Learning Multiple Layers of Features from Tiny Images*, 2009). Opens no file, and knows
//! no network.

use nalgebra::DMatrix;

use super::{Dataset, Points, Targets};
use crate::Error;

/// The training files, in order.
pub const TRAINING: [&str; 5] = [
    "data_batch_1.bin",
    "data_batch_2.bin",
    "data_batch_3.bin",
    "data_batch_4.bin",
    "data_batch_5.bin",
];
/// The file of test images.
pub const TEST: &str = "test_batch.bin";
/// What the classes are.
pub const CLASSES: [&str; 10] = [
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
];

/// Numbers of an image.
pub const NUMBERS: usize = 3 * 32 * 32;
/// Bytes of a record.
const RECORD: usize = 1 + NUMBERS;
/// Records of a file.
pub const RECORDS: usize = 10_000;
/// Bytes of a file.
pub const BYTES: usize = RECORDS * RECORD;

/// Checks a file for its size and its classes.
///
/// # Errors
/// One sentence without the file's name.
pub fn check(bytes: &[u8]) -> Result<(), Error> {
    let size = bytes.len();
    if size != BYTES {
        return Err(Error::Data(format!(
            "{size} bytes; allowed: {BYTES}, which are {RECORDS} images of CIFAR-10's binary version"
        )));
    }
    let mut records = bytes.chunks_exact(RECORD).enumerate();
    match records.find(|(_, record)| usize::from(record[0]) >= CLASSES.len()) {
        None => Ok(()),
        Some((i, record)) => Err(Error::Data(format!(
            "image {} has the class {}; allowed: 0 to {}",
            i + 1,
            record[0],
            CLASSES.len() - 1
        ))),
    }
}

/// How many images of a file are for training: all but the last tenth.
pub fn most_of(file: &[u8]) -> usize {
    file.len() / RECORD / 10 * 9
}

/// Images as they lie in files, a byte a number: an eighth of what they take as points.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Records {
    bytes: Vec<u8>,
}

impl Records {
    /// With room for so many images.
    pub fn with_capacity(images: usize) -> Records {
        Records {
            bytes: Vec::with_capacity(images * RECORD),
        }
    }

    /// Takes those of a file that is [`check`]ed.
    ///
    /// # Panics
    /// When it ends within a record.
    pub fn add_file(&mut self, file: &[u8]) {
        assert_eq!(file.len() % RECORD, 0, "records: a file of whole ones");
        self.bytes.extend_from_slice(file);
    }

    /// Takes an image: its class and its pixels.
    ///
    /// # Panics
    /// When there are not as many pixels as an image has.
    pub fn add(&mut self, class: u8, pixels: impl Iterator<Item = u8>) {
        self.bytes.push(class);
        self.bytes.extend(pixels);
        assert_eq!(self.bytes.len() % RECORD, 0, "records: a whole image");
    }

    /// How many images there are.
    pub fn len(&self) -> usize {
        self.bytes.len() / RECORD
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The class of image `i` and its pixels: all of red, of green and of blue, row by row.
    ///
    /// # Panics
    /// When there is no such image.
    pub fn image(&self, i: usize) -> (u8, &[u8]) {
        let record = &self.bytes[i * RECORD..(i + 1) * RECORD];
        (record[0], &record[1..])
    }

    /// All of them, as they would lie in one file.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// The first `n` images of files that are [`check`]ed for training, and the last tenth of all for validation, as Frerix et al.
/// (2018, section 5) do; pixels are between 0 and 1.
pub fn images(files: &[&[u8]], n: usize) -> Dataset {
    let records: Vec<&[u8]> = files
        .iter()
        .flat_map(|file| file.chunks_exact(RECORD))
        .collect();
    let (training, validation) = records.split_at(records.len() / 10 * 9);
    Dataset {
        training: points(&training[..n.min(training.len())]),
        validation: points(validation),
    }
}

/// The images of a file that is [`check`]ed, at most so many at a time; pixels are between 0 and 1.
///
/// # Panics
/// When they are none at a time.
pub fn parts(file: &[u8], most: usize) -> impl Iterator<Item = Points> {
    let records: Vec<&[u8]> = file.chunks_exact(RECORD).collect();
    let firsts = (0..records.len()).step_by(most);
    firsts.map(move |first| points(&records[first..records.len().min(first + most)]))
}

/// Records as points.
fn points(records: &[&[u8]]) -> Points {
    let pixel = |i: usize, at: usize| f64::from(records[i][1 + at]) / 255.0;
    Points {
        inputs: DMatrix::from_fn(records.len(), NUMBERS, pixel),
        targets: Targets::Classes {
            labels: records.iter().map(|record| u32::from(record[0])).collect(),
            classes: CLASSES.len(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// So many records; the pixel `at` of record `i` is `(i + at) % 256`.
    fn file(records: usize) -> Vec<u8> {
        let record = |i: usize| {
            let class = [(i % 10) as u8].into_iter();
            class.chain((0..NUMBERS).map(move |at| ((i + at) % 256) as u8))
        };
        (0..records).flat_map(record).collect()
    }

    #[test]
    fn size_and_classes_are_checked() {
        let mut whole = file(RECORDS);
        assert_eq!(check(&whole), Ok(()));
        let words = |bytes: &[u8]| check(bytes).unwrap_err().to_string();
        assert!(words(&whole[1..]).starts_with("30729999 bytes; allowed: 30730000"));
        assert!(words(&[]).starts_with("0 bytes"));
        whole[2 * RECORD] = 10;
        assert_eq!(words(&whole), "image 3 has the class 10; allowed: 0 to 9");
    }

    #[test]
    fn the_last_tenth_is_held_back_and_a_record_is_an_image() {
        let (first, second) = (file(20), file(20));
        let data = images(&[&first, &second], 30);
        assert_eq!(data.training.inputs.shape(), (30, 3072));
        assert_eq!(data.validation.inputs.shape(), (4, 3072));
        assert_eq!(images(&[&first, &second], 100).training.inputs.nrows(), 36);
        // The second pixel of the first row of green of the second image.
        assert_eq!(
            data.training.inputs[(1, 1025)],
            f64::from((1 + 1025) % 256) / 255.0
        );
        let Targets::Classes { labels, classes } = &data.validation.targets else {
            unreachable!()
        };
        assert_eq!((&labels[..], *classes), (&[6, 7, 8, 9][..], 10));
    }
}
