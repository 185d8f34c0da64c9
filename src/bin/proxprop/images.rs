//! Images from files. Does not know what is learned from them.

use std::fs;
use std::path::Path;

use proxprop::data::Dataset;
use proxprop::data::cifar::{FILES, check, images};

use crate::failure::Refusal;

/// CIFAR-10 from a folder that has its binary version: the first `n` images for training, and those for validation.
pub(crate) fn cifar10(folder: &Path, n: usize) -> Result<Dataset, Refusal> {
    let training = FILES.split_last().map_or(&[][..], |(_, training)| training);
    let mut files = Vec::with_capacity(training.len());
    for name in training {
        let path = folder.join(name);
        let named = |why: String| format!("{}: {why}", path.display());
        let file = fs::read(&path).map_err(|e| named(format!("cannot be read: {e}")))?;
        check(&file).map_err(|e| named(e.to_string()))?;
        files.push(file);
    }
    let files: Vec<&[u8]> = files.iter().map(Vec::as_slice).collect();
    Ok(images(&files, n))
}
