//! The keys of a JSON object as far as its text goes, by which a file is known that is cut off too. Reads no values.

/// Those at its top, in their order; none of what is no object.
pub(in crate::lab) fn keys(text: &str) -> Vec<&str> {
    let mut keys = Vec::new();
    let mut depth = 0_i64;
    // Where the string begins that is being read, and the last one that was.
    let (mut open, mut last) = (None, "");
    let mut escaped = false;
    for (i, byte) in text.bytes().enumerate() {
        match (open, byte) {
            (Some(_), _) if escaped => escaped = false,
            (Some(_), b'\\') => escaped = true,
            (Some(from), b'"') => (open, last) = (None, &text[from..i]),
            (None, b'"') => open = Some(i + 1),
            (None, b'{' | b'[') => depth += 1,
            (None, b'}' | b']') => depth -= 1,
            (None, b':') if depth == 1 => keys.push(last),
            _ => {}
        }
    }
    keys
}
