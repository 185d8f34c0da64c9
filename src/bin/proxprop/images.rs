//! Images from files. Does not know what is learned from them.

use std::fs;
use std::path::Path;

use proxprop::data::cifar::{BYTES, RECORDS, Records, TEST, TRAINING, check};
use proxprop::lab::paper::Images;

use crate::failure::{Refusal, cannot};

/// One of CIFAR-10's files, if it is one.
fn file(folder: &Path, name: &str) -> Result<Vec<u8>, Refusal> {
    let path = folder.join(name);
    let file = fs::read(&path).map_err(|e| cannot("be read", path.display(), &e))?;
    check(&file).map_err(|e| format!("{}: {e}", path.display()))?;
    Ok(file)
}

/// CIFAR-10 from a folder that has its binary version, the test's images too: so many for training, and their share of the others.
pub(crate) fn cifar10_with_test(folder: &Path, n: usize) -> Result<Images, Refusal> {
    let mut training = Records::with_capacity(TRAINING.len() * RECORDS);
    for name in TRAINING {
        training.add_file(&file(folder, name)?);
    }
    let mut test = Records::with_capacity(RECORDS);
    test.add_file(&cifar10_test(folder)?);
    Ok(Images::of_records(training, test, n))
}

/// CIFAR-10's test images from a folder that has its binary version.
pub(crate) fn cifar10_test(folder: &Path) -> Result<Vec<u8>, Refusal> {
    file(folder, TEST)
}

/// CIFAR-10's training images from a folder that has its binary version, one file behind the other.
pub(crate) fn cifar10(folder: &Path) -> Result<Vec<u8>, Refusal> {
    let mut files = Vec::with_capacity(TRAINING.len() * BYTES);
    for name in TRAINING {
        files.extend(file(folder, name)?);
    }
    Ok(files)
}
