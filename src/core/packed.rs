//! Matrices, numbers and files as bytes, as they go to another worker of the same build. Knows no network.

use nalgebra::DMatrix;
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use wide::bytemuck::{Pod, cast_slice, cast_slice_mut};

/// Writes matrices of `f32` or `f64`, for `#[serde(with = "packed")]`.
///
/// # Errors
/// Those of the writer.
pub fn serialize<T: Pod, S: Serializer>(
    matrices: &[DMatrix<T>],
    writer: S,
) -> Result<S::Ok, S::Error> {
    let shapes: Vec<(usize, usize)> = matrices.iter().map(DMatrix::shape).collect();
    let numbers = matrices.iter().map(|m| cast_slice(m.as_slice()));
    let bytes = Bytes(numbers.collect::<Vec<&[u8]>>().concat());
    (shapes, bytes).serialize(writer)
}

/// Reads what [`serialize`] has written.
///
/// # Errors
/// Those of the reader; and when the shapes are not those of the numbers.
pub fn deserialize<'de, T: Pod + nalgebra::Scalar, D: Deserializer<'de>>(
    reader: D,
) -> Result<Vec<DMatrix<T>>, D::Error> {
    let (shapes, Bytes(bytes)) = <(Vec<(usize, usize)>, Bytes)>::deserialize(reader)?;
    let mut rest = bytes.as_slice();
    let mut matrix = |(rows, columns): (usize, usize)| {
        let mut numbers = vec![T::zeroed(); rows * columns];
        let room: &mut [u8] = cast_slice_mut(&mut numbers);
        let (own, others) = rest.split_at_checked(room.len())?;
        room.copy_from_slice(own);
        rest = others;
        Some(DMatrix::from_vec(rows, columns, numbers))
    };
    let matrices: Option<Vec<_>> = shapes.into_iter().map(&mut matrix).collect();
    matrices.ok_or_else(|| Error::custom("fewer numbers than the shapes have"))
}

/// A matrix by itself.
pub mod one {
    use super::{Deserializer, Error, Pod, Serializer};
    use nalgebra::DMatrix;
    use std::slice::from_ref;

    /// Writes it.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn serialize<T: Pod, S: Serializer>(
        matrix: &DMatrix<T>,
        writer: S,
    ) -> Result<S::Ok, S::Error> {
        super::serialize(from_ref(matrix), writer)
    }

    /// Reads it.
    ///
    /// # Errors
    /// As [`super::deserialize`].
    pub fn deserialize<'de, T: Pod + nalgebra::Scalar, D: Deserializer<'de>>(
        reader: D,
    ) -> Result<DMatrix<T>, D::Error> {
        let matrix = super::deserialize(reader)?.pop();
        matrix.ok_or_else(|| D::Error::custom("no matrix"))
    }
}

/// Numbers in a row: as bytes where nobody reads them, else number by number.
pub mod numbers {
    use super::{
        Bytes, Deserialize, Deserializer, Error, Pod, Serialize, Serializer, cast_slice,
        cast_slice_mut,
    };

    /// Writes them.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn serialize<T: Pod + Serialize, S: Serializer>(
        numbers: &[T],
        writer: S,
    ) -> Result<S::Ok, S::Error> {
        if writer.is_human_readable() {
            return numbers.serialize(writer);
        }
        writer.serialize_bytes(cast_slice(numbers))
    }

    /// Reads them.
    ///
    /// # Errors
    /// Those of the reader; and when the bytes are no whole numbers.
    pub fn deserialize<'de, T: Pod + Deserialize<'de>, D: Deserializer<'de>>(
        reader: D,
    ) -> Result<Vec<T>, D::Error> {
        if reader.is_human_readable() {
            return Vec::deserialize(reader);
        }
        let Bytes(bytes) = Bytes::deserialize(reader)?;
        if !bytes.len().is_multiple_of(size_of::<T>()) {
            return Err(Error::custom("no whole numbers"));
        }
        let mut numbers = vec![T::zeroed(); bytes.len() / size_of::<T>()];
        cast_slice_mut::<T, u8>(&mut numbers).copy_from_slice(&bytes);
        Ok(numbers)
    }
}

/// Bytes as one piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bytes(pub Vec<u8>);

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Bytes {
        Bytes(bytes)
    }
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, writer: S) -> Result<S::Ok, S::Error> {
        writer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Bytes, D::Error> {
        struct Piece;
        impl Visitor<'_> for Piece {
            type Value = Bytes;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("bytes")
            }
            fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Bytes, E> {
                Ok(Bytes(bytes.to_vec()))
            }
        }
        reader.deserialize_bytes(Piece)
    }
}
