//! The kernels' texts: the files of `kernels/` without their comments, and how names are written there. Knows no kernel.

/// The text of these files of `kernels/`, as the page carries it.
macro_rules! kernels {
    ($($file:literal),+ $(,)?) => {{
        const TEXT: &[u8] = concat!($(include_str!(concat!("kernels/", $file, ".wgsl"))),+).as_bytes();
        const CODE: [u8; $crate::engine::gpu::text::code(TEXT, &mut [])] = {
            let mut bytes = [0; $crate::engine::gpu::text::code(TEXT, &mut [])];
            $crate::engine::gpu::text::code(TEXT, &mut bytes);
            bytes
        };
        match str::from_utf8(&CODE) {
            Ok(code) => code,
            Err(_) => panic!(),
        }
    }};
}
pub(super) use kernels;

/// What the kernels call a member of this name.
pub fn constant(name: &str) -> String {
    name.to_ascii_uppercase().replace('-', "_")
}

/// Writes `text` without comments, indentation and empty lines to `to`, as far as there is room, and says how long it is.
pub(super) const fn code(text: &[u8], to: &mut [u8]) -> usize {
    let (mut at, mut length, mut begins) = (0, 0, true);
    while at < text.len() {
        let byte = text[at];
        if byte == b'/' && text[at + 1] == b'/' {
            while text[at] != b'\n' {
                at += 1;
            }
        } else {
            // At the beginning of a line.
            if !(begins && (byte == b' ' || byte == b'\n')) {
                if length < to.len() {
                    to[length] = byte;
                }
                length += 1;
                begins = byte == b'\n';
            }
            at += 1;
        }
    }
    length
}
