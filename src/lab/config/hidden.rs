//! The hidden layers as text: their widths, as in `8,8`; and of images convolutions and pooling, as in `c3x8p1,max2,32`.

use crate::lab::row::{Fault, Grammar};
use crate::lab::words::whole;
use crate::nn::stack::{Piece, depth};

/// Most hidden layers, and most neurons in one.
const MAX_LAYERS: usize = 8;
pub(super) const MAX_WIDTH: usize = 1024;
/// Most channels that a convolution makes.
const MAX_CHANNELS: usize = 256;
/// The largest kernel or window, its padding and its stride.
const MAX_SIDE: usize = 11;

/// How it is read.
pub(super) static GRAMMAR: Grammar = Grammar {
    canonical: |text| parse(text).map(|pieces| print(&pieces)),
    allowed: || {
        format!(
            "1 to {MAX_LAYERS} widths from 1 to {MAX_WIDTH}, as in 8,8, and before them for images convolutions with kernel up to {MAX_SIDE}, \
             channels up to {MAX_CHANNELS}, padding below the kernel and stride up to {MAX_SIDE}, and max-pooling up to {MAX_SIDE}, as in \
             c3x8p1s1,max2s2,32"
        )
    },
};

/// Reads the text.
pub(super) fn parse(text: &str) -> Result<Vec<Piece>, Fault> {
    let fail = |what| Err(Fault::Piece(text.to_owned(), what));
    let pieces: Option<Vec<Piece>> = text.split(',').map(piece).collect();
    match pieces {
        None => fail("is not a list of layers"),
        Some(pieces) if depth(&pieces) > MAX_LAYERS => fail("has too many layers"),
        Some(pieces) if !pieces.iter().all(in_range) => fail("is out of range"),
        Some(pieces) => Ok(pieces),
    }
}

fn in_range(piece: &Piece) -> bool {
    let within = |number: usize, most: usize| (1..=most).contains(&number);
    match *piece {
        Piece::Dense(width) => within(width, MAX_WIDTH),
        Piece::Convolution {
            size,
            channels,
            padding,
            stride,
        } => {
            // A window on padding alone sees nothing.
            within(size, MAX_SIDE)
                && within(channels, MAX_CHANNELS)
                && padding < size
                && within(stride, MAX_SIDE)
        }
        Piece::Pooling { size, stride } => within(size, MAX_SIDE) && within(stride, MAX_SIDE),
    }
}

fn piece(text: &str) -> Option<Piece> {
    if let Some(rest) = text.strip_prefix("max") {
        let (rest, stride) = tail(rest, 's')?;
        let size = count(rest)?;
        let stride = stride.unwrap_or(size);
        return Some(Piece::Pooling { size, stride });
    }
    let Some(rest) = text.strip_prefix('c') else {
        return count(text).map(Piece::Dense);
    };
    let (rest, stride) = tail(rest, 's')?;
    let (rest, padding) = tail(rest, 'p')?;
    let (size, channels) = rest.split_once('x')?;
    Some(Piece::Convolution {
        size: count(size)?,
        channels: count(channels)?,
        padding: padding.unwrap_or(0),
        stride: stride.unwrap_or(1),
    })
}

/// What stands before a mark, and the number behind it, if there is one.
fn tail(text: &str, mark: char) -> Option<(&str, Option<usize>)> {
    match text.split_once(mark) {
        None => Some((text, None)),
        Some((rest, number)) => Some((rest, Some(count(number)?))),
    }
}

fn count(text: &str) -> Option<usize> {
    whole(text).map(|number| usize::try_from(number).unwrap_or(usize::MAX))
}

/// The text that [`parse`] reads back.
pub(super) fn print(pieces: &[Piece]) -> String {
    pieces
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(",")
}
