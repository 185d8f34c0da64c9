//! A note inside a PNG: what a picture shows, as a text that travels with it. Knows no picture.

/// The chunk of a note, to be put behind a PNG's header: `iTXt` with the keyword *Description*, uncompressed UTF-8 (PNG, third
/// edition, 11.3.3.4).
pub fn chunk(text: &str) -> Vec<u8> {
    let mut chunk = b"iTXtDescription\0\0\0\0\0".to_vec();
    chunk.extend(text.as_bytes());
    let sum = crc(&chunk).to_be_bytes();
    // The length is that of the data alone.
    let length = (chunk.len() as u32 - 4).to_be_bytes();
    [&length, &chunk[..], &sum].concat()
}

/// The checksum of a chunk's type and data (PNG, annex D).
fn crc(bytes: &[u8]) -> u32 {
    let step = |c: u32, _| (c >> 1) ^ (0xedb8_8320 & (c & 1).wrapping_neg());
    let byte = |c, byte: &u8| (0..8).fold(c ^ u32::from(*byte), step);
    !bytes.iter().fold(!0, byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_a_chunk_with_its_length_and_checksum() {
        // The last chunk of every PNG.
        assert_eq!(crc(b"IEND"), 0xae42_6082);
        let chunk = chunk("τ");
        assert_eq!(chunk[..4], [0, 0, 0, 18]);
        assert_eq!(&chunk[4..26], "iTXtDescription\0\0\0\0\0τ".as_bytes());
        assert_eq!(chunk[26..], crc(&chunk[4..26]).to_be_bytes());
    }
}
