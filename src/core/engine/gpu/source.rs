//! The kernels' source: the files of `kernels/` without their comments, the names of [`numbers`](super::numbers) in front.
//! Knows what a module is made of, not what it computes.

use super::numbers::constants;

/// The text of these files of `kernels/`, as the page carries it.
macro_rules! kernels {
    ($($file:literal),+ $(,)?) => {{
        const TEXT: &[u8] = concat!($(include_str!(concat!("kernels/", $file, ".wgsl"))),+).as_bytes();
        const CODE: [u8; code(TEXT, &mut [])] = {
            let mut bytes = [0; code(TEXT, &mut [])];
            code(TEXT, &mut bytes);
            bytes
        };
        match str::from_utf8(&CODE) {
            Ok(code) => code,
            Err(_) => panic!(),
        }
    }};
}

/// What both modules have: a kernel is its file and its line here.
const SHARED: &str = kernels![
    "engine/structs",
    "engine/reduction",
    "engine/verdict",
    "nn/activation",
    "nn/loss",
    "nn/mlp",
    "nn/product",
    "nn/real",
    "steps/cg",
    "steps/cholesky",
    "steps/exact",
    "steps/gradient",
    "steps/optimizer",
    "steps/rule",
];

/// One workgroup per member.
pub fn member() -> String {
    constants() + SHARED + kernels!["engine/member"]
}

/// Many workgroups per member.
pub fn wide() -> String {
    constants() + SHARED + kernels!["engine/wide"]
}

/// Writes `text` without comments, indentation and empty lines to `to`, as far as there is room, and says how long it is.
const fn code(text: &[u8], to: &mut [u8]) -> usize {
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
